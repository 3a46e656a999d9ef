//! Whole calls through the real shell, faster than the wall clock.

use crate::centre::Centre;
use callcore::shell::store::Query;
use serde_json::json;
use std::path::{Path, PathBuf};

#[test]
fn a_caller_hears_the_menu_presses_a_key_and_talks_to_the_agent() {
    let centre = Centre::start(10.0);
    centre.act("channel 1 calls 8000 from 13800000000");
    centre.until_channel(1, "connected");
    centre.act("channel 1 digit 2");
    centre.until_controller("queue:support");
    centre.until("the agent's phone rings", |handle| {
        handle.snapshot().devices[0].channels[4].state == "alerting"
    });
    centre.act("channel 4 answers");
    centre.until_controller("agent:1");
    centre.act("channel 1 hangs up");
    centre.until("the call is over", |handle| handle.snapshot().calls.is_empty());
    let stats = centre.handle.stats();
    assert_eq!(stats.devices[0].events_malformed, 0);
    centre.node.stop().expect("it stops in an orderly way");
}

/// The one WAV file below a folder.
fn only_file(folder: &Path) -> PathBuf {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the recordings' folder is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Loudness of each track: mean of magnitudes.
fn loudness(samples: &[i16]) -> [i32; 2] {
    let mean = |side: usize| {
        let track: Vec<i32> =
            samples.iter().skip(side).step_by(2).map(|sample| i32::from(*sample).abs()).collect();
        track.iter().sum::<i32>() / track.len().max(1) as i32
    };
    [mean(0), mean(1)]
}

#[test]
fn a_talk_is_recorded_with_a_side_for_each_party() {
    let centre = Centre::start_with(5.0, |config| {
        config.recording = serde_json::from_value(json!({"outside": "always"})).expect("it is a policy");
    });
    centre.act("channel 1 calls 8000 from 13800000000");
    centre.until_channel(1, "connected");
    centre.act("channel 1 digit 2");
    centre.until_channel(4, "alerting");
    centre.act("channel 4 answers");
    centre.until_controller("agent:1");
    assert!(centre.handle.snapshot().calls[0].recorded);
    let begun = centre.handle.now();
    centre
        .until("they have talked for 3 s", |handle| handle.now().instant.millis_since(begun.instant) > 3000);
    centre.act("channel 1 hangs up");
    centre.until("the call and its recording are over", |handle| handle.snapshot().calls.is_empty());
    let file = std::fs::read(only_file(&centre.folder.path().join("recordings"))).expect("it can be read");
    let at = file.windows(4).position(|word| word == b"data").expect("it is a WAV file") + 8;
    let length = u32::from_le_bytes(file[at - 4..at].try_into().expect("four bytes")) as usize;
    assert_eq!(length, file.len() - at, "its header is final");
    let samples: Vec<i16> =
        file[at..].as_chunks::<2>().0.iter().map(|two| i16::from_le_bytes(*two)).collect();
    let seconds = samples.len() as f64 / 16_000.0;
    // frames that a busy machine was late for are not in it
    let late = centre.handle.stats().media.frames_late as f64 / 50.0;
    assert!(seconds + late > 2.5, "{seconds} s, {late} s late");
    let [left, right] = loudness(&samples);
    assert!(left > 500 && right > 500, "both are heard: {left} {right}");
    centre.node.stop().expect("it stops");
    let records = centre.handle.records(&Query::default()).expect("there is a database");
    let [record] = &records[..] else { panic!("one call, one record: {records:?}") };
    assert_eq!((record.calling.as_str(), record.called.as_str()), ("13800000000", "8000"));
    assert_eq!((record.agent.as_deref(), record.queue.as_deref()), (Some("1"), Some("support")));
    assert_eq!(record.recording_ms, Some((seconds * 1000.0) as u64));
}
