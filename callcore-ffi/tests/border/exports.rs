//! What the library shows to the world: the header's functions, no more and no fewer; and what it needs of the machine.

use crate::build::{Build, libraries};
use crate::cc::{must, text};
use crate::header::{functions, read};
use std::collections::BTreeSet;

#[test]
fn the_library_exports_the_functions_of_the_header_and_nothing_else() {
    let library = libraries().join("libcallcore.so");
    let listed = must("nm", &["-D", "--defined-only", text(&library)]);
    let exported: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.split_whitespace().next_back()).collect();
    let functions = functions();
    let declared: BTreeSet<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(exported, declared);
}

#[test]
fn a_function_that_was_frozen_is_still_there() {
    let frozen = std::fs::read_to_string(crate::cc::top().join("tests/abi/app-1.0/callcore.h"));
    let now: BTreeSet<String> = functions().into_iter().map(|function| function.name).collect();
    let frozen = read(&frozen.expect("it was frozen"));
    let gone: Vec<&str> =
        frozen.iter().map(|function| function.name.as_str()).filter(|name| !now.contains(*name)).collect();
    assert!(gone.is_empty(), "{gone:?}");
}

/// The entries of a kind in a library's dynamic section.
pub(crate) fn dynamic(library: &std::path::Path, kind: &str) -> Vec<String> {
    let listed = must("readelf", &["-d", text(library)]);
    let entries = listed.lines().filter(|line| line.contains(&format!("({kind})")));
    entries.filter_map(|line| Some(line.split(['[', ']']).nth(1)?.to_owned())).collect()
}

/// Major and minor version of the header's contract.
pub(crate) fn version() -> (u32, u32) {
    let header = std::fs::read_to_string(crate::cc::top().join("include/callcore.h")).expect("it is there");
    let abi = header.lines().find_map(|line| line.strip_prefix("#define CC_ABI "));
    let abi: u32 = abi.and_then(|abi| abi.parse().ok()).expect("the header has its version");
    (abi >> 16, abi & 0xFFFF)
}

#[test]
fn programs_ask_for_the_major_version_of_the_contract_and_for_no_path() {
    let name = format!("libcallcore.so.{}", version().0);
    assert_eq!(dynamic(&libraries().join("libcallcore.so"), "SONAME"), [name.as_str()]);
    assert!(libraries().join(&name).exists(), "what cargo builds is found by the name that programs ask for");
    // by the path of the library: without its name, the program would ask for that path
    let build = Build::new("asks");
    build.c("examples/c/hello.c", &[text(&libraries().join("libcallcore.so"))]);
    assert!(dynamic(&build.program, "NEEDED").contains(&name), "{:?}", dynamic(&build.program, "NEEDED"));
}

#[test]
fn the_library_needs_nothing_but_the_c_library() {
    let library = libraries().join("libcallcore.so");
    let names = dynamic(&library, "NEEDED");
    assert!(names.iter().any(|name| name == "libc.so.6"), "{names:?}");
    let known = ["libc.so", "libm.so", "libgcc_s.so", "ld-linux"];
    let other: Vec<&String> =
        names.iter().filter(|name| !known.iter().any(|known| name.starts_with(known))).collect();
    assert!(other.is_empty(), "{other:?}");
}
