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
