//! Exchange lines on the desk: what is told to a board and to the media engine to the letter.

use crate::desk::{Desk, config};
use callcore::board::{
    BoardCommand, BoardEvent, CallerId, Cause, ChannelId, ChannelInfo, DeviceId, Kind, LineCommand,
    LineEvent, Signalling, Tone,
};
use callcore::call::{CallId, Fact, Side};
use callcore::exchange::Command;
use callcore::media::{Hear, Heard, MediaEvent};
use callcore::record::When;

const LINES: DeviceId = DeviceId(2);
const LINE: ChannelId = ChannelId { device: LINES, index: 0 };

/// A desk with one exchange line more, whose board sends no keys itself.
fn desk() -> Desk {
    let mut config = config();
    let line = serde_json::json!([{ "device": "lines", "hang_up_by": ["tone"] }]);
    config.line = serde_json::from_value(line).expect("a line");
    let group = serde_json::json!([{ "name": "copper", "device": "lines" }]);
    config.trunk_group.extend(serde_json::from_value::<Vec<_>>(group).expect("a group"));
    config.outbound[0].trunk_group = "copper".into();
    let route = serde_json::json!({ "device": "lines", "to": "flow:main" });
    config.route.push(serde_json::from_value(route).expect("a route"));
    let mut desk = Desk::ready(config);
    let info = ChannelInfo { kind: Kind::Fxo, signalling: Signalling::Host, caps: 0 };
    desk.board_event(BoardEvent::DeviceAdded { device: LINES, name: "lines".into(), channels: vec![info] });
    desk.take();
    desk
}

fn line(desk: &mut Desk, event: LineEvent) {
    desk.board_event(BoardEvent::Line { channel: LINE, event });
}

fn tone(desk: &mut Desk, tone: Tone) {
    let heard = Heard::Tone { tone, confidence: 90, since_ms: 0 };
    desk.media_event(MediaEvent::Heard { channel: LINE, heard });
}

/// What the line was told since the last time.
fn told(desk: &mut Desk) -> Vec<LineCommand> {
    let commands = std::mem::take(&mut desk.board).into_iter();
    let of_line = commands.filter_map(|command| match command {
        BoardCommand::Line { channel: LINE, command } => Some(command),
        _ => None,
    });
    of_line.collect()
}

#[test]
fn a_caller_on_a_line_is_answered_listened_to_and_let_go() {
    let mut desk = desk();
    line(&mut desk, LineEvent::RingOn);
    line(&mut desk, LineEvent::RingOff);
    assert_eq!(desk.exchange.calls_live(), 0);
    line(&mut desk, LineEvent::CallerId(CallerId { number: "139".into(), name: String::new() }));
    assert_eq!(told(&mut desk), [LineCommand::Hook { off: true }]);
    assert!(desk.playing(LINE).is_some());
    assert!(desk.sounds[&LINE].progress, "a busy tone of the far end is listened for");
    tone(&mut desk, Tone::Busy);
    assert_eq!(told(&mut desk), [LineCommand::Hook { off: false }]);
    assert!(!desk.open.contains_key(&LINE));
    desk.wait(1_000);
    assert_eq!(desk.exchange.calls_live(), 0);
}

#[test]
fn a_number_goes_out_as_sound_where_the_board_sends_no_keys() {
    let mut desk = desk();
    desk.incoming(4, 1, "95550000", "1001");
    assert_eq!(told(&mut desk), [LineCommand::Hook { off: true }]);
    assert!(desk.open.contains_key(&LINE) && desk.sounds[&LINE].progress, "a dial tone is waited for");
    tone(&mut desk, Tone::Dial);
    assert_eq!((told(&mut desk), desk.tones.clone()), (vec![], vec![(LINE, "5550000".to_owned())]));
    assert_eq!(desk.key_ms, (100, 100), "as the line has it");
    assert!(desk.open.contains_key(&LINE), "the way for the keys is open until they are out");
    desk.wait(2_000);
    assert!(
        desk.take().iter().any(|fact| matches!(fact, Fact::LegAlerting { .. })),
        "the network is heard now"
    );
    tone(&mut desk, Tone::Busy);
    assert_eq!(told(&mut desk), [LineCommand::Hook { off: false }]);
}

fn of_lines(index: u32) -> ChannelId {
    ChannelId { device: LINES, index }
}

/// Three exchange lines that cannot tell a hang-up; who calls on one of them is the application's. Two talk for a minute at
/// most, and are told ten seconds before.
fn three_lines() -> Desk {
    let mut config = config();
    let line = serde_json::json!([{ "device": "lines", "hang_up_by": ["tone"], "cid_wait_ms": 0, "answer_assumed_ms": 5_000 }]);
    config.line = serde_json::from_value(line).expect("a line");
    let group = serde_json::json!([{ "name": "copper", "device": "lines" }]);
    config.trunk_group.extend(serde_json::from_value::<Vec<_>>(group).expect("a group"));
    config.outbound[0].trunk_group = "copper".into();
    let route = serde_json::json!({ "device": "lines", "to": "application" });
    config.route.push(serde_json::from_value(route).expect("a route"));
    (config.unsupervised_talk_ms_max, config.unsupervised_warning_ms) = (60_000, 10_000);
    config.recording.outside = When::Never;
    let mut desk = Desk::ready(config);
    let channels = vec![ChannelInfo { kind: Kind::Fxo, signalling: Signalling::Host, caps: 1 << 11 }; 3];
    desk.board_event(BoardEvent::DeviceAdded { device: LINES, name: "lines".into(), channels });
    desk
}

/// Somebody calls on a line, and the application answers.
fn caller(desk: &mut Desk, index: u32) -> CallId {
    let channel = of_lines(index);
    for event in [LineEvent::RingOn, LineEvent::RingOff] {
        desk.board_event(BoardEvent::Line { channel, event });
    }
    let call = desk.offered();
    desk.command(Command::Answer { call }).expect("it is offered");
    call
}

/// The two are warned, both hear it, and are parted when they were told.
fn are_parted(desk: &mut Desk, lines: [u32; 2]) {
    let hear = |desk: &Desk| lines.map(|index| desk.open[&of_lines(index)].clone());
    let talk = [lines[1], lines[0]].map(|index| Hear::Channel(of_lines(index)));
    desk.take();
    assert_eq!(hear(desk), talk);
    desk.wait(49_999);
    assert_eq!(hear(desk), talk);
    desk.wait(1);
    assert_eq!(hear(desk), [Hear::Tone(Tone::CallWaiting), Hear::Tone(Tone::CallWaiting)]);
    desk.wait(1_000);
    assert_eq!(hear(desk), talk, "there is time to say goodbye");
    desk.wait(8_999);
    let facts = desk.take();
    let told = |it: &&Fact| matches!(it, Fact::PartingAnnounced { left_ms: 10_000 });
    assert_eq!(facts.iter().filter(told).count(), 1, "{facts:?}");
    assert!(!facts.iter().any(|it| matches!(it, Fact::Ended { .. })));
    desk.wait(1);
    assert!(lines.iter().all(|index| !desk.open.contains_key(&of_lines(*index))), "both are on hook");
    desk.wait(1_000);
    let ended = |it: &&Fact| matches!(it, Fact::Ended { cause: Cause::TIMER_EXPIRED, .. });
    assert!(desk.take().iter().any(|it| ended(&it)));
    assert_eq!(desk.exchange.calls_live(), 0);
}

/// Proves: A9.4 in part (two calls that a program has joined)
#[test]
fn two_calls_on_silent_lines_that_were_joined_are_warned_and_parted() {
    for ends_together in [false, true] {
        let mut desk = three_lines();
        let (call, with) = (caller(&mut desk, 0), caller(&mut desk, 1));
        desk.command(Command::Bridge { call, with, ends_together }).expect("both are answered");
        are_parted(&mut desk, [0, 1]);
    }
}

/// Parted by hand and joined again: the time begins anew. A line that tells a hang-up needs no limit.
#[test]
fn only_two_silent_lines_are_parted_and_only_while_they_are_joined() {
    let mut desk = three_lines();
    let (call, with) = (caller(&mut desk, 0), caller(&mut desk, 1));
    desk.command(Command::Bridge { call, with, ends_together: false }).expect("both are answered");
    desk.wait(55_000);
    desk.command(Command::Unbridge { call: with }).expect("they are joined");
    desk.wait(600_000);
    assert_eq!(desk.exchange.calls_live(), 2);
    desk.command(Command::Bridge { call, with, ends_together: false }).expect("both are answered");
    are_parted(&mut desk, [0, 1]);
    let call = caller(&mut desk, 0);
    let with = desk.in_hand(0);
    desk.command(Command::Bridge { call, with, ends_together: false }).expect("both are answered");
    desk.wait(600_000);
    assert_eq!(desk.exchange.calls_live(), 2);
}

/// Proves: A9.4 in part (a caller who was sent on to another line)
#[test]
fn a_caller_on_a_silent_line_who_was_transferred_to_another_is_warned_and_parted() {
    let mut desk = three_lines();
    let call = caller(&mut desk, 0);
    desk.command(Command::Send { call, to: "extension:1004".parse().expect("a target") })
        .expect("it is ours");
    let (index, board_call) = desk.made();
    desk.connected(index, board_call);
    let to = "number:95550000".parse().expect("a target");
    desk.command(Command::Transfer { call, to, by: Side::Right }).expect("they talk");
    desk.released(index, board_call, Cause::NORMAL);
    let out = of_lines(2);
    let heard = Heard::Tone { tone: Tone::Dial, confidence: 90, since_ms: 0 };
    desk.media_event(MediaEvent::Heard { channel: out, heard });
    // seven keys, and then nothing speaks against an answer
    desk.wait(1_400);
    desk.wait(5_000);
    are_parted(&mut desk, [0, 2]);
}
