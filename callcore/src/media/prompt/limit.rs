//! Gain that never clips: where a sample would be too loud, the gain is lowered around it, smoothly, 5 ms ahead and after.
//!
//! ```text
//! gain that each sample allows ─▶ least of its neighbourhood ─▶ mean of its neighbourhood ─▶ times the sample
//! ```
//!
//! Every mean is taken over minima that all know of the sample in the middle, so it is never above what that one allows.
//! Gains are whole numbers (30 bits): running sums are exact.

use std::collections::VecDeque;

/// The loudest that leaves here: 0.2 dB below full scale.
pub(super) const CEILING: i16 = 32_000;
/// How far a loud sample is felt on each side.
const REACH_MS: usize = 5;
/// A gain of 1.
const UNITY: u64 = 1 << 30;

/// `samples` times `gain`, none above [`CEILING`] unless it was before and the gain is at most 1.
pub(super) fn amplify(samples: &[i16], gain: f64, rate_hz: u32) -> Vec<i16> {
    let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
    if f64::from(peak) * gain <= f64::from(CEILING) || gain <= 1.0 {
        return samples.iter().map(|sample| round(f64::from(*sample) * gain)).collect();
    }
    let reach = rate_hz as usize * REACH_MS / 1000;
    let allowed: Vec<u64> = samples.iter().map(|sample| allowed(f64::from(*sample) * gain)).collect();
    let gains = means(&minima(&allowed, reach), reach);
    let scaled = |(sample, factor): (&i16, u64)| f64::from(*sample) * gain * factor as f64 / UNITY as f64;
    samples.iter().zip(gains).map(|pair| round(scaled(pair))).collect()
}

pub(super) fn round(value: f64) -> i16 {
    (value + if value < 0.0 { -0.5 } else { 0.5 }).clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
}

fn allowed(value: f64) -> u64 {
    let loud = value.abs();
    let ceiling = f64::from(CEILING);
    if loud <= ceiling { UNITY } else { (ceiling / loud * UNITY as f64) as u64 }
}

/// The least of each value's neighbourhood, `reach` on both sides: the candidates of the window in rising order.
fn minima(values: &[u64], reach: usize) -> Vec<u64> {
    let mut window: VecDeque<usize> = VecDeque::new();
    let mut next = 0;
    let mut found = Vec::with_capacity(values.len());
    for at in 0..values.len() {
        while next < values.len() && next <= at + reach {
            while window.back().is_some_and(|last| values[*last] >= values[next]) {
                window.pop_back();
            }
            window.push_back(next);
            next += 1;
        }
        while window.front().is_some_and(|first| first + reach < at) {
            window.pop_front();
        }
        found.push(window.front().map_or(UNITY, |first| values[*first]));
    }
    found
}

/// The mean of each value's neighbourhood, as far as there is one.
fn means(values: &[u64], reach: usize) -> Vec<u64> {
    let mut sum: u64 = values.iter().take(reach).sum();
    let mean = |at: usize| {
        sum += values.get(at + reach).copied().unwrap_or(0);
        if let Some(left) = at.checked_sub(reach + 1) {
            sum -= values[left];
        }
        let first = at.saturating_sub(reach);
        let end = (at + reach + 1).min(values.len());
        sum / (end - first) as u64
    };
    (0..values.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn nothing_leaves_above_the_ceiling(
            samples in proptest::collection::vec(any::<i16>(), 0..600),
            gain in 1.0..100.0f64,
        ) {
            let out = amplify(&samples, gain, 8000);
            prop_assert_eq!(out.len(), samples.len());
            for (before, after) in samples.iter().zip(out) {
                prop_assert!(after.unsigned_abs() <= CEILING as u16 + 1, "{} became {}", before, after);
                prop_assert!(i32::from(after) * i32::from(*before) >= 0, "{} became {}", before, after);
            }
        }

        #[test]
        fn minima_and_means_are_what_they_say(
            values in proptest::collection::vec(0..UNITY, 1..80),
            reach in 0..20usize,
        ) {
            for (at, (least, mean)) in minima(&values, reach).into_iter().zip(means(&values, reach)).enumerate() {
                let near = &values[at.saturating_sub(reach)..(at + reach + 1).min(values.len())];
                prop_assert_eq!(Some(&least), near.iter().min());
                prop_assert_eq!(mean, near.iter().sum::<u64>() / near.len() as u64);
            }
        }
    }

    #[test]
    fn what_is_far_from_a_peak_has_the_whole_gain() {
        let mut samples = vec![100i16; 4000];
        samples[2000] = 20_000;
        let out = amplify(&samples, 4.0, 8000);
        assert_eq!(out[2000], CEILING);
        assert!(out[..1900].iter().chain(&out[2100..]).all(|sample| *sample == 400));
    }
}
