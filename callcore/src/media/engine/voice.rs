//! A voice: all that one open channel needs to be heard and spoken to in its format, made where one may allocate.
//!
//! ```text
//!   rx slot ─▶ Ear: as it came ─(only if asked)▶ samples at its own rate ─(only if asked)▶ at another rate
//!   tx slot ◀─ codec ◀─ samples at its own rate ◀─(tones, keys, prompts without a wide form)─ 8 kHz
//! ```

use super::command::EngineLimits;
use super::ear::Ear;
use crate::media::sine::SAMPLE_RATE_HZ;
use callcore_codec::{Decoder, Encoder, Format, Rate, Resampler, prefetch};

/// Frames of silence after which nothing more is sent in a format that has to be computed: 1 s.
pub(super) const QUIET_FRAMES_MAX: u8 = 50;

/// Both directions of a channel.
pub struct Voice {
    pub(super) format: Format,
    decoder: Option<Box<dyn Decoder>>,
    encoder: Option<Box<dyn Encoder>>,
    pub(super) ear: Ear,
    /// From 8 kHz to the format's rate.
    up: Option<Converter>,
    /// What the channel hears, at 8 kHz, for who taps it.
    heard: Converter,
    /// The frame in which `heard` was last asked for, and the one it is of.
    heard_wanted: u64,
    heard_frame: u64,
    pub(super) quiet_frames: u8,
    /// Whether its format is the one that the device has now.
    pub(super) is_current: bool,
}

/// A copy at another rate.
struct Converter {
    resampler: Option<Box<Resampler>>,
    samples: Box<[i16]>,
}

impl Converter {
    fn new(from: Rate, to: Rate) -> Self {
        let resampler = (from != to).then(|| Box::new(Resampler::new(from, to)));
        Self { resampler, samples: vec![0; to.samples(20)].into() }
    }

    fn convert(&mut self, samples: &[i16], length: usize) -> &[i16] {
        let out = &mut self.samples[..length];
        match &mut self.resampler {
            Some(resampler) => {
                resampler.process(samples, out);
            }
            None => out.copy_from_slice(samples),
        }
        out
    }
}

impl std::fmt::Debug for Voice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Voice").field("format", &self.format).finish_non_exhaustive()
    }
}

impl Voice {
    /// For a format, in an engine with these limits. `None` if the format's codec is not built in.
    #[must_use]
    pub fn new(format: Format, limits: &EngineLimits) -> Option<Self> {
        let (mut decoder, mut encoder) = (None, None);
        if !format.is_sampled() {
            decoder = Some(callcore_codec::new_decoder(format)?);
            encoder = Some(callcore_codec::new_encoder(format)?);
        }
        let rate = format.rate();
        Some(Self {
            format,
            decoder,
            encoder,
            ear: Ear::new(format, limits.rate_max.max(rate), limits.frame()),
            up: (rate != Rate::Narrow).then(|| Converter::new(Rate::Narrow, rate)),
            heard: Converter::new(rate, Rate::Narrow),
            heard_wanted: 0,
            heard_frame: 0,
            quiet_frames: 0,
            is_current: true,
        })
    }

    /// Asks the processor for what each frame looks at first.
    pub(super) fn prefetch(&self) {
        prefetch(&self.is_current);
        self.ear.prefetch();
    }

    /// The other law of G.711, which needs nothing else.
    pub(super) fn change_law(&mut self, format: Format) -> bool {
        let is_law = |format| matches!(format, Format::ALaw | Format::MuLaw);
        if !is_law(format) || !is_law(self.format) {
            return false;
        }
        self.format = format;
        self.ear.change_law(format);
        true
    }

    pub(super) fn rate(&self) -> Rate {
        self.format.rate()
    }

    /// Samples of a frame at its own rate.
    pub(super) fn frame_samples(&self) -> usize {
        self.ear.frame_samples() * self.rate().times()
    }

    /// What the channel says in this frame, at a rate, as others hear it.
    pub(super) fn said(&mut self, rate: Rate) -> &[i16] {
        self.ear.read(&mut self.decoder, rate)
    }

    /// What the channel says in this frame at 8 kHz, before anything is blanked or muted.
    pub(super) fn fresh(&mut self) -> &[i16] {
        self.ear.fresh(&mut self.decoder)
    }

    /// What is at 8 kHz, at its own rate: `fill` writes it.
    pub(super) fn widened(&mut self, narrow: &mut [i16], samples: &mut [i16]) {
        match &mut self.up {
            Some(up) => samples.copy_from_slice(up.convert(narrow, samples.len())),
            None => samples.copy_from_slice(narrow),
        }
    }

    /// Write a frame of samples of its own rate into a slot. `false`: the codec refuses, and nothing is to be sent.
    pub(super) fn encode(&mut self, samples: &[i16], slot: &mut [u8]) -> bool {
        let Some(encoder) = &mut self.encoder else {
            callcore_codec::encode_sampled(self.format, samples, slot);
            return true;
        };
        if !self.format.has_length() {
            return encoder.encode(samples, slot).is_ok();
        }
        let Some((head, payload)) = slot.split_first_chunk_mut::<2>() else { return false };
        let length = encoder.encode(samples, payload);
        // a slot of no length is sent by nobody
        *head = (length.unwrap_or(0) as u16).to_ne_bytes();
        length.is_ok()
    }

    /// Whether somebody taps what it hears.
    pub(super) fn is_tapped(&self, frame: u64) -> bool {
        self.heard_wanted + 1 >= frame
    }

    /// What it hears will be asked for in the next frame.
    pub(super) fn want_heard(&mut self, frame: u64) {
        self.heard_wanted = frame;
    }

    /// Keep what it hears in this frame.
    pub(super) fn keep_heard(&mut self, samples: &[i16], frame: u64) {
        self.heard_frame = frame;
        let length = samples.len() / self.rate().times();
        self.heard.convert(samples, length);
    }

    /// What it heard in this frame, at 8 kHz, if that was kept.
    pub(super) fn heard(&self, frame: u64) -> Option<&[i16]> {
        (self.heard_frame == frame).then(|| &self.heard.samples[..self.ear.frame_samples()])
    }
}

const _: () = assert!(Rate::Narrow.hz() == SAMPLE_RATE_HZ);
