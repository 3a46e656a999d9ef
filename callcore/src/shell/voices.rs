//! The voices of channels: which format each has now, and the thread-safe way to the one who makes what it needs.

use crate::board::ChannelId;
use crate::media::Voice;
use crate::media::engine::EngineLimits;
use callcore_codec::{Format, Rate};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The formats that the channels of a device have now, as its driver says.
#[derive(Debug)]
pub(crate) struct Formats {
    own: Format,
    rate_max: Rate,
    codes: Box<[AtomicU8]>,
}

impl Formats {
    /// For `channels` channels that all have the pool's `own` format, and may have any of the set `all`.
    pub(crate) fn new(channels: u32, own: Format, all: u32) -> Self {
        let can = Format::ALL.into_iter().filter(|format| format.code() & all != 0);
        let rate_max = can.map(Format::rate).max().unwrap_or_default();
        Self { own, rate_max, codes: (0..channels).map(|_| AtomicU8::new(own as u8)).collect() }
    }

    pub(crate) fn set(&self, channel: usize, format: Format) {
        if let Some(code) = self.codes.get(channel) {
            code.store(format as u8, Ordering::Relaxed);
        }
    }

    fn get(&self, channel: u32) -> Format {
        let code = self.codes.get(channel as usize).map(|code| code.load(Ordering::Relaxed));
        code.and_then(|code| Format::from_code(code.into())).unwrap_or(self.own)
    }
}

/// Makes voices.
#[derive(Clone)]
pub(crate) struct Voices {
    /// By device; `None`: it has no media.
    devices: Arc<[Option<Arc<Formats>>]>,
    limits: EngineLimits,
}

impl Voices {
    /// For these devices; the engine's limits get the highest rate among them.
    pub(crate) fn new(devices: Vec<Option<Arc<Formats>>>, limits: EngineLimits) -> Self {
        let rate_max = devices.iter().flatten().map(|device| device.rate_max).max().unwrap_or_default();
        Self { devices: devices.into(), limits: EngineLimits { rate_max, ..limits } }
    }

    pub(crate) fn limits(&self) -> &EngineLimits {
        &self.limits
    }

    /// A voice for a channel as its driver writes it now; `None` if its device has no media.
    pub(crate) fn for_channel(&self, channel: ChannelId) -> Option<Box<Voice>> {
        let device = self.devices.get(usize::from(channel.device.0))?.as_ref()?;
        self.of_format(channel, device.get(channel.index)).or_else(|| self.of_format(channel, device.own))
    }

    /// A voice for a channel in a format; `None` if its codec is not built in, which is said.
    pub(crate) fn of_format(&self, channel: ChannelId, format: Format) -> Option<Box<Voice>> {
        let voice = Voice::new(format, &self.limits).map(Box::new);
        if voice.is_none() {
            tracing::error!(%channel, ?format, "this codec is not built in: the channel is silent");
        }
        voice
    }
}
