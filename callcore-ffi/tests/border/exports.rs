//! What the library shows to the world: the header's functions, no more and no fewer; and what it needs of the machine.

use crate::build::libraries;
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

#[test]
fn the_library_needs_nothing_but_the_c_library() {
    let library = libraries().join("libcallcore.so");
    let dynamic = must("readelf", &["-d", text(&library)]);
    let needed = dynamic.lines().filter(|line| line.contains("(NEEDED)"));
    let names: Vec<&str> = needed.filter_map(|line| line.split(['[', ']']).nth(1)).collect();
    assert!(names.contains(&"libc.so.6"), "{dynamic}");
    let known = ["libc.so", "libm.so", "libgcc_s.so", "ld-linux"];
    let other: Vec<&&str> =
        names.iter().filter(|name| !known.iter().any(|known| name.starts_with(known))).collect();
    assert!(other.is_empty(), "{other:?}");
}
