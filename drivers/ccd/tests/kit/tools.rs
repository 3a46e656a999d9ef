//! The other words of `ccd`: what it writes for machines, lists, and plays again.

use crate::build::{broken, c_driver, ccd, check};
use callcore_driver_host::layer::{Layer, Options, open, trace::TraceOptions};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Entry, Pool};
use ccd::session::{Recorder, make};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_broken_check_is_run_again_by_failed_and_junit_has_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (driver, junit) = (c_driver("id", folder.path()), folder.path().join("junit.xml"));
    let junit_text = junit.display().to_string();
    let (outcome, code, text) = check(&driver, &json!({}), &["--level", "0", "--junit", &junit_text]);
    assert_eq!((broken(&outcome), code), (vec![9], 1), "{text}");
    assert!(text.contains("again     ccd check") && text.contains("--filter 9 "), "{text}");
    let xml = std::fs::read_to_string(&junit).expect("it is written");
    assert!(xml.contains("failures=\"1\"") && xml.contains("name=\"9 "), "{xml}");
}

#[test]
fn what_cannot_be_tried_is_neither_fine_nor_broken() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = folder.path().join("no_driver.so");
    std::fs::write(&text, "text").expect("it can be written");
    let (_, code, said) = check(&text, &json!({}), &["--filter", "9"]);
    assert_eq!(code, 2, "{said}");
    let (_, code, said) = check(Path::new("nowhere.so"), &json!({}), &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("there is no driver nowhere.so"), "{said}");
}

#[test]
fn settings_that_do_not_fit_are_told_before_anything_is_opened() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // one whose create would end the process: nobody comes so far
    let driver = c_driver("crash_in_create", folder.path());
    let wrong = json!({"chanels": 4, "ring_every_ms": -1, "loopback": [40]});
    let (outcome, code, said) = check(&driver, &wrong, &["--filter", "13"]);
    assert_eq!((outcome, code), (serde_json::Value::Null, 2), "{said}");
    for line in [
        "chanels: the key 'chanels' is not known to this driver; did you mean 'channels'?",
        "ring_every_ms: found -1; write a whole number from 0 to 60000",
        "loopback: [40] does not fit",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let (outcome, code, said) = check(&driver, &json!({"channels": 2}), &["--filter", "13"]);
    assert_eq!((broken(&outcome), code), (vec![13], 1), "{said}");
}

#[test]
fn a_driver_that_a_manifest_does_not_fit_is_listed_with_the_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let manifest = json!({"abi": "7.0", "id": "com.vendor.e1", "library": "e1.so"});
    std::fs::write(folder.path().join("e1.ccdrv.json"), manifest.to_string()).expect("it can be written");
    let (is_fine, text) = ccd(&["list", &folder.path().display().to_string()]);
    assert!(!is_fine && text.contains("com.vendor.e1") && text.contains("refused"), "{text}");
}

/// One call on the base driver, written down by the record layer.
fn record(driver: &Path, file: &Path) {
    let host = Arc::new(Recorder::new(&json!({})));
    let accepted = Entry::load(driver, "").and_then(|entry| entry.negotiate()).expect("it is a driver");
    let mut driver = accepted.create(Arc::clone(&host) as Arc<_>).expect("it can be created");
    let layers = [Layer(Options::Record(TraceOptions { file: Some(file.to_owned()), frames: false }))];
    let layered = open(&mut *driver, "base-0", "base", &layers, Arc::clone(&host) as Arc<_>);
    let mut device = layered.expect("it can be opened").device;
    let own = callcore_codec::Format::ALaw;
    let media = device.start(&Arc::new(Pool::new(4, own, own.code()))).expect("it starts");
    device.command(&make(0, 2, "1000", None), 1);
    let is_connected = || host.since(0).iter().any(|seen| seen.event().kind() == CCD_EV_CONNECTED);
    while !is_connected() {
        std::thread::sleep(Duration::from_millis(5));
    }
    device.command(&Command::Drop { call: 2, q850: 16 }, 2);
    drop(media);
    device.stop();
}

#[test]
fn a_recorded_call_is_told_and_a_driver_that_does_otherwise_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (base, file) = (c_driver("base", folder.path()), folder.path().join("incident.jsonl"));
    record(&base, &file);
    let path = file.display().to_string();
    let (is_fine, text) = ccd(&["replay", &path]);
    assert!(is_fine, "{text}");
    for part in ["make call 2", "ALERTING call 2", "CONNECTED call 2", "drop call 2", "RELEASED call 2"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (is_fine, text) = ccd(&["replay", &path, "--driver", &base.display().to_string()]);
    assert!(is_fine, "the same driver does the same: {text}");
    let other = c_driver("order", folder.path());
    let (is_fine, text) = ccd(&["replay", &path, "--driver", &other.display().to_string()]);
    assert!(!is_fine && text.contains("call 2: DIALING ALERTING CONNECTED RELEASED then"), "{text}");
}
