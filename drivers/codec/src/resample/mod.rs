//! From one rate to another: 8, 16 and 48 kHz, any to any.
//!
//! A polyphase low pass in integers: the same samples on every machine. What is below 3.4 kHz (8 kHz) or 7 kHz (16 kHz)
//! keeps its level within 0.1 dB, what would come out as something else is down by 60 dB from 4.6 or 9 kHz on. It delays
//! by 16 samples of the lower rate: 2 ms at 8 kHz, 1 ms at 16 kHz.

mod taps;
#[cfg(test)]
mod tests;

use crate::Rate;
use taps::{BITS_DOWN, BITS_UP, TAPS};

/// Longest window that one sample is made of: going down from 48 to 8 kHz.
const WINDOW_MAX: usize = 6 * TAPS;
/// Samples of the lower rate that are worked on in one go: 10 ms at 16 kHz.
const BLOCK: usize = 160;

static UP_2: [[i16; TAPS]; 2] = taps::up::<64, 2>();
static UP_3: [[i16; TAPS]; 3] = taps::up::<96, 3>();
static UP_6: [[i16; TAPS]; 6] = taps::up::<192, 6>();
static DOWN_2: [i16; 64] = taps::down();
static DOWN_3: [i16; 96] = taps::down();
static DOWN_6: [i16; 192] = taps::down();

/// One direction of one channel, from one rate to another. 450 bytes.
#[derive(Clone, Debug)]
pub struct Resampler {
    way: Way,
    /// The last samples of the input, oldest first.
    past: [i16; WINDOW_MAX],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Same,
    Up2,
    Up3,
    Up6,
    Down2,
    Down3,
    Down6,
}

impl Resampler {
    /// A resampler that has heard silence so far.
    #[must_use]
    pub const fn new(from: Rate, to: Rate) -> Self {
        let way = match (from, to) {
            (Rate::Narrow, Rate::Wide) => Way::Up2,
            (Rate::Wide, Rate::Full) => Way::Up3,
            (Rate::Narrow, Rate::Full) => Way::Up6,
            (Rate::Wide, Rate::Narrow) => Way::Down2,
            (Rate::Full, Rate::Wide) => Way::Down3,
            (Rate::Full, Rate::Narrow) => Way::Down6,
            (Rate::Narrow, Rate::Narrow) | (Rate::Wide, Rate::Wide) | (Rate::Full, Rate::Full) => Way::Same,
        };
        Self { way, past: [0; WINDOW_MAX] }
    }

    /// Forget what was heard.
    pub const fn reset(&mut self) {
        self.past = [0; WINDOW_MAX];
    }

    /// A frame in, a frame out: as much time as both have, in whole samples of the lower rate. How many samples were
    /// written.
    pub fn process(&mut self, input: &[i16], output: &mut [i16]) -> usize {
        match self.way {
            Way::Same => {
                let count = input.len().min(output.len());
                output[..count].copy_from_slice(&input[..count]);
                count
            }
            Way::Up2 => self.up(&UP_2, input, output),
            Way::Up3 => self.up(&UP_3, input, output),
            Way::Up6 => self.up(&UP_6, input, output),
            Way::Down2 => self.down::<64, 2>(&DOWN_2, input, output),
            Way::Down3 => self.down::<96, 3>(&DOWN_3, input, output),
            Way::Down6 => self.down::<192, 6>(&DOWN_6, input, output),
        }
    }

    fn up<const TIMES: usize>(
        &mut self,
        rows: &[[i16; TAPS]; TIMES],
        input: &[i16],
        output: &mut [i16],
    ) -> usize {
        let output = output.as_chunks_mut::<TIMES>().0;
        let count = input.len().min(output.len());
        for (output, input) in output.chunks_mut(BLOCK).zip(input[..count].chunks(BLOCK)) {
            let mut samples = [0; TAPS - 1 + BLOCK];
            let samples = self.lined_up(&mut samples, TAPS - 1, input);
            for (group, window) in output.iter_mut().zip(samples.array_windows::<TAPS>()) {
                // the first row has a one in the middle and nothing else
                group[0] = window[TAPS / 2 - 1];
                for (sample, row) in group.iter_mut().zip(rows).skip(1) {
                    *sample = shortened(dot(window, row), BITS_UP);
                }
            }
        }
        count * TIMES
    }

    fn down<const LENGTH: usize, const TIMES: usize>(
        &mut self,
        taps: &[i16; LENGTH],
        input: &[i16],
        output: &mut [i16],
    ) -> usize {
        let count = (input.len() / TIMES).min(output.len());
        let (input, output) = (&input[..count * TIMES], &mut output[..count]);
        for (output, input) in output.chunks_mut(BLOCK).zip(input.chunks(BLOCK * TIMES)) {
            let mut samples = [0; WINDOW_MAX + 6 * BLOCK];
            let samples = self.lined_up(&mut samples, LENGTH - 1, input);
            for (n, sample) in output.iter_mut().enumerate() {
                let window =
                    samples[n * TIMES..].first_chunk().expect("the last window ends with the last sample");
                *sample = shortened(dot_of_rows(window, taps), BITS_DOWN);
            }
        }
        count
    }

    /// The last `before` samples and these, in a row.
    fn lined_up<'a>(&mut self, room: &'a mut [i16], before: usize, input: &[i16]) -> &'a [i16] {
        let row = &mut room[..before + input.len()];
        row[..before].copy_from_slice(&self.past[WINDOW_MAX - before..]);
        row[before..].copy_from_slice(input);
        let last = &row[row.len() - before..];
        self.past[WINDOW_MAX - before..].copy_from_slice(last);
        row
    }
}

/// A whole row: the compiler makes four multiplications of eight samples each of it.
#[inline(always)]
fn dot(samples: &[i16; TAPS], taps: &[i16; TAPS]) -> i32 {
    samples.iter().zip(taps).map(|(sample, tap)| i32::from(*sample) * i32::from(*tap)).sum()
}

/// The same as a call: of three rows in a loop the compiler makes twice as many instructions, of two or six it does not.
#[inline(never)]
fn called_dot(samples: &[i16; TAPS], taps: &[i16; TAPS]) -> i32 {
    dot(samples, taps)
}

/// Two, three or six rows.
#[inline(always)]
fn dot_of_rows<const LENGTH: usize>(samples: &[i16; LENGTH], taps: &[i16; LENGTH]) -> i32 {
    let rows = samples.as_chunks().0.iter().zip(taps.as_chunks().0);
    if LENGTH == 3 * TAPS {
        return rows.map(|(samples, taps)| called_dot(samples, taps)).sum();
    }
    rows.map(|(samples, taps)| dot(samples, taps)).sum()
}

fn shortened(sum: i32, bits: u32) -> i16 {
    ((sum + (1 << (bits - 1))) >> bits).clamp(-32_768, 32_767) as i16
}
