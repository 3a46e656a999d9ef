//! The driver: one simulated board, described by the configuration.

use crate::config::Settings;
use crate::device::SimDevice;
use callcore_driver_sdk::{DeviceInfo, Driver, DriverInfo, Error, Host, PacedBy, sys};
use std::ffi::CStr;

const SCHEMA: &CStr = match CStr::from_bytes_with_nul(concat!(include_str!("schema.json"), "\0").as_bytes()) {
    Ok(schema) => schema,
    Err(_) => panic!("schema.json holds a NUL"),
};

/// The simulator driver, `org.callcore.sim`.
pub struct SimDriver {
    settings: Settings,
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
    type Device = SimDevice;

    fn create(host: Host) -> Result<Self, Error> {
        Ok(Self { settings: Settings::read(&host)? })
    }

    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        let world = &self.settings.world;
        vec![DeviceInfo {
            uid: self.settings.uid.clone(),
            location: "here".to_owned(),
            model: format!("{} trunks, {} extensions", world.trunks, world.extensions),
            firmware: String::new(),
            channels: world.trunks + world.extensions,
            spans: 0,
            clock_domain: 0,
            paced_by: PacedBy::Host,
        }]
    }

    fn open(&mut self, _uid: &str, host: Host) -> Result<SimDevice, Error> {
        SimDevice::new(self.settings.clone(), host)
    }
}
