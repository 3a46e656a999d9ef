//! The shared library says its name, so that programs ask for this major version of the contract and for no path: SONAME
//! `libcallcore.so.1`. What cargo builds is found by that name, too: a link stands beside it, as an installation has it.

use std::path::Path;

/// The major version of the contract, the upper half of `CC_ABI`.
const MAJOR: u32 = 1;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    let name = format!("libcallcore.so.{MAJOR}");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,{name}");
    // target/debug/build/callcore-ffi-.../out
    let out = std::env::var("OUT_DIR").expect("cargo says where");
    let built = Path::new(&out).ancestors().nth(3).expect("cargo's folders");
    link(&built.join(name));
}

#[cfg(unix)]
fn link(place: &Path) {
    match std::os::unix::fs::symlink("libcallcore.so", place) {
        Err(why) if why.kind() != std::io::ErrorKind::AlreadyExists => panic!("{}: {why}", place.display()),
        _ => {}
    }
}

#[cfg(not(unix))]
fn link(_: &Path) {}
