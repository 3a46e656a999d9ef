//! G.722 as a codec: any even number of samples, and concealment after the decoder.

use super::past::Past;
use super::{CodecError, Decoder as Decode, Encoder as Encode};
use crate::{Format, g722};

#[derive(Debug)]
pub(super) struct Decoder {
    state: g722::Decoder,
    past: Past,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { state: g722::Decoder::default(), past: Past::new(Format::G722.rate()) }
    }
}

impl Decode for Decoder {
    fn format(&self) -> Format {
        Format::G722
    }

    fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> Result<usize, CodecError> {
        if payload.is_empty() {
            self.conceal(samples);
            return Ok(samples.len());
        }
        let samples = samples.get_mut(..2 * payload.len()).ok_or(CodecError::NoRoom)?;
        self.state.decode(payload, samples);
        self.past.hear(samples);
        Ok(samples.len())
    }

    fn conceal(&mut self, samples: &mut [i16]) {
        self.past.conceal(samples);
    }

    fn reset(&mut self) {
        self.state = g722::Decoder::default();
        self.past.forget();
    }
}

#[derive(Debug, Default)]
pub(super) struct Encoder {
    state: g722::Encoder,
}

impl Encode for Encoder {
    fn format(&self) -> Format {
        Format::G722
    }

    fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> Result<usize, CodecError> {
        if !samples.len().is_multiple_of(2) {
            return Err(CodecError::FrameLength);
        }
        let payload = payload.get_mut(..samples.len() / 2).ok_or(CodecError::NoRoom)?;
        Ok(self.state.encode(samples, payload))
    }

    fn reset(&mut self) {
        self.state = g722::Encoder::default();
    }
}
