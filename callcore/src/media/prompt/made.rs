//! Prompts that need no file, by their names: `tone:busy:3000` is a tone of the country for so many milliseconds,
//! `silence:500` is a pause.

use super::Sound;
use crate::media::sine::SAMPLE_RATE_HZ;
use crate::media::tone::{Country, Tone, ToneGenerator};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error;
use std::ops::RangeInclusive;

const TONE: &str = "tone:";
const SILENCE: &str = "silence:";
/// Lengths, in milliseconds. Whoever plays one first waits until it is made: of the longest a few hundredths of a second.
const LENGTH_MS: RangeInclusive<u32> = 1..=20_000;
/// The last samples of a tone fall to nothing, so that its end does not click: 5 ms.
const FALL: usize = 40;

/// A prompt that needs no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Of what; nothing: silence.
    pub tone: Option<Tone>,
    /// How long, in milliseconds: 1 to 20000.
    pub ms: u32,
}

impl Made {
    /// What a name says; `None`: it is the name of something else.
    ///
    /// # Errors
    /// What is wrong with it, and what there is.
    pub fn parse(name: &str) -> Option<Result<Self, String>> {
        let made = |tone: Option<&str>, ms: Option<&str>| {
            let tone = tone.map(tone_of).transpose()?;
            Ok(Self { tone, ms: length(ms.unwrap_or_default())? })
        };
        match (name.strip_prefix(TONE), name.strip_prefix(SILENCE)) {
            (Some(rest), _) => {
                let (tone, ms) = rest.split_once(':').map_or((rest, None), |(tone, ms)| (tone, Some(ms)));
                Some(made(Some(tone), ms))
            }
            (None, Some(ms)) => Some(made(None, Some(ms))),
            (None, None) => None,
        }
    }

    /// Its sound in a country, 8000 samples a second.
    #[must_use]
    pub fn sound(&self, country: Country) -> Sound {
        let mut samples = vec![0; (self.ms * SAMPLE_RATE_HZ / 1000) as usize];
        if let Some(tone) = self.tone {
            let mut generator = ToneGenerator::new(country.plan(), tone);
            samples.chunks_mut(160).for_each(|frame| generator.fill(frame));
            let last = samples.iter_mut().rev().take(FALL).enumerate();
            last.for_each(|(left, sample)| *sample = (i32::from(*sample) * left as i32 / FALL as i32) as i16);
        }
        Sound { rate_hz: SAMPLE_RATE_HZ, samples }
    }
}

fn tone_of(name: &str) -> Result<Tone, String> {
    let tone: Result<Tone, Error> = Tone::deserialize(name.into_deserializer());
    tone.map_err(|why| format!("{why}; a tone for 3 seconds is tone:busy:3000"))
}

fn length(ms: &str) -> Result<u32, String> {
    let length = ms.parse().ok().filter(|ms| LENGTH_MS.contains(ms));
    let (least, most) = (LENGTH_MS.start(), LENGTH_MS.end());
    length.ok_or_else(|| {
        format!("its length is '{ms}': use {least} to {most} ms, as in tone:busy:3000 or silence:500")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_made() {
        assert_eq!(Made::parse("welcome"), None);
        assert_eq!(Made::parse("silence:500"), Some(Ok(Made { tone: None, ms: 500 })));
        let busy = Made { tone: Some(Tone::Busy), ms: 20_000 };
        assert_eq!(Made::parse("tone:busy:20000"), Some(Ok(busy)));
        let third = Made { tone: Some(Tone::ThirdParty), ms: 1 };
        assert_eq!(Made::parse("tone:third_party:1"), Some(Ok(third)));
        for (name, what) in [
            ("tone:bussy:100", "`busy`"),
            ("tone:busy", "its length is ''"),
            ("tone:busy:0", "use 1 to 20000 ms"),
            ("silence:20001", "use 1 to 20000 ms"),
            ("silence:x", "its length is 'x'"),
        ] {
            let why = Made::parse(name).expect("made").expect_err(name);
            assert!(why.contains(what), "{why}");
        }
    }

    #[test]
    fn a_tone_is_that_of_the_country_as_long_as_told_and_ends_softly() {
        let made = Made { tone: Some(Tone::Busy), ms: 1000 };
        let sound = made.sound(Country::China);
        assert_eq!((sound.samples.len(), sound.rate_hz), (8000, 8000));
        let is_loud = |from: usize, to: usize| sound.samples[from..to].iter().any(|s| s.abs() > 3000);
        assert!(is_loud(0, 2800) && !is_loud(2850, 5550) && is_loud(5650, 7900), "0.35 on, 0.35 off");
        assert!(sound.samples[7990..].iter().all(|s| s.abs() < 3000), "{:?}", &sound.samples[7990..]);
        let silence = Made { tone: None, ms: 20 }.sound(Country::China);
        assert_eq!(silence.samples, [0; 160]);
    }
}
