//! Sounds that are listened to: silence, a voice, noise, a dial tone, keys.

use callcore::base::Rng;
use callcore::board::Digits;
use callcore::media::dtmf::{Keys, Sender};

/// The columns of the table.
pub(crate) const NAMES: [&str; 5] = ["silence", "speech", "noise", "dial", "keys"];

/// Ten seconds and more of a sound.
pub(crate) fn named(name: &str) -> Option<Vec<i16>> {
    Some(match name {
        "silence" => vec![0; 163_200],
        "speech" => speech(),
        "noise" => {
            let mut rng = Rng::new(1);
            (0..163_200).map(|_| (rng.below(8000) as i32 - 4000) as i16).collect()
        }
        "dial" => (0..163_200).map(|n| (sine(450.0, n) * 7000.0) as i16).collect(),
        "keys" => keys(),
        _ => return None,
    })
}

fn sine(hz: f64, n: usize) -> f64 {
    (hz * n as f64 / 8000.0 * std::f64::consts::TAU).sin()
}

fn keys() -> Vec<i16> {
    let digits = Digits::try_from("0123456789ABCD*#".repeat(2)).expect("keys");
    let keys = Keys::new(&digits).expect("as many as may wait");
    let mut samples = vec![0; 32 * 1280 * 4];
    for part in samples.chunks_mut(32 * 1280) {
        let mut sender = Sender::default();
        assert!(sender.send(&keys), "it is empty");
        sender.fill(part);
    }
    samples
}

/// A voice in its outline: harmonics of a gliding pitch under three formants, in syllables with pauses.
fn speech() -> Vec<i16> {
    let mut rng = Rng::new(2);
    let mut samples = Vec::new();
    while samples.len() < 163_200 {
        let length = 800 + rng.below(2400) as usize;
        let pitch = 90.0 + rng.unit() * 150.0;
        let formants = [300.0 + rng.unit() * 500.0, 900.0 + rng.unit() * 1200.0, 2500.0];
        let gains: Vec<f64> = (1..=(3400.0 / pitch) as usize)
            .map(|n| {
                formants.iter().map(|f| 1.0 / (1.0 + ((n as f64 * pitch - f) / 90.0).powi(2))).sum::<f64>()
            })
            .collect();
        for n in 0..length {
            let bend = pitch * (1.0 + 0.1 * n as f64 / length as f64);
            let value: f64 =
                gains.iter().enumerate().map(|(h, gain)| gain * sine(bend * (h + 1) as f64, n)).sum();
            samples.push((value * 2500.0).clamp(-32_000.0, 32_000.0) as i16);
        }
        samples.resize(samples.len() + rng.below(1200) as usize, 0);
    }
    samples.truncate(163_200);
    samples
}
