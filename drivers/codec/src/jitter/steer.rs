//! Holding the level: when the reading is moved against time, and by what.

use super::layout::is_sid;
use super::{Jitter, Taken, WINDOW_MS};
use crate::format::Format;
use crate::splice::{self, Wish};

/// A level that is off by less is left alone: 5 ms, the shortest join twice.
const OFF_MS_MIN: u32 = 5;
/// A level that is off by more is put right in a hurry.
const OFF_MS_HURRY: u32 = 40;
/// Longest and shortest join.
const JOIN_MS_MAX: u32 = 15;
/// Time between two joins.
const REST_MS: u32 = 100;
/// Bytes of a frame and the longest join at 48 kHz.
const WINDOW_BYTES: usize = 35 * 96;
/// How alike a join has to be after so many frames of looking for one; at last any will do.
const LIKENESS: [(u16, f64); 4] = [(25, 0.9), (100, 0.75), (250, 0.5), (u16::MAX, -1.0)];
/// The same in a hurry.
const LIKENESS_HURRY: [(u16, f64); 3] = [(10, 0.8), (25, 0.5), (u16::MAX, -1.0)];
/// The same while packets come too late, each of which is heard more than a join.
const LIKENESS_LATE: [(u16, f64); 3] = [(2, 0.8), (4, 0.5), (u16::MAX, -1.0)];
/// So many frames a quiet moment is waited for, where only whole frames can be left out: 5 s of 20 ms.
const QUIET_WAIT_MAX: u16 = 250;
/// A G.722 scale factor (log, 2048 for each doubling) of the lower band below which a frame is quiet: twice doubled.
const G722_QUIET: i32 = 2 * 2048;

/// How long it has been waited for a good place.
#[derive(Default)]
pub(super) struct Patience {
    /// Frames since the level is off.
    waited: u16,
    /// Frames until the next join.
    rest: u16,
    /// Opus: bytes of a packet on the average, times 16.
    usual_bytes: u32,
    /// G.722: log scale factor of the lower band, followed while it matters.
    scale: i32,
}

impl Jitter {
    /// Time passes by a frame.
    pub(super) fn pass(&mut self) {
        self.window_frames += 1;
        if u32::from(self.window_frames) * self.settings.frame_ms < WINDOW_MS {
            return;
        }
        self.window_frames = 0;
        self.level.turn();
        let wanted = self.wanted();
        // a smaller target can wait: down in steps, up at once
        self.target = wanted.max(self.target.saturating_sub(10 * self.layout.ms).min(self.target));
        self.target = self.bounded(self.target);
    }

    /// The target by what is known of the network.
    fn wanted(&self) -> u32 {
        match self.settings.adapt {
            Some(adapt) => self.bounded(self.level.spread(adapt.late_permille) + OFF_MS_MIN * self.layout.ms),
            None => self.target,
        }
    }

    /// Something came late: the target may have to be larger now.
    pub(super) fn grow(&mut self) {
        self.target = self.target.max(self.wanted());
    }

    /// Moves the reading if it has to be and can be; what is in the slot then.
    pub(super) fn steer(&mut self, slot: &mut [u8]) -> Option<Taken> {
        if self.layout.format == Format::Opus {
            self.watch_opus();
        }
        let best = self.level.best()?;
        if self.depth() < self.layout.frame_ticks && self.may_wait(best) {
            self.held += self.layout.frame_ticks;
            return Some(self.hold(slot));
        }
        let off = self.level.off(self.target as i32, (OFF_MS_HURRY * self.layout.ms) as i32);
        if self.is_growing(off, self.layout.frame_ticks)
            && self.cells.there(0, self.layout.frame_ticks).0 == 0
        {
            // what is concealed anyway may as well wait for it
            return Some(self.hold(slot));
        }
        if off.unsigned_abs() < self.off_min(off) {
            self.patience.waited = 0;
            return None;
        }
        if self.patience.rest > 0 {
            self.patience.rest -= 1;
            return None;
        }
        self.patience.waited = self.patience.waited.saturating_add(1);
        if self.layout.format.is_sampled() { self.join(slot, off) } else { self.whole_frame(slot, off) }
    }

    /// The target has grown, and the delay has to be so much longer at once.
    fn is_growing(&self, off: i32, by: u32) -> bool {
        self.settings.adapt.is_some() && off < 0 && off.unsigned_abs() >= by
    }

    /// Whole frames are left out only for more than one, so that what is on the edge does not go to and fro.
    fn off_min(&self, off: i32) -> u32 {
        match self.layout.format.is_sampled() {
            true => OFF_MS_MIN * self.layout.ms,
            false if off > 0 => self.layout.frame_ticks * 3 / 2,
            false => self.layout.frame_ticks,
        }
    }

    /// Nothing is left to read. An adaptive buffer waits for what is late, for as long as its delay may grow; but the end
    /// of a sound that stopped is not kept back.
    fn may_wait(&self, best: i32) -> bool {
        let Some(adapt) = self.settings.adapt else { return false };
        let delay = best.saturating_add_unsigned(self.layout.frame_ticks);
        (self.depth() == 0 || self.held == 0) && delay <= (adapt.max_ms * self.layout.ms) as i32
    }

    /// Reports a frame missing and reads on from the same place.
    fn hold(&mut self, slot: &mut [u8]) -> Taken {
        self.blank(slot);
        self.counts.joins += 1;
        self.moved(-(self.layout.frame_ticks as i32));
        Taken::Missing
    }

    fn moved(&mut self, ahead: i32) {
        self.level.shift(ahead);
        match u32::try_from(ahead) {
            Ok(ahead) => self.counts.dropped += u64::from(ahead),
            Err(_) => self.counts.added += u64::from(ahead.unsigned_abs()),
        }
    }

    /// A packet comes after the reading had to wait. What it did not have to wait for is taken back, since nothing is
    /// there to be lost; how far the reading moves.
    pub(super) fn let_go(&mut self, slack: i32) -> i32 {
        let held = std::mem::take(&mut self.held);
        if held == 0 || self.depth() > 0 {
            return 0;
        }
        let too_much = slack.saturating_sub_unsigned(self.target).clamp(0, held as i32) as u32;
        let cell = if self.layout.format.is_sampled() { 1 } else { self.layout.frame_ticks };
        let back = too_much / cell * cell;
        self.advance(back);
        self.level.shift(back as i32);
        self.counts.added -= u64::from(back);
        back as i32
    }

    /// Sound whose samples stand for themselves is joined where that is not heard.
    fn join(&mut self, slot: &mut [u8], off: i32) -> Option<Taken> {
        let frame = self.layout.frame_ticks;
        let lag_max = off.unsigned_abs().min(JOIN_MS_MAX * self.layout.ms);
        let wish = |lag_max: u32| Wish { lag_max: lag_max as usize, likeness_min: self.likeness_min(off) };
        let mut bytes = [0; WINDOW_BYTES];
        let format = self.layout.format;
        let (lag, read) = if off > 0 {
            let ticks = frame + lag_max.min(self.depth().saturating_sub(frame));
            let window = self.window(ticks, &mut bytes)?;
            let lag = splice::shorten(format, window, wish(ticks - frame), slot)? as i32;
            (lag, frame.saturating_add_signed(lag))
        } else {
            let window = self.window(frame, &mut bytes)?;
            let lag = -(splice::lengthen(format, window, wish(lag_max), slot)? as i32);
            (lag, frame.saturating_add_signed(lag))
        };
        self.advance(read);
        self.moved(lag);
        self.settle();
        Some(Taken::Whole)
    }

    fn settle(&mut self) {
        self.counts.joins += 1;
        self.patience.waited = 0;
        self.patience.rest = (REST_MS / self.settings.frame_ms) as u16;
    }

    /// The next ticks, if all of them are there.
    fn window<'a>(&self, ticks: u32, bytes: &'a mut [u8]) -> Option<&'a [u8]> {
        let window = bytes.get_mut(..ticks as usize * self.layout.tick_bytes())?;
        if !self.cells.holds(0, ticks) {
            return None;
        }
        self.cells.copy(0, window);
        Some(window)
    }

    fn likeness_min(&self, off: i32) -> f64 {
        let is_hurry = off.unsigned_abs() >= OFF_MS_HURRY * self.layout.ms;
        let table: &[(u16, f64)] = match is_hurry {
            _ if self.is_growing(off, 0) => &LIKENESS_LATE,
            true => &LIKENESS_HURRY,
            false => &LIKENESS,
        };
        table
            .iter()
            .find(|(frames, _)| self.patience.waited <= *frames)
            .map_or(-1.0, |(_, likeness)| *likeness)
    }

    /// What cannot be cut is left out, or reported missing, frame by frame.
    fn whole_frame(&mut self, slot: &mut [u8], off: i32) -> Option<Taken> {
        let is_quiet = self.is_quiet(slot);
        let is_pressing = off.unsigned_abs() >= 5 * self.layout.frame_ticks
            || self.is_growing(off, 0)
            || self.patience.waited > QUIET_WAIT_MAX;
        if !is_quiet && !is_pressing {
            return None;
        }
        self.settle();
        if off < 0 {
            self.counts.joins -= 1;
            return Some(self.hold(slot));
        }
        self.advance(self.layout.frame_ticks);
        self.moved(self.layout.frame_ticks as i32);
        None
    }

    /// Whether the next frame can go without being missed, as far as its bytes tell without decoding it.
    fn is_quiet(&mut self, slot: &mut [u8]) -> bool {
        let frame = self.layout.frame_ticks;
        match self.layout.format {
            Format::G729 => {
                let is_silent = |ahead| self.cells.packet(ahead).is_none_or(is_sid);
                is_silent(0) && is_silent(frame - self.layout.cell_ticks)
            }
            Format::Opus => {
                let bytes = self.cells.packet(0).map_or(0, <[u8]>::len) as u32;
                bytes <= 3 || bytes * 2 * 16 < self.patience.usual_bytes
            }
            _ => self.is_g722_quiet(slot),
        }
    }

    fn watch_opus(&mut self) {
        let bytes = self.cells.packet(0).map_or(0, <[u8]>::len) as u32;
        self.patience.usual_bytes += bytes;
        self.patience.usual_bytes -= self.patience.usual_bytes / 16;
    }

    /// The scale factor that a G.722 decoder would have follows from the codes alone (G.722, 3.6.1).
    fn is_g722_quiet(&mut self, slot: &mut [u8]) -> bool {
        if !self.cells.holds(0, self.layout.frame_ticks) {
            return false;
        }
        if self.patience.waited <= 1 {
            // loud until it is known better
            self.patience.scale = 9 * 2048;
        }
        self.cells.copy(0, slot);
        let mut loudest = 0;
        for code in slot.iter() {
            self.patience.scale = g722_scale(self.patience.scale, *code);
            loudest = loudest.max(self.patience.scale);
        }
        loudest < G722_QUIET
    }
}

/// The log scale factor of the lower band after one code: it leaks, and grows by what the code's magnitude is worth.
fn g722_scale(scale: i32, code: u8) -> i32 {
    const WORTH: [i32; 8] = [-60, -30, 58, 172, 334, 538, 1198, 3042];
    const MAGNITUDE: [u8; 16] = [0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0];
    let magnitude = MAGNITUDE[usize::from(code & 0x3F) >> 2];
    (((scale * 127) >> 7) + WORTH[usize::from(magnitude)]).clamp(0, 18_432)
}
