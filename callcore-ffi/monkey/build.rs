//! Compiles the calls of the tests of the border, with the table of functions that they are made from.

use std::path::{Path, PathBuf};

mod cc {
    use std::path::{Path, PathBuf};

    /// The top of the repository.
    pub(crate) fn top() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }
}
#[path = "../tests/border/header.rs"]
mod header;
#[path = "../tests/border/rows.rs"]
mod rows;
#[path = "../tests/border/table.rs"]
mod table;

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where"));
    let border = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/border");
    std::fs::write(out.join("functions.h"), table::table()).expect("cargo's folder can be written");
    ::cc::Build::new()
        .file(border.join("bytes.c"))
        .includes([&out, &border, &cc::top().join("include")])
        .flags(["-std=c11", "-pthread", "-Wno-unused"])
        .compile("monkey");
    println!("cargo::rerun-if-changed={}", border.display());
    println!("cargo::rerun-if-changed={}", cc::top().join("include/callcore.h").display());
}
