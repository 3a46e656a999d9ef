//! Blind transfer: one party of a talk leaves, the other goes elsewhere.

use crate::corners::{channel, hang_up_all, talking};
use crate::desk::{Desk, config, guess};
use callcore::base::Why;
use callcore::board::{BoardCall, BoardCommand, Cause};
use callcore::call::{Fact, Side};
use callcore::exchange::{Command, Event};
use callcore::media::{Hear, Tone};

fn to(text: &str) -> callcore::call::Target {
    text.parse().expect("a target")
}

/// An agent hands the caller on to another seat or outside, and is free; only in a talk.
///
/// Proves: A3.7, A12.8, A16.19 in part (transfer)
#[test]
fn an_agent_hands_the_caller_on_and_is_free() {
    for target in ["extension:1003", "number:95551234", "queue:small", "flow:main", "application"] {
        let mut desk = Desk::ready(config());
        let (index, board_call) = talking(&mut desk);
        let call = guess(0, 1);
        desk.take();
        desk.command(Command::Transfer { call, to: to(target), by: Side::Right }).expect("they talk");
        let dropped =
            |it: &BoardCommand| matches!(it, BoardCommand::Drop { call: it, .. } if it.0 == board_call);
        assert!(desk.board.iter().any(dropped));
        assert_eq!(desk.exchange.snapshot(desk.now).agents[0].state, "wrap_up");
        let heard = desk.open[&channel(0)].clone();
        match target {
            "application" => assert_eq!(desk.offered(), call),
            "flow:main" => assert!(desk.playing(channel(0)).is_some()),
            "queue:small" => assert_eq!(heard, Hear::Nothing),
            _ => assert_eq!(heard, Hear::Tone(Tone::Ringback)),
        }
        let facts = desk.take();
        let transferred = Fact::Transferred { by: Side::Right, to: target.into() };
        let place = |wanted: &Fact| facts.iter().position(|fact| fact == wanted);
        assert!(place(&Fact::Unbridged { talk_ms: 0 }) < place(&transferred), "{facts:?}");
        desk.released(index, board_call, Cause::NORMAL);
        assert_eq!(desk.exchange.calls_live(), 1, "the caller is here still");
        hang_up_all(&mut desk);
    }
}

#[test]
fn a_caller_hands_the_called_one_on_and_that_one_is_the_caller_from_then_on() {
    let mut desk = Desk::ready(config());
    // the phone of 1002 calls out
    desk.incoming(5, 1, "95551234", "1002");
    let (index, board_call) = desk.made();
    desk.connected(index, board_call);
    desk.connected(5, 1);
    let call = guess(0, 1);
    assert_eq!(desk.hearing(), [(index, 5), (5, index)]);
    desk.command(Command::Transfer { call, to: to("extension:1003"), by: Side::Left }).expect("they talk");
    assert!(desk.board.iter().any(|it| matches!(it, BoardCommand::Drop { call: BoardCall(1), .. })));
    let calling = desk.board.iter().rev().find_map(|it| match it {
        BoardCommand::Make { calling, .. } => Some(calling.clone()),
        _ => None,
    });
    assert_eq!(calling.as_deref(), Some("5551234"), "the phone shows who is on the line now");
    let (phone, phone_call) = desk.made();
    assert_eq!(phone, 6);
    desk.released(5, 1, Cause::NORMAL);
    desk.connected(phone, phone_call);
    assert_eq!(desk.hearing(), [(index, 6), (6, index)]);
    assert!(!desk.recording.is_empty(), "it is a call with the outside");
    // and hangs up as a caller does
    desk.released(index, board_call, Cause::NORMAL);
    assert!(
        desk.board.iter().any(|it| matches!(it, BoardCommand::Drop { call: it, .. } if it.0 == phone_call))
    );
    hang_up_all(&mut desk);
}

#[test]
fn of_two_joined_calls_the_one_that_transfers_ends_and_the_other_goes_on() {
    for (by, gone, stays) in [(Side::Left, 0, 1), (Side::Right, 1, 0)] {
        let mut desk = Desk::ready(config());
        let calls = [desk.in_hand(0), desk.in_hand(1)];
        desk.command(Command::Bridge { call: calls[0], with: calls[1], ends_together: true })
            .expect("answered");
        desk.take();
        desk.command(Command::Transfer { call: calls[0], to: to("queue:support"), by }).expect("they talk");
        assert_eq!(desk.open[&channel(stays)], Hear::Music("music".into()), "it waits in the queue");
        let drops =
            |it: &BoardCommand| matches!(it, BoardCommand::Drop { channel: it, .. } if it.index == gone);
        assert!(desk.board.iter().any(drops));
        let sent = |it: &Event| matches!(it, Event::Sent { call } if *call == calls[stays as usize]);
        assert!(desk.events.iter().any(sent));
        hang_up_all(&mut desk);
    }
}

#[test]
fn nobody_is_transferred_to_nowhere_or_from_where_nobody_talks() {
    let mut desk = Desk::ready(config());
    talking(&mut desk);
    let call = guess(0, 1);
    let transfer = |call, target: &str| Command::Transfer { call, to: to(target), by: Side::Right };
    assert_eq!(desk.command(transfer(call, "queue:mars")).expect_err("no such queue").why, Why::Gone);
    assert_eq!(desk.hearing(), [(0, 4), (4, 0)], "nothing has changed");
    let waiting = desk.in_hand(1);
    assert_eq!(desk.command(transfer(waiting, "queue:support")).expect_err("alone").why, Why::State);
    // the far end has answered, and the board has not said yet that the caller's line has
    desk.incoming(2, 5, "8003", "139");
    let (index, board_call) = desk.made();
    desk.connected(index, board_call);
    let early = desk.command(transfer(guess(2, 1), "queue:support")).expect_err("not answered");
    assert!(early.text.contains("not answered"), "{early}");
    hang_up_all(&mut desk);
}
