//! Sine without a maths library: one table for every whole frequency, the same on every machine.
//!
//! Telephone tones are whole hertz, and at 8000 samples a second a tone of f Hz stands at point f·n mod 8000 of a
//! one-second, one-hertz sine. So the table holds exactly those 8000 points and no tone ever drifts.

/// Samples a second of everything inside the engine.
pub const SAMPLE_RATE_HZ: u32 = 8000;

/// Peak of a sine at 0 dBm0: full scale of A-law is a sine of +3.14 dBm0 (G.711).
pub const PEAK_0_DBM0: f64 = 22_467.0;

/// One turn of sine in 8000 points, Q15.
pub(crate) static SINE: [i16; SAMPLE_RATE_HZ as usize] = table();

const fn table() -> [i16; SAMPLE_RATE_HZ as usize] {
    let mut table = [0; SAMPLE_RATE_HZ as usize];
    let mut index = 0;
    while index < table.len() {
        let value = sin_turns(index as f64 / SAMPLE_RATE_HZ as f64) * 32_767.0;
        table[index] = if value < 0.0 { (value - 0.5) as i16 } else { (value + 0.5) as i16 };
        index += 1;
    }
    table
}

/// Sine of an angle in turns (1.0 is a full circle); error below 1e-12.
#[must_use]
pub const fn sin_turns(turns: f64) -> f64 {
    let mut turn = turns - (turns as i64) as f64;
    if turn < 0.0 {
        turn += 1.0;
    }
    let (turn, sign) = if turn >= 0.5 { (turn - 0.5, -1.0) } else { (turn, 1.0) };
    let turn = if turn > 0.25 { 0.5 - turn } else { turn };
    sign * quarter(turn * std::f64::consts::TAU)
}

/// Cosine of an angle in turns.
#[must_use]
pub const fn cos_turns(turns: f64) -> f64 {
    sin_turns(turns + 0.25)
}

/// Taylor series for 0 to a quarter turn.
const fn quarter(x: f64) -> f64 {
    let square = x * x;
    let mut term = x;
    let mut sum = x;
    let mut n = 1.0;
    while n < 12.0 {
        term *= -square / ((2.0 * n) * (2.0 * n + 1.0));
        sum += term;
        n += 1.0;
    }
    sum
}

/// Peak amplitude of a sine of this many whole dBm0 (at most +3).
#[must_use]
pub const fn peak_of_dbm0(dbm0: i8) -> i16 {
    // 10^(1/20): one decibel of amplitude
    const STEP: f64 = 1.122_018_454_301_963_3;
    let mut peak = PEAK_0_DBM0;
    let mut left = dbm0;
    while left > 0 {
        peak *= STEP;
        left -= 1;
    }
    while left < 0 {
        peak /= STEP;
        left += 1;
    }
    if peak > 32_767.0 { i16::MAX } else { (peak + 0.5) as i16 }
}

/// A sine that stands still between frames: whole hertz, any start, never a jump of phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Oscillator {
    phase: u32,
}

impl Oscillator {
    /// The sample of this moment in Q15, and on to the next. `hz` is below 8000.
    #[inline]
    pub(crate) fn next(&mut self, hz: u16) -> i32 {
        let value = i32::from(SINE[self.phase as usize]);
        self.phase += u32::from(hz);
        if self.phase >= SAMPLE_RATE_HZ {
            self.phase -= SAMPLE_RATE_HZ;
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sine_is_the_sine() {
        for step in -4000..4000 {
            let turns = f64::from(step) / 1000.0;
            assert!((sin_turns(turns) - (turns * std::f64::consts::TAU).sin()).abs() < 1e-11, "{turns}");
            assert!((cos_turns(turns) - (turns * std::f64::consts::TAU).cos()).abs() < 1e-11, "{turns}");
        }
    }

    #[test]
    fn a_tone_is_exact_after_an_hour() {
        let mut oscillator = Oscillator::default();
        for n in 0..u64::from(SAMPLE_RATE_HZ) * 3600 {
            let sample = oscillator.next(1477);
            if n % 4999 == 0 {
                let exact = (std::f64::consts::TAU * ((n * 1477 % 8000) as f64 / 8000.0)).sin() * 32_767.0;
                assert!((f64::from(sample) - exact).abs() < 0.51, "sample {n}");
            }
        }
    }

    #[test]
    fn levels_are_decibels() {
        assert_eq!(peak_of_dbm0(0), 22_467);
        assert_eq!(peak_of_dbm0(-20), 2247);
        assert_eq!(peak_of_dbm0(3), 31_735);
    }
}
