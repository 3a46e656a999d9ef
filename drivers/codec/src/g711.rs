//! ITU-T G.711: the two laws that samples in the pool may have, to and from 16-bit linear.
//!
//! Linear samples use the full 16-bit range: A-law's 13 bits are shifted left by 3, µ-law's 14 bits by 2, as every
//! telephony system does. Bytes are as in RFC 3551 (A-law with the even bits inverted, no bit reversal).

const SIGN: u8 = 0x80;

/// A-law byte to linear sample, -32256 to 32256.
#[must_use]
pub const fn alaw_to_linear(byte: u8) -> i16 {
    let value = byte ^ 0x55;
    let segment = (value & 0x70) >> 4;
    let step = ((value & 0x0F) as i16) << 4;
    let magnitude = match segment {
        0 => step + 8,
        _ => (step + 0x108) << (segment - 1),
    };
    if value & SIGN != 0 { magnitude } else { -magnitude }
}

/// Linear sample to A-law byte.
#[must_use]
pub const fn linear_to_alaw(sample: i16) -> u8 {
    let (mask, magnitude) = if sample >= 0 { (0xD5, sample as u16) } else { (0x55, !(sample as u16)) };
    let magnitude = magnitude >> 4;
    let byte = if magnitude < 16 {
        magnitude as u8
    } else {
        let exponent = 15 - magnitude.leading_zeros() as u8 - 3;
        (exponent << 4) | ((magnitude >> (exponent - 1)) & 0x0F) as u8
    };
    byte ^ mask
}

/// µ-law byte to linear sample, -32124 to 32124.
#[must_use]
pub const fn ulaw_to_linear(byte: u8) -> i16 {
    let value = !byte;
    let magnitude = ((((value & 0x0F) as i16) << 3) + 0x84) << ((value & 0x70) >> 4);
    if value & SIGN != 0 { 0x84 - magnitude } else { magnitude - 0x84 }
}

/// Linear sample to µ-law byte.
#[must_use]
pub const fn linear_to_ulaw(sample: i16) -> u8 {
    let (mask, magnitude) = if sample >= 0 { (0xFF, sample as i32) } else { (0x7F, -(sample as i32)) };
    let biased = if magnitude > 32635 { 32635 + 0x84 } else { magnitude + 0x84 };
    let exponent = (31 - (biased as u32).leading_zeros()) as u8 - 7;
    let mantissa = ((biased >> (exponent + 3)) & 0x0F) as u8;
    ((exponent << 4) | mantissa) ^ mask
}

const fn decode_table(law_a: bool) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = if law_a { alaw_to_linear(byte as u8) } else { ulaw_to_linear(byte as u8) };
        byte += 1;
    }
    table
}

/// [`alaw_to_linear`] for all 256 bytes.
pub static ALAW: [i16; 256] = decode_table(true);
/// [`ulaw_to_linear`] for all 256 bytes.
pub static ULAW: [i16; 256] = decode_table(false);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_a_round_trip() {
        for byte in 0..=255u8 {
            assert_eq!(linear_to_alaw(alaw_to_linear(byte)), byte, "A-law {byte:#x}");
            // µ-law has two zeros: 0x7F (negative) comes back as 0xFF
            let expected = if byte == 0x7F { 0xFF } else { byte };
            assert_eq!(linear_to_ulaw(ulaw_to_linear(byte)), expected, "µ-law {byte:#x}");
        }
    }

    #[test]
    fn encoding_takes_the_interval_that_holds_the_sample() {
        // G.711 tables 1a and 2a: a decoded value is the middle of its interval, so no neighbour is nearer by more than a step
        for sample in i16::MIN..=i16::MAX {
            let a = i32::from(alaw_to_linear(linear_to_alaw(sample)));
            let u = i32::from(ulaw_to_linear(linear_to_ulaw(sample)));
            let step = (i32::from(sample).abs() / 16).max(16);
            assert!((a - i32::from(sample)).abs() <= step, "A-law {sample} -> {a}");
            assert!((u - i32::from(sample)).abs() <= step, "µ-law {sample} -> {u}");
        }
    }
}
