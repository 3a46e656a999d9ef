//! An instance of a driver. It is destroyed when nobody holds it and none of its devices is open.

use super::device::RawDevice;
use super::host::HostTable;
use super::single::Single;
use super::{check, empty_error};
use crate::error::LoadError;
use crate::info::{DeviceInfo, DriverInfo};
use crate::seam::{Device, Driver, Host};
use callcore_driver_sys::table::{Table, copy_table};
use callcore_driver_sys::*;
use std::ffi::{CStr, c_void};
use std::ptr::null_mut;
use std::sync::Arc;

/// More devices than one driver will ever find; one that never ends its list ends here.
const DEVICES_MAX: u32 = 1024;

/// What the devices of a driver share with it.
pub(super) struct Instance {
    pub(super) name: String,
    pub(super) vt: ccd_driver_vt,
    pub(super) abi: u32,
    drv: *mut c_void,
    /// For what is no device's; closed when the driver is gone.
    host: HostTable,
    /// Of a driver that may run once.
    _single: Option<Single>,
}

// SAFETY: `extension` and `close` may be called from any thread; the others are called by `RawDriver`, which is not shared.
unsafe impl Send for Instance {}
// SAFETY: as for Send.
unsafe impl Sync for Instance {}

impl Instance {
    /// The driver's table of this extension, as much of it as both sides know.
    pub(super) fn extension<T: Table>(&self, id: &CStr) -> Option<T> {
        let extension = self.vt.extension.expect("negotiate has looked");
        // SAFETY: the driver is alive; what it gives for this id is NULL or this table, as long as the library lives.
        unsafe { copy_table(extension(self.drv, id.as_ptr())) }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(destroy) = self.vt.destroy {
            // SAFETY: made by create, destroyed once; its devices, which hold the instance, were closed before.
            unsafe { destroy(self.drv) };
        }
        self.host.close();
    }
}

pub(super) struct RawDriver {
    info: DriverInfo,
    instance: Arc<Instance>,
}

impl RawDriver {
    pub(super) fn create(
        info: DriverInfo,
        name: &str,
        vt: ccd_driver_vt,
        host: HostTable,
    ) -> Result<Self, LoadError> {
        let single = info.is_single.then(|| Single::claim(name, &info.id)).transpose()?;
        let create = vt.create.expect("negotiate has looked");
        let (mut drv, mut err) = (null_mut(), empty_error());
        // SAFETY: the table lives until after destroy, the places for the answers through the call.
        let status = unsafe { create(host.table(), &raw mut drv, &raw mut err) };
        check(name, "start", status, &err)?;
        let (name, abi) = (name.to_owned(), info.abi);
        Ok(Self { info, instance: Arc::new(Instance { name, vt, abi, drv, host, _single: single }) })
    }
}

impl Driver for RawDriver {
    fn info(&self) -> &DriverInfo {
        &self.info
    }

    fn enumerate(&mut self) -> Result<Vec<DeviceInfo>, LoadError> {
        let Instance { name, vt, drv, .. } = &*self.instance;
        let enumerate = vt.enumerate.expect("negotiate has looked");
        let mut found = Vec::new();
        for index in 0..DEVICES_MAX {
            let mut info =
                ccd_device_info { size: size_of::<ccd_device_info>() as u32, ..ccd_device_info::zeroed() };
            // SAFETY: the driver is alive, the place for the answer says its size.
            match unsafe { enumerate(*drv, index, &raw mut info) } {
                CCD_OK => found.push(DeviceInfo::from(&info)),
                CCD_E_END => break,
                status => check(name, "list its devices", status, &empty_error())?,
            }
        }
        Ok(found)
    }

    fn open(&mut self, uid: &str, host: Arc<dyn Host>) -> Result<Box<dyn Device>, LoadError> {
        let found = self.enumerate()?.into_iter().find(|info| info.uid == uid);
        let info = found.ok_or_else(|| LoadError::Device {
            driver: self.instance.name.clone(),
            text: format!("has no device \"{uid}\""),
        })?;
        let host = HostTable::new(host, self.instance.abi);
        Ok(Box::new(RawDevice::open(&self.instance, self.instance.drv, info, host)?))
    }

    fn schema(&self) -> Option<String> {
        super::load::schema(&self.instance.vt)
    }
}
