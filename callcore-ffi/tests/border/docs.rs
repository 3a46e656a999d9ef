//! The guides: their commands are run, in their order, and print what the guides say; their build files build.

use crate::build::{Build, libraries, run_with, target};
use crate::cc::{folder, must, text, top};
use std::path::Path;

/// A fenced block: its language and its text.
struct Block {
    language: String,
    text: String,
}

fn blocks(guide: &str) -> Vec<Block> {
    let guide = std::fs::read_to_string(top().join(guide)).expect("the guide is there");
    let (mut found, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    for line in guide.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                open = Some(Block { language: language.to_owned(), text: String::new() })
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => block.text = std::mem::take(&mut block.text) + line + "\n",
            (None, None) => {}
        }
    }
    found
}

/// Each block of commands with what must follow of its output, if the guide shows it.
fn commands(guide: &str) -> Vec<(String, Option<String>)> {
    let blocks = blocks(guide);
    let is_output = |at: usize| blocks.get(at).filter(|block| block.language == "text");
    let run = blocks.iter().enumerate().filter(|(_, block)| block.language == "sh");
    run.map(|(at, block)| (block.text.clone(), is_output(at + 1).map(|block| block.text.clone()))).collect()
}

/// A shell at the top of the repository; what the guide calls `target` is wherever cargo builds for this test.
fn shell(commands: &str) -> String {
    libraries();
    let target = target();
    let commands =
        commands.replace("$PWD/target", "target").replace("target/", &format!("{}/", target.display()));
    must("bash", &["-euc", &format!("export CARGO_TARGET_DIR={}; {commands}", target.display())])
}

#[test]
fn the_commands_of_the_guides_do_what_the_guides_say() {
    // so many commands, and the first program has run
    for (guide, most) in [("docs/c.md", 2), ("docs/cpp.md", 3)] {
        let all = commands(guide);
        assert!(all[0].1.is_some(), "{guide}: the first block of commands shows what it prints");
        assert!(all[0].0.lines().count() <= most, "{guide}: {}", all[0].0);
        assert!(all[0].0.starts_with("cargo build -p callcore-ffi\n"), "{guide}: the library is built first");
        for (commands, then) in all {
            let said = shell(&commands);
            if let Some(then) = then {
                assert_eq!(said, then, "{guide}: {commands}");
            }
        }
    }
}

/// The packages of a prefix, as `cargo cinstall` lays them out: there is no need of it to try how others find the library.
fn prefix() -> std::path::PathBuf {
    let prefix = folder("prefix");
    for (from, to) in [("include/callcore.h", "callcore.h"), ("include/callcore.hpp", "callcore.hpp")] {
        std::fs::copy(top().join(from), prefix.join(to)).expect("the target folder can be written");
    }
    let package = format!(
        "Name: callcore\nDescription: telephony\nVersion: 1.0.0\nCflags: -I{}\nLibs: -L{} -lcallcore\n",
        prefix.display(),
        libraries().display()
    );
    std::fs::write(prefix.join("callcore.pc"), package).expect("the target folder can be written");
    prefix
}

fn has(program: &str) -> bool {
    let found = std::process::Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped: there is no {program}");
    }
    found
}

#[test]
fn the_build_files_of_the_guide_build_the_first_program() {
    builds(&format!("export PKG_CONFIG_PATH={}", text(&prefix())), &libraries());
}

/// Build the first program as the guide says, in a shell that has been told where `callcore.pc` is; run it with the library of a folder.
pub(crate) fn builds(found: &str, library: &Path) {
    for (language, file, program, steps) in [
        ("cmake", "CMakeLists.txt", "cmake", "cmake -S . -B out && cmake --build out"),
        ("meson", "meson.build", "meson", "meson setup out && meson compile -C out"),
    ] {
        if !has(program) {
            continue;
        }
        let block = blocks("docs/c.md").into_iter().find(|block| block.language == language);
        let folder = folder(&format!("with-{program}"));
        std::fs::copy(top().join("examples/c/hello.c"), folder.join("hello.c")).expect("it is there");
        std::fs::write(folder.join(file), block.expect("the guide has it").text).expect("writable");
        must("bash", &["-euc", &format!("cd {} && {found} && {steps}", text(&folder))]);
        let said = run_with(&folder, &folder.join("out/hello"), library);
        assert!(said.ends_with("waits in the queue\n"), "{said}");
    }
}

#[test]
fn the_cpp_of_the_guide_compiles() {
    for (number, block) in blocks("docs/cpp.md").iter().filter(|block| block.language == "cpp").enumerate() {
        let build = Build::new(&format!("guide-{number}"));
        let source = build.folder.join("it.cpp");
        let program = format!("#include <callcore.hpp>\nint main() {{\n{}(void)core;\n}}\n", block.text);
        std::fs::write(&source, program).expect("the target folder can be written");
        build.cpp(text(&source), &[]);
    }
}

/// The command of the guide that answers a real call, as a test can run it: program and configuration.
pub(crate) fn answer_command() -> (String, String) {
    let block = blocks("docs/c.md").into_iter().find(|block| block.text.starts_with("target/answer "));
    let text = block.expect("the guide answers a real call").text;
    let (program, config) = text.trim().split_once(' ').expect("with a configuration");
    assert!(top().join(config).exists() && Path::new(program).ends_with("answer"));
    (program.to_owned(), config.to_owned())
}
