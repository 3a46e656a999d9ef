//! Louder and softer, in fixed point: the same on every machine.

use crate::media::plan::Levels;

/// A factor in 4096ths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gain(i32);

const ONE: i32 = 4096;
/// Factors for the decibels of [`Levels::DB`].
static FACTORS: [i32; 65] = factors();

const fn factors() -> [i32; 65] {
    // 10^(1/20): one decibel of amplitude
    const STEP: f64 = 1.122_018_454_301_963_3;
    let mut table = [0; 65];
    let mut value = ONE as f64;
    let mut db = 0;
    while db < 40 {
        value /= STEP;
        db += 1;
    }
    let mut at = 0;
    while at < table.len() {
        table[at] = (value + 0.5) as i32;
        value *= STEP;
        at += 1;
    }
    table
}

impl Gain {
    pub(super) const UNITY: Self = Self(ONE);

    /// Of so many decibels, or the nearest there is.
    pub(super) fn of_db(db: i8) -> Self {
        let db = db.clamp(*Levels::DB.start(), *Levels::DB.end());
        Self(FACTORS[usize::from((db - Levels::DB.start()).unsigned_abs())])
    }

    pub(super) const fn is_unity(self) -> bool {
        self.0 == ONE
    }

    /// Over all samples; what is too loud is cut at full scale.
    pub(super) fn apply(self, samples: &mut [i16]) {
        if self.is_unity() {
            return;
        }
        for sample in samples {
            *sample = saturate((i32::from(*sample) * self.0 + ONE / 2) >> 12);
        }
    }
}

/// The nearest sample there is.
#[inline]
pub(super) fn saturate(value: i32) -> i16 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decibels_are_decibels() {
        assert_eq!(Gain::of_db(0), Gain::UNITY);
        assert_eq!(Gain::of_db(-128), Gain::of_db(-40));
        assert_eq!(Gain::of_db(127), Gain::of_db(24));
        for db in Levels::DB {
            let mut samples = [10_000, -10_000];
            Gain::of_db(db).apply(&mut samples);
            let expected = (10_000.0 * 10f64.powf(f64::from(db) / 20.0)).min(32_767.0);
            assert!(
                (f64::from(samples[0]) - expected).abs() < 1.0 + expected * 0.002,
                "{db} dB: {samples:?}"
            );
        }
    }
}
