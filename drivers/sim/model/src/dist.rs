//! How long people take: distributions of a duration, drawn in nanoseconds and written in milliseconds.

use crate::exact::{exp, ln};
use crate::random::Random;
use std::fmt;
use std::str::FromStr;

/// The longest duration a distribution may name or draw: 30 days, in milliseconds.
pub const MS_MAX: u64 = 30 * 86_400_000;
const NS_MAX: f64 = (MS_MAX * crate::NS_PER_MS) as f64;

/// A distribution of durations. Draws are cut at [`MS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dist {
    /// It does not happen: endless patience, a phone nobody answers.
    Never,
    /// Always this long, milliseconds.
    Fixed(u64),
    /// Exponential with this mean, milliseconds.
    Exponential(u64),
    /// Uniform from the first to the second, milliseconds, both included.
    Uniform(u64, u64),
    /// Logarithm normal with this median, milliseconds, and this sigma (0..=4); 0.8 fits many talk times.
    LogNormal(u64, f64),
}

impl Dist {
    /// Whether it can be drawn from; the error says what is wrong.
    pub fn check(&self) -> Result<(), DistError> {
        let fine = match *self {
            Dist::Never => true,
            Dist::Fixed(ms) | Dist::Exponential(ms) => ms <= MS_MAX,
            Dist::Uniform(low, high) => low <= high && high <= MS_MAX,
            Dist::LogNormal(median, sigma) => median <= MS_MAX && (0.0..=4.0).contains(&sigma),
        };
        if fine { Ok(()) } else { Err(DistError(format!("\"{self}\": {RANGES}"))) }
    }

    /// One duration, nanoseconds; `None` for never.
    pub(crate) fn draw(&self, random: &mut Random) -> Option<u64> {
        let ns = |ms: u64| (ms * crate::NS_PER_MS) as f64;
        let drawn = match *self {
            Dist::Never => return None,
            Dist::Fixed(ms) => return Some(ms * crate::NS_PER_MS),
            Dist::Exponential(mean) => exponential(random, ns(mean)),
            Dist::Uniform(low, high) => {
                return Some(low * crate::NS_PER_MS + random.below((high - low) * crate::NS_PER_MS + 1));
            }
            Dist::LogNormal(median, sigma) => ns(median) * exp(sigma * normal(random)),
        };
        Some(drawn.min(NS_MAX) as u64)
    }
}

/// Exponential with this mean, in the unit of the mean.
pub(crate) fn exponential(random: &mut Random, mean: f64) -> f64 {
    -ln(1.0 - random.unit()) * mean
}

/// Standard normal, by Marsaglia's polar method.
fn normal(random: &mut Random) -> f64 {
    loop {
        let (u, v) = (2.0 * random.unit() - 1.0, 2.0 * random.unit() - 1.0);
        let s = u * u + v * v;
        if s > 1e-300 && s < 1.0 {
            return u * (-2.0 * ln(s) / s).sqrt();
        }
    }
}

const RANGES: &str = "durations go up to 2592000000 ms (30 days), low <= high, sigma 0 to 4";
const FORMS: &str = "write never, fixed MS, exponential MEAN_MS, uniform LOW_MS HIGH_MS, lognormal MEDIAN_MS SIGMA, or a number of ms";

/// Why a text or a value is not a distribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistError(String);

impl fmt::Display for DistError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DistError {}

impl fmt::Display for Dist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dist::Never => f.write_str("never"),
            Dist::Fixed(ms) => write!(f, "fixed {ms}"),
            Dist::Exponential(mean) => write!(f, "exponential {mean}"),
            Dist::Uniform(low, high) => write!(f, "uniform {low} {high}"),
            Dist::LogNormal(median, sigma) => write!(f, "lognormal {median} {sigma}"),
        }
    }
}

impl FromStr for Dist {
    type Err = DistError;

    /// `never`, `fixed 5000`, `exponential 30000`, `uniform 1000 5000`, `lognormal 60000 0.8`, or `5000` for fixed.
    fn from_str(text: &str) -> Result<Self, DistError> {
        let unknown = || DistError(format!("\"{text}\" is not a distribution: {FORMS}"));
        let ms = |word: &str| word.parse::<u64>().map_err(|_| unknown());
        let words: Vec<&str> = text.split_whitespace().collect();
        let dist = match words[..] {
            ["never"] => Dist::Never,
            ["fixed", value] | [value] => Dist::Fixed(ms(value)?),
            ["exponential", mean] => Dist::Exponential(ms(mean)?),
            ["uniform", low, high] => Dist::Uniform(ms(low)?, ms(high)?),
            ["lognormal", median, sigma] => {
                Dist::LogNormal(ms(median)?, sigma.parse().map_err(|_| unknown())?)
            }
            _ => return Err(unknown()),
        };
        dist.check().map(|()| dist)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    fn mean_ms(dist: Dist) -> f64 {
        let mut random = Random::new(7, Stream::Channel, 0);
        let n = 200_000;
        (0..n).map(|_| dist.draw(&mut random).unwrap_or(0) as f64 / 1e6).sum::<f64>() / f64::from(n)
    }

    #[test]
    fn means_are_those_of_the_textbook() {
        assert!((mean_ms(Dist::Exponential(30_000)) / 30_000.0 - 1.0).abs() < 0.01);
        assert!((mean_ms(Dist::Uniform(1_000, 3_000)) / 2_000.0 - 1.0).abs() < 0.01);
        // mean of a log normal: median * exp(sigma^2 / 2)
        assert!((mean_ms(Dist::LogNormal(1_000, 0.8)) / (1_000.0 * 0.32f64.exp()) - 1.0).abs() < 0.02);
    }

    #[test]
    fn text_and_back() {
        for text in ["never", "fixed 5000", "exponential 30000", "uniform 1000 5000", "lognormal 60000 0.8"] {
            assert_eq!(text.parse::<Dist>().map(|d| d.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("250".parse(), Ok(Dist::Fixed(250)));
        for bad in
            ["", "soon", "uniform 5 1", "fixed -1", "lognormal 5 9", "exponential", "fixed 99999999999999"]
        {
            assert!(bad.parse::<Dist>().is_err(), "{bad:?}");
        }
    }
}
