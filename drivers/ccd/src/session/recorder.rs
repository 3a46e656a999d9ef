//! A host that keeps everything it is told, in its order, with the time.

use crate::raw::watch;
use callcore_driver_host::sys::*;
use callcore_driver_host::{BadSize, EventBytes, Host, config};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// An event, as it was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When it came, by the host's clock.
    pub at_ns: u64,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Seen {
    /// Its fields.
    #[must_use]
    pub fn event(&self) -> EventBytes<'_> {
        EventBytes(&self.bytes)
    }
}

/// The host.
pub struct Recorder {
    config: Value,
    began: Instant,
    events: Mutex<Vec<Seen>>,
    /// The next so many posts find no room.
    full: AtomicU64,
    refused: AtomicU64,
}

impl Recorder {
    /// A host with a configuration.
    #[must_use]
    pub fn new(config: &Value) -> Self {
        Self {
            config: config.clone(),
            began: Instant::now(),
            events: Mutex::default(),
            full: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything from the `first`-th event on.
    #[must_use]
    pub fn since(&self, first: usize) -> Vec<Seen> {
        self.locked().get(first..).unwrap_or_default().to_vec()
    }

    /// Lets go of all of them, for a host that runs for long.
    pub fn forget(&self) {
        self.locked().clear();
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.locked().len()
    }

    /// The next `count` posts find the ring full.
    pub fn refuse(&self, count: u64) {
        self.full.store(count, Ordering::SeqCst);
    }

    /// How many posts have found it full.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::SeqCst)
    }

    fn take(&self, event: &[u8]) -> ccd_status {
        let take_one = |left: u64| left.checked_sub(1);
        if self.full.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take_one).is_ok() {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return CCD_E_FULL;
        }
        self.locked().push(Seen { at_ns: self.now_ns(), bytes: event.to_vec() });
        CCD_OK
    }
}

impl Host for Recorder {
    fn post(&self, event: &[u8]) -> ccd_status {
        watch::in_host(|| self.take(event))
    }

    /// The check layer tells of it.
    fn on_unreadable(&self, _: BadSize) {}

    fn log(&self, _level: i32, _target: &str, _text: &str) {}

    fn log_enabled(&self, _level: i32, _target: &str) -> bool {
        false
    }

    fn now_ns(&self) -> u64 {
        self.began.elapsed().as_nanos() as u64 + 1
    }

    fn cfg_int(&self, path: &str) -> Result<i64, ccd_status> {
        config::int(&self.config, path)
    }

    fn cfg_str(&self, path: &str) -> Result<String, ccd_status> {
        config::text(&self.config, path)
    }
}

/// The name of an event in the header.
#[must_use]
pub fn event_name(kind: u16) -> String {
    let name = match kind {
        CCD_EV_DONE => "DONE",
        CCD_EV_INCOMING => "INCOMING",
        CCD_EV_CALL_INFO => "CALL_INFO",
        CCD_EV_DIALING => "DIALING",
        CCD_EV_PROCEEDING => "PROCEEDING",
        CCD_EV_PROGRESS => "PROGRESS",
        CCD_EV_ALERTING => "ALERTING",
        CCD_EV_CONNECTED => "CONNECTED",
        CCD_EV_DISCONNECTED => "DISCONNECTED",
        CCD_EV_RELEASED => "RELEASED",
        CCD_EV_HELD => "HELD",
        CCD_EV_RETRIEVED => "RETRIEVED",
        CCD_EV_DIGIT => "DIGIT",
        CCD_EV_BLOCKED => "BLOCKED",
        CCD_EV_ALARM => "ALARM",
        CCD_EV_LOST => "LOST",
        CCD_EV_DEVICE_REMOVED => "DEVICE_REMOVED",
        other => return format!("event {other}"),
    };
    name.to_owned()
}
