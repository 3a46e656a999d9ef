//! A jump in the wave is a click; spread over 4 ms it is none.

use super::gain::saturate;

/// Samples of 8 kHz over which a jump is spread.
const DECLICK_SAMPLES: i32 = 32;

/// Add a step that falls to nothing: the wave begins `step` away from where it would, and returns within 4 ms. `times`:
/// samples for each of 8 kHz.
pub(super) fn smooth(samples: &mut [i16], step: i16, times: usize) {
    smooth_from(samples, step.into(), times, 0);
}

/// The same for samples that begin so many samples after the jump.
pub(super) fn smooth_from(samples: &mut [i16], step: i32, times: usize, after: usize) {
    if step == 0 {
        return;
    }
    let length = DECLICK_SAMPLES * times as i32;
    for (sample, left) in samples.iter_mut().zip((0..length).rev().skip(after)) {
        *sample = saturate(i32::from(*sample) + step * (left + 1) / (length + 1));
    }
}

/// Whether something is added to the sample so many samples after a jump.
pub(super) const fn reaches(after: usize) -> bool {
    after < DECLICK_SAMPLES as usize
}
