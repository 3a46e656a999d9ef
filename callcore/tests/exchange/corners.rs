//! Corners of the exchange, each once fallen into or nearly so.

use crate::desk::{BOARD, Desk, SIP, added, config, guess};
use callcore::base::Why;
use callcore::board::{BoardCall, BoardCommand, BoardEvent, Cause, ChannelId, How, Supervision};
use callcore::call::{Dequeue, Fact, OfferEnd, Party};
use callcore::exchange::{Command, Event, RecordingOutcome};
use callcore::media::{Hear, MediaEvent, Tone};

pub(crate) fn channel(index: u32) -> ChannelId {
    ChannelId { device: BOARD, index }
}

pub(crate) fn count(desk: &Desk, wanted: impl Fn(&BoardCommand) -> bool) -> usize {
    desk.board.iter().filter(|command| wanted(command)).count()
}

fn state(desk: &Desk, agent: usize) -> String {
    desk.exchange.snapshot(desk.now).agents[agent].state.to_owned()
}

/// Trunk 0 calls the queue and is answered; agent 1 (channel 4) is rung.
fn waiting(desk: &mut Desk) {
    desk.incoming(0, 1, "8001", "13800000000");
    desk.connected(0, 1);
}

/// And agent 1 answers.
pub(crate) fn talking(desk: &mut Desk) -> (u32, u64) {
    waiting(desk);
    let (index, call) = desk.made();
    assert_eq!(index, 4);
    desk.connected(index, call);
    (index, call)
}

pub(crate) fn hang_up_all(desk: &mut Desk) {
    for device in [BOARD, SIP] {
        desk.board_event(BoardEvent::DeviceRemoved { device });
    }
    desk.wait(200_000);
    desk.check_end();
}

#[test]
fn stop_is_said_once_and_the_next_arrival_finds_it_stopped() {
    let mut desk = Desk::ready(config());
    let (index, call) = talking(&mut desk);
    desk.take();
    let request = desk.command(Command::Stop).expect("it runs");
    assert!(!desk.events.iter().any(|event| matches!(event, Event::Stopped)), "two calls are open");
    let refused = desk.command(Command::AgentLogin { agent: "2".into() }).expect_err("it stops");
    assert_eq!(refused.why, Why::State);
    desk.released(index, call, Cause::NORMAL);
    desk.released(0, 1, Cause::NORMAL);
    desk.wait(60_000);
    for call in [3, 5] {
        desk.incoming(1, call, "8001", "");
        assert_eq!(
            desk.board.last(),
            Some(&BoardCommand::Drop { channel: channel(1), call: BoardCall(call), q850: 41 })
        );
    }
    let stopped = desk.events.iter().filter(|event| matches!(event, Event::Stopped)).count();
    let done = desk
        .events
        .iter()
        .filter(|event| matches!(event, Event::Done { request: it, .. } if *it == request))
        .count();
    assert_eq!((stopped, done), (1, 1));
    desk.check_end();
}

#[test]
fn the_application_answers_a_call_once_and_only_one_that_came_in() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8002", "138");
    let call = desk.offered();
    desk.command(Command::Answer { call }).expect("it is offered");
    let again = desk.command(Command::Answer { call }).expect_err("it is being answered");
    assert_eq!(again.why, Why::State);
    desk.connected(0, 1);
    assert_eq!(desk.command(Command::Answer { call }).expect_err("it is answered").why, Why::State);
    assert_eq!(count(&desk, |it| matches!(it, BoardCommand::Answer { .. })), 1);

    let to = "extension:1003".parse().expect("a target");
    desk.command(Command::Originate { to, calling: String::new() }).expect("the phone is free");
    let (index, board_call) = desk.made();
    let call = guess(1, 1);
    assert_eq!(desk.command(Command::Answer { call }).expect_err("we called").why, Why::State);
    let to = "queue:support".parse().expect("a target");
    assert_eq!(desk.command(Command::Send { call, to }).expect_err("nobody is there yet").why, Why::State);
    desk.connected(index, board_call);
    // it has no time limit any more: the application has it in hand
    desk.wait(100_000);
    assert_eq!(desk.exchange.calls_live(), 2);
    let to = "queue:support".parse().expect("a target");
    desk.command(Command::Send { call, to }).expect("somebody is there");
    hang_up_all(&mut desk);
}

#[test]
fn an_answer_that_the_application_and_a_flow_both_want_is_given_once() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8002", "138");
    let call = desk.offered();
    desk.command(Command::Answer { call }).expect("it is offered");
    desk.command(Command::Send { call, to: "flow:main".parse().expect("a target") })
        .expect("it is the application's");
    assert_eq!(count(&desk, |it| matches!(it, BoardCommand::Answer { .. })), 1);
    desk.connected(0, 1);
    assert!(desk.playing(channel(0)).is_some(), "the flow has begun");
    hang_up_all(&mut desk);
}

#[test]
fn the_end_of_a_flows_prompt_is_not_told_to_an_application_that_gets_the_call_by_it() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8000", "138");
    desk.connected(0, 1);
    desk.digit(0, 1, '3');
    desk.offered();
    assert!(!desk.events.iter().any(|event| matches!(event, Event::Played { .. })));
    hang_up_all(&mut desk);
}

#[test]
fn full_queues_that_overflow_into_each_other_end_the_call_and_not_the_program() {
    let mut desk = Desk::ready(config());
    desk.board_event(BoardEvent::Endpoint { device: SIP, address: "anna".into(), up: false });
    desk.incoming(0, 1, "8004", "138");
    desk.connected(0, 1);
    desk.take();
    desk.incoming(1, 3, "8004", "139");
    desk.connected(1, 3);
    let ended = Fact::Ended { cause: Cause::TEMPORARY_FAILURE, by: Party::System };
    desk.released(1, 3, Cause::NORMAL);
    assert_eq!(desk.take().last(), Some(&ended));
    hang_up_all(&mut desk);
}

#[test]
fn a_vendors_number_beside_a_cause_does_not_change_what_it_means() {
    let sip_480 = Cause { vendor_code: 480, how: How::Signalled, ..Cause::NO_ANSWER };
    let mut desk = Desk::ready(config());
    waiting(&mut desk);
    let (index, call) = desk.made();
    desk.alerting(index, call);
    desk.take();
    desk.released(index, call, sip_480);
    let facts = desk.take();
    let unanswered = |fact: &Fact| matches!(fact, Fact::OfferEnded { end: OfferEnd::NoAnswer, .. });
    assert!(facts.iter().any(unanswered), "{facts:?}");
    // the caller's line fails, with a number of the board's own
    desk.released(0, 1, Cause { vendor_code: -7, ..Cause::OUT_OF_ORDER });
    let facts = desk.take();
    assert!(
        facts.iter().any(|fact| matches!(fact, Fact::Dequeued { end: Dequeue::Withdrawn, .. })),
        "{facts:?}"
    );
    hang_up_all(&mut desk);
}

#[test]
fn a_new_call_on_a_channel_says_that_the_one_before_is_over() {
    let mut desk = Desk::ready(config());
    let (_, agents) = talking(&mut desk);
    desk.take();
    desk.incoming(0, 3, "8000", "139");
    let facts = desk.take();
    let unbridged = facts.iter().position(|fact| matches!(fact, Fact::Unbridged { .. }));
    let arrived = facts.iter().position(|fact| matches!(fact, Fact::Arrived { .. }));
    assert!(unbridged.is_some() && unbridged < arrived, "{facts:?}");
    desk.connected(0, 3);
    assert!(desk.playing(channel(0)).is_some());
    desk.released(4, agents, Cause::NORMAL);
    hang_up_all(&mut desk);
}

#[test]
fn glare_the_call_that_comes_in_wins_and_the_offer_goes_on_elsewhere() {
    let mut desk = Desk::ready(config());
    waiting(&mut desk);
    let (index, call) = desk.made();
    desk.take();
    desk.incoming(index, 3, "1002", "1001");
    let facts = desk.take();
    assert!(
        facts.iter().any(|fact| matches!(fact, Fact::OfferEnded { end: OfferEnd::Failed, .. })),
        "{facts:?}"
    );
    desk.board_event(BoardEvent::Refused {
        channel: channel(index),
        call: BoardCall(call),
        cause: Cause::CHANNEL_UNAVAILABLE,
    });
    assert_eq!(desk.exchange.calls_live(), 2);
    hang_up_all(&mut desk);
}

#[test]
fn a_board_that_comes_twice_has_lost_what_was_on_it() {
    let mut desk = Desk::ready(config());
    talking(&mut desk);
    desk.board_event(added(BOARD, "board", 8));
    assert_eq!(desk.open.len(), 0);
    desk.stopped_recordings.clone().into_iter().for_each(|id| {
        desk.completed(id, RecordingOutcome::Complete { duration_ms: 1 });
    });
    assert_eq!(desk.exchange.calls_live(), 0);
    hang_up_all(&mut desk);
}

#[test]
fn a_device_that_goes_while_many_ring_leaves_no_phone_ringing_for_nobody() {
    let mut desk = Desk::ready(config());
    desk.command(Command::AgentLogin { agent: "2".into() }).expect("he is logged out");
    waiting(&mut desk);
    desk.incoming(1, 3, "8001", "139");
    desk.connected(1, 3);
    // callers and agents are on the same board: all goes; the agent on the other board must not be rung by what is left
    desk.take();
    desk.board_event(BoardEvent::DeviceRemoved { device: BOARD });
    assert_eq!(desk.exchange.calls_live(), 0, "the third agent's phone is not left ringing");
    assert_eq!(state(&desk, 2), "ready");
    hang_up_all(&mut desk);
}

#[test]
fn an_agent_whose_phone_comes_back_in_mid_talk_stays_at_work() {
    let mut desk = Desk::ready(config());
    desk.command(Command::AgentLogout { agent: "1".into() }).expect("he is logged in");
    waiting(&mut desk);
    let endpoint = |up| BoardEvent::Endpoint { device: SIP, address: "anna".into(), up };
    let make = desk.board.iter().rev().find_map(|it| match it {
        BoardCommand::Make { channel, call, .. } if channel.device == SIP => Some((*channel, *call)),
        _ => None,
    });
    let (channel, call) = make.expect("anna is rung");
    desk.board_event(BoardEvent::Connected {
        channel,
        call,
        supervision: Supervision::Signalled,
        inband_digits: false,
    });
    assert_eq!(state(&desk, 2), "talking");
    desk.board_event(endpoint(false));
    desk.board_event(endpoint(true));
    desk.board_event(BoardEvent::Released { channel, call, cause: Cause::NORMAL });
    assert_eq!(state(&desk, 2), "wrap_up");
    hang_up_all(&mut desk);
}

#[test]
fn a_recording_that_is_completed_twice_or_before_it_began_is_told_once() {
    let mut desk = Desk::ready(config());
    let (index, call) = talking(&mut desk);
    let id = *desk.recording.first().expect("it is recorded");
    desk.released(index, call, Cause::NORMAL);
    desk.released(0, 1, Cause::NORMAL);
    desk.take();
    for _ in 0..2 {
        desk.completed(id, RecordingOutcome::Complete { duration_ms: 7 });
    }
    let completed = Fact::RecordingCompleted { recording: id.to_bits(), duration_ms: 7 };
    assert_eq!(desk.take(), [completed, Fact::Ended { cause: Cause::NORMAL, by: Party::Called }]);
    assert_eq!(desk.records.len(), 1);
    hang_up_all(&mut desk);
}

#[test]
fn who_is_put_on_hold_hears_music() {
    let mut desk = Desk::ready(config());
    let (index, call) = talking(&mut desk);
    assert_eq!(desk.open[&channel(0)], Hear::Channel(channel(4)));
    desk.board_event(BoardEvent::Held { channel: channel(index), call: BoardCall(call) });
    assert_eq!(desk.open[&channel(0)], Hear::Music("music".into()));
    desk.board_event(BoardEvent::Retrieved { channel: channel(index), call: BoardCall(call) });
    assert_eq!(desk.open[&channel(0)], Hear::Channel(channel(4)));
    hang_up_all(&mut desk);
}

#[test]
fn an_answered_caller_hears_why_the_called_one_cannot_be_had() {
    let tone = |cause: Cause| {
        let mut desk = Desk::ready(config());
        desk.incoming(0, 1, "8000", "138");
        desk.connected(0, 1);
        desk.digit(0, 1, '4');
        let (index, call) = desk.made();
        assert_eq!(desk.open[&channel(0)], Hear::Tone(Tone::Ringback));
        desk.released(index, call, cause);
        let heard = desk.open[&channel(0)].clone();
        desk.wait(4_000);
        assert!(matches!(desk.board.last(), Some(BoardCommand::Drop { call: BoardCall(1), .. })));
        hang_up_all(&mut desk);
        heard
    };
    assert_eq!(tone(Cause::USER_BUSY), Hear::Tone(Tone::Busy));
    assert_eq!(tone(Cause::NO_CIRCUIT), Hear::Tone(Tone::Congestion));
    assert_eq!(tone(Cause { vendor_code: 503, ..Cause::TEMPORARY_FAILURE }), Hear::Tone(Tone::Congestion));
}

#[test]
fn a_prompt_that_is_missing_is_told_and_the_flow_goes_on() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8000", "138");
    desk.connected(0, 1);
    let play = desk.playing(channel(0)).expect("it plays");
    desk.take();
    desk.media_event(MediaEvent::PlayFailed { channel: channel(0), play, name: "menu".into() });
    assert_eq!(desk.take(), [Fact::PromptMissing { name: "menu".into() }]);
    desk.wait(5_000);
    assert!(desk.playing(channel(0)).is_some(), "it waited for a key, and asks again");
    hang_up_all(&mut desk);
}

#[test]
fn more_calls_than_the_limit_are_refused_with_congestion() {
    let mut limited = config();
    limited.limits.calls_max = 1;
    let mut desk = Desk::ready(limited);
    desk.incoming(0, 1, "8000", "138");
    desk.incoming(1, 3, "8000", "139");
    assert_eq!(
        desk.board.last(),
        Some(&BoardCommand::Drop { channel: channel(1), call: BoardCall(3), q850: 42 })
    );
    assert_eq!(desk.exchange.counters().calls_refused, 1);
    let to = "extension:1003".parse().expect("a target");
    let refused = desk.command(Command::Originate { to, calling: String::new() }).expect_err("it is full");
    assert_eq!(refused.why, Why::Full);
    hang_up_all(&mut desk);
}

#[test]
fn every_agent_unreachable_at_once_is_no_endless_loop() {
    let mut many = config();
    let one = many.agent[2].clone();
    let phone = many.extension[4].clone();
    many.extension = many.extension.drain(..4).collect();
    many.agent = Vec::new();
    for place in 0..5_000 {
        let number = format!("3{place}");
        many.extension.push(callcore::route::ExtensionConfig {
            number: number.clone(),
            endpoint: Some(number.clone()),
            ..phone.clone()
        });
        many.agent.push(callcore::acd::AgentConfig {
            id: place.to_string(),
            extension: number,
            ..one.clone()
        });
    }
    let mut exchange = callcore::exchange::Exchange::new(many, Default::default()).expect("it is right");
    let mut feed = |event| {
        exchange.handle_input(Default::default(), callcore::exchange::Input::Board(event)).expect("an event")
    };
    feed(added(BOARD, "board", 8));
    feed(added(SIP, "sip", 0));
    (0..5_000).for_each(|n| feed(BoardEvent::Endpoint { device: SIP, address: format!("3{n}"), up: true }));
    let incoming = callcore::board::Incoming { called: "8001".into(), ..Default::default() };
    feed(BoardEvent::Incoming { channel: channel(0), call: BoardCall(1), incoming });
    feed(BoardEvent::Connected {
        channel: channel(0),
        call: BoardCall(1),
        supervision: Supervision::Signalled,
        inband_digits: false,
    });
    exchange.self_check().expect("no promise is broken");
    let snapshot = exchange.snapshot(Default::default());
    assert!(snapshot.agents.iter().all(|agent| agent.reason == "phone_failed"));
}

#[test]
fn a_phone_that_is_not_answered_stops_ringing_while_the_caller_hears_the_tone() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8000", "138");
    desk.connected(0, 1);
    desk.digit(0, 1, '4');
    let (index, call) = desk.made();
    desk.alerting(index, call);
    desk.wait(20_000);
    let dropped = BoardCommand::Drop { channel: channel(index), call: BoardCall(call), q850: 19 };
    assert_eq!(desk.board.last(), Some(&dropped));
    assert_eq!(desk.open[&channel(0)], Hear::Tone(Tone::Busy));
    hang_up_all(&mut desk);
}

#[test]
fn a_line_whose_release_is_not_told_is_not_used_to_call_out() {
    let mut desk = Desk::ready(config());
    desk.incoming(3, 1, "8006", "138");
    desk.wait(40_000);
    let to = "number:95551234".parse().expect("a target");
    desk.command(Command::Originate { to, calling: String::new() }).expect("there are other lines");
    assert_eq!(desk.made().0, 2, "the highest line but the doubtful one");
    hang_up_all(&mut desk);
}

#[test]
fn the_end_of_a_prompt_that_was_replaced_is_not_the_end_of_the_one_that_plays() {
    let mut desk = Desk::ready(config());
    desk.incoming(0, 1, "8000", "138");
    desk.connected(0, 1);
    let menu = desk.playing(channel(0)).expect("the menu plays");
    desk.digit(0, 1, '2');
    let number = desk.playing(channel(0)).expect("the number is asked for");
    assert_ne!(menu, number);
    desk.media_event(MediaEvent::PlayDone { channel: channel(0), play: menu });
    assert_eq!(desk.playing(channel(0)), Some(number));
    hang_up_all(&mut desk);
}
