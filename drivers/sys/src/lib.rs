//! `callcore_driver.h` as Rust declarations, name for name; the header is the contract and has the words.
#![allow(non_camel_case_types, missing_docs)]

use std::ffi::{c_char, c_void};

pub mod act;
mod layout;

pub type ccd_status = i32;
pub type ccd_chan = u32;
pub type ccd_call = u64;
pub type ccd_req = u64;

pub const CCD_ABI_1_0: u32 = 1 << 16;
pub const CCD_NO_CHAN: ccd_chan = 0xFFFF_FFFF;
pub const CCD_EVENT_MAX: u32 = 4096;

pub const CCD_OK: i32 = 0;
pub const CCD_E_ARG: i32 = -1;
pub const CCD_E_STATE: i32 = -2;
pub const CCD_E_UNSUPPORTED: i32 = -3;
pub const CCD_E_BUSY: i32 = -4;
pub const CCD_E_GLARE: i32 = -5;
pub const CCD_E_GONE: i32 = -6;
pub const CCD_E_NOMEM: i32 = -7;
pub const CCD_E_IO: i32 = -8;
pub const CCD_E_TIMEOUT: i32 = -9;
pub const CCD_E_FULL: i32 = -10;
pub const CCD_E_END: i32 = -11;
pub const CCD_E_VERSION: i32 = -12;
pub const CCD_E_CONFIG: i32 = -13;
pub const CCD_E_LICENSE: i32 = -14;
pub const CCD_E_CLOCK: i32 = -15;
pub const CCD_E_BUS: i32 = -16;
pub const CCD_E_INTERNAL: i32 = -99;
pub const CCD_EV_DONE: u16 = 1;
pub const CCD_EV_INCOMING: u16 = 16;
pub const CCD_EV_CALL_INFO: u16 = 17;
pub const CCD_EV_DIALING: u16 = 18;
pub const CCD_EV_PROCEEDING: u16 = 19;
pub const CCD_EV_PROGRESS: u16 = 20;
pub const CCD_EV_ALERTING: u16 = 21;
pub const CCD_EV_CONNECTED: u16 = 22;
pub const CCD_EV_DISCONNECTED: u16 = 23;
pub const CCD_EV_RELEASED: u16 = 24;
pub const CCD_EV_HELD: u16 = 25;
pub const CCD_EV_RETRIEVED: u16 = 26;
pub const CCD_EV_TRANSFERRED: u16 = 27;
pub const CCD_EV_CHARGE: u16 = 28;
pub const CCD_EV_RAW_IE: u16 = 29;
pub const CCD_EV_CPA: u16 = 30;
pub const CCD_EV_HOOK: u16 = 48;
pub const CCD_EV_RING_ON: u16 = 49;
pub const CCD_EV_RING_OFF: u16 = 50;
pub const CCD_EV_POLARITY: u16 = 51;
pub const CCD_EV_LOOP: u16 = 52;
pub const CCD_EV_CAS_BITS: u16 = 53;
pub const CCD_EV_FLASH: u16 = 54;
pub const CCD_EV_DIGIT: u16 = 55;
pub const CCD_EV_TONE: u16 = 56;
pub const CCD_EV_CALLER_ID: u16 = 57;
pub const CCD_EV_HDLC: u16 = 58;
pub const CCD_EV_FAX_TONE: u16 = 59;
pub const CCD_EV_ALARM: u16 = 80;
pub const CCD_EV_SIGLINK: u16 = 81;
pub const CCD_EV_BLOCKED: u16 = 82;
pub const CCD_EV_CLOCK: u16 = 83;
pub const CCD_EV_SLIP: u16 = 84;
pub const CCD_EV_BUS: u16 = 85;
pub const CCD_EV_DEVICE_ADDED: u16 = 96;
pub const CCD_EV_DEVICE_REMOVED: u16 = 97;
pub const CCD_EV_CHANGED: u16 = 98;
pub const CCD_EV_HEALTH: u16 = 99;
pub const CCD_EV_FATAL: u16 = 100;
pub const CCD_EV_LOST: u16 = 101;
pub const CCD_EV_ENDPOINT: u16 = 102;
pub const CCD_SUP_SIGNALLED: u8 = 1;
pub const CCD_SUP_LOOP: u8 = 2;
pub const CCD_SUP_INFERRED: u8 = 3;
pub const CCD_SUP_ASSUMED: u8 = 4;
pub const CCD_HOW_SIGNALLED: u8 = 1;
pub const CCD_HOW_LOOP: u8 = 2;
pub const CCD_HOW_TONE: u8 = 3;
pub const CCD_HOW_SILENCE: u8 = 4;
pub const CCD_HOW_ALARM: u8 = 5;
pub const CCD_HOW_GLARE: u8 = 6;
pub const CCD_DIGIT_DTMF: u8 = 1;
pub const CCD_DIGIT_MF_R1: u8 = 2;
pub const CCD_DIGIT_R2_FORWARD: u8 = 3;
pub const CCD_DIGIT_R2_BACKWARD: u8 = 4;
pub const CCD_DIGIT_PULSE: u8 = 5;
pub const CCD_ALARM_RED: u32 = 1;
pub const CCD_ALARM_YELLOW: u32 = 2;
pub const CCD_ALARM_BLUE: u32 = 4;
pub const CCD_ALARM_LOS: u32 = 8;
pub const CCD_ALARM_LOF: u32 = 16;
pub const CCD_ALARM_LOMF: u32 = 32;
pub const CCD_ALARM_LOOPBACK: u32 = 64;
pub const CCD_ALARM_RECOVERING: u32 = 128;
pub const CCD_ALARM_NO_BATTERY: u32 = 256;
pub const CCD_ALARM_HW: u32 = 512;
pub const CCD_ALARM_DISABLED: u32 = 1024;
pub const CCD_KIND_FXO: u32 = 1;
pub const CCD_KIND_FXS: u32 = 2;
pub const CCD_KIND_EM: u32 = 3;
pub const CCD_KIND_BEARER: u32 = 4;
pub const CCD_KIND_DCHAN: u32 = 5;
pub const CCD_KIND_VOIP: u32 = 6;
pub const CCD_KIND_GSM: u32 = 7;
pub const CCD_KIND_VOICE_RES: u32 = 8;
pub const CCD_KIND_CONF_RES: u32 = 9;
pub const CCD_KIND_FAX_RES: u32 = 10;
pub const CCD_KIND_TAP: u32 = 11;
pub const CCD_SIG_NONE: u32 = 0;
pub const CCD_SIG_LOOP: u32 = 1;
pub const CCD_SIG_GROUND: u32 = 2;
pub const CCD_SIG_KEWL: u32 = 3;
pub const CCD_SIG_EM_WINK: u32 = 4;
pub const CCD_SIG_R2: u32 = 5;
pub const CCD_SIG_CN1: u32 = 6;
pub const CCD_SIG_RBS: u32 = 7;
pub const CCD_SIG_PRI_USER: u32 = 8;
pub const CCD_SIG_PRI_NET: u32 = 9;
pub const CCD_SIG_BRI: u32 = 10;
pub const CCD_SIG_SS7_ISUP: u32 = 11;
pub const CCD_SIG_SS7_TUP: u32 = 12;
pub const CCD_SIG_SIP: u32 = 13;
pub const CCD_SIG_SIM: u32 = 14;
pub const CCD_LAW_A: u32 = 1;
pub const CCD_LAW_U: u32 = 2;
pub const CCD_L16: u32 = 4;
pub const CCD_L16_16K: u32 = 8;
pub const CCD_L16_48K: u32 = 16;
pub const CCD_G722: u32 = 32;
pub const CCD_G729: u32 = 64;
pub const CCD_OPUS: u32 = 128;
pub const CCD_PACED_BY_DRIVER: u32 = 1;
pub const CCD_PACED_BY_HOST: u32 = 2;
pub const CCD_CAPB_OVERLAP_TX: u32 = 0;
pub const CCD_CAPB_OVERLAP_RX: u32 = 1;
pub const CCD_CAPB_EARLY_MEDIA_TX: u32 = 2;
pub const CCD_CAPB_EARLY_MEDIA_RX: u32 = 3;
pub const CCD_CAPB_ANSWER_SUPERVISION: u32 = 4;
pub const CCD_CAPB_DISCONNECT_SUPERVISION: u32 = 5;
pub const CCD_CAPB_CALLER_ID_RX: u32 = 6;
pub const CCD_CAPB_CALLER_ID_TX: u32 = 7;
pub const CCD_CAPB_FLASH: u32 = 8;
pub const CCD_CAPB_POLARITY: u32 = 9;
pub const CCD_CAPB_DTMF_RX: u32 = 10;
pub const CCD_CAPB_DTMF_TX: u32 = 11;
pub const CCD_CAPB_MF: u32 = 12;
pub const CCD_CAPB_TONE_RX: u32 = 13;
pub const CCD_CAPB_TONE_TX: u32 = 14;
pub const CCD_CAPB_EC: u32 = 15;
pub const CCD_CAPB_GAIN: u32 = 16;
pub const CCD_CAPB_CPA: u32 = 17;
pub const CCD_CAPB_BUS: u32 = 18;
pub const CCD_CAPB_CONF: u32 = 19;
pub const CCD_CAPB_BOARD_PLAY: u32 = 20;
pub const CCD_CAPB_BOARD_RECORD: u32 = 21;
pub const CCD_CAPB_FAX: u32 = 22;
pub const CCD_CAPB_HOLD: u32 = 23;
pub const CCD_CAPB_TRANSFER: u32 = 24;
pub const CCD_CAPB_UUI: u32 = 25;
pub const CCD_CAPB_CHARGE: u32 = 26;
pub const CCD_CAPB_TAP_BUSSED: u32 = 27;
pub const CCD_STEP_SETUP_ACK: i32 = 1;
pub const CCD_STEP_PROCEEDING: i32 = 2;
pub const CCD_STEP_ALERTING: i32 = 3;
pub const CCD_STEP_PROGRESS: i32 = 4;

/// The set bit of a `CCD_CAPB_*` number.
#[must_use]
pub const fn ccd_cap(bit: u32) -> u64 {
    1 << bit
}

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
#[derive(Clone, Copy, Debug)]
pub struct ccd_event {
    pub size: u32,
    pub kind: u16,
    pub flags: u16,
    pub t_ns: u64,
    pub seq: u64,
    pub chan: ccd_chan,
    pub span: u32,
    pub call: ccd_call,
    pub req: ccd_req,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_done {
    pub h: ccd_event,
    pub status: ccd_status,
    pub cause: u16,
    pub pad: u16,
    pub vendor_code: i64,
    pub text: [c_char; 96],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_incoming {
    pub h: ccd_event,
    pub called: [c_char; 64],
    pub calling: [c_char; 64],
    pub name: [c_char; 64],
    pub redirecting: [c_char; 64],
    pub via: [c_char; 64],
    pub ton: u8,
    pub npi: u8,
    pub presentation: u8,
    pub screening: u8,
    pub complete: u8,
    pub bearer: u8,
    pub category: u8,
    pub pad: u8,
    pub json_off: u32,
    pub json_len: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_progress {
    pub h: ccd_event,
    pub inband: u8,
    pub pad: [u8; 7],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_connected {
    pub h: ccd_event,
    pub supervision: u8,
    pub inband_digits: u8,
    pub pad: [u8; 6],
    pub connected: [c_char; 64],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_disconnected {
    pub h: ccd_event,
    pub q850: u16,
    pub location: u8,
    pub how: u8,
    pub inband: u8,
    pub pad: [u8; 3],
    pub vendor_code: i64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_digit {
    pub h: ccd_event,
    pub kind: u8,
    pub digit: u8,
    pub edge: u8,
    pub pad: u8,
    pub ms: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_alarm {
    pub h: ccd_event,
    pub now: u32,
    pub was: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_lost {
    pub h: ccd_event,
    pub count: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_endpoint {
    pub h: ccd_event,
    pub address: [c_char; 64],
    pub contact: [c_char; 128],
    pub expires_s: u32,
    pub up: u8,
    pub pad: [u8; 3],
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
    pub reserved: [u32; 2],
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
            caller_id_json: *const c_char,
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
    pub send_tone: Option<
        unsafe extern "C" fn(dev: *mut c_void, ch: ccd_chan, tone: *const c_char, req: ccd_req) -> ccd_status,
    >,
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
    ccd_error ccd_event ccd_ev_done ccd_ev_incoming ccd_ev_progress ccd_ev_connected ccd_ev_disconnected ccd_ev_digit ccd_ev_alarm ccd_ev_lost ccd_ev_endpoint ccd_device_info ccd_channel_info ccd_bus_addr ccd_bus_info
}
