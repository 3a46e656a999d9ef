//! What `cargo cinstall` installs: libraries with their links, headers and `callcore.pc`, and programs that find them by it.

use crate::build::{lines, run_with, target};
use crate::cc::{folder, must, text, top};
use crate::docs::builds;
use crate::exports::{dynamic, version};
use std::path::{Path, PathBuf};
use std::process::Command;

const PREFIX: &str = "/opt/callcore";

/// What the manifest says of the packages.
fn capi() -> toml::Table {
    let manifest = std::fs::read_to_string(top().join("callcore-ffi/Cargo.toml")).expect("it is there");
    let manifest: toml::Table = manifest.parse().expect("it is TOML");
    manifest["package"]["metadata"]["capi"].as_table().expect("a table").clone()
}

#[test]
fn the_packages_have_the_version_of_the_contract_and_both_headers() {
    let capi = capi();
    let (major, minor) = version();
    let then = format!("{major}.{minor}.0");
    for part in ["library", "pkg_config"] {
        assert_eq!(capi[part]["version"].as_str(), Some(then.as_str()), "{part}");
    }
    // libcallcore.so.1, as the library says its name
    assert_eq!(capi["library"]["version_suffix_components"].as_integer(), Some(1));
    let assets = capi["install"]["include"]["asset"].as_array().expect("a list");
    let headers: Vec<&str> = assets.iter().filter_map(|asset| asset["from"].as_str()).collect();
    assert_eq!(headers, ["../include/callcore.h", "../include/callcore.hpp"]);
    assert!(headers.iter().all(|header| top().join("callcore-ffi").join(header).is_file()));
}

/// Whether cargo-c is there; says how to get it.
fn has_cargo_c() -> bool {
    let asked = Command::new(env!("CARGO")).args(["cinstall", "--version"]).output();
    let found = asked.is_ok_and(|output| output.status.success());
    if !found {
        println!("left out: there is no cargo-c; install it with: cargo install cargo-c --locked");
    }
    found
}

/// Install into a folder; gives where the prefix is below it.
fn install() -> PathBuf {
    let to = folder("installed");
    let args = ["cinstall", "-p", "callcore-ffi", "--debug", "--prefix", PREFIX, "--libdir", "lib"];
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(args).arg("--destdir").arg(&to).env("CARGO_TARGET_DIR", target()).current_dir(top());
    let done = cargo.output().expect("cargo runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    to.join(PREFIX.trim_start_matches('/'))
}

/// Only where cargo-c is: it builds everything anew.
#[test]
fn what_cargo_cinstall_installs_is_found_by_pkg_config_cmake_and_meson() {
    if std::env::var_os("CALLCORE_PEERS").is_none() || !has_cargo_c() {
        return;
    }
    let at = install();
    let (lib, package) = (at.join("lib"), at.join("lib/pkgconfig/callcore.pc"));
    let (major, minor) = version();
    let (short, long) = (format!("libcallcore.so.{major}"), format!("libcallcore.so.{major}.{minor}.0"));
    assert!(lib.join(&long).symlink_metadata().is_ok_and(|it| it.is_file()), "{long} is the library");
    assert_eq!(dynamic(&lib.join(&long), "SONAME"), [short.as_str()]);
    for link in [short.as_str(), "libcallcore.so"] {
        assert_eq!(std::fs::read_link(lib.join(link)).expect("a link"), Path::new(&long), "{link}");
    }
    for header in ["callcore.h", "callcore.hpp"] {
        let read =
            |path: PathBuf| std::fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        assert_eq!(
            read(at.join("include").join(header)),
            read(top().join("include").join(header)),
            "{header}"
        );
    }
    // as for a system that is put together in a folder
    let root = at.ancestors().nth(2).expect("below the folder");
    let found = format!(
        "PKG_CONFIG_PATH={} PKG_CONFIG_SYSROOT_DIR={}",
        text(package.parent().expect("a folder")),
        text(root)
    );
    let ask = |what: &str| must("bash", &["-euc", &format!("{found} pkg-config {what} callcore")]);
    assert_eq!(ask("--modversion").trim(), format!("{major}.{minor}.0"));
    assert!(
        ask("--libs").contains("-lcallcore") && !ask("--libs").contains("-lm"),
        "what it needs itself is private: {}",
        ask("--libs")
    );
    let shared = at.join("hello-shared");
    let compile = |how: &str, to: &Path| {
        let source = top().join("examples/c/hello.c");
        must("bash", &["-euc", &format!("cc {} -o {} {how}", source.display(), to.display())]);
    };
    compile(&format!("$({found} pkg-config --cflags --libs callcore)"), &shared);
    assert!(dynamic(&shared, "NEEDED").contains(&short));
    assert_eq!(lines(&run_with(&at, &shared, &lib)).last(), Some(&"waits in the queue"));
    // the archive needs what is private
    let flags = ask("--static --libs").replace("-lcallcore", "-l:libcallcore.a");
    let fixed = at.join("hello-static");
    compile(&format!("$({found} pkg-config --cflags callcore) {}", flags.trim()), &fixed);
    assert!(!dynamic(&fixed, "NEEDED").contains(&short));
    assert_eq!(lines(&run_with(&at, &fixed, &lib)).last(), Some(&"waits in the queue"));
    builds(&format!("export {found}"), &lib);
}
