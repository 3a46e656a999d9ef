//! Events as bytes that nobody should write, and what the host makes of them.

use super::context::Context;
use super::event::{Malformed, Parsed, Shape, parse};
use crate::board::{
    BoardCall, BoardEvent, Cause, ChannelId, ChannelInfo, DeviceId, Digit, How, Kind, Signalling,
};
use crate::shell::clock::Clock;
use crate::shell::inbox::DeviceRing;
use crate::shell::roster::Gone;
use callcore_driver_host::{BadSize, Host as _};
use callcore_driver_sys::*;
use proptest::prelude::*;
use serde_json::Value;
use std::ptr;
use std::sync::Arc;

const SHAPE: Shape = Shape { device: DeviceId(3), channels: 4 };

/// The bytes of an event struct, as a driver would post them.
fn bytes<T: Copy>(event: &T) -> Vec<u8> {
    // SAFETY: events have no padding; all their bytes are initialised.
    unsafe { std::slice::from_raw_parts(ptr::from_ref(event).cast::<u8>(), size_of::<T>()) }.to_vec()
}

fn head(kind: u16, size: usize, chan: u32, call: u64) -> ccd_event {
    ccd_event { size: size as u32, kind, seq: 1, chan, call, ..ccd_event::zeroed() }
}

fn channel(index: u32) -> ChannelId {
    ChannelId { device: SHAPE.device, index }
}

#[test]
fn events_are_read_field_by_field() {
    let mut incoming = ccd_ev_incoming::zeroed();
    incoming.h = head(CCD_EV_INCOMING, size_of_val(&incoming), 2, 7);
    for (to, from) in incoming.called.iter_mut().zip(b"8000") {
        *to = from.cast_signed();
    }
    for (to, from) in incoming.name.iter_mut().zip(b"An\x01na\xff") {
        *to = from.cast_signed();
    }
    let Ok(Parsed::Board(BoardEvent::Incoming { channel: at, call, incoming })) =
        parse(SHAPE, &bytes(&incoming))
    else {
        panic!("an incoming call")
    };
    assert_eq!((at, call, incoming.called.as_str()), (channel(2), BoardCall(7), "8000"));
    assert_eq!(incoming.name, "Anna\u{fffd}", "control characters are left out, bad UTF-8 is marked");

    let mut gone = ccd_ev_disconnected::zeroed();
    gone.h = head(CCD_EV_RELEASED, size_of_val(&gone), 0, 9);
    (gone.q850, gone.how, gone.vendor_code) = (17, CCD_HOW_TONE, -486);
    let cause = Cause { q850: 17, how: How::Tone, vendor_code: -486 };
    let released = BoardEvent::Released { channel: channel(0), call: BoardCall(9), cause };
    assert_eq!(parse(SHAPE, &bytes(&gone)), Ok(Parsed::Board(released)));
    gone.q850 = 500;
    let Ok(Parsed::Board(BoardEvent::Released { cause, .. })) = parse(SHAPE, &bytes(&gone)) else {
        panic!("released")
    };
    assert_eq!(cause.q850, 31, "a cause that is none becomes unspecified");
}

#[test]
fn digits_are_told_once_and_only_keys_are_digits() {
    let mut key = ccd_ev_digit::zeroed();
    key.h = head(CCD_EV_DIGIT, size_of_val(&key), 1, 7);
    (key.kind, key.digit, key.edge) = (CCD_DIGIT_DTMF, b'#', 1);
    let digit = Digit::new(b'#').expect("a key");
    let told = BoardEvent::Digit { channel: channel(1), call: BoardCall(7), digit };
    assert_eq!(parse(SHAPE, &bytes(&key)), Ok(Parsed::Board(told)));
    key.edge = 2;
    assert_eq!(parse(SHAPE, &bytes(&key)), Ok(Parsed::Ignored), "its beginning was told");
    (key.edge, key.digit) = (3, b'E');
    assert_eq!(parse(SHAPE, &bytes(&key)), Err(Malformed::Digit(b'E')));
    key.kind = CCD_DIGIT_R2_FORWARD;
    assert_eq!(parse(SHAPE, &bytes(&key)), Ok(Parsed::Ignored), "no key of a telephone");
}

#[test]
fn events_that_cannot_be_are_refused() {
    let size = size_of::<ccd_ev_progress>();
    let ringing = |chan, call| {
        bytes(&ccd_ev_progress { h: head(CCD_EV_ALERTING, size, chan, call), ..ccd_ev_progress::zeroed() })
    };
    assert_eq!(parse(SHAPE, &ringing(4, 7)), Err(Malformed::Channel(4)));
    assert_eq!(parse(SHAPE, &ringing(CCD_NO_CHAN, 7)), Err(Malformed::Channel(CCD_NO_CHAN)));
    assert_eq!(parse(SHAPE, &ringing(0, 0)), Err(Malformed::NoCall));
    assert_eq!(parse(SHAPE, &ringing(0, 7)[..48]), Err(BadSize { size: 48, min: size }.into()));
}

proptest! {
    /// Whatever the bytes are: no panic, and nothing about channels, calls or digits that do not exist.
    #[test]
    fn no_bytes_do_harm(kind in 0u16..128, chan in 0u32..6, call in 0u64..3, rest in prop::collection::vec(any::<u8>(), 0..512)) {
        let mut event = bytes(&head(kind, 0, chan, call));
        event.extend(&rest);
        let size = event.len() as u32;
        event[..4].copy_from_slice(&size.to_ne_bytes());
        if let Ok(Parsed::Board(event)) = parse(SHAPE, &event) {
            let text = format!("{event:?}");
            prop_assert!(!text.contains("index: 4") && !text.contains("index: 5"), "{text}");
            prop_assert!(!text.contains("BoardCall(0)"), "{text}");
        }
    }

    /// An event of a later minor version, longer than ours, reads the same.
    #[test]
    fn longer_events_read_the_same(more in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut lost = bytes(&ccd_ev_lost { h: head(CCD_EV_LOST, 56, 0, 0), count: 12 });
        lost.extend(&more);
        let told = BoardEvent::Lost { device: SHAPE.device, count: 12 };
        prop_assert_eq!(parse(SHAPE, &lost), Ok(Parsed::Board(told)));
    }
}

/// A channel is out by itself or with its span: the end of the one is not the end of the other.
#[test]
fn outages_of_a_channel_and_of_its_span_end_each_by_itself() {
    let (ring, (news, _from)) = (DeviceRing::new(Arc::default()), crossbeam_channel::unbounded());
    let (clock, gone) = (Clock::new(1.0), Gone::new(SHAPE.device, 1, news));
    let context = Context::new("span", SHAPE.device, Value::Null, clock, Arc::clone(&ring), gone);
    // channels 0 and 1 on span 0, the others on span 1
    let bearer = ChannelInfo { kind: Kind::Bearer, signalling: Signalling::Driver, caps: 0 };
    context.accept(vec![bearer; 4], [0, 0, 1, 1].into());
    ring.let_go();
    assert!(matches!(ring.pop(), Some(BoardEvent::DeviceAdded { .. })));
    let mut seq = 0;
    let mut out = |chan: u32, span: u32, now: u32| {
        seq += 1;
        let mut blocked = ccd_ev_blocked::zeroed();
        blocked.h = ccd_event { span, seq, ..head(CCD_EV_BLOCKED, size_of_val(&blocked), chan, 0) };
        blocked.now = now;
        assert_eq!(context.post(&bytes(&blocked)), CCD_OK);
        let told = std::iter::from_fn(|| ring.pop()).map(|event| match event {
            BoardEvent::Service { channel, up } => (channel.index, up),
            other => panic!("{other:?}"),
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(out(0, 0, CCD_BLOCK_LOCAL), [(0, false)]);
    assert_eq!(out(CCD_NO_CHAN, 0, CCD_BLOCK_REMOTE), [(0, false), (1, false)]);
    assert_eq!(out(CCD_NO_CHAN, 0, 0), [(0, false), (1, true)], "channel 0 is out by itself");
    assert_eq!(out(0, 0, 0), [(0, true)]);
    assert_eq!(out(CCD_NO_CHAN, 7, CCD_BLOCK_REMOTE), [], "there is no such span");
}
