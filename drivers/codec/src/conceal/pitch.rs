//! The cycle of the last sound: coarsely at 8 kHz, finely around that at its own rate. Integers only, so that every
//! machine finds the same.

use crate::Rate;
use std::ops::RangeInclusive;

/// Shortest and longest cycle, in samples of 8 kHz: 2.5 and 15 ms.
pub(super) const LAG_MIN: usize = 20;
pub(super) const LAG_MAX: usize = 120;
/// What is looked for in the past, in samples of 8 kHz: the last 10 ms.
const PATTERN: usize = 80;
/// As much of the past as is looked at, in samples of 8 kHz.
const PAST: usize = PATTERN + LAG_MAX;
/// Below this share of the energy, in 16ths, what is found is no pitch.
const VOICED_16THS: i64 = 5;

/// Samples after which the end of `history` repeats what came before; `None` if there is too little of it, below 5 ms.
pub(super) fn period(history: &[i16], rate: Rate) -> Option<usize> {
    let times = rate.times();
    let mut past = [0; PAST];
    let length = (history.len() / times).min(PAST);
    if length < 2 * LAG_MIN {
        return None;
    }
    let past = &mut past[..length];
    quieted(&history[history.len() - length * times..], times, past);
    let pattern = (length / 2).min(PATTERN);
    let lag_max = (length - pattern).min(LAG_MAX);
    let best = best(past, pattern, LAG_MIN..=lag_max)?;
    if !best.0.is_voiced(&past[length - pattern..]) {
        return Some(lag_max * times);
    }
    Some(if times == 1 { best.1 } else { refined(history, best.1 * times, times) })
}

/// The lag at which the past is most like its end; of equal ones the shortest.
fn best(past: &[i16], pattern: usize, lags: RangeInclusive<usize>) -> Option<(Match, usize)> {
    let at = past.len() - pattern;
    let now = &past[at..];
    let first = past.get(at.checked_sub(*lags.start())?..)?.get(..pattern)?;
    let mut energy = dot(first, first);
    let mut best: Option<(Match, usize)> = None;
    for lag in lags {
        let before = &past[at - lag..][..pattern];
        let this = Match { correlation: dot(now, before), energy: energy + 1 };
        if best.is_none_or(|(best, _)| this.is_better_than(&best)) {
            best = Some((this, lag));
        }
        // for the next lag the oldest comes in and the newest goes
        let square = |sample: i16| i64::from(sample) * i64::from(sample);
        if let Some(oldest) = (at - lag).checked_sub(1) {
            energy += square(past[oldest]) - square(before[pattern - 1]);
        }
    }
    best
}

/// The best lag around a coarse one, by the last 5 ms.
fn refined(history: &[i16], coarse: usize, times: usize) -> usize {
    let pattern = 40 * times;
    let near = coarse - times..=(coarse + times).min(LAG_MAX * times).min(history.len() - pattern);
    let mut past = [0; 6 * (40 + LAG_MAX)];
    let length = (pattern + near.end()).min(history.len());
    let past = &mut past[..length];
    quieted(&history[history.len() - length..], 1, past);
    let near = (*near.start()).max(LAG_MIN * times)..=*near.end();
    let best = best(past, pattern, near);
    best.map_or(coarse, |(_, lag)| lag)
}

/// Every `times` samples as one, with so few bits that 240 products fit in 32.
fn quieted(samples: &[i16], times: usize, to: &mut [i16]) {
    let mean = |part: &[i16]| part.iter().map(|sample| i32::from(*sample)).sum::<i32>() / times as i32;
    let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
    // 11 bits: 240 · 2^22 < 2^30
    let shift = (16 - peak.leading_zeros()).saturating_sub(11);
    for (to, part) in to.iter_mut().zip(samples.chunks(times)) {
        *to = (mean(part) >> shift) as i16;
    }
}

/// How alike the end of the past and what was a lag before are.
#[derive(Clone, Copy, Debug)]
struct Match {
    correlation: i64,
    /// Of what was before.
    energy: i64,
}

impl Match {
    /// By correlation² / energy, opposite ones last; cross-multiplied, each below 2^90.
    fn is_better_than(&self, other: &Self) -> bool {
        self.square() * i128::from(other.energy) > other.square() * i128::from(self.energy)
    }

    fn is_voiced(&self, now: &[i16]) -> bool {
        let energies = i128::from(self.energy) * i128::from(dot(now, now) + 1);
        self.square() * 256 > i128::from(VOICED_16THS * VOICED_16THS) * energies
    }

    /// Of the correlation, with its sign.
    fn square(&self) -> i128 {
        i128::from(self.correlation) * i128::from(self.correlation.abs())
    }
}

fn dot(first: &[i16], second: &[i16]) -> i64 {
    first.iter().zip(second).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum::<i32>().into()
}
