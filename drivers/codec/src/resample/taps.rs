//! The low pass of the resampler, worked out by the compiler: a sinc with a Kaiser window.
//!
//! Half the response is down at the lower rate's Nyquist frequency. With 32 taps for each sample of the lower rate the
//! way from pass to stop takes an eighth of that rate: 3.4 to 4.6 kHz, 7 to 9 kHz.

/// Samples of the lower rate that one sample is made of.
pub(super) const TAPS: usize = 32;
/// Shape of the window: 65 dB (0.1102 · (65 - 8.7)).
const SHAPE: f64 = 6.204;

/// 16 bits for each tap: as many behind the point as keep sums of full-scale samples inside 32 bits.
pub(super) const BITS_UP: u32 = 14;
pub(super) const BITS_DOWN: u32 = 15;

/// The impulse response of `TIMES` to one, `LENGTH` long (`TAPS · TIMES`), with its middle at `LENGTH / 2`.
const fn response<const LENGTH: usize>() -> [f64; LENGTH] {
    let middle = (LENGTH / 2) as f64;
    let mut response = [0.0; LENGTH];
    // the first would be the window's edge on a zero of the sinc
    let mut n = 1;
    while n < LENGTH {
        let samples = (n as f64 - middle) / ((LENGTH / TAPS) as f64);
        let edge = (n as f64 - middle) / middle;
        response[n] = sinc(samples) * bessel(SHAPE * root(1.0 - edge * edge)) / bessel(SHAPE);
        n += 1;
    }
    response
}

/// Taps to go down, in the order of samples, oldest first. They sum to one, exactly.
pub(super) const fn down<const LENGTH: usize>() -> [i16; LENGTH] {
    let response = response::<LENGTH>();
    let one = ((1 << BITS_DOWN) * TAPS / LENGTH) as f64;
    let mut taps = [0; LENGTH];
    let mut sum = 0;
    let mut rest = 0.0;
    let mut n = 0;
    while n < LENGTH {
        // what rounding takes from one tap the next gets: its noise goes up, away from the edge of the pass band
        let exact = response[LENGTH - 1 - n] * one + rest;
        taps[n] = rounded(exact);
        rest = exact - taps[n] as f64;
        sum += taps[n] as i32;
        n += 1;
    }
    taps[LENGTH / 2 - 1] += ((1 << BITS_DOWN) - sum) as i16;
    taps
}

/// Taps to go up: a row for each sample between two of the lower rate. Each row sums to one, exactly.
pub(super) const fn up<const LENGTH: usize, const TIMES: usize>() -> [[i16; TAPS]; TIMES] {
    let response = response::<LENGTH>();
    let mut rows = [[0; TAPS]; TIMES];
    let mut phase = 0;
    while phase < TIMES {
        let mut sum = 0;
        let mut n = 0;
        while n < TAPS {
            // the last sample of the window is the newest: the response read backwards
            rows[phase][n] = rounded(response[(TAPS - 1 - n) * TIMES + phase] * (1 << BITS_UP) as f64);
            sum += rows[phase][n] as i32;
            n += 1;
        }
        rows[phase][TAPS / 2 - 1] += ((1 << BITS_UP) - sum) as i16;
        phase += 1;
    }
    rows
}

const fn rounded(value: f64) -> i16 {
    if value < 0.0 { (value - 0.5) as i16 } else { (value + 0.5) as i16 }
}

/// sin(πx) / πx.
const fn sinc(x: f64) -> f64 {
    let whole = x as i64;
    let rest = (x - whole as f64) * std::f64::consts::PI;
    if rest == 0.0 {
        return if whole == 0 { 1.0 } else { 0.0 };
    }
    let (mut sine, mut term, mut n) = (rest, rest, 1.0);
    while n < 16.0 {
        term *= -rest * rest / ((2.0 * n) * (2.0 * n + 1.0));
        sine += term;
        n += 1.0;
    }
    let sine = if whole % 2 == 0 { sine } else { -sine };
    sine / (x * std::f64::consts::PI)
}

/// Modified Bessel function of the first kind, order 0.
const fn bessel(x: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, 1.0);
    while n < 40.0 {
        term *= x * x / (4.0 * n * n);
        sum += term;
        n += 1.0;
    }
    sum
}

/// Square root by Newton's method.
const fn root(x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let mut root = 1.0;
    let mut n = 0;
    while n < 60 {
        root = (root + x / root) / 2.0;
        n += 1;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maths_is_right() {
        for n in -4000..4000 {
            let x = f64::from(n) / 128.0 + 1e-9;
            let pi_x = x * std::f64::consts::PI;
            assert!((sinc(x) - pi_x.sin() / pi_x).abs() < 1e-9, "{x}");
            assert!((root(x.abs()) - x.abs().sqrt()).abs() < 1e-9, "{x}");
        }
        assert_eq!((sinc(0.0), sinc(3.0), root(0.0)), (1.0, 0.0, 0.0));
        // I0(1) and I0(5), Abramowitz and Stegun table 9.8
        assert!(
            (bessel(1.0) - 1.266_065_877_8).abs() < 1e-9 && (bessel(5.0) - 27.239_871_823_6).abs() < 1e-8
        );
    }

    #[test]
    fn no_sum_of_samples_leaves_32_bits() {
        let most = |taps: &[i16]| taps.iter().map(|tap| i64::from(tap.unsigned_abs())).sum::<i64>() * 32_768;
        let room = i64::from(i32::MAX) - (1 << BITS_DOWN);
        assert!(most(&down::<64>()) < room && most(&down::<96>()) < room && most(&down::<192>()) < room);
        assert!(up::<192, 6>().iter().chain(&up::<96, 3>()).all(|row| most(row) < room));
    }
}
