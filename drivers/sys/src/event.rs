//! The events that a driver posts, one struct for each shape.

use crate::{ccd_call, ccd_chan, ccd_req, ccd_status};
use std::ffi::c_char;

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
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_transferred {
    pub h: ccd_event,
    pub other: ccd_call,
    pub to: [c_char; 64],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_charge {
    pub h: ccd_event,
    pub units: u32,
    pub kind: u32,
    pub amount_micro: i64,
    pub currency: [c_char; 8],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_raw {
    pub h: ccd_event,
    pub json_off: u32,
    pub json_len: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_cpa {
    pub h: ccd_event,
    pub result: u8,
    pub confidence: u8,
    pub pad: [u8; 6],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_hook {
    pub h: ccd_event,
    pub off: u8,
    pub pad: [u8; 7],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_ring {
    pub h: ccd_event,
    pub pattern: u8,
    pub pad: [u8; 7],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_polarity {
    pub h: ccd_event,
    pub reversed: u8,
    pub pad: [u8; 7],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_loop {
    pub h: ccd_event,
    pub has_loop: u8,
    pub battery: u8,
    pub pad: [u8; 2],
    pub voltage_mv: i32,
    pub current_ua: i32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_cas {
    pub h: ccd_event,
    pub bits: u8,
    pub was: u8,
    pub pad: [u8; 6],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_flash {
    pub h: ccd_event,
    pub ms: u32,
    pub pad: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_tone {
    pub h: ccd_event,
    pub tone: u16,
    pub edge: u8,
    pub confidence: u8,
    pub ms: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_caller_id {
    pub h: ccd_event,
    pub number: [c_char; 64],
    pub name: [c_char; 64],
    pub presentation: u8,
    pub form: u8,
    pub pad: [u8; 6],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_hdlc {
    pub h: ccd_event,
    pub length: u32,
    pub error: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_siglink {
    pub h: ccd_event,
    pub link: u32,
    pub up: u8,
    pub pad: [u8; 3],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_blocked {
    pub h: ccd_event,
    pub now: u32,
    pub was: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_clock {
    pub h: ccd_event,
    pub source: u32,
    pub source_span: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_slip {
    pub h: ccd_event,
    pub frames: i64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_bus {
    pub h: ccd_event,
    pub domain: u32,
    pub clock_role: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_device {
    pub h: ccd_event,
    pub uid: [c_char; 64],
    pub location: [c_char; 64],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_health {
    pub h: ccd_event,
    pub temperature_mc: i32,
    pub load_permille: u32,
    pub text: [c_char; 96],
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ccd_ev_fatal {
    pub h: ccd_event,
    pub vendor_code: i64,
    pub text: [c_char; 96],
}
