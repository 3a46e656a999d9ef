//! Builds drivers with the system's compilers, and runs `ccd`.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of this crate, or of the repository.
pub(crate) fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn require(output: &Output, what: &str) {
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A C driver of `faulty`, and what it is linked with in C++ if there is such a file.
pub(crate) fn c_driver(name: &str, folder: &Path) -> PathBuf {
    let (source, library) = (here("faulty").join(format!("{name}.c")), folder.join(format!("{name}.so")));
    let mut cc = Command::new("cc");
    cc.args(["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-fPIC", "-fvisibility=hidden"]);
    cc.arg("-I").arg(here("../../include")).arg(&source);
    let other = source.with_extension("cpp");
    if other.exists() {
        let object = folder.join(format!("{name}.o"));
        let mut cxx = Command::new("c++");
        cxx.args(["-c", "-fPIC", "-fvisibility=hidden", "-o"]).arg(&object).arg(&other);
        require(&cxx.output().expect("a C++ compiler is there"), "c++");
        cc.arg(object).arg("-lstdc++");
    }
    cc.args(["-shared", "-pthread", "-o"]).arg(&library);
    require(&cc.output().expect("a C compiler is there"), name);
    library
}

/// An example of a package of this workspace: a driver as a library.
pub(crate) fn rust_driver(package: &str, arguments: &[&str], library: &str) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(here("../..")).args(["build", "--quiet", "--package", package]).args(arguments);
    require(&cargo.output().expect("cargo is there"), package);
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| here("../../target"), PathBuf::from);
    let library = target.join("debug").join(library);
    assert!(library.exists(), "{} is there", library.display());
    library
}

/// What `ccd check` says, as JSON, with its exit code.
pub(crate) fn check(driver: &Path, config: &Value, arguments: &[&str]) -> (Value, i32, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (settings, json) = (folder.path().join("config.json"), folder.path().join("outcome.json"));
    std::fs::write(&settings, config.to_string()).expect("it can be written");
    let mut ccd = Command::new(env!("CARGO_BIN_EXE_ccd"));
    ccd.arg("check").arg(driver).arg("--config").arg(&settings).arg("--json").arg(&json).args(arguments);
    ccd.env("XDG_CACHE_HOME", folder.path());
    let output = ccd.output().expect("ccd runs");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let outcome = std::fs::read(&json).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    (outcome.unwrap_or_default(), output.status.code().unwrap_or(-1), text)
}

/// The numbers of the broken checks.
pub(crate) fn broken(outcome: &Value) -> Vec<u64> {
    outcome["broken"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}

/// Runs `ccd`; whether it ended well, and what it said.
pub(crate) fn ccd(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ccd")).args(arguments).output().expect("ccd runs");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), text)
}
