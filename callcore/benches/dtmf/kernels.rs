//! Ways to take the first look at a block: the mean square of the eight tones, and whether it is loud at all.
//!
//! Each way gets eight blocks, one behind the other, as of eight channels; a way that works on one channel runs eight times.

pub const BLOCK: usize = 102;
pub const CHANNELS: usize = 8;
const HALF: usize = BLOCK / 2;
/// Half a block, filled up to whole vectors.
const PADDED: usize = 56;
const FREQUENCIES_HZ: [f64; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];

/// One way of the first look.
pub struct Way {
    pub name: &'static str,
    pub run: fn(&[i16]) -> f32,
}

pub const WAYS: [Way; 8] = [
    Way { name: "f32, 16 sums across frequencies", run: |blocks| each(blocks, correlate) },
    Way { name: "f32, Goertzel across frequencies", run: |blocks| each(blocks, goertzel) },
    Way { name: "f32, Goertzel across 8 channels", run: goertzel_across },
    Way { name: "f32, folded, across frequencies", run: |blocks| each(blocks, folded) },
    Way { name: "f32, folded, across 8 channels", run: folded_across },
    Way { name: "i16, folded, along time", run: |blocks| each(blocks, folded_i16) },
    Way { name: "i16, folded, across frequencies", run: |blocks| each(blocks, folded_i16_lanes) },
    Way { name: "i16, folded, every second sample", run: |blocks| each(blocks, decimated) },
];

fn each(blocks: &[i16], way: fn(&[i16; BLOCK]) -> [f32; 8]) -> f32 {
    blocks.as_chunks::<BLOCK>().0.iter().map(|block| way(block).iter().sum::<f32>()).sum()
}

struct Tables {
    waves: Vec<[f32; 16]>,
    folded: Vec<[f32; 16]>,
    turns: [f32; 8],
    /// By tone: cosine and sine of half a block in Q10.
    along: [[i16; PADDED]; 16],
    /// By two samples: cosine of eight tones, sine of eight tones, both of both samples.
    lanes: [[i16; 32]; PADDED / 2],
    sparse: [[i16; 32]; 16],
}

static TABLES: std::sync::LazyLock<Tables> = std::sync::LazyLock::new(|| {
    let angle = |tone: usize, n: f64| FREQUENCIES_HZ[tone] / 8000.0 * n * std::f64::consts::TAU;
    let wave = |lane: usize, n: f64| if lane < 8 { angle(lane, n).cos() } else { angle(lane - 8, n).sin() };
    let half = |lane: usize, k: usize| if k < HALF { wave(lane, k as f64 + 0.5) } else { 0.0 };
    let whole = |value: f64| (value * 1024.0).round() as i16;
    let pair = |at: usize, lane: usize| whole(half(lane / 2, 2 * at + lane % 2));
    Tables {
        waves: (0..BLOCK).map(|n| std::array::from_fn(|lane| wave(lane, n as f64) as f32)).collect(),
        folded: (0..HALF).map(|k| std::array::from_fn(|lane| half(lane, k) as f32)).collect(),
        turns: std::array::from_fn(|tone| (2.0 * angle(tone, 1.0).cos()) as f32),
        along: std::array::from_fn(|lane| std::array::from_fn(|k| whole(half(lane, k)))),
        lanes: std::array::from_fn(|at| std::array::from_fn(|lane| pair(at, lane))),
        sparse: std::array::from_fn(|at| {
            std::array::from_fn(|lane| {
                let k = 2 * at + lane % 2;
                whole(if k < 26 { wave(lane / 2, 2.0 * k as f64 + 1.0) } else { 0.0 })
            })
        }),
    }
});

fn correlate(block: &[i16; BLOCK]) -> [f32; 8] {
    let mut sums = [0.0f32; 16];
    for (sample, waves) in block.iter().zip(&TABLES.waves) {
        let sample = f32::from(*sample);
        for lane in 0..16 {
            sums[lane] += sample * waves[lane];
        }
    }
    powers(&sums)
}

fn powers(sums: &[f32; 16]) -> [f32; 8] {
    std::array::from_fn(|tone| sums[tone] * sums[tone] + sums[8 + tone] * sums[8 + tone])
}

fn goertzel(block: &[i16; BLOCK]) -> [f32; 8] {
    let turns = TABLES.turns;
    let (mut one, mut two) = ([0.0f32; 8], [0.0f32; 8]);
    for sample in block {
        let x = f32::from(*sample);
        for lane in 0..8 {
            let zero = turns[lane] * one[lane] + (x - two[lane]);
            two[lane] = one[lane];
            one[lane] = zero;
        }
    }
    std::array::from_fn(|lane| one[lane] * one[lane] + two[lane] * two[lane] - turns[lane] * one[lane] * two[lane])
}

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
    for turn in TABLES.turns {
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
    for (k, waves) in TABLES.folded.iter().enumerate() {
        let (after, before) = (f32::from(block[HALF + k]), f32::from(block[HALF - 1 - k]));
        let (even, odd) = (after + before, after - before);
        for lane in 0..8 {
            sums[lane] += even * waves[lane];
            sums[8 + lane] += odd * waves[8 + lane];
        }
    }
    powers(&sums)
}

fn folded_across(blocks: &[i16]) -> f32 {
    let samples = transposed(blocks);
    let (mut even, mut odd) = ([[0.0f32; CHANNELS]; HALF], [[0.0f32; CHANNELS]; HALF]);
    for k in 0..HALF {
        for lane in 0..CHANNELS {
            let (after, before) = (samples[HALF + k][lane], samples[HALF - 1 - k][lane]);
            (even[k][lane], odd[k][lane]) = (after + before, after - before);
        }
    }
    let mut sum = 0.0;
    for tone in 0..8 {
        let (mut cosines, mut sines) = ([0.0f32; CHANNELS], [0.0f32; CHANNELS]);
        for (k, waves) in TABLES.folded.iter().enumerate() {
            for lane in 0..CHANNELS {
                cosines[lane] += even[k][lane] * waves[tone];
                sines[lane] += odd[k][lane] * waves[8 + tone];
            }
        }
        for lane in 0..CHANNELS {
            sum += cosines[lane] * cosines[lane] + sines[lane] * sines[lane];
        }
    }
    sum
}

/// Half the sum and half the difference of the samples that lie as far before as behind the middle.
fn fold(block: &[i16; BLOCK]) -> ([i16; PADDED], [i16; PADDED]) {
    let (mut even, mut odd) = ([0; PADDED], [0; PADDED]);
    for k in 0..HALF {
        let (after, before) = (block[HALF + k] >> 1, block[HALF - 1 - k] >> 1);
        even[k] = after + before;
        odd[k] = after - before;
    }
    (even, odd)
}

fn dot(samples: &[i16; PADDED], wave: &[i16; PADDED]) -> i32 {
    samples.iter().zip(wave).map(|(sample, wave)| i32::from(*sample) * i32::from(*wave)).sum()
}

fn folded_i16(block: &[i16; BLOCK]) -> [f32; 8] {
    let (even, odd) = fold(block);
    std::array::from_fn(|tone| {
        let cosine = dot(&even, &TABLES.along[tone]) as f32;
        let sine = dot(&odd, &TABLES.along[8 + tone]) as f32;
        cosine * cosine + sine * sine
    })
}

fn folded_i16_lanes(block: &[i16; BLOCK]) -> [f32; 8] {
    let (even, odd) = fold(block);
    let mut sums = [0i32; 16];
    for (at, waves) in TABLES.lanes.iter().enumerate() {
        let even = [i32::from(even[2 * at]), i32::from(even[2 * at + 1])];
        let odd = [i32::from(odd[2 * at]), i32::from(odd[2 * at + 1])];
        for lane in 0..8 {
            sums[lane] += even[0] * i32::from(waves[2 * lane]) + even[1] * i32::from(waves[2 * lane + 1]);
            sums[8 + lane] += odd[0] * i32::from(waves[16 + 2 * lane]) + odd[1] * i32::from(waves[17 + 2 * lane]);
        }
    }
    powers(&sums.map(|sum| sum as f32))
}

fn decimated(block: &[i16; BLOCK]) -> [f32; 8] {
    let mut sums = [0i32; 16];
    for (at, waves) in TABLES.sparse.iter().take(13).enumerate() {
        let of = |k: usize| {
            let k = 2 * (2 * at + k);
            let (after, before) = (block[(HALF + k).min(BLOCK - 1)] >> 1, block[(HALF - 1).saturating_sub(k)] >> 1);
            [i32::from(after + before), i32::from(after - before)]
        };
        let (one, two) = (of(0), of(1));
        for lane in 0..8 {
            sums[lane] += one[0] * i32::from(waves[2 * lane]) + two[0] * i32::from(waves[2 * lane + 1]);
            sums[8 + lane] += one[1] * i32::from(waves[16 + 2 * lane]) + two[1] * i32::from(waves[17 + 2 * lane]);
        }
    }
    powers(&sums.map(|sum| sum as f32))
}
