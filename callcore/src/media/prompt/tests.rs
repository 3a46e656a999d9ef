//! Files of every coding, good and bad, and the forms of a prompt.

use super::*;
use callcore_codec::g711;

fn wav(format: u16, channels: u16, rate_hz: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
    let align = channels * bits / 8;
    file.extend(format.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate_hz.to_le_bytes());
    file.extend((rate_hz * u32::from(align)).to_le_bytes());
    file.extend(align.to_le_bytes());
    file.extend(bits.to_le_bytes());
    // an odd chunk with its pad byte, to be skipped
    file.extend(b"LIST\x03\0\0\0abc\0");
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

fn samples(file: &[u8]) -> Vec<i16> {
    decode_wav(file).expect("a good file").samples.into_vec()
}

#[test]
fn every_coding_is_read() {
    let pcm16: Vec<u8> = [-300i16, 0, 300].iter().flat_map(|s| s.to_le_bytes()).collect();
    assert_eq!(samples(&wav(1, 1, 8000, 16, &pcm16)), [-300, 0, 300]);
    assert_eq!(samples(&wav(1, 1, 8000, 8, &[0, 128, 255])), [-32768, 0, 32512]);
    assert_eq!(samples(&wav(1, 1, 8000, 24, &[9, 1, 2, 0, 0, 0xFF])), [0x0201, -256]);
    assert_eq!(samples(&wav(1, 1, 8000, 32, &[9, 9, 1, 2])), [0x0201]);
    let alaw: Vec<u8> = (0..=255).collect();
    assert_eq!(samples(&wav(6, 1, 8000, 8, &alaw)), g711::ALAW);
    assert_eq!(samples(&wav(7, 1, 8000, 8, &alaw)), g711::ULAW);
}

#[test]
fn stereo_is_mixed_down() {
    let pcm16: Vec<u8> = [100i16, 300, i16::MIN, i16::MIN].iter().flat_map(|s| s.to_le_bytes()).collect();
    assert_eq!(samples(&wav(1, 2, 8000, 16, &pcm16)), [200, i16::MIN]);
}

#[test]
fn a_recording_that_was_cut_off_plays_to_its_end() {
    let mut file = wav(1, 1, 8000, 16, &[1, 0, 2, 0, 3]);
    let size = file.len() - 9;
    file[size..size + 4].copy_from_slice(&[0xFF; 4]);
    assert_eq!(samples(&file), [1, 2]);
}

#[test]
fn bad_files_are_refused_with_the_reason() {
    assert_eq!(decode_wav(b"ID3\x03mp3"), Err(PromptError::NotWav));
    let cut = wav(1, 1, 8000, 16, &[0; 4]);
    for length in 0..cut.len() - 4 {
        assert!(decode_wav(&cut[..length]).is_err(), "cut at {length}");
    }
    assert_eq!(decode_wav(&wav(2, 1, 8000, 4, &[])), Err(PromptError::Coding { format: 2, bits: 4 }));
    let shape = decode_wav(&wav(1, 6, 8000, 16, &[]));
    assert_eq!(shape, Err(PromptError::Shape { channels: 6, rate_hz: 8000 }));
    assert_eq!(decode_wav(&wav(1, 1, 0, 16, &[])), Err(PromptError::Shape { channels: 1, rate_hz: 0 }));
}

#[test]
fn no_bytes_make_it_panic() {
    let good = wav(1, 2, 16_000, 16, &[7; 200]);
    let mut rng = crate::base::Rng::new(5);
    for _ in 0..5_000 {
        let mut bad = good.clone();
        for _ in 0..=rng.below(4) {
            // the header is where it hurts
            let at = rng.below(70) as usize;
            bad[at] = rng.below(256) as u8;
        }
        bad.truncate(rng.below(bad.len() as u64 + 1) as usize);
        let _ = decode_wav(&bad);
    }
}

#[test]
fn floats_are_cut_off_at_full_scale() {
    let data: Vec<u8> = [0.5f32, -1.0, 2.0, f32::NAN].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(samples(&wav(3, 1, 8000, 32, &data)), [16_384, i16::MIN, i16::MAX, 0]);
    let data: Vec<u8> = [-0.25f64].iter().flat_map(|value| value.to_le_bytes()).collect();
    assert_eq!(samples(&wav(3, 1, 8000, 64, &data)), [-8192]);
}

#[test]
fn extensible_files_say_their_coding_in_a_guid() {
    let extensible = |guid: &[u8; 16]| {
        let plain = wav(1, 1, 8000, 16, &[1, 2]);
        let mut file = plain[..16].to_vec();
        file.extend(40u32.to_le_bytes());
        file.extend(0xFFFEu16.to_le_bytes());
        file.extend(&plain[22..36]);
        file.extend([22, 0, 16, 0, 4, 0, 0, 0]);
        file.extend(guid);
        file.extend(&plain[36..]);
        file
    };
    let pcm = b"\x01\0\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x71";
    assert_eq!(samples(&extensible(pcm)), [0x0201]);
    let other = b"\x01\0\0\0\0\0\x10\0\x80\0\0\xAA\0\x38\x9B\x72";
    assert_eq!(decode_wav(&extensible(other)), Err(PromptError::Coding { format: 0xFFFE, bits: 16 }));
}

#[test]
fn all_forms_play_for_the_same_time() {
    for rate_hz in [8000, 11_025, 16_000, 44_100, 48_000] {
        for ms in [0, 1, 37, 100] {
            let sound = test_sounds::tone(rate_hz, ms, 700, -12.0);
            let prompt = Prompt::of(&sound, Forms { wide: true, full: true, alaw: true, mulaw: true });
            let narrow = prompt.samples(Rate::Narrow).len();
            assert_eq!(prompt.samples(Rate::Wide).len(), 2 * narrow, "{rate_hz}");
            assert_eq!(prompt.samples(Rate::Full).len(), 6 * narrow, "{rate_hz}");
            for format in [Format::ALaw, Format::MuLaw] {
                let mut expected = vec![0; narrow];
                callcore_codec::encode_sampled(format, &prompt.samples, &mut expected);
                assert_eq!(prompt.coded(format), Some(&*expected));
            }
            assert_eq!(prompt.bytes(), 20 * narrow as u64);
            assert_eq!(prompt.coded(Format::G722), None);
        }
    }
}

#[test]
fn only_forms_that_are_wanted_take_memory() {
    let sound = test_sounds::tone(16_000, 1000, 6000, -12.0);
    let plain = Prompt::of(&sound, Forms::default());
    assert_eq!((plain.bytes(), plain.best_rate(Rate::Full)), (16_000, Rate::Narrow));
    assert_eq!((plain.coded(Format::ALaw), plain.samples(Rate::Wide)), (None, [].as_slice()));
    let forms = Forms::default().with(Format::G722).with(Format::ALaw);
    let wide = Prompt::of(&sound, forms);
    assert_eq!(wide.bytes(), forms.bytes_per_second());
    assert_eq!((wide.best_rate(Rate::Full), wide.best_rate(Rate::Narrow)), (Rate::Wide, Rate::Narrow));
    // 6 kHz is there for wideband phones and not for others
    assert_eq!(wide.samples(Rate::Wide), sound.samples);
    let loudest = plain.samples[800..7000].iter().map(|sample| sample.unsigned_abs()).max();
    assert!(loudest < Some(20), "{loudest:?}");
}

#[test]
fn packed_files_are_named() {
    // cut off right behind what tells them apart
    for head in [&b"fLaC"[..], b"OggS", b"ID3\x04", &[0xFF, 0xFB, 0x90, 0]] {
        let why = Sound::read(head).expect_err("there is nothing behind it").to_string();
        assert!(why.contains("FLAC") || why.contains("Ogg") || why.contains("MP3"), "{why}");
    }
}
