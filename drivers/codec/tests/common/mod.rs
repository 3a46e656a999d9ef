//! Sound to test codecs with: like speech, made of nothing but sums, the same in every run.

use callcore_codec::Rate;
use std::f64::consts::TAU;

/// Formants of five vowels, hertz.
const VOWELS: [[f64; 3]; 5] = [
    [730.0, 1090.0, 2440.0],
    [270.0, 2290.0, 3010.0],
    [300.0, 870.0, 2240.0],
    [530.0, 1840.0, 2480.0],
    [570.0, 840.0, 2410.0],
];

/// Milliseconds of a syllable: a vowel, a hiss, a pause.
const SYLLABLE_MS: usize = 260;
const VOWEL_MS: usize = 170;
const HISS_MS: usize = 60;

/// Syllables one after the other: vowels with a gliding pitch, hisses, pauses; -20 dBm0 or so, like a talker's.
pub(crate) fn speech(rate: Rate, ms: u32) -> Vec<i16> {
    let mut phase = 0.0;
    let mut noise = Noise(1);
    let mut before = 0.0;
    let sample = |n: usize| {
        let at_ms = n * 1000 / rate.hz() as usize;
        let (syllable, within) = (at_ms / SYLLABLE_MS, at_ms % SYLLABLE_MS);
        let hiss = noise.next();
        let rough = hiss - before;
        before = hiss;
        let pitch_hz = 105.0 + 25.0 * (syllable % 4) as f64 + 0.12 * within as f64;
        phase += pitch_hz / f64::from(rate.hz());
        let value = if within < VOWEL_MS {
            let envelope = (within as f64 / VOWEL_MS as f64 * TAU / 2.0).sin();
            envelope * vowel(&VOWELS[syllable * 3 % 5], pitch_hz, phase)
        } else if within < VOWEL_MS + HISS_MS {
            0.08 * rough
        } else {
            0.0
        };
        (value * 9000.0 + hiss * 6.0) as i16
    };
    (0..rate.samples(ms)).map(sample).collect()
}

fn vowel(formants: &[f64; 3], pitch_hz: f64, phase: f64) -> f64 {
    let level = |hz: f64| {
        let near = |(n, formant): (usize, &f64)| {
            let width = 60.0 + 40.0 * n as f64;
            0.6f64.powi(n as i32) / (1.0 + ((hz - formant) / width).powi(2))
        };
        formants.iter().enumerate().map(near).sum::<f64>()
    };
    let harmonics = (1..=(3700.0 / pitch_hz) as u32).map(f64::from);
    harmonics.map(|k| level(k * pitch_hz) * (TAU * (k * phase + 0.07 * k * k)).sin()).sum()
}

/// Even noise, ±1.
pub(crate) struct Noise(pub(crate) u32);

impl Noise {
    fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    pub(crate) fn next(&mut self) -> f64 {
        f64::from(self.bits()) / f64::from(1 << 23) - 1.0
    }
}
