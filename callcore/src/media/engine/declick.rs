//! A jump in the wave is a click; spread over 4 ms it is none.

use super::gain::saturate;

/// Samples of 8 kHz over which a jump is spread.
const DECLICK_SAMPLES: i32 = 32;

/// Add a step that falls to nothing: the wave begins `step` away from where it would, and returns within 4 ms. `times`:
/// samples for each of 8 kHz.
pub(super) fn smooth(samples: &mut [i16], step: i16, times: usize) {
    if step == 0 {
        return;
    }
    let length = DECLICK_SAMPLES * times as i32;
    for (sample, left) in samples.iter_mut().zip((0..length).rev()) {
        *sample = saturate(i32::from(*sample) + i32::from(step) * (left + 1) / (length + 1));
    }
}
