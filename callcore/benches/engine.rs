//! What one channel costs in one frame, by what happens on it and by how many channels there are.
//!
//! `cargo bench -p callcore --bench engine`. All cases run in turns inside one run, so that a machine that changes its
//! speed changes it for all; a figure is the median of its turns.

use callcore::base::Slab;
use callcore::board::{ChannelId, DeviceId};
use callcore::media::plan::{PlayId, RecordingKind, Tone};
use callcore::media::{
    Country, DeviceMap, Engine, EngineCommand, EngineLimits, EngineSource, FrameIo, Law, Prompt,
};
use std::sync::Arc;
use std::time::Instant;

const TURNS: usize = 40;
const FRAMES_PER_TURN: usize = 10;
/// As in the driver contract: a multiple of 64.
const STRIDE: usize = 320;

/// A pool as the host has it: one block in, one out.
struct Pool {
    rx: Vec<u8>,
    tx: Vec<u8>,
    lossy: bool,
}

impl FrameIo for Pool {
    fn rx(&self, channel: ChannelId) -> Option<&[u8]> {
        let at = channel.index as usize;
        if self.lossy && at.is_multiple_of(2) { None } else { self.rx.get(at * STRIDE..(at + 1) * STRIDE) }
    }

    fn tx(&mut self, channel: ChannelId) -> Option<&mut [u8]> {
        let at = channel.index as usize;
        self.tx.get_mut(at * STRIDE..(at + 1) * STRIDE)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Case {
    Closed,
    Nothing,
    Prompt,
    Music,
    Ringback,
    Bridge,
    BridgeAcrossLaws,
    BridgeLossy,
    BridgeRecorded,
    Digits,
}

const CASES: [(Case, &str); 10] = [
    (Case::Closed, "closed"),
    (Case::Nothing, "open, hears nothing"),
    (Case::Prompt, "prompt"),
    (Case::Music, "music"),
    (Case::Ringback, "tone of two parts"),
    (Case::Bridge, "bridge"),
    (Case::BridgeAcrossLaws, "bridge, A-law to L16"),
    (Case::BridgeLossy, "bridge, half concealed"),
    (Case::BridgeRecorded, "bridge, recorded"),
    (Case::Digits, "bridge, keys listened for"),
];

/// An engine full of channels of one case.
struct Load {
    engine: Engine,
    pool: Pool,
    readers: Vec<rtrb::Consumer<i16>>,
}

impl Load {
    fn new(case: Case, channels: u32) -> Self {
        let limits = EngineLimits {
            frame_samples: 160,
            channels_max: channels as usize,
            devices_max: 1,
            recordings_max: channels as usize,
            events_max: 1000,
        };
        let size = channels as usize * STRIDE;
        let noise = |n: usize| (n.wrapping_mul(2_654_435_761) >> 13) as u8;
        let pool =
            Pool { rx: (0..size).map(noise).collect(), tx: vec![0; size], lossy: case == Case::BridgeLossy };
        let mut load =
            Self { engine: Engine::new(&limits, Country::UnitedStates), pool, readers: Vec::new() };
        load.tell(EngineCommand::AddDevice { device: DeviceId(0), map: DeviceMap::new(channels as usize) });
        let sound = Arc::new(Prompt::new(vec![1234; 8000 * 60]));
        if case != Case::Closed {
            (0..channels).for_each(|index| load.open(case, index, &sound));
        }
        if case == Case::BridgeRecorded {
            load.record(channels);
        }
        load
    }

    fn tell(&mut self, command: EngineCommand) {
        drop(self.engine.handle(command).expect("it can be done"));
    }

    fn open(&mut self, case: Case, index: u32, sound: &Arc<Prompt>) {
        let channel = ChannelId::new(0, index);
        let law = if case == Case::BridgeAcrossLaws && index % 2 == 1 { Law::L16 } else { Law::A };
        self.tell(EngineCommand::Open { channel, law });
        let source = match case {
            Case::Closed | Case::Nothing => EngineSource::Nothing,
            Case::Prompt => EngineSource::Prompts { play: PlayId(1), prompts: [Arc::clone(sound)].into() },
            Case::Music => EngineSource::Music(Arc::clone(sound)),
            Case::Ringback => EngineSource::Tone(Tone::Dial),
            _ => EngineSource::Channel(ChannelId::new(0, index ^ 1)),
        };
        self.tell(EngineCommand::Hear { channel, source });
        self.tell(EngineCommand::DetectDigits { channel, on: case == Case::Digits });
    }

    /// One recording for every two channels.
    fn record(&mut self, channels: u32) {
        let mut ids: Slab<RecordingKind, ()> = Slab::new(channels as usize);
        for index in (0..channels).step_by(2) {
            let (sink, reader) = rtrb::RingBuffer::new(16_000);
            self.readers.push(reader);
            let id = ids.insert(|_| ()).expect("there is room");
            let (left, right) = (ChannelId::new(0, index), Some(ChannelId::new(0, index + 1)));
            self.tell(EngineCommand::Record { id, left, right, sink: Some(sink) });
        }
    }

    /// Nanoseconds for some frames.
    fn turn(&mut self) -> u64 {
        let begin = Instant::now();
        for _ in 0..FRAMES_PER_TURN {
            self.engine.run_frame(&mut self.pool);
        }
        let nanos = begin.elapsed().as_nanos() as u64;
        while self.engine.poll_event().is_some() {}
        for reader in &mut self.readers {
            let waiting = reader.slots();
            reader.read_chunk(waiting).expect("they are there").commit_all();
        }
        nanos
    }
}

fn median(mut turns: Vec<u64>) -> u64 {
    turns.sort_unstable();
    turns[turns.len() / 2]
}

/// Median nanoseconds a frame of each case with so many channels.
fn measure(channels: u32) -> Vec<f64> {
    let mut loads: Vec<Load> = CASES.iter().map(|(case, _)| Load::new(*case, channels)).collect();
    let mut turns = vec![Vec::new(); CASES.len()];
    for _ in 0..TURNS {
        loads.iter_mut().zip(&mut turns).for_each(|(load, turns)| turns.push(load.turn()));
    }
    turns.into_iter().map(|turns| median(turns) as f64 / FRAMES_PER_TURN as f64).collect()
}

fn main() {
    // cargo test runs benches too, with this argument missing
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let counts = [480, 2000, 10_000];
    let columns: Vec<Vec<f64>> = counts.iter().map(|count| measure(*count)).collect();
    println!("nanoseconds a channel a frame, and milliseconds of a 20 ms frame for all");
    println!("{:28} {:>18} {:>18} {:>18}", "channels", counts[0], counts[1], counts[2]);
    for (row, (_, name)) in CASES.iter().enumerate() {
        print!("{name:28}");
        for (column, count) in columns.iter().zip(counts) {
            print!(" {:>8.1} {:>6.3} ms", column[row] / f64::from(count), column[row] / 1e6);
        }
        println!();
    }
}
