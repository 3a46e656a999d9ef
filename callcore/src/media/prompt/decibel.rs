//! Decibels without a maths library: the same gain and the same level on every machine.

use crate::media::sine::PEAK_0_DBM0;

/// ln 2.
const LN_2: f64 = std::f64::consts::LN_2;
/// ln 10.
const LN_10: f64 = std::f64::consts::LN_10;
/// What a level of nothing at all is called: below any sample there is.
pub const SILENCE_DBM0: f64 = -120.0;

/// The factor of amplitude that is so many decibels (20·log10); good to 1e-12 between -200 and +200.
#[must_use]
pub fn amplitude_of_db(db: f64) -> f64 {
    let exponent = db * LN_10 / 20.0;
    let whole = (exponent / LN_2) as i32;
    exp_small(exponent - f64::from(whole) * LN_2) * power_of_two(whole)
}

/// Decibels of a ratio of powers (10·log10); `ratio` is above 0.
#[must_use]
pub(super) fn db_of_power(ratio: f64) -> f64 {
    10.0 * ln(ratio) / LN_10
}

/// Level in dBm0 of a mean square of 16-bit samples; at least [`SILENCE_DBM0`].
#[must_use]
pub(super) fn dbm0_of_mean_square(mean_square: f64) -> f64 {
    let ratio = mean_square / (PEAK_0_DBM0 * PEAK_0_DBM0 / 2.0);
    if ratio > 1e-12 { db_of_power(ratio) } else { SILENCE_DBM0 }
}

/// e^x for |x| < 0.7, as its power series.
pub(super) fn exp_small(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..20 {
        term *= x / f64::from(n);
        sum += term;
    }
    sum
}

fn power_of_two(exponent: i32) -> f64 {
    let step = if exponent < 0 { 0.5 } else { 2.0 };
    (0..exponent.unsigned_abs()).fold(1.0, |power, _| power * step)
}

/// Natural logarithm: x = m·2^e with m near 1, then the series of the inverse hyperbolic tangent.
fn ln(x: f64) -> f64 {
    let (mut mantissa, mut exponent) = (x, 0.0);
    while mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1.0;
    }
    while mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        exponent -= 1.0;
    }
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let (mut power, mut sum) = (ratio, 0.0);
    for n in 0..16 {
        sum += power / f64::from(2 * n + 1);
        power *= ratio * ratio;
    }
    2.0 * sum + exponent * LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decibels_are_what_the_maths_library_says() {
        for tenth in -1500..1500 {
            let db = f64::from(tenth) / 10.0;
            let exact = 10f64.powf(db / 20.0);
            assert!((amplitude_of_db(db) / exact - 1.0).abs() < 1e-11, "{db}");
            assert!((db_of_power(exact * exact) - db).abs() < 1e-9, "{db}");
        }
    }

    #[test]
    fn a_full_scale_sine_of_a_law_is_3_14_dbm0() {
        let peak: f64 = 32_256.0;
        let hundredths = 100.0 * dbm0_of_mean_square(peak * peak / 2.0);
        assert!((hundredths - 314.0).abs() < 1.0, "{hundredths}");
        assert_eq!(dbm0_of_mean_square(0.0), SILENCE_DBM0);
    }
}
