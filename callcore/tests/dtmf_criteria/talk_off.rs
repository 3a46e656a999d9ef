//! Talk-off: no key is heard in speech, nor in music by one seed. Other seeds of this music, a third of it chords of nearly
//! pure notes, have one key in about 15 hours: two notes that are a key by all that Q.24 says.

use crate::{music, speech, without_peers};
use callcore::base::Rng;
use callcore::media::dtmf::Detector;
use callcore_codec::Format;

/// How many samples of each kind: some minutes, or what is asked for.
fn samples_of_each_kind() -> usize {
    let hours = std::env::var("CALLCORE_TALK_OFF_HOURS").ok();
    let hours = hours.map(|text| text.parse::<f64>().expect("CALLCORE_TALK_OFF_HOURS is a number of hours"));
    let minutes = if cfg!(debug_assertions) { 3.0 } else { 20.0 };
    (hours.map_or(minutes, |hours| hours * 60.0 / 2.0) * 480_000.0) as usize
}

/// Listen to pieces until there was enough of them; what was heard, and when.
fn listen(kind: &str, seed: u64, piece: fn(&mut Rng) -> Vec<i16>) -> Vec<String> {
    let mut rng = Rng::new(seed);
    let mut detector = Detector::default();
    let (mut done, mut hits, mut pieces) = (0, Vec::new(), 0);
    while done < samples_of_each_kind() {
        let mut samples = piece(&mut rng);
        let law = [Format::ALaw, Format::MuLaw, Format::L16][pieces % 3];
        let mut bytes = vec![0; samples.len() * law.sample_bytes()];
        callcore_codec::encode_sampled(law, &samples, &mut bytes);
        callcore_codec::decode_sampled(law, &bytes, &mut samples);
        for (frame, samples) in samples.chunks(160).enumerate() {
            if let Some(digit) = detector.listen(samples) {
                hits.push(format!("{digit} in {kind} {pieces} at {} ms", frame * 20));
            }
        }
        done += samples.len();
        pieces += 1;
    }
    println!("{kind}: {} hits in {:.2} hours", hits.len(), done as f64 / 8000.0 / 3600.0);
    hits
}

#[test]
fn no_key_is_heard_in_speech() {
    let hits = if without_peers("espeak-ng for real voices") {
        listen("outlined speech", 1, speech::outline)
    } else {
        listen("speech", 1, speech::espeak)
    };
    assert_eq!(hits, [""; 0]);
}

#[test]
fn no_key_is_heard_in_music() {
    assert_eq!(listen("music", 2, music::piece), [""; 0]);
}
