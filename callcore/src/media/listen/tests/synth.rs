//! Talk and music in their outline, the same on every run.

use crate::base::Rng;
use crate::media::test_sines::{peak, sin_turns};

/// A buzz of a pitch as the sum of its harmonics through three formants, and a telephone that loses what is below 300 Hz.
fn buzz(phase: f64, pitch: f64, formants: &[f64; 3]) -> f64 {
    let gain = |hz: f64| {
        let formant = |f: &f64| 1.0 / (1.0 - (hz / f).powi(2)).hypot(hz * 80.0 / (f * f));
        formants.iter().map(formant).product::<f64>() / (1.0 + (300.0 / hz).powi(4)).sqrt() * pitch / hz
    };
    (1..=(3400.0 / pitch) as usize).map(|n| gain(n as f64 * pitch) * sin_turns(phase * n as f64)).sum::<f64>()
        / 4.0
}

/// Talk for so long, in syllables that follow one another without a pause.
pub(super) fn talk(rng: &mut Rng, ms: usize, dbm0: f64) -> Vec<i16> {
    let length = ms * 8;
    let mut samples: Vec<f64> = Vec::new();
    let mut phase = 0.0;
    while samples.len() < length {
        let syllable = (800 + rng.below(1600) as usize).min(length - samples.len()).max(1);
        let (pitch, bend) = (90.0 + rng.unit() * 160.0, rng.unit() * 0.4 - 0.2);
        let formants = [250.0 + rng.unit() * 650.0, 850.0 + rng.unit() * 1500.0, 2200.0 + rng.unit() * 900.0];
        for n in 0..syllable {
            let at = n as f64 / syllable as f64;
            let pitch = pitch * (1.0 + bend * at);
            phase += pitch / 8000.0;
            let rise = (at * 10.0).min((1.0 - at) * 10.0).clamp(0.2, 1.0);
            samples.push((buzz(phase, pitch, &formants) + (rng.unit() - 0.5) * 0.05) * rise);
        }
    }
    let power = samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len().max(1) as f64;
    let gain = peak(dbm0) / std::f64::consts::SQRT_2 / power.sqrt().max(1e-9);
    samples.iter().map(|sample| (sample * gain).clamp(-32_768.0, 32_767.0) as i16).collect()
}

pub(super) fn silence(rng: &mut Rng, ms: usize, dbm0: f64) -> Vec<i16> {
    (0..ms * 8).map(|_| super::line::noise(rng, dbm0) as i16).collect()
}

pub(super) fn beep(hz: f64, ms: usize, dbm0: f64) -> Vec<i16> {
    (0..ms * 8).map(|n| (sin_turns(hz * n as f64 / 8000.0) * peak(dbm0)) as i16).collect()
}

/// Chords of three notes with two overtones, each half a second.
pub(super) fn music(rng: &mut Rng, seconds: usize) -> Vec<i16> {
    let mut samples = Vec::new();
    for _ in 0..seconds * 2 {
        let notes: Vec<f64> = (0..3).map(|_| 220.0 * 2f64.powf(rng.below(36) as f64 / 12.0)).collect();
        samples.extend((0..4000).map(|n| {
            let of = |hz: f64| sin_turns(hz * f64::from(n) / 8000.0);
            let note = |hz: &f64| 2500.0 * of(*hz) + 1000.0 * of(hz * 2.0) + 500.0 * of(hz * 3.0);
            notes.iter().map(note).sum::<f64>() as i16
        }));
    }
    samples
}
