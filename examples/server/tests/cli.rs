//! The server as a person at a terminal meets it: what it says, and which exit code it ends with.

mod common;

use common::{Folder, run, server};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../callcore/config/example.toml");

#[test]
fn the_example_is_right_and_can_be_printed() {
    let folder = Folder::new("example");
    let (code, out, err) = run(&folder, &["check", EXAMPLE]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("4 extensions"), "{out}");
    let (code, out, _) = run(&folder, &["run", "--example"]);
    assert_eq!(code, Some(0));
    assert_eq!(out, std::fs::read_to_string(EXAMPLE).expect("the example"));
}

#[test]
fn mistakes_end_with_two_and_name_their_line() {
    let folder = Folder::new("mistakes");
    folder
        .write("bad.toml", "[[queue]]\nname = \"a\"\noverflow = \"queue:nowhere\"\nmusic = \"hold_musik\"\n");
    for args in
        [&["check", "bad.toml"][..], &["run", "--config", "bad.toml"], &["records", "--config", "bad.toml"]]
    {
        let (code, _, err) = run(&folder, args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(err.contains("bad.toml:3: queue[0].overflow: "), "{err}");
        assert!(err.contains("bad.toml:4: queue[0].music: "), "{err}");
    }
    // what only the driver can know is told with its line, too
    folder.write(
        "listen.toml",
        "[[device]]\nname = \"sip\"\ndriver = \"sip\"\n[device.config]\nlisten = \"nowhere\"\n",
    );
    let (code, _, err) = run(&folder, &["run", "--config", "listen.toml"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("listen.toml:5: device[0].config.listen: "), "{err}");
}

#[test]
fn wrong_usage_ends_with_two() {
    let folder = Folder::new("usage");
    for args in
        [&[][..], &["dance"], &["check"], &["demo", "--seconds", "0"], &["records", "--since", "tomorrow"]]
    {
        let (code, _, err) = run(&folder, args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(!err.is_empty(), "{args:?} says nothing");
    }
}

#[test]
fn failures_end_with_one() {
    let folder = Folder::new("failures");
    let (code, _, err) = run(&folder, &["records", "--data", "nothing-here"]);
    assert_eq!(code, Some(1), "{err}");
    folder.write("file", "");
    let (code, _, err) = run(&folder, &["demo", "--data", "file/below"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("cannot write file/below"), "{err}");
}

#[test]
fn help_has_examples_for_every_subcommand() {
    let folder = Folder::new("help");
    for subcommand in ["demo", "run", "simulate", "check", "records", "prompts"] {
        let (code, out, _) = run(&folder, &[subcommand, "--help"]);
        assert_eq!(code, Some(0));
        assert!(out.contains("Example"), "{subcommand}: {out}");
    }
    let (_, out, _) = run(&folder, &["--help"]);
    assert!(out.contains("Exit codes: 0 "), "{out}");
}

#[test]
fn the_same_seed_gives_the_same_day() {
    let folder = Folder::new("simulate");
    let day = |seed: &str| run(&folder, &["simulate", "--calls", "300", "--seed", seed, "--json"]);
    let (code, first, err) = day("7");
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(day("7").1, first);
    assert_ne!(day("8").1, first);
    let result: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!(result["records"], 300);
}

/// A node with simulated lines on which nobody calls, stopped by `signal`.
fn stops_by(signal: &str) {
    let folder = Folder::new(signal);
    folder.write("callcore.toml", "[[device]]\nname = \"sim\"\ndriver = \"sim\"\n");
    let mut child = server(&folder.0).arg("run").stdout(Stdio::piped()).spawn().expect("the server runs");
    let out = BufReader::new(child.stdout.take().expect("piped"));
    let mut lines = out.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("Ctrl-C")), "it did not start");
    let killed = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(lines.last().as_deref(), Some("Stopped."));
    assert_eq!(child.wait().expect("our child").code(), Some(0));
}

#[test]
fn signals_stop_it_cleanly() {
    stops_by("TERM");
    stops_by("INT");
}

#[test]
fn the_demo_ends_with_records_and_recordings() {
    let folder = Folder::new("demo");
    let (code, out, err) = run(&folder, &["demo", "--seconds", "3"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("answered by an agent") && out.contains("callcore-server records --data callcore-demo"),
        "{out}"
    );
    let (code, lines, err) = run(&folder, &["records", "--json", "--since", "1h", "--data", "callcore-demo"]);
    assert_eq!(code, Some(0), "{err}");
    let records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(!records.is_empty() && records.len() <= 3, "{lines}");
    let started = |record: &Value| record["started"].as_i64();
    assert!(records.windows(2).all(|pair| started(&pair[0]) >= started(&pair[1])), "newest first: {lines}");
    for record in records.iter().filter(|record| record["outcome"] == "answered_by_agent") {
        let file = record["recording"].as_str().expect("outside calls are recorded");
        let path = folder.0.join("callcore-demo/recordings").join(file);
        assert!(std::fs::metadata(&path).is_ok_and(|about| about.len() > 44), "{}", path.display());
    }
    let (_, table, _) = run(&folder, &["records", "--data", "callcore-demo"]);
    assert_eq!(table.lines().count(), records.len() + 1, "{table}");
}
