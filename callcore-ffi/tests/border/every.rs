//! Each function with wrong values, in every state, in a forked process, from many threads, at random: an error, never a crash.

use crate::build::{Build, lines, run_in};
use crate::header::{Function, functions};
use crate::rows::row;
use std::fmt::Write as _;

/// The functions of the header with the rows of their parameters, as C.
fn table() -> String {
    let mut out = String::from("#include \"world.h\"\n");
    let mut rows = String::new();
    for function in functions() {
        caller(&mut out, &function);
        table_row(&mut rows, &function);
    }
    out + "static const function functions[] = {\n" + &rows + "{0}};\n"
}

/// A C function that calls one of the header's with good values but for those that are chosen.
fn caller(out: &mut String, Function { name, returns, parameters, .. }: &Function) {
    let _ = writeln!(out, "static cc_status run_{name}(const int *w) {{\n  (void)w;");
    for (place, parameter) in parameters.iter().enumerate() {
        let (kind, (_, good, wrong)) = (&parameter.0, row(name, parameter));
        let mut choice = String::new();
        for (number, (value, _)) in wrong.iter().enumerate() {
            let _ = write!(choice, "w[{place}] == {number} ? ({kind})({value}) : ");
        }
        let _ = writeln!(out, "  {kind} a{place} = {choice}({kind})({good});");
    }
    let arguments: Vec<String> = (0..parameters.len()).map(|place| format!("a{place}")).collect();
    let call = format!("{name}({})", arguments.join(", "));
    let body = if returns == "cc_status" {
        format!("return {call};")
    } else {
        format!("(void){call};\n  return 0;")
    };
    let _ = writeln!(out, "  {body}\n}}");
}

fn table_row(out: &mut String, Function { name, returns, parameters, words }: &Function) {
    let wrongs: Vec<&[(&str, &str)]> = parameters.iter().map(|parameter| row(name, parameter).2).collect();
    let counts: Vec<String> = wrongs.iter().map(|wrong| wrong.len().to_string()).collect();
    let then = |wrong: &&[(&str, &str)]| {
        let then: Vec<String> = wrong.iter().map(|(_, then)| format!("\"{then}\"")).collect();
        format!("{{{}}}", then.join(","))
    };
    let thens: Vec<String> = wrongs.iter().map(then).collect();
    let has_core = parameters.first().is_some_and(|(kind, _)| kind == "cc_core *");
    let _ = writeln!(
        out,
        "{{\"{name}\", run_{name}, {}, {{{}}}, {{{}}}, {}, {}, {}}},",
        parameters.len(),
        if counts.is_empty() { "0".to_owned() } else { counts.join(",") },
        if thens.is_empty() { "{0}".to_owned() } else { thens.join(",") },
        u8::from(returns == "cc_status"),
        u8::from(has_core),
        u8::from(words.contains("also after a fork")),
    );
}

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
