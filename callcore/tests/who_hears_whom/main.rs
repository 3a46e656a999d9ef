//! The tone matrix: every party sends its own tone, and after each command each hears exactly the tones that the plan
//! says. The table is printed: `cargo test -p callcore --test who_hears_whom -- --nocapture`.

mod commands;
mod scenes;
mod stage;

use callcore::base::Slab;
use callcore::board::ChannelId;
use callcore::media::engine::EngineLimits;
use callcore::media::plan::{RecordingKind, RoomKind};
use callcore::media::{Hear, LegPlan, Levels, MediaEvent, Plan, Recording, Role, RoomId, Sound, Tap};
use callcore_codec::Format;
use scenes::{judge, scenes};
use stage::{NAMES, PARTIES, Stage, channel, hz, level_db};

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
        print!("{:22} {:8}", "command", "listener");
        NAMES.iter().chain(&["music", "prompt"]).for_each(|name| print!(" {name:>9}"));
        println!();
        let mut stage = Stage::new(formats.clone(), EngineLimits::default());
        let mut wrong = Vec::new();
        for scene in scenes(rooms(1)[0]) {
            let said: Vec<_> =
                scene.plan.hearing().map(|(l, s)| (l.index as usize, s.index as usize)).collect();
            let told =
                scene.hears.iter().flat_map(|heard| heard.parties.iter().map(|s| (heard.listener, *s)));
            assert!(
                told.clone().all(|pair| said.contains(&pair)) && told.count() == said.len(),
                "{}",
                scene.name
            );
            stage.play(scene.plan.clone());
            // what was before fades within 4 ms, filters have rung out after a few more
            stage.run(5);
            let heard = stage.run(20);
            wrong.extend(judge(scene.name, &scene.hears, &heard, &formats));
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

/// Idle phones all have the same soft noise: none of them takes the place of who talks, whoever joined first.
#[test]
fn a_large_room_hears_its_only_talker_wherever_he_sits() {
    for talker in 0..12 {
        let limits = EngineLimits { room_exact_max: 4, room_loudest: 2, ..EngineLimits::default() };
        let mut stage = Stage::new(vec![Format::L16; 12], limits);
        let parties: Vec<_> = (0..12).map(|party| (channel(party), Role::Talk)).collect();
        let mut plan = Plan::conference(rooms(1)[0], &parties);
        plan.legs.iter_mut().zip(0..).for_each(|(leg, party)| {
            leg.levels.said_db = if party == talker { 0 } else { -40 };
        });
        stage.play(plan);
        stage.run(10);
        let heard = stage.run(20);
        for listener in (0..12).filter(|party| *party != talker) {
            let level = level_db(&heard[listener], hz(talker), 8000.0);
            assert!(level > -1.0, "{listener} hears {talker} at {level} dB");
        }
    }
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
