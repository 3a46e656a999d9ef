//! The drivers of the house and the ones to begin with keep to the contract.

use crate::build::{broken, check, rust_driver};
use serde_json::{Value, json};
use std::path::Path;

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
    require_clean(&driver, &json!({"people": "manual", "trunks": 4, "extensions": 4}), 50, &[]);
}
