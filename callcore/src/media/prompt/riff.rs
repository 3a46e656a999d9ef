//! RIFF/WAVE files as far as prompts need them: the `fmt ` chunk and the samples of the `data` chunk.

use super::{PromptError, Sound, resample};
use callcore_codec::g711;

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const ALAW: u16 = 6;
const MULAW: u16 = 7;
/// The true coding stands in the first two bytes of a GUID at offset 24 of the chunk (WAVEFORMATEXTENSIBLE).
const EXTENSIBLE: u16 = 0xFFFE;
/// The rest of that GUID, if the first two bytes are a coding as above.
const GUID_REST: &[u8] = b"\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71";

#[derive(Clone, Copy)]
enum Coding {
    Pcm8,
    Alaw,
    Mulaw,
    /// Little-endian integers of this many bytes.
    Pcm(usize),
    /// IEEE 754, little-endian; full scale is 1.0.
    Float32,
    Float64,
}

impl Coding {
    const fn bytes(self) -> usize {
        match self {
            Self::Pcm(bytes) => bytes,
            Self::Float32 => 4,
            Self::Float64 => 8,
            Self::Pcm8 | Self::Alaw | Self::Mulaw => 1,
        }
    }
}

/// A WAV file that has been understood.
pub(super) struct Wav<'a> {
    coding: Coding,
    channels: usize,
    pub(super) rate_hz: u32,
    data: &'a [u8],
}

pub(super) fn parse(bytes: &[u8]) -> Result<Wav<'_>, PromptError> {
    if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"WAVE" {
        return Err(PromptError::NotWav);
    }
    let mut rest = &bytes[12..];
    let mut format = None;
    while let Some((head, body)) = rest.split_at_checked(8) {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        match &head[..4] {
            b"fmt " => format = Some(parse_format(body.get(..size).unwrap_or(body))?),
            b"data" => {
                let (coding, channels, rate_hz) =
                    format.ok_or(PromptError::Damaged("no fmt chunk before the data"))?;
                return Ok(Wav { coding, channels, rate_hz, data: &body[..size.min(body.len())] });
            }
            _ => {}
        }
        // chunks begin at even offsets
        rest = body.get(size.saturating_add(size & 1)..).unwrap_or(&[]);
    }
    Err(PromptError::Damaged("it ends before the data chunk"))
}

fn parse_format(chunk: &[u8]) -> Result<(Coding, usize, u32), PromptError> {
    if chunk.len() < 16 {
        return Err(PromptError::Damaged("the fmt chunk is cut off"));
    }
    let u16_at = |at: usize| u16::from_le_bytes([chunk[at], chunk[at + 1]]);
    let rate_hz = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
    let (channels, bits) = (u16_at(2), u16_at(14));
    let is_known = u16_at(0) == EXTENSIBLE && chunk.get(26..40) == Some(GUID_REST);
    let format = if is_known { u16_at(24) } else { u16_at(0) };
    let coding = match (format, bits) {
        (PCM, 8) => Coding::Pcm8,
        (PCM, 16 | 24 | 32) => Coding::Pcm(usize::from(bits) / 8),
        (FLOAT, 32) => Coding::Float32,
        (FLOAT, 64) => Coding::Float64,
        (ALAW, 8) => Coding::Alaw,
        (MULAW, 8) => Coding::Mulaw,
        _ => return Err(PromptError::Coding { format, bits }),
    };
    if !(1..=2).contains(&channels) || !resample::can_resample(rate_hz) {
        return Err(PromptError::Shape { channels, rate_hz });
    }
    Ok((coding, usize::from(channels), rate_hz))
}

impl Wav<'_> {
    /// Whole sample frames in the file.
    pub(super) const fn frames(&self) -> usize {
        self.data.len() / (self.coding.bytes() * self.channels)
    }

    /// All samples, of both sides `mix` of their sum and their number; cut at full scale.
    pub(super) fn sound(&self, mix: impl Fn(i32, i32) -> i32) -> Sound {
        let width = self.coding.bytes();
        let frames = self.data.chunks_exact(width * self.channels);
        let samples = frames
            .map(|frame| {
                let sum: i32 =
                    frame.chunks_exact(width).map(|bytes| i32::from(sample(self.coding, bytes))).sum();
                let mixed = mix(sum, self.channels as i32);
                mixed.clamp(i16::MIN.into(), i16::MAX.into()) as i16
            })
            .collect();
        Sound { rate_hz: self.rate_hz, samples }
    }
}

fn sample(coding: Coding, bytes: &[u8]) -> i16 {
    match coding {
        Coding::Pcm8 => (i16::from(bytes[0]) - 128) << 8,
        Coding::Alaw => g711::ALAW[usize::from(bytes[0])],
        Coding::Mulaw => g711::ULAW[usize::from(bytes[0])],
        Coding::Float32 => of_float(f64::from(f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))),
        Coding::Float64 => {
            let bytes = bytes.first_chunk::<8>().expect("a sample of this coding has eight bytes");
            of_float(f64::from_le_bytes(*bytes))
        }
        // the two upper bytes are the last two
        Coding::Pcm(width) => i16::from_le_bytes([bytes[width - 2], bytes[width - 1]]),
    }
}

/// Of -1.0 ..= 1.0; what is louder is cut off, what is no number is silence.
pub(super) fn of_float(value: f64) -> i16 {
    let scaled = value * 32_768.0;
    (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }).clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
}
