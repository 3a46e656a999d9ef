//! The driver: one simulated board, described by the configuration.

use crate::config::{Settings, uid};
use crate::device::SimDevice;
use callcore_driver_sdk::{DeviceInfo, Driver, DriverInfo, Error, Host, PacedBy, sys};
use std::ffi::CStr;

const SCHEMA: &CStr = match CStr::from_bytes_with_nul(concat!(include_str!("schema.json"), "\0").as_bytes()) {
    Ok(schema) => schema,
    Err(_) => panic!("schema.json holds a NUL"),
};

/// The simulator driver, `org.callcore.sim`. It has a device for each that the host has configured: `devices.0`, `devices.1`
/// ... of the driver's own configuration, or the one of that configuration itself.
pub struct SimDriver {
    host: Host,
}

impl Driver for SimDriver {
    const INFO: DriverInfo = DriverInfo {
        id: c"org.callcore.sim",
        name: c"simulated lines and people",
        vendor: c"callcore",
        version: c"0.1.0",
        config_schema: SCHEMA,
    };
    const ACT_ID: Option<&'static CStr> = Some(sys::act::ACT_ID);
    const HAS_LINES: bool = true;
    type Device = SimDevice;

    fn create(host: Host) -> Result<Self, Error> {
        Settings::read(&host, "")?;
        Ok(Self { host })
    }

    /// A device with a wrong setting is listed without channels: opening it says what is wrong.
    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        let count = self.host.cfg_int("devices").ok().flatten().unwrap_or(0);
        if count == 0 {
            return vec![listed(&self.host, "")];
        }
        (0..count).map(|place| listed(&self.host, &format!("devices.{place}."))).collect()
    }

    fn open(&mut self, uid: &str, host: Host) -> Result<SimDevice, Error> {
        SimDevice::new(uid, Settings::read(&host, "")?, host)
    }
}

fn listed(host: &Host, prefix: &str) -> DeviceInfo {
    let settings = Settings::read(host, prefix).ok();
    let (trunks, extensions) = settings.as_ref().map_or((0, 0), |it| (it.world.trunks, it.world.extensions));
    DeviceInfo {
        uid: uid(host, prefix).unwrap_or_else(|_| "sim0".to_owned()),
        location: "here".to_owned(),
        model: format!("{trunks} trunks, {extensions} extensions"),
        firmware: String::new(),
        channels: trunks + extensions,
        spans: settings.as_ref().map_or(0, |it| it.world.spans_count()),
        clock_domain: 0,
        paced_by: PacedBy::Host,
    }
}
