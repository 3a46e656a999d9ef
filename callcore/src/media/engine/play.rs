//! Prompts being played: one after the other without a gap, paused, elsewhere, faster or slower.
//!
//! A place in a playing is counted in samples of 8 kHz over all its prompts together; other rates have whole multiples.
//! At another speed pieces of 20 ms are taken closer together or farther apart in the sound, each moved by up to 5 ms to
//! where it continues the one before best, and faded into it over 10 ms: the pitch stays (WSOLA).

use super::command::FRAME_SAMPLES_MAX;
use crate::media::plan::{Jump, PlayId, Transport};
use crate::media::prompt::Prompt;
use callcore_codec::{Format, Rate};
use std::sync::Arc;

/// Samples over which two pieces are faded at another speed, and by how many one may be moved.
const FADE: usize = 80;
const MOVE: usize = 40;
const SAMPLES_PER_MS: u64 = 8;

/// Prompts, and the place in them.
#[derive(Debug)]
pub(super) struct Play {
    pub(super) play: PlayId,
    prompts: Arc<[Arc<Prompt>]>,
    /// The next sample of all.
    at: u64,
    /// The prompt it is in, and where that begins.
    prompt: usize,
    begin: u64,
    transport: Transport,
    /// At another speed: the sample that would follow what was heard last.
    follows: Option<u64>,
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

fn length(prompt: &Prompt) -> u64 {
    prompt.samples.len() as u64
}

impl Play {
    pub(super) fn new(play: PlayId, prompts: Arc<[Arc<Prompt>]>, transport: Transport) -> Self {
        let mut new = Self {
            play,
            prompts,
            at: 0,
            prompt: 0,
            begin: 0,
            transport,
            follows: None,
            progress: Progress::Sounding,
        };
        new.jump(transport.jump);
        new
    }

    pub(super) fn into_prompts(self) -> Arc<[Arc<Prompt>]> {
        self.prompts
    }

    /// Its end has been told.
    pub(super) fn report(&mut self) {
        self.progress = Progress::Reported;
    }

    /// Whether it goes on in the middle of its sound.
    pub(super) const fn is_inside(&self) -> bool {
        self.at > 0
    }

    /// Whether it is certain that there is silence.
    pub(super) fn is_silent(&self) -> bool {
        self.progress != Progress::Sounding || self.transport.is_paused
    }

    /// Go on as told; `true` if what is heard next does not follow what was heard last.
    pub(super) fn set_transport(&mut self, transport: Transport) -> bool {
        let before = std::mem::replace(&mut self.transport, transport);
        let jumps = before.jumps != transport.jumps;
        if before.speed_percent == 100 {
            // the first piece at another speed follows what was heard
            self.follows = Some(self.at);
        }
        if jumps {
            self.jump(transport.jump);
        }
        let is_normal_again = before.speed_percent != 100 && transport.speed_percent == 100;
        jumps || is_normal_again || before.is_paused != transport.is_paused
    }

    fn jump(&mut self, to: Jump) {
        let all: u64 = self.prompts.iter().map(|prompt| length(prompt)).sum();
        self.at = match to {
            Jump::To(ms) => ms.saturating_mul(SAMPLES_PER_MS).min(all),
            Jump::By(ms) => self.at.saturating_add_signed(ms.saturating_mul(SAMPLES_PER_MS as i64)).min(all),
        };
        self.progress = Progress::Sounding;
        (self.prompt, self.begin, self.follows) = (0, 0, None);
        self.find();
    }

    /// Go to the prompt that holds the next sample.
    fn find(&mut self) {
        while let Some(prompt) = self.prompts.get(self.prompt)
            && self.at >= self.begin + length(prompt)
        {
            self.begin += length(prompt);
            self.prompt += 1;
        }
    }

    fn advance(&mut self, samples: u64) {
        self.at += samples;
        self.find();
        if self.prompt == self.prompts.len() {
            self.progress = Progress::Ended;
        }
    }

    /// A whole frame that is there in a format as it is to be sent: it has been played then.
    pub(super) fn coded(&mut self, format: Format, frame_samples: usize) -> Option<&[u8]> {
        if self.transport.is_paused
            || self.transport.speed_percent != 100
            || self.progress != Progress::Sounding
        {
            return None;
        }
        let (prompt, from) = (self.prompt, (self.at - self.begin) as usize);
        // the last frame of all has to be reported as such, and one that ends inside may be
        let is_whole = self.prompts.get(prompt)?.coded(format)?.len() >= from + frame_samples;
        if !is_whole {
            return None;
        }
        self.advance(frame_samples as u64);
        self.prompts[prompt].coded(format)?.get(from..from + frame_samples)
    }

    /// Whether the next frame is there at a rate; at 8 kHz it always is.
    pub(super) fn has_rate(&self, rate: Rate) -> bool {
        let has = |prompt: &Arc<Prompt>| prompt.best_rate(rate) == rate;
        rate == Rate::Narrow
            || (self.transport.speed_percent == 100
                && self.prompts[self.prompt.min(self.prompts.len())..].iter().all(has))
    }

    /// The next samples at a rate that it has.
    pub(super) fn fill(&mut self, samples: &mut [i16], rate: Rate) {
        if self.is_silent() {
            return samples.fill(0);
        }
        if self.transport.speed_percent != 100 && rate == Rate::Narrow {
            return self.fill_at_speed(samples);
        }
        let times = rate.times();
        let mut done = 0;
        while done < samples.len() {
            let Some(prompt) = self.prompts.get(self.prompt) else { break };
            let from = (self.at - self.begin) as usize * times;
            let left = prompt.samples(rate).get(from..).unwrap_or_default();
            let now = left.len().min(samples.len() - done);
            samples[done..done + now].copy_from_slice(&left[..now]);
            done += now;
            // a prompt that has no such form is passed over as silence of its length
            self.advance(if now > 0 {
                (now / times) as u64
            } else {
                length(prompt) - (self.at - self.begin)
            });
        }
        samples[done..].fill(0);
        if self.prompt == self.prompts.len() {
            self.progress = Progress::Ended;
        }
    }

    fn fill_at_speed(&mut self, samples: &mut [i16]) {
        let mut area = [0; FRAME_SAMPLES_MAX + 2 * MOVE];
        let area = &mut area[..samples.len() + 2 * MOVE];
        let first = self.at.saturating_sub(MOVE as u64);
        self.read(first, area);
        let mut moved = (self.at - first) as usize;
        if let Some(follows_at) = self.follows {
            let mut follows = [0; FADE];
            self.read(follows_at, &mut follows);
            moved = best_place(&follows, area);
            for (n, (sample, before)) in area[moved..].iter_mut().zip(&follows).enumerate() {
                let (new, old) = (i32::from(*sample) * n as i32, i32::from(*before) * (FADE - n) as i32);
                *sample = ((new + old) / FADE as i32) as i16;
            }
        }
        samples.copy_from_slice(&area[moved..moved + samples.len()]);
        self.follows = Some(first + (moved + samples.len()) as u64);
        self.advance(samples.len() as u64 * u64::from(self.transport.speed_percent) / 100);
    }

    /// The samples from a place on, silence after the end.
    fn read(&self, from: u64, samples: &mut [i16]) {
        let mut begin = 0;
        samples.fill(0);
        for prompt in self.prompts.iter() {
            let end = begin + length(prompt);
            if from < end && begin < from + samples.len() as u64 {
                let (first, to) = (from.max(begin), (from + samples.len() as u64).min(end));
                let part = &prompt.samples[(first - begin) as usize..(to - begin) as usize];
                samples[(first - from) as usize..][..part.len()].copy_from_slice(part);
            }
            begin = end;
        }
    }
}

/// Where in `area` the sound is most like `follows`.
fn best_place(follows: &[i16], area: &[i16]) -> usize {
    let likeness = |place: usize| {
        let (mut product, mut power) = (0i64, 1i64);
        for (a, b) in follows.iter().zip(&area[place..]) {
            product += i64::from((i32::from(*a) * i32::from(*b)) >> 8);
            power += i64::from((i32::from(*b) * i32::from(*b)) >> 8);
        }
        product as f32 / (power as f32).sqrt()
    };
    let mut best = (MOVE, likeness(MOVE));
    for place in 0..=2 * MOVE {
        let now = likeness(place);
        if now > best.1 {
            best = (place, now);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Rng;
    use crate::media::sine::sin_turns;

    fn play_of(prompts: Vec<Arc<Prompt>>, transport: Transport) -> Play {
        Play::new(PlayId(1), prompts.into(), transport)
    }

    /// All that is heard, to the end.
    fn heard(play: &mut Play) -> Vec<i16> {
        let mut heard = Vec::new();
        while play.progress == Progress::Sounding {
            let mut frame = [9; 160];
            play.fill(&mut frame, Rate::Narrow);
            heard.extend(frame);
        }
        heard
    }

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
            let heard = heard(&mut play_of(prompts, Transport::default()));
            assert_eq!(heard[..expected.len()], expected);
            assert!(heard.len() - expected.len() <= 160 && heard[expected.len()..].iter().all(|s| *s == 0));
            // the last sample of a frame may be the last of all: it is over in that frame, not in the next
            assert_eq!(heard.len(), expected.len().div_ceil(160).max(1) * 160);
        }
    }

    /// Repeat, fast-forward, rewind, pause, as somebody who listens to a message does.
    ///
    /// Proves: A18.20
    #[test]
    fn a_playing_is_paused_repeated_wound_forward_and_back() {
        let sound: Vec<i16> = (0..24_000).map(|n| (n % 30_000) as i16).collect();
        let parts: Vec<Arc<Prompt>> = sound.chunks(7000).map(|part| Arc::new(Prompt::new(part))).collect();
        let mut play = play_of(parts, Transport { jump: Jump::To(500), ..Transport::default() });
        let mut transport = Transport::default();
        let mut frame = [0; 160];
        let mut first = |play: &mut Play| {
            play.fill(&mut frame, Rate::Narrow);
            frame[0]
        };
        assert_eq!(first(&mut play), 4000, "it begins where it was told to");
        transport.is_paused = true;
        assert!(play.set_transport(transport), "a cut that must not click");
        assert_eq!((first(&mut play), first(&mut play)), (0, 0));
        transport.is_paused = false;
        play.set_transport(transport);
        assert_eq!(first(&mut play), 4160, "on from where it stood");
        let mut jump = |play: &mut Play, jump| {
            transport = Transport { jumps: transport.jumps + 1, jump, ..transport };
            assert!(play.set_transport(transport) && !play.set_transport(transport), "once");
            first(play)
        };
        assert_eq!(jump(&mut play, Jump::By(1000)), 4320 + 8000, "forward");
        assert_eq!(jump(&mut play, Jump::By(-500)), 12_480 - 4000, "back");
        assert_eq!(jump(&mut play, Jump::By(-90_000)), 0, "not before the beginning");
        assert_eq!(jump(&mut play, Jump::To(2999)), 23_992);
        assert_eq!(play.progress, Progress::Ended);
        assert_eq!(jump(&mut play, Jump::To(0)), 0, "repeated after its end");
        assert_eq!(play.progress, Progress::Sounding);
        jump(&mut play, Jump::By(i64::MAX));
        assert_eq!(play.progress, Progress::Ended);
    }

    #[test]
    fn another_speed_keeps_the_pitch_and_does_not_click() {
        let sound: Vec<i16> =
            (0..40_000).map(|n| (sin_turns(f64::from(n) * 437.0 / 8000.0) * 9000.0) as i16).collect();
        let sound = Arc::new(Prompt::new(sound));
        for speed_percent in [50, 75, 100, 125, 150, 200, 300] {
            let transport = Transport { speed_percent, ..Transport::default() };
            let all = heard(&mut play_of(vec![Arc::clone(&sound)], transport));
            let expected = 40_000 * 100 / usize::from(speed_percent);
            assert!(all.len().abs_diff(expected) <= 320, "{speed_percent} %: {} for {expected}", all.len());
            let middle = &all[800..all.len() - 800];
            let crossings = middle.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
            let hz = crossings as f64 * 8000.0 / middle.len() as f64;
            assert!((hz - 437.0).abs() < 8.0, "{speed_percent} %: {hz} Hz");
            let steepest = middle.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max();
            assert!(steepest.unwrap_or(0) < 3500, "{speed_percent} %: {steepest:?} for 3060");
        }
    }
}
