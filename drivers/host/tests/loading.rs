//! Libraries that nobody should write: each is refused in a sentence of its own.

use callcore_driver_host::sys::CCD_E_LICENSE;
use callcore_driver_host::{Entry, LoadError};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A shared library made of a few lines of C.
fn library(folder: &Path, name: &str, source: &str) -> PathBuf {
    let (c, so) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../include");
    std::fs::write(&c, source).expect("a temporary folder can be written");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-I"]).arg(include).arg("-o").arg(&so).arg(&c);
    assert!(compiler.status().expect("a C compiler is there").success());
    so
}

fn text(error: &LoadError) -> String {
    error.to_string()
}

#[test]
fn what_is_no_driver_is_told_apart() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let absent = Entry::load(&folder.path().join("absent.so"), "sim, sip").expect_err("no file");
    assert!(matches!(absent, LoadError::NotFound { .. }) && text(&absent).contains("sim, sip"), "{absent}");

    let words = folder.path().join("words.so");
    std::fs::write(&words, "not a library").expect("a temporary folder can be written");
    let words = Entry::load(&words, "").expect_err("no library");
    assert!(matches!(words, LoadError::NotALibrary { .. }), "{words}");

    let unresolved = library(
        folder.path(),
        "unresolved",
        "int missing_here(void);\nint ccd_negotiate(void) { return missing_here(); }",
    );
    let unresolved =
        Entry::load(&unresolved, "").expect_err("a symbol is missing, and that is found out now");
    assert!(matches!(unresolved, LoadError::MissingSymbol { .. }), "{unresolved}");
    assert!(text(&unresolved).contains("missing_here"), "{unresolved}");

    let plain = library(folder.path(), "plain", "int answer(void) { return 42; }");
    let plain = Entry::load(&plain, "").expect_err("no entry");
    assert!(matches!(plain, LoadError::NoSymbol { .. }), "{plain}");
}

/// A driver whose negotiate does what `body` says.
fn negotiated(folder: &Path, name: &str, body: &str) -> LoadError {
    let source = format!(
        "#include \"callcore_driver.h\"\nccd_status ccd_negotiate(const ccd_offer *o, ccd_accept *a) {{ (void)o; (void)a; {body} }}"
    );
    let entry = Entry::load(&library(folder, name, &source), "").expect("it has the entry");
    match entry.negotiate() {
        Ok(_) => panic!("{name} must not be taken"),
        Err(why) => why,
    }
}

#[test]
fn drivers_that_cannot_be_used_are_told_apart() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let old = negotiated(folder.path(), "old", "a->abi = CCD_VER(0, 9); return CCD_E_VERSION;");
    assert!(text(&old).contains("(0.9)") && text(&old).contains("speaks 1.0"), "{old}");
    let liar = negotiated(folder.path(), "liar", "a->abi = CCD_VER(2, 0); return CCD_OK;");
    assert!(matches!(liar, LoadError::WrongAbi { .. }), "{liar}");
    let unlicensed = negotiated(folder.path(), "unlicensed", "return CCD_E_LICENSE;");
    assert!(matches!(unlicensed, LoadError::Refused { code: CCD_E_LICENSE, .. }), "{unlicensed}");
    let empty = negotiated(folder.path(), "empty", "a->abi = o->abi_max; return CCD_OK;");
    assert!(text(&empty).contains("no table"), "{empty}");
    let holes =
        "static ccd_driver_vt vt; vt.size = sizeof vt; a->abi = o->abi_max; a->vt = &vt; return CCD_OK;";
    let holes = negotiated(folder.path(), "holes", holes);
    assert!(text(&holes).contains("lacks create"), "{holes}");
    let short = "static ccd_driver_vt vt; vt.size = 4; a->abi = o->abi_max; a->vt = &vt; return CCD_OK;";
    let short = negotiated(folder.path(), "short", short);
    assert!(text(&short).contains("no table"), "{short}");
}
