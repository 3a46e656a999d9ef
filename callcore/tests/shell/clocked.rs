//! A board with a clock of its own: its audio crosses into the node's clock and back.

use crate::centre::{self, Centre};
use callcore::exchange::{Command, Event};
use callcore::shell::{BuiltIn, DeviceSettings, Node};
use callcore_driver_sdk::{
    Cause, ChannelInfo, Device, DeviceInfo, Driver, DriverInfo, Error, Format, Host, Media, MediaSetup,
    PacedBy, Supervision, Tick, negotiate_fn, sys,
};
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What the board has heard on its line, as the sum of magnitudes of each frame that was not silent.
static HEARD_FRAMES: AtomicU64 = AtomicU64::new(0);

struct Clocked;
struct Board(Host);
struct Line {
    next: Instant,
    frame: u64,
}

impl Driver for Clocked {
    const INFO: DriverInfo = DriverInfo {
        id: c"org.callcore.test.clocked",
        name: c"clocked",
        vendor: c"callcore",
        version: c"1",
        config_schema: c"{}",
    };
    type Device = Board;
    fn create(_: Host) -> Result<Self, Error> {
        Ok(Self)
    }
    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        let none = String::new;
        vec![DeviceInfo {
            uid: "one".into(),
            location: none(),
            model: "Clocked".into(),
            firmware: none(),
            channels: 1,
            spans: 0,
            clock_domain: 1,
            paced_by: PacedBy::Driver,
        }]
    }
    fn open(&mut self, _: &str, host: Host) -> Result<Board, Error> {
        Ok(Board(host))
    }
}

impl Device for Board {
    type Media = Line;
    fn channel(&self, channel: u32) -> Option<ChannelInfo> {
        (channel == 0).then_some(ChannelInfo {
            kind: sys::CCD_KIND_BEARER,
            codecs: sys::CCD_LAW_A | sys::CCD_LAW_U,
            ..ChannelInfo::default()
        })
    }
    fn start(&mut self, _: MediaSetup) -> Result<Line, Error> {
        let incoming = callcore_driver_sdk::Event::Incoming {
            channel: 0,
            call: 1,
            called: "9000".into(),
            calling: "1".into(),
            name: String::new(),
            redirecting: String::new(),
            via: String::new(),
            complete: true,
        };
        self.0.post(&incoming).map_err(|_| Error::io("no room for the first event"))?;
        Ok(Line { next: Instant::now(), frame: 0 })
    }
    fn stop(&mut self) {}
    fn answer(&mut self, call: u64) -> Result<(), Error> {
        let supervision = Supervision::Signalled;
        let answered = callcore_driver_sdk::Event::Connected {
            channel: 0,
            call,
            supervision,
            connected: String::new(),
            inband_digits: false,
        };
        self.0.post(&answered).map_err(|_| Error::io("no room"))
    }
    fn drop_call(&mut self, call: u64, q850: u16) -> Result<(), Error> {
        let cause = Cause::signalled(q850);
        let released = callcore_driver_sdk::Event::Released { channel: 0, call, cause };
        self.0.post(&released).map_err(|_| Error::io("no room"))
    }
}

impl Media for Line {
    /// The person at the far end presses key 5 for half of every second (ITU-T Q.23: 770 and 1336 Hz). The pool is A-law,
    /// but the channel says that it is µ-law.
    fn exchange(&mut self, tick: &mut Tick<'_>) {
        assert!(tick.set_format(0, Format::MuLaw));
        let follows = tick.tx_format(0) == Format::MuLaw;
        let is_loud = tick.tx(0).is_some_and(|tx| tx.iter().any(|byte| !matches!(byte, 0xFF | 0x7F)));
        HEARD_FRAMES.fetch_add(u64::from(follows && is_loud), Ordering::Relaxed);
        if self.frame % 50 < 25 {
            for (n, byte) in tick.rx(0).iter_mut().enumerate() {
                let t = (self.frame * 160 + n as u64) as f64 / 8000.0 * std::f64::consts::TAU;
                *byte = callcore_codec::g711::linear_to_ulaw(
                    (((t * 770.0).sin() + (t * 1336.0).sin()) * 6000.0) as i16,
                );
            }
        } else {
            tick.rx(0).fill(0xFF);
        }
        tick.set_rx_valid(0);
        self.frame += 1;
    }

    fn wait(&mut self, _: u32) -> Result<(), Error> {
        self.next += Duration::from_millis(20);
        std::thread::sleep(self.next.saturating_duration_since(Instant::now()));
        Ok(())
    }
}

#[test]
fn sound_crosses_between_two_clocks_both_ways() {
    let folder = centre::folder();
    let mut settings = centre::settings(folder.path(), 1.0);
    settings.built_in.push(BuiltIn { name: "clocked", negotiate: negotiate_fn::<Clocked>() });
    let device = DeviceSettings::new("clocked", "clocked", json!({}));
    settings.devices.push(device);
    let node = Node::start(centre::config(), settings).expect("everything is right");
    let centre = Centre { handle: node.handle(), node, folder };
    let events = centre.handle.events();
    let call = centre.call();
    centre.handle.command(Command::Answer { call }).expect("it is the application's");
    Centre::event(&events, "answer", |event| matches!(event, Event::Answered { .. }));
    let key = Centre::event(&events, "key that only its sound can tell", |event| {
        matches!(event, Event::Digit { .. })
    });
    assert!(matches!(key, Event::Digit { digit, .. } if digit.char() == '5'), "{key:?}");
    // 20 frames each; what a slip takes comes with the next
    let wanted = 17;
    for _ in 0..10 {
        let prompts = vec!["welcome".into()];
        centre.handle.command(Command::Play { call, prompts }).expect("it is answered");
        Centre::event(&events, "end of the prompt", |event| matches!(event, Event::Played { .. }));
        if HEARD_FRAMES.load(Ordering::Relaxed) >= wanted {
            break;
        }
    }
    assert!(HEARD_FRAMES.load(Ordering::Relaxed) >= wanted, "the line has heard the prompt");
    assert_eq!(centre.handle.stats().media.formats_unknown, 0);
    centre.node.stop().expect("it stops");
}

/// A library with an audio thread of its own brings its frames itself.
#[test]
fn a_board_that_pushes_its_frames_hears_and_is_heard() {
    let folder = centre::folder();
    let mut settings = centre::settings(folder.path(), 10.0);
    let driver = crate::rogues::library(folder.path(), "pusher");
    settings.devices.push(DeviceSettings::new("pusher", &driver.to_string_lossy(), json!({})));
    let node = Node::start(centre::config(), settings).unwrap_or_else(|why| panic!("{why}"));
    let centre = Centre { handle: node.handle(), node, folder };
    let events = centre.handle.events();
    let call = centre.call();
    centre.handle.command(Command::Answer { call }).expect("it is the application's");
    let key = Centre::event(&events, "key that only its sound can tell", |event| {
        matches!(event, Event::Digit { .. })
    });
    assert!(matches!(key, Event::Digit { digit, .. } if digit.char() == '5'), "{key:?}");
    centre.handle.command(Command::Play { call, prompts: vec!["music".into()] }).expect("it is answered");
    let ended = Centre::event(&events, "end, which comes of ten loud frames", |event| {
        matches!(event, Event::Ended { .. })
    });
    assert!(matches!(ended, Event::Ended { cause, .. } if cause.q850 == 16), "{ended:?}");
    centre.node.stop().expect("it stops");
}
