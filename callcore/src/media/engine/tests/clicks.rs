//! Where what is heard changes, the wave has no jump.

use super::*;
use crate::media::plan::{Role, RoomId, RoomKind, Seat};

#[test]
fn a_cut_does_not_click() {
    let mut bench = Bench::new(&[Format::L16, Format::L16]);
    for source in [
        EngineSource::Nothing,
        EngineSource::Tone(Tone::Dial),
        EngineSource::Channel(channel(1)),
        EngineSource::Music(prompt((0..8000).map(|n| (sin_turns(f64::from(n) * 0.05) * 9000.0) as i16))),
        prompts(1, &[prompt((0..8000).map(|n| (sin_turns(f64::from(n) * 0.05) * 9000.0) as i16))]),
    ] {
        bench.hear(0, EngineSource::Music(prompt([9000; 800])));
        bench.run_for(0, 2);
        bench.hear(0, source.clone());
        let mut samples = vec![9000];
        samples.extend(bench.run_for(0, 2));
        let steepest = samples.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max();
        // the steepest of these waves is 800 Hz at 8000: 5026 a sample
        assert!(steepest.is_some_and(|step| step < 5400), "{source:?}: {steepest:?}");
        if source == EngineSource::Nothing {
            assert!(samples[34..].iter().all(|sample| *sample == 0));
        }
    }
}

/// What channel 0 hears around a change that comes when channel 1, a slow wave, is at its loudest.
fn around(bench: &mut Bench, change: impl FnOnce(&mut Bench)) -> Vec<i16> {
    bench.says_hz.values_mut().for_each(|hz| *hz = 20.0);
    let mut heard = bench.run_for(0, 20);
    while bench.said(channel(1), bench.frame - 1)[159].abs() < 7000 {
        heard.extend(bench.run_for(0, 1));
    }
    change(bench);
    heard.extend(bench.run_for(0, 20));
    heard
}

/// The longest step from a sample to the next. The wave itself has 126 at most, and each of a few parties adds as much.
fn steepest(heard: &[i16]) -> i32 {
    heard.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max().unwrap_or_default()
}

#[test]
fn who_is_muted_made_softer_or_gone_does_not_click() {
    let levels = |levels| EngineCommand::Levels { channel: channel(1), levels };
    let muted = Levels { is_muted: true, ..Levels::default() };
    let soft = Levels { said_db: -20, ..Levels::default() };
    for format in [Format::L16, Format::ALaw] {
        for (before, after) in
            [(Levels::default(), muted), (muted, Levels::default()), (soft, muted), (Levels::default(), soft)]
        {
            let mut bench = Bench::new(&[format; 2]);
            bench.hear(0, EngineSource::Channel(channel(1)));
            bench.hear(1, EngineSource::Channel(channel(0)));
            bench.tell(levels(before));
            let heard = around(&mut bench, |bench| drop(bench.tell(levels(after))));
            assert!(steepest(&heard) < 700, "{before:?} {after:?}: {}", steepest(&heard));
            let is_loud = heard[heard.len() - 1600..].iter().any(|sample| sample.abs() > 5000);
            assert_eq!(is_loud, after == Levels::default());
        }
        let mut bench = Bench::new(&[format; 2]);
        bench.hear(0, EngineSource::Channel(channel(1)));
        bench.hear(1, EngineSource::Channel(channel(0)));
        let heard =
            around(&mut bench, |bench| drop(bench.tell(EngineCommand::Close { channel: channel(1) })));
        assert!(steepest(&heard) < 700, "gone: {}", steepest(&heard));
    }
}

#[test]
fn a_room_does_not_click_when_who_is_heard_in_it_changes() {
    type Change = fn(&mut Bench, RoomId);
    let seat = |room, role| EngineSource::Room(Seat { room, role });
    let changes: [(&str, Role, Change); 6] = [
        ("muted", Role::Talk, |bench, _| {
            let levels = Levels { is_muted: true, ..Levels::default() };
            bench.tell(EngineCommand::Levels { channel: channel(1), levels });
        }),
        ("leaves", Role::Talk, |bench, _| drop(bench.hear(1, EngineSource::Nothing))),
        ("closes", Role::Talk, |bench, _| drop(bench.tell(EngineCommand::Close { channel: channel(1) }))),
        ("listens only", Role::Talk, |bench, room| {
            bench.hear(1, EngineSource::Room(Seat { room, role: Role::Listen }));
        }),
        ("talks, too", Role::Listen, |bench, room| {
            bench.hear(1, EngineSource::Room(Seat { room, role: Role::Talk }));
        }),
        ("coaches", Role::Talk, |bench, room| {
            bench.hear(1, EngineSource::Room(Seat { room, role: Role::Coach(channel(2)) }));
        }),
    ];
    let room = Slab::<RoomKind, ()>::new(1).insert(|_| ()).expect("there is room");
    for (what, role, change) in changes {
        let mut bench = Bench::new(&[Format::L16; 4]);
        for (party, role) in [(0, Role::Talk), (1, role), (2, Role::Listen), (3, Role::Listen)] {
            bench.hear(party, seat(room, role));
        }
        let heard = around(&mut bench, |bench| change(bench, room));
        assert!(heard.iter().any(|sample| sample.abs() > 5000), "{what}");
        assert!(steepest(&heard) < 700, "{what}: {}", steepest(&heard));
    }
}
