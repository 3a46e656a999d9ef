//! Drivers and hosts of minor versions 1.0, 1.1 and 1.2 with each other: what one side does not know is left alone. The later
//! versions are made here, from the present header, in the way that a minor version may grow.

use crate::cc::{folder, must, text, top};
use callcore_driver_host::sys::*;
use callcore_driver_host::{BadSize, Command, Entry, FRAME_SAMPLES, Host, Tick};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Structs that grow, and what they grow by.
const MEMBERS: &[&str] = &[
    "ccd_channel_info",
    "ccd_device_info",
    "ccd_make",
    "ccd_media_setup",
    "ccd_tick",
    "ccd_ev_done",
    "ccd_ev_incoming",
];
const TABLES: &[&str] = &["ccd_device_vt", "ccd_call_vt", "ccd_driver_vt", "ccd_host"];

/// The header of version 1.`minor`.
fn header(minor: u32) -> String {
    // a 1.0 is what was frozen
    let base = if minor == 0 { "tests/abi/1.0/callcore_driver.h" } else { "include/callcore_driver.h" };
    let mut header = std::fs::read_to_string(top().join(base)).expect("is there");
    for later in 1..=minor {
        for name in MEMBERS {
            header =
                header.replacen(&format!("}} {name};"), &format!("  uint64_t later{later};\n}} {name};"), 1);
        }
        for name in TABLES {
            let function = format!("  ccd_status (CCD_CALL *later{later})(void *) CCD_NX;\n}} {name};");
            header = header.replacen(&format!("}} {name};"), &function, 1);
        }
    }
    assert_eq!(header.matches("later1").count(), if minor > 0 { MEMBERS.len() + TABLES.len() } else { 0 });
    header
}

fn build(folder: &Path, source: &str, minor: u32) -> PathBuf {
    let place = folder.join(format!("1.{minor}"));
    std::fs::create_dir_all(&place).expect("just made");
    std::fs::write(place.join("callcore_driver.h"), header(minor)).expect("just made");
    let (include, define) = (format!("-I{}", text(&place)), format!("-DCCD_MINOR={minor}"));
    let more = if minor > 1 { "-DCCD_MORE=,0" } else { "-DCCD_MORE=" };
    let mut args = vec!["-std=c11", "-Wall", "-Wextra", "-Werror", &include, &define, more];
    let program = place.join(source);
    let from = format!("tests/abi/{source}.c");
    if source == "driver" {
        args.extend(["-shared", "-fPIC", "-fvisibility=hidden"]);
    }
    args.extend(["-o", text(&program), &from]);
    must("cc", &args);
    program
}

#[test]
fn older_equal_and_newer_agree_on_the_older() {
    let folder = folder("minors");
    let drivers: Vec<PathBuf> = (0..3).map(|minor| build(&folder, "driver", minor)).collect();
    let hosts: Vec<PathBuf> = (0..3).map(|minor| build(&folder, "host", minor)).collect();
    println!("{:12} {:>14} {:>14} {:>14}", "", "host 1.0", "host 1.1", "host 1.2");
    for (driver_minor, driver) in drivers.iter().enumerate() {
        let mut row = format!("driver 1.{driver_minor} ");
        for (host_minor, host) in hosts.iter().enumerate() {
            let said = must(text(host), &[text(driver)]);
            let agreed = format!("1.{}", driver_minor.min(host_minor));
            assert!(said.starts_with(&agreed), "driver 1.{driver_minor} and host 1.{host_minor}: {said}");
            row += &format!("{:>15}", format!("agree on {agreed}"));
        }
        println!("{row}");
    }
}

/// A host that remembers the events it got.
#[derive(Default)]
struct Memory(Mutex<Vec<Vec<u8>>>);

impl Host for Memory {
    fn post(&self, event: &[u8]) -> ccd_status {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event.to_vec());
        CCD_OK
    }
    fn on_unreadable(&self, why: BadSize) {
        panic!("{why}");
    }
    fn log(&self, _: i32, _: &str, _: &str) {}
    fn log_enabled(&self, _: i32, _: &str) -> bool {
        false
    }
    fn now_ns(&self) -> u64 {
        1
    }
    fn cfg_int(&self, _: &str) -> Result<i64, ccd_status> {
        Err(CCD_E_GONE)
    }
    fn cfg_str(&self, _: &str) -> Result<String, ccd_status> {
        Err(CCD_E_GONE)
    }
}

#[test]
fn this_host_takes_drivers_of_every_minor_version() {
    let folder = folder("minors-here");
    for minor in 0..3 {
        let path = build(&folder, "driver", minor);
        let memory = Arc::new(Memory::default());
        let kinds = call_once(&path, &memory);
        let known: Vec<u16> = kinds.into_iter().filter(|kind| *kind < 200).collect();
        assert_eq!(known, [CCD_EV_DONE, CCD_EV_CONNECTED, CCD_EV_DONE, CCD_EV_RELEASED], "driver 1.{minor}");
    }
}

/// A call on the driver's one channel; gives the kinds of events that came.
fn call_once(path: &Path, memory: &Arc<Memory>) -> Vec<u16> {
    let accepted = Entry::load(path, "none").and_then(|entry| entry.negotiate()).expect("it agrees");
    let mut driver = accepted.create(memory.clone()).expect("it starts");
    let uid = driver.enumerate().expect("it has a device")[0].uid.clone();
    let mut device = driver.open(&uid, memory.clone()).expect("it opens");
    assert_eq!(device.channels()[0].codecs, CCD_LAW_A);
    let pool = callcore_driver_host::Pool::new(1, callcore_codec::Format::ALaw, CCD_LAW_A);
    let pool = Arc::new(pool);
    let mut media = device.start(&pool).expect("it starts").expect("it has media");
    let make = Command::Make {
        channel: 0,
        call: 2,
        called: "8000".into(),
        calling: String::new(),
        name: String::new(),
        via: None,
        flags: 0,
        ton_npi: 0,
        presentation: 0,
        timeout_ms: 0,
        json: None,
    };
    assert_eq!(device.command(&make, 1), CCD_OK);
    let (on, mut heard, mut format) = ([1], [0], [0]);
    let mut tick = Tick {
        frame: 5,
        t_ns: 0,
        flags: 0,
        late: 0,
        active: &on,
        tx_valid: &on,
        rx_valid: &mut heard,
        rx_format: &mut format,
        tx_format: &[0],
    };
    assert_eq!(media.exchange(&mut tick), CCD_OK);
    assert_eq!(heard, [1], "{FRAME_SAMPLES} samples are looped");
    assert_eq!(device.command(&Command::Drop { call: 2, q850: 17 }, 2), CCD_OK);
    drop(media);
    assert_eq!(device.stop(), CCD_OK);
    let events = memory.0.lock().unwrap_or_else(PoisonError::into_inner);
    events.iter().map(|event| u16::from_ne_bytes([event[4], event[5]])).collect()
}
