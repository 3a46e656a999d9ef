//! A board's receiver of keys: the DTMF (ITU-T Q.23) in the sound of a line.
//!
//! Blocks of 12.75 ms, so that a key of 40 ms (Q.24) fills two. A block is a key's when one tone of each group stands out from
//! its own group by 8 dB, neither is 10 dB weaker than the other, and both make up most of the sound. Two of them in a row are
//! a key, two without end it.

use crate::goertzel::Filter;
use crate::keys::{COLUMN_HZ, PAD, ROW_HZ};

const BLOCK_SAMPLES: u32 = 102;
/// A group's strongest tone against its others: 8 dB.
const OUTSTANDING: f32 = 6.3;
/// Between the tones of a key: 10 dB.
const TWIST_MAX: f32 = 10.0;
/// What the tones are of all the sound, at least: a signal 2.5 dB over noise.
const SHARE_MIN: f32 = 0.64;
/// Mean square of a sine of 0 dBm0, 3.14 dB below the largest one.
const ZERO_DBM0: f32 = 32_767.0 * 32_767.0 / 2.0 * 0.485_3;

/// Listens to one line. Nothing in it allocates.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    rows: [Filter; 4],
    columns: [Filter; 4],
    energy: f32,
    samples: u32,
    tone_min: f32,
    /// The block before this one.
    last: Option<u8>,
    down: Option<u8>,
}

impl Receiver {
    /// One that hears tones of so many dBm0 and more.
    pub(crate) fn new(least_dbm0: i32) -> Self {
        Self {
            rows: ROW_HZ.map(Filter::new),
            columns: COLUMN_HZ.map(Filter::new),
            energy: 0.0,
            samples: 0,
            tone_min: ZERO_DBM0 * 10f32.powf(least_dbm0 as f32 / 10.0),
            last: None,
            down: None,
        }
    }

    /// Another call: no key is down.
    pub(crate) fn forget(&mut self) {
        (self.last, self.down) = (None, None);
    }

    /// Listens on; the key that has begun. A frame is too short for two.
    pub(crate) fn listen(&mut self, samples: &[i16]) -> Option<u8> {
        let mut begun = None;
        for sample in samples {
            let x = f32::from(*sample);
            self.energy += x * x;
            self.rows.iter_mut().chain(&mut self.columns).for_each(|filter| filter.feed(x));
            self.samples += 1;
            if self.samples == BLOCK_SAMPLES {
                begun = self.end_block().or(begun);
            }
        }
        begun
    }

    fn end_block(&mut self) -> Option<u8> {
        let key = self.key();
        let is_sure = key == self.last;
        self.last = key;
        if !is_sure || key == self.down {
            return None;
        }
        self.down = key;
        key
    }

    fn key(&mut self) -> Option<u8> {
        let energy = self.energy / BLOCK_SAMPLES as f32;
        (self.energy, self.samples) = (0.0, 0);
        let (row, low) = strongest(&mut self.rows);
        let (column, high) = strongest(&mut self.columns);
        let (row, column) = (row?, column?);
        let (weak, strong) = (low.min(high), low.max(high));
        let is_key = weak >= self.tone_min && strong <= TWIST_MAX * weak && low + high >= SHARE_MIN * energy;
        is_key.then(|| PAD[row][column])
    }
}

/// The tone that stands out of a group, if one does, and its strength.
fn strongest(group: &mut [Filter; 4]) -> (Option<usize>, f32) {
    let powers = group.each_mut().map(|filter| filter.take(BLOCK_SAMPLES));
    let most = powers.iter().copied().fold(0.0, f32::max);
    let place = powers.iter().position(|power| *power == most);
    let others = powers.iter().zip(0..).filter(|(_, at)| Some(*at) != place);
    let stands_out = others.into_iter().all(|(power, _)| power * OUTSTANDING <= most);
    (place.filter(|_| stands_out), most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;

    #[test]
    fn every_key_of_a_phone_is_heard_once() {
        let (mut keys, mut receiver) = (Keys::new(), Receiver::new(-35));
        PAD.as_flattened().iter().for_each(|key| assert!(keys.press(*key)));
        let mut frame = [0; 160];
        let mut heard = Vec::new();
        while keys.fill(&mut frame) {
            heard.extend(receiver.listen(&frame));
        }
        assert_eq!(heard, *PAD.as_flattened());
    }

    #[test]
    fn a_deaf_one_hears_none() {
        let (mut keys, mut receiver) = (Keys::new(), Receiver::new(0));
        assert!(keys.press(b'5'));
        let mut frame = [0; 160];
        while keys.fill(&mut frame) {
            assert_eq!(receiver.listen(&frame), None);
        }
    }
}
