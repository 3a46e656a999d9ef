//! What is heard instead of sound that did not come: the last pitch cycle again and again, until it has faded away.
//!
//! In the manner of ITU-T G.711 Appendix I, but without its delay of 3.75 ms:
//!
//! ```text
//!   history                  │ lost                                    │ back
//!  ∿∿∿∿∿∿∿∿∿∿∿∿∿∿[one cycle] │[one cycle][one cycle]..., fading        │ cross-faded, then untouched
//! ```
//!
//! The cycle is found by correlation: 66 to 400 Hz. Its end is cross-faded with what came before its beginning, so that
//! it can be repeated without a seam. Sound without a pitch repeats its last 15 ms, which does not buzz.

mod pitch;
#[cfg(test)]
mod tests;

use crate::Rate;

/// Milliseconds that are repeated at full level, and after which all is silent.
const FULL_MS: u32 = 10;
const SILENT_MS: u32 = 60;
/// Longest cycle at any rate.
const CYCLE_MAX: usize = Rate::Full.times() * pitch::LAG_MAX;

/// One, where there are 12 bits behind the point.
const STEP_ONE: i32 = 1 << 12;
/// Milliseconds in which a step fades away.
const STEP_MS: u32 = 4;

/// Conceals one loss: make it when a frame is missing, forget it when sound is back.
#[derive(Clone, Debug)]
pub struct Concealment {
    rate: Rate,
    /// What is repeated, at the beginning of `cycle`.
    period: usize,
    cycle: [i16; CYCLE_MAX],
    /// Where in the cycle the next sample is.
    at: usize,
    /// What the last sample before the loss is above the repeated ones, in [`STEP_ONE`]s, and how much less each time.
    step: i32,
    step_less: i32,
    /// Samples concealed so far.
    done: usize,
}

impl Concealment {
    /// Begin after `history`, the last decoded samples, oldest first: 25 ms are best, more are not looked at, and with
    /// fewer than 5 ms there will be silence.
    #[must_use]
    pub fn begin(history: &[i16], rate: Rate) -> Self {
        let mut this = Self {
            rate,
            period: pitch::LAG_MIN * rate.times(),
            cycle: [0; CYCLE_MAX],
            at: 0,
            step: 0,
            step_less: 0,
            done: 0,
        };
        if let Some(period) = pitch::period(history, rate) {
            this.period = period;
            this.take(history);
        }
        this
    }

    /// Copy the last period, with its seam smoothed over its last quarter.
    fn take(&mut self, history: &[i16]) {
        let (before, last) = history.split_at(history.len() - self.period);
        let cycle = &mut self.cycle[..self.period];
        cycle.copy_from_slice(last);
        let quarter = (self.period / 4).min(before.len());
        let ends = cycle.iter_mut().rev().zip(before.iter().rev()).take(quarter);
        for (n, (to, from)) in ends.enumerate() {
            *to = mixed(*to, *from, quarter - n, quarter + 1);
        }
        self.step = (i32::from(last[self.period - 1]) - i32::from(cycle[self.period - 1])) * STEP_ONE;
        self.step_less = self.step / self.rate.samples(STEP_MS) as i32;
    }

    /// Samples in place of a frame that did not come. Nothing but zeros once [`Concealment::is_silent`].
    pub fn fill(&mut self, samples: &mut [i16]) {
        let silent = self.rate.samples(SILENT_MS);
        let (sound, silence) = samples.split_at_mut(samples.len().min(silent - self.done));
        // 24 bits behind the point
        let slope = (1 << 24) / (silent - self.rate.samples(FULL_MS)) as i32;
        for sample in sound {
            self.done += 1;
            let gain = ((silent - self.done) as i64 * i64::from(slope)).min(1 << 24) as i32 >> 9;
            *sample = ((self.next() * gain) >> 15) as i16;
        }
        silence.fill(0);
    }

    /// The next sample at full level.
    fn next(&mut self) -> i32 {
        let value = i32::from(self.cycle[self.at]) + self.step / STEP_ONE;
        self.step -= self.step_less;
        self.at = if self.at + 1 == self.period { 0 } else { self.at + 1 };
        if self.step.abs() < self.step_less.abs() {
            (self.step, self.step_less) = (0, 0);
        }
        value.clamp(-32_768, 32_767)
    }

    /// Fade the first frame that came again in: over 4 ms after one missing frame of 10 ms, up to 10 ms after more.
    /// As little as `first_good` has if that is less. The concealment is over then.
    pub fn rejoin(mut self, first_good: &mut [i16]) {
        let lost = self.done;
        let length = (self.rate.samples(2) + lost / 5).clamp(self.rate.samples(4), self.rate.samples(10));
        let length = length.min(first_good.len());
        let mut faded = [0; 64];
        for (index, part) in first_good[..length].chunks_mut(faded.len()).enumerate() {
            let faded = &mut faded[..part.len()];
            self.fill(faded);
            for (n, (good, old)) in part.iter_mut().zip(faded).enumerate() {
                *good = mixed(*good, *old, length - (64 * index + n), length + 1);
            }
        }
    }

    /// Whether everything has faded away: the rest of the loss is silence.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.done >= self.rate.samples(SILENT_MS)
    }
}

/// `part` of `whole` of the second, the rest of the first.
fn mixed(first: i16, second: i16, part: usize, whole: usize) -> i16 {
    let (part, whole) = (part as i32, whole as i32);
    ((i32::from(first) * (whole - part) + i32::from(second) * part) / whole) as i16
}
