//! ADPCM of one band: the guess of the next sample and how it learns (G.722 §3.6, blocks 4L and 4H).

use super::limited;
use super::quantizer::Quantizer;

/// Taps that look at earlier differences.
const ZEROS: usize = 6;
/// Room for them: two vectors of four. The last two differences are always 0.
const LANES: usize = 8;

/// Values are 16 bits wide and saturate; they are kept in 32 so that sums can be checked.
#[derive(Clone, Debug)]
pub(super) struct Band {
    /// The guess of the next sample, and the part of it that comes from differences.
    guess: i32,
    guess_of_zeros: i32,
    /// The size of a step, and its logarithm.
    step: i32,
    logarithm: i32,
    /// Coefficients for the last two reconstructed samples, and twice these samples.
    poles: [i32; 2],
    samples: [i32; 2],
    /// Signs of the last two partial reconstructions: -1 or 0.
    signs: [i32; 2],
    /// Coefficients for the last differences, and these.
    zeros: [i32; LANES],
    differences: [i32; LANES],
}

/// To 16 bits.
#[inline(always)]
fn saturated(value: i32) -> i32 {
    value.clamp(-32_768, 32_767)
}

/// Times a coefficient with 15 bits behind the point.
#[inline(always)]
fn times(value: i32, coefficient: i32) -> i32 {
    (value * coefficient) >> 15
}

impl Band {
    pub(super) const fn low() -> Self {
        Self::new(32)
    }

    pub(super) const fn high() -> Self {
        Self::new(8)
    }

    const fn new(step: i32) -> Self {
        Self {
            guess: 0,
            guess_of_zeros: 0,
            step,
            logarithm: 0,
            poles: [0; 2],
            samples: [0; 2],
            signs: [0; 2],
            zeros: [0; LANES],
            differences: [0; LANES],
        }
    }

    /// The code of the next sample.
    pub(super) fn encode(&mut self, sample: i16, quantizer: &Quantizer) -> u8 {
        let code = quantizer.code(saturated(i32::from(sample) - self.guess), self.step);
        let [_, difference] = quantizer.differences(code, self.step);
        self.learn(code, difference, quantizer);
        code
    }

    /// The next sample, 15 bits.
    pub(super) fn decode(&mut self, code: u8, quantizer: &Quantizer) -> i16 {
        let [heard, difference] = quantizer.differences(code, self.step);
        let sample = limited(self.guess + heard);
        self.learn(code, difference, quantizer);
        sample
    }

    fn learn(&mut self, code: u8, difference: i32, quantizer: &Quantizer) {
        (self.logarithm, self.step) = quantizer.adapt(code, self.logarithm);
        let partial = saturated(difference + self.guess_of_zeros);
        let sample = saturated(self.guess + difference);
        self.learn_zeros(difference);
        self.learn_poles(partial >> 15);
        self.samples = [saturated(2 * sample), self.samples[0]];
        self.guess_again();
    }

    /// Each coefficient leaks, and goes up where differences had the same sign.
    fn learn_zeros(&mut self, difference: i32) {
        let stride = if difference == 0 { 0 } else { 128 };
        for (zero, earlier) in self.zeros.iter_mut().zip(self.differences) {
            let opposite = (earlier ^ difference) >> 31;
            // less a 256th of it, rounded up: times 32640 / 32768. It stays within 16 bits by itself
            *zero += (-*zero >> 8) + ((stride ^ opposite) - opposite);
        }
        let [first, second, third, fourth, fifth, ..] = self.differences;
        self.differences = [difference, first, second, third, fourth, fifth, 0, 0];
    }

    fn learn_poles(&mut self, sign: i32) {
        let [first, second] = self.poles;
        let slope = saturated(first * 4);
        let turned = if sign == self.signs[0] { saturated(-slope) } else { slope };
        let pull = if sign == self.signs[1] { 128 } else { -128 };
        let second = ((turned >> 7) + pull + times(second, 32_512)).clamp(-12_288, 12_288);
        let pull = if sign == self.signs[0] { 192 } else { -192 };
        let bound = 15_360 - second;
        self.poles = [(pull + times(first, 32_640)).clamp(-bound, bound), second];
        self.signs = [sign, self.signs[0]];
    }

    fn guess_again(&mut self) {
        // from the oldest on, since each sum saturates; twice a difference cannot
        let zeros = self.zeros[..ZEROS].iter().zip(&self.differences[..ZEROS]).rev();
        self.guess_of_zeros =
            zeros.fold(0, |sum, (zero, difference)| saturated(sum + times(2 * difference, *zero)));
        let [first, second] = self.poles;
        let of_poles = times(self.samples[0], first) + times(self.samples[1], second);
        self.guess = saturated(saturated(of_poles) + self.guess_of_zeros);
    }
}
