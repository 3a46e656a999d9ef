//! A [`Command`] as the one call of a table that it is.

use super::device::{RawDevice, Tables};
use crate::command::{BusAddress, CallerId, Command, Function};
use crate::text::to_c;
use callcore_driver_sys::*;
use std::ffi::{CString, c_char};
use std::ptr::null;

impl Tables {
    /// Whether the driver has the function.
    pub(super) fn offers(&self, function: Function) -> bool {
        let Self { device, call, line, media, bus } = self;
        match function {
            Function::Make => call.make.is_some(),
            Function::Digits => call.digits.is_some(),
            Function::Accept => call.accept.is_some(),
            Function::Answer => call.answer.is_some(),
            Function::Drop => call.drop.is_some(),
            Function::Hold => call.hold.is_some(),
            Function::Transfer => call.transfer.is_some(),
            Function::Raw => call.raw.is_some(),
            Function::Hook => line.hook.is_some(),
            Function::Ring => line.ring.is_some(),
            Function::Polarity => line.polarity.is_some(),
            Function::Cas => line.cas.is_some(),
            Function::SendDigits => line.send_digits.is_some(),
            Function::SendTone => line.send_tone.is_some(),
            Function::Detect => line.detect.is_some(),
            Function::Tune => line.tune.is_some(),
            Function::Enable => media.enable.is_some(),
            Function::Service => device.service.is_some(),
            Function::Replay => device.replay.is_some(),
            Function::Listen => bus.listen.is_some(),
            Function::Unlisten => bus.unlisten.is_some(),
            Function::Clock => bus.clock.is_some(),
        }
    }
}

/// A text on its way over the border; `CCD_E_ARG` for what holds a NUL.
fn c(text: &str) -> Result<CString, ccd_status> {
    to_c(text).ok_or(CCD_E_ARG)
}

/// The same for a text that may be absent: NULL then.
fn c_or_null(text: Option<&str>) -> Result<Option<CString>, ccd_status> {
    text.map(c).transpose()
}

fn at(text: &Option<CString>) -> *const c_char {
    text.as_ref().map_or(null(), |text| text.as_ptr())
}

impl RawDevice {
    /// Call the function that a command goes to; the device is started.
    pub(super) fn call(&mut self, command: &Command, req: ccd_req) -> ccd_status {
        let carried_out = match command {
            Command::Make { .. } => self.make(command, req),
            Command::Digits { .. }
            | Command::Accept { .. }
            | Command::Answer { .. }
            | Command::Drop { .. }
            | Command::Hold { .. }
            | Command::Transfer { .. }
            | Command::Raw { .. } => self.of_call(command, req),
            Command::Hook { .. }
            | Command::Ring { .. }
            | Command::Polarity { .. }
            | Command::Cas { .. }
            | Command::SendDigits { .. }
            | Command::SendTone { .. }
            | Command::Detect { .. }
            | Command::Tune { .. } => self.of_line(command, req),
            Command::Enable { .. }
            | Command::Service { .. }
            | Command::Replay { .. }
            | Command::Listen { .. }
            | Command::Unlisten { .. }
            | Command::Clock { .. } => Ok(self.of_device(command, req)),
        };
        carried_out.unwrap_or_else(|refused| refused)
    }

    fn make(&mut self, command: &Command, req: ccd_req) -> Result<ccd_status, ccd_status> {
        let Command::Make { channel, call, called, calling, name, via, flags, .. } = command else {
            return Err(CCD_E_ARG);
        };
        let Command::Make { ton_npi, presentation, timeout_ms, json, .. } = command else {
            return Err(CCD_E_ARG);
        };
        let (called, calling, name) = (c(called)?, c(calling)?, c(name)?);
        let (via, json) = (c_or_null(via.as_deref())?, c_or_null(json.as_deref())?);
        let make = ccd_make {
            size: size_of::<ccd_make>() as u32,
            flags: *flags,
            called: called.as_ptr(),
            calling: calling.as_ptr(),
            name: name.as_ptr(),
            via: at(&via),
            ton_npi: *ton_npi,
            presentation: *presentation,
            timeout_ms: *timeout_ms,
            reserved: 0,
            json: at(&json),
        };
        let f = self.tables.call.make.ok_or(CCD_E_UNSUPPORTED)?;
        // SAFETY: the device is started; the struct and its strings live through the call.
        Ok(unsafe { f(self.dev, *channel, *call, &raw const make, req) })
    }

    fn of_call(&mut self, command: &Command, req: ccd_req) -> Result<ccd_status, ccd_status> {
        let (dev, vt) = (self.dev, &self.tables.call);
        let none = CCD_E_UNSUPPORTED;
        // SAFETY: in all of them the device is started, and the strings live through the call.
        Ok(match command {
            Command::Digits { call, more, complete } => {
                let (f, more) = (vt.digits.ok_or(none)?, c(more)?);
                // SAFETY: as above.
                unsafe { f(dev, *call, more.as_ptr(), i32::from(*complete), req) }
            }
            // SAFETY: as above.
            Command::Accept { call, step } => unsafe { vt.accept.ok_or(none)?(dev, *call, *step, req) },
            // SAFETY: as above.
            Command::Answer { call } => unsafe { vt.answer.ok_or(none)?(dev, *call, req) },
            // SAFETY: as above.
            Command::Drop { call, q850 } => unsafe { vt.drop.ok_or(none)?(dev, *call, *q850, req) },
            // SAFETY: as above.
            Command::Hold { call, on } => unsafe { vt.hold.ok_or(none)?(dev, *call, i32::from(*on), req) },
            Command::Transfer { call, other, to } => {
                let (f, to) = (vt.transfer.ok_or(none)?, c_or_null(to.as_deref())?);
                // SAFETY: as above.
                unsafe { f(dev, *call, *other, at(&to), req) }
            }
            Command::Raw { call, json } => {
                let (f, json) = (vt.raw.ok_or(none)?, c(json)?);
                // SAFETY: as above.
                unsafe { f(dev, *call, json.as_ptr(), req) }
            }
            _ => CCD_E_ARG,
        })
    }

    fn of_line(&mut self, command: &Command, req: ccd_req) -> Result<ccd_status, ccd_status> {
        let (dev, vt) = (self.dev, &self.tables.line);
        let none = CCD_E_UNSUPPORTED;
        Ok(match command {
            // SAFETY: here and below the device is started, and what is pointed to lives through the call.
            Command::Hook { channel, op, ms } => unsafe {
                vt.hook.ok_or(none)?(dev, *channel, *op, *ms, req)
            },
            Command::Ring { channel, cadence_ms, caller_id } => {
                return self.ring(*channel, cadence_ms, caller_id.as_ref(), req);
            }
            Command::Polarity { channel, reversed } => {
                // SAFETY: as above.
                unsafe { vt.polarity.ok_or(none)?(dev, *channel, i32::from(*reversed), req) }
            }
            // SAFETY: as above.
            Command::Cas { channel, abcd } => unsafe { vt.cas.ok_or(none)?(dev, *channel, *abcd, req) },
            Command::SendDigits { channel, kind, digits, on_ms, off_ms } => {
                let (f, digits) = (vt.send_digits.ok_or(none)?, c(digits)?);
                // SAFETY: as above.
                unsafe { f(dev, *channel, *kind, digits.as_ptr(), *on_ms, *off_ms, req) }
            }
            // SAFETY: as above.
            Command::SendTone { channel, tone } => unsafe {
                vt.send_tone.ok_or(none)?(dev, *channel, *tone, req)
            },
            // SAFETY: as above.
            Command::Detect { channel, what } => unsafe { vt.detect.ok_or(none)?(dev, *channel, *what, req) },
            Command::Tune { channel, key, value } => {
                // SAFETY: as above.
                unsafe { vt.tune.ok_or(none)?(dev, *channel, *key, *value, req) }
            }
            _ => CCD_E_ARG,
        })
    }

    fn ring(
        &mut self,
        channel: ccd_chan,
        cadence_ms: &[u16],
        caller_id: Option<&CallerId>,
        req: ccd_req,
    ) -> Result<ccd_status, ccd_status> {
        let f = self.tables.line.ring.ok_or(CCD_E_UNSUPPORTED)?;
        let n = u32::try_from(cadence_ms.len()).map_err(|_| CCD_E_ARG)?;
        let texts = match caller_id {
            Some(id) => Some((c(&id.number)?, c(&id.name)?, c_or_null(id.time.as_deref())?)),
            None => None,
        };
        let id = texts.as_ref().zip(caller_id).map(|((number, name, time), id)| ccd_caller_id {
            size: size_of::<ccd_caller_id>() as u32,
            presentation: id.presentation,
            number: number.as_ptr(),
            name: name.as_ptr(),
            time: at(time),
        });
        let id = id.as_ref().map_or(null(), std::ptr::from_ref);
        // SAFETY: the device is started; the cadence, the struct and its texts live through the call.
        Ok(unsafe { f(self.dev, channel, cadence_ms.as_ptr(), n, id, req) })
    }

    fn of_device(&mut self, command: &Command, req: ccd_req) -> ccd_status {
        let (dev, Tables { device, media, bus, .. }) = (self.dev, &self.tables);
        let called = match command {
            // SAFETY: here and below the device is started, and what is pointed to lives through the call.
            Command::Enable { channel, on } => {
                // SAFETY: as above.
                media.enable.map(|f| unsafe { f(dev, *channel, i32::from(*on), req) })
            }
            Command::Service { channel, in_service } => {
                // SAFETY: as above.
                device.service.map(|f| unsafe { f(dev, *channel, i32::from(*in_service), req) })
            }
            // SAFETY: as above.
            Command::Replay { channel } => device.replay.map(|f| unsafe { f(dev, *channel, req) }),
            Command::Listen { channel, from, gain_cb } => {
                let BusAddress { domain, stream, slot } = *from;
                let from = ccd_bus_addr { domain, stream, slot };
                // SAFETY: as above.
                bus.listen.map(|f| unsafe { f(dev, *channel, &raw const from, *gain_cb, req) })
            }
            // SAFETY: as above.
            Command::Unlisten { channel } => bus.unlisten.map(|f| unsafe { f(dev, *channel, req) }),
            Command::Clock { role, reference } => {
                // SAFETY: as above.
                bus.clock.map(|f| unsafe { f(dev, *role, *reference, req) })
            }
            _ => Some(CCD_E_ARG),
        };
        called.unwrap_or(CCD_E_UNSUPPORTED)
    }
}
