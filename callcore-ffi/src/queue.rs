//! Queues of events: filtered, bounded, with a descriptor to poll and records to read like inotify's.
#![allow(non_camel_case_types)]

use crate::core::Core;
use crate::event::Record;
use crate::guard::{entry, give, optional_json, put, quiet};
use crate::handles::{CORES, QUEUES, cc_core, cc_queue};
use crate::ring::{BYTES_USUAL, Ring};
use crate::status::{Answer, CC_E_EMPTY, CC_E_NOMEM, CC_E_REENTRANT, CC_E_SHORT, Trouble};
use crate::types::*;
use parking_lot::{Condvar, Mutex};
use serde::Deserialize;
use std::cell::Cell;
use std::ffi::{c_char, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// Events that a queue wants; an empty list is all.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Filter {
    /// Numbers of events, `CC_EV_*`.
    events: Vec<u16>,
    /// Calls.
    calls: Vec<cc_id>,
    /// The ledger's entries, too.
    pub(crate) facts: bool,
}

impl Filter {
    pub(crate) fn takes(&self, event: &cc_event) -> bool {
        (self.events.is_empty() || self.events.contains(&event.r#type))
            && (self.calls.is_empty() || self.calls.contains(&event.call))
    }
}

pub(crate) struct Queue {
    core: Weak<Core>,
    filter: Filter,
    ring: Mutex<Ring>,
    arrived: Condvar,
    is_closed: AtomicBool,
    has_callback: AtomicBool,
}

thread_local! {
    /// This thread is inside a program's callback.
    static IS_CALLED_BACK: Cell<bool> = const { Cell::new(false) };
}

/// Functions that wait for what the callback's own thread must do are refused inside of it.
pub(crate) fn refuse_in_callback() -> Answer {
    if IS_CALLED_BACK.get() {
        return Err(Trouble::new(
            CC_E_REENTRANT,
            "this waits for events, and events wait for this callback: do it elsewhere",
        ));
    }
    Ok(())
}

impl Queue {
    /// `bytes`: how many may wait, 0: the usual.
    pub(crate) fn new(core: Weak<Core>, filter: Filter, bytes: u32) -> Answer<Arc<Self>> {
        let ring = Ring::new(if bytes == 0 { BYTES_USUAL } else { bytes });
        let ring = ring
            .ok_or_else(|| Trouble::new(CC_E_NOMEM, "no descriptor is free: raise the limit (ulimit -n)"))?;
        Ok(Arc::new(Self {
            core,
            filter,
            ring: Mutex::new(ring),
            arrived: Condvar::new(),
            is_closed: AtomicBool::new(false),
            has_callback: AtomicBool::new(false),
        }))
    }

    pub(crate) fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(crate) fn push(&self, record: &Record, t_ns: u64) {
        self.ring.lock().push(record, t_ns);
        self.arrived.notify_one();
    }

    /// The last record: the core has stopped.
    pub(crate) fn end(&self, record: &Record, t_ns: u64) {
        self.ring.lock().push_last(record, t_ns);
        self.arrived.notify_all();
    }

    /// As many whole records as fit into `room` bytes at `to`; how many bytes they are.
    ///
    /// # Safety
    /// There are `room` bytes.
    unsafe fn take(&self, to: *mut u8, room: usize) -> Answer<usize> {
        let mut ring = self.ring.lock();
        let mut used = 0;
        loop {
            // SAFETY: so much is left of what the caller promised.
            match unsafe { ring.pop(to.add(used), room - used) } {
                Some(Ok(size)) => used += size,
                Some(Err(need)) if used == 0 => {
                    return Err(Trouble::new(
                        CC_E_SHORT,
                        format!("the next event has {need} bytes; the buffer has {room}"),
                    ));
                }
                Some(Err(_)) => return Ok(used),
                None if used == 0 => return Err(Trouble::new(CC_E_EMPTY, "there is no event")),
                None => return Ok(used),
            }
        }
    }

    /// Wait until there is something; false when the time is over or the queue is closed.
    fn wait(&self, until: Option<Instant>) -> bool {
        let mut ring = self.ring.lock();
        while ring.is_empty() && !ring.has_last() && !self.is_closed.load(Ordering::Acquire) {
            match until {
                None => self.arrived.wait(&mut ring),
                Some(until) if self.arrived.wait_until(&mut ring, until).timed_out() => break,
                Some(_) => {}
            }
        }
        !ring.is_empty()
    }

    /// Nothing is there, but something may come.
    pub(crate) fn is_waiting(&self) -> bool {
        let ring = self.ring.lock();
        ring.is_empty() && !ring.has_last()
    }

    fn close(&self) {
        let _ring = self.ring.lock();
        self.is_closed.store(true, Ordering::Release);
        self.arrived.notify_all();
    }
}

/// When a wait of so many milliseconds is over; below 0: never.
pub(crate) fn deadline(timeout_ms: i32) -> Option<Instant> {
    u64::try_from(timeout_ms).ok().map(|ms| Instant::now() + Duration::from_millis(ms))
}

/// A queue of the core's events. `filter` is JSON: `{"events":[16,19], "calls":[...], "facts":true}`, each to be left out; NULL: all
/// events, no facts. `bytes` bounds what waits, 4 KiB to 1 GiB; 0: 1 MiB. What does not fit is lost, and said by `CC_EV_LOST`.
///
/// Threads: any. Blocks: no. Ownership: the queue is the program's until `cc_queue_free`; `filter` is borrowed.
/// Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_GONE` (the core), `CC_E_FULL` (4096 queues), `CC_E_NOMEM` (no descriptor).
///
/// # Safety
/// `filter` is NULL or NUL-terminated; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_queue_new(
    core: *mut cc_core,
    filter: *const c_char,
    bytes: u32,
    out: *mut *mut cc_queue,
) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promise.
        let filter: Filter = unsafe { optional_json(filter, "the filter") }?;
        if out.is_null() {
            return Err(Trouble::arg("the place for the queue is NULL"));
        }
        let queue = Queue::new(Arc::downgrade(&core), filter, bytes)?;
        let pointer = QUEUES.insert(Arc::clone(&queue))?;
        core.hub().add(&queue);
        // SAFETY: not NULL.
        unsafe { give(out, pointer, "the queue") }
    })
}

/// A descriptor that is readable while the queue is not empty, for poll, epoll and event loops; -1 for a queue that is not there. Do
/// not read or close it.
///
/// Threads: any. Blocks: no. Ownership: the library's, until `cc_queue_free`. Errors: -1.
#[unsafe(no_mangle)]
pub extern "C" fn cc_queue_fd(queue: *mut cc_queue) -> i64 {
    let mut fd = -1;
    quiet(|| fd = QUEUES.get(queue).map_or(-1, |queue| i64::from(queue.ring.lock().fd())));
    fd
}

/// Copies as many whole records as fit into `buf`; walk them by `size`. Waits for the first up to `timeout_ms`; 0: not at all, below
/// 0: for ever. In virtual time this lets the centre live on for so long, and is `CC_E_EMPTY` as soon as nothing will happen any more; so it is
/// always after `CC_EV_STOPPED`.
///
/// Threads: any; each record is read once. Blocks: up to `timeout_ms`. Ownership: copies.
/// Errors: `CC_E_EMPTY`, `CC_E_SHORT` (not even the first fits; `*got` is its size), `CC_E_ARG`, `CC_E_GONE`, `CC_E_STATE` (it has a callback).
///
/// # Safety
/// `buf` has `cap` bytes; `got` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_queue_read(
    queue: *mut cc_queue,
    buf: *mut c_void,
    cap: usize,
    got: *mut usize,
    timeout_ms: i32,
) -> cc_status {
    entry(|| {
        // SAFETY: the caller's promise.
        unsafe { put(got, 0) };
        let queue = QUEUES.get(queue)?;
        if buf.is_null() {
            return Err(Trouble::arg("the buffer is NULL"));
        }
        if queue.has_callback.load(Ordering::Acquire) {
            return Err(Trouble::state("the queue has a callback, which reads it"));
        }
        if timeout_ms != 0 && queue.is_waiting() {
            let core = queue.core.upgrade();
            match core.as_ref().filter(|core| core.engine().is_virtual()) {
                Some(core) => core.engine().live_until(&|| !queue.is_waiting(), timeout_ms)?,
                None => {
                    drop(core);
                    queue.wait(deadline(timeout_ms));
                }
            }
        }
        // SAFETY: the caller's promise.
        let used = unsafe { queue.take(buf.cast(), cap) };
        if let Err(trouble) = &used
            && trouble.status == CC_E_SHORT
        {
            let need = queue.ring.lock().next_size();
            // SAFETY: as above.
            unsafe { put(got, need) };
        }
        // SAFETY: as above.
        unsafe { put(got, used?) };
        Ok(())
    })
}

/// Frees a queue; whoever waits in `cc_queue_read` gets `CC_E_GONE` or `CC_E_EMPTY`. Its descriptor is closed. From inside its own callback: after
/// that callback no other comes.
///
/// Threads: any. Blocks: until a callback that runs in another thread has returned. Ownership: the pointer is dead. Errors: none; one that is not there is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn cc_queue_free(queue: *mut cc_queue) {
    quiet(|| {
        let Ok(queue) = QUEUES.remove(queue) else { return };
        if let Some(core) = queue.core.upgrade() {
            core.hub().remove(&queue);
        }
        queue.close();
        if queue.has_callback.load(Ordering::Acquire) && !IS_CALLED_BACK.get() {
            let mut ring = queue.ring.lock();
            while queue.has_callback.load(Ordering::Acquire) {
                queue.arrived.wait(&mut ring);
            }
        }
    });
}

/// Gets each record, for as long as it runs.
pub type cc_event_fn = Option<unsafe extern "C" fn(user: *mut c_void, event: *const cc_event)>;

/// Where a program's callback is, and what it wants back.
struct Callback {
    run: unsafe extern "C" fn(user: *mut c_void, event: *const cc_event),
    user: *mut c_void,
}

// SAFETY: the program asks for its function to be called by another thread.
unsafe impl Send for Callback {}

/// Lets a thread of the library call `fn` with each record, one at a time, in place of `cc_queue_read`. It is never the thread that moves sound or
/// decides about calls: a slow callback only fills its own queue.
///
/// Threads: any; `fn` runs in a thread of this queue. Blocks: no. Ownership: the record lives for the call of `fn`; `user` is handed back as it is.
/// Errors: `CC_E_ARG` (NULL), `CC_E_STATE` (there is one already, or the core runs in virtual time), `CC_E_GONE`, `CC_E_NOMEM` (no thread).
///
/// # Safety
/// `fn` may be called with `user` from another thread until the queue is freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_queue_callback(
    queue: *mut cc_queue,
    r#fn: cc_event_fn,
    user: *mut c_void,
) -> cc_status {
    entry(|| {
        let queue = QUEUES.get(queue)?;
        let run = r#fn.ok_or_else(|| Trouble::arg("the callback is NULL"))?;
        let core = queue.core.upgrade().ok_or_else(|| Trouble::gone("the queue's core"))?;
        if core.engine().is_virtual() {
            return Err(Trouble::state(
                "virtual time goes on only while the program waits: use cc_queue_read",
            ));
        }
        if queue.has_callback.swap(true, Ordering::AcqRel) {
            return Err(Trouble::state("the queue has a callback already"));
        }
        let callback = Callback { run, user };
        let thread = std::thread::Builder::new().name("callcore-events".to_owned());
        let for_thread = Arc::clone(&queue);
        thread.spawn(move || call_back(&for_thread, &callback)).map(drop).map_err(|why| {
            queue.has_callback.store(false, Ordering::Release);
            Trouble::new(CC_E_NOMEM, format!("no thread: {why}"))
        })
    })
}

fn call_back(queue: &Queue, callback: &Callback) {
    let mut buffer: Vec<u64> = Vec::new();
    IS_CALLED_BACK.set(true);
    while !queue.is_closed.load(Ordering::Acquire) && queue.wait(None) {
        let mut ring = queue.ring.lock();
        buffer.resize(ring.next_size() / 8, 0);
        // SAFETY: it has room for the next record; its address is a u64's, as a cc_event's must be.
        let is_there = unsafe { ring.pop(buffer.as_mut_ptr().cast(), buffer.len() * 8) }.is_some();
        drop(ring);
        if is_there {
            // SAFETY: the program promised to take it.
            unsafe { (callback.run)(callback.user, buffer.as_ptr().cast()) };
        }
    }
    // under the lock, so that whoever waits for it is either before it or waits already
    let _ring = queue.ring.lock();
    queue.has_callback.store(false, Ordering::Release);
    queue.arrived.notify_all();
}

/// Waits for the end of a command: for `cc_play`, `cc_collect` and `cc_record` that is `CC_EV_PLAY_DONE`, `CC_EV_COLLECT_DONE` and `CC_EV_RECORD_DONE`, for `cc_call_bridge` and `cc_supervise` `CC_EV_UNBRIDGED` and `CC_EV_SUPERVISION_ENDED`, for all others
/// `CC_EV_DONE`. The event is copied to `done` if it is not NULL, and is in the queues besides. In virtual time the centre lives on meanwhile.
///
/// Threads: any, but not from inside a callback. Blocks: up to `timeout_ms`; below 0: for ever. Ownership: a copy.
/// Errors: `CC_E_TIMEOUT` (no end yet, or it was told before), `CC_E_SHORT` (`cap`), `CC_E_REENTRANT`, `CC_E_GONE`, `CC_E_ARG`; else the command's own status.
///
/// # Safety
/// `done` is NULL or has `cap` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_wait(
    core: *mut cc_core,
    req: cc_req,
    timeout_ms: i32,
    done: *mut cc_event,
    cap: usize,
) -> cc_status {
    entry(|| {
        refuse_in_callback()?;
        let core = CORES.get(core)?;
        if req == 0 {
            return Err(Trouble::arg("0 is no command"));
        }
        let hub = core.hub();
        let ended = if core.engine().is_virtual() {
            let found = std::cell::RefCell::new(hub.take(req));
            let look = || {
                let mut found = found.borrow_mut();
                *found = found.take().or_else(|| hub.take(req));
                found.is_some()
            };
            if !look() {
                core.engine().live_until(&look, timeout_ms)?;
            }
            found.take()
        } else {
            hub.wait(req, deadline(timeout_ms))
        };
        let completed = ended.ok_or_else(|| {
            Trouble::new(crate::status::CC_E_TIMEOUT, format!("command {req} has not ended"))
        })?;
        let (record, status) = completed.record();
        if !done.is_null() {
            if cap < record.size() {
                let text = format!("the event has {} bytes; there are {cap}", record.size());
                hub.put_back(req, completed);
                return Err(Trouble::new(CC_E_SHORT, text));
            }
            // SAFETY: it has as many bytes, by the caller's promise.
            unsafe { std::ptr::copy_nonoverlapping(record.bytes().as_ptr(), done.cast(), record.size()) };
        }
        match status {
            status if status < 0 => Err(Trouble::new(status, record.json())),
            _ => Ok(()),
        }
    })
}
