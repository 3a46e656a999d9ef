//! A jitter buffer for one RTP stream of any format: packets go in as they come, one frame is taken each 20 (or 10) ms.
//!
//! ```text
//!   read here ▼          ┌── slack of the packet that comes now
//!   ──────────┬──────────┴────────────┬─────────  RTP time ──▶
//!   taken     │ waits here (the depth)│ free
//! ```
//!
//! It has no clock: time passes by frames that are taken. What is placed is placed by its timestamp, so that reordered
//! and doubled packets cost nothing. The fastest packets are held at the *target* depth. When the sender's clock is
//! faster or slower than ours, or an adaptive target moves, the reading is moved: sound whose samples stand for
//! themselves is joined where it is most alike ([`stretch`](crate::stretch)), of the others a whole frame is left out, or
//! reported missing once, in a quiet moment. The host's decoder conceals what is missing.
//!
//! Nothing is allocated after [`Jitter::new`]; the work of a call is bounded, whatever bytes come.

mod cells;
mod layout;
mod level;
mod order;
#[cfg(test)]
mod properties;
mod steer;
#[cfg(test)]
mod tests;
mod types;

use crate::ahead::prefetch;
use crate::format::Format;
use cells::Cells;
use layout::{LENGTH_BYTES, Layout};
use level::Level;
use order::{Order, Sequence};
use steer::Patience;
use types::DELAY_MS_MAX;
pub use types::{Adapt, Counts, Put, Settings, Taken};

/// Room beyond the longest delay, for packets that come in a burst.
const BURST_MS: u32 = 200;
/// So many packets in a row from another time mean that the sender's time has moved.
const ELSEWHERE_MAX: u8 = 3;
/// So many packets in a row that are a little late mean that the way has become longer: half a second.
const LATE_MAX: u8 = 25;
/// The fastest packets are looked for in parts of a window, each of this length.
const WINDOW_MS: u32 = 2000;

/// The buffer of one stream.
pub struct Jitter {
    settings: Settings,
    layout: Layout,
    cells: Cells,
    level: Level,
    sequence: Sequence,
    patience: Patience,
    running: bool,
    /// RTP time that is read next, and that follows the last tick that has come.
    play_at: u32,
    newest: u32,
    target: u32,
    /// Ticks that reading waited since the buffer ran dry.
    held: u32,
    elsewhere: u8,
    late: u8,
    window_frames: u16,
    transit: Option<u32>,
    spread: u32,
    counts: Counts,
}

impl Jitter {
    /// A buffer for a stream of one format. Takes its memory: 0.4 KB for G.729, 2 to 6 KB for the others of a telephone
    /// call (60 ms fixed, 200 ms adaptive), more for linear sound of 16 and 48 kHz.
    #[must_use]
    pub fn new(format: Format, settings: Settings) -> Self {
        Self::with_room_for(&[format], settings)
    }

    /// A buffer for the first of these formats, which can be [`reset`](Self::reset) to any of them without a loss of room.
    #[must_use]
    pub fn with_room_for(formats: &[Format], mut settings: Settings) -> Self {
        settings.frame_ms = if settings.frame_ms == 10 { 10 } else { 20 };
        let ms = settings.delay_ms_max() + BURST_MS;
        let bytes = |format: &Format| {
            let layout = Layout::new(*format, settings.frame_ms);
            (ms * layout.ms).div_ceil(layout.cell_ticks) as usize * layout.cell_bytes
        };
        let bytes = formats.iter().map(bytes).max().unwrap_or(0);
        let layout = Layout::new(formats.first().copied().unwrap_or(Format::ALaw), settings.frame_ms);
        let mut jitter = Self {
            settings,
            layout,
            cells: Cells::new(layout, bytes),
            level: Level::new(layout.ms),
            sequence: Sequence::default(),
            patience: Patience::default(),
            running: false,
            play_at: 0,
            newest: 0,
            target: 0,
            held: 0,
            elsewhere: 0,
            late: 0,
            window_frames: 0,
            transit: None,
            spread: 0,
            counts: Counts::default(),
        };
        jitter.reset(layout.format);
        jitter
    }

    /// Forgets all but what was counted: another sender, or another format. One with more bytes a second than the buffer
    /// was made for has less room, and a shorter delay where it must.
    pub fn reset(&mut self, format: Format) {
        self.layout = Layout::new(format, self.settings.frame_ms);
        self.cells.reset(self.layout);
        self.level = Level::new(self.layout.ms);
        self.patience = Patience::default();
        self.target = self.bounded(self.settings.target_ms * self.layout.ms);
        (self.running, self.transit, self.spread) = (false, None, 0);
        (self.held, self.elsewhere, self.late, self.window_frames) = (0, 0, 0, 0);
    }

    /// A target within the settings and the room there is.
    fn bounded(&self, target: u32) -> u32 {
        let ms = self.layout.ms;
        let (min, max) = match self.settings.adapt {
            Some(adapt) => (adapt.min_ms * ms, adapt.max_ms.min(DELAY_MS_MAX) * ms),
            None => (0, DELAY_MS_MAX * ms),
        };
        let room = self.cells.room().saturating_sub(2 * self.layout.frame_ticks);
        target.max(min).min(max).min(room)
    }

    /// The format of the stream.
    #[inline]
    #[must_use]
    pub fn format(&self) -> Format {
        self.layout.format
    }

    fn depth(&self) -> u32 {
        let depth = self.newest.wrapping_sub(self.play_at);
        if self.running && (depth as i32) > 0 { depth } else { 0 }
    }

    /// How much sound waits to be taken, in ms.
    #[must_use]
    pub fn depth_ms(&self) -> u32 {
        self.depth() / self.layout.ms
    }

    /// How far ahead of its playing the fastest packet is to come, in ms.
    #[must_use]
    pub fn target_ms(&self) -> u32 {
        self.target / self.layout.ms
    }

    /// Whether it is as deep as it should be when a frame is to be taken. What else has arrived can then wait in its socket
    /// for the next frame, which saves the call that would find nothing, if all of it is read once in two seconds: a
    /// sender that is fast would not be noticed else.
    #[inline]
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.depth() >= self.target + self.layout.frame_ticks
    }

    /// Asks the processor for what the next frame is read from, and for where the next packet goes when it comes in time;
    /// see [`prefetch`].
    #[inline]
    pub fn prefetch(&self) {
        let ticks = self.layout.frame_ticks;
        prefetch(self.cells.near(0, ticks));
        prefetch(self.cells.near(self.depth(), ticks));
    }

    /// What was counted.
    #[inline]
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The interarrival jitter of RFC 3550 (6.4.1), in RTP ticks.
    #[inline]
    #[must_use]
    pub fn jitter(&self) -> u32 {
        self.spread / 16
    }

    /// A packet has come. `arrival_ns` is the time by any clock that does not jump (frames so far will do); only the
    /// jitter that is reported depends on it.
    pub fn put(&mut self, arrival_ns: u64, timestamp: u32, sequence: u16, payload: &[u8]) -> Put {
        let Some(ticks) = self.layout.ticks(payload).filter(|ticks| *ticks <= self.cells.room() / 2) else {
            self.counts.refused += 1;
            return Put::Refused;
        };
        self.counts.received += 1;
        self.measure(arrival_ns, timestamp);
        if !self.running {
            self.sequence.begin(sequence);
            self.begin(timestamp, payload, ticks);
            return Put::Kept;
        }
        let order = self.sequence.note(sequence);
        let ahead = self.ahead(timestamp);
        let end = ahead.saturating_add_unsigned(ticks);
        if end > 0 && end as u32 <= self.cells.room() {
            let is_there = self.cells.holds(ahead.max(0) as u32, ticks.min(end as u32));
            return self.within(order, ahead, payload, ticks, is_there);
        }
        if order == Order::Again && end <= 0 {
            self.counts.duplicate += 1;
            return Put::Duplicate;
        }
        self.count_order(order);
        self.outside(order, timestamp, payload, ticks)
    }

    /// A packet of the stream has come that is no sound, as a digit is (RFC 4733): its number is not missing.
    pub fn pass_over(&mut self, sequence: u16) {
        if self.running {
            let order = self.sequence.note(sequence);
            self.count_order(order);
        }
    }

    /// How far ahead of what is read next a time is; whole packets have whole places.
    fn ahead(&self, timestamp: u32) -> i32 {
        let ahead = timestamp.wrapping_sub(self.play_at) as i32;
        if !self.layout.format.has_length() {
            return ahead;
        }
        let cell = self.layout.cell_ticks as i32;
        ahead.saturating_add(cell / 2).div_euclid(cell) * cell
    }

    fn within(&mut self, order: Order, ahead: i32, payload: &[u8], ticks: u32, is_there: bool) -> Put {
        (self.elsewhere, self.late) = (0, 0);
        if is_there {
            self.counts.duplicate += 1;
            return Put::Duplicate;
        }
        self.count_order(order);
        let ahead = ahead - self.let_go(ahead);
        self.level.observe(ahead);
        if ahead < 0 {
            self.grow();
        }
        self.store(ahead, payload, ticks);
        Put::Kept
    }

    fn count_order(&mut self, order: Order) {
        match order {
            Order::Next { missing } => self.counts.lost += u64::from(missing),
            Order::Behind => {
                self.counts.lost = self.counts.lost.saturating_sub(1);
                self.counts.reordered += 1;
            }
            Order::Again | Order::Elsewhere => {}
        }
    }

    fn outside(&mut self, order: Order, timestamp: u32, payload: &[u8], ticks: u32) -> Put {
        let ahead = timestamp.wrapping_sub(self.play_at) as i32;
        let is_far = ahead.unsigned_abs() > self.cells.room();
        let follows = order == (Order::Next { missing: 0 });
        if is_far {
            self.elsewhere += 1;
        } else {
            self.late += 1;
            self.level.observe(ahead);
            self.grow();
        }
        let is_dry = is_far && follows && self.depth() == 0;
        if is_dry || self.elsewhere >= ELSEWHERE_MAX || self.late >= LATE_MAX {
            self.counts.restarts += 1;
            self.begin(timestamp, payload, ticks);
            return Put::Restarted;
        }
        if ahead < 0 {
            self.counts.late += 1;
            Put::Late
        } else {
            self.counts.early += 1;
            Put::Early
        }
    }

    /// The reading begins so much before this packet that it has the target's slack.
    fn begin(&mut self, timestamp: u32, payload: &[u8], ticks: u32) {
        let cell = self.layout.cell_ticks;
        let lead = if self.layout.format.has_length() { self.target / cell * cell } else { self.target };
        self.cells.restart(lead);
        self.level.restart();
        self.level.observe(lead as i32);
        self.play_at = timestamp.wrapping_sub(lead);
        self.newest = timestamp;
        (self.running, self.held, self.elsewhere, self.late) = (true, 0, 0, 0);
        self.store(lead as i32, payload, ticks);
    }

    fn store(&mut self, ahead: i32, payload: &[u8], ticks: u32) {
        match self.layout.format {
            Format::Opus => self.cells.store_packet(ahead.max(0) as u32, payload),
            Format::G729 => {
                let places = (ahead..).step_by(self.layout.cell_ticks as usize);
                for (place, frame) in places.zip(layout::g729(payload)).filter(|(place, _)| *place >= 0) {
                    self.cells.store_packet(place as u32, frame);
                }
            }
            _ => {
                let passed = (-ahead).max(0) as usize * self.layout.tick_bytes();
                let whole = ticks as usize * self.layout.tick_bytes();
                self.cells.store(ahead.max(0) as u32, &payload[passed..whole]);
            }
        }
        let end = self.play_at.wrapping_add(ahead as u32).wrapping_add(ticks);
        if (end.wrapping_sub(self.newest) as i32) > 0 {
            self.newest = end;
        }
    }

    /// RFC 3550, A.8.
    fn measure(&mut self, arrival_ns: u64, timestamp: u32) {
        let arrival = (arrival_ns / 1000).wrapping_mul(self.layout.ms.into()) / 1000;
        let transit = (arrival as u32).wrapping_sub(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let moved = (transit.wrapping_sub(before) as i32).unsigned_abs().min(10_000 * self.layout.ms);
            self.spread = self.spread + moved - (self.spread + 8) / 16;
        }
    }

    /// The next frame, in the form that a slot of the pool has (with the length before it where the format says so). The
    /// slot has to hold [`Format::slot_bytes`]. Before the first packet all is missing, and nothing is counted.
    pub fn take(&mut self, slot: &mut [u8]) -> Taken {
        let Some(slot) = slot.get_mut(..self.layout.slot_bytes) else { return Taken::Missing };
        if !self.running {
            self.blank(slot);
            return Taken::Missing;
        }
        self.pass();
        let taken = self.steer(slot).unwrap_or_else(|| self.read(slot));
        self.counts.taken += 1;
        self.counts.missing += u64::from(taken == Taken::Missing);
        self.counts.part += u64::from(taken == Taken::Part);
        taken
    }

    /// Frames that the host left out: time passes all the same.
    pub fn skip(&mut self, frames: u32) {
        if self.running {
            self.advance(frames.saturating_mul(self.layout.frame_ticks));
        }
    }

    fn advance(&mut self, ticks: u32) {
        self.cells.advance(ticks);
        self.play_at = self.play_at.wrapping_add(ticks);
    }

    /// A slot in which nothing is.
    fn blank(&self, slot: &mut [u8]) {
        let length = if self.layout.format.has_length() { LENGTH_BYTES } else { slot.len() };
        slot[..length].fill(self.layout.format.silence());
    }

    fn read(&mut self, slot: &mut [u8]) -> Taken {
        let ticks = self.layout.frame_ticks;
        let taken =
            if self.layout.format.has_length() { self.read_packets(slot) } else { self.read_samples(slot) };
        self.advance(ticks);
        taken
    }

    fn read_samples(&self, slot: &mut [u8]) -> Taken {
        let (there, all) = self.cells.there(0, self.layout.frame_ticks);
        if there == all {
            self.cells.copy(0, slot);
            return Taken::Whole;
        }
        self.cells.copy_with_holes(self.layout.frame_ticks, slot);
        // a decoder of G.722 would hear a hole as sound
        if there * 2 > all && self.layout.format.is_sampled() { Taken::Part } else { Taken::Missing }
    }

    /// The packets of a frame one behind the other; a SID only at the end, where G.729 has it.
    fn read_packets(&self, slot: &mut [u8]) -> Taken {
        let (mut length, mut there, mut all) = (0, 0, 0);
        for ahead in (0..self.layout.frame_ticks).step_by(self.layout.cell_ticks as usize) {
            all += 1;
            let Some(packet) = self.cells.packet(ahead) else { continue };
            if self.layout.format == Format::G729 && layout::is_sid(&slot[LENGTH_BYTES..][..length]) {
                (length, there) = (0, 0);
            }
            slot[LENGTH_BYTES + length..][..packet.len()].copy_from_slice(packet);
            length += packet.len();
            there += 1;
        }
        slot[..LENGTH_BYTES].copy_from_slice(&(length as u16).to_ne_bytes());
        match there {
            0 => Taken::Missing,
            _ if there == all => Taken::Whole,
            _ => Taken::Part,
        }
    }
}
