//! Prompts and music: files decoded once to what channels play, shared by everybody who hears them; and the voice editor.
//!
//! ```text
//! file ─read─▶ Sound (its own rate) ─edit─▶ Sound ─┬─ to_wav ─▶ file
//!                                                   └─ Prompt::of ─▶ Prompt: 8 kHz, 16 kHz, A-law, µ-law
//! ```

mod aiff;
mod decibel;
pub mod edit;
mod level;
mod limit;
pub mod made;
#[cfg(feature = "prompt-formats")]
mod packed;
mod read;
mod resample;
mod riff;
mod sound;
#[cfg(test)]
mod test_sounds;

use super::sine::SAMPLE_RATE_HZ;
use callcore_codec::{Format, Rate};
pub use decibel::{SILENCE_DBM0, amplitude_of_db};
pub use edit::{Edit, EditError};
pub use level::{Levels, measure};
pub use made::Made;
pub use sound::{Sound, WavCoding};

/// Longest prompt or piece of music, in seconds: two hours, 115 MB.
pub const PROMPT_SECONDS_MAX: u64 = 7200;

/// Which forms of a prompt are made when it is loaded, besides 8 kHz linear (16 kB for a second of sound).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forms {
    /// 16 kHz linear, for wideband phones: 32 kB/s.
    pub wide: bool,
    /// 48 kHz linear: 96 kB/s.
    pub full: bool,
    /// G.711 A-law, for channels that carry it: 8 kB/s.
    pub alaw: bool,
    /// G.711 µ-law: 8 kB/s.
    pub mulaw: bool,
}

impl Forms {
    /// With what a channel of this format plays from as well.
    #[must_use]
    pub const fn with(mut self, format: Format) -> Self {
        match format {
            Format::ALaw => self.alaw = true,
            Format::MuLaw => self.mulaw = true,
            Format::L16 | Format::G729 => {}
            Format::L16Wide | Format::G722 | Format::Opus => self.wide = true,
            Format::L16Full => self.full = true,
        }
        self
    }

    /// Bytes of memory for a second of sound.
    #[must_use]
    pub const fn bytes_per_second(self) -> u64 {
        16_000
            + 32_000 * self.wide as u64
            + 96_000 * self.full as u64
            + 8000 * (self.alaw as u64 + self.mulaw as u64)
    }
}

/// Sound to be played, in every form that was asked for; all of them play for the same time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// 8000 samples a second, 16-bit linear, mono: the form that is always there.
    pub samples: Box<[i16]>,
    wide: Box<[i16]>,
    full: Box<[i16]>,
    alaw: Box<[u8]>,
    mulaw: Box<[u8]>,
}

impl Prompt {
    /// From samples that are already right; 8 kHz linear is its only form.
    #[must_use]
    pub fn new(samples: impl Into<Box<[i16]>>) -> Self {
        Self { samples: samples.into(), ..Self::default() }
    }

    /// From a sound of any rate, each rate resampled once from the sound's own.
    #[must_use]
    pub fn of(sound: &Sound, forms: Forms) -> Self {
        let at = |rate: Rate| resample::resample(&sound.samples, sound.rate_hz, rate.hz());
        let narrow = at(Rate::Narrow);
        // all forms end together: a frame at 16 kHz is exactly two samples for each at 8 kHz
        let longer = |rate: Rate| {
            let mut samples = at(rate);
            samples.resize(narrow.len() * rate.times(), 0);
            samples.into()
        };
        let coded = |law: Format| {
            let mut bytes = vec![0; narrow.len()];
            callcore_codec::encode_sampled(law, &narrow, &mut bytes);
            bytes.into()
        };
        Self {
            wide: if forms.wide { longer(Rate::Wide) } else { Box::default() },
            full: if forms.full { longer(Rate::Full) } else { Box::default() },
            alaw: if forms.alaw { coded(Format::ALaw) } else { Box::default() },
            mulaw: if forms.mulaw { coded(Format::MuLaw) } else { Box::default() },
            samples: narrow.into(),
        }
    }

    /// The samples at a rate, 16-bit linear; none if that form was not made (see [`Prompt::best_rate`]).
    #[must_use]
    pub fn samples(&self, rate: Rate) -> &[i16] {
        match rate {
            Rate::Narrow => &self.samples,
            Rate::Wide => &self.wide,
            Rate::Full => &self.full,
        }
    }

    /// The highest rate up to `rate` that it can be played at.
    #[must_use]
    pub fn best_rate(&self, rate: Rate) -> Rate {
        let has = |candidate: &Rate| *candidate <= rate && !self.samples(*candidate).is_empty();
        Rate::ALL.into_iter().rev().find(has).unwrap_or_default()
    }

    /// The bytes as channels of this format carry them, one a sample of 8 kHz; `None` if that form was not made.
    #[must_use]
    pub fn coded(&self, format: Format) -> Option<&[u8]> {
        let bytes = match format {
            Format::ALaw => &self.alaw,
            Format::MuLaw => &self.mulaw,
            Format::L16 | Format::L16Wide | Format::L16Full | Format::G722 | Format::G729 | Format::Opus => {
                return None;
            }
        };
        (bytes.len() == self.samples.len()).then_some(bytes)
    }

    /// How long it plays, in milliseconds, rounded down.
    #[must_use]
    pub const fn duration_ms(&self) -> u64 {
        self.samples.len() as u64 * 1000 / SAMPLE_RATE_HZ as u64
    }

    /// Bytes of memory that all its forms take.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        2 * (self.samples.len() + self.wide.len() + self.full.len()) as u64
            + (self.alaw.len() + self.mulaw.len()) as u64
    }
}

/// Why a file cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// None of the kinds of files that are read.
    #[error("this is not a WAV file (it does not begin with RIFF....WAVE): save it as WAV")]
    NotWav,
    /// A kind of file that this build does not read.
    #[error("this is {0} file, which this build does not read (feature prompt-formats): save it as WAV")]
    NotBuiltIn(&'static str),
    /// The file ends or contradicts itself before its samples.
    #[error("the sound file is damaged: {0}")]
    Damaged(&'static str),
    /// A packed file that its decoder cannot read.
    #[error("the {kind} file cannot be read: {text}")]
    Packed {
        /// FLAC, Ogg Vorbis, MP3.
        kind: &'static str,
        /// The decoder's words.
        text: String,
    },
    /// A coding other than those that are read.
    #[error(
        "the file has coding {format:#06x} with {bits} bits: save it as WAV, PCM (8, 16, 24 or 32 bits), float, A-law \
         or µ-law"
    )]
    Coding {
        /// Its wFormatTag; 0 in an AIFF file.
        format: u16,
        /// Its bits a sample.
        bits: u16,
    },
    /// More channels, or another rate than can be.
    #[error(
        "the file has {channels} channels at {rate_hz} Hz: save it mono or stereo at 8000, 16000, 44100 or 48000 Hz"
    )]
    Shape {
        /// Its channels.
        channels: u16,
        /// Its sample rate.
        rate_hz: u32,
    },
    /// Longer than [`PROMPT_SECONDS_MAX`].
    #[error("the file plays {seconds} seconds, {PROMPT_SECONDS_MAX} are allowed: cut it")]
    TooLong {
        /// Its length.
        seconds: u64,
    },
}

/// Read a WAV file: PCM, float, A-law or µ-law, mono or stereo (mixed down), of any usual rate; its only form is 8 kHz.
///
/// A file whose data size is not final (0xFFFFFFFF, or beyond the end) plays to its end.
///
/// # Errors
/// What is wrong with the file, and how to save it instead.
pub fn decode_wav(bytes: &[u8]) -> Result<Prompt, PromptError> {
    read::read_wav(bytes).map(|sound| Prompt::of(&sound, Forms::default()))
}

#[cfg(test)]
mod tests;
