//! What the ear makes of synthesised speech, where espeak-ng is installed: no tones, and the right verdict on who answers.

use callcore::media::tone::ToneGenerator;
use callcore::media::{
    AnswerSettings, AnsweredBy, Country, Heard, Listener, Listens, ProgressPlan, Tone, VoiceSettings,
};
use std::process::{Command, Stdio};

/// A text spoken at 8000 samples a second and about -20 dBm0; `None`, which is said, without espeak-ng. Where
/// `CALLCORE_PEERS` says that it is there it has to be.
fn speak(voice: &str, words_a_minute: &str, text: &str) -> Option<Vec<i16>> {
    let spoken = try_to_speak(voice, words_a_minute, text);
    if spoken.is_none() {
        assert!(
            std::env::var_os("CALLCORE_PEERS").is_none(),
            "espeak-ng is installed where CALLCORE_PEERS is set"
        );
        println!("skipped: needs espeak-ng");
    }
    spoken
}

fn try_to_speak(voice: &str, words_a_minute: &str, text: &str) -> Option<Vec<i16>> {
    let mut command = Command::new("espeak-ng");
    command.args(["--stdout", "-v", voice, "-s", words_a_minute, text]).stderr(Stdio::null());
    let wave = command.output().ok().filter(|output| output.status.success())?.stdout;
    let rate = f64::from(u32::from_le_bytes(wave.get(24..28)?.try_into().ok()?));
    let plain: Vec<f64> =
        wave[44..].chunks_exact(2).map(|pair| f64::from(i16::from_le_bytes([pair[0], pair[1]]))).collect();
    let step = rate / 8000.0;
    let width = step as usize + 1;
    let count = (plain.len().saturating_sub(2 * width) as f64 / step) as usize;
    // the mean over a sample's width is filter enough for what is looked at
    let at = |n: usize| plain[(n as f64 * step) as usize..][..width].iter().sum::<f64>() / width as f64;
    let samples: Vec<f64> = (0..count).map(at).collect();
    let power = samples.iter().map(|sample| sample * sample).sum::<f64>() / count.max(1) as f64;
    let gain = 1590.0 / power.sqrt().max(1.0);
    Some(samples.iter().map(|sample| (sample * gain).clamp(-32_768.0, 32_767.0) as i16).collect())
}

fn quiet(ms: usize) -> Vec<i16> {
    (0..ms * 8).map(|n| (n * 7919 % 23) as i16 - 11).collect()
}

fn hear(listens: Listens, samples: &[i16]) -> Vec<Heard> {
    let mut listener = Listener::new(ProgressPlan::of(Country::UnitedStates));
    listener.listen_for(listens);
    let mut all = Vec::new();
    samples.chunks(160).for_each(|frame| listener.listen(frame, &mut |heard| all.push(heard)));
    all
}

const STORY: &str = "The north wind and the sun were disputing which was the stronger, when a traveller came along wrapped \
    in a warm cloak. They agreed that the one who first succeeded in making the traveller take his cloak off should be \
    considered stronger than the other. Then the north wind blew as hard as he could, but the more he blew the more \
    closely did the traveller fold his cloak around him; and at last the north wind gave up the attempt.";

#[test]
fn no_tone_and_no_beep_is_heard_in_spoken_stories() {
    let all = Listens { progress: true, fax: true, answer: Some(AnswerSettings::default()), voice: None };
    for voice in ["en", "en+f3", "cmn", "de"] {
        let Some(story) = speak(voice, "160", STORY) else { return };
        assert!(story.len() > 100_000, "a story of {} samples", story.len());
        let heard = hear(all, &story);
        let is_wrong = |heard: &&Heard| matches!(heard, Heard::Tone { .. } | Heard::BeepEnded { .. });
        assert_eq!(heard.iter().find(is_wrong), None, "{voice}");
    }
}

#[test]
fn persons_and_machines_that_speak_are_told_apart() {
    let cases = [
        (AnsweredBy::Person, "Hello?"),
        (AnsweredBy::Person, "Yes, hello?"),
        (
            AnsweredBy::Machine,
            "Hello, you have reached the Miller family. We cannot come to the phone right now, please \
            leave a message after the tone.",
        ),
        (AnsweredBy::Machine, "The person you have called is not available. Please try again later."),
    ];
    for (who, text) in cases {
        for voice in ["en", "en+f3", "en-us+m3"] {
            let Some(speech) = speak(voice, "165", text) else { return };
            let samples = [quiet(400), speech, quiet(1500)].concat();
            let listens = Listens { answer: Some(AnswerSettings::default()), ..Listens::default() };
            let verdict = hear(listens, &samples).into_iter().find_map(|heard| match heard {
                Heard::Answered { by, reason, .. } => Some((by, reason)),
                _ => None,
            });
            assert_eq!(verdict.map(|verdict| verdict.0), Some(who), "{voice}: {text} {verdict:?}");
        }
    }
}

#[test]
fn a_story_is_a_voice_without_long_silence() {
    let Some(story) = speak("en", "150", STORY) else { return };
    let settings = VoiceSettings { silence_ms: 2000, ..VoiceSettings::default() };
    let listens = Listens { voice: Some(settings), ..Listens::default() };
    let heard = hear(listens, &[quiet(500), story, quiet(3000)].concat());
    assert!(matches!(heard[..], [Heard::VoiceBegan { .. }, Heard::SilenceBegan { .. }]), "{heard:?}");
}

#[test]
fn listening_allocates_nothing() {
    let mut samples = vec![0; 48_000];
    ToneGenerator::new(Country::UnitedKingdom.plan(), Tone::Ringback).fill(&mut samples);
    let mut listener = Listener::new(ProgressPlan::of(Country::UnitedKingdom));
    let all = Listens {
        progress: true,
        fax: true,
        voice: Some(VoiceSettings::default()),
        answer: Some(AnswerSettings::default()),
    };
    let mut count = 0;
    let made = allocation_counter::measure(|| {
        listener.listen_for(all);
        samples.chunks(160).for_each(|frame| listener.listen(frame, &mut |_| count += 1));
    });
    assert_eq!(made.count_total, 0);
    assert!(count > 0, "something was heard");
}
