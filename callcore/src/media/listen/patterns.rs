//! What a country's tones sound like to the ear: patterns of bursts, and the sounds in them, learned from the generator.

use super::look::{LOOK_SAMPLES, Look};
use super::sound::{Gathering, Sound};
use crate::media::sine::Oscillator;
use crate::media::tone::{Cadence, CadenceStep, Country, Part, Tone, TonePlan};
use std::sync::OnceLock;

/// Tones that are known by their cadence; what comes first wins where two sound the same.
const TONES: [Tone; 9] = [
    Tone::Dial,
    Tone::Ringback,
    Tone::Busy,
    Tone::Congestion,
    Tone::NumberUnobtainable,
    Tone::SpecialDial,
    Tone::SpecialInformation,
    Tone::CallWaiting,
    Tone::Howler,
];
/// Shortest silence that is heard as one.
const SILENCE_MS_MIN: u32 = 30;
/// Shortest sound that counts as continuous, if no burst of the same sound is longer.
const ENDLESS_MS_MIN: u32 = 1000;
/// Frequencies of special information begin here: below are the call progress tones.
const INFORMATION_HZ_MIN: u16 = 800;
const LEARNED_LOOKS: usize = 20;

/// One stretch of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) is_on: bool,
    pub(super) ms: u32,
    /// Which of the sounds; nothing in silence.
    pub(super) sound: u8,
}

/// A tone as bursts and silences in turn; a continuous one has a single step.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) tone: Tone,
    pub(super) steps: Vec<Step>,
    /// It has sounded this long without a break: that is enough. 0: it is not continuous.
    pub(super) endless_ms: u32,
}

/// The three sines of special information, if the country has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Information {
    pub(super) hz: [u16; 3],
    pub(super) ms: u32,
}

/// The tones of a country as they are heard. Made once for each country, before sound is listened to.
#[derive(Debug)]
pub struct ProgressPlan {
    pub(super) sounds: Vec<Sound>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) information: Information,
}

impl ProgressPlan {
    /// The tones of a country. The first call for each country takes some milliseconds and memory that stays; call it
    /// when the program starts, not where sound runs.
    pub fn of(country: Country) -> &'static Self {
        static PLANS: [OnceLock<ProgressPlan>; Country::ALL.len()] =
            [const { OnceLock::new() }; Country::ALL.len()];
        PLANS[country as usize].get_or_init(|| Self::new(country.plan()))
    }

    fn new(plan: &TonePlan) -> Self {
        let own = plan.own(Tone::SpecialInformation).and_then(information);
        let common = information(plan.cadence(Tone::SpecialInformation));
        let everywhere = Information { hz: [950, 1400, 1800], ms: 330 };
        let mut made = Self {
            sounds: Vec::new(),
            patterns: Vec::new(),
            information: own.or(common).unwrap_or(everywhere),
        };
        for tone in TONES {
            let is_known = tone == Tone::Howler || plan.own(tone).is_some();
            let cadence = plan.cadence(tone);
            if is_known && information(cadence).is_none() {
                let pattern = made.pattern(tone, cadence);
                made.patterns.push(pattern);
            }
        }
        made.set_endless();
        made
    }

    /// Whether two tones of this country cannot be told apart by the ear, so that the one is reported for the other.
    #[must_use]
    pub fn is_alike(&self, one: Tone, two: Tone) -> bool {
        let find = |tone| self.patterns.iter().find(|pattern| pattern.tone == tone);
        one == two || find(one).zip(find(two)).is_some_and(|(one, two)| self.alike(one, two))
    }

    pub(super) fn alike(&self, one: &Pattern, two: &Pattern) -> bool {
        let sound = |step: &Step| &self.sounds[usize::from(step.sound)];
        let same = |one: &Step, two: &Step| {
            one.is_on == two.is_on
                && one.ms.abs_diff(two.ms) * 20 <= one.ms
                && (!one.is_on || sound(one).can_be(sound(two)) || sound(two).can_be(sound(one)))
        };
        (one.endless_ms > 0) == (two.endless_ms > 0)
            && one.steps.len() == two.steps.len()
            && one.steps.iter().zip(&two.steps).all(|(one, two)| same(one, two))
    }

    fn pattern(&mut self, tone: Tone, cadence: &Cadence) -> Pattern {
        let steps = cadence.steps();
        let is_silent = |step: &CadenceStep| step.parts().is_empty() && step.ms >= SILENCE_MS_MIN;
        if !steps.iter().any(is_silent) {
            let sound = self.sound(steps);
            return Pattern { tone, steps: vec![Step { is_on: true, ms: 0, sound }], endless_ms: 1 };
        }
        let last = &steps[steps.len() - 1..];
        if last[0].ms == 0 {
            let sound = self.sound(last);
            return Pattern { tone, steps: vec![Step { is_on: true, ms: 0, sound }], endless_ms: 1 };
        }
        let mut made = Vec::new();
        for stretch in steps.chunk_by(|one, two| is_silent(one) == is_silent(two)) {
            let ms = stretch.iter().map(|step| step.ms).sum();
            let is_on = !is_silent(&stretch[0]);
            let sound = if is_on { self.sound(stretch) } else { 0 };
            made.push(Step { is_on, ms, sound });
        }
        while made.len() % 4 == 0 && made[..made.len() / 2] == made[made.len() / 2..] {
            made.truncate(made.len() / 2);
        }
        Pattern { tone, steps: made, endless_ms: 0 }
    }

    /// The place of the sound of these steps together.
    fn sound(&mut self, steps: &[CadenceStep]) -> u8 {
        let mut gathering = Gathering::default();
        let sounding = || steps.iter().filter(|step| !step.parts().is_empty());
        for step in sounding() {
            learn(&mut gathering, step.parts(), step.ms.max(1) as f32 / 1000.0);
        }
        let peaks = |step: &CadenceStep| step.parts()[0].peak;
        let is_level_free = sounding().any(|step| peaks(step) != peaks(&steps[0]));
        let sound = gathering.sound().expect("a tone has sound");
        let sound = if is_level_free { sound.with_free_level() } else { sound };
        if let Some(known) = self.sounds.iter().position(|known| known.is_equal(&sound)) {
            return known as u8;
        }
        self.sounds.push(sound);
        (self.sounds.len() - 1) as u8
    }

    /// A continuous tone is longer than any burst that sounds like it.
    fn set_endless(&mut self) {
        let bursts: Vec<Step> =
            self.patterns.iter().flat_map(|p| p.steps.clone()).filter(|s| s.is_on).collect();
        for pattern in self.patterns.iter_mut().filter(|pattern| pattern.endless_ms > 0) {
            let own = &self.sounds[usize::from(pattern.steps[0].sound)];
            let is_like = |step: &&Step| {
                let other = &self.sounds[usize::from(step.sound)];
                own.can_be(other) || other.can_be(own)
            };
            let longest = bursts.iter().filter(is_like).map(|step| step.ms).max().unwrap_or(0);
            pattern.endless_ms = ENDLESS_MS_MIN.max(longest + longest / 6 + 60);
        }
    }
}

/// The three sines one after the other, if that is what a cadence is.
fn information(cadence: &Cadence) -> Option<Information> {
    let sounding: Vec<&CadenceStep> =
        cadence.steps().iter().filter(|step| !step.parts().is_empty()).collect();
    let [one, two, three] = sounding[..] else { return None };
    let hz = [one, two, three].map(|step| step.parts()[0].hz);
    (hz[0] >= INFORMATION_HZ_MIN && hz.is_sorted_by(|a, b| a < b)).then_some(Information { hz, ms: one.ms })
}

/// Listen to sines as the generator makes them.
fn learn(gathering: &mut Gathering, parts: &[Part], weight: f32) {
    let mut oscillators = [Oscillator::default(); crate::media::tone::notation::PARTS_MAX];
    for _ in 0..LEARNED_LOOKS {
        let mut samples = [0i16; LOOK_SAMPLES];
        for (oscillator, part) in oscillators.iter_mut().zip(parts) {
            let mut add = |sample: &mut i16| {
                *sample += ((oscillator.next(part.hz) * i32::from(part.peak)) >> 15) as i16
            };
            samples.iter_mut().for_each(&mut add);
        }
        gathering.add(&Look::whole(&samples), weight);
    }
}
