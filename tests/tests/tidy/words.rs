//! What must stand in a file, and what must not.

use crate::source::{each_level, files, ident, require_none, tokens};
use proc_macro2::TokenTree;

/// Where `unsafe` may be written.
const UNSAFE_PLACES: &[&str] = &[
    "drivers/codec/src/ahead.rs",
    "drivers/sys/",
    "drivers/sdk/",
    "drivers/host/src/raw/",
    "drivers/host/src/pool.rs",
    "drivers/host/src/text.rs",
    "drivers/ccd/src/raw/",
    "callcore/src/shell/driver",
    "callcore/src/shell/memory.rs",
    "callcore/src/shell/priority.rs",
    "callcore-ffi/",
];
/// Programs that only test or measure and must: system calls that take addresses, which are measured against those that do
/// not.
const UNSAFE_TESTS: &[&str] = &["drivers/sip/examples/wire_cost.rs"];

/// Left-overs of work that is not finished. In two halves, so that this file does not complain about itself.
const LEFT_OVERS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("to", "do!("),
    concat!("unimpl", "emented!("),
    concat!("db", "g!("),
];
/// Places that exist on one machine only.
const MACHINE: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/home", "/")];
/// Where temporary files are is asked (`env::temp_dir`, `mktemp`), not written down.
const TEMPORARY: &str = concat!("/t", "mp/");

const TEXT_FILES: &[&str] =
    &[".rs", ".toml", ".md", ".h", ".hpp", ".c", ".py", ".sh", ".xml", ".scenario", "/run"];

#[test]
fn every_rust_file_says_first_what_it_is_for() {
    let silent = files(&[".rs"]).into_iter().filter(|file| {
        !file.text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 8)
    });
    let complaints: Vec<String> = silent
        .map(|file| format!("{}:1: the first line must be `//! what the file is for`", file.path))
        .collect();
    require_none(&complaints);
}

#[test]
fn unsafe_stays_where_it_belongs() {
    let mut complaints = Vec::new();
    for file in files(&[".rs"]) {
        let may = UNSAFE_PLACES.iter().any(|place| file.path.starts_with(place));
        if may || UNSAFE_TESTS.contains(&file.path.as_str()) {
            continue;
        }
        let mut see = |trees: &[TokenTree]| {
            for at in 0..trees.len() {
                if ident(trees, at).as_deref() == Some("unsafe") {
                    let line = trees[at].span().start().line;
                    complaints.push(format!("{}:{line}: unsafe is for {UNSAFE_PLACES:?} only", file.path));
                }
            }
        };
        each_level(tokens(&file), &mut see);
    }
    require_none(&complaints);
}

#[test]
fn nothing_is_left_over_and_no_machine_is_named() {
    let mut complaints = Vec::new();
    for file in files(TEXT_FILES) {
        let mut is_test = file.path.starts_with("tests/") || file.path.contains("/tests/");
        for (number, line) in file.text.lines().enumerate() {
            // tests stand at the end of their file
            is_test |= line == "#[cfg(test)]";
            let mut wrong = |word: &str, why: &str| {
                complaints.push(format!("{}:{}: '{word}' {why}", file.path, number + 1));
            };
            LEFT_OVERS
                .iter()
                .filter(|word| line.contains(**word))
                .for_each(|word| wrong(word, "is left over"));
            MACHINE
                .iter()
                .filter(|path| line.contains(**path))
                .for_each(|path| wrong(path, "is on one machine only"));
            if line.contains(TEMPORARY) && !is_test {
                wrong(TEMPORARY, "is not everywhere: ask for the folder of temporary files");
            }
        }
    }
    require_none(&complaints);
}
