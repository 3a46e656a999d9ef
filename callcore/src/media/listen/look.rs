//! One look at 20 ms of sound: how loud, what share of it lies in each of sixteen bands, and the one sine that fits best.
//!
//! The bands are correlations with sixteen fixed frequencies, all multiples of 50 Hz, so that over 20 ms none leaks into
//! another; every analyser and every channel uses the same table. The single sine comes from the law that holds for
//! every sine, x(n-1) + x(n+1) = 2cos(w) x(n), solved by total least squares: exact for a sine of any frequency, and
//! without the bias that white noise gives to ordinary least squares. How much of the sound it is says one Goertzel
//! filter at that frequency.

use crate::media::sine::{SAMPLE_RATE_HZ, cos_turns, sin_turns};

/// Samples of a look.
pub(super) const LOOK_SAMPLES: usize = 160;
/// Milliseconds of a look.
pub(super) const LOOK_MS: u32 = 20;
/// Slots of 5 ms in a look.
pub(super) const SLOTS: usize = 4;
const SLOT_SAMPLES: usize = LOOK_SAMPLES / SLOTS;
pub(super) const BANDS: usize = 16;
/// The first eight cover the call progress tones without a hole, the others are the tones of machines and warnings.
const BANDS_HZ: [u16; BANDS] =
    [300, 350, 400, 450, 500, 550, 600, 650, 950, 1100, 1400, 1800, 2050, 2100, 2450, 2600];
/// Mean square below which nothing but the level is of interest: -46 dBm0.
const POWER_MIN: f32 = 6_000.0;

/// Cosines and sines of the bands, sample by sample.
static WAVES: [[f32; 2 * BANDS]; LOOK_SAMPLES] = waves();

const fn waves() -> [[f32; 2 * BANDS]; LOOK_SAMPLES] {
    let mut table = [[0.0; 2 * BANDS]; LOOK_SAMPLES];
    let mut n = 0;
    while n < LOOK_SAMPLES {
        let mut band = 0;
        while band < BANDS {
            let turns = BANDS_HZ[band] as f64 * n as f64 / SAMPLE_RATE_HZ as f64;
            table[n][band] = cos_turns(turns) as f32;
            table[n][BANDS + band] = sin_turns(turns) as f32;
            band += 1;
        }
        n += 1;
    }
    table
}

/// What 20 ms of sound are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    /// Mean square, the mean taken off.
    pub(super) power: f32,
    /// The same of each 5 ms.
    pub(super) slots: [f32; SLOTS],
    /// How often the sign changes: about 80 times in hiss, below 50 in a voice.
    pub(super) crossings: u32,
    /// Share of each band in the power; 0 in what is too quiet.
    pub(super) bands: [f32; BANDS],
    /// The sine that fits best, and its share.
    pub(super) hz: f32,
    pub(super) single: f32,
}

impl Look {
    /// Look at the level alone.
    pub(super) fn level(samples: &[i16; LOOK_SAMPLES]) -> Self {
        Self::measured(&centred(samples))
    }

    /// Look at the level and for a single sine.
    pub(super) fn single(samples: &[i16; LOOK_SAMPLES]) -> Self {
        let samples = centred(samples);
        let mut look = Self::measured(&samples);
        if look.power >= POWER_MIN {
            (look.hz, look.single) = single_sine(&samples, look.power);
        }
        look
    }

    /// Look at everything.
    pub(super) fn whole(samples: &[i16; LOOK_SAMPLES]) -> Self {
        let samples = centred(samples);
        let mut look = Self::measured(&samples);
        if look.power >= POWER_MIN {
            (look.hz, look.single) = single_sine(&samples, look.power);
            look.bands = bands(&samples, look.power);
        }
        look
    }

    fn measured(samples: &[f32; LOOK_SAMPLES]) -> Self {
        let mut slots = [0.0; SLOTS];
        for (slot, samples) in slots.iter_mut().zip(samples.chunks_exact(SLOT_SAMPLES)) {
            let mut sums = [0.0f32; 8];
            for eight in samples.chunks_exact(8) {
                for lane in 0..8 {
                    sums[lane] += eight[lane] * eight[lane];
                }
            }
            *slot = sums.iter().sum::<f32>() / SLOT_SAMPLES as f32;
        }
        let signs = samples[1..].iter().zip(&samples[..LOOK_SAMPLES - 1]);
        let crossings = signs.map(|(one, two)| u32::from((*one < 0.0) != (*two < 0.0))).sum();
        Self { power: slots.iter().sum::<f32>() / SLOTS as f32, slots, crossings, ..Self::default() }
    }
}

/// The samples without their mean: a line may bring a little direct current.
fn centred(samples: &[i16; LOOK_SAMPLES]) -> [f32; LOOK_SAMPLES] {
    let sum: i32 = samples.iter().map(|sample| i32::from(*sample)).sum();
    let mean = sum as f32 / LOOK_SAMPLES as f32;
    samples.map(|sample| f32::from(sample) - mean)
}

/// Sums run in one fixed order, so that every machine gets the same.
fn bands(samples: &[f32; LOOK_SAMPLES], power: f32) -> [f32; BANDS] {
    let mut sums = [0.0f32; 2 * BANDS];
    for (sample, waves) in samples.iter().zip(&WAVES) {
        for lane in 0..2 * BANDS {
            sums[lane] += sample * waves[lane];
        }
    }
    let scale = 2.0 / (LOOK_SAMPLES * LOOK_SAMPLES) as f32 / power;
    std::array::from_fn(|band| {
        let (re, im) = (sums[band], sums[BANDS + band]);
        (re * re + im * im) * scale
    })
}

/// Frequency of the sine that fits best, and its share in the power.
fn single_sine(samples: &[f32; LOOK_SAMPLES], power: f32) -> (f32, f32) {
    let (mut squares, mut products, mut neighbours) = ([0.0f32; 8], [0.0f32; 8], [0.0f32; 8]);
    // 152 of the 158 inner samples: whole lanes
    for n in (1..=145).step_by(8) {
        for lane in 0..8 {
            let at = samples[n + lane];
            let both = samples[n + lane - 1] + samples[n + lane + 1];
            squares[lane] += at * at;
            products[lane] += at * both;
            neighbours[lane] += both * both;
        }
    }
    let square: f32 = squares.iter().sum();
    let product: f32 = products.iter().sum::<f32>() / std::f32::consts::SQRT_2;
    let neighbour: f32 = neighbours.iter().sum::<f32>() / 2.0;
    let difference = neighbour - square;
    let root = (difference * difference + 4.0 * product * product).sqrt();
    // two forms of one solution: each is exact where the other cancels out
    let slope = if difference < 0.0 {
        2.0 * product / (root - difference)
    } else if product.abs() > f32::MIN_POSITIVE {
        (difference + root) / (2.0 * product)
    } else {
        return (0.0, 0.0);
    };
    // twice the cosine
    let turn = (slope * std::f32::consts::SQRT_2).clamp(-2.0, 2.0);
    (hertz(turn / 2.0), (goertzel(samples, turn) / power).min(1.0))
}

/// Mean square of the sine at this frequency (as twice its cosine).
fn goertzel(samples: &[f32; LOOK_SAMPLES], turn: f32) -> f32 {
    let (mut one, mut two) = (0.0f32, 0.0f32);
    for sample in samples {
        let zero = turn * one + sample - two;
        two = one;
        one = zero;
    }
    (one * one + two * two - turn * one * two) * 2.0 / (LOOK_SAMPLES * LOOK_SAMPLES) as f32
}

/// Frequency of a cosine, within 0.1 Hz (Abramowitz and Stegun 4.4.45; no library's arc cosine, so that every machine
/// gets the same).
fn hertz(cosine: f32) -> f32 {
    let x = cosine.abs();
    let angle =
        (1.0 - x).max(0.0).sqrt() * (1.570_728_8 + x * (-0.212_114_4 + x * (0.074_261 - x * 0.018_729_3)));
    let angle = if cosine < 0.0 { std::f32::consts::PI - angle } else { angle };
    angle * SAMPLE_RATE_HZ as f32 / std::f32::consts::TAU
}

/// Mean square of a sine of this level. For tables and settings, never for sound.
pub(super) fn power_of_dbm0(dbm0: i8) -> f32 {
    let peak = f32::from(crate::media::sine::peak_of_dbm0(dbm0));
    peak * peak / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share of all bands together.
    fn share(look: &Look) -> f32 {
        look.bands.iter().sum()
    }

    fn sound(parts: &[(f64, f64)], noise: f64) -> [i16; LOOK_SAMPLES] {
        let mut rng = crate::base::Rng::new(3);
        std::array::from_fn(|n| {
            let tones: f64 =
                parts.iter().map(|(hz, peak)| peak * sin_turns(hz * n as f64 / 8000.0 + 0.13)).sum();
            let hiss: f64 = (0..12).map(|_| rng.unit()).sum::<f64>() - 6.0;
            (tones + hiss * noise) as i16
        })
    }

    #[test]
    fn a_sine_is_measured_at_any_frequency() {
        for hz in (300..3000).step_by(37).chain([1000, 2000]) {
            let look = Look::whole(&sound(&[(f64::from(hz), 3000.0)], 0.0));
            assert!((look.hz - hz as f32).abs() < 2.0, "{hz}: {}", look.hz);
            assert!(look.single > 0.93, "{hz}: {}", look.single);
            assert!((look.power / 4.5e6 - 1.0).abs() < 0.08);
        }
    }

    #[test]
    fn noise_20_db_below_moves_a_sine_by_less_than_two_percent() {
        for hz in [400, 425, 450, 950, 1100, 2100] {
            let look = Look::whole(&sound(&[(f64::from(hz), 3000.0)], 210.0));
            assert!((look.hz / hz as f32 - 1.0).abs() < 0.02, "{hz}: {}", look.hz);
        }
    }

    #[test]
    fn bands_hold_the_power_of_tones_and_little_of_noise() {
        for parts in
            [&[(425.0, 3000.0)][..], &[(350.0, 2000.0), (440.0, 2000.0)], &[(480.0, 900.0), (620.0, 900.0)]]
        {
            let look = Look::whole(&sound(parts, 0.0));
            assert!((0.8..1.15).contains(&share(&look)), "{parts:?}: {}", share(&look));
        }
        let look = Look::whole(&sound(&[], 1500.0));
        assert!(share(&look) < 0.45 && look.single < 0.4, "{} {}", share(&look), look.single);
    }

    #[test]
    fn silence_is_nothing() {
        let look = Look::whole(&[7; LOOK_SAMPLES]);
        assert_eq!((look.power, look.hz, share(&look)), (0.0, 0.0, 0.0));
    }
}
