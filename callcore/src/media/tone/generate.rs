//! The generator: a cadence sample by sample, without a click and without drift.

use super::notation::PARTS_MAX;
use super::{Cadence, Part, Tone, TonePlan};
use crate::media::sine::Oscillator;

/// Samples of the ramp at each edge of a burst, 2 ms: short enough for any detector, long enough not to click.
const RAMP_SAMPLES: u32 = 16;
const SAMPLES_PER_MS: u32 = 8;

/// A tone being made. Its phase and its place in the cadence run on from frame to frame.
#[derive(Clone, Copy, Debug)]
pub struct ToneGenerator {
    cadence: &'static Cadence,
    oscillators: [Oscillator; PARTS_MAX],
    step: u8,
    /// Rounds that have been played, counted only where they are numbered.
    round: u8,
    is_reversed: bool,
    /// Samples since the present step began.
    elapsed: u32,
}

impl ToneGenerator {
    /// A tone of a country from its beginning.
    #[must_use]
    pub fn new(plan: &'static TonePlan, tone: Tone) -> Self {
        Self::of(plan.cadence(tone))
    }

    /// Any cadence from its beginning.
    #[must_use]
    pub fn of(cadence: &'static Cadence) -> Self {
        Self {
            cadence,
            oscillators: [Oscillator::default(); PARTS_MAX],
            step: 0,
            round: 0,
            is_reversed: false,
            elapsed: 0,
        }
    }

    /// Whether a tone that ends by itself has ended; it stays silent.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.cadence.rounds > 0 && self.round >= self.cadence.rounds
    }

    /// The next samples.
    pub fn fill(&mut self, samples: &mut [i16]) {
        let mut rest = samples;
        while !rest.is_empty() {
            if self.is_over() {
                return rest.fill(0);
            }
            let left = self.step_samples().map_or(usize::MAX, |length| (length - self.elapsed) as usize);
            let (now, later) = rest.split_at_mut(left.min(rest.len()));
            self.fill_step(now);
            rest = later;
        }
    }

    /// Length of the present step; `None` in a continuous tone.
    fn step_samples(&self) -> Option<u32> {
        let step = &self.cadence.steps()[usize::from(self.step)];
        (step.ms > 0).then_some(step.ms * SAMPLES_PER_MS)
    }

    fn fill_step(&mut self, samples: &mut [i16]) {
        let step = &self.cadence.steps()[usize::from(self.step)];
        let length = self.step_samples();
        let reversal = u32::from(self.cadence.reversal_ms) * SAMPLES_PER_MS;
        let mut rest = samples;
        while !rest.is_empty() {
            let (ramp, mut run) = stretch(self.elapsed, length);
            if let Some(turns) = self.elapsed.checked_div(reversal) {
                self.is_reversed = turns % 2 == 1;
                run = run.min((reversal * (turns + 1) - self.elapsed) as usize);
            }
            let (now, later) = rest.split_at_mut(run.min(rest.len()));
            let gain = if self.is_reversed { -(ramp as i32) } else { ramp as i32 };
            mix(&mut self.oscillators, step.parts(), gain, now);
            self.elapsed = match length {
                Some(_) => self.elapsed + now.len() as u32,
                // a continuous tone only has to know that its first ramp is over
                None => (self.elapsed + now.len() as u32).min(RAMP_SAMPLES),
            };
            rest = later;
        }
        if length == Some(self.elapsed) {
            self.next_step();
        }
    }

    fn next_step(&mut self) {
        self.elapsed = 0;
        self.step += 1;
        if usize::from(self.step) == self.cadence.steps().len() {
            self.step = 0;
            self.round = if self.cadence.rounds > 0 { self.round + 1 } else { 0 };
        }
    }
}

/// Gain in sixteenths at this place of a step, and for how many samples it stays.
fn stretch(elapsed: u32, length: Option<u32>) -> (u32, usize) {
    let to_end = length.map_or(u32::MAX, |length| length - elapsed);
    let ramp = elapsed.min(to_end);
    if ramp < RAMP_SAMPLES { (ramp, 1) } else { (RAMP_SAMPLES, (to_end - RAMP_SAMPLES).max(1) as usize) }
}

/// `gain` in sixteenths, below 0 for the opposite phase.
fn mix(oscillators: &mut [Oscillator; PARTS_MAX], parts: &[Part], gain: i32, samples: &mut [i16]) {
    samples.fill(0);
    for (oscillator, part) in oscillators.iter_mut().zip(parts) {
        let peak = i32::from(part.peak) * gain / RAMP_SAMPLES as i32;
        samples.iter_mut().for_each(|sample| *sample += ((oscillator.next(part.hz) * peak) >> 15) as i16);
    }
}
