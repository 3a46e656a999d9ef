//! A person's voice: phrases of a tone of its own and two pilot tones, with pauses in between.
//!
//! The own tone tells who speaks (tests measure who hears whom by it); the pilots, the same for all people within a
//! few hertz, tell that it is a person. They lie above DTMF, call progress tones and most of music, and inside the
//! telephone band.

use std::f64::consts::TAU;
use std::sync::LazyLock;

/// Samples per second of the pool.
pub(crate) const RATE: f64 = 8_000.0;
/// The two pilot tones of every voice, hertz.
pub const PILOT_HZ: [f64; 2] = [3_150.0, 3_300.0];
/// Voices detune their pilots by up to this, so that two people who speak at once do not cancel each other.
const DETUNE_HZ: f64 = 4.0;

const OWN_HZ: (f64, f64) = (300.0, 3_000.0);
const OWN_PEAK: i32 = 4_000;
const PILOT_PEAK: i32 = 2_500;
/// Phrases last 900 to 1400 ms, pauses 200 to 500 ms; the ear holds on for longer than a pause.
const PHRASE_SAMPLES: (u32, u32) = (7_200, 11_200);
const PAUSE_SAMPLES: (u32, u32) = (1_600, 4_000);
/// 5 ms from silence to full voice, against clicks.
const RAMP_SAMPLES: i32 = 40;

/// The own tone of a channel out of so many, hertz: 300 to 3000, all different.
pub fn voice_hz(channel: u32, channels: u32) -> f64 {
    let steps = f64::from(channels.max(2) - 1);
    OWN_HZ.0 + (OWN_HZ.1 - OWN_HZ.0) * f64::from(channel.min(channels.max(1) - 1)) / steps
}

/// A sine oscillator on a table: no floating point per sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tone {
    phase: u32,
    step: u32,
    peak: i32,
}

static SINE: LazyLock<[i16; 1024]> =
    LazyLock::new(|| std::array::from_fn(|i| ((i as f64 / 1024.0 * TAU).sin() * 32_767.0) as i16));

impl Tone {
    /// Made on the control side, which also fills the table.
    pub(crate) fn new(hz: f64, peak: i32) -> Self {
        LazyLock::force(&SINE);
        Self { phase: 0, step: (hz / RATE * 4_294_967_296.0) as u32, peak }
    }

    pub(crate) fn next(&mut self) -> i32 {
        let sample = i32::from(SINE[(self.phase >> 22) as usize]) * self.peak / 32_767;
        self.phase = self.phase.wrapping_add(self.step);
        sample
    }
}

/// The voice of the person on one channel.
#[derive(Debug, Clone)]
pub struct Voice {
    tones: [Tone; 3],
    phrase: bool,
    left: u32,
    level: i32,
    noise: u32,
}

impl Voice {
    /// The voice of this channel out of so many.
    pub fn new(channel: u32, channels: u32) -> Self {
        let detune = f64::from(channel % 9) / 8.0 * 2.0 * DETUNE_HZ - DETUNE_HZ;
        let own = Tone::new(voice_hz(channel, channels), OWN_PEAK);
        let pilots = PILOT_HZ.map(|hz| Tone::new(hz + detune, PILOT_PEAK));
        let noise = channel.wrapping_mul(0x9E37_79B9) | 1;
        Self { tones: [own, pilots[0], pilots[1]], phrase: false, left: 0, level: 0, noise }
    }

    /// The next samples: speech while it speaks, else the near silence of a room.
    pub fn fill(&mut self, out: &mut [i16], speaks: bool) {
        for sample in out {
            let loud = self.breathe(speaks);
            self.level = (self.level + if loud { 1 } else { -1 }).clamp(0, RAMP_SAMPLES);
            *sample = self.sample() as i16; // at most 9000 + 8
        }
    }

    fn sample(&mut self) -> i32 {
        let noise = (self.random() >> 29) as i32 - 4;
        // the tones run on through pauses: whoever measures over several phrases finds one phase
        let sum: i32 = self.tones.iter_mut().map(Tone::next).sum();
        sum * self.level / RAMP_SAMPLES + noise
    }

    /// Whether it is inside a phrase; a voice that starts to speak starts with one.
    fn breathe(&mut self, speaks: bool) -> bool {
        if !speaks {
            (self.phrase, self.left) = (false, 0);
            return false;
        }
        if self.left == 0 {
            self.phrase = !self.phrase;
            let (low, high) = if self.phrase { PHRASE_SAMPLES } else { PAUSE_SAMPLES };
            self.left = low + self.random() % (high - low);
        }
        self.left -= 1;
        self.phrase
    }

    /// Xorshift: only for the rhythm and the room's noise.
    fn random(&mut self) -> u32 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 17;
        self.noise ^= self.noise << 5;
        self.noise
    }
}
