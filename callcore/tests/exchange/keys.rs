//! Keys that are events and keys that are sound, by what the board says of each call.

use crate::corners::hang_up_all;
use crate::desk::{BOARD, Desk, config, guess};
use callcore::board::{BoardCall, BoardCommand, BoardEvent, ChannelId, Digit, Digits, Supervision};
use callcore::call::{Fact, Side};
use callcore::exchange::Command;
use callcore::media::MediaEvent;

fn channel(index: u32) -> ChannelId {
    ChannelId { device: BOARD, index }
}

#[test]
fn keys_of_a_phone_that_has_no_events_for_them_are_heard_and_sent_as_sound() {
    let mut desk = Desk::ready(config());
    for (index, inband_digits) in [(0, false), (1, true)] {
        let (channel, call) = (channel(index), BoardCall(u64::from(index) * 2 + 1));
        desk.incoming(index, call.0, "8000", "138");
        desk.board_event(BoardEvent::Connected {
            channel,
            call,
            supervision: Supervision::Signalled,
            inband_digits,
        });
        assert_eq!(desk.listened.contains(&channel), inband_digits, "channel {index}");
    }
    let sends = |desk: &mut Desk, place| {
        let digits = Digits::try_from("12#".to_owned()).expect("keys");
        let to = Side::Left;
        desk.command(Command::SendDigits { call: guess(place, 1), to, digits }).expect("the caller is there");
    };
    sends(&mut desk, 0);
    assert!(matches!(desk.board.last(), Some(BoardCommand::SendDigits { .. })));
    assert!(desk.tones.is_empty());
    sends(&mut desk, 1);
    assert_eq!(desk.tones, [(channel(1), "12#".to_owned())]);
    // a key that the engine hears counts like one that the board reports
    desk.media_event(MediaEvent::Digit { channel: channel(1), digit: Digit::new(b'1').expect("a key") });
    desk.wait(5_000);
    assert!(desk.facts.iter().any(|entry| matches!(entry.fact, Fact::Queued { .. })));
    hang_up_all(&mut desk);
}
