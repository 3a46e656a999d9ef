//! Sound held back for a moment, so that a key that is recognised late can be blanked whole before anybody hears it.

use super::command::{FRAME_SAMPLES_MAX, SAMPLES_MAX};
use crate::media::dtmf::detect::BEGAN_SAMPLES_AGO_MAX;

/// Frames that are held back: all of a key that is recognised at the end of a frame is still in them.
const FRAMES: usize = 4;
const _: () = assert!(FRAMES * FRAME_SAMPLES_MAX >= BEGAN_SAMPLES_AGO_MAX + FRAME_SAMPLES_MAX - 1);
/// By how many milliseconds a channel whose keys are blanked is heard later, with frames of 20 ms.
pub const BLANK_DELAY_MS: u32 = FRAMES as u32 * 20;

/// A line of frames: what goes in comes out [`FRAMES`] frames later.
#[derive(Debug)]
pub(super) struct Delay {
    ring: Box<[i16]>,
    /// Samples of the frame that is in it now.
    frame: usize,
    /// The frame that is oldest.
    oldest: usize,
}

impl Delay {
    pub(super) fn new() -> Self {
        Self { ring: vec![0; FRAMES * SAMPLES_MAX].into(), frame: 0, oldest: 0 }
    }

    fn frame_mut(&mut self, at: usize) -> &mut [i16] {
        &mut self.ring[at * SAMPLES_MAX..][..self.frame]
    }

    /// Put a frame in, in its place the oldest comes out.
    pub(super) fn pass(&mut self, samples: &mut [i16]) {
        if self.frame != samples.len() {
            // another rate: what is inside is of no use
            self.ring.fill(0);
            self.frame = samples.len();
        }
        let oldest = self.oldest;
        self.frame_mut(oldest).swap_with_slice(samples);
        self.oldest = (oldest + 1) % FRAMES;
    }

    /// Silence over the newest samples, `from` to `to` samples ago.
    pub(super) fn blank(&mut self, from: usize, to: usize) {
        let length = FRAMES * self.frame;
        for ago in to + 1..=from.min(length) {
            let place = length - ago;
            let frame = (self.oldest + place / self.frame) % FRAMES;
            let at = place % self.frame;
            self.frame_mut(frame)[at] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_in_their_order_and_blanks_are_where_they_should_be() {
        let mut delay = Delay::new();
        let mut out = Vec::new();
        for n in 0..8 {
            let mut frame: Vec<i16> = (0..160).map(|at| n * 160 + at + 1).collect();
            delay.pass(&mut frame);
            out.extend(frame);
            if n == 4 {
                // samples 401 to 700 of the 800 that went in
                delay.blank(400, 100);
            }
        }
        assert!(out[..640].iter().all(|sample| *sample == 0), "nothing has come through yet");
        let expected = (1..=640).map(|n| if (401..=700).contains(&n) { 0 } else { n });
        assert_eq!(out[640..], expected.collect::<Vec<i16>>());
    }

    #[test]
    fn no_blank_is_too_long() {
        let mut delay = Delay::new();
        delay.blank(10_000, 0);
        delay.pass(&mut [7; 80]);
        delay.blank(10_000, 0);
        (0..4).for_each(|_| {
            let mut frame = [9; 80];
            delay.pass(&mut frame);
            assert_eq!(frame, [0; 80]);
        });
    }
}
