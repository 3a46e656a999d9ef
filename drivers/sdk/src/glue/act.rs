//! `ccd_act_vt`: a simulator is told what its people do.

use super::device::DeviceBox;
use super::{guarded, object, report};
use crate::driver::Device;
use crate::text::required;
use crate::types::Error;
use callcore_driver_sys::act::ccd_act_vt;
use callcore_driver_sys::*;
use std::ffi::{c_char, c_void};
use std::marker::PhantomData;

/// The table of one device type.
pub(super) struct Tables<D>(PhantomData<D>);

impl<D: Device> Tables<D> {
    pub(super) const ACT: &'static ccd_act_vt =
        &ccd_act_vt { size: size_of::<ccd_act_vt>() as u32, reserved: 0, act: Some(act::<D>) };
}

unsafe extern "C" fn act<D: Device>(
    dev: *mut c_void,
    line: *const c_char,
    err: *mut ccd_error,
) -> ccd_status {
    let result = guarded(None, || {
        // SAFETY: the host's promises for its handle and its string.
        let (device, line) = unsafe { (object::<DeviceBox<D>>(dev)?, required(line)) };
        let line = line.ok_or_else(|| Error::arg("act: the line is NULL or not UTF-8"))?;
        let mut control = device.control.lock();
        if !control.started {
            return Err(Error::state("the device is not started"));
        }
        control.device.act(line)
    });
    // SAFETY: the host's promise for err.
    unsafe { report(result, err) }
}
