//! The notation of ITU-T E.180 Supplement 2, read when the program is compiled: a mistake in a table does not build.
//!
//! ```text
//! frequencies   425              one sine               425x25   425 Hz, modulated by 25 Hz
//!               350+440          two at once            950/1400/1800   one after the other
//!               425@-20          each sine at -20 dBm0 (without: -10 dBm0 in all)
//! cadence       continuous       1.0 on 4.0 off         3x0.33 on 1.0 off
//!               3x(0.1 on 0.1 off) 0.4 on 0.4 off       5.0 on continuous (as the last)
//! ```
//!
//! Each `on` takes the next of the frequencies that follow one another. `f1xf2` is made as carrier and two side tones,
//! each 6 dB below it. E.180 recommends -10 dBm0 in all, -13 dBm0 a sine of two.

use crate::media::sine::peak_of_dbm0;

/// Most steps a cadence has.
pub const STEPS_MAX: usize = 8;
/// Most sines that sound at once.
pub const PARTS_MAX: usize = 4;

/// One sine of a tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Frequency in whole hertz; 0: none.
    pub hz: u16,
    /// Peak amplitude in steps of 16-bit linear.
    pub peak: i16,
}

const NO_PART: Part = Part { hz: 0, peak: 0 };

/// One stretch of a cadence; without parts it is silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CadenceStep {
    parts: [Part; PARTS_MAX],
    /// Length in milliseconds; 0: until further notice (the last step alone).
    pub ms: u32,
}

impl CadenceStep {
    /// What sounds at once.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        let count = self.parts.iter().take_while(|part| part.hz > 0).count();
        &self.parts[..count]
    }
}

/// Stretches that follow one another, over and over or a number of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    steps: [CadenceStep; STEPS_MAX],
    count: u8,
    /// How often it is played before silence; 0: for ever.
    pub rounds: u8,
    /// The phase is turned round every so many milliseconds of sound; 0: never.
    pub reversal_ms: u16,
}

impl Cadence {
    /// Its stretches, at least one.
    #[must_use]
    pub fn steps(&self) -> &[CadenceStep] {
        &self.steps[..usize::from(self.count)]
    }

    /// The same so many times, and then silence.
    #[must_use]
    pub const fn times(self, rounds: u8) -> Self {
        Self { rounds, ..self }
    }

    /// The same with its phase turned round every so many milliseconds.
    #[must_use]
    pub const fn reversed_every(self, reversal_ms: u16) -> Self {
        Self { reversal_ms, ..self }
    }
}

/// A cadence from the two columns of the supplement. Meant for tables: what cannot be read does not compile.
///
/// # Panics
///
/// On a text that is not in this notation.
#[must_use]
pub const fn e180(frequencies: &str, cadence: &str) -> Cadence {
    let (frequencies, text) = (frequencies.as_bytes(), cadence.as_bytes());
    let silent = CadenceStep { parts: [NO_PART; PARTS_MAX], ms: 0 };
    let mut made = Cadence { steps: [silent; STEPS_MAX], count: 0, rounds: 0, reversal_ms: 0 };
    let (mut at, mut sounds, mut repeat, mut group) = (0, 0, 1, usize::MAX);
    while at < text.len() {
        match text[at] {
            b' ' => at += 1,
            b'(' => {
                group = made.count as usize;
                at += 1;
            }
            b')' => {
                made = repeated(made, group, repeat - 1);
                (group, repeat) = (usize::MAX, 1);
                at += 1;
            }
            b'c' => {
                made = with_step(made, CadenceStep { parts: sines(frequencies, sounds), ms: 0 });
                at += b"continuous".len();
            }
            _ => {
                let (thousandths, end) = number(text, at);
                if end < text.len() && text[end] == b'x' {
                    (repeat, at) = (thousandths / 1000, end + 1);
                    continue;
                }
                let is_on = text[end + 2] == b'n';
                let times = if group == usize::MAX { repeat } else { 1 };
                let mut n = 0;
                while n < times {
                    let parts = if is_on { sines(frequencies, sounds) } else { [NO_PART; PARTS_MAX] };
                    sounds += is_on as usize;
                    made = with_step(made, CadenceStep { parts, ms: thousandths });
                    n += 1;
                }
                if group == usize::MAX {
                    repeat = 1;
                }
                at = end + if is_on { " on".len() } else { " off".len() };
            }
        }
    }
    made
}

const fn with_step(mut cadence: Cadence, step: CadenceStep) -> Cadence {
    cadence.steps[cadence.count as usize] = step;
    cadence.count += 1;
    cadence
}

/// The steps from `from` on once more, so many times.
const fn repeated(mut cadence: Cadence, from: usize, times: u32) -> Cadence {
    let length = cadence.count as usize - from;
    let mut n = 0;
    while n < times as usize * length {
        cadence = with_step(cadence, cadence.steps[from + n]);
        n += 1;
    }
    cadence
}

/// A decimal number in thousandths, and where it ends.
const fn number(text: &[u8], from: usize) -> (u32, usize) {
    let (mut at, mut value, mut scale) = (from, 0, 0);
    while at < text.len() {
        match text[at] {
            digit @ b'0'..=b'9' => {
                value = value * 10 + (digit - b'0') as u32;
                if scale > 0 {
                    scale /= 10;
                }
            }
            b'.' if scale == 0 => scale = 1000,
            _ => break,
        }
        at += 1;
    }
    assert!(at > from, "a number is expected here");
    (value * if scale == 0 { 1000 } else { scale }, at)
}

/// The sines of the sound with this number; after the last comes the first again.
const fn sines(text: &[u8], sound: usize) -> [Part; PARTS_MAX] {
    let (mut at, mut sounds) = (0, 1);
    while at < text.len() {
        sounds += (text[at] == b'/') as usize;
        at += 1;
    }
    let mut skip = sound % sounds;
    at = 0;
    while skip > 0 {
        skip -= (text[at] == b'/') as usize;
        at += 1;
    }
    let (mut hz, mut count, mut modulation_hz, mut dbm0) = ([0; PARTS_MAX], 0, 0, i8::MAX);
    let mut before = b'+';
    while at < text.len() && before != b'/' {
        at += (text[at] == b'-') as usize;
        let (value, end) = number(text, at);
        match before {
            b'+' => {
                hz[count] = (value / 1000) as u16;
                count += 1;
            }
            b'x' => modulation_hz = (value / 1000) as u16,
            _ => dbm0 = -((value / 1000) as i8),
        }
        if end < text.len() {
            before = text[end];
        }
        at = end + 1;
    }
    if modulation_hz > 0 { modulated(hz[0], modulation_hz, dbm0) } else { mixed(hz, count, dbm0) }
}

const fn modulated(hz: u16, by_hz: u16, dbm0: i8) -> [Part; PARTS_MAX] {
    let carrier = if dbm0 == i8::MAX { -13 } else { dbm0 };
    let side = peak_of_dbm0(carrier - 6);
    let carrier = Part { hz, peak: peak_of_dbm0(carrier) };
    [carrier, Part { hz: hz - by_hz, peak: side }, Part { hz: hz + by_hz, peak: side }, NO_PART]
}

const fn mixed(hz: [u16; PARTS_MAX], count: usize, dbm0: i8) -> [Part; PARTS_MAX] {
    let dbm0 = if dbm0 == i8::MAX { [-10, -13, -15, -16][count - 1] } else { dbm0 };
    let mut parts = [NO_PART; PARTS_MAX];
    let mut n = 0;
    while n < count {
        parts[n] = Part { hz: hz[n], peak: peak_of_dbm0(dbm0) };
        n += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(cadence: &Cadence) -> Vec<(Vec<u16>, u32)> {
        let hz = |step: &CadenceStep| step.parts().iter().map(|part| part.hz).collect();
        cadence.steps().iter().map(|step| (hz(step), step.ms)).collect()
    }

    #[test]
    fn each_form_of_the_notation_is_read() {
        assert_eq!(shape(&e180("425", "continuous")), [(vec![425], 0)]);
        assert_eq!(shape(&e180("350+440", "2.0 on 4.0 off")), [(vec![350, 440], 2000), (vec![], 4000)]);
        assert_eq!(shape(&e180("400x25", "0.025 on 1 off")), [(vec![400, 375, 425], 25), (vec![], 1000)]);
        let information = shape(&e180("950/1400/1800", "3x0.33 on 1.0 off"));
        assert_eq!(information, [(vec![950], 330), (vec![1400], 330), (vec![1800], 330), (vec![], 1000)]);
        let unobtainable = shape(&e180("450", "3x(0.1 on 0.1 off) 0.4 on 0.4 off"));
        let lengths: Vec<u32> = unobtainable.iter().map(|step| step.1).collect();
        assert_eq!(lengths, [100, 100, 100, 100, 100, 100, 400, 400]);
        let stutter = shape(&e180("350+440/440", "0.75 on 0.75 on"));
        assert_eq!(stutter, [(vec![350, 440], 750), (vec![440], 750)]);
    }

    #[test]
    fn levels_are_those_of_e180_or_what_is_written() {
        let peaks = |cadence: Cadence| -> Vec<i16> {
            cadence.steps().iter().flat_map(|step| step.parts().iter().map(|part| part.peak)).collect()
        };
        assert_eq!(peaks(e180("425", "continuous")), [peak_of_dbm0(-10)]);
        assert_eq!(peaks(e180("350+440", "continuous")), [peak_of_dbm0(-13); 2]);
        assert_eq!(peaks(e180("425x25", "continuous")), [-13, -19, -19].map(peak_of_dbm0));
        assert_eq!(peaks(e180("425/425@-20", "2x(1 on 1 off)")).len(), 2);
        assert_eq!(peaks(e180("425/425@-20", "1 on 1 off 1 on 1 off")), [-10, -20].map(peak_of_dbm0));
        assert_eq!(peaks(e180("440+480@-19", "continuous")), [peak_of_dbm0(-19); 2]);
    }
}
