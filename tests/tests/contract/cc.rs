//! The machine's compilers.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The top of the repository.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A folder of this test's own, empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

/// Run a program.
pub(crate) fn run(program: &str, args: &[&str]) -> Output {
    let run = Command::new(program).args(args).current_dir(top()).output();
    run.unwrap_or_else(|why| panic!("{program}: {why}; a C and a C++ compiler are needed"))
}

/// Run a program that must succeed; gives what it printed.
pub(crate) fn must(program: &str, args: &[&str]) -> String {
    let output = run(program, args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}\n{errors}", args.join(" "));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("the target folder has a name in UTF-8")
}
