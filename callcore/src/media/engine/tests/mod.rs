//! The engine as a whole: who hears whom, to the sample; and that no order of commands breaks it.

mod clicks;
mod formats;
mod keys;
mod random;

use super::*;
use crate::base::Slab;
use crate::board::DeviceId;
use crate::media::plan::{
    KeyWatch, Levels, Listen, PlayId, RecordingId, RecordingKind, Tap, Tone, Transport,
};
use crate::media::prompt::Prompt;
use crate::media::sine::sin_turns;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The pool of one test: what comes in, and what went out, for each channel.
#[derive(Default)]
struct Pool {
    formats: BTreeMap<ChannelId, Format>,
    rx: BTreeMap<ChannelId, Vec<u8>>,
    tx: BTreeMap<ChannelId, Vec<u8>>,
}

impl FrameIo for Pool {
    fn format(&self, channel: ChannelId) -> Option<Format> {
        self.formats.get(&channel).copied()
    }

    fn rx(&self, channel: ChannelId) -> Option<&[u8]> {
        self.rx.get(&channel).map(Vec::as_slice)
    }

    fn tx(&mut self, channel: ChannelId, format: Format) -> Option<&mut [u8]> {
        let slot = self.tx.entry(channel).or_default();
        slot.resize(format.slot_bytes(160), 0);
        Some(slot)
    }
}

/// An engine with its pool, in which every channel says its own tone.
struct Bench {
    engine: Engine,
    pool: Pool,
    frame: usize,
    /// What each channel says, in hertz; a channel without says nothing, and its frames do not come.
    says_hz: BTreeMap<ChannelId, f64>,
}

const LIMITS: EngineLimits = EngineLimits {
    frame_samples: 160,
    rate_max: Rate::Wide,
    channels_max: 8,
    devices_max: 4,
    recordings_max: 4,
    rooms_max: 4,
    room_exact_max: 64,
    room_loudest: 4,
    events_max: 8,
};

fn voice(format: Format) -> Box<Voice> {
    Box::new(Voice::new(format, &LIMITS).expect("the codec is built in"))
}

fn channel(index: u32) -> ChannelId {
    ChannelId::new(1, index)
}

impl Bench {
    fn new(formats: &[Format]) -> Self {
        let mut bench = Self {
            engine: Engine::new(&LIMITS, Country::China),
            pool: Pool::default(),
            frame: 0,
            says_hz: BTreeMap::new(),
        };
        bench.tell(EngineCommand::AddDevice { device: DeviceId(1), map: DeviceMap::new(formats.len()) });
        for (index, format) in formats.iter().enumerate() {
            let channel = channel(index as u32);
            bench.pool.formats.insert(channel, *format);
            bench.says_hz.insert(channel, 500.0 + 300.0 * index as f64);
            bench.tell(EngineCommand::Open { channel, voice: voice(*format) });
        }
        bench
    }

    fn tell(&mut self, command: EngineCommand) -> Option<Garbage> {
        self.engine.handle(command).expect("it can be done")
    }

    fn hear(&mut self, index: u32, source: EngineSource) -> Option<Garbage> {
        self.tell(EngineCommand::Hear { channel: channel(index), source })
    }

    fn said(&self, channel: ChannelId, frame: usize) -> Vec<i16> {
        let hz = self.says_hz[&channel];
        (frame * 160..(frame + 1) * 160)
            .map(|n| (sin_turns(hz * n as f64 / 8000.0) * 8000.0) as i16)
            .collect()
    }

    /// Run one frame; what each channel was given.
    fn run(&mut self) -> Vec<Vec<i16>> {
        self.pool.rx.clear();
        for (channel, format) in &self.pool.formats {
            if self.says_hz.contains_key(channel) {
                let mut bytes = vec![0; format.slot_bytes(160)];
                callcore_codec::encode_sampled(*format, &self.said(*channel, self.frame), &mut bytes);
                self.pool.rx.insert(*channel, bytes);
            }
        }
        self.engine.run_frame(&mut self.pool);
        self.frame += 1;
        let formats = &self.pool.formats;
        formats
            .iter()
            .map(|(channel, format)| decoded(*format, self.pool.tx.get(channel).map_or(&[], Vec::as_slice)))
            .collect()
    }

    /// Run so many frames; all that channel `index` was given.
    fn run_for(&mut self, index: usize, frames: usize) -> Vec<i16> {
        (0..frames).flat_map(|_| self.run().swap_remove(index)).collect()
    }

    fn events(&mut self) -> Vec<MediaEvent> {
        std::iter::from_fn(|| self.engine.poll_event()).collect()
    }
}

fn decoded(format: Format, bytes: &[u8]) -> Vec<i16> {
    let mut samples = vec![0; bytes.len() * 160 / format.slot_bytes(160)];
    callcore_codec::decode_sampled(format, bytes, &mut samples);
    samples
}

/// How loud a frequency is in samples, as the peak of its sine.
fn loudness(samples: &[i16], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        re += f64::from(*sample) * sin_turns(hz * n as f64 / 8000.0 + 0.25);
        im += f64::from(*sample) * sin_turns(hz * n as f64 / 8000.0);
    }
    re.hypot(im) * 2.0 / samples.len() as f64
}

fn prompt(samples: impl IntoIterator<Item = i16>) -> Arc<Prompt> {
    Arc::new(Prompt::new(samples.into_iter().collect::<Vec<_>>()))
}

fn prompts(play: u64, prompts: &[Arc<Prompt>]) -> EngineSource {
    EngineSource::Prompts { play: PlayId(play), prompts: prompts.into(), transport: Transport::default() }
}

fn recording() -> (RecordingId, Slab<RecordingKind, ()>) {
    let mut slab = Slab::new(4);
    (slab.insert(|_| ()).expect("there is room"), slab)
}

#[test]
fn who_hears_whom_is_exactly_the_plan() {
    for formats in [[Format::ALaw; 4], [Format::ALaw, Format::MuLaw, Format::L16, Format::ALaw]] {
        let mut bench = Bench::new(&formats);
        bench.hear(0, EngineSource::Channel(channel(1)));
        bench.hear(1, EngineSource::Channel(channel(0)));
        bench.hear(2, EngineSource::Tone(Tone::Ringback));
        bench.run();
        let mut heard = vec![Vec::new(); 4];
        for _ in 0..10 {
            bench.run().into_iter().zip(&mut heard).for_each(|(frame, all)| all.extend(frame));
        }
        let expected: [&[f64]; 4] = [&[800.0], &[500.0], &[450.0], &[]];
        for (listener, own) in heard.iter().zip(expected) {
            for hz in [500.0, 800.0, 1100.0, 1400.0, 450.0] {
                let is_loud = loudness(listener, hz) > 5000.0;
                let is_quiet = loudness(listener, hz) < 40.0;
                assert!(
                    if own.contains(&hz) { is_loud } else { is_quiet },
                    "{hz} Hz {}",
                    loudness(listener, hz)
                );
            }
        }
    }
}

#[test]
fn a_listener_hears_the_same_frame_bit_by_bit() {
    let mut bench = Bench::new(&[Format::ALaw, Format::ALaw]);
    bench.hear(0, EngineSource::Channel(channel(1)));
    bench.run();
    for _ in 0..5 {
        bench.run();
        assert_eq!(bench.pool.tx[&channel(0)], bench.pool.rx[&channel(1)], "of this frame, untouched");
        assert_eq!(bench.pool.tx[&channel(1)], [Format::ALaw.silence(); 160]);
    }
}

#[test]
fn prompts_are_heard_to_the_sample_and_their_end_is_told_once() {
    let mut bench = Bench::new(&[Format::L16]);
    let (one, two) = (prompt((1..=250).map(|n| n * 3)), prompt((1..=73).map(|n| -n)));
    bench.hear(0, prompts(7, &[Arc::clone(&one), Arc::clone(&two), prompt([]), one]));
    let heard = bench.run_for(0, 3);
    assert_eq!(bench.events(), [], "93 samples are to come");
    let heard = [heard, bench.run_for(0, 1)].concat();
    let expected: Vec<i16> =
        (1..=250).map(|n| n * 3).chain((1..=73).map(|n| -n)).chain((1..=250).map(|n| n * 3)).collect();
    assert_eq!(heard[..573], expected);
    assert!(heard[573..].iter().all(|sample| *sample == 0));
    let done = MediaEvent::PlayDone { channel: channel(0), play: PlayId(7) };
    assert_eq!(bench.events(), [done]);
    bench.run_for(0, 20);
    assert_eq!(bench.events(), [], "once");
}

#[test]
fn a_playing_of_nothing_is_done_at_once_and_a_replaced_one_never() {
    let mut bench = Bench::new(&[Format::L16]);
    bench.hear(0, prompts(1, &[]));
    bench.run();
    assert_eq!(bench.events(), [MediaEvent::PlayDone { channel: channel(0), play: PlayId(1) }]);
    bench.hear(0, prompts(2, &[prompt([5; 1000])]));
    bench.run();
    assert!(matches!(bench.hear(0, EngineSource::Nothing), Some(Garbage::Heard(HeardThings::Prompts(_)))));
    bench.run_for(0, 10);
    assert_eq!(bench.events(), []);
}

#[test]
fn music_is_at_the_same_place_for_everybody() {
    let mut bench = Bench::new(&[Format::L16, Format::L16]);
    let music = prompt((0..4001).map(|n| n * 7));
    bench.hear(0, EngineSource::Music(Arc::clone(&music)));
    bench.run_for(0, 13);
    bench.hear(1, EngineSource::Music(music));
    bench.run();
    for _ in 0..60 {
        let frames = bench.run();
        assert_eq!(frames[0], frames[1]);
    }
}

#[test]
fn a_recording_has_both_sides_of_the_same_frame_and_no_gap_when_a_side_changes() {
    let mut bench = Bench::new(&[Format::ALaw, Format::MuLaw, Format::L16]);
    let (id, _slab) = recording();
    let (sink, mut source) = rtrb::RingBuffer::new(64_000);
    bench.run();
    bench.tell(EngineCommand::Record {
        id,
        left: Tap::said(channel(0)),
        right: None,
        is_masked: false,
        sink: Some(sink),
    });
    let mut expected = Vec::new();
    for (frame, right) in [None, Some(1), Some(1), Some(2), None, Some(9)].into_iter().enumerate() {
        bench.tell(EngineCommand::Record {
            id,
            left: Tap::said(channel(0)),
            right: right.map(|index| Tap::said(channel(index))),
            is_masked: false,
            sink: None,
        });
        bench.run();
        let left = decoded(Format::ALaw, &bench.pool.rx[&channel(0)]);
        let right = match right.filter(|right| *right < 3).map(channel) {
            Some(right) => decoded(bench.pool.formats[&right], &bench.pool.rx[&right]),
            None => vec![0; 160],
        };
        expected.extend(left.into_iter().zip(right).flat_map(|(left, right)| [left, right]));
        assert_eq!(source.slots(), (frame + 1) * 320);
    }
    let Some(Garbage::Sink(sink)) = bench.tell(EngineCommand::StopRecord { id }) else {
        panic!("the sink comes back")
    };
    drop(sink);
    assert!(source.is_abandoned());
    let recorded: Vec<i16> = std::iter::from_fn(|| source.pop().ok()).collect();
    assert_eq!(recorded.len(), expected.len());
    // the first frame may be faded in
    let smoothed = 320;
    assert_eq!(recorded[smoothed..960], expected[smoothed..960]);
    assert_eq!(bench.events(), []);
}

#[test]
fn a_full_ring_is_a_gap_that_is_told_once_and_counted_right() {
    let mut bench = Bench::new(&[Format::ALaw, Format::ALaw]);
    let (id, _slab) = recording();
    let (sink, mut source) = rtrb::RingBuffer::new(3 * 320 + 100);
    bench.tell(EngineCommand::Record {
        id,
        left: Tap::said(channel(0)),
        right: Some(Tap::said(channel(1))),
        is_masked: false,
        sink: Some(sink),
    });
    bench.run_for(0, 8);
    assert_eq!(bench.events(), []);
    assert_eq!(source.slots(), 960, "whole frames only");
    source.read_chunk(960).expect("they are there").commit_all();
    bench.run_for(0, 2);
    assert_eq!(bench.events(), [MediaEvent::RecordingGap { id, frames: 5 }]);
    bench.run_for(0, 4);
    bench.tell(EngineCommand::StopRecord { id });
    assert_eq!(bench.events(), [MediaEvent::RecordingGap { id, frames: 3 }]);
    assert_eq!(bench.engine.stats().record_frames_dropped, 8);
}

#[test]
fn keys_are_sent_over_what_is_heard_and_detected_where_that_is_wanted() {
    let mut bench = Bench::new(&[Format::ALaw, Format::ALaw]);
    // what channel 0 is sent, comes in on channel 1
    bench.hear(0, EngineSource::Tone(Tone::Dial));
    let digits = crate::board::Digits::try_from("19#".to_owned()).expect("keys");
    let keys = Keys::new(&digits).expect("not too many");
    let listen = Listen::keys(KeyWatch::Report);
    bench.tell(EngineCommand::SendDigits { channel: channel(0), keys, form: KeyForm::default() });
    bench.tell(EngineCommand::Listen { channel: channel(1), hearing: Hearing::new(&listen, Country::China) });
    let mut sent = Vec::new();
    for _ in 0..60 {
        bench.engine.run_frame(&mut bench.pool);
        let frame = bench.pool.tx[&channel(0)].clone();
        sent.extend(decoded(Format::ALaw, &frame));
        bench.pool.rx.insert(channel(1), frame);
    }
    let heard: String = bench
        .events()
        .into_iter()
        .map(|event| match event {
            MediaEvent::Digit { channel: at, digit } if at == channel(1) => digit.char(),
            _ => '?',
        })
        .collect();
    assert_eq!(heard, "19#");
    assert!(loudness(&sent[3840..], 450.0) > 7000.0, "after the keys the tone is heard again");
    assert!(loudness(&sent[640..1280], 450.0) < 10.0, "and not between them");
}

#[test]
fn a_closed_channel_is_heard_and_recorded_as_silence() {
    let mut bench = Bench::new(&[Format::ALaw, Format::L16]);
    bench.hear(1, EngineSource::Channel(channel(0)));
    bench.run_for(0, 2);
    bench.tell(EngineCommand::Close { channel: channel(0) });
    bench.run();
    assert_eq!(bench.run()[1], [0; 160]);
    bench.tell(EngineCommand::Open { channel: channel(0), voice: voice(Format::ALaw) });
    bench.run();
    assert!(loudness(&bench.run()[1], 500.0) > 7000.0, "who hears whom is a matter of the listener");
}

#[test]
fn commands_that_cannot_be_are_refused_with_all_they_carry() {
    let mut bench = Bench::new(&[Format::ALaw]);
    let mut refused = |command| bench.engine.handle(command).map(|_| ()).expect_err("it cannot be").why;
    assert_eq!(
        refused(EngineCommand::Open { channel: channel(0), voice: voice(Format::ALaw) }),
        EngineRefusal::AlreadyOpen
    );
    assert_eq!(
        refused(EngineCommand::Open { channel: channel(1), voice: voice(Format::ALaw) }),
        EngineRefusal::NoSuchChannel
    );
    let other = ChannelId::new(3, 0);
    assert_eq!(
        refused(EngineCommand::Open { channel: other, voice: voice(Format::ALaw) }),
        EngineRefusal::NoSuchChannel
    );
    assert_eq!(refused(EngineCommand::Close { channel: other }), EngineRefusal::NotOpen);
    let map = || DeviceMap::new(1);
    assert_eq!(refused(EngineCommand::AddDevice { device: DeviceId(4), map: map() }), EngineRefusal::NoRoom);
    assert_eq!(
        refused(EngineCommand::AddDevice { device: DeviceId(1), map: map() }),
        EngineRefusal::AlreadyAdded
    );
    let (id, mut slab) = recording();
    let record =
        |id, sink| EngineCommand::Record { id, left: Tap::said(other), right: None, is_masked: false, sink };
    assert_eq!(refused(record(id, None)), EngineRefusal::NotRecording);
    assert_eq!(refused(EngineCommand::StopRecord { id }), EngineRefusal::NotRecording);
    assert_eq!(bench.tell(record(id, Some(rtrb::RingBuffer::new(1).0))).map(|_| ()), None);
    slab.remove(id);
    let next = slab.insert(|_| ()).expect("there is room");
    let error =
        bench.engine.handle(record(next, Some(rtrb::RingBuffer::new(1).0))).expect_err("the place is taken");
    assert_eq!(error.why, EngineRefusal::RecordingBusy);
    assert!(matches!(error.command, EngineCommand::Record { sink: Some(_), .. }), "the sink is not lost");
}

#[test]
fn a_device_that_goes_takes_its_channels_along() {
    let mut bench = Bench::new(&[Format::ALaw; 3]);
    bench.hear(1, prompts(1, &[prompt([1; 1000])]));
    assert!(matches!(bench.tell(EngineCommand::RemoveDevice { device: DeviceId(1) }), Some(Garbage::Map(_))));
    assert_eq!(bench.engine.open_channels(), 0);
    bench.run_for(0, 20);
    assert_eq!(bench.events(), []);
    bench.tell(EngineCommand::AddDevice { device: DeviceId(2), map: DeviceMap::new(8) });
    let left_behind = (0..8).filter_map(|index| {
        let channel = ChannelId::new(2, index);
        bench.tell(EngineCommand::Open { channel, voice: voice(Format::MuLaw) })
    });
    assert_eq!(left_behind.count(), 3, "what they had comes back when their places are used again");
    assert_eq!(bench.engine.open_channels(), 8);
}

#[test]
fn frames_may_be_of_10_ms() {
    let limits = EngineLimits { frame_samples: 80, ..LIMITS };
    let mut engine = Engine::new(&limits, Country::China);
    let mut pool = Pool::default();
    engine
        .handle(EngineCommand::AddDevice { device: DeviceId(1), map: DeviceMap::new(2) })
        .expect("it can be done");
    for index in 0..2 {
        pool.formats.insert(channel(index), Format::L16);
        engine
            .handle(EngineCommand::Open {
                channel: channel(index),
                voice: Box::new(Voice::new(Format::L16, &limits).expect("it needs no codec")),
            })
            .expect("it can be done");
    }
    let sound = prompt((1..=200).map(|n| n * 5));
    engine
        .handle(EngineCommand::Hear { channel: channel(0), source: prompts(1, &[sound]) })
        .expect("it can be done");
    let source = EngineSource::Channel(channel(0));
    engine.handle(EngineCommand::Hear { channel: channel(1), source }).expect("it can be done");
    let mut heard = Vec::new();
    for frame in 0..3u8 {
        assert_eq!(engine.poll_event(), None);
        pool.rx.insert(channel(0), vec![frame; 160]);
        engine.run_frame(&mut pool);
        heard.extend(decoded(Format::L16, &pool.tx[&channel(0)][..160]));
        if frame > 0 {
            assert_eq!(pool.tx[&channel(1)][..160], [frame; 160]);
        }
    }
    assert_eq!(heard[..200], (1..=200).map(|n| n * 5).collect::<Vec<_>>());
    assert_eq!(engine.poll_event(), Some(MediaEvent::PlayDone { channel: channel(0), play: PlayId(1) }));
}
