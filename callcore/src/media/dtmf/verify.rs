//! The close look at a likely key: exact frequency and level of both tones over two blocks.
//!
//! Under a Hann window the neighbour tones leak next to nothing, and the three points around a peak give its true
//! frequency: with magnitudes a, b, c one bin apart the peak is 2(c - a) / (a + 2b + c) bins off the middle.

use super::FREQUENCIES_HZ;
use super::look::{BLOCK_SAMPLES, power};
use crate::media::sine::{SAMPLE_RATE_HZ, cos_turns};

/// Least mean square of one tone: -37 dBm0.
const POWER_MIN: f32 = 50_000.0;
/// Share of both tones in the whole: noise 15 dB below them leaves 0.97, give or take 0.015.
const SHARE_MIN: f32 = 0.92;
/// Share above which there is little else than the tones.
const SHARE_PURE_MIN: f32 = 0.985;
/// Most that overtones may have of the power of both tones, where there is little else and where there is noise. Q.23
/// allows a telephone 1 %; of noise 15 dB below, 0.05 % falls on each; an instrument that plays both notes has more.
const OVERTONES_MAX: [f32; 2] = [0.012, 0.009];
/// Nearer to the high tone than this the octave of the low one cannot be told from it: 2.6 bins.
const APART_HZ: f32 = 102.0;
/// Low group over high and high over low: 8.6 and 4.6 dB.
const TWIST: [f32; 2] = [7.24, 2.88];
/// Power of one block over that of the other.
const STEADY_RATIO: f32 = 1.4;
/// Deviation of a tone: what is between 1.8 % (must pass by the strictest reading of Q.24) and 3 % (must not).
const OFF_MAX: f32 = 0.0198;
/// Most quiet samples at both ends of two blocks together. Two tones that cancel out there make up to 12; a tone of 23 ms
/// leaves 20 and more.
const QUIET_EDGES_MAX: usize = 14;

/// Samples that are looked at: 25.5 ms.
pub(super) const WINDOW_SAMPLES: usize = 2 * BLOCK_SAMPLES;
const BIN_HZ: f64 = SAMPLE_RATE_HZ as f64 / WINDOW_SAMPLES as f64;

/// Hann window over the samples.
static HANN: [f32; WINDOW_SAMPLES] = hann();
/// Goertzel's 2cos(ω) for the bin below, at and above each frequency.
static TURNS: [[f32; 3]; 8] = turns();

const fn hann() -> [f32; WINDOW_SAMPLES] {
    let mut window = [0.0; WINDOW_SAMPLES];
    let mut n = 0;
    while n < WINDOW_SAMPLES {
        window[n] = (0.5 - 0.5 * cos_turns((n as f64 + 0.5) / WINDOW_SAMPLES as f64)) as f32;
        n += 1;
    }
    window
}

const fn turns() -> [[f32; 3]; 8] {
    let mut table = [[0.0; 3]; 8];
    let mut tone = 0;
    while tone < 8 {
        let hz = FREQUENCIES_HZ[tone] as f64;
        let mut side = 0;
        while side < 3 {
            let turn = (hz + (side as f64 - 1.0) * BIN_HZ) / SAMPLE_RATE_HZ as f64;
            table[tone][side] = (2.0 * cos_turns(turn)) as f32;
            side += 1;
        }
        tone += 1;
    }
    table
}

/// Goertzel's 2cos(ω) for the bins from 7 to 14, in which dial tones lie.
static DIAL_TURNS: [f32; 8] = dial_turns();

const fn dial_turns() -> [f32; 8] {
    let mut table = [0.0; 8];
    let mut bin = 0;
    while bin < 8 {
        table[bin] = (2.0 * cos_turns((7 + bin) as f64 / WINDOW_SAMPLES as f64)) as f32;
        bin += 1;
    }
    table
}

/// What one tone of a key really is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Deviation from the nominal frequency, as a share of it.
    pub(super) off: f32,
    hz: f32,
    /// Mean square of the tone.
    pub(super) power: f32,
}

impl Found {
    /// Peak of the tone.
    pub(super) fn amplitude(self) -> f32 {
        (2.0 * self.power).sqrt()
    }
}

/// Mean square of all that sounds, weighted as the tones are: so that their share of it is exact.
pub(super) fn weighted_power(samples: &[i16; WINDOW_SAMPLES]) -> f32 {
    let mut sum = 0.0;
    for (sample, gain) in samples.iter().zip(&HANN) {
        let x = f32::from(*sample) * gain;
        sum += x * x;
    }
    // the squares of a Hann window sum up to 3/8 of its length
    sum / (WINDOW_SAMPLES as f32 * 0.375)
}

/// Measure the tones `low` and `high` (places in the frequency table) in a window.
pub(super) fn measure(samples: &[i16; WINDOW_SAMPLES], low: usize, high: usize) -> [Found; 2] {
    let [a, b, c] = TURNS[low];
    let [d, e, f] = TURNS[high];
    let [a, b, c, _, d, e, f, _] = squares(samples, &[a, b, c, 0.0, d, e, f, 0.0]).map(f32::sqrt);
    [found([a, b, c], low), found([d, e, f], high)]
}

/// Mean square of what lies from 275 to 550 Hz, and its share of the whole.
///
/// The eight bins from 7 to 14 hold all that a tone from 350 to 475 Hz spreads under a Hann window, and by Parseval the
/// sum of their squares is its power.
pub(super) fn dial_band(samples: &[i16; WINDOW_SAMPLES]) -> (f32, f32) {
    let sum: f32 = squares(samples, &DIAL_TURNS).iter().sum();
    // each bin stands for its mirror, too
    let band = sum * 2.0 / (WINDOW_SAMPLES * WINDOW_SAMPLES) as f32 / 0.375;
    (band, band / weighted_power(samples).max(1.0))
}

/// Squares of eight points of the spectrum under a Hann window, by Goertzel's recurrence.
fn squares(samples: &[i16; WINDOW_SAMPLES], turns: &[f32; 8]) -> [f32; 8] {
    let (mut one, mut two) = ([0.0f32; 8], [0.0f32; 8]);
    for (sample, gain) in samples.iter().zip(&HANN) {
        let x = f32::from(*sample) * gain;
        for lane in 0..8 {
            let zero = turns[lane] * one[lane] + x - two[lane];
            two[lane] = one[lane];
            one[lane] = zero;
        }
    }
    std::array::from_fn(|lane| {
        (one[lane] * one[lane] + two[lane] * two[lane] - turns[lane] * one[lane] * two[lane]).max(0.0)
    })
}

fn found([below, at, above]: [f32; 3], tone: usize) -> Found {
    let bins = 2.0 * (above - below) / (below + 2.0 * at + above).max(1e-6);
    let off = bins * BIN_HZ as f32 / f32::from(FREQUENCIES_HZ[tone]);
    // the main lobe of a Hann window, sinc(d) / (1 - d²), as its series; exact to 1 % up to one bin
    let square = bins * bins;
    let lobe = (1.0 - square * (0.6449 - square * (0.1668 - square * 0.0239))).max(0.3);
    // a sine of amplitude A gives A·N/4 under a Hann window
    let amplitude = at * 4.0 / WINDOW_SAMPLES as f32 / lobe;
    Found { off, hz: f32::from(FREQUENCIES_HZ[tone]) * (1.0 + off), power: amplitude * amplitude / 2.0 }
}

/// Whether two blocks are the key at a row and a column.
pub(super) fn is_key(samples: &[i16; WINDOW_SAMPLES], (row, column): (u8, u8)) -> bool {
    let [low, high] = measure(samples, usize::from(row), 4 + usize::from(column));
    let share = (low.power + high.power) / weighted_power(samples);
    low.off.abs() <= OFF_MAX
        && high.off.abs() <= OFF_MAX
        && low.power.min(high.power) >= POWER_MIN
        && low.power <= high.power * TWIST[0]
        && high.power <= low.power * TWIST[1]
        && share >= SHARE_MIN
        && is_steady(samples)
        && quiet_edges(samples, low.amplitude() + high.amplitude()) <= QUIET_EDGES_MAX
        && overtones(samples, low, high) <= overtones_max(share) * (low.power + high.power)
}

fn overtones_max(share: f32) -> f32 {
    OVERTONES_MAX[usize::from(share < SHARE_PURE_MIN)]
}

/// Power of the octave and the twelfth of both tones: two notes of an instrument have them, a telephone and noise have not.
fn overtones(samples: &[i16; WINDOW_SAMPLES], low: Found, high: Found) -> f32 {
    let turn = |hz: f32| (2.0 * cos_turns(f64::from(hz) / f64::from(SAMPLE_RATE_HZ))) as f32;
    let places = [2.0 * low.hz, 3.0 * low.hz, 2.0 * high.hz, 3.0 * high.hz];
    let found = squares(samples, &[0, 1, 2, 3, 0, 1, 2, 3].map(|at| turn(places[at])));
    let is_told = |hz: f32| (hz - high.hz).abs() >= APART_HZ && hz < 3900.0;
    let sum: f32 = (0..4).map(|at| if is_told(places[at]) { found[at] } else { 0.0 }).sum();
    // a sine of amplitude A gives A·N/4 under a Hann window
    sum * 8.0 / (WINDOW_SAMPLES * WINDOW_SAMPLES) as f32
}

/// Whether both blocks are equally loud.
fn is_steady(samples: &[i16; WINDOW_SAMPLES]) -> bool {
    let [one, two] = blocks(samples).map(power);
    one <= two * STEADY_RATIO && two <= one * STEADY_RATIO
}

/// Samples before the first and after the last that are at least a quarter as loud as the tones can be together.
fn quiet_edges(samples: &[i16; WINDOW_SAMPLES], peak: f32) -> usize {
    let is_loud = |sample: &i16| f32::from(*sample).abs() >= peak / 4.0;
    let before = samples.iter().position(is_loud);
    let after = samples.iter().rev().position(is_loud);
    before.zip(after).map_or(WINDOW_SAMPLES, |(before, after)| before + after)
}

/// The block before and the last one.
pub(super) fn blocks(samples: &[i16; WINDOW_SAMPLES]) -> [&[i16; BLOCK_SAMPLES]; 2] {
    let (before, rest) = samples.split_first_chunk().expect("a window is two blocks");
    [before, rest.first_chunk().expect("a window is two blocks")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::sine::sin_turns;

    #[test]
    fn frequency_and_level_are_measured_through_the_other_tone() {
        for low in 0..4 {
            for high in 4..8 {
                for off in [-0.02, -0.01, 0.0, 0.015] {
                    for level in [0.4, 1.0, 1.6] {
                        check(low, high, off, level);
                    }
                }
            }
        }
    }

    fn check(low: usize, high: usize, off: f64, level: f64) {
        let mut samples = [0; WINDOW_SAMPLES];
        for (n, sample) in samples.iter_mut().enumerate() {
            let of = |tone: usize, start: f64| {
                sin_turns(f64::from(FREQUENCIES_HZ[tone]) * (1.0 + off) * n as f64 / 8000.0 + start)
            };
            *sample = (4000.0 * of(low, 0.3) + 4000.0 * level * of(high, 0.9)) as i16;
        }
        let [one, two] = measure(&samples, low, high);
        assert!((f64::from(one.off) - off).abs() < 0.002, "{one:?} for {off}");
        assert!((f64::from(two.off) - off).abs() < 0.002, "{two:?} for {off}");
        assert!((one.power / 8e6 - 1.0).abs() < 0.03, "{one:?} at {off}");
        let expected = 8e6 * (level * level) as f32;
        assert!((two.power / expected - 1.0).abs() < 0.03, "{two:?} for {expected}");
    }
}
