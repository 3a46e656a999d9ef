//! `ccd_line_vt`: lines whose calls the host runs; of a call-level driver, `send_digits` alone.

use super::device::{command, completing};
use crate::driver::Device;
use crate::event::DigitKind;
use crate::text::{optional, required};
use crate::types::{CallerId, Error, HookOp};
use callcore_driver_sys::*;
use std::ffi::{c_char, c_void};
use std::marker::PhantomData;

pub(super) struct Tables<D>(PhantomData<D>);

impl<D: Device> Tables<D> {
    /// For channels of `CCD_LEVEL_LINE`.
    pub(super) const LINE: &'static ccd_line_vt = &ccd_line_vt {
        size: size_of::<ccd_line_vt>() as u32,
        reserved: 0,
        hook: Some(hook::<D>),
        ring: Some(ring::<D>),
        polarity: Some(polarity::<D>),
        cas: Some(cas::<D>),
        send_digits: Some(send_digits::<D>),
        send_tone: Some(send_tone::<D>),
        detect: Some(detect::<D>),
        tune: Some(tune::<D>),
    };
    /// For channels of `CCD_LEVEL_CALL`.
    pub(super) const DIGITS: &'static ccd_line_vt = &ccd_line_vt {
        size: size_of::<ccd_line_vt>() as u32,
        reserved: 0,
        hook: None,
        ring: None,
        polarity: None,
        cas: None,
        send_digits: Some(send_digits::<D>),
        send_tone: None,
        detect: None,
        tune: None,
    };
}

unsafe extern "C" fn hook<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    op: i32,
    ms: u32,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: the host's promise for its handle; here and below.
    unsafe {
        command::<D>(dev, (req, Some(ch), 0), |d| {
            let op = HookOp::from_c(op).ok_or_else(|| Error::arg(format!("hook: no operation {op}")))?;
            d.hook(ch, op, ms)
        })
    }
}

/// More bursts and silences than any cadence has.
const CADENCE_MAX: u32 = 64;

unsafe extern "C" fn ring<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    cadence_ms: *const u16,
    n: u32,
    id: *const ccd_caller_id,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: as above; the cadence has n numbers, the id is as long as it says.
    unsafe {
        command::<D>(dev, (req, Some(ch), 0), |d| {
            if n > CADENCE_MAX || n % 2 == 1 || (n > 0 && cadence_ms.is_null()) {
                return Err(Error::arg(format!(
                    "ring: a cadence is pairs of on and off, {CADENCE_MAX} numbers at most; these are {n}"
                )));
            }
            let cadence = if n == 0 { &[] } else { std::slice::from_raw_parts(cadence_ms, n as usize) };
            d.ring(ch, cadence, read_id(id)?)
        })
    }
}

/// # Safety
/// `id` is NULL or a struct whose `size` is right, with strings that live for `'a`.
unsafe fn read_id<'a>(id: *const ccd_caller_id) -> Result<Option<CallerId<'a>>, Error> {
    if id.is_null() {
        return Ok(None);
    }
    let wrong = |what: &str| Error::arg(format!("ring: {what} of the caller id is NULL or not UTF-8"));
    // SAFETY: not NULL, and read only when it is long enough.
    unsafe {
        if ((*id).size as usize) < size_of::<ccd_caller_id>() {
            return Err(Error::arg("ring: the caller id is too short"));
        }
        Ok(Some(CallerId {
            number: required((*id).number).ok_or_else(|| wrong("number"))?,
            name: required((*id).name).ok_or_else(|| wrong("name"))?,
            time: optional((*id).time).ok_or_else(|| wrong("time"))?,
            presentation: (*id).presentation,
        }))
    }
}

unsafe extern "C" fn polarity<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    reversed: i32,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: as above.
    unsafe { command::<D>(dev, (req, Some(ch), 0), |d| d.polarity(ch, reversed != 0)) }
}

unsafe extern "C" fn cas<D: Device>(dev: *mut c_void, ch: ccd_chan, abcd: u32, req: ccd_req) -> ccd_status {
    // SAFETY: as above.
    unsafe {
        command::<D>(dev, (req, Some(ch), 0), |d| match u8::try_from(abcd) {
            Ok(bits @ 0..=15) => d.cas(ch, bits),
            _ => Err(Error::arg(format!("cas: {abcd:#x} is not four bits"))),
        })
    }
}

pub(super) fn check_digits(digits: &str) -> Result<(), Error> {
    match digits.chars().find(|c| !matches!(c, '0'..='9' | '*' | '#' | 'A'..='D')) {
        Some(c) => Err(Error::arg(format!("digits: {c:?} is none of 0-9 * # A-D"))),
        None if digits.is_empty() => Err(Error::arg("digits: there are none")),
        None => Ok(()),
    }
}

unsafe extern "C" fn send_digits<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    kind: i32,
    digits: *const c_char,
    on_ms: u32,
    off_ms: u32,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: as above; the string is the host's promise.
    unsafe {
        completing::<D>(dev, (req, Some(ch), 0), |d, request| {
            let kind =
                DigitKind::from_c(kind).ok_or_else(|| Error::arg(format!("send_digits: no kind {kind}")))?;
            let digits =
                required(digits).ok_or_else(|| Error::arg("send_digits: the text is NULL or not UTF-8"))?;
            check_digits(digits)?;
            d.send_digits(ch, kind, digits, (on_ms, off_ms), request)
        })
    }
}

unsafe extern "C" fn send_tone<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    tone: i32,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: as above.
    unsafe {
        command::<D>(dev, (req, Some(ch), 0), |d| match u16::try_from(tone) {
            Ok(tone @ 0..=CCD_TONE_CED) => d.send_tone(ch, tone),
            _ => Err(Error::arg(format!("send_tone: no tone {tone}"))),
        })
    }
}

unsafe extern "C" fn detect<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    what: u64,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: as above.
    unsafe { command::<D>(dev, (req, Some(ch), 0), |d| d.detect(ch, what)) }
}

unsafe extern "C" fn tune<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    key: i32,
    value: i64,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: as above.
    unsafe { command::<D>(dev, (req, Some(ch), 0), |d| d.tune(ch, key, value)) }
}
