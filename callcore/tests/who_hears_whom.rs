//! The tone matrix: every party sends its own tone, and after each command each hears exactly the tones that the plan
//! says. The table is printed: `cargo test -p callcore --test who_hears_whom -- --nocapture`.

use callcore::base::Slab;
use callcore::board::{ChannelId, DeviceId};
use callcore::media::engine::{EngineCommand, EngineLimits, EngineSource};
use callcore::media::plan::{RecordingKind, RoomKind};
use callcore::media::scene::{Participation, Supervised};
use callcore::media::sine::{peak_of_dbm0, sin_turns};
use callcore::media::{
    Country, DeviceMap, Engine, FrameIo, Hear, Hearing, LegPlan, Levels, MediaCommand, MediaEvent, Plan,
    Prompt, Recording, RecordingId, Role, RoomId, Sound, Tap, Voice, diff,
};
use callcore_codec::{Format, Rate};
use std::collections::BTreeMap;
use std::sync::Arc;

const PARTIES: usize = 5;
const NAMES: [&str; PARTIES] = ["caller", "agent", "third", "superv.", "other"];
const MUSIC_HZ: f64 = 425.0;
/// How loud each party speaks: five of them stay far below full scale.
const LEVEL_DBM0: i8 = -20;
/// What counts as heard, and as not heard, relative to the level sent.
const HEARD_DB: f64 = 0.5;
const NOT_HEARD_DB: f64 = -60.0;

/// Tones on whole multiples of 50 Hz over windows of whole periods: no leakage from one to another.
fn hz(party: usize) -> f64 {
    600.0 + 50.0 * party as f64
}

/// The pool: what each party says comes in on its channel.
struct World {
    formats: Vec<Format>,
    rx: Vec<Vec<u8>>,
    tx: Vec<Vec<u8>>,
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
struct Stage {
    engine: Engine,
    limits: EngineLimits,
    world: World,
    plan: Plan,
    frame: u64,
    /// The tone of each party.
    hz: fn(usize) -> f64,
    music: Arc<Prompt>,
    recorded: BTreeMap<RecordingId, rtrb::Consumer<i16>>,
    events: Vec<MediaEvent>,
}

fn channel(party: usize) -> ChannelId {
    ChannelId::new(0, party as u32)
}

impl Stage {
    fn new(formats: Vec<Format>, limits: EngineLimits) -> Self {
        let parties = formats.len();
        let limits = EngineLimits { channels_max: parties, rate_max: Rate::Wide, ..limits };
        let mut engine = Engine::new(&limits, Country::China);
        let map = DeviceMap::new(parties);
        engine.handle(EngineCommand::AddDevice { device: DeviceId(0), map }).expect("it is new");
        let (rx, tx) = (vec![vec![0; 1920]; parties], vec![vec![0; 1920]; parties]);
        let music = (0..8000).map(|n| sample(MUSIC_HZ, f64::from(n), 8000.0)).collect::<Vec<i16>>();
        Self {
            engine,
            limits,
            world: World { formats, rx, tx },
            plan: Plan::default(),
            frame: 0,
            hz,
            music: Arc::new(Prompt::new(music)),
            recorded: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Go from the plan that was to this one, by its differences alone.
    fn play(&mut self, plan: Plan) {
        for command in diff(&self.plan, &plan) {
            let command = self.engine_command(command);
            self.engine.handle(command).expect("a difference of plans can be carried out");
        }
        self.plan = plan;
    }

    fn engine_command(&mut self, command: MediaCommand) -> EngineCommand {
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
            MediaCommand::Transport { .. } | MediaCommand::SendDigits { .. } => panic!("no scene does that"),
        }
    }

    fn source(&self, hear: Hear) -> EngineSource {
        match hear {
            Hear::Nothing => EngineSource::Nothing,
            Hear::Music(_) => EngineSource::Music(Arc::clone(&self.music)),
            Hear::Tone(tone) => EngineSource::Tone(tone),
            Hear::Channel(channel) => EngineSource::Channel(channel),
            Hear::Room(seat) => EngineSource::Room(seat),
            Hear::Prompts { .. } => panic!("no scene plays prompts"),
        }
    }

    /// Run frames; what each party was given, at 8 kHz for 8 kHz parties and at 16 kHz for the others.
    fn run(&mut self, frames: usize) -> Vec<Vec<i16>> {
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

fn sample(hz: f64, n: f64, rate: f64) -> i16 {
    let value = sin_turns(hz * n / rate) * f64::from(peak_of_dbm0(LEVEL_DBM0));
    value.round() as i16
}

/// How loud a tone is in samples, in decibels relative to the level sent.
fn level_db(samples: &[i16], hz: f64, rate: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        re += f64::from(*sample) * sin_turns(hz * n as f64 / rate + 0.25);
        im += f64::from(*sample) * sin_turns(hz * n as f64 / rate);
    }
    let peak = re.hypot(im) * 2.0 / samples.len() as f64;
    20.0 * (peak / f64::from(peak_of_dbm0(LEVEL_DBM0))).max(1e-6).log10()
}

/// A line of the table: a plan, and who is on it.
struct Scene {
    name: &'static str,
    plan: Plan,
    /// Of each party that is there: whom it hears, and whether it hears music.
    hears: Vec<(usize, &'static [usize], bool)>,
}

fn scene(name: &'static str, plan: Plan, hears: &[(usize, &'static [usize], bool)]) -> Scene {
    Scene { name, plan, hears: hears.to_vec() }
}

fn scenes(room: RoomId) -> Vec<Scene> {
    [scenes_of_two_and_three(room), scenes_of_supervision(room), scenes_of_conferences(room)]
        .into_iter()
        .flatten()
        .collect()
}

fn scenes_of_two_and_three(room: RoomId) -> Vec<Scene> {
    let [caller, agent, third] = [0, 1, 2].map(channel);
    let all = [(caller, Role::Talk), (agent, Role::Talk), (third, Role::Talk)];
    vec![
        scene("talk", Plan::talk(caller, agent), &[(0, &[1], false), (1, &[0], false)]),
        scene("hold", Plan::hold(caller, agent, Some("music")), &[(0, &[], true), (1, &[], false)]),
        scene("hold, no music", Plan::hold(caller, agent, None), &[(0, &[], false), (1, &[], false)]),
        scene("retrieve", Plan::talk(caller, agent), &[(0, &[1], false), (1, &[0], false)]),
        scene(
            "mute agent",
            Plan::talk(caller, agent).with_muted(agent, true),
            &[(0, &[], false), (1, &[0], false)],
        ),
        scene("park", Plan::park(caller, Some("music")), &[(0, &[], true)]),
        scene("pick up", Plan::talk(caller, third), &[(0, &[2], false), (2, &[0], false)]),
        scene(
            "consult",
            Plan::consult(caller, agent, third, Some("music")),
            &[(0, &[], true), (1, &[2], false), (2, &[1], false)],
        ),
        scene(
            "conference of 3",
            Plan::conference(room, &all),
            &[(0, &[1, 2], false), (1, &[0, 2], false), (2, &[0, 1], false)],
        ),
        scene("transfer", Plan::talk(caller, third), &[(0, &[2], false), (2, &[0], false)]),
    ]
}

fn scenes_of_supervision(room: RoomId) -> Vec<Scene> {
    let three = Supervised { room, caller: channel(0), agent: channel(1), supervisor: channel(3) };
    vec![
        scene(
            "listen",
            Plan::supervised(three, Participation::Listen),
            &[(0, &[1], false), (1, &[0], false), (3, &[0, 1], false)],
        ),
        scene(
            "whisper",
            Plan::supervised(three, Participation::Whisper),
            &[(0, &[1], false), (1, &[0, 3], false), (3, &[0, 1], false)],
        ),
        scene(
            "barge",
            Plan::supervised(three, Participation::Barge),
            &[(0, &[1, 3], false), (1, &[0, 3], false), (3, &[0, 1], false)],
        ),
        scene("intercept", Plan::intercept(three), &[(0, &[3], false), (1, &[], false), (3, &[0], false)]),
    ]
}

fn scenes_of_conferences(room: RoomId) -> Vec<Scene> {
    let all = [0, 1, 2, 3, 4].map(|party| (channel(party), Role::Talk));
    let panel = [(0, Role::Moderate), (1, Role::Talk), (2, Role::Listen), (4, Role::Listen)];
    let panel = panel.map(|(party, role)| (channel(party), role));
    vec![
        scene(
            "conference of 5",
            Plan::conference(room, &all),
            &[
                (0, &[1, 2, 3, 4], false),
                (1, &[0, 2, 3, 4], false),
                (2, &[0, 1, 3, 4], false),
                (3, &[0, 1, 2, 4], false),
                (4, &[0, 1, 2, 3], false),
            ],
        ),
        scene(
            "host mutes one",
            Plan::conference(room, &all[..4]).with_muted(channel(2), true),
            &[(0, &[1, 3], false), (1, &[0, 3], false), (2, &[0, 1, 3], false), (3, &[0, 1], false)],
        ),
        scene(
            "host drops one",
            Plan::conference(room, &[all[0], all[1], all[3]]),
            &[(0, &[1, 3], false), (1, &[0, 3], false), (3, &[0, 1], false)],
        ),
        scene(
            "panel",
            Plan::conference(room, &panel),
            &[(0, &[1], false), (1, &[0], false), (2, &[0, 1], false), (4, &[0, 1], false)],
        ),
    ]
}

/// One line for each listener, and what is wrong with it.
fn judge(scene: &Scene, heard: &[Vec<i16>], formats: &[Format]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (listener, hears, music) in &scene.hears {
        let (samples, rate) = (&heard[*listener], f64::from(formats[*listener].rate().hz()));
        print!("{:16} {:8}", scene.name, NAMES[*listener]);
        let mut look = |name: &str, hz: f64, is_heard: bool| {
            let db = level_db(samples, hz, rate);
            print!(" {:>9}", if db < NOT_HEARD_DB { "-".to_owned() } else { format!("{db:+.2} dB") });
            if if is_heard { db.abs() > HEARD_DB } else { db > NOT_HEARD_DB } {
                wrong.push(format!("{}: {} hears {name} at {db:.1} dB", scene.name, NAMES[*listener]));
            }
        };
        (0..PARTIES).for_each(|party| look(NAMES[party], hz(party), hears.contains(&party)));
        look("music", MUSIC_HZ, *music);
        println!();
    }
    wrong
}

fn rooms(count: usize) -> Vec<RoomId> {
    let mut ids: Slab<RoomKind, ()> = Slab::new(count);
    (0..count).filter_map(|_| ids.insert(|_| ())).collect()
}

/// Who hears whom after each command: hold with music, consult, conference with host, mute and drop, supervision.
///
/// Proves: A3.8, A21.14, A21.28 in part (the engine's part of rooms)
#[test]
fn after_every_command_each_party_hears_exactly_whom_it_should() {
    let same = vec![Format::L16; PARTIES];
    let mixed = vec![Format::L16, Format::L16Wide, Format::L16, Format::L16Wide, Format::L16];
    for formats in [same, mixed] {
        println!("\nlevels relative to what is sent; formats {formats:?}");
        print!("{:16} {:8}", "command", "listener");
        NAMES.iter().chain(&["music"]).for_each(|name| print!(" {name:>9}"));
        println!();
        let mut stage = Stage::new(formats.clone(), EngineLimits::default());
        let mut wrong = Vec::new();
        for scene in scenes(rooms(1)[0]) {
            let said: Vec<_> =
                scene.plan.hearing().map(|(l, s)| (l.index as usize, s.index as usize)).collect();
            let told = scene.hears.iter().flat_map(|(l, s, _)| s.iter().map(|s| (*l, *s)));
            assert!(
                told.clone().all(|pair| said.contains(&pair)) && told.count() == said.len(),
                "{}",
                scene.name
            );
            stage.play(scene.plan.clone());
            // what was before fades within 4 ms, filters have rung out after a few more
            stage.run(5);
            let heard = stage.run(20);
            wrong.extend(judge(&scene, &heard, &formats));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

/// A conference of 64: everybody hears all others exactly, and not itself.
///
/// Proves: A16.33 in part (the engine's part of 60 parties)
#[test]
fn in_a_room_of_64_everybody_hears_all_others_and_not_itself() {
    const MANY: usize = 64;
    // whole hertz over one second, and no common divisor: what rounding leaves is spread over the whole band
    let hz = |party: usize| 450.0 + 47.0 * party as f64;
    let mut stage = Stage::new(vec![Format::L16; MANY], EngineLimits::default());
    stage.hz = hz;
    let parties: Vec<(ChannelId, Role)> = (0..MANY).map(|party| (channel(party), Role::Talk)).collect();
    let mut plan = Plan::conference(rooms(1)[0], &parties);
    // 64 sines of -20 dBm0 may meet beyond full scale: everybody is softer
    let softer = Levels { said_db: -16, ..Levels::default() };
    plan.legs.iter_mut().for_each(|leg| leg.levels = softer);
    stage.play(plan);
    stage.run(5);
    let heard = stage.run(50);
    let (mut worst, mut own) = (0.0f64, f64::MIN);
    for (listener, samples) in heard.iter().enumerate() {
        for party in 0..MANY {
            let db = level_db(samples, hz(party), 8000.0) + 16.0;
            if party == listener {
                own = own.max(db);
            } else {
                worst = worst.max(db.abs());
            }
        }
    }
    println!("64 parties: others within {worst:.3} dB, own at most {own:.1} dB");
    assert!(worst <= 0.5 && own < -60.0);
}

/// A room that is larger than what is exact: the moderator and the loudest are heard, by policy.
#[test]
fn a_large_room_leaves_out_the_softest_and_never_the_moderator() {
    let limits = EngineLimits { room_exact_max: 10, room_loudest: 4, ..EngineLimits::default() };
    let mut stage = Stage::new(vec![Format::L16; 12], limits);
    let role = |party| if party == 11 { Role::Moderate } else { Role::Talk };
    let mut plan = Plan::conference(
        rooms(1)[0],
        &(0..12).map(|party| (channel(party), role(party))).collect::<Vec<_>>(),
    );
    // the higher the number, the softer
    plan.legs.iter_mut().zip(0..).for_each(|(leg, party)| leg.levels.said_db = -2 * party);
    stage.play(plan.clone());
    stage.run(10);
    let heard = stage.run(20);
    let is_heard = |listener: usize, party: usize| {
        level_db(&heard[listener], hz(party), 8000.0) > -2.0 * party as f64 - 1.0
    };
    for listener in 0..12 {
        let of: Vec<usize> = (0..12).filter(|party| is_heard(listener, *party)).collect();
        let expected: Vec<usize> = [0, 1, 2, 3, 11].into_iter().filter(|party| *party != listener).collect();
        assert_eq!(of, expected, "listener {listener}");
    }
    // two leave: ten are exact again
    plan.legs.drain(..2);
    stage.play(plan);
    stage.run(10);
    let heard = stage.run(20);
    let of = (2..12).filter(|party| level_db(&heard[11], hz(*party), 8000.0) > -30.0).count();
    assert_eq!(of, 9);
}

#[test]
fn who_speaks_is_told_once_and_who_stops_too() {
    let mut stage = Stage::new(vec![Format::ALaw; 3], EngineLimits::default());
    let room = rooms(1)[0];
    let parties = [(channel(0), Role::Talk), (channel(1), Role::Talk), (channel(2), Role::Talk)];
    stage.play(Plan::conference(room, &parties).with_muted(channel(2), true));
    stage.run(50);
    let speaking = |party, on| MediaEvent::Speaking { channel: channel(party), room, on };
    stage.events.sort_by_key(|event| format!("{event:?}"));
    assert_eq!(stage.events, [speaking(0, true), speaking(1, true)], "who is muted does not speak");
    stage.events.clear();
    stage.play(stage.plan.clone().with_muted(channel(1), true));
    stage.run(50);
    assert_eq!(stage.events, [speaking(1, false)]);
}

/// What each kind of tap takes.
#[test]
fn taps_take_what_is_said_what_is_heard_or_both() {
    for (of, expected) in [
        (Sound::Said, [true, false, false]),
        (Sound::Heard, [false, true, false]),
        (Sound::Both, [true, true, false]),
    ] {
        for formats in [vec![Format::ALaw; 3], vec![Format::L16Wide; 3]] {
            let mut stage = Stage::new(formats, EngineLimits::default());
            let id = Slab::<RecordingKind, ()>::new(1).insert(|_| ()).expect("there is room");
            let left = Tap { channel: channel(0), of };
            let recording = Recording { id, left, right: None, path: "a.wav".into(), is_masked: false };
            let mut plan = Plan::talk(channel(0), channel(1));
            plan.recording = Some(recording.clone());
            stage.play(plan.clone());
            stage.run(25);
            plan.recording = Some(Recording { is_masked: true, ..recording });
            stage.play(plan);
            stage.run(25);
            let mut ring = stage.recorded.remove(&id).expect("it was begun");
            let all: Vec<i16> = std::iter::from_fn(|| ring.pop().ok()).collect();
            assert_eq!(all.len(), 50 * 320, "the time goes on under a mask");
            let (first, masked) = all.split_at(25 * 320);
            let left: Vec<i16> = first.iter().step_by(2).copied().skip(5 * 160).collect();
            let heard = [0, 1, 2].map(|party| level_db(&left, hz(party), 8000.0) > -1.0);
            assert_eq!(heard, expected, "{of:?}");
            assert!(first.iter().skip(1).step_by(2).all(|sample| *sample == 0), "nothing on the right");
            assert!(masked.iter().all(|sample| *sample == 0), "nothing under the mask");
        }
    }
}

#[test]
fn levels_are_decibels_both_ways() {
    let mut stage = Stage::new(vec![Format::L16; 2], EngineLimits::default());
    for (said_db, heard_db) in [(0, 0), (6, 0), (-10, 0), (0, 10), (0, -20), (5, -5)] {
        let mut plan = Plan::talk(channel(0), channel(1));
        plan.legs[0].levels = Levels { said_db, heard_db, is_muted: false };
        stage.play(plan);
        stage.run(3);
        let heard = stage.run(20);
        let near = |db: f64, expected: i8| (db - f64::from(expected)).abs() < 0.1;
        assert!(near(level_db(&heard[1], hz(0), 8000.0), said_db), "said {said_db}");
        assert!(near(level_db(&heard[0], hz(1), 8000.0), heard_db), "heard {heard_db}");
    }
}

#[test]
fn a_change_for_one_call_does_not_touch_another() {
    let mut stage = Stage::new(vec![Format::ALaw; 4], EngineLimits::default());
    let with = |mut plan: Plan, other: &Plan| {
        plan.legs.extend(other.legs.iter().cloned());
        plan
    };
    let lasting = Plan::talk(channel(2), channel(3));
    stage.play(with(Plan::talk(channel(0), channel(1)), &lasting));
    stage.run(2);
    let scenes = [
        Plan::hold(channel(0), channel(1), Some("music")),
        Plan::default(),
        Plan::of_one(channel(0)),
        Plan::conference(rooms(1)[0], &[(channel(0), Role::Talk), (channel(1), Role::Listen)]),
    ];
    for plan in scenes {
        stage.play(with(plan, &lasting));
        for _ in 0..5 {
            stage.run(1);
            let (rx, tx) = (&stage.world.rx, &stage.world.tx);
            assert_eq!(tx[2][..160], rx[3][..160], "byte for byte, in the same frame");
            assert_eq!(tx[3][..160], rx[2][..160]);
        }
    }
}

/// A plan of one leg, for the test above.
trait OfOne {
    fn of_one(channel: ChannelId) -> Plan;
}

impl OfOne for Plan {
    fn of_one(channel: ChannelId) -> Plan {
        Plan { legs: vec![LegPlan::new(channel, Hear::Nothing)], recording: None }
    }
}
