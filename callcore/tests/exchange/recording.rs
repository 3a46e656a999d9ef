//! Recordings on demand: of a caller who is alone, as voice mail is, and of talks; what ends them, and what the policy says.

use crate::corners::{channel, hang_up_all, talking};
use crate::desk::{Desk, config, guess};
use callcore::base::Why;
use callcore::board::{Cause, Digit, Digits};
use callcore::call::{CallId, Fact};
use callcore::exchange::{Command, Config, Event, RecordEnd, RecordOptions, Recorded, RecordingOutcome};
use callcore::media::{Heard, MediaEvent, Recording, RecordingId, Sound, Tap, VoiceSettings};
use callcore::record::When;

fn on_demand() -> Config {
    let mut config = config();
    config.recording.outside = When::OnDemand;
    config
}

fn mail() -> RecordOptions {
    RecordOptions {
        name: Some("mail/{dnis}/{date}{time}".to_owned().try_into().expect("a good name")),
        who: Recorded::Said,
        keys: Digits::try_from("#*".to_owned()).expect("keys"),
        ..RecordOptions::default()
    }
}

fn record(desk: &mut Desk, call: CallId, record: RecordOptions) -> u64 {
    desk.command(Command::Record { call, record }).expect("it can be recorded")
}

/// The recording that runs, and what is on it.
fn runs(desk: &Desk) -> (RecordingId, &Recording) {
    let id = *desk.recording.first().expect("it is recorded");
    (id, &desk.tracks[&id])
}

/// The recorder closes everything that was stopped.
fn closes(desk: &mut Desk) {
    for id in std::mem::take(&mut desk.stopped_recordings) {
        desk.completed(id, RecordingOutcome::Complete { duration_ms: 900 });
    }
}

fn ends(desk: &Desk) -> Vec<(Option<u64>, String, RecordEnd)> {
    let each = desk.events.iter().filter_map(|event| match event {
        Event::RecordingCompleted { request, path, end, .. } => Some((*request, path.to_string(), *end)),
        _ => None,
    });
    each.collect()
}

/// A caller leaves a message: it is in a file of its own, and a key ends it.
///
/// Proves: A19.9 in part (messages, by a program)
#[test]
fn a_message_is_recorded_until_a_key() {
    let mut desk = Desk::ready(on_demand());
    let call = desk.in_hand(0);
    desk.take();
    let request = record(&mut desk, call, mail());
    let (_, recording) = runs(&desk);
    assert_eq!((recording.left, recording.right), (Tap::said(channel(0)), None));
    let path = "mail/8002/20260105080000.wav".to_owned();
    let started = |it: &Event| matches!(it, Event::RecordingStarted { request: Some(it), path: file, .. } if *it == request && **file == *path);
    assert!(desk.events.iter().any(started), "{:?}", desk.events);
    desk.digit(0, 1, '5');
    desk.digit(0, 1, '#');
    assert!(desk.recording.is_empty(), "it is stopped");
    assert_eq!(ends(&desk), [], "and not complete");
    let ending = desk.command(Command::Cancel { request }).expect_err("it ends already");
    assert_eq!(ending.why, Why::State);
    closes(&mut desk);
    let hash = Digit::new(b'#').expect("a key");
    assert_eq!(ends(&desk), [(Some(request), path, RecordEnd::Key(hash))]);
    let told = desk.events.iter().filter(|it| matches!(it, Event::Digit { .. })).count();
    assert_eq!(told, 1, "the key that ended it is no key for anything else");
    hang_up_all(&mut desk);
    assert_eq!((desk.records[0].recording_ms, desk.records[0].recording_error.as_deref()), (Some(900), None));
}

#[test]
fn a_message_is_as_long_as_it_may_be() {
    let mut desk = Desk::ready(on_demand());
    let call = desk.in_hand(0);
    record(&mut desk, call, RecordOptions { max_ms: Some(30_000), ..mail() });
    desk.wait(29_999);
    assert_eq!(desk.recording.len(), 1);
    desk.wait(1);
    closes(&mut desk);
    assert_eq!(ends(&desk)[0].2, RecordEnd::Full);
    hang_up_all(&mut desk);
}

#[test]
fn silence_ends_a_message_however_short_a_silence_the_program_listens_for() {
    for own_ms in [None, Some(2_000), Some(9_000)] {
        let mut desk = Desk::ready(on_demand());
        let call = desk.in_hand(0);
        if let Some(silence_ms) = own_ms {
            let voice = Some(VoiceSettings { silence_ms, ..VoiceSettings::default() });
            let sounds = callcore::media::Listens { voice, ..Default::default() };
            let party = callcore::call::Side::Left;
            desk.command(Command::Listen { call, party, sounds }).expect("it lives");
        }
        record(&mut desk, call, RecordOptions { silence_ms: Some(5_000), ..mail() });
        let after_ms = own_ms.map_or(5_000, |ms| ms.min(5_000));
        assert_eq!(desk.sounds[&channel(0)].voice.map(|voice| voice.silence_ms), Some(after_ms));
        let heard = |heard| MediaEvent::Heard { channel: channel(0), heard };
        desk.media_event(heard(Heard::SilenceBegan { after_ms, at_ms: 5_000 }));
        if after_ms < 5_000 {
            desk.wait(u64::from(5_000 - after_ms) - 1);
            desk.media_event(heard(Heard::VoiceBegan { after_ms: 4_000, at_ms: 9_000, confidence: 90 }));
            desk.wait(60_000);
            assert_eq!(desk.recording.len(), 1, "somebody spoke");
            desk.media_event(heard(Heard::SilenceBegan { after_ms, at_ms: 70_000 }));
        }
        desk.wait(u64::from(5_000 - after_ms));
        closes(&mut desk);
        assert_eq!(ends(&desk)[0].2, RecordEnd::Silence);
        hang_up_all(&mut desk);
    }
}

#[test]
fn what_a_caller_hears_is_recorded_as_well() {
    for (who, left, right) in [
        (Recorded::Said, Sound::Said, None),
        (Recorded::Heard, Sound::Heard, None),
        (Recorded::Both, Sound::Said, Some(Sound::Heard)),
    ] {
        let mut desk = Desk::ready(on_demand());
        let call = desk.in_hand(0);
        record(&mut desk, call, RecordOptions { who, ..RecordOptions::default() });
        let (_, recording) = runs(&desk);
        let tap = |of| Tap { channel: channel(0), of };
        assert_eq!((recording.left, recording.right), (tap(left), right.map(tap)));
        assert!(recording.path.starts_with("20260105/"), "the policy's name: {}", recording.path);
        hang_up_all(&mut desk);
    }
}

/// A talk is recorded when somebody asks for it while it lasts.
///
/// Proves: A21.24 in part (on demand, by a command), A18.4 in part (by a command, a key, a length, a silence)
#[test]
fn a_talk_is_recorded_on_demand() {
    let mut desk = Desk::ready(on_demand());
    let (index, board_call) = talking(&mut desk);
    let call = guess(0, 1);
    assert!(desk.recording.is_empty(), "nobody has asked");
    assert_eq!(desk.command(Command::StopRecord { call }).expect_err("it is not").why, Why::State);
    let first = record(&mut desk, call, RecordOptions::default());
    let (_, recording) = runs(&desk);
    assert_eq!((recording.left, recording.right), (Tap::said(channel(0)), Some(Tap::said(channel(4)))));
    let again = desk.command(Command::Record { call, record: mail() }).expect_err("one at a time");
    assert!(again.text.contains("recorded already"), "{again}");
    desk.command(Command::MaskRecording { call, on: true }).expect("it is recorded");
    desk.command(Command::StopRecord { call }).expect("it is recorded");
    // the next begins before the recorder has closed the first, and is not masked
    let second = record(&mut desk, call, RecordOptions::default());
    assert!(!runs(&desk).1.is_masked);
    closes(&mut desk);
    desk.released(index, board_call, Cause::NORMAL);
    desk.released(0, 1, Cause::NORMAL);
    assert_eq!(desk.exchange.calls_live(), 1, "the call waits for its file");
    closes(&mut desk);
    let how: Vec<_> = ends(&desk).into_iter().map(|(request, _, end)| (request, end)).collect();
    assert_eq!(how, [(Some(first), RecordEnd::Stopped), (Some(second), RecordEnd::Ended)]);
    assert_eq!(desk.exchange.calls_live(), 0);
    hang_up_all(&mut desk);
    assert_eq!(desk.records[0].recording_ms, Some(1_800));
}

#[test]
fn the_policy_has_the_last_word() {
    let mut desk = Desk::ready(config());
    let (..) = talking(&mut desk);
    let call = guess(0, 1);
    let started = |it: &Event| matches!(it, Event::RecordingStarted { request: None, .. });
    assert!(desk.events.iter().any(started), "the policy wants it");
    let refused = desk.command(Command::StopRecord { call }).expect_err("the policy wants it");
    assert!(refused.text.contains("policy"), "{refused}");
    hang_up_all(&mut desk);
    let mut never = config();
    never.recording.outside = When::Never;
    let mut desk = Desk::ready(never);
    talking(&mut desk);
    let refused = desk.command(Command::Record { call, record: mail() }).expect_err("never");
    assert!(refused.why == Why::State && refused.text.contains("never"), "{refused}");
    hang_up_all(&mut desk);
}

#[test]
fn what_cannot_be_recorded_is_refused_with_the_reason() {
    let mut desk = Desk::ready(on_demand());
    let call = desk.in_hand(0);
    for (wrong, told) in [
        (RecordOptions { max_ms: Some(99), ..mail() }, "max_ms"),
        (RecordOptions { silence_ms: Some(60_001), ..mail() }, "silence_ms"),
    ] {
        let refused = desk.command(Command::Record { call, record: wrong }).expect_err(told);
        assert!(refused.why == Why::Argument && refused.text.contains(told), "{refused}");
    }
    desk.incoming(1, 3, "8000", "139");
    desk.connected(1, 3);
    let refused =
        desk.command(Command::Record { call: guess(1, 1), record: mail() }).expect_err("a flow has it");
    assert_eq!(refused.why, Why::State);
    desk.incoming(2, 5, "8002", "139");
    let early = desk.offered();
    let refused = desk.command(Command::Record { call: early, record: mail() }).expect_err("not answered");
    assert!(refused.text.contains("not answered"), "{refused}");
    talking_on(&mut desk);
    let silent = RecordOptions { silence_ms: Some(5_000), ..mail() };
    let refused = desk.command(Command::Record { call: guess(3, 1), record: silent }).expect_err("a talk");
    assert_eq!(refused.why, Why::Argument);
    hang_up_all(&mut desk);
}

/// The fourth call talks with an agent.
fn talking_on(desk: &mut Desk) {
    desk.incoming(3, 7, "8001", "140");
    desk.connected(3, 7);
    let (index, call) = desk.made();
    desk.connected(index, call);
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_the_next_can() {
    let mut desk = Desk::ready(on_demand());
    let call = desk.in_hand(0);
    let request = record(&mut desk, call, mail());
    let (id, _) = runs(&desk);
    desk.completed(id, RecordingOutcome::Failed { text: "no space left".into() });
    let failed = |it: &Event| matches!(it, Event::RecordingFailed { request: Some(it), text, .. } if *it == request && text == "no space left");
    assert!(desk.events.iter().any(failed), "{:?}", desk.events);
    record(&mut desk, call, mail());
    desk.command(Command::Send { call, to: "queue:support".parse().expect("a target") }).expect("it is here");
    closes(&mut desk);
    assert_eq!(ends(&desk)[0].2, RecordEnd::Ended, "it went elsewhere");
    hang_up_all(&mut desk);
}

#[test]
fn a_recorder_that_says_nothing_holds_up_no_call_for_ever() {
    let mut desk = Desk::ready(on_demand());
    let call = desk.in_hand(0);
    record(&mut desk, call, mail());
    desk.command(Command::StopRecord { call }).expect("it is recorded");
    record(&mut desk, call, mail());
    desk.take();
    desk.released(0, 1, Cause::NORMAL);
    desk.wait(29_999);
    assert_eq!(desk.exchange.calls_live(), 1);
    desk.wait(1);
    assert_eq!(desk.exchange.calls_live(), 0);
    let failed = desk.take().into_iter().filter(|it| matches!(it, Fact::RecordingFailed { .. })).count();
    assert_eq!(failed, 2);
    hang_up_all(&mut desk);
}

/// As many recordings as calls can have at a time, one that runs and one that closes: the next is refused to a program, and
/// one that the policy wants is counted; each that completes makes room for another.
#[test]
fn a_full_table_of_recordings_refuses_and_counts() {
    let mut config = config();
    (config.limits.calls_max, config.recording.outside) = (2, When::OnDemand);
    let mut desk = Desk::ready(config.clone());
    let calls = [desk.in_hand(0), desk.in_hand(1)];
    for call in calls {
        // one that closes, as the recorder is slow
        record(&mut desk, call, RecordOptions::default());
        desk.command(Command::StopRecord { call }).expect("it is recorded");
        record(&mut desk, call, RecordOptions::default());
    }
    let [call, with] = calls;
    desk.command(Command::StopRecord { call }).expect("it is recorded");
    let refused = desk.command(Command::Record { call, record: RecordOptions::default() });
    let refused = refused.expect_err("two run or close already for each of two calls");
    assert_eq!(refused.why, Why::Full, "{}", refused.text);
    assert_eq!(desk.exchange.counters().recordings_refused, 0, "who asked knows");
    closes(&mut desk);
    record(&mut desk, call, RecordOptions::default());
    desk.command(Command::StopRecord { call: with }).expect("it is recorded");
    closes(&mut desk);
    hang_up_all(&mut desk);
    // a talk that the policy wants recorded goes on without, and is counted
    config.recording.outside = When::Always;
    let mut desk = Desk::ready(config);
    let calls = [desk.in_hand(0), desk.in_hand(1)];
    for call in calls {
        for _ in 0..2 {
            record(&mut desk, call, RecordOptions::default());
            desk.command(Command::StopRecord { call }).expect("it is recorded");
        }
    }
    let [call, with] = calls;
    desk.command(Command::Bridge { call, with, ends_together: false }).expect("both are answered");
    assert_eq!(desk.exchange.counters().recordings_refused, 1);
    assert_eq!((desk.hearing(), desk.recording.len()), (vec![(0, 1), (1, 0)], 0), "they talk all the same");
    closes(&mut desk);
    hang_up_all(&mut desk);
}
