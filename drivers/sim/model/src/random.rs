//! One seeded stream of random numbers per purpose, so that a change in one place does not shift all others.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// What a stream is for; part of its seed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Arrivals,
    Caller,
    Channel,
}

#[derive(Debug, Clone)]
pub(crate) struct Random(Xoshiro256PlusPlus);

impl Random {
    /// The stream `ordinal` of its kind under this seed.
    pub(crate) fn new(seed: u64, stream: Stream, ordinal: u64) -> Self {
        let kind = match stream {
            Stream::Arrivals => 1,
            Stream::Caller => 2,
            Stream::Channel => 3,
        };
        // seed_from_u64 scrambles, so an odd multiplier is enough to keep streams apart
        let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ ordinal.wrapping_mul(0xD1B5_4A32_D192_ED03).wrapping_add(kind);
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// Uniform in 0 <= u < 1, with 53 random bits.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in 0..n; n > 0. The bias is below n / 2^64.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// True with this probability, 0..=1.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of the weighted choices; `None` when there is nothing to choose.
    pub(crate) fn weighted<'a, T>(&mut self, choices: &'a [(T, u32)]) -> Option<&'a T> {
        let total: u64 = choices.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = if total == 0 { return None } else { self.below(total) };
        choices.iter().find_map(|(item, weight)| {
            let hit = left < u64::from(*weight);
            left = left.saturating_sub(u64::from(*weight));
            hit.then_some(item)
        })
    }
}
