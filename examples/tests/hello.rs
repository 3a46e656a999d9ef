//! The first program says in Rust what it says in every language.

use std::path::Path;
use std::process::Command;

/// The most lines that it may have.
const LINES_MAX: usize = 25;

#[test]
fn hello_prints_what_it_prints_in_every_language_in_few_lines() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(here.join(name)).expect("it is in the repository");
    let output = Command::new(env!("CARGO_BIN_EXE_hello")).output().expect("it was built");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), read("hello.txt"));
    assert!(read("hello.rs").lines().count() <= LINES_MAX);
}
