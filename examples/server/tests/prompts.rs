//! `callcore-server prompts` as a person at a terminal meets it, on a folder of its own.

mod common;

use common::{Folder, run, server};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// A second of 400 Hz, quiet, between two seconds of silence: a WAV file of 16,000 samples a second.
fn voice(peak: f64) -> Vec<u8> {
    let sample = |n: u32| match n {
        32_000..48_000 => (peak * (std::f64::consts::TAU * 400.0 * f64::from(n) / 16_000.0).sin()) as i16,
        _ => 0,
    };
    let mut file = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data\xff\xff\xff\xff"
        .to_vec();
    file.extend((0..80_000).flat_map(|n| sample(n).to_le_bytes()));
    file
}

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("callcore.toml", "[node]\nprompts_dir = \"sounds\"\n");
    std::fs::create_dir(folder.0.join("sounds")).expect("a temporary folder");
    folder.write("voice.wav", voice(1000.0));
    folder
}

/// What it says when all goes well.
fn done(folder: &Folder, args: &[&str]) -> String {
    let (code, out, err) = run(folder, &[&["prompts"], args].concat());
    assert_eq!((code, err.as_str()), (Some(0), ""), "{args:?}: {out}");
    out
}

/// What it says when it cannot be.
fn refused(folder: &Folder, args: &[&str]) -> String {
    let (code, out, err) = run(folder, &[&["prompts"], args].concat());
    assert_eq!(code, Some(2), "{args:?}: {out}{err}");
    err
}

fn listed(folder: &Folder) -> Vec<Value> {
    done(folder, &["list", "--json"]).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_recorded_voice_is_added_edited_and_taken_back() {
    let folder = folder("prompts-edit");
    let out = done(&folder, &["add", "zh/welcome", "voice.wav", "--who", "anna"]);
    assert_eq!(out, "zh/welcome is added (5.00 s)\n");
    let out = done(
        &folder,
        &["edit", "zh/welcome", "--trim", "--speech", "-16", "--coding", "alaw", "--who", "bert"],
    );
    let lines: Vec<&str> = out.lines().collect();
    assert!(
        lines[0].starts_with("before     5.00 s   16000 Hz  speech -28.1 dBm0, peak -30.3 dBFS"),
        "{out}"
    );
    assert!(
        lines[1].contains("|                            ▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃▃                            |"),
        "{out}"
    );
    assert!(lines[2].starts_with("after      1.20 s    8000 Hz  speech -16.0 dBm0"), "{out}");
    assert!(lines[4].starts_with("zh/welcome is edited;"), "{out}");
    let list = listed(&folder);
    assert_eq!(list.len(), 1);
    assert_eq!((&list[0]["name"], &list[0]["language"]), (&"welcome".into(), &"zh".into()));
    assert_eq!((list[0]["duration_ms"].as_u64(), list[0]["rate_hz"].as_u64()), (Some(1200), Some(8000)));
    // one byte a sample
    let bytes = std::fs::metadata(folder.0.join("sounds/zh/welcome.wav")).expect("there").len();
    assert!((9600..9700).contains(&bytes), "{bytes}");
    let versions = done(&folder, &["versions", "zh/welcome"]);
    let lines: Vec<&str> = versions.lines().collect();
    assert!(
        lines[0].starts_with("*   2  20") && lines[0].contains("bert") && lines[0].ends_with("edit"),
        "{versions}"
    );
    assert!(lines[1].starts_with("    1  20") && lines[1].ends_with("upload"), "{versions}");
    done(&folder, &["rollback", "zh/welcome", "1"]);
    assert_eq!(listed(&folder)[0]["duration_ms"], 5000);
    done(&folder, &["export", "zh/welcome", "out.wav"]);
    assert_eq!(std::fs::read(folder.0.join("out.wav")).expect("written"), voice(1000.0));
    done(&folder, &["remove", "zh/welcome"]);
    assert!(listed(&folder).is_empty());
}

#[test]
fn a_dry_run_changes_nothing() {
    let folder = folder("prompts-dry");
    done(&folder, &["add", "a", "voice.wav"]);
    let out = done(&folder, &["edit", "a", "--gain-db", "6", "--dry-run"]);
    assert!(out.contains("a stays as it was") && out.contains("after"), "{out}");
    assert_eq!(std::fs::read(folder.0.join("sounds/a.wav")).expect("there"), voice(1000.0));
    assert_eq!(done(&folder, &["versions", "a"]).lines().count(), 1);
}

#[test]
fn what_cannot_be_ends_with_two_and_says_why() {
    let folder = folder("prompts-refused");
    folder.write("text.wav", "no sound");
    done(&folder, &["add", "a", "voice.wav"]);
    assert!(refused(&folder, &["add", "a", "text.wav"]).contains("this is not a WAV file"));
    assert!(refused(&folder, &["add", "../a", "voice.wav"]).contains("'..' is no language"));
    assert!(refused(&folder, &["add", ".a", "voice.wav"]).contains("cannot be the name of a prompt"));
    assert!(refused(&folder, &["edit", "b", "--trim"]).contains("prompt b does not exist"));
    assert!(refused(&folder, &["edit", "a"]).contains("nothing is to be edited"));
    assert!(refused(&folder, &["edit", "a", "--from-ms", "9000"]).contains("the sound is 5000 ms long"));
    assert!(refused(&folder, &["rollback", "a", "7"]).contains("version 7 of prompt a does not exist"));
    assert!(refused(&folder, &["say", "b", "Hello"]).contains("no command speaks texts"));
    assert_eq!(listed(&folder).len(), 1);
    let (code, _, err) = run(&folder, &["prompts", "add", "b", "nothing.wav"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("cannot read nothing.wav"), "{err}");
    folder.write("callcore.toml", "hold_music = \"a\"\n[node]\nprompts_dir = \"sounds\"\n");
    assert!(refused(&folder, &["remove", "a"]).contains("hold_music plays it"));
}

#[test]
fn a_text_is_spoken_by_the_command_of_the_configuration() {
    let folder = folder("prompts-say");
    let command = "command = [\"sh\", \"-c\", \"test $2 = cmn && cp voice.wav $0\", \"{file}\", \"{text}\", \"{voice}\"]";
    folder.write("callcore.toml", format!("[node]\nprompts_dir = \"sounds\"\n[prompts.speech]\n{command}\n"));
    let out = done(&folder, &["say", "zh/closed", "We are closed", "--trim"]);
    assert!(out.ends_with("zh/closed is added (1.20 s)\n"), "{out}");
    assert_eq!(listed(&folder)[0]["rate_hz"], 16_000);
    // it fails for any other voice
    assert!(refused(&folder, &["say", "de/closed", "Geschlossen"]).contains("sh ended with exit status: 1"));
    folder.write(
        "bad.toml",
        "hold_music = \"say:Hello\"\n[prompts.speech]\ncommand = [\"espeak-ng\", \"{text}\"]\n",
    );
    let (code, _, err) = run(&folder, &["check", "bad.toml"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("bad.toml:3: prompts.speech.command: {file} is not in it"), "{err}");
    folder.write("bad.toml", "hold_music = \"say:Hello\"\n");
    let (_, _, err) = run(&folder, &["check", "bad.toml"]);
    assert!(err.contains("bad.toml:1: hold_music: no command speaks texts; add [prompts.speech]"), "{err}");
}

#[test]
fn a_server_that_runs_takes_the_change_over() {
    let folder = folder("prompts-live");
    let config = "[node]\nprompts_dir = \"sounds\"\n[[device]]\nname = \"sim\"\ndriver = \"sim\"\n";
    folder.write("callcore.toml", config);
    done(&folder, &["add", "a", "voice.wav"]);
    let mut child = server(&folder.0)
        .arg("run")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server runs");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("the device is open")), "it did not start");
    folder.write("loud.wav", voice(9000.0));
    done(&folder, &["add", "a", "loud.wav"]);
    let told = lines.any(|line| line.contains("1 prompts are new, different or gone"));
    // before anything else, so that a failure leaves nothing running
    child.kill().expect("ours");
    child.wait().expect("ours");
    assert!(told);
}
