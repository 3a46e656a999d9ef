//! The host's table with a memory: what was posted, what was asked of the configuration.

use crate::text::required;
use callcore_driver_sys::*;
use parking_lot::{Condvar, Mutex};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, c_char, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// One configuration value; the length of a list is an integer under the list's own path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
}

impl From<i64> for Setting {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Setting {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Setting {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

/// An event as the host got it; members that its kind does not have are 0 or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the members are those of callcore_driver.h
pub struct Seen {
    pub kind: u16,
    pub t_ns: u64,
    pub seq: u64,
    pub channel: u32,
    pub call: u64,
    pub req: u64,
    pub q850: u16,
    pub how: u8,
    pub digit: u8,
    pub status: i32,
    pub called: String,
    pub calling: String,
    pub name: String,
    pub via: String,
    pub vendor_code: i64,
    pub inband: bool,
    pub ms: u32,
    pub address: String,
    pub contact: String,
    pub up: bool,
    pub expires_s: u32,
}

/// A host for one driver; cheap to clone.
#[derive(Clone)]
pub struct TestHost(pub(super) Arc<Inner>);

pub(super) struct Inner {
    begun: Instant,
    speed: u64,
    settings: BTreeMap<String, Setting>,
    asked: Mutex<BTreeSet<String>>,
    events: Mutex<Vec<Seen>>,
    arrived: Condvar,
    /// Posts that are refused before the next one is taken.
    pub(super) full_for: AtomicUsize,
}

impl TestHost {
    /// A host with this configuration, whose clock runs `speed` times as fast as the wall's.
    pub fn new(settings: &[(&str, Setting)], speed: u64) -> Self {
        let settings = settings.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
        Self(Arc::new(Inner {
            begun: Instant::now(),
            speed,
            settings,
            asked: Mutex::default(),
            events: Mutex::default(),
            arrived: Condvar::new(),
            full_for: AtomicUsize::new(0),
        }))
    }

    /// The host's time, nanoseconds.
    pub fn now_ns(&self) -> u64 {
        self.0.now_ns()
    }

    /// Every configuration path the driver has asked for.
    pub fn asked(&self) -> BTreeSet<String> {
        self.0.asked.lock().clone()
    }

    /// All events so far.
    pub fn events(&self) -> Vec<Seen> {
        self.0.events.lock().clone()
    }

    /// Waits for the first event from index `from` on that fits, and gives it with the index after it.
    ///
    /// # Errors
    /// All events from `from` on, when none fits within `limit` of the wall's time.
    pub fn wait_for(
        &self,
        from: usize,
        limit: Duration,
        fits: impl Fn(&Seen) -> bool,
    ) -> Result<(Seen, usize), Vec<Seen>> {
        let deadline = Instant::now() + limit;
        let mut events = self.0.events.lock();
        loop {
            let found = events.iter().enumerate().skip(from).find(|(_, event)| fits(event));
            if let Some((index, event)) = found {
                return Ok((event.clone(), index + 1));
            }
            if self.0.arrived.wait_until(&mut events, deadline).timed_out() {
                return Err(events.iter().skip(from).cloned().collect());
            }
        }
    }

    pub(super) fn table(&self) -> ccd_host {
        ccd_host {
            size: size_of::<ccd_host>() as u32,
            abi: CCD_ABI_1_0,
            ctx: Arc::as_ptr(&self.0).cast_mut().cast(),
            post: Some(post),
            log: None,
            log_enabled: None,
            now_ns: Some(now_ns),
            cfg_int: Some(cfg_int),
            cfg_str: Some(cfg_str),
            extension: None,
        }
    }
}

impl Inner {
    fn now_ns(&self) -> u64 {
        self.begun.elapsed().as_nanos() as u64 * self.speed
    }

    fn take(&self, seen: Seen) -> ccd_status {
        let refuse =
            self.full_for.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if refuse.is_ok() {
            return CCD_E_FULL;
        }
        let mut events = self.events.lock();
        assert_eq!(seen.seq, events.len() as u64 + 1, "events are numbered without a gap: {seen:?}");
        events.push(seen);
        self.arrived.notify_all();
        CCD_OK
    }

    fn setting(&self, path: &str) -> Option<&Setting> {
        self.asked.lock().insert(path.to_owned());
        self.settings.get(path)
    }
}

/// # Safety
/// `ctx` is the pointer of a [`TestHost`] that is alive.
unsafe fn inner<'a>(ctx: *mut c_void) -> &'a Inner {
    // SAFETY: the caller's promise.
    unsafe { &*ctx.cast::<Inner>() }
}

unsafe extern "C" fn now_ns(ctx: *mut c_void) -> u64 {
    // SAFETY: ctx is ours.
    unsafe { inner(ctx) }.now_ns()
}

unsafe extern "C" fn post(ctx: *mut c_void, ev: *const ccd_event) -> ccd_status {
    // SAFETY: ctx is ours, and a posted event is whole.
    unsafe { inner(ctx).take(read(ev)) }
}

/// # Safety
/// `ev` points to a whole event.
unsafe fn read(ev: *const ccd_event) -> Seen {
    // SAFETY: the kind tells the type; the size is checked against it before the payload is read.
    unsafe {
        let head = *ev;
        assert!(head.size.is_multiple_of(8) && head.size <= CCD_EVENT_MAX, "size of {head:?}");
        let mut seen = plain(&head);
        match head.kind {
            CCD_EV_DONE => seen.status = payload::<ccd_ev_done>(ev).status,
            CCD_EV_INCOMING | CCD_EV_CALL_INFO => {
                let incoming = payload::<ccd_ev_incoming>(ev);
                (seen.called, seen.calling) = (text(&incoming.called), text(&incoming.calling));
                (seen.name, seen.via) = (text(&incoming.name), text(&incoming.via));
            }
            CCD_EV_DISCONNECTED | CCD_EV_RELEASED => {
                let gone = payload::<ccd_ev_disconnected>(ev);
                (seen.q850, seen.how) = (gone.q850, gone.how);
                (seen.vendor_code, seen.inband) = (gone.vendor_code, gone.inband == 1);
                assert!((1..=127).contains(&seen.q850), "cause of {seen:?}");
            }
            CCD_EV_DIGIT => {
                let digit = payload::<ccd_ev_digit>(ev);
                (seen.digit, seen.ms) = (digit.digit, digit.ms);
            }
            CCD_EV_PROGRESS | CCD_EV_ALERTING => {
                seen.inband = payload::<ccd_ev_progress>(ev).inband == 1;
            }
            CCD_EV_ENDPOINT => {
                let endpoint = payload::<ccd_ev_endpoint>(ev);
                (seen.address, seen.contact) = (text(&endpoint.address), text(&endpoint.contact));
                (seen.up, seen.expires_s) = (endpoint.up == 1, endpoint.expires_s);
            }
            _ => {}
        }
        seen
    }
}

fn plain(head: &ccd_event) -> Seen {
    Seen {
        kind: head.kind,
        t_ns: head.t_ns,
        seq: head.seq,
        channel: head.chan,
        call: head.call,
        req: head.req,
        q850: 0,
        how: 0,
        digit: 0,
        status: 0,
        called: String::new(),
        calling: String::new(),
        name: String::new(),
        via: String::new(),
        vendor_code: 0,
        inband: false,
        ms: 0,
        address: String::new(),
        contact: String::new(),
        up: false,
        expires_s: 0,
    }
}

/// # Safety
/// `ev` points to a whole event whose kind has the type `T`.
unsafe fn payload<'a, T>(ev: *const ccd_event) -> &'a T {
    // SAFETY: the caller's promise; an event that is too short is refused.
    unsafe {
        assert!((*ev).size as usize >= size_of::<T>(), "kind {} is too short", (*ev).kind);
        &*ev.cast::<T>()
    }
}

fn text(array: &[c_char]) -> String {
    let bytes: Vec<u8> = array.iter().map(|c| *c as u8).take_while(|c| *c != 0).collect();
    assert!(bytes.len() < array.len(), "a text without its NUL");
    String::from_utf8(bytes).expect("texts of events are UTF-8")
}

unsafe extern "C" fn cfg_int(ctx: *mut c_void, path: *const c_char, out: *mut i64) -> ccd_status {
    // SAFETY: ctx is ours; the driver's pointers are as the contract says.
    unsafe {
        let Some(path) = required(path) else { return CCD_E_ARG };
        match inner(ctx).setting(path) {
            None => CCD_E_GONE,
            Some(Setting::Text(_)) => CCD_E_CONFIG,
            Some(Setting::Int(value)) => {
                *out = *value;
                CCD_OK
            }
        }
    }
}

unsafe extern "C" fn cfg_str(
    ctx: *mut c_void,
    path: *const c_char,
    buf: *mut c_char,
    cap: usize,
    need: *mut usize,
) -> ccd_status {
    // SAFETY: ctx is ours; the driver's pointers are as the contract says.
    unsafe {
        let Ok(path) = CStr::from_ptr(path).to_str() else { return CCD_E_ARG };
        match inner(ctx).setting(path) {
            None => CCD_E_GONE,
            Some(Setting::Int(_)) => CCD_E_CONFIG,
            Some(Setting::Text(text)) => {
                *need = text.len() + 1;
                if cap < *need {
                    return CCD_E_ARG;
                }
                std::ptr::copy_nonoverlapping(text.as_ptr().cast(), buf, text.len());
                *buf.add(text.len()) = 0;
                CCD_OK
            }
        }
    }
}
