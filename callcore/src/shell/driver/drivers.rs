//! The drivers that run: each library once, however many devices it has.

use super::log;
use crate::shell::clock::Clock;
use crate::shell::roster::News;
use crate::shell::settings::{DeviceSettings, Settings};
use callcore_driver_host::layer::replay::{Pace, Recording};
use callcore_driver_host::{BadSize, Driver, Entry, EventBytes, Host, LoadError, config, discover};
use callcore_driver_sys::*;
use crossbeam_channel::Sender;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::mem::offset_of;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The name of the driver that plays a recording of the layer `record`.
pub const REPLAY: &str = "replay";

/// What the host knows of a driver, and takes from it: devices that appear, and lines for the log.
pub(crate) struct DriverContext {
    name: String,
    clock: Clock,
    /// The first device's settings, and those of all of them as `devices`.
    config: Mutex<Value>,
    /// Who is told of devices that appear.
    news: Sender<News>,
    log: log::Limit,
}

impl DriverContext {
    fn new(name: &str, clock: Clock, news: Sender<News>) -> Arc<Self> {
        let (config, log) = (Mutex::default(), log::Limit::default());
        Arc::new(Self { name: name.to_owned(), clock, config, news, log })
    }

    /// The driver has this device, with these settings.
    fn add(&self, device: &str, settings: &Value) {
        let mut config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        if config.is_null() {
            *config = settings.clone();
        }
        if !config.is_object() {
            *config = Value::Object(Map::new());
        }
        let mut own = settings.clone();
        if let Value::Object(own) = &mut own {
            own.insert("name".to_owned(), device.into());
        }
        match config["devices"].as_array_mut() {
            Some(devices) => {
                devices.retain(|known| known["name"] != own["name"]);
                devices.push(own);
            }
            None => config["devices"] = json!([own]),
        }
    }

    fn write(&self, level: i32, target: &str, text: &str) {
        self.log.write(&self.name, self.clock.nanos() / 1_000_000_000, level, target, text);
    }
}

impl Host for DriverContext {
    fn post(&self, event: &[u8]) -> ccd_status {
        let event = EventBytes(event);
        if event.kind() != CCD_EV_DEVICE_ADDED || event.0.len() < size_of::<ccd_ev_device>() {
            let kind = event.kind();
            self.write(2, "host", &format!("an event of type {kind} belongs to a device, not to its driver"));
            return CCD_E_ARG;
        }
        let uid = event.text(offset_of!(ccd_ev_device, uid), 64);
        self.write(3, "host", &format!("device {uid} has appeared"));
        // nobody is told of it any more when the node ends
        let _ = self.news.send(News::Appeared { driver: self.name.clone(), uid });
        CCD_OK
    }

    fn on_unreadable(&self, why: BadSize) {
        self.write(2, "host", &format!("the driver posted an event that cannot be: {why}"));
    }

    fn log(&self, level: i32, target: &str, text: &str) {
        self.write(level, target, text);
    }

    fn log_enabled(&self, level: i32, _target: &str) -> bool {
        log::is_enabled(level)
    }

    fn now_ns(&self) -> u64 {
        self.clock.nanos()
    }

    fn cfg_int(&self, path: &str) -> Result<i64, ccd_status> {
        config::int(&self.config.lock().unwrap_or_else(PoisonError::into_inner), path)
    }

    fn cfg_str(&self, path: &str) -> Result<String, ccd_status> {
        config::text(&self.config.lock().unwrap_or_else(PoisonError::into_inner), path)
    }
}

struct Running {
    driver: Box<dyn Driver>,
    context: Arc<DriverContext>,
    /// What the settings of its devices are filled up with.
    defaults: Value,
}

/// All drivers, by their names in the settings.
pub(crate) struct Drivers {
    running: BTreeMap<String, Running>,
    clock: Clock,
    news: Sender<News>,
}

impl Drivers {
    /// None yet; `news` takes what they tell of devices that appear.
    pub(crate) fn new(clock: Clock, news: Sender<News>) -> Self {
        Self { running: BTreeMap::new(), clock, news }
    }

    /// The driver of a device, which is one of its devices from now on, and the device's settings filled up with what the
    /// driver's manifest gives. It is loaded and created if it does not run yet.
    pub(crate) fn of(
        &mut self,
        settings: &Settings,
        device: &DeviceSettings,
    ) -> Result<(&mut dyn Driver, Value), LoadError> {
        // each recording is a driver of its own
        let is_replay = device.driver == REPLAY;
        let name = &if is_replay { format!("{REPLAY} {}", device.name) } else { device.driver.clone() };
        if let Some(running) = self.running.get(name) {
            let config = filled_up(&device.config, &running.defaults);
            running.context.add(&device.name, &config);
        } else {
            self.running
                .insert(name.clone(), Running::create(settings, device, self.clock, self.news.clone())?);
        }
        let Running { driver, defaults, .. } = self.running.get_mut(name).expect("it is there by now");
        Ok((&mut **driver, filled_up(&device.config, defaults)))
    }
}

impl Running {
    fn create(
        settings: &Settings,
        device: &DeviceSettings,
        clock: Clock,
        news: Sender<News>,
    ) -> Result<Self, LoadError> {
        if device.driver == REPLAY {
            let context = DriverContext::new(&device.driver, clock, news);
            return Ok(Self { driver: recording(&device.config)?, context, defaults: Value::Null });
        }
        let (entry, defaults) = find(settings, &device.driver)?;
        let accepted = entry.negotiate()?;
        let context = DriverContext::new(&device.driver, clock, news);
        context.add(&device.name, &filled_up(&device.config, &defaults));
        let driver = accepted.create(Arc::clone(&context) as Arc<dyn Host>)?;
        let info = driver.info();
        tracing::info!(driver = info.id, version = info.version, "driver agreed");
        Ok(Self { driver, context, defaults })
    }
}

/// The driver that plays a recording: `file`, and `pace` as `steps` or `clock`.
fn recording(config: &Value) -> Result<Box<dyn Driver>, LoadError> {
    let wrong = |text: &str| LoadError::Layer { layer: REPLAY, text: text.to_owned() };
    let file = config::text(config, "file").map_err(|_| wrong("set \"file\" to the recording to play"))?;
    let pace = match config::text(config, "pace").as_deref() {
        Err(&CCD_E_GONE) | Ok("steps") => Pace::Steps,
        Ok("clock") => Pace::Clock,
        _ => return Err(wrong("\"pace\" is neither \"steps\" nor \"clock\"")),
    };
    Ok(Recording::read(Path::new(&file), pace)?.driver())
}

/// What is not set is as the defaults say.
fn filled_up(config: &Value, defaults: &Value) -> Value {
    match (config, defaults) {
        (Value::Object(set), Value::Object(defaults)) => {
            let mut all = defaults.clone();
            all.extend(set.iter().map(|(key, value)| (key.clone(), value.clone())));
            Value::Object(all)
        }
        (Value::Null, _) => defaults.clone(),
        _ => config.clone(),
    }
}

/// The entry of the driver that a device wants, and what its configuration is filled up with.
fn find(settings: &Settings, name: &str) -> Result<(Entry, Value), LoadError> {
    if let Some(built_in) = settings.built_in.iter().find(|built_in| built_in.name == name) {
        return Ok((Entry::built_in(name, built_in.negotiate), Value::Null));
    }
    let names = settings.built_in.iter().map(|built_in| built_in.name);
    let names: Vec<&str> = names.chain([REPLAY]).collect();
    if name.contains('/') || name.ends_with(".so") {
        return Ok((Entry::load(Path::new(name), &names.join(", "))?, Value::Null));
    }
    let found = discover::find(&settings.search, name, &names.join(", "))?;
    let defaults = found.manifest.as_ref().map_or(Value::Null, |manifest| manifest.config.clone());
    Ok((Entry::found(&found)?, defaults))
}
