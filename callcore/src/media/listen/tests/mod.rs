//! The analysers against what lines bring: tones of every country, machines, talk, music, noise, silence.

mod answer;
mod line;
mod synth;
mod talk;
mod tones;
mod voice;

use super::*;

/// All that is heard in these samples, in frames of 20 ms.
fn hear(listens: Listens, country: Country, samples: &[i16]) -> Vec<Heard> {
    let mut listener = Listener::new(ProgressPlan::of(country));
    listener.listen_for(listens);
    let mut all = Vec::new();
    samples.chunks(160).for_each(|frame| listener.listen(frame, &mut |heard| all.push(heard)));
    all
}

#[test]
fn a_listener_is_small_and_does_nothing_unasked() {
    assert!(size_of::<Listener>() <= 1024, "{}", size_of::<Listener>());
    let loud: Vec<i16> = (0..80_000).map(|n| (n * 7919 % 20_000 - 10_000) as i16).collect();
    assert_eq!(hear(Listens::default(), Country::China, &loud), []);
}

#[test]
fn frames_do_not_change_what_is_heard() {
    let samples = line::Line::new(Country::China, Tone::Busy).samples(4000);
    let all = Listens {
        progress: true,
        fax: true,
        voice: Some(VoiceSettings::default()),
        answer: Some(AnswerSettings::default()),
    };
    let expected = hear(all, Country::China, &samples);
    assert!(expected.iter().any(|heard| matches!(heard, Heard::Tone { tone: Tone::Busy, .. })));
    for length in [1, 80, 240, 333] {
        let mut listener = Listener::new(ProgressPlan::of(Country::China));
        listener.listen_for(all);
        let mut heard = Vec::new();
        samples.chunks(length).for_each(|frame| listener.listen(frame, &mut |event| heard.push(event)));
        assert_eq!(heard, expected, "frames of {length}");
        listener.reset();
        heard.clear();
        listener.listen(&samples, &mut |event| heard.push(event));
        assert_eq!(heard, expected, "the same again after a reset");
    }
}
