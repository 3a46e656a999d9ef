//! The media thread neither allocates nor frees: an allocator counts every request that comes while a frame runs.

use assert_no_alloc::{AllocDisabler, assert_no_alloc as forbidden, violation_count};
use callcore::base::Slab;
use callcore::board::{ChannelId, DeviceId, Digits};
use callcore::media::dtmf::Keys;
use callcore::media::plan::{PlayId, RecordingKind, Tone};
use callcore::media::{
    Country, DeviceMap, Engine, EngineCommand, EngineLimits, EngineSource, FrameIo, Garbage, Law, MediaEvent,
    Prompt,
};
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

/// What goes out on a channel comes in on its neighbour; every seventh frame is missing.
struct Loop {
    slots: Vec<Vec<u8>>,
    frame: usize,
}

impl FrameIo for Loop {
    fn rx(&self, channel: ChannelId) -> Option<&[u8]> {
        let index = channel.index as usize;
        if (self.frame + index).is_multiple_of(7) {
            None
        } else {
            self.slots.get(index ^ 1).map(Vec::as_slice)
        }
    }

    fn tx(&mut self, channel: ChannelId) -> Option<&mut [u8]> {
        self.slots.get_mut(channel.index as usize).map(Vec::as_mut_slice)
    }
}

const LAWS: [Law; 3] = [Law::A, Law::Mu, Law::L16];
const CHANNELS: u32 = 24;

fn channel(index: u32) -> ChannelId {
    ChannelId::new(0, index)
}

fn source(n: u32, music: &Arc<Prompt>) -> EngineSource {
    match n % 6 {
        0 => EngineSource::Nothing,
        1 => EngineSource::Prompts {
            play: PlayId(n.into()),
            prompts: [Arc::clone(music), Arc::clone(music)].into(),
        },
        2 => EngineSource::Music(Arc::clone(music)),
        3 => EngineSource::Tone([Tone::Dial, Tone::Ringback, Tone::Busy, Tone::Congestion][n as usize % 4]),
        4 => EngineSource::Prompts { play: PlayId(n.into()), prompts: [].into() },
        _ => EngineSource::Channel(channel((n * 7) % CHANNELS)),
    }
}

/// One run with everything that can be on a channel; the events that came of it.
struct Run {
    engine: Engine,
    io: Loop,
    garbage: Vec<Garbage>,
    events: Vec<MediaEvent>,
}

impl Run {
    fn new() -> Self {
        let limits = EngineLimits {
            frame_samples: 160,
            channels_max: 32,
            devices_max: 2,
            recordings_max: 8,
            events_max: 64,
        };
        let io = Loop { slots: vec![vec![0; 320]; CHANNELS as usize], frame: 0 };
        let engine = Engine::new(&limits, Country::Australia);
        Self { engine, io, garbage: Vec::with_capacity(10_000), events: Vec::with_capacity(10_000) }
    }

    /// Carry out a command as the media thread does: what comes back is only put aside.
    fn tell(&mut self, command: EngineCommand) {
        let garbage = forbidden(|| self.engine.handle(command)).expect("it can be done");
        self.garbage.extend(garbage);
    }

    fn frames(&mut self, count: usize) {
        for _ in 0..count {
            forbidden(|| {
                self.engine.run_frame(&mut self.io);
                while let Some(event) = self.engine.poll_event() {
                    self.events.push(event);
                }
            });
            self.io.frame += 1;
        }
    }
}

#[test]
fn no_frame_and_no_command_allocates_or_frees() {
    let music = Arc::new(Prompt::new((0..1000).map(|n| n * 8).collect::<Vec<i16>>()));
    let mut run = Run::new();
    run.tell(EngineCommand::AddDevice { device: DeviceId(0), map: DeviceMap::new(CHANNELS as usize) });
    let mut recordings: Slab<RecordingKind, ()> = Slab::new(8);
    let mut readers = Vec::new();
    let keys = Keys::new(&Digits::try_from("159D".to_owned()).expect("keys")).expect("not too many");
    for n in 0..CHANNELS {
        run.tell(EngineCommand::Open { channel: channel(n), law: LAWS[n as usize % 3] });
        run.tell(EngineCommand::DetectDigits { channel: channel(n), on: n % 2 == 0 });
        run.tell(EngineCommand::SendDigits { channel: channel(n), keys });
    }
    for n in 0..8 {
        let id = recordings.insert(|_| ()).expect("there is room");
        // half of the rings are too small: they run full, and are read once
        let (sink, reader) = rtrb::RingBuffer::new(if n % 2 == 0 { 1000 } else { 640_000 });
        readers.push((id, reader));
        let (left, right) = (channel(n), Some(channel(n + 8)));
        run.tell(EngineCommand::Record { id, left, right, sink: Some(sink) });
    }
    for round in 0..6 {
        for n in 0..CHANNELS {
            run.tell(EngineCommand::Hear { channel: channel(n), source: source(n + round, &music) });
        }
        run.frames(30);
        for (_, reader) in &mut readers {
            let waiting = reader.slots();
            reader.read_chunk(waiting).expect("they are there").commit_all();
        }
    }
    for (id, _) in &readers {
        run.tell(EngineCommand::StopRecord { id: *id });
    }
    for n in 0..CHANNELS {
        run.tell(EngineCommand::Close { channel: channel(n) });
    }
    run.tell(EngineCommand::RemoveDevice { device: DeviceId(0) });
    assert_eq!(violation_count(), 0);
    let has = |wanted: fn(&MediaEvent) -> bool| run.events.iter().any(wanted);
    assert!(has(|event| matches!(event, MediaEvent::PlayDone { .. })));
    assert!(has(|event| matches!(event, MediaEvent::RecordingGap { .. })));
    assert!(run.garbage.iter().filter(|garbage| matches!(garbage, Garbage::Sink(_))).count() == 8);
}

#[test]
fn the_watch_works() {
    let memory = forbidden(|| vec![1; 100]);
    assert_eq!(violation_count(), 1);
    forbidden(|| drop(memory));
    assert_eq!(violation_count(), 2);
}
