//! What comes in on a channel: this frame, or what hides that it is missing.
//!
//! A missing frame is replaced by the last good one played backwards, the next by the same forwards, and so on: the wave
//! has no jump anywhere. It fades to silence within 60 ms, as ITU-T G.711 Appendix I does. When sound comes back, the
//! jump is spread over 4 ms.

use super::command::FRAME_SAMPLES_MAX;
use super::declick;
use crate::media::Law;

/// Samples until concealment has faded to nothing: 60 ms.
const FADE_SAMPLES: usize = 480;

/// One channel's incoming sound; read only by those who listen, so a channel nobody hears costs nothing.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    /// The engine's frame that `bytes` belongs to.
    frame: u64,
    /// Samples missing up to and with this frame; 0: it is here.
    missing: usize,
    /// The jump to be smoothed at the beginning of this frame.
    step: i16,
    law: Law,
    bytes: [u8; 2 * FRAME_SAMPLES_MAX],
}

impl Ear {
    pub(super) const fn new(law: Law) -> Self {
        Self { frame: 0, missing: 2 * FADE_SAMPLES, step: 0, law, bytes: [0; 2 * FRAME_SAMPLES_MAX] }
    }

    pub(super) const fn is_loaded(&self, frame: u64) -> bool {
        self.frame == frame
    }

    /// Take in what came in this frame. `false` if that is nothing.
    pub(super) fn load(&mut self, frame: u64, frame_samples: usize, rx: Option<&[u8]>) -> bool {
        let length = frame_samples * self.law.bytes_per_sample();
        // old sound is not what is missing now, and may be another call's
        let goes_on = self.frame + 1 == frame;
        self.frame = frame;
        self.step = 0;
        let Some(rx) = rx.and_then(|rx| rx.get(..length)) else {
            self.missing =
                if goes_on { (self.missing + frame_samples).min(2 * FADE_SAMPLES) } else { 2 * FADE_SAMPLES };
            return false;
        };
        if goes_on && self.missing > 0 {
            let mut concealed = [0; FRAME_SAMPLES_MAX];
            self.conceal(&mut concealed[..frame_samples]);
            let mut first = [0];
            self.law.decode(rx, &mut first);
            self.step = concealed[frame_samples - 1].saturating_sub(first[0]);
        }
        self.missing = 0;
        self.bytes[..length].copy_from_slice(rx);
        true
    }

    /// The bytes as they came, for a listener of the same law; `None` if they are not fit to be passed on.
    #[inline]
    pub(super) fn untouched(&self, law: Law, frame_samples: usize) -> Option<&[u8]> {
        let fit = self.missing == 0 && self.step == 0 && law == self.law;
        fit.then(|| &self.bytes[..frame_samples * law.bytes_per_sample()])
    }

    /// The samples of this frame.
    pub(super) fn read(&self, samples: &mut [i16]) {
        if self.missing > 0 {
            return self.conceal(samples);
        }
        self.law.decode(&self.bytes, samples);
        declick::smooth(samples, self.step);
    }

    fn conceal(&self, samples: &mut [i16]) {
        let before = self.missing.saturating_sub(samples.len());
        if before >= FADE_SAMPLES {
            return samples.fill(0);
        }
        self.law.decode(&self.bytes, samples);
        if (self.missing / samples.len()) % 2 == 1 {
            samples.reverse();
        }
        for (n, sample) in samples.iter_mut().enumerate() {
            let gain = FADE_SAMPLES.saturating_sub(before + n + 1) as i32;
            *sample = (i32::from(*sample) * gain / FADE_SAMPLES as i32) as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::sine::sin_turns;

    fn frame_of(n: usize) -> Vec<u8> {
        let samples: Vec<i16> = (n * 160..(n + 1) * 160)
            .map(|n| (sin_turns(n as f64 * 437.0 / 8000.0) * 12_000.0) as i16)
            .collect();
        let mut bytes = vec![0; 320];
        Law::L16.encode(&samples, &mut bytes);
        bytes
    }

    /// What is heard of a tone of which some frames are missing.
    fn heard(present: &[bool]) -> Vec<i16> {
        let mut ear = Ear::new(Law::L16);
        let mut all = Vec::new();
        for (n, is_here) in present.iter().enumerate() {
            let bytes = frame_of(n);
            ear.load(n as u64 + 1, 160, is_here.then_some(&bytes[..]));
            let mut samples = [0; 160];
            ear.read(&mut samples);
            all.extend(samples);
        }
        all
    }

    fn steepest(samples: &[i16]) -> i32 {
        samples.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max().unwrap_or(0)
    }

    #[test]
    fn a_gap_fades_without_a_click_and_comes_back_without_one() {
        let whole = steepest(&heard(&[true; 12]));
        for gap in 1..8 {
            let mut present = [true; 12];
            present[2..2 + gap].fill(false);
            let samples = heard(&present);
            assert!(steepest(&samples) < whole + 900, "gap of {gap}: {} for {whole}", steepest(&samples));
            let frames: Vec<i32> = samples
                .chunks(160)
                .map(|f| f.iter().map(|s| i32::from(s.abs())).max().unwrap_or(0))
                .collect();
            assert!(frames[2] > 7000, "the first missing frame is filled");
            if gap > 3 {
                assert_eq!(frames[5], 0, "silence after 60 ms");
            }
            assert_eq!(&samples[(2 + gap) * 160 + 40..], &heard(&[true; 12])[(2 + gap) * 160 + 40..]);
        }
    }

    #[test]
    fn nothing_of_an_earlier_call_is_repeated() {
        let mut ear = Ear::new(Law::L16);
        assert!(ear.load(1, 160, Some(&frame_of(0))));
        assert!(!ear.load(9, 160, None), "nobody listened in between");
        let mut samples = [1; 160];
        ear.read(&mut samples);
        assert_eq!(samples, [0; 160]);
    }

    #[test]
    fn whole_frames_pass_untouched() {
        let mut ear = Ear::new(Law::A);
        assert!(!ear.load(1, 160, Some(&[0x55; 100])), "too short is missing");
        assert!(ear.load(2, 160, Some(&[0x12; 160])));
        assert_eq!(ear.untouched(Law::A, 160), None, "it is faded in");
        assert!(ear.load(3, 160, Some(&[0x34; 160])));
        assert_eq!(ear.untouched(Law::A, 160), Some(&[0x34; 160][..]));
        assert_eq!(ear.untouched(Law::Mu, 160), None);
    }
}
