//! Concealment on sound with a pitch, without one, and where it could click.

use super::*;
use std::f64::consts::TAU;

const RATES: [Rate; 3] = Rate::ALL;

/// A voiced sound: harmonics of a pitch that moves by 3 % in 300 ms, as loud as a vowel's.
fn vowel(pitch_hz: f64, rate: Rate, ms: u32) -> Vec<i16> {
    moving_vowel(pitch_hz, 0.03, rate, ms)
}

fn moving_vowel(pitch_hz: f64, by: f64, rate: Rate, ms: u32) -> Vec<i16> {
    let mut phase = 0.0;
    let sample = |n: usize| {
        let seconds = n as f64 / f64::from(rate.hz());
        phase += pitch_hz * (1.0 + by * (seconds / 0.3 * TAU).sin()) / f64::from(rate.hz());
        let formant = |hz: f64| {
            1.0 / (1.0 + ((hz - 650.0) / 250.0).powi(2)) + 0.3 / (1.0 + ((hz - 1700.0) / 300.0).powi(2))
        };
        let harmonics = (1..=(3400.0 / pitch_hz) as u32).map(f64::from);
        let sum: f64 = harmonics.map(|k| formant(k * pitch_hz) * (TAU * k * phase + k * k).sin()).sum();
        (sum * 5000.0) as i16
    };
    (0..rate.samples(ms)).map(sample).collect()
}

fn noise(rate: Rate, ms: u32) -> Vec<i16> {
    let mut state = 7u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as i16 / 8
    };
    (0..rate.samples(ms)).map(next).collect()
}

/// `sound` with all from `begin_ms` on for `lost_ms` concealed, in frames of 20 ms or as long as the loss.
fn with_a_loss(sound: &[i16], rate: Rate, begin_ms: u32, lost_ms: u32) -> Vec<i16> {
    let mut heard = sound.to_vec();
    let (begin, end) = (rate.samples(begin_ms), rate.samples(begin_ms + lost_ms));
    let mut concealment = Concealment::begin(&sound[begin - rate.samples(40)..begin], rate);
    heard[begin..end].chunks_mut(rate.samples(20)).for_each(|frame| concealment.fill(frame));
    concealment.rejoin(&mut heard[end..end + rate.samples(20)]);
    heard
}

/// What the engine did before: the last frame backwards, fading to nothing in 60 ms; 4 ms of smoothing afterwards.
fn with_a_mirrored_loss(sound: &[i16], begin: usize, lost: usize) -> Vec<i16> {
    let mut heard = sound.to_vec();
    for n in 0..lost {
        heard[begin + n] = (i32::from(sound[begin - 1 - n]) * (480 - n as i32) / 480) as i16;
    }
    let step = i32::from(heard[begin + lost - 1]) - i32::from(sound[begin + lost]);
    for n in 0..32 {
        heard[begin + lost + n] += (step * (32 - n as i32) / 32) as i16;
    }
    heard
}

/// Decibels of signal to error.
fn snr_db(right: &[i16], heard: &[i16]) -> f64 {
    let energy = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>();
    let signal = energy(&mut right.iter().map(|s| f64::from(*s)));
    let error = energy(&mut right.iter().zip(heard).map(|(a, b)| f64::from(*a) - f64::from(*b)));
    10.0 * (signal / error.max(1.0)).log10()
}

fn steepest(samples: &[i16]) -> i32 {
    samples.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max().unwrap_or(0)
}

/// Over many pitches and places: what is heard of a lost frame of 20 ms is nearer to the truth than the mirrored frame
/// was, by 8 dB.
#[test]
fn a_lost_frame_of_a_vowel_is_far_nearer_than_a_mirrored_one() {
    let (mut now, mut before, mut count) = (0.0, 0.0, 0.0);
    for pitch_hz in [72.0, 95.0, 118.0, 140.0, 187.0, 221.0, 260.0, 330.0] {
        let sound = vowel(pitch_hz, Rate::Narrow, 500);
        for begin_ms in [100, 137, 180, 222, 301] {
            let begin = Rate::Narrow.samples(begin_ms);
            let part = begin..begin + 160;
            let heard = with_a_loss(&sound, Rate::Narrow, begin_ms, 20);
            now += snr_db(&sound[part.clone()], &heard[part.clone()]);
            before += snr_db(&sound[part.clone()], &with_a_mirrored_loss(&sound, begin, 160)[part]);
            count += 1.0;
        }
    }
    let (now, before) = (now / count, before / count);
    assert!(now > 6.0 && now > before + 8.0, "{now:.1} dB, mirrored {before:.1} dB");
}

#[test]
fn every_rate_is_concealed_as_well() {
    for rate in RATES {
        let mut sum = 0.0;
        for pitch_hz in [95.0, 140.0, 221.0] {
            let sound = vowel(pitch_hz, rate, 300);
            let part = rate.samples(137)..rate.samples(157);
            sum += snr_db(&sound[part.clone()], &with_a_loss(&sound, rate, 137, 20)[part]);
        }
        assert!(sum / 3.0 > 1.5, "{rate:?}: {:.1} dB", sum / 3.0);
    }
}

#[test]
fn nothing_clicks_and_nothing_is_changed_that_need_not_be() {
    for rate in RATES {
        for sound in [vowel(118.0, rate, 400), vowel(290.0, rate, 400), noise(rate, 400)] {
            let allowed = steepest(&sound);
            for lost_ms in [10, 20, 40, 50, 60, 80, 120] {
                let heard = with_a_loss(&sound, rate, 140, lost_ms);
                assert!(
                    steepest(&heard) <= allowed * 5 / 4,
                    "{rate:?}, {lost_ms} ms: {} of {allowed}",
                    steepest(&heard)
                );
                assert_eq!(heard[..rate.samples(140)], sound[..rate.samples(140)]);
                let settled = rate.samples(140 + lost_ms + 10);
                assert_eq!(heard[settled..], sound[settled..], "{rate:?}: after 10 ms all is as it came");
            }
        }
    }
}

#[test]
fn a_long_loss_fades_to_silence_in_60_ms() {
    for rate in RATES {
        let sound = vowel(118.0, rate, 400);
        let heard = with_a_loss(&sound, rate, 140, 200);
        let peak = |from_ms: u32| {
            let part = &heard[rate.samples(from_ms)..rate.samples(from_ms + 10)];
            part.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0)
        };
        let peaks: Vec<u16> = (0..20).map(|n| peak(140 + 10 * n)).collect();
        let loud = *sound.iter().max().expect("there is sound") as u16;
        assert!(peaks[0] > loud * 3 / 4, "the first 10 ms are as loud as before: {peaks:?}");
        assert!(peaks.windows(2).all(|pair| pair[1] <= pair[0] + loud / 50), "{peaks:?}");
        assert!(peaks[3] > 0 && peaks[6..].iter().all(|peak| *peak == 0), "{peaks:?}");
    }
}

#[test]
fn noise_keeps_its_level_and_does_not_buzz() {
    let sound = noise(Rate::Narrow, 400);
    assert_eq!(
        pitch::period(&sound[..320], Rate::Narrow),
        Some(pitch::LAG_MAX),
        "no pitch: the longest cycle"
    );
    let heard = with_a_loss(&sound, Rate::Narrow, 100, 10);
    let energy = |samples: &[i16]| samples.iter().map(|s| f64::from(*s) * f64::from(*s)).sum::<f64>();
    let ratio = energy(&heard[800..880]) / energy(&sound[720..800]);
    assert!((0.5..2.0).contains(&ratio), "{ratio}");
}

#[test]
fn the_pitch_is_found_within_a_sample_or_as_its_multiple() {
    for rate in RATES {
        for pitch_hz in [70.0, 100.0, 150.0, 200.0, 300.0, 390.0] {
            let sound = moving_vowel(pitch_hz, 0.0, rate, 60);
            let found = pitch::period(&sound, rate).expect("there is enough") as f64 * pitch_hz
                / f64::from(rate.hz());
            let off = (found - found.round()).abs() / found.round() * f64::from(rate.hz()) / pitch_hz;
            assert!(off <= 1.0, "{rate:?} {pitch_hz}: {found} cycles");
        }
    }
}

#[test]
fn any_history_will_do() {
    for rate in RATES {
        for length in [0, 1, 19, 20, 39, 40, 41, 100, 240, 241, 300, 1000, 3000] {
            for value in [0, i16::MAX, i16::MIN] {
                let history: Vec<i16> = (0..length).map(|n| if n % 7 < 3 { value } else { !value }).collect();
                let mut concealment = Concealment::begin(&history, rate);
                let mut frame = vec![1; rate.samples(20)];
                concealment.fill(&mut frame);
                assert!(length >= 40 * rate.times() || frame.iter().all(|sample| *sample == 0));
                concealment.fill(&mut []);
                concealment.clone().rejoin(&mut []);
                concealment.rejoin(&mut [5]);
            }
        }
    }
}
