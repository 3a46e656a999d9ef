//! The drivers of the house as loadable libraries: the same call as on the built-in ones, through `dlopen`.

use crate::centre::{self, Centre};
use callcore::shell::{DeviceSettings, Node};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Build a driver's library; where it is.
fn library(package: &str, name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(&root).args(["build", "--quiet", "--package", package, "--example", name]);
    assert!(cargo.status().expect("cargo is there").success(), "{package} can be built");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let library = target.join("debug/examples").join(format!("lib{name}.so"));
    assert!(library.exists(), "{} is there", library.display());
    library
}

#[test]
fn the_simulator_and_sip_serve_as_libraries_too() {
    let folder = centre::folder();
    let mut settings = centre::settings(folder.path(), 10.0);
    let path = |library: PathBuf| library.to_string_lossy().into_owned();
    settings.devices[0].driver = path(library("callcore-driver-sim", "callcore_sim"));
    settings.devices.push(DeviceSettings::new(
        "sip",
        &path(library("callcore-driver-sip", "callcore_sip")),
        json!({ "listen": "127.0.0.1:0", "channels": 4, "rtp_ports": "40100-40198" }),
    ));
    settings.built_in.clear();
    let node = Node::start(centre::config(), settings).unwrap_or_else(|why| panic!("{why}"));
    let centre = Centre { handle: node.handle(), node, folder };
    centre.until("both devices are there", |handle| handle.snapshot().devices.len() == 2);
    centre.act("channel 1 calls 8000 from 13800000000");
    centre.until_channel(1, "connected");
    centre.act("channel 1 digit 2");
    centre.until_channel(4, "alerting");
    centre.act("channel 4 answers");
    centre.until_controller("agent:1");
    centre.act("channel 4 hangs up");
    centre.until("the call is over", |handle| handle.snapshot().calls.is_empty());
    centre.node.stop().expect("it stops in an orderly way");
}
