//! G.729 at 8 kbit/s, with the silence of annex B when it is received; it is never sent.
//!
//! A payload is any number of frames of 10 bytes (10 ms), then at most one of 2 bytes that describes silence (RFC 3551
//! §4.5.6). While nothing comes after that, the noise it describes goes on.

use super::{CodecError, Decoder as Decode, Encoder as Encode};
use crate::Format;
use g729_sys::{FRAME_SAMPLES, VOICE_FRAME_BYTES};
use std::fmt;

/// Bytes of a frame that describes silence.
const SILENCE_BYTES: usize = 2;

#[derive(Default)]
pub(super) struct Decoder {
    state: g729_sys::Decoder,
    /// The last frame described silence.
    is_silent: bool,
}

impl fmt::Debug for Decoder {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Decoder").field("is_silent", &self.is_silent).finish_non_exhaustive()
    }
}

impl Decode for Decoder {
    fn format(&self) -> Format {
        Format::G729
    }

    fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> Result<usize, CodecError> {
        let (voice, silence) = payload.as_chunks::<VOICE_FRAME_BYTES>();
        if !(silence.is_empty() || silence.len() == SILENCE_BYTES) {
            return Err(CodecError::Malformed);
        }
        let frames = voice.len() + usize::from(!silence.is_empty());
        if samples.len() < frames * FRAME_SAMPLES {
            return Err(CodecError::NoRoom);
        }
        let (now, rest) = samples.split_at_mut(frames * FRAME_SAMPLES);
        let mut places = now.as_chunks_mut::<FRAME_SAMPLES>().0.iter_mut();
        for (frame, place) in voice.iter().zip(&mut places) {
            *place = self.state.decode(frame, false, false, false);
            self.is_silent = false;
        }
        for place in places {
            *place = self.state.decode(silence, false, true, false);
            self.is_silent = true;
        }
        if payload.is_empty() || self.is_silent {
            self.conceal(rest);
            return Ok(samples.len());
        }
        Ok(frames * FRAME_SAMPLES)
    }

    fn conceal(&mut self, samples: &mut [i16]) {
        let (places, rest) = samples.as_chunks_mut::<FRAME_SAMPLES>();
        for place in places {
            *place = self.state.decode(&[], !self.is_silent, self.is_silent, false);
        }
        rest.fill(0);
    }

    fn rests(&self) -> bool {
        self.is_silent
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}

pub(super) struct Encoder(g729_sys::Encoder);

impl Default for Encoder {
    fn default() -> Self {
        Self(g729_sys::Encoder::new(false))
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Encoder").finish_non_exhaustive()
    }
}

impl Encode for Encoder {
    fn format(&self) -> Format {
        Format::G729
    }

    fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> Result<usize, CodecError> {
        let (frames, rest) = samples.as_chunks::<FRAME_SAMPLES>();
        if !rest.is_empty() {
            return Err(CodecError::FrameLength);
        }
        let length = frames.len() * VOICE_FRAME_BYTES;
        let payload = payload.get_mut(..length).ok_or(CodecError::NoRoom)?;
        for (frame, place) in frames.iter().zip(payload.as_chunks_mut().0) {
            self.0.encode_into(frame, place);
        }
        Ok(length)
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}
