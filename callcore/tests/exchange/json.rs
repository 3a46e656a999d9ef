//! Commands and events as JSON, which is how programs in other languages write and read them.

use crate::desk::guess;
use callcore::base::Refused;
use callcore::board::{Cause, ChannelId, DeviceId, Digit, Digits, Incoming};
use callcore::call::Side;
use callcore::exchange::{
    CollectEnd, CollectOptions, Command, Event, PlayControl, PlayEnd, RecordEnd, RecordOptions, Recorded,
};
use callcore::media::scene::Participation;
use callcore::media::{Heard, Jump, Listens, Role};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::fmt::Debug;

fn commands() -> Vec<Command> {
    let (call, by) = (guess(0, 1), guess(1, 1));
    let to = || "queue:support".parse().expect("a target");
    let record = RecordOptions {
        name: Some("mail/{date}{time}".to_owned().try_into().expect("a good name")),
        who: Recorded::Said,
        max_ms: Some(60_000),
        silence_ms: Some(3_000),
        keys: Digits::try_from("#".to_owned()).expect("keys"),
    };
    let collect = CollectOptions { prompts: vec!["pin".into()], digits_max: 4, ..CollectOptions::default() };
    let agent = || "7".to_owned();
    let digits = Digits::try_from("12".to_owned()).expect("keys");
    let port = Some(ChannelId { device: DeviceId(1), index: 2 });
    vec![
        Command::AgentLogin { agent: agent() },
        Command::AgentLogout { agent: agent() },
        Command::AgentReady { agent: agent() },
        Command::AgentNotReady { agent: agent(), reason: "tea".into() },
        Command::Answer { call },
        Command::Play { call, prompts: vec!["a".into(), "say:b".into()] },
        Command::StopPlay { call },
        Command::ControlPlay { call, control: PlayControl::Pause },
        Command::ControlPlay { call, control: PlayControl::Jump(Jump::By(-5000)) },
        Command::ControlPlay { call, control: PlayControl::Speed(150) },
        Command::Collect { call, collect },
        Command::StopCollect { call },
        Command::Record { call, record },
        Command::StopRecord { call },
        Command::MaskRecording { call, on: true },
        Command::ConnectAudio { call, port },
        Command::Hold { call, by: Side::Right, on: true },
        Command::ChangeRole { call, role: Role::Moderate },
        Command::Mute { call, party: Side::Left, on: true },
        Command::SetGain { call, party: Side::Left, said_db: -6, heard_db: 3 },
        Command::Listen { call, party: Side::Left, sounds: Listens { progress: true, ..Listens::default() } },
        Command::SendDigits { call, to: Side::Left, digits },
        Command::Bridge { call, with: by, ends_together: true },
        Command::Unbridge { call },
        Command::Transfer { call, to: to(), by: Side::Left },
        Command::Supervise { call, by, how: Participation::Whisper, party: Side::Right },
        Command::EndSupervision { by },
        Command::Intercept { call, by, party: Side::Left },
        Command::Cancel { request: 9 },
        Command::Originate { to: to(), calling: "8000".into() },
        Command::Send { call, to: to() },
        Command::Release { call, cause: Cause::USER_BUSY },
        Command::Stop,
    ]
}

fn events() -> Vec<Event> {
    let (call, with, request) = (guess(0, 1), guess(1, 1), 3);
    let hash = Digit::new(b'#').expect("a key");
    let digits = Digits::try_from("12".to_owned()).expect("keys");
    let conference = || "room".into();
    let path = || "a.wav".into();
    let incoming = Incoming { calling: "13800000000".into(), called: "8000".into(), ..Incoming::default() };
    let channel = ChannelId { device: DeviceId(1), index: 2 };
    vec![
        Event::Done { request, call: Some(call), failed: None },
        Event::Done { request, call: None, failed: Some(Refused::state("it is over")) },
        Event::Offered { call, number: 7, incoming: incoming.clone() },
        Event::Originated { call, request },
        Event::CallInfo { call, incoming },
        Event::LineMeasured { channel, voltage_mv: 48_000, current_ua: 20 },
        Event::Answered { call },
        Event::Digit { call, digit: hash },
        Event::Heard {
            call,
            party: Side::Left,
            heard: Heard::VoiceBegan { after_ms: 500, at_ms: 20, confidence: 90 },
        },
        Event::LongSilence { call, silent_ms: 60_000 },
        Event::Joined { call, conference: conference() },
        Event::Left { call, conference: conference() },
        Event::PartingAnnounced { call, left_ms: 1_000 },
        Event::Speaking { call, on: true },
        Event::Played { call, request, end: PlayEnd::Whole },
        Event::Collected { call, request, digits, end: CollectEnd::Terminator(hash) },
        Event::RecordingStarted { call, request: Some(request), path: path() },
        Event::RecordingCompleted {
            call,
            request: None,
            path: path(),
            duration_ms: 5,
            end: RecordEnd::Key(hash),
        },
        Event::RecordingFailed { call, request: None, path: path(), text: "the disk is full".into() },
        Event::Bridged { call, with, request },
        Event::Unbridged { call, with, request, cause: Cause::NORMAL },
        Event::SupervisionEnded { call, request },
        Event::Ended { call, cause: Cause::NORMAL },
        Event::Sent { call },
        Event::Stopped,
    ]
}

/// Each is read back as it was written; and those are all that there are, as the refusal of another name lists them.
fn read_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(tag: &str, all: &[T]) {
    let mut written = BTreeSet::new();
    for one in all {
        let json = serde_json::to_value(one).expect("it has a JSON form");
        written.insert(format!("`{}`", json[tag].as_str().expect("its name")));
        let text = json.to_string();
        assert_eq!(&serde_json::from_str::<T>(&text).unwrap_or_else(|why| panic!("{text}: {why}")), one);
    }
    let none = serde_json::from_str::<T>(&format!("{{\"{tag}\":\"none\"}}")).expect_err("there is no such");
    let none = none.to_string();
    let (_, known) = none.split_once("expected one of ").expect("the names");
    let known = known.split(" at line").next().unwrap_or(known).split(", ").map(str::to_owned);
    assert_eq!(written, known.collect());
}

/// A program on the web can want all that one in Rust can, and is told all of it.
/// Proves: A16.16
#[test]
fn every_command_and_every_event_is_read_back_as_it_is_written() {
    read_back("command", &commands());
    read_back("event", &events());
}

#[test]
fn what_may_be_left_out_is_as_the_documents_say() {
    let call = guess(0, 1);
    let bits = call.to_bits();
    let read = |text: &str| {
        serde_json::from_str::<Command>(&text.replace("CALL", &bits.to_string())).expect("it can be read")
    };
    assert_eq!(
        read(r#"{"command": "release", "call": CALL}"#),
        Command::Release { call, cause: Cause::NORMAL }
    );
    assert_eq!(
        read(r#"{"command": "release", "call": CALL, "cause": {"q850": 17}}"#),
        Command::Release { call, cause: Cause::USER_BUSY }
    );
    assert_eq!(
        read(r#"{"command": "collect", "call": CALL}"#),
        Command::Collect { call, collect: CollectOptions::default() }
    );
    assert_eq!(
        read(r#"{"command": "record", "call": CALL, "record": {"who": "heard"}}"#),
        Command::Record { call, record: RecordOptions { who: Recorded::Heard, ..RecordOptions::default() } }
    );
    assert_eq!(
        read(r#"{"command": "transfer", "call": CALL, "to": "extension:1001"}"#),
        Command::Transfer { call, to: "extension:1001".parse().expect("a target"), by: Side::Right }
    );
}

#[test]
fn what_is_wrong_is_told_with_its_name() {
    for (text, told) in [
        (r#"{"command": "dance"}"#, "dance"),
        (r#"{"command": "cancel"}"#, "request"),
        (r#"{"command": "cancel", "request": 1, "now": true}"#, "now"),
        (r#"{"command": "answer", "call": 7}"#, "7 is not the id of a call"),
        (r#"{"command": "send", "call": 72057598332895232, "to": "mars"}"#, "'mars' is not a target"),
        (r#"{"command": "collect", "call": 72057598332895232, "collect": {"terminators": "x"}}"#, "'x'"),
        (r#"{"command": "record", "call": 72057598332895232, "record": {"name": "../{call}"}}"#, "below"),
    ] {
        let why = serde_json::from_str::<Command>(text).expect_err(text).to_string();
        assert!(why.contains(told), "{text}: {why}");
    }
}
