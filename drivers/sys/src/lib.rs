//! `callcore_driver.h` as Rust declarations, name for name; the header is the contract and has the words.
#![allow(non_camel_case_types, missing_docs)]

use std::ffi::{c_char, c_void};

pub mod act;
mod constants;
mod event;
mod layout;
pub mod table;

pub use constants::*;
pub use event::*;

pub type ccd_status = i32;
pub type ccd_chan = u32;
pub type ccd_call = u64;
pub type ccd_req = u64;

/// The one symbol that a driver library exports.
pub type ccd_negotiate_fn =
    unsafe extern "C" fn(offer: *const ccd_offer, accept: *mut ccd_accept) -> ccd_status;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_error {
    pub size: u32,
    pub code: ccd_status,
    pub vendor_code: i64,
    pub text: [c_char; 240],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ccd_host {
    pub size: u32,
    pub abi: u32,
    pub ctx: *mut c_void,
    pub post: Option<unsafe extern "C" fn(ctx: *mut c_void, ev: *const ccd_event) -> ccd_status>,
    pub log: Option<
        unsafe extern "C" fn(ctx: *mut c_void, level: i32, target: *const c_char, utf8: *const c_char),
    >,
    pub log_enabled: Option<unsafe extern "C" fn(ctx: *mut c_void, level: i32, target: *const c_char) -> i32>,
    pub now_ns: Option<unsafe extern "C" fn(ctx: *mut c_void) -> u64>,
    pub cfg_int:
        Option<unsafe extern "C" fn(ctx: *mut c_void, path: *const c_char, out: *mut i64) -> ccd_status>,
    pub cfg_str: Option<
        unsafe extern "C" fn(
            ctx: *mut c_void,
            path: *const c_char,
            buf: *mut c_char,
            cap: usize,
            need: *mut usize,
        ) -> ccd_status,
    >,
    pub extension: Option<unsafe extern "C" fn(ctx: *mut c_void, id: *const c_char) -> *const c_void>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_device_info {
    pub size: u32,
    pub channels: u32,
    pub spans: u32,
    pub paced_by: u32,
    pub clock_domain: u32,
    pub flags: u32,
    pub uid: [c_char; 64],
    pub location: [c_char; 64],
    pub model: [c_char; 64],
    pub firmware: [c_char; 64],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_channel_info {
    pub size: u32,
    pub kind: u32,
    pub signalling: u32,
    pub span: u32,
    pub timeslot: u32,
    pub codecs: u32,
    pub law: u32,
    pub bus_domain: u32,
    pub caps: u64,
    pub frame_min: u32,
    pub frame_max: u32,
    pub frame_pref: u32,
    pub ec_tail_ms: u32,
    pub level: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_offer {
    pub size: u32,
    pub abi_min: u32,
    pub abi_max: u32,
    pub flags: u32,
    pub host_name: *const c_char,
    pub host_version: *const c_char,
    pub driver_path: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_accept {
    pub size: u32,
    pub abi: u32,
    pub id: *const c_char,
    pub name: *const c_char,
    pub vendor: *const c_char,
    pub version: *const c_char,
    pub flags: u32,
    pub reserved: u32,
    pub vt: *const ccd_driver_vt,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ccd_driver_vt {
    pub size: u32,
    pub reserved: u32,
    pub create: Option<
        unsafe extern "C" fn(host: *const ccd_host, drv: *mut *mut c_void, err: *mut ccd_error) -> ccd_status,
    >,
    pub destroy: Option<unsafe extern "C" fn(drv: *mut c_void)>,
    pub enumerate:
        Option<unsafe extern "C" fn(drv: *mut c_void, index: u32, out: *mut ccd_device_info) -> ccd_status>,
    pub open: Option<
        unsafe extern "C" fn(
            drv: *mut c_void,
            uid: *const c_char,
            host: *const ccd_host,
            dev: *mut *mut c_void,
            err: *mut ccd_error,
        ) -> ccd_status,
    >,
    pub close: Option<unsafe extern "C" fn(dev: *mut c_void)>,
    pub extension: Option<unsafe extern "C" fn(drv: *mut c_void, id: *const c_char) -> *const c_void>,
    pub config_schema: Option<unsafe extern "C" fn() -> *const c_char>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_media_setup {
    pub size: u32,
    pub frame_samples: u32,
    pub depth: u32,
    pub stride: u32,
    pub channels: u32,
    pub codec: u32,
    pub base: *mut c_void,
    pub bytes: u64,
    pub rx_off: u64,
    pub tx_off: u64,
    pub pool_fd: i64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ccd_device_vt {
    pub size: u32,
    pub reserved: u32,
    pub channel: Option<
        unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, out: *mut ccd_channel_info) -> ccd_status,
    >,
    pub start: Option<
        unsafe extern "C" fn(dev: *mut c_void, m: *const ccd_media_setup, err: *mut ccd_error) -> ccd_status,
    >,
    pub stop: Option<unsafe extern "C" fn(dev: *mut c_void) -> ccd_status>,
    pub service: Option<
        unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, in_service: i32, req: ccd_req) -> ccd_status,
    >,
    pub replay: Option<unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, req: ccd_req) -> ccd_status>,
    pub stats: Option<
        unsafe extern "C" fn(dev: *mut c_void, json: *mut c_char, cap: usize, need: *mut usize) -> ccd_status,
    >,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_make {
    pub size: u32,
    pub flags: u32,
    pub called: *const c_char,
    pub calling: *const c_char,
    pub name: *const c_char,
    pub via: *const c_char,
    pub ton_npi: u32,
    pub presentation: u32,
    pub timeout_ms: u32,
    pub reserved: u32,
    pub json: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ccd_call_vt {
    pub size: u32,
    pub reserved: u32,
    pub make: Option<
        unsafe extern "C" fn(
            dev: *mut c_void,
            ch: ccd_chan,
            call: ccd_call,
            m: *const ccd_make,
            req: ccd_req,
        ) -> ccd_status,
    >,
    pub digits: Option<
        unsafe extern "C" fn(
            dev: *mut c_void,
            call: ccd_call,
            more: *const c_char,
            complete: i32,
            req: ccd_req,
        ) -> ccd_status,
    >,
    pub accept:
        Option<unsafe extern "C" fn(dev: *mut c_void, call: ccd_call, step: i32, req: ccd_req) -> ccd_status>,
    pub answer: Option<unsafe extern "C" fn(dev: *mut c_void, call: ccd_call, req: ccd_req) -> ccd_status>,
    pub drop:
        Option<unsafe extern "C" fn(dev: *mut c_void, call: ccd_call, q850: u16, req: ccd_req) -> ccd_status>,
    pub hold:
        Option<unsafe extern "C" fn(dev: *mut c_void, call: ccd_call, on: i32, req: ccd_req) -> ccd_status>,
    pub transfer: Option<
        unsafe extern "C" fn(
            dev: *mut c_void,
            call: ccd_call,
            other: ccd_call,
            to: *const c_char,
            req: ccd_req,
        ) -> ccd_status,
    >,
    pub raw: Option<
        unsafe extern "C" fn(
            dev: *mut c_void,
            call: ccd_call,
            json: *const c_char,
            req: ccd_req,
        ) -> ccd_status,
    >,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_caller_id {
    pub size: u32,
    pub presentation: u32,
    pub number: *const c_char,
    pub name: *const c_char,
    pub time: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ccd_line_vt {
    pub size: u32,
    pub reserved: u32,
    pub hook: Option<
        unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, op: i32, ms: u32, req: ccd_req) -> ccd_status,
    >,
    pub ring: Option<
        unsafe extern "C" fn(
            dev: *mut c_void,
            ch: ccd_chan,
            cadence_ms: *const u16,
            n: u32,
            id: *const ccd_caller_id,
            req: ccd_req,
        ) -> ccd_status,
    >,
    pub polarity: Option<
        unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, reversed: i32, req: ccd_req) -> ccd_status,
    >,
    pub cas:
        Option<unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, abcd: u32, req: ccd_req) -> ccd_status>,
    pub send_digits: Option<
        unsafe extern "C" fn(
            dev: *mut c_void,
            ch: ccd_chan,
            kind: i32,
            digits: *const c_char,
            on_ms: u32,
            off_ms: u32,
            req: ccd_req,
        ) -> ccd_status,
    >,
    pub send_tone:
        Option<unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, tone: i32, req: ccd_req) -> ccd_status>,
    pub detect:
        Option<unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, what: u64, req: ccd_req) -> ccd_status>,
    pub tune: Option<
        unsafe extern "C" fn(
            dev: *mut c_void,
            ch: ccd_chan,
            key: i32,
            value: i64,
            req: ccd_req,
        ) -> ccd_status,
    >,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_tick {
    pub size: u32,
    pub words: u32,
    pub frame: u64,
    pub t_ns: u64,
    pub flags: u32,
    pub late: u32,
    pub active: *const u64,
    pub tx_valid: *const u64,
    pub rx_valid: *mut u64,
    pub rx_format: *mut u8,
    pub tx_format: *const u8,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ccd_media_vt {
    pub size: u32,
    pub reserved: u32,
    pub enable:
        Option<unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, on: i32, req: ccd_req) -> ccd_status>,
    pub wait: Option<unsafe extern "C" fn(dev: *mut c_void, timeout_us: u32) -> ccd_status>,
    pub tick_fd: Option<unsafe extern "C" fn(dev: *mut c_void) -> i64>,
    pub exchange: Option<unsafe extern "C" fn(dev: *mut c_void, t: *mut ccd_tick) -> ccd_status>,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ccd_push_vt {
    pub size: u32,
    pub reserved: u32,
    pub frame: Option<unsafe extern "C" fn(host_ctx: *mut c_void, t: *mut ccd_tick) -> ccd_status>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_bus_addr {
    pub domain: u32,
    pub stream: u16,
    pub slot: u16,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_bus_info {
    pub size: u32,
    pub kind: u32,
    pub domain: u32,
    pub streams: u32,
    pub slots: u32,
    pub clock_role: u32,
    pub sum_max: u32,
    pub flags: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ccd_bus_vt {
    pub size: u32,
    pub reserved: u32,
    pub info: Option<unsafe extern "C" fn(dev: *mut c_void, out: *mut ccd_bus_info) -> ccd_status>,
    pub source:
        Option<unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, out: *mut ccd_bus_addr) -> ccd_status>,
    pub listen: Option<
        unsafe extern "C" fn(
            dev: *mut c_void,
            ch: ccd_chan,
            from: *const ccd_bus_addr,
            gain_cb: i32,
            req: ccd_req,
        ) -> ccd_status,
    >,
    pub unlisten: Option<unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, req: ccd_req) -> ccd_status>,
    pub clock:
        Option<unsafe extern "C" fn(dev: *mut c_void, role: u32, reference: u32, req: ccd_req) -> ccd_status>,
}

macro_rules! zeroed {
    ($($name:ident)*) => {
        $(impl $name {
            /// All zero, with `size` left to the caller.
            #[must_use]
            pub const fn zeroed() -> Self {
                // SAFETY: only integers and arrays of integers, for which all-zero is a value.
                unsafe { std::mem::zeroed() }
            }
        })*
    };
}

zeroed! {
    ccd_error ccd_event ccd_ev_done ccd_ev_incoming ccd_ev_progress ccd_ev_connected ccd_ev_disconnected ccd_ev_digit ccd_ev_alarm ccd_ev_lost ccd_ev_endpoint
    ccd_ev_transferred ccd_ev_charge ccd_ev_raw ccd_ev_cpa ccd_ev_hook ccd_ev_ring ccd_ev_polarity ccd_ev_loop ccd_ev_cas ccd_ev_flash ccd_ev_tone ccd_ev_caller_id ccd_ev_hdlc ccd_ev_siglink ccd_ev_blocked ccd_ev_clock ccd_ev_slip ccd_ev_bus ccd_ev_device ccd_ev_health ccd_ev_fatal
    ccd_device_info ccd_channel_info ccd_bus_addr ccd_bus_info
}
