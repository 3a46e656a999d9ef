//! A rack of simulated cards that a test plugs in and pulls out while a node runs.

use callcore::shell::{BuiltIn, DeviceSettings};
use callcore_driver_sdk::{
    Cause, ChannelInfo, Device, DeviceInfo, Driver, DriverInfo, Error, Event, Host, Media, MediaSetup,
    PacedBy, Supervision, Tick, negotiate_fn, sys,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Channels of a card.
pub(crate) const CHANNELS: u32 = 4;

/// What a test knows of a rack.
#[derive(Default)]
struct Rack {
    driver: Option<Host>,
    /// Those that are plugged in; with a host from start to stop.
    cards: BTreeMap<String, Option<Host>>,
    /// How many starts there were.
    starts: u64,
    /// What a card does in a frame.
    stands_still: Option<Duration>,
}

static RACKS: Mutex<BTreeMap<String, Rack>> = Mutex::new(BTreeMap::new());

fn racks() -> MutexGuard<'static, BTreeMap<String, Rack>> {
    RACKS.lock().expect("nobody panics with them")
}

/// The grip of a test on a rack of this name.
#[derive(Clone, Copy)]
pub(crate) struct Grip(pub(crate) &'static str);

impl Grip {
    fn with<T>(self, look: impl FnOnce(&mut Rack) -> T) -> T {
        look(racks().entry(self.0.to_owned()).or_default())
    }

    /// The driver, to be built in.
    pub(crate) fn built_in() -> BuiltIn {
        BuiltIn { name: "rack", negotiate: negotiate_fn::<RackDriver>() }
    }

    /// A card in the settings.
    pub(crate) fn device(self, card: &str) -> DeviceSettings {
        DeviceSettings::new(card, "rack", json!({ "rack": self.0, "uid": card }))
    }

    /// Put a card into its slot; the driver sees it, if it runs.
    pub(crate) fn plug(self, card: &str) {
        let driver = self.with(|rack| {
            rack.cards.insert(card.to_owned(), None);
            rack.driver.clone()
        });
        if let Some(driver) = driver {
            let added = Event::DeviceAdded { uid: card.to_owned(), location: String::new() };
            // a driver that has been destroyed tells nobody
            let _ = driver.post(&added);
        }
    }

    /// Pull it out.
    pub(crate) fn pull(self, card: &str) {
        let host = self.with(|rack| rack.cards.remove(card).flatten());
        if let Some(host) = host {
            host.post(&Event::DeviceRemoved).expect("there is room");
        }
    }

    /// Something comes from a card that is started; false when it is not.
    pub(crate) fn post(self, card: &str, event: &Event) -> bool {
        let host = self.with(|rack| rack.cards.get(card).cloned().flatten());
        host.is_some_and(|host| host.post(event).is_ok())
    }

    /// A call comes in on a channel.
    pub(crate) fn call(self, card: &str, channel: u32, call: u64) -> bool {
        self.post(
            card,
            &Event::Incoming {
                channel,
                call,
                called: "9000".into(),
                calling: "5555".into(),
                name: String::new(),
                redirecting: String::new(),
                via: String::new(),
                complete: true,
            },
        )
    }

    /// From the next frame on no frame comes back for so long.
    pub(crate) fn stand_still(self, time: Option<Duration>) {
        self.with(|rack| rack.stands_still = time);
    }

    pub(crate) fn starts(self) -> u64 {
        self.with(|rack| rack.starts)
    }

    pub(crate) fn is_started(self, card: &str) -> bool {
        self.with(|rack| rack.cards.get(card).is_some_and(Option::is_some))
    }
}

pub(crate) struct RackDriver {
    rack: String,
}

pub(crate) struct Card {
    rack: String,
    uid: String,
    host: Host,
    /// The channel of each call.
    calls: BTreeMap<u64, u32>,
}

pub(crate) struct Frames {
    rack: String,
}

impl RackDriver {
    fn with<T>(&self, look: impl FnOnce(&mut Rack) -> T) -> T {
        look(racks().entry(self.rack.clone()).or_default())
    }
}

impl Driver for RackDriver {
    const INFO: DriverInfo = DriverInfo {
        id: c"org.callcore.test.rack",
        name: c"rack",
        vendor: c"callcore",
        version: c"1",
        config_schema: c"{}",
    };
    type Device = Card;

    fn create(host: Host) -> Result<Self, Error> {
        let rack = host.cfg_str("rack")?.unwrap_or_default();
        let driver = Self { rack };
        driver.with(|rack| rack.driver = Some(host));
        Ok(driver)
    }

    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        let cards: Vec<String> = self.with(|rack| rack.cards.keys().cloned().collect());
        let none = String::new;
        let card = |uid| DeviceInfo {
            uid,
            location: none(),
            model: "card".into(),
            firmware: none(),
            channels: CHANNELS,
            spans: 0,
            clock_domain: 0,
            paced_by: PacedBy::Host,
        };
        cards.into_iter().map(card).collect()
    }

    fn open(&mut self, uid: &str, host: Host) -> Result<Card, Error> {
        Ok(Card { rack: self.rack.clone(), uid: uid.to_owned(), host, calls: BTreeMap::new() })
    }
}

impl Card {
    fn set_host(&self, host: Option<Host>) {
        let mut racks = racks();
        let Some(rack) = racks.get_mut(&self.rack) else { return };
        rack.starts += u64::from(host.is_some());
        if let Some(place) = rack.cards.get_mut(&self.uid) {
            *place = host;
        }
    }

    fn post(&self, event: &Event) -> Result<(), Error> {
        self.host.post(event).map_err(|_| Error::io("no room"))
    }
}

impl Device for Card {
    type Media = Frames;

    fn channel(&self, channel: u32) -> Option<ChannelInfo> {
        let info = ChannelInfo {
            kind: sys::CCD_KIND_BEARER,
            codecs: sys::CCD_LAW_A,
            caps: sys::ccd_cap(sys::CCD_CAPB_CALLER_ID_RX),
            ..ChannelInfo::default()
        };
        (channel < CHANNELS).then_some(info)
    }

    fn start(&mut self, _: MediaSetup) -> Result<Frames, Error> {
        self.set_host(Some(self.host.clone()));
        Ok(Frames { rack: self.rack.clone() })
    }

    fn stop(&mut self) {
        self.set_host(None);
    }

    fn answer(&mut self, call: u64) -> Result<(), Error> {
        let (supervision, connected) = (Supervision::Signalled, String::new());
        // the calls of a test are on the channel of their number
        let channel = (call / 2 % u64::from(CHANNELS)) as u32;
        self.calls.insert(call, channel);
        self.post(&Event::Connected { channel, call, supervision, connected, inband_digits: false })
    }

    fn drop_call(&mut self, call: u64, q850: u16) -> Result<(), Error> {
        let channel = (call / 2 % u64::from(CHANNELS)) as u32;
        self.post(&Event::Released { channel, call, cause: Cause::signalled(q850) })
    }
}

impl Media for Frames {
    fn exchange(&mut self, _: &mut Tick<'_>) {
        let stands_still = racks().get(&self.rack).and_then(|rack| rack.stands_still);
        std::thread::sleep(stands_still.unwrap_or_default());
    }
}
