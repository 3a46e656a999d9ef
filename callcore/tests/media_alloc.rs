//! The media thread neither allocates nor frees: an allocator counts every request that comes while a frame runs.

use assert_no_alloc::{AllocDisabler, assert_no_alloc as forbidden, violation_count};
use callcore::base::Slab;
use callcore::board::{ChannelId, DeviceId, Digits};
use callcore::media::dtmf::{KeyForm, Keys};
use callcore::media::plan::{PlayId, RecordingKind, RoomKind, Tone};
use callcore::media::{
    Country, DeviceMap, Engine, EngineCommand, EngineLimits, EngineRefused, EngineSource, FrameIo, Garbage,
    Hearing, Jump, KeyWatch, Levels, Listen, MediaEvent, Prompt, Role, RoomId, Seat, Sound, Tap, Transport,
    Voice,
};
use callcore_codec::{Format, Rate};
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

/// What goes out on a channel comes in on its neighbour; every seventh frame is missing.
struct Loop {
    slots: Vec<Vec<u8>>,
    frame: usize,
    /// By how many places the formats of the channels are turned: a new one is a call that changes its codec.
    turned: usize,
}

impl FrameIo for Loop {
    fn format(&self, channel: ChannelId) -> Option<Format> {
        Some(Format::ALL[(channel.index as usize / 2 + self.turned) % Format::ALL.len()])
    }

    fn rx(&self, channel: ChannelId) -> Option<&[u8]> {
        let index = channel.index as usize;
        if (self.frame + index).is_multiple_of(7) {
            None
        } else {
            self.slots.get(index ^ 1).map(Vec::as_slice)
        }
    }

    fn tx(&mut self, channel: ChannelId, format: Format) -> Option<&mut [u8]> {
        self.slots.get_mut(channel.index as usize)?.get_mut(..format.slot_bytes(160))
    }
}

const CHANNELS: u32 = 24;
const LIMITS: EngineLimits = EngineLimits {
    frame_samples: 160,
    rate_max: Rate::Full,
    channels_max: 32,
    devices_max: 2,
    recordings_max: 8,
    rooms_max: 2,
    room_exact_max: 3,
    room_loudest: 2,
    events_max: 64,
};

fn channel(index: u32) -> ChannelId {
    ChannelId::new(0, index)
}

fn source(n: u32, music: &Arc<Prompt>, room: RoomId) -> EngineSource {
    let transport = Transport { speed_percent: [100, 150][n as usize / 7 % 2], ..Transport::default() };
    match n % 7 {
        0 => EngineSource::Nothing,
        1 => EngineSource::Prompts {
            play: PlayId(n.into()),
            prompts: [Arc::clone(music), Arc::clone(music)].into(),
            transport,
        },
        2 => EngineSource::Music(Arc::clone(music)),
        3 => EngineSource::Tone([Tone::Dial, Tone::Ringback, Tone::Busy, Tone::Congestion][n as usize % 4]),
        4 => EngineSource::Prompts { play: PlayId(n.into()), prompts: [].into(), transport },
        5 => {
            let roles = [Role::Talk, Role::Listen, Role::Moderate, Role::Coach(channel(n / 2))];
            EngineSource::Room(Seat { room, role: roles[n as usize / 7 % 4] })
        }
        _ => EngineSource::Channel(channel((n * 7) % CHANNELS)),
    }
}

fn voice(format: Format) -> Box<Voice> {
    Box::new(Voice::new(format, &LIMITS).expect("every codec is built in"))
}

/// One run with everything that can be on a channel; the events that came of it.
struct Run {
    engine: Engine,
    io: Loop,
    garbage: Vec<Garbage>,
    events: Vec<MediaEvent>,
    refused: Vec<EngineRefused>,
}

impl Run {
    fn new() -> Self {
        let io = Loop { slots: vec![vec![0; 1920]; CHANNELS as usize], frame: 0, turned: 0 };
        let engine = Engine::new(&LIMITS, Country::Australia);
        Self {
            engine,
            io,
            garbage: Vec::with_capacity(10_000),
            events: Vec::with_capacity(10_000),
            refused: Vec::with_capacity(1000),
        }
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
            while let Some((channel, format)) = forbidden(|| self.engine.poll_want()) {
                self.tell(EngineCommand::SetVoice { channel, voice: voice(format) });
            }
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
    let mut rooms: Slab<RoomKind, ()> = Slab::new(2);
    let room = rooms.insert(|_| ()).expect("there is room");
    for n in 0..CHANNELS {
        let format = run.io.format(channel(n)).expect("it is there");
        run.tell(EngineCommand::Open { channel: channel(n), voice: voice(format) });
        run.tell(EngineCommand::SendDigits { channel: channel(n), keys, form: KeyForm::default() });
    }
    for n in 0..8 {
        let id = recordings.insert(|_| ()).expect("there is room");
        // half of the rings are too small: they run full, and are read once
        let (sink, reader) = rtrb::RingBuffer::new(if n % 2 == 0 { 1000 } else { 640_000 });
        readers.push((id, reader));
        let of = [Sound::Said, Sound::Heard, Sound::Both][n as usize % 3];
        let (left, right) = (Tap { channel: channel(n), of }, Some(Tap { channel: channel(n + 8), of }));
        run.tell(EngineCommand::Record { id, left, right, is_masked: n == 7, sink: Some(sink) });
    }
    for round in 0..14 {
        for n in 0..CHANNELS {
            let channel = channel(n);
            run.tell(EngineCommand::Hear { channel, source: source(n + round, &music, room) });
            let keys = [KeyWatch::Pass, KeyWatch::Report, KeyWatch::Blank][(n + round) as usize % 3];
            run.tell(EngineCommand::Listen {
                channel,
                hearing: Hearing::new(&Listen::keys(keys), Country::China),
            });
            let levels =
                Levels { said_db: (n % 3) as i8 - 1, heard_db: (n % 5) as i8 / 2, is_muted: n % 9 == 8 };
            run.tell(EngineCommand::Levels { channel, levels });
        }
        run.frames(15);
        for n in 0..CHANNELS {
            let (channel, play) = (channel(n), PlayId((n + round).into()));
            let transport = Transport { jumps: 1, jump: Jump::By(-20), ..Transport::default() };
            let command = EngineCommand::Transport { channel, play, transport };
            // those that play nothing refuse
            run.refused.extend(forbidden(|| run.engine.handle(command)).err());
        }
        run.io.turned += 1;
        run.frames(15);
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
