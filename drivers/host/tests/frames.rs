//! A frame on its way through the C tables and the layers takes no memory, and asks nothing of the kernel.

use callcore_codec::Format;
use callcore_driver_host::layer::{Layer, open};
use callcore_driver_host::sys::{CCD_L16, CCD_LAW_A, ccd_status};
use callcore_driver_host::{BadSize, Entry, Host, Pool, Tick};
use callcore_driver_sdk::testkit::{Echo, steps_without_system_call};
use callcore_driver_sdk::{negotiate_fn, sys};
use callcore_driver_sim::SimDriver;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A host with settings for the simulator.
struct Quiet;

impl Host for Quiet {
    fn post(&self, _event: &[u8]) -> ccd_status {
        sys::CCD_OK
    }
    fn on_unreadable(&self, _why: BadSize) {}
    fn log(&self, _level: i32, _target: &str, _text: &str) {}
    fn log_enabled(&self, _level: i32, _target: &str) -> bool {
        false
    }
    fn now_ns(&self) -> u64 {
        0
    }
    fn cfg_int(&self, path: &str) -> Result<i64, ccd_status> {
        if path == "trunks" { Ok(480) } else { Err(sys::CCD_E_GONE) }
    }
    fn cfg_str(&self, path: &str) -> Result<String, ccd_status> {
        if path == "people" { Ok("manual".to_owned()) } else { Err(sys::CCD_E_GONE) }
    }
}

#[test]
fn a_frame_takes_no_memory_through_any_layer() {
    for layers in [
        json!([]),
        json!(["check"]),
        json!([{ "layer": "check", "guards": true }]),
        json!([{ "layer": "fault", "frame_missed": 10 }, "check"]),
    ] {
        let host = Arc::new(Quiet);
        let entry = Entry::built_in("sim", negotiate_fn::<SimDriver>());
        let mut driver = entry.negotiate().expect("it agrees").create(host.clone()).expect("it is created");
        let read: Vec<Layer> = serde_json::from_value(layers.clone()).expect("these are layers");
        let mut device = open(&mut *driver, "sim0", "sim", &read, host).expect("it opens").device;
        let channels = device.channels().len() as u32;
        let pool = Arc::new(Pool::new(channels, Format::L16, CCD_L16));
        let mut media = device.start(&pool).expect("it starts").expect("it has media");
        let words = channels.div_ceil(64) as usize;
        let (all, mut rx_valid) = (vec![u64::MAX; words], vec![0; words]);
        let (mut rx_format, tx_format) = (vec![0; channels as usize], vec![0; channels as usize]);
        let mut frame = |frame| {
            let mut tick = Tick {
                frame,
                t_ns: 0,
                flags: 0,
                late: 0,
                active: &all,
                tx_valid: &all,
                rx_valid: &mut rx_valid,
                rx_format: &mut rx_format,
                tx_format: &tx_format,
            };
            media.exchange(&mut tick);
        };
        frame(0);
        let info = allocation_counter::measure(|| (1..200).for_each(&mut frame));
        assert_eq!(info.count_total, 0, "{layers}");
        drop(media);
        device.stop();
    }
}

const CHANNELS: u32 = 480;
const WORDS: usize = CHANNELS.div_ceil(64) as usize;
const FRAMES: u64 = 500;

/// A host whose clock counts who asks it.
#[derive(Default)]
struct Counted(AtomicU64);

impl Host for Counted {
    fn post(&self, _event: &[u8]) -> ccd_status {
        sys::CCD_OK
    }
    fn on_unreadable(&self, _why: BadSize) {}
    fn log(&self, _level: i32, _target: &str, _text: &str) {}
    fn log_enabled(&self, _level: i32, _target: &str) -> bool {
        false
    }
    fn now_ns(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
    fn cfg_int(&self, _path: &str) -> Result<i64, ccd_status> {
        Err(sys::CCD_E_GONE)
    }
    fn cfg_str(&self, _path: &str) -> Result<String, ccd_status> {
        Err(sys::CCD_E_GONE)
    }
}

/// Exchanges a frame of all channels, each of which hears what it says.
fn frames(layers: &Value, host: Arc<Counted>) -> impl FnMut() + use<> {
    let entry = Entry::built_in("echo", negotiate_fn::<Echo<CHANNELS>>());
    let mut driver = entry.negotiate().expect("it agrees").create(host.clone()).expect("it is created");
    let layers: Vec<Layer> = serde_json::from_value(layers.clone()).expect("these are layers");
    let mut device = open(&mut *driver, "echo", "echo", &layers, host).expect("it opens").device;
    let pool = Arc::new(Pool::new(CHANNELS, Format::ALaw, CCD_LAW_A));
    let mut media = device.start(&pool).expect("it starts").expect("it has media");
    let mut frame = 0;
    move || {
        let _ = (&device, &driver);
        let all = [u64::MAX; WORDS];
        let (mut rx_valid, mut rx_format) = ([0; WORDS], [0; CHANNELS as usize]);
        let mut tick = Tick {
            frame,
            t_ns: 0,
            flags: 0,
            late: 0,
            active: &all,
            tx_valid: &all,
            rx_valid: &mut rx_valid,
            rx_format: &mut rx_format,
            tx_format: &[0; CHANNELS as usize],
        };
        media.exchange(&mut tick);
        assert_eq!(rx_valid[0], u64::MAX, "it was heard");
        frame += 1;
    }
}

#[test]
fn frames_of_480_channels_make_no_system_call_and_look_at_the_clock_as_often_each_time() {
    for (layers, looks) in [(json!([]), 0), (json!(["check"]), 2)] {
        let host = Arc::<Counted>::default();
        let theirs = Arc::clone(&host);
        // from the first frame on
        let before = Arc::new(AtomicU64::new(0));
        let noted = Arc::clone(&before);
        let said = layers.to_string();
        let made = steps_without_system_call(FRAMES, move || {
            let step = frames(&layers, Arc::clone(&theirs));
            noted.store(theirs.0.load(Ordering::Relaxed), Ordering::Relaxed);
            step
        });
        assert_eq!(made, FRAMES, "{said}");
        let looked = host.0.load(Ordering::Relaxed) - before.load(Ordering::Relaxed);
        assert_eq!(looked, looks * FRAMES, "{said}");
    }
}
