//! Each driver of `faulty` breaks one clause and says which in its first line; `ccd check` must find that one.

use crate::build::{broken, c_driver, check, here};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A faulty driver, and what its first line says: `/* breaks 26: one completion in three is lost */`, or `breaks 19 in 26`
/// when another check shows it.
struct Fault {
    name: String,
    number: u64,
    seen_in: String,
    what: String,
}

fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    for entry in std::fs::read_dir(here("faulty")).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("it is text");
        let first = text.lines().next().unwrap_or_default();
        let Some(rest) = first.strip_prefix("/* breaks ") else { continue };
        let (numbers, what) = rest.trim_end_matches(" */").split_once(": ").expect("a number and a sentence");
        let (number, seen_in) = numbers.split_once(" in ").unwrap_or((numbers, numbers));
        faults.push(Fault {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            number: number.parse().expect("a number"),
            seen_in: seen_in.to_owned(),
            what: what.to_owned(),
        });
    }
    faults
}

/// Somebody calls three times a second, and hears themselves.
fn config() -> Value {
    json!({"ring_every_ms": 300, "loopback": true})
}

/// Numbers whose far ends do what they are to.
const NUMBERS: [&str; 4] = ["--unanswered", "19", "--hangs-up", "99"];

#[test]
fn each_fault_is_found_by_its_number() {
    let (faults, folder) = (faults(), tempfile::tempdir().expect("a temporary folder"));
    assert!(faults.len() >= 24, "{} faults", faults.len());
    let (next, lines) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let driver = c_driver(&fault.name, folder.path());
                    let arguments = ["--filter", &fault.seen_in, "--jobs", "1", "--timeout", "70"];
                    let arguments = [&arguments[..], &NUMBERS].concat();
                    let (outcome, code, text) = check(&driver, &config(), &arguments);
                    let found = broken(&outcome);
                    let is_caught = found.contains(&fault.number) && code == 1;
                    let line = (fault.number, &fault.name, &fault.what, found, is_caught, text);
                    lines.lock().expect("nobody panics with it").push(line);
                }
            });
        }
    });
    let mut lines = lines.into_inner().expect("nobody panicked with it");
    lines.sort();
    let (mut table, mut missed) = (String::new(), String::new());
    for (number, name, what, found, is_caught, text) in &lines {
        let mark = if *is_caught { "found " } else { "MISSED" };
        let _ = writeln!(table, "  {mark} {number:>3}  {name:<20} {what}  {found:?}");
        if !is_caught {
            let _ = writeln!(missed, "{name} is to break {number}:\n{text}");
        }
    }
    println!("{table}");
    assert!(missed.is_empty(), "{table}\n{missed}");
}

#[test]
fn a_board_that_loops_some_channels_is_tried_on_those() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let driver = c_driver("base", folder.path());
    let check =
        |config: Value| check(&driver, &config, &["--filter", "^(bit-exact|digits|idle-code|no-gaps)$"]);
    let (outcome, code, text) = check(json!({"loopback": [2]}));
    assert_eq!((broken(&outcome), code, &outcome["passed"]), (vec![], 0, &json!(4)), "{text}");
    let (outcome, code, text) = check(json!({"loopback": false}));
    assert_eq!((broken(&outcome), code, &outcome["skipped"]), (vec![], 2, &json!(4)), "{text}");
    assert!(text.contains("nobody sends the sound back"), "{text}");
}

#[test]
fn the_base_of_the_faulty_ones_breaks_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let driver = c_driver("base", folder.path());
    let arguments = [&["--jobs", "4"][..], &NUMBERS].concat();
    let (outcome, code, text) = check(&driver, &config(), &arguments);
    assert_eq!((broken(&outcome), code), (vec![], 0), "{text}");
    assert!(outcome["passed"].as_u64().is_some_and(|passed| passed >= 50), "{text}");
}
