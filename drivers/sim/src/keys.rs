//! Keys pressed on a phone, as sound: DTMF of ITU-T Q.23, 100 ms on and 100 ms off each.

use crate::voice::Tone;

pub(crate) const PAD: [[u8; 4]; 4] = [*b"123A", *b"456B", *b"789C", *b"*0#D"];
pub(crate) const ROW_HZ: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
pub(crate) const COLUMN_HZ: [f64; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
/// About -12 dB of full scale each, the usual level of a phone.
const PEAK: i32 = 8_000;
const ON_SAMPLES: u32 = 800;
const KEY_SAMPLES: u32 = 1_600;
/// Keys that can wait on one line.
const KEYS_MAX: usize = 64;

/// The keys that wait to be sounded on one line. Made once; nothing in it allocates afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    waiting: [u8; KEYS_MAX],
    first: usize,
    count: usize,
    left: u32,
    tones: [Tone; 2],
    rows: [Tone; 4],
    columns: [Tone; 4],
}

impl Keys {
    pub(crate) fn new() -> Self {
        let (rows, columns) = (ROW_HZ.map(|hz| Tone::new(hz, PEAK)), COLUMN_HZ.map(|hz| Tone::new(hz, PEAK)));
        let tones = [rows[0], columns[0]];
        Self { waiting: [0; KEYS_MAX], first: 0, count: 0, left: 0, tones, rows, columns }
    }

    pub(crate) fn clear(&mut self) {
        (self.count, self.left) = (0, 0);
    }

    /// False: it was full, and the key is lost.
    pub(crate) fn press(&mut self, digit: u8) -> bool {
        if self.count == KEYS_MAX {
            return false;
        }
        self.waiting[(self.first + self.count) % KEYS_MAX] = digit;
        self.count += 1;
        true
    }

    /// Overwrites `out` with the sound of keys as long as there are any; tells whether it did.
    pub(crate) fn fill(&mut self, out: &mut [i16]) -> bool {
        let busy = self.left > 0 || self.count > 0;
        for sample in out.iter_mut().take_while(|_| busy) {
            if self.left == 0 && !self.begin() {
                *sample = 0;
                continue;
            }
            self.left -= 1;
            let on = self.left >= KEY_SAMPLES - ON_SAMPLES;
            *sample = if on { self.tones.iter_mut().map(Tone::next).sum::<i32>() as i16 } else { 0 };
        }
        busy
    }

    fn begin(&mut self) -> bool {
        if self.count == 0 {
            return false;
        }
        let digit = self.waiting[self.first];
        (self.first, self.count) = ((self.first + 1) % KEYS_MAX, self.count - 1);
        let place = PAD.as_flattened().iter().position(|key| *key == digit).unwrap_or(0);
        self.tones = [self.rows[place / 4], self.columns[place % 4]];
        self.left = KEY_SAMPLES;
        true
    }
}
