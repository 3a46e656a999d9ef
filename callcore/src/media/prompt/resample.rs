//! Any rate to any other: a polyphase filter, a sinc under a Kaiser window, computed once a file.
//!
//! With L/M the reduced ratio of the rates, output sample n stands at input time n·M/L; its L possible fractions each
//! get a row of taps. To 8 kHz the cut-off is 3.7 kHz and the stop band below -70 dB from 4.2 kHz on; between other
//! rates both lie at the same share of the lower one.

use crate::media::sine::{SAMPLE_RATE_HZ, sin_turns};

/// Zero crossings of the sinc on each side: the width of the transition.
const ZERO_CROSSINGS: f64 = 32.0;
/// Cut-off as a share of half the lower rate.
const CUT_OFF: f64 = 0.95;
/// Kaiser's shape: about -75 dB.
const BETA: f64 = 7.5;

/// `samples` at `from_hz` as samples at `to_hz`; both are rates that [`can_resample`].
pub(super) fn resample(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    if from_hz == to_hz {
        return samples.to_vec();
    }
    let divisor = greatest_common_divisor(from_hz, to_hz);
    let (up, down) = ((to_hz / divisor) as usize, (from_hz / divisor) as usize);
    let filter = Filter::new(up, down);
    let length = (samples.len() * up).div_ceil(down);
    (0..length).map(|n| filter.apply(samples, n * down / up, n * down % up)).collect()
}

/// Whether a rate is one of those in use; an odd one would need thousands of rows of taps.
pub(super) const fn can_resample(rate_hz: u32) -> bool {
    rate_hz >= 4000 && rate_hz <= 192_000 && greatest_common_divisor(rate_hz, SAMPLE_RATE_HZ) >= 25
}

const fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// `up` rows of taps; a row is centred `half` samples after its beginning.
struct Filter {
    rows: Vec<Vec<f64>>,
    half: usize,
}

impl Filter {
    fn new(up: usize, down: usize) -> Self {
        // cut-off in cycles per input sample
        let cut_off = CUT_OFF * 0.5 * (up as f64 / down as f64).min(1.0);
        let half_width = ZERO_CROSSINGS / (2.0 * cut_off);
        let half = half_width.ceil() as usize;
        let rows = (0..up).map(|phase| row(phase as f64 / up as f64, half, half_width, cut_off)).collect();
        Self { rows, half }
    }

    fn apply(&self, samples: &[i16], at: usize, phase: usize) -> i16 {
        // before the first sample and after the last there is silence: those taps are left out
        let before = self.half.saturating_sub(at);
        let taps = self.rows[phase].get(before..).unwrap_or_default();
        let heard = &samples[(at + before).saturating_sub(self.half).min(samples.len())..];
        let sum: f64 = taps.iter().zip(heard).map(|(gain, sample)| gain * f64::from(*sample)).sum();
        (sum + if sum < 0.0 { -0.5 } else { 0.5 }).clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
    }
}

/// Taps for an output sample `fraction` after an input sample, normalised so that level stays level.
fn row(fraction: f64, half: usize, half_width: f64, cut_off: f64) -> Vec<f64> {
    let tap = |index: usize| {
        let distance = index as f64 - half as f64 - fraction;
        sinc(2.0 * cut_off * distance) * kaiser(distance / half_width)
    };
    let mut taps: Vec<f64> = (0..=2 * half + 1).map(tap).collect();
    let sum: f64 = taps.iter().sum();
    taps.iter_mut().for_each(|tap| *tap /= sum);
    taps
}

fn sinc(x: f64) -> f64 {
    let angle = x * std::f64::consts::PI;
    if angle.abs() < 1e-9 { 1.0 } else { sin_turns(x / 2.0) / angle }
}

/// Kaiser window at -1 ..= 1; its height does not matter, rows are normalised.
fn kaiser(x: f64) -> f64 {
    let inside = 1.0 - x * x;
    if inside < 0.0 { 0.0 } else { bessel_i0(BETA * inside.sqrt()) }
}

/// Modified Bessel function of order 0 as its power series.
fn bessel_i0(x: f64) -> f64 {
    let mut sum = 1.0;
    let mut term = 1.0;
    let mut n = 1.0;
    while term > sum * 1e-12 {
        term *= (x / (2.0 * n)) * (x / (2.0 * n));
        sum += term;
        n += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate_hz: u32, hz: f64, seconds: f64) -> Vec<i16> {
        let length = (f64::from(rate_hz) * seconds) as usize;
        (0..length).map(|n| (sin_turns(hz * n as f64 / f64::from(rate_hz)) * 10_000.0) as i16).collect()
    }

    fn rms(samples: &[i16]) -> f64 {
        (samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
    }

    #[test]
    fn speech_band_passes_and_the_rest_does_not_alias() {
        for rate_hz in [16_000, 22_050, 32_000, 44_100, 48_000] {
            for hz in [300.0, 1000.0, 3400.0] {
                let out = resample(&tone(rate_hz, hz, 0.2), rate_hz, 8000);
                assert_eq!(out.len(), 1600, "{rate_hz}");
                let gain_db = 20.0 * (rms(&out[200..1400]) / 7071.0).log10();
                assert!(gain_db.abs() < 0.1, "{rate_hz} {hz}: {gain_db} dB");
            }
            for hz in [4400.0, 5000.0, 7600.0] {
                let out = resample(&tone(rate_hz, hz, 0.2), rate_hz, 8000);
                let gain_db = 20.0 * (rms(&out[200..1400]).max(0.01) / 7071.0).log10();
                assert!(gain_db < -65.0, "{rate_hz} {hz}: {gain_db} dB");
            }
        }
    }

    #[test]
    fn the_sound_is_not_moved_in_time() {
        let out = resample(&tone(48_000, 500.0, 0.2), 48_000, 8000);
        for (n, sample) in out.iter().enumerate().take(1500).skip(100) {
            let expected = sin_turns(500.0 * n as f64 / 8000.0) * 10_000.0;
            assert!((f64::from(*sample) - expected).abs() < 12.0, "{n}: {sample} for {expected}");
        }
    }

    #[test]
    fn level_and_silence_stay() {
        assert!(resample(&[500; 3000], 16_000, 8000)[100..1400].iter().all(|s| *s == 500));
        assert!(resample(&[0; 100], 44_100, 8000).iter().all(|s| *s == 0));
        assert!(resample(&[], 44_100, 8000).is_empty());
        let up = resample(&tone(4000, 700.0, 0.5), 4000, 8000);
        assert!((rms(&up[200..3800]) / 7071.0 - 1.0).abs() < 0.01);
    }

    #[test]
    fn a_wideband_prompt_keeps_its_upper_half() {
        for rate_hz in [8000, 44_100, 48_000] {
            for hz in [500.0, 3000.0, 6500.0] {
                if hz < f64::from(rate_hz) * 0.45 {
                    let out = resample(&tone(rate_hz, hz, 0.2), rate_hz, 16_000);
                    assert_eq!(out.len(), 3200, "{rate_hz}");
                    let gain_db = 20.0 * (rms(&out[400..2800]) / 7071.0).log10();
                    assert!(gain_db.abs() < 0.1, "{rate_hz} {hz}: {gain_db} dB");
                }
            }
        }
        assert_eq!(resample(&[1, -2, 3], 16_000, 16_000), [1, -2, 3]);
    }
}
