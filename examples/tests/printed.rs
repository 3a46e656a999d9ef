//! The programs in Rust print what stands in a file: that of the same program in C, where there is one.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The most lines that the first program may have.
const LINES_MAX: usize = 25;

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// Every program here, with what it must print.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("hello", env!("CARGO_BIN_EXE_hello"), "hello.txt"),
    ("answer", env!("CARGO_BIN_EXE_answer"), "c/answer.txt"),
    ("click_to_dial", env!("CARGO_BIN_EXE_click_to_dial"), "c/click_to_dial.txt"),
    ("audio_tap", env!("CARGO_BIN_EXE_audio_tap"), "c/audio_tap.txt"),
    ("menu", env!("CARGO_BIN_EXE_menu"), "menu.txt"),
];
/// Its figures are the simulation's, and change with it.
const QUEUE: &str = env!("CARGO_BIN_EXE_queue");

#[test]
fn each_program_prints_what_stands_in_its_file() {
    for (name, program, file) in PROGRAMS {
        // one in real time keeps its records where it runs
        let folder = tempfile::tempdir().expect("a folder can be made");
        let output = Command::new(program).current_dir(folder.path()).output().expect("it was built");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout), text(file), "{name}");
    }
}

#[test]
fn each_program_is_one_that_is_run_here() {
    let entries = std::fs::read_dir(env!("CARGO_MANIFEST_DIR")).expect("there are programs");
    let paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    let sources = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    for source in sources {
        let name = source.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        let is_known = name == "queue" || PROGRAMS.iter().any(|(known, ..)| *known == name);
        assert!(is_known, "{name} is not among PROGRAMS");
    }
}

#[test]
fn with_more_agents_fewer_callers_give_up() {
    let output = Command::new(QUEUE).output().expect("it was built");
    let said = String::from_utf8_lossy(&output.stdout);
    let abandoned =
        said.lines().skip(1).map(|line| line.split_whitespace().nth(2).and_then(|it| it.parse().ok()));
    let abandoned: Vec<u32> = abandoned.map(|count| count.unwrap_or_else(|| panic!("{said}"))).collect();
    assert_eq!(abandoned.len(), 7, "{said}");
    assert!(abandoned[6] < abandoned[0] / 2, "{said}");
}

#[test]
fn the_first_program_is_short() {
    assert!(text("hello.rs").lines().count() <= LINES_MAX);
}
