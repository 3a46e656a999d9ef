//! `ccd_bus_vt`: sound that never touches the host.

use super::device::{DeviceBox, command};
use super::{guarded, object, put};
use crate::driver::Device;
use crate::types::{BusAddr, Error};
use callcore_driver_sys::*;
use std::ffi::c_void;
use std::marker::PhantomData;

pub(super) struct Tables<D>(PhantomData<D>);

impl<D: Device> Tables<D> {
    pub(super) const BUS: &'static ccd_bus_vt = &ccd_bus_vt {
        size: size_of::<ccd_bus_vt>() as u32,
        reserved: 0,
        info: Some(info::<D>),
        source: Some(source::<D>),
        listen: Some(listen::<D>),
        unlisten: Some(unlisten::<D>),
        clock: Some(clock::<D>),
    };
}

unsafe extern "C" fn info<D: Device>(dev: *mut c_void, out: *mut ccd_bus_info) -> ccd_status {
    let result = guarded(None, || {
        // SAFETY: the host's promise for its handle.
        let device = unsafe { object::<DeviceBox<D>>(dev) }?;
        if out.is_null() {
            return Err(Error::arg("bus info: the place for the answer is NULL"));
        }
        let bus = device.control.lock().device.bus().ok_or_else(Error::unsupported)?;
        let info = ccd_bus_info {
            kind: bus.kind,
            domain: bus.domain,
            streams: bus.streams,
            slots: bus.slots,
            clock_role: bus.clock_role,
            sum_max: bus.sum_max,
            ..ccd_bus_info::zeroed()
        };
        // SAFETY: not NULL, with the size it says.
        unsafe { put(info, out) };
        Ok(())
    });
    result.map_or_else(|e| e.code, |()| CCD_OK)
}

unsafe extern "C" fn source<D: Device>(dev: *mut c_void, ch: ccd_chan, out: *mut ccd_bus_addr) -> ccd_status {
    let result = guarded(None, || {
        // SAFETY: the host's promise for its handle.
        let device = unsafe { object::<DeviceBox<D>>(dev) }?;
        device.check_channel(ch)?;
        if out.is_null() {
            return Err(Error::arg("bus source: the place for the answer is NULL"));
        }
        let at = device.control.lock().device.bus_source(ch).ok_or_else(Error::unsupported)?;
        // SAFETY: not NULL; this struct has no size and never grows.
        unsafe { *out = ccd_bus_addr { domain: at.domain, stream: at.stream, slot: at.slot } };
        Ok(())
    });
    result.map_or_else(|e| e.code, |()| CCD_OK)
}

unsafe extern "C" fn listen<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    from: *const ccd_bus_addr,
    gain_cb: i32,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: the host's promises for its handle and its struct.
    unsafe {
        command::<D>(dev, (req, Some(ch), 0), |d| {
            let from = from.as_ref().ok_or_else(|| Error::arg("listen: the place is NULL"))?;
            let from = BusAddr { domain: from.domain, stream: from.stream, slot: from.slot };
            d.bus_listen(ch, Some((from, gain_cb)))
        })
    }
}

unsafe extern "C" fn unlisten<D: Device>(dev: *mut c_void, ch: ccd_chan, req: ccd_req) -> ccd_status {
    // SAFETY: the host's promise for its handle.
    unsafe { command::<D>(dev, (req, Some(ch), 0), |d| d.bus_listen(ch, None)) }
}

unsafe extern "C" fn clock<D: Device>(
    dev: *mut c_void,
    role: u32,
    reference: u32,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: the host's promise for its handle.
    unsafe {
        command::<D>(dev, (req, None, 0), |d| {
            if role > CCD_BUS_CLOCK_SECONDARY {
                return Err(Error::arg(format!("clock: no role {role}")));
            }
            d.bus_clock(role, reference)
        })
    }
}
