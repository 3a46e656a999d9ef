//! The lives of a caller and an agent, told step by step; one test per transition that is worth a story.

use callcore_sim_model::*;

const S: u64 = 1_000_000_000;

fn world() -> World {
    let mut config = WorldConfig { trunks: 2, extensions: 2, ..WorldConfig::default() };
    config.caller.digits = vec![('2', 1)];
    config.caller.press_after_ms = Dist::Fixed(3_000);
    config.caller.patience_ms = Dist::Fixed(20_000);
    config.agent.answer_after_ms = Dist::Fixed(2_000);
    config.agent.talk_ms = Dist::Fixed(10_000);
    World::new(config).expect("the configuration is fine")
}

/// Runs to `at` and returns what happened, in short.
fn to(world: &mut World, at: u64) -> Vec<(u64, u32, What)> {
    world.handle_timeout(at);
    std::iter::from_fn(|| world.poll_event()).map(|event| (event.at, event.channel, event.what)).collect()
}

fn act(world: &mut World, now: u64, line: &str) {
    let act: Act = line.parse().expect("words are known");
    world.act(now, &act).unwrap_or_else(|why| panic!("{line}: {why}"));
}

fn make(world: &mut World, now: u64, channel: u32, call: u64) -> Result<(), Refusal> {
    world.handle_command(
        now,
        Command::Make {
            channel,
            call,
            called: "100".into(),
            calling: "".into(),
            timeout_ms: 0,
            overlap: false,
        },
    )
}

fn calls_in(world: &mut World) -> u64 {
    act(world, 0, "channel 0 calls 8000 from 13800000000");
    let (called, calling) = ("8000".into(), "13800000000".into());
    assert_eq!(to(world, 0), [(0, 0, What::Incoming { called, calling, more: false })]);
    world.call_on(0).expect("a call came in")
}

#[test]
fn a_caller_presses_waits_talks_and_the_agent_hangs_up() {
    let mut world = world();
    let caller = calls_in(&mut world);
    assert_eq!(caller % 2, 1, "the model's ids are odd");
    world.handle_command(S, Command::Answer { call: caller }).expect("it is offered");
    assert_eq!(to(&mut world, S), [(S, 0, What::Connected)]);
    world.handle_heard(2 * S, 0, Heard::Machine);
    assert_eq!(
        to(&mut world, 30 * S),
        [(5 * S, 0, What::Digit { digit: '2' }), (25 * S, 0, What::Disconnected { q850: 16 })]
    );
    assert_eq!(world.stats().abandoned, 1);
}

#[test]
fn a_caller_that_hears_a_person_stays_until_the_agent_is_done() {
    let mut world = world();
    let caller = calls_in(&mut world);
    world.handle_command(0, Command::Answer { call: caller }).expect("it is offered");
    make(&mut world, 0, 2, 2).expect("the phone is idle");
    let events = to(&mut world, 2 * S);
    assert_eq!(events[1..], [(0, 2, What::Dialing), (0, 2, What::Alerting), (2 * S, 2, What::Connected)]);
    assert!(world.speaks(2) && !world.speaks(0), "who is called says hello first");
    world.handle_heard(3 * S, 0, Heard::Person);
    world.handle_heard(3 * S, 2, Heard::Person);
    assert!(world.speaks(0));
    assert_eq!(to(&mut world, 12 * S), []);
    assert_eq!(to(&mut world, 100 * S), [(13 * S, 2, What::Disconnected { q850: 16 })]);
    assert_eq!(world.stats().talked, 1);
}

/// Talk is counted over a hold: 4 s, then 5 s of music, then the other 6 s.
#[test]
fn a_hold_does_not_shorten_the_talk() {
    let mut world = world();
    make(&mut world, 0, 2, 2).expect("the phone is idle");
    to(&mut world, 2 * S);
    for (at, heard) in [(2, Heard::Person), (6, Heard::Machine), (11, Heard::Person)] {
        world.handle_heard(at * S, 2, heard);
    }
    assert_eq!(to(&mut world, 100 * S), [(17 * S, 2, What::Disconnected { q850: 16 })]);
}

#[test]
fn a_busy_phone_clears_with_cause_17_and_waits_for_the_drop() {
    let mut world = world();
    act(&mut world, 0, "channel 3 busy");
    make(&mut world, 0, 3, 4).expect("taken; the outcome is an event");
    assert_eq!(to(&mut world, 0), [(0, 3, What::Dialing), (0, 3, What::Disconnected { q850: Q850_BUSY })]);
    assert_eq!(make(&mut world, 0, 3, 6), Err(Refusal::Busy { channel: 3 }));
    world.handle_command(S, Command::Drop { call: 4, q850: 17 }).expect("it lives until dropped");
    assert_eq!(to(&mut world, S), [(S, 3, What::Released { q850: 17 })]);
    assert!(world.is_empty());
}

#[test]
fn dual_seizure_is_glare() {
    let mut world = world();
    calls_in(&mut world);
    assert_eq!(make(&mut world, 0, 0, 8), Err(Refusal::Glare { channel: 0 }));
}

#[test]
fn people_by_hand_do_only_what_they_are_told() {
    let mut world = world();
    act(&mut world, 0, "channel 2 by hand");
    make(&mut world, 0, 2, 2).expect("the phone is idle");
    assert_eq!(to(&mut world, 900 * S).len(), 2, "dialing, alerting, and nothing else");
    act(&mut world, 900 * S, "channel 2 answers");
    act(&mut world, 901 * S, "channel 2 digits 1#");
    act(&mut world, 902 * S, "channel 2 holds");
    act(&mut world, 903 * S, "channel 2 retrieves");
    act(&mut world, 904 * S, "channel 2 hangs up");
    let whats: Vec<What> = to(&mut world, 904 * S).into_iter().map(|(_, _, what)| what).collect();
    let digit = |digit| What::Digit { digit };
    assert_eq!(
        whats,
        [
            What::Connected,
            digit('1'),
            digit('#'),
            What::Held,
            What::Retrieved,
            What::Disconnected { q850: 16 }
        ]
    );
}

#[test]
fn a_board_that_is_pulled_out_ends_its_calls_and_comes_back() {
    let mut world = world();
    let caller = calls_in(&mut world);
    act(&mut world, S, "device removed");
    assert_eq!(
        to(&mut world, S),
        [(S, NO_CHANNEL, What::DeviceRemoved), (S, 0, What::Released { q850: Q850_OUT_OF_ORDER })]
    );
    assert_eq!(world.handle_command(S, Command::Answer { call: caller }), Err(Refusal::Removed));
    act(&mut world, 2 * S, "device back");
    make(&mut world, 2 * S, 0, 10).expect("as new");
}

#[test]
fn replay_tells_the_state_again() {
    let mut world = world();
    let caller = calls_in(&mut world);
    world.handle_command(S, Command::Answer { call: caller }).expect("it is offered");
    act(&mut world, S, "channel 0 holds");
    to(&mut world, S);
    world.handle_command(2 * S, Command::Replay { channel: Some(0) }).expect("the channel exists");
    assert_eq!(to(&mut world, 2 * S), [(2 * S, 0, What::Connected), (2 * S, 0, What::Held)]);
}

/// Who takes a channel out of service brings it back; what is so or in alarm is told again.
#[test]
fn blocks_of_both_ends_are_told_apart_and_again() {
    let board = BoardConfig { kind: BoardKind::E1(E1Config::default()), channels: 30 };
    let mut world =
        World::new(WorldConfig { boards: vec![board], ..WorldConfig::default() }).expect("a span");
    let (local, remote) = (Blocks::LOCAL, Blocks::REMOTE);
    let both = Blocks(local.0 | remote.0);
    let blocked = |now, was| What::Blocked { now, was };
    let does = |world: &mut World, on: Option<bool>, line: &str| {
        match on {
            Some(on) => world.handle_command(S, Command::Service { channel: 3, on }).expect("it exists"),
            None => act(world, S, line),
        }
        to(world, S).into_iter().map(|(_, _, what)| what).collect::<Vec<_>>()
    };
    assert_eq!(does(&mut world, Some(false), ""), [blocked(local, Blocks::NONE)]);
    assert_eq!(does(&mut world, Some(false), ""), []);
    assert_eq!(does(&mut world, None, "channel 3 blocked"), [blocked(both, local)]);
    assert_eq!(does(&mut world, Some(true), ""), [blocked(remote, both)]);
    assert_eq!(does(&mut world, None, "channel 3 unblocked"), [blocked(Blocks::NONE, remote)]);
    does(&mut world, Some(false), "");
    act(&mut world, S, "span 0 alarm red");
    to(&mut world, 10 * S);
    world.handle_command(20 * S, Command::Replay { channel: None }).expect("it may be asked");
    let red = Alarms::RED;
    let alarm = (20 * S, NO_CHANNEL, What::Alarm { span: 0, now: red, was: red });
    assert_eq!(to(&mut world, 20 * S), [alarm, (20 * S, 3, blocked(local, local))]);
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let mut world = world();
    let text = |refusal: Result<(), Refusal>| refusal.expect_err("refused").to_string();
    assert_eq!(text(make(&mut world, 0, 9, 2)), "no channel 9: the board has 4, counted from 0");
    assert_eq!(text(make(&mut world, 0, 0, 3)), "a call the host makes has an even id above 0");
    assert!(text(world.handle_command(0, Command::Answer { call: 5 })).contains("no call 5"));
    assert_eq!(text(world.act(0, &Act::AnswerPhone { channel: 2 })), "cannot answer: the line is idle");
    world.handle_command(0, Command::Service { channel: 1, on: false }).expect("it exists");
    assert_eq!(text(make(&mut world, 0, 1, 2)), "channel 1 is out of service");
}

#[test]
fn a_bad_configuration_is_refused_by_its_path() {
    let why = |change: fn(&mut WorldConfig)| {
        let mut config = WorldConfig::default();
        change(&mut config);
        World::new(config).expect_err("refused").to_string()
    };
    assert!(why(|c| (c.trunks, c.extensions) = (0, 0)).starts_with("trunks: "));
    assert!(why(|c| c.caller.digits = vec![('x', 1)]).starts_with("caller.digits.0: 'x'"));
    assert!(why(|c| c.agent.busy_share = 1.5).starts_with("agent.busy_share: 1.5"));
    assert!(why(|c| c.agent.talk_ms = Dist::Uniform(9, 1)).starts_with("agent.talk_ms: "));
    assert!(why(|c| c.arrivals.called[0].0.clear()).starts_with("arrivals.called.0.number: "));
    assert!(why(|c| c.arrivals.per_hour = f64::NAN).starts_with("arrivals.per_hour: "));
}

#[test]
fn a_pause_ends_every_call_without_a_word_and_ids_go_on() {
    let mut world = world();
    let first = calls_in(&mut world);
    world.resume(500 * S);
    assert!(world.is_empty());
    assert_eq!(to(&mut world, 600 * S), []);
    act(&mut world, 600 * S, "channel 0 calls 8000");
    assert_eq!(world.call_on(0), Some(first + 2));
}
