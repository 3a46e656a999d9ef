//! What a channel hears: silence, prompts, music, a tone, another channel, a room.

use super::command::{EngineSource, HeardThings};
use super::declick;
use super::play::{Play, Progress};
use crate::board::ChannelId;
use crate::media::prompt::Prompt;
use crate::media::tone::{ToneGenerator, TonePlan};
use callcore_codec::Rate;
use std::sync::Arc;

/// A source being heard, with its place in it.
#[derive(Debug, Default)]
pub(super) enum Node {
    #[default]
    Nothing,
    Play(Play),
    Music(Arc<Prompt>),
    Tone(ToneGenerator),
    Channel(ChannelId),
    Room,
}

impl Node {
    pub(super) fn new(source: EngineSource, tones: &'static TonePlan) -> Self {
        match source {
            EngineSource::Nothing => Self::Nothing,
            EngineSource::Prompts { play, prompts, transport } => {
                Self::Play(Play::new(play, prompts, transport))
            }
            EngineSource::Music(music) => Self::Music(music),
            EngineSource::Tone(tone) => Self::Tone(ToneGenerator::new(tones, tone)),
            EngineSource::Channel(channel) => Self::Channel(channel),
            EngineSource::Room(_) => Self::Room,
        }
    }

    /// What must not be freed here.
    pub(super) fn into_things(self) -> Option<HeardThings> {
        match self {
            Self::Play(play) => Some(HeardThings::Prompts(play.into_prompts())),
            Self::Music(music) => Some(HeardThings::Music(music)),
            Self::Nothing | Self::Tone(_) | Self::Channel(_) | Self::Room => None,
        }
    }

    /// Whether it begins somewhere inside a sound: then its first sample is a jump too.
    pub(super) const fn begins_inside(&self) -> bool {
        match self {
            Self::Music(_) | Self::Channel(_) | Self::Room => true,
            Self::Play(play) => play.is_inside(),
            Self::Nothing | Self::Tone(_) => false,
        }
    }

    /// Whether it is certain that there is silence only.
    pub(super) fn is_silent(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Play(play) => play.is_silent(),
            Self::Music(_) | Self::Tone(_) | Self::Channel(_) | Self::Room => false,
        }
    }

    /// The playing that has ended and of which nobody knows.
    pub(super) fn ended(&mut self) -> Option<&mut Play> {
        match self {
            Self::Play(play) => Some(play).filter(|play| play.progress == Progress::Ended),
            Self::Nothing | Self::Music(_) | Self::Tone(_) | Self::Channel(_) | Self::Room => None,
        }
    }

    /// Whether it can be had at this rate; at 8 kHz everything can.
    pub(super) fn has_rate(&self, rate: Rate) -> bool {
        match self {
            Self::Play(play) => play.has_rate(rate),
            Self::Music(music) => music.best_rate(rate) == rate,
            Self::Tone(_) => rate == Rate::Narrow,
            Self::Nothing | Self::Channel(_) | Self::Room => true,
        }
    }

    /// The next samples of what is no other channel, at a rate that it has. `time`: samples of 8 kHz since the engine
    /// began, the place in all music.
    pub(super) fn fill(&mut self, samples: &mut [i16], rate: Rate, time: u64) {
        match self {
            Self::Nothing | Self::Channel(_) | Self::Room => samples.fill(0),
            Self::Play(play) => play.fill(samples, rate),
            Self::Music(music) => {
                fill_music(music.samples(rate), samples, time * rate.times() as u64, rate.times());
            }
            Self::Tone(tone) => tone.fill(samples),
        }
    }
}

/// A jump that nobody hears: about -48 dB of full scale.
const SEAM_MIN: i32 = 64;

/// By how much the end of music is away from its beginning, which follows; 0 if it goes on there as it comes and goes.
fn seam(music: &[i16]) -> i32 {
    let [Some([first, second]), Some([before, last])] = [music.first_chunk(), music.last_chunk()] else {
        return 0;
    };
    let [first, second, before, last] = [first, second, before, last].map(|sample| i32::from(*sample));
    let usual = (last - before).abs().max((second - first).abs()) + SEAM_MIN;
    if (first - last).abs() > 2 * usual { last - first } else { 0 }
}

/// Music goes round and round, without a click where it begins again.
fn fill_music(music: &[i16], samples: &mut [i16], time: u64, times: usize) {
    if music.is_empty() {
        return samples.fill(0);
    }
    let mut at = (time % music.len() as u64) as usize;
    let mut done = 0;
    while done < samples.len() {
        let now = (music.len() - at).min(samples.len() - done);
        let part = &mut samples[done..done + now];
        part.copy_from_slice(&music[at..at + now]);
        declick::smooth_from(part, seam(music), times, at);
        done += now;
        at = 0;
    }
}

/// The next frame of music as it is to be sent, if it is there in one piece.
pub(super) fn coded_music(
    music: &Prompt,
    format: callcore_codec::Format,
    length: usize,
    time: u64,
) -> Option<&[u8]> {
    let bytes = music.coded(format).filter(|bytes| !bytes.is_empty())?;
    let at = (time % bytes.len() as u64) as usize;
    let is_seam = declick::reaches(at) && seam(music.samples(Rate::Narrow)) != 0;
    bytes.get(at..at + length).filter(|_| !is_seam)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn music_has_one_place_for_all_and_begins_again_without_a_click() {
        let music: Vec<i16> = (0..1000).map(|n| n + 20_000).collect();
        let (mut early, mut late) = ([0; 160], [0; 160]);
        fill_music(&music, &mut early, 8 * 160, 1);
        fill_music(&music, &mut late, 1000 + 8 * 160, 1);
        assert_eq!(early, late);
        assert_eq!(early[0], 20_280);
        fill_music(&music, &mut early, 6 * 160, 1);
        assert_eq!(early[39], 20_999);
        assert!(early[36..].windows(2).all(|two| (two[1] - two[0]).abs() < 40), "{early:?}");
        assert_eq!(early[72..], (32..120).map(|n| n + 20_000).collect::<Vec<_>>(), "as it is after 4 ms");
        // a frame that begins shortly after the seam
        fill_music(&music, &mut late, 1010, 1);
        assert_eq!(late[..60], early[50..110]);
        fill_music(&[], &mut early, 5, 1);
        assert_eq!(early, [0; 160]);
    }
}
