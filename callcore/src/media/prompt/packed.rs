//! FLAC, Ogg Vorbis and MP3: packed files, unpacked piece by piece, so that a small file cannot take all memory.

use super::read::{PackedKind, require_length};
use super::riff::of_float;
use super::{PromptError, Sound, resample};
use std::fmt::Display;
use std::io::Cursor;

pub(super) fn read(kind: PackedKind, bytes: &[u8]) -> Result<Sound, PromptError> {
    match kind {
        PackedKind::Flac => flac(bytes),
        PackedKind::Vorbis => vorbis(bytes),
        PackedKind::Mp3 => mp3(bytes),
    }
}

/// What has been unpacked so far.
struct Unpacked {
    sound: Sound,
    channels: usize,
}

impl Unpacked {
    fn new(rate_hz: u32, channels: u16) -> Result<Self, PromptError> {
        if !(1..=2).contains(&channels) || !resample::can_resample(rate_hz) {
            return Err(PromptError::Shape { channels, rate_hz });
        }
        Ok(Self { sound: Sound { rate_hz, samples: Vec::new() }, channels: channels.into() })
    }

    /// Samples of all channels, one after the other.
    fn add(&mut self, samples: &[i16]) -> Result<(), PromptError> {
        let mix = |frame: &[i16]| {
            (frame.iter().map(|sample| i32::from(*sample)).sum::<i32>() / frame.len() as i32) as i16
        };
        self.sound.samples.extend(samples.chunks_exact(self.channels).map(mix));
        require_length(self.sound.samples.len() as u64, self.sound.rate_hz)
    }

    fn end(self, kind: &'static str) -> Result<Sound, PromptError> {
        if self.sound.samples.is_empty() {
            return Err(PromptError::Packed { kind, text: "there is no sound in it".to_owned() });
        }
        Ok(self.sound)
    }
}

fn unreadable<E: Display>(kind: &'static str) -> impl Fn(E) -> PromptError {
    move |why| PromptError::Packed { kind, text: why.to_string() }
}

fn flac(bytes: &[u8]) -> Result<Sound, PromptError> {
    let failed = || unreadable("FLAC");
    let mut reader = claxon::FlacReader::new(Cursor::new(bytes)).map_err(failed())?;
    let info = reader.streaminfo();
    let bits = info.bits_per_sample;
    let mut unpacked = Unpacked::new(info.sample_rate, info.channels.try_into().unwrap_or(u16::MAX))?;
    let scaled =
        |sample: i32| of_float(f64::from(sample) / f64::from(1u32 << bits.clamp(1, 31).saturating_sub(1)));
    let (mut blocks, mut buffer, mut piece) = (reader.blocks(), Vec::new(), Vec::new());
    while let Some(block) = blocks.read_next_or_eof(buffer).map_err(failed())? {
        piece.clear();
        for at in 0..block.duration() {
            piece.extend((0..block.channels()).map(|channel| scaled(block.sample(channel, at))));
        }
        unpacked.add(&piece)?;
        buffer = block.into_buffer();
    }
    unpacked.end("FLAC")
}

fn vorbis(bytes: &[u8]) -> Result<Sound, PromptError> {
    let failed = || unreadable("Ogg Vorbis");
    let mut reader = lewton::inside_ogg::OggStreamReader::new(Cursor::new(bytes)).map_err(failed())?;
    let header = &reader.ident_hdr;
    let mut unpacked = Unpacked::new(header.audio_sample_rate, header.audio_channels.into())?;
    while let Some(piece) = reader.read_dec_packet_itl().map_err(failed())? {
        unpacked.add(&piece)?;
    }
    // the last block is whole, the last page says how much of it is sound
    let length = reader.get_last_absgp().and_then(|length| usize::try_from(length).ok());
    unpacked.sound.samples.truncate(length.unwrap_or(usize::MAX));
    unpacked.end("Ogg Vorbis")
}

fn mp3(bytes: &[u8]) -> Result<Sound, PromptError> {
    let failed = || unreadable("MP3");
    let mut reader = nanomp3::SliceReader::<i16>::new(bytes);
    let mut piece = vec![0; 8192];
    // rate and channels are known once something has been read
    let mut count = reader.read(&mut piece).map_err(failed())?;
    let Some(channels) = reader.channels() else {
        return Err(PromptError::Packed { kind: "MP3", text: "there is no sound in it".to_owned() });
    };
    let mut unpacked = Unpacked::new(reader.sample_rate(), channels as u16)?;
    while count > 0 {
        unpacked.add(&piece[..count])?;
        count = reader.read(&mut piece).map_err(failed())?;
    }
    unpacked.end("MP3")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::prompt::measure;

    /// 440 Hz at -10 dBFS for 0.4 s, made by sox.
    const FLAC: &[u8] = include_bytes!("../../../tests/sounds/tone.flac");
    const VORBIS: &[u8] = include_bytes!("../../../tests/sounds/tone.ogg");
    const MP3: &[u8] = include_bytes!("../../../tests/sounds/tone.mp3");

    #[test]
    fn every_kind_sounds_as_it_was_made() {
        for (kind, bytes, rate_hz) in [("FLAC", FLAC, 16_000), ("Ogg", VORBIS, 16_000), ("MP3", MP3, 16_000)]
        {
            let sound = Sound::read(bytes).unwrap_or_else(|why| panic!("{kind}: {why}"));
            assert_eq!(sound.rate_hz, rate_hz, "{kind}");
            // MP3 adds silence at both ends
            assert!((390..560).contains(&sound.duration_ms()), "{kind}: {} ms", sound.duration_ms());
            let level = measure(&sound).active_dbm0.expect(kind);
            // -10 dBFS of peak is 10361 of 22467
            assert!((level + 6.7).abs() < 1.0, "{kind}: {level}");
            // 0.2 s from the middle
            let middle = &sound.samples[2400..5600];
            let periods = middle.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
            assert!((87..=89).contains(&periods), "{kind}: {periods} periods of 88");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let mut rng = crate::base::Rng::new(8);
        for good in [FLAC, VORBIS, MP3] {
            for _ in 0..200 {
                let mut bad = good.to_vec();
                for _ in 0..=rng.below(6) {
                    let at = rng.below(bad.len() as u64) as usize;
                    bad[at] = rng.below(256) as u8;
                }
                bad.truncate(rng.below(bad.len() as u64 + 1) as usize);
                let _ = Sound::read(&bad);
            }
        }
    }
}
