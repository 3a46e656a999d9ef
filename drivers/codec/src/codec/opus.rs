//! Opus (RFC 6716) for speech: one packet a frame, one channel out whatever comes in.
//!
//! The library is used without `std`: its sums then do not depend on what the processor can do, and it holds all its
//! memory in itself: 310 KB to encode, 180 KB to decode. Making one and forgetting a call (`reset`) move that over the stack:
//! a thread that does it needs 1 MB of it, 1.5 MB without optimisation.

use super::{CodecError, Decoder as Decode, Encoder as Encode};
use crate::format::PACKET_BYTES_MAX;
use crate::{Format, Rate};
use opus_rs::{Application, OpusDecoder, OpusEncoder};
use std::fmt;

/// Longest packet that is decoded: 60 ms at 48 kHz.
const SAMPLES_MAX: usize = 2880;
/// How hard it tries, 0 to 10.
const COMPLEXITY: i32 = 5;

pub(super) struct Decoder {
    rate: Rate,
    state: Box<OpusDecoder>,
    /// What the library writes, ±1.0.
    floats: Box<[f32; SAMPLES_MAX]>,
}

impl fmt::Debug for Decoder {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Decoder").field("rate", &self.rate).finish_non_exhaustive()
    }
}

impl Decoder {
    pub(super) fn new(rate: Rate) -> Option<Self> {
        // not through a function or an Option: each move is 180 KB of stack in a build without optimisation
        let state = match OpusDecoder::new(rate.hz() as i32, 1) {
            Ok(state) => Box::new(state),
            Err(_) => return None,
        };
        Some(Self { rate, state, floats: Box::new([0.0; SAMPLES_MAX]) })
    }

    /// The first so many floats as samples.
    fn write(&self, samples: &mut [i16]) {
        for (sample, float) in samples.iter_mut().zip(self.floats.iter()) {
            // `as` makes what is too large the largest, and of no number zero
            *sample = (float * 32_768.0).round_ties_even() as i16;
        }
    }
}

impl Decode for Decoder {
    fn format(&self) -> Format {
        Format::Opus
    }

    fn rate(&self) -> Rate {
        self.rate
    }

    fn decode(&mut self, payload: &[u8], samples: &mut [i16]) -> Result<usize, CodecError> {
        if payload.is_empty() {
            self.conceal(samples);
            return Ok(samples.len());
        }
        let room = samples.len().min(SAMPLES_MAX);
        let count = self.state.decode(payload, room, &mut self.floats[..room]);
        let count = count.map_err(|_| CodecError::Malformed)?.min(room);
        self.write(&mut samples[..count]);
        Ok(count)
    }

    fn conceal(&mut self, samples: &mut [i16]) {
        for part in samples.chunks_mut(self.rate.samples(20)) {
            match self.state.decode(&[], part.len(), &mut self.floats[..part.len()]) {
                Ok(_) => self.write(part),
                Err(_) => part.fill(0),
            }
        }
    }

    fn recover(&mut self, next: &[u8], samples: &mut [i16]) {
        let room = samples.len().min(SAMPLES_MAX);
        match self.state.decode_fec(next, room, &mut self.floats[..room]) {
            Ok(count) => {
                self.write(&mut samples[..count.min(room)]);
                samples[count.min(room)..].fill(0);
            }
            Err(_) => self.conceal(samples),
        }
    }

    fn reset(&mut self) {
        if let Ok(state) = OpusDecoder::new(self.rate.hz() as i32, 1) {
            *self.state = state;
        }
    }
}

pub(super) struct Encoder {
    rate: Rate,
    state: Box<OpusEncoder>,
}

impl fmt::Debug for Encoder {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Encoder").field("rate", &self.rate).finish_non_exhaustive()
    }
}

impl Encoder {
    pub(super) fn new(rate: Rate) -> Option<Self> {
        // as above: here it is 310 KB a move
        let state = match OpusEncoder::new(rate.hz() as i32, 1, Application::Voip) {
            Ok(state) => Box::new(state),
            Err(_) => return None,
        };
        let mut this = Self { rate, state };
        this.set_up();
        Some(this)
    }

    fn set_up(&mut self) {
        self.state.bitrate_bps = match self.rate {
            Rate::Narrow => 16_000,
            Rate::Wide => 24_000,
            Rate::Full => 32_000,
        };
        self.state.complexity = COMPLEXITY;
        self.state.use_cbr = false;
    }
}

impl Encode for Encoder {
    fn format(&self) -> Format {
        Format::Opus
    }

    fn rate(&self) -> Rate {
        self.rate
    }

    fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> Result<usize, CodecError> {
        if ![10, 20].map(|ms| self.rate.samples(ms)).contains(&samples.len()) {
            return Err(CodecError::FrameLength);
        }
        let room = payload.len().min(PACKET_BYTES_MAX);
        self.state.encode_i16(samples, samples.len(), &mut payload[..room]).map_err(|_| CodecError::NoRoom)
    }

    fn reset(&mut self) {
        if let Ok(state) = OpusEncoder::new(self.rate.hz() as i32, 1, Application::Voip) {
            *self.state = state;
            self.set_up();
        }
    }
}
