//! Each function with wrong values, in every state, in a forked process, from many threads, at random: an error, never a crash.

use crate::build::{Build, lines, run_in};
use crate::table::table;

fn built(name: &str, source: &str, flags: &[&str]) -> Build {
    let build = Build::new(name);
    std::fs::write(build.folder.join("functions.h"), table()).expect("the target folder can be written");
    let source = format!("callcore-ffi/tests/border/{source}");
    build.c(&source, &[&["-Icallcore-ffi/tests/border", "-pthread", "-Wno-unused"], flags].concat());
    build
}

#[test]
fn every_function_answers_every_wrong_value_in_every_state() {
    let build = built("every", "every.c", &[]);
    for time in ["virtual", "real"] {
        let said = run_in(&build.folder, &build.program, &[time]);
        assert_eq!(lines(&said).last(), Some(&"0 failures"), "{time}: {said}");
    }
}

#[test]
fn every_wrong_value_reads_and_writes_nothing_that_is_not_the_programs() {
    let build = built("every-asan", "every.c", crate::build::SANITIZED);
    for time in ["virtual", "real"] {
        let said = run_in(&build.folder, &build.program, &[time]);
        assert_eq!(lines(&said).last(), Some(&"0 failures"), "{time}: {said}");
    }
}

#[test]
fn a_million_calls_at_random_find_no_fault() {
    let build = built("monkey", "monkey.c", &["-O1"]);
    let monkey = |time: &str, seed: &str, calls: &str, threads: &str| {
        let said = run_in(&build.folder, &build.program, &[time, seed, calls, threads]);
        println!("{time}, seed {seed}, {threads} threads: {}", said.trim_end());
        assert!(said.ends_with(" 0 failures\n"), "{said}");
        said
    };
    assert_eq!(
        monkey("virtual", "1", "50000", "1"),
        monkey("virtual", "1", "50000", "1"),
        "a seed repeats itself"
    );
    monkey("virtual", "2", "700000", "1");
    monkey("virtual", "3", "150000", "16");
    monkey("real", "4", "100000", "16");
}
