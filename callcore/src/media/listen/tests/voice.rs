//! Voices and silence.

use super::synth::{beep, silence, talk};
use super::*;
use crate::base::Rng;

fn listens(silence_ms: u32) -> Listens {
    Listens { voice: Some(VoiceSettings { silence_ms, ..VoiceSettings::default() }), ..Listens::default() }
}

/// A talk that falls silent is reported when it has been silent for as long as was set, once, and so is its going on.
///
/// Proves: A13.3
#[test]
fn a_talk_that_is_silent_for_too_long_is_reported() {
    let mut rng = Rng::new(1);
    for noise in [-65.0, -50.0] {
        let mut samples = silence(&mut rng, 2000, noise);
        samples.extend(talk(&mut rng, 3000, -20.0));
        samples.extend(silence(&mut rng, 12_000, noise));
        samples.extend(talk(&mut rng, 1000, -20.0));
        samples.extend(silence(&mut rng, 3000, noise));
        let heard = hear(listens(5000), Country::China, &samples);
        let [
            Heard::VoiceBegan { after_ms: first, at_ms, confidence },
            Heard::SilenceBegan { after_ms: 5000, at_ms: silent },
            Heard::VoiceBegan { after_ms: again, .. },
        ] = heard[..]
        else {
            panic!("noise of {noise}: {heard:?}")
        };
        assert!((1900..2300).contains(&first) && (2000..2300).contains(&at_ms), "{heard:?}");
        assert!((9700..10_600).contains(&silent), "5 s after the talk's end: {silent}");
        assert!((11_500..12_300).contains(&again), "{again}");
        assert!(confidence >= 60);
    }
}

#[test]
fn pauses_of_talk_are_no_silence() {
    let mut rng = Rng::new(2);
    let mut samples = Vec::new();
    for _ in 0..20 {
        samples.extend(talk(&mut rng, 700, -22.0));
        samples.extend(silence(&mut rng, 1800, -60.0));
    }
    let heard = hear(listens(2500), Country::China, &samples);
    assert!(matches!(heard[..], [Heard::VoiceBegan { .. }]), "{heard:?}");
}

#[test]
fn hum_hiss_tones_and_clicks_are_no_voice() {
    let mut rng = Rng::new(3);
    let mut clicks = silence(&mut rng, 9000, -65.0);
    for click in clicks.chunks_mut(4000) {
        click[..30].fill(12_000);
    }
    let steady = [beep(450.0, 9000, -10.0), beep(1000.0, 9000, -30.0)];
    assert_eq!(hear(listens(5000), Country::China, &clicks).len(), 1, "silence alone");
    let hiss = silence(&mut rng, 9000, -30.0);
    assert!(matches!(hear(listens(5000), Country::China, &hiss)[..], [Heard::SilenceBegan { .. }]));
    for samples in steady {
        let heard = hear(listens(5000), Country::China, &samples);
        let last = heard.last();
        assert!(matches!(last, Some(Heard::SilenceBegan { .. })), "what is steady is no talk: {heard:?}");
    }
}

#[test]
fn what_is_below_the_threshold_is_no_voice() {
    let mut rng = Rng::new(4);
    let quiet = talk(&mut rng, 4000, -54.0);
    assert_eq!(hear(listens(0), Country::China, &quiet), []);
    let settings = VoiceSettings { threshold_dbm0: -60, silence_ms: 0, ..VoiceSettings::default() };
    let listens = Listens { voice: Some(settings), ..Listens::default() };
    assert_eq!(hear(listens, Country::China, &quiet).len(), 1);
}
