//! Sounds for the tests of this folder: tones of a level, silence.

use super::{Sound, amplitude_of_db};
use crate::media::sine::{PEAK_0_DBM0, sin_turns};

/// A sine.
pub(super) fn tone(rate_hz: u32, ms: u64, hz: u32, dbm0: f64) -> Sound {
    let peak = PEAK_0_DBM0 * amplitude_of_db(dbm0);
    let count = u64::from(rate_hz) * ms / 1000;
    let sample = |n: u64| (sin_turns(f64::from(hz) * n as f64 / f64::from(rate_hz)) * peak).round() as i16;
    Sound { rate_hz, samples: (0..count).map(sample).collect() }
}

/// Nothing, for so long.
pub(super) fn silence(rate_hz: u32, ms: u64) -> Sound {
    Sound { rate_hz, samples: vec![0; (u64::from(rate_hz) * ms / 1000) as usize] }
}
