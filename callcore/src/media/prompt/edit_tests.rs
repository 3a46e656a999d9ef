//! What an edit does to tones and silences whose shape is known, and what it refuses.

use super::*;
use crate::media::prompt::test_sounds::{silence, tone};
use crate::media::prompt::{Levels, WavCoding};
use proptest::prelude::*;

/// A voice of 1 s with silence around it.
fn voice(rate_hz: u32, before_ms: u64, dbm0: f64, after_ms: u64) -> Sound {
    let parts = [silence(rate_hz, before_ms), tone(rate_hz, 1000, 400, dbm0), silence(rate_hz, after_ms)];
    join(&parts, 0).expect("one rate")
}

fn trim(sound: &Sound) -> Result<Sound, EditError> {
    Edit::TrimSilence { threshold_dbm0: -45.0, lead_in_ms: 50, lead_out_ms: 100 }.apply(sound)
}

/// Proves: A7.11
#[test]
fn a_recorded_voice_becomes_a_prompt() {
    // as a microphone gives it: wideband, too quiet, too long before and after
    let recorded = voice(44_100, 900, -34.0, 1700);
    let edits = [
        Edit::TrimSilence { threshold_dbm0: -45.0, lead_in_ms: 50, lead_out_ms: 100 },
        Edit::NormaliseSpeech { dbm0: -16.0 },
        Edit::Fade { in_ms: 10, out_ms: 10 },
        Edit::Rate { hz: 8000 },
    ];
    let edited = apply(&recorded, &edits).expect("it makes sense");
    assert!((1140..=1160).contains(&edited.duration_ms()), "{} ms", edited.duration_ms());
    let Levels { active_dbm0, .. } = measure(&edited);
    assert!(active_dbm0.is_some_and(|level| (level + 16.0).abs() < 0.3), "{active_dbm0:?}");
    for coding in [WavCoding::Pcm16, WavCoding::ALaw, WavCoding::MuLaw] {
        let back = Sound::read(&edited.to_wav(coding)).expect("it can be played");
        assert_eq!((back.rate_hz, back.samples.len()), (8000, edited.samples.len()));
        let level = measure(&back).active_dbm0.expect("it sounds");
        assert!((level + 16.0).abs() < 0.4, "{coding:?}: {level}");
    }
}

#[test]
fn silence_is_trimmed_to_what_is_asked_for() {
    for rate_hz in [8000, 16_000, 22_050] {
        let trimmed = trim(&voice(rate_hz, 730, -20.0, 410)).expect("there is a voice");
        assert!((1148..=1165).contains(&trimmed.duration_ms()), "{rate_hz}: {}", trimmed.duration_ms());
        // where there is less silence than may stay, all of it stays
        let short = voice(rate_hz, 20, -20.0, 30);
        assert_eq!(trim(&short), Ok(short.clone()));
    }
    let silent = EditError::Silent { threshold_dbm0: -45.0 };
    assert_eq!(trim(&silence(8000, 500)), Err(silent.clone()));
    assert_eq!(trim(&voice(8000, 0, -50.0, 0)), Err(silent.clone()));
    assert_eq!(trim(&silence(8000, 0)), Err(silent));
}

#[test]
fn a_part_is_kept_to_the_sample() {
    let sound = Sound { rate_hz: 8000, samples: (0..8000).collect() };
    let keep = |from_ms, to_ms| Edit::Keep { from_ms, to_ms }.apply(&sound);
    assert_eq!(keep(250, Some(500)).expect("inside").samples, (2000..4000).collect::<Vec<i16>>());
    assert_eq!(keep(0, None), Ok(sound.clone()));
    assert_eq!(keep(0, Some(1000)), Ok(sound.clone()));
    assert_eq!(keep(500, Some(500)), Err(EditError::Nothing { from_ms: 500, to_ms: 500 }));
    assert_eq!(keep(600, Some(500)), Err(EditError::Nothing { from_ms: 600, to_ms: 500 }));
    let outside = EditError::Outside { what: "the end", ms: 1001, length_ms: 1000 };
    assert_eq!(keep(0, Some(1001)), Err(outside));
    assert!(keep(u64::MAX, None).is_err());
}

#[test]
fn fades_begin_and_end_in_silence() {
    let sound = Sound { rate_hz: 8000, samples: vec![10_000; 800] };
    let faded = Edit::Fade { in_ms: 20, out_ms: 40 }.apply(&sound).expect("it fits").samples;
    assert_eq!((faded[0], faded[80], faded[160], faded[479]), (0, 5000, 10_000, 10_000));
    assert_eq!((faded[799], faded[639]), (0, 5000));
    assert!(faded[..160].is_sorted() && faded[480..].iter().rev().is_sorted());
    assert!(Edit::Fade { in_ms: 101, out_ms: 0 }.apply(&sound).is_err());
    assert_eq!(Edit::Fade { in_ms: 0, out_ms: 0 }.apply(&sound), Ok(sound));
}

#[test]
fn levels_are_reached_and_never_clip() {
    let quiet = voice(8000, 200, -30.0, 200);
    for dbm0 in [-36.0, -26.0, -16.0, -9.0] {
        let level = measure(&Edit::NormaliseSpeech { dbm0 }.apply(&quiet).expect("loud enough"));
        let active = level.active_dbm0.expect("it sounds");
        assert!((active - dbm0).abs() < 0.2, "{dbm0}: {level:?}");
    }
    // a click would clip long before the voice is as loud as it should be
    let mut clicked = quiet.clone();
    clicked.samples[5000] = 30_000;
    let level = measure(&Edit::NormaliseSpeech { dbm0: -12.0 }.apply(&clicked).expect("loud enough"));
    assert!(level.peak <= CEILING as u16 + 1, "{level:?}");
    assert!(level.active_dbm0.is_some_and(|active| (active + 12.0).abs() < 0.5), "{level:?}");
    let peak = measure(&Edit::NormalisePeak { dbfs: -6.0 }.apply(&quiet).expect("it sounds")).peak;
    assert!((i32::from(peak) - 16_422).abs() <= 2, "{peak}");
    let gain = measure(&Edit::Gain { db: 6.0 }.apply(&quiet).expect("in range"));
    assert!((gain.mean_dbm0 - measure(&quiet).mean_dbm0 - 6.0).abs() < 0.02, "{gain:?}");
}

#[test]
fn nonsense_is_refused_with_the_reason() {
    let sound = voice(8000, 0, -70.0, 0);
    let text = |edit: Edit| edit.apply(&sound).expect_err("nonsense").to_string();
    assert_eq!(text(Edit::Gain { db: 41.0 }), "the gain in dB is 41: give a number from -40 to 40");
    assert!(text(Edit::Gain { db: f64::NAN }).starts_with("the gain in dB is NaN"));
    assert!(text(Edit::NormaliseSpeech { dbm0: 3.0 }).contains("from -40 to 0"));
    assert!(text(Edit::NormaliseSpeech { dbm0: -10.0 }).contains("60 dB of gain, 40 are the most"));
    assert!(text(Edit::NormalisePeak { dbfs: -1.0 }).contains("too quiet"));
    assert!(text(Edit::Rate { hz: 12_345 }).contains("12345 Hz"));
    let silent = silence(8000, 100);
    assert!(matches!(Edit::NormalisePeak { dbfs: 0.0 }.apply(&silent), Err(EditError::Silent { .. })));
    assert!(matches!(Edit::NormaliseSpeech { dbm0: -16.0 }.apply(&silent), Err(EditError::Silent { .. })));
    let rates = join(&[silence(8000, 1), silence(16_000, 1)], 0);
    assert_eq!(rates, Err(EditError::Rates { first_hz: 8000, other_hz: 16_000 }));
    let hours = vec![silence(4000, 60_000); 121];
    assert!(matches!(join(&hours, 0), Err(EditError::Prompt(PromptError::TooLong { .. }))));
}

#[test]
fn sounds_are_joined_with_a_pause() {
    let one = |value: i16| Sound { rate_hz: 8000, samples: vec![value; 8] };
    let joined = join(&[one(1), one(2), one(3)], 1).expect("one rate").samples;
    assert_eq!(joined.len(), 40);
    assert_eq!((joined[7], joined[8], joined[16], joined[32]), (1, 0, 2, 3));
    let silent = Edit::InsertSilence { at_ms: 1, ms: 2 }.apply(&one(5)).expect("at its end");
    assert_eq!(silent.samples, [[5; 8].as_slice(), &[0; 16]].concat());
    assert!(Edit::InsertSilence { at_ms: 2, ms: 2 }.apply(&one(5)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn trimming_twice_changes_nothing_more(before in 0..1000u64, after in 0..1000u64, level in -40..0i32) {
        let once = trim(&voice(8000, before * 10, f64::from(level), after)).expect("there is a voice");
        let twice = trim(&once).expect("still there");
        // the pieces may stand otherwise in what is shorter
        prop_assert!(once.duration_ms() - twice.duration_ms() <= 2 * PIECE_MS);
        prop_assert!(once.duration_ms() >= 1000);
    }

    #[test]
    fn what_was_cut_apart_fits_together(samples in proptest::collection::vec(any::<i16>(), 16..2000), at in 1..100u64) {
        let sound = Sound { rate_hz: 8000, samples };
        let at_ms = at * (sound.duration_ms() - 1) / 100;
        prop_assume!(at_ms > 0);
        let left = Edit::Keep { from_ms: 0, to_ms: Some(at_ms) }.apply(&sound).expect("inside");
        let right = Edit::Keep { from_ms: at_ms, to_ms: None }.apply(&sound).expect("inside");
        prop_assert_eq!(join(&[left, right], 0).expect("one rate"), sound);
    }

    #[test]
    fn no_edit_of_any_sound_panics(
        samples in proptest::collection::vec(any::<i16>(), 0..400),
        a in any::<u64>(), b in any::<u64>(), x in -50.0..50.0f64,
    ) {
        let sound = Sound { rate_hz: 8000, samples };
        for (a, b) in [(a, b), (a % 60, b % 60)] {
            for edit in [
                Edit::TrimSilence { threshold_dbm0: x, lead_in_ms: a, lead_out_ms: b },
                Edit::Keep { from_ms: a, to_ms: Some(b) },
                Edit::Fade { in_ms: a, out_ms: b },
                Edit::Gain { db: x },
                Edit::NormalisePeak { dbfs: x },
                Edit::NormaliseSpeech { dbm0: x },
                Edit::InsertSilence { at_ms: a, ms: b },
                Edit::Rate { hz: a as u32 },
            ] {
                if let Ok(edited) = edit.apply(&sound) {
                    prop_assert!(Sound::read(&edited.to_wav(WavCoding::Pcm16)).is_ok());
                }
            }
        }
    }
}
