//! What a channel hears, sample by sample: silence, prompts, music, a tone. (Another channel is heard through its `Ear`.)

use super::command::{EngineSource, Garbage};
use crate::board::ChannelId;
use crate::media::plan::PlayId;
use crate::media::prompt::Prompt;
use crate::media::tone::{ToneGenerator, TonePlan};
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
}

/// Prompts being played.
#[derive(Debug)]
pub(super) struct Play {
    pub(super) play: PlayId,
    prompts: Arc<[Arc<Prompt>]>,
    /// The prompt that is next, and the sample in it.
    prompt: u32,
    sample: u32,
    pub(super) progress: Progress,
}

/// How far a playing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Sounding,
    /// The last sample is out, nobody knows yet.
    Ended,
    Reported,
}

impl Node {
    pub(super) fn new(source: EngineSource, tones: &'static TonePlan) -> Self {
        match source {
            EngineSource::Nothing => Self::Nothing,
            EngineSource::Prompts { play, prompts } => {
                Self::Play(Play { play, prompts, prompt: 0, sample: 0, progress: Progress::Sounding })
            }
            EngineSource::Music(music) => Self::Music(music),
            EngineSource::Tone(tone) => Self::Tone(ToneGenerator::new(tones, tone)),
            EngineSource::Channel(channel) => Self::Channel(channel),
        }
    }

    /// What must not be freed here.
    pub(super) fn into_garbage(self) -> Option<Garbage> {
        match self {
            Self::Play(play) => Some(Garbage::Prompts(play.prompts)),
            Self::Music(music) => Some(Garbage::Music(music)),
            Self::Nothing | Self::Tone(_) | Self::Channel(_) => None,
        }
    }

    /// Whether it begins somewhere inside a sound: then its first sample is a jump too.
    pub(super) const fn begins_inside(&self) -> bool {
        matches!(self, Self::Music(_) | Self::Channel(_))
    }

    /// Whether it is certain that there is silence only.
    pub(super) fn is_silent(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Play(play) => play.progress != Progress::Sounding,
            Self::Music(_) | Self::Tone(_) | Self::Channel(_) => false,
        }
    }

    /// The next samples of what is not another channel. `time`: samples since the engine began, the place in all music.
    pub(super) fn fill(&mut self, samples: &mut [i16], time: u64) {
        match self {
            Self::Nothing | Self::Channel(_) => samples.fill(0),
            Self::Play(play) => play.fill(samples),
            Self::Music(music) => fill_music(music, samples, time),
            Self::Tone(tone) => tone.fill(samples),
        }
    }
}

impl Play {
    fn fill(&mut self, samples: &mut [i16]) {
        let mut done = 0;
        while let Some(prompt) = self.prompts.get(self.prompt as usize) {
            let left = &prompt.samples[self.sample as usize..];
            let now = left.len().min(samples.len() - done);
            samples[done..done + now].copy_from_slice(&left[..now]);
            done += now;
            if now < left.len() {
                self.sample += now as u32;
                return;
            }
            self.prompt += 1;
            self.sample = 0;
        }
        samples[done..].fill(0);
        if self.progress == Progress::Sounding {
            self.progress = Progress::Ended;
        }
    }
}

fn fill_music(music: &Prompt, samples: &mut [i16], time: u64) {
    let length = music.samples.len();
    if length == 0 {
        return samples.fill(0);
    }
    let mut at = (time % length as u64) as usize;
    let mut done = 0;
    while done < samples.len() {
        let now = (length - at).min(samples.len() - done);
        samples[done..done + now].copy_from_slice(&music.samples[at..at + now]);
        done += now;
        at = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Rng;

    #[test]
    fn prompts_follow_one_another_without_a_gap() {
        let mut rng = Rng::new(3);
        for _ in 0..300 {
            let prompts: Vec<Arc<Prompt>> = (0..rng.below(5))
                .map(|_| {
                    let samples: Vec<i16> = (0..rng.below(500)).map(|_| rng.below(65_536) as i16).collect();
                    Arc::new(Prompt::new(samples))
                })
                .collect();
            let expected: Vec<i16> =
                prompts.iter().flat_map(|prompt| prompt.samples.iter().copied()).collect();
            let mut node = Node::new(
                EngineSource::Prompts { play: PlayId(1), prompts: prompts.into() },
                crate::media::Country::China.plan(),
            );
            let mut heard = Vec::new();
            while !node.is_silent() {
                let mut frame = [9; 160];
                node.fill(&mut frame, 0);
                heard.extend(frame);
            }
            assert_eq!(heard[..expected.len()], expected);
            assert!(heard.len() - expected.len() <= 160 && heard[expected.len()..].iter().all(|s| *s == 0));
            // the last sample of a frame may be the last of all: it is over in that frame, not in the next
            assert_eq!(heard.len(), expected.len().div_ceil(160).max(1) * 160);
        }
    }

    #[test]
    fn music_has_one_place_for_all() {
        let music = Prompt::new((0..1000).collect::<Vec<i16>>());
        let (mut early, mut late) = ([0; 160], [0; 160]);
        fill_music(&music, &mut early, 8 * 160);
        fill_music(&music, &mut late, 1000 + 8 * 160);
        assert_eq!(early, late);
        assert_eq!(early[0], 280);
        fill_music(&music, &mut early, 6 * 160);
        assert_eq!(early[39..42], [999, 0, 1]);
        fill_music(&Prompt::default(), &mut early, 5);
        assert_eq!(early, [0; 160]);
    }
}
