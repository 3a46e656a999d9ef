//! A jump in the wave is a click; spread over 4 ms it is none.

/// Samples over which a jump is spread.
pub(super) const DECLICK_SAMPLES: i32 = 32;

/// Add a step that falls to nothing: the wave begins `step` away from where it would, and returns within 4 ms.
pub(super) fn smooth(samples: &mut [i16], step: i16) {
    if step == 0 {
        return;
    }
    for (sample, left) in samples.iter_mut().zip((0..DECLICK_SAMPLES).rev()) {
        let rest = i32::from(step) * (left + 1) / (DECLICK_SAMPLES + 1);
        *sample = (i32::from(*sample) + rest).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
    }
}
