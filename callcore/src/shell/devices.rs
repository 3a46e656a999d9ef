//! The devices of the settings, opened in their order: find the driver, agree, open.

use super::board::{BoardPort, Tasks};
use super::clock::Clock;
use super::driver::{Context, Device, Drivers, Opening};
use super::failed::Failed;
use super::inbox::{DeviceRing, Inbox};
use super::settings::{DeviceSettings, Settings};
use crate::board::DeviceId;
use callcore_driver_host::LoadError;
use serde_json::Value;
use std::sync::Arc;

/// A device that is open and not started.
pub(crate) struct Opened {
    pub(crate) device: Device,
    pub(crate) port: BoardPort,
    pub(crate) tasks: Tasks,
}

/// Open all of them, or none.
pub(crate) fn open(settings: &Settings, clock: Clock, inbox: &Arc<Inbox>) -> Result<Vec<Opened>, Failed> {
    let mut drivers = Drivers::default();
    let mut opened = Vec::new();
    for (place, device) in settings.devices.iter().enumerate() {
        let id = u16::try_from(place).map_err(|_| Failed::Setting {
            setting: "device".to_owned(),
            text: "there are more than 65536 devices".to_owned(),
        })?;
        let one = open_one(settings, device, DeviceId(id), clock, inbox, &mut drivers);
        opened.push(one.map_err(|why| Failed::Device { device: device.name.clone(), why })?);
    }
    Ok(opened)
}

fn open_one(
    settings: &Settings,
    wanted: &DeviceSettings,
    id: DeviceId,
    clock: Clock,
    inbox: &Arc<Inbox>,
    drivers: &mut Drivers,
) -> Result<Opened, LoadError> {
    let wanted =
        DeviceSettings { config: with_speed(wanted.config.clone(), settings.speed), ..wanted.clone() };
    let ring = DeviceRing::new(Arc::clone(&inbox.waker));
    let (driver, config) = drivers.of(settings, &wanted, clock)?;
    let device = Device::open(Opening {
        driver,
        name: &wanted.driver,
        device: &wanted.name,
        layers: &wanted.layers,
        uid: config.get("uid").and_then(Value::as_str),
        context: Context::new(&wanted.name, id, config.clone(), clock, Arc::clone(&ring)),
    })?;
    let (port, tasks) = BoardPort::new(id, &wanted.name, ring, device.checkers());
    Ok(Opened { device, port, tasks })
}

/// A driver that makes time itself, as the simulator does, has to know how fast the host's clock runs.
fn with_speed(mut config: Value, speed: f64) -> Value {
    if config.is_null() {
        config = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(map) = &mut config
        && speed != 1.0
    {
        map.entry("speed_milli").or_insert_with(|| Value::from((speed * 1000.0) as i64));
    }
    config
}
