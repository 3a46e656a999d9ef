//! Numbers that go out while they are dialled: what is told to the boards to the letter, and when it is given up.

use crate::corners::channel;
use crate::desk::{Desk, config};
use callcore::board::{BoardCall, BoardCommand, BoardEvent, Cause, Incoming, Step};
use callcore::call::Fact;

/// The phone of 1001 (channel 4) has dialled a 9 and a 5; the line out that has it.
fn begun() -> (Desk, u32, u64) {
    let mut config = config();
    (config.trunk_group[0].overlap, config.extension_ring_ms) = (true, 60_000);
    let mut desk = Desk::ready(config);
    let incoming = Incoming { called: "9".into(), overlap: true, ..Incoming::default() };
    desk.board_event(BoardEvent::Incoming { channel: channel(4), call: BoardCall(1), incoming });
    let asked = BoardCommand::Accept { channel: channel(4), call: BoardCall(1), step: Step::SetupAck };
    assert_eq!(desk.board, [asked], "a 9 alone goes nowhere yet");
    info(&mut desk, "95", true);
    let (index, call) = desk.made();
    let make = BoardCommand::Make {
        channel: channel(index),
        call: BoardCall(call),
        called: "5".into(),
        calling: "1001".into(),
        name: String::new(),
        via: None,
        overlap: true,
    };
    assert_eq!(desk.board[1..], [make]);
    desk.board.clear();
    desk.take();
    (desk, index, call)
}

fn info(desk: &mut Desk, called: &str, overlap: bool) {
    let incoming = Incoming { called: called.into(), overlap, ..Incoming::default() };
    desk.board_event(BoardEvent::CallInfo { channel: channel(4), call: BoardCall(1), incoming });
}

fn dial_on((index, call): (u32, u64), digits: &str, complete: bool) -> BoardCommand {
    let (channel, call) = (channel(index), BoardCall(call));
    BoardCommand::DialOn { channel, call, digits: digits.into(), complete }
}

fn proceeding() -> BoardCommand {
    BoardCommand::Accept { channel: channel(4), call: BoardCall(1), step: Step::Proceeding }
}

#[test]
fn each_digit_goes_on_until_the_far_exchange_has_enough() {
    let (mut desk, index, call) = begun();
    info(&mut desk, "95", true);
    assert_eq!(desk.board, [], "nothing new");
    info(&mut desk, "9555", true);
    assert_eq!(desk.board, [dial_on((index, call), "55", false)]);
    desk.board.clear();
    desk.board_event(BoardEvent::Proceeding { channel: channel(index), call: BoardCall(call) });
    assert_eq!(desk.board, [proceeding()]);
    let dialled = |fact: &Fact| matches!(fact, Fact::LegDialled { number, .. } if number == "555");
    assert_eq!(desk.take().iter().filter(|fact| dialled(fact)).count(), 1);
    desk.board.clear();
    info(&mut desk, "95551", true);
    assert_eq!(desk.board, [], "it takes no more");
    desk.wait(15_000);
    assert_eq!(desk.board, [], "and nobody waits for any");
}

/// An exchange that rings or answers has the number, whether it says so or not.
#[test]
fn ringing_and_an_answer_end_a_number() {
    let (mut desk, index, call) = begun();
    desk.alerting(index, call);
    assert_eq!(desk.board[0], proceeding());
    let (mut desk, index, call) = begun();
    desk.connected(index, call);
    assert_eq!(desk.board[0], proceeding());
    assert!(desk.board.contains(&BoardCommand::Answer { channel: channel(4), call: BoardCall(1) }));
}

#[test]
fn a_caller_who_dials_no_more_has_dialled_the_number() {
    // the caller's exchange says so
    let (mut desk, index, call) = begun();
    info(&mut desk, "9551", false);
    assert_eq!(desk.board, [dial_on((index, call), "51", true), proceeding()]);
    // or T302 does; then T304 gives up an exchange that says nothing of it
    let (mut desk, index, call) = begun();
    desk.wait(9_000);
    info(&mut desk, "955", true);
    desk.board.clear();
    desk.wait(9_999);
    assert_eq!(desk.board, []);
    desk.wait(1);
    assert_eq!(desk.board, [dial_on((index, call), "", true), proceeding()]);
    desk.board.clear();
    desk.wait(29_999);
    assert_eq!(desk.board, []);
    desk.wait(1);
    let drop =
        |index, call, q850| BoardCommand::Drop { channel: channel(index), call: BoardCall(call), q850 };
    assert_eq!(desk.board, [drop(index, call, 102), drop(4, 1, 102)]);
}

/// A cause of the far exchange is the caller's, too, in the middle of the number.
#[test]
fn a_number_that_is_refused_in_the_middle_ends_the_call_with_its_cause() {
    for cause in [Cause::UNALLOCATED, Cause::INVALID_NUMBER] {
        let (mut desk, index, call) = begun();
        desk.board_event(BoardEvent::Disconnected { channel: channel(index), call: BoardCall(call), cause });
        let dropped = BoardCommand::Drop { channel: channel(4), call: BoardCall(1), q850: cause.q850 };
        assert!(desk.board.contains(&dropped), "{:?}", desk.board);
        desk.wait(20_000);
        assert!(!desk.board.iter().any(|it| matches!(it, BoardCommand::DialOn { .. })));
    }
}

/// Glare: the number goes on by another line, with what there is of it by then.
#[test]
fn a_glare_in_the_middle_of_a_number_loses_none_of_it() {
    let (mut desk, index, call) = begun();
    info(&mut desk, "9555", true);
    desk.board.clear();
    let cause = Cause::GLARE;
    desk.board_event(BoardEvent::Disconnected { channel: channel(index), call: BoardCall(call), cause });
    let again = desk.made();
    assert_ne!(again.0, index);
    let makes_whole =
        |it: &BoardCommand| matches!(it, BoardCommand::Make { called, overlap: true, .. } if called == "555");
    assert!(desk.board.iter().any(makes_whole), "{:?}", desk.board);
    info(&mut desk, "95551", true);
    assert_eq!(desk.board.last(), Some(&dial_on(again, "1", false)));
}
