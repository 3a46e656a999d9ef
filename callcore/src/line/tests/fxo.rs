//! What happens on a line of the public exchange.

use super::super::{Direction, HangUpBy};
use super::*;
use crate::board::{Dialling, How, Incoming, Supervision};

fn by(hang_up_by: &[HangUpBy]) -> LineConfig {
    LineConfig { hang_up_by: hang_up_by.to_vec(), ..LineConfig::default() }
}

fn plain() -> Bench {
    Bench::new(Port::Fxo { supervised: false }, by(&[HangUpBy::Tone]))
}

fn found(cause: Cause, how: How) -> Cause {
    Cause { how, ..cause }
}

fn connected(call: BoardCall, supervision: Supervision) -> BoardEvent {
    BoardEvent::Connected { channel: CHANNEL, call, supervision, inband_digits: false }
}

/// One ring, and the call is offered as the wait for the caller's number is over.
fn offered(bench: &mut Bench) -> BoardCall {
    bench.event(LineEvent::RingOn).wait(1_000).event(LineEvent::RingOff).wait(3_000);
    bench.incoming()
}

fn answered(bench: &mut Bench) -> BoardCall {
    let call = offered(bench);
    bench.command(answer(call));
    call
}

/// A call out whose number has been dialled.
fn dialled(bench: &mut Bench, call: u64) -> BoardCall {
    bench.command(make(call, "5551234")).wait(500).tone(Tone::Dial).wait(1_400);
    BoardCall(call)
}

/// Proves: A9.1 in part (the analogue column: never answered before the first ring is over)
#[test]
fn the_caller_is_told_after_the_first_ring_and_not_before() {
    let mut bench = plain();
    bench.event(LineEvent::RingOn).wait(1_000);
    assert_eq!(bench.take(), []);
    bench.event(LineEvent::RingOff).wait(800).event(caller_id("13800000000"));
    let incoming = Incoming { calling: "13800000000".into(), name: "Zhang".into(), ..Incoming::default() };
    let call = bench.incoming();
    assert_eq!(bench.take(), [BoardEvent::Incoming { channel: CHANNEL, call, incoming }]);
    assert_eq!(bench.take_told(), [], "nobody has answered");
}

#[test]
fn a_number_that_does_not_come_is_waited_for_and_one_that_comes_late_is_told() {
    let mut bench = plain();
    bench.event(LineEvent::RingOn).wait(1_000).event(LineEvent::RingOff).wait(2_999);
    assert_eq!(bench.take(), []);
    bench.wait(1);
    let call = bench.incoming();
    assert_eq!(bench.take().len(), 1);
    bench.event(caller_id("5550000"));
    let incoming = Incoming { calling: "5550000".into(), name: "Zhang".into(), ..Incoming::default() };
    assert_eq!(bench.take(), [BoardEvent::CallInfo { channel: CHANNEL, call, incoming }]);
}

#[test]
fn a_number_told_before_the_ring_belongs_to_it_for_a_while() {
    for (pause_ms, known) in [(7_000, "5550000"), (9_000, "")] {
        let mut bench = plain();
        bench.event(polarity(true)).event(caller_id("5550000")).wait(pause_ms);
        bench.event(LineEvent::RingOn).wait(1_000).event(LineEvent::RingOff).wait(3_000);
        let BoardEvent::Incoming { incoming, .. } = &bench.take()[0] else { panic!("a call") };
        assert_eq!(incoming.calling, known, "after {pause_ms} ms");
    }
}

#[test]
fn the_second_ring_ends_the_wait_and_a_lost_end_of_a_ring_does_not_hang() {
    let mut bench = plain();
    bench.event(LineEvent::RingOn).event(LineEvent::RingOn);
    assert_eq!(bench.take().len(), 1);
    let mut bench = plain();
    bench.event(LineEvent::RingOn).wait(6_500);
    assert_eq!(bench.take().len(), 1);
}

#[test]
fn a_caller_who_rings_no_more_has_gone() {
    let mut bench = plain();
    let call = offered(&mut bench);
    bench.event(LineEvent::RingOn).wait(1_000).event(LineEvent::RingOff).wait(6_499);
    assert_eq!(bench.take().len(), 1);
    bench.wait(1);
    assert_eq!(bench.take(), [disconnected(call, Cause::NORMAL)]);
    // the answer that was on its way finds nobody
    bench.command(answer(call)).command(drop_call(call));
    assert_eq!(bench.take(), [released(call, Cause::NORMAL)]);
    assert_eq!(bench.take_told(), [], "the line was never off hook");
}

#[test]
fn a_caller_who_has_gone_in_the_moment_of_the_answer_is_found_out_by_the_dial_tone() {
    let mut bench = plain();
    let call = answered(&mut bench);
    bench.take();
    bench.wait(700).tone(Tone::Dial);
    assert_eq!(bench.take(), [disconnected(call, found(Cause::NORMAL, How::Tone))]);
}

#[test]
fn dropping_an_unanswered_call_lets_it_ring_on() {
    let mut bench = plain();
    let call = offered(&mut bench);
    bench.command(drop_call(call));
    assert_eq!(bench.take().pop(), Some(released(call, Cause::NORMAL)));
    bench.event(LineEvent::RingOn).wait(1_000).event(LineEvent::RingOff);
    assert_eq!(bench.take(), []);
    assert!(bench.line.is_busy());
    bench.command(make(2, "1"));
    let refused = BoardEvent::Refused { channel: CHANNEL, call: BoardCall(2), cause: Cause::GLARE };
    assert_eq!(bench.take(), [refused]);
    bench.wait(6_500);
    assert!(!bench.line.is_busy());
}

/// Proves: A9.3 in part (the machine: each way in which an exchange tells, or does not tell, the far end's hang-up)
#[test]
fn the_far_end_hangs_up_in_each_way() {
    let silence = Heard::SilenceBegan { after_ms: 60_000, at_ms: 0 };
    type Sign<'a> = &'a dyn Fn(&mut Bench);
    let ways: [(HangUpBy, Sign<'_>, How); 4] = [
        (HangUpBy::Polarity, &|bench| bench.event(polarity(true)).rest(), How::Loop),
        (HangUpBy::Loop, &|bench| bench.event(loop_state(false, false)).rest(), How::Loop),
        (HangUpBy::Tone, &|bench| bench.tone(Tone::Busy).rest(), How::Tone),
        (HangUpBy::Silence, &|bench| bench.heard(silence).rest(), How::Silence),
    ];
    for (policy, _, _) in &ways {
        for (sign, shown, how) in &ways {
            let mut bench = Bench::new(Port::Fxo { supervised: false }, by(&[*policy]));
            let call = answered(&mut bench);
            bench.wait(10_000).take();
            shown(&mut bench);
            let expected = disconnected(call, found(Cause::NORMAL, *how));
            let ends = bench.take().contains(&expected);
            assert_eq!(ends, policy == sign, "{sign:?} on a line that hangs up by {policy:?}");
        }
    }
}

#[test]
fn a_line_that_tells_nothing_is_free_only_after_we_have_hung_up() {
    let mut bench = plain();
    let call = answered(&mut bench);
    bench.take();
    bench.wait(3_600_000);
    assert_eq!(bench.take(), [], "nobody has said anything");
    bench.command(drop_call(call)).wait(999);
    assert_eq!(bench.take(), [], "the exchange needs a moment to see it");
    bench.wait(1);
    assert_eq!(bench.take(), [released(call, Cause::NORMAL)]);
    let hooks = [LineCommand::Hook { off: true }, LineCommand::Hook { off: false }];
    assert_eq!(bench.take_told(), hooks);
}

#[test]
fn polarity_right_after_the_answer_is_the_answer() {
    let mut bench = Bench::new(Port::Fxo { supervised: true }, by(&[]));
    let call = dialled(&mut bench, 2);
    bench.event(polarity(true));
    assert!(bench.take().contains(&connected(call, Supervision::Loop)));
    bench.wait(599).event(polarity(false));
    assert_eq!(bench.take(), []);
    bench.wait(1).event(polarity(false));
    assert_eq!(bench.take(), [], "said again");
    bench.event(polarity(true));
    assert_eq!(bench.take(), [disconnected(call, found(Cause::NORMAL, How::Loop))]);
}

/// Proves: A9.8 in part (the analogue column: as slow as dialling by hand)
#[test]
fn a_number_is_dialled_after_the_dial_tone_at_the_speed_of_a_hand() {
    let mut bench = plain();
    bench.command(make(2, "5551234"));
    assert_eq!(bench.take_told(), [LineCommand::Hook { off: true }]);
    bench.wait(1_000).tone(Tone::Dial);
    let (dialling, on_ms, off_ms) = (Dialling::Tone, 100, 100);
    let send = LineCommand::SendDigits { digits: digits("5551234"), dialling, on_ms, off_ms };
    assert_eq!(bench.take_told(), [send]);
    bench.wait(1_399);
    assert_eq!(bench.take(), []);
    bench.wait(1);
    let call = BoardCall(2);
    assert_eq!(bench.take(), [BoardEvent::Progress { channel: CHANNEL, call, inband: true }]);
}

#[test]
fn without_a_dial_tone_it_is_dialled_blind() {
    let mut bench = plain();
    bench.command(make(2, "5")).wait(2_999);
    assert_eq!(bench.take_told().len(), 1);
    bench.wait(1);
    assert_eq!(bench.take_told().len(), 1);
}

#[test]
fn pulses_take_their_time() {
    let config = LineConfig { dialling: Dialling::Pulse, ..by(&[HangUpBy::Tone]) };
    let mut bench = Bench::new(Port::Fxo { supervised: false }, config);
    bench.command(make(2, "103")).tone(Tone::Dial).wait(3 * 800 + 1_400 - 1);
    assert_eq!(bench.take(), []);
    bench.wait(1);
    assert_eq!(bench.take().len(), 1);
}

#[test]
fn the_answer_is_inferred_when_ringing_stops_and_assumed_when_nothing_is_heard() {
    let mut bench = plain();
    let call = dialled(&mut bench, 2);
    bench.tone(Tone::Ringback).wait(30_000);
    assert_eq!(bench.take().len(), 1, "it rings, and nothing is assumed");
    bench.heard(Heard::ToneEnded { tone: Tone::Ringback, at_ms: 0 }).wait(1_500);
    assert_eq!(bench.take(), [connected(call, Supervision::Inferred)]);

    let mut bench = plain();
    let call = dialled(&mut bench, 2);
    bench.take();
    bench.wait(19_999);
    assert_eq!(bench.take(), []);
    bench.wait(1);
    assert_eq!(bench.take(), [connected(call, Supervision::Assumed)]);
}

#[test]
fn the_exchange_says_why_not_by_a_tone() {
    let tones = [
        (Tone::Busy, Cause::USER_BUSY),
        (Tone::Congestion, Cause::CONGESTION),
        (Tone::NumberUnobtainable, Cause::UNALLOCATED),
        (Tone::SpecialInformation, Cause::UNALLOCATED),
    ];
    for (tone, cause) in tones {
        let mut bench = plain();
        let call = dialled(&mut bench, 2);
        bench.take();
        // after ringing, too: nobody has answered, and the exchange has given up
        bench.tone(Tone::Ringback).heard(Heard::ToneEnded { tone: Tone::Ringback, at_ms: 0 }).wait(900);
        bench.tone(tone);
        assert_eq!(bench.take(), [disconnected(call, found(cause, How::Tone))]);
        bench.command(drop_call(call)).wait(1_000);
        assert_eq!(bench.take(), [released(call, Cause::NORMAL)]);
    }
}

/// Loop start has no way to tell a seizure from an answer.
#[test]
fn a_ring_while_seizing_loses_the_call_out_and_brings_a_stranger() {
    let mut bench = plain();
    bench.command(make(2, "5551234")).wait(200).event(LineEvent::RingOn);
    let stranger = bench.incoming();
    let events = bench.take();
    assert_eq!(events[0], disconnected(BoardCall(2), Cause::GLARE));
    assert_eq!(events.len(), 2);
    bench.command(drop_call(BoardCall(2)));
    assert_eq!(bench.take(), [released(BoardCall(2), Cause::NORMAL)], "at once: the line is the stranger's");
    bench.command(answer(stranger));
    assert_eq!(bench.take(), [connected(stranger, Supervision::Signalled)]);
    assert_eq!(bench.take_told(), [LineCommand::Hook { off: true }], "it was off hook already");
}

/// Proves: A17.4 in part (an analogue line that only serves calls out)
#[test]
fn a_line_for_calls_out_ignores_who_rings() {
    let config = LineConfig { direction: Direction::Outgoing, ..by(&[HangUpBy::Tone]) };
    let mut bench = Bench::new(Port::Fxo { supervised: false }, config);
    for _ in 0..3 {
        bench.event(LineEvent::RingOn).wait(1_000).event(LineEvent::RingOff).wait(4_000);
    }
    assert_eq!((bench.take(), bench.other.clone()), (vec![], vec![LineOutput::RingIgnored]));
    bench.wait(2_500).command(make(2, "5"));
    assert_eq!(bench.take(), []);
    // a stranger in the moment of seizing is hung up on, not offered
    bench.event(LineEvent::RingOn);
    assert_eq!(bench.take(), [disconnected(BoardCall(2), Cause::GLARE)]);
    bench.command(drop_call(BoardCall(2))).wait(10_000);
    assert!(!bench.off_hook && !bench.line.is_busy());

    let config = LineConfig { direction: Direction::Incoming, ..by(&[HangUpBy::Tone]) };
    let mut bench = Bench::new(Port::Fxo { supervised: false }, config);
    bench.command(make(2, "5"));
    assert!(matches!(bench.take()[..], [BoardEvent::Refused { .. }]));
}

#[test]
fn a_line_without_battery_is_out_of_service_and_comes_back() {
    let mut bench = plain();
    let call = answered(&mut bench);
    bench.take();
    bench.event(loop_state(false, false)).wait(2_499);
    assert_eq!(bench.take(), [], "a break that would mean a hang-up elsewhere");
    bench.wait(1);
    let down = BoardEvent::Alarm { channel: CHANNEL, on: true };
    assert_eq!(bench.take(), [down, disconnected(call, found(Cause::OUT_OF_ORDER, How::Alarm))]);
    bench.command(drop_call(call)).wait(1_000).command(make(2, "5"));
    assert!(matches!(bench.take()[..], [_, BoardEvent::Refused { cause: Cause::OUT_OF_ORDER, .. }]));
    bench.event(loop_state(false, true));
    assert_eq!(bench.take(), [BoardEvent::Alarm { channel: CHANNEL, on: false }]);
}

#[test]
fn a_ring_in_the_guard_is_the_next_caller() {
    let mut bench = plain();
    let call = answered(&mut bench);
    bench.take();
    bench.command(drop_call(call)).wait(300).event(LineEvent::RingOn);
    assert_eq!(bench.take(), [released(call, Cause::NORMAL)]);
    bench.wait(1_000).event(LineEvent::RingOff).wait(3_000);
    assert_ne!(bench.incoming(), call);
}

#[test]
fn a_number_that_is_none_is_refused() {
    for called in ["", "anna"] {
        let mut bench = plain();
        bench.command(make(2, called));
        assert!(matches!(bench.take()[..], [BoardEvent::Refused { cause: Cause::INVALID_NUMBER, .. }]));
    }
}
