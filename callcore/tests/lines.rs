//! Analogue lines against E1 30B+D: the table of A9, each row a test of both columns, and the rules for lines and phones
//! that go with it. All in virtual time, with the live exchange on simulated boards.
#![cfg(feature = "sim")]

#[path = "lines/stage.rs"]
mod stage;

#[path = "lines/consult.rs"]
mod consult;
#[path = "lines/monitored.rs"]
mod monitored;
#[path = "lines/overlap.rs"]
mod overlap;
#[path = "lines/phones.rs"]
mod phones;
#[path = "lines/policies.rs"]
mod policies;

use callcore::line::HangUpBy;
use callcore::media::{Hear, Tone};
use callcore::sim::model::{E1Config, FxoConfig, HangUp};
use stage::{Row, Stage};

fn plain() -> Stage {
    Stage::analogue(&FxoConfig::default(), &[HangUpBy::Tone])
}

/// Proves: A9.1
#[test]
fn row_1_caller_number() {
    let mut line = plain();
    line.act("channel 0 calls 8000 from 13800000000");
    line.wait(1_000);
    assert_eq!(line.count("arrived"), 0, "never before or during the first ring");
    let slow_ms = line.until("arrived") + 1_000;
    assert_eq!(line.last("arrived", "calling"), "13800000000");
    // answered while the number is still being sent, as a driver would that does not wait: it never comes
    let mut hasty = Stage::analogue(&FxoConfig::default(), &[HangUpBy::Tone]);
    hasty.config.exchange.line[0].cid_wait_ms = 0;
    let mut hasty = hasty.again();
    hasty.act("channel 0 calls 8000 from 13800000000");
    hasty.until("answered");
    hasty.wait(20_000);
    assert_eq!((hasty.last("arrived", "calling"), hasty.count("call_info")), (String::new(), 0));

    let mut span = Stage::spans(&E1Config::default());
    span.act("channel 0 calls 8000 from 13800000000");
    let fast_ms = span.until("answered");
    assert_eq!(span.last("arrived", "calling"), "13800000000");
    assert!(slow_ms > 1_000 && fast_ms == 0);
    Row(
        "A9.1",
        "caller number",
        format!("after {slow_ms} ms"),
        format!("at once, answered after {fast_ms} ms"),
    )
    .print();
}

/// Proves: A9.2
#[test]
fn row_2_called_number() {
    let mut line = plain();
    for (channel, to) in [(0, "flow:main"), (3, "queue:support")] {
        line.act(&format!("channel {channel} calls 8001 from 139"));
        line.until("routed");
        assert_eq!((line.last("arrived", "called"), line.last("routed", "to")), (String::new(), to.into()));
    }
    let mut span = Stage::spans(&E1Config::default());
    for (channel, called, to) in [(0, "8000", "flow:main"), (1, "8001", "queue:support")] {
        span.act(&format!("channel {channel} calls {called}"));
        span.until("routed");
        assert_eq!((span.last("arrived", "called"), span.last("routed", "to")), (called.into(), to.into()));
    }
    Row("A9.2", "called number", "none: a line leads where it is wired to".into(), "routed by DNIS".into())
        .print();
}

/// Proves: A9.3
#[test]
fn row_3_far_hang_up() {
    let mut told = Vec::new();
    for (hang_up, by, how) in [
        (HangUp::Polarity, HangUpBy::Polarity, "loop"),
        (HangUp::Loop, HangUpBy::Loop, "loop"),
        (HangUp::BusyTone, HangUpBy::Tone, "tone"),
        (HangUp::Silence, HangUpBy::Silence, "silence"),
    ] {
        let mut line = Stage::analogue(&FxoConfig { hang_up, ..FxoConfig::default() }, &[by]);
        line.talk(3, 4);
        line.act("channel 3 hangs up");
        let ms = line.until("ended");
        assert_eq!(line.how("ended"), how, "{hang_up:?}");
        told.push(format!("{how} {ms} ms"));
    }
    // nothing is told and nothing can be heard of it: the line is free after the agent has hung up, and not before
    let mut line =
        Stage::analogue(&FxoConfig { hang_up: HangUp::Nothing, ..FxoConfig::default() }, &[HangUpBy::Tone]);
    line.talk(3, 4);
    line.act("channel 3 hangs up");
    line.wait(600_000);
    assert_eq!(line.count("ended"), 0);
    line.act("channel 4 hangs up");
    line.until("ended");

    let mut span = Stage::spans(&E1Config::default());
    span.talk(0, 30);
    span.act("channel 0 hangs up with 31");
    let ms = span.until("leg_ended");
    span.until("ended");
    assert_eq!((span.how("ended"), span.cause("ended"), ms), ("signalled".into(), 31, 0));
    Row("A9.3", "far hang-up", format!("{}; or never", told.join(", ")), format!("signalled, #31, {ms} ms"))
        .print();
}

/// Proves: A9.4
#[test]
fn row_4_two_outside_lines_joined() {
    let mut line = plain();
    line.config.exchange.unsupervised_talk_ms_max = 600_000;
    let silent = FxoConfig { hang_up: HangUp::Nothing, ..FxoConfig::default() };
    let mut line = line.with(&silent).again();
    line.join_outside();
    line.act("channel 1 hangs up");
    let outgoing = line.outgoing();
    line.act(&format!("channel {outgoing} hangs up"));
    let warned_ms = line.until("parting_announced");
    line.wait(0);
    let hears = |channel| line.centre.hears(channel);
    let tone = Some(&Hear::Tone(Tone::CallWaiting));
    assert_eq!((hears(1), hears(u32::try_from(outgoing).expect("a channel"))), (tone, tone), "both hear it");
    let ms = 5_000 + warned_ms + line.until("unbridged");
    line.until("ended");
    assert_eq!((line.cause("ended"), ms), (102, 600_000), "only time, or the operator, parts them");
    let mut line = plain().with(&silent).again();
    line.join_outside();
    line.act("channel 1 hangs up");
    line.wait(60_000);
    assert_eq!(line.count("ended"), 0);
    line.release_last();
    line.until("ended");

    for far in [true, false] {
        let mut span = Stage::spans(&E1Config::default());
        span.join_outside();
        let who = if far { span.outgoing() } else { 1 };
        span.act(&format!("channel {who} hangs up"));
        assert_eq!(span.until("leg_ended"), 0, "either side releases both");
        span.until("ended");
    }
    let analogue = format!(
        "warned after {} s, parted after {} s, or by the operator",
        (warned_ms + 5_000) / 1_000,
        ms / 1_000
    );
    Row("A9.4", "two outside lines", analogue, "either side releases both".into()).print();
}

/// A card of four exchange lines, and phones for the seats, is a board like any other.
///
/// Proves: A9.6, A16.10
#[test]
fn row_6_density() {
    let (line, span) = (plain(), Stage::spans(&E1Config::default()));
    let (pair, bearers) = (line.channels_of_trunks(), span.channels_of_trunks());
    assert_eq!((pair, bearers), (4, 30));
    Row("A9.6", "density", "1 channel a pair".into(), format!("{bearers} channels a span")).print();
}

/// Proves: A9.8
#[test]
fn row_8_set_up_speed() {
    let mut line = plain();
    line.config.exchange.line[0].answer_assumed_ms = 0;
    let mut line = line.again();
    let slow_ms = line.call_out("95551234");
    let mut span = Stage::spans(&E1Config::default());
    let fast_ms = span.call_out("95551234");
    // a dial tone that must be heard, and seven keys of 200 ms
    assert!(slow_ms >= 2_400 && fast_ms == 0, "{slow_ms} and {fast_ms}");
    Row("A9.8", "until the number is there", format!("{slow_ms} ms"), format!("{fast_ms} ms")).print();
}

/// Proves: A9.9
#[test]
fn row_9_new_services() {
    let services = |stage: &Stage| {
        let can = |bit, word| stage.trunk_can(bit).then_some(word);
        let known = [can(4, "answer supervision"), can(5, "hang-up supervision")];
        known.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let (line, span) = (services(&plain()), services(&Stage::spans(&E1Config::default())));
    assert_eq!((line.as_str(), span.as_str()), ("", "answer supervision, hang-up supervision"));
    Row("A9.9", "new services", "none to build on".into(), format!("{span}; DNIS; exact causes; overlap"))
        .print();
}
