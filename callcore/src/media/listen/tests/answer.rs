//! Persons and machines that answer.

use super::synth::{beep, silence, talk};
use super::*;
use crate::base::Rng;

/// Talk and silence in turn, in milliseconds, at -20 dBm0 on a quiet line.
fn answered(seed: u64, turns: &[(usize, usize)]) -> Vec<i16> {
    let mut rng = Rng::new(seed);
    let mut samples = silence(&mut rng, 300, -62.0);
    for (talk_ms, pause_ms) in turns {
        samples.extend(talk(&mut rng, *talk_ms, -20.0));
        samples.extend(silence(&mut rng, *pause_ms, -62.0));
    }
    samples
}

fn verdicts(samples: &[i16]) -> Vec<(AnsweredBy, AnswerReason)> {
    let listens = Listens { answer: Some(AnswerSettings::default()), ..Listens::default() };
    let verdict = |heard: Heard| match heard {
        Heard::Answered { by, reason, confidence, .. } => {
            assert!((1..=100).contains(&confidence));
            Some((by, reason))
        }
        _ => None,
    };
    hear(listens, Country::China, samples).into_iter().filter_map(verdict).collect()
}

#[test]
fn a_word_and_then_silence_is_a_person() {
    for seed in 0..12 {
        let hello = answered(seed, &[(350, 1500)]);
        assert_eq!(verdicts(&hello), [(AnsweredBy::Person, AnswerReason::ShortGreeting)], "seed {seed}");
        let two = answered(seed, &[(300, 150), (500, 1500)]);
        assert_eq!(verdicts(&two), [(AnsweredBy::Person, AnswerReason::ShortGreeting)], "seed {seed}");
    }
}

#[test]
fn a_long_greeting_is_a_machine() {
    for seed in 0..12 {
        let greeting = answered(seed, &[(2600, 500), (1500, 1500)]);
        assert_eq!(verdicts(&greeting), [(AnsweredBy::Machine, AnswerReason::LongGreeting)], "seed {seed}");
        let words = answered(seed, &[(300, 200), (300, 200), (250, 200), (350, 200), (400, 2000)]);
        assert_eq!(verdicts(&words), [(AnsweredBy::Machine, AnswerReason::ManyWords)], "seed {seed}");
    }
}

#[test]
fn silence_decides_nothing() {
    let nobody = answered(1, &[(0, 4000)]);
    assert_eq!(verdicts(&nobody), [(AnsweredBy::Unknown, AnswerReason::InitialSilence)]);
}

#[test]
fn the_end_of_the_beep_is_heard_and_a_beep_is_a_machine() {
    let listens = Listens { answer: Some(AnswerSettings::default()), ..Listens::default() };
    for (hz, ms) in [(440.0, 300), (1000.0, 250), (1400.0, 500), (2000.0, 120), (800.0, 1000)] {
        let mut samples = answered(5, &[(2600, 300)]);
        let begin = samples.len() / 8;
        samples.extend(beep(hz, ms, -15.0));
        samples.extend(silence(&mut Rng::new(9), 500, -62.0));
        let heard = hear(listens, Country::China, &samples);
        let beeps: Vec<&Heard> =
            heard.iter().filter(|heard| matches!(heard, Heard::BeepEnded { .. })).collect();
        let [Heard::BeepEnded { hz: found, ms: length, at_ms }] = beeps[..] else {
            panic!("{hz} Hz: {heard:?}")
        };
        assert!((f64::from(*found) - hz).abs() < 15.0, "{found} for {hz}");
        assert!(length.abs_diff(ms as u32) <= 40, "{length} for {ms}");
        assert!(at_ms.abs_diff((begin + ms) as u32) <= 40, "{at_ms} for {}", begin + ms);
    }
    let mut alone = silence(&mut Rng::new(9), 400, -62.0);
    alone.extend(beep(1000.0, 400, -15.0));
    alone.extend(silence(&mut Rng::new(9), 500, -62.0));
    let heard = hear(listens, Country::China, &alone);
    let is_machine = |heard: &Heard| {
        matches!(heard, Heard::Answered { by: AnsweredBy::Machine, reason: AnswerReason::Beep, .. })
    };
    assert!(heard.iter().any(is_machine), "{heard:?}");
}

#[test]
fn no_beep_is_heard_in_talk() {
    let listens = Listens { answer: Some(AnswerSettings::default()), ..Listens::default() };
    for seed in 0..6 {
        let heard = hear(listens, Country::China, &talk(&mut Rng::new(seed), 20_000, -18.0));
        assert!(
            !heard.iter().any(|heard| matches!(heard, Heard::BeepEnded { .. })),
            "seed {seed}: {heard:?}"
        );
    }
}
