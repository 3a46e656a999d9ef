//! What one channel costs in one frame, by what happens on it and by how many channels there are.
//!
//! `cargo bench -p callcore --bench engine`. All cases run in turns inside one run, so that a machine that changes its
//! speed changes it for all; a figure is the median of its turns.
//!
//! `... --bench engine -- --run CASE CHANNELS FRAMES` runs one case alone, for a tool that counts instructions
//! (`tests/load/instructions.py`).

use callcore::base::Slab;
use callcore::board::{ChannelId, DeviceId};
use callcore::media::plan::{PlayId, RecordingKind, RoomKind, Tone};
use callcore::media::prompt::{Forms, Sound};
use callcore::media::{
    Country, DeviceMap, Engine, EngineCommand, EngineLimits, EngineSource, FrameIo, Hearing, KeyWatch,
    Listen, Prompt, Role, RoomId, Seat, Tap, Transport, Voice,
};
use callcore_codec::{Format, Rate};
use std::sync::Arc;
use std::time::Instant;

const TURNS: usize = 40;
const FRAMES_PER_TURN: usize = 10;
const CODED_CHANNELS_MAX: u32 = 480;
/// As in the driver contract: a multiple of 64.
const STRIDE: usize = 640;

/// A pool as the host has it: one block in, one out.
struct Pool {
    formats: Vec<Format>,
    rx: Vec<u8>,
    tx: Vec<u8>,
    is_lossy: bool,
}

impl FrameIo for Pool {
    fn format(&self, channel: ChannelId) -> Option<Format> {
        self.formats.get(channel.index as usize).copied()
    }

    fn rx(&self, channel: ChannelId) -> Option<&[u8]> {
        let at = channel.index as usize;
        let is_lost = self.is_lossy && at.is_multiple_of(2);
        if is_lost { None } else { self.rx.get(at * STRIDE..(at + 1) * STRIDE) }
    }

    fn tx(&mut self, channel: ChannelId, format: Format) -> Option<&mut [u8]> {
        let at = channel.index as usize * STRIDE;
        self.tx.get_mut(at..at + format.slot_bytes(160))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Case {
    Closed,
    Nothing,
    Prompt,
    PromptOtherLaw,
    Music,
    Tone,
    Bridge,
    BridgeTapped,
    BridgeLossy,
    Keys,
    KeysBlanked,
    Room(u32),
    /// A-law on one side, this on the other.
    Across(Format),
}

const CASES: [(&str, Case); 20] = [
    ("closed", Case::Closed),
    ("open, hears nothing", Case::Nothing),
    ("prompt, A-law to A-law", Case::Prompt),
    ("prompt, to L16", Case::PromptOtherLaw),
    ("music", Case::Music),
    ("tone of two parts", Case::Tone),
    ("bridge", Case::Bridge),
    ("bridge, stereo tap", Case::BridgeTapped),
    ("bridge, half concealed", Case::BridgeLossy),
    ("bridge, keys listened for", Case::Keys),
    ("bridge, keys blanked", Case::KeysBlanked),
    ("conferences of 3", Case::Room(3)),
    ("conferences of 30", Case::Room(30)),
    ("conferences of 64", Case::Room(64)),
    ("conferences of 300", Case::Room(300)),
    ("A-law to mu-law", Case::Across(Format::MuLaw)),
    ("A-law to L16 16 kHz", Case::Across(Format::L16Wide)),
    ("A-law to G.722", Case::Across(Format::G722)),
    ("A-law to G.729", Case::Across(Format::G729)),
    ("A-law to Opus", Case::Across(Format::Opus)),
];

/// An engine full of channels of one case.
struct Load {
    engine: Engine,
    limits: EngineLimits,
    pool: Pool,
    readers: Vec<rtrb::Consumer<i16>>,
    rooms: Vec<RoomId>,
}

/// Speech-like enough that no codec takes a short cut: three tones that come and go.
fn sound(n: usize, shift: usize) -> i16 {
    let at = |hz: usize| {
        f64::from(callcore::media::sine::sin_turns((n * hz + shift * 97) as f64 / 16_000.0) as f32)
    };
    let envelope = 0.5 + 0.5 * at(4);
    ((at(220) + 0.6 * at(660) + 0.3 * at(1870)) * 5000.0 * envelope) as i16
}

/// A frame of that, as a device brings it.
fn slot(format: Format, channel: usize) -> Vec<u8> {
    let mut bytes = vec![0; STRIDE];
    let step = 2 / format.rate().times().min(2);
    let samples: Vec<i16> = (0..format.rate().samples(20)).map(|n| sound(n * step, channel)).collect();
    if format.is_sampled() {
        callcore_codec::encode_sampled(format, &samples, &mut bytes[..format.slot_bytes(160)]);
        return bytes;
    }
    let mut codec = callcore_codec::new_encoder(format).expect("it is built in");
    let head = if format.has_length() { 2 } else { 0 };
    let mut length = 0;
    // in the middle of a stream
    for _ in 0..5 {
        length = codec.encode(&samples, &mut bytes[head..format.slot_bytes(160)]).expect("it fits");
    }
    if head > 0 {
        bytes[..2].copy_from_slice(&(length as u16).to_ne_bytes());
    }
    bytes
}

impl Load {
    fn new(case: Case, channels: u32) -> Self {
        let limits = EngineLimits {
            rate_max: if matches!(case, Case::Across(format) if format.rate() > Rate::Narrow) {
                Rate::Wide
            } else {
                Rate::Narrow
            },
            channels_max: channels as usize,
            devices_max: 1,
            recordings_max: channels as usize,
            rooms_max: channels as usize,
            room_exact_max: 1000,
            events_max: 1000,
            ..EngineLimits::default()
        };
        let format = |index: u32| match case {
            Case::Across(format) if index % 2 == 1 => format,
            Case::PromptOtherLaw => Format::L16,
            _ => Format::ALaw,
        };
        let formats: Vec<Format> = (0..channels).map(format).collect();
        let frames: Vec<Vec<u8>> = (0..16).map(|index| slot(format(index), index as usize)).collect();
        let pool = Pool {
            rx: (0..channels as usize).flat_map(|index| frames[index % 16].iter().copied()).collect(),
            tx: vec![0; channels as usize * STRIDE],
            formats,
            is_lossy: case == Case::BridgeLossy,
        };
        let engine = Engine::new(&limits, Country::UnitedStates);
        let mut load = Self { engine, limits, pool, readers: Vec::new(), rooms: Vec::new() };
        load.fill(case, channels);
        load
    }

    fn fill(&mut self, case: Case, channels: u32) {
        self.tell(EngineCommand::AddDevice { device: DeviceId(0), map: DeviceMap::new(channels as usize) });
        let samples: Box<[i16]> = (0..8000 * 60).map(|n| sound(2 * n, 0)).collect();
        let prompt = Prompt::of(
            &Sound { samples: samples.into(), rate_hz: 8000 },
            Forms::default().with(Format::ALaw),
        );
        let prompt = Arc::new(prompt);
        let mut rooms: Slab<RoomKind, ()> = Slab::new(channels as usize);
        self.rooms = (0..channels).filter_map(|_| rooms.insert(|_| ())).collect();
        if case != Case::Closed {
            (0..channels).for_each(|index| self.open(case, index, &prompt));
        }
        if case == Case::BridgeTapped {
            self.record(channels);
        }
    }

    fn tell(&mut self, command: EngineCommand) {
        drop(self.engine.handle(command).expect("it can be done"));
    }

    fn open(&mut self, case: Case, index: u32, sound: &Arc<Prompt>) {
        let channel = ChannelId::new(0, index);
        let voice = Voice::new(self.pool.formats[index as usize], &self.limits).expect("it is built in");
        self.tell(EngineCommand::Open { channel, voice: Box::new(voice) });
        let (play, transport) = (PlayId(1), Transport::default());
        let source = match case {
            Case::Closed | Case::Nothing => EngineSource::Nothing,
            Case::Prompt | Case::PromptOtherLaw => {
                EngineSource::Prompts { play, prompts: [Arc::clone(sound)].into(), transport }
            }
            Case::Music => EngineSource::Music(Arc::clone(sound)),
            Case::Tone => EngineSource::Tone(Tone::Dial),
            Case::Room(parties) => {
                EngineSource::Room(Seat { room: self.rooms[(index / parties) as usize], role: Role::Talk })
            }
            _ => EngineSource::Channel(ChannelId::new(0, index ^ 1)),
        };
        self.tell(EngineCommand::Hear { channel, source });
        let keys = match case {
            Case::Keys => KeyWatch::Report,
            Case::KeysBlanked => KeyWatch::Blank,
            _ => KeyWatch::Pass,
        };
        let listen = Listen::keys(keys);
        self.tell(EngineCommand::Listen { channel, hearing: Hearing::new(&listen, Country::China) });
    }

    /// One recording for every two channels.
    fn record(&mut self, channels: u32) {
        let mut ids: Slab<RecordingKind, ()> = Slab::new(channels as usize);
        for index in (0..channels).step_by(2) {
            let (sink, reader) = rtrb::RingBuffer::new(16_000);
            self.readers.push(reader);
            let id = ids.insert(|_| ()).expect("there is room");
            let said = |index| Tap::said(ChannelId::new(0, index));
            let (left, right, sink) = (said(index), Some(said(index + 1)), Some(sink));
            self.tell(EngineCommand::Record { id, left, right, is_masked: false, sink });
        }
    }

    /// Nanoseconds for some frames.
    fn turn(&mut self, frames: usize) -> u64 {
        let begin = Instant::now();
        for _ in 0..frames {
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

/// Whether a case is measured with so many channels: codecs that are computed would take minutes with thousands.
fn is_measured(case: Case, channels: u32) -> bool {
    !matches!(case, Case::Across(format) if !format.is_sampled()) || channels <= CODED_CHANNELS_MAX
}

/// Median nanoseconds a frame of each case with so many channels; 0: it is not measured.
fn measure(channels: u32) -> Vec<f64> {
    let count = |case: Case| if is_measured(case, channels) { channels } else { 0 };
    let mut loads: Vec<Load> = CASES.iter().map(|(_, case)| Load::new(*case, count(*case))).collect();
    let mut turns = vec![Vec::new(); CASES.len()];
    for _ in 0..TURNS {
        for (load, turns) in loads.iter_mut().zip(&mut turns) {
            load.turn(1);
            turns.push(load.turn(FRAMES_PER_TURN));
        }
    }
    turns.into_iter().map(|turns| median(turns) as f64 / FRAMES_PER_TURN as f64).collect()
}

/// One case alone, so many frames.
fn run_one(name: &str, channels: u32, frames: usize) {
    let (_, case) = CASES.iter().find(|(known, _)| *known == name).expect("a case of the table");
    let mut load = Load::new(*case, channels);
    for _ in 0..frames.div_ceil(20) {
        load.turn(20);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--run") {
        let number = |at: usize| arguments.get(at).and_then(|text| text.parse().ok()).expect("a number");
        return run_one(&arguments[at + 1], number(at + 2), number(at + 3) as usize);
    }
    if arguments.iter().any(|argument| argument == "--names") {
        return CASES.iter().for_each(|(name, _)| println!("{name}"));
    }
    // cargo test runs benches too, with this argument missing
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let counts = [480, 2000, 10_000];
    let columns: Vec<Vec<f64>> = counts.iter().map(|count| measure(*count)).collect();
    println!("nanoseconds a channel a frame, and milliseconds of a 20 ms frame for all");
    println!("{:28} {:>18} {:>18} {:>18}", "channels", counts[0], counts[1], counts[2]);
    for (row, (name, case)) in CASES.iter().enumerate() {
        print!("{name:28}");
        for (column, count) in columns.iter().zip(counts) {
            if !is_measured(*case, count) {
                print!(" {:>18}", "-");
                continue;
            }
            print!(" {:>8.1} {:>6.3} ms", column[row] / f64::from(count), column[row] / 1e6);
        }
        println!();
    }
}
