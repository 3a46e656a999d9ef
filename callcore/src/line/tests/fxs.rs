//! What happens at a phone's port.

use super::*;
use crate::board::{Incoming, Step, Supervision};
use crate::line::Flash;

fn phone() -> Bench {
    Bench::new(Port::Fxs, LineConfig::default())
}

fn connected(call: BoardCall) -> BoardEvent {
    let supervision = Supervision::Signalled;
    BoardEvent::Connected { channel: CHANNEL, call, supervision, inband_digits: false }
}

/// A phone that has dialled and was answered.
fn talking(bench: &mut Bench) -> BoardCall {
    bench.event(hook(true)).event(key(b'8')).line.dialled();
    bench.drain();
    let call = bench.incoming();
    bench.command(answer(call)).take();
    call
}

#[test]
fn a_phone_dials_and_is_answered() {
    let mut bench = phone();
    bench.event(hook(true));
    assert_eq!(bench.line.media().hear, Some(Tone::Dial));
    bench.event(key(b'8')).event(key(b'0'));
    assert_eq!(bench.line.media().hear, None, "the first key ends the tone");
    assert_eq!(bench.other, [LineOutput::Dialling("8".into()), LineOutput::Dialling("80".into())]);
    bench.wait(3_999);
    assert_eq!(bench.take(), []);
    bench.wait(1);
    let call = bench.incoming();
    let incoming = Incoming { called: "80".into(), ..Incoming::default() };
    assert_eq!(bench.take(), [BoardEvent::Incoming { channel: CHANNEL, call, incoming }]);
    bench.command(BoardCommand::Accept { channel: CHANNEL, call, step: Step::Alerting });
    assert_eq!(bench.line.media().hear, Some(Tone::Ringback));
    bench.command(answer(call));
    assert_eq!((bench.take(), bench.line.media().hear), (vec![connected(call)], None));
}

#[test]
fn a_whole_number_and_a_hash_end_the_wait() {
    let mut bench = phone();
    bench.event(hook(true)).event(key(b'8')).line.dialled();
    assert!(matches!(bench.drain().take()[..], [BoardEvent::Incoming { .. }]));
    let mut bench = phone();
    bench.event(hook(true)).event(key(b'8')).event(key(b'#'));
    assert!(matches!(bench.take()[..], [BoardEvent::Incoming { .. }]));
    // a hash inside a code is one of its keys
    let mut bench = phone();
    bench.event(hook(true)).event(key(b'*')).event(key(b'#'));
    assert_eq!(bench.take(), []);
}

/// Proves: A19.25 in part (the line: a phone that may not dial hears nothing)
#[test]
fn a_phone_that_may_not_dial_hears_nothing() {
    let mut bench = phone();
    bench.line.allow_dial_tone(false);
    bench.event(hook(true)).event(key(b'8')).wait(60_000);
    assert!(!bench.line.media().is_any());
    assert_eq!((bench.take(), bench.other.len()), (vec![], 0));
    bench.event(hook(false));
    bench.line.allow_dial_tone(true);
    bench.event(hook(true));
    assert_eq!(bench.line.media().hear, Some(Tone::Dial));
}

/// Proves: A21.10 in part (the line: a phone is told who calls)
#[test]
fn a_phone_rings_is_told_who_calls_and_answers() {
    let mut bench = phone();
    bench.command(make(2, "1002"));
    let caller_id = Some(CallerId { number: "1001".into(), name: "Anna".into() });
    assert_eq!(bench.take_told(), [LineCommand::Ring { cadence_ms: vec![1_000, 4_000], caller_id }]);
    bench.event(hook(true));
    let call = BoardCall(2);
    let alerting = BoardEvent::Alerting { channel: CHANNEL, call, inband: false };
    assert_eq!(bench.take(), [alerting, connected(call)]);
    assert_eq!(bench.take_told(), [LineCommand::RingOff]);
}

#[test]
fn a_phone_off_hook_is_busy() {
    let mut bench = phone();
    bench.event(hook(true)).command(make(2, "1002"));
    let cause = Cause::USER_BUSY;
    assert_eq!(bench.take(), [BoardEvent::Refused { channel: CHANNEL, call: BoardCall(2), cause }]);
}

#[test]
fn a_hook_down_for_a_moment_is_a_bad_contact_a_flash_or_a_hang_up() {
    let held = |call| BoardEvent::Held { channel: CHANNEL, call };
    let retrieved = |call| BoardEvent::Retrieved { channel: CHANNEL, call };
    for (down_ms, expected) in [(79, false), (80, true), (799, true)] {
        let mut bench = Bench::new(Port::Fxs, LineConfig { flash: Flash::Hold, ..LineConfig::default() });
        let call = talking(&mut bench);
        bench.event(hook(false)).wait(down_ms).event(hook(true)).wait(5_000);
        assert_eq!(bench.take(), if expected { vec![held(call)] } else { vec![] }, "{down_ms} ms");
        if expected {
            bench.event(hook(false)).wait(down_ms).event(hook(true));
            assert_eq!(bench.take(), [retrieved(call)]);
        }
    }
    // where a flash means more than a hold, the exchange makes of it what it is to mean
    let mut bench = phone();
    let call = talking(&mut bench);
    let recall = BoardEvent::Recall { channel: CHANNEL, call };
    for _ in 0..2 {
        bench.event(hook(false)).wait(300).event(hook(true)).wait(5_000);
        assert_eq!(bench.take(), std::slice::from_ref(&recall));
    }
    let mut bench = phone();
    let call = talking(&mut bench);
    bench.event(hook(false)).wait(800);
    assert_eq!(bench.take(), [disconnected(call, Cause::NORMAL)]);
    bench.command(drop_call(call));
    assert_eq!(bench.take(), [released(call, Cause::NORMAL)]);
    assert!(!bench.line.is_busy());
}

#[test]
fn a_call_that_ends_from_here_leaves_a_busy_tone_until_the_phone_is_put_down() {
    let mut bench = phone();
    let call = talking(&mut bench);
    bench.command(drop_call(call));
    assert_eq!(bench.take(), [released(call, Cause::NORMAL)]);
    assert_eq!(bench.line.media().hear, Some(Tone::Busy));
    assert!(bench.line.is_busy());
    bench.event(hook(false));
    assert!(!bench.line.is_busy());
}

#[test]
fn nothing_dialled_ends_in_a_busy_tone() {
    let mut bench = phone();
    bench.event(hook(true)).wait(10_000);
    assert_eq!(bench.line.media().hear, Some(Tone::Busy));
    bench.wait(30_000);
    assert_eq!(bench.line.media().hear, Some(Tone::Howler), "put it down");
    bench.wait(60_000);
    assert_eq!(bench.line.media().hear, None);
    assert!(bench.line.is_busy(), "until it is put down");
    bench.event(hook(false));
    assert!(!bench.line.is_busy());
}

#[test]
fn the_wires_tell_the_answer_where_that_is_wanted() {
    let config = LineConfig { polarity_tells_answer: true, ..LineConfig::default() };
    let mut bench = Bench::new(Port::Fxs, config);
    let call = talking(&mut bench);
    bench.command(drop_call(call));
    let told = [true, false].map(|reversed| LineCommand::Polarity { reversed });
    assert_eq!(bench.take_told(), told);
}

#[test]
fn a_phone_put_down_and_picked_up_at_once_can_dial_again() {
    let mut bench = phone();
    let call = talking(&mut bench);
    bench.event(hook(false)).wait(800).event(hook(true)).command(drop_call(call));
    assert_eq!(bench.line.media().hear, Some(Tone::Dial));
}
