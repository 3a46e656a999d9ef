//! What a frame of 480 channels costs on its way through the driver contract and through each layer.
//!
//! `cargo bench -p callcore-driver-host --bench exchange`. The driver copies what is said to what is heard, through the C table;
//! the ways are measured in turns inside one run, and a figure is of all turns.

use callcore_codec::Format;
use callcore_driver_host::layer::{Layer, open};
use callcore_driver_host::sys::{CCD_LAW_A, ccd_status};
use callcore_driver_host::{BadSize, Device, Entry, Host, Media, Pool, Tick};
use callcore_driver_sdk::testkit::Echo;
use callcore_driver_sdk::{negotiate_fn, sys};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

const CHANNELS: u32 = 480;
const WORDS: usize = CHANNELS.div_ceil(64) as usize;
const TURNS: usize = 200;
const FRAMES: usize = 20;

/// A host that only knows the time.
struct Clock(Instant);

impl Host for Clock {
    fn post(&self, _event: &[u8]) -> ccd_status {
        0
    }
    fn on_unreadable(&self, _why: BadSize) {}
    fn log(&self, _level: i32, _target: &str, _text: &str) {}
    fn log_enabled(&self, _level: i32, _target: &str) -> bool {
        false
    }
    fn now_ns(&self) -> u64 {
        self.0.elapsed().as_nanos() as u64
    }
    fn cfg_int(&self, _path: &str) -> Result<i64, ccd_status> {
        Err(sys::CCD_E_GONE)
    }
    fn cfg_str(&self, _path: &str) -> Result<String, ccd_status> {
        Err(sys::CCD_E_GONE)
    }
}

/// One way to the driver.
struct Way {
    name: &'static str,
    media: Box<dyn Media>,
    _device: Box<dyn Device>,
    frame: u64,
    ns: Vec<u64>,
}

impl Way {
    fn new(name: &'static str, layers: &Value) -> Self {
        let host = Arc::new(Clock(Instant::now()));
        let entry = Entry::built_in("echo", negotiate_fn::<Echo<CHANNELS>>());
        let mut driver =
            entry.negotiate().expect("it agrees").create(host.clone()).expect("it can be created");
        let layers: Vec<Layer> = serde_json::from_value(layers.clone()).expect("these are layers");
        let mut device = open(&mut *driver, "echo", "echo", &layers, host).expect("it opens").device;
        let pool = Arc::new(Pool::new(CHANNELS, Format::ALaw, CCD_LAW_A));
        let media = device.start(&pool).expect("it starts").expect("it has media");
        Self { name, media, _device: device, frame: 0, ns: Vec::with_capacity(TURNS * FRAMES) }
    }

    fn frame(&mut self) {
        let all = [u64::MAX; WORDS];
        let (mut rx_valid, mut rx_format, tx_format) =
            ([0; WORDS], [0; CHANNELS as usize], [0; CHANNELS as usize]);
        let mut tick = Tick {
            frame: self.frame,
            t_ns: 0,
            flags: 0,
            late: 0,
            active: &all,
            tx_valid: &all,
            rx_valid: &mut rx_valid,
            rx_format: &mut rx_format,
            tx_format: &tx_format,
        };
        let began = Instant::now();
        self.media.exchange(&mut tick);
        self.ns.push(began.elapsed().as_nanos() as u64);
        self.frame += 1;
        assert_eq!(rx_valid[0], u64::MAX, "it was heard");
    }
}

fn main() {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let trace = json!({ "layer": "trace", "file": folder.path().join("trace.jsonl") });
    let hashed = json!({ "layer": "trace", "file": folder.path().join("hashed.jsonl"), "frames": true });
    let mut ways = [
        Way::new("no layer", &json!([])),
        Way::new("check", &json!(["check"])),
        Way::new("check with guards", &json!([{ "layer": "check", "guards": true }])),
        Way::new("trace", &json!([trace])),
        Way::new("trace with frames", &json!([hashed])),
        Way::new("fault", &json!(["fault"])),
        Way::new("check, fault", &json!(["check", "fault"])),
    ];
    for _ in 0..TURNS {
        for way in &mut ways {
            let info = allocation_counter::measure(|| (0..FRAMES).for_each(|_| way.frame()));
            assert!(info.count_total == 0 || way.name == "trace with frames", "{} takes memory", way.name);
        }
    }
    println!("{CHANNELS} channels, a frame of 20 ms, {} frames each", TURNS * FRAMES);
    println!("{:<20} {:>10} {:>10} {:>10}", "layers", "p50 us", "p99 us", "max us");
    for way in &mut ways {
        way.ns.sort_unstable();
        let at = |share: f64| way.ns[((way.ns.len() - 1) as f64 * share) as usize] as f64 / 1000.0;
        println!("{:<20} {:>10.2} {:>10.2} {:>10.2}", way.name, at(0.5), at(0.99), at(1.0));
    }
}
