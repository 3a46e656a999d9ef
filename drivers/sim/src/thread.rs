//! The line thread: sleeps until the world has something to do, and is woken by commands and by what people hear.

use crate::shared::Shared;
use callcore_driver_sdk::{Error, Event};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{JoinHandle, Thread, park_timeout};
use std::time::Duration;

/// Longest sleep: a host clock that jumps ahead is noticed after so long.
const SLEEP_MAX: Duration = Duration::from_secs(1);
/// Shortest sleep: keeps a clock that runs slower than said from turning this into a busy loop.
const SLEEP_MIN: Duration = Duration::from_micros(50);
/// How soon a full host is asked again.
const RETRY: Duration = Duration::from_millis(1);

pub(crate) struct LineThread {
    shared: Arc<Shared>,
    handle: Option<JoinHandle<()>>,
}

impl LineThread {
    /// `speed_milli`: how many thousandths of a second the host's clock runs in a millisecond of the wall's.
    pub(crate) fn start(shared: &Arc<Shared>, speed_milli: u64) -> Result<Self, Error> {
        let theirs = shared.clone();
        let handle = std::thread::Builder::new()
            .name("callcore-sim".to_owned())
            .spawn(move || run(&theirs, speed_milli))
            .map_err(|error| Error::io(format!("the line thread does not start: {error}")))?;
        Ok(Self { shared: shared.clone(), handle: Some(handle) })
    }

    /// For whoever wakes it: unpark is an atomic swap and at most one wake call, so the media half may.
    pub(crate) fn waker(&self) -> Option<Thread> {
        self.handle.as_ref().map(|handle| handle.thread().clone())
    }

    pub(crate) fn wake(&self) {
        if let Some(handle) = &self.handle {
            handle.thread().unpark();
        }
    }
}

impl Drop for LineThread {
    fn drop(&mut self) {
        self.shared.core.lock().stopping = true;
        if let Some(handle) = self.handle.take() {
            handle.thread().unpark();
            // it ends at its next look; if it panicked there is nothing left to wait for
            let _ = handle.join();
        }
    }
}

/// A bug of ours ends the thread, but not without a word: the host hears that the board is gone.
fn run(shared: &Shared, speed_milli: u64) {
    let ended = catch_unwind(AssertUnwindSafe(|| {
        while let Some(sleep) = turn(shared, speed_milli) {
            park_timeout(sleep);
        }
    }));
    if ended.is_err() {
        shared.host.log(1, "callcore-sim", "the line thread panicked; the board is gone");
        // nothing is left to do for a host that has no room even for this
        let _ = shared.host.post(&Event::DeviceRemoved);
    }
}

/// One look at the world; how long to sleep then, or `None` to end.
fn turn(shared: &Shared, speed_milli: u64) -> Option<Duration> {
    let mut core = shared.core.lock();
    if core.stopping {
        return None;
    }
    shared.advance(&mut core);
    if Shared::is_behind(&core) {
        return Some(RETRY);
    }
    let Some(at) = core.world.poll_timeout() else { return Some(SLEEP_MAX) };
    let host_ns = u128::from(at.saturating_sub(shared.host.now_ns()));
    let wall_ns = (host_ns * 1_000 / u128::from(speed_milli)).min(SLEEP_MAX.as_nanos());
    Some(Duration::from_nanos(wall_ns as u64).max(SLEEP_MIN))
}
