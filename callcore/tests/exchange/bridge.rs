//! Two calls that a program joins: who hears whom, what is done to their talk, and who is left when one goes.

use crate::corners::{channel, hang_up_all};
use crate::desk::{Desk, config};
use callcore::base::Why;
use callcore::board::{BoardCommand, Cause, Digits};
use callcore::call::{CallId, Fact, Party, Side};
use callcore::exchange::{Command, Event, RecordingOutcome};
use callcore::media::{Hear, Tap};

const NONE: &[(u32, u32)] = &[];

/// Two callers, joined by the program; their calls, and the command.
fn joined(desk: &mut Desk, ends_together: bool) -> (CallId, CallId, u64) {
    let (a, b) = (desk.in_hand(0), desk.in_hand(1));
    desk.take();
    let request =
        desk.command(Command::Bridge { call: a, with: b, ends_together }).expect("both are answered");
    (a, b, request)
}

fn music() -> Hear {
    Hear::Music("music".into())
}

fn unbridged(desk: &Desk) -> Vec<(CallId, u64, Cause)> {
    let each = desk.events.iter().filter_map(|event| match event {
        Event::Unbridged { call, request, cause, .. } => Some((*call, *request, *cause)),
        _ => None,
    });
    each.collect()
}

/// Two outside lines are connected by the program, each with a record of its own.
///
/// Proves: A16.50 in part (the connection of two calls out), A21.37 in part (likewise)
#[test]
fn two_calls_are_joined_and_parted() {
    let mut desk = Desk::ready(config());
    let (a, b, request) = joined(&mut desk, false);
    assert_eq!(desk.hearing(), [(0, 1), (1, 0)]);
    let told = |it: &Event| *it == Event::Bridged { call: a, with: b, request };
    assert!(desk.events.iter().any(told), "{:?}", desk.events);
    let bridged = |with| Fact::Bridged { agent: None, number: "138".into(), with: Some(with) };
    let facts = desk.take();
    assert!(facts.starts_with(&[bridged(2), bridged(1)]), "{facts:?}");
    let recording = desk.tracks.values().next().expect("the policy records it").clone();
    assert_eq!((recording.left, recording.right), (Tap::said(channel(0)), Some(Tap::said(channel(1)))));
    for (index, board_call, call) in [(0, 1, a), (1, 3, b)] {
        desk.digit(index, board_call, '7');
        assert!(matches!(desk.events.last(), Some(Event::Digit { call: it, .. }) if *it == call));
    }
    desk.wait(9_000);
    desk.take();
    desk.command(Command::Unbridge { call: b }).expect("it is joined");
    assert_eq!(desk.hearing(), NONE);
    assert_eq!([0, 1].map(|index| desk.open[&channel(index)].clone()), [music(), music()]);
    assert_eq!(unbridged(&desk), [(a, request, Cause::NORMAL), (b, request, Cause::NORMAL)]);
    let parted = Fact::Unbridged { talk_ms: 9_000 };
    assert_eq!(desk.take(), [parted.clone(), parted]);
    desk.command(Command::StopPlay { call: a }).expect("it hears music");
    assert_eq!(desk.open[&channel(0)], Hear::Nothing);
    // they are the application's, who can do anything with them
    desk.command(Command::Play { call: a, prompts: vec!["bye".into()] }).expect("it is answered");
    desk.command(Command::Bridge { call: b, with: a, ends_together: false }).expect("once more");
    for id in desk.stopped_recordings.clone() {
        desk.completed(id, RecordingOutcome::Complete { duration_ms: 5 });
    }
    hang_up_all(&mut desk);
    assert_eq!(desk.records.len(), 2);
    assert!(
        desk.records.iter().all(|record| record.talk_ms == 9_000 && record.party.as_deref() == Some("138"))
    );
}

#[test]
fn when_one_goes_the_other_is_given_back_or_ends_as_the_command_says() {
    for ends_together in [false, true] {
        for (gone, board_call, left) in [(0, 1, 1), (1, 3, 0)] {
            let mut desk = Desk::ready(config());
            let (a, b, request) = joined(&mut desk, ends_together);
            let stays = [a, b][left as usize];
            desk.take();
            desk.released(gone, board_call, Cause::USER_BUSY);
            if ends_together {
                assert_eq!(unbridged(&desk), []);
                let drop = |it: &BoardCommand| matches!(it, BoardCommand::Drop { channel: it, q850: 17, .. } if it.index == left);
                assert!(desk.board.iter().any(drop), "{:?}", desk.board);
            } else {
                assert_eq!(unbridged(&desk), [(stays, request, Cause::USER_BUSY)]);
                assert_eq!(desk.open[&channel(left)], music());
                desk.command(Command::Send { call: stays, to: "queue:support".parse().expect("a target") })
                    .expect("it is the application's");
            }
            hang_up_all(&mut desk);
            let by = desk.records[usize::from(ends_together && gone == 1)].ended_by;
            assert!(by.is_some_and(|by| by != Party::System), "a party ended it");
        }
    }
}

#[test]
fn a_bridge_is_cancelled_by_its_number_and_once() {
    let mut desk = Desk::ready(config());
    let (a, _, request) = joined(&mut desk, true);
    desk.command(Command::Cancel { request }).expect("it lasts");
    assert_eq!(unbridged(&desk).len(), 2);
    assert_eq!(desk.command(Command::Cancel { request }).expect_err("it is over").why, Why::Gone);
    assert_eq!(desk.command(Command::Unbridge { call: a }).expect_err("it is over").why, Why::State);
    hang_up_all(&mut desk);
}

/// Whatever is done to a talk is done to this one by either call, whose own caller is always on the left.
#[test]
fn a_talk_of_two_calls_is_one_talk_whichever_is_named() {
    let mut desk = Desk::ready(config());
    let (a, b, _) = joined(&mut desk, false);
    for (call, own, other) in [(a, 0, 1), (b, 1, 0)] {
        desk.command(Command::Mute { call, party: Side::Left, on: true }).expect("they talk");
        assert_eq!(desk.hearing(), [(own, other)]);
        desk.command(Command::Mute { call, party: Side::Left, on: false }).expect("they talk");
        desk.command(Command::Hold { call, by: Side::Right, on: true }).expect("they talk");
        assert_eq!((&desk.open[&channel(own)], &desk.open[&channel(other)]), (&music(), &Hear::Nothing));
        let peer = if call == a { b } else { a };
        desk.command(Command::Hold { call: peer, by: Side::Left, on: false }).expect("it is the same hold");
        assert_eq!(desk.hearing(), [(0, 1), (1, 0)]);
        let digits = Digits::try_from("5".to_owned()).expect("keys");
        desk.command(Command::SendDigits { call, to: Side::Right, digits }).expect("the other is there");
        let sent = |it: Option<&BoardCommand>| matches!(it, Some(BoardCommand::SendDigits { channel: it, .. }) if it.index == other);
        assert!(sent(desk.board.last()));
        let sounds = callcore::media::Listens { fax: true, ..Default::default() };
        desk.command(Command::Listen { call, party: Side::Right, sounds }).expect("the other is there");
        assert!(desk.sounds[&channel(other)].fax);
        desk.command(Command::MaskRecording { call, on: call == a }).expect("it is recorded");
        assert!(desk.masked.values().all(|masked| *masked == (call == a)));
    }
    hang_up_all(&mut desk);
}

#[test]
fn a_silence_of_two_joined_calls_is_told_once() {
    let mut desk = Desk::ready(callcore::exchange::Config { long_silence_ms: 8_000, ..config() });
    joined(&mut desk, false);
    desk.wait(9_000);
    desk.take();
    for index in [1, 0, 1] {
        let heard = callcore::media::Heard::SilenceBegan { after_ms: 8_000, at_ms: 9_000 };
        desk.media_event(callcore::media::MediaEvent::Heard { channel: channel(index), heard });
    }
    assert_eq!(desk.take(), [Fact::LongSilence { silent_ms: 8_000 }]);
    hang_up_all(&mut desk);
}

#[test]
fn only_two_answered_calls_of_the_application_are_joined() {
    let mut desk = Desk::ready(config());
    let a = desk.in_hand(0);
    desk.incoming(1, 3, "8002", "139");
    let ringing = desk.offered();
    desk.incoming(2, 5, "8000", "139");
    desk.connected(2, 5);
    let in_flow = crate::desk::guess(2, 1);
    for (call, with, why) in [
        (a, a, Why::Argument),
        (a, ringing, Why::State),
        (ringing, a, Why::State),
        (a, in_flow, Why::State),
        (a, crate::desk::guess(9, 1), Why::Gone),
    ] {
        let refused =
            desk.command(Command::Bridge { call, with, ends_together: false }).expect_err("it cannot be");
        assert_eq!(refused.why, why, "{refused}");
    }
    hang_up_all(&mut desk);
}

/// The steps that the commands' documentation gives for a consultation and an attended transfer.
///
/// Proves: A19.20 in part (by a program)
#[test]
fn an_attended_transfer_is_made_of_the_commands_there_are() {
    let mut desk = Desk::ready(config());
    let bridge = |call, with| Command::Bridge { call, with, ends_together: false };
    let (a, b, _) = joined(&mut desk, false);
    desk.command(Command::Unbridge { call: a }).expect("they are joined");
    let to = "extension:1003".parse().expect("a target");
    desk.command(Command::Originate { to, calling: String::new() }).expect("the phone is free");
    let (index, board_call) = desk.made();
    desk.connected(index, board_call);
    let answered = |it: &Event| if let Event::Answered { call } = it { Some(*call) } else { None };
    let c = desk.events.iter().rev().find_map(answered).expect("it is answered");
    desk.command(bridge(b, c)).expect("both are here");
    assert_eq!(desk.hearing(), [(1, index), (index, 1)]);
    assert_eq!(desk.open[&channel(0)], music());
    desk.command(Command::Unbridge { call: b }).expect("they are joined");
    desk.command(bridge(a, c)).expect("both are here");
    desk.command(Command::Release { call: b, cause: Cause::NORMAL }).expect("it lives");
    assert_eq!(desk.hearing(), [(0, index), (index, 0)]);
    hang_up_all(&mut desk);
}
