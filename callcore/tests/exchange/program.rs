//! A program and its caller: what it plays, the keys it asks for, and what it cancels.

use crate::corners::{channel, hang_up_all};
use crate::desk::{Desk, config, guess};
use callcore::base::Why;
use callcore::board::{Cause, Digit};
use callcore::call::{CallId, Fact, Side};
use callcore::exchange::{CollectEnd, CollectOptions, Command, Event, PlayControl, PlayEnd};
use callcore::media::{Hear, MediaEvent};

fn pin() -> CollectOptions {
    CollectOptions { prompts: vec!["pin".into()], digits_min: 2, digits_max: 4, ..CollectOptions::default() }
}

/// How each `Collect` ended.
fn collected(desk: &Desk) -> Vec<(String, CollectEnd)> {
    let each = desk.events.iter().filter_map(|event| match event {
        Event::Collected { digits, end, .. } => Some((digits.as_str().to_owned(), *end)),
        _ => None,
    });
    each.collect()
}

/// How each `Play` ended.
fn played(desk: &Desk) -> Vec<(u64, PlayEnd)> {
    let each = desk.events.iter().filter_map(|event| match event {
        Event::Played { request, end, .. } => Some((*request, *end)),
        _ => None,
    });
    each.collect()
}

fn told_keys(desk: &Desk) -> String {
    let each = desk.events.iter().filter_map(|event| match event {
        Event::Digit { digit, .. } => Some(digit.char()),
        _ => None,
    });
    each.collect()
}

fn press(desk: &mut Desk, text: &str) {
    text.chars().for_each(|key| desk.digit(0, 1, key));
}

fn ends_playing(desk: &mut Desk) {
    let play = desk.playing(channel(0)).expect("it plays");
    desk.media_event(MediaEvent::PlayDone { channel: channel(0), play });
}

fn asks(desk: &mut Desk, collect: CollectOptions) -> (CallId, u64) {
    let call = desk.in_hand(0);
    desk.take();
    let request = desk.command(Command::Collect { call, collect }).expect("it is answered");
    (call, request)
}

#[test]
fn keys_that_a_program_asks_for_end_the_prompt_and_are_told_at_once() {
    for (pressed, digits, end) in [
        ("1234", "1234", CollectEnd::Full),
        ("12#", "12", CollectEnd::Terminator(Digit::new(b'#').expect("a key"))),
        ("1#23#4", "123", CollectEnd::Terminator(Digit::new(b'#').expect("a key"))),
    ] {
        let mut desk = Desk::ready(config());
        let (_, request) = asks(&mut desk, pin());
        assert!(desk.playing(channel(0)).is_some());
        press(&mut desk, pressed);
        assert_eq!(collected(&desk), [(digits.to_owned(), end)]);
        assert!(
            desk.events.iter().any(|it| matches!(it, Event::Collected { request: it, .. } if *it == request))
        );
        assert_eq!(desk.playing(channel(0)), None);
        // what it took is not told one by one, what comes later is
        let later = &pressed[pressed.len() - told_keys(&desk).len()..];
        assert_eq!(told_keys(&desk), later);
        let received = desk.facts.iter().filter(|it| matches!(it.fact, Fact::DigitReceived { .. })).count();
        assert_eq!(received, pressed.len(), "the ledger has them all");
        hang_up_all(&mut desk);
        assert_eq!(desk.records[0].digits, pressed);
    }
}

#[test]
fn a_program_waits_for_keys_as_long_as_it_says() {
    let mut desk = Desk::ready(config());
    let (call, _) = asks(&mut desk, CollectOptions { first_digit_ms: 7_000, inter_digit_ms: 2_000, ..pin() });
    desk.wait(60_000);
    assert_eq!(collected(&desk), [], "the prompt plays on");
    ends_playing(&mut desk);
    desk.wait(6_999);
    assert_eq!(collected(&desk), []);
    desk.wait(1);
    assert_eq!(collected(&desk), [(String::new(), CollectEnd::FirstDigitTimeout)]);
    desk.events.clear();
    let collect = CollectOptions { prompts: vec![], inter_digit_ms: 2_000, ..pin() };
    desk.command(Command::Collect { call, collect }).expect("the one before is over");
    press(&mut desk, "1");
    desk.wait(2_000);
    assert_eq!(collected(&desk), [("1".to_owned(), CollectEnd::InterDigitTimeout)]);
    hang_up_all(&mut desk);
}

#[test]
fn keys_pressed_before_count_unless_they_are_flushed() {
    for flush in [false, true] {
        let mut desk = Desk::ready(config());
        let call = desk.in_hand(0);
        press(&mut desk, "123");
        assert_eq!(told_keys(&desk), "123");
        desk.command(Command::Collect { call, collect: CollectOptions { flush, ..pin() } })
            .expect("answered");
        assert_eq!(desk.playing(channel(0)).is_some(), flush, "they are an answer without the prompt");
        press(&mut desk, "4");
        assert_eq!(collected(&desk).len(), usize::from(!flush));
        press(&mut desk, "567");
        assert_eq!(collected(&desk)[0].0, if flush { "4567" } else { "1234" });
        hang_up_all(&mut desk);
    }
}

#[test]
fn keys_that_are_enough_already_are_told_after_the_command_is() {
    let mut desk = Desk::ready(config());
    let call = desk.in_hand(0);
    press(&mut desk, "1234");
    desk.take();
    desk.command(Command::Collect { call, collect: pin() }).expect("it is answered");
    assert!(matches!(desk.events[..], [Event::Done { .. }, Event::Collected { end: CollectEnd::Full, .. }]));
    hang_up_all(&mut desk);
}

#[test]
fn a_prompt_without_barge_in_is_played_to_its_end() {
    let mut desk = Desk::ready(config());
    asks(&mut desk, CollectOptions { barge_in: false, ..pin() });
    press(&mut desk, "12");
    assert!(desk.playing(channel(0)).is_some());
    ends_playing(&mut desk);
    press(&mut desk, "34");
    assert_eq!(collected(&desk), [("1234".to_owned(), CollectEnd::Full)]);
    hang_up_all(&mut desk);
}

#[test]
fn a_collection_ends_once_however_it_is_ended() {
    type End = fn(&mut Desk, CallId, u64);
    let ends: [(End, CollectEnd); 5] = [
        (
            |desk, call, _| {
                desk.command(Command::StopCollect { call }).expect("it is asked");
            },
            CollectEnd::Stopped,
        ),
        (
            |desk, _, request| {
                desk.command(Command::Cancel { request }).expect("it lasts");
            },
            CollectEnd::Stopped,
        ),
        (
            |desk, call, _| {
                let to = "queue:support".parse().expect("a target");
                desk.command(Command::Send { call, to }).expect("it is the application's");
            },
            CollectEnd::Ended,
        ),
        (|desk, _, _| desk.released(0, 1, Cause::NORMAL), CollectEnd::Ended),
        (
            |desk, call, _| {
                desk.command(Command::Release { call, cause: Cause::NORMAL }).expect("it lives");
            },
            CollectEnd::Ended,
        ),
    ];
    for (end, wanted) in ends {
        let mut desk = Desk::ready(config());
        let (call, request) = asks(&mut desk, pin());
        press(&mut desk, "1");
        end(&mut desk, call, request);
        assert_eq!(collected(&desk), [("1".to_owned(), wanted)]);
        desk.wait(10_000);
        assert_eq!(collected(&desk).len(), 1, "no timer is left of it");
        hang_up_all(&mut desk);
    }
}

#[test]
fn what_cannot_be_collected_is_refused_with_the_reason() {
    let mut desk = Desk::ready(config());
    let (call, request) = asks(&mut desk, pin());
    let again = desk.command(Command::Collect { call, collect: pin() }).expect_err("it is asked already");
    assert!(again.why == Why::State && again.text.contains(&format!("request {request}")), "{again}");
    let play = Command::Play { call, prompts: vec!["a".into()] };
    assert_eq!(desk.command(play).expect_err("it is asked").why, Why::State);
    desk.command(Command::StopCollect { call }).expect("it is asked");
    assert_eq!(desk.command(Command::StopCollect { call }).expect_err("not any more").why, Why::State);
    for (wrong, told) in [
        (CollectOptions { digits_max: 33, ..pin() }, "2 to 33 keys"),
        (CollectOptions { digits_max: 0, digits_min: 0, ..pin() }, "0 to 0 keys"),
        (CollectOptions { digits_min: 5, ..pin() }, "5 to 4 keys"),
        (CollectOptions { first_digit_ms: 0, ..pin() }, "first_digit_ms: 0 ms"),
        (CollectOptions { inter_digit_ms: 600_001, ..pin() }, "inter_digit_ms: 600001 ms"),
    ] {
        let refused = desk.command(Command::Collect { call, collect: wrong }).expect_err(told);
        assert!(refused.why == Why::Argument && refused.text.contains(told), "{refused}");
    }
    desk.incoming(1, 3, "8002", "139");
    let second = desk.offered();
    let early = desk.command(Command::Collect { call: second, collect: pin() }).expect_err("not answered");
    assert!(early.text.contains("not answered"), "{early}");
    hang_up_all(&mut desk);
}

#[test]
fn every_play_ends_once_and_says_how() {
    let mut desk = Desk::ready(config());
    let call = desk.in_hand(0);
    let play = |desk: &mut Desk| {
        desk.command(Command::Play { call, prompts: vec!["a".into()] }).expect("it is answered")
    };
    let mut wanted = Vec::new();
    wanted.push((play(&mut desk), PlayEnd::Stopped));
    wanted.push((play(&mut desk), PlayEnd::Whole));
    ends_playing(&mut desk);
    wanted.push((play(&mut desk), PlayEnd::Failed));
    let playing = desk.playing(channel(0)).expect("it plays");
    desk.media_event(MediaEvent::PlayFailed { channel: channel(0), play: playing, name: "a".into() });
    wanted.push((play(&mut desk), PlayEnd::Stopped));
    desk.command(Command::StopPlay { call }).expect("it plays");
    assert_eq!(desk.open[&channel(0)], Hear::Nothing);
    assert_eq!(desk.command(Command::StopPlay { call }).expect_err("nothing plays").why, Why::State);
    wanted.push((play(&mut desk), PlayEnd::Stopped));
    let request = wanted.last().expect("just pushed").0;
    desk.command(Command::Cancel { request }).expect("it plays");
    assert_eq!(desk.command(Command::Cancel { request }).expect_err("it is over").why, Why::Gone);
    wanted.push((play(&mut desk), PlayEnd::Stopped));
    desk.command(Command::Collect { call, collect: pin() }).expect("it takes the place of what plays");
    desk.command(Command::StopPlay { call }).expect("the prompt of the question plays");
    desk.wait(5_000);
    assert_eq!(
        collected(&desk),
        [(String::new(), CollectEnd::FirstDigitTimeout)],
        "it was waited from then on"
    );
    wanted.push((play(&mut desk), PlayEnd::Ended));
    desk.released(0, 1, Cause::NORMAL);
    assert_eq!(played(&desk), wanted);
    hang_up_all(&mut desk);
}

#[test]
fn a_call_out_that_is_cancelled_is_released_and_told_as_failed() {
    let mut desk = Desk::ready(config());
    let to = "extension:1003".parse().expect("a target");
    let request = desk.command(Command::Originate { to, calling: String::new() }).expect("the phone is free");
    let originated = |it: &Event| matches!(it, Event::Originated { request: it, .. } if *it == request);
    assert!(desk.events.iter().any(originated), "its call is told at once");
    let (index, board_call) = desk.made();
    desk.command(Command::Cancel { request }).expect("it rings");
    assert_eq!(desk.command(Command::Cancel { request }).expect_err("once is enough").why, Why::State);
    desk.released(index, board_call, Cause::NORMAL);
    let failed =
        |it: &Event| matches!(it, Event::Done { request: it, failed: Some(_), .. } if *it == request);
    assert!(desk.events.iter().any(failed));
    hang_up_all(&mut desk);
}

#[test]
fn a_number_is_not_given_to_a_command_while_another_has_it() {
    let mut desk = Desk::ready(config());
    let (call, request) = asks(&mut desk, pin());
    let refused = desk.command_as(request, Command::ControlPlay { call, control: PlayControl::Pause });
    assert_eq!(refused.expect_err("it is under way").why, Why::Busy);
    press(&mut desk, "1234");
    desk.command_as(request, Command::Listen { call, party: Side::Left, sounds: Default::default() })
        .expect("it is over");
    hang_up_all(&mut desk);
}

#[test]
fn a_cause_that_is_none_is_refused() {
    let mut desk = Desk::ready(config());
    let call = desk.in_hand(0);
    for q850 in [0, 128] {
        let cause = Cause { q850, ..Cause::NORMAL };
        assert_eq!(desk.command(Command::Release { call, cause }).expect_err("no cause").why, Why::Argument);
    }
    assert_eq!(desk.command(Command::Cancel { request: 77 }).expect_err("never given").why, Why::Gone);
    assert_eq!(desk.command(Command::StopPlay { call: guess(5, 1) }).expect_err("no call").why, Why::Gone);
    hang_up_all(&mut desk);
}
