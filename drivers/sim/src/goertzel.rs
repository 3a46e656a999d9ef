//! How much of one frequency there is in a block of samples (G. Goertzel, 1958).

use crate::voice::RATE;
use std::f32::consts::TAU;

/// One filter over the running block.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filter {
    coefficient: f32,
    s1: f32,
    s2: f32,
}

impl Filter {
    pub(crate) fn new(hz: f64) -> Self {
        Self { coefficient: 2.0 * (TAU * (hz / RATE) as f32).cos(), s1: 0.0, s2: 0.0 }
    }

    pub(crate) fn feed(&mut self, x: f32) {
        let s0 = x + self.coefficient * self.s1 - self.s2;
        (self.s2, self.s1) = (self.s1, s0);
    }

    /// The tone's mean square in the block of so many samples that ends here.
    pub(crate) fn take(&mut self, samples: u32) -> f32 {
        let power = self.s1 * self.s1 + self.s2 * self.s2 - self.coefficient * self.s1 * self.s2;
        (self.s1, self.s2) = (0.0, 0.0);
        2.0 * power / (samples * samples) as f32
    }
}
