//! Keys to be sent in the audio: each 80 ms of two tones and 80 ms of silence.

use super::{FREQUENCIES_HZ, place};
use crate::base::limits::DIGITS_PENDING_MAX;
use crate::board::{Digit, Digits};
use crate::media::sine::{Oscillator, peak_of_dbm0};

/// Samples a key sounds: 80 ms.
pub const KEY_ON_SAMPLES: u32 = 640;
/// Samples of silence after it: 80 ms.
pub const KEY_OFF_SAMPLES: u32 = 640;
/// Q.23 puts the high group 2 dB above the low one, so that lines even it out.
const LOW_PEAK: i32 = peak_of_dbm0(-9) as i32;
const HIGH_PEAK: i32 = peak_of_dbm0(-7) as i32;
const RAMP_SAMPLES: u32 = 8;

/// A bounded string of keys that owns no memory elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    keys: [u8; DIGITS_PENDING_MAX],
    length: u8,
}

impl Default for Keys {
    fn default() -> Self {
        Self { keys: [0; DIGITS_PENDING_MAX], length: 0 }
    }
}

impl Keys {
    /// From a string of keys; `None` if there are more than [`DIGITS_PENDING_MAX`].
    #[must_use]
    pub fn new(digits: &Digits) -> Option<Self> {
        let mut keys = Self::default();
        keys.append(digits.as_str().as_bytes()).then_some(keys)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn append(&mut self, more: &[u8]) -> bool {
        let from = self.len();
        let Some(room) = self.keys.get_mut(from..from + more.len()) else { return false };
        room.copy_from_slice(more);
        self.length += more.len() as u8;
        true
    }

    fn first(&self) -> Option<Digit> {
        if self.is_empty() { None } else { Digit::new(self.keys[0]) }
    }

    fn drop_first(&mut self) {
        self.keys.copy_within(1.., 0);
        self.length = self.length.saturating_sub(1);
    }
}

/// Sends keys one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sender {
    keys: Keys,
    low: Oscillator,
    high: Oscillator,
    elapsed: u32,
}

impl Sender {
    /// Whether there is something left to send.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether [`Self::send`] would take these keys.
    #[must_use]
    pub fn has_room(&self, keys: &Keys) -> bool {
        self.keys.len() + keys.len() <= DIGITS_PENDING_MAX
    }

    /// Put keys behind those that wait; `false`, and nothing is sent, if there is no room for all.
    pub fn send(&mut self, keys: &Keys) -> bool {
        self.keys.append(&keys.keys[..keys.len()])
    }

    /// Overwrite the next samples, as many as it still has; how many those were.
    pub fn fill(&mut self, samples: &mut [i16]) -> usize {
        for (done, sample) in samples.iter_mut().enumerate() {
            let Some(key) = self.keys.first() else { return done };
            *sample = self.next(key);
        }
        samples.len()
    }

    fn next(&mut self, key: Digit) -> i16 {
        let (row, column) = place(key);
        let to_end = KEY_ON_SAMPLES.saturating_sub(self.elapsed);
        let ramp = self.elapsed.min(to_end).min(RAMP_SAMPLES) as i32;
        let mut value = 0;
        if to_end > 0 {
            let low = self.low.next(FREQUENCIES_HZ[row]) * LOW_PEAK;
            let high = self.high.next(FREQUENCIES_HZ[4 + column]) * HIGH_PEAK;
            value = ((low + high) >> 15) * ramp / RAMP_SAMPLES as i32;
        }
        self.elapsed += 1;
        if self.elapsed == KEY_ON_SAMPLES + KEY_OFF_SAMPLES {
            *self = Self { keys: self.keys, ..Self::default() };
            self.keys.drop_first();
        }
        value as i16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Keys {
        Keys::new(&Digits::try_from(text.to_owned()).expect("keys")).expect("not too many")
    }

    #[test]
    fn keys_are_bounded() {
        let mut sender = Sender::default();
        assert!(sender.send(&keys("12345678901234567890123456789012")));
        assert!(!sender.send(&keys("3")), "no room");
        let many = Digits::try_from("1".repeat(33)).expect("keys");
        assert_eq!(Keys::new(&many), None);
    }

    #[test]
    fn each_key_takes_160_ms() {
        let mut sender = Sender::default();
        assert!(sender.send(&keys("5D")));
        let mut samples = vec![77; 4000];
        assert_eq!(sender.fill(&mut samples), 2560);
        assert!(!sender.is_sending());
        assert!(samples[..640].iter().any(|s| *s > 8000));
        assert!(samples[640..1280].iter().all(|s| *s == 0));
        assert!(samples[1280..1920].iter().any(|s| *s > 8000));
        assert!(samples[2560..].iter().all(|s| *s == 77), "the rest is left alone");
    }
}
