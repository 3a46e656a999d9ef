//! Ways to take the first look at a block: the mean square of the eight tones.
//!
//! Each way gets eight blocks, one behind the other, as of eight channels; a way that works on one channel runs eight times.

use callcore::media::sine::{cos_turns, sin_turns};

pub(crate) const BLOCK: usize = 102;
pub(crate) const CHANNELS: usize = 8;
const HALF: usize = BLOCK / 2;
/// From the middle sum of two samples to the end.
const QUARTER: usize = 26;
const FREQUENCIES_HZ: [f64; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];

/// One way of the first look.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&[i16]) -> f32,
}

pub(crate) const WAYS: [Way; 8] = [
    Way { name: "f32, across frequencies", run: |blocks| each(blocks, correlate) },
    Way { name: "f32, Goertzel across frequencies", run: |blocks| each(blocks, goertzel) },
    Way { name: "f32, Goertzel across 8 channels", run: goertzel_across },
    Way { name: "i16, folded, across frequencies", run: |blocks| each(blocks, folded_i16) },
    Way { name: "f32, folded, across frequencies", run: |blocks| each(blocks, folded) },
    Way { name: "f32, sums of two, folded, across 8", run: summed_across },
    Way { name: "f32, sums of two, folded", run: |blocks| each(blocks, |block| summed(block, true)) },
    Way { name: "the same, low group first", run: |blocks| each(blocks, |block| summed(block, false)) },
];

fn each(blocks: &[i16], way: fn(&[i16; BLOCK]) -> [f32; 8]) -> f32 {
    blocks.as_chunks::<BLOCK>().0.iter().map(|block| way(block).iter().sum::<f32>()).sum()
}

/// Cosines and sines of the eight tones at `N` moments, `first` samples from zero and `step` apart.
const fn waves<const N: usize>(first: f64, step: f64) -> [[f32; 16]; N] {
    let mut table = [[0.0; 16]; N];
    let mut n = 0;
    while n < N {
        let mut tone = 0;
        while tone < 8 {
            let turns = FREQUENCIES_HZ[tone] / 8000.0 * (first + step * n as f64);
            table[n][tone] = cos_turns(turns) as f32;
            table[n][8 + tone] = sin_turns(turns) as f32;
            tone += 1;
        }
        n += 1;
    }
    table
}

static WAVES: [[f32; 16]; BLOCK] = waves(0.0, 1.0);
static FOLDED: [[f32; 16]; HALF] = waves(0.5, 1.0);
static SUMMED: [[f32; 16]; QUARTER] = waves(0.0, 2.0);
static WHOLE: [[i16; 32]; QUARTER] = whole();

/// Two moments of eight cosines and eight sines in Q10, side by side.
const fn whole() -> [[i16; 32]; QUARTER] {
    let mut table = [[0; 32]; QUARTER];
    let mut n = 0;
    while n < HALF {
        let mut lane = 0;
        while lane < 16 {
            let value = FOLDED[n][lane] * 1024.0;
            table[n / 2][2 * lane + n % 2] = if value < 0.0 { value - 0.5 } else { value + 0.5 } as i16;
            lane += 1;
        }
        n += 1;
    }
    table
}

fn turns() -> [f32; 8] {
    std::array::from_fn(|tone| 2.0 * WAVES[1][tone])
}

fn powers(sums: &[f32; 16]) -> [f32; 8] {
    std::array::from_fn(|tone| sums[tone] * sums[tone] + sums[8 + tone] * sums[8 + tone])
}

fn correlate(block: &[i16; BLOCK]) -> [f32; 8] {
    let mut sums = [0.0f32; 16];
    for (sample, waves) in block.iter().zip(&WAVES) {
        let sample = f32::from(*sample);
        for lane in 0..16 {
            sums[lane] += sample * waves[lane];
        }
    }
    powers(&sums)
}

fn goertzel(block: &[i16; BLOCK]) -> [f32; 8] {
    let turns = turns();
    let (mut one, mut two) = ([0.0f32; 8], [0.0f32; 8]);
    for sample in block {
        let x = f32::from(*sample);
        for lane in 0..8 {
            let zero = turns[lane] * one[lane] + (x - two[lane]);
            two[lane] = one[lane];
            one[lane] = zero;
        }
    }
    std::array::from_fn(|lane| {
        one[lane] * one[lane] + two[lane] * two[lane] - turns[lane] * one[lane] * two[lane]
    })
}

/// Sample by sample, all channels side by side.
fn transposed(blocks: &[i16]) -> [[f32; CHANNELS]; BLOCK] {
    let mut samples = [[0.0; CHANNELS]; BLOCK];
    for (channel, block) in blocks.as_chunks::<BLOCK>().0.iter().enumerate() {
        for (sample, row) in block.iter().zip(&mut samples) {
            row[channel] = f32::from(*sample);
        }
    }
    samples
}

fn goertzel_across(blocks: &[i16]) -> f32 {
    let samples = transposed(blocks);
    let mut sum = 0.0;
    for turn in turns() {
        let (mut one, mut two) = ([0.0f32; CHANNELS], [0.0f32; CHANNELS]);
        for row in &samples {
            for lane in 0..CHANNELS {
                let zero = turn * one[lane] + (row[lane] - two[lane]);
                two[lane] = one[lane];
                one[lane] = zero;
            }
        }
        for lane in 0..CHANNELS {
            sum += one[lane] * one[lane] + two[lane] * two[lane] - turn * one[lane] * two[lane];
        }
    }
    sum
}

fn folded(block: &[i16; BLOCK]) -> [f32; 8] {
    let mut sums = [0.0f32; 16];
    for (k, waves) in FOLDED.iter().enumerate() {
        let (behind, before) = (f32::from(block[HALF + k]), f32::from(block[HALF - 1 - k]));
        let (even, odd) = (behind + before, behind - before);
        for lane in 0..8 {
            sums[lane] += even * waves[lane];
            sums[8 + lane] += odd * waves[8 + lane];
        }
    }
    powers(&sums)
}

fn folded_i16(block: &[i16; BLOCK]) -> [f32; 8] {
    let (mut evens, mut odds) = ([0i16; 2 * QUARTER], [0i16; 2 * QUARTER]);
    for k in 0..HALF {
        let (behind, before) = (block[HALF + k] >> 1, block[HALF - 1 - k] >> 1);
        (evens[k], odds[k]) = (behind + before, behind - before);
    }
    let mut sums = [0i32; 16];
    for (at, waves) in WHOLE.iter().enumerate() {
        let even = [i32::from(evens[2 * at]), i32::from(evens[2 * at + 1])];
        let odd = [i32::from(odds[2 * at]), i32::from(odds[2 * at + 1])];
        for lane in 0..8 {
            let of = |at: usize| i32::from(waves[at]);
            sums[lane] += even[0] * of(2 * lane) + even[1] * of(2 * lane + 1);
            sums[8 + lane] += odd[0] * of(16 + 2 * lane) + odd[1] * of(17 + 2 * lane);
        }
    }
    powers(&sums.map(|sum| sum as f32))
}

fn summed_across(blocks: &[i16]) -> f32 {
    let samples = transposed(blocks);
    let sum_at = |n: usize, lane: usize| samples[2 * n][lane] + samples[2 * n + 1][lane];
    let (mut evens, mut odds) = ([[0.0f32; CHANNELS]; QUARTER], [[0.0f32; CHANNELS]; QUARTER]);
    evens[0] = std::array::from_fn(|lane| sum_at(QUARTER - 1, lane));
    for k in 1..QUARTER {
        for lane in 0..CHANNELS {
            let (behind, before) = (sum_at(QUARTER - 1 + k, lane), sum_at(QUARTER - 1 - k, lane));
            (evens[k][lane], odds[k][lane]) = (behind + before, behind - before);
        }
    }
    let mut sum = 0.0;
    for tone in 0..8 {
        let (mut cosines, mut sines) = ([0.0f32; CHANNELS], [0.0f32; CHANNELS]);
        for ((waves, even), odd) in SUMMED.iter().zip(&evens).zip(&odds) {
            for lane in 0..CHANNELS {
                cosines[lane] += even[lane] * waves[tone];
                sines[lane] += odd[lane] * waves[8 + tone];
            }
        }
        for lane in 0..CHANNELS {
            sum += cosines[lane] * cosines[lane] + sines[lane] * sines[lane];
        }
    }
    sum
}

/// What the detector does; without `all`, the high group only where the low one holds a twelfth of the whole.
fn summed(block: &[i16; BLOCK], all: bool) -> [f32; 8] {
    let mut sums = [0.0f32; HALF];
    for (sum, two) in sums.iter_mut().zip(block.as_chunks::<2>().0) {
        *sum = (i32::from(two[0]) + i32::from(two[1])) as f32;
    }
    let (mut even, mut odd) = ([0.0f32; QUARTER], [0.0f32; QUARTER]);
    even[0] = sums[QUARTER - 1];
    for k in 1..QUARTER {
        let (behind, before) = (sums[QUARTER - 1 + k], sums[QUARTER - 1 - k]);
        (even[k], odd[k]) = (behind + before, behind - before);
    }
    let low = group(&even, &odd, 0);
    let whole: i32 = block.iter().map(|sample| i32::from(*sample >> 3).pow(2)).sum();
    let strongest = low.iter().fold(0.0f32, |most, power| most.max(*power));
    let high =
        if all || strongest * 12.0 > whole as f32 * 64.0 * 100.0 { group(&even, &odd, 4) } else { [0.0; 4] };
    std::array::from_fn(|tone| if tone < 4 { low[tone] } else { high[tone - 4] })
}

fn group(even: &[f32; QUARTER], odd: &[f32; QUARTER], first: usize) -> [f32; 4] {
    let (mut cosines, mut sines) = ([0.0f32; 4], [0.0f32; 4]);
    for ((waves, even), odd) in SUMMED.iter().zip(even).zip(odd) {
        for tone in 0..4 {
            cosines[tone] += even * waves[first + tone];
            sines[tone] += odd * waves[8 + first + tone];
        }
    }
    std::array::from_fn(|tone| cosines[tone] * cosines[tone] + sines[tone] * sines[tone])
}
