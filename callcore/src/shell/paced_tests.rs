//! Both ends of one direction, each by its own clock, for hours of virtual time: what goes in comes out.

use super::*;
use crate::media::sine::sin_turns;
use callcore_codec::g711::{ALAW, linear_to_alaw};

const FRAME: usize = 160;
const FRAME_NS: u64 = 20_000_000;
const CHANNELS: u32 = 4;
/// Samples after which each channel's sound begins anew: 40 s.
const PERIOD: u64 = 320_000;

/// What each channel says: a tone, a voice of sorts, two tones of a key, and silence with a word now and then.
fn sounds() -> Vec<Vec<u8>> {
    let sample = |channel: u32, n: u64| {
        let t = n as f64 / 8000.0;
        let value = match channel {
            0 => sin_turns(t * 425.0) * 8000.0,
            1 => {
                // the pitch swings once in ten seconds between 95 and 185 Hz
                let turns = t * 140.0 - 45.0 * 10.0 / std::f64::consts::TAU * sin_turns(t / 10.0 + 0.25);
                let loud = (sin_turns(t * 1.4) + 0.7).max(0.02);
                (sin_turns(turns) * 0.5 + sin_turns(2.0 * turns) * 0.3 + sin_turns(5.0 * turns) * 0.2)
                    * loud
                    * 6000.0
            }
            2 => (sin_turns(t * 770.0) + sin_turns(t * 1336.0)) * 4000.0,
            _ if n % 32_000 < 3000 => sin_turns(t * 300.0) * sin_turns((n % 32_000) as f64 / 6000.0) * 9000.0,
            _ => 0.0,
        };
        linear_to_alaw(value as i16)
    };
    (0..CHANNELS)
        .map(|channel| (0..PERIOD + 2 * FRAME as u64).map(|n| sample(channel, n % PERIOD)).collect())
        .collect()
}

fn steps(bytes: &[u8]) -> i32 {
    let value = |byte: u8| i32::from(ALAW[usize::from(byte)]);
    bytes.windows(2).map(|pair| (value(pair[0]) - value(pair[1])).abs()).max().unwrap_or(0)
}

/// A wait of a thread that is not always on time.
fn late(n: u64) -> u64 {
    n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 42
}

/// One channel's ear: where in the sound it is, and the last byte heard.
#[derive(Clone, Copy, Default)]
struct Ear {
    at: Option<u64>,
    last: Option<u8>,
    /// Whether the frame before was joined; else what follows it follows in the sound.
    moved: bool,
}

impl Ear {
    fn hear(&mut self, sound: &[u8], out: &[u8], moved: i64) {
        let at = self.at.unwrap_or(0);
        let source = &sound[(at % PERIOD) as usize..];
        if moved == 0 {
            assert_eq!(out, &source[..FRAME], "at {at}");
        } else {
            let read = (FRAME as i64 + moved) as usize;
            let same = out.iter().zip(source).take_while(|(a, b)| a == b).count();
            let tail = out.iter().rev().zip(source[..read].iter().rev()).take_while(|(a, b)| a == b).count();
            assert!(same + tail + 40 >= FRAME, "more than a fade is new at {at}");
        }
        if moved != 0 || self.moved {
            let heard: Vec<u8> = self.last.into_iter().chain(out.iter().copied()).collect();
            let before = ((at + PERIOD - 1) % PERIOD) as usize;
            let (steepest, near) = (steps(&heard), steps(&sound[before..before + FRAME + 121]));
            assert!(
                steepest <= near + near / 8 + 40,
                "a click of {steepest}, near it {near}, at {at}, moved {moved}"
            );
        }
        self.moved = moved != 0;
        (self.at, self.last) = (Some(at + (FRAME as i64 + moved) as u64), out.last().copied());
    }
}

fn hours(ppm: i64, hours: u64) -> (Counters, (u64, u64)) {
    let sounds = sounds();
    let active = vec![AtomicU64::new(u64::MAX)].into();
    let link = Link {
        channels: CHANNELS,
        format: Format::ALaw,
        slot_bytes: FRAME,
        active,
        is_ending: AtomicBool::new(false),
    };
    let (mut to, mut from) = direction(&link);
    let counters = Counters::default();
    let mut ears = [Ear::default(); CHANNELS as usize];
    let (mut written, mut waiting, mut out) = (0u64, (u64::MAX, 0), [0; FRAME]);
    let frames = hours * 3600 * 50;
    for turn in 0..frames {
        let now = turn * FRAME_NS + late(turn);
        while written * FRAME_NS * 1_000_000 / (1_000_000 + ppm) as u64 + late(written + 7) <= now {
            let mut frame = to.empty.pop().expect("as many frames as are needed");
            for channel in 0..CHANNELS {
                let place = (written * FRAME as u64 % PERIOD) as usize;
                let bytes = frame.put(channel, Format::ALaw).expect("it is a channel");
                bytes.copy_from_slice(&sounds[channel as usize][place..place + FRAME]);
            }
            to.full.push(frame).expect("there is room for all");
            written += 1;
        }
        from.turn(&counters, |elastic, hand| {
            for (ear, channel) in ears.iter_mut().zip(0..) {
                let before = (elastic.added, elastic.dropped);
                assert!(elastic.read(hand, channel, Format::ALaw, &mut out), "nothing at turn {turn}");
                let moved = (elastic.dropped - before.1) as i64 - (elastic.added - before.0) as i64;
                ear.hear(&sounds[channel as usize], &out, moved);
            }
        });
        for at in ears.iter().filter_map(|ear| ear.at) {
            let rest = written * FRAME as u64 - at;
            waiting = (waiting.0.min(rest), waiting.1.max(rest));
        }
    }
    (counters, waiting)
}

#[test]
fn what_a_board_says_is_heard_without_a_click_whatever_its_clock() {
    for ppm in [-200, -50, 0, 50, 200] {
        let (counters, waiting) = hours(ppm, 1);
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as i64;
        let (added, dropped) = (of(&counters.samples_added), of(&counters.samples_dropped));
        println!("{ppm} ppm: {added} added, {dropped} dropped, {waiting:?} wait");
        assert_eq!(of(&counters.slips), 0, "{ppm} ppm");
        // an hour by the clocks, for each channel; a frame and more may be on its way
        let drift = 3600 * 8000 * ppm / 1_000_000 * i64::from(CHANNELS);
        assert!(
            (dropped - added - drift).abs() <= 320 * i64::from(CHANNELS),
            "{ppm} ppm: {dropped} - {added}, {drift}"
        );
        assert!(waiting.1 <= 5 * FRAME as u64, "{ppm} ppm: {waiting:?}");
    }
}

#[test]
fn a_board_that_stops_and_goes_on_is_heard_again() {
    let active = vec![AtomicU64::new(u64::MAX)].into();
    let link = Link {
        channels: 1,
        format: Format::MuLaw,
        slot_bytes: FRAME,
        active,
        is_ending: AtomicBool::new(false),
    };
    let (mut to, mut from) = direction(&link);
    let counters = Counters::default();
    let mut heard = Vec::with_capacity(100);
    let before = assert_no_alloc::violation_count();
    for turn in 0..100u8 {
        // the board is away from turn 20 to 60, and has five frames at once when it is back; the reader stops at 80
        let frames = if (20..60).contains(&turn) {
            0
        } else if turn == 60 {
            5
        } else {
            1
        };
        for _ in 0..frames {
            let Ok(mut frame) = to.empty.pop() else { continue };
            frame.put(0, Format::MuLaw).expect("it is a channel").fill(turn);
            to.full.push(frame).expect("there is room for all");
        }
        if (80..95).contains(&turn) {
            continue;
        }
        let mut out = [0; FRAME];
        assert_no_alloc::assert_no_alloc(|| {
            from.turn(&counters, |elastic, hand| {
                if elastic.read(hand, 0, Format::MuLaw, &mut out) {
                    heard.push((turn, out[0]));
                }
            });
        });
    }
    assert_eq!(assert_no_alloc::violation_count(), before, "a media thread takes no memory");
    assert!(heard.is_sorted_by_key(|(_, said)| *said), "{heard:?}");
    assert!(heard.iter().any(|(turn, said)| *turn == 60 && *said == 60), "{heard:?}");
    // what waited for the reader is soon left out
    let late = heard.iter().filter(|(turn, _)| *turn >= 97).map(|(turn, said)| turn - said).max();
    assert!(late.is_some_and(|late| late <= 5), "{heard:?}");
    assert!(counters.slips.load(Ordering::Relaxed) >= 40);
}

#[test]
fn each_channel_is_heard_in_the_format_that_its_frame_was_written_in() {
    let active = vec![AtomicU64::new(u64::MAX)].into();
    let (format, slot_bytes) = (Format::ALaw, Format::L16Wide.slot_bytes(FRAME));
    let link = Link { channels: 2, format, slot_bytes, active, is_ending: AtomicBool::new(false) };
    let (mut to, mut from) = direction(&link);
    let written = |channel: u32, turn: u8| match channel {
        0 => Format::ALaw,
        _ if turn < 10 => Format::MuLaw,
        _ => Format::L16Wide,
    };
    let mut heard = vec![];
    for turn in 0..30u8 {
        let mut frame = to.empty.pop().expect("as many frames as are needed");
        for channel in 0..2 {
            frame.put(channel, written(channel, turn)).expect("there is room").fill(turn);
        }
        assert!(frame.put(0, Format::L16Full).is_none(), "a slot has no room for it");
        to.full.push(frame).expect("there is room for all");
        from.turn(&Counters::default(), |elastic, hand| {
            for channel in 0..2 {
                let format = elastic.format(hand, channel).expect("it is in hand");
                let mut out = vec![0xEE; format.slot_bytes(FRAME)];
                assert!(elastic.read(hand, channel, format, &mut out));
                assert!(out.iter().all(|byte| *byte == out[0]), "one frame, not two");
                assert_eq!(format, written(channel, out[0]), "channel {channel} in turn {turn}");
                heard.push((channel, out[0]));
            }
        });
    }
    let expected: Vec<_> = (0..29).flat_map(|turn| [(0, turn), (1, turn)]).collect();
    assert_eq!(heard, expected, "a frame behind, all of them");
}
