//! Formats each sample of which stands for itself: the two laws and linear.

use super::past::Past;
use super::{CodecError, Decoder as Decode, Encoder as Encode};
use crate::{Format, g711};

#[derive(Debug)]
pub(super) struct Decoder {
    format: Format,
    past: Past,
}

/// 1 for the laws, 2 for linear.
fn bytes_of_a_sample(format: Format) -> usize {
    if matches!(format, Format::ALaw | Format::MuLaw) { 1 } else { 2 }
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
        let each = bytes_of_a_sample(self.format);
        if !payload.len().is_multiple_of(each) {
            return Err(CodecError::Malformed);
        }
        let samples = samples.get_mut(..payload.len() / each).ok_or(CodecError::NoRoom)?;
        match self.format {
            Format::ALaw => g711::decode_alaw(payload, samples),
            Format::MuLaw => g711::decode_ulaw(payload, samples),
            _ => {
                let pairs = payload.as_chunks().0;
                samples.iter_mut().zip(pairs).for_each(|(to, from)| *to = i16::from_ne_bytes(*from));
            }
        }
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
        let length = samples.len() * bytes_of_a_sample(self.format);
        let payload = payload.get_mut(..length).ok_or(CodecError::NoRoom)?;
        match self.format {
            Format::ALaw => g711::encode_alaw(samples, payload),
            Format::MuLaw => g711::encode_ulaw(samples, payload),
            _ => {
                let pairs = payload.as_chunks_mut().0;
                pairs.iter_mut().zip(samples).for_each(|(to, from)| *to = from.to_ne_bytes());
            }
        }
        Ok(length)
    }

    fn reset(&mut self) {}
}
