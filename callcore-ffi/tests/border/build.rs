//! C and C++ programs, built against this library as an integrator builds them, and run.

use crate::cc::{folder, must, text};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Once;

/// What finds reading and writing where nobody should, leaks, and what C does not define.
pub(crate) const SANITIZED: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];
const C: &[&str] = &["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror"];
const CPP: &[&str] = &["-std=c++17", "-Wall", "-Wextra", "-pedantic", "-Werror"];

/// A program in a folder of its own.
pub(crate) struct Build {
    pub(crate) folder: PathBuf,
    pub(crate) program: PathBuf,
}

/// Where cargo builds what this test is of.
pub(crate) fn target() -> PathBuf {
    // this test is target/debug/deps/border-...
    let here = std::env::current_exe().expect("a test is a file");
    here.ancestors().nth(3).expect("three folders up").to_owned()
}

/// Where libcallcore.so is, built once for all tests of this program: a test that cannot be linked with it does not make cargo build it.
pub(crate) fn libraries() -> PathBuf {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "-p", "callcore-ffi"]).env("CARGO_TARGET_DIR", target());
        assert!(cargo.status().expect("cargo runs").success(), "callcore-ffi does not build");
    });
    target().join("debug")
}

impl Build {
    pub(crate) fn new(name: &str) -> Self {
        let folder = folder(name);
        Self { program: folder.join("program"), folder }
    }

    /// From C, against the present header and library.
    pub(crate) fn c(&self, source: &str, flags: &[&str]) {
        self.build("cc", &[C, &["-Iinclude"], flags].concat(), source);
    }

    /// From C++.
    pub(crate) fn cpp(&self, source: &str, flags: &[&str]) {
        self.build("c++", &[CPP, &["-Iinclude"], flags].concat(), source);
    }

    /// From anything, with these flags alone.
    pub(crate) fn build(&self, compiler: &str, flags: &[&str], source: &str) {
        let include = format!("-I{}", text(&self.folder));
        let (libraries, run_path) =
            (format!("-L{}", libraries().display()), format!("-Wl,-rpath,{}", libraries().display()));
        let link = ["-o", text(&self.program), source, &libraries, &run_path, "-lcallcore", "-lm"];
        must(compiler, &[flags, &[&include], &link[..]].concat());
    }
}

/// Run a program in a folder; it must succeed. Gives what it printed.
pub(crate) fn run_in(folder: &Path, program: &Path, args: &[&str]) -> String {
    printed(program, output_in(folder, program, args))
}

/// The same for a program that is told where its library is.
pub(crate) fn run_with(folder: &Path, program: &Path, library: &Path) -> String {
    let run = Command::new(program)
        .env("LD_LIBRARY_PATH", library)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    printed(program, run.unwrap_or_else(|why| panic!("{}: {why}", program.display())))
}

fn printed(program: &Path, output: Output) -> String {
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {}\n{out}{errors}", program.display(), output.status);
    out.into_owned()
}

pub(crate) fn output_in(folder: &Path, program: &Path, args: &[&str]) -> Output {
    let run = Command::new(program).args(args).current_dir(folder).stdin(Stdio::null()).output();
    run.unwrap_or_else(|why| panic!("{}: {why}", program.display()))
}

pub(crate) fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}
