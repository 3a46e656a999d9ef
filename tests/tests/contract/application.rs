//! `include/callcore.h` is what cbindgen makes of callcore-ffi, and is clean C and C++.

use crate::cc::{folder, must, text, top};

/// What the sources say now.
fn made() -> String {
    let ffi = top().join("callcore-ffi");
    let config = cbindgen::Config::from_file(ffi.join("cbindgen.toml")).expect("cbindgen.toml is right");
    let mut out = Vec::new();
    let sources = cbindgen::Builder::new().with_config(config).with_crate(&ffi);
    sources.generate().expect("the sources can be read").write(&mut out);
    // the heading is Rust's
    String::from_utf8(out).expect("UTF-8").replace("// # Safety\n// ", "// Pointers: ")
}

#[test]
fn the_header_is_as_it_is_made() {
    let header = top().join("include/callcore.h");
    let made = made();
    if std::env::var_os("CALLCORE_WRITE_HEADER").is_some() {
        std::fs::write(&header, &made).expect("the repository can be written");
    }
    let committed = std::fs::read_to_string(&header).unwrap_or_default();
    assert!(
        committed == made,
        "include/callcore.h is not what callcore-ffi says: run the tests once with CALLCORE_WRITE_HEADER=1, and look at the difference"
    );
}

#[test]
fn the_header_compiles_without_a_warning_in_each_language() {
    let folder = folder("application-header");
    let source = folder.join("it.c");
    std::fs::write(&source, "#include \"callcore.h\"\nint main(void) { return cc_abi() != CC_ABI; }\n")
        .expect("just made");
    let languages = [
        ("cc", "c", "c99"),
        ("cc", "c", "c11"),
        ("c++", "c++", "c++11"),
        ("c++", "c++", "c++17"),
        ("c++", "c++", "c++20"),
    ];
    for (compiler, language, standard) in languages {
        let standard = format!("-std={standard}");
        let strict = ["-Wall", "-Wextra", "-pedantic", "-Wpadded", "-Werror", "-fsyntax-only"];
        let args = [&["-Iinclude", "-x", language, &standard], &strict[..], &[text(&source)]].concat();
        must(compiler, &args);
    }
}
