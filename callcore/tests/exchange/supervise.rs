//! Supervision: a third call listens, whispers, barges in, or takes over; who hears whom after every command.

use crate::corners::{channel, hang_up_all, talking};
use crate::desk::{Desk, config, guess};
use callcore::base::Why;
use callcore::board::{BoardCommand, Cause};
use callcore::call::{CallId, Fact, Side};
use callcore::exchange::{Command, Event};
use callcore::media::scene::Participation::{self, Barge, Listen, Whisper};
use callcore::media::{Hear, Recording, Sound, Tap};

/// The supervisor's line.
const LINE: u32 = 1;

fn supervise(call: CallId, by: CallId, how: Participation, party: Side) -> Command {
    Command::Supervise { call, by, how, party }
}

/// An agent's talk on lines 0 and 4, and a supervisor's call.
fn talk_of_an_agent(desk: &mut Desk) -> (CallId, CallId) {
    talking(desk);
    let by = desk.in_hand(LINE);
    desk.take();
    (guess(0, 1), by)
}

/// What is on the tracks of the recording that runs.
fn recorded(desk: &Desk) -> &Recording {
    &desk.tracks[desk.recording.first().expect("the recording goes on")]
}

fn ended(desk: &Desk) -> Vec<(CallId, u64)> {
    let each = desk.events.iter().filter_map(|event| match event {
        Event::SupervisionEnded { call, request } => Some((*call, *request)),
        _ => None,
    });
    each.collect()
}

/// Listening, whispering and barging in, one after the other, in the talk of an agent.
///
/// Proves: A16.8 in part (listen, barge, 3-way), A21.12 in part (listening), A21.42 in part (live listening)
#[test]
fn a_supervisor_takes_part_as_told() {
    let mut desk = Desk::ready(config());
    let (call, by) = talk_of_an_agent(&mut desk);
    let both = [(0, 4), (1, 0), (1, 4), (4, 0)];
    let cases = [
        (Listen, Side::Right, both.to_vec()),
        (Whisper, Side::Right, vec![(0, 4), (1, 0), (1, 4), (4, 0), (4, 1)]),
        (Whisper, Side::Left, vec![(0, 1), (0, 4), (1, 0), (1, 4), (4, 0)]),
        (Barge, Side::Right, vec![(0, 1), (0, 4), (1, 0), (1, 4), (4, 0), (4, 1)]),
    ];
    let mut last = 0;
    for (how, party, hearing) in cases {
        last = desk.command(supervise(call, by, how, party)).expect("they talk");
        assert_eq!(desk.hearing(), hearing, "{how:?}");
        // on the record is whom the caller hears: the supervisor, too, who barges in
        let of = if how == Barge { (channel(0), Sound::Heard) } else { (channel(4), Sound::Said) };
        let right = recorded(&desk).right.expect("both sides");
        assert_eq!((right.channel, right.of), of, "{how:?}");
        assert!(desk.take().contains(&Fact::SupervisionBegan { of: 1, how }));
    }
    desk.digit(LINE, 3, '2');
    assert!(matches!(desk.events.last(), Some(Event::Digit { call, .. }) if *call == by));
    desk.command(Command::EndSupervision { by }).expect("it supervises");
    assert_eq!(desk.hearing(), [(0, 4), (4, 0)]);
    assert_eq!(recorded(&desk).right, Some(Tap::said(channel(4))));
    assert_eq!(ended(&desk), [(by, last)]);
    assert_eq!(desk.take(), [Fact::SupervisionEnded { of: 1 }]);
    desk.command(Command::Play { call: by, prompts: vec!["bye".into()] }).expect("it is the application's");
    hang_up_all(&mut desk);
}

/// Of two joined calls the supervisor is on the side of the call that is named, or of the other.
#[test]
fn the_talk_of_two_calls_is_supervised_like_any() {
    for (named, party, hears_whisper) in [(0, Side::Right, 2), (0, Side::Left, 0), (2, Side::Right, 0)] {
        let mut desk = Desk::ready(config());
        let (a, b, by) = (desk.in_hand(0), desk.in_hand(2), desk.in_hand(LINE));
        desk.command(Command::Bridge { call: a, with: b, ends_together: false }).expect("both are answered");
        let call = if named == 0 { a } else { b };
        let request = desk.command(supervise(call, by, Whisper, party)).expect("they talk");
        let mut wanted = vec![(0, 2), (1, 0), (1, 2), (2, 0), (hears_whisper, 1)];
        wanted.sort_unstable();
        assert_eq!(desk.hearing(), wanted);
        desk.command(Command::Unbridge { call }).expect("they are joined");
        assert_eq!((desk.hearing(), ended(&desk)), (vec![], vec![(by, request)]));
        hang_up_all(&mut desk);
    }
}

#[test]
fn who_is_held_or_muted_is_so_for_the_supervisor_too() {
    let mut desk = Desk::ready(config());
    let (call, by) = talk_of_an_agent(&mut desk);
    desk.command(supervise(call, by, Barge, Side::Right)).expect("they talk");
    desk.command(Command::Mute { call, party: Side::Right, on: true }).expect("they talk");
    assert_eq!(desk.hearing(), [(0, 1), (1, 0), (4, 0), (4, 1)]);
    desk.command(Command::Hold { call, by: Side::Right, on: true }).expect("they talk");
    assert_eq!(desk.hearing(), []);
    assert_eq!(desk.open[&channel(0)], Hear::Music("music".into()));
    desk.command(Command::Hold { call, by: Side::Right, on: false }).expect("it is held");
    assert_eq!(desk.hearing(), [(0, 1), (1, 0), (4, 0), (4, 1)]);
    hang_up_all(&mut desk);
}

#[test]
fn a_supervision_ends_once_however_it_ends() {
    type End = fn(&mut Desk, CallId, u64);
    let ends: [(End, bool); 4] = [
        (
            |desk, _, request| {
                desk.command(Command::Cancel { request }).expect("it lasts");
            },
            true,
        ),
        (|desk, _, _| desk.released(0, 1, Cause::NORMAL), true),
        (
            |desk, call, _| {
                let to = "queue:small".parse().expect("a target");
                desk.command(Command::Transfer { call, to, by: Side::Right }).expect("they talk");
            },
            true,
        ),
        // the supervisor's own call is told as any that ends
        (|desk, _, _| desk.released(LINE, 3, Cause::NORMAL), false),
    ];
    for (end, is_given_back) in ends {
        let mut desk = Desk::ready(config());
        let (call, by) = talk_of_an_agent(&mut desk);
        let request = desk.command(supervise(call, by, Listen, Side::Right)).expect("they talk");
        desk.take();
        end(&mut desk, call, request);
        assert_eq!(ended(&desk).len(), usize::from(is_given_back));
        let facts = desk.take();
        let told = facts.iter().filter(|fact| matches!(fact, Fact::SupervisionEnded { .. })).count();
        assert_eq!(told, 1, "{facts:?}");
        assert_eq!(desk.command(Command::Cancel { request }).expect_err("it is over").why, Why::Gone);
        hang_up_all(&mut desk);
    }
}

/// A supervisor takes a caller over: the agent is out, and free for the next.
///
/// Proves: A21.33 in part (intercept), A21.41 in part (listen, intercept, grab)
#[test]
fn a_supervisor_takes_the_caller_over() {
    for listens_first in [false, true] {
        let mut desk = Desk::ready(config());
        let (call, by) = talk_of_an_agent(&mut desk);
        if listens_first {
            desk.command(supervise(call, by, Listen, Side::Right)).expect("they talk");
        }
        desk.command(Command::Intercept { call, by, party: Side::Right }).expect("they talk");
        assert_eq!(desk.hearing(), [(0, 1), (1, 0)]);
        assert_eq!(ended(&desk).len(), usize::from(listens_first));
        assert!(
            desk.board
                .iter()
                .any(|it| matches!(it, BoardCommand::Drop { channel, .. } if channel.index == 4))
        );
        assert_eq!(desk.exchange.snapshot(desk.now).agents[0].state, "wrap_up");
        assert!(desk.take().contains(&Fact::Intercepted { of: 1 }));
        // they end together, as two parties of a talk do
        desk.released(LINE, 3, Cause::NORMAL);
        assert!(
            desk.board
                .iter()
                .any(|it| matches!(it, BoardCommand::Drop { channel, .. } if channel.index == 0))
        );
        hang_up_all(&mut desk);
    }
}

#[test]
fn one_supervises_one_talk_from_a_call_of_the_application() {
    let mut desk = Desk::ready(config());
    let (call, by) = talk_of_an_agent(&mut desk);
    let second = desk.in_hand(2);
    desk.command(supervise(call, by, Listen, Side::Right)).expect("they talk");
    let refused = desk.command(supervise(call, second, Listen, Side::Right)).expect_err("one at a time");
    assert_eq!(refused.why, Why::Busy);
    assert_eq!(
        desk.command(supervise(by, second, Listen, Side::Right)).expect_err("no talk").why,
        Why::State
    );
    assert_eq!(desk.command(supervise(call, call, Listen, Side::Right)).expect_err("itself").why, Why::State);
    assert_eq!(
        desk.command(Command::EndSupervision { by: second }).expect_err("it does not").why,
        Why::State
    );
    let alone = Command::Intercept { call: second, by, party: Side::Right };
    assert_eq!(desk.command(alone).expect_err("no talk").why, Why::State);
    desk.command(Command::EndSupervision { by }).expect("it supervises");
    desk.command(supervise(call, second, Barge, Side::Right)).expect("the first has gone");
    hang_up_all(&mut desk);
}
