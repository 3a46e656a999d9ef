//! Speech: espeak-ng's where it is installed, and an outline of it that needs nothing.

use crate::press::{Sine, noise, peak};
use callcore::base::Rng;
use callcore::media::prompt::decode_wav;
use std::fmt::Write as _;
use std::process::Command;

/// Voices of espeak-ng: many languages, and its variants from child to whisper.
const VOICES: [&str; 24] = [
    "en-us",
    "en-gb",
    "cmn",
    "de",
    "fr-fr",
    "es",
    "it",
    "ru",
    "pl",
    "ja",
    "hi",
    "ar",
    "sv",
    "nl",
    "pt-br",
    "tr",
    "en-us+f3",
    "en-us+f5",
    "en-gb+m7",
    "de+f2",
    "fr-fr+f4",
    "cmn+f2",
    "en-us+croak",
    "en-us+whisper",
];
const WORDS: [&str; 48] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "zero",
    "hundred",
    "thousand",
    "please",
    "hold",
    "the",
    "line",
    "your",
    "call",
    "is",
    "important",
    "to",
    "us",
    "agent",
    "queue",
    "number",
    "press",
    "star",
    "pound",
    "account",
    "balance",
    "thank",
    "you",
    "for",
    "calling",
    "we",
    "are",
    "open",
    "from",
    "until",
    "Monday",
    "weather",
    "market",
    "train",
    "station",
    "money",
    "bank",
    "delivery",
    "address",
];

/// Words and numbers without end or sense, always the same for the same chance.
fn text(rng: &mut Rng) -> String {
    let mut text = String::new();
    for _ in 0..150 {
        match rng.below(6) {
            0 => write!(text, "{}. ", rng.below(1_000_000)),
            _ => write!(text, "{} ", WORDS[rng.below(WORDS.len() as u64) as usize]),
        }
        .expect("a string takes all");
    }
    text
}

/// A minute or so of a voice at some speed, pitch and level, as espeak-ng speaks it.
pub(crate) fn espeak(rng: &mut Rng) -> Vec<i16> {
    let (speed, pitch) = (110 + rng.below(150), 5 + rng.below(90));
    let mut command = Command::new("espeak-ng");
    command.args(["-v", VOICES[rng.below(VOICES.len() as u64) as usize], "--stdout"]);
    command.args(["-s", &speed.to_string(), "-p", &pitch.to_string(), &text(rng)]);
    let output = command.output().expect("espeak-ng is installed where CALLCORE_PEERS is set");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let spoken = decode_wav(&output.stdout).expect("espeak-ng makes WAV").samples;
    let loudest = spoken.iter().fold(1.0f64, |most, value| most.max(f64::from(*value).abs()));
    let gain = peak(-20.0 + 22.0 * rng.unit()) / loudest;
    spoken.iter().map(|value| (f64::from(*value) * gain).clamp(-32_768.0, 32_767.0) as i16).collect()
}

/// Speech in its outline: harmonics of a bending pitch under three formants, breath, syllables, pauses.
pub(crate) fn outline(rng: &mut Rng) -> Vec<i16> {
    let mut samples = Vec::new();
    for _ in 0..30 {
        let length = 600 + rng.below(2400) as usize;
        let pitch = 80.0 + rng.unit() * 220.0;
        let formants = [250.0 + rng.unit() * 650.0, 850.0 + rng.unit() * 1500.0, 2200.0 + rng.unit() * 900.0];
        let loud = peak(-30.0 + rng.unit() * 26.0);
        let breath = rng.unit() * 0.05;
        let mut voice = harmonics(pitch, &formants, rng);
        for n in 0..length {
            let at = n as f64 / length as f64;
            let value = voice.iter_mut().map(Sine::step).sum::<f64>() + noise(rng) * breath;
            let rise = (at * 8.0).min((1.0 - at) * 4.0).min(1.0);
            samples.push((value * loud * rise).clamp(-32_768.0, 32_767.0) as i16);
        }
        samples.resize(samples.len() + rng.below(1600) as usize, 0);
    }
    samples
}

/// Harmonics of a pitch that fall by 6 dB an octave through formants of 80 Hz, above 300 Hz as a telephone has them.
fn harmonics(pitch: f64, formants: &[f64; 3], rng: &mut Rng) -> Vec<Sine> {
    let gain = |hz: f64| {
        let formant = |f: &f64| 1.0 / (1.0 - (hz / f).powi(2)).hypot(hz * 80.0 / (f * f));
        formants.iter().map(formant).product::<f64>() / (1.0 + (300.0 / hz).powi(4)).sqrt() * pitch / hz
    };
    (1..=(3400.0 / pitch) as usize)
        .map(|n| Sine::new(n as f64 * pitch, gain(n as f64 * pitch) / 4.0, rng.unit()))
        .collect()
}
