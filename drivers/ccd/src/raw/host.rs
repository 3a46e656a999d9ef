//! A host's table that counts who calls it, and can be longer than the header's.

use callcore_driver_host::{EventBytes, config};
use callcore_driver_sys::*;
use serde_json::Value;
use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Instant;

/// The table and what it has seen. It lives for ever: a thread that a driver forgot must still find it.
pub struct Table {
    config: Value,
    began: Instant,
    is_closed: AtomicBool,
    calls_when_closed: AtomicU64,
    events: Mutex<Vec<Vec<u8>>>,
    places: OnceLock<[Place; 2]>,
}

// SAFETY: the pointers in the places are to functions and to the table itself, which lives for ever.
unsafe impl Send for Table {}
// SAFETY: as above; what changes is atomic or behind a lock.
unsafe impl Sync for Table {}

/// A table with what a later version might append.
#[repr(C)]
struct Place {
    host: ccd_host,
    later: [u64; 8],
}

/// What lies where a later version's functions would: no address that anything can be at.
const LATER: u64 = 0xDEAD_0000_DEAD_0000;

impl Table {
    /// A host with a configuration.
    #[must_use]
    pub fn new(config: &Value) -> &'static Self {
        Box::leak(Box::new(Self {
            config: config.clone(),
            began: Instant::now(),
            is_closed: AtomicBool::new(false),
            calls_when_closed: AtomicU64::new(0),
            events: Mutex::default(),
            places: OnceLock::new(),
        }))
    }

    /// The table to hand to a driver: as this version has it, or with 64 bytes of a later one behind it.
    pub(super) fn c(&'static self, is_later: bool) -> *const ccd_host {
        let whole = size_of::<ccd_host>();
        let places = self.places.get_or_init(|| [whole, size_of::<Place>()].map(|bytes| self.place(bytes)));
        std::ptr::from_ref(&places[usize::from(is_later)]).cast()
    }

    fn place(&'static self, bytes: usize) -> Place {
        let host = ccd_host {
            size: bytes as u32,
            abi: CCD_ABI_1_0,
            ctx: std::ptr::from_ref(self).cast_mut().cast(),
            post: Some(post),
            log: Some(log),
            log_enabled: Some(log_enabled),
            now_ns: Some(now_ns),
            cfg_int: Some(cfg_int),
            cfg_str: Some(cfg_str),
            extension: Some(extension),
        };
        Place { host, later: [LATER; 8] }
    }

    /// From now on nobody may call any more.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
    }

    /// Calls are in order again.
    pub fn reopen(&self) {
        self.is_closed.store(false, Ordering::SeqCst);
    }

    /// How often it was called while it was closed.
    #[must_use]
    pub fn calls_when_closed(&self) -> u64 {
        self.calls_when_closed.load(Ordering::SeqCst)
    }

    /// How many events were posted.
    #[must_use]
    pub fn events(&self) -> usize {
        self.events.lock().map_or(0, |events| events.len())
    }

    /// Whether an event of this type was posted for a call.
    #[must_use]
    pub fn has(&self, kind: u16, call: u64) -> bool {
        let is_one = |bytes: &Vec<u8>| {
            let event = EventBytes(bytes);
            (event.kind(), event.call()) == (kind, call)
        };
        self.events.lock().is_ok_and(|events| events.iter().any(is_one))
    }
}

/// The table behind a context.
///
/// # Safety
/// `ctx` came from [`Table::c`].
unsafe fn table(ctx: *mut c_void) -> &'static Table {
    // SAFETY: tables are leaked.
    let table = unsafe { &*ctx.cast::<Table>() };
    if table.is_closed.load(Ordering::SeqCst) {
        table.calls_when_closed.fetch_add(1, Ordering::SeqCst);
    }
    table
}

unsafe extern "C" fn post(ctx: *mut c_void, ev: *const ccd_event) -> ccd_status {
    // SAFETY: the driver's promises for its context and its event, which has as many bytes as it says.
    unsafe {
        let table = table(ctx);
        if ev.is_null() {
            return CCD_E_ARG;
        }
        let size = ev.cast::<u32>().read_unaligned() as usize;
        if !(size_of::<ccd_event>()..=CCD_EVENT_MAX as usize).contains(&size) {
            return CCD_E_ARG;
        }
        let bytes = std::slice::from_raw_parts(ev.cast::<u8>(), size).to_vec();
        if let Ok(mut events) = table.events.lock() {
            events.push(bytes);
        }
    }
    CCD_OK
}

unsafe extern "C" fn log(ctx: *mut c_void, _level: i32, _target: *const c_char, _text: *const c_char) {
    // SAFETY: the driver's promise.
    unsafe { table(ctx) };
}

unsafe extern "C" fn log_enabled(ctx: *mut c_void, _level: i32, _target: *const c_char) -> i32 {
    // SAFETY: the driver's promise.
    unsafe { table(ctx) };
    0
}

unsafe extern "C" fn now_ns(ctx: *mut c_void) -> u64 {
    // SAFETY: the driver's promise.
    let table = unsafe { table(ctx) };
    static ZERO: OnceLock<Instant> = OnceLock::new();
    ZERO.get_or_init(|| table.began).elapsed().as_nanos() as u64 + 1
}

unsafe extern "C" fn cfg_int(ctx: *mut c_void, path: *const c_char, out: *mut i64) -> ccd_status {
    // SAFETY: the driver's promises; NULL is refused.
    let (table, path) = unsafe {
        let table = table(ctx);
        if path.is_null() || out.is_null() {
            return CCD_E_ARG;
        }
        (table, CStr::from_ptr(path).to_string_lossy())
    };
    let value = match config::int(&table.config, &path) {
        Ok(value) => value,
        Err(status) => return status,
    };
    // SAFETY: not NULL.
    unsafe { *out = value };
    CCD_OK
}

unsafe extern "C" fn cfg_str(
    ctx: *mut c_void,
    path: *const c_char,
    buf: *mut c_char,
    cap: usize,
    need: *mut usize,
) -> ccd_status {
    // SAFETY: the driver's promises; NULL is refused.
    let (table, path) = unsafe {
        let table = table(ctx);
        if path.is_null() {
            return CCD_E_ARG;
        }
        (table, CStr::from_ptr(path).to_string_lossy())
    };
    let text = match config::text(&table.config, &path) {
        Ok(text) => text,
        Err(status) => return status,
    };
    // SAFETY: `cap` bytes are the driver's promise for `buf`, which is NULL or that.
    unsafe {
        if let Some(need) = need.as_mut() {
            *need = text.len() + 1;
        }
        if buf.is_null() || cap <= text.len() {
            return CCD_E_ARG;
        }
        std::ptr::copy_nonoverlapping(text.as_ptr(), buf.cast::<u8>(), text.len());
        *buf.add(text.len()) = 0;
    }
    CCD_OK
}

unsafe extern "C" fn extension(ctx: *mut c_void, _id: *const c_char) -> *const c_void {
    // SAFETY: the driver's promise.
    unsafe { table(ctx) };
    std::ptr::null()
}
