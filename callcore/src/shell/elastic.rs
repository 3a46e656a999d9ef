//! Reading a device's frames by another clock than the one they were written by, without losing or repeating any sound.
//!
//! ```text
//!   frames of the device   ──┬─────┬─────┬─────┬─────┬──▶ written by its clock
//!                            gone  ▲ read      │ reserve  read by ours
//! ```
//!
//! The *reserve* is what is left when a frame has been read. Where two clocks differ it shrinks or grows, by a whole frame
//! at a time, when one passes the other. All channels of a device share its clock: one decision moves the place that is
//! to be read for all of them, and each channel follows at the next place where a join is not heard
//! ([`callcore_codec::stretch`]). Only when the reserve runs dry, or too much waits, is a whole frame missing or left out.

use callcore_codec::Format;
use callcore_codec::splice::{self, Wish};

/// What is to be left when a frame has been read, in samples of 8 kHz: a frame, which goes when the clocks pass each other,
/// and a quarter.
const RESERVE_FRAMES_QUARTERS: i64 = 5;
/// One decision moves the place that is read by so much: 5 ms of 8 kHz. A channel that is off by less is let be.
const STEP: i64 = 40;
/// Frames between two decisions, and between two joins of a channel.
const CALM: u16 = 10;
/// Frames in a part of the window in which the smallest reserve is looked for: 2 s of 20 ms.
const WINDOW: u16 = 100;
/// More frames than these do not wait.
const WAITING_MAX: u64 = 5;
/// Bytes of a frame and the longest join of linear sound at 48 kHz.
const WINDOW_BYTES: usize = 35 * 96;
/// Longest join, and how far a channel may lag behind, in samples of 8 kHz: 15 and 20 ms.
const LAG_MAX: i64 = 120;
const BEHIND_MAX: u64 = 160;
/// Samples of 48 kHz in one of 8 kHz.
const FULL: i64 = 6;
/// How alike a join has to be after so many frames of looking for one; at last any will do.
const LIKENESS: [(u16, f64); 4] = [(50, 0.9), (150, 0.75), (300, 0.5), (u16::MAX, -1.0)];

/// Frames by their number: what the one who reads has in hand.
pub(super) trait Held {
    /// How a channel is written in a frame; `None` when it is not in hand.
    fn format(&self, number: u64, channel: u32) -> Option<Format>;

    /// The frame of a channel; `None` when it is not in hand, or nothing was written for the channel in this format.
    fn frame(&self, number: u64, channel: u32, format: Format) -> Option<&[u8]>;
}

/// Where a channel is read.
#[derive(Clone, Copy, Default)]
struct Place {
    /// How far it lags behind the place that is to be read, in samples of 48 kHz, which are whole at every rate.
    debt: i64,
    /// Frames since it has been looking for a join, and until it may make one.
    waited: u16,
    calm: u16,
    /// The turn in which it was read last, and the frame that follows it, of a format that cannot be cut.
    turn: u64,
    next: u64,
}

/// The smallest reserves: in this part of the window, and in the parts before.
struct Reserve {
    now: i64,
    before: [Option<i64>; 2],
    turns: u16,
}

impl Reserve {
    const NEW: Self = Self { now: i64::MAX, before: [None; 2], turns: 0 };

    fn see(&mut self, reserve: i64) {
        self.now = self.now.min(reserve);
        self.turns += 1;
        if self.turns >= WINDOW {
            self.before = [Some(self.now), self.before[0]];
            (self.now, self.turns) = (i64::MAX, 0);
        }
    }

    fn shift(&mut self, by: i64) {
        self.now = self.now.saturating_add(by);
        self.before.iter_mut().flatten().for_each(|before| *before += by);
    }

    /// How far it is from a target: too little when it was so in each part of the window, too much when it always was.
    /// What comes and goes, while the clocks pass each other, moves nothing.
    fn off(&self, target: i64) -> i64 {
        let [Some(one), Some(other)] = self.before else { return 0 };
        let (least, most) = (one.min(other).min(self.now), one.max(other));
        if least > target { least - target } else { (most - target).min(0) }
    }
}

/// What a turn of the reader begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing is to be read.
    Dry,
    /// A frame of each channel is.
    Frame,
}

/// The place of every channel of a device.
pub(super) struct Elastic {
    /// Samples of 8 kHz in a frame.
    frame: u64,
    places: Box<[Place]>,
    reserve: Reserve,
    /// Samples that have come, and the place that is to be read.
    come: u64,
    at: u64,
    turn: u64,
    calm: u16,
    /// How far the channel that lags most does, in samples of 48 kHz: in this turn, and in the one before.
    lag: i64,
    lag_before: i64,
    is_running: bool,
    /// Turns in a row for which nothing was there.
    dry: u64,
    pub(super) slips: u64,
    pub(super) added: u64,
    pub(super) dropped: u64,
}

impl Elastic {
    /// `frame` is in samples of 8 kHz.
    pub(super) fn new(channels: u32, frame: u32) -> Self {
        Self {
            frame: frame.into(),
            places: vec![Place::default(); channels as usize].into(),
            reserve: Reserve::NEW,
            come: 0,
            at: 0,
            turn: 1,
            calm: 0,
            lag: 0,
            lag_before: 0,
            is_running: false,
            dry: 0,
            slips: 0,
            added: 0,
            dropped: 0,
        }
    }

    /// The first frame that is still needed.
    pub(super) fn first_needed(&self) -> u64 {
        self.at.saturating_sub(BEHIND_MAX) / self.frame
    }

    /// Samples of 8 kHz that have come and not been read.
    fn waiting(&self) -> u64 {
        self.come - self.at
    }

    /// Begins a turn: so many frames have come since the last.
    pub(super) fn begin(&mut self, frames: u64) -> Turn {
        self.come += frames * self.frame;
        self.turn += 1;
        if !self.is_running {
            self.is_running = self.waiting() >= 2 * self.frame;
        }
        let too_many = (self.waiting() / self.frame).saturating_sub(WAITING_MAX);
        if too_many > 0 {
            // down to what there should be, all at once
            let skipped = too_many + WAITING_MAX - 2;
            self.at += skipped * self.frame;
            self.slips += skipped;
            self.reserve = Reserve::NEW;
        }
        if !self.is_running || self.waiting() < self.frame {
            self.dry += u64::from(self.is_running);
            return Turn::Dry;
        }
        if self.dry > 0 {
            self.slips += std::mem::take(&mut self.dry);
            self.reserve = Reserve::NEW;
        }
        self.decide();
        Turn::Frame
    }

    /// Ends a turn in which a frame was read.
    pub(super) fn end(&mut self) {
        self.at += self.frame;
        self.reserve.see(self.waiting() as i64);
        self.lag_before = std::mem::take(&mut self.lag);
    }

    fn decide(&mut self) {
        self.calm = self.calm.saturating_sub(1);
        let target = self.frame as i64 * RESERVE_FRAMES_QUARTERS / 4;
        let off = self.reserve.off(target);
        // all channels have to have followed the decision before
        if self.calm > 0 || off.abs() < STEP || self.lag_before >= 2 * STEP * FULL {
            return;
        }
        let step = STEP * off.signum();
        let Some(at) = self.at.checked_add_signed(step).filter(|at| at + self.frame <= self.come) else {
            return;
        };
        (self.at, self.calm) = (at, CALM);
        self.reserve.shift(-step);
        self.places.iter_mut().for_each(|place| place.debt += step * FULL);
    }

    /// The place of a channel, which begins anew when it was not read in the turn before.
    fn place(&mut self, channel: u32) -> Option<&mut Place> {
        let turn = self.turn;
        let place = self.places.get_mut(channel as usize)?;
        if place.turn + 1 != turn {
            *place = Place::default();
        }
        place.turn = turn;
        self.lag = self.lag.max(place.debt.abs());
        Some(place)
    }

    /// The format of what is read of a channel in this turn: of the frame that has most of it. What the one beside it has
    /// in another format is not read.
    pub(super) fn format(&self, held: &impl Held, channel: u32) -> Option<Format> {
        let place = self.places.get(channel as usize).filter(|place| place.turn + 1 == self.turn);
        let behind = place.map_or(0, |place| place.debt / FULL);
        let middle = self.at.saturating_add_signed(self.frame as i64 / 2 - behind);
        held.format(middle / self.frame, channel)
    }

    /// Whether there is anything to read on a channel in this turn. The place of one for which there is not begins anew.
    pub(super) fn has(&self, held: &impl Held, channel: u32, format: Format) -> bool {
        let number = self.at / self.frame;
        [number, number + 1].into_iter().any(|number| held.frame(number, channel, format).is_some())
    }

    /// Reads the frame of a channel; whether most of it was there. What was not is silent.
    pub(super) fn read(&mut self, held: &impl Held, channel: u32, format: Format, out: &mut [u8]) -> bool {
        if !format.is_sampled() {
            return self.read_whole(held, channel, format, out);
        }
        let times = format.rate().times() as i64;
        let (at, come) = (self.at as i64 * times, self.come as i64 * times);
        let Some(place) = self.place(channel) else { return false };
        let debt = place.debt * times / FULL;
        place.calm = place.calm.saturating_sub(1);
        let Some(from) = u64::try_from(at - debt).ok().filter(|_| debt <= BEHIND_MAX as i64 * times) else {
            place.debt = 0;
            out.fill(format.silence());
            return false;
        };
        let source = Source { held, channel, format, frame: out.len() };
        let mut moved = 0;
        if debt.abs() < STEP * times {
            place.waited = 0;
        } else if place.calm == 0 {
            place.waited = place.waited.saturating_add(1);
            let ahead = come - from as i64 - source.samples() as i64;
            moved = source.join(from, debt, ahead, place.waited, out);
        }
        if moved != 0 {
            *place = Place { debt: place.debt - moved * FULL / times, waited: 0, calm: CALM, ..*place };
            self.added += moved.min(0).unsigned_abs();
            self.dropped += moved.max(0).unsigned_abs();
            return true;
        }
        let missing = source.copy(from, out);
        missing * 2 < out.len()
    }

    /// A frame that cannot be cut: the one that is nearest, once.
    fn read_whole(&mut self, held: &impl Held, channel: u32, format: Format, out: &mut [u8]) -> bool {
        let number = (self.at + self.frame / 2) / self.frame;
        let Some(place) = self.place(channel) else { return false };
        place.debt = 0;
        let is_new = number >= place.next;
        place.next = number + 1;
        match held.frame(number, channel, format).filter(|_| is_new) {
            Some(frame) => out.copy_from_slice(frame),
            None => {
                out.fill(0);
                return false;
            }
        }
        true
    }
}

/// The frames of one channel as one run of samples.
struct Source<'a, H> {
    held: &'a H,
    channel: u32,
    format: Format,
    /// Bytes of a frame.
    frame: usize,
}

impl<H: Held> Source<'_, H> {
    fn samples(&self) -> usize {
        self.frame / self.format.sample_bytes()
    }

    /// Copies what is there, from a sample on; how many bytes are not.
    fn copy(&self, from: u64, mut out: &mut [u8]) -> usize {
        let mut at = from * self.format.sample_bytes() as u64;
        let mut missing = 0;
        while !out.is_empty() {
            let (number, begin) = (at / self.frame as u64, (at % self.frame as u64) as usize);
            let (here, rest) = out.split_at_mut(out.len().min(self.frame - begin));
            let frame = self.held.frame(number, self.channel, self.format);
            match frame.and_then(|frame| frame.get(begin..begin + here.len())) {
                Some(bytes) => here.copy_from_slice(bytes),
                None => {
                    here.fill(self.format.silence());
                    missing += here.len();
                }
            }
            at += here.len() as u64;
            out = rest;
        }
        missing
    }

    /// Reads more or less than a frame, if a good join is there; by how much.
    fn join(&self, from: u64, debt: i64, ahead: i64, waited: u16, out: &mut [u8]) -> i64 {
        let size = self.format.sample_bytes();
        let times = self.format.rate().times() as i64;
        let lag_max = (debt.abs() + STEP * times).min(LAG_MAX * times);
        let lag_max = if debt > 0 { lag_max.min(ahead) } else { lag_max }.max(0) as usize;
        let likeness = LIKENESS.iter().find(|(frames, _)| waited <= *frames);
        let wish = Wish { lag_max, likeness_min: likeness.map_or(-1.0, |(_, likeness)| *likeness) };
        let more = if debt > 0 { lag_max * size } else { 0 };
        let mut window = [0; WINDOW_BYTES];
        let Some(window) = window.get_mut(..self.frame + more) else { return 0 };
        if self.copy(from, window) > 0 {
            return 0;
        }
        let moved = if debt > 0 {
            splice::shorten(self.format, window, wish, out).map(|lag| lag as i64)
        } else {
            splice::lengthen(self.format, window, wish, out).map(|lag| -(lag as i64))
        };
        moved.unwrap_or(0)
    }
}

#[cfg(test)]
#[path = "elastic_tests.rs"]
mod tests;
