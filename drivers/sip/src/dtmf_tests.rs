//! Digits as telephone events: what is sent, and what is heard of it when packets are lost, doubled and swapped.

use super::*;
use proptest::prelude::*;

const NARROW: u32 = 8000;

fn sent_at(text: &str, on_ms: u32, clock_hz: u32, start: u32) -> Vec<Out> {
    let mut sender = Sender::default();
    assert!(sender.queue(Run::new(text, on_ms, 0).expect("short")));
    let mut packets = Vec::new();
    let mut frame = Frame { timestamp: start, ms: 20, clock_hz, events_hz: clock_hz };
    while sender.is_busy() {
        packets.extend(sender.frame(frame));
        frame.timestamp = frame.timestamp.wrapping_add(clock_hz / 50);
    }
    packets
}

fn sent(text: &str) -> Vec<Out> {
    sent_at(text, 0, NARROW, u32::MAX - 1000)
}

fn is_end(packet: &Out) -> bool {
    packet.payload[1] & 0x80 != 0
}

fn duration(packet: &Out) -> u32 {
    u16::from_be_bytes([packet.payload[2], packet.payload[3]]).into()
}

/// What is heard of packets that come one a frame, and of the silence after them.
fn heard(packets: impl IntoIterator<Item = Out>, clock_hz: u32) -> Vec<Heard> {
    let (mut receiver, mut heard) = (Receiver::default(), Vec::new());
    for packet in packets {
        heard.extend(receiver.packet(packet.timestamp, &packet.payload, clock_hz).into_iter().flatten());
        heard.extend(receiver.pass(160, clock_hz));
    }
    for _ in 0..7 {
        heard.extend(receiver.pass(160, clock_hz));
    }
    heard
}

#[test]
fn a_digit_has_one_timestamp_a_marker_and_three_ends() {
    for clock_hz in [8000, 48_000] {
        let packets = sent_at("5", 0, clock_hz, u32::MAX - 1000);
        assert_eq!(packets.len(), 5 + 2, "100 ms and two more ends");
        assert!(packets.iter().all(|p| p.timestamp == packets[0].timestamp && p.payload[0] == 5));
        assert_eq!(packets.iter().filter(|p| p.marker).count(), 1);
        assert!(packets[0].marker);
        assert_eq!(packets.iter().filter(|p| is_end(p)).count(), 3);
        assert_eq!(duration(&packets[6]), clock_hz / 10);
        assert_eq!(heard(packets, clock_hz), [Heard { digit: b'5', ms: 100 }]);
    }
}

#[test]
fn an_old_digit_does_not_come_back() {
    let mut receiver = Receiver::default();
    let mut packet = |timestamp, payload: &[u8]| receiver.packet(timestamp, payload, NARROW);
    assert_eq!(packet(1000, &[1, 0x80, 3, 32])[1], Some(Heard { digit: b'1', ms: 100 }));
    assert_eq!(packet(1000, &[1, 0x80, 3, 32]), [None; 2]);
    assert_eq!(packet(200, &[2, 0x80, 3, 32]), [None; 2]);
    assert_eq!(packet(5000, &[99, 0x80, 3, 32]), [None; 2], "a flash is no digit");
    assert_eq!(packet(5000, &[1, 0x80]), [None; 2]);
}

/// The same digit twice, all end packets of the first lost, is two digits; and a digit is heard after half an RTP time.
#[test]
fn two_are_two_and_time_may_wrap() {
    let twice = sent("11").into_iter().filter(|packet| packet.marker || !is_end(packet));
    assert_eq!(heard(twice, NARROW).len(), 2);
    let mut receiver = Receiver::default();
    assert!(receiver.packet(0, &[1, 0x80, 3, 32], NARROW)[1].is_some());
    for _ in 0..REMEMBERED_SAMPLES / 160 {
        assert_eq!(receiver.pass(160, NARROW), None);
    }
    assert!(receiver.packet(0x9000_0000, &[2, 0x80, 3, 32], NARROW)[1].is_some(), "12 hours of 48 kHz later");
}

#[test]
fn a_long_digit_goes_on_in_segments_and_is_one() {
    for (on_ms, clock_hz) in [(30_000, 8000), (8000, 48_000), (8192, 8000), (1365, 48_000), (1380, 48_000)] {
        let packets = sent_at("7", on_ms, clock_hz, 0xFFFF_F000);
        assert_eq!(packets.iter().filter(|p| p.marker).count(), 1, "no marker where a segment begins");
        let segments: Vec<&[Out]> = packets.chunk_by(|a, b| a.timestamp == b.timestamp).collect();
        for pair in segments.windows(2) {
            let last = pair[0].last().expect("a chunk is not empty");
            assert_eq!((duration(last), is_end(last)), (SEGMENT_TICKS, false));
            assert_eq!(pair[1][0].timestamp.wrapping_sub(last.timestamp), SEGMENT_TICKS);
        }
        assert_eq!(packets.iter().filter(|p| is_end(p)).count(), 3);
        let ticks = (segments.len() as u32 - 1) * SEGMENT_TICKS + duration(packets.last().expect("some"));
        assert_eq!(ticks, on_ms * (clock_hz / 1000));
        assert_eq!(
            heard(packets.clone(), clock_hz),
            [Heard { digit: b'7', ms: on_ms }],
            "{on_ms} at {clock_hz}"
        );
        // without the packets that say the most of their segments, and without any end
        let poor = packets.into_iter().filter(|p| !is_end(p) && duration(p) != SEGMENT_TICKS);
        assert_eq!(heard(poor, clock_hz).len(), 1, "{on_ms} at {clock_hz}");
    }
}

proptest! {
    /// Any loss that leaves one packet of a digit still gives that digit exactly once: its first packets lost, all its ends
    /// lost, some doubled, and neighbours swapped as networks do.
    #[test]
    fn each_digit_is_heard_once(
        text in "[0-9*#A-D]{1,12}",
        fates in prop::collection::vec((any::<bool>(), 1usize..3, any::<bool>()), 100),
        kept in prop::collection::vec(0usize..5, 12),
        clock_hz in prop::sample::select(vec![8000u32, 48_000]),
    ) {
        let packets = sent_at(&text, 0, clock_hz, u32::MAX - 1000);
        let mut arriving = Vec::new();
        for (n, digit) in packets.chunk_by(|a, b| a.timestamp == b.timestamp).enumerate() {
            for (m, packet) in digit.iter().enumerate() {
                let (keep, copies, swap) = fates[(n * 7 + m) % fates.len()];
                // one packet of each digit always arrives, so that there is something to hear
                let copies = if m == kept[n % kept.len()] { 1 } else if keep { copies } else { 0 };
                for _ in 0..copies {
                    arriving.push(*packet);
                    let last = arriving.len() - 1;
                    // within a digit only: a packet that comes after the next digit has begun is late
                    if swap && last > 0 && arriving[last - 1].timestamp == packet.timestamp {
                        arriving.swap(last - 1, last);
                    }
                }
            }
        }
        let heard = heard(arriving, clock_hz);
        prop_assert_eq!(heard.iter().map(|h| char::from(h.digit)).collect::<String>(), text);
    }

    #[test]
    fn any_bytes_are_taken_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..800)) {
        crate::fuzz::telephone_event(&bytes);
    }
}
