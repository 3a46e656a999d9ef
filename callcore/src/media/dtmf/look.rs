//! The first look at a block: how loud it is, and which pair of tones stands out.
//!
//! The eight tones end at 1633 Hz, so every two samples are added up first: 51 sums at 4000 a second, what lies above is
//! weakened, and what still folds down only costs a close look. Around the middle of a block a cosine is even and a sine
//! odd: sums of what lies as far before as behind it meet the cosines, differences the sines. That leaves an eighth of the
//! products of sixteen plain correlations over all samples: half of the samples, half of the waves each, and the high
//! group is looked at only where the low one holds its part of the whole.

use super::FREQUENCIES_HZ;
use crate::media::sine::{SAMPLE_RATE_HZ, cos_turns, sin_turns};

/// Samples of a block: 12.75 ms.
pub(super) const BLOCK_SAMPLES: usize = 102;
const SUMS: usize = BLOCK_SAMPLES / 2;
/// From the middle sum to the end of a block.
const HALF: usize = SUMS / 2 + 1;

/// Least mean square of one tone at first sight: -40 dBm0. A tone 1.5 % off, 8 dB below the other and in its leakage
/// loses up to 4 dB. What has half of it in all is silence.
pub(super) const POWER_MIN: f32 = 25_000.0;
/// How much the best of a group must stand above its other three: 3 dB, so that the leakage of a much stronger tone of
/// the other group is not taken for a rival.
const PEAK_RATIO: f32 = 2.0;
/// Share of both tones in the whole, at first sight (a tone 1.5 % off loses some), and while a key lasts.
const SHARE_MIN: f32 = 0.6;
const SHARE_LASTING_MIN: f32 = 0.4;
/// Least share of the low tone in anything that can be a key at first sight: what is left to it by the twist.
const LOW_SHARE_MIN: f32 = SHARE_MIN / (1.0 + TWIST[1]);
/// Low group over high and high over low: 12 and 8 dB.
const TWIST: [f32; 2] = [16.0, 6.3];

/// Cosines and sines of four tones, from the middle of a block on.
type Group = [[f32; 8]; HALF];
static LOW: Group = waves(0);
static HIGH: Group = waves(4);

const fn waves(first: usize) -> Group {
    let mut table = [[0.0; 8]; HALF];
    let mut n = 0;
    while n < HALF {
        let mut tone = 0;
        while tone < 4 {
            let turns = FREQUENCIES_HZ[first + tone] as f64 / SAMPLE_RATE_HZ as f64;
            // the sum of two samples of a tone is this much larger than one
            let gain = 2.0 * cos_turns(turns / 2.0);
            table[n][tone] = (cos_turns(2.0 * turns * n as f64) / gain) as f32;
            table[n][4 + tone] = (sin_turns(2.0 * turns * n as f64) / gain) as f32;
            tone += 1;
        }
        n += 1;
    }
    table
}

/// The strongest pair of tones in a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    /// Row and column.
    pub(super) place: (u8, u8),
    low: f32,
    high: f32,
    /// Whether each stands out in its group.
    is_peak: bool,
    /// Part of both in the whole.
    share: f32,
}

impl Pair {
    /// Whether this block may be the whole of a key's sound.
    pub(super) fn is_likely(&self) -> bool {
        self.is_peak
            && self.share >= SHARE_MIN
            && self.low.min(self.high) >= POWER_MIN
            && self.low <= self.high * TWIST[0]
            && self.high <= self.low * TWIST[1]
    }

    /// Whether this can be the beginning or the rest of a key.
    pub(super) fn lasts(&self, key: (u8, u8)) -> bool {
        self.place == key && self.share >= SHARE_LASTING_MIN && self.low.min(self.high) >= POWER_MIN / 5.0
    }
}

/// Mean square of all that sounds.
pub(super) fn power(block: &[i16; BLOCK_SAMPLES]) -> f32 {
    // an eighth of a sample: 102 squares of 25 bits fit into 32, and what is lost is 20 dB below silence
    let sum: i32 = block.iter().map(|sample| i32::from(*sample >> 3).pow(2)).sum();
    sum as f32 * (64.0 / BLOCK_SAMPLES as f32)
}

/// Whether that is too quiet for anything.
pub(super) fn is_silence(power: f32) -> bool {
    power < POWER_MIN / 2.0
}

/// The strongest pair in a block of a power; `None` if there is none that can be a key, not even a part of one.
///
/// `all`: also look for what is left of a key that sounds already.
pub(super) fn strongest_pair(block: &[i16; BLOCK_SAMPLES], power: f32, all: bool) -> Option<Pair> {
    let folded = fold(block);
    let lows = tone_powers(&folded, &LOW);
    let (row, low, low_peak) = strongest(lows);
    if !all && low < LOW_SHARE_MIN * power {
        return None;
    }
    let (column, high, high_peak) = strongest(tone_powers(&folded, &HIGH));
    let (is_peak, share) = (low_peak && high_peak, (low + high) / power);
    Some(Pair { place: (row as u8, column as u8), low, high, is_peak, share })
}

/// Sums and differences of what lies as far before as behind the middle.
struct Folded {
    even: [f32; HALF],
    odd: [f32; HALF],
}

fn fold(block: &[i16; BLOCK_SAMPLES]) -> Folded {
    let mut sums = [0.0; SUMS];
    for (sum, two) in sums.iter_mut().zip(block.as_chunks::<2>().0) {
        *sum = (i32::from(two[0]) + i32::from(two[1])) as f32;
    }
    let mut folded = Folded { even: [0.0; HALF], odd: [0.0; HALF] };
    folded.even[0] = sums[HALF - 1];
    for n in 1..HALF {
        let (behind, before) = (sums[HALF - 1 + n], sums[HALF - 1 - n]);
        folded.even[n] = behind + before;
        folded.odd[n] = behind - before;
    }
    folded
}

/// Mean square of each of four tones. Sums run in one fixed order, so that every machine gets the same.
fn tone_powers(folded: &Folded, group: &Group) -> [f32; 4] {
    let (mut cosines, mut sines) = ([0.0f32; 4], [0.0f32; 4]);
    for ((waves, even), odd) in group.iter().zip(&folded.even).zip(&folded.odd) {
        for tone in 0..4 {
            cosines[tone] += even * waves[tone];
            sines[tone] += odd * waves[4 + tone];
        }
    }
    let scale = 2.0 / (SUMS * SUMS) as f32;
    std::array::from_fn(|tone| (cosines[tone] * cosines[tone] + sines[tone] * sines[tone]) * scale)
}

/// Place and power of the strongest of four, and whether it stands out.
fn strongest(powers: [f32; 4]) -> (usize, f32, bool) {
    let mut best = 0;
    for (at, power) in powers.iter().enumerate() {
        if *power > powers[best] {
            best = at;
        }
    }
    let alone = powers.iter().enumerate().all(|(at, power)| at == best || power * PEAK_RATIO < powers[best]);
    (best, powers[best], alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_is_found_with_its_power() {
        for row in 0..4 {
            for column in 0..4 {
                for start in 0..10 {
                    let start = f64::from(start) / 10.0;
                    let block: [i16; BLOCK_SAMPLES] = std::array::from_fn(|n| {
                        let of = |tone: usize, start: f64| {
                            sin_turns(f64::from(FREQUENCIES_HZ[tone]) * n as f64 / 8000.0 + start)
                        };
                        (4000.0 * of(row, start) + 5000.0 * of(4 + column, 2.3 * start)) as i16
                    });
                    let total = power(&block);
                    let pair = strongest_pair(&block, total, false).expect("a pair");
                    assert_eq!(pair.place, (row as u8, column as u8));
                    assert!(pair.is_likely(), "{pair:?}");
                    assert!((pair.low / 8e6 - 1.0).abs() < 0.35, "{pair:?}");
                    assert!((pair.high / 12.5e6 - 1.0).abs() < 0.35, "{pair:?}");
                }
            }
        }
    }

    #[test]
    fn power_is_the_mean_square_up_to_full_scale() {
        assert_eq!(power(&[i16::MIN; BLOCK_SAMPLES]), 1_073_741_824.0);
        assert!((power(&[800; BLOCK_SAMPLES]) / 640_000.0 - 1.0).abs() < 1e-6);
        assert!(is_silence(power(&[90; BLOCK_SAMPLES])));
        assert!(!is_silence(power(&[120; BLOCK_SAMPLES])));
    }
}
