//! Opening a device: find the driver, agree, open.

use super::board::{BoardPort, Tasks};
use super::clock::Clock;
use super::driver::{Context, Device, Drivers, Opening};
use super::failed::Failed;
use super::inbox::{DeviceRing, Inbox};
use super::roster::{Gone, News};
use super::settings::{DeviceSettings, Settings};
use crate::board::DeviceId;
use callcore_driver_host::LoadError;
use crossbeam_channel::Sender;
use serde_json::Value;
use std::sync::Arc;

/// A device that is open and not started.
pub(crate) struct Opened {
    pub(crate) wanted: DeviceSettings,
    /// Which opening of a device this is.
    pub(crate) opening: u64,
    pub(crate) device: Device,
    pub(crate) port: BoardPort,
    pub(crate) tasks: Tasks,
}

/// Opens devices.
pub(crate) struct Opener {
    drivers: Drivers,
    settings: Settings,
    clock: Clock,
    inbox: Arc<Inbox>,
    news: Sender<News>,
    openings: u64,
}

impl Opener {
    /// `news` is told of devices that go and come.
    pub(crate) fn new(settings: Settings, clock: Clock, inbox: Arc<Inbox>, news: Sender<News>) -> Self {
        let drivers = Drivers::new(clock, news.clone());
        Self { drivers, settings, clock, inbox, news, openings: 0 }
    }

    /// Open all devices of the settings, or none.
    pub(crate) fn open_all(&mut self) -> Result<Vec<Opened>, Failed> {
        let mut opened = Vec::new();
        for (place, device) in self.settings.devices.clone().iter().enumerate() {
            let id = u16::try_from(place).map_err(|_| Failed::Setting {
                setting: "device".to_owned(),
                text: "there are more than 65536 devices".to_owned(),
            })?;
            let one = self.open(device, DeviceId(id));
            opened.push(one.map_err(|why| Failed::Device { device: device.name.clone(), why })?);
        }
        Ok(opened)
    }

    /// Open one.
    pub(crate) fn open(&mut self, wanted: &DeviceSettings, id: DeviceId) -> Result<Opened, LoadError> {
        let speed = self.settings.speed;
        let timed = DeviceSettings { config: with_speed(wanted.config.clone(), speed), ..wanted.clone() };
        self.openings += 1;
        let ring = DeviceRing::new(Arc::clone(&self.inbox.waker));
        let gone = Gone::new(id, self.openings, self.news.clone());
        let (driver, config) = self.drivers.of(&self.settings, &timed)?;
        let (name, clock) = (&wanted.name, self.clock);
        let device = Device::open(Opening {
            driver,
            name: &wanted.driver,
            device: name,
            layers: &wanted.layers,
            uid: config.get("uid").and_then(Value::as_str),
            context: Context::new(name, id, config.clone(), clock, Arc::clone(&ring), gone.clone()),
        })?;
        let (port, tasks) = BoardPort::new(id, name, ring, device.checkers(), gone);
        Ok(Opened { wanted: wanted.clone(), opening: self.openings, device, port, tasks })
    }

    /// Whether a driver is a part of the program, and so trusted with the thread that all share.
    pub(crate) fn is_built_in(&self, driver: &str) -> bool {
        self.settings.built_in.iter().any(|built_in| built_in.name == driver) || driver == super::REPLAY
    }
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
