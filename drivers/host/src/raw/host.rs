//! A [`Host`] as the table that drivers see: functions that never block, never let a panic out, and answer those who come
//! too late.

use crate::event::checked_size;
use crate::seam::{Host, Push};
use crate::text::borrowed;
use callcore_driver_sys::table::copy_table;
use callcore_driver_sys::*;
use std::cell::UnsafeCell;
use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_void};
use std::hint::spin_loop;
use std::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Places that rest before one is used again: a thread that a driver forgot to end still finds the one it knew closed.
const RESTING: usize = 256;

/// Places that were closed, the longest first.
static CLOSED: Mutex<VecDeque<&'static Place>> = Mutex::new(VecDeque::new());

/// Where a driver finds its host. It lives for ever, since a driver may keep its address as long; its host does not.
struct Place {
    table: UnsafeCell<ccd_host>,
    host: UnsafeCell<Option<Arc<dyn Host>>>,
    is_open: AtomicBool,
    /// Functions that run now.
    inside: AtomicU32,
    /// Of a device that is open: how long its sets and formats are. 0: nobody pushes here.
    channels: AtomicU32,
}

// SAFETY: `host` is written while the place is closed and nobody is inside, `table` when it is made; else both are read.
unsafe impl Sync for Place {}
// SAFETY: as for Sync.
unsafe impl Send for Place {}

impl Place {
    fn leak() -> &'static Self {
        let table = ccd_host {
            size: size_of::<ccd_host>() as u32,
            abi: 0,
            ctx: ptr::null_mut(),
            post: Some(post),
            log: Some(write_log),
            log_enabled: Some(log_enabled),
            now_ns: Some(now_ns),
            cfg_int: Some(cfg_int),
            cfg_str: Some(cfg_str),
            extension: Some(extension),
        };
        let (is_open, inside, channels) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
        Box::leak(Box::new(Self { table: table.into(), host: None.into(), is_open, inside, channels }))
    }

    /// Run a function for the driver, unless it comes too late.
    fn enter<T>(&self, otherwise: T, body: impl FnOnce(&dyn Host) -> T) -> T {
        self.inside.fetch_add(1, Ordering::SeqCst);
        let result = if self.is_open.load(Ordering::SeqCst) {
            // SAFETY: open, and whoever closes it waits for us before the host is taken out.
            let host = unsafe { &*self.host.get() };
            host.as_deref().and_then(|host| catch_unwind(AssertUnwindSafe(|| body(host))).ok())
        } else {
            None
        };
        self.inside.fetch_sub(1, Ordering::SeqCst);
        result.unwrap_or(otherwise)
    }
}

/// A host for one driver or device. What is not closed stays open for ever.
pub(super) struct HostTable(&'static Place);

impl HostTable {
    pub(super) fn new(host: Arc<dyn Host>, abi: u32) -> Self {
        let mut closed = CLOSED.lock().unwrap_or_else(PoisonError::into_inner);
        let rested = if closed.len() > RESTING { closed.pop_front() } else { None };
        drop(closed);
        let place = rested.unwrap_or_else(Place::leak);
        // SAFETY: the place is closed, and nobody else has it.
        unsafe {
            *place.host.get() = Some(host);
            (*place.table.get()).abi = abi;
            (*place.table.get()).ctx = ptr::from_ref(place).cast_mut().cast();
        }
        place.channels.store(0, Ordering::SeqCst);
        place.is_open.store(true, Ordering::SeqCst);
        Self(place)
    }

    /// What the driver is given; it can be read for ever.
    pub(super) fn table(&self) -> *const ccd_host {
        self.0.table.get()
    }

    /// The table is a device's, which has so many channels and may push frames.
    pub(super) fn set_channels(&self, channels: u32) {
        self.0.channels.store(channels, Ordering::SeqCst);
    }

    /// Nobody gets in any more; those who are inside only copy, and are waited for.
    pub(super) fn close(&self) {
        if !self.0.is_open.swap(false, Ordering::SeqCst) {
            return;
        }
        while self.0.inside.load(Ordering::SeqCst) != 0 {
            spin_loop();
        }
        // SAFETY: closed, and nobody is inside.
        let host = unsafe { (*self.0.host.get()).take() };
        CLOSED.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.0);
        drop(host);
    }
}

/// Run a host function for a driver: a NULL context is answered, a panic of ours stays here.
///
/// # Safety
/// `ctx` is NULL or the `ctx` of a table made by [`HostTable`].
unsafe fn guarded<T>(ctx: *mut c_void, otherwise: T, body: impl FnOnce(&dyn Host) -> T) -> T {
    // SAFETY: places live for ever, and are only ever shared.
    match unsafe { ctx.cast::<Place>().cast_const().as_ref() } {
        Some(place) => place.enter(otherwise, body),
        None => otherwise,
    }
}

/// Longest event in 64-bit words.
const EVENT_WORDS: usize = CCD_EVENT_MAX as usize / 8;

unsafe extern "C" fn post(ctx: *mut c_void, ev: *const ccd_event) -> ccd_status {
    // SAFETY: the driver's promise for ctx.
    unsafe {
        guarded(ctx, CCD_E_STATE, |host| {
            if ev.is_null() {
                return CCD_E_ARG;
            }
            // SAFETY: an event begins with its size; it need not be aligned.
            let size = match checked_size(ev.cast::<u32>().read_unaligned()) {
                Ok(size) => size,
                Err(why) => {
                    host.on_unreadable(why);
                    return CCD_E_ARG;
                }
            };
            let mut copy = [0u64; EVENT_WORDS];
            let copy_at = copy.as_mut_ptr().cast::<u8>();
            // SAFETY: the size was checked against the copy's; the event has as many bytes as it says.
            ptr::copy_nonoverlapping(ev.cast::<u8>(), copy_at, size);
            // SAFETY: bytes of the copy, all of them written.
            host.post(std::slice::from_raw_parts(copy_at, size))
        })
    }
}

unsafe extern "C" fn write_log(ctx: *mut c_void, level: i32, target: *const c_char, text: *const c_char) {
    // SAFETY: the driver's promises for its pointers.
    unsafe {
        guarded(ctx, (), |host| {
            let text = if text.is_null() { c"" } else { CStr::from_ptr(text) };
            host.log(level, borrowed(target).unwrap_or("driver"), &text.to_string_lossy());
        });
    }
}

unsafe extern "C" fn log_enabled(ctx: *mut c_void, level: i32, target: *const c_char) -> i32 {
    // SAFETY: the driver's promises for its pointers.
    unsafe {
        guarded(ctx, 0, |host| i32::from(host.log_enabled(level, borrowed(target).unwrap_or("driver"))))
    }
}

unsafe extern "C" fn now_ns(ctx: *mut c_void) -> u64 {
    // SAFETY: the driver's promise for ctx.
    unsafe { guarded(ctx, 0, |host| host.now_ns()) }
}

unsafe extern "C" fn cfg_int(ctx: *mut c_void, path: *const c_char, out: *mut i64) -> ccd_status {
    // SAFETY: the driver's promises for its pointers; both are checked for NULL.
    unsafe {
        guarded(ctx, CCD_E_STATE, |host| {
            let (Some(path), Some(out)) = (borrowed(path), out.as_mut()) else { return CCD_E_ARG };
            match host.cfg_int(path) {
                Ok(value) => {
                    *out = value;
                    CCD_OK
                }
                Err(status) => status,
            }
        })
    }
}

unsafe extern "C" fn cfg_str(
    ctx: *mut c_void,
    path: *const c_char,
    buf: *mut c_char,
    cap: usize,
    need: *mut usize,
) -> ccd_status {
    // SAFETY: the driver's promises for its pointers; `cap` bytes are its promise for `buf`.
    unsafe {
        guarded(ctx, CCD_E_STATE, |host| {
            let Some(path) = borrowed(path) else { return CCD_E_ARG };
            let text = match host.cfg_str(path) {
                Ok(text) if text.contains('\0') => return CCD_E_CONFIG,
                Ok(text) => text,
                Err(status) => return status,
            };
            if let Some(need) = need.as_mut() {
                *need = text.len() + 1;
            }
            if buf.is_null() || cap <= text.len() {
                return CCD_E_ARG;
            }
            ptr::copy_nonoverlapping(text.as_ptr(), buf.cast::<u8>(), text.len());
            *buf.add(text.len()) = 0;
            CCD_OK
        })
    }
}

unsafe extern "C" fn extension(_ctx: *mut c_void, id: *const c_char) -> *const c_void {
    // SAFETY: the driver's promise for id.
    match unsafe { borrowed(id) } {
        Some("callcore.host.push/1") => ptr::from_ref(&PUSH).cast(),
        _ => ptr::null(),
    }
}

static PUSH: ccd_push_vt =
    ccd_push_vt { size: size_of::<ccd_push_vt>() as u32, reserved: 0, frame: Some(push_frame) };

/// The bytes that a tick needs for its sets.
const TICK_MIN: usize = offset_of!(ccd_tick, rx_format);

unsafe extern "C" fn push_frame(ctx: *mut c_void, t: *mut ccd_tick) -> ccd_status {
    // SAFETY: places live for ever, and are only ever shared.
    let Some(place) = (unsafe { ctx.cast::<Place>().cast_const().as_ref() }) else { return CCD_E_STATE };
    // SAFETY: a tick begins with its size; as much of it is there.
    let Some(tick) = (unsafe { copy_table::<ccd_tick>(t.cast_const().cast()) }) else { return CCD_E_ARG };
    let channels = place.channels.load(Ordering::SeqCst) as usize;
    let (words, given) = (channels.div_ceil(64), tick.size as usize);
    if channels == 0 || tick.words as usize != words || given < TICK_MIN {
        return CCD_E_ARG;
    }
    if tick.rx_valid.is_null() || tick.tx_valid.is_null() {
        return CCD_E_ARG;
    }
    // SAFETY: the sets have as many words and the formats as many bytes as the device has channels, are the driver's own, and
    // live through the call; those that are NULL are not looked at.
    unsafe {
        let bytes = |at: *const u8| if at.is_null() { 0 } else { channels };
        let formats = |at: *const u8| if at.is_null() { ptr::dangling() } else { at };
        let mut push = Push {
            frame: tick.frame,
            rx_valid: std::slice::from_raw_parts(tick.rx_valid, words),
            rx_format: std::slice::from_raw_parts(formats(tick.rx_format), bytes(tick.rx_format)),
            tx_valid: std::slice::from_raw_parts_mut(tick.tx_valid.cast_mut(), words),
            tx_format: std::slice::from_raw_parts_mut(
                formats(tick.tx_format).cast_mut(),
                bytes(tick.tx_format),
            ),
        };
        guarded(ctx, CCD_E_STATE, |host| host.push(&mut push))
    }
}
