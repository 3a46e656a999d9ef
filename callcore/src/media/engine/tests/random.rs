//! No order of commands breaks the engine, and every playing is done exactly once or replaced.

use super::super::*;
use super::{LIMITS, Pool, prompt, prompts, voice};
use crate::base::{Rng, Slab};
use crate::board::DeviceId;
use crate::media::plan::{
    KeyWatch, Levels, Listen, PlayId, RecordingKind, Role, RoomId, RoomKind, Seat, Sound, Tap, Tone,
};
use crate::media::prompt::Prompt;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

const FORMATS: [Format; 3] = [Format::ALaw, Format::MuLaw, Format::L16];

/// A random command; most can be carried out.
fn random_command(rng: &mut Rng, plays: &mut u64, recordings: &mut Slab<RecordingKind, ()>) -> EngineCommand {
    let any = |rng: &mut Rng| ChannelId::new(rng.below(3) as u16, rng.below(6) as u32);
    let at = any(rng);
    let first = recordings.iter().next().map(|(id, ())| id);
    match rng.below(15) {
        0 => EngineCommand::AddDevice { device: DeviceId(rng.below(3) as u16), map: DeviceMap::new(6) },
        1 if rng.chance(200) => EngineCommand::RemoveDevice { device: DeviceId(rng.below(3) as u16) },
        2..=4 => EngineCommand::Open { channel: at, voice: voice(FORMATS[rng.below(3) as usize]) },
        5 => EngineCommand::Close { channel: at },
        6 => {
            let keys = [KeyWatch::Pass, KeyWatch::Report, KeyWatch::Blank][rng.below(3) as usize];
            EngineCommand::Listen { channel: at, hearing: Hearing::new(&Listen::keys(keys), Country::China) }
        }
        7 => {
            let digits = crate::board::Digits::try_from("12#".to_owned()).expect("keys");
            EngineCommand::SendDigits {
                channel: at,
                keys: Keys::new(&digits).expect("not too many"),
                form: KeyForm::default(),
            }
        }
        8 => {
            let id = recordings.insert(|_| ()).or(first).expect("it is full, so there is one");
            let sink = rng.chance(800).then(|| rtrb::RingBuffer::new(1000).0);
            let tap = |rng: &mut Rng| Tap {
                channel: any(rng),
                of: [Sound::Said, Sound::Heard, Sound::Both][rng.below(3) as usize],
            };
            let (left, right, is_masked) = (tap(rng), rng.chance(700).then(|| tap(rng)), rng.chance(100));
            EngineCommand::Record { id, left, right, is_masked, sink }
        }
        9 => match first {
            Some(id) => {
                recordings.remove(id);
                EngineCommand::StopRecord { id }
            }
            None => EngineCommand::Close { channel: at },
        },
        10 => {
            let db = |rng: &mut Rng| if rng.chance(300) { rng.below(256) as i8 } else { 0 };
            let levels = Levels { said_db: db(rng), heard_db: db(rng), is_muted: rng.chance(200) };
            EngineCommand::Levels { channel: at, levels }
        }
        _ => EngineCommand::Hear { channel: at, source: random_source(rng, plays, any) },
    }
}

fn random_source(rng: &mut Rng, plays: &mut u64, any: impl Fn(&mut Rng) -> ChannelId) -> EngineSource {
    let mut slab: Slab<RoomKind, ()> = Slab::new(2);
    let rooms: Vec<RoomId> = (0..2).filter_map(|_| slab.insert(|_| ())).collect();
    match rng.below(8) {
        0 => EngineSource::Nothing,
        6..8 => {
            let room = rooms[rng.below(2) as usize];
            let roles = [Role::Talk, Role::Moderate, Role::Listen, Role::Coach(any(rng))];
            EngineSource::Room(Seat { room, role: roles[rng.below(4) as usize] })
        }
        1 => EngineSource::Music(prompt((0..rng.below(400) as i16).map(|n| n * 50))),
        2 => EngineSource::Tone([Tone::Dial, Tone::Busy][rng.below(2) as usize]),
        3 => EngineSource::Channel(any(rng)),
        _ => {
            *plays += 1;
            let list: Vec<Arc<Prompt>> = (0..rng.below(3))
                .map(|_| prompt(vec![rng.below(9000) as i16; rng.below(700) as usize]))
                .collect();
            prompts(*plays, &list)
        }
    }
}

/// What a simple model knows of playings: how many samples are left for each channel.
#[derive(Default)]
struct Model {
    open: BTreeMap<ChannelId, Option<(PlayId, usize)>>,
    done: Vec<MediaEvent>,
}

impl Model {
    fn follow(&mut self, command: &EngineCommand) {
        match command {
            EngineCommand::Open { channel, .. } => {
                self.open.insert(*channel, None);
            }
            EngineCommand::Close { channel } => {
                self.open.remove(channel);
            }
            EngineCommand::RemoveDevice { device } => {
                self.open.retain(|channel, _| channel.device != *device)
            }
            EngineCommand::Hear { channel, source } => {
                let playing = match source {
                    EngineSource::Prompts { play, prompts, .. } => {
                        Some((*play, prompts.iter().map(|p| p.samples.len()).sum()))
                    }
                    _ => None,
                };
                self.open.insert(*channel, playing);
            }
            _ => {}
        }
    }

    fn run_frame(&mut self) {
        for (channel, playing) in &mut self.open {
            let Some((play, left)) = playing else { continue };
            *left = left.saturating_sub(160);
            if *left == 0 {
                self.done.push(MediaEvent::PlayDone { channel: *channel, play: *play });
                *playing = None;
            }
        }
    }
}

/// Random commands and random sound over 400 frames: each command that was taken, and the pool and the events after each
/// frame; the engine as it is then.
fn play_random(
    seed: u64,
    mut on_command: impl FnMut(&EngineCommand),
    mut on_frame: impl FnMut(&Pool, Vec<MediaEvent>),
) -> Engine {
    let mut rng = Rng::new(seed);
    let limits = EngineLimits { channels_max: 12, recordings_max: 3, events_max: 24, ..LIMITS };
    let mut engine = Engine::new(&limits, Country::ALL[seed as usize % 8]);
    let (mut plays, mut recordings) = (0, Slab::new(4));
    let mut pool = Pool::default();
    for _ in 0..400 {
        for _ in 0..rng.below(4) {
            let command = random_command(&mut rng, &mut plays, &mut recordings);
            let copy = copy_of(&command);
            if engine.handle(command).is_ok() {
                if let Some(EngineCommand::Open { channel, voice }) = &copy {
                    pool.formats.insert(*channel, voice.format);
                }
                copy.iter().for_each(&mut on_command);
            }
        }
        for n in 0..18u32 {
            let channel = ChannelId::new((n / 6) as u16, n % 6);
            pool.rx.insert(channel, (0..rng.below(330)).map(|_| rng.below(256) as u8).collect());
        }
        engine.run_frame(&mut pool);
        let events = std::iter::from_fn(|| engine.poll_event()).collect();
        on_frame(&pool, events);
    }
    engine
}

#[test]
fn any_commands_in_any_order_leave_every_playing_done_exactly_once_or_replaced() {
    for seed in 0..60 {
        let (model, mut told) = (RefCell::new(Model::default()), Vec::new());
        let engine = play_random(
            seed,
            |command| model.borrow_mut().follow(command),
            |_, events| {
                model.borrow_mut().run_frame();
                told.extend(events.into_iter().filter(|e| matches!(e, MediaEvent::PlayDone { .. })));
            },
        );
        let mut model = model.into_inner();
        told.sort_by_key(key);
        model.done.sort_by_key(key);
        assert_eq!(told, model.done, "seed {seed}");
        assert_eq!(engine.open_channels(), model.open.len(), "seed {seed}");
    }
}

/// Same inputs, same samples and the same events, whatever the memory held before.
#[test]
fn the_same_commands_and_sounds_lead_to_the_same_samples() {
    let run = |seed| {
        let (mut sound, mut told) = (Vec::new(), String::new());
        play_random(
            seed,
            |_| {},
            |pool, events| {
                pool.tx.values().for_each(|tx| sound.extend_from_slice(tx));
                told.push_str(&format!("{events:?}"));
            },
        );
        (sound, told)
    };
    let runs: Vec<_> = (0..20).map(run).collect();
    assert!(runs.iter().any(|(sound, told)| sound.len() > 100_000 && told.contains("PlayDone")));
    for (seed, (sound, told)) in (0..).zip(&runs) {
        let again = run(seed);
        assert!(*sound == again.0, "seed {seed}: other samples");
        assert_eq!(*told, again.1, "seed {seed}");
    }
}

fn key(event: &MediaEvent) -> u64 {
    if let MediaEvent::PlayDone { play, .. } = event { play.0 } else { 0 }
}

/// What the model needs of a command.
fn copy_of(command: &EngineCommand) -> Option<EngineCommand> {
    match command {
        EngineCommand::Open { channel, voice: it } => {
            Some(EngineCommand::Open { channel: *channel, voice: voice(it.format) })
        }
        EngineCommand::Close { channel } => Some(EngineCommand::Close { channel: *channel }),
        EngineCommand::RemoveDevice { device } => Some(EngineCommand::RemoveDevice { device: *device }),
        EngineCommand::Hear { channel, source } => {
            Some(EngineCommand::Hear { channel: *channel, source: source.clone() })
        }
        _ => None,
    }
}
