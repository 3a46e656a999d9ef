//! The buffer, situation by situation. What holds for any network is in `properties.rs`.

use super::*;

const FRAME_NS: u64 = 20_000_000;

/// The byte at a place of the stream; never that of silence.
fn byte(place: u32) -> u8 {
    (place / 3 % 120) as u8 + 1
}

/// A stream of one format, as its sender makes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub(super) format: Format,
    pub(super) start: u32,
    pub(super) packet_ms: u32,
}

impl Stream {
    pub(super) fn layout(&self) -> Layout {
        Layout::new(self.format, 20)
    }

    pub(super) fn ticks(&self) -> u32 {
        self.packet_ms * self.layout().ms
    }

    pub(super) fn timestamp(&self, packet: u32) -> u32 {
        self.start.wrapping_add(packet * self.ticks())
    }

    /// Linear samples go in network byte order, so what is read has the two bytes the other way round.
    pub(super) fn read(&self, place: u32) -> u8 {
        match self.format {
            Format::L16 | Format::L16Wide | Format::L16Full if cfg!(target_endian = "little") => {
                byte(place ^ 1)
            }
            _ => byte(place),
        }
    }

    pub(super) fn payload(&self, packet: u32) -> Vec<u8> {
        let count = match self.format {
            Format::G729 => self.packet_ms,
            // 20 ms of wideband SILK, as long as it likes
            Format::Opus => return [&[9 << 3][..], &vec![packet as u8; 20 + packet as usize % 90]].concat(),
            _ => self.ticks() * self.layout().tick_bytes() as u32,
        };
        (0..count).map(|n| byte(packet * count + n)).collect()
    }

    pub(super) fn put(&self, jitter: &mut Jitter, packet: u32) -> Put {
        let at = u64::from(packet) * u64::from(self.packet_ms) * 1_000_000;
        jitter.put(at, self.timestamp(packet), 65_530u16.wrapping_add(packet as u16), &self.payload(packet))
    }
}

const G711: Stream = Stream { format: Format::ALaw, start: u32::MAX - 700, packet_ms: 20 };

#[test]
fn a_lone_stray_packet_does_not_move_the_buffer() {
    let mut jitter = Jitter::new(Format::MuLaw, Settings::fixed(40));
    let mut put = |at: u32, number: u16| jitter.put(0, at, number, &[1; 160]);
    assert_eq!(put(1000, 1), Put::Kept);
    assert_eq!(put(900_000, 50_000), Put::Early);
    assert_eq!(put(1160, 2), Put::Kept);
    assert_eq!(put(1160, 2), Put::Duplicate);
    for (n, expected) in [Put::Early, Put::Early, Put::Restarted, Put::Kept].into_iter().enumerate() {
        assert_eq!(put(900_000 + n as u32 * 160, 50_000 + n as u16), expected);
    }
    assert_eq!(jitter.counts().restarts, 1);
}

#[test]
fn a_sender_whose_time_jumps_while_nothing_waits_is_followed_at_once() {
    let mut jitter = Jitter::new(Format::ALaw, Settings::fixed(40));
    let mut slot = [0; 160];
    jitter.put(0, 1000, 7, &[1; 160]);
    for _ in 0..10 {
        jitter.take(&mut slot);
    }
    assert_eq!(jitter.put(0, 5_000_000, 8, &[2; 160]), Put::Restarted);
    let heard: Vec<Taken> = (0..3).map(|_| jitter.take(&mut slot)).collect();
    assert_eq!(heard, [Taken::Missing, Taken::Missing, Taken::Whole]);
    assert_eq!(slot, [2; 160]);
}

#[test]
fn a_way_that_becomes_much_longer_is_followed_too() {
    let mut jitter = Jitter::new(Format::ALaw, Settings::fixed(40));
    let mut slot = [0; 160];
    let mut whole = 0;
    for frame in 0..200 {
        // from packet 50 on, 160 ms later
        let packet = if frame < 50 { Some(frame) } else { (frame >= 58).then(|| frame - 8) };
        if let Some(packet) = packet {
            G711.put(&mut jitter, packet);
        }
        whole += u32::from(jitter.take(&mut slot) == Taken::Whole);
    }
    let counts = jitter.counts();
    assert_eq!((counts.restarts, counts.late), (1, u64::from(LATE_MAX) - 1));
    assert!(whole > 150, "{whole}");
}

#[test]
fn a_sender_whose_numbers_stand_still_is_heard_all_the_same() {
    let mut jitter = Jitter::new(Format::ALaw, Settings::fixed(40));
    let mut slot = [0; 160];
    for frame in 0..100 {
        assert_eq!(jitter.put(0, frame * 160, 0, &[1; 160]), Put::Kept);
        assert_eq!(jitter.take(&mut slot) == Taken::Whole, frame >= 2);
    }
}

#[test]
fn frames_that_the_host_left_out_are_not_heard_later() {
    let mut jitter = Jitter::new(Format::ALaw, Settings::fixed(60));
    let mut slot = [0; 160];
    (0..2).for_each(|packet| assert_eq!(G711.put(&mut jitter, packet), Put::Kept));
    jitter.skip(4);
    assert_eq!(jitter.take(&mut slot), Taken::Whole);
    assert_eq!(slot[..], G711.payload(1));
    jitter.skip(u32::MAX);
    assert_eq!((jitter.take(&mut slot), jitter.depth_ms()), (Taken::Missing, 0));
}

#[test]
fn jitter_is_reported_as_rfc_3550_has_it() {
    let mut jitter = Jitter::new(Format::ALaw, Settings::fixed(60));
    let mut expected = 0.0f64;
    for packet in 0..200u32 {
        // every second packet 5 ms late: the transit changes by 40 ticks each time
        let late = u64::from(packet % 2) * 5_000_000;
        jitter.put(u64::from(packet) * FRAME_NS + late, packet * 160, packet as u16, &[1; 160]);
        jitter.take(&mut [0; 160]);
        expected += if packet == 0 { 0.0 } else { (40.0 - expected) / 16.0 };
    }
    assert!((f64::from(jitter.jitter()) - expected).abs() <= 1.0, "{} {expected}", jitter.jitter());
}

#[test]
fn g729_comes_in_pieces_of_10_ms_with_a_sid_at_the_end_only() {
    let mut jitter = Jitter::new(Format::G729, Settings::fixed(0));
    let mut slot = [0; 22];
    let voice = |n: u8| [n; 10];
    let mut take = |jitter: &mut Jitter, packets: &[(u32, &[u8])]| {
        for (timestamp, payload) in packets {
            assert_eq!(jitter.put(0, *timestamp, 0, payload), Put::Kept);
        }
        let taken = jitter.take(&mut slot);
        let length = usize::from(u16::from_ne_bytes([slot[0], slot[1]]));
        (taken, slot[2..2 + length].to_vec())
    };
    // 30 ms, a SID in the fourth piece, nothing, then a voice again in the second half of a frame
    let three = [voice(1), voice(2), voice(3)].concat();
    assert_eq!(take(&mut jitter, &[(0, &three)]), (Taken::Whole, [voice(1), voice(2)].concat()));
    assert_eq!(take(&mut jitter, &[(240, &[9, 9])]), (Taken::Whole, [&voice(3)[..], &[9, 9]].concat()));
    assert_eq!(take(&mut jitter, &[]), (Taken::Missing, vec![]));
    assert_eq!(take(&mut jitter, &[(560, &voice(4))]), (Taken::Part, voice(4).to_vec()));
    // a voice cannot stand behind a SID
    assert_eq!(take(&mut jitter, &[(640, &[7, 7]), (720, &voice(5))]), (Taken::Part, voice(5).to_vec()));
    assert_eq!(jitter.put(0, 800, 5, &[0; 7]), Put::Refused);
}

/// Runs packets through a network that is a function of the packet's number: how many frames late, or lost.
fn run(
    jitter: &mut Jitter,
    stream: Stream,
    frames: u32,
    fate: impl Fn(u32) -> Option<u32>,
    mut see: impl FnMut(u32, Taken, &Jitter, &[u8]),
) {
    let mut slot = vec![0; stream.layout().slot_bytes];
    for frame in 0..frames {
        (frame.saturating_sub(20)..=frame).filter(|packet| fate(*packet) == Some(frame - packet)).for_each(
            |packet| {
                stream.put(jitter, packet);
            },
        );
        let taken = jitter.take(&mut slot);
        see(frame, taken, jitter, &slot);
    }
}

#[test]
fn an_adaptive_buffer_waits_for_a_stall_and_comes_back_afterwards() {
    let mut jitter = Jitter::new(Format::ALaw, Settings::adaptive(20, 200));
    // at packet 400 the network stands still for 120 ms
    let stall = |packet: u32| Some(if (400..406).contains(&packet) { 406 - packet } else { 0 });
    let (mut late_max, mut missing, mut target) = (0, 0, Vec::new());
    run(&mut jitter, G711, 1500, stall, |frame, taken, jitter, _| {
        late_max = late_max.max(jitter.depth_ms());
        missing += u32::from(frame > 10 && taken == Taken::Missing);
        target.push(jitter.target_ms());
    });
    let counts = jitter.counts();
    assert_eq!((counts.late, counts.lost), (0, 0), "what was late was waited for");
    assert!((3..=6).contains(&missing), "{missing}");
    assert!(target[399] <= 30, "{}", target[399]);
    assert!(
        jitter.target_ms() <= 40 && jitter.depth_ms() <= 60,
        "{} {}",
        jitter.target_ms(),
        jitter.depth_ms()
    );
    assert!(late_max >= 100 && counts.dropped.abs_diff(counts.added) <= 8 * 60, "{late_max} {counts:?}");
}

#[test]
fn an_adaptive_buffer_grows_with_the_jitter_and_shrinks_without() {
    for format in [Format::ALaw, Format::G722, Format::G729, Format::Opus, Format::L16Wide] {
        let stream = Stream { format, ..G711 };
        let mut jitter = Jitter::new(format, Settings::adaptive(20, 200));
        // from 10 s to 40 s every eighth packet is 100 ms late
        let network =
            |packet: u32| Some(if (500..2000).contains(&packet) && packet.is_multiple_of(8) { 5 } else { 0 });
        let (mut targets, mut late_missing) = (Vec::new(), 0);
        run(&mut jitter, stream, 6000, network, |frame, taken, jitter, _| {
            targets.push(jitter.target_ms());
            late_missing += u32::from((700..2000).contains(&frame) && taken == Taken::Missing);
        });
        assert!(targets[499] <= 30, "{format:?}: {}", targets[499]);
        assert!((100..=130).contains(&targets[1999]), "{format:?}: {}", targets[1999]);
        assert!(late_missing < 10, "{format:?}: {late_missing}");
        assert!(
            targets[5999] <= 30 && jitter.depth_ms() <= 60,
            "{format:?}: {} {}",
            targets[5999],
            jitter.depth_ms()
        );
    }
}

#[test]
fn a_pause_is_no_delay() {
    for format in Format::ALL {
        let stream = Stream { format, ..G711 };
        let mut jitter = Jitter::new(format, Settings::adaptive(40, 200));
        // a sender that is silent for a second of each three (its time goes on)
        let talks = |packet: u32| (packet % 150 < 100).then_some(0);
        let (mut deepest, mut waited) = (0, 0);
        run(&mut jitter, stream, 3000, talks, |frame, taken, jitter, _| {
            deepest = deepest.max(jitter.depth_ms());
            waited += u32::from(frame > 300 && frame % 150 < 95 && frame % 150 > 4 && taken != Taken::Whole);
        });
        assert!(deepest <= 80, "{format:?}: {deepest}");
        assert_eq!((waited, jitter.counts().late), (0, 0), "{format:?}");
    }
}

#[test]
fn a_clock_that_is_fast_or_slow_is_followed_in_every_format() {
    for format in Format::ALL {
        let stream = Stream { format, ..G711 };
        for fast in [true, false] {
            let mut jitter = Jitter::new(format, Settings::fixed(60));
            let mut slot = vec![0; stream.layout().slot_bytes];
            let (mut sent, mut depth, mut missing) = (0, (u32::MAX, 0), 0);
            for frame in 0..30_000u32 {
                // a packet too many, or too few, in ten seconds: 2000 ppm
                let due = if fast { frame + frame / 500 } else { frame - frame / 500 };
                while sent <= due {
                    assert_eq!(stream.put(&mut jitter, sent), Put::Kept, "{format:?}");
                    sent += 1;
                }
                let taken = jitter.take(&mut slot);
                missing += u32::from(frame > 5 && taken != Taken::Whole);
                if frame > 5 {
                    depth = (depth.0.min(jitter.depth_ms()), depth.1.max(jitter.depth_ms()));
                }
            }
            let counts = jitter.counts();
            let ms = (counts.dropped as i64 - counts.added as i64) / i64::from(stream.layout().ms);
            assert!((ms - if fast { 1200 } else { -1200 }).abs() < 60, "{format:?} {fast}: {ms}");
            assert!(depth.0 >= 20 && depth.1 <= 140, "{format:?} {fast}: {depth:?}");
            // whole frames can be added only by a missing one; samples without anything missing
            let may_miss = if format.is_sampled() || fast { 0 } else { 62 };
            assert!(missing <= may_miss, "{format:?} {fast}: {missing}");
        }
    }
}

#[test]
fn a_fast_sender_is_followed_although_its_packets_are_not_all_read_at_once() {
    let mut jitter = Jitter::new(Format::ALaw, Settings::fixed(60));
    let (mut sent, mut put, mut deepest) = (0, 0, 0);
    for frame in 0..30_000u32 {
        sent = sent.max(frame + frame / 500 + 1);
        while put < sent {
            G711.put(&mut jitter, put);
            put += 1;
            if jitter.is_filled() && frame % 64 != 0 {
                break;
            }
        }
        jitter.take(&mut [0; 160]);
        deepest = deepest.max(jitter.depth_ms() + 20 * (sent - put));
    }
    assert!(deepest <= 140, "{deepest}");
    assert!(jitter.counts().dropped.abs_diff(30_000 / 500 * 160) < 8 * 60, "{:?}", jitter.counts());
}

#[test]
fn a_frame_of_10_ms_works_as_well() {
    let settings = Settings { frame_ms: 10, ..Settings::fixed(60) };
    for format in [Format::ALaw, Format::L16Full, Format::G722, Format::G729] {
        let stream = Stream { format, ..G711 };
        let mut jitter = Jitter::new(format, settings);
        let mut slot = vec![0; format.slot_bytes(80)];
        let mut heard = Vec::new();
        for frame in 0..100 {
            if frame % 2 == 0 {
                assert_eq!(stream.put(&mut jitter, frame / 2), Put::Kept);
            }
            let taken = jitter.take(&mut slot);
            assert_eq!(taken == Taken::Whole, frame >= 6, "{format:?} {frame}");
            let skip = if format.has_length() { 2 } else { 0 };
            heard.extend_from_slice(&slot[skip..]);
        }
        let begins = heard.len() / 100 * 6;
        let all = heard[begins..].iter().zip(0..);
        all.for_each(|(got, place)| assert_eq!(*got, stream.read(place), "{format:?} at {place}"));
    }
}

#[test]
fn a_frame_of_g722_is_left_out_where_it_is_quiet() {
    let mut jitter = Jitter::new(Format::G722, Settings::fixed(40));
    let mut slot = [0; 160];
    let (mut sent, mut left_out) = (0u32, Vec::new());
    for frame in 0..700u32 {
        // frame 20 brings two packets too many
        for _ in 0..if frame == 20 { 3 } else { 1 } {
            // loud codes, but for a fifth of a second in every two
            let code = if sent % 100 < 10 { 0x3F } else { 0x24 };
            jitter.put(0, sent * 160, sent as u16, &[code; 160]);
            sent += 1;
        }
        let before = jitter.counts().dropped;
        jitter.take(&mut slot);
        if jitter.counts().dropped > before {
            left_out.push((frame, slot[0]));
        }
    }
    assert!(matches!(left_out[..], [(101..=112, 0x3F)]), "{left_out:?}");
}

#[test]
fn another_format_takes_what_room_there_is() {
    let mut jitter = Jitter::new(Format::G729, Settings::fixed(60));
    jitter.reset(Format::L16Full);
    let stream = Stream { format: Format::L16Full, ..G711 };
    assert_eq!(stream.put(&mut jitter, 0), Put::Refused);
    let mut jitter =
        Jitter::with_room_for(&[Format::ALaw, Format::L16Full, Format::Opus], Settings::fixed(60));
    for format in Format::ALL {
        jitter.reset(format);
        let stream = Stream { format, ..G711 };
        (0..3).for_each(|packet| assert_eq!(stream.put(&mut jitter, packet), Put::Kept, "{format:?}"));
        assert_eq!((jitter.format(), jitter.target_ms(), jitter.depth_ms()), (format, 60, 120));
    }
}

#[test]
fn what_a_call_needs_is_bounded() {
    let bytes = |format, settings| size_of::<Jitter>() + Jitter::new(format, settings).cells.bytes();
    assert!(bytes(Format::ALaw, Settings::fixed(60)) < 3 * 1024);
    for format in [Format::ALaw, Format::MuLaw, Format::G722, Format::G729, Format::Opus, Format::L16] {
        assert!(bytes(format, Settings::adaptive(20, 200)) <= 8 * 1024, "{format:?}");
    }
}

#[test]
fn numbers_of_packets_that_are_no_sound_are_not_missed() {
    let mut jitter = Jitter::new(Format::ALaw, Settings::fixed(60));
    jitter.pass_over(9);
    for number in 10..18u16 {
        match number {
            13 => {}
            15 | 16 => jitter.pass_over(number),
            _ => assert_eq!(jitter.put(0, u32::from(number) * 160, number, &[0x55; 160]), Put::Kept),
        }
    }
    assert_eq!((jitter.counts().lost, jitter.counts().received), (1, 5));
    jitter.pass_over(13);
    assert_eq!((jitter.counts().lost, jitter.counts().reordered), (0, 1), "it was one of them, and late");
}
