//! A dial tone below the keys: known by what it is, and taken away as long as it lasts.
//!
//! The tones of the world lie from 350 to 475 Hz (GB/T 3380: 450 Hz ±25 Hz; 425 Hz; 350 and 440 Hz). Where nothing else
//! has sounded for 50 ms, and steadily, the line's sound goes through a filter from then on that takes 330 to 480 Hz away
//! by 40 dB and leaves 683 to 4000 Hz within 0.5 dB: two pairs of zeros on the unit circle, two pairs of poles. So a
//! channel without a dial tone pays nothing, speech is judged with all that is in it, and the filter has settled long
//! before a key is pressed.

use super::look::BLOCK_SAMPLES;
use super::verify::{self, WINDOW_SAMPLES};
use crate::media::sine::{SAMPLE_RATE_HZ, cos_turns};

/// Share of the dial tone's band in two blocks that are a dial tone.
const SHARE_MIN: f32 = 0.93;
/// Windows of two blocks, one behind the other and overlapping, that must be one: 51 ms in all.
const WINDOWS_MIN: u8 = 3;
/// Power of one block over that of another, at most, while nothing else sounds: 350 and 440 Hz beat.
const STEADY_RATIO: f32 = 1.5;
/// Mean square of the steps from sample to sample over that of the samples: 0.14 for 475 Hz. What is above is no dial tone
/// and needs no close look.
const SLOPE_MAX: f32 = 0.17;
/// Power of the band over what it was, while the tone lasts: 2 dB.
const LASTING_RATIO: f32 = 1.6;
/// Every this many blocks it is measured whether the tone is still there.
const BLOCKS_PER_CHECK: u8 = 4;

/// 2cos(ω) of both pairs of zeros.
const ZEROS: [f32; 2] = [(2.0 * turn(363.9)) as f32, (2.0 * turn(464.5)) as f32];
/// 2r·cos(ω) and r² of both pairs of poles.
const POLES: [[f32; 2]; 2] = [pole(665.7, 0.9435), pole(666.8, 0.6451)];
/// Makes the passband 0 dB.
const GAIN: f32 = 0.5688;

const fn turn(hz: f64) -> f64 {
    cos_turns(hz / SAMPLE_RATE_HZ as f64)
}

const fn pole(hz: f64, radius: f64) -> [f32; 2] {
    [(2.0 * radius * turn(hz)) as f32, (radius * radius) as f32]
}

/// Watches for a dial tone in one direction of one channel, and takes it away.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DialTone {
    /// Windows in a row that were one, at most [`WINDOWS_MIN`].
    windows: u8,
    blocks: u8,
    /// Power of the block before, and of the tone's band.
    before: f32,
    band: f32,
    /// The filter's memory: two values of each section.
    memory: [[f32; 2]; 2],
}

impl DialTone {
    /// Whether the tone is there, so that keys are looked for in what the filter leaves.
    pub(super) const fn is_on(&self) -> bool {
        self.windows == WINDOWS_MIN
    }

    /// Whether the filter has to run: the tone is there, or seems to begin.
    pub(super) const fn is_running(&self) -> bool {
        self.windows > 0
    }

    /// Nothing is heard.
    pub(super) fn handle_silence(&mut self) {
        *self = Self::default();
    }

    /// A block of this power with nothing of a key in it; `samples` are two blocks as they came.
    pub(super) fn handle_other(&mut self, samples: &[i16; WINDOW_SAMPLES], power: f32) {
        let before = std::mem::replace(&mut self.before, power);
        if self.is_on() {
            return self.check(samples);
        }
        let is_steady = power <= before * STEADY_RATIO && before <= power * STEADY_RATIO;
        if !is_steady || slope(verify::blocks(samples)[1]) > power * SLOPE_MAX {
            self.windows = 0;
            return;
        }
        let (band, share) = verify::dial_band(samples);
        if share < SHARE_MIN {
            self.windows = 0;
            return;
        }
        self.windows += 1;
        self.band = band;
    }

    fn check(&mut self, samples: &[i16; WINDOW_SAMPLES]) {
        self.blocks += 1;
        if self.blocks < BLOCKS_PER_CHECK {
            return;
        }
        self.blocks = 0;
        let (band, _) = verify::dial_band(samples);
        if band > self.band * LASTING_RATIO || self.band > band * LASTING_RATIO {
            self.windows = 0;
        }
    }

    /// What is left of a block without the tone.
    pub(super) fn take_away(&mut self, block: &[i16; BLOCK_SAMPLES], rest: &mut [i16]) {
        let mut memory = self.memory;
        for (sample, rest) in block.iter().zip(rest) {
            let mut value = f32::from(*sample) * GAIN;
            for section in 0..2 {
                let ([one, two], [turn, square]) = (memory[section], POLES[section]);
                let out = value + one;
                memory[section] = [two - ZEROS[section] * value + turn * out, value - square * out];
                value = out;
            }
            *rest = value as i16;
        }
        self.memory = memory;
    }
}

/// Mean square of the steps from each second sample to the next.
fn slope(block: &[i16; BLOCK_SAMPLES]) -> f32 {
    let step = |two: &[i16; 2]| (i32::from(two[1] >> 2) - i32::from(two[0] >> 2)) >> 2;
    let sum: i32 = block.as_chunks::<2>().0.iter().map(|two| step(two).pow(2)).sum();
    sum as f32 * (256.0 / (BLOCK_SAMPLES / 2) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::sine::sin_turns;

    /// What the filter leaves of a tone, once it has settled, in dB.
    fn gain_db(hz: f64) -> f64 {
        let mut tone = DialTone::default();
        let mut power = 0.0;
        for block in 0..20 {
            let samples = std::array::from_fn(|n| {
                (sin_turns(hz * (block * BLOCK_SAMPLES + n) as f64 / 8000.0) * 20_000.0) as i16
            });
            let mut rest = [0; BLOCK_SAMPLES];
            tone.take_away(&samples, &mut rest);
            if block >= 10 {
                power += rest.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>();
            }
        }
        10.0 * (power / (10 * BLOCK_SAMPLES) as f64 / 2e8).log10()
    }

    #[test]
    fn dial_tones_are_taken_away_and_keys_are_left() {
        for hz in [335.0, 350.0, 400.0, 425.0, 440.0, 450.0, 475.0] {
            assert!(gain_db(hz) < -40.0, "{hz} Hz: {}", gain_db(hz));
        }
        for hz in [686.0, 697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0, 1658.0] {
            assert!(gain_db(hz).abs() < 0.5, "{hz} Hz: {}", gain_db(hz));
        }
    }
}
