//! One law to the other, by tables 3 and 4 of G.711.
//!
//! The tables set the two laws side by side at their load capacity (+3.14 dBm0 for A-law's 4096 units, +3.17 dBm0 for
//! µ-law's 8159), so they differ from decoding and encoding again in 19 and 17 of 128 values, by one step.

/// Table 3: for each µ-law value, silence first, the number of its A-law value, which are counted from 1.
const A_OF_MU: [u8; 128] = [
    1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, //
    9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, //
    25, 27, 29, 31, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, //
    46, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, //
    64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, //
    81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, //
    97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, //
    113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128,
];

/// Table 4: for each A-law value, smallest first, the number of its µ-law value, which are counted from 0.
const MU_OF_A: [u8; 128] = [
    1, 3, 5, 7, 9, 11, 13, 15, 16, 17, 18, 19, 20, 21, 22, 23, //
    24, 25, 26, 27, 28, 29, 30, 31, 32, 32, 33, 33, 34, 34, 35, 35, //
    36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 48, 49, 49, //
    50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 64, //
    65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 79, //
    80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, //
    96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, //
    112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127,
];

/// A byte of one law as the nearest byte of the other.
static TO_ULAW: [u8; 256] = table(false);
static TO_ALAW: [u8; 256] = table(true);

const fn table(from_mu: bool) -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let sign = byte as u8 & 0x80;
        table[byte] = if from_mu {
            sign | (0x55 ^ (A_OF_MU[((byte as u8 | 0x80) ^ 0xFF) as usize] - 1))
        } else {
            sign | (0x7F ^ MU_OF_A[((byte as u8 | 0x80) ^ 0xD5) as usize])
        };
        byte += 1;
    }
    table
}

/// A-law byte to µ-law byte (G.711 table 4).
#[must_use]
pub fn alaw_to_ulaw(byte: u8) -> u8 {
    TO_ULAW[usize::from(byte)]
}

/// µ-law byte to A-law byte (G.711 table 3).
#[must_use]
pub fn ulaw_to_alaw(byte: u8) -> u8 {
    TO_ALAW[usize::from(byte)]
}

/// A-law bytes to µ-law bytes, as many as fit in both.
pub fn swap_alaw(alaw: &[u8], ulaw: &mut [u8]) {
    ulaw.iter_mut().zip(alaw).for_each(|(to, from)| *to = alaw_to_ulaw(*from));
}

/// µ-law bytes to A-law bytes, as many as fit in both.
pub fn swap_ulaw(ulaw: &[u8], alaw: &mut [u8]) {
    alaw.iter_mut().zip(ulaw).for_each(|(to, from)| *to = ulaw_to_alaw(*from));
}
