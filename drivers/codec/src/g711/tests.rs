//! G.711 held against its own tables of decision values, written down and searched.

use super::*;

/// Tables 1a and 1b: the decision values at the ends of A-law's segments, and how many intervals lie between.
/// The unit is 1/4096 of the load capacity: 8 of a 16-bit sample.
const A_SEGMENTS: [(i32, i32, i32); 7] = [
    (0, 64, 32),
    (64, 128, 16),
    (128, 256, 16),
    (256, 512, 16),
    (512, 1024, 16),
    (1024, 2048, 16),
    (2048, 4096, 16),
];
/// Tables 2a and 2b for µ-law; the unit is 1/8159: 4 of a 16-bit sample. The first interval, 0 to 1, stands alone.
const MU_SEGMENTS: [(i32, i32, i32); 8] = [
    (1, 31, 15),
    (31, 95, 16),
    (95, 223, 16),
    (223, 479, 16),
    (479, 991, 16),
    (991, 2015, 16),
    (2015, 4063, 16),
    (4063, 8159, 16),
];

/// All decision values of one sign, x1 to xn, as 16-bit samples.
fn decisions(segments: &[(i32, i32, i32)], unit: i32) -> Vec<i32> {
    let mut values = vec![segments[0].0 * unit];
    for (from, to, count) in segments {
        values.extend((1..=*count).map(|n| (from + n * (to - from) / count) * unit));
    }
    values
}

fn alaw_decisions() -> Vec<i32> {
    decisions(&A_SEGMENTS, 8)
}

fn mu_law_decisions() -> Vec<i32> {
    let mut values = vec![0];
    values.extend(decisions(&MU_SEGMENTS, 4));
    values
}

/// The number of the interval that holds a sample, 0 nearest to zero, by searching. Positive intervals hold their lower
/// end, negative ones, in a line with them, too: the end nearer to minus infinity.
fn interval(decisions: &[i32], sample: i32) -> usize {
    let inside = |bounds: &[i32]| match sample {
        0.. => (bounds[0]..bounds[1]).contains(&sample),
        _ => (-bounds[1]..-bounds[0]).contains(&sample),
    };
    // what is louder than the law can say is its loudest value
    decisions.windows(2).position(inside).unwrap_or(decisions.len() - 2)
}

#[test]
fn every_sample_goes_where_the_decision_values_say() {
    let (a, mu) = (alaw_decisions(), mu_law_decisions());
    assert_eq!((a.len(), mu.len()), (129, 129), "128 intervals of each sign");
    for sample in i16::MIN..=i16::MAX {
        let sign = if sample < 0 { 0 } else { 0x80 };
        // table 1: 1000 0000 to 1111 1111 with the even bits inverted; table 2: 1111 1111 down to 1000 0000
        let alaw = (sign | interval(&a, sample.into()) as u8) ^ 0x55;
        let ulaw = sign | (0x7F - interval(&mu, sample.into()) as u8);
        assert_eq!(linear_to_alaw(sample), alaw, "A-law of {sample}");
        assert_eq!(linear_to_ulaw(sample), ulaw, "µ-law of {sample}");
    }
}

#[test]
fn every_byte_is_the_middle_of_its_interval() {
    let (a, mu) = (alaw_decisions(), mu_law_decisions());
    for number in 0..128usize {
        let middle = (a[number] + a[number + 1]) / 2;
        let byte = (0x80 | number as u8) ^ 0x55;
        assert_eq!(i32::from(alaw_to_linear(byte)), middle);
        assert_eq!(i32::from(alaw_to_linear(byte ^ 0x80)), -middle);
        // µ-law's first interval stands for zero (table 2a, y0)
        let middle = if number == 0 { 0 } else { (mu[number] + mu[number + 1]) / 2 };
        let byte = 0xFF - number as u8;
        assert_eq!(i32::from(ulaw_to_linear(byte)), middle);
        assert_eq!(i32::from(ulaw_to_linear(byte ^ 0x80)), -middle);
    }
}

#[test]
fn blocks_say_what_single_samples_say() {
    let samples: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    let bytes: Vec<u8> = (0..=255).collect();
    // every length around the width of a vector, so that its tails are seen as well
    for length in (0..70).chain([samples.len()]) {
        let mut to = vec![0; length];
        for start in [0, 1, samples.len() - length] {
            let part = &samples[start..(start + length).min(samples.len())];
            encode_alaw(part, &mut to);
            assert!(to.iter().zip(part).all(|(byte, sample)| *byte == linear_to_alaw(*sample)));
            encode_ulaw(part, &mut to);
            assert!(to.iter().zip(part).all(|(byte, sample)| *byte == linear_to_ulaw(*sample)));
        }
    }
    for length in (0..70).chain([256]) {
        let mut to = vec![0; length];
        for start in [0, 1, 256 - length] {
            let part = &bytes[start..(start + length).min(256)];
            decode_alaw(part, &mut to);
            assert!(to.iter().zip(part).all(|(sample, byte)| *sample == alaw_to_linear(*byte)));
            decode_ulaw(part, &mut to);
            assert!(to.iter().zip(part).all(|(sample, byte)| *sample == ulaw_to_linear(*byte)));
        }
    }
}

#[test]
fn blocks_of_unequal_length_stop_at_the_shorter() {
    let mut bytes = [7; 3];
    encode_alaw(&[0], &mut bytes);
    assert_eq!(bytes, [0xD5, 7, 7]);
    let mut samples = [7; 2];
    decode_ulaw(&[0xFF], &mut samples);
    assert_eq!(samples, [0, 7]);
}

#[test]
fn encoding_what_was_decoded_changes_nothing() {
    for byte in 0..=255u8 {
        assert_eq!(linear_to_alaw(alaw_to_linear(byte)), byte, "A-law {byte:#x}");
        // µ-law has two zeros: 0x7F (negative) comes back as 0xFF
        let expected = if byte == 0x7F { 0xFF } else { byte };
        assert_eq!(linear_to_ulaw(ulaw_to_linear(byte)), expected, "µ-law {byte:#x}");
    }
}

/// Tables 3 and 4 follow from the intervals when both laws are set side by side at their load capacity: 4096 units of
/// A-law are +3.14 dBm0, 8159 of µ-law +3.17, so a µ-law sample is 0.75 % larger on A-law's scale.
#[test]
fn one_law_becomes_the_other_at_the_same_load() {
    let scaled = |sample: i16, by: f64| (f64::from(sample) * by).min(32_767.0) as i16;
    let larger = 10f64.powf(0.03 / 20.0) * (4096.0 * 8.0) / (8159.0 * 4.0);
    for number in 0..128u8 {
        let ulaw = 0xFF - number;
        assert_eq!(ulaw_to_alaw(ulaw), linear_to_alaw(scaled(ulaw_to_linear(ulaw), larger)), "{number}");
        assert_eq!(ulaw_to_alaw(ulaw ^ 0x80), ulaw_to_alaw(ulaw) ^ 0x80, "the sign stays");
        let alaw = 0xD5 ^ number;
        assert_eq!(alaw_to_ulaw(alaw ^ 0x80), alaw_to_ulaw(alaw) ^ 0x80, "the sign stays");
        // A-law's value 80 (number 79 here) is nearer to 81 of µ-law; table 4 gives it to 80, as table 3 gives 81 to 81
        let expected =
            if number == 79 { 0xFF - 79 } else { linear_to_ulaw(scaled(alaw_to_linear(alaw), 1.0 / larger)) };
        assert_eq!(alaw_to_ulaw(alaw), expected, "{number}");
    }
}

#[test]
fn a_law_survives_mu_law_but_for_its_merged_values() {
    let lost = |there: fn(u8) -> u8, back: fn(u8) -> u8| {
        (0..=255u8).filter(|byte| back(there(*byte)) != *byte).count()
    };
    assert_eq!(lost(alaw_to_ulaw, ulaw_to_alaw), 16);
    assert_eq!(lost(ulaw_to_alaw, alaw_to_ulaw), 16);
    let mut swapped = [0; 256];
    let bytes: Vec<u8> = (0..=255).collect();
    swap_alaw(&bytes, &mut swapped);
    assert!(swapped.iter().zip(&bytes).all(|(to, from)| *to == alaw_to_ulaw(*from)));
    swap_ulaw(&bytes, &mut swapped);
    assert!(swapped.iter().zip(&bytes).all(|(to, from)| *to == ulaw_to_alaw(*from)));
}
