//! The media engine makes no system call, whatever it has to do.
#![cfg(target_os = "linux")]

use callcore::base::Slab;
use callcore::board::{ChannelId, DeviceId, Digits};
use callcore::media::dtmf::{KeyForm, Keys};
use callcore::media::plan::{PlayId, RecordingKind, RoomKind};
use callcore::media::{
    Country, DeviceMap, Engine, EngineCommand, EngineLimits, EngineSource, Format, FrameIo, Hearing,
    KeyWatch, Listen, Listens, Prompt, Rate, Role, Seat, Tap, Tone, Transport, Voice,
};
use callcore_driver_sdk::testkit::steps_without_system_call;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const CHANNELS: u32 = 48;
const FRAMES: u64 = 500;

struct Loop(Vec<Vec<u8>>);

fn format(index: u32) -> Format {
    Format::ALL[index as usize % Format::ALL.len()]
}

impl FrameIo for Loop {
    fn format(&self, channel: ChannelId) -> Option<Format> {
        Some(format(channel.index))
    }

    fn rx(&self, channel: ChannelId) -> Option<&[u8]> {
        // now and then a frame is missing
        let slot = &self.0[channel.index as usize];
        (slot[1] % 9 != 8).then_some(slot)
    }

    fn tx(&mut self, channel: ChannelId, format: Format) -> Option<&mut [u8]> {
        self.0.get_mut(channel.index as usize)?.get_mut(..format.slot_bytes(160))
    }
}

fn source(index: u32, sound: &Arc<Prompt>, seat: Seat) -> EngineSource {
    match index / 8 {
        0 => EngineSource::Channel(ChannelId::new(0, index + 8)),
        1 => EngineSource::Room(seat),
        2 => EngineSource::Prompts {
            play: PlayId(1),
            prompts: vec![Arc::clone(sound); 20].into(),
            transport: Transport { speed_percent: 150, ..Transport::default() },
        },
        3 => EngineSource::Music(Arc::clone(sound)),
        4 => EngineSource::Tone(Tone::Ringback),
        _ => EngineSource::Nothing,
    }
}

/// An engine in which everything happens that can.
fn busy_engine() -> (Engine, Loop, Vec<rtrb::Consumer<i16>>) {
    let limits =
        EngineLimits { channels_max: CHANNELS as usize, rate_max: Rate::Full, ..EngineLimits::default() };
    let mut engine = Engine::new(&limits, Country::China);
    let mut tell = |command| drop(engine.handle(command).expect("it can be done"));
    tell(EngineCommand::AddDevice { device: DeviceId(0), map: DeviceMap::new(CHANNELS as usize) });
    let sound = Arc::new(Prompt::new((0..8000).map(|n| (n * 37 % 9000) as i16).collect::<Vec<_>>()));
    let room = Slab::<RoomKind, ()>::new(1).insert(|_| ()).expect("there is room");
    let seat = Seat { room, role: Role::Talk };
    let keys = Keys::new(&Digits::try_from("159D".to_owned()).expect("keys")).expect("not too many");
    let sounds = Listens {
        progress: true,
        fax: true,
        voice: Some(Default::default()),
        answer: Some(Default::default()),
    };
    let mut recordings: Slab<RecordingKind, ()> = Slab::new(CHANNELS as usize);
    let mut readers = Vec::new();
    for index in 0..CHANNELS {
        let channel = ChannelId::new(0, index);
        let voice = Box::new(Voice::new(format(index), &limits).expect("every codec is built in"));
        tell(EngineCommand::Open { channel, voice });
        tell(EngineCommand::Hear { channel, source: source(index, &sound, seat) });
        let keys_watch = if index % 2 == 0 { KeyWatch::Blank } else { KeyWatch::Report };
        let listen = Listen { keys: keys_watch, sounds };
        tell(EngineCommand::Listen { channel, hearing: Hearing::new(&listen, Country::China) });
        tell(EngineCommand::SendDigits { channel, keys, form: KeyForm::default() });
        let (sink, reader) = rtrb::RingBuffer::new(4000);
        readers.push(reader);
        let id = recordings.insert(|_| ()).expect("there is room");
        let left = Tap::said(channel);
        tell(EngineCommand::Record { id, left, right: None, is_masked: false, sink: Some(sink) });
    }
    (engine, Loop(vec![vec![1; 2000]; CHANNELS as usize]), readers)
}

/// Frames run by a thread that may make no system call.
fn frames_run(body: impl Fn() + Send + 'static) -> u64 {
    steps_without_system_call(FRAMES, move || {
        let (mut engine, mut io, readers) = busy_engine();
        move || {
            // read by nobody: they are there so that the engine has somewhere to write to
            let _ = &readers;
            engine.run_frame(&mut io);
            while engine.poll_event().is_some() {}
            body();
        }
    })
}

#[test]
fn five_hundred_busy_frames_make_no_system_call() {
    assert_eq!(frames_run(|| {}), FRAMES);
    // and one who makes a call is found out
    let frame = AtomicU64::new(0);
    let yields_once = move || {
        if frame.fetch_add(1, Ordering::Relaxed) == 10 {
            std::thread::yield_now();
        }
    };
    assert_eq!(frames_run(yields_once), 10);
}
