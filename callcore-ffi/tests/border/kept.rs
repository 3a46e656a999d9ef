//! What programs were compiled against stays: the frozen header is still true, and a program of its time still runs.

use crate::build::{Build, run_in};
use crate::cc::{must, top};

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

/// Programs that were compiled against 1.0, in C and in C++, do with this library what they did then.
/// Proves: A1.5 in part (from C)
#[test]
fn the_programs_of_each_frozen_version_run_with_this_library() {
    for frozen in FROZEN {
        for program in ["client", "talks"] {
            let then = std::fs::read_to_string(top().join(format!("{frozen}/{program}.txt")));
            let then = then.expect("it was frozen, too");
            for language in [["cc", "-xc", "-std=c99"], ["c++", "-xc++", "-std=c++17"]] {
                let build = Build::new(&format!("kept-{program}-{}", language[0]));
                let include = format!("-I{frozen}");
                let flags = [language[1], language[2], "-Wall", "-Wextra", "-Werror", &include];
                build.build(language[0], &flags, &format!("{frozen}/{program}.c"));
                let said = run_in(&build.folder, &build.program, &[]);
                assert_eq!(said, then, "{frozen}/{program} as {}", language[2]);
            }
        }
    }
}

/// A function that no frozen program calls could change what it does, and nobody would see it.
#[test]
fn the_frozen_programs_call_every_function() {
    for frozen in FROZEN {
        let read =
            |name: &str| std::fs::read_to_string(top().join(frozen).join(name)).expect("it was frozen");
        let programs = read("client.c") + &read("talks.c");
        let uncalled: Vec<String> = crate::header::read(&read("callcore.h"))
            .into_iter()
            .map(|function| function.name)
            .filter(|name| !programs.contains(&format!("{name}(")))
            .collect();
        assert!(uncalled.is_empty(), "{frozen}: {uncalled:?}");
    }
}
