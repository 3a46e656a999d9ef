//! The drivers of the house, and those to begin with, keep to the contract.

use crate::build::{broken, ccd, check, here, rust_driver};
use serde_json::{Value, json};
use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;

/// Drivers whose devices several processes can have at once.
const MANY: [&str; 2] = ["--jobs", "4"];

fn require_clean(driver: &Path, config: &Value, passed_min: u64, arguments: &[&str]) {
    let (outcome, code, text) = check(driver, config, arguments);
    assert_eq!((broken(&outcome), code), (vec![], 0), "{text}");
    assert!(outcome["passed"].as_u64().is_some_and(|passed| passed >= passed_min), "{text}");
    println!("{text}");
}

#[test]
fn the_simulator_keeps_to_the_contract() {
    let driver =
        rust_driver("callcore-driver-sim", &["--example", "callcore_sim"], "examples/libcallcore_sim.so");
    require_clean(&driver, &json!({"people": "manual", "trunks": 4, "extensions": 4}), 55, &MANY);
    let boards = json!([{"kind": "e1", "channels": 30}, {"kind": "fxo", "channels": 2}, {"kind": "fxs", "channels": 2}]);
    require_clean(&driver, &json!({"people": "manual", "boards": boards}), 55, &MANY);
}

/// What the simulator's boards make of sound, and boards that are deaf, or whose echo comes later than they look.
#[test]
fn keys_and_echoes_are_tried_on_simulated_boards() {
    let driver =
        rust_driver("callcore-driver-sim", &["--example", "callcore_sim"], "examples/libcallcore_sim.so");
    let keys = |least_dbm0: i32| json!({"people": "manual", "trunks": 2, "extensions": 2, "loopback": true, "digit_receiver_dbm0": least_dbm0});
    let echo = |delay_ms: u32| json!({"people": "manual", "trunks": 2, "extensions": 2, "echo_db": 10, "echo_delay_ms": delay_ms});
    let filter =
        ["--filter", "^(bit-exact|latency|no-gaps|idle-code|late-host|digits|dtmf-quality)$", "--jobs", "4"];
    require_clean(&driver, &keys(-35), 7, &filter);
    require_clean(&driver, &echo(2), 1, &["--filter", "echo-canceller"]);
    let (outcome, _, text) = check(&driver, &keys(-15), &["--filter", "dtmf-quality"]);
    assert_eq!(broken(&outcome), [54], "{text}");
    let (outcome, _, text) = check(&driver, &echo(30), &["--filter", "echo-canceller"]);
    assert_eq!(broken(&outcome), [62], "{text}");
}

/// It calls itself by a trunk that leads back to it; one process at a time has its port.
#[test]
fn the_sip_driver_keeps_to_the_contract() {
    let driver =
        rust_driver("callcore-driver-sip", &["--example", "callcore_sip"], "examples/libcallcore_sip.so");
    let free = UdpSocket::bind("127.0.0.1:0").expect("a port").local_addr().expect("it has one").to_string();
    let config = json!({"listen": free, "channels": 6, "rtp_ports": "36000-36198",
        "trunks": [{"name": "loop", "address": free}]});
    require_clean(&driver, &config, 40, &["--via", "loop"]);
}

#[test]
fn a_rust_driver_to_begin_with_keeps_to_the_contract() {
    let driver = rust_driver("callcore-driver-template", &[], "libcallcore_driver_template.so");
    require_clean(&driver, &json!({}), 45, &MANY);
}

fn new_driver(language: &str, folder: &Path) -> std::path::PathBuf {
    let project = folder.join(language);
    let sdk = here("../sdk").display().to_string();
    let made = ccd(&[
        "new",
        "board7",
        "--lang",
        language,
        "--sdk",
        &sdk,
        "--folder",
        &project.display().to_string(),
    ]);
    assert!(made.0, "{}", made.1);
    project
}

#[test]
fn what_is_begun_in_c_and_cpp_builds_with_make_and_keeps_to_the_contract() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for language in ["c", "cpp"] {
        let project = new_driver(language, folder.path());
        let source = std::fs::read_to_string(project.join(format!("board.{language}"))).expect("it is there");
        assert!(
            language != "c" || source.lines().count() <= 150,
            "what somebody reads before their first call"
        );
        let made = Command::new("make").arg("-C").arg(&project).output().expect("make is there");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        require_clean(&project.join("board7.so"), &json!({}), 45, &MANY);
        let (is_fine, text) = ccd(&["list", &project.display().to_string()]);
        assert!(
            is_fine && text.contains("com.example.board7") && text.contains("board7 0.1 by Example"),
            "{text}"
        );
    }
}

#[test]
fn what_is_begun_in_rust_is_a_package_that_finds_the_kit() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let project = new_driver("rust", folder.path());
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--offline", "--no-deps", "--format-version", "1"]).current_dir(&project);
    let told = cargo.output().expect("cargo is there");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told: Value = serde_json::from_slice(&told.stdout).expect("it is JSON");
    assert_eq!(told["packages"][0]["name"], "board7");
    let dependency = &told["packages"][0]["dependencies"][0];
    assert_eq!(dependency["name"], "callcore-driver-sdk");
    assert!(dependency["path"].as_str().is_some_and(|path| Path::new(path).join("Cargo.toml").exists()));
}
