//! Every tone of every country is heard for what it is, under what the standards allow a line to do to it.

use super::line::Line;
use super::*;
use callcore_codec::Format;

const PROGRESS: Listens = Listens { progress: true, fax: true, voice: None, answer: None };

/// How long a tone is listened to: two cycles and a half, at least 5 s.
fn enough_ms(line: &Line) -> usize {
    let cycle: u32 = line.cadence.steps().iter().map(|step| step.ms).sum();
    (cycle as usize * 5 / 2 + 600).max(5000)
}

fn tones_of(heard: &[Heard]) -> Vec<Tone> {
    let tone = |heard: &Heard| if let Heard::Tone { tone, .. } = heard { Some(*tone) } else { None };
    heard.iter().filter_map(tone).collect()
}

/// `Ok` if the tone, or one that sounds the same in this country, is heard and nothing else.
fn check(country: Country, tone: Tone, line: &Line) -> Result<(), String> {
    let heard = hear(PROGRESS, country, &line.samples(enough_ms(line)));
    let tones = tones_of(&heard);
    let plan = ProgressPlan::of(country);
    let is_right = |heard: &Tone| plan.is_alike(tone, *heard);
    if !tones.is_empty() && tones.iter().all(is_right) {
        return Ok(());
    }
    Err(format!("{} {tone:?}: {heard:?}", country.letters()))
}

/// Tones a country has of its own, and those of machines.
fn tones_there(country: Country) -> impl Iterator<Item = Tone> {
    let is_there = move |tone: &Tone| {
        country.plan().own(*tone).is_some()
            || matches!(tone, Tone::SpecialInformation | Tone::Howler | Tone::FaxCalling)
            || matches!(tone, Tone::FaxAnswer | Tone::ModemAnswer)
    };
    // who listens to a line has no talk in which somebody could break in
    let in_talks = [Tone::Intrusion, Tone::ThirdParty];
    Tone::ALL.into_iter().filter(move |tone| !in_talks.contains(tone)).filter(is_there)
}

/// One condition of the line, by name.
type Condition = (&'static str, fn(Line) -> Line);

const CONDITIONS: &[Condition] = &[
    ("-6 dBm0", |line| line.at_dbm0(-6.0)),
    ("-30 dBm0", |line| line.at_dbm0(-30.0)),
    ("+1.5 % Hz", |line| Line { off: 0.015, ..line }),
    ("-1.5 % Hz", |line| Line { off: -0.015, ..line }),
    ("+8 % ms", |line| Line { stretch: 0.08, ..line }),
    ("-8 % ms", |line| Line { stretch: -0.08, ..line }),
    ("noise -45", |line| Line { noise_dbm0: -45.0, ..line }),
    ("mu-law, 7 ms later", |line| Line { law: Format::MuLaw, lead_ms: 307, ..line }),
];

#[test]
fn every_tone_of_every_country_is_heard_for_what_it_is() {
    let mut failures = Vec::new();
    for country in Country::ALL {
        for tone in tones_there(country) {
            failures.extend(check(country, tone, &Line::new(country, tone)).err());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Holds the tones of these countries against every condition; prints how many were heard rightly.
fn hold(is_meant: impl Fn(usize, Country) -> bool) -> Vec<String> {
    let mut failures = Vec::new();
    println!("{:22} {:>8} {:>8}", "condition", "accepted", "rejected");
    for (number, (name, condition)) in CONDITIONS.iter().enumerate() {
        let before = failures.len();
        let mut count = 0;
        for country in Country::ALL.into_iter().filter(|country| is_meant(number, *country)) {
            for tone in tones_there(country) {
                let mut line = condition(Line::new(country, tone));
                // T.30 and V.25 allow machines 15 Hz, GR-506 the howler 0.5 %
                if matches!(tone, Tone::Howler | Tone::FaxAnswer | Tone::ModemAnswer) {
                    line.off /= 3.0;
                }
                count += 1;
                failures.extend(check(country, tone, &line).err().map(|why| format!("{name}: {why}")));
            }
        }
        let wrong = failures.len() - before;
        println!("{name:22} {:>8} {wrong:>8}", count - wrong);
    }
    failures
}

/// China under every condition, and every third country under one of them. Prints a table with `--nocapture`.
#[test]
fn what_the_standards_allow_a_line_to_do_changes_nothing() {
    let is_meant = |number, country| {
        country == Country::China || country as usize % (3 * CONDITIONS.len()) == 3 * number
    };
    let failures = hold(is_meant);
    assert!(failures.is_empty(), "{} of them:\n{}", failures.len(), failures.join("\n"));
}

#[test]
#[ignore = "minutes long: run it with --release -- --ignored --nocapture after changes of the analysers"]
fn every_country_under_every_condition() {
    let failures = hold(|_, _| true);
    assert!(failures.is_empty(), "{} of them:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn a_tone_that_gives_way_is_over() {
    let mut samples = Line::new(Country::China, Tone::Ringback).samples(7000);
    samples.extend(Line::new(Country::China, Tone::Busy).samples(3000));
    let heard = hear(PROGRESS, Country::China, &samples);
    let [
        Heard::Tone { tone: Tone::Ringback, since_ms, .. },
        Heard::ToneEnded { tone: Tone::Ringback, .. },
        busy,
    ] = heard[..]
    else {
        panic!("{heard:?}")
    };
    assert!((280..=340).contains(&since_ms), "{since_ms}");
    assert!(matches!(busy, Heard::Tone { tone: Tone::Busy, .. }), "{busy:?}");
}

#[test]
fn each_country_tells_its_main_tones_apart() {
    for country in Country::ALL {
        let plan = ProgressPlan::of(country);
        for (one, two) in
            [(Tone::Dial, Tone::Busy), (Tone::Dial, Tone::Ringback), (Tone::Ringback, Tone::Busy)]
        {
            assert!(!plan.is_alike(one, two), "{}: {one:?} and {two:?}", country.letters());
        }
    }
    assert!(
        ProgressPlan::of(Country::Japan).is_alike(Tone::Busy, Tone::Congestion),
        "both are 0.5 s of 400 Hz"
    );
    assert!(!ProgressPlan::of(Country::China).is_alike(Tone::Busy, Tone::Congestion));
}
