//! Layers: each stands between the host and one device and wraps any driver; they stack in any order.
//!
//! ```text
//!   host ─▶ check ─▶ trace ─▶ fault ─▶ driver        commands, frames
//!        ◀─       ◀─       ◀─       ◀─               events
//! ```
//!
//! In a configuration they are named from the host's side: `layers = ["check", { layer = "trace", file = "e1.jsonl" }]`.

pub mod check;
pub mod fault;
pub mod replay;
pub mod trace;

use crate::command::{BusAddress, Command, Function};
use crate::error::LoadError;
use crate::event::BadSize;
use crate::info::{BusInfo, ChannelInfo, DeviceInfo};
use crate::pool::Pool;
use crate::seam::{Device, Driver, Host, Media, Push};
use callcore_driver_sys::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A layer as a configuration names it: by its word alone, or as a table with its options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Options")]
pub struct Layer(pub Options);

/// A layer with its options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "layer", rename_all = "snake_case", deny_unknown_fields)]
pub enum Options {
    /// Looks whether driver and host keep to the contract.
    Check(check::CheckOptions),
    /// Writes down what crosses the border.
    Trace(trace::TraceOptions),
    /// Writes it down so that it can be played again.
    Record(trace::TraceOptions),
    /// Makes things go wrong.
    Fault(fault::FaultOptions),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    Table(serde_json::Value),
}

impl TryFrom<Written> for Layer {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let table = match written {
            Written::Word(word) => serde_json::json!({ "layer": word }),
            Written::Table(table) => table,
        };
        let options = serde_json::from_value(table).map_err(|why| format!("this layer cannot be: {why}"))?;
        Ok(Self(options))
    }
}

impl From<Layer> for Options {
    fn from(layer: Layer) -> Self {
        layer.0
    }
}

/// Opens a device for this host.
pub type Open<'a> = dyn FnMut(Arc<dyn Host>) -> Result<Box<dyn Device>, LoadError> + 'a;

/// A device that was opened through layers.
pub struct Layered {
    /// The device, as its host sees it.
    pub device: Box<dyn Device>,
    /// The layers that look whether the contract is kept, for whoever asks what they found.
    pub checkers: Vec<Arc<check::Checker>>,
}

impl Layer {
    fn open(
        &self,
        name: &str,
        host: Arc<dyn Host>,
        checkers: &mut Vec<Arc<check::Checker>>,
        below: &mut Open<'_>,
    ) -> Result<Box<dyn Device>, LoadError> {
        match &self.0 {
            Options::Check(options) => {
                let checker = check::Checker::new(name, options.clone());
                checkers.push(Arc::clone(&checker));
                checker.open(host, below)
            }
            Options::Trace(options) => trace::Trace::start(name, options, false)?.open(host, below),
            Options::Record(options) => trace::Trace::start(name, options, true)?.open(host, below),
            Options::Fault(options) => fault::Faults::new(options.clone()).open(host, below),
        }
    }
}

/// Open a driver's device through layers, the first of them next to the host; `name` is the device's, for logs and files.
///
/// # Errors
/// The device's own, and files that cannot be written.
pub fn open(
    driver: &mut dyn Driver,
    uid: &str,
    name: &str,
    layers: &[Layer],
    host: Arc<dyn Host>,
) -> Result<Layered, LoadError> {
    let mut checkers = Vec::new();
    let device = through(driver, (uid, name), layers, &mut checkers, host)?;
    Ok(Layered { device, checkers })
}

fn through(
    driver: &mut dyn Driver,
    names: (&str, &str),
    layers: &[Layer],
    checkers: &mut Vec<Arc<check::Checker>>,
    host: Arc<dyn Host>,
) -> Result<Box<dyn Device>, LoadError> {
    let Some((first, rest)) = layers.split_first() else {
        return driver.open(names.0, host);
    };
    let mut of_rest = Vec::new();
    let device =
        first.open(names.1, host, checkers, &mut |host| through(driver, names, rest, &mut of_rest, host));
    checkers.append(&mut of_rest);
    device
}

/// What a layer does where something crosses; what it leaves out passes.
pub(crate) trait Tap: Send + Sync + Sized + 'static {
    fn post(&self, event: &[u8], host: &dyn Host) -> ccd_status {
        host.post(event)
    }

    fn on_unreadable(&self, why: BadSize, host: &dyn Host) {
        host.on_unreadable(why);
    }

    /// The device is open.
    fn opened(&self, device: &dyn Device) {
        let _ = device;
    }

    /// What the real-time half does is the layer's to wrap.
    fn start(
        self: &Arc<Self>,
        pool: &Arc<Pool>,
        host: &Arc<dyn Host>,
        device: &mut dyn Device,
    ) -> Result<Option<Box<dyn Media>>, LoadError> {
        let _ = host;
        device.start(pool)
    }

    fn stop(&self, device: &mut dyn Device, host: &dyn Host) -> ccd_status {
        let _ = host;
        device.stop()
    }

    fn command(
        &self,
        command: &Command,
        req: ccd_req,
        device: &mut dyn Device,
        host: &dyn Host,
    ) -> ccd_status {
        let _ = host;
        device.command(command, req)
    }

    /// The device is about to be closed.
    fn closing(&self) {}
}

struct TapHost<T> {
    tap: Arc<T>,
    host: Arc<dyn Host>,
}

impl<T: Tap> Host for TapHost<T> {
    fn post(&self, event: &[u8]) -> ccd_status {
        self.tap.post(event, &*self.host)
    }

    fn on_unreadable(&self, why: BadSize) {
        self.tap.on_unreadable(why, &*self.host);
    }

    fn log(&self, level: i32, target: &str, text: &str) {
        self.host.log(level, target, text);
    }

    fn log_enabled(&self, level: i32, target: &str) -> bool {
        self.host.log_enabled(level, target)
    }

    fn now_ns(&self) -> u64 {
        self.host.now_ns()
    }

    fn cfg_int(&self, path: &str) -> Result<i64, ccd_status> {
        self.host.cfg_int(path)
    }

    fn cfg_str(&self, path: &str) -> Result<String, ccd_status> {
        self.host.cfg_str(path)
    }

    fn push(&self, push: &mut Push<'_>) -> ccd_status {
        self.host.push(push)
    }
}

struct TapDevice<T: Tap> {
    tap: Arc<T>,
    host: Arc<dyn Host>,
    /// `None` while it is dropped.
    device: Option<Box<dyn Device>>,
}

impl<T: Tap> TapDevice<T> {
    fn below(&self) -> &dyn Device {
        self.device.as_deref().expect("it is there until it is dropped")
    }

    fn below_mut(&mut self) -> &mut Box<dyn Device> {
        self.device.as_mut().expect("it is there until it is dropped")
    }
}

impl<T: Tap> Device for TapDevice<T> {
    fn info(&self) -> &DeviceInfo {
        self.below().info()
    }

    fn channels(&self) -> &[ChannelInfo] {
        self.below().channels()
    }

    fn offers(&self, function: Function) -> bool {
        self.below().offers(function)
    }

    fn start(&mut self, pool: &Arc<Pool>) -> Result<Option<Box<dyn Media>>, LoadError> {
        let (tap, host) = (Arc::clone(&self.tap), Arc::clone(&self.host));
        tap.start(pool, &host, &mut **self.below_mut())
    }

    fn stop(&mut self) -> ccd_status {
        let (tap, host) = (Arc::clone(&self.tap), Arc::clone(&self.host));
        tap.stop(&mut **self.below_mut(), &*host)
    }

    fn command(&mut self, command: &Command, req: ccd_req) -> ccd_status {
        let Self { tap, host, device } = self;
        let device = device.as_deref_mut().expect("it is there until it is dropped");
        tap.command(command, req, device, &**host)
    }

    fn stats(&mut self) -> Result<String, ccd_status> {
        self.below_mut().stats()
    }

    fn act(&mut self, line: &str) -> Result<(), LoadError> {
        self.below_mut().act(line)
    }

    fn bus(&mut self) -> Option<BusInfo> {
        self.below_mut().bus()
    }

    fn bus_source(&mut self, channel: ccd_chan) -> Result<BusAddress, ccd_status> {
        self.below_mut().bus_source(channel)
    }
}

impl<T: Tap> Drop for TapDevice<T> {
    fn drop(&mut self) {
        self.tap.closing();
        drop(self.device.take());
    }
}

/// Open a device with a tap on everything that crosses.
fn open_tapped<T: Tap>(
    tap: Arc<T>,
    host: Arc<dyn Host>,
    below: &mut Open<'_>,
) -> Result<Box<dyn Device>, LoadError> {
    let device = below(Arc::new(TapHost { tap: Arc::clone(&tap), host: Arc::clone(&host) }))?;
    tap.opened(&*device);
    Ok(Box::new(TapDevice { tap, host, device: Some(device) }))
}
