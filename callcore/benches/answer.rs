//! From a call on the wire to the command that answers it: through ring, exchange, journal and board thread.
//!
//! `cargo bench -p callcore --bench answer`

use callcore::exchange::Config;
use callcore::shell::{BuiltIn, DeviceSettings, JournalSync, Node, Settings};
use callcore_driver_sdk::{
    Cause, ChannelInfo, Device, DeviceInfo, Driver, DriverInfo, Error, Event, Host, Media, MediaSetup,
    PacedBy, Tick, negotiate_fn, sys,
};
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Calls of one run, one after the other.
const CALLS: usize = 1000;

/// When the present call came in, and how long each took to be answered, in microseconds.
static TIMES: Mutex<(Option<Instant>, Vec<u64>)> = Mutex::new((None, Vec::new()));

struct Ringer;
struct Board(Host);
struct Silence;

impl Driver for Ringer {
    const INFO: DriverInfo = DriverInfo {
        id: c"org.callcore.bench.ringer",
        name: c"ringer",
        vendor: c"callcore",
        version: c"1",
        config_schema: c"{}",
    };
    type Device = Board;
    fn create(_: Host) -> Result<Self, Error> {
        Ok(Self)
    }
    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        let (location, model, firmware) = (String::new(), String::new(), String::new());
        let (channels, spans, clock_domain, paced_by) = (1, 0, 0, PacedBy::Host);
        vec![DeviceInfo {
            uid: "one".into(),
            location,
            model,
            firmware,
            channels,
            spans,
            clock_domain,
            paced_by,
        }]
    }
    fn open(&mut self, _: &str, host: Host) -> Result<Board, Error> {
        Ok(Board(host))
    }
}

impl Board {
    fn incoming(&self, call: u64) -> Result<(), Error> {
        TIMES.lock().unwrap_or_else(PoisonError::into_inner).0 = Some(Instant::now());
        let incoming = Event::Incoming {
            channel: 0,
            call,
            called: "8000".into(),
            calling: "1".into(),
            name: String::new(),
            redirecting: String::new(),
            via: String::new(),
            complete: true,
        };
        self.0.post(&incoming).map_err(|_| Error::io("no room"))
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
        self.incoming(1)?;
        Ok(Silence)
    }
    fn stop(&mut self) {}
    fn answer(&mut self, call: u64) -> Result<(), Error> {
        let mut times = TIMES.lock().unwrap_or_else(PoisonError::into_inner);
        let took = times.0.map(|began| began.elapsed().as_micros() as u64);
        times.1.extend(took);
        drop(times);
        // the caller has heard enough
        let gone = Event::Disconnected { channel: 0, call, cause: Cause::signalled(16) };
        self.0.post(&gone).map_err(|_| Error::io("no room"))
    }
    fn drop_call(&mut self, call: u64, _: u16) -> Result<(), Error> {
        let released = Event::Released { channel: 0, call, cause: Cause::signalled(16) };
        self.0.post(&released).map_err(|_| Error::io("no room"))?;
        self.incoming(call + 2)
    }
}

impl Media for Silence {
    fn exchange(&mut self, _: &mut Tick<'_>) {}
}

fn run(journal_sync: JournalSync) {
    let config = json!({
        "route": [{"called": "8000", "to": "flow:main"}],
        "flow": {"main": {"start": "end", "node": {"end": {"type": "stop_flow"}}}},
    });
    let config: Config = serde_json::from_value(config).expect("the configuration is right");
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let mut settings = Settings { journal_sync, ..Settings::new(folder.path()) };
    settings.built_in = vec![BuiltIn { name: "ringer", negotiate: negotiate_fn::<Ringer>() }];
    settings.devices = vec![DeviceSettings::new("ringer", "ringer", Value::Null)];
    let node = Node::start(config, settings).expect("everything is right");
    let times = loop {
        let mut times = TIMES.lock().unwrap_or_else(PoisonError::into_inner);
        if times.1.len() >= CALLS {
            break std::mem::take(&mut times.1);
        }
        drop(times);
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    drop(node);
    let mut sorted = times;
    sorted.sort_unstable();
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
    println!(
        "{journal_sync:?}: {} calls, from ring to answer: median {} us, 99 % {} us, most {} us",
        sorted.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn main() {
    run(JournalSync::Group);
    run(JournalSync::Always);
}
