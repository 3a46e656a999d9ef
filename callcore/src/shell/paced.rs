//! Devices in the media thread: those it paces itself, and those that run by a clock of their own.
//!
//! ```text
//!   media thread (its clock)                          a thread for the device (the board's clock)
//!     Face.begin ◀── rx frames, by pointer ──────────── wait, exchange, hand over
//!     Face.exchange ── tx frames, by pointer ────────▶ take, exchange
//! ```
//!
//! Two clocks never agree for ever. Who takes frames that another clock made reads them [elastically](super::elastic):
//! little pieces are put in or left out where it is not heard. A frame that is missing or left out all the same is
//! counted as a slip.

use super::driver::MediaHalf;
use super::elastic::{Elastic, Held, Turn};
use super::handle::Shared;
use super::stats::{Counters, add};
use super::voices::Formats;
use callcore_codec::Format;
use callcore_driver_host::{FRAME_SAMPLES, Push};
use callcore_driver_sys::{CCD_OK, ccd_status};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Frames on the way in each direction and in the hand of who reads them: what may wait, what channels may lag behind, and
/// one that is being written.
const FRAMES: usize = 10;
/// How long a driver is waited for before the thread looks whether it is to end.
const WAIT_US: u32 = 100_000;
/// How soon a driver is asked again that had no frame in time.
const RETRY: Duration = Duration::from_millis(20);

/// One device's part in a frame of the media thread.
pub(crate) enum DeviceIo {
    /// Paced by the media thread.
    Hosted { half: Box<MediaHalf>, late: u32 },
    /// Paced by its driver, in a thread of its own.
    Driven(Box<Face>),
}

impl DeviceIo {
    pub(crate) fn channels(&self) -> u32 {
        match self {
            Self::Hosted { half, .. } => half.channels(),
            Self::Driven(face) => face.link.channels,
        }
    }

    /// The formats of its channels, for other threads.
    pub(crate) fn told_formats(&self) -> Arc<Formats> {
        match self {
            Self::Hosted { half, .. } => half.told_formats(),
            Self::Driven(face) => Arc::clone(&face.told_formats),
        }
    }

    /// How a channel is written and wants to be, by what its driver said last.
    pub(crate) fn format(&self, channel: u32) -> Format {
        match self {
            Self::Hosted { half, .. } => half.format(channel),
            Self::Driven(face) => face.format(channel),
        }
    }

    pub(crate) fn set_active(&mut self, channel: u32, on: bool) {
        match self {
            Self::Hosted { half, .. } => half.set_active(channel, on),
            Self::Driven(face) => face.link.set_active(channel, on),
        }
    }

    /// What was heard on a channel, a slot of its format.
    pub(crate) fn rx(&self, channel: u32) -> Option<&[u8]> {
        match self {
            Self::Hosted { half, .. } => half.rx(channel),
            Self::Driven(face) => face.rx(channel),
        }
    }

    /// The slot for what is said on a channel in this format.
    pub(crate) fn tx(&mut self, channel: u32, format: Format) -> Option<&mut [u8]> {
        match self {
            Self::Hosted { half, .. } => half.tx(channel, format),
            Self::Driven(face) => face.tx(channel, format),
        }
    }

    /// A frame begins.
    pub(crate) fn begin(&mut self) {
        if let Self::Driven(face) = self {
            face.begin();
        }
    }

    /// The frame is ready. Gives how many formats the driver said that cannot be.
    pub(crate) fn exchange(&mut self, t_ns: u64) -> u64 {
        match self {
            Self::Hosted { half, late } => {
                // what a driver answers here is its own trouble: its channels stay silent
                let _ = half.exchange(t_ns, std::mem::take(late));
                half.take_formats_unknown()
            }
            Self::Driven(face) => {
                face.exchange();
                0 // its own thread counts them
            }
        }
    }

    /// Frames were left out.
    pub(crate) fn skip(&mut self, frames: u32) {
        if let Self::Hosted { half, late } = self {
            half.skip(frames.into());
            *late = late.saturating_add(frames);
        }
    }
}

/// One frame of all channels of a device.
struct Frame {
    valid: Box<[u64]>,
    formats: Box<[Format]>,
    bytes: Box<[u8]>,
    slot_bytes: usize,
}

impl Frame {
    fn new(link: &Link) -> Box<Self> {
        let (channels, slot_bytes) = (link.channels as usize, link.slot_bytes);
        let valid = vec![0; link.active.len()].into();
        let formats = vec![link.format; channels].into();
        let bytes = vec![link.format.silence(); slot_bytes * channels].into();
        Box::new(Self { valid, formats, bytes, slot_bytes })
    }

    fn place(&self, channel: u32, format: Format) -> std::ops::Range<usize> {
        let at = channel as usize * self.slot_bytes;
        at..at + format.slot_bytes(FRAME_SAMPLES as usize)
    }

    fn get(&self, channel: u32) -> Option<(Format, &[u8])> {
        let is_valid = self.valid.get(channel as usize / 64)? >> (channel % 64) & 1 == 1;
        let format = self.formats[channel as usize];
        is_valid.then(|| Some((format, self.bytes.get(self.place(channel, format))?))).flatten()
    }

    fn put(&mut self, channel: u32, format: Format) -> Option<&mut [u8]> {
        let place = self.place(channel, format);
        if place.len() > self.slot_bytes {
            return None;
        }
        *self.valid.get_mut(channel as usize / 64)? |= 1 << (channel % 64);
        *self.formats.get_mut(channel as usize)? = format;
        self.bytes.get_mut(place)
    }

    /// Nothing is there after all.
    fn take_back(&mut self, channel: u32) {
        if let Some(word) = self.valid.get_mut(channel as usize / 64) {
            *word &= !(1 << (channel % 64));
        }
    }
}

/// What both sides know.
struct Link {
    channels: u32,
    format: Format,
    slot_bytes: usize,
    active: Box<[AtomicU64]>,
    is_ending: AtomicBool,
}

impl Link {
    fn set_active(&self, channel: u32, on: bool) {
        let Some(word) = self.active.get(channel as usize / 64) else { return };
        let bit = 1 << (channel % 64);
        if on {
            word.fetch_or(bit, Ordering::Release)
        } else {
            word.fetch_and(!bit, Ordering::Release)
        };
    }

    fn is_active(&self, channel: u32) -> bool {
        let word = self.active.get(channel as usize / 64);
        word.is_some_and(|word| word.load(Ordering::Acquire) >> (channel % 64) & 1 == 1)
    }
}

/// One direction: full frames one way, empty ones back.
struct From {
    full: rtrb::Consumer<Box<Frame>>,
    hand: Hand,
    elastic: Elastic,
}

struct To {
    full: rtrb::Producer<Box<Frame>>,
    empty: rtrb::Consumer<Box<Frame>>,
}

fn direction(link: &Link) -> (To, From) {
    let (to_full, from_full) = rtrb::RingBuffer::new(FRAMES);
    let (mut to_empty, from_empty) = rtrb::RingBuffer::new(FRAMES);
    for _ in 0..FRAMES {
        // there is room for as many as are made
        let _ = to_empty.push(Frame::new(link));
    }
    let hand = Hand { frames: [const { None }; FRAMES], first: 0, next: 0, empty: to_empty };
    let elastic = Elastic::new(link.channels, FRAME_SAMPLES);
    (To { full: to_full, empty: from_empty }, From { full: from_full, hand, elastic })
}

/// The frames that can be read, by their number.
struct Hand {
    frames: [Option<Box<Frame>>; FRAMES],
    first: u64,
    next: u64,
    empty: rtrb::Producer<Box<Frame>>,
}

impl Hand {
    fn take(&mut self, frame: Box<Frame>) {
        if self.next - self.first == FRAMES as u64 {
            self.let_go(self.first + 1);
        }
        self.frames[self.next as usize % FRAMES] = Some(frame);
        self.next += 1;
    }

    /// Frames before this one are needed no more.
    fn let_go(&mut self, needed: u64) {
        while self.first < needed.min(self.next) {
            if let Some(mut frame) = self.frames[self.first as usize % FRAMES].take() {
                frame.valid.fill(0);
                // all frames there are have room
                let _ = self.empty.push(frame);
            }
            self.first += 1;
        }
    }
}

impl Hand {
    fn get(&self, number: u64) -> Option<&Frame> {
        let is_here = (self.first..self.next).contains(&number);
        self.frames[number as usize % FRAMES].as_deref().filter(|_| is_here)
    }
}

impl Held for Hand {
    fn format(&self, number: u64, channel: u32) -> Option<Format> {
        self.get(number)?.formats.get(channel as usize).copied()
    }

    fn frame(&self, number: u64, channel: u32, format: Format) -> Option<&[u8]> {
        let (written, bytes) = self.get(number)?.get(channel)?;
        (written == format).then_some(bytes)
    }
}

impl From {
    /// Calls `read` for a frame of all channels, if there is one, and counts what that took.
    fn turn(&mut self, counters: &Counters, read: impl FnOnce(&mut Elastic, &Hand)) {
        let mut came = 0;
        while let Ok(frame) = self.full.pop() {
            self.hand.take(frame);
            came += 1;
        }
        if self.elastic.begin(came) == Turn::Frame {
            read(&mut self.elastic, &self.hand);
            self.elastic.end();
        }
        self.hand.let_go(self.elastic.first_needed());
        let Elastic { slips, added, dropped, .. } = &mut self.elastic;
        for (counter, count) in
            [(&counters.slips, slips), (&counters.samples_added, added), (&counters.samples_dropped, dropped)]
        {
            add(counter, std::mem::take(count));
        }
    }
}

/// The media thread's side of a device with a clock of its own.
pub(crate) struct Face {
    link: Arc<Link>,
    told_formats: Arc<Formats>,
    shared: Arc<Shared>,
    rx: From,
    tx: To,
    heard: Box<Frame>,
    to_say: Option<Box<Frame>>,
}

impl Face {
    fn begin(&mut self) {
        let Self { link, heard, rx, shared, .. } = self;
        heard.valid.fill(0);
        rx.turn(&shared.counters, |elastic, hand| {
            for channel in 0..link.channels {
                let said = &mut heard.formats[channel as usize];
                let format = elastic.format(hand, channel).unwrap_or(*said);
                *said = format;
                if !link.is_active(channel) {
                    continue;
                }
                let Some(to) = heard.put(channel, format) else { continue };
                if !elastic.read(hand, channel, format, to) {
                    heard.take_back(channel);
                }
            }
        });
        self.to_say = self.to_say.take().or_else(|| self.tx.empty.pop().ok());
        add(&self.shared.counters.slips, u64::from(self.to_say.is_none()));
    }

    /// Of what is heard now, or was last.
    fn format(&self, channel: u32) -> Format {
        self.heard.formats.get(channel as usize).copied().unwrap_or(self.link.format)
    }

    fn rx(&self, channel: u32) -> Option<&[u8]> {
        self.heard.get(channel).map(|(_, bytes)| bytes)
    }

    fn tx(&mut self, channel: u32, format: Format) -> Option<&mut [u8]> {
        self.to_say.as_mut()?.put(channel, format)
    }

    fn exchange(&mut self) {
        if let Some(frame) = self.to_say.take() {
            // there is room for as many as there are
            let _ = self.tx.full.push(frame);
        }
    }
}

/// The thread of a device with a clock of its own.
pub(crate) struct Driven {
    half: MediaHalf,
    link: Arc<Link>,
    shared: Arc<Shared>,
    tx: From,
    rx: To,
}

/// A thread that was told by whom it is ended.
pub(crate) struct DrivenThread {
    link: Arc<Link>,
    thread: JoinHandle<()>,
}

impl DrivenThread {
    /// Tell it to end.
    pub(crate) fn end(self) -> JoinHandle<()> {
        self.link.is_ending.store(true, Ordering::Release);
        self.thread
    }
}

impl Driven {
    /// The two sides of a device.
    pub(crate) fn new(half: MediaHalf, shared: &Arc<Shared>) -> (Self, Box<Face>) {
        let words = half.channels().div_ceil(64);
        let active = (0..words).map(|_| AtomicU64::new(0)).collect();
        let (channels, format, slot_bytes) = (half.channels(), half.pool_format(), half.slot_bytes());
        let link = Arc::new(Link { channels, format, slot_bytes, active, is_ending: AtomicBool::new(false) });
        let ((rx_to, rx_from), (tx_to, tx_from)) = (direction(&link), direction(&link));
        let (link_of_face, shared_of_face) = (Arc::clone(&link), Arc::clone(shared));
        let half_formats = half.told_formats();
        let driven = Self { half, link, shared: Arc::clone(shared), tx: tx_from, rx: rx_to };
        let face = Box::new(Face {
            heard: Frame::new(&link_of_face),
            link: link_of_face,
            told_formats: half_formats,
            shared: shared_of_face,
            rx: rx_from,
            tx: tx_to,
            to_say: None,
        });
        (driven, face)
    }

    pub(crate) fn spawn(mut self, device: &str) -> io::Result<DrivenThread> {
        let link = Arc::clone(&self.link);
        let name = format!("media-{device}");
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            if self.shared.clock.is_real() {
                super::priority::real_time_or_say("media of a device");
            }
            while !self.link.is_ending.load(Ordering::Acquire) {
                if self.half.wait(WAIT_US) >= 0 {
                    self.frame();
                } else {
                    std::thread::sleep(RETRY);
                }
            }
        })?;
        Ok(DrivenThread { link, thread })
    }

    fn frame(&mut self) {
        self.say();
        // what a driver answers here is its own trouble: its channels stay silent
        let _ = self.half.exchange(self.shared.clock.nanos(), 0);
        self.hear();
    }

    /// A frame that the driver brings from an audio thread of its own.
    pub(crate) fn push(&mut self, push: &mut Push<'_>) -> ccd_status {
        self.half.begin_pushed(push.frame);
        self.say();
        self.half.exchange_pushed(push);
        self.hear();
        CCD_OK
    }

    fn say(&mut self) {
        let channels = 0..self.link.channels;
        channels.clone().for_each(|channel| self.half.set_active(channel, self.link.is_active(channel)));
        let Self { half, tx, link, shared, .. } = self;
        tx.turn(&shared.counters, |elastic, hand| {
            for channel in channels.filter(|channel| link.is_active(*channel)) {
                if let Some(format) = elastic.format(hand, channel)
                    && elastic.has(hand, channel, format)
                    && let Some(to) = half.tx(channel, format)
                {
                    elastic.read(hand, channel, format, to);
                }
            }
        });
    }

    fn hear(&mut self) {
        match self.rx.empty.pop() {
            Ok(mut frame) => {
                for channel in 0..self.link.channels {
                    let format = self.half.format(channel);
                    frame.formats[channel as usize] = format;
                    if let Some(from) = self.half.rx(channel)
                        && let Some(to) = frame.put(channel, format)
                    {
                        to.copy_from_slice(from);
                    }
                }
                let _ = self.rx.full.push(frame);
            }
            Err(_) => add(&self.shared.counters.slips, 1),
        }
        add(&self.shared.counters.formats_unknown, self.half.take_formats_unknown());
    }
}

#[cfg(test)]
#[path = "paced_tests.rs"]
mod tests;
