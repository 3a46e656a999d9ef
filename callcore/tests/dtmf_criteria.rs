//! Keys against their criteria: ITU-T Q.24, a dial tone below them, what sox makes of them, and hours of speech and music.
//!
//! `cargo test -p callcore --test dtmf_criteria -- --nocapture` prints the tables. `CALLCORE_PEERS=1` says that sox and
//! espeak-ng are installed: then keys made by sox are heard, too, and the speech is espeak-ng's.
//! `CALLCORE_TALK_OFF_HOURS=5` makes the talk-off test as long as that (use `--release`).

#[path = "dtmf_criteria/blanking.rs"]
mod blanking;
#[path = "dtmf_criteria/classes.rs"]
mod classes;
#[path = "dtmf_criteria/music.rs"]
mod music;
#[path = "dtmf_criteria/press.rs"]
mod press;
#[path = "dtmf_criteria/sox.rs"]
mod sox;
#[path = "dtmf_criteria/speech.rs"]
mod speech;
#[path = "dtmf_criteria/talk_off.rs"]
mod talk_off;

use callcore::base::Rng;
use callcore::board::Digit;
use callcore::media::dtmf::Detector;
use classes::{Class, Want, classes};
use press::{Press, line};

/// Lines of each key in each class; two presses each.
const LINES: usize = if cfg!(debug_assertions) { 15 } else { 250 };

/// Whether the peers are not installed; says so when they are not.
fn without_peers(what: &str) -> bool {
    let skip = std::env::var_os("CALLCORE_PEERS").is_none();
    if skip {
        println!("skipped: needs {what}; set CALLCORE_PEERS=1 where it is installed");
    }
    skip
}

/// The keys heard in samples that come in frames of 20 ms.
fn hear(samples: &[i16]) -> String {
    let mut detector = Detector::default();
    samples.chunks(160).filter_map(|frame| detector.listen(frame)).map(Digit::char).collect()
}

/// Presses of one class: how many there were, how many were heard, what was heard that was not pressed.
#[derive(Default)]
struct Count {
    presses: usize,
    heard: usize,
    wrong: usize,
}

impl Count {
    fn add(&mut self, key: char, presses: usize, text: &str) {
        let right = text.chars().filter(|heard| *heard == key).count();
        self.presses += presses;
        self.heard += right.min(presses);
        self.wrong += text.len() - right.min(presses);
    }

    /// Whether this is what a class wants.
    fn is(&self, want: Want) -> bool {
        self.wrong == 0
            && match want {
                Want::All => self.heard == self.presses,
                Want::Nearly => (self.presses - self.heard) * 1000 <= self.presses,
                Want::None => self.heard == 0,
            }
    }

    fn row(&self, name: &str, want: Want) -> String {
        let Self { presses, heard, wrong } = self;
        let verdict = if self.is(want) { "" } else { "  <-- NOT AS WANTED" };
        format!("{name:46} {want:?}: {heard:6} of {presses:6} heard, {wrong} wrongly{verdict}")
    }
}

fn count(class: &Class) -> Count {
    let mut rng = Rng::new(5);
    let mut count = Count::default();
    for key in press::keys() {
        for _ in 0..LINES {
            let mut samples = line(&Press { key, ..class.press }, &mut rng).samples;
            let mut bytes = vec![0; samples.len() * class.law.sample_bytes()];
            callcore_codec::encode_sampled(class.law, &samples, &mut bytes);
            callcore_codec::decode_sampled(class.law, &bytes, &mut samples);
            count.add(char::from(key), 2, &hear(&samples));
        }
    }
    count
}

#[test]
fn every_class_of_the_criteria_is_heard_or_refused() {
    let mut failed = Vec::new();
    for class in classes() {
        let count = count(&class);
        println!("{}", count.row(class.name, class.want));
        if !count.is(class.want) {
            failed.push(class.name);
        }
    }
    assert_eq!(failed, [""; 0], "see the table");
}

/// As a line does it: the dial tone stops while the first key sounds, or goes on to the end.
#[test]
fn all_keys_are_heard_when_the_dial_tone_stops_at_the_first() {
    let mut rng = Rng::new(11);
    for stop in [1200 + 160, 1200 + 250, 1200 + 400, 1200 + 900, usize::MAX] {
        for key in press::keys() {
            let press = Press { key, on_ms: 60.0, off_ms: 60.0, ..press::good(key) };
            let mut samples = line(&press, &mut rng).samples;
            let mut dial = press::Sine::new(450.0, press::peak(-10.0), rng.unit());
            for sample in samples.iter_mut().take(stop) {
                *sample = sample.saturating_add(dial.step() as i16);
            }
            let key = char::from(key);
            assert_eq!(hear(&samples), format!("{key}{key}"), "it stops at {stop}");
        }
    }
}
