//! The program is killed in the middle of twenty recorded calls: nothing that was acknowledged is lost.

use crate::phones::{Sipp, register};
use crate::server::{LIMIT, Plan, Server, free_port, wait_for};
use crate::skip;
use crate::sound::{side, write_tone_capture};
use std::path::{Path, PathBuf};
use std::time::Instant;

const CALLS: u16 = 20;
/// Half a second of stereo sound, 16 bits.
const SOME_SOUND: u64 = 16_000;

/// All WAV files below a folder with sound in them.
fn recordings(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let is_sounding = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|about| about.len() > SOME_SOUND);
    paths
        .flat_map(|path| if path.is_dir() { recordings(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "wav"))
        .filter(is_sounding)
        .collect()
}

/// Proves: A18.7 in part (twenty at once)
#[test]
fn a_kill_in_the_middle_of_twenty_recorded_calls_loses_nothing() {
    if skip() {
        return;
    }
    let mut server = Server::prepare("crash", &Plan { agents: CALLS });
    write_tone_capture(&server.folder.join("agent.pcap"), 660.0, 30);
    server.start();
    let phone_port = free_port();
    for agent in 1..=CALLS {
        register(&server, &(1000 + agent).to_string(), phone_port);
    }
    let agents = Sipp::listen(&server, "agent", phone_port, CALLS);
    let callers = Sipp::start(&server, "patient_caller", server.outside_port, CALLS, &["-r", "10"]);
    let folder = server.recordings_folder();
    let enough = || (recordings(&folder).len() == usize::from(CALLS)).then_some(());
    wait_for("twenty recordings with sound in them", Instant::now() + LIMIT, enough);

    server.kill();
    drop((callers, agents));
    // before anything could be mended: sox opens every file as it was left, and finds sound on both sides' tracks
    let files = recordings(&folder);
    assert_eq!(files.len(), usize::from(CALLS));
    for file in &files {
        assert!(side(file, 1).len() > 2000 && side(file, 2).len() > 2000, "{}", file.display());
    }

    server.start();
    let records = server.wait_for_records(usize::from(CALLS));
    assert_eq!(records.len(), usize::from(CALLS), "each call has one record");
    let mut calls: Vec<u64> = records.iter().filter_map(|record| record["call"].as_u64()).collect();
    calls.sort_unstable();
    calls.dedup();
    assert_eq!(calls.len(), usize::from(CALLS), "each call has one record");
    let mut named: Vec<PathBuf> = Vec::new();
    for record in &records {
        assert_eq!(record["outcome"], "cut_off", "{record:#}");
        assert!(record["agent"].is_string(), "{record:#}");
        named.push(server.recording(record));
    }
    named.sort();
    let mut files = files;
    files.sort();
    assert_eq!(named, files, "each recording belongs to one record");
    for file in &files {
        assert!(side(file, 1).len() > 2000, "{} after the restart", file.display());
    }
    server.stop();
}
