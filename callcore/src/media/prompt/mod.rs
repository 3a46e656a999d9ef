//! Prompts and music: files decoded once to what the engine plays, shared by everybody who hears them.

mod resample;
mod riff;

use super::sine::SAMPLE_RATE_HZ;

/// Longest prompt or piece of music, in seconds: two hours, 115 MB.
pub const PROMPT_SECONDS_MAX: u64 = 7200;

/// Sound to be played: 8000 samples a second, 16-bit linear, mono.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The samples.
    pub samples: Box<[i16]>,
}

impl Prompt {
    /// From samples that are already right.
    #[must_use]
    pub fn new(samples: impl Into<Box<[i16]>>) -> Self {
        Self { samples: samples.into() }
    }

    /// How long it plays, in milliseconds, rounded down.
    #[must_use]
    pub const fn duration_ms(&self) -> u64 {
        self.samples.len() as u64 * 1000 / SAMPLE_RATE_HZ as u64
    }
}

/// Why a file cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// Not a WAV file at all.
    #[error("this is not a WAV file (it does not begin with RIFF....WAVE): save it as WAV")]
    NotWav,
    /// The file ends or contradicts itself before its samples.
    #[error("the WAV file is damaged: {0}")]
    Damaged(&'static str),
    /// A coding other than those that are read.
    #[error(
        "the WAV file has coding {format:#06x} with {bits} bits: save it as PCM (8, 16, 24 or 32 bits), A-law or µ-law"
    )]
    Coding {
        /// Its wFormatTag.
        format: u16,
        /// Its bits a sample.
        bits: u16,
    },
    /// More channels, or another rate than can be.
    #[error(
        "the WAV file has {channels} channels at {rate_hz} Hz: save it mono or stereo at 8000, 16000, 44100 or 48000 Hz"
    )]
    Shape {
        /// Its channels.
        channels: u16,
        /// Its sample rate.
        rate_hz: u32,
    },
    /// Longer than [`PROMPT_SECONDS_MAX`].
    #[error("the WAV file plays {seconds} seconds, {PROMPT_SECONDS_MAX} are allowed: cut it")]
    TooLong {
        /// Its length.
        seconds: u64,
    },
}

/// Read a WAV file: PCM, A-law or µ-law, mono or stereo (mixed down), of any usual rate (resampled).
///
/// A file whose data size is not final (0xFFFFFFFF, or beyond the end) plays to its end.
///
/// # Errors
/// What is wrong with the file, and how to save it instead.
pub fn decode_wav(bytes: &[u8]) -> Result<Prompt, PromptError> {
    let wav = riff::parse(bytes)?;
    let seconds = wav.frames() as u64 / u64::from(wav.rate_hz);
    if seconds > PROMPT_SECONDS_MAX {
        return Err(PromptError::TooLong { seconds });
    }
    let mono = wav.mono();
    let samples = if wav.rate_hz == SAMPLE_RATE_HZ { mono } else { resample::resample(&mono, wav.rate_hz) };
    Ok(Prompt::new(samples))
}

#[cfg(test)]
mod tests {
    use super::*;
    use callcore_codec::g711;

    fn wav(format: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        let align = channels * bits / 8;
        file.extend(format.to_le_bytes());
        file.extend(channels.to_le_bytes());
        file.extend(rate_hz.to_le_bytes());
        file.extend((rate_hz * u32::from(align)).to_le_bytes());
        file.extend(align.to_le_bytes());
        file.extend(bits.to_le_bytes());
        // an odd chunk with its pad byte, to be skipped
        file.extend(b"LIST\x03\0\0\0abc\0");
        file.extend(b"data");
        file.extend((data.len() as u32).to_le_bytes());
        file.extend(data);
        file
    }

    fn samples(file: &[u8]) -> Vec<i16> {
        decode_wav(file).expect("a good file").samples.into_vec()
    }

    #[test]
    fn every_coding_is_read() {
        let pcm16: Vec<u8> = [-300i16, 0, 300].iter().flat_map(|s| s.to_le_bytes()).collect();
        assert_eq!(samples(&wav(1, 1, 8000, 16, &pcm16)), [-300, 0, 300]);
        assert_eq!(samples(&wav(1, 1, 8000, 8, &[0, 128, 255])), [-32768, 0, 32512]);
        assert_eq!(samples(&wav(1, 1, 8000, 24, &[9, 1, 2, 0, 0, 0xFF])), [0x0201, -256]);
        assert_eq!(samples(&wav(1, 1, 8000, 32, &[9, 9, 1, 2])), [0x0201]);
        let alaw: Vec<u8> = (0..=255).collect();
        assert_eq!(samples(&wav(6, 1, 8000, 8, &alaw)), g711::ALAW);
        assert_eq!(samples(&wav(7, 1, 8000, 8, &alaw)), g711::ULAW);
    }

    #[test]
    fn stereo_is_mixed_down() {
        let pcm16: Vec<u8> = [100i16, 300, i16::MIN, i16::MIN].iter().flat_map(|s| s.to_le_bytes()).collect();
        assert_eq!(samples(&wav(1, 2, 8000, 16, &pcm16)), [200, i16::MIN]);
    }

    #[test]
    fn a_recording_that_was_cut_off_plays_to_its_end() {
        let mut file = wav(1, 1, 8000, 16, &[1, 0, 2, 0, 3]);
        let size = file.len() - 9;
        file[size..size + 4].copy_from_slice(&[0xFF; 4]);
        assert_eq!(samples(&file), [1, 2]);
    }

    #[test]
    fn bad_files_are_refused_with_the_reason() {
        assert_eq!(decode_wav(b"ID3\x03mp3"), Err(PromptError::NotWav));
        let cut = wav(1, 1, 8000, 16, &[0; 4]);
        for length in 0..cut.len() - 4 {
            assert!(decode_wav(&cut[..length]).is_err(), "cut at {length}");
        }
        assert_eq!(decode_wav(&wav(2, 1, 8000, 4, &[])), Err(PromptError::Coding { format: 2, bits: 4 }));
        let shape = decode_wav(&wav(1, 6, 8000, 16, &[]));
        assert_eq!(shape, Err(PromptError::Shape { channels: 6, rate_hz: 8000 }));
        assert_eq!(decode_wav(&wav(1, 1, 0, 16, &[])), Err(PromptError::Shape { channels: 1, rate_hz: 0 }));
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let good = wav(1, 2, 16_000, 16, &[7; 200]);
        let mut rng = crate::base::Rng::new(5);
        for _ in 0..5_000 {
            let mut bad = good.clone();
            for _ in 0..=rng.below(4) {
                // the header is where it hurts
                let at = rng.below(70) as usize;
                bad[at] = rng.below(256) as u8;
            }
            bad.truncate(rng.below(bad.len() as u64 + 1) as usize);
            let _ = decode_wav(&bad);
        }
    }
}
