//! One way to use every codec: payloads in, samples out, and the other way round.
//!
//! A decoder or encoder is made beforehand, off the media thread: that is where it takes all its memory. Using it
//! allocates nothing, locks nothing and waits for nothing. One serves one direction of one channel.

mod g722;
#[cfg(feature = "g729")]
mod g729;
#[cfg(feature = "opus")]
mod opus;
mod past;
mod sampled;
#[cfg(test)]
mod tests;

use crate::{Format, Rate};
use std::fmt::Debug;
use thiserror::Error;

/// Why a frame could not be decoded or encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CodecError {
    /// The payload is not of this format.
    #[error("the payload is not of this format")]
    Malformed,
    /// There are more samples or bytes than the other side has room for.
    #[error("there is no room for the whole frame")]
    NoRoom,
    /// Opus and G.729 have frames of 10 and 20 ms, nothing between.
    #[error("a frame has 10 or 20 ms")]
    FrameLength,
}

/// From payloads to samples.
pub trait Decoder: Debug + Send {
    /// What it understands.
    fn format(&self) -> Format;

    /// Samples a second that come out.
    fn rate(&self) -> Rate {
        self.format().rate()
    }

    /// The samples of one payload, written to the beginning of `samples`; how many there are. An empty payload is a frame
    /// that did not come: all of `samples` is concealed. So it is with G.729 after a payload that ends in silence (annex
    /// B): the noise that it describes fills all of `samples`.
    ///
    /// # Errors
    /// [`CodecError::Malformed`] and [`CodecError::NoRoom`]; what `samples` holds then means nothing. Any bytes are safe.
    fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> Result<usize, CodecError>;

    /// All of `samples` for a frame that did not come: what goes on from the last, fading, or the noise of a silence.
    fn conceal(&mut self, samples: &mut [i16]);

    /// Whether nothing more comes because the far end is silent: [`Decoder::conceal`] gives its noise until something does.
    fn rests(&self) -> bool {
        false
    }

    /// As [`Decoder::conceal`], when the payload after the missing one is there already: Opus may carry the missing one
    /// a second time (in-band forward error correction). `next` is still to be decoded afterwards.
    fn recover(&mut self, next: &[u8], samples: &mut [i16]) {
        let _ = next;
        self.conceal(samples);
    }

    /// All of `samples`, whatever comes: what is missing or wrong is concealed, what is too short goes on as silence.
    fn fill(&mut self, payload: &[u8], samples: &mut [i16]) {
        match self.decode(payload, samples) {
            Ok(count) => samples[count..].fill(0),
            Err(_) => self.conceal(samples),
        }
    }

    /// Forget the call. Opus needs 1 MB of stack for this.
    fn reset(&mut self);
}

/// From samples to payloads.
pub trait Encoder: Debug + Send {
    /// What it writes.
    fn format(&self) -> Format;

    /// Samples a second that go in.
    fn rate(&self) -> Rate {
        self.format().rate()
    }

    /// The payload of a frame, written to the beginning of `payload`; how many bytes it has. [`Format::slot_bytes`] is
    /// always room enough.
    ///
    /// # Errors
    /// [`CodecError::NoRoom`] and [`CodecError::FrameLength`].
    fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> Result<usize, CodecError>;

    /// Forget the call. Opus needs 1 MB of stack for this.
    fn reset(&mut self);
}

/// A decoder to the format's own rate; `None` if this build has no such codec.
#[must_use]
pub fn new_decoder(format: Format) -> Option<Box<dyn Decoder>> {
    new_decoder_at(format, format.rate())
}

/// A decoder to a rate: Opus decodes to any, the others to their own; `None` if it cannot be.
#[must_use]
pub fn new_decoder_at(format: Format, rate: Rate) -> Option<Box<dyn Decoder>> {
    match format {
        #[cfg(feature = "opus")]
        Format::Opus => opus::Decoder::new(rate).map(|decoder| Box::new(decoder) as Box<dyn Decoder>),
        _ if rate != format.rate() => None,
        Format::ALaw | Format::MuLaw | Format::L16 | Format::L16Wide | Format::L16Full => {
            Some(Box::new(sampled::Decoder::new(format)))
        }
        Format::G722 => Some(Box::<g722::Decoder>::default()),
        #[cfg(feature = "g729")]
        Format::G729 => Some(Box::<g729::Decoder>::default()),
        #[allow(unreachable_patterns)]
        _ => None,
    }
}

/// An encoder from the format's own rate; `None` if this build has no such codec. Opus has 24 kbit/s.
#[must_use]
pub fn new_encoder(format: Format) -> Option<Box<dyn Encoder>> {
    new_encoder_at(format, format.rate())
}

/// An encoder from a rate: Opus takes any (16, 24 and 32 kbit/s for 8, 16 and 48 kHz), the others their own; `None` if it
/// cannot be.
#[must_use]
pub fn new_encoder_at(format: Format, rate: Rate) -> Option<Box<dyn Encoder>> {
    match format {
        #[cfg(feature = "opus")]
        Format::Opus => opus::Encoder::new(rate).map(|encoder| Box::new(encoder) as Box<dyn Encoder>),
        _ if rate != format.rate() => None,
        Format::ALaw | Format::MuLaw | Format::L16 | Format::L16Wide | Format::L16Full => {
            Some(Box::new(sampled::Encoder::new(format)))
        }
        Format::G722 => Some(Box::<g722::Encoder>::default()),
        #[cfg(feature = "g729")]
        Format::G729 => Some(Box::<g729::Encoder>::default()),
        #[allow(unreachable_patterns)]
        _ => None,
    }
}
