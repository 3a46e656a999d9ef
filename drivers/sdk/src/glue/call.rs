//! `ccd_call_vt`: calls that the driver runs.

use super::device::command;
use super::line::check_digits;
use crate::driver::Device;
use crate::text::{optional, required};
use crate::types::{Error, Make, Step};
use callcore_driver_sys::*;
use std::ffi::{c_char, c_void};
use std::marker::PhantomData;
use std::mem::offset_of;

/// The tables of one device type.
pub(super) struct Tables<D>(PhantomData<D>);

impl<D: Device> Tables<D> {
    pub(super) const CALL: &'static ccd_call_vt = &ccd_call_vt {
        size: size_of::<ccd_call_vt>() as u32,
        reserved: 0,
        make: Some(make::<D>),
        digits: Some(digits::<D>),
        accept: Some(accept::<D>),
        answer: Some(answer::<D>),
        drop: Some(drop_call::<D>),
        hold: Some(hold::<D>),
        transfer: Some(transfer::<D>),
        raw: None,
    };
}

fn check_call(call: ccd_call) -> Result<(), Error> {
    if call == 0 { Err(Error::arg("call 0 is none")) } else { Ok(()) }
}

fn text(found: Option<&str>, what: &str) -> Result<String, Error> {
    found.map(str::to_owned).ok_or_else(|| Error::arg(format!("{what} is NULL or not UTF-8")))
}

/// # Safety
/// `m` is NULL or points to a struct whose `size` is right and whose strings are NUL-terminated.
unsafe fn read_make<'a>(m: *const ccd_make) -> Result<Make<'a>, Error> {
    // SAFETY: every member is read only when the struct is long enough to have it.
    unsafe {
        if m.is_null() || ((*m).size as usize) < offset_of!(ccd_make, ton_npi) {
            return Err(Error::arg("make: the struct is NULL or too short"));
        }
        let not_utf8 = |what: &str| Error::arg(format!("make: {what} is not UTF-8"));
        let called = required((*m).called).ok_or_else(|| Error::arg("make: called is NULL or not UTF-8"))?;
        let calling = optional((*m).calling).ok_or_else(|| not_utf8("calling"))?.unwrap_or("");
        let name = optional((*m).name).ok_or_else(|| not_utf8("name"))?.unwrap_or("");
        let via = optional((*m).via).ok_or_else(|| not_utf8("via"))?;
        let has_timeout = (*m).size as usize >= offset_of!(ccd_make, timeout_ms) + size_of::<u32>();
        let timeout_ms = if has_timeout { (*m).timeout_ms } else { 0 };
        let (overlap, restricted) =
            ((*m).flags & CCD_MAKE_OVERLAP != 0, has_timeout && (*m).presentation == 1);
        Ok(Make { called, calling, name, via, timeout_ms, overlap, restricted })
    }
}

unsafe extern "C" fn make<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    call: ccd_call,
    m: *const ccd_make,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: the host's promises for its handle and its struct.
    unsafe {
        command::<D>(dev, (req, Some(ch), call), |d| {
            if call == 0 || call % 2 == 1 {
                return Err(Error::arg("make: a call the host makes has an even number"));
            }
            d.make(ch, call, read_make(m)?)
        })
    }
}

unsafe extern "C" fn digits<D: Device>(
    dev: *mut c_void,
    call: ccd_call,
    more: *const c_char,
    complete: i32,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: the host's promises for its handle and its string.
    unsafe {
        command::<D>(dev, (req, None, call), |d| {
            check_call(call)?;
            let more = text(required(more), "digits: the text")?;
            if !more.is_empty() || complete == 0 {
                check_digits(&more)?;
            }
            d.digits(call, &more, complete != 0)
        })
    }
}

unsafe extern "C" fn accept<D: Device>(
    dev: *mut c_void,
    call: ccd_call,
    step: i32,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: the host's promise for its handle.
    unsafe {
        command::<D>(dev, (req, None, call), |d| {
            check_call(call)?;
            let step = Step::from_c(step).ok_or_else(|| Error::arg(format!("accept: no step {step}")))?;
            d.accept(call, step)
        })
    }
}

unsafe extern "C" fn answer<D: Device>(dev: *mut c_void, call: ccd_call, req: ccd_req) -> ccd_status {
    // SAFETY: the host's promise for its handle.
    unsafe {
        command::<D>(dev, (req, None, call), |d| {
            check_call(call)?;
            d.answer(call)
        })
    }
}

/// A cause outside Q.850 clears normally rather than not at all: a drop must always work.
unsafe extern "C" fn drop_call<D: Device>(
    dev: *mut c_void,
    call: ccd_call,
    q850: u16,
    req: ccd_req,
) -> ccd_status {
    let q850 = if (1..=127).contains(&q850) { q850 } else { 16 };
    // SAFETY: the host's promise for its handle.
    unsafe {
        command::<D>(dev, (req, None, call), |d| {
            check_call(call)?;
            d.drop_call(call, q850)
        })
    }
}

unsafe extern "C" fn hold<D: Device>(dev: *mut c_void, call: ccd_call, on: i32, req: ccd_req) -> ccd_status {
    // SAFETY: the host's promise for its handle.
    unsafe {
        command::<D>(dev, (req, None, call), |d| {
            check_call(call)?;
            d.hold(call, on != 0)
        })
    }
}

unsafe extern "C" fn transfer<D: Device>(
    dev: *mut c_void,
    call: ccd_call,
    other: ccd_call,
    to: *const c_char,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: the host's promises for its handle and its string.
    unsafe {
        command::<D>(dev, (req, None, call), |d| {
            check_call(call)?;
            let to = optional(to).ok_or_else(|| Error::arg("transfer: the address is not UTF-8"))?;
            d.transfer(call, other, to.unwrap_or(""))
        })
    }
}
