//! Devices in the media thread: those it paces itself, and those with a clock of their own.

use super::driver::MediaHalf;
use crate::media::Law;

/// One device's part in a frame.
pub(crate) enum DeviceIo {
    /// Paced by the media thread.
    Hosted { half: MediaHalf, late: u32 },
}

impl DeviceIo {
    pub(crate) fn channels(&self) -> u32 {
        match self {
            Self::Hosted { half, .. } => half.channels(),
        }
    }

    /// How the samples are written.
    pub(crate) fn law(&self) -> Law {
        match self {
            Self::Hosted { half, .. } => half.law(),
        }
    }

    pub(crate) fn set_active(&mut self, channel: u32, on: bool) {
        match self {
            Self::Hosted { half, .. } => half.set_active(channel, on),
        }
    }

    pub(crate) fn rx(&self, channel: u32) -> Option<&[u8]> {
        match self {
            Self::Hosted { half, .. } => half.rx(channel),
        }
    }

    pub(crate) fn tx(&mut self, channel: u32) -> Option<&mut [u8]> {
        match self {
            Self::Hosted { half, .. } => half.tx(channel),
        }
    }

    /// A frame begins.
    pub(crate) fn begin(&mut self) {}

    /// The frame is ready.
    pub(crate) fn exchange(&mut self, t_ns: u64) {
        match self {
            Self::Hosted { half, late } => {
                // what a driver answers here is its own trouble: its channels stay silent
                half.exchange(t_ns, std::mem::take(late));
            }
        }
    }

    /// Frames were left out.
    pub(crate) fn skip(&mut self, frames: u32) {
        match self {
            Self::Hosted { half, late } => {
                half.skip(frames.into());
                *late = late.saturating_add(frames);
            }
        }
    }
}
