//! Keys to be sent in the audio: each two tones for a while and silence for a while, 80 ms each unless told otherwise.
//!
//! There are no signs for pauses: [`Digits`] are the sixteen keys and nothing else. Who needs a pause sends the rest later.

use super::{FREQUENCIES_HZ, place};
use crate::base::limits::DIGITS_PENDING_MAX;
use crate::board::{Digit, Digits};
use crate::media::sine::{Oscillator, peak_of_dbm0, sin_turns};

/// Samples of a millisecond.
const SAMPLES_PER_MS: u32 = 8;
/// Rise and fall of a key, 2 ms: half a wave of cosine, which spreads no click beside the tones.
const RAMP_SAMPLES: usize = 16;
static RAMP: [i32; RAMP_SAMPLES] = ramp();

/// Q15.
const fn ramp() -> [i32; RAMP_SAMPLES] {
    let mut table = [0; RAMP_SAMPLES];
    let mut n = 0;
    while n < RAMP_SAMPLES {
        let quarter = sin_turns((n as f64 + 0.5) / RAMP_SAMPLES as f64 / 4.0);
        table[n] = (quarter * quarter * 32_768.0) as i32;
        n += 1;
    }
    table
}

/// How keys are sent: levels and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyForm {
    low_peak: i16,
    high_peak: i16,
    on_samples: u32,
    off_samples: u32,
}

impl Default for KeyForm {
    /// 80 ms of -9 and -7 dBm0, 80 ms of silence. Q.24 wants 40 ms of each to be heard and ES 201 235-2 65 ms to be sent;
    /// Q.23 leaves levels to the administrations, and 2 dB more in the high group is what lines take away again.
    fn default() -> Self {
        Self::timed(80, 80).expect("within the ranges")
    }
}

impl KeyForm {
    /// Least and greatest time of a key and of the silence after it, in milliseconds: below, Q.24 lets it be missed.
    pub const TIME_MS: std::ops::RangeInclusive<u16> = 40..=5000;
    /// Least and greatest level of each tone, in dBm0: two of the greatest just do not clip.
    pub const LEVEL_DBM0: std::ops::RangeInclusive<i8> = -30..=-3;
    /// Least and greatest level of the high group over the low one, in dB: what Q.24 wants accepted.
    pub const TWIST_DB: std::ops::RangeInclusive<i8> = -8..=4;

    /// Keys of the usual levels, which sound and are silent for so many milliseconds each.
    ///
    /// # Errors
    /// Which of them is out of its range.
    pub fn timed(on_ms: u32, off_ms: u32) -> Result<Self, KeyFormError> {
        let [on_ms, off_ms] = [on_ms, off_ms].map(|ms| u16::try_from(ms).unwrap_or(u16::MAX));
        Self::new(-9, -7, on_ms, off_ms)
    }

    /// Keys of these levels (dBm0) and times (ms).
    ///
    /// # Errors
    /// Which of them is out of its range.
    pub fn new(low_dbm0: i8, high_dbm0: i8, on_ms: u16, off_ms: u16) -> Result<Self, KeyFormError> {
        for (group, dbm0) in [("low", low_dbm0), ("high", high_dbm0)] {
            if !Self::LEVEL_DBM0.contains(&dbm0) {
                return Err(KeyFormError::Level { group, dbm0 });
            }
        }
        let twist_db = high_dbm0 - low_dbm0;
        if !Self::TWIST_DB.contains(&twist_db) {
            return Err(KeyFormError::Twist { twist_db });
        }
        for (part, ms) in [("sounds", on_ms), ("is silent", off_ms)] {
            if !Self::TIME_MS.contains(&ms) {
                return Err(KeyFormError::Time { part, ms });
            }
        }
        Ok(Self {
            low_peak: peak_of_dbm0(low_dbm0),
            high_peak: peak_of_dbm0(high_dbm0),
            on_samples: u32::from(on_ms) * SAMPLES_PER_MS,
            off_samples: u32::from(off_ms) * SAMPLES_PER_MS,
        })
    }
}

/// What is wrong with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFormError {
    /// A tone is too quiet to be heard for sure, or too loud not to clip.
    #[error("the {group} group of a key has {dbm0} dBm0: it can have -30 to -3")]
    Level {
        /// Which group.
        group: &'static str,
        /// Its level.
        dbm0: i8,
    },
    /// The groups are too different.
    #[error("the high group of a key is {twist_db} dB above the low one: it can be -8 to 4")]
    Twist {
        /// High group over low group.
        twist_db: i8,
    },
    /// A time is too short to be heard for sure, or too long.
    #[error("a key {part} for {ms} ms: it can be 40 to 5000")]
    Time {
        /// What it does in that time.
        part: &'static str,
        /// The time.
        ms: u16,
    },
}

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
    form: KeyForm,
    /// What of the form the key has that is being sent.
    current: KeyForm,
    low: Oscillator,
    high: Oscillator,
    elapsed: u32,
}

impl Sender {
    /// Send in this form from the next key on.
    pub fn set_form(&mut self, form: KeyForm) {
        self.form = form;
    }

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
        if self.elapsed == 0 {
            self.current = self.form;
        }
        let KeyForm { on_samples, off_samples, .. } = self.current;
        let value = if self.elapsed < on_samples { self.tones(key) } else { 0 };
        self.elapsed += 1;
        if self.elapsed == on_samples + off_samples {
            *self = Self { keys: self.keys, form: self.form, ..Self::default() };
            self.keys.drop_first();
        }
        value
    }

    fn tones(&mut self, key: Digit) -> i16 {
        let (row, column) = place(key);
        let low = self.low.next(FREQUENCIES_HZ[row]) * i32::from(self.current.low_peak);
        let high = self.high.next(FREQUENCIES_HZ[4 + column]) * i32::from(self.current.high_peak);
        // both peaks together fit into 16 bits
        let value = (low + high) >> 15;
        let to_edge = self.elapsed.min(self.current.on_samples - 1 - self.elapsed) as usize;
        RAMP.get(to_edge).map_or(value, |gain| (value * gain) >> 15) as i16
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
    fn forms_are_checked() {
        assert!(KeyForm::new(-30, -30, 40, 5000).is_ok());
        assert!(KeyForm::new(-3, -3, 5000, 40).is_ok());
        assert_eq!(KeyForm::new(-2, -3, 80, 80), Err(KeyFormError::Level { group: "low", dbm0: -2 }));
        assert_eq!(KeyForm::new(-29, -31, 80, 80), Err(KeyFormError::Level { group: "high", dbm0: -31 }));
        assert_eq!(KeyForm::new(-10, -5, 80, 80), Err(KeyFormError::Twist { twist_db: 5 }));
        assert_eq!(KeyForm::new(-10, -19, 80, 80), Err(KeyFormError::Twist { twist_db: -9 }));
        assert_eq!(KeyForm::new(-9, -7, 39, 80), Err(KeyFormError::Time { part: "sounds", ms: 39 }));
        assert_eq!(KeyForm::new(-9, -7, 80, 5001), Err(KeyFormError::Time { part: "is silent", ms: 5001 }));
    }

    /// Every form at the edges of the ranges, all keys: heard, and of the length and the peak that was asked for.
    #[test]
    fn what_is_sent_in_any_form_is_heard() {
        for (low, high, on, off) in
            [(-30, -30, 40, 40), (-3, -3, 40, 40), (-9, -17, 70, 50), (-14, -10, 5000, 40)]
        {
            let mut sender = Sender::default();
            sender.set_form(KeyForm::new(low, high, on, off).expect("a form"));
            assert!(sender.send(&keys("0123456789*#ABCD")));
            let length = 16 * (usize::from(on) + usize::from(off)) * 8;
            let mut samples = vec![0; length + 400];
            assert_eq!(sender.fill(&mut samples), length);
            let peak = i32::from(peak_of_dbm0(low)) + i32::from(peak_of_dbm0(high));
            let loudest = samples.iter().map(|s| i32::from(*s).abs()).max().unwrap_or(0);
            assert!(loudest <= peak && loudest * 100 > peak * 93, "{loudest} of {peak}");
            let mut detector = crate::media::dtmf::Detector::default();
            let text: String =
                samples.chunks(160).filter_map(|f| detector.listen(f)).map(Digit::char).collect();
            assert_eq!(text, "0123456789*#ABCD", "{low} {high} {on} {off}");
        }
    }

    #[test]
    fn a_new_form_begins_with_the_next_key() {
        let mut sender = Sender::default();
        assert!(sender.send(&keys("11")));
        let mut samples = vec![0; 4000];
        sender.fill(&mut samples[..100]);
        sender.set_form(KeyForm::new(-9, -7, 40, 40).expect("a form"));
        assert_eq!(sender.fill(&mut samples), 1280 - 100 + 640);
    }

    /// The ramps leave no more outside the tones than a click 50 dB below them: measured far from every key, at 3 kHz.
    #[test]
    fn a_key_begins_and_ends_without_a_click() {
        let mut sender = Sender::default();
        assert!(sender.send(&keys("5")));
        let mut samples = vec![0; 1280];
        sender.fill(&mut samples);
        let mut sums = [0.0; 2];
        for (n, sample) in samples.iter().enumerate() {
            let turns = 3000.0 * n as f64 / 8000.0;
            sums[0] += f64::from(*sample) * sin_turns(turns);
            sums[1] += f64::from(*sample) * sin_turns(turns + 0.25);
        }
        let amplitude = sums[0].hypot(sums[1]) * 2.0 / 640.0;
        assert!(amplitude < f64::from(peak_of_dbm0(-7)) / 316.0, "{amplitude}");
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
