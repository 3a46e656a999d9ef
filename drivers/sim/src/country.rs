//! The country that simulated exchanges are in: how they ring, and how their tones sound (ITU-T E.180 Supplement 2).

use crate::voice::{RATE, Tone};
use callcore_sim_model::Sound;

/// About -10 dBm0 each.
const PEAK: i32 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Country {
    China,
    Germany,
    UnitedKingdom,
    UnitedStates,
}

impl Country {
    /// By their ISO 3166 letters; the first is the default.
    pub(crate) const ALL: [(&'static str, Self); 4] =
        [("cn", Self::China), ("de", Self::Germany), ("gb", Self::UnitedKingdom), ("us", Self::UnitedStates)];

    /// Ringing, on and off in turn.
    pub(crate) fn ring_cadence_ms(self) -> Vec<u64> {
        match self {
            Self::China | Self::Germany => vec![1_000, 4_000],
            Self::UnitedKingdom => vec![400, 200, 400, 2_000],
            Self::UnitedStates => vec![2_000, 4_000],
        }
    }

    /// The frequencies of a tone, hertz, and its rhythm, on and off in turn, milliseconds; no rhythm: it goes on.
    fn tone(self, sound: Sound) -> Option<(&'static [f64], &'static [u32])> {
        let busy: (&[f64], &[u32]) = match self {
            Self::China => (&[450.0], &[350, 350]),
            Self::Germany => (&[425.0], &[480, 480]),
            Self::UnitedKingdom => (&[400.0], &[375, 375]),
            Self::UnitedStates => (&[480.0, 620.0], &[500, 500]),
        };
        match (sound, self) {
            (Sound::Silence | Sound::Voice | Sound::Noise, _) => None,
            (Sound::Dial, Self::China) => Some((&[450.0], &[])),
            (Sound::Dial, Self::Germany) => Some((&[425.0], &[])),
            (Sound::Dial, Self::UnitedKingdom | Self::UnitedStates) => Some((&[350.0, 440.0], &[])),
            (Sound::Ringback, Self::China) => Some((&[450.0], &[1_000, 4_000])),
            (Sound::Ringback, Self::Germany) => Some((&[425.0], &[1_000, 4_000])),
            (Sound::Ringback, Self::UnitedKingdom) => Some((&[400.0, 450.0], &[400, 200, 400, 2_000])),
            (Sound::Ringback, Self::UnitedStates) => Some((&[440.0, 480.0], &[2_000, 4_000])),
            (Sound::Busy, _) => Some(busy),
            (Sound::Congestion, Self::China) => Some((&[450.0], &[700, 700])),
            (Sound::Congestion, Self::Germany) => Some((&[425.0], &[240, 240])),
            (Sound::Congestion, Self::UnitedKingdom) => Some((&[400.0], &[400, 350, 225, 525])),
            (Sound::Congestion, Self::UnitedStates) => Some((&[480.0, 620.0], &[250, 250])),
        }
    }
}

/// What an exchange sends on one line. Nothing in it allocates.
#[derive(Debug, Clone)]
pub(crate) struct ExchangeTone {
    country: Country,
    sound: Sound,
    tones: [Option<Tone>; 2],
    cadence: &'static [u32],
    step: usize,
    left: u32,
    noise: u32,
}

impl ExchangeTone {
    pub(crate) fn new(country: Country) -> Self {
        Self { country, sound: Sound::Silence, tones: [None; 2], cadence: &[], step: 0, left: 0, noise: 1 }
    }

    /// Fills `out` with a tone; false for what is none.
    pub(crate) fn fill(&mut self, out: &mut [i16], sound: Sound) -> bool {
        if self.sound != sound {
            self.begin(sound);
        }
        if sound == Sound::Noise {
            out.iter_mut().for_each(|sample| *sample = self.room());
            return true;
        }
        if self.tones[0].is_none() {
            return false;
        }
        for sample in out {
            let on = self.breathe();
            let sum: i32 = self.tones.iter_mut().flatten().map(Tone::next).sum();
            *sample = if on { sum as i16 } else { 0 };
        }
        true
    }

    fn begin(&mut self, sound: Sound) {
        self.sound = sound;
        let (hz, cadence) = self.country.tone(sound).unwrap_or_default();
        self.tones = [0, 1].map(|at| hz.get(at).map(|hz| Tone::new(*hz, PEAK)));
        self.cadence = cadence;
        (self.step, self.left) = (0, cadence.first().map_or(0, |ms| samples(*ms)));
    }

    /// A room that nobody has left quiet: white noise of about -33 dBm0.
    fn room(&mut self) -> i16 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 17;
        self.noise ^= self.noise << 5;
        (self.noise >> 21) as i16 - 1_024
    }

    /// Whether it is on at this sample.
    fn breathe(&mut self) -> bool {
        if self.cadence.is_empty() {
            return true;
        }
        if self.left == 0 {
            self.step = (self.step + 1) % self.cadence.len();
            self.left = samples(self.cadence[self.step]);
        }
        self.left -= 1;
        self.step.is_multiple_of(2)
    }
}

fn samples(ms: u32) -> u32 {
    ms * (RATE as u32 / 1_000)
}
