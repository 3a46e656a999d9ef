//! The ear tells people from everything else a telephone line carries, and holds on through the pauses of each.

use callcore_codec::g711::{alaw_to_linear, linear_to_alaw, linear_to_ulaw, ulaw_to_linear};
use callcore_driver_sim::{Ear, Voice, voice_hz};
use callcore_sim_model::Heard;
use std::f64::consts::TAU;

const FRAME: usize = 160;

/// A sound: sample number to level, -1 to 1.
type Sound = Box<dyn Fn(usize) -> f64>;

fn tones(list: &'static [(f64, f64)]) -> Sound {
    Box::new(move |n| list.iter().map(|(hz, level)| level * (TAU * hz * n as f64 / 8_000.0).sin()).sum())
}

/// On and off, milliseconds.
fn cadence(on: usize, off: usize, sound: Sound) -> Sound {
    Box::new(move |n| if (n / 8) % (on + off) < on { sound(n) } else { 0.0 })
}

/// Repeatable white noise.
fn noise(level: f64) -> Sound {
    Box::new(move |n| {
        let mut x = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        level * ((x >> 11) as f64 / (1u64 << 52) as f64 - 1.0)
    })
}

/// Chords of harmonics that change every 300 ms: three notes, eight overtones each.
fn music() -> Sound {
    Box::new(|n| {
        let bar = n / 2_400;
        let note = |i: usize| 220.0 * 2f64.powf(((bar * (5 + i) + 4 * i) % 24) as f64 / 12.0);
        let voice = |hz: f64| {
            (1..=8).map(|k| (TAU * hz * f64::from(k) * n as f64 / 8_000.0).sin() / f64::from(k)).sum::<f64>()
        };
        (0..3).map(|i| 0.12 * voice(note(i))).sum()
    })
}

/// Like speech: a buzz of 90 to 180 Hz with all its overtones, in syllables of 200 ms, with pauses.
fn speech() -> Sound {
    Box::new(|n| {
        let syllable = n / 1_600;
        let hz = 90.0 + 15.0 * ((syllable * 7) % 7) as f64;
        let open = if syllable % 5 == 4 { 0.0 } else { 0.3 };
        let formant = |k: i32| 1.0 / (1.0 + ((f64::from(k) * hz - 700.0) / 500.0).powi(2)) + 0.15;
        let phase = TAU * hz * n as f64 / 8_000.0;
        open * (1..=(3_800.0 / hz) as i32).map(|k| formant(k) * (phase * f64::from(k)).sin()).sum::<f64>()
            / 4.0
    })
}

fn frames(sound: &Sound, seconds: usize) -> Vec<i16> {
    (0..seconds * 8_000).map(|n| (sound(n).clamp(-1.0, 1.0) * 32_000.0) as i16).collect()
}

fn voice(channel: u32, seconds: usize) -> Vec<i16> {
    let mut samples = vec![0; seconds * 8_000];
    Voice::new(channel, 32).fill(&mut samples, true);
    samples
}

/// What the ear says, frame by frame.
fn says(samples: &[i16]) -> Vec<Heard> {
    let mut ear = Ear::new();
    samples.chunks(FRAME).map(|frame| ear.listen(frame)).collect()
}

fn mix(one: &[i16], other: &[i16]) -> Vec<i16> {
    one.iter().zip(other).map(|(a, b)| a.saturating_add(*b)).collect()
}

#[test]
fn every_sound_of_a_network_is_a_machine_and_stays_one() {
    let sounds: Vec<(&str, Sound)> = vec![
        ("450 Hz ringback", cadence(1_000, 4_000, tones(&[(450.0, 0.3)]))),
        ("440 + 480 Hz ringback", cadence(2_000, 4_000, tones(&[(440.0, 0.2), (480.0, 0.2)]))),
        ("400 + 450 Hz ringback", cadence(400, 200, tones(&[(400.0, 0.2), (450.0, 0.2)]))),
        ("dial tone", tones(&[(350.0, 0.2), (440.0, 0.2)])),
        ("busy", cadence(500, 500, tones(&[(480.0, 0.2), (620.0, 0.2)]))),
        ("450 Hz busy", cadence(350, 350, tones(&[(450.0, 0.3)]))),
        ("special information", cadence(330, 30, tones(&[(1_800.0, 0.3)]))),
        ("fax", tones(&[(2_100.0, 0.4)])),
        ("DTMF 1", cadence(100, 100, tones(&[(697.0, 0.25), (1_209.0, 0.25)]))),
        ("DTMF D", cadence(100, 100, tones(&[(941.0, 0.25), (1_633.0, 0.25)]))),
        ("one pilot alone", tones(&[(3_150.0, 0.3)])),
        ("the other pilot", tones(&[(3_300.0, 0.3)])),
        ("music", music()),
        ("speech", speech()),
        ("noise", noise(0.2)),
    ];
    for (name, sound) in sounds {
        let heard = says(&frames(&sound, 60));
        assert!(!heard.contains(&Heard::Person), "{name} is no person");
        let first =
            heard.iter().position(|h| *h == Heard::Machine).unwrap_or_else(|| panic!("{name} is heard"));
        assert!(first <= 25, "{name}: heard after {first} frames");
        // four turns of a busy tone are enough to know it
        let known = if name.ends_with("busy") { first + 120 } else { heard.len() };
        assert!(
            heard[first..known].iter().all(|h| matches!(h, Heard::Machine | Heard::Busy)),
            "{name}: stays a machine through its pauses"
        );
        assert!(heard[known..].iter().all(|h| *h == Heard::Busy), "{name}: stays a busy tone");
        assert_eq!(heard.contains(&Heard::Busy), name.ends_with("busy"), "{name}");
    }
}

#[test]
fn silence_and_a_quiet_line_are_silence() {
    assert!(says(&frames(&noise(0.001), 20)).iter().all(|h| *h == Heard::Silence));
    assert!(says(&vec![0; 80_000]).iter().all(|h| *h == Heard::Silence));
    let mut still = vec![0; 80_000];
    Voice::new(3, 32).fill(&mut still, false);
    assert!(says(&still).iter().all(|h| *h == Heard::Silence), "somebody who does not speak is not heard");
}

#[test]
fn every_voice_is_a_person_within_a_tenth_of_a_second_and_through_its_pauses() {
    for channel in 0..32 {
        let heard = says(&voice(channel, 60));
        let first = heard.iter().position(|h| *h == Heard::Person).unwrap_or(usize::MAX);
        assert!(first <= 5, "channel {channel}: after {first} frames");
        assert!(heard[first..].iter().all(|h| *h == Heard::Person), "channel {channel}: lost in a pause");
    }
}

#[test]
fn a_voice_survives_the_laws_a_quiet_line_and_music_behind_it() {
    let plain = voice(7, 30);
    let coded: Vec<(&str, Vec<i16>)> = vec![
        ("A-law", plain.iter().map(|s| alaw_to_linear(linear_to_alaw(*s))).collect()),
        ("mu-law", plain.iter().map(|s| ulaw_to_linear(linear_to_ulaw(*s))).collect()),
        ("18 dB down", plain.iter().map(|s| s / 8).collect()),
        ("music behind", mix(&plain, &frames(&music(), 30).iter().map(|s| s / 3).collect::<Vec<_>>())),
        ("two at once", mix(&plain, &voice(20, 30))),
        ("three at once", mix(&mix(&plain, &voice(20, 30)), &voice(31, 30))),
    ];
    for (name, samples) in coded {
        let heard = says(&samples);
        let first = heard.iter().position(|h| *h == Heard::Person).unwrap_or(usize::MAX);
        assert!(first <= 10, "{name}: after {first} frames");
        assert!(heard[first..].iter().all(|h| *h == Heard::Person), "{name}: lost");
    }
}

#[test]
fn a_person_who_stops_is_gone_after_a_second_and_music_comes_back() {
    let mut line = frames(&music(), 4);
    line.extend(voice(5, 4));
    line.extend(vec![0; 16_000]);
    line.extend(frames(&music(), 4));
    line.extend(vec![0; 56_000]);
    let heard = says(&line);
    let at = |second: f64| heard[(second * 50.0) as usize];
    assert_eq!([at(2.0), at(4.2), at(7.5)], [Heard::Machine, Heard::Person, Heard::Person]);
    assert_eq!([at(9.6), at(10.5), at(18.5)], [Heard::Silence, Heard::Machine, Heard::Machine]);
    assert_eq!(heard.last(), Some(&Heard::Silence));
}

/// Blocks are the ear's own: 10 ms frames, or odd ones, make no difference.
#[test]
fn the_frame_size_makes_no_difference() {
    let samples = voice(9, 10);
    for size in [8, 80, 160, 240, 1_000] {
        let mut ear = Ear::new();
        let person = samples.chunks(size).filter(|frame| ear.listen(frame) == Heard::Person).count() * size;
        assert!((79_000..=80_000).contains(&person), "frames of {size}: {person} samples of a person");
    }
}

#[test]
fn voices_are_all_different_and_inside_the_band() {
    for channels in [1, 2, 32, 4_096] {
        let all: Vec<f64> = (0..channels).map(|channel| voice_hz(channel, channels)).collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{channels}");
        assert!(all.iter().all(|hz| (300.0..=3_000.0).contains(hz)), "{channels}");
    }
}
