//! Formats each sample of which stands for itself: the two laws and linear.

use super::past::Past;
use super::{CodecError, Decoder as Decode, Encoder as Encode};
use crate::{Format, decode_sampled, encode_sampled};

#[derive(Debug)]
pub(super) struct Decoder {
    format: Format,
    past: Past,
}

impl Decoder {
    pub(super) fn new(format: Format) -> Self {
        Self { format, past: Past::new(format.rate()) }
    }
}

impl Decode for Decoder {
    fn format(&self) -> Format {
        self.format
    }

    fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> Result<usize, CodecError> {
        if payload.is_empty() {
            self.conceal(samples);
            return Ok(samples.len());
        }
        let each = self.format.sample_bytes();
        if !payload.len().is_multiple_of(each) {
            return Err(CodecError::Malformed);
        }
        let samples = samples.get_mut(..payload.len() / each).ok_or(CodecError::NoRoom)?;
        decode_sampled(self.format, payload, samples);
        self.past.hear(samples);
        Ok(samples.len())
    }

    fn conceal(&mut self, samples: &mut [i16]) {
        self.past.conceal(samples);
    }

    fn reset(&mut self) {
        self.past.forget();
    }
}

#[derive(Debug)]
pub(super) struct Encoder {
    format: Format,
}

impl Encoder {
    pub(super) const fn new(format: Format) -> Self {
        Self { format }
    }
}

impl Encode for Encoder {
    fn format(&self) -> Format {
        self.format
    }

    fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> Result<usize, CodecError> {
        let length = samples.len() * self.format.sample_bytes();
        let payload = payload.get_mut(..length).ok_or(CodecError::NoRoom)?;
        encode_sampled(self.format, samples, payload);
        Ok(length)
    }

    fn reset(&mut self) {}
}
