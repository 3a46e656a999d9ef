//! Keys against ITU-T Q.24 in short: what must be heard, what must not, and what only sounds like keys. The long way is
//! `callcore/tests/dtmf_criteria.rs`.

use super::{Detector, FREQUENCIES_HZ, Keys, Sender, place};
use crate::base::Rng;
use crate::board::{Digit, Digits};
use crate::media::plan::Tone;
use crate::media::test_sines::{peak, sin_turns};
use crate::media::tone::{Country, ToneGenerator};

/// One key as a line would bring it.
#[derive(Clone, Copy)]
struct Press {
    key: Digit,
    ms: f64,
    /// Each tone, in dBm0.
    low_dbm0: f64,
    high_dbm0: f64,
    /// Deviation of each tone as a share.
    low_off: f64,
    high_off: f64,
    /// White noise in dBm0.
    noise_dbm0: f64,
}

fn press(key: u8) -> Press {
    let key = Digit::new(key).expect("a key");
    Press { key, ms: 60.0, low_dbm0: -10.0, high_dbm0: -10.0, low_off: 0.0, high_off: 0.0, noise_dbm0: -70.0 }
}

/// Noise of about normal distribution with the power of a sine of this level.
fn noise(rng: &mut Rng, dbm0: f64) -> f64 {
    let sum: f64 = (0..12).map(|_| rng.unit()).sum::<f64>() - 6.0;
    sum * peak(dbm0) / std::f64::consts::SQRT_2
}

/// 30 ms and up to one block of silence, the key, 100 ms of silence.
fn line(press: Press, rng: &mut Rng) -> Vec<i16> {
    let lead = 240 + rng.below(102) as usize;
    let length = (press.ms * 8.0) as usize;
    let (row, column) = place(press.key);
    let (low_start, high_start) = (rng.unit(), rng.unit());
    let mut samples = Vec::new();
    for n in 0..lead + length + 800 {
        let mut value = noise(rng, press.noise_dbm0);
        if (lead..lead + length).contains(&n) {
            let of = |tone: usize, off: f64, start: f64| {
                sin_turns(f64::from(FREQUENCIES_HZ[tone]) * (1.0 + off) * n as f64 / 8000.0 + start)
            };
            value += of(row, press.low_off, low_start) * peak(press.low_dbm0);
            value += of(4 + column, press.high_off, high_start) * peak(press.high_dbm0);
        }
        samples.push(value.clamp(-32_768.0, 32_767.0) as i16);
    }
    samples
}

fn hear(detector: &mut Detector, samples: &[i16]) -> String {
    samples.chunks(160).filter_map(|frame| detector.listen(frame)).map(Digit::char).collect()
}

/// How many of `tries` presses with other phases and starts are heard, exactly once and rightly; a wrong key fails.
fn heard(press: Press, tries: usize, seed: u64) -> usize {
    let mut rng = Rng::new(seed);
    let mut count = 0;
    for _ in 0..tries {
        match hear(&mut Detector::default(), &line(press, &mut rng)).as_str() {
            "" => {}
            text => {
                assert_eq!(text, press.key.to_string(), "once, and the right one");
                count += 1;
            }
        }
    }
    count
}

#[test]
fn what_q24_wants_heard_is_heard() {
    for key in Digit::ALL {
        let good = press(key);
        let cases = [
            ("plain", good),
            ("40 ms", Press { ms: 40.0, ..good }),
            ("long", Press { ms: 2000.0, ..good }),
            ("0 dBm0", Press { low_dbm0: 0.0, high_dbm0: 0.0, ..good }),
            ("-35 dBm0", Press { low_dbm0: -35.0, high_dbm0: -35.0, ms: 40.0, ..good }),
            ("low group 8 dB up", Press { high_dbm0: -18.0, ms: 40.0, ..good }),
            ("high group 4 dB up", Press { low_dbm0: -14.0, ms: 40.0, ..good }),
            ("+1.5 %", Press { low_off: 0.015, high_off: 0.015, ms: 40.0, ..good }),
            ("-1.5 %", Press { low_off: -0.015, high_off: -0.015, ms: 40.0, ..good }),
            ("+-1.5 %", Press { low_off: 0.015, high_off: -0.015, ms: 40.0, ..good }),
            ("off and twisted", Press { low_off: -0.015, high_off: 0.015, high_dbm0: -18.0, ..good }),
            ("off and twisted back", Press { low_off: 0.015, high_off: 0.015, low_dbm0: -14.0, ..good }),
        ];
        for (name, case) in cases {
            assert_eq!(heard(case, 5, 1), 5, "key {} {name}", case.key);
        }
    }
}

#[test]
fn keys_are_heard_in_noise() {
    for key in Digit::ALL {
        // 15 dB below one tone, 18 dB below both
        let noisy = Press { noise_dbm0: -25.0, ..press(key) };
        assert!(heard(noisy, 20, 2) == 20, "key {}", noisy.key);
        let off = Press { noise_dbm0: -25.0, low_off: 0.015, high_off: -0.015, ..press(key) };
        assert!(heard(off, 20, 3) >= 19, "key {}", off.key);
    }
}

#[test]
fn what_q24_wants_refused_is_refused() {
    for key in Digit::ALL {
        let good = press(key);
        let cases = [
            ("low 3.5 % up", Press { low_off: 0.035, ..good }),
            ("low 3.5 % down", Press { low_off: -0.035, ..good }),
            ("high 3.5 % up", Press { high_off: 0.035, ..good }),
            ("high 3.5 % down", Press { high_off: -0.035, ..good }),
            ("both 3.5 % up", Press { low_off: 0.035, high_off: 0.035, ..good }),
            ("23 ms", Press { ms: 23.0, ..good }),
            ("10 ms", Press { ms: 10.0, ..good }),
            ("-45 dBm0", Press { low_dbm0: -45.0, high_dbm0: -45.0, ..good }),
            ("low group 12 dB up", Press { high_dbm0: -22.0, ..good }),
            ("high group 8 dB up", Press { low_dbm0: -18.0, ..good }),
            ("one tone only", Press { high_dbm0: -60.0, ..good }),
            ("other tone only", Press { low_dbm0: -60.0, ..good }),
            ("loud noise", Press { noise_dbm0: -7.0, ..good }),
        ];
        for (name, case) in cases {
            assert_eq!(heard(case, 5, 4), 0, "key {} {name}", case.key);
        }
    }
}

#[test]
fn a_break_of_10_ms_does_not_make_two_keys_of_one_and_a_pause_of_40_ms_does() {
    let mut rng = Rng::new(6);
    for key in Digit::ALL {
        for _ in 0..10 {
            let mut samples = line(Press { ms: 140.0, ..press(key) }, &mut rng);
            let at = 240 + 102 + 500 + rng.below(102) as usize;
            samples[at..at + 80].fill(0);
            let text = hear(&mut Detector::default(), &samples);
            assert_eq!(text.len(), 1, "a break: {text}");
            let mut twice = line(Press { ms: 150.0, ..press(key) }, &mut rng);
            let at = 240 + 102 + 340 + rng.below(102) as usize;
            twice[at..at + 320].fill(0);
            let text = hear(&mut Detector::default(), &twice);
            assert_eq!(text.len(), 2, "a pause: {text}");
        }
    }
}

#[test]
fn keys_that_are_sent_are_heard_through_both_laws() {
    let text = "0123456789*#ABCD55";
    for law in [callcore_codec::Format::ALaw, callcore_codec::Format::MuLaw] {
        let mut sender = Sender::default();
        let digits = Digits::try_from(text.to_owned()).expect("keys");
        assert!(sender.send(&Keys::new(&digits).expect("not too many")));
        let mut samples = vec![0; 160 * 16 / 2 * 18];
        sender.fill(&mut samples);
        let mut bytes = vec![0; samples.len()];
        callcore_codec::encode_sampled(law, &samples, &mut bytes);
        callcore_codec::decode_sampled(law, &bytes, &mut samples);
        assert_eq!(hear(&mut Detector::default(), &samples), text);
    }
}

#[test]
fn no_key_is_heard_in_the_tones_of_any_country() {
    for country in Country::ALL {
        for tone in [Tone::Dial, Tone::Ringback, Tone::Busy, Tone::Congestion] {
            let mut samples = vec![0; 80_000];
            ToneGenerator::new(country.plan(), tone).fill(&mut samples);
            assert_eq!(hear(&mut Detector::default(), &samples), "", "{country:?} {tone:?}");
        }
    }
}

/// Speech in its outline: a buzz of wandering pitch through wandering formants, in syllables, with breath noise.
fn speech(rng: &mut Rng, seconds: usize) -> Vec<i16> {
    let mut samples = Vec::new();
    let mut phase = 0.0;
    while samples.len() < seconds * 8000 {
        let syllable = 600 + rng.below(2400) as usize;
        let (pitch, bend) = (90.0 + rng.unit() * 200.0, rng.unit() * 0.4 - 0.2);
        let formants = [250.0 + rng.unit() * 650.0, 850.0 + rng.unit() * 1500.0, 2200.0 + rng.unit() * 900.0];
        let loud = peak(-24.0 + rng.unit() * 18.0);
        let breath = rng.unit() * 0.1;
        for n in 0..syllable {
            let at = n as f64 / syllable as f64;
            let pitch = pitch * (1.0 + bend * at);
            phase += pitch / 8000.0;
            let value = harmonics(phase, pitch, &formants) + (rng.unit() - 0.5) * breath;
            let rise = (at * 8.0).min((1.0 - at) * 4.0).min(1.0);
            samples.push((value * loud * rise).clamp(-32_768.0, 32_767.0) as i16);
        }
        samples.resize(samples.len() + rng.below(1600) as usize, 0);
    }
    samples
}

/// A buzz of a pitch as the sum of its harmonics, falling by 6 dB an octave as a voice does, through formants of 80 Hz
/// one after the other, and a telephone that loses what is below 300 Hz.
fn harmonics(phase: f64, pitch: f64, formants: &[f64; 3]) -> f64 {
    let gain = |hz: f64| {
        let formant = |f: &f64| 1.0 / (1.0 - (hz / f).powi(2)).hypot(hz * 80.0 / (f * f));
        formants.iter().map(formant).product::<f64>() / (1.0 + (300.0 / hz).powi(4)).sqrt() * pitch / hz
    };
    (1..=(3400.0 / pitch) as usize).map(|n| gain(n as f64 * pitch) * sin_turns(phase * n as f64)).sum::<f64>()
        / 4.0
}

#[test]
fn no_key_is_heard_in_speech() {
    let mut rng = Rng::new(7);
    let minutes = 4;
    let mut detector = Detector::default();
    let text = hear(&mut detector, &speech(&mut rng, 60 * minutes));
    assert_eq!(text, "", "in {minutes} minutes");
}

#[test]
fn no_key_is_heard_in_chords_and_noise() {
    let mut rng = Rng::new(8);
    let mut detector = Detector::default();
    let mut text = String::new();
    for _ in 0..200 {
        // three notes of a tempered scale with two overtones, half a second
        let notes: Vec<f64> = (0..3).map(|_| 220.0 * 2f64.powf(rng.below(36) as f64 / 12.0)).collect();
        let samples: Vec<i16> = (0..4000)
            .map(|n| {
                let of = |hz: f64| sin_turns(hz * f64::from(n) / 8000.0);
                notes
                    .iter()
                    .map(|hz| 3000.0 * of(*hz) + 1200.0 * of(hz * 2.0) + 600.0 * of(hz * 3.0))
                    .sum::<f64>() as i16
            })
            .collect();
        text += &hear(&mut detector, &samples);
    }
    let hiss: Vec<i16> = (0..400_000).map(|_| noise(&mut rng, -10.0) as i16).collect();
    text += &hear(&mut detector, &hiss);
    assert_eq!(text, "");
}
