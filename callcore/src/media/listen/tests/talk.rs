//! No tone is heard where none is: in talk, in music, in noise, in silence.

use super::synth::{music, silence, talk};
use super::*;
use crate::base::Rng;

const ALL: Listens = Listens { progress: true, fax: true, voice: None, answer: None };

#[test]
fn no_tone_is_heard_in_talk() {
    let mut rng = Rng::new(7);
    for country in [Country::China, Country::UnitedStates, Country::UnitedKingdom, Country::Germany] {
        let mut samples = Vec::new();
        while samples.len() < 8000 * 60 {
            let ms = 200 + rng.below(2500) as usize;
            let dbm0 = -26.0 + rng.unit() * 16.0;
            samples.extend(talk(&mut rng, ms, dbm0));
            let ms = 60 + rng.below(900) as usize;
            samples.extend(silence(&mut rng, ms, -60.0));
        }
        assert_eq!(hear(ALL, country, &samples), [], "{country:?}");
    }
}

#[test]
fn no_tone_is_heard_in_music_noise_and_silence() {
    let mut rng = Rng::new(8);
    for country in [Country::China, Country::UnitedStates, Country::Japan] {
        assert_eq!(hear(ALL, country, &music(&mut rng, 60)), [], "{country:?}");
        assert_eq!(hear(ALL, country, &silence(&mut rng, 20_000, -20.0)), [], "{country:?}");
        assert_eq!(hear(ALL, country, &[0; 160_000]), [], "{country:?}");
    }
}
