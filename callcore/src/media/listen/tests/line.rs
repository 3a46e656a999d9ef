//! A tone as a line brings it: any level, off in frequency and rhythm, in noise, through a law.

use super::*;
use crate::base::Rng;
use crate::media::test_sines::peak;
use crate::media::tone::Cadence;
use callcore_codec::Format;

/// What the line does to a tone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) cadence: &'static Cadence,
    /// Change of level in decibels.
    pub(super) gain_db: f64,
    /// Deviation as a share, of frequencies and of lengths.
    pub(super) off: f64,
    pub(super) stretch: f64,
    pub(super) noise_dbm0: f64,
    pub(super) law: Format,
    /// Silence before it.
    pub(super) lead_ms: usize,
    pub(super) seed: u64,
}

/// Noise of about normal distribution with the power of a sine of this level.
pub(super) fn noise(rng: &mut Rng, dbm0: f64) -> f64 {
    let sum: f64 = (0..12).map(|_| rng.unit()).sum::<f64>() - 6.0;
    sum * peak(dbm0) / std::f64::consts::SQRT_2
}

impl Line {
    pub(super) fn new(country: Country, tone: Tone) -> Self {
        let cadence = country.plan().cadence(tone);
        Self {
            cadence,
            gain_db: 0.0,
            off: 0.0,
            stretch: 0.0,
            noise_dbm0: -65.0,
            law: Format::ALaw,
            lead_ms: 300,
            seed: 1,
        }
    }

    /// The same at this level in all, in dBm0.
    pub(super) fn at_dbm0(self, dbm0: f64) -> Self {
        let parts = self.cadence.steps()[0].parts().iter();
        let power: f64 = parts.map(|part| (f64::from(part.peak) / peak(0.0)).powi(2)).sum();
        Self { gain_db: dbm0 - 10.0 * power.log10(), ..self }
    }

    /// So many milliseconds of it, after the silence.
    pub(super) fn samples(&self, ms: usize) -> Vec<i16> {
        let mut rng = Rng::new(self.seed);
        let gain = 10f64.powf(self.gain_db / 20.0);
        let mut samples = Vec::new();
        let length = (ms + self.lead_ms) * 8;
        samples.resize(self.lead_ms * 8, 0.0);
        let mut round = 0;
        while samples.len() < length {
            if self.cadence.rounds > 0 && round == self.cadence.rounds {
                samples.resize(length, 0.0);
            }
            for step in self.cadence.steps() {
                let count = if step.ms == 0 {
                    length
                } else {
                    (f64::from(step.ms) * 8.0 * (1.0 + self.stretch)) as usize
                };
                let from = samples.len();
                for n in from..(from + count).min(length) {
                    let reversal = usize::from(self.cadence.reversal_ms) * 8;
                    let sign = if reversal > 0 && ((n - from) / reversal) % 2 == 1 { -gain } else { gain };
                    let at = |hz: u16| f64::from(hz) * (1.0 + self.off) * n as f64 / 8000.0;
                    let sine = |hz: u16| (at(hz) * std::f64::consts::TAU).sin();
                    samples.push(
                        step.parts().iter().map(|part| f64::from(part.peak) * sine(part.hz)).sum::<f64>()
                            * sign,
                    );
                }
            }
            round = round.saturating_add(1);
        }
        let mut plain: Vec<i16> = samples
            .iter()
            .map(|sample| (sample + noise(&mut rng, self.noise_dbm0)).clamp(-32_768.0, 32_767.0) as i16)
            .collect();
        let mut bytes = vec![0; plain.len() * self.law.sample_bytes()];
        callcore_codec::encode_sampled(self.law, &plain, &mut bytes);
        callcore_codec::decode_sampled(self.law, &bytes, &mut plain);
        plain
    }
}
