//! One reader at its edges: nothing there, too much there, channels that come and go, formats that cannot be cut.

use super::*;
use std::collections::BTreeMap;

/// Frames that say their own number in every byte.
struct Frames {
    bytes: BTreeMap<u64, Vec<u8>>,
    /// From which frame on each format is written.
    formats: BTreeMap<u64, Format>,
}

impl Frames {
    fn new(count: u64, format: Format) -> Self {
        let frame = |number| (number, vec![(number as u8).wrapping_add(1); format.slot_bytes(160)]);
        Self { bytes: (0..count).map(frame).collect(), formats: BTreeMap::from([(0, format)]) }
    }

    /// Another format from this frame on.
    fn change(&mut self, number: u64, format: Format) {
        self.formats.insert(number, format);
        for bytes in self.bytes.range_mut(number..).map(|(_, bytes)| bytes) {
            bytes.resize(format.slot_bytes(160), bytes[0]);
        }
    }
}

impl Held for Frames {
    fn format(&self, number: u64, _: u32) -> Option<Format> {
        self.formats.range(..=number).next_back().map(|(_, format)| *format)
    }

    fn frame(&self, number: u64, channel: u32, format: Format) -> Option<&[u8]> {
        let is_so = channel < 2 && self.format(number, channel) == Some(format);
        self.bytes.get(&number).filter(|_| is_so).map(Vec::as_slice)
    }
}

fn read(elastic: &mut Elastic, frames: &Frames, came: u64, format: Format) -> Option<(bool, u8, u8)> {
    if elastic.begin(came) == Turn::Dry {
        return None;
    }
    let mut out = vec![0; format.slot_bytes(160)];
    let is_there = elastic.read(frames, 0, format, &mut out);
    elastic.end();
    Some((is_there, out[0], out[out.len() - 1]))
}

#[test]
fn reading_begins_when_two_frames_wait_and_a_dry_spell_is_counted_when_it_is_over() {
    let frames = Frames::new(100, Format::ALaw);
    let mut elastic = Elastic::new(2, 160);
    let mut turn = |came| read(&mut elastic, &frames, came, Format::ALaw);
    assert_eq!([turn(0), turn(1)], [None, None]);
    assert_eq!([turn(1), turn(1), turn(0)], [Some((true, 1, 1)), Some((true, 2, 2)), Some((true, 3, 3))]);
    assert_eq!([turn(0), turn(0), turn(1)], [None, None, Some((true, 4, 4))]);
    assert_eq!(elastic.slips, 2);
}

#[test]
fn what_waits_too_long_is_left_out() {
    let frames = Frames::new(100, Format::ALaw);
    let mut elastic = Elastic::new(2, 160);
    let mut turn = |came| read(&mut elastic, &frames, came, Format::ALaw);
    assert_eq!(turn(2), Some((true, 1, 1)));
    // one waits; six more come at once, of which the last two stay
    assert_eq!(turn(6), Some((true, 7, 7)));
    assert_eq!((elastic.slips, elastic.waiting()), (5, 160));
    assert_eq!(elastic.first_needed(), 6);
}

#[test]
fn a_hole_is_silent_and_known() {
    let mut frames = Frames::new(10, Format::MuLaw);
    frames.bytes.remove(&2);
    let mut elastic = Elastic::new(2, 160);
    let heard: Vec<_> =
        (0..4).map(|n| read(&mut elastic, &frames, if n == 0 { 2 } else { 1 }, Format::MuLaw)).collect();
    assert_eq!(heard[2], Some((false, 0xFF, 0xFF)));
    assert_eq!(heard[3], Some((true, 4, 4)));
    assert!(!elastic.has(&frames, 2, Format::MuLaw) && elastic.has(&frames, 1, Format::MuLaw));
}

#[test]
fn packets_are_left_out_or_missing_whole() {
    let frames = Frames::new(3000, Format::G729);
    for came_twice in [true, false] {
        let mut elastic = Elastic::new(2, 160);
        assert_eq!(read(&mut elastic, &frames, 3, Format::G729), Some((true, 1, 1)));
        let (mut expected, mut missing, mut left_out) = (2u64, 0, 0);
        for turn in 0..2000u64 {
            // every 500th time two come, or none
            let came = if turn % 500 != 499 {
                1
            } else if came_twice {
                2
            } else {
                0
            };
            let (is_there, first, _) =
                read(&mut elastic, &frames, came, Format::G729).expect("a reserve is there");
            if !is_there {
                missing += 1;
                continue;
            }
            left_out += u64::from(first.wrapping_sub(expected as u8));
            expected += 1 + u64::from(first.wrapping_sub(expected as u8));
        }
        // the first decision takes back what came before the first frame was read
        assert!(if came_twice {
            missing == 0 && (3..=5).contains(&left_out)
        } else {
            missing <= 4 && left_out <= 1
        });
        assert_eq!(elastic.slips, 0);
    }
}

#[test]
fn every_rate_moves_by_the_same_time() {
    let tone = |n: usize, hertz: f64, rate: f64| {
        ((n as f64 * hertz / rate * std::f64::consts::TAU).sin() * 9000.0) as i16
    };
    for format in [Format::L16, Format::L16Wide, Format::L16Full] {
        let samples = format.rate().samples(20);
        let frame = |number: u64| -> Vec<u8> {
            let first = number as usize * samples;
            (first..first + samples)
                .flat_map(|n| tone(n, 400.0, format.rate().hz().into()).to_ne_bytes())
                .collect()
        };
        let bytes = (0..1100).map(|number| (number, frame(number))).collect();
        let frames = Frames { bytes, formats: BTreeMap::from([(0, format)]) };
        let mut elastic = Elastic::new(1, 160);
        let mut out = vec![0; format.slot_bytes(160)];
        // six wait, where one and a quarter are enough
        for turn in 0..1000 {
            assert_eq!(elastic.begin(if turn == 0 { 5 } else { 1 }), Turn::Frame);
            assert!(elastic.read(&frames, 0, format, &mut out));
            elastic.end();
        }
        let ms = elastic.dropped as usize / format.rate().samples(1);
        assert!((45..=65).contains(&ms) && elastic.added == 0, "{format:?}: {ms} ms of 55");
        assert_eq!(elastic.slips, 0);
    }
}

#[test]
fn each_frame_is_read_in_its_own_format_also_between_two() {
    for (later, first_of_later) in
        [(Format::L16Wide, 51), (Format::MuLaw, 51), (Format::G722, 51), (Format::G729, 51)]
    {
        // the place that is read moves while three wait, so that it lies between two frames
        let mut frames = Frames::new(1000, Format::ALaw);
        frames.change(50, later);
        let mut elastic = Elastic::new(2, 160);
        let (mut formats, mut silent) = (vec![], 0);
        for turn in 0..90 {
            assert_eq!(elastic.begin(if turn == 0 { 3 } else { 1 }), Turn::Frame);
            if turn == 30 {
                elastic.at += 40;
            }
            let format = elastic.format(&frames, 0).expect("it is in hand");
            let mut out = vec![0; format.slot_bytes(160)];
            elastic.read(&frames, 0, format, &mut out);
            if format != later && turn > 30 {
                silent += out.iter().filter(|byte| **byte == Format::ALaw.silence()).count();
            } else if format == later && later.is_sampled() {
                assert!(out[0] >= first_of_later, "{later:?}: {out:?}");
            }
            formats.push(format);
            elastic.end();
        }
        let before = formats.iter().take_while(|format| **format == Format::ALaw).count();
        assert_eq!(before, 50, "{later:?}: three quarters of the frame are of the old format");
        assert!(formats[before..].iter().all(|format| *format == later), "{later:?}");
        assert_eq!(silent, 40, "{later:?}: its last quarter is in another");
        assert_eq!(elastic.slips, 0);
    }
}
