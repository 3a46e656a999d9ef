//! The application's side of the shell: commands, events, refusals, and what is left after a stop.

use crate::centre::{self, Centre};
use callcore::base::Why;
use callcore::board::Cause;
use callcore::call::CallId;
use callcore::exchange::{Command, Event, PlayControl};
use callcore::ledger::Entry;
use callcore::shell::{DeviceSettings, Failed, Handle, Node, Settings};
use serde_json::json;

fn offered(events: &crossbeam_channel::Receiver<Event>) -> (CallId, u64) {
    match Centre::event(events, "offer", |event| matches!(event, Event::Offered { .. })) {
        Event::Offered { call, number, .. } => (call, number),
        other => unreachable!("just looked: {other:?}"),
    }
}

#[test]
fn a_program_answers_plays_and_releases() {
    let centre = Centre::start(10.0);
    let events = centre.handle.events();
    centre.act("channel 2 calls 9000 from 13800000000");
    let (call, _) = offered(&events);
    let request = centre.handle.command(Command::Answer { call }).expect("it is the application's");
    Centre::event(
        &events,
        "done",
        |event| matches!(event, Event::Done { request: it, .. } if *it == request),
    );
    Centre::event(&events, "answer", |event| matches!(event, Event::Answered { call: it } if *it == call));
    let play = |name: &str| Command::Play { call, prompts: vec![name.into()] };
    centre.handle.command(play("welcome")).expect("it can be played");
    Centre::event(&events, "end of the prompt", |event| matches!(event, Event::Played { .. }));
    // a recording, here of another program, played back by its path
    centre::write_prompt(&centre.folder.path().join("recordings"), "message", 10_000);
    centre.handle.command(play("recording:message.wav")).expect("it can be played");
    centre.handle.command(Command::ControlPlay { call, control: PlayControl::Speed(200) }).expect("it plays");
    Centre::event(&events, "end of the recording", |event| matches!(event, Event::Played { .. }));
    centre.handle.command(play("nothing")).expect("its name is looked up later");
    Centre::event(&events, "end of a prompt that is missing", |event| matches!(event, Event::Played { .. }));
    centre.act("channel 2 digit 5");
    let key = Centre::event(&events, "key", |event| matches!(event, Event::Digit { .. }));
    assert!(matches!(key, Event::Digit { digit, .. } if digit.char() == '5'), "{key:?}");
    centre.handle.command(Command::Release { call, cause: Cause::NORMAL }).expect("it lives");
    Centre::event(&events, "end", |event| matches!(event, Event::Ended { call: it, .. } if *it == call));
    let refused = centre.handle.command(Command::Answer { call }).expect_err("it is over");
    assert!(matches!(refused.why, Why::Gone | Why::State), "{refused}");
    assert_eq!(centre.handle.stats().events_lost, 0);
    centre.node.stop().expect("it stops");
}

/// A program that never touches a call follows it by its facts.
///
/// Proves: A19.13 in part (call and recording information for a program)
#[test]
fn a_program_follows_every_call_by_its_facts() {
    let centre = Centre::start(10.0);
    let facts = centre.handle.facts();
    centre.act("channel 1 calls 8000 from 13800000000");
    let mut seen: Vec<Entry> = Vec::new();
    let mut until = |wanted: &str| {
        while seen.last().is_none_or(|entry| !entry.to_line().contains(wanted)) {
            seen.push(facts.recv_timeout(centre::LIMIT).expect(wanted));
        }
    };
    until("node_entered");
    centre.act("channel 1 digit 2");
    until("leg_alerting");
    centre.act("channel 4 answers");
    until("recording_started");
    centre.act("channel 1 hangs up");
    until("\"ended\"");
    assert!(seen.windows(2).all(|pair| pair[0].seq + 1 == pair[1].seq), "none is missing: {seen:?}");
    let written = std::fs::read_dir(centre.folder.path().join("journal")).expect("it is there");
    let written: String =
        written.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok()).collect();
    assert!(
        seen.iter().all(|entry| written.contains(&entry.to_line())),
        "each was written before it was told"
    );
    assert_eq!(centre.handle.stats().facts_lost, 0);
    centre.node.stop().expect("it stops");
    assert!(facts.iter().last().is_some_and(|entry| entry.to_line().contains("stopped")), "nothing follows");
}

#[test]
fn a_stop_releases_what_lives_and_the_next_run_goes_on_counting() {
    let centre = Centre::start(10.0);
    let (events, handle) = (centre.handle.events(), centre.handle.clone());
    centre.act("channel 1 calls 8000");
    centre.act("channel 2 calls 9000");
    let (_, number) = offered(&events);
    centre.until_channel(1, "connected");
    centre.node.stop().expect("it stops in an orderly way");
    Centre::event(&events, "end", |event| matches!(event, Event::Ended { .. }));
    Centre::event(&events, "stop", |event| matches!(event, Event::Stopped));
    assert!(events.recv().is_err(), "nothing follows");
    let refused = handle.command(Command::Stop).expect_err("there is nobody");
    assert_eq!(refused.why, Why::Gone);
    assert!(handle.snapshot().devices.is_empty());

    let node =
        Node::start(centre::config(), centre::settings(centre.folder.path(), 10.0)).expect("it starts again");
    let again = Centre { handle: node.handle(), node, folder: centre.folder };
    let events = again.handle.events();
    again.until("the device is there", |handle| handle.snapshot().devices.len() == 1);
    again.act("channel 2 calls 9000");
    assert_eq!(offered(&events).1, number.max(2) + 1);
    again.node.stop().expect("it stops");
}

#[test]
fn who_listens_from_the_start_is_told_everything() {
    let folder = centre::folder();
    let settings = centre::settings(folder.path(), 10.0);
    let (node, facts) = Node::start_with(centre::config(), settings, Handle::facts).expect("it starts");
    node.stop().expect("it stops");
    let numbers: Vec<u64> = facts.iter().map(|entry| entry.seq).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert!(!numbers.is_empty());
}

#[test]
fn a_device_that_goes_takes_its_calls_along() {
    let centre = Centre::start(10.0);
    centre.act("channel 1 calls 8000");
    centre.until_channel(1, "connected");
    centre.act("device removed");
    centre.until("its calls are over", |handle| handle.snapshot().calls.is_empty());
    centre.node.stop().expect("it stops");
}

#[test]
fn an_end_without_a_stop_is_orderly_too() {
    let centre = Centre::start(10.0);
    let events = centre.handle.events();
    centre.act("channel 1 calls 8000");
    centre.until_channel(1, "connected");
    drop(centre.node);
    Centre::event(&events, "stop", |event| matches!(event, Event::Stopped));
}

fn refusal(change: impl FnOnce(&mut Settings)) -> Failed {
    let folder = centre::folder();
    let mut settings = centre::settings(folder.path(), 10.0);
    change(&mut settings);
    Node::start(centre::config(), settings).err().expect("this must not start")
}

#[test]
fn settings_that_cannot_be_are_told() {
    let tells = |failed: Failed, parts: &[&str]| {
        let text = failed.to_string();
        parts.iter().for_each(|part| assert!(text.contains(part), "{part} is not in: {text}"));
    };
    tells(refusal(|settings| settings.speed = 0.0), &["speed", "0.1 to 1000"]);
    tells(refusal(|settings| settings.country = "xx".into()), &["country", "xx", " cn ", " us "]);
    tells(refusal(|settings| settings.devices.push(centre::sim(&json!({})))), &["device.name", "'sim'"]);
    tells(refusal(|settings| settings.prompts_dir = "nowhere".into()), &["menu.wav", "nowhere", "flow.main"]);
    let unknown = DeviceSettings::new("x", "simm", json!({}));
    tells(refusal(|settings| settings.devices.push(unknown)), &["device x", "simm", "built in are sim"]);
    let wrong = centre::sim(&json!({"people": "sometimes"}));
    tells(refusal(|settings| settings.devices = vec![wrong]), &["device sim", "people", "sometimes"]);
    let words = |settings: &mut Settings| {
        std::fs::write(settings.prompts_dir.join("words.wav"), "words")
            .expect("a temporary folder can be written");
    };
    tells(refusal(words), &["words.wav", "RIFF"]);
}
