//! Keys that are events and keys that are sound, by what the board says of each call.

use crate::corners::hang_up_all;
use crate::desk::{BOARD, Desk, SIP, config, guess};
use callcore::board::{BoardCall, BoardCommand, BoardEvent, ChannelId, Digit, Digits, Incoming, Supervision};
use callcore::call::{Fact, Side};
use callcore::exchange::{Command, Config, Event};
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

/// A SIP phone's keys are events beside its sound: who talks with it hears them pressed towards it. A board's keys are in the
/// sound already.
#[test]
fn keys_beside_the_sound_reach_the_other_party_of_a_talk() {
    let sip = |index| ChannelId { device: SIP, index };
    let incoming = |desk: &mut Desk, called: &str| {
        let call = Incoming { called: called.into(), calling: "2001".into(), ..Incoming::default() };
        desk.board_event(BoardEvent::Incoming { channel: sip(0), call: BoardCall(1), incoming: call });
    };
    let connected = |desk: &mut Desk, channel, call, inband_digits| {
        let supervision = Supervision::Signalled;
        desk.board_event(BoardEvent::Connected { channel, call, supervision, inband_digits });
    };
    let press = |desk: &mut Desk, channel, call, key| {
        let digit = Digit::new(key).expect("a key");
        desk.board_event(BoardEvent::Digit { channel, call, digit });
    };
    let sent = |desk: &mut Desk| {
        let board = std::mem::take(&mut desk.board);
        let board = board.into_iter().filter_map(|command| match command {
            BoardCommand::SendDigits { channel, digits } => Some((channel, digits.as_str().to_owned())),
            _ => None,
        });
        board.chain(std::mem::take(&mut desk.tones)).collect::<Vec<_>>()
    };
    let to = |channel: ChannelId, keys: &str| vec![(channel, keys.to_owned())];
    for (blank_keys, inband) in [(false, false), (false, true), (true, false)] {
        let mut desk = Desk::ready(Config { blank_keys, ..config() });
        incoming(&mut desk, "8005");
        let (index, call) = desk.made();
        let outside = (channel(index), BoardCall(call));
        let phone = (sip(0), BoardCall(1));
        connected(&mut desk, outside.0, outside.1, inband);
        connected(&mut desk, phone.0, phone.1, false);
        sent(&mut desk);
        press(&mut desk, phone.0, phone.1, b'4');
        let expected = if blank_keys { vec![] } else { to(outside.0, "4") };
        assert_eq!(sent(&mut desk), expected, "blanked: {blank_keys}, in band: {inband}");
        press(&mut desk, outside.0, outside.1, b'5');
        assert_eq!(sent(&mut desk), [], "the phone hears the tone");
        // who is on hold or muted hears nothing of the other
        let id = desk.exchange.snapshot(desk.now).calls[0].id;
        for (off, on) in [
            (
                Command::Hold { call: id, by: Side::Left, on: true },
                Command::Hold { call: id, by: Side::Left, on: false },
            ),
            (
                Command::Mute { call: id, party: Side::Left, on: true },
                Command::Mute { call: id, party: Side::Left, on: false },
            ),
        ] {
            desk.command(off).expect("they talk");
            press(&mut desk, phone.0, phone.1, b'6');
            assert_eq!(sent(&mut desk), []);
            desk.command(on).expect("they talk");
            press(&mut desk, phone.0, phone.1, b'7');
            assert_eq!(sent(&mut desk), if blank_keys { vec![] } else { to(outside.0, "7") });
        }
        hang_up_all(&mut desk);
    }
}

/// Of two SIP phones each hears the other's keys, the called one's too; so do two calls that a program has joined.
#[test]
fn keys_of_the_called_phone_and_of_joined_calls_are_pressed_on() {
    let sip = |index| ChannelId { device: SIP, index };
    let mut desk = Desk::ready(config());
    let calls = [0, 1].map(|index| {
        let call = BoardCall(u64::from(index) * 2 + 1);
        let incoming = Incoming { called: "8002".into(), ..Incoming::default() };
        desk.board_event(BoardEvent::Incoming { channel: sip(index), call, incoming });
        let id = desk.offered();
        desk.command(Command::Answer { call: id }).expect("it is offered");
        let supervision = Supervision::Signalled;
        desk.board_event(BoardEvent::Connected {
            channel: sip(index),
            call,
            supervision,
            inband_digits: false,
        });
        id
    });
    let [a, b] = calls;
    desk.command(Command::Bridge { call: a, with: b, ends_together: true }).expect("both are answered");
    for (from, to) in [(0, 1), (1, 0)] {
        let digit = Digit::new(b'9').expect("a key");
        desk.board_event(BoardEvent::Digit {
            channel: sip(from),
            call: BoardCall(u64::from(from) * 2 + 1),
            digit,
        });
        let last = desk.board.last().cloned();
        assert!(
            matches!(&last, Some(BoardCommand::SendDigits { channel, digits }) if *channel == sip(to) && digits.as_str() == "9"),
            "{last:?}"
        );
        assert!(
            matches!(desk.events.last(), Some(Event::Digit { call, .. }) if *call == calls[from as usize])
        );
    }
    hang_up_all(&mut desk);
}
