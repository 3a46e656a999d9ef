//! Frequency shift keying at 1200 bit/s: a sender with continuous phase, and a receiver that looks at the frequency alone.
//!
//! The receiver mixes the band down from 1700 Hz, the middle of both modems, filters it, and takes the sign of the turning
//! between samples: below the middle is a mark (1), above it a space (0). So neither level nor twist matters. Bits are
//! then taken as a start-stop receiver does, in the middle of each, counted from the edge of the start bit.

use super::message::MESSAGE_MAX;
use std::f64::consts::TAU;
use std::sync::LazyLock;

const RATE: f64 = 8_000.0;
/// A bit is 6 2/3 samples: times are counted in thirds of a sample.
const BIT_THIRDS: u32 = 20;
const SAMPLE_THIRDS: u32 = 3;
/// Channel seizure and mark before the message, in bits (EN 300 659-1: 300 and 180 ± 25).
const SEIZURE_BITS: u32 = 300;
const MARK_BITS: u32 = 180;
/// Marks after it, so that the last stop bit is whole.
const TAIL_BITS: u32 = 10;
/// Marks in a row after which a message may begin: more than any byte has.
const MARKS_MIN: u32 = 20;
/// The middle of both modems, and the samples after which its phase is the same again.
const MIDDLE_HZ: f64 = 1_700.0;
const PERIOD: usize = 80;
/// Taps of the filter behind the mixer: a raised cosine over two thirds more than a bit.
const TAPS: usize = 11;
/// What is quieter is no carrier: about -45 dBm0, as the square of an amplitude.
const CARRIER_MIN: f32 = 80.0 * 80.0;

/// The two pairs of frequencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modem {
    /// 1200 and 2200 Hz.
    Bell202,
    /// 1300 and 2100 Hz.
    V23,
}

impl Modem {
    /// Mark and space, in hertz.
    #[must_use]
    pub const fn hz(self) -> (f64, f64) {
        match self {
            Self::Bell202 => (1_200.0, 2_200.0),
            Self::V23 => (1_300.0, 2_100.0),
        }
    }
}

static SINE: LazyLock<[i16; 1024]> =
    LazyLock::new(|| std::array::from_fn(|i| ((i as f64 / 1024.0 * TAU).sin() * 32_767.0) as i16));

/// Sends one message. Nothing in it allocates after it is made.
#[derive(Clone, Debug)]
pub struct FskSender {
    bytes: [u8; MESSAGE_MAX],
    length: usize,
    /// Phase per sample: mark, space.
    steps: [u32; 2],
    peak: i32,
    phase: u32,
    /// Which bit, and how much of it is over.
    bit: u32,
    thirds: u32,
}

impl FskSender {
    /// A sender of these bytes, [`MESSAGE_MAX`] of them at most, each sample at most `peak`; 9,000 are about -13 dBm0, as a
    /// subscriber line has them.
    #[must_use]
    pub fn new(modem: Modem, message: &[u8], peak: i16) -> Self {
        LazyLock::force(&SINE);
        let (mark, space) = modem.hz();
        let steps = [mark, space].map(|hz| (hz / RATE * 4_294_967_296.0) as u32);
        let length = message.len().min(MESSAGE_MAX);
        let mut bytes = [0; MESSAGE_MAX];
        bytes[..length].copy_from_slice(&message[..length]);
        Self { bytes, length, steps, peak: peak.into(), phase: 0, bit: 0, thirds: 0 }
    }

    /// Whether all of it has gone out.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.bit >= self.bits()
    }

    /// How long it takes, in samples at 8000 a second.
    #[must_use]
    pub fn samples(&self) -> usize {
        (self.bits() * BIT_THIRDS).div_ceil(SAMPLE_THIRDS) as usize
    }

    fn bits(&self) -> u32 {
        SEIZURE_BITS + MARK_BITS + 10 * self.length as u32 + TAIL_BITS
    }

    /// The next samples; silence after the end.
    pub fn fill(&mut self, out: &mut [i16]) {
        for sample in out {
            *sample = if self.is_over() { 0 } else { self.next() };
        }
    }

    fn next(&mut self) -> i16 {
        let step = self.steps[usize::from(!self.is_mark())];
        let sample = i32::from(SINE[(self.phase >> 22) as usize]) * self.peak / 32_767;
        self.phase = self.phase.wrapping_add(step);
        self.thirds += SAMPLE_THIRDS;
        if self.thirds >= BIT_THIRDS {
            self.thirds -= BIT_THIRDS;
            self.bit += 1;
        }
        sample as i16 // no more than the peak
    }

    fn is_mark(&self) -> bool {
        if self.bit < SEIZURE_BITS {
            return self.bit % 2 == 1;
        }
        let Some(bit) = self.bit.checked_sub(SEIZURE_BITS + MARK_BITS) else { return true };
        match (self.bytes[..self.length].get((bit / 10) as usize), bit % 10) {
            (None, _) | (Some(_), 9) => true,
            (Some(_), 0) => false,
            (Some(byte), place) => byte >> (place - 1) & 1 == 1,
        }
    }
}

/// Where the receiver is in a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Not enough marks yet for a message to begin.
    Waiting,
    /// The next space is a start bit.
    Ready,
    /// So many thirds of a sample until the middle of the next bit; bits so far.
    Bits { left: u32, count: u32, byte: u8 },
}

/// Listens for one message after the other. Nothing in it allocates.
#[derive(Clone, Debug)]
pub struct FskReceiver {
    mixer: [(f32, f32); PERIOD],
    taps: [f32; TAPS],
    at: usize,
    /// The last mixed samples, newest first.
    mixed: [(f32, f32); TAPS],
    before: (f32, f32),
    /// The last turnings, newest first: smoothed over most of a bit.
    turnings: [f32; 4],
    /// Samples of mark in a row.
    marks: u32,
    state: At,
    bytes: [u8; MESSAGE_MAX],
    length: usize,
}

impl Default for FskReceiver {
    fn default() -> Self {
        Self::new()
    }
}

impl FskReceiver {
    /// One that has heard nothing yet; it hears both modems.
    #[must_use]
    pub fn new() -> Self {
        let angle = |n: usize| TAU * MIDDLE_HZ / RATE * n as f64;
        let tap = |n: usize| 1.0 - (TAU * (n as f64 + 1.0) / (TAPS as f64 + 1.0)).cos();
        Self {
            mixer: std::array::from_fn(|n| (angle(n).cos() as f32, -angle(n).sin() as f32)),
            taps: std::array::from_fn(|n| (tap(n) / (TAPS as f64 + 1.0)) as f32),
            at: 0,
            mixed: [(0.0, 0.0); TAPS],
            before: (0.0, 0.0),
            turnings: [0.0; 4],
            marks: 0,
            state: At::Waiting,
            bytes: [0; MESSAGE_MAX],
            length: 0,
        }
    }

    /// The next samples, 8000 a second; each message that is whole goes to `out`, checksum and all.
    pub fn listen(&mut self, samples: &[i16], out: &mut impl FnMut(&[u8])) {
        for sample in samples {
            let (is_mark, is_there) = self.demodulate(f32::from(*sample));
            if !is_there {
                (self.state, self.marks, self.length) = (At::Waiting, 0, 0);
                continue;
            }
            self.marks = if is_mark { self.marks + 1 } else { 0 };
            if self.take(is_mark) {
                out(&self.bytes[..self.length]);
                (self.state, self.length) = (At::Waiting, 0);
            }
        }
    }

    /// Mark or space, and whether there is a carrier at all.
    fn demodulate(&mut self, sample: f32) -> (bool, bool) {
        let (cos, sin) = self.mixer[self.at];
        self.at = (self.at + 1) % PERIOD;
        self.mixed.rotate_right(1);
        self.mixed[0] = (sample * cos, sample * sin);
        let sum = |part: fn(&(f32, f32)) -> f32| -> f32 {
            self.mixed.iter().zip(&self.taps).map(|(mixed, tap)| part(mixed) * tap).sum()
        };
        let now = (sum(|it| it.0), sum(|it| it.1));
        let turning = now.1 * self.before.0 - now.0 * self.before.1;
        let power = now.0 * now.0 + now.1 * now.1;
        self.before = now;
        self.turnings.rotate_right(1);
        // the angle alone counts, and not how loud it is
        self.turnings[0] = turning / power.max(1.0);
        let smooth: f32 = self.turnings.iter().sum();
        (smooth < 0.0, power >= CARRIER_MIN)
    }

    /// The next sample of a bit; true when a message is whole.
    fn take(&mut self, is_mark: bool) -> bool {
        match self.state {
            At::Waiting => {
                if self.marks * SAMPLE_THIRDS >= MARKS_MIN * BIT_THIRDS {
                    self.state = At::Ready;
                }
            }
            At::Ready if !is_mark => {
                let left = BIT_THIRDS / 2;
                self.state = At::Bits { left, count: 0, byte: 0 };
            }
            At::Ready => {
                // marks that go on after the beginning of a message: it was cut off
                if self.length > 0 && self.marks * SAMPLE_THIRDS > MARKS_MIN * BIT_THIRDS {
                    self.length = 0;
                }
            }
            At::Bits { left, count, byte } => return self.take_bit(is_mark, left, count, byte),
        }
        false
    }

    fn take_bit(&mut self, is_mark: bool, left: u32, count: u32, byte: u8) -> bool {
        if left > SAMPLE_THIRDS {
            self.state = At::Bits { left: left - SAMPLE_THIRDS, count, byte };
            return false;
        }
        let left = left + BIT_THIRDS - SAMPLE_THIRDS;
        match count {
            // the start bit was none
            0 if is_mark => self.state = At::Ready,
            1..=8 => {
                let byte = byte | u8::from(is_mark) << (count - 1);
                self.state = At::Bits { left, count: count + 1, byte };
            }
            9 if is_mark => {
                self.state = At::Ready;
                return self.keep(byte);
            }
            // a byte without its stop bit
            9 => (self.state, self.length) = (At::Waiting, 0),
            _ => self.state = At::Bits { left, count: count + 1, byte },
        }
        false
    }

    fn keep(&mut self, byte: u8) -> bool {
        self.bytes[self.length] = byte;
        self.length += 1;
        self.length >= 2 && self.length == usize::from(self.bytes[1]) + 3
    }
}
