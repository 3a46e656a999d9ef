//! Which kind of file it is, by its first bytes, and what reads it.

use super::{PROMPT_SECONDS_MAX, PromptError, Sound, aiff, riff};

/// A file of any kind that this build reads.
pub(super) fn read(bytes: &[u8]) -> Result<Sound, PromptError> {
    if bytes.starts_with(b"FORM") {
        return aiff::read(bytes);
    }
    match packed_kind(bytes) {
        Some(kind) => read_packed(kind, bytes),
        None => read_wav(bytes),
    }
}

/// Kinds that are more than samples behind a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PackedKind {
    Flac,
    Vorbis,
    Mp3,
}

fn packed_kind(bytes: &[u8]) -> Option<PackedKind> {
    match bytes {
        [b'f', b'L', b'a', b'C', ..] => Some(PackedKind::Flac),
        [b'O', b'g', b'g', b'S', ..] => Some(PackedKind::Vorbis),
        [b'I', b'D', b'3', ..] => Some(PackedKind::Mp3),
        // the sync word of an MPEG audio frame, layer III
        [0xFF, second, ..] if second & 0xE6 == 0xE2 => Some(PackedKind::Mp3),
        _ => None,
    }
}

#[cfg(feature = "prompt-formats")]
fn read_packed(kind: PackedKind, bytes: &[u8]) -> Result<Sound, PromptError> {
    super::packed::read(kind, bytes)
}

#[cfg(not(feature = "prompt-formats"))]
fn read_packed(kind: PackedKind, _: &[u8]) -> Result<Sound, PromptError> {
    Err(PromptError::NotBuiltIn(match kind {
        PackedKind::Flac => "a FLAC",
        PackedKind::Vorbis => "an Ogg",
        PackedKind::Mp3 => "an MP3",
    }))
}

/// A WAV file; of two sides the mean.
pub(super) fn read_wav(bytes: &[u8]) -> Result<Sound, PromptError> {
    let wav = riff::parse(bytes)?;
    require_length(wav.frames() as u64, wav.rate_hz)?;
    Ok(wav.sound(|sum, sides| sum / sides))
}

/// A file in which a side may be a party of its own: what both say is added.
pub(super) fn read_parties(bytes: &[u8]) -> Result<Sound, PromptError> {
    if !bytes.starts_with(b"RIFF") {
        return read(bytes);
    }
    let wav = riff::parse(bytes)?;
    require_length(wav.frames() as u64, wav.rate_hz)?;
    Ok(wav.sound(|sum, _| sum))
}

/// That it is not longer than a prompt may be.
pub(super) fn require_length(frames: u64, rate_hz: u32) -> Result<(), PromptError> {
    let seconds = frames / u64::from(rate_hz.max(1));
    if seconds > PROMPT_SECONDS_MAX { Err(PromptError::TooLong { seconds }) } else { Ok(()) }
}
