//! Channels of different formats: bytes that pass as they are, sound that is coded anew, a codec that changes in a call.

use super::*;
use crate::media::prompt::{Forms, Sound};

/// A channel's far end: codes what it says, and decodes what it is given.
struct FarEnd {
    format: Format,
    encoder: Box<dyn callcore_codec::Encoder>,
    decoder: Box<dyn callcore_codec::Decoder>,
    said: usize,
}

impl FarEnd {
    fn new(format: Format) -> Self {
        let encoder = callcore_codec::new_encoder(format).expect("it is built in");
        let decoder = callcore_codec::new_decoder(format).expect("it is built in");
        Self { format, encoder, decoder, said: 0 }
    }

    /// The next frame of its tone, as it comes in.
    fn say(&mut self, hz: f64) -> Vec<u8> {
        let (rate, length) = (f64::from(self.format.rate().hz()), self.format.rate().samples(20));
        let samples: Vec<i16> = (self.said..self.said + length)
            .map(|n| (sin_turns(hz * n as f64 / rate) * 8000.0) as i16)
            .collect();
        self.said += length;
        let mut slot = vec![0; self.format.slot_bytes(160)];
        let head = if self.format.has_length() { 2 } else { 0 };
        let used = self.encoder.encode(&samples, &mut slot[head..]).expect("it fits");
        if head > 0 {
            slot[..2].copy_from_slice(&(used as u16).to_ne_bytes());
        }
        slot
    }

    fn hear(&mut self, slot: &[u8]) -> Vec<i16> {
        let payload = match slot.split_first_chunk::<2>() {
            Some((head, rest)) if self.format.has_length() => &rest[..usize::from(u16::from_ne_bytes(*head))],
            _ => slot,
        };
        let mut samples = vec![0; self.format.rate().samples(20)];
        self.decoder.fill(payload, &mut samples);
        samples
    }
}

/// How loud a tone is, at the rate of the samples.
fn loud(samples: &[i16], hz: f64, rate: Rate) -> f64 {
    loudness(samples, hz * 8000.0 / f64::from(rate.hz()))
}

const FORMATS: [Format; 7] =
    [Format::ALaw, Format::MuLaw, Format::L16, Format::L16Wide, Format::G722, Format::G729, Format::Opus];

/// Two channels hear each other; what the second one's far end is given of the first one's tone.
fn through(from: Format, to: Format, hz: f64) -> (Bench, Vec<i16>) {
    let mut bench = Bench::new(&[from, to]);
    bench.hear(0, EngineSource::Channel(channel(1)));
    bench.hear(1, EngineSource::Channel(channel(0)));
    let mut ends = [FarEnd::new(from), FarEnd::new(to)];
    let mut heard = Vec::new();
    for frame in 0..60 {
        for (index, end) in ends.iter_mut().enumerate() {
            bench.pool.rx.insert(channel(index as u32), end.say(if index == 0 { hz } else { 400.0 }));
        }
        bench.engine.run_frame(&mut bench.pool);
        let samples = ends[1].hear(&bench.pool.tx[&channel(1)]);
        if frame >= 20 {
            heard.extend(samples);
        }
    }
    (bench, heard)
}

#[test]
fn every_format_is_heard_in_every_other() {
    for from in FORMATS {
        for to in FORMATS {
            let (_, heard) = through(from, to, 700.0);
            let level = loud(&heard, 700.0, to.rate());
            // G.729 models speech, not sines
            let least = if from == Format::G729 || to == Format::G729 { 3000.0 } else { 6500.0 };
            assert!((least..9500.0).contains(&level), "{from:?} to {to:?}: {level}");
            let other = loud(&heard, 400.0, to.rate());
            assert!(other < 800.0, "{from:?} to {to:?}: nothing of the other direction, {other}");
        }
    }
}

#[test]
fn wideband_phones_hear_each_other_in_full() {
    for (from, to) in
        [(Format::G722, Format::Opus), (Format::L16Wide, Format::G722), (Format::Opus, Format::L16Wide)]
    {
        let (_, heard) = through(from, to, 5300.0);
        let level = loud(&heard, 5300.0, to.rate());
        assert!(level > 4000.0, "{from:?} to {to:?}: 5300 Hz at {level}");
    }
}

#[test]
fn payloads_of_one_format_pass_byte_for_byte() {
    for format in FORMATS {
        let (bench, _) = through(format, format, 700.0);
        assert_eq!(bench.pool.tx[&channel(1)], bench.pool.rx[&channel(0)], "{format:?}");
    }
}

#[test]
fn a_codec_that_changes_in_a_call_costs_nothing_of_a_prompt() {
    let mut bench = Bench::new(&[Format::L16]);
    let sound: Vec<i16> = (1..=1600).collect();
    bench.hear(0, prompts(1, &[prompt(sound.iter().copied())]));
    let mut heard = bench.run_for(0, 3);
    bench.pool.formats.insert(channel(0), Format::L16Wide);
    bench.pool.tx.clear();
    for _ in 0..2 {
        bench.engine.run_frame(&mut bench.pool);
        assert!(bench.pool.tx.is_empty(), "nothing is sent in a format that is not wanted any more");
    }
    assert_eq!(bench.engine.poll_want(), Some((channel(0), Format::L16Wide)));
    assert_eq!(bench.engine.poll_want(), None, "asked for once");
    assert_eq!(bench.engine.stats().frames_without_voice, 2);
    bench.tell(EngineCommand::SetVoice { channel: channel(0), voice: voice(Format::L16Wide) });
    bench.engine.run_frame(&mut bench.pool);
    assert_eq!(bench.pool.tx[&channel(0)].len(), 640);
    bench.pool.formats.insert(channel(0), Format::L16);
    bench.engine.run_frame(&mut bench.pool);
    assert_eq!(bench.engine.poll_want(), Some((channel(0), Format::L16)));
    bench.tell(EngineCommand::SetVoice { channel: channel(0), voice: voice(Format::L16) });
    heard.extend(bench.run_for(0, 6));
    assert_eq!(heard[..480], sound[..480]);
    // one frame was heard at 16 kHz in between
    assert_eq!(heard[480..1440], sound[640..]);
    assert_eq!(bench.events(), [MediaEvent::PlayDone { channel: channel(0), play: PlayId(1) }]);
}

#[test]
fn the_other_law_needs_no_new_voice() {
    let mut bench = Bench::new(&[Format::ALaw, Format::ALaw]);
    bench.hear(1, EngineSource::Channel(channel(0)));
    bench.run_for(1, 3);
    bench.pool.formats.insert(channel(1), Format::MuLaw);
    let heard = bench.run_for(1, 20);
    assert!(loudness(&heard[160..], 500.0) > 7500.0);
    assert_eq!(bench.engine.poll_want(), None);
}

#[test]
fn a_prompt_that_is_kept_in_the_channels_law_is_sent_as_it_is() {
    let samples: Vec<i16> = (0..8000).map(|n| (sin_turns(f64::from(n) * 0.05) * 9000.0) as i16).collect();
    let sound = Sound { samples, rate_hz: 8000 };
    let coded = Arc::new(Prompt::of(&sound, Forms::default().with(Format::ALaw)));
    for source in [EngineSource::Music(Arc::clone(&coded)), prompts(1, &[Arc::clone(&coded)])] {
        let mut bench = Bench::new(&[Format::ALaw]);
        bench.hear(0, source);
        let mut sent = Vec::new();
        for _ in 0..50 {
            bench.run();
            sent.extend(bench.pool.tx[&channel(0)].clone());
        }
        assert_eq!(Some(&sent[..]), coded.coded(Format::ALaw), "byte for byte");
    }
}

#[test]
fn wide_prompts_are_heard_wide() {
    let samples: Vec<i16> =
        (0..32_000).map(|n| (sin_turns(f64::from(n) * 5300.0 / 16_000.0) * 9000.0) as i16).collect();
    let sound = Sound { samples, rate_hz: 16_000 };
    let wide = Arc::new(Prompt::of(&sound, Forms { wide: true, ..Forms::default() }));
    let mut bench = Bench::new(&[Format::L16Wide]);
    bench.hear(0, prompts(1, &[wide]));
    let mut heard = Vec::new();
    for _ in 0..100 {
        bench.engine.run_frame(&mut bench.pool);
        let slot = &bench.pool.tx[&channel(0)];
        let mut samples = [0; 320];
        callcore_codec::decode_sampled(Format::L16Wide, slot, &mut samples);
        heard.extend(samples);
    }
    assert!(loud(&heard[3200..], 5300.0, Rate::Wide) > 8000.0);
    assert_eq!(bench.events().len(), 1, "its end is told in time");
}

#[test]
fn a_voice_that_is_too_wide_for_the_engine_is_refused() {
    let limits = EngineLimits { rate_max: Rate::Narrow, ..LIMITS };
    let mut engine = Engine::new(&limits, Country::China);
    engine
        .handle(EngineCommand::AddDevice { device: DeviceId(1), map: DeviceMap::new(1) })
        .expect("it is new");
    let open = EngineCommand::Open { channel: channel(0), voice: voice(Format::G722) };
    assert_eq!(engine.handle(open).map(|_| ()).expect_err("it is").why, EngineRefusal::RateTooHigh);
}

/// A far end with G.729 annex B says once how its room sounds, and then nothing until somebody speaks.
#[test]
fn the_noise_of_a_silent_far_end_lasts_as_long_as_its_silence() {
    let heard = |description: &[u8]| {
        let mut bench = Bench::new(&[Format::G729, Format::L16]);
        bench.hear(1, EngineSource::Channel(channel(0)));
        let mut end = FarEnd::new(Format::G729);
        let mut last = Vec::new();
        for frame in 0..150 {
            let slot = match frame {
                0..20 | 140.. => Some(end.say(700.0)),
                20 if !description.is_empty() => {
                    let mut slot = (description.len() as u16).to_ne_bytes().to_vec();
                    slot.extend(description);
                    slot.resize(Format::G729.slot_bytes(160), 0);
                    Some(slot)
                }
                _ => None,
            };
            match slot {
                Some(slot) => drop(bench.pool.rx.insert(channel(0), slot)),
                None => drop(bench.pool.rx.remove(&channel(0))),
            }
            bench.engine.run_frame(&mut bench.pool);
            if (100..140).contains(&frame) {
                last.extend(decoded(Format::L16, &bench.pool.tx[&channel(1)]));
            }
        }
        let speaks = decoded(Format::L16, &bench.pool.tx[&channel(1)]);
        assert!(speaks.iter().any(|sample| sample.abs() > 2000), "and is heard again");
        last
    };
    let noise = heard(&[0x5A, 0x5E]);
    let loud = noise.iter().filter(|sample| **sample != 0).count();
    assert!(loud > noise.len() / 2, "noise in {loud} of {} samples", noise.len());
    assert!(heard(&[]).iter().all(|sample| *sample == 0), "what is only lost is silence");
}
