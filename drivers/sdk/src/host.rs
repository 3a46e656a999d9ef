//! The host's services, as a handle that any thread may hold.

use crate::event::Event;
use crate::flat::Flat;
use crate::types::Error;
use callcore_driver_sys::table::copy_table;
use callcore_driver_sys::*;
use std::ffi::{CString, c_void};
use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Why an event did not reach the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostError {
    /// The host's ring is full: try again, or [`Host::give_up`].
    Full,
    /// The host says that the event breaks the contract; it counts as posted.
    Refused,
    /// The device is not open or has been stopped; nobody listens any more.
    Closed,
}

/// A command that is still to be completed; see [`Host::complete`].
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub(crate) req: ccd_req,
    pub(crate) channel: u32,
    pub(crate) call: u64,
}

/// How long a `DONE` waits for room in the host's ring, a millisecond each, before it is counted as lost.
const DONE_TRIES_MAX: u32 = 500;

/// A handle to the host; cheap to clone, usable from any thread.
///
/// Events posted here are numbered from 1 without a gap and carry the host's time.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    raw: ccd_host,
    open: AtomicBool,
    busy: AtomicBool,
    seq: AtomicU64,
    lost: AtomicU64,
}

// SAFETY: the contract lets any thread call the host's functions with `ctx`; cfg_* are [control] only, and are
// documented so on the methods.
unsafe impl Send for Inner {}
// SAFETY: as for Send.
unsafe impl Sync for Inner {}

/// How often a posting thread looks again before it lets others run.
const SPINS_MAX: u32 = 200;

impl Host {
    /// Copies the host's table, as much of it as both sides know.
    ///
    /// # Safety
    /// `host` points to a `ccd_host` whose `size` is right and whose functions stay callable.
    pub(crate) unsafe fn from_c(host: *const ccd_host) -> Option<Self> {
        // SAFETY: passed on.
        let raw: ccd_host = unsafe { copy_table(host.cast()) }?;
        raw.post?;
        raw.now_ns?;
        let (open, busy) = (AtomicBool::new(true), AtomicBool::new(false));
        Some(Self(Arc::new(Inner { raw, open, busy, seq: AtomicU64::new(0), lost: AtomicU64::new(0) })))
    }

    fn ctx(&self) -> *mut c_void {
        self.0.raw.ctx
    }

    pub(crate) fn set_open(&self, open: bool) {
        self.with_turn(|| self.0.open.store(open, Ordering::Release));
    }

    /// One thread at a time; the turn is as short as a copy.
    fn with_turn<T>(&self, run: impl FnOnce() -> T) -> T {
        let mut spins = 0;
        while !self.take_turn() {
            spins += 1;
            if spins % SPINS_MAX == 0 { std::thread::yield_now() } else { spin_loop() }
        }
        let result = run();
        self.0.busy.store(false, Ordering::Release);
        result
    }

    fn take_turn(&self) -> bool {
        self.0.busy.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Posts an event. Never blocks on the host; does not allocate.
    ///
    /// # Errors
    /// [`PostError::Full`] when the host's ring is full, [`PostError::Closed`] after `stop`.
    pub fn post(&self, event: &Event) -> Result<(), PostError> {
        self.post_flat(Flat::of(event))
    }

    /// [`Host::post`] for a real-time thread: looks for its turn only a bounded number of times, then says `Full`.
    ///
    /// # Errors
    /// As for [`Host::post`]; after `Full` try again in the next frame.
    pub fn try_post(&self, event: &Event) -> Result<(), PostError> {
        for _ in 0..SPINS_MAX {
            if self.take_turn() {
                let result = self.post_in_turn(Flat::of(event));
                self.0.busy.store(false, Ordering::Release);
                return result;
            }
            spin_loop();
        }
        Err(PostError::Full)
    }

    pub(crate) fn post_flat(&self, flat: Flat) -> Result<(), PostError> {
        self.with_turn(|| self.post_in_turn(flat))
    }

    /// Counts an event that could not be posted; the host hears of it, as `Lost`, before the next event.
    pub fn give_up(&self) {
        self.0.lost.fetch_add(1, Ordering::Relaxed);
    }

    fn post_in_turn(&self, flat: Flat) -> Result<(), PostError> {
        if !self.0.open.load(Ordering::Acquire) {
            return Err(PostError::Closed);
        }
        let count = self.0.lost.load(Ordering::Relaxed);
        if count > 0 {
            self.send(Flat::of(&Event::Lost { count }))?;
            self.0.lost.fetch_sub(count, Ordering::Relaxed);
        }
        self.send(flat)
    }

    fn send(&self, mut flat: Flat) -> Result<(), PostError> {
        let seq = self.0.seq.load(Ordering::Relaxed) + 1;
        let t_ns = self.now_ns();
        let head = flat.head();
        head.seq = seq;
        head.t_ns = t_ns;
        let post = self.0.raw.post.expect("from_c refuses a host without post");
        // SAFETY: the event is whole and lives through the call; the host only copies.
        match unsafe { post(self.ctx(), flat.as_ptr()) } {
            CCD_OK => {
                self.0.seq.store(seq, Ordering::Relaxed);
                Ok(())
            }
            CCD_E_FULL => Err(PostError::Full),
            CCD_E_ARG => {
                // it counts as posted
                self.0.seq.store(seq, Ordering::Relaxed);
                Err(PostError::Refused)
            }
            _ => Err(PostError::Closed),
        }
    }

    /// Completes a command that was accepted with [`Completion::Later`](crate::Completion::Later), once: 0, or the
    /// `CCD_E_*` it failed with. Waits up to half a second for room.
    pub fn complete(&self, request: Request, status: i32) {
        if request.req == 0 {
            return;
        }
        for _ in 0..DONE_TRIES_MAX {
            match self.post_flat(Flat::done(request.req, request.channel, request.call, status)) {
                Err(PostError::Full) => std::thread::sleep(Duration::from_millis(1)),
                _ => return,
            }
        }
        self.give_up();
    }

    /// The host's monotonic clock, in nanoseconds.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        let now = self.0.raw.now_ns.expect("from_c refuses a host without now_ns");
        // SAFETY: a host function with the host's own context.
        unsafe { now(self.ctx()) }
    }

    /// Writes to the host's log: level 1 error, 2 warning, 3 information, 4 debug, 5 trace. Not for real-time threads.
    pub fn log(&self, level: i32, target: &str, text: &str) {
        let Some(log) = self.0.raw.log else { return };
        let clean = |s: &str| CString::new(s.replace('\0', " ")).expect("every NUL was replaced");
        let (target, text) = (clean(target), clean(text));
        if self.0.open.load(Ordering::Acquire) {
            // SAFETY: both strings live through the call; the host copies them.
            unsafe { log(self.ctx(), level, target.as_ptr(), text.as_ptr()) }
        }
    }

    /// Whether [`Host::log`] at this level goes anywhere.
    #[must_use]
    pub fn log_enabled(&self, level: i32, target: &str) -> bool {
        let Some(enabled) = self.0.raw.log_enabled else { return self.0.raw.log.is_some() };
        let Ok(target) = CString::new(target) else { return false };
        // SAFETY: the string lives through the call.
        unsafe { enabled(self.ctx(), level, target.as_ptr()) != 0 }
    }

    /// An integer of the configuration, or the length of a list; `None` when it is not set. Only from `create`, `open`
    /// and the calls of a device.
    ///
    /// # Errors
    /// `CCD_E_CONFIG` when it is of another type.
    pub fn cfg_int(&self, path: &str) -> Result<Option<i64>, Error> {
        let Some(cfg_int) = self.0.raw.cfg_int else { return Ok(None) };
        let name = path_text(path)?;
        let mut value = 0;
        // SAFETY: path and value live through the call.
        match unsafe { cfg_int(self.ctx(), name.as_ptr(), &mut value) } {
            CCD_OK => Ok(Some(value)),
            CCD_E_GONE => Ok(None),
            code => Err(wrong(path, code, "an integer")),
        }
    }

    /// A text of the configuration; `None` when it is not set. Only from `create`, `open` and the calls of a device.
    ///
    /// # Errors
    /// `CCD_E_CONFIG` when it is of another type or not UTF-8.
    pub fn cfg_str(&self, path: &str) -> Result<Option<String>, Error> {
        let Some(cfg_str) = self.0.raw.cfg_str else { return Ok(None) };
        let name = path_text(path)?;
        let mut bytes = vec![0u8; 256];
        loop {
            let mut need = 0;
            // SAFETY: path, buffer and need live through the call; the capacity is the buffer's own.
            let code = unsafe {
                cfg_str(self.ctx(), name.as_ptr(), bytes.as_mut_ptr().cast(), bytes.len(), &mut need)
            };
            match code {
                CCD_OK => break,
                CCD_E_GONE => return Ok(None),
                CCD_E_ARG if need > bytes.len() && need <= 1 << 20 => bytes.resize(need, 0),
                code => return Err(wrong(path, code, "a text")),
            }
        }
        bytes.truncate(bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len()));
        String::from_utf8(bytes).map(Some).map_err(|_| wrong(path, CCD_E_CONFIG, "UTF-8"))
    }
}

fn path_text(path: &str) -> Result<CString, Error> {
    CString::new(path).map_err(|_| Error::arg("a configuration path holds a NUL"))
}

fn wrong(path: &str, code: i32, wanted: &str) -> Error {
    Error::new(code, format!("{path}: this setting must be {wanted}"))
}
