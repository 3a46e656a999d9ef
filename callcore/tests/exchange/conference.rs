//! Conferences: who is in, who is heard, who is full; host, mute, drop.

use crate::corners::{channel, hang_up_all};
use crate::desk::{Desk, config, guess};
use callcore::base::Why;
use callcore::board::{BoardCall, BoardCommand, Cause, Digits};
use callcore::call::{CallId, Fact, Side};
use callcore::exchange::{Command, ConferenceConfig, Config, Event, RecordOptions, RecordingOutcome, check};
use callcore::media::{Hear, MediaEvent, Recording, Role, RoomId, Sound, Tap, Tone};
use callcore::record::policy::When;
use callcore::route::RouteConfig;

fn with_room(parties_max: usize) -> Config {
    let mut config = config();
    config.conference.push(ConferenceConfig {
        name: "all".into(),
        parties_max,
        music: Some("music".into()),
        moderators: vec!["1000".into()],
        enters_muted: false,
    });
    let to = "conference:all".parse().expect("a target");
    config.route.insert(
        0,
        RouteConfig {
            called: Some("8500".to_owned().try_into().expect("a pattern")),
            to,
            ..config.route[0].clone()
        },
    );
    config
}

/// The caller on a trunk dials in; its call.
fn dials_in(desk: &mut Desk, index: u32, calling: &str) -> CallId {
    let call = u64::from(index) * 2 + 1;
    desk.incoming(index, call, "8500", calling);
    desk.connected(index, call);
    guess(index.into(), 1)
}

fn role(desk: &Desk, index: u32) -> Role {
    match desk.open[&channel(index)] {
        Hear::Room(seat) => seat.role,
        ref other => panic!("channel {index} hears {other:?}"),
    }
}

/// Rooms that callers dial into from outside, with a host, mute and drop; alone one hears music.
///
/// Proves: A21.28
#[test]
fn callers_meet_are_muted_and_dropped() {
    let mut desk = Desk::ready(with_room(60));
    let host = dials_in(&mut desk, 0, "1000");
    assert_eq!(desk.open[&channel(0)], Hear::Music("music".into()), "the first is alone");
    let calls = [1, 2, 3].map(|index| dials_in(&mut desk, index, "138"));
    assert_eq!(
        [0, 1, 2, 3].map(|index| role(&desk, index)),
        [Role::Moderate, Role::Talk, Role::Talk, Role::Talk]
    );
    let joined = desk.events.iter().filter(|event| matches!(event, Event::Joined { .. })).count();
    assert_eq!(joined, 4);
    desk.command(Command::Mute { call: calls[0], party: Side::Left, on: true }).expect("it is there");
    assert!(desk.levels[&channel(1)].is_muted);
    desk.command(Command::ChangeRole { call: calls[1], role: Role::Listen }).expect("it is there");
    assert_eq!(role(&desk, 2), Role::Listen);
    let coach = Command::ChangeRole { call: calls[1], role: Role::Coach(channel(0)) };
    assert_eq!(desk.command(coach).expect_err("nobody is coached").why, Why::Argument);
    desk.take();
    desk.command(Command::Release { call: calls[2], cause: Cause::NORMAL }).expect("it is there");
    assert!(
        desk.board.iter().any(|it| matches!(it, BoardCommand::Drop { call: BoardCall(7), .. })),
        "it is dropped"
    );
    assert!(matches!(&desk.take()[..], [Fact::Left { conference, .. }] if &**conference == "all"));
    for (index, call) in [(1, 3), (2, 5)] {
        desk.released(index, call, Cause::NORMAL);
    }
    for id in std::mem::take(&mut desk.stopped_recordings) {
        desk.completed(id, RecordingOutcome::Complete { duration_ms: 900 });
    }
    assert_eq!(desk.open[&channel(0)], Hear::Music("music".into()), "alone again");
    let refused =
        desk.command(Command::ChangeRole { call: calls[0], role: Role::Talk }).expect_err("it is over");
    assert_eq!(refused.why, Why::Gone);
    desk.command(Command::Mute { call: host, party: Side::Right, on: true })
        .expect_err("there is no other party");
    hang_up_all(&mut desk);
}

/// Each party's call is recorded as the policy says of it: what it says, and all that it hears; and on demand.
#[test]
fn parties_are_recorded_by_policy_and_on_demand() {
    for (outside, is_recorded) in [(When::Always, true), (When::OnDemand, false), (When::Never, false)] {
        let mut config = with_room(60);
        config.recording.outside = outside;
        let mut desk = Desk::ready(config);
        let calls = [0, 1].map(|index| dials_in(&mut desk, index, "138"));
        assert_eq!(desk.recording.len(), if is_recorded { 2 } else { 0 }, "{outside:?}");
        let key = Digits::try_from("#".to_owned()).expect("keys");
        let demand = RecordOptions { keys: key, ..RecordOptions::default() };
        let result = desk.command(Command::Record { call: calls[1], record: demand });
        assert_eq!(result.is_ok(), outside == When::OnDemand, "{outside:?}: {result:?}");
        for id in &desk.recording {
            let Recording { left, right, .. } = &desk.tracks[id];
            let heard = Tap { channel: left.channel, of: Sound::Heard };
            assert_eq!((left.of, *right), (Sound::Said, Some(heard)));
        }
        desk.digit(1, 3, '#');
        let told = matches!(desk.events.last(), Some(Event::Digit { .. }));
        assert_eq!(told, outside != When::OnDemand, "the key ends the recording and nothing else");
        assert_eq!(desk.recording.is_empty(), !is_recorded);
        desk.command(Command::Release { call: calls[0], cause: Cause::NORMAL }).expect("it is there");
        assert_eq!(desk.recording.len(), usize::from(is_recorded), "the other's goes on");
        hang_up_all(&mut desk);
        assert!(desk.recording.is_empty());
    }
}

/// A conference calls extensions and outside numbers in, and others dial in.
///
/// Proves: A16.33
#[test]
fn extensions_and_outside_phones_are_called_in() {
    let mut desk = Desk::ready(with_room(60));
    dials_in(&mut desk, 0, "138");
    for (place, to) in [(1, "extension:1004"), (2, "number:95551234")] {
        let to = to.parse().expect("a target");
        desk.command(Command::Originate { to, calling: "8500".into() }).expect("there is a free line");
        let (index, board_call) = desk.made();
        desk.connected(index, board_call);
        let call = guess(place, 1);
        desk.command(Command::Send { call, to: "conference:all".parse().expect("a target") })
            .expect("it is answered");
        assert_eq!(role(&desk, index), Role::Talk);
    }
    assert_eq!(role(&desk, 0), Role::Talk, "no longer alone");
    hang_up_all(&mut desk);
}

#[test]
fn who_comes_when_it_is_full_hears_busy() {
    let mut desk = Desk::ready(with_room(2));
    for index in 0..3 {
        dials_in(&mut desk, index, "138");
    }
    assert_eq!(desk.open[&channel(2)], Hear::Tone(Tone::Busy));
    desk.wait(5_000);
    assert!(desk.board.iter().any(|it| matches!(it, BoardCommand::Drop { call: BoardCall(5), .. })));
    hang_up_all(&mut desk);
}

#[test]
fn who_speaks_is_told() {
    let mut desk = Desk::ready(with_room(60));
    dials_in(&mut desk, 0, "138");
    let call = dials_in(&mut desk, 1, "139");
    let Hear::Room(seat) = desk.open[&channel(1)] else { panic!("they are in the room") };
    let room: RoomId = seat.room;
    desk.events.clear();
    for on in [true, false] {
        desk.media_event(MediaEvent::Speaking { channel: channel(1), room, on });
        assert!(
            matches!(desk.events.pop(), Some(Event::Speaking { call: it, on: told }) if it == call && told == on)
        );
    }
    hang_up_all(&mut desk);
}

#[test]
fn names_that_are_not_there_or_twice_are_mistakes() {
    let mut config = with_room(60);
    config.conference.push(config.conference[1].clone());
    config.route[0].to = "conference:none".parse().expect("a target");
    let told: Vec<String> = check::check(&config).iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|text| text.contains("conference[2].name")), "{told:?}");
    assert!(told.iter().any(|text| text.contains("no conference 'none'")), "{told:?}");
}
