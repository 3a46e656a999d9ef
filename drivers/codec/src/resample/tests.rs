//! What the resampler does to tones: those that must stay, and those that must not come back as others.

use super::*;
use std::f64::consts::TAU;

const WAYS: [(Rate, Rate); 6] = [
    (Rate::Narrow, Rate::Wide),
    (Rate::Wide, Rate::Narrow),
    (Rate::Wide, Rate::Full),
    (Rate::Full, Rate::Wide),
    (Rate::Narrow, Rate::Full),
    (Rate::Full, Rate::Narrow),
];

const PEAK: f64 = 20_000.0;

fn tone(hz: f64, rate: Rate, ms: u32) -> Vec<i16> {
    let sample = |n: usize| ((n as f64 * hz / f64::from(rate.hz()) * TAU).sin() * PEAK).round() as i16;
    (0..rate.samples(ms)).map(sample).collect()
}

/// In frames of 20 ms.
fn resampled(samples: &[i16], from: Rate, to: Rate) -> Vec<i16> {
    let mut resampler = Resampler::new(from, to);
    let mut all = Vec::new();
    for frame in samples.chunks(from.samples(20)) {
        let mut output = vec![0; frame.len() * to.times() / from.times()];
        assert_eq!(resampler.process(frame, &mut output), output.len());
        all.extend(output);
    }
    all
}

/// Amplitude of one frequency in the last 100 ms, where whole periods of multiples of 10 Hz fit.
fn amplitude(samples: &[i16], hz: f64, rate: Rate) -> f64 {
    let last = &samples[samples.len() - rate.samples(100)..];
    let turn = |n: usize| n as f64 * hz / f64::from(rate.hz()) * TAU;
    let part = |f: fn(f64) -> f64| {
        last.iter().enumerate().map(|(n, sample)| f64::from(*sample) * f(turn(n))).sum::<f64>()
    };
    part(f64::sin).hypot(part(f64::cos)) * 2.0 / last.len() as f64
}

fn rms(samples: &[i16], rate: Rate) -> f64 {
    let last = &samples[samples.len() - rate.samples(100)..];
    (last.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / last.len() as f64).sqrt()
}

fn db(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

/// What must keep its level: up to 3.4 or 7 kHz.
fn pass_hz(from: Rate, to: Rate) -> f64 {
    if from.min(to) == Rate::Narrow { 3400.0 } else { 7000.0 }
}

#[test]
fn tones_keep_their_level_and_nothing_comes_with_them() {
    for (from, to) in WAYS {
        let mut hz = 50.0;
        while hz <= pass_hz(from, to) {
            let heard = resampled(&tone(hz, from, 200), from, to);
            let level = amplitude(&heard, hz, to);
            assert!(db(level / PEAK).abs() < 0.1, "{from:?} to {to:?}, {hz} Hz: {:.2} dB", db(level / PEAK));
            // all else that is there: images, and noise of rounding
            let rest = (rms(&heard, to).powi(2) - level * level / 2.0).max(0.0).sqrt() * 2f64.sqrt();
            assert!(
                db(rest / PEAK) < -60.0,
                "{from:?} to {to:?}, {hz} Hz: {:.1} dB of others",
                db(rest / PEAK)
            );
            hz += 150.0;
        }
    }
}

#[test]
fn what_is_too_high_for_the_lower_rate_is_gone() {
    for (from, to) in WAYS.into_iter().filter(|(from, to)| from > to) {
        let stop = if to == Rate::Narrow { 4600.0 } else { 9000.0 };
        let mut hz: f64 = stop;
        while hz < f64::from(from.hz()) / 2.0 {
            let heard = resampled(&tone(hz, from, 200), from, to);
            let level = rms(&heard, to) * 2f64.sqrt();
            assert!(db(level / PEAK) < -60.0, "{from:?} to {to:?}, {hz} Hz: {:.1} dB", db(level / PEAK));
            hz *= 1.022;
        }
    }
}

#[test]
fn a_round_trip_gives_the_same_back_after_its_delay() {
    for (low, high) in WAYS.into_iter().filter(|(from, to)| from < to) {
        let mut sound = tone(440.0, low, 300);
        for (sample, other) in sound.iter_mut().zip(tone(pass_hz(low, high) - 90.0, low, 300)) {
            *sample = *sample / 2 + other / 3;
        }
        let back = resampled(&resampled(&sound, low, high), high, low);
        // there and back: 16 samples of the lower rate each
        let errors = back[64..].iter().zip(&sound[32..]).map(|(a, b)| (i32::from(*a) - i32::from(*b)).abs());
        let error = errors.max().expect("there are samples");
        assert!(error < 40, "{low:?} {high:?}: {error}");
    }
}

#[test]
fn silence_and_direct_current_pass_unchanged() {
    for (from, to) in WAYS {
        for level in [0, 1, -7, 12_345, i16::MAX, i16::MIN] {
            let heard = resampled(&vec![level; from.samples(100)], from, to);
            assert!(heard[to.samples(20)..].iter().all(|sample| *sample == level), "{from:?} {to:?} {level}");
        }
    }
}

#[test]
fn it_does_not_matter_how_sound_is_cut() {
    for (from, to) in WAYS {
        let unit = (from.times() / to.times()).max(1);
        let sound = tone(1234.0, from, 300);
        let whole = resampled(&sound, from, to);
        for cut in [unit, 3 * unit, 80 * unit, 161 * unit, sound.len() / unit * unit] {
            let mut resampler = Resampler::new(from, to);
            let mut all = Vec::new();
            for part in sound.chunks(cut) {
                let mut output = vec![0; part.len() * to.times() / from.times()];
                resampler.process(part, &mut output);
                all.extend(output);
            }
            assert_eq!(all, whole, "{from:?} to {to:?} in pieces of {cut}");
        }
    }
}

#[test]
fn full_scale_squares_are_cut_off_not_wrapped() {
    for (from, to) in WAYS {
        let square = |peak: i16| -> Vec<i16> {
            (0..from.samples(100)).map(|n| if n / 13 % 2 == 0 { peak } else { -peak }).collect()
        };
        let (loud, quiet) = (resampled(&square(32_766), from, to), resampled(&square(16_383), from, to));
        let cut_off = |sample: i16| (2 * i32::from(sample)).clamp(-32_768, 32_767);
        let off = loud.iter().zip(&quiet).map(|(loud, quiet)| (i32::from(*loud) - cut_off(*quiet)).abs());
        assert!(off.max() <= Some(2), "{from:?} to {to:?}: as twice the half");
        assert!(quiet.iter().any(|sample| sample.abs() > 16_383), "{from:?} to {to:?}: it overshoots");
    }
}

#[test]
fn after_a_reset_nothing_is_left() {
    let mut resampler = Resampler::new(Rate::Narrow, Rate::Wide);
    let mut heard = [0; 320];
    resampler.process(&[9999; 160], &mut heard);
    resampler.reset();
    resampler.process(&[0; 160], &mut heard);
    assert_eq!(heard, [0; 320]);
    assert_eq!(Resampler::new(Rate::Wide, Rate::Wide).process(&[1, 2, 3], &mut heard[..2]), 2);
    assert_eq!(heard[..3], [1, 2, 0]);
}
