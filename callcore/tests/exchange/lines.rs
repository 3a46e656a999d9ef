//! Exchange lines on the desk: what is told to a board and to the media engine to the letter.

use crate::desk::{Desk, config};
use callcore::board::{
    BoardCommand, BoardEvent, CallerId, ChannelId, ChannelInfo, DeviceId, Kind, LineCommand, LineEvent,
    Signalling, Tone,
};
use callcore::call::Fact;
use callcore::media::{Heard, MediaEvent};

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
    assert!(desk.open.contains_key(&LINE), "the way for the keys is open until they are out");
    desk.wait(2_000);
    assert!(
        desk.take().iter().any(|fact| matches!(fact, Fact::LegAlerting { .. })),
        "the network is heard now"
    );
    tone(&mut desk, Tone::Busy);
    assert_eq!(told(&mut desk), [LineCommand::Hook { off: false }]);
}
