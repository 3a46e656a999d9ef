//! One driver, several devices: it is created once, and destroyed when the last of them is closed.

use crate::centre::{self, Centre};
use callcore::shell::{BuiltIn, DeviceSettings, Node};
use callcore_driver_sdk::{
    ChannelInfo, Device, DeviceInfo, Driver, DriverInfo, Error, Host, Media, MediaSetup, PacedBy, Tick,
    negotiate_fn, sys,
};
use serde_json::json;
use std::sync::Mutex;

/// What has happened to the driver, in order.
static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(text: impl Into<String>) {
    LOG.lock().expect("nobody panics with it").push(text.into());
}

struct Twins(Host);
struct Board(String);
struct Silence;

impl Driver for Twins {
    const INFO: DriverInfo = DriverInfo {
        id: c"org.callcore.test.twins",
        name: c"twins",
        vendor: c"callcore",
        version: c"1",
        config_schema: c"{}",
    };
    type Device = Board;
    fn create(host: Host) -> Result<Self, Error> {
        note("create");
        Ok(Self(host))
    }
    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        let none = String::new;
        let board = |uid: &str| DeviceInfo {
            uid: uid.into(),
            location: none(),
            model: none(),
            firmware: none(),
            channels: 1,
            spans: 0,
            clock_domain: 0,
            paced_by: PacedBy::Host,
        };
        vec![board("left"), board("right")]
    }
    fn open(&mut self, uid: &str, host: Host) -> Result<Board, Error> {
        let colour = host.cfg_str("colour")?.unwrap_or_default();
        let known = self.0.cfg_int("devices")?.unwrap_or_default();
        note(format!("open {uid} {colour} of {known}"));
        Ok(Board(uid.into()))
    }
}

impl Drop for Twins {
    fn drop(&mut self) {
        note("destroy");
    }
}

impl Device for Board {
    type Media = Silence;
    fn channel(&self, channel: u32) -> Option<ChannelInfo> {
        let info =
            ChannelInfo { kind: sys::CCD_KIND_BEARER, codecs: sys::CCD_LAW_A, ..ChannelInfo::default() };
        (channel == 0).then_some(info)
    }
    fn start(&mut self, _: MediaSetup) -> Result<Silence, Error> {
        Ok(Silence)
    }
    fn stop(&mut self) {
        note(format!("stop {}", self.0));
    }
}

impl Media for Silence {
    fn exchange(&mut self, _: &mut Tick<'_>) {}
}

#[test]
fn the_devices_of_a_driver_share_its_one_instance() {
    let folder = centre::folder();
    let mut settings = centre::settings(folder.path(), 1.0);
    settings.built_in.push(BuiltIn { name: "twins", negotiate: negotiate_fn::<Twins>() });
    for (name, colour) in [("left", "red"), ("other", "blue")] {
        let uid = if name == "left" { json!(null) } else { json!("right") };
        let config = json!({ "uid": uid, "colour": colour });
        settings.devices.push(DeviceSettings::new(name, "twins", config));
    }
    let node = Node::start(centre::config(), settings).expect("everything is right");
    let centre = Centre { handle: node.handle(), node, folder };
    centre.until("all are there", |handle| handle.snapshot().devices.len() == 3);
    centre.node.stop().expect("it stops");
    let log = LOG.lock().expect("nobody panics with it").clone();
    assert_eq!(log[..3], ["create", "open left red of 1", "open right blue of 2"], "{log:?}");
    assert_eq!(log.iter().filter(|line| line.starts_with("stop")).count(), 2, "{log:?}");
    assert_eq!(log.last().map(String::as_str), Some("destroy"), "{log:?}");
}
