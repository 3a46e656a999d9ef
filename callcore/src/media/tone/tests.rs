//! Every tone of every country: its frequencies, levels and lengths, and edges that do not click.

use super::*;
use std::collections::BTreeSet;

fn energy_at(samples: &[i16], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let angle = std::f64::consts::TAU * hz * n as f64 / 8000.0;
        re += f64::from(*sample) * angle.cos();
        im += f64::from(*sample) * angle.sin();
    }
    (re.hypot(im)) * 2.0 / samples.len() as f64
}

fn seconds(country: Country, tone: Tone, seconds: usize) -> Vec<i16> {
    let mut generator = ToneGenerator::new(country.plan(), tone);
    let mut samples = vec![0; 8000 * seconds];
    samples.chunks_mut(160).for_each(|frame| generator.fill(frame));
    samples
}

fn all() -> impl Iterator<Item = (Country, Tone)> {
    Country::ALL.into_iter().flat_map(|country| Tone::ALL.map(|tone| (country, tone)))
}

#[test]
fn there_are_at_least_forty_countries_and_each_is_found_by_its_letters() {
    let letters: BTreeSet<&str> = Country::ALL.into_iter().map(Country::letters).collect();
    assert!(letters.len() >= 40, "{}", letters.len());
    for country in Country::ALL {
        assert_eq!(country.plan().letters, country.letters());
        assert!(!country.plan().source.is_empty() && !country.plan().name.is_empty());
        assert_eq!(Country::from_letters(&country.letters().to_uppercase()), Ok(country));
        let json = format!("\"{}\"", country.letters());
        assert_eq!(serde_json::from_str::<Country>(&json).expect("its letters"), country);
    }
    let why = Country::from_letters("xx").expect_err("no such country").to_string();
    assert!(why.starts_with("'xx' is unknown: use one of ae ar at") && why.ends_with("ve za"), "{why}");
    let why = serde_json::from_str::<Country>("\"xx\"").expect_err("no such country").to_string();
    assert!(why.contains("`cn`") && why.contains("`gb`"), "{why}");
}

#[test]
fn every_cadence_can_be_made() {
    for (country, tone) in all() {
        let cadence = country.plan().cadence(tone);
        let (last, others) = cadence.steps().split_last().expect("at least one step");
        assert!(others.iter().all(|step| step.ms > 0), "{country:?} {tone:?}: endless only as the last");
        assert!(last.ms > 0 || (cadence.rounds == 0 && !last.parts().is_empty()), "{country:?} {tone:?}");
        assert!(cadence.steps().iter().any(|step| !step.parts().is_empty()));
        for step in cadence.steps() {
            let sum: i32 = step.parts().iter().map(|part| i32::from(part.peak)).sum();
            assert!(sum < 32_767, "{country:?} {tone:?} cannot clip");
            assert!(step.parts().iter().all(|part| (300..3400).contains(&part.hz)), "{country:?} {tone:?}");
        }
    }
}

#[test]
fn what_a_country_lacks_sounds_by_rule() {
    let brazil = Country::Brazil.plan();
    assert!(brazil.own(Tone::SpecialDial).is_none());
    assert_eq!(brazil.cadence(Tone::SpecialDial), brazil.cadence(Tone::Dial));
    assert_eq!(brazil.cadence(Tone::NumberUnobtainable), brazil.cadence(Tone::SpecialInformation));
    let frequencies: Vec<u16> = brazil
        .cadence(Tone::SpecialInformation)
        .steps()
        .iter()
        .flat_map(|s| s.parts())
        .map(|p| p.hz)
        .collect();
    assert_eq!(frequencies, [950, 1400, 1800]);
}

/// GB/T 3380: every value that the standard gives.
#[test]
fn china_is_as_its_standard_says() {
    let plan = Country::China.plan();
    let lengths = |tone| plan.cadence(tone).steps().iter().map(|step| step.ms).collect::<Vec<u32>>();
    assert_eq!(lengths(Tone::Dial), [0]);
    assert_eq!(lengths(Tone::Ringback), [1000, 4000]);
    assert_eq!(lengths(Tone::Busy), [350, 350]);
    assert_eq!(lengths(Tone::Congestion), [700, 700]);
    assert_eq!(lengths(Tone::NumberUnobtainable), [100, 100, 100, 100, 100, 100, 400, 400]);
    assert_eq!(lengths(Tone::CallWaiting), [400, 4000]);
    assert_eq!(lengths(Tone::Intrusion), [200, 200, 200, 600], "a trunk call waits");
    assert_eq!(lengths(Tone::ThirdParty), [400, 10_000]);
    assert_eq!(plan.cadence(Tone::ThirdParty).steps()[0].parts()[0].hz, 1400);
    let of_450 =
        [Tone::Dial, Tone::Ringback, Tone::Busy, Tone::Congestion, Tone::NumberUnobtainable, Tone::Intrusion];
    for tone in of_450 {
        let parts = plan.cadence(tone).steps()[0].parts();
        assert_eq!(parts, [Part { hz: 450, peak: crate::media::sine::peak_of_dbm0(-10) }]);
    }
    let levels: Vec<i16> =
        plan.cadence(Tone::Howler).steps().iter().map(|step| step.parts()[0].peak).collect();
    assert!(levels.len() == 5 && levels.is_sorted(), "five levels that rise: {levels:?}");
}

#[test]
fn every_tone_of_every_country_has_its_frequencies_and_levels() {
    for (country, tone) in all() {
        let step = &country.plan().cadence(tone).steps()[0];
        if step.parts().is_empty() || (1..100).contains(&step.ms) || tone == Tone::ModemAnswer {
            continue;
        }
        // the whole milliseconds inside the first burst, and whole periods of 1 Hz if it is continuous
        let length = if step.ms == 0 { 8000 } else { (step.ms as usize * 8 - 64).min(8000) };
        let samples = &seconds(country, tone, 3)[32..32 + length];
        let total: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / length as f64;
        let expected: f64 = step.parts().iter().map(|part| f64::from(part.peak).powi(2) / 2.0).sum();
        for part in step.parts().iter().filter(|_| length >= 3000) {
            let found = energy_at(samples, f64::from(part.hz));
            let off = (found / f64::from(part.peak) - 1.0).abs();
            assert!(off < 0.12, "{country:?} {tone:?} {} Hz: {found} for {}", part.hz, part.peak);
        }
        assert!((total / expected - 1.0).abs() < 0.25, "{country:?} {tone:?}: {total} for {expected}");
    }
}

/// Edges of the sounding parts in milliseconds, by exact silence of at least 5 ms.
fn bursts_ms(samples: &[i16]) -> Vec<(usize, usize)> {
    let loud: Vec<bool> = samples.chunks(8).map(|ms| ms.iter().any(|s| *s != 0)).collect();
    let mut bursts = Vec::new();
    let mut begin = None;
    for (ms, sounds) in loud.iter().enumerate() {
        match (begin, sounds) {
            (None, true) => begin = Some(ms),
            (Some(from), false) if !loud[ms..(ms + 5).min(loud.len())].contains(&true) => {
                bursts.push((from, ms));
                begin = None;
            }
            _ => {}
        }
    }
    bursts
}

#[test]
fn cadences_are_exact_to_the_millisecond() {
    let china = bursts_ms(&seconds(Country::China, Tone::Ringback, 11));
    assert_eq!(china, [(0, 1000), (5000, 6000), (10_000, 11_000)][..2]);
    let busy = bursts_ms(&seconds(Country::China, Tone::Busy, 2));
    assert_eq!(busy, [(0, 350), (700, 1050), (1400, 1750)]);
    let unobtainable = bursts_ms(&seconds(Country::China, Tone::NumberUnobtainable, 2));
    assert_eq!(unobtainable[..5], [(0, 100), (200, 300), (400, 500), (600, 1000), (1400, 1500)]);
    let uk = bursts_ms(&seconds(Country::UnitedKingdom, Tone::Ringback, 4));
    assert_eq!(uk, [(0, 400), (600, 1000), (3000, 3400), (3600, 4000)][..3]);
    let us = bursts_ms(&seconds(Country::UnitedStates, Tone::Congestion, 1));
    assert_eq!(us, [(0, 250), (500, 750)]);
    let fax = bursts_ms(&seconds(Country::China, Tone::FaxCalling, 5));
    assert_eq!(fax, [(0, 500), (3500, 4000)]);
}

#[test]
fn finite_tones_end_by_themselves_and_stay_silent() {
    let answer = bursts_ms(&seconds(Country::China, Tone::FaxAnswer, 9));
    assert_eq!(answer, [(0, 3300)]);
    let italy = seconds(Country::Italy, Tone::SpecialInformation, 9);
    // no gap between the three sines: the longest silence tells the rounds apart
    let gaps: Vec<usize> = bursts_ms(&italy).windows(2).map(|pair| pair[1].0 - pair[0].1).collect();
    assert_eq!(gaps.len(), 2, "three rounds");
    assert!(italy[8000 * 6..].iter().all(|sample| *sample == 0));
    let mut generator = ToneGenerator::new(Country::Italy.plan(), Tone::SpecialInformation);
    assert!(!generator.is_over());
    generator.fill(&mut [0; 8000 * 9]);
    assert!(generator.is_over());
}

#[test]
fn the_answer_of_a_modem_turns_its_phase_every_450_ms() {
    let samples = seconds(Country::China, Tone::ModemAnswer, 4);
    let plain = seconds(Country::China, Tone::FaxAnswer, 4);
    for (ms, sign) in [(100, 1), (449, 1), (451, -1), (899, -1), (901, 1), (1349, 1), (3200, -1)] {
        for n in ms * 8..ms * 8 + 7 {
            let off = i32::from(samples[n]) - sign * i32::from(plain[n]);
            assert!(off.abs() <= 1, "at {ms} ms: {} and {}", samples[n], plain[n]);
        }
    }
}

#[test]
fn frames_do_not_change_a_tone() {
    for country in Country::ALL {
        for tone in [Tone::Busy, Tone::ModemAnswer, Tone::SpecialInformation] {
            let mut whole = vec![0; 8000];
            ToneGenerator::new(country.plan(), tone).fill(&mut whole);
            let mut generator = ToneGenerator::new(country.plan(), tone);
            let mut parts = vec![0; 8000];
            parts.chunks_mut(37).for_each(|part| generator.fill(part));
            assert_eq!(whole, parts);
        }
    }
}

#[test]
fn no_tone_clicks_or_clips() {
    for (country, tone) in all().filter(|(_, tone)| *tone != Tone::ModemAnswer) {
        let samples = seconds(country, tone, 6);
        let step = samples.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max();
        // the steepest slope of the sum of sines, and a little for the ramps
        let slope = |step: &CadenceStep| -> f64 {
            step.parts().iter().map(|p| f64::from(p.peak) * f64::from(p.hz) * 7.854e-4).sum()
        };
        let bound = country.plan().cadence(tone).steps().iter().map(slope).fold(0.0, f64::max);
        assert!(f64::from(step.unwrap_or(0)) <= bound * 1.15 + 2.0, "{country:?} {tone:?}");
    }
}

#[test]
fn a_tone_has_not_drifted_after_an_hour() {
    let mut generator = ToneGenerator::new(Country::UnitedStates.plan(), Tone::Dial);
    let mut first = vec![0; 8000];
    generator.fill(&mut [0; 8000]);
    generator.fill(&mut first);
    let mut samples = vec![0; 8000];
    for _ in 0..3600 {
        generator.fill(&mut samples);
    }
    assert_eq!(samples, first, "each second is the same, sample for sample");
}
