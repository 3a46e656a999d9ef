//! How loud a sound is: its peak, its mean, and the active level of its speech after ITU-T P.56, method B.
//!
//! The mean of a whole file says little about a voice that pauses. P.56 follows the envelope (two smoothers of 30 ms),
//! counts for each of 15 thresholds how long the envelope is above it (with 200 ms of hangover, so that gaps between
//! words count as speech), and takes the threshold that lies 15.9 dB below the level of what it lets through.

use super::decibel::{db_of_power, dbm0_of_mean_square, exp_small};
use super::sound::Sound;

/// Time constant of the envelope, in seconds.
const SMOOTH_S: f64 = 0.03;
/// A gap so short is still speech, in milliseconds.
const HANGOVER_MS: u64 = 200;
/// Distance between level and threshold, in decibels.
const MARGIN_DB: f64 = 15.9;
/// Thresholds: 1, 2, 4, ... 16384 of 32768.
const THRESHOLDS: usize = 15;

/// The levels of a sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// Its largest sample, 0 ..= 32768.
    pub peak: u16,
    /// Of all of it, in dBm0.
    pub mean_dbm0: f64,
    /// Of its speech (P.56), in dBm0; `None`: there is none.
    pub active_dbm0: Option<f64>,
    /// The share of the time that is speech, 0 ..= 1.
    pub activity: f64,
}

/// Measure a sound.
#[must_use]
pub fn measure(sound: &Sound) -> Levels {
    let peak = sound.samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
    let squares = sum_of_squares(&sound.samples);
    let length = sound.samples.len().max(1) as f64;
    let active = active(sound, squares as f64);
    Levels {
        peak,
        mean_dbm0: dbm0_of_mean_square(squares as f64 / length),
        active_dbm0: active.map(dbm0_of_mean_square),
        activity: active.map_or(0.0, |mean_square| (squares as f64 / length / mean_square).min(1.0)),
    }
}

/// Exact, so that it does not depend on the order: two hours of full scale stay below 2^63.
pub(super) fn sum_of_squares(samples: &[i16]) -> u64 {
    samples.iter().map(|sample| u64::from(sample.unsigned_abs()).pow(2)).sum()
}

/// The mean square of what is speech.
fn active(sound: &Sound, squares: f64) -> Option<f64> {
    let counts = count(sound);
    // by how much the level of what each threshold lets through is above that threshold; falls as they rise
    let above = |j: usize| db_of_power(squares / counts[j] as f64 / f64::from(1u32 << (2 * j)));
    let mut last: Option<(f64, f64)> = None;
    for (j, count) in counts.iter().enumerate() {
        if *count == 0 || squares == 0.0 {
            break;
        }
        let (mean_square, distance) = (squares / *count as f64, above(j));
        if distance <= MARGIN_DB {
            return Some(last.map_or(mean_square, |(before, far)| {
                // between the two thresholds, straight in decibels
                let share = (far - MARGIN_DB) / (far - distance).max(1e-9);
                let db = share * db_of_power(mean_square / before);
                let factor = super::decibel::amplitude_of_db(db);
                before * factor * factor
            }));
        }
        last = Some((mean_square, distance));
    }
    // never within the margin: a few clicks in silence; what the highest threshold let through is all there is
    last.map(|(mean_square, _)| mean_square)
}

/// For each threshold, samples at which the envelope was above it or had just been.
fn count(sound: &Sound) -> [u64; THRESHOLDS] {
    let keep = exp_small(-1.0 / (f64::from(sound.rate_hz) * SMOOTH_S));
    let hangover = u64::from(sound.rate_hz) * HANGOVER_MS / 1000;
    let mut counts = [0; THRESHOLDS];
    let mut since = [hangover; THRESHOLDS];
    let (mut smooth, mut envelope) = (0.0, 0.0);
    for sample in &sound.samples {
        smooth = keep * smooth + (1.0 - keep) * f64::from(sample.unsigned_abs());
        envelope = keep * envelope + (1.0 - keep) * smooth;
        for j in 0..THRESHOLDS {
            since[j] = if envelope >= f64::from(1u32 << j) { 0 } else { since[j] + 1 };
            counts[j] += u64::from(since[j] < hangover);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::prompt::test_sounds::{silence, tone};

    #[test]
    fn a_steady_tone_has_the_level_it_was_made_with() {
        for rate_hz in [8000, 16_000, 48_000] {
            for dbm0 in [-40.0, -25.5, -16.0, -3.0] {
                let levels = measure(&tone(rate_hz, 2000, 1000, dbm0));
                let active = levels.active_dbm0.expect("it sounds");
                assert!((levels.mean_dbm0 - dbm0).abs() < 0.05, "{rate_hz} {dbm0}: {levels:?}");
                assert!((active - dbm0).abs() < 0.3, "{rate_hz} {dbm0}: {levels:?}");
            }
        }
    }

    #[test]
    fn pauses_do_not_make_speech_quieter() {
        let mut sound = silence(8000, 0);
        for _ in 0..5 {
            sound.samples.extend(tone(8000, 1000, 400, -20.0).samples);
            sound.samples.extend(silence(8000, 2000).samples);
        }
        let levels = measure(&sound);
        let active = levels.active_dbm0.expect("it sounds");
        // 1.2 to 1.4 s of 3 s count: the tone, its hangover, and the fall of the envelope
        assert!((-21.5..=-20.5).contains(&active), "{levels:?}");
        assert!((levels.mean_dbm0 + 24.77).abs() < 0.05, "{levels:?}");
        assert!((0.38..0.48).contains(&levels.activity), "{levels:?}");
    }

    #[test]
    fn silence_has_no_active_level() {
        let levels = measure(&silence(8000, 500));
        assert_eq!((levels.peak, levels.active_dbm0, levels.activity), (0, None, 0.0));
        assert_eq!(measure(&silence(8000, 0)).active_dbm0, None);
    }
}
