//! The Python package: its tests, its types, its wheel, and the same facts in Python as in Rust.
//!
//! `CALLCORE_PYTHON` names the interpreter that has pytest, mypy, pyright, pdoc, numpy and setuptools (`tests/run` makes one); without it
//! `python3` is asked, and what it has not is said and left out. `CALLCORE_LIBRARY` names a library that is built already.

#[path = "../../../callcore/tests/common/scenario_files.rs"]
mod scenario_files;
mod traces;

use callcore::sim::scenario::Scenario;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("this crate is in the repository")
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

fn interpreter() -> String {
    std::env::var("CALLCORE_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Whether the interpreter has all these modules; says which it has not.
///
/// # Panics
/// It has not, though `CALLCORE_PYTHON` promises that it has.
fn has(modules: &[&str]) -> bool {
    let missing: Vec<&str> = modules
        .iter()
        .copied()
        .filter(|module| {
            let import = format!("import {module}");
            let tried = Command::new(interpreter()).args(["-c", &import]).output();
            !tried.is_ok_and(|output| output.status.success())
        })
        .collect();
    if missing.is_empty() {
        return true;
    }
    let words = format!("{} has no {}", interpreter(), missing.join(", "));
    assert!(std::env::var_os("CALLCORE_PYTHON").is_none(), "{words}: install it there");
    println!("left out: {words}; set CALLCORE_PYTHON to a Python that has, as tests/run does");
    false
}

/// The library of the C face.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        if let Some(named) = std::env::var_os("CALLCORE_LIBRARY") {
            return named.into();
        }
        let here = std::env::current_exe().expect("a test is a file");
        let target = here.ancestors().nth(3).expect("a test is in target/debug/deps");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--package", "callcore-ffi"]).env("CARGO_TARGET_DIR", target);
        must(cargo.current_dir(top()));
        target.join("debug/libcallcore.so")
    })
}

/// Python on the package's sources.
fn python(folder: &str) -> Command {
    let package = top().join("bindings/python");
    let mut command = Command::new(interpreter());
    command
        .current_dir(package.join(folder))
        .env("CALLCORE_LIBRARY", library())
        .env("PYTHONPATH", package.join("src"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn must(command: &mut Command) -> String {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}\n{out}\n{err}");
    out.into_owned()
}

fn pytest(arguments: &[&str], traces: Option<&Path>) {
    let mut command = python("");
    command.args(["-m", "pytest", "-q", "-p", "callcore.testing", "-p", "no:cacheprovider"]).args(arguments);
    if let Some(traces) = traces {
        command.env("CALLCORE_TRACES", traces);
    }
    println!("{}", must(&mut command));
}

/// What Rust sees of each scenario, and what it is played in, as files for others.
fn write_traces(to: &Path) {
    for path in scenario_files::files() {
        let text = fs::read_to_string(&path).expect("a scenario is text");
        let scenario = Scenario::parse(&text).expect("the scenarios are tested in Rust");
        let entries = traces::native(&scenario).expect("the scenarios are tested in Rust");
        let lines: String = entries.iter().map(|entry| entry.to_line() + "\n").collect();
        let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        let centre = traces::centre(&scenario);
        let write = |extension: &str, text: &str| {
            fs::write(to.join(format!("{name}.{extension}")), text).expect("the target folder can be written")
        };
        write("jsonl", &lines);
        write("json", &traces::configuration(&centre, to).to_string());
    }
}

#[test]
fn each_scenario_has_the_same_facts_in_python_as_in_rust() {
    if !has(&["pytest"]) {
        return;
    }
    let traces = folder("traces");
    write_traces(&traces);
    pytest(&["tests/test_scenarios.py"], Some(&traces));
}

#[test]
fn the_tests_of_the_package_pass() {
    if has(&["pytest", "numpy"]) {
        pytest(&["tests", "--ignore=tests/test_scenarios.py", "--ignore=tests/test_soft_phone.py"], None);
    }
}

/// Proves: A19.13, A22.7
#[test]
fn a_client_in_python_is_a_soft_phone_and_reads_calls_and_recordings() {
    if has(&["pytest"]) {
        pytest(&["tests/test_soft_phone.py"], None);
    }
}

#[test]
fn the_types_are_whole_and_strict() {
    if has(&["mypy", "pyright", "pytest", "numpy", "setuptools"]) {
        println!("{}", must(python("").args(["-m", "mypy", "--cache-dir", "/dev/null"])));
        println!("{}", must(python("").args(["-m", "pyright", "--pythonpath", &interpreter()])));
    }
}

/// The command of the guide.
#[test]
fn the_pages_of_the_reference_are_made_without_a_warning() {
    if !has(&["pdoc", "pytest"]) {
        return;
    }
    let folder = folder("reference");
    let guide = fs::read_to_string(top().join("docs/python.md")).expect("it is there");
    let command =
        guide.lines().find_map(|line| line.strip_prefix("python -m pdoc ")).expect("it has the command");
    let (modules, _) = command.split_once(" -o ").expect("with the folder");
    let modules: Vec<&str> = modules.split(' ').collect();
    must(python("").args(["-W", "error", "-m", "pdoc"]).args(&modules).arg("-o").arg(&folder));
    for module in modules {
        let page = folder.join(module.replace('.', "/")).with_extension("html");
        assert!(page.exists(), "{} is missing", page.display());
    }
}

/// A wheel of its own library, installed where nothing else is.
#[test]
fn one_wheel_is_installed_in_an_empty_environment_and_a_simulated_day_runs() {
    if !has(&["setuptools.command.bdist_wheel", "pip", "venv"]) {
        return;
    }
    let folder = folder("wheel");
    // building leaves files beside the sources, so they are copied; the version is the workspace's
    fs::create_dir(folder.join("bindings")).expect("the target folder can be written");
    must(Command::new("cp").arg("-r").arg(top().join("bindings/python")).arg(folder.join("bindings")));
    must(Command::new("cp").arg(top().join("Cargo.toml")).arg(&folder));
    let pip = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"];
    let mut wheel = Command::new(interpreter());
    wheel.args(pip).args(["--wheel-dir", "wheels", "./bindings/python"]).current_dir(&folder);
    must(wheel.env("CALLCORE_LIBRARY", library()));
    let wheels: Vec<PathBuf> = fs::read_dir(folder.join("wheels"))
        .expect("pip made it")
        .map(|it| it.expect("a file").path())
        .collect();
    let [wheel] = wheels.as_slice() else { panic!("{wheels:?}") };
    let name = wheel.file_name().expect("it is a file").to_string_lossy();
    assert!(name.contains("-py3-none-manylinux_2_"), "{name}: any Python 3, and the glibc that is needed");

    must(Command::new(interpreter()).args(["-m", "venv", "empty"]).current_dir(&folder));
    let empty = folder.join("empty/bin/python");
    let mut install = Command::new(&empty);
    must(install.args(["-m", "pip", "install", "--quiet", "--no-index"]).arg(wheel).current_dir(&folder));
    let mut day = Command::new(&empty);
    day.arg(top().join("bindings/python/examples/simulate_a_day.py")).current_dir(&folder);
    let told = must(day.env_remove("CALLCORE_LIBRARY").env_remove("PYTHONPATH"));
    println!("{told}");
    assert!(told.contains("calls"), "{told}");
}

/// One library behind the functions of C and the objects of C++ and Python: the shortest program of each says the same.
/// Proves: A1.5
#[test]
fn hello_says_the_same_in_c_in_cpp_and_in_fifteen_lines_of_python() {
    let wanted = fs::read_to_string(top().join("examples/hello.txt")).expect("it is there");
    let (folder, library) = (folder("hello"), library().parent().expect("a file is in a folder"));
    for (compiler, standard, source) in
        [("cc", "-std=c99", "examples/c/hello.c"), ("c++", "-std=c++17", "examples/cpp/hello.cpp")]
    {
        let program = folder.join(compiler);
        let mut build = Command::new(compiler);
        build.current_dir(top()).args([standard, "-Iinclude", source, "-o"]).arg(&program);
        build.arg(format!("-L{}", library.display())).arg(format!("-Wl,-rpath,{}", library.display()));
        must(build.arg("-lcallcore"));
        assert_eq!(must(Command::new(&program).current_dir(&folder)), wanted, "{source}");
    }
    let source = top().join("bindings/python/examples/hello.py");
    let text = fs::read_to_string(source).expect("it is there");
    assert!(text.lines().count() <= 15, "{} lines", text.lines().count());
    assert_eq!(must(python("examples").arg("hello.py")), wanted);
}
