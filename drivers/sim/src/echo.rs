//! A line with a hybrid, which sends back some of what it hears, and the echo canceller of the board in front of it.
//!
//! ```text
//!   host ── tx ──▶ x ─┬───────────────▶ far end
//!                     ├─▶ hybrid ──┐
//!                     └─▶ model ─┐ ▼
//!   host ◀─ rx ─── e ◀── (-) ◀───┴─ d = far end + echo
//! ```
//!
//! The model follows the echo by normalised least mean squares over [`TAIL`] samples; while the far end is louder than an echo
//! can be it stands still. A tone of 2100 Hz whose phase is reversed (ITU-T V.8, V.25) says that modems are about to talk: the
//! canceller is off until the line is quiet (ITU-T G.168).

use crate::voice::RATE;
use callcore_driver_sdk::sys;
use std::f32::consts::TAU;

/// Samples of the longest echo that can be taken off: 16 ms.
const TAIL: usize = 128;
/// The same in milliseconds.
pub(crate) const TAIL_MS: u32 = 16;
/// Longest way of an echo, in milliseconds.
pub(crate) const DELAY_MS_MAX: i64 = 60;
const SAMPLES_PER_MS: usize = 8;
/// Samples that are remembered of what was sent: a power of two that holds the longest echo.
const MEMORY: usize = 512;
/// A hybrid's echo after its delay: places and shares, of the energy 1.
const HYBRID: [(usize, f32); 4] = [(0, 0.81), (3, 0.48), (7, -0.30), (14, 0.14)];
/// How fast the model learns; 1 would be as fast as it can.
const STEP: f32 = 0.5;
/// An echo is no louder than this part of what was sent (Geigel's test).
const ECHO_MAX: f32 = 0.5;
/// What is left of an echo and below this part of what was sent is not let through.
const RESIDUE: f32 = 0.03;

/// What `CCD_TUNE_EC` can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Off,
    On,
    /// Without suppression of what is left.
    Linear,
}

impl Mode {
    pub(crate) const fn from_value(value: i64) -> Option<Self> {
        match value {
            0 => Some(Self::Off),
            1 => Some(Self::On),
            2 => Some(Self::Linear),
            _ => None,
        }
    }
}

/// One line. Nothing in it allocates.
#[derive(Clone, Debug)]
pub(crate) struct Echo {
    /// What was sent, the newest at `at`.
    sent: [f32; MEMORY],
    at: usize,
    delay: usize,
    gain: f32,
    model: [f32; TAIL],
    disabler: Disabler,
}

impl Echo {
    /// An echo that is so much weaker than what is sent, and comes so much later.
    pub(crate) fn new(weaker_db: u32, delay_ms: u32) -> Self {
        Self {
            sent: [0.0; MEMORY],
            at: 0,
            delay: delay_ms as usize * SAMPLES_PER_MS,
            gain: 10f32.powf(-(weaker_db as f32) / 20.0),
            model: [0.0; TAIL],
            disabler: Disabler::default(),
        }
    }

    fn sent(&self, before: usize) -> f32 {
        self.sent[(self.at + MEMORY - before) % MEMORY]
    }

    /// A frame: `sent` by the host, `line` from the far end and then to the host.
    pub(crate) fn pass(&mut self, mode: Mode, sent: &[i16], line: &mut [i16]) {
        for (sent, line) in sent.iter().zip(line) {
            self.at = (self.at + 1) % MEMORY;
            self.sent[self.at] = f32::from(*sent);
            let is_modem = self.disabler.listen(f32::from(*sent));
            let echo: f32 = HYBRID.iter().map(|(place, share)| share * self.sent(self.delay + place)).sum();
            let heard = f32::from(*line) + self.gain * echo;
            let told = if mode == Mode::Off || is_modem { heard } else { self.cancel(mode, heard) };
            *line = told.clamp(-32_768.0, 32_767.0) as i16;
        }
    }

    fn cancel(&mut self, mode: Mode, heard: f32) -> f32 {
        let (mut guess, mut power, mut most) = (0.0, 1.0, 0.0f32);
        for before in 0..TAIL {
            let sent = self.sent(before);
            guess += self.model[before] * sent;
            power += sent * sent;
            most = most.max(sent.abs());
        }
        let left = heard - guess;
        let is_echo_alone = heard.abs() <= ECHO_MAX * most;
        if is_echo_alone {
            let step = STEP * left / power;
            for before in 0..TAIL {
                self.model[before] += step * self.sent(before);
            }
        }
        let is_residue = mode == Mode::On && is_echo_alone && left.abs() < RESIDUE * most;
        if is_residue { 0.0 } else { left }
    }
}

/// Samples of a block of the disabler: 10 ms, in which 2100 Hz has 21 periods.
const BLOCK: u32 = 80;
const MODEM_HZ: f64 = 2_100.0;
/// The tone's part of all the sound.
const TONE_SHARE: f32 = 0.8;
/// Mean square of the weakest tone, about -31 dBm0, and of silence, -36 dBm0.
const TONE_MIN: f32 = 206_000.0;
const QUIET: f32 = 65_000.0;
/// Blocks of the tone before a reversal counts, and of silence that end it all.
const TONE_BLOCKS: u32 = 20;
const QUIET_BLOCKS: u32 = 25;

/// Hears that modems are about to talk.
#[derive(Clone, Debug, Default)]
struct Disabler {
    phase: f32,
    sum: (f32, f32),
    energy: f32,
    samples: u32,
    /// The tone in the last block that had it.
    last: (f32, f32),
    tone_blocks: u32,
    quiet_blocks: u32,
    is_modem: bool,
}

impl Disabler {
    /// Listens on; whether modems talk.
    fn listen(&mut self, sent: f32) -> bool {
        self.phase = (self.phase + TAU * (MODEM_HZ / RATE) as f32) % TAU;
        self.sum = (self.sum.0 + sent * self.phase.cos(), self.sum.1 + sent * self.phase.sin());
        self.energy += sent * sent;
        self.samples += 1;
        if self.samples == BLOCK {
            self.end_block();
        }
        self.is_modem
    }

    fn end_block(&mut self) {
        let samples = BLOCK as f32;
        let (tone, energy) = (std::mem::take(&mut self.sum), std::mem::take(&mut self.energy) / samples);
        self.samples = 0;
        let power = 2.0 * (tone.0 * tone.0 + tone.1 * tone.1) / (samples * samples);
        self.quiet_blocks = if energy < QUIET { self.quiet_blocks + 1 } else { 0 };
        if self.quiet_blocks >= QUIET_BLOCKS {
            (self.is_modem, self.tone_blocks) = (false, 0);
        }
        // the block in which the phase turns has little of the tone, and is passed over
        if power < TONE_MIN || power < TONE_SHARE * energy {
            return;
        }
        let cosine = tone.0 * self.last.0 + tone.1 * self.last.1;
        self.is_modem |= self.tone_blocks >= TONE_BLOCKS && cosine < 0.0;
        (self.last, self.tone_blocks) = (tone, self.tone_blocks + 1);
    }
}

impl Echo {
    /// What a channel with it can do.
    pub(crate) const CAPS: u64 = sys::ccd_cap(sys::CCD_CAPB_EC);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise of a level, in frames.
    fn noise(frames: usize, peak: f32) -> Vec<[i16; 160]> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) as f32 / 8_388_608.0 - 1.0) * peak
        };
        (0..frames).map(|_| std::array::from_fn(|_| next() as i16)).collect()
    }

    /// What is left of an echo of the last ten frames, in dB against what was sent.
    fn left_db(echo: &mut Echo, mode: Mode, sent: &[[i16; 160]]) -> f32 {
        let power = |frame: &[i16; 160]| frame.iter().map(|s| f32::from(*s) * f32::from(*s)).sum::<f32>();
        let mut left: Vec<f32> = Vec::new();
        for sent in sent {
            let mut line = [0; 160];
            echo.pass(mode, sent, &mut line);
            left.push(power(&line));
        }
        let last = sent.len() - 10;
        let sums = (left[last..].iter().sum::<f32>(), sent[last..].iter().map(power).sum::<f32>());
        10.0 * ((sums.0 + 1.0) / sums.1).log10()
    }

    /// 2100 Hz, whose phase turns every 450 ms, or never.
    fn tone(frames: usize, turns: bool) -> Vec<[i16; 160]> {
        let sample = |n: usize| {
            let sign = if turns && n / 3_600 % 2 == 1 { -1.0 } else { 1.0 };
            (sign * 6_000.0 * (n as f32 * TAU * 2_100.0 / 8_000.0).sin()) as i16
        };
        (0..frames).map(|frame| std::array::from_fn(|n| sample(frame * 160 + n))).collect()
    }

    #[test]
    fn an_echo_is_as_weak_as_is_said_and_is_taken_off() {
        let sent = noise(100, 8_000.0);
        let mut echo = Echo::new(10, 2);
        assert!((left_db(&mut echo, Mode::Off, &sent) + 10.0).abs() < 0.5);
        assert!(left_db(&mut echo, Mode::Linear, &sent) < -45.0);
        // one that comes later than the tail is long stays
        assert!(left_db(&mut Echo::new(10, 30), Mode::Linear, &sent) > -12.0);
    }

    #[test]
    fn modems_are_left_alone_until_the_line_is_quiet() {
        let mut echo = Echo::new(10, 2);
        assert!(left_db(&mut echo, Mode::Linear, &noise(100, 8_000.0)) < -45.0);
        left_db(&mut echo, Mode::Linear, &tone(150, false));
        assert!(left_db(&mut echo, Mode::Linear, &noise(20, 8_000.0)) < -30.0, "the phase never turned");
        left_db(&mut echo, Mode::Linear, &tone(150, true));
        assert!(left_db(&mut echo, Mode::Linear, &noise(20, 8_000.0)) > -11.0);
        left_db(&mut echo, Mode::Linear, &[[0; 160]; 20]);
        assert!(left_db(&mut echo, Mode::Linear, &noise(20, 8_000.0)) < -40.0);
    }
}
