//! The buffer against any network: whatever is lost, doubled, swapped or late, each sample is read in its place.

use super::tests::Stream;
use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

/// What becomes of a packet on its way: lost, doubled, or so many frames late.
fn fates() -> impl Strategy<Value = Vec<(u8, u8)>> {
    prop::collection::vec((0u8..10, 0u8..3), 50..120)
}

/// Numbers of the packets and when they arrive, in their own lengths; and which are lost.
fn arrivals(fates: &[(u8, u8)], packet_ms: u32) -> (Vec<(u32, u32)>, HashSet<u32>) {
    let (mut arrivals, mut lost) = (vec![(0, 0)], HashSet::new());
    for ((fate, shift), packet) in fates.iter().zip(1..) {
        match fate {
            0 => drop(lost.insert(packet)),
            1 => arrivals.extend([(packet, packet), (packet, packet)]),
            // later, but less than the 60 ms the buffer waits
            _ if packet_ms <= 20 => arrivals.push((packet + u32::from(*shift), packet)),
            _ => arrivals.push((packet, packet)),
        }
    }
    arrivals.sort_unstable();
    (arrivals, lost)
}

proptest! {
    /// Whatever is lost, doubled or swapped: what is read is right where it is, silent where it is not, and each packet
    /// that came in time is read once.
    #[test]
    fn reads_every_sample_in_its_place(
        start: u32,
        packet_ms in prop::sample::select(vec![10u32, 20, 30, 40, 60]),
        format in prop::sample::select(vec![Format::ALaw, Format::L16, Format::L16Wide, Format::L16Full, Format::G722]),
        fates in fates(),
    ) {
        let stream = Stream { format, start, packet_ms };
        let layout = stream.layout();
        let mut jitter = Jitter::new(format, Settings::fixed(60));
        let (arrivals, lost) = arrivals(&fates, packet_ms);
        let (packets, tick_bytes) = (fates.len() as u32 + 1, layout.tick_bytes() as u32);
        let mut waiting = arrivals.iter().peekable();
        let mut slot = vec![0; layout.slot_bytes];
        for frame in 0..packets * packet_ms / 20 + 3 {
            while let Some((_, packet)) = waiting.next_if(|(at, _)| at * packet_ms <= frame * 20) {
                stream.put(&mut jitter, *packet);
            }
            let taken = jitter.take(&mut slot);
            // the windows in which the level is judged are longer than this, so nothing has moved
            prop_assert_eq!(jitter.counts().joins, 0);
            let mut missing = 0;
            for (got, n) in slot.iter().zip(0u32..) {
                let Some(place) = (frame * slot.len() as u32 + n).checked_sub(60 * layout.ms * tick_bytes) else {
                    prop_assert_eq!(*got, format.silence());
                    missing += 1;
                    continue;
                };
                let packet = place / (stream.ticks() * tick_bytes);
                let absent = packet >= packets || lost.contains(&packet);
                missing += usize::from(absent);
                prop_assert_eq!(*got, if absent { format.silence() } else { stream.read(place) }, "at {}", place);
            }
            let expected = match missing {
                0 => Taken::Whole,
                _ if missing * 2 < slot.len() && format.is_sampled() => Taken::Part,
                _ => Taken::Missing,
            };
            prop_assert_eq!(taken, expected, "{} of {} missing", missing, slot.len());
        }
        prop_assert_eq!(jitter.counts().late, 0);
        let doubled = fates.iter().filter(|(fate, _)| *fate == 1).count() as u64;
        prop_assert_eq!(jitter.counts().duplicate, doubled);
    }

    /// Packets that cannot be cut come out as they went in, or not at all.
    #[test]
    fn takes_every_packet_in_its_place(start: u32, is_opus: bool, fates in fates()) {
        let format = if is_opus { Format::Opus } else { Format::G729 };
        let stream = Stream { format, start, packet_ms: 20 };
        let mut jitter = Jitter::new(format, Settings::fixed(60));
        let (arrivals, lost) = arrivals(&fates, 20);
        let mut waiting = arrivals.iter().peekable();
        let mut slot = vec![0; stream.layout().slot_bytes];
        for frame in 0..fates.len() as u32 + 4 {
            while let Some((_, packet)) = waiting.next_if(|(at, _)| *at <= frame) {
                stream.put(&mut jitter, *packet);
            }
            let taken = jitter.take(&mut slot);
            let length = usize::from(u16::from_ne_bytes([slot[0], slot[1]]));
            match frame.checked_sub(3).filter(|packet| !lost.contains(packet)) {
                Some(packet) => {
                    prop_assert_eq!(taken, Taken::Whole);
                    prop_assert_eq!(&slot[2..2 + length], &stream.payload(packet)[..]);
                }
                None => prop_assert_eq!((taken, length), (Taken::Missing, 0)),
            }
        }
    }

    /// Any bytes at any time: no panic, no more than fits, and the counters add up.
    #[test]
    fn any_stream_is_taken_without_harm(
        format in prop::sample::select(Format::ALL.to_vec()),
        is_adaptive: bool,
        packets in prop::collection::vec(
            (prop_oneof![any::<u32>(), 0u32..4000, (u32::MAX - 4000)..], any::<u16>(), 0usize..1500, any::<u8>(), 0u8..6),
            0..200,
        ),
    ) {
        let settings = if is_adaptive { Settings::adaptive(20, 200) } else { Settings::fixed(40) };
        let mut jitter = Jitter::new(format, settings);
        let mut slot = vec![0; format.slot_bytes(160)];
        for (n, (timestamp, sequence, length, byte, takes)) in packets.iter().enumerate() {
            let length = if format == Format::G729 { length % 70 / 10 * 10 } else { *length };
            jitter.put(u64::from(*timestamp) << 20, *timestamp, *sequence, &vec![*byte; length]);
            (0..*takes).for_each(|_| assert!(matches!(jitter.take(&mut slot), Taken::Whole | Taken::Part | Taken::Missing)));
            if n % 17 == 0 {
                jitter.skip(u32::from(*sequence));
            }
            prop_assert!(jitter.depth() <= jitter.cells.room() && jitter.target_ms() <= 200);
        }
        let counts = jitter.counts();
        prop_assert_eq!(counts.received + counts.refused, packets.len() as u64);
        prop_assert!(counts.missing + counts.part <= counts.taken);
    }
}
