//! What waits for the control thread: a bounded ring for each source, so that one that floods harms only itself.
//!
//! Pushing never blocks, takes no lock and, but for the texts inside, does not allocate: boards and the media thread
//! push here.

use super::handle::Wish;
use crate::board::BoardEvent;
use crate::exchange::Input;
use crate::media::MediaEvent;
use crossbeam_queue::{ArrayQueue, SegQueue};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Commands that may wait; more are refused.
const COMMANDS_MAX: usize = 1024;
/// Media events that may wait; more are lost and counted. A key or the end of a prompt a channel, many times over.
const MEDIA_EVENTS_MAX: usize = 16_384;
/// Events of one device that may wait; more are answered `CCD_E_FULL`.
pub(crate) const DEVICE_EVENTS_MAX: usize = 4096;
/// How long a driver's [control] function may take.
const CALL_MAX: Duration = Duration::from_secs(2);

/// How long a frame is, and how much of it a driver may take.
const FRAME: Duration = Duration::from_millis(20);
const FRAME_BUDGET: Duration = Duration::from_millis(5);

/// Wakes the control thread.
#[derive(Debug, Default)]
pub(crate) struct Waker(OnceLock<Thread>);

impl Waker {
    /// To be called by the control thread itself, before it looks into its rings for the first time.
    pub(crate) fn set(&self) {
        let _ = self.0.set(std::thread::current());
    }

    /// A system call only when the thread sleeps.
    pub(crate) fn wake(&self) {
        if let Some(thread) = self.0.get() {
            thread.unpark();
        }
    }
}

/// The rings that exist once.
pub(crate) struct Inbox {
    pub(crate) waker: Arc<Waker>,
    pub(crate) commands: ArrayQueue<Wish>,
    pub(crate) media: ArrayQueue<MediaEvent>,
    /// Answers to what the exchange has put out: at most one for each output, so that its own limits bound this one.
    pub(crate) replies: SegQueue<Input>,
    media_lost: AtomicU64,
    /// The control thread has ended.
    closed: AtomicBool,
}

impl Inbox {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            waker: Arc::new(Waker::default()),
            commands: ArrayQueue::new(COMMANDS_MAX),
            media: ArrayQueue::new(MEDIA_EVENTS_MAX),
            replies: SegQueue::new(),
            media_lost: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        })
    }

    /// The control thread ends: wishes that wait are given back, others no longer taken.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        while self.commands.pop().is_some() {}
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// A media event; lost and counted when the control thread has not kept up.
    pub(crate) fn push_media(&self, event: MediaEvent) {
        if self.media.push(event).is_err() {
            self.media_lost.fetch_add(1, Ordering::Relaxed);
        }
        self.waker.wake();
    }

    /// The answer to an output.
    pub(crate) fn reply(&self, input: Input) {
        self.replies.push(input);
        self.waker.wake();
    }

    pub(crate) fn media_lost(&self) -> u64 {
        self.media_lost.load(Ordering::Relaxed)
    }
}

/// The events of one device, and what is counted of it.
pub(crate) struct DeviceRing {
    ring: ArrayQueue<BoardEvent>,
    waker: Arc<Waker>,
    /// Set when the device is given up: its events are no longer taken, its commands are refused.
    pub(crate) gone: AtomicBool,
    /// Set when the device is to end: tasks that wait are left undone.
    pub(crate) is_ending: AtomicBool,
    /// Until the device is whole: what it posts meanwhile waits.
    is_held: AtomicBool,
    pub(crate) events: AtomicU64,
    pub(crate) malformed: AtomicU64,
    pub(crate) full: AtomicU64,
    pub(crate) high: AtomicU64,
    /// When the driver call that runs now began, in nanoseconds since `born`; 0: none runs.
    busy_since: AtomicU64,
    born: Instant,
    pub(crate) slow_calls: AtomicU64,
    /// The same for the frame that is exchanged now.
    in_frame_since: AtomicU64,
    /// Frames that took more than a quarter of their time, and more than all of it.
    pub(crate) frames_slow: AtomicU64,
    pub(crate) frames_missed: AtomicU64,
}

impl DeviceRing {
    pub(crate) fn new(waker: Arc<Waker>) -> Arc<Self> {
        Arc::new(Self {
            ring: ArrayQueue::new(DEVICE_EVENTS_MAX),
            waker,
            gone: AtomicBool::new(false),
            is_ending: AtomicBool::new(false),
            is_held: AtomicBool::new(true),
            events: AtomicU64::new(0),
            malformed: AtomicU64::new(0),
            full: AtomicU64::new(0),
            high: AtomicU64::new(0),
            busy_since: AtomicU64::new(0),
            born: Instant::now(),
            slow_calls: AtomicU64::new(0),
            in_frame_since: AtomicU64::new(0),
            frames_slow: AtomicU64::new(0),
            frames_missed: AtomicU64::new(0),
        })
    }

    /// Go on counting where the device's ring before this one ended.
    pub(crate) fn inherit(&self, before: &Self) {
        for (counter, before) in self.counters().into_iter().zip(before.counters()) {
            counter.store(before.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    fn counters(&self) -> [&AtomicU64; 7] {
        let Self { events, malformed, full, high, slow_calls, frames_slow, frames_missed, .. } = self;
        [events, malformed, full, high, slow_calls, frames_slow, frames_missed]
    }

    /// The device is whole: what it has posted is read.
    pub(crate) fn let_go(&self) {
        self.is_held.store(false, Ordering::Release);
        self.waker.wake();
    }

    /// An event; false when there is no room.
    pub(crate) fn push(&self, event: BoardEvent) -> bool {
        let pushed = self.ring.push(event).is_ok();
        if pushed {
            self.events.fetch_add(1, Ordering::Relaxed);
            self.high.fetch_max(self.ring.len() as u64, Ordering::Relaxed);
        } else {
            self.full.fetch_add(1, Ordering::Relaxed);
        }
        self.waker.wake();
        pushed
    }

    pub(crate) fn pop(&self) -> Option<BoardEvent> {
        if self.is_held.load(Ordering::Acquire) { None } else { self.ring.pop() }
    }

    /// A driver call begins.
    pub(crate) fn begin_call(&self) {
        self.busy_since.store(self.age_ns().max(1), Ordering::Release);
    }

    /// It has ended; how long it took, if that was too long.
    pub(crate) fn end_call(&self) -> Option<Duration> {
        let took = self.in_call();
        self.busy_since.store(0, Ordering::Release);
        took.filter(|took| *took > CALL_MAX)
    }

    /// How long the driver call that runs now has been running.
    pub(crate) fn in_call(&self) -> Option<Duration> {
        self.since(&self.busy_since)
    }

    fn since(&self, begin: &AtomicU64) -> Option<Duration> {
        let since = begin.load(Ordering::Acquire);
        (since > 0).then(|| Duration::from_nanos(self.age_ns().saturating_sub(since)))
    }

    /// A frame is handed to the driver.
    pub(crate) fn begin_frame(&self) {
        self.in_frame_since.store(self.age_ns().max(1), Ordering::Release);
    }

    /// It has come back; one that took long is counted.
    pub(crate) fn end_frame(&self) {
        let took = self.in_frame().unwrap_or_default();
        self.in_frame_since.store(0, Ordering::Release);
        if took > FRAME {
            self.frames_missed.fetch_add(1, Ordering::Relaxed);
        } else if took > FRAME_BUDGET {
            self.frames_slow.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How long the frame that is exchanged now has been with the driver.
    pub(crate) fn in_frame(&self) -> Option<Duration> {
        self.since(&self.in_frame_since)
    }

    fn age_ns(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// How many events there is room for.
    pub(crate) fn room(&self) -> usize {
        DEVICE_EVENTS_MAX - self.ring.len()
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }
}
