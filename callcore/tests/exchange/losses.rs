//! What a board does not tell: releases, and events that were lost; and what it says when it says everything again.

use crate::corners::{channel, count, hang_up_all};
use crate::desk::{BOARD, Desk, SIP, config};
use callcore::board::{BoardCall, BoardCommand, BoardEvent, Cause};

/// Proves: A9.3 in part (a line whose release is never reported does not stay taken)
#[test]
fn a_release_that_is_never_told_frees_the_call_and_then_the_line_as_soon_as_the_board_is_heard() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8006", "138");
    desk.wait(39_999);
    assert_eq!(desk.exchange.calls_live(), 1);
    desk.wait(1);
    assert_eq!(desk.exchange.calls_live(), 0);
    assert_eq!(desk.exchange.snapshot(desk.now).devices[0].channels[0].state, "out_of_service");
    assert_eq!(desk.board.last(), Some(&BoardCommand::Replay { device: BOARD }));
    // it has the call still: it is told again that it is over, and the line stays out of use
    desk.incoming(0, 1, "8006", "138");
    assert!(
        matches!(desk.board.last(), Some(BoardCommand::Drop { call: BoardCall(1), .. })),
        "{:?}",
        desk.board
    );
    desk.board_event(BoardEvent::Replayed { device: BOARD, rest: true });
    assert_eq!(desk.exchange.snapshot(desk.now).devices[0].channels[0].state, "out_of_service");
    desk.released(0, 1, Cause::NORMAL);
    assert_eq!(desk.exchange.snapshot(desk.now).devices[0].channels[0].state, "idle");
    hang_up_all(&mut desk);
}

#[test]
fn a_board_that_does_not_know_a_call_we_gave_up_has_its_line_back() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8006", "138");
    desk.wait(40_000);
    desk.board_event(BoardEvent::Replayed { device: BOARD, rest: true });
    assert_eq!(desk.exchange.snapshot(desk.now).devices[0].channels[0].state, "idle");
    hang_up_all(&mut desk);
}

#[test]
fn a_loss_during_a_replay_spoils_it_and_ends_no_call() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8000", "138");
    desk.connected(0, 1);
    desk.take();
    let replays = |desk: &Desk| count(desk, |it| matches!(it, BoardCommand::Replay { .. }));
    desk.board_event(BoardEvent::Lost { device: BOARD, count: 3 });
    desk.connected(0, 1); // it is named
    desk.board_event(BoardEvent::Lost { device: BOARD, count: 3 });
    assert_eq!(replays(&desk), 1, "one at a time");
    desk.board_event(BoardEvent::Replayed { device: BOARD, rest: true });
    assert_eq!((replays(&desk), desk.exchange.calls_live()), (2, 1));
    desk.connected(0, 1);
    desk.board_event(BoardEvent::Replayed { device: BOARD, rest: true });
    assert_eq!((replays(&desk), desk.exchange.calls_live()), (2, 1));
    // a call it does not name is over
    desk.board_event(BoardEvent::Lost { device: BOARD, count: 0 });
    desk.board_event(BoardEvent::Replayed { device: BOARD, rest: true });
    assert_eq!(desk.exchange.calls_live(), 0);
    hang_up_all(&mut desk);
}

/// What was over when its end was lost is over after the replay, and what is named again goes on.
#[test]
fn blocks_alarms_and_registrations_that_are_not_said_again_are_over() {
    for (named, rest) in [(true, true), (false, true), (false, false)] {
        let mut desk = Desk::ready(config());
        let (blocked, alarmed) = (channel(1), channel(2));
        let out = [
            BoardEvent::Service { channel: blocked, up: false },
            BoardEvent::Alarm { channel: alarmed, on: true },
        ];
        out.iter().for_each(|event| desk.board_event(event.clone()));
        for device in [BOARD, SIP] {
            desk.board_event(BoardEvent::Lost { device, count: 1 });
        }
        if named {
            out.into_iter().for_each(|event| desk.board_event(event));
            desk.board_event(BoardEvent::Endpoint { device: SIP, address: "anna".into(), up: true });
        }
        for device in [BOARD, SIP] {
            desk.board_event(BoardEvent::Replayed { device, rest });
        }
        let snapshot = desk.exchange.snapshot(desk.now);
        let states: Vec<&str> =
            snapshot.devices[0].channels[..4].iter().map(|channel| channel.state).collect();
        let still = named || !rest;
        let out = if still { ["out_of_service", "alarm"] } else { ["idle"; 2] };
        assert_eq!(states, ["idle", out[0], out[1], "idle"], "named {named}, rest {rest}");
        let anna = snapshot.agents.iter().find(|agent| agent.id == "3").expect("there is one");
        assert_eq!(anna.state == "ready", still, "anna's telephone: {}", anna.state);
        hang_up_all(&mut desk);
    }
}

#[test]
fn a_replay_that_never_ends_is_given_up_and_asked_for_again_after_the_next_loss() {
    let mut desk = Desk::ready(config());
    let replays = |desk: &Desk| count(desk, |it| matches!(it, BoardCommand::Replay { .. }));
    desk.board_event(BoardEvent::Lost { device: BOARD, count: 1 });
    desk.wait(30_000);
    desk.board_event(BoardEvent::Lost { device: BOARD, count: 1 });
    assert_eq!(replays(&desk), 2);
    desk.board_event(BoardEvent::Lost { device: BOARD, count: 1 });
    desk.wait(30_000);
    assert_eq!(replays(&desk), 3, "something was lost meanwhile, so it is asked at once");
    desk.wait(30_000);
    assert_eq!(desk.exchange.poll_timeout(), None);
}
