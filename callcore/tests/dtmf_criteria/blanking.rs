//! What an engine needs to blank a key: where it began and where it ended.

use crate::classes::{Class, Want, classes};
use crate::press::{Line, Press, keys, line};
use callcore::base::Rng;
use callcore::media::dtmf::{BEGAN_SAMPLES_AGO_MAX, Detector, Ended};
use callcore_codec::Format;

const LINES: usize = if cfg!(debug_assertions) { 6 } else { 100 };

/// What a detector said about a line, all in samples of the line.
#[derive(Default)]
struct Said {
    /// For each key: first sample that is to be blanked, samples ago that was said, and where it was known.
    began: Vec<(usize, usize, usize)>,
    ended: Vec<(usize, Ended)>,
}

/// Listen in frames of a size. Between the beginning of a key and its end the detector has to say so.
fn listen(samples: &[i16], frame: usize) -> Said {
    let mut detector = Detector::default();
    let mut said = Said::default();
    let mut at = 0;
    for frame in samples.chunks(frame) {
        let was_sounding = detector.is_sounding();
        let heard = detector.listen(frame);
        at += frame.len();
        if heard.is_some() {
            assert!(detector.is_suspected() && detector.is_sounding());
            let ago = detector.began_samples_ago().expect("it sounds");
            said.began.push((at - ago, ago, at));
        }
        if was_sounding && !detector.is_sounding() {
            assert_eq!(detector.began_samples_ago(), None);
            let ended = detector.last_ended().expect("it has ended");
            assert_eq!(detector.ended_samples_ago(), Some(ended.samples_ago as usize));
            said.ended.push((at - ended.samples_ago as usize, ended));
        }
    }
    said
}

fn check(class: &Class, line: &Line, frame: usize, longest: &mut usize) {
    let said = listen(&line.samples, frame);
    let name = class.name;
    // of noise one press in a thousand is not heard: what is said belongs to the last press before
    let press =
        |at: usize| line.presses.iter().rfind(|(began, _)| *began < at).expect("nothing is heard before");
    for (from, ago, known) in &said.began {
        let (began, _) = press(*known);
        assert!(from <= began, "{name}: a rest of {} samples would be heard", from - began);
        assert!(ago - *ago.min(&(frame - 1)) <= BEGAN_SAMPLES_AGO_MAX, "{name}: {ago} samples ago");
        *longest = (*longest).max(known - began);
    }
    for (over, ended) in &said.ended {
        let (began, end) = press(*over);
        assert!(over + 14 >= *end, "{name}: said to be over {} samples early", end - over);
        assert!(over - end <= 204, "{name}: {} samples late", over - end);
        let off = i64::from(ended.samples) - (end - began) as i64;
        assert!(
            off.abs() <= 160 + (8.0 * class.press.break_ms) as i64,
            "{name}: its length is {off} samples off"
        );
    }
}

#[test]
fn all_of_a_key_can_be_blanked_from_when_it_is_recognised() {
    let mut rng = Rng::new(9);
    let mut longest = 0;
    for class in classes().iter().filter(|class| class.want != Want::None && class.law == Format::L16) {
        for key in keys() {
            for n in 0..LINES {
                // the pause is long enough for the end of the first press to be said
                let press = Press { key, off_ms: 60.0, ..class.press };
                check(class, &line(&press, &mut rng), [80, 160][n % 2], &mut longest);
            }
        }
    }
    println!("a key is known at most {longest} samples after its beginning, at the end of that frame");
    assert!(longest < BEGAN_SAMPLES_AGO_MAX + 160);
}
