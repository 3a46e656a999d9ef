//! What programs were compiled against stays: the frozen header is still true, and a program of its time still runs.

use crate::build::{Build, run_in};
use crate::cc::must;

const FROZEN: &[&str] = &["tests/abi/app-1.0"];

#[test]
fn sizes_offsets_constants_and_signatures_are_those_that_were_frozen() {
    for frozen in FROZEN {
        let layout = format!("{frozen}/layout.c");
        // the frozen header, and the present one
        for include in [frozen, "include"] {
            let include = format!("-I{include}");
            let strict = ["-iquote", "include", &include, "-Werror", "-fsyntax-only", &layout];
            must("cc", &[&["-std=c11"], &strict[..]].concat());
            must("cc", &[&["-std=c11", "-m32", "-ffreestanding"], &strict[..]].concat());
        }
    }
}

/// A program that was compiled against 1.0, in C and in C++, does with this library what it did then.
/// Proves: A1.5 in part (from C)
#[test]
fn a_program_of_each_frozen_version_runs_with_this_library() {
    for frozen in FROZEN {
        let then = std::fs::read_to_string(crate::cc::top().join(frozen).join("client.txt"));
        let then = then.expect("it was frozen, too");
        let (include, source) = (format!("-I{frozen}"), format!("{frozen}/client.c"));
        for language in [["cc", "-xc", "-std=c99"], ["c++", "-xc++", "-std=c++17"]] {
            let build = Build::new(&format!("kept-{}", language[0]));
            let flags = [language[1], language[2], "-Wall", "-Wextra", "-Werror", &include];
            build.build(language[0], &flags, &source);
            assert_eq!(run_in(&build.folder, &build.program, &[]), then, "{frozen} as {}", language[2]);
        }
    }
}
