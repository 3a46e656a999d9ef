//! Lines between others' telephones and exchanges, with a tap on them: what the voltage begins and ends.

use super::Stage;
use callcore::line::LineConfig;
use callcore::record::When;
use callcore::sim::CentreConfig;
use callcore::sim::model::{BoardConfig, BoardKind};

/// Two taps, and a telephone of the house after them.
fn taps(change: impl FnOnce(&mut CentreConfig)) -> Stage {
    let mut config = CentreConfig::named("support").expect("it is one of them");
    let board = |kind, channels| BoardConfig { kind, channels };
    config.world.boards = vec![board(BoardKind::Tap, 4), board(BoardKind::Calls { phones: true }, 5)];
    config.exchange.line = vec![LineConfig { device: "sim".into(), ..LineConfig::default() }];
    change(&mut config);
    Stage::of(config)
}

/// Proves: A18.1 in part (all speech on the line, its time and the keys dialled), A18.2
#[test]
fn a_recording_begins_with_the_voltage_of_a_telephone_off_hook_and_ends_with_that_of_one_on_hook() {
    let mut line = taps(|_| {});
    line.act("channel 1 calls 8000");
    let began_ms = line.until("line_measured");
    assert_eq!(line.last("line_measured", "voltage_mv"), "7000");
    let recorded_ms = line.until("recording_started");
    assert_eq!((began_ms, recorded_ms), (0, 0), "from the first word on");
    line.wait(500);
    line.act("channel 1 digits 5551234");
    line.wait(60_000);
    assert_eq!((line.count("digit_received"), line.count("recording_completed")), (7, 0));
    line.act("channel 1 hangs up");
    line.wait(0);
    assert_eq!(line.last("line_measured", "voltage_mv"), "48000");
    let ms = line.until("recording_completed");
    assert_eq!(ms, 805, "longer than any flash, and the recorder closes the file");
    assert_eq!(line.last("recording_completed", "duration_ms"), "61300");
    line.until("ended");
    assert_eq!((line.how("ended"), line.cause("ended")), ("loop".into(), 16));
    let record = line.centre.last_record().expect("it is over");
    assert_eq!((record.digits.as_str(), record.connected_ms), ("5551234", 61_305));
    // and the line can be used again
    line.act("channel 1 calls 8000");
    line.until("recording_started");
}

#[test]
fn a_flash_on_a_monitored_line_ends_nothing() {
    let mut line = taps(|_| {});
    line.act("channel 1 calls 8000");
    line.until("recording_started");
    line.act("channel 1 holds");
    line.wait(60_000);
    assert_eq!((line.count("ended"), line.count("recording_started")), (0, 1));
}

/// The site says what is recorded, and from which voltage on a line is in use; nobody calls out by a tap.
#[test]
fn a_monitored_line_is_recorded_as_the_policy_says_and_never_used() {
    let mut line = taps(|config| config.exchange.recording.outside = When::OnDemand);
    line.act("channel 1 calls 8000");
    line.until("answered");
    line.wait(10_000);
    assert_eq!(line.count("recording_started"), 0);
    let mut line = taps(|config| config.exchange.line[0].in_use_mv = 6_000);
    line.act("channel 1 calls 8000");
    line.until("line_measured");
    line.wait(10_000);
    assert_eq!(line.count("arrived"), 0, "7 V are idle here");
    let mut line = taps(|_| {});
    line.act("channel 8 calls 95551234");
    line.until("ended");
    assert_eq!((line.cause("ended"), line.count("leg_begun")), (34, 0), "no line is free for it");
}

/// The operator ends it: no more is recorded of that call, and the next is a new one.
#[test]
fn a_call_that_was_let_go_is_not_listened_to_again() {
    let mut line = taps(|_| {});
    line.act("channel 1 calls 8000");
    line.until("recording_started");
    line.release_last();
    line.until("ended");
    line.wait(60_000);
    assert_eq!(line.count("arrived"), 1);
    line.act("channel 1 hangs up");
    line.wait(5_000);
    line.act("channel 1 calls 8000");
    line.until("arrived");
}
