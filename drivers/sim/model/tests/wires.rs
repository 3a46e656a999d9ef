//! Exchange lines, phones and spans as a board sees them: stories first, then every order of orders.

use callcore_sim_model::*;
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const S: u64 = 1_000_000_000;
const MS: u64 = 1_000_000;

fn fxo(hang_up: HangUp) -> BoardKind {
    BoardKind::Fxo(FxoConfig { hang_up, ..FxoConfig::default() })
}

/// Two exchange lines and two phones.
fn analogue(hang_up: HangUp) -> World {
    let boards = [(fxo(hang_up), 2), (BoardKind::Fxs, 2)];
    let boards = boards.map(|(kind, channels)| BoardConfig { kind, channels }).to_vec();
    let config = WorldConfig { boards, by_hand: true, ..WorldConfig::default() };
    World::new(config).expect("the configuration is fine")
}

fn to(world: &mut World, at: u64) -> Vec<(u64, u32, What)> {
    world.handle_timeout(at);
    std::iter::from_fn(|| world.poll_event()).map(|event| (event.at, event.channel, event.what)).collect()
}

/// What line 0 reports, but for what it measures.
fn signals(world: &mut World, at: u64) -> Vec<Signal> {
    let events = to(world, at).into_iter();
    let said =
        events.filter_map(|(_, _, what)| if let What::Line(signal) = what { Some(signal) } else { None });
    said.filter(|signal| !matches!(signal, Signal::Loop { .. })).collect()
}

fn act(world: &mut World, now: u64, line: &str) {
    world.act(now, &line.parse().expect("words are known")).unwrap_or_else(|why| panic!("{line}: {why}"));
}

fn order(world: &mut World, now: u64, channel: u32, order: Order) {
    world.handle_command(now, Command::Line { channel, order }).unwrap_or_else(|why| panic!("{why}"));
}

fn id(number: &str) -> Signal {
    Signal::CallerId(CallerId { number: number.into(), name: "".into() })
}

#[test]
fn a_line_rings_in_its_rhythm_and_tells_the_number_after_the_first_ring() {
    let mut world = analogue(HangUp::BusyTone);
    act(&mut world, 0, "channel 0 calls 8000 from 5550000");
    assert_eq!(signals(&mut world, S - 1), [Signal::RingOn]);
    assert_eq!(signals(&mut world, S), [Signal::RingOff]);
    assert_eq!(signals(&mut world, 2_199 * MS), []);
    assert_eq!(signals(&mut world, 2_200 * MS), [id("5550000")]);
    assert_eq!(signals(&mut world, 6 * S), [Signal::RingOn, Signal::RingOff]);
    act(&mut world, 7 * S, "channel 0 hangs up");
    assert_eq!(signals(&mut world, 60 * S), []);
    assert!(world.is_empty());
}

#[test]
fn answering_too_early_loses_the_number() {
    let mut world = analogue(HangUp::BusyTone);
    act(&mut world, 0, "channel 0 calls 8000 from 5550000");
    order(&mut world, S / 2, 0, Order::Hook { off: true });
    assert_eq!(signals(&mut world, 60 * S), [Signal::RingOn, Signal::RingOff]);
    assert_eq!((world.line(0), world.sound(0)), (Some(LineState::Up), Sound::Voice));
}

#[test]
fn the_number_comes_before_the_first_ring_where_polarity_announces_it() {
    let config = FxoConfig { caller_id: CallerIdAt::Polarity, ..FxoConfig::default() };
    let boards = vec![BoardConfig { kind: BoardKind::Fxo(config), channels: 1 }];
    let config = WorldConfig { boards, by_hand: true, ..WorldConfig::default() };
    let mut world = World::new(config).expect("the configuration is fine");
    act(&mut world, 0, "channel 0 calls 8000 from 5550000");
    assert_eq!(signals(&mut world, 1_200 * MS), [Signal::Polarity { reversed: true }, id("5550000")]);
    assert_eq!(signals(&mut world, 2 * S), [Signal::RingOn]);
}

#[test]
fn the_line_measures_who_is_on_it() {
    let mut world = analogue(HangUp::BusyTone);
    let measured = |world: &mut World, at| {
        to(world, at).into_iter().find_map(|(_, _, what)| match what {
            What::Line(Signal::Loop { voltage_mv, current_ua, .. }) => Some((voltage_mv, current_ua)),
            _ => None,
        })
    };
    order(&mut world, 0, 0, Order::Hook { off: true });
    assert_eq!(measured(&mut world, 0), Some((7_000, 23_000)));
    order(&mut world, S, 0, Order::Hook { off: false });
    assert_eq!(measured(&mut world, S), Some((48_000, 0)));
}

#[test]
fn a_hang_up_shows_as_the_exchange_is_made() {
    let ways = [
        (HangUp::BusyTone, vec![], Sound::Busy),
        (HangUp::Polarity, vec![Signal::Polarity { reversed: true }], Sound::Silence),
        (HangUp::Loop, vec![], Sound::Dial),
        (HangUp::Silence, vec![], Sound::Silence),
        (HangUp::Nothing, vec![], Sound::Noise),
    ];
    for (hang_up, expected, sound) in ways {
        let mut world = analogue(hang_up);
        act(&mut world, 0, "channel 0 calls 8000");
        order(&mut world, 2 * S, 0, Order::Hook { off: true });
        signals(&mut world, 3 * S);
        act(&mut world, 4 * S, "channel 0 hangs up");
        let events = to(&mut world, 5 * S);
        let breaks =
            events.iter().filter(|(_, _, what)| matches!(what, What::Line(Signal::Loop { .. }))).count();
        assert_eq!(breaks, if hang_up == HangUp::Loop { 2 } else { 0 }, "{hang_up:?}: open, and whole again");
        let said: Vec<Signal> = events
            .into_iter()
            .filter_map(|(_, _, what)| if let What::Line(signal) = what { Some(signal) } else { None })
            .filter(|signal| !matches!(signal, Signal::Loop { .. }))
            .collect();
        assert_eq!((said, world.sound(0)), (expected, sound), "{hang_up:?}");
        // the line is the host's until it hangs up: nobody can call
        let call = "channel 0 calls 8000".parse().expect("words");
        assert!(world.is_empty() && world.line(0) == Some(LineState::Idle), "{hang_up:?}");
        order(&mut world, 6 * S, 0, Order::Hook { off: false });
        world.act(7 * S, &call).expect("it is free again");
    }
}

#[test]
fn the_host_dials_and_hears_what_becomes_of_it() {
    let mut world = analogue(HangUp::Polarity);
    order(&mut world, 0, 0, Order::Hook { off: true });
    assert_eq!(world.sound(0), Sound::Dial);
    order(&mut world, S, 0, Order::Digits { digits: "555".into(), ms: 600 });
    order(&mut world, 2 * S, 0, Order::Digits { digits: "1234".into(), ms: 800 });
    to(&mut world, 4_799 * MS);
    assert_eq!((world.sound(0), world.dialled(0)), (Sound::Silence, ""));
    to(&mut world, 4_800 * MS);
    assert_eq!((world.sound(0), world.dialled(0)), (Sound::Ringback, "5551234"));
    act(&mut world, 6 * S, "channel 0 rejects with 17");
    assert_eq!(world.sound(0), Sound::Busy);
    order(&mut world, 8 * S, 0, Order::Hook { off: false });
    assert!(to(&mut world, 60 * S).iter().all(|(_, _, what)| !matches!(what, What::Released { .. })));
    assert!(world.is_empty());
}

#[test]
fn a_glare_answers_a_stranger() {
    let mut world = analogue(HangUp::BusyTone);
    act(&mut world, 0, "channel 0 glares from 139");
    order(&mut world, S, 0, Order::Hook { off: true });
    assert_eq!(signals(&mut world, S), [Signal::RingOn, Signal::RingOff]);
    assert_eq!((world.line(0), world.sound(0)), (Some(LineState::Up), Sound::Voice));
}

#[test]
fn a_phone_rings_shows_who_calls_and_is_picked_up() {
    let mut world = analogue(HangUp::BusyTone);
    let caller_id = Some(CallerId { number: "1001".into(), name: "Anna".into() });
    order(&mut world, 0, 2, Order::Ring { cadence_ms: vec![1_000, 4_000], caller_id: caller_id.clone() });
    to(&mut world, 2_199 * MS);
    assert_eq!(world.shown(2), None, "it is told between the first ring and the second");
    to(&mut world, 2_200 * MS);
    assert_eq!(world.shown(2), caller_id.as_ref());
    act(&mut world, 3 * S, "channel 2 answers");
    assert_eq!(to(&mut world, 3 * S), [(3 * S, 2, What::Line(Signal::Hook { off: true }))]);
    act(&mut world, 4 * S, "channel 2 holds");
    let flash = [false, true].map(|off| What::Line(Signal::Hook { off }));
    let hooks: Vec<What> = to(&mut world, 5 * S).into_iter().map(|(_, _, what)| what).collect();
    assert_eq!(hooks, flash);
    act(&mut world, 6 * S, "channel 2 hangs up");
    assert_eq!(to(&mut world, 6 * S), [(6 * S, 2, What::Line(Signal::Hook { off: false }))]);
    assert!(world.is_empty());
}

#[test]
fn a_phone_dials_when_it_hears_a_dial_tone_and_is_put_down_when_not() {
    let mut world = analogue(HangUp::BusyTone);
    act(&mut world, 0, "channel 2 calls 80");
    world.handle_heard(S, 2, Heard::Machine);
    let keys = signals(&mut world, 4 * S);
    let dialled = [Signal::Hook { off: true }, Signal::Digit { digit: '8' }, Signal::Digit { digit: '0' }];
    assert_eq!(keys, dialled);
    assert_eq!(world.line(2), Some(LineState::Up));
    world.handle_heard(5 * S, 2, Heard::Busy);
    assert_eq!(
        signals(&mut world, 7 * S),
        [Signal::Hook { off: false }],
        "nobody listens to a busy tone for long"
    );

    act(&mut world, 10 * S, "channel 2 calls 80");
    assert_eq!(signals(&mut world, 16 * S), [true, false].map(|off| Signal::Hook { off }));
    assert_eq!(world.stats().no_dial_tone, 1);
}

fn spans(overlap: bool) -> World {
    let boards =
        vec![BoardConfig { kind: BoardKind::E1(E1Config { overlap, ..E1Config::default() }), channels: 60 }];
    let config = WorldConfig { boards, by_hand: true, ..WorldConfig::default() };
    World::new(config).expect("the configuration is fine")
}

#[test]
fn alarms_are_told_when_they_are_sure() {
    let mut world = spans(false);
    act(&mut world, 0, "span 1 alarm red");
    act(&mut world, 2 * S, "span 1 alarm none");
    assert_eq!(to(&mut world, 60 * S), [], "calls survive short ones");
    act(&mut world, 60 * S, "span 1 alarm yellow");
    let alarm = |now, was| What::Alarm { span: 1, now, was };
    let told = to(&mut world, 70 * S);
    assert_eq!(told, [(62_500 * MS, NO_CHANNEL, alarm(Alarms::YELLOW, Alarms::NONE))]);
    act(&mut world, 70 * S, "span 1 alarm none");
    let told = to(&mut world, 90 * S);
    assert_eq!(told, [(80 * S, NO_CHANNEL, alarm(Alarms::NONE, Alarms::YELLOW))]);
    assert_eq!((world.span_channels(1), world.span_of(29)), (Some(30..60), Some(0)));
}

#[test]
fn a_number_comes_piece_by_piece_until_the_host_has_enough() {
    let mut world = spans(true);
    act(&mut world, 0, "channel 0 calls 8000 from 139");
    let call = world.call_on(0).expect("it came in");
    let accept = |step| Command::Accept { call, step };
    let info = |called: &str, more| What::CallInfo { called: called.into(), more };
    let told = |world: &mut World, until| -> Vec<What> {
        to(world, until).into_iter().map(|(_, _, what)| what).collect()
    };
    let incoming = What::Incoming { called: "8".into(), calling: "139".into(), more: true };
    assert_eq!(told(&mut world, 5 * S), [incoming], "nobody has asked for more");
    world.handle_command(5 * S, accept(Step::SetupAck)).expect("it is offered");
    assert_eq!(told(&mut world, 5_500 * MS), [info("80", true), info("800", true)]);
    world.handle_command(5_500 * MS, accept(Step::Proceeding)).expect("it is offered");
    assert_eq!(told(&mut world, 10 * S), []);
}

#[test]
fn a_restart_ends_the_calls_of_its_span_alone() {
    let mut world = spans(false);
    act(&mut world, 0, "channel 0 calls 8000");
    act(&mut world, 0, "channel 30 calls 8000");
    act(&mut world, S, "span 0 restarts");
    let lines = [0, 30].map(|channel| world.line(channel));
    assert_eq!(lines, [Some(LineState::Cleared), Some(LineState::Offered)]);
}

/// Whatever the host orders, and whatever people do: bursts of ringing and hooks take turns, no call is left in the end.
#[test]
fn any_order_of_orders_and_acts_keeps_lines_whole() {
    let mut seen = 0;
    for seed in 0..150 {
        let hang_up = [HangUp::BusyTone, HangUp::Polarity, HangUp::Loop, HangUp::Silence][seed as usize % 4];
        let mut world = analogue(hang_up);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut below = |n: u64| random.next_u64() % n;
        let (mut now, mut rings, mut lifted) = (0, [false; 4], [false; 4]);
        for _ in 0..1_500 {
            now += below(2_000) * MS;
            let channel = below(4) as u32;
            let orders = [
                Order::Hook { off: true },
                Order::Hook { off: false },
                Order::Digits { digits: "12".into(), ms: 400 },
                Order::Ring { cadence_ms: vec![1_000, 2_000], caller_id: None },
                Order::RingOff,
                Order::Polarity { reversed: true },
            ];
            let acts = ["calls 80", "answers", "hangs up", "rejects", "glares", "holds", "digit 5", "busy"];
            match below(3) {
                0 => {
                    let order = orders[below(6) as usize].clone();
                    // what cannot be is refused, and changes nothing
                    let _ = world.handle_command(now, Command::Line { channel, order });
                }
                1 => {
                    let act = format!("channel {channel} {}", acts[below(8) as usize]);
                    let _ = world.act(now, &act.parse().expect("words are known"));
                }
                _ => {
                    let heard =
                        [Heard::Silence, Heard::Machine, Heard::Person, Heard::Busy][below(4) as usize];
                    world.handle_heard(now, channel, heard);
                }
            }
            for (_, channel, what) in to(&mut world, now) {
                let (rings, lifted) = (&mut rings[channel as usize], &mut lifted[channel as usize]);
                match what {
                    What::Line(Signal::RingOn) => assert!(!std::mem::replace(rings, true), "seed {seed}"),
                    What::Line(Signal::RingOff) => assert!(std::mem::replace(rings, false), "seed {seed}"),
                    What::Line(Signal::Hook { off }) => {
                        assert_ne!(std::mem::replace(lifted, off), off, "seed {seed}");
                    }
                    What::Line(_) | What::Sound(_) => {}
                    other => panic!("seed {seed}: a line does not say {other:?}"),
                }
                seen += 1;
            }
        }
        for channel in 0..4 {
            let _ = world.handle_command(now, Command::Line { channel, order: Order::Hook { off: false } });
            let _ = world.handle_command(now, Command::Line { channel, order: Order::RingOff });
            let _ = world.act(now, &format!("channel {channel} hangs up").parse().expect("words"));
        }
        to(&mut world, now + 60 * S);
        assert!(world.is_empty(), "seed {seed}: everybody has hung up");
    }
    assert!(seen > 20_000, "only {seen} signals: the lines sleep");
}
