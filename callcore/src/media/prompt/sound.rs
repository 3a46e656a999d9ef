//! A sound as the editor holds it: mono samples at the rate of its file; read from files, written as WAV.

use super::{PromptError, read, resample};
use callcore_codec::Format;

/// Mono samples at any usual rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Samples a second, 4000 to 192,000.
    pub rate_hz: u32,
    /// 16-bit linear.
    pub samples: Vec<i16>,
}

/// How samples are written in a WAV file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WavCoding {
    /// 16-bit linear, little-endian.
    #[default]
    Pcm16,
    /// G.711 A-law: half the size, for 8 kHz.
    ALaw,
    /// G.711 µ-law: half the size, for 8 kHz.
    MuLaw,
}

impl Sound {
    /// Read a file; which kind it is tell its first bytes.
    ///
    /// # Errors
    /// What is wrong with it, and how to save it instead.
    pub fn read(bytes: &[u8]) -> Result<Self, PromptError> {
        read::read(bytes)
    }

    /// Read a recording of one party or of two, a side each: both are as loud as they were, as in their talk.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub fn read_recording(bytes: &[u8]) -> Result<Self, PromptError> {
        read::read_parties(bytes)
    }

    /// The samples of a raw G.711 file: 8 kHz, mono, no header. (By its name alone: `.alaw .al .ulaw .ul`.)
    #[must_use]
    pub fn from_g711(bytes: &[u8], law: Format) -> Self {
        let mut samples = vec![0; bytes.len()];
        callcore_codec::decode_sampled(law, bytes, &mut samples);
        Self { rate_hz: 8000, samples }
    }

    /// How long it plays, in milliseconds, rounded down.
    #[must_use]
    pub const fn duration_ms(&self) -> u64 {
        self.samples.len() as u64 * 1000 / self.rate_hz as u64
    }

    /// The same at another rate, 4000 to 192,000 Hz.
    ///
    /// # Errors
    /// The rate is not one of those in use.
    pub fn at_rate(&self, rate_hz: u32) -> Result<Self, PromptError> {
        if !resample::can_resample(rate_hz) {
            return Err(PromptError::Shape { channels: 1, rate_hz });
        }
        Ok(Self { rate_hz, samples: resample::resample(&self.samples, self.rate_hz, rate_hz) })
    }

    /// A whole WAV file. A law in a file of another rate than 8 kHz is unusual, and still right.
    #[must_use]
    pub fn to_wav(&self, coding: WavCoding) -> Vec<u8> {
        let data = match coding {
            WavCoding::Pcm16 => self.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
            WavCoding::ALaw => encode(Format::ALaw, &self.samples),
            WavCoding::MuLaw => encode(Format::MuLaw, &self.samples),
        };
        let mut file = header(self, coding, data.len());
        file.extend_from_slice(&data);
        // chunks end at even offsets
        file.extend((data.len() % 2 == 1).then_some(0));
        file
    }
}

fn encode(law: Format, samples: &[i16]) -> Vec<u8> {
    let mut bytes = vec![0; samples.len()];
    callcore_codec::encode_sampled(law, samples, &mut bytes);
    bytes
}

/// Everything before the samples. A law needs the longer `fmt ` chunk and a `fact` chunk (RIFF update of 1994).
fn header(sound: &Sound, coding: WavCoding, data_len: usize) -> Vec<u8> {
    let (tag, width): (u16, u16) = match coding {
        WavCoding::Pcm16 => (1, 2),
        WavCoding::ALaw => (6, 1),
        WavCoding::MuLaw => (7, 1),
    };
    let mut rest = b"WAVEfmt ".to_vec();
    let is_law = coding != WavCoding::Pcm16;
    rest.extend(if is_law { 18u32 } else { 16 }.to_le_bytes());
    rest.extend(tag.to_le_bytes());
    rest.extend(1u16.to_le_bytes());
    rest.extend(sound.rate_hz.to_le_bytes());
    rest.extend((sound.rate_hz * u32::from(width)).to_le_bytes());
    rest.extend(width.to_le_bytes());
    rest.extend((8 * width).to_le_bytes());
    if is_law {
        rest.extend(b"\0\0fact\x04\0\0\0");
        rest.extend((sound.samples.len() as u32).to_le_bytes());
    }
    rest.extend(b"data");
    // prompts are far below 4 GiB
    rest.extend((data_len as u32).to_le_bytes());
    let size = rest.len() + data_len + data_len % 2;
    [b"RIFF", &(size as u32).to_le_bytes()[..], &rest].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::prompt::test_sounds::tone;

    #[test]
    fn what_is_written_is_read_again() {
        for length in [0, 1, 7, 160] {
            let sound = Sound { rate_hz: 16_000, samples: (0..length).map(|n| n * 31 - 900).collect() };
            assert_eq!(Sound::read(&sound.to_wav(WavCoding::Pcm16)), Ok(sound.clone()));
            for (coding, law) in [(WavCoding::ALaw, Format::ALaw), (WavCoding::MuLaw, Format::MuLaw)] {
                let file = sound.to_wav(coding);
                assert_eq!(file.len() % 2, 0);
                assert_eq!(file.len() as u32 - 8, u32::from_le_bytes(file[4..8].try_into().expect("four")));
                let back = Sound::read(&file).expect("ours");
                let expected = Sound::from_g711(&encode(law, &sound.samples), law);
                assert_eq!((back.rate_hz, back.samples), (16_000, expected.samples));
            }
        }
    }

    #[test]
    fn rates_that_nobody_uses_are_refused() {
        let sound = tone(8000, 100, 500, -10.0);
        assert_eq!(sound.at_rate(16_000).map(|wide| wide.samples.len()), Ok(1600));
        for rate_hz in [0, 3999, 8001, 400_000] {
            assert_eq!(sound.at_rate(rate_hz), Err(PromptError::Shape { channels: 1, rate_hz }));
        }
    }
}
