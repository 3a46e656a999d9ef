//! What all codecs promise alike, and what is particular to one.

use super::*;
use std::f64::consts::TAU;

/// Harmonics of 150 Hz in frames of 20 ms.
fn frames(rate: Rate, count: usize) -> Vec<Vec<i16>> {
    let sample = |n: usize| {
        let turn = n as f64 * 150.0 / f64::from(rate.hz()) * TAU;
        let sum: f64 = (1..12).map(|k| (turn * f64::from(k) + f64::from(k * k)).sin() / f64::from(k)).sum();
        (sum * 5000.0) as i16
    };
    let all: Vec<i16> = (0..count * rate.samples(20)).map(sample).collect();
    all.chunks(rate.samples(20)).map(<[i16]>::to_vec).collect()
}

fn packet(encoder: &mut dyn Encoder, frame: &[i16]) -> Vec<u8> {
    let mut payload = vec![0; encoder.format().slot_bytes(160)];
    let length = encoder.encode(frame, &mut payload).expect("a slot is room enough");
    payload.truncate(length);
    payload
}

fn loudness(samples: &[i16]) -> f64 {
    (samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
}

fn pairs() -> Vec<(Box<dyn Encoder>, Box<dyn Decoder>)> {
    let all = Format::ALL.into_iter().flat_map(|format| Rate::ALL.map(|rate| (format, rate)));
    all.filter_map(|(format, rate)| Some((new_encoder_at(format, rate)?, new_decoder_at(format, rate)?)))
        .collect()
}

#[test]
fn each_format_has_a_codec_at_its_rate() {
    for (encoder, decoder) in pairs() {
        assert_eq!((encoder.format(), encoder.rate()), (decoder.format(), decoder.rate()));
    }
    let built_in = |format: &Format| new_decoder(*format).is_some() && new_encoder(*format).is_some();
    let count = Format::ALL.iter().filter(|format| built_in(format)).count();
    assert_eq!(count, 6 + usize::from(cfg!(feature = "g729")) + usize::from(cfg!(feature = "opus")));
    assert!(
        new_decoder_at(Format::ALaw, Rate::Wide).is_none()
            && new_encoder_at(Format::G722, Rate::Narrow).is_none()
    );
    assert_eq!(
        new_decoder_at(Format::Opus, Rate::Full).map(|opus| opus.rate()),
        cfg!(feature = "opus").then_some(Rate::Full)
    );
}

#[test]
fn a_lost_frame_goes_on_a_long_loss_ends_in_silence_and_sound_comes_back() {
    for (mut encoder, mut decoder) in pairs() {
        let rate = decoder.rate();
        let name = format!("{:?} at {rate:?}", decoder.format());
        let mut heard = vec![0; rate.samples(20)];
        for frame in frames(rate, 10) {
            decoder.fill(&packet(&mut *encoder, &frame), &mut heard);
        }
        let before = loudness(&heard);
        assert!((3000.0..9000.0).contains(&before), "{name}: {before}");
        assert_eq!(decoder.decode(&[], &mut heard), Ok(heard.len()), "{name}: all of it is concealed");
        assert!(loudness(&heard) > before / 3.0, "{name}: {} after {before}", loudness(&heard));
        for _ in 0..50 {
            decoder.conceal(&mut heard);
        }
        assert!(loudness(&heard) < 100.0, "{name}: {} after a second", loudness(&heard));
        // what G.729 sends of a steady sound builds on what was heard before: it takes a second to grow again
        for frame in frames(rate, 60) {
            decoder.fill(&packet(&mut *encoder, &frame), &mut heard);
        }
        assert!((3000.0..9000.0).contains(&loudness(&heard)), "{name}: {} again", loudness(&heard));
    }
}

#[test]
fn after_a_reset_a_codec_is_like_new() {
    for (mut encoder, mut decoder) in pairs() {
        let sound = frames(decoder.rate(), 4);
        let mut heard = vec![0; sound[0].len()];
        let mut run = |encoder: &mut dyn Encoder, decoder: &mut dyn Decoder| -> Vec<i16> {
            let hear = |frame: &Vec<i16>| {
                decoder.fill(&packet(encoder, frame), &mut heard);
                heard.clone()
            };
            sound.iter().flat_map(hear).collect()
        };
        let first = run(&mut *encoder, &mut *decoder);
        decoder.conceal(&mut vec![0; sound[0].len()]);
        encoder.reset();
        decoder.reset();
        assert_eq!(run(&mut *encoder, &mut *decoder), first, "{decoder:?}");
    }
}

#[test]
fn frames_of_10_ms_are_frames_too() {
    for (mut encoder, mut decoder) in pairs() {
        let half = decoder.rate().samples(10);
        let mut heard = vec![0; half];
        for part in frames(decoder.rate(), 10).concat().chunks(half) {
            let payload = packet(&mut *encoder, part);
            assert_eq!(decoder.decode(&payload, &mut heard), Ok(half), "{decoder:?}");
        }
        assert!((3000.0..9000.0).contains(&loudness(&heard)), "{decoder:?}: {}", loudness(&heard));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    for (mut encoder, mut decoder) in pairs() {
        let sound = &frames(decoder.rate(), 1)[0];
        let payload = packet(&mut *encoder, sound);
        let mut small = vec![0; sound.len() / 2 - 2];
        assert!(decoder.decode(&payload, &mut small).is_err(), "{decoder:?}");
        decoder.fill(&payload, &mut small);
        assert_eq!(encoder.encode(sound, &mut [0]), Err(CodecError::NoRoom), "{encoder:?}");
    }
    let mut linear = new_decoder(Format::L16).expect("always there");
    assert_eq!(linear.decode(&[1, 2, 3], &mut [0; 160]), Err(CodecError::Malformed));
    let mut g722 = new_encoder(Format::G722).expect("always there");
    assert_eq!(g722.encode(&[0; 3], &mut [0; 160]), Err(CodecError::FrameLength));
}

#[cfg(feature = "g729")]
mod g729 {
    use super::*;

    /// A frame of voice and one that describes silence, each from a G.729B encoder: a talker, then a quiet room.
    fn talk_then_silence() -> (Vec<Vec<u8>>, Vec<u8>) {
        let mut encoder = g729_sys::Encoder::new(true);
        let mut frame = |samples: &[i16]| {
            let mut bytes = [0; 10];
            let length = encoder.encode_into(samples.try_into().expect("80 samples"), &mut bytes);
            bytes[..usize::from(length)].to_vec()
        };
        let voice = frames(Rate::Narrow, 20).concat().chunks(80).map(&mut frame).collect();
        let mut state = 1u32;
        let mut hum = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 26) as i16 - 32
        };
        let quiet = (0..200).map(|_| frame(&[(); 80].map(|()| hum())));
        let silence =
            quiet.filter(|bytes| bytes.len() == 2).last().expect("silence is described once at least");
        (voice, silence)
    }

    #[test]
    fn silence_is_the_noise_that_was_described_until_somebody_talks() {
        let (voice, silence) = talk_then_silence();
        let mut decoder = new_decoder(Format::G729).expect("it is built in");
        let mut heard = [0; 160];
        for pair in voice.chunks(2) {
            decoder.fill(&pair.concat(), &mut heard);
        }
        assert!(loudness(&heard) > 3000.0);
        let mixed = [&voice[8][..], &silence].concat();
        assert_eq!(decoder.decode(&mixed, &mut heard), Ok(160), "10 ms of voice, and the noise after it");
        for _ in 0..100 {
            assert_eq!(decoder.decode(&[], &mut heard), Ok(160), "nothing comes while there is silence");
        }
        let level = loudness(&heard);
        assert!((2.0..200.0).contains(&level), "still there after two seconds, and quiet: {level}");
        assert_eq!(decoder.decode(&silence, &mut heard), Ok(160), "a description alone fills the frame");
        for pair in voice.chunks(2) {
            decoder.fill(&pair.concat(), &mut heard);
        }
        assert!(loudness(&heard) > 3000.0, "talk comes back");
    }

    #[test]
    fn lengths_that_no_frames_have_are_malformed() {
        let mut decoder = new_decoder(Format::G729).expect("it is built in");
        for length in (1..60).filter(|length| length % 10 != 0 && length % 10 != 2) {
            assert_eq!(
                decoder.decode(&vec![0x5A; length], &mut [0; 960]),
                Err(CodecError::Malformed),
                "{length}"
            );
        }
        assert_eq!(decoder.decode(&[0x5A; 30], &mut [0; 160]), Err(CodecError::NoRoom));
        let mut encoder = new_encoder(Format::G729).expect("it is built in");
        assert_eq!(encoder.encode(&[0; 100], &mut [0; 40]), Err(CodecError::FrameLength));
    }
}

#[cfg(feature = "opus")]
mod opus {
    use super::*;
    use opus_rs::{Application, OpusEncoder};

    /// The packets of a sender that says each frame twice.
    fn redundant(sound: &[Vec<i16>]) -> Vec<Vec<u8>> {
        let mut encoder =
            Box::new(OpusEncoder::new(16_000, 1, Application::Voip).expect("there is such a rate"));
        encoder.bitrate_bps = 40_000;
        encoder.use_inband_fec = true;
        encoder.packet_loss_perc = 25;
        let mut bytes = [0; 1000];
        let each = sound.iter().map(|frame| {
            let length = encoder.encode_i16(frame, 320, &mut bytes).expect("there is room");
            bytes[..length].to_vec()
        });
        each.collect()
    }

    /// What is heard when frame 8 comes after silence and is lost, with what the next packet says of it or without.
    fn heard(packets: &[Vec<u8>], recover: bool) -> Vec<i16> {
        let mut decoder = new_decoder(Format::Opus).expect("it is built in");
        let mut heard = vec![0; 320];
        packets[..8].iter().for_each(|packet| decoder.fill(packet, &mut heard));
        if recover {
            decoder.recover(&packets[9], &mut heard)
        } else {
            decoder.conceal(&mut heard)
        }
        heard
    }

    #[test]
    fn the_next_packet_gives_back_what_was_lost() {
        let mut sound = frames(Rate::Wide, 12);
        sound[..8].iter_mut().for_each(|frame| frame.fill(0));
        let packets = redundant(&sound);
        let (with, without) = (loudness(&heard(&packets, true)), loudness(&heard(&packets, false)));
        assert!(with > 1500.0 && without < 100.0, "{with} with the next packet, {without} without");
    }

    #[test]
    fn two_channels_are_heard_as_one() {
        let mut encoder =
            Box::new(OpusEncoder::new(48_000, 2, Application::Audio).expect("there is such a rate"));
        encoder.bitrate_bps = 64_000;
        let mut decoder = new_decoder_at(Format::Opus, Rate::Full).expect("it is built in");
        let (mut bytes, mut heard) = ([0; 1000], [0; 960]);
        for frame in frames(Rate::Full, 10) {
            let both: Vec<i16> = frame.iter().flat_map(|sample| [*sample, *sample]).collect();
            let length = encoder.encode_i16(&both, 960, &mut bytes).expect("there is room");
            assert_eq!(decoder.decode(&bytes[..length], &mut heard), Ok(960));
        }
        assert!((3000.0..9000.0).contains(&loudness(&heard)), "{}", loudness(&heard));
    }
}
