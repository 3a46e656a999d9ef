//! An engine that is told plans, and parties that each speak a tone of their own.

use callcore::board::{ChannelId, DeviceId};
use callcore::media::engine::{EngineCommand, EngineLimits, EngineSource};
use callcore::media::sine::{peak_of_dbm0, sin_turns};
use callcore::media::{
    Country, DeviceMap, Engine, FrameIo, Hear, Hearing, MediaCommand, MediaEvent, Plan, Prompt, Recording,
    RecordingId, Voice, diff,
};
use callcore_codec::{Format, Rate};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const PARTIES: usize = 5;
pub(crate) const NAMES: [&str; PARTIES] = ["caller", "agent", "third", "superv.", "other"];
pub(crate) const MUSIC_HZ: f64 = 425.0;
pub(crate) const PROMPT_HZ: f64 = 350.0;
/// How loud each party speaks: five of them stay far below full scale.
pub(crate) const LEVEL_DBM0: i8 = -20;
/// What counts as heard, and as not heard, relative to the level sent.
pub(crate) const HEARD_DB: f64 = 0.5;
pub(crate) const NOT_HEARD_DB: f64 = -60.0;

/// Tones on whole multiples of 50 Hz over windows of whole periods: no leakage from one to another.
pub(crate) fn hz(party: usize) -> f64 {
    600.0 + 50.0 * party as f64
}

/// The pool: what each party says comes in on its channel.
pub(crate) struct World {
    pub(crate) formats: Vec<Format>,
    pub(crate) rx: Vec<Vec<u8>>,
    pub(crate) tx: Vec<Vec<u8>>,
}

impl FrameIo for World {
    fn format(&self, channel: ChannelId) -> Option<Format> {
        self.formats.get(channel.index as usize).copied()
    }

    fn rx(&self, channel: ChannelId) -> Option<&[u8]> {
        self.rx.get(channel.index as usize).map(Vec::as_slice)
    }

    fn tx(&mut self, channel: ChannelId, format: Format) -> Option<&mut [u8]> {
        self.tx.get_mut(channel.index as usize)?.get_mut(..format.slot_bytes(160))
    }
}

/// An engine that is told plans, as the shell tells it.
pub(crate) struct Stage {
    pub(crate) engine: Engine,
    pub(crate) limits: EngineLimits,
    pub(crate) world: World,
    pub(crate) plan: Plan,
    pub(crate) frame: u64,
    /// The tone of each party.
    pub(crate) hz: fn(usize) -> f64,
    pub(crate) music: Arc<Prompt>,
    pub(crate) prompt: Arc<Prompt>,
    pub(crate) recorded: BTreeMap<RecordingId, rtrb::Consumer<i16>>,
    pub(crate) events: Vec<MediaEvent>,
}

pub(crate) fn channel(party: usize) -> ChannelId {
    ChannelId::new(0, party as u32)
}

impl Stage {
    pub(crate) fn new(formats: Vec<Format>, limits: EngineLimits) -> Self {
        let parties = formats.len();
        let limits = EngineLimits { channels_max: parties, rate_max: Rate::Wide, ..limits };
        let mut engine = Engine::new(&limits, Country::China);
        let map = DeviceMap::new(parties);
        engine.handle(EngineCommand::AddDevice { device: DeviceId(0), map }).expect("it is new");
        let (rx, tx) = (vec![vec![0; 1920]; parties], vec![vec![0; 1920]; parties]);
        let tone = |hz, length: u32| {
            let samples: Vec<i16> = (0..length).map(|n| sample(hz, f64::from(n), 8000.0)).collect();
            Arc::new(Prompt::new(samples))
        };
        Self {
            engine,
            limits,
            world: World { formats, rx, tx },
            plan: Plan::default(),
            frame: 0,
            hz,
            music: tone(MUSIC_HZ, 8000),
            prompt: tone(PROMPT_HZ, 80_000),
            recorded: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Go from the plan that was to this one, by its differences alone.
    pub(crate) fn play(&mut self, plan: Plan) {
        for command in diff(&self.plan, &plan) {
            self.tell(command);
        }
        self.plan = plan;
    }

    /// A command of the exchange, as the shell brings it to the engine.
    pub(crate) fn tell(&mut self, command: MediaCommand) {
        let command = self.engine_command(command);
        self.engine.handle(command).expect("a difference of plans can be carried out");
    }

    pub(crate) fn engine_command(&mut self, command: MediaCommand) -> EngineCommand {
        match command {
            MediaCommand::Open { channel } => {
                let format = self.world.formats[channel.index as usize];
                let voice = Voice::new(format, &self.limits).expect("its codec is built in");
                EngineCommand::Open { channel, voice: Box::new(voice) }
            }
            MediaCommand::Close { channel } => EngineCommand::Close { channel },
            MediaCommand::Hear { channel, source } => {
                EngineCommand::Hear { channel, source: self.source(source) }
            }
            MediaCommand::Listen { channel, listen } => {
                EngineCommand::Listen { channel, hearing: Hearing::new(&listen, Country::China) }
            }
            MediaCommand::Levels { channel, levels } => EngineCommand::Levels { channel, levels },
            MediaCommand::Record(Recording { id, left, right, is_masked, .. }) => {
                let recorded = &mut self.recorded;
                let sink = (!recorded.contains_key(&id)).then(|| {
                    let (sink, ring) = rtrb::RingBuffer::new(1_000_000);
                    recorded.insert(id, ring);
                    sink
                });
                EngineCommand::Record { id, left, right, is_masked, sink }
            }
            MediaCommand::StopRecord { id } => EngineCommand::StopRecord { id },
            MediaCommand::Transport { channel, play, transport } => {
                EngineCommand::Transport { channel, play, transport }
            }
            MediaCommand::SendDigits { .. } | MediaCommand::FreePort { .. } => panic!("no scene does that"),
        }
    }

    pub(crate) fn source(&self, hear: Hear) -> EngineSource {
        match hear {
            Hear::Nothing => EngineSource::Nothing,
            Hear::Music(_) => EngineSource::Music(Arc::clone(&self.music)),
            Hear::Tone(tone) => EngineSource::Tone(tone),
            Hear::Channel(channel) => EngineSource::Channel(channel),
            Hear::Room(seat) => EngineSource::Room(seat),
            Hear::Prompts { play, transport, .. } => {
                let prompts = [Arc::clone(&self.prompt)].into();
                EngineSource::Prompts { play, prompts, transport }
            }
        }
    }

    /// Run frames; what each party was given, at 8 kHz for 8 kHz parties and at 16 kHz for the others.
    pub(crate) fn run(&mut self, frames: usize) -> Vec<Vec<i16>> {
        let mut heard = vec![Vec::new(); self.world.formats.len()];
        for _ in 0..frames {
            for (party, format) in self.world.formats.iter().enumerate() {
                let (rate, length) = (f64::from(format.rate().hz()), format.rate().samples(20));
                let begin = self.frame as f64 * length as f64;
                let said: Vec<i16> =
                    (0..length).map(|n| sample((self.hz)(party), begin + n as f64, rate)).collect();
                callcore_codec::encode_sampled(*format, &said, &mut self.world.rx[party]);
            }
            self.engine.run_frame(&mut self.world);
            self.frame += 1;
            self.events.extend(std::iter::from_fn(|| self.engine.poll_event()));
            for (party, format) in self.world.formats.iter().enumerate() {
                let mut samples = vec![0; format.rate().samples(20)];
                callcore_codec::decode_sampled(*format, &self.world.tx[party], &mut samples);
                heard[party].extend(samples);
            }
        }
        heard
    }
}

pub(crate) fn sample(hz: f64, n: f64, rate: f64) -> i16 {
    let value = sin_turns(hz * n / rate) * f64::from(peak_of_dbm0(LEVEL_DBM0));
    value.round() as i16
}

/// How loud a tone is in samples, in decibels relative to the level sent.
pub(crate) fn level_db(samples: &[i16], hz: f64, rate: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        re += f64::from(*sample) * sin_turns(hz * n as f64 / rate + 0.25);
        im += f64::from(*sample) * sin_turns(hz * n as f64 / rate);
    }
    let peak = re.hypot(im) * 2.0 / samples.len() as f64;
    20.0 * (peak / f64::from(peak_of_dbm0(LEVEL_DBM0))).max(1e-6).log10()
}
