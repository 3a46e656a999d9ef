//! G.722 against what the ITU-T Software Tool Library makes of the same sound. (The library's own test speech, which is not
//! ours to give away, comes out bit for bit, too: `inpsp.bin`, `codspw.cod`, `outsp1.bin`.)

use super::*;

/// Noise of 16 bits that jump between loud and quiet, so that every step size and limit is met.
fn rough_sound(samples: usize) -> Vec<i16> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as i16
    };
    (0..samples).map(|n| next() >> ((n / 500) % 16)).collect()
}

/// Digests of what the ITU-T Software Tool Library 2024 (G.191) encodes, decodes, and makes of wild bytes in mode 1.
const TOOL_LIBRARY: [u64; 3] = [0xCFB6_2614_9412_4406, 0xB32C_707F_24C3_729C, 0x5904_7BA1_030E_4332];

fn digest(bytes: impl IntoIterator<Item = u8>) -> u64 {
    // FNV-1a
    bytes
        .into_iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3))
}

#[test]
fn rough_sound_becomes_what_the_tool_library_makes_of_it() {
    let samples = rough_sound(64_000);
    let mut bytes = vec![0; 32_000];
    assert_eq!(Encoder::default().encode(&samples, &mut bytes), 32_000);
    let mut back = vec![0; 64_000];
    assert_eq!(Decoder::default().decode(&bytes, &mut back), 64_000);
    let back_digest = digest(back.iter().flat_map(|sample| sample.to_le_bytes()));
    // all codes, in any order: what no encoder would send
    let wild: Vec<u8> = rough_sound(32_000).iter().map(|sample| *sample as u8).collect();
    Decoder::default().decode(&wild, &mut back);
    let wild_digest = digest(back.iter().flat_map(|sample| sample.to_le_bytes()));
    assert_eq!([digest(bytes), back_digest, wild_digest], TOOL_LIBRARY);
}

#[test]
fn it_does_not_matter_how_sound_is_cut() {
    let samples = rough_sound(4000);
    let mut whole = vec![0; 2000];
    Encoder::default().encode(&samples, &mut whole);
    let mut decoded = vec![0; 4000];
    Decoder::default().decode(&whole, &mut decoded);
    for cut in [1, 7, 80, 161, 999] {
        let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
        let (mut bytes, mut back) = (vec![0; cut], vec![0; 2 * cut]);
        for (n, part) in samples.chunks(2 * cut).enumerate() {
            let count = encoder.encode(part, &mut bytes);
            assert_eq!(bytes[..count], whole[n * cut..n * cut + count], "pieces of {cut}");
            let count = decoder.decode(&bytes[..count], &mut back);
            assert_eq!(back[..count], decoded[2 * n * cut..2 * n * cut + count], "pieces of {cut}");
        }
    }
}
