//! The steps of the two bands: which code for how large a difference, and what a code stands for (G.722 §3.3, §3.5).

/// Steps of one band. Magnitudes are in units of the band's step size, times 8 in 15 bits behind the point.
#[derive(Debug)]
pub(super) struct Quantizer {
    /// Decision values between the levels, from 0 upwards.
    decisions: &'static [i16],
    /// The code of each level, of positive and of negative differences.
    codes: [&'static [u8]; 2],
    /// What a code stands for when it is heard.
    heard: &'static [i16],
    /// What it stands for to the predictor: the low band leaves out the two bits that a network may steal.
    predicted: &'static [i16],
    /// How a code changes the logarithm of the step size.
    growth: &'static [i16],
    /// The largest logarithm.
    growth_max: i32,
    /// What is added to its upper nine bits.
    offset: usize,
}

/// 0 to 4 kHz in 6 bits.
pub(super) static LOW: Quantizer = Quantizer {
    decisions: &[
        0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
        1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
    ],
    codes: [
        &[
            61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38,
            37, 36, 35, 34, 33, 32,
        ],
        &[
            63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10,
            9, 8, 7, 6, 5, 4,
        ],
    ],
    heard: &[
        -17, -17, -17, -17, -3101, -2738, -2376, -2088, -1873, -1689, -1535, -1399, -1279, -1170, -1072,
        -982, -899, -822, -750, -682, -618, -558, -501, -447, -396, -347, -300, -254, -211, -170, -130, -91,
        3101, 2738, 2376, 2088, 1873, 1689, 1535, 1399, 1279, 1170, 1072, 982, 899, 822, 750, 682, 618, 558,
        501, 447, 396, 347, 300, 254, 211, 170, 130, 91, 54, 17, -54, -17,
    ],
    predicted: &[0, -2557, -1612, -1121, -786, -530, -323, -150, 2557, 1612, 1121, 786, 530, 323, 150, 0],
    growth: &[-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60],
    growth_max: 18_432,
    offset: 64,
};

/// 4 to 8 kHz in 2 bits.
pub(super) static HIGH: Quantizer = Quantizer {
    decisions: &[0, 564],
    codes: [&[3, 2], &[1, 0]],
    heard: &[-926, -202, 926, 202],
    predicted: &[-926, -202, 926, 202],
    growth: &[798, -214, 798, -214],
    growth_max: 22_528,
    offset: 0,
};

impl Quantizer {
    /// The code of a difference at a step size.
    pub(super) fn code(&self, difference: i32, step: i32) -> u8 {
        let magnitude = if difference < 0 { !difference } else { difference };
        let level = self.decisions.partition_point(|decision| scaled(*decision, step) <= magnitude);
        self.codes[usize::from(difference < 0)][level - 1]
    }

    /// The difference that is heard for a code, and the one that is learned from.
    pub(super) fn differences(&self, code: u8, step: i32) -> [i32; 2] {
        [scaled(self.heard[usize::from(code)], step), scaled(self.predicted[self.upper_bits(code)], step)]
    }

    /// The next logarithm of the step size, and the step size.
    pub(super) fn adapt(&self, code: u8, logarithm: i32) -> (i32, i32) {
        let growth = i32::from(self.growth[self.upper_bits(code)]);
        let logarithm = (((logarithm * 32_512) >> 15) + growth).clamp(0, self.growth_max);
        let index = (logarithm >> 6) as usize + self.offset;
        let mantissa = i32::from(POWERS[index % 32]);
        let octave = index / 32;
        let step = if octave <= 10 { mantissa >> (10 - octave) } else { mantissa << 1 };
        (logarithm, step << 2)
    }

    /// The bits of a code that may not be stolen.
    fn upper_bits(&self, code: u8) -> usize {
        usize::from(code) * self.predicted.len() / self.heard.len()
    }
}

#[inline(always)]
fn scaled(value: i16, step: i32) -> i32 {
    (i32::from(value) * 8 * step) >> 15
}

/// 2048 to the next octave in 32 steps (G.722 table 13, ILB).
static POWERS: [u16; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896,
    2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
