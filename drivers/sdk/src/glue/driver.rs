//! `ccd_driver_vt`: create, enumerate, open.

use super::device::{self, DeviceBox};
use super::{act, bus, call, guarded, line, media, object, put, report};
use crate::driver::Driver;
use crate::host::Host;
use crate::text::{fill, required};
use crate::types::{DeviceInfo, Error, PacedBy};
use callcore_driver_sys::*;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::ffi::{CStr, c_char, c_void};
use std::marker::PhantomData;
use std::sync::Arc;

/// Uids that are open, shared with the devices, which leave it when they close.
pub(super) type OpenUids = Arc<Mutex<HashSet<String>>>;

struct DriverBox<D: Driver> {
    driver: Mutex<D>,
    found: Mutex<Vec<DeviceInfo>>,
    open: OpenUids,
    host: Host,
}

/// The tables of one driver type.
pub(super) struct Tables<D>(PhantomData<D>);

impl<D: Driver> Tables<D> {
    pub(super) const DRIVER: &'static ccd_driver_vt = &ccd_driver_vt {
        size: size_of::<ccd_driver_vt>() as u32,
        reserved: 0,
        create: Some(create::<D>),
        destroy: Some(destroy::<D>),
        enumerate: Some(enumerate::<D>),
        open: Some(open::<D>),
        close: Some(device::close::<D::Device>),
        extension: Some(extension::<D>),
        config_schema: Some(config_schema::<D>),
    };
}

unsafe extern "C" fn create<D: Driver>(
    host: *const ccd_host,
    drv: *mut *mut c_void,
    err: *mut ccd_error,
) -> ccd_status {
    let result = guarded(None, || {
        if drv.is_null() {
            return Err(Error::arg("create: the place for the driver is NULL"));
        }
        // SAFETY: the host's promise for its table.
        let host = unsafe { Host::from_c(host) }
            .ok_or_else(|| Error::arg("create: the host table is NULL or lacks post or now_ns"))?;
        let driver = Mutex::new(D::create(host.clone())?);
        let made = DriverBox { driver, found: Mutex::default(), open: OpenUids::default(), host };
        // SAFETY: checked for NULL above.
        unsafe { *drv = Box::into_raw(Box::new(made)).cast() };
        Ok(())
    });
    // SAFETY: the host's promise for err.
    unsafe { report(result, err) }
}

unsafe extern "C" fn destroy<D: Driver>(drv: *mut c_void) {
    if drv.is_null() {
        return;
    }
    let _ = guarded(None, || {
        // SAFETY: made by create, and the host destroys it once.
        let driver = unsafe { Box::from_raw(drv.cast::<DriverBox<D>>()) };
        let host = driver.host.clone();
        drop(driver);
        host.set_open(false);
        Ok(())
    });
}

unsafe extern "C" fn enumerate<D: Driver>(
    drv: *mut c_void,
    index: u32,
    out: *mut ccd_device_info,
) -> ccd_status {
    let result = guarded(None, || {
        // SAFETY: the host's promise for its handle.
        let driver = unsafe { object::<DriverBox<D>>(drv) }?;
        if out.is_null() {
            return Err(Error::arg("enumerate: the place for the answer is NULL"));
        }
        let mut found = driver.found.lock();
        if index == 0 {
            *found = driver.driver.lock().enumerate();
        }
        let info = found.get(index as usize).ok_or_else(|| Error::new(CCD_E_END, "no more devices"))?;
        // SAFETY: not NULL, with the size it says.
        unsafe { put(info_to_c(info), out) };
        Ok(())
    });
    result.map_or_else(|e| e.code, |()| CCD_OK)
}

fn info_to_c(info: &DeviceInfo) -> ccd_device_info {
    let mut c = ccd_device_info {
        channels: info.channels,
        spans: info.spans,
        paced_by: match info.paced_by {
            PacedBy::Driver => CCD_PACED_BY_DRIVER,
            PacedBy::Host => CCD_PACED_BY_HOST,
        },
        clock_domain: info.clock_domain,
        ..ccd_device_info::zeroed()
    };
    fill(&mut c.uid, &info.uid);
    fill(&mut c.location, &info.location);
    fill(&mut c.model, &info.model);
    fill(&mut c.firmware, &info.firmware);
    c
}

unsafe extern "C" fn open<D: Driver>(
    drv: *mut c_void,
    uid: *const c_char,
    host: *const ccd_host,
    dev: *mut *mut c_void,
    err: *mut ccd_error,
) -> ccd_status {
    let result = guarded(None, || {
        // SAFETY: the host's promises for its handle, string and table.
        let (driver, uid, host) =
            unsafe { (object::<DriverBox<D>>(drv)?, required(uid), Host::from_c(host)) };
        let uid = uid.ok_or_else(|| Error::arg("open: the uid is NULL or not UTF-8"))?;
        let host = host.ok_or_else(|| Error::arg("open: the host table is NULL or lacks post or now_ns"))?;
        if dev.is_null() {
            return Err(Error::arg("open: the place for the device is NULL"));
        }
        let made = open_uid(driver, uid, host)?;
        // SAFETY: checked for NULL above.
        unsafe { *dev = Box::into_raw(Box::new(made)).cast() };
        Ok(())
    });
    // SAFETY: the host's promise for err.
    unsafe { report(result, err) }
}

fn open_uid<D: Driver>(driver: &DriverBox<D>, uid: &str, host: Host) -> Result<DeviceBox<D::Device>, Error> {
    let mut inner = driver.driver.lock();
    if !inner.enumerate().iter().any(|info| info.uid == uid) {
        return Err(Error::gone(format!("there is no device \"{uid}\"; enumerate shows those there are")));
    }
    if !driver.open.lock().insert(uid.to_owned()) {
        return Err(Error::busy(format!("device \"{uid}\" is open already; close it first")));
    }
    let opened = inner.open(uid, host.clone());
    if opened.is_err() {
        driver.open.lock().remove(uid);
    }
    Ok(DeviceBox::new(opened?, host, uid.to_owned(), driver.open.clone()))
}

/// Extensions are the same for each driver of this kit; an unknown id, or one that is not a string, has none.
unsafe extern "C" fn extension<D: Driver>(drv: *mut c_void, id: *const c_char) -> *const c_void {
    if drv.is_null() || id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: not NULL, NUL-terminated by the contract.
    match unsafe { CStr::from_ptr(id) }.to_bytes() {
        b"callcore.device/1" => std::ptr::from_ref(device::Tables::<D::Device>::DEVICE).cast(),
        b"callcore.call/1" => std::ptr::from_ref(call::Tables::<D::Device>::CALL).cast(),
        b"callcore.line/1" if D::HAS_LINES => std::ptr::from_ref(line::Tables::<D::Device>::LINE).cast(),
        b"callcore.line/1" => std::ptr::from_ref(line::Tables::<D::Device>::DIGITS).cast(),
        b"callcore.bus/1" if D::HAS_BUS => std::ptr::from_ref(bus::Tables::<D::Device>::BUS).cast(),
        b"callcore.media/1" => std::ptr::from_ref(media::Tables::<D::Device>::MEDIA).cast(),
        id if D::ACT_ID.is_some_and(|act| act.to_bytes() == id) => {
            std::ptr::from_ref(act::Tables::<D::Device>::ACT).cast()
        }
        _ => std::ptr::null(),
    }
}

unsafe extern "C" fn config_schema<D: Driver>() -> *const c_char {
    D::INFO.config_schema.as_ptr()
}
