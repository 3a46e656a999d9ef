//! Keys as a line brings them: any deviation, level, twist, length, noise and dial tone, at any moment and phase.

use callcore::base::Rng;
use callcore::board::Digit;

/// The low group and then the high group (ITU-T Q.23).
pub(crate) const FREQUENCIES_HZ: [f64; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];
const KEYS: &str = "123A456B789C*0#D";
/// Peak of a sine at 0 dBm0.
const PEAK_0_DBM0: f64 = 22_467.0;

/// A tone that sounds all the time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steady {
    pub(crate) hz: f64,
    pub(crate) dbm0: f64,
}

/// A key that is pressed twice, with a pause between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Press {
    pub(crate) key: u8,
    pub(crate) on_ms: f64,
    pub(crate) off_ms: f64,
    /// Each tone, in dBm0.
    pub(crate) low_dbm0: f64,
    pub(crate) high_dbm0: f64,
    /// Deviation of each tone, in percent.
    pub(crate) low_off: f64,
    pub(crate) high_off: f64,
    /// Both tones together over white noise from 0 to 4 kHz.
    pub(crate) snr_db: f64,
    /// The octave of each tone, in dB of it.
    pub(crate) octaves_db: f64,
    /// What sounds below: at most two tones, none at -200 dBm0.
    pub(crate) below: [Steady; 2],
    /// A break in the middle of each press.
    pub(crate) break_ms: f64,
}

/// Nothing below a key.
pub(crate) const QUIET: [Steady; 2] = [Steady { hz: 0.0, dbm0: -200.0 }; 2];

/// A good key at the shortest that has to be heard.
pub(crate) fn good(key: u8) -> Press {
    Press {
        key,
        on_ms: 40.0,
        off_ms: 40.0,
        low_dbm0: -10.0,
        high_dbm0: -10.0,
        low_off: 0.0,
        high_off: 0.0,
        snr_db: 60.0,
        octaves_db: -200.0,
        below: QUIET,
        break_ms: 0.0,
    }
}

/// Frequencies of a key.
pub(crate) fn frequencies(key: u8) -> [f64; 2] {
    let at = KEYS.bytes().position(|known| known == key).expect("a key");
    [FREQUENCIES_HZ[at / 4], FREQUENCIES_HZ[4 + at % 4]]
}

/// Peak of a sine of a level.
pub(crate) fn peak(dbm0: f64) -> f64 {
    PEAK_0_DBM0 * 10f64.powf(dbm0 / 20.0)
}

/// A sine made by turning a pointer: exact enough for seconds, and fast.
pub(crate) struct Sine {
    at: [f64; 2],
    turn: [f64; 2],
}

impl Sine {
    /// Of a frequency and a peak, from any phase.
    pub(crate) fn new(hz: f64, peak: f64, turns: f64) -> Self {
        let (start, step) = (turns * std::f64::consts::TAU, hz / 8000.0 * std::f64::consts::TAU);
        Self { at: [peak * start.cos(), peak * start.sin()], turn: [step.cos(), step.sin()] }
    }

    /// The next sample.
    pub(crate) fn step(&mut self) -> f64 {
        let [x, y] = self.at;
        let [c, s] = self.turn;
        self.at = [x * c - y * s, x * s + y * c];
        y
    }
}

/// White noise of about normal distribution with a mean square of 1.
pub(crate) fn noise(rng: &mut Rng) -> f64 {
    let bits = rng.bits();
    let sum = (0..4).map(|part| (bits >> (16 * part) & 0xFFFF) as f64).sum::<f64>();
    // four uniform numbers: each has a variance of 65536² / 12
    (sum - 131_070.0) / (65_536.0 / 3f64.sqrt())
}

/// What a line brings, and where the presses are in it.
pub(crate) struct Line {
    pub(crate) samples: Vec<i16>,
    /// First sample of each press and the one behind its last.
    pub(crate) presses: [(usize, usize); 2],
}

/// Silence (or what is below) of 150 ms and up to one block more, the two presses, and 80 ms more.
pub(crate) fn line(press: &Press, rng: &mut Rng) -> Line {
    let (on, off) = ((press.on_ms * 8.0) as usize, (press.off_ms * 8.0) as usize);
    let first = 1200 + rng.below(102) as usize;
    let second = first + on + off;
    let presses = [(first, first + on), (second, second + on)];
    let [low_hz, high_hz] = frequencies(press.key);
    let low_hz = low_hz * (1.0 + press.low_off / 100.0);
    let high_hz = high_hz * (1.0 + press.high_off / 100.0);
    let mut tones = [
        Sine::new(low_hz, peak(press.low_dbm0), rng.unit()),
        Sine::new(high_hz, peak(press.high_dbm0), rng.unit()),
        Sine::new(2.0 * low_hz, peak(press.low_dbm0 + press.octaves_db), rng.unit()),
        Sine::new(2.0 * high_hz, peak(press.high_dbm0 + press.octaves_db), rng.unit()),
    ];
    let mut below = press.below.map(|tone| Sine::new(tone.hz, peak(tone.dbm0), rng.unit()));
    let power = (peak(press.low_dbm0).powi(2) + peak(press.high_dbm0).powi(2)) / 2.0;
    let hiss = (power / 10f64.powf(press.snr_db / 10.0)).sqrt();
    let broken = (press.break_ms * 8.0) as usize;
    let sounds = |n: usize| {
        let of = |(from, to): &(usize, usize)| {
            let middle = usize::midpoint(*from, *to) - broken / 2;
            (*from..*to).contains(&n) && !(middle..middle + broken).contains(&n)
        };
        presses.iter().any(of)
    };
    let samples = (0..presses[1].1 + 640).map(|n| {
        let key = tones.each_mut().map(Sine::step).iter().sum::<f64>();
        let under = below.each_mut().map(Sine::step).iter().sum::<f64>();
        let value = under + noise(rng) * hiss + if sounds(n) { key } else { 0.0 };
        value.round().clamp(-32_768.0, 32_767.0) as i16
    });
    Line { samples: samples.collect(), presses }
}

/// The sixteen keys.
pub(crate) fn keys() -> impl Iterator<Item = u8> {
    Digit::ALL.into_iter()
}
