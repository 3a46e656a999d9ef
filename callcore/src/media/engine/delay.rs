//! Sound held back for a moment, so that a key that is recognised late can be blanked whole before anybody hears it.

use super::command::{FRAME_SAMPLES_MAX, SAMPLES_MAX};
use crate::media::dtmf::detect::BEGAN_SAMPLES_AGO_MAX;

/// By how many milliseconds a channel whose keys are blanked is heard later.
pub const BLANK_DELAY_MS: u32 = 80;
/// Samples of 8 kHz that are held back: all of a key that is recognised at the end of a frame is still in them.
const HELD_SAMPLES: usize = BLANK_DELAY_MS as usize * 8;
const _: () = assert!(HELD_SAMPLES >= BEGAN_SAMPLES_AGO_MAX + FRAME_SAMPLES_MAX - 1);

/// A line of frames: what goes in comes out [`BLANK_DELAY_MS`] later.
#[derive(Debug)]
pub(super) struct Delay {
    ring: Box<[i16]>,
    /// Samples of a frame that is in it now, and how many frames are.
    frame: usize,
    frames: usize,
    /// The frame that is oldest.
    oldest: usize,
}

impl Delay {
    pub(super) fn new() -> Self {
        let ring = vec![0; HELD_SAMPLES * SAMPLES_MAX / FRAME_SAMPLES_MAX].into();
        Self { ring, frame: 0, frames: 0, oldest: 0 }
    }

    fn frame_mut(&mut self, at: usize) -> &mut [i16] {
        &mut self.ring[at * self.frame..][..self.frame]
    }

    /// Put a frame in, in its place the oldest comes out. `times`: samples for each of 8 kHz.
    pub(super) fn pass(&mut self, samples: &mut [i16], times: usize) {
        if self.frame != samples.len() {
            // another rate: what is inside is of no use
            self.ring.fill(0);
            (self.frame, self.oldest) = (samples.len(), 0);
            self.frames = (HELD_SAMPLES * times).div_ceil(samples.len());
        }
        let oldest = self.oldest;
        self.frame_mut(oldest).swap_with_slice(samples);
        self.oldest = (oldest + 1) % self.frames;
    }

    /// Silence over the newest samples, `from` to `to` samples ago.
    pub(super) fn blank(&mut self, from: usize, to: usize) {
        let length = self.frames * self.frame;
        for ago in to + 1..=from.min(length) {
            let place = length - ago;
            let frame = (self.oldest + place / self.frame) % self.frames;
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
        // 20 ms, 10 ms, and 10 ms of 16 kHz
        for (frame, times) in [(160, 1), (80, 1), (160, 2)] {
            let mut delay = Delay::new();
            let mut out: Vec<i16> = Vec::new();
            let held = HELD_SAMPLES * times;
            for n in 0..2 * held / frame {
                let mut samples: Vec<i16> = (0..frame).map(|at| (n * frame + at + 1) as i16).collect();
                delay.pass(&mut samples, times);
                out.extend(samples);
                if (n + 1) * frame == held + 160 {
                    // samples 401 to 700 of the 800 that went in, at 8 kHz
                    delay.blank(held - 240, 100);
                }
            }
            assert!(out[..held].iter().all(|sample| *sample == 0), "nothing has come through yet");
            let blanked = 401..=(held + 60) as i16;
            let expected = (1..=held as i16).map(|n| if blanked.contains(&n) { 0 } else { n });
            assert_eq!(out[held..], expected.collect::<Vec<i16>>(), "{frame} {times}");
        }
    }

    #[test]
    fn no_blank_is_too_long() {
        let mut delay = Delay::new();
        delay.blank(10_000, 0);
        delay.pass(&mut [7; 80], 1);
        delay.blank(10_000, 0);
        (0..8).for_each(|_| {
            let mut frame = [9; 80];
            delay.pass(&mut frame, 1);
            assert_eq!(frame, [0; 80]);
        });
    }
}
