//! Call progress tones heard: by what sounds and by its rhythm, against the patterns of the country.
//!
//! Bursts and silences that have ended are kept with the sounds they can be. A pattern is held against them from the
//! newest backwards, at every place of its cycle; the present stretch must not yet be longer than the pattern allows.
//! Two bursts with what lies between them are enough, or one long burst and a second of silence, if nothing else fits as
//! well; a continuous tone must be longer than any burst that sounds like it.

use super::Heard;
use super::look::Look;
use super::patterns::{Pattern, ProgressPlan, Step};
use super::rhythm::{Rhythm, SLOT_MS, Stretch};
use super::sound::Gathering;

const KEPT: usize = 12;
/// Looks after which the present burst can be held against a sound.
const LOOKS_MIN: u16 = 3;
/// Cadences may be off by a tenth (E.180), and edges by what the slots blur.
const OFF_MS: u32 = 20;
/// What has ended must be longer than the three short bursts with which some dial tones begin.
const PAST_MS_MIN: u32 = 700;
/// One burst is enough when it is at least so long, and so much silence follows.
const BURST_MS_MIN: u32 = 400;
const AFTER_MS_MIN: u32 = 1000;
/// Stretches after which two patterns that both fit are decided by which fits better.
const DECIDED: usize = 8;

/// A stretch that has ended.
#[derive(Clone, Copy, Debug, Default)]
struct Past {
    is_on: bool,
    slots: u16,
    /// One bit for each sound it can be.
    sounds: u16,
}

impl Past {
    fn ms(self) -> u32 {
        u32::from(self.slots) * SLOT_MS
    }
}

/// The present stretch.
#[derive(Clone, Copy, Debug)]
struct Now {
    is_on: bool,
    ms: u32,
    /// The sounds it can be, once that can be told.
    sounds: Option<u16>,
}

/// How well a pattern fits.
#[derive(Clone, Copy, Debug)]
struct Fit {
    /// Which pattern.
    at: usize,
    /// Stretches it explains, the bursts among them, and how long they are together with the present one.
    stretches: usize,
    bursts: usize,
    ms: u32,
    /// Sum of what the stretches are off, in milliseconds.
    off_ms: u32,
}

/// Listens for the tones of one country in one direction of one channel.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    plan: &'static ProgressPlan,
    rhythm: Rhythm,
    gathering: Gathering,
    past: [Past; KEPT],
    /// Past stretches that are known, at most [`KEPT`].
    known: usize,
    is_first: bool,
    reported: Option<usize>,
}

impl Progress {
    pub(super) fn new(plan: &'static ProgressPlan) -> Self {
        Self {
            plan,
            rhythm: Rhythm::default(),
            gathering: Gathering::default(),
            past: [Past::default(); KEPT],
            known: 0,
            is_first: true,
            reported: None,
        }
    }

    /// The next look, that ends at this moment.
    pub(super) fn listen(&mut self, look: &Look, now_ms: u32, out: &mut impl FnMut(Heard)) {
        for slot in look.slots {
            if let Some(ended) = self.rhythm.next(slot) {
                self.keep(ended);
            }
        }
        let present = self.rhythm.present();
        if present.is_on && self.rhythm.is_settled() && present.slots >= look.slots.len() as u32 {
            self.gathering.add(look, 1.0);
        }
        self.judge(present, now_ms, out);
    }

    /// Remember a stretch. The very first one may have begun before anybody listened: its length says nothing.
    fn keep(&mut self, ended: Stretch) {
        let sounds = if ended.is_on { self.sounds() } else { 0 };
        self.gathering = Gathering::default();
        if std::mem::take(&mut self.is_first) {
            return;
        }
        self.past.copy_within(..KEPT - 1, 1);
        self.past[0] =
            Past { is_on: ended.is_on, slots: ended.slots.min(u32::from(u16::MAX)) as u16, sounds };
        self.known = (self.known + 1).min(KEPT);
    }

    /// The sounds that the present burst can be.
    fn sounds(&self) -> u16 {
        let Some(heard) = self.gathering.sound() else { return 0 };
        let bit = |(at, sound)| if heard.can_be(sound) { 1u16 << at } else { 0 };
        self.plan.sounds.iter().enumerate().map(bit).sum()
    }

    fn judge(&mut self, present: Stretch, now_ms: u32, out: &mut impl FnMut(Heard)) {
        let is_clear = present.is_on && self.gathering.looks() >= LOOKS_MIN;
        let sounds = is_clear.then(|| self.sounds());
        let now = Now { is_on: present.is_on, ms: present.slots * SLOT_MS, sounds };
        if let Some(reported) = self.reported
            && self.fit(reported, &now).is_none_or(|fit| fit.stretches == 0)
        {
            self.reported = None;
            out(Heard::ToneEnded { tone: self.plan.patterns[reported].tone, at_ms: now_ms });
        }
        let Some(best) = self.best(&now).filter(|best| self.is_enough(best, &now)) else { return };
        if self.reported.is_some_and(|reported| self.is_same(reported, best.at)) {
            return;
        }
        self.reported = Some(best.at);
        let (tone, confidence) = (self.plan.patterns[best.at].tone, self.confidence(&best));
        out(Heard::Tone { tone, confidence, since_ms: now_ms.saturating_sub(best.ms) });
    }

    /// The pattern that explains most, if no other explains as much.
    fn best(&self, now: &Now) -> Option<Fit> {
        let fits = || (0..self.plan.patterns.len()).filter_map(|at| self.fit(at, now));
        let best = fits().reduce(|best, next| {
            let is_better = (next.stretches, best.off_ms) > (best.stretches, next.off_ms);
            if is_better { next } else { best }
        })?;
        let is_rival = |fit: &Fit| fit.stretches >= best.stretches && !self.is_same(fit.at, best.at);
        (best.stretches >= DECIDED || !fits().any(|fit| is_rival(&fit))).then_some(best)
    }

    fn is_same(&self, one: usize, two: usize) -> bool {
        one == two || self.plan.alike(&self.plan.patterns[one], &self.plan.patterns[two])
    }

    fn is_enough(&self, fit: &Fit, now: &Now) -> bool {
        if self.plan.patterns[fit.at].endless_ms > 0 {
            return true;
        }
        let long_burst = !now.is_on && now.ms >= AFTER_MS_MIN && self.past[0].ms() >= BURST_MS_MIN;
        let are_enough = fit.bursts >= 2 && fit.ms - now.ms >= PAST_MS_MIN;
        are_enough || (fit.bursts == 1 && long_burst)
    }

    fn confidence(&self, fit: &Fit) -> u8 {
        let is_endless = self.plan.patterns[fit.at].endless_ms > 0;
        let base = if is_endless { 75 } else { 50 + 10 * fit.stretches.min(4) as u8 };
        let off = (fit.off_ms * 100).checked_div(fit.ms).map_or(0, |percent| percent.min(10) as u8);
        base + 10 - off
    }

    /// How well a pattern fits what was heard; `None` if the present stretch contradicts it.
    fn fit(&self, at: usize, now: &Now) -> Option<Fit> {
        let pattern = &self.plan.patterns[at];
        if pattern.endless_ms > 0 {
            let sounds_so = now.sounds.is_some_and(|sounds| sounds & (1 << pattern.steps[0].sound) != 0);
            let fits = now.is_on && now.ms >= pattern.endless_ms && sounds_so;
            return fits.then_some(Fit { at, stretches: KEPT, bursts: 1, ms: now.ms, off_ms: 0 });
        }
        let fits_now = |place: &usize| {
            let step = &pattern.steps[*place];
            step.is_on == now.is_on
                && now.ms <= step.ms + allowed_ms(step.ms)
                && now.sounds.is_none_or(|sounds| sounds & (1 << step.sound) != 0)
        };
        let fits = (0..pattern.steps.len()).filter(fits_now).map(|place| self.fit_before(pattern, place));
        let best = fits.max_by_key(|fit| (fit.stretches, std::cmp::Reverse(fit.off_ms)))?;
        Some(Fit { at, ms: best.ms + now.ms, ..best })
    }

    /// How many past stretches a pattern explains if the present one is at this place of it.
    fn fit_before(&self, pattern: &Pattern, place: usize) -> Fit {
        let count = pattern.steps.len();
        let mut fit = Fit { at: 0, stretches: 0, bursts: 0, ms: 0, off_ms: 0 };
        for (n, past) in self.past[..self.known].iter().enumerate() {
            let step = &pattern.steps[(place + count * KEPT - 1 - n) % count];
            if !explains(step, *past) {
                break;
            }
            fit.stretches += 1;
            fit.bursts += usize::from(step.is_on);
            fit.ms += past.ms();
            fit.off_ms += past.ms().abs_diff(step.ms);
        }
        fit
    }
}

const fn allowed_ms(ms: u32) -> u32 {
    ms / 10 + OFF_MS
}

fn explains(step: &Step, past: Past) -> bool {
    step.is_on == past.is_on
        && past.ms().abs_diff(step.ms) <= allowed_ms(step.ms)
        && (!step.is_on || past.sounds & (1 << step.sound) != 0)
}
