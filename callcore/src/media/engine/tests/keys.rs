//! Keys in the audio: reported, and blanked before anybody hears or records them.

use super::*;
use crate::board::Digits;

/// Keys at their places between speech, as a line brings them: samples, and where keys are.
fn line_with_keys(text: &str) -> Vec<i16> {
    let mut sender = crate::media::dtmf::Sender::default();
    let keys = Keys::new(&Digits::try_from(text.to_owned()).expect("keys")).expect("not too many");
    sender.send(&keys);
    let mut samples = vec![0; 1280 * text.len()];
    sender.fill(&mut samples);
    let speech = |n: usize| {
        ((sin_turns(n as f64 * 230.0 / 8000.0) * 3000.0) as i16).saturating_add((n % 7) as i16 * 40)
    };
    let before: Vec<i16> = (0..4321).map(speech).collect();
    let after: Vec<i16> = (0..8000).map(speech).collect();
    [before, samples, after].concat()
}

/// Run a line into channel 0, which channel 1 hears and which is recorded; what was heard, recorded, and told.
fn run(line: &[i16], keys: KeyWatch) -> (Vec<i16>, Vec<i16>, String) {
    let mut bench = Bench::new(&[Format::L16, Format::L16]);
    let (id, _slab) = recording();
    let (sink, mut source) = rtrb::RingBuffer::new(400_000);
    bench.hear(1, EngineSource::Channel(channel(0)));
    let hearing = Hearing::new(&Listen::keys(keys), Country::China);
    bench.tell(EngineCommand::Listen { channel: channel(0), hearing });
    let left = Tap::said(channel(0));
    bench.tell(EngineCommand::Record { id, left, right: None, is_masked: false, sink: Some(sink) });
    let (mut heard, mut told) = (Vec::new(), String::new());
    for frame in line.chunks_exact(160) {
        let mut bytes = vec![0; 320];
        callcore_codec::encode_sampled(Format::L16, frame, &mut bytes);
        bench.pool.rx.insert(channel(0), bytes);
        bench.engine.run_frame(&mut bench.pool);
        heard.extend(decoded(Format::L16, &bench.pool.tx[&channel(1)]));
        told.extend(bench.events().into_iter().filter_map(|event| match event {
            MediaEvent::Digit { digit, .. } => Some(digit.char()),
            _ => None,
        }));
    }
    let recorded: Vec<i16> = std::iter::from_fn(|| source.pop().ok()).step_by(2).collect();
    (heard, recorded, told)
}

#[test]
fn blanked_keys_are_told_and_neither_heard_nor_recorded() {
    let line = line_with_keys("13579*0#");
    let (passed, _, told) = run(&line, KeyWatch::Report);
    assert_eq!(told, "13579*0#");
    assert!(loudness(&passed[4321..4321 + 640], 697.0) > 4000.0, "where they are not blanked they are heard");
    let (heard, recorded, told) = run(&line, KeyWatch::Blank);
    assert_eq!(told, "13579*0#", "they are told all the same");
    for sound in [&heard, &recorded] {
        for window in sound.chunks(160) {
            for hz in [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0] {
                let level = loudness(window, hz);
                assert!(level < 600.0, "{hz} Hz at {level}");
            }
        }
        let speech = loudness(&sound[800..4000], 230.0);
        assert!(speech > 2500.0, "the speech before them is heard: {speech}");
        let after = sound.len() - 4000;
        assert!(loudness(&sound[after..], 230.0) > 2500.0, "and the speech after them");
    }
    // what is heard comes later by the delay and is otherwise as it was
    let late = usize::try_from(BLANK_DELAY_MS).expect("small") * 8;
    assert_eq!(heard[late + 320..4000], line[320..4000 - late]);
}

#[test]
fn who_begins_to_be_blanked_and_who_ceases_to_be() {
    let mut bench = Bench::new(&[Format::ALaw, Format::ALaw]);
    bench.hear(1, EngineSource::Channel(channel(0)));
    for keys in [KeyWatch::Blank, KeyWatch::Blank, KeyWatch::Report, KeyWatch::Blank, KeyWatch::Pass] {
        let hearing = Hearing::new(&Listen::keys(keys), Country::China);
        bench.tell(EngineCommand::Listen { channel: channel(0), hearing });
        let heard = bench.run_for(1, 20);
        assert!(loudness(&heard[1600..], 500.0) > 7500.0, "{keys:?}");
    }
    bench.run();
    assert_eq!(bench.pool.tx[&channel(1)], bench.pool.rx[&channel(0)], "untouched, without delay");
}

#[test]
fn a_key_that_is_held_while_the_listening_changes_is_one_key() {
    let mut bench = Bench::new(&[Format::L16]);
    let watches = [KeyWatch::Report, KeyWatch::Blank];
    let line = line_with_keys("5");
    let mut told = String::new();
    for (n, frame) in line.chunks_exact(160).enumerate() {
        // other sounds and another way with keys each time
        let voice = (n % 3 == 0).then(crate::media::VoiceSettings::default);
        let sounds = crate::media::Listens { voice, ..crate::media::Listens::default() };
        let listen = Listen { keys: watches[n % 2], sounds };
        let hearing = Hearing::new(&listen, Country::China);
        bench.tell(EngineCommand::Listen { channel: channel(0), hearing });
        let mut bytes = vec![0; 320];
        callcore_codec::encode_sampled(Format::L16, frame, &mut bytes);
        bench.pool.rx.insert(channel(0), bytes);
        bench.engine.run_frame(&mut bench.pool);
        told.extend(bench.events().into_iter().filter_map(|event| match event {
            MediaEvent::Digit { digit, .. } => Some(digit.char()),
            _ => None,
        }));
    }
    assert_eq!(told, "5");
}

#[test]
fn a_muted_party_presses_keys_all_the_same() {
    let mut bench = Bench::new(&[Format::ALaw, Format::ALaw]);
    bench.hear(1, EngineSource::Channel(channel(0)));
    let hearing = Hearing::new(&Listen::keys(KeyWatch::Report), Country::China);
    bench.tell(EngineCommand::Listen { channel: channel(0), hearing });
    let levels = Levels { is_muted: true, ..Levels::default() };
    bench.tell(EngineCommand::Levels { channel: channel(0), levels });
    for frame in line_with_keys("7").chunks_exact(160) {
        let mut bytes = vec![0; 160];
        callcore_codec::encode_sampled(Format::ALaw, frame, &mut bytes);
        bench.pool.rx.insert(channel(0), bytes);
        bench.engine.run_frame(&mut bench.pool);
        let heard = decoded(Format::ALaw, &bench.pool.tx[&channel(1)]);
        assert!(heard.iter().all(|sample| sample.abs() <= 8), "nobody hears it");
    }
    assert!(matches!(bench.events()[..], [MediaEvent::Digit { digit, .. }] if digit.char() == '7'));
}

#[test]
fn voices_and_silence_are_told() {
    let mut bench = Bench::new(&[Format::ALaw]);
    bench.says_hz.clear();
    let voice = crate::media::VoiceSettings { silence_ms: 1000, ..crate::media::VoiceSettings::default() };
    let sounds = crate::media::Listens { voice: Some(voice), ..crate::media::Listens::default() };
    let listen = Listen { sounds, ..Listen::default() };
    let hearing = Hearing::new(&listen, Country::China);
    bench.tell(EngineCommand::Listen { channel: channel(0), hearing });
    bench.run_for(0, 100);
    let is_silence = |event: &MediaEvent| {
        matches!(event, MediaEvent::Heard { heard: crate::media::Heard::SilenceBegan { .. }, .. })
    };
    assert_eq!(bench.events().iter().filter(|event| is_silence(event)).count(), 1);
}
