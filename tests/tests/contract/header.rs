//! The header for compilers: without a warning in five languages and two widths, and laid out as it was when it was frozen.

use crate::cc::{folder, must, run, text};

const STRICT: &[&str] = &["-Wall", "-Wextra", "-pedantic", "-Wpadded", "-Werror", "-fsyntax-only"];

#[test]
fn it_compiles_without_a_warning_or_a_hidden_gap() {
    let folder = folder("header");
    let source = folder.join("it.c");
    std::fs::write(&source, "#include \"callcore_driver.h\"\n").expect("just made");
    for (compiler, language, standard) in [
        ("cc", "c", "c99"),
        ("cc", "c", "c11"),
        ("c++", "c++", "c++11"),
        ("c++", "c++", "c++17"),
        ("c++", "c++", "c++20"),
    ] {
        for width in ["-m64", "-m32"] {
            let standard = format!("-std={standard}");
            let args = [
                &["-Iinclude", "-ffreestanding", "-x", language, &standard, width],
                STRICT,
                &[text(&source)],
            ]
            .concat();
            must(compiler, &args);
            println!("{language} {standard} {width}: no warning");
        }
    }
}

#[test]
fn a_driver_function_that_may_throw_does_not_compile_into_a_table() {
    let folder = folder("noexcept");
    let source = folder.join("it.cpp");
    let body = |promise: &str| {
        format!(
            "#include \"callcore_driver.h\"\nstatic ccd_status stop(void *) {promise} {{ return 0; }}\n\
             ccd_device_vt table() {{ ccd_device_vt vt{{}}; vt.stop = stop; return vt; }}\n"
        )
    };
    for (promise, compiles) in [("noexcept", true), ("", false)] {
        std::fs::write(&source, body(promise)).expect("just made");
        let output = run("c++", &["-Iinclude", "-std=c++17", "-fsyntax-only", text(&source)]);
        assert_eq!(output.status.success(), compiles, "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn sizes_offsets_and_constants_are_those_that_were_frozen() {
    for frozen in ["tests/abi/1.0"] {
        let layout = format!("{frozen}/layout.c");
        // the frozen header beside it, and the present one
        for include in [frozen, "include"] {
            let include = format!("-I{include}");
            must("cc", &["-iquote", "include", &include, "-std=c11", "-fsyntax-only", &layout]);
            must("cc", &[&include, "-std=c11", "-m32", "-ffreestanding", "-fsyntax-only", &layout]);
        }
    }
}

#[test]
fn a_change_of_the_layout_is_seen() {
    let folder = folder("changed");
    let header =
        std::fs::read_to_string(crate::cc::top().join("include/callcore_driver.h")).expect("is there");
    std::fs::copy(crate::cc::top().join("tests/abi/1.0/layout.c"), folder.join("layout.c"))
        .expect("is there");
    let swap = |from: &str, to: &str| header.replacen(from, to, 1);
    for (what, changed) in [
        (
            "two members change places",
            swap("ccd_chan chan;", "ccd_call call;").replacen(
                "ccd_call call;                  ",
                "ccd_chan chan;",
                1,
            ),
        ),
        ("a member changes its type", swap("uint16_t cause;", "uint32_t cause;")),
        ("a constant changes", swap("CCD_EV_RELEASED = 24", "CCD_EV_RELEASED = 34")),
        ("a member goes", swap("uint64_t seq; ", "")),
        (
            "a function is inserted",
            swap(
                "  void (CCD_CALL *destroy)",
                "  void (CCD_CALL *other)(void) CCD_NX;\n  void (CCD_CALL *destroy)",
            ),
        ),
    ] {
        assert_ne!(changed, header, "{what}: the header has these words");
        std::fs::write(folder.join("callcore_driver.h"), changed).expect("just made");
        let layout = folder.join("layout.c");
        let output = run("cc", &["-std=c11", "-fsyntax-only", text(&layout)]);
        assert!(!output.status.success(), "{what}, and nobody says so");
    }
}
