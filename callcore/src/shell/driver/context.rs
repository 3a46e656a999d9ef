//! What the host knows of one device, and does with what its driver says: events become the core's words, in its ring.

use super::event::{Malformed, Outage, Parsed, Place, Shape, parse};
use super::log;
use crate::board::{BoardCall, BoardEvent, Cause, ChannelId, ChannelInfo, DeviceId};
use crate::shell::clock::Clock;
use crate::shell::inbox::DeviceRing;
use crate::shell::paced::Driven;
use crate::shell::roster::Gone;
use callcore_driver_host::{BadSize, EventBytes, Host, Push, config};
use callcore_driver_sys::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// What the host knows about one device while its driver talks to it.
pub(crate) struct Context {
    name: String,
    device: DeviceId,
    config: serde_json::Value,
    clock: Clock,
    ring: Arc<DeviceRing>,
    /// Who is told that the device is gone.
    on_gone: Gone,
    /// What each channel is and on which span, once the device is open.
    channels: OnceLock<(Vec<ChannelInfo>, Box<[u32]>)>,
    /// From just before start until stop; outside of it nothing is posted.
    accepting: AtomicBool,
    last_seq: AtomicU64,
    /// Channels whose state is still to be said again, while a replay runs.
    replaying: AtomicU32,
    /// Whether the driver has not refused to say what belongs to no call.
    replays_rest: AtomicBool,
    /// What is out, as far as the driver has said; a channel is out by itself, or with its span.
    outages: Mutex<BTreeSet<(Outage, Place)>>,
    log: log::Limit,
    /// Takes part in the frames that the driver brings itself. Only its audio thread takes the lock while it runs.
    pushes: Mutex<Option<Driven>>,
}

impl Context {
    pub(crate) fn new(
        name: &str,
        device: DeviceId,
        config: serde_json::Value,
        clock: Clock,
        ring: Arc<DeviceRing>,
        on_gone: Gone,
    ) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            device,
            config,
            clock,
            ring,
            on_gone,
            channels: OnceLock::new(),
            accepting: AtomicBool::new(false),
            last_seq: AtomicU64::new(0),
            replaying: AtomicU32::new(0),
            replays_rest: AtomicBool::new(false),
            outages: Mutex::default(),
            log: log::Limit::default(),
            pushes: Mutex::default(),
        })
    }

    /// The device is about to start: tell the core, then take what it posts.
    pub(super) fn accept(&self, channels: Vec<ChannelInfo>, spans: Box<[u32]>) {
        let (device, name) = (self.device, self.name.clone());
        self.ring.push(BoardEvent::DeviceAdded { device, name, channels: channels.clone() });
        let _ = self.channels.set((channels, spans));
        self.accepting.store(true, Ordering::Release);
    }

    /// Where its events wait, and what is counted of it.
    pub(super) fn ring(&self) -> Arc<DeviceRing> {
        Arc::clone(&self.ring)
    }

    fn spans(&self) -> &[u32] {
        self.channels.get().map_or(&[], |(_, spans)| spans)
    }

    /// The device has stopped.
    pub(super) fn deafen(&self) {
        self.accepting.store(false, Ordering::Release);
        self.take_pushes(None);
    }

    /// This takes part in the driver's own frames; `None`: nobody.
    pub(super) fn take_pushes(&self, driven: Option<Driven>) {
        let mut pushes = self.pushes.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *pushes, driven);
        drop(pushes);
        drop(before);
    }

    /// A replay of `channels` channels begins.
    pub(super) fn begin_replay(&self, channels: u32) {
        self.outages().clear();
        self.replays_rest.store(true, Ordering::Release);
        self.replaying.store(channels, Ordering::Release);
    }

    /// One channel of the replay is done, or was refused; `CCD_NO_CHAN` is the rest. True when it was the last.
    pub(super) fn replayed_one(&self, channel: u32, status: ccd_status) -> bool {
        if channel == CCD_NO_CHAN && status < 0 {
            self.replays_rest.store(false, Ordering::Release);
        }
        let less = |left: u32| left.checked_sub(1);
        self.replaying.fetch_update(Ordering::AcqRel, Ordering::Acquire, less) == Ok(1)
    }

    /// All channels have been asked; behind the events that came of it. False when there is no room.
    pub(super) fn report_replayed(&self) -> bool {
        let rest = self.replays_rest.load(Ordering::Acquire);
        self.ring.push(BoardEvent::Replayed { device: self.device, rest })
    }

    /// A line of the host's own about the device.
    pub(super) fn warn(&self, text: &str) {
        self.write(2, "host", text);
    }

    fn write(&self, level: i32, target: &str, text: &str) {
        self.log.write(&self.name, self.clock.nanos() / 1_000_000_000, level, target, text);
    }

    fn shape(&self) -> Shape {
        Shape { device: self.device, channels: self.spans().len() as u32 }
    }

    /// Take one event. The bytes are the whole of it.
    fn take(&self, bytes: &[u8]) -> ccd_status {
        if !self.accepting.load(Ordering::Acquire) || self.ring.is_gone() {
            return CCD_E_STATE;
        }
        let parsed = match parse(self.shape(), bytes) {
            Ok(parsed) => parsed,
            Err(why) => return self.refuse(why, bytes),
        };
        // room for everything that may follow from it, or nothing of it is taken: the driver will come again
        let lost = self.lost_before(EventBytes(bytes).seq());
        if self.ring.room() < 2 + self.span_len(&parsed) {
            self.ring.full.fetch_add(1, Ordering::Relaxed);
            return CCD_E_FULL;
        }
        if lost > 0 {
            self.warn("the driver's events have a gap: some were lost");
            self.ring.push(BoardEvent::Lost { device: self.device, count: lost });
        }
        if !self.pass_on(parsed) {
            return CCD_E_FULL;
        }
        self.last_seq.store(EventBytes(bytes).seq(), Ordering::Release);
        CCD_OK
    }

    fn span_len(&self, parsed: &Parsed) -> usize {
        let is_of_span = matches!(parsed, Parsed::Outage { place: Place::Span(_), .. });
        if is_of_span { self.shape().channels as usize } else { 0 }
    }

    /// An event that cannot be; it counts as seen, so that it is not reported as lost besides.
    fn refuse(&self, why: Malformed, bytes: &[u8]) -> ccd_status {
        self.ring.malformed.fetch_add(1, Ordering::Relaxed);
        self.last_seq.fetch_max(EventBytes(bytes).seq(), Ordering::AcqRel);
        let kind = EventBytes(bytes).kind();
        self.warn(&format!("the driver posted an event of type {kind} that cannot be: {why}"));
        CCD_E_ARG
    }

    /// How many events are missing before number `seq`.
    fn lost_before(&self, seq: u64) -> u64 {
        match seq.checked_sub(self.last_seq.load(Ordering::Acquire)) {
            Some(ahead @ 1..) => ahead - 1,
            // backwards: nobody knows what is missing
            Some(0) | None => 1,
        }
    }

    fn pass_on(&self, parsed: Parsed) -> bool {
        match parsed {
            Parsed::Board(event) => self.ring.push(event),
            Parsed::Outage { place, outage, on } => self.outage(place, outage, on),
            Parsed::Done { req, channel, call, status, cause } => {
                self.done(req, channel, call, status, cause)
            }
            Parsed::Removed => {
                self.on_gone.tell();
                self.ring.push(BoardEvent::DeviceRemoved { device: self.device })
            }
            Parsed::Ignored => true,
        }
    }

    fn outages(&self) -> MutexGuard<'_, BTreeSet<(Outage, Place)>> {
        self.outages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outage(&self, place: Place, outage: Outage, on: bool) -> bool {
        let mut outages = self.outages();
        let mut pushed = true;
        let within = match place {
            Place::Channel(index) => index..index + 1,
            Place::Span(_) => 0..self.shape().channels,
        };
        for index in within {
            let places = [Place::Channel(index), Place::Span(self.spans()[index as usize])];
            if !places.contains(&place) {
                continue;
            }
            if on {
                outages.insert((outage, place));
            } else {
                outages.remove(&(outage, place));
            }
            let is_out = places.iter().any(|place| outages.contains(&(outage, *place)));
            let channel = ChannelId { device: self.device, index };
            pushed &= self.ring.push(outage.event(channel, is_out));
        }
        pushed
    }

    fn done(&self, req: u64, channel: u32, call: u64, status: i32, cause: u16) -> bool {
        if Request::of(req) == Some(Request::Replay) {
            return !self.replayed_one(channel, status) || self.report_replayed();
        }
        if status >= 0 {
            return true;
        }
        let what = Request::of(req).map_or("a command", Request::word);
        let text =
            format!("{what} on channel {channel} failed after it was accepted: status {status}, #{cause}");
        self.warn(&text);
        // a call that was made or dropped ends in RELEASED all the same
        if !matches!(Request::of(req), Some(Request::Answer)) || channel >= self.shape().channels || call == 0
        {
            return true;
        }
        let cause =
            u8::try_from(cause).ok().filter(|q850| *q850 > 0).map_or(super::cause(status), Cause::new);
        let channel = ChannelId { device: self.device, index: channel };
        self.ring.push(BoardEvent::Refused { channel, call: BoardCall(call), cause })
    }
}

/// What a request number was made for: its top byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Make = 1,
    Accept,
    Answer,
    Drop,
    Hold,
    Digits,
    Replay,
    Enable,
    Line,
    Service,
    DialOn,
}

impl Request {
    const ALL: [Self; 11] = [
        Self::Make,
        Self::Accept,
        Self::Answer,
        Self::Drop,
        Self::Hold,
        Self::Digits,
        Self::Replay,
        Self::Enable,
        Self::Line,
        Self::Service,
        Self::DialOn,
    ];

    /// A request number from a count.
    pub(super) fn number(self, count: u64) -> ccd_req {
        ((self as u64) << 56) | (count & 0x00FF_FFFF_FFFF_FFFF)
    }

    fn of(req: ccd_req) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u64 == req >> 56)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Make => "make",
            Self::Accept => "accept",
            Self::Answer => "answer",
            Self::Drop => "drop",
            Self::Hold => "hold",
            Self::Digits => "send_digits",
            Self::Replay => "replay",
            Self::Enable => "enable",
            Self::Line => "a command of a line",
            Self::Service => "service",
            Self::DialOn => "digits",
        }
    }
}

impl Host for Context {
    fn post(&self, event: &[u8]) -> ccd_status {
        self.take(event)
    }

    fn on_unreadable(&self, why: BadSize) {
        self.ring.malformed.fetch_add(1, Ordering::Relaxed);
        self.warn(&format!("the driver posted an event that cannot be: {why}"));
    }

    fn log(&self, level: i32, target: &str, text: &str) {
        self.write(level, target, text);
    }

    fn log_enabled(&self, level: i32, _target: &str) -> bool {
        log::is_enabled(level)
    }

    fn now_ns(&self) -> u64 {
        self.clock.nanos()
    }

    fn cfg_int(&self, path: &str) -> Result<i64, ccd_status> {
        config::int(&self.config, path)
    }

    fn cfg_str(&self, path: &str) -> Result<String, ccd_status> {
        config::text(&self.config, path)
    }

    fn push(&self, push: &mut Push<'_>) -> ccd_status {
        // two threads at a time break the contract: the second is answered, and nobody waits
        match self.pushes.try_lock().as_deref_mut() {
            Ok(Some(driven)) => driven.push(push),
            Ok(None) | Err(_) => CCD_E_STATE,
        }
    }
}
