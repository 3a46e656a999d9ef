//! Music of many kinds, made by rule and seed: what is nearest to a key, several steady tones at once, and what is not.

use crate::press::{Sine, noise, peak};
use callcore::base::Rng;

/// Some seconds of music of some kind at some level.
pub(crate) fn piece(rng: &mut Rng) -> Vec<i16> {
    let mut sound = match rng.below(8) {
        0 | 1 => chords(rng),
        2 => organ(rng),
        3 => plucks(rng),
        4 => arpeggio(rng),
        5 => whistle(rng),
        6 => drums(rng),
        _ => (0..40_000).map(|_| noise(rng)).collect(),
    };
    let loudest = sound.iter().fold(1e-9f64, |most, value| most.max(value.abs()));
    let gain = peak(-25.0 + 27.0 * rng.unit()) / loudest;
    sound.iter_mut().for_each(|value| *value *= gain);
    sound.into_iter().map(|value| value.clamp(-32_768.0, 32_767.0) as i16).collect()
}

/// A note of the tempered scale from A2 to A6, in a tuning.
fn note(rng: &mut Rng, tuning: f64) -> f64 {
    110.0 * tuning * 2f64.powf(rng.below(49) as f64 / 12.0)
}

fn tuning(rng: &mut Rng) -> f64 {
    1.0 + (rng.unit() - 0.5) * 0.03
}

/// Add a note with overtones that fall by some dB each, and that dies away by half in some seconds.
fn add_note(sound: &mut [f64], hz: f64, fall_db: f64, half_life: f64, rng: &mut Rng) {
    let decay = 0.5f64.powf(1.0 / (8000.0 * half_life));
    for overtone in 1..=12 {
        let hz = hz * f64::from(overtone);
        let loud = 10f64.powf(-fall_db * f64::from(overtone - 1) / 20.0);
        if hz > 3600.0 || loud < 0.01 {
            break;
        }
        let mut sine = Sine::new(hz, loud, rng.unit());
        let mut envelope = 1.0;
        for (n, value) in sound.iter_mut().enumerate() {
            *value += sine.step() * envelope * (n as f64 / 80.0).min(1.0);
            envelope *= decay;
        }
    }
}

/// Chords of two to five notes, from flute-like to reed-like, held for a quarter to one and a half seconds.
fn chords(rng: &mut Rng) -> Vec<f64> {
    let (tuning, fall_db) = (tuning(rng), 3.0 + 11.0 * rng.unit());
    let mut sound = Vec::new();
    for _ in 0..8 {
        let from = sound.len();
        sound.resize(from + 2000 + rng.below(10_000) as usize, 0.0);
        for _ in 0..2 + rng.below(4) {
            let hz = note(rng, tuning);
            add_note(&mut sound[from..], hz, fall_db, 0.3 + rng.unit() * 3.0, rng);
        }
    }
    sound
}

/// Held chords with the octave and the twelfth of each note as stops, and a slow beat.
fn organ(rng: &mut Rng) -> Vec<f64> {
    let tuning = tuning(rng);
    let mut sound = vec![0.0; 48_000];
    for part in sound.chunks_mut(12_000) {
        for _ in 0..3 {
            let hz = note(rng, tuning);
            for (stop, detune) in [(1.0, 1.0), (2.0, 1.002), (3.0, 0.999)] {
                add_note(part, hz * stop * detune, 9.0, 20.0, rng);
            }
        }
    }
    sound
}

/// Plucked strings (Karplus and Strong): a delay line of noise that is averaged as it goes round.
fn plucks(rng: &mut Rng) -> Vec<f64> {
    let tuning = tuning(rng);
    let mut sound = vec![0.0; 48_000];
    for _ in 0..24 {
        let length = (8000.0 / note(rng, tuning)).round().max(4.0) as usize;
        let mut string: Vec<f64> = (0..length).map(|_| rng.unit() - 0.5).collect();
        let from = rng.below(44_000) as usize;
        for (n, value) in sound[from..].iter_mut().enumerate() {
            let (at, next) = (n % length, (n + 1) % length);
            *value += string[at];
            string[at] = 0.498 * (string[at] + string[next]);
        }
    }
    sound
}

/// Single notes one after the other that ring into each other.
fn arpeggio(rng: &mut Rng) -> Vec<f64> {
    let (tuning, fall_db) = (tuning(rng), 4.0 + 10.0 * rng.unit());
    let step = 600 + rng.below(1400) as usize;
    let mut sound = vec![0.0; step * 34];
    for n in 0..30 {
        let hz = note(rng, tuning);
        add_note(&mut sound[n * step..(n + 4) * step], hz, fall_db, 0.15, rng);
    }
    sound
}

/// A whistle that glides and trembles, with a little breath.
fn whistle(rng: &mut Rng) -> Vec<f64> {
    let mut sound = Vec::new();
    let (mut phase, mut hz) = (0.0, 800.0);
    for _ in 0..16 {
        let aim = 600.0 + 1600.0 * rng.unit();
        for n in 0..2500 {
            hz += (aim - hz) * 0.002;
            phase += hz * (1.0 + 0.01 * (f64::from(n) * 0.0044).sin()) / 8000.0;
            sound.push((phase * std::f64::consts::TAU).sin() + noise(rng) * 0.03);
        }
    }
    sound
}

/// Drums: noise that dies away, and skins that fall in pitch.
fn drums(rng: &mut Rng) -> Vec<f64> {
    let mut sound = vec![0.0; 40_000];
    for beat in 0..32 {
        let (skin, hiss) = (80.0 + 900.0 * rng.unit(), rng.unit());
        let mut phase = 0.0;
        for (n, value) in sound[beat * 1200..].iter_mut().take(4000).enumerate() {
            let fade = (-(n as f64) / 500.0).exp();
            phase += skin * (1.0 + fade) / 8000.0;
            *value += fade * ((phase * std::f64::consts::TAU).sin() + hiss * noise(rng));
        }
    }
    sound
}
