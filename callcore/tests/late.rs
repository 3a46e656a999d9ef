//! A machine that stands still: frames that were missed are counted and said, left out, and not made up for.

use callcore::exchange::Config;
use callcore::shell::{BuiltIn, DeviceSettings, Node, Settings};
use callcore_driver_sdk::{
    ChannelInfo, Device, DeviceInfo, Driver, DriverInfo, Error, Host, Media, MediaSetup, PacedBy, Tick,
    negotiate_fn, sys,
};
use serde_json::json;
use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// When the driver was asked for each frame, from the one that took so long on.
static FRAMES: Mutex<Vec<Instant>> = Mutex::new(Vec::new());
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

const FRAME: Duration = Duration::from_millis(20);
/// So long the driver takes for one frame.
const STANDS_STILL: Duration = Duration::from_millis(600);
const AFTER: usize = 100;

struct Slow;
struct Board;
struct Line(u32);

impl Driver for Slow {
    const INFO: DriverInfo = DriverInfo {
        id: c"org.callcore.test.slow",
        name: c"slow",
        vendor: c"callcore",
        version: c"1",
        config_schema: c"{}",
    };
    type Device = Board;
    fn create(_: Host) -> Result<Self, Error> {
        Ok(Self)
    }
    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        vec![DeviceInfo {
            uid: "one".into(),
            location: String::new(),
            model: "Slow".into(),
            firmware: String::new(),
            channels: 1,
            spans: 0,
            clock_domain: 0,
            paced_by: PacedBy::Host,
        }]
    }
    fn open(&mut self, _: &str, _: Host) -> Result<Board, Error> {
        Ok(Board)
    }
}

impl Device for Board {
    type Media = Line;
    fn channel(&self, channel: u32) -> Option<ChannelInfo> {
        let info =
            ChannelInfo { kind: sys::CCD_KIND_BEARER, codecs: sys::CCD_LAW_A, ..ChannelInfo::default() };
        (channel == 0).then_some(info)
    }
    fn start(&mut self, _: MediaSetup) -> Result<Line, Error> {
        Ok(Line(0))
    }
    fn stop(&mut self) {}
}

impl Media for Line {
    fn exchange(&mut self, _: &mut Tick<'_>) {
        self.0 += 1;
        if self.0 < 25 {
            return;
        }
        if self.0 == 25 {
            std::thread::sleep(STANDS_STILL);
        }
        let mut frames = FRAMES.lock().expect("no panic");
        if frames.len() < AFTER {
            frames.push(Instant::now());
        }
    }
}

/// The log, for the test.
struct Writer;

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().expect("no panic").extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn frames_that_were_missed_are_counted_said_and_left_out() {
    tracing_subscriber::fmt().with_ansi(false).with_writer(|| Writer).init();
    let folder = TempDir::new().expect("a temporary folder can be made");
    let built_in = vec![BuiltIn { name: "slow", negotiate: negotiate_fn::<Slow>() }];
    let devices = vec![DeviceSettings::new("slow", "slow", json!({}))];
    let settings = Settings { built_in, devices, ..Settings::new(folder.path()) };
    let node = Node::start(Config::default(), settings).unwrap_or_else(|why| panic!("{why}"));
    let said = || String::from_utf8_lossy(&LOG.lock().expect("no panic")).into_owned();
    let deadline = Instant::now() + Duration::from_secs(60);
    let is_told = |said: &str| said.contains("the media thread came too late");
    while FRAMES.lock().expect("no panic").len() < AFTER || !is_told(&said()) {
        assert!(Instant::now() < deadline, "{} {:?}", said(), node.handle().stats());
        std::thread::sleep(FRAME);
    }
    // one that had begun may be what is late, and the next one is in time
    let late = node.handle().stats().media.frames_late;
    assert!(late >= (STANDS_STILL.as_millis() / FRAME.as_millis()) as u64 - 2, "{late}");
    let frames = FRAMES.lock().expect("no panic").clone();
    // had they been made up for, tens would have come at once
    for ten in frames.windows(10) {
        let took = ten[9] - ten[0];
        assert!(took > 6 * FRAME, "ten frames in {took:?}");
    }
    node.stop().expect("it stops");
}
