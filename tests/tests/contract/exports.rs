//! What a driver library shows to the world: one symbol.

use crate::cc::{folder, must, text};

/// The symbols that are defined and not weak: a C++ compiler leaves weak ones of its library.
fn exported(library: &str) -> Vec<String> {
    let listed = must("nm", &["-D", "--defined-only", library]);
    let symbols = listed.lines().filter_map(|line| {
        let mut words = line.split_whitespace().rev();
        let (name, kind) = (words.next()?, words.next()?);
        (!matches!(kind, "W" | "w" | "V" | "v" | "u")).then(|| name.to_owned())
    });
    symbols.collect()
}

#[test]
fn the_drivers_to_begin_with_export_one_symbol() {
    let folder = folder("exports");
    let flags =
        ["-Iinclude", "-fPIC", "-fvisibility=hidden", "-shared", "-pthread", "-Wall", "-Wextra", "-Werror"];
    let builds = [
        ("cc", "-std=c99", "drivers/template-c/board.c"),
        ("cc", "-std=c11", "drivers/template-c/board.c"),
        ("c++", "-std=c++17", "drivers/template-cpp/board.cpp"),
        ("c++", "-std=c++20", "drivers/template-cpp/board.cpp"),
    ];
    for (compiler, standard, source) in builds {
        let library = folder.join("board.so");
        let more = if compiler == "c++" { "-fvisibility-inlines-hidden" } else { "-fno-common" };
        must(compiler, &[&flags[..], &[standard, more, "-o", text(&library), source]].concat());
        assert_eq!(exported(text(&library)), ["ccd_negotiate"], "{source} as {standard}");
    }
}
