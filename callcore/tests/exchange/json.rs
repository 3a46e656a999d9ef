//! Commands and events as JSON, which is how programs in other languages write and read them.

use crate::desk::guess;
use callcore::board::{Cause, Digit, Digits};
use callcore::call::Side;
use callcore::exchange::{
    CollectEnd, CollectOptions, Command, Event, PlayControl, PlayEnd, RecordEnd, RecordOptions, Recorded,
};
use callcore::media::scene::Participation;
use callcore::media::{Jump, Role};

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
    vec![
        Command::AgentNotReady { agent: "7".into(), reason: "tea".into() },
        Command::Play { call, prompts: vec!["a".into(), "say:b".into()] },
        Command::ControlPlay { call, control: PlayControl::Pause },
        Command::ControlPlay { call, control: PlayControl::Jump(Jump::By(-5000)) },
        Command::ControlPlay { call, control: PlayControl::Speed(150) },
        Command::Collect { call, collect },
        Command::Record { call, record },
        Command::ChangeRole { call, role: Role::Moderate },
        Command::Bridge { call, with: by, ends_together: true },
        Command::Transfer { call, to: to(), by: Side::Left },
        Command::Supervise { call, by, how: Participation::Whisper, party: Side::Right },
        Command::Intercept { call, by, party: Side::Left },
        Command::Cancel { request: 9 },
        Command::Send { call, to: to() },
        Command::Release { call, cause: Cause::USER_BUSY },
        Command::Stop,
    ]
}

#[test]
fn what_is_written_is_read_back() {
    for command in commands() {
        let text = serde_json::to_string(&command).expect("it has a JSON form");
        assert_eq!(
            serde_json::from_str::<Command>(&text).unwrap_or_else(|why| panic!("{text}: {why}")),
            command
        );
    }
    let (call, request) = (guess(0, 1), 3);
    let hash = Digit::new(b'#').expect("a key");
    let digits = Digits::try_from("12".to_owned()).expect("keys");
    let (path, end) = ("a.wav".into(), RecordEnd::Key(hash));
    let events = [
        Event::Done { request, call: Some(call), failed: None },
        Event::Played { call, request, end: PlayEnd::Whole },
        Event::Collected { call, request, digits, end: CollectEnd::Terminator(hash) },
        Event::RecordingCompleted { call, request: None, path, duration_ms: 5, end },
        Event::Unbridged { call, with: guess(1, 1), request, cause: Cause::NORMAL },
        Event::Stopped,
    ];
    for event in events {
        let text = serde_json::to_string(&event).expect("it has a JSON form");
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap_or_else(|why| panic!("{text}: {why}")), event);
    }
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
