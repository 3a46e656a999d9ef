//! A driver, loaded from a library, that does not keep to the contract: it costs its own channels and nobody else's.

use crate::centre::{self, Centre};
use callcore::base::Why;
use callcore::board::{Cause, How};
use callcore::exchange::{Command, Event};
use callcore::shell::{DeviceSettings, Failed, Node};
use serde_json::json;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) fn library(folder: &Path, name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let so = folder.join(format!("{name}.so"));
    let mut compiler = std::process::Command::new("cc");
    compiler.args([
        "-std=c11",
        "-D_GNU_SOURCE",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-shared",
        "-fPIC",
        "-pthread",
        "-I",
    ]);
    compiler
        .arg(here.join("../include"))
        .arg("-o")
        .arg(&so)
        .arg(here.join(format!("tests/shell/{name}.c")))
        .arg("-lm");
    assert!(compiler.status().expect("a C compiler is there").success());
    so
}

fn device(folder: &Path, mode: &str) -> DeviceSettings {
    let driver = library(folder, "rogue").to_string_lossy().into_owned();
    DeviceSettings::new("rogue", &driver, json!({ "mode": mode }))
}

fn try_with_rogue(device: impl FnOnce(&Path) -> DeviceSettings) -> Result<Centre, Failed> {
    let folder: TempDir = centre::folder();
    let mut settings = centre::settings(folder.path(), 10.0);
    settings.devices.push(device(folder.path()));
    let node = Node::start(centre::config(), settings)?;
    let centre = Centre { handle: node.handle(), node, folder };
    Ok(centre)
}

/// The simulator and a rogue side by side.
fn with_rogue(mode: &str) -> Centre {
    try_with_rogue(|folder| device(folder, mode)).unwrap_or_else(|why| panic!("{why}"))
}

/// A whole call on the simulator.
fn call_goes_through(centre: &Centre) {
    centre
        .until("the simulator is there", |handle| handle.snapshot().devices.iter().any(|d| d.name == "sim"));
    centre.act("channel 1 calls 8000 from 13800000000");
    centre.until_channel(1, "connected");
    centre.act("channel 1 digit 2");
    centre.until_channel(4, "alerting");
    centre.act("channel 4 answers");
    centre.until_controller("agent:1");
    centre.act("channel 1 hangs up");
    centre.until_channel(1, "idle");
}

#[test]
fn a_flood_of_events_drowns_nobody_else() {
    let centre = with_rogue("flood");
    centre.until("the flood is on", |handle| handle.stats().devices[1].events > 10_000);
    call_goes_through(&centre);
    let stats = centre.handle.stats();
    assert_eq!(stats.devices[0].ring_full, 0);
    assert!(stats.devices[1].ring_high <= 4096, "{stats:?}");
    centre.node.stop().expect("it stops all the same");
}

#[test]
fn a_storm_of_unknown_calls_is_the_boards_own_trouble() {
    let centre = with_rogue("storm");
    centre.until("the storm is on", |handle| handle.stats().devices[1].events > 2_000);
    call_goes_through(&centre);
    // by then it may have been given up, for not keeping up with the answers; its thread ends all the same
    centre.node.stop().expect("it stops all the same");
}

#[test]
fn events_that_cannot_be_are_counted_and_left_out() {
    let centre = with_rogue("garbage");
    centre.until("all have come", |handle| handle.stats().devices[1].events_malformed == 9);
    call_goes_through(&centre);
    assert_eq!(centre.handle.snapshot().calls_count, 1, "no call came of garbage");
    centre.node.stop().expect("it stops all the same");
}

#[test]
fn a_gap_in_the_events_is_a_fact_and_the_truth_is_asked_for() {
    let centre = with_rogue("gap");
    centre.until("its call is there", |handle| {
        handle
            .snapshot()
            .devices
            .iter()
            .any(|d| d.name == "rogue" && d.channels.iter().any(|channel| channel.state == "alerting"))
    });
    centre.until("the replay is complete", |handle| handle.stats().devices[1].events >= 4);
    let folder = centre.folder.path().join("journal");
    centre.node.stop().expect("it stops");
    let journal: String = std::fs::read_dir(folder)
        .expect("there is a journal")
        .filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok())
        .collect();
    assert!(journal.contains(r#""fact":"events_lost","device":"rogue","count":5"#), "{journal}");
}

#[test]
fn a_refused_command_ends_the_call_with_its_cause() {
    let centre = with_rogue("refuse");
    let events = centre.handle.events();
    let call = centre.call();
    centre.handle.command(Command::Answer { call }).expect("it can be answered");
    let ended = Centre::event(&events, "end", |event| matches!(event, Event::Ended { .. }));
    let Event::Ended { cause, .. } = ended else { unreachable!("just looked") };
    assert_eq!(cause, Cause { how: How::Glare, vendor_code: -5, ..Cause::CHANNEL_UNAVAILABLE });
    centre.node.stop().expect("it stops");
}

#[test]
fn a_driver_that_does_not_come_back_is_given_up() {
    let centre = with_rogue("stuck");
    let call = centre.call();
    centre.handle.command(Command::Answer { call }).expect("it can be answered");
    centre.until("the device is given up", |handle| handle.stats().devices[1].is_given_up);
    centre.until("its call is over", |handle| handle.snapshot().calls.is_empty());
    call_goes_through(&centre);
    let refused = centre.handle.act("rogue", "anything").expect_err("nobody is there");
    assert_eq!(refused.why, Why::Full);
    let left = centre.node.stop().expect_err("its thread is still in the driver");
    assert!(left.to_string().contains("rogue"), "{left}");
}

#[test]
fn a_frame_that_never_comes_back_stops_no_other_board() {
    let centre = with_rogue("freeze");
    let frames = |centre: &Centre| centre.handle.stats().media.frames;
    call_goes_through(&centre);
    centre.until("the device is given up", |handle| handle.stats().devices[1].is_given_up);
    let before = frames(&centre);
    centre.until("the frames of others go on", |_| frames(&centre) > before + 50);
    centre.until("it is gone", |handle| handle.snapshot().devices.len() == 1);
    let refused = centre.handle.bring_back("rogue").expect_err("its thread is still in the driver");
    assert_eq!(refused.why, Why::Busy);
    let left = centre.node.stop().expect_err("and stays there");
    assert!(left.to_string().contains("rogue"), "{left}");
}

#[test]
fn settings_that_a_driver_does_not_take_are_told_in_its_words() {
    let refused = try_with_rogue(|folder| DeviceSettings { config: json!({}), ..device(folder, "") });
    let text = refused.err().expect("it has no mode").to_string();
    for part in ["device rogue", "mode: say how", "4711"] {
        assert!(text.contains(part), "{text}");
    }
    let several = try_with_rogue(|folder| device(folder, "two")).err().expect("which one?").to_string();
    assert!(several.contains("rogue0, rogue1"), "{several}");
    let choose = |uid: &str| {
        let config = json!({"mode": "two", "uid": uid});
        try_with_rogue(|folder| DeviceSettings { config, ..device(folder, "") })
    };
    assert!(choose("rogue1").is_ok());
    assert!(choose("rogue9").err().expect("no such device").to_string().contains("rogue0, rogue1"));
}
