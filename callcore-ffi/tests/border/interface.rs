//! libabigail judges what became of the interface since it was frozen. A library is made of each header, in C, whose functions do
//! nothing: Rust's own debug information does not tell C's types.

use crate::cc::{folder, must, run, text, top};
use crate::header::{Function, read};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What the present header must still be.
const FROZEN: &str = "tests/abi/app-1.0/callcore.h";

/// A library with the functions of a header, in a folder of its own.
fn library(name: &str, header: &str) -> PathBuf {
    let folder = folder(&format!("interface-{name}"));
    let mut source = String::from("#include <stdlib.h>\n#include \"callcore.h\"\n");
    for Function { name, returns, parameters, .. } in read(header) {
        let parameters: Vec<String> =
            parameters.iter().map(|(kind, name)| format!("{kind} {name}")).collect();
        let parameters = if parameters.is_empty() { "void".to_owned() } else { parameters.join(", ") };
        let _ = writeln!(source, "{returns} {name}({parameters}) {{ abort(); }}");
    }
    let (file, library) = (folder.join("functions.c"), folder.join("libcallcore.so"));
    std::fs::write(folder.join("callcore.h"), header).expect("just made");
    std::fs::write(&file, source).expect("just made");
    must("cc", &["-shared", "-fPIC", "-g", "-Wno-unused-parameter", "-o", text(&library), text(&file)]);
    library
}

fn header(path: &str) -> String {
    std::fs::read_to_string(top().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// What is wrong with the second library for a program that was made for the first; nothing, if functions were only added.
fn complaints(then: &Path, now: &Path) -> Option<String> {
    let judged = run("abidiff", &["--no-added-syms", text(then), text(now)]);
    // bits 4 and 8: changed, incompatible; 1 and 2: it could not judge
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    let code = judged.status.code().expect("it ended by itself");
    assert_eq!(code & 3, 0, "abidiff: {said}{}", String::from_utf8_lossy(&judged.stderr));
    (code != 0).then_some(said)
}

#[test]
fn libabigail_finds_nothing_removed_or_changed_since_the_freeze_and_sees_what_would_be() {
    if std::env::var_os("CALLCORE_PEERS").is_none() {
        println!("skipped: needs abidiff; set CALLCORE_PEERS=1 where abigail-tools is installed");
        return;
    }
    let (frozen, present) = (header(FROZEN), header("include/callcore.h"));
    let then = library("then", &frozen);
    let found = complaints(&then, &library("now", &present));
    assert!(found.is_none(), "{}", found.unwrap_or_default());
    let with = |from: &str, to: &str| frozen.replacen(from, to, 1);
    let start = "cc_status cc_core_start(cc_core *core);";
    let places = with("uint64_t t_ns;", "uint64_t other;").replacen("uint64_t seq;", "uint64_t t_ns;", 1);
    for (what, changed, is_kept) in [
        ("a function is added", with(start, &format!("cc_status cc_new(int32_t one);\n{start}")), true),
        ("a function is removed", with(start, ""), false),
        ("a function has another name", with(start, "cc_status cc_core_begin(cc_core *core);"), false),
        ("a function returns something else", with(start, "uint64_t cc_core_start(cc_core *core);"), false),
        (
            "a parameter is added",
            with(start, "cc_status cc_core_start(cc_core *core, uint32_t flags);"),
            false,
        ),
        (
            "a parameter changes its type",
            with("uint16_t cause, cc_req *req);", "uint32_t cause, cc_req *req);"),
            false,
        ),
        ("a member changes its type", with("  uint16_t cause;", "  int16_t cause;"), false),
        ("two members change places", places.replacen("uint64_t other;", "uint64_t seq;", 1), false),
    ] {
        assert_ne!(changed, frozen, "{what}: the header has these words");
        let found = complaints(&then, &library("changed", &changed));
        assert_eq!(found.is_none(), is_kept, "{what}: {}", found.unwrap_or_default());
    }
}
