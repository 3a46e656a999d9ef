//! The examples that people copy: they compile without a warning, print what stands beside them, and do nothing that a sanitizer or valgrind finds.

use crate::build::{Build, SANITIZED, output_in, run_in};
use crate::cc::{text, top};
use std::path::Path;
use std::process::Command;

/// The names of the programs in a folder of examples, with their sources.
fn sources(folder: &str, ending: &str) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(top().join(folder)).expect("there are examples");
    let names = entries.map(|entry| entry.expect("it can be read").file_name().into_string().expect("UTF-8"));
    let mut found: Vec<(String, String)> = names
        .filter_map(|name| Some((name.strip_suffix(ending)?.to_owned(), format!("{folder}/{name}"))))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no example in {folder}");
    found
}

/// What it must print: the text beside it, or that of the same program in C; the first program's is that of all languages.
fn printed(name: &str, source: &str) -> String {
    let beside = Path::new(source).with_extension("txt").display().to_string();
    let places = ["examples/hello.txt".to_owned(), beside, format!("examples/c/{name}.txt")];
    let mut texts = places[usize::from(name != "hello")..].iter().map(|place| top().join(place));
    let path = texts.find(|path| path.exists()).unwrap_or_else(|| panic!("{source} has no text"));
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn lines_of(source: &str) -> usize {
    std::fs::read_to_string(top().join(source)).expect("it is there").lines().count()
}

/// Proves: A1.5 in part (from C and C++), A20.1 in part (no card is seen)
#[test]
fn every_example_in_c_prints_what_stands_beside_it() {
    for (name, source) in sources("examples/c", ".c") {
        let build = Build::new(&format!("c-{name}"));
        build.c(&source, &["-std=c99", "-pedantic"]);
        assert_eq!(run_in(&build.folder, &build.program, &[]), printed(&name, &source), "{source}");
    }
}

#[test]
fn every_example_in_cpp_prints_what_stands_beside_it() {
    for (name, source) in sources("examples/cpp", ".cpp") {
        for standard in ["-std=c++17", "-std=c++20"] {
            let build = Build::new(&format!("cpp-{name}{standard}"));
            build.cpp(&source, &[standard]);
            assert_eq!(run_in(&build.folder, &build.program, &[]), printed(&name, &source), "{source}");
        }
    }
}

#[test]
fn no_example_leaks_or_touches_what_is_not_its_own() {
    let c = sources("examples/c", ".c").into_iter().map(|found| (found, false));
    let cpp = sources("examples/cpp", ".cpp").into_iter().map(|found| (found, true));
    for ((name, source), is_cpp) in c.chain(cpp) {
        let build = Build::new(&format!("sanitized-{name}-{is_cpp}"));
        if is_cpp {
            build.cpp(&source, SANITIZED)
        } else {
            build.c(&source, SANITIZED)
        }
        assert_eq!(run_in(&build.folder, &build.program, &[]), printed(&name, &source), "{source}");
    }
}

#[test]
fn valgrind_finds_nothing_in_the_first_program() {
    if std::env::var_os("CALLCORE_PEERS").is_none() {
        println!("skipped: needs valgrind; set CALLCORE_PEERS=1 where it is installed");
        return;
    }
    let build = Build::new("valgrind");
    build.c("examples/c/hello.c", &["-g"]);
    let args = [
        "--quiet",
        "--error-exitcode=9",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
        text(&build.program),
    ];
    let output = output_in(&build.folder, Path::new("valgrind"), &args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_first_programs_are_short() {
    for (source, most) in [("examples/c/hello.c", 45), ("examples/cpp/hello.cpp", 25)] {
        assert!(lines_of(source) <= most, "{source} has {} lines; {most} are enough", lines_of(source));
    }
}

/// A program that never ends by itself is no example for a test of a broken one: what is wrong is said, with what to do.
#[test]
fn a_wrong_configuration_is_said_with_its_line() {
    let build = Build::new("c-answer-wrong");
    build.c("examples/c/answer.c", &[]);
    std::fs::write(build.folder.join("wrong.toml"), "[node]\ncountry = \"us\"\nnonsense = 1\n")
        .expect("writable");
    let output = output_in(&build.folder, &build.program, &["wrong.toml"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("wrong.toml:3: node.nonsense"), "{said}");
}

#[test]
fn the_cpp_header_uses_every_function_of_the_c_header() {
    let header = std::fs::read_to_string(top().join("include/callcore.hpp")).expect("it is there");
    let unused: Vec<String> = crate::header::functions()
        .into_iter()
        .map(|function| function.name)
        .filter(|name| !header.contains(&format!("{name}(")))
        .collect();
    assert!(unused.is_empty(), "callcore.hpp has no use for {unused:?}");
}

#[test]
fn the_cpp_header_needs_no_exceptions_and_no_rtti() {
    let build = Build::new("hpp");
    let compiles = |standard: &str, flags: &[&str]| {
        let standard = format!("-std={standard}");
        let all =
            [&["-Iinclude", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", &standard], flags]
                .concat();
        let output = Command::new("c++").args(all).arg("examples/cpp/hello.cpp").current_dir(top()).output();
        let output = output.expect("there is a C++ compiler");
        assert!(output.status.success(), "{standard} {flags:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    for standard in ["c++17", "c++20"] {
        compiles(standard, &[]);
        compiles(standard, &["-fno-exceptions", "-fno-rtti"]);
    }
    build.cpp("examples/cpp/hello.cpp", &["-fno-exceptions", "-fno-rtti"]);
    assert_eq!(run_in(&build.folder, &build.program, &[]), printed("hello", "examples/cpp/hello.cpp"));
}
