//! Hearing keys as ITU-T Q.24 asks for, and hearing none in speech, music and tones.
//!
//! Samples are looked at in blocks of 12.75 ms: eight correlations say which pair of tones stands out. Two blocks that
//! agree get the close look of `verify`: both frequencies within 1.8 % (1.5 % must pass, 3.5 % must not), the low group
//! at most 8 dB above and 4 dB below the high one, nearly nothing else in the signal, equally loud blocks, and sound from
//! edge to edge, which is what keeps anything shorter than 24 ms out. Where noise makes it doubtful a third block decides. A key of 40 ms always holds two whole blocks. It is over after two
//! blocks without it, so a break of 10 ms does not make two keys of one.

use super::verify::{self, WINDOW_SAMPLES};
use super::{FREQUENCIES_HZ, key_at};
use crate::board::Digit;
use crate::media::sine::{SAMPLE_RATE_HZ, cos_turns, sin_turns};

const BLOCK_SAMPLES: usize = WINDOW_SAMPLES / 2;
/// Most quiet samples at both ends of two blocks together. Two tones that cancel out there make up to 12; a tone of 23 ms
/// leaves 20 and more.
const QUIET_EDGES_MAX: usize = 14;

/// Least mean square of one tone at first sight and at the close look: -29 and -28 dBm0.
const POWER_MIN: f32 = 250_000.0;
const POWER_VERIFIED_MIN: f32 = 400_000.0;
/// How much the best of a group must stand above its other three: 5.4 dB, so that the leakage of a much stronger
/// tone of the other group is not taken for a rival.
const PEAK_RATIO: f32 = 3.5;
/// Share of both tones in the whole, at first sight (a tone 1.5 % off loses some), at the close look, while it lasts.
const SHARE_MIN: f32 = 0.6;
const SHARE_VERIFIED_MIN: f32 = 0.92;
/// Share above which two blocks are enough.
const SHARE_CLEAN_MIN: f32 = 0.97;
const SHARE_LASTING_MIN: f32 = 0.4;
/// Low group over high and high over low, at first sight (10.5 and 6.5 dB) and at the close look (9 and 5 dB).
const TWIST: [f32; 2] = [11.2, 4.5];
const TWIST_VERIFIED: [f32; 2] = [7.94, 3.16];
/// Power of one block over that of the other.
const STEADY_RATIO: f32 = 1.4;
const OFF_MAX: f32 = 0.018;

/// Cosine and sine of the eight frequencies, sample by sample of a block.
static WAVES: [[f32; 16]; BLOCK_SAMPLES] = waves();

const fn waves() -> [[f32; 16]; BLOCK_SAMPLES] {
    let mut table = [[0.0; 16]; BLOCK_SAMPLES];
    let mut n = 0;
    while n < BLOCK_SAMPLES {
        let mut tone = 0;
        while tone < 8 {
            let turns = FREQUENCIES_HZ[tone] as f64 * n as f64 / SAMPLE_RATE_HZ as f64;
            table[n][tone] = cos_turns(turns) as f32;
            table[n][8 + tone] = sin_turns(turns) as f32;
            tone += 1;
        }
        n += 1;
    }
    table
}

/// The strongest pair of tones in a block.
#[derive(Clone, Copy, Debug)]
struct Pair {
    row: usize,
    column: usize,
    low: f32,
    high: f32,
    /// Whether each stands out in its group.
    is_peak: bool,
    /// Part of both in the whole.
    share: f32,
}

impl Pair {
    fn is_likely(&self) -> bool {
        self.is_peak
            && self.share >= SHARE_MIN
            && self.low.min(self.high) >= POWER_MIN
            && self.low <= self.high * TWIST[0]
            && self.high <= self.low * TWIST[1]
    }

    /// Whether this can be the rest of a key that was already heard.
    fn lasts(&self, key: (u8, u8)) -> bool {
        self.place() == key && self.share >= SHARE_LASTING_MIN && self.low.min(self.high) >= POWER_MIN / 8.0
    }

    const fn place(&self) -> (u8, u8) {
        (self.row as u8, self.column as u8)
    }
}

/// Listens for keys in one direction of one channel.
#[derive(Clone, Debug)]
pub struct Detector {
    /// The block before, and the block that is being filled.
    samples: [i16; WINDOW_SAMPLES],
    filled: u8,
    /// Row and column that the block before seemed to hold.
    likely: Option<(u8, u8)>,
    /// The key that sounds and has been reported.
    sounding: Option<(u8, u8)>,
    misses: u8,
    /// The blocks before were a key, but not clean.
    doubted: bool,
}

impl Default for Detector {
    fn default() -> Self {
        Self {
            samples: [0; WINDOW_SAMPLES],
            filled: 0,
            likely: None,
            sounding: None,
            misses: 0,
            doubted: false,
        }
    }
}

impl Detector {
    /// Listen to the next samples, at most 160 of them; the key that was recognised in them, once, at its beginning.
    pub fn listen(&mut self, samples: &[i16]) -> Option<Digit> {
        let mut heard = None;
        let mut rest = samples;
        while !rest.is_empty() {
            let from = BLOCK_SAMPLES + usize::from(self.filled);
            let (now, later) = rest.split_at(rest.len().min(WINDOW_SAMPLES - from));
            self.samples[from..from + now.len()].copy_from_slice(now);
            self.filled += now.len() as u8;
            rest = later;
            if usize::from(self.filled) == BLOCK_SAMPLES {
                heard = self.handle_block().or(heard);
                self.samples.copy_within(BLOCK_SAMPLES.., 0);
                self.filled = 0;
            }
        }
        heard
    }

    fn handle_block(&mut self) -> Option<Digit> {
        let pair = strongest_pair(&self.samples[BLOCK_SAMPLES..]);
        self.follow(pair.as_ref());
        let likely = pair.filter(Pair::is_likely).map(|pair| pair.place());
        let before = std::mem::replace(&mut self.likely, likely);
        let place = likely?;
        if before != likely || self.sounding == likely {
            self.doubted = false;
            return None;
        }
        let doubted = std::mem::replace(&mut self.doubted, false);
        match look_closely(&self.samples, place) {
            Verdict::Other => return None,
            Verdict::Doubtful if !doubted => {
                self.doubted = true;
                return None;
            }
            Verdict::Doubtful | Verdict::Clean => {}
        }
        self.sounding = likely;
        self.misses = 0;
        Some(key_at(usize::from(place.0), usize::from(place.1)))
    }

    /// Whether the key that sounds still does.
    fn follow(&mut self, pair: Option<&Pair>) {
        let Some(key) = self.sounding else { return };
        if pair.is_some_and(|pair| pair.lasts(key)) {
            self.misses = 0;
            return;
        }
        self.misses += 1;
        if self.misses == 2 {
            self.sounding = None;
        }
    }
}

fn power(samples: &[i16]) -> f32 {
    // 204 squares of 30 bits fit in 38
    let sum: i64 = samples.iter().map(|sample| i64::from(i32::from(*sample) * i32::from(*sample))).sum();
    sum as f32 / samples.len() as f32
}

/// `None` if it is too quiet for anything.
fn strongest_pair(block: &[i16]) -> Option<Pair> {
    let total = power(block);
    if total < POWER_MIN / 4.0 {
        return None;
    }
    let powers = tone_powers(block);
    let (row, low, low_peak) = strongest(&powers[..4]);
    let (column, high, high_peak) = strongest(&powers[4..]);
    Some(Pair { row, column, low, high, is_peak: low_peak && high_peak, share: (low + high) / total })
}

/// Mean square of each of the eight tones. Sums run in one fixed order, so that every machine gets the same.
fn tone_powers(block: &[i16]) -> [f32; 8] {
    let mut sums = [0.0f32; 16];
    for (sample, waves) in block.iter().zip(&WAVES) {
        let sample = f32::from(*sample);
        for lane in 0..16 {
            sums[lane] += sample * waves[lane];
        }
    }
    let scale = 2.0 / (BLOCK_SAMPLES * BLOCK_SAMPLES) as f32;
    std::array::from_fn(|tone| (sums[tone] * sums[tone] + sums[8 + tone] * sums[8 + tone]) * scale)
}

/// Place and power of the strongest of four, and whether it stands out.
fn strongest(powers: &[f32]) -> (usize, f32, bool) {
    let mut best = 0;
    for (at, power) in powers.iter().enumerate() {
        if *power > powers[best] {
            best = at;
        }
    }
    let alone = powers.iter().enumerate().all(|(at, power)| at == best || power * PEAK_RATIO < powers[best]);
    (best, powers[best], alone)
}

/// What the close look at two blocks says.
enum Verdict {
    Other,
    /// A key in noise, or speech that is much like one: a third block decides.
    Doubtful,
    Clean,
}

fn look_closely(samples: &[i16; WINDOW_SAMPLES], (row, column): (u8, u8)) -> Verdict {
    let [low, high] = verify::measure(samples, usize::from(row), 4 + usize::from(column));
    let share = (low.power + high.power) / verify::weighted_power(samples);
    let is_key = low.off.abs() <= OFF_MAX
        && high.off.abs() <= OFF_MAX
        && low.power.min(high.power) >= POWER_VERIFIED_MIN
        && low.power <= high.power * TWIST_VERIFIED[0]
        && high.power <= low.power * TWIST_VERIFIED[1]
        && share >= SHARE_VERIFIED_MIN
        && is_steady(samples)
        && quiet_edges(samples, low.amplitude() + high.amplitude()) <= QUIET_EDGES_MAX;
    match is_key {
        false => Verdict::Other,
        true if share < SHARE_CLEAN_MIN => Verdict::Doubtful,
        true => Verdict::Clean,
    }
}

/// Whether both blocks are equally loud.
fn is_steady(samples: &[i16; WINDOW_SAMPLES]) -> bool {
    let (one, two) = samples.split_at(BLOCK_SAMPLES);
    let (one, two) = (power(one), power(two));
    one <= two * STEADY_RATIO && two <= one * STEADY_RATIO
}

/// Samples before the first and after the last that are at least a quarter as loud as the tones can be together.
fn quiet_edges(samples: &[i16; WINDOW_SAMPLES], peak: f32) -> usize {
    let is_loud = |sample: &i16| f32::from(*sample).abs() >= peak / 4.0;
    let before = samples.iter().position(is_loud);
    let after = samples.iter().rev().position(is_loud);
    before.zip(after).map_or(WINDOW_SAMPLES, |(before, after)| before + after)
}
