//! Any bytes of any length are safe: no panic, and whole frames come out.

mod common;

use callcore_codec::{Decoder, Format, Rate, Resampler, new_decoder_at, new_encoder_at};
use proptest::prelude::*;

fn decoders() -> Vec<Box<dyn Decoder>> {
    let each = |format| Rate::ALL.into_iter().filter_map(move |rate| new_decoder_at(format, rate));
    Format::ALL.into_iter().flat_map(each).collect()
}

/// What is done to a true packet on its way.
#[derive(Clone, Debug)]
enum Harm {
    Nothing,
    Flip(usize),
    Cut(usize),
    Lose,
    Replace(Vec<u8>),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        2 => Just(Harm::Nothing),
        4 => (0..2560usize).prop_map(Harm::Flip),
        2 => (0..320usize).prop_map(Harm::Cut),
        1 => Just(Harm::Lose),
        2 => proptest::collection::vec(any::<u8>(), 0..400).prop_map(Harm::Replace),
    ]
}

fn harmed(mut packet: Vec<u8>, harm: &Harm) -> Vec<u8> {
    match harm {
        Harm::Nothing => {}
        Harm::Flip(bit) => {
            let at = bit / 8 % packet.len();
            packet[at] ^= 1 << (bit % 8);
        }
        Harm::Cut(length) => packet.truncate(*length),
        Harm::Lose => packet.clear(),
        Harm::Replace(bytes) => packet.clone_from(bytes),
    }
    packet
}

/// A few cases each time; as many as one likes with `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_some() { config } else { ProptestConfig { cases: 24, ..config } }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn harmed_packets_are_decoded_refused_or_concealed(harms in proptest::collection::vec(harm(), 1..30)) {
        for mut decoder in decoders() {
            let (format, rate) = (decoder.format(), decoder.rate());
            let mut encoder = new_encoder_at(format, rate).expect("what can be heard can be sent");
            let sound = common::speech(rate, 20 * harms.len() as u32);
            let mut heard = vec![0; rate.samples(20)];
            for (frame, harm) in sound.chunks(rate.samples(20)).zip(&harms) {
                let mut packet = vec![0; 2000];
                let length = encoder.encode(frame, &mut packet).expect("there is room");
                packet.truncate(length);
                let packet = harmed(packet, harm);
                if let Ok(count) = decoder.decode(&packet, &mut heard) {
                    prop_assert!(count <= heard.len());
                    prop_assert!(!packet.is_empty() || count == heard.len(), "what is lost is concealed whole");
                }
                decoder.fill(&packet, &mut heard);
                decoder.recover(&packet, &mut heard);
            }
        }
    }

    #[test]
    fn bytes_of_any_length_go_into_frames_of_any_length(
        payload in proptest::collection::vec(any::<u8>(), 0..1500),
        room in 0..3000usize,
    ) {
        for mut decoder in decoders() {
            let mut heard = vec![0; room];
            if let Ok(count) = decoder.decode(&payload, &mut heard) {
                prop_assert!(count <= room);
            }
            decoder.fill(&payload, &mut heard);
            decoder.conceal(&mut heard);
            decoder.recover(&payload, &mut heard);
        }
    }

    #[test]
    fn frames_of_any_length_are_encoded_or_refused(
        sound in proptest::collection::vec(any::<i16>(), 0..1000),
        room in 0..2000usize,
    ) {
        for format in Format::ALL {
            let Some(mut encoder) = new_encoder_at(format, format.rate()) else { continue };
            let mut payload = vec![0; room];
            if let Ok(length) = encoder.encode(&sound, &mut payload) {
                prop_assert!(length <= room);
            }
        }
    }

    #[test]
    fn a_resampler_takes_any_lengths(
        sound in proptest::collection::vec(any::<i16>(), 0..2000),
        room in 0..3000usize,
    ) {
        for (from, to) in Rate::ALL.into_iter().flat_map(|from| Rate::ALL.map(|to| (from, to))) {
            let count = Resampler::new(from, to).process(&sound, &mut vec![0; room]);
            prop_assert!(count <= room && count <= sound.len() * to.times() / from.times());
        }
    }
}
