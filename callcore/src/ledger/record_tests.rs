//! Call records against ledgers computed by hand, and against every way a call can go.

use super::super::fixture::{Script, leg_channel};
use super::*;

/// Proves: A21.30
#[test]
fn an_agents_call_has_every_field() {
    let mut script = Script::new();
    script.arrive(1, "0041441234567", "8000");
    script.at(100).fact(1, Fact::Routed { to: "flow:main".into() });
    script.at(200).fact(1, Fact::Answered);
    script.fact(1, Fact::NodeEntered { flow: "main".into(), node: "menu".into() });
    script.at(3_000).fact(1, Fact::DigitReceived { digit: crate::board::Digit::new(b'2').expect("a key") });
    script.at(4_000).queued(1, "support").offered(1, "support", "7");
    script.at(9_000).answered(1, "support", "7", 5_000, 5_000);
    script.fact(1, Fact::RecordingStarted { recording: 5, path: "2026/a.wav".into() });
    script.at(20_000).fact(1, Fact::LegHeld { leg: 9 });
    script.fact(1, Fact::RecordingGap { recording: 5, frames: 3 });
    script.at(69_000).fact(1, Fact::Unbridged { talk_ms: 60_000 });
    script.fact(1, Fact::RecordingCompleted { recording: 5, duration_ms: 59_980 });
    script.at(69_500).ended(1, Cause::NORMAL, Party::Caller);

    let mut records = Records::new();
    let found: Vec<_> = script.entries.iter().filter_map(|entry| records.push(entry)).collect();
    let started = script.wall_at(0);
    let mut expected = empty(1, started);
    expected.calling = "0041441234567".into();
    expected.called = "8000".into();
    expected.via = "trunk".into();
    expected.channel = leg_channel().to_string();
    expected.answered = Some(script.wall_at(200));
    expected.ended = script.wall_at(69_500);
    (expected.duration_ms, expected.connected_ms) = (69_500, 69_300);
    (expected.flow, expected.node) = (Some("main".into()), Some("menu".into()));
    expected.digits = "2".into();
    expected.queue = Some("support".into());
    (expected.queue_ms, expected.ring_ms, expected.offers) = (5_000, Some(5_000), 1);
    (expected.agent, expected.party) = (Some("7".into()), Some("1007".into()));
    (expected.talk_ms, expected.holds, expected.gap_frames) = (60_000, 1, 3);
    (expected.recording, expected.recording_ms) = (Some("2026/a.wav".into()), Some(59_980));
    (expected.cause_q850, expected.cause) = (Some(16), Some("normal call clearing".into()));
    (expected.ended_by, expected.outcome) = (Some(Party::Caller), Outcome::AnsweredByAgent);
    assert_eq!(found, [expected]);
    assert_eq!(records.open().len(), 0);
}

#[test]
fn the_json_names_are_stable_and_are_read_back() {
    let record = empty(7, WallTime(5));
    let json = serde_json::to_value(&record).expect("a record has a JSON form");
    let names: Vec<_> = json.as_object().expect("an object").keys().cloned().collect();
    let mut expected: Vec<_> = "call direction calling called name via channel internal started answered ended \
        duration_ms connected_ms flow node digits queue queue_ms ring_ms offers agent party talk_ms holds recording \
        recording_ms recording_error gap_frames cause_q850 cause ended_by outcome"
        .split_whitespace()
        .collect();
    expected.sort_unstable();
    let mut names: Vec<_> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(serde_json::from_value::<CallRecord>(json).expect("its own form"), record);
}

fn outcome(play: impl FnOnce(&mut Script)) -> CallRecord {
    let mut script = Script::new();
    script.arrive(1, "1001", "8000");
    play(&mut script);
    let mut records = Records::new();
    let mut found: Vec<_> = script.entries.iter().filter_map(|entry| records.push(entry)).collect();
    assert_eq!(found.len(), 1, "one call, one record");
    found.pop().expect("one")
}

#[test]
fn every_outcome_has_its_ledger() {
    let by_agent = |script: &mut Script| {
        script.queued(1, "q").offered(1, "q", "7").answered(1, "q", "7", 10, 10);
    };
    let wait_ends = |end| {
        move |script: &mut Script| {
            script
                .fact(1, Fact::Answered)
                .queued(1, "q")
                .fact(1, Fact::Dequeued { queue: "q".into(), end, wait_ms: 5 });
        }
    };
    let ring = |script: &mut Script| {
        let (role, channel) = (Role::Called, leg_channel());
        script.fact(1, Fact::LegBegun { leg: 4, role, number: "1002".into(), channel });
    };
    let end = |by| {
        move |script: &mut Script| {
            script.ended(1, Cause::NORMAL, by);
        }
    };
    let of = |first: &dyn Fn(&mut Script), last: &dyn Fn(&mut Script)| {
        outcome(|script| {
            first(script);
            last(script);
        })
        .outcome
    };
    let nothing = |_: &mut Script| {};
    let (caller, system, failure) = (end(Party::Caller), end(Party::System), end(Party::Failure));
    let one = |fact: Fact| {
        move |script: &mut Script| {
            script.fact(1, fact.clone());
        }
    };
    let cut = one(Fact::CutOff);
    let bridged = one(Fact::Bridged { agent: None, number: "1002".into(), with: None });
    let code = one(Fact::Routed { to: "agent:login".into() });
    assert_eq!(of(&by_agent, &caller), Outcome::AnsweredByAgent);
    assert_eq!(of(&by_agent, &failure), Outcome::AnsweredByAgent);
    assert_eq!(of(&by_agent, &cut), Outcome::CutOff);
    assert_eq!(of(&bridged, &caller), Outcome::AnsweredByExtension);
    assert_eq!(of(&wait_ends(Dequeue::Abandoned), &caller), Outcome::Abandoned);
    assert_eq!(of(&wait_ends(Dequeue::Abandoned), &failure), Outcome::Failed);
    assert_eq!(of(&wait_ends(Dequeue::TimedOut), &system), Outcome::TimedOut);
    assert_eq!(of(&wait_ends(Dequeue::Refused), &system), Outcome::Refused);
    assert_eq!(of(&ring, &system), Outcome::NotAnswered);
    assert_eq!(of(&one(Fact::Answered), &caller), Outcome::SelfService);
    assert_eq!(of(&code, &system), Outcome::SelfService);
    assert_eq!(of(&nothing, &system), Outcome::Refused);
    assert_eq!(of(&nothing, &caller), Outcome::NotAnswered);
    assert_eq!(of(&nothing, &failure), Outcome::Failed);
}

#[test]
fn a_call_that_was_cut_off_ends_with_its_last_fact() {
    let record = outcome(|script| {
        script.at(1_000).fact(1, Fact::Answered).queued(1, "q").offered(1, "q", "7");
        script.at(3_000).answered(1, "q", "7", 2_000, 2_000);
        script.at(8_000).fact(1, Fact::LegHeld { leg: 1 });
        script.at(60_000).fact(1, Fact::CutOff);
    });
    assert_eq!((record.duration_ms, record.connected_ms, record.talk_ms), (8_000, 7_000, 5_000));
    assert_eq!((record.outcome, record.ended_by, record.cause), (Outcome::CutOff, None, None));
    assert!(record.internal, "1001 is an extension");
}

#[test]
fn nothing_follows_the_end_and_nothing_comes_before_the_begin() {
    let mut script = Script::new();
    script.fact(2, Fact::Answered).ended(2, Cause::NORMAL, Party::Caller);
    script.arrive(1, "", "").ended(1, Cause::NORMAL, Party::Caller);
    script.fact(1, Fact::CutOff).ended(1, Cause::NORMAL, Party::Caller);
    let mut records = Records::new();
    assert_eq!(script.entries.iter().filter_map(|entry| records.push(entry)).count(), 1);
}

#[test]
fn random_days_give_each_call_one_record() {
    for seed in 0..50 {
        let script = Script::day(seed, 60);
        let mut records = Records::new();
        let mut found: Vec<_> =
            script.entries.iter().filter_map(|entry| records.push(entry)).map(|it| it.call).collect();
        found.sort_unstable();
        assert_eq!(found, (1..=60).collect::<Vec<_>>(), "seed {seed}");
        assert_eq!(records.open_recordings().count(), 0);
    }
}
