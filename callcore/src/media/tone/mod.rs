//! Call progress tones: what they are in each country, and the generator that makes them sample by sample.

pub mod country;

pub use country::{Cadence, Country, Part, TonePlan};

use super::plan::Tone;
use super::sine::Oscillator;

/// Samples of the ramp at each edge of a burst, 2 ms: short enough for any detector, long enough not to click.
const RAMP_SAMPLES: u32 = 16;
const SAMPLES_PER_MS: u32 = 8;

/// A tone being made. Its phase and its place in the cadence run on from frame to frame.
#[derive(Clone, Copy, Debug)]
pub struct ToneGenerator {
    cadence: &'static Cadence,
    oscillators: [Oscillator; 3],
    step: u8,
    /// Samples since the present step began.
    elapsed: u32,
}

impl ToneGenerator {
    /// A tone of a country from its beginning.
    #[must_use]
    pub fn new(plan: &'static TonePlan, tone: Tone) -> Self {
        Self { cadence: plan.cadence(tone), oscillators: [Oscillator::default(); 3], step: 0, elapsed: 0 }
    }

    /// The next samples.
    pub fn fill(&mut self, samples: &mut [i16]) {
        let mut rest = samples;
        while !rest.is_empty() {
            let left = self.step_samples().map_or(usize::MAX, |length| (length - self.elapsed) as usize);
            let (now, later) = rest.split_at_mut(left.min(rest.len()));
            self.fill_step(now);
            rest = later;
        }
    }

    /// Length of the present step; `None` in a continuous tone.
    fn step_samples(&self) -> Option<u32> {
        let step = &self.cadence.steps[usize::from(self.step)];
        (step.ms > 0).then_some(step.ms * SAMPLES_PER_MS)
    }

    fn fill_step(&mut self, samples: &mut [i16]) {
        let step = &self.cadence.steps[usize::from(self.step)];
        let length = self.step_samples();
        let mut rest = samples;
        while !rest.is_empty() {
            let (ramp, run) = stretch(self.elapsed, length);
            let (now, later) = rest.split_at_mut(run.min(rest.len()));
            mix(&mut self.oscillators, step.parts, ramp, now);
            self.elapsed = match length {
                Some(_) => self.elapsed + now.len() as u32,
                // a continuous tone only has to know that its first ramp is over
                None => (self.elapsed + now.len() as u32).min(RAMP_SAMPLES),
            };
            rest = later;
        }
        if length == Some(self.elapsed) {
            self.elapsed = 0;
            self.step = (self.step + 1) % self.cadence.steps.len() as u8;
        }
    }
}

/// Gain in sixteenths at this place of a step, and for how many samples it stays.
fn stretch(elapsed: u32, length: Option<u32>) -> (u32, usize) {
    let to_end = length.map_or(u32::MAX, |length| length - elapsed);
    let ramp = elapsed.min(to_end);
    if ramp < RAMP_SAMPLES { (ramp, 1) } else { (RAMP_SAMPLES, (to_end - RAMP_SAMPLES).max(1) as usize) }
}

fn mix(oscillators: &mut [Oscillator; 3], parts: &[Part], ramp: u32, samples: &mut [i16]) {
    samples.fill(0);
    for (oscillator, part) in oscillators.iter_mut().zip(parts) {
        let peak = i32::from(part.peak) * ramp as i32 / RAMP_SAMPLES as i32;
        samples.iter_mut().for_each(|sample| *sample += ((oscillator.next(part.hz) * peak) >> 15) as i16);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn energy_at(samples: &[i16], hz: f64) -> f64 {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, sample) in samples.iter().enumerate() {
            let angle = std::f64::consts::TAU * hz * n as f64 / 8000.0;
            re += f64::from(*sample) * angle.cos();
            im += f64::from(*sample) * angle.sin();
        }
        (re.hypot(im)) * 2.0 / samples.len() as f64
    }

    fn seconds(country: Country, tone: Tone, seconds: usize) -> Vec<i16> {
        let mut generator = ToneGenerator::new(country.plan(), tone);
        let mut samples = vec![0; 8000 * seconds];
        samples.chunks_mut(160).for_each(|frame| generator.fill(frame));
        samples
    }

    #[test]
    fn every_tone_of_every_country_has_its_frequencies_and_levels() {
        for country in Country::ALL {
            for tone in [Tone::Dial, Tone::Ringback, Tone::Busy, Tone::Congestion] {
                let step = &country.plan().cadence(tone).steps[0];
                // the whole milliseconds inside the first burst, and whole periods of 1 Hz if it is continuous
                let length = if step.ms == 0 { 8000 } else { step.ms as usize * 8 - 64 };
                let samples = &seconds(country, tone, 3)[32..32 + length];
                let total: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / length as f64;
                let mut expected = 0.0;
                for part in step.parts {
                    expected += f64::from(part.peak).powi(2) / 2.0;
                    let found = energy_at(samples, f64::from(part.hz));
                    let off = (found / f64::from(part.peak) - 1.0).abs();
                    assert!(off < 0.12, "{country:?} {tone:?} {} Hz: {found} for {}", part.hz, part.peak);
                }
                assert!((total / expected - 1.0).abs() < 0.15, "{country:?} {tone:?}: nothing else in it");
            }
        }
    }

    /// Edges of the sounding parts in milliseconds, by exact silence of at least 5 ms.
    fn bursts_ms(samples: &[i16]) -> Vec<(usize, usize)> {
        let loud: Vec<bool> = samples.chunks(8).map(|ms| ms.iter().any(|s| *s != 0)).collect();
        let mut bursts = Vec::new();
        let mut begin = None;
        for (ms, sounds) in loud.iter().enumerate() {
            match (begin, sounds) {
                (None, true) => begin = Some(ms),
                (Some(from), false) if !loud[ms..(ms + 5).min(loud.len())].contains(&true) => {
                    bursts.push((from, ms));
                    begin = None;
                }
                _ => {}
            }
        }
        bursts
    }

    #[test]
    fn cadences_are_exact_to_the_millisecond() {
        let china = bursts_ms(&seconds(Country::China, Tone::Ringback, 11));
        assert_eq!(china, [(0, 1000), (5000, 6000), (10_000, 11_000)][..2]);
        let busy = bursts_ms(&seconds(Country::China, Tone::Busy, 2));
        assert_eq!(busy, [(0, 350), (700, 1050), (1400, 1750)]);
        let uk = bursts_ms(&seconds(Country::UnitedKingdom, Tone::Ringback, 4));
        assert_eq!(uk, [(0, 400), (600, 1000), (3000, 3400), (3600, 4000)][..3]);
        let us = bursts_ms(&seconds(Country::UnitedStates, Tone::Congestion, 1));
        assert_eq!(us, [(0, 250), (500, 750)]);
    }

    #[test]
    fn frames_do_not_change_a_tone() {
        for country in Country::ALL {
            let mut whole = vec![0; 8000];
            ToneGenerator::new(country.plan(), Tone::Busy).fill(&mut whole);
            let mut generator = ToneGenerator::new(country.plan(), Tone::Busy);
            let mut parts = vec![0; 8000];
            parts.chunks_mut(37).for_each(|part| generator.fill(part));
            assert_eq!(whole, parts);
        }
    }

    #[test]
    fn no_tone_clicks_or_clips() {
        for country in Country::ALL {
            for tone in [Tone::Dial, Tone::Ringback, Tone::Busy, Tone::Congestion] {
                let samples = seconds(country, tone, 6);
                let step = samples.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max();
                // the steepest slope of the sum of sines, and a little for the ramps
                let parts = country.plan().cadence(tone).steps[0].parts;
                let bound: f64 = parts.iter().map(|p| f64::from(p.peak) * f64::from(p.hz) * 7.854e-4).sum();
                assert!(f64::from(step.unwrap_or(0)) <= bound * 1.15 + 2.0, "{country:?} {tone:?}");
            }
        }
    }
}
