//! [`stretch`](crate::stretch) for sound as it lies in a slot: only the fade is written anew, every other byte stays.

use crate::format::{Format, Rate};
use crate::samples::{decode_sampled, encode_sampled};
use crate::stretch::{Join, OVERLAP_MAX, Search, WINDOW_MAX};

/// What a join has to be like to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    /// Most time to take out or put in, in samples of the format.
    pub lag_max: usize,
    /// How much alike the two pieces have to be, unless they are quiet: 1 is equal, -1 takes any.
    pub likeness_min: f64,
}

/// The best join that is good enough, and the samples it was found in.
fn look(format: Format, bytes: &[u8], frame: usize, wish: Wish) -> Option<(Join, [i16; WINDOW_MAX])> {
    let count = bytes.len().checked_div(format.sample_bytes())?.min(WINDOW_MAX);
    let rate: Rate = format.rate();
    let search = Search::new(rate, frame, wish.lag_max)?;
    let mut samples = [0; WINDOW_MAX];
    decode_sampled(format, bytes, &mut samples[..count]);
    let join = search.find(&samples[..count])?;
    (join.is_quiet || join.likeness >= wish.likeness_min).then_some((join, samples))
}

/// Writes to `out` a frame for which more than a frame is read from `window`: the samples that were taken out besides,
/// or `None` when no join is good enough. `window` holds the frame and up to `wish.lag_max` samples that follow it.
pub fn shorten(format: Format, window: &[u8], wish: Wish, out: &mut [u8]) -> Option<usize> {
    let size = format.sample_bytes();
    let (join, samples) = look(format, window, out.len().checked_div(size)?, wish)?;
    let (at, after) = (join.at * size, (join.at + join.overlap) * size);
    let mut faded = [0; OVERLAP_MAX];
    join.shorter(&samples, &mut faded[..join.overlap]);
    out[..at].copy_from_slice(&window[..at]);
    encode_sampled(format, &faded[..join.overlap], &mut out[at..after]);
    let rest = out.len() - after;
    out[after..].copy_from_slice(&window[after + join.lag * size..][..rest]);
    Some(join.lag)
}

/// Writes to `out` a frame for which less than a frame is read from `window`: the samples that were put in, or `None`
/// when no join is good enough. `window` holds one frame.
pub fn lengthen(format: Format, window: &[u8], wish: Wish, out: &mut [u8]) -> Option<usize> {
    let size = format.sample_bytes();
    let (join, samples) = look(format, window, out.len().checked_div(size)?, wish)?;
    let (from, to) = ((join.at + join.lag) * size, (join.at + join.lag + join.overlap) * size);
    let mut faded = [0; OVERLAP_MAX];
    join.longer(&samples, &mut faded[..join.overlap]);
    out[..from].copy_from_slice(&window[..from]);
    encode_sampled(format, &faded[..join.overlap], &mut out[from..to]);
    let rest = out.len() - to;
    out[to..].copy_from_slice(&window[(join.at + join.overlap) * size..][..rest]);
    Some(join.lag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SAMPLED: [Format; 5] = [Format::ALaw, Format::MuLaw, Format::L16, Format::L16Wide, Format::L16Full];
    const ANY: f64 = -1.0;

    #[test]
    fn a_likeness_that_is_not_there_is_not_joined() {
        let mut noise = 1u32;
        let mut byte = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        };
        let window: Vec<u8> = (0..280).map(|_| byte()).collect();
        let mut out = [0; 160];
        let picky = Wish { lag_max: 120, likeness_min: 0.9 };
        assert_eq!(shorten(Format::ALaw, &window, picky, &mut out), None);
        assert!(shorten(Format::ALaw, &window, Wish { likeness_min: ANY, ..picky }, &mut out).is_some());
        assert_eq!(shorten(Format::G722, &window, picky, &mut out), None);
        assert_eq!(lengthen(Format::Opus, &window, picky, &mut out), None);
    }

    proptest! {
        /// All bytes of the frame but those of one fade are bytes of the window, in their order.
        #[test]
        fn bytes_outside_the_fade_are_the_windows(
            seed: u32,
            format in prop::sample::select(SAMPLED.to_vec()),
            frame_ms in prop::sample::select(vec![10usize, 20]),
        ) {
            let frame = format.slot_bytes(frame_ms * 8);
            let size = format.sample_bytes();
            let per_ms = frame / frame_ms;
            let mut noise = seed;
            let window: Vec<u8> = (0..frame + 15 * per_ms).map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            }).collect();
            let wish = Wish { lag_max: 15 * per_ms / size, likeness_min: ANY };
            let mut out = vec![0; frame];
            let lag = shorten(format, &window, wish, &mut out).expect("any will do") * size;
            let same = out.iter().zip(&window).take_while(|(a, b)| a == b).count();
            let tail = out.iter().rev().zip(window[..frame + lag].iter().rev()).take_while(|(a, b)| a == b).count();
            prop_assert!(same + tail + 5 * per_ms + size >= frame);

            let lag = lengthen(format, &window[..frame], wish, &mut out).expect("any will do") * size;
            let same = out.iter().zip(&window).take_while(|(a, b)| a == b).count();
            let tail = out.iter().rev().zip(window[..frame - lag].iter().rev()).take_while(|(a, b)| a == b).count();
            prop_assert!(same + tail + 5 * per_ms + size >= frame);
        }
    }
}
