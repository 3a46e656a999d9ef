//! What a driver does in its frames. Nothing here allocates, locks or logs: it counts, and the control side tells.

use super::clause::Clause;
use crate::pool::{FRAME_SAMPLES, Pool, Way};
use crate::seam::{Host, Media, Tick};
use callcore_codec::Format;
use callcore_driver_sys::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// How long a frame is.
const FRAME_NS: u64 = 20_000_000;
/// What stands where nothing may be written.
const GUARD: u8 = 0xA5;
/// Bytes of the largest slot: 20 ms of L16 at 48 kHz.
const SLOT_MAX: usize = 1920;

const CLAUSES: [Clause; 6] = [
    Clause::RxInactive,
    Clause::RxFormat,
    Clause::RxLength,
    Clause::SlotBounds,
    Clause::Budget,
    Clause::Missed,
];

/// What was seen in frames since it was told last.
#[derive(Default)]
pub(super) struct Seen {
    counts: [AtomicU64; CLAUSES.len()],
    /// The channel, or the microseconds, of the last one.
    last: [AtomicU32; CLAUSES.len()],
}

impl Seen {
    fn see(&self, clause: Clause, last: u32) {
        if let Some(place) = CLAUSES.iter().position(|it| *it == clause) {
            self.last[place].store(last, Ordering::Relaxed);
            self.counts[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tell it, one violation a clause.
    pub(super) fn take(&self, found: &mut Vec<(Clause, String)>) {
        for ((clause, count), last) in CLAUSES.iter().zip(&self.counts).zip(&self.last) {
            let (count, last) = (count.swap(0, Ordering::Relaxed), last.load(Ordering::Relaxed));
            if count > 0 {
                let about = match clause {
                    Clause::Budget | Clause::Missed => format!("last time it took {last} us"),
                    _ => format!("last on channel {last}"),
                };
                found.push((*clause, format!("{count} times since it was told last, {about}")));
            }
        }
    }
}

pub(super) struct CheckedMedia {
    media: Box<dyn Media>,
    pool: Arc<Pool>,
    /// The set of formats that each channel can have.
    codecs: Vec<u32>,
    seen: Arc<Seen>,
    host: Arc<dyn Host>,
    guards: bool,
}

impl CheckedMedia {
    pub(super) fn new(
        media: Box<dyn Media>,
        pool: Arc<Pool>,
        codecs: Vec<u32>,
        seen: Arc<Seen>,
        host: Arc<dyn Host>,
        guards: bool,
    ) -> Self {
        Self { media, pool, codecs, seen, host, guards }
    }

    fn format(&self, said: u8) -> Option<Format> {
        if said == 0 { Some(self.pool.format()) } else { Format::from_code(said.into()) }
    }

    /// Bytes of a slot that are the driver's to write.
    fn own_bytes(&self, is_on: bool, said: u8) -> usize {
        let format = self.format(said).filter(|_| is_on);
        format.map_or(0, |format| format.slot_bytes(FRAME_SAMPLES as usize).min(self.pool.stride()))
    }

    fn set_guards(&self, frame: u64) {
        for channel in 0..self.pool.channels() {
            self.pool.write(Way::Rx, frame, channel, &[GUARD; SLOT_MAX][..self.pool.stride().min(SLOT_MAX)]);
        }
    }

    fn look_at_guards(&self, tick: &Tick<'_>) {
        let mut slot = [0; SLOT_MAX];
        let slot = &mut slot[..self.pool.stride().min(SLOT_MAX)];
        for channel in 0..self.pool.channels() {
            let own = self.own_bytes(is_in(tick.active, channel), tick.rx_format[channel as usize]);
            self.pool.read(Way::Rx, tick.frame, channel, slot);
            if slot.iter().skip(own).any(|byte| *byte != GUARD) {
                self.seen.see(Clause::SlotBounds, channel);
            }
        }
    }

    fn look_at_channels(&self, tick: &Tick<'_>) {
        for (channel, said) in (0..self.pool.channels()).zip(tick.rx_format.iter()) {
            let is_heard = is_in(tick.rx_valid, channel);
            if is_heard && !is_in(tick.active, channel) {
                self.seen.see(Clause::RxInactive, channel);
            }
            let can = self.codecs.get(channel as usize).copied().unwrap_or(0);
            let format =
                self.format(*said).filter(|format| format.code() & can != 0 && self.pool.has(*format));
            match format {
                None => self.seen.see(Clause::RxFormat, channel),
                Some(format) if is_heard && format.has_length() => {
                    self.look_at_length(tick.frame, channel, format)
                }
                Some(_) => {}
            }
        }
    }

    fn look_at_length(&self, frame: u64, channel: u32, format: Format) {
        let mut length = [0; 2];
        self.pool.read(Way::Rx, frame, channel, &mut length);
        let room = format.slot_bytes(FRAME_SAMPLES as usize) - length.len();
        if usize::from(u16::from_ne_bytes(length)) > room {
            self.seen.see(Clause::RxLength, channel);
        }
    }
}

fn is_in(set: &[u64], channel: u32) -> bool {
    set.get(channel as usize / 64).is_some_and(|word| word >> (channel % 64) & 1 == 1)
}

impl Media for CheckedMedia {
    fn exchange(&mut self, tick: &mut Tick<'_>) -> ccd_status {
        if self.guards {
            self.set_guards(tick.frame);
        }
        let began = self.host.now_ns();
        let status = self.media.exchange(tick);
        let took_ns = self.host.now_ns().saturating_sub(began);
        let took_us = u32::try_from(took_ns / 1000).unwrap_or(u32::MAX);
        if took_ns > FRAME_NS {
            self.seen.see(Clause::Missed, took_us);
        } else if took_ns > FRAME_NS / 4 {
            self.seen.see(Clause::Budget, took_us);
        }
        if self.guards {
            self.look_at_guards(tick);
        }
        self.look_at_channels(tick);
        status
    }

    fn wait(&mut self, timeout_us: u32) -> ccd_status {
        self.media.wait(timeout_us)
    }

    fn tick_fd(&mut self) -> Option<i64> {
        self.media.tick_fd()
    }
}
