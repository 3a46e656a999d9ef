//! The scenario files of the house, played in virtual time. The same files are played on real shells elsewhere.
#![cfg(feature = "sim")]

use callcore::sim::CentreConfig;
use callcore::sim::scenario::{Scenario, VirtualStage};

#[path = "common/scenario_files.rs"]
mod scenario_files;

/// How long a file may take on a real clock, in milliseconds.
const LENGTH_MS_MAX: u64 = 20_000;

/// Play a file; how long it took, and what went wrong.
fn play(text: &str) -> Result<u64, String> {
    let scenario = Scenario::parse(text)?;
    let name = scenario.config();
    let config = CentreConfig::named(name).ok_or_else(|| format!("no centre is called '{name}'"))?;
    let mut stage = VirtualStage::new(config)?;
    scenario.play(&mut stage)?;
    let took = stage.centre().now().instant.as_millis();
    // whatever was left open is released, and then nothing is left
    let _ = stage.centre().command(u64::MAX, callcore::exchange::Command::Stop);
    stage.centre().heal(60_000).map_err(|broken| broken.to_string())?;
    Ok(took)
}

/// Each file names in its comments what it proves.
#[test]
fn every_scenario_goes_as_it_is_written() {
    let files = scenario_files::files();
    assert!(files.len() >= 30, "{} files", files.len());
    let mut failed = Vec::new();
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match play(&text) {
            Err(why) => failed.push(format!("{name}: {why}")),
            Ok(ms) if ms > LENGTH_MS_MAX => {
                failed.push(format!("{name}: takes {ms} ms, more than {LENGTH_MS_MAX}"))
            }
            Ok(_) => {}
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_scenario_that_does_not_go_as_written_fails_at_its_line() {
    let why = |text: &str| play(text).expect_err("it fails");
    assert!(
        why("channel 0 calls 8001\nexpect bridged within 1s")
            .starts_with("line 2: 'bridged' did not come within 1s")
    );
    assert!(why("channel 0 calls 8001\nnever queued\nwait 1s").starts_with("line 2: 'queued' came"));
    assert!(why("command agent 9 login").starts_with("line 1: agent 9 does not exist"));
    assert!(why("refused agent 1 login").starts_with("line 1: 'agent 1 login' was not refused"));
    assert!(why("channel 0 answers").starts_with("line 1: "));
    assert!(why("command call last answer").contains("has not had a call yet"));
    assert!(why("config mars").contains("no centre is called 'mars'"));
    assert!(why("\nconfig support").contains("first line"));
    assert!(
        why("dance").contains("line 1: ")
            && why("dance").contains("use wait, command, refused, expect, never")
    );
    assert!(why("command dance").contains("is not a command"));
    assert!(why("wait 5").contains("is not a time"));
    assert!(why("expect queued queue").contains("is not KEY=VALUE"));
}
