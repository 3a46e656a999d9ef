//! The people behave like the theory's: trunks full of talking callers block as Erlang B says, callers leave as drawn.

use callcore_sim_model::*;

/// Answers every call at once, lets every caller hear a person, and drops when it hangs up.
fn serve(world: &mut World, calls: u64) {
    while world.stats().offered < calls {
        let now = world.poll_timeout().expect("arrivals never end");
        world.handle_timeout(now);
        while let Some(event) = world.poll_event() {
            match event.what {
                What::Incoming { .. } => {
                    world.handle_command(now, Command::Answer { call: event.call }).expect("just offered");
                    world.handle_heard(now, event.channel, Heard::Person);
                }
                What::Disconnected { .. } => world
                    .handle_command(now, Command::Drop { call: event.call, q850: 16 })
                    .expect("just cleared"),
                _ => {}
            }
        }
    }
}

fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, n| load * blocked / (f64::from(n) + load * blocked))
}

fn blocked_share(talk_ms: Dist) -> f64 {
    let caller = CallerConfig { hangs_up_share: 1.0, talk_ms, ..CallerConfig::default() };
    let arrivals = Arrivals { per_hour: 288.0, ..Arrivals::default() };
    let config =
        WorldConfig { trunks: 10, extensions: 0, seed: 4, arrivals, caller, ..WorldConfig::default() };
    let mut world = World::new(config).expect("the configuration is fine");
    serve(&mut world, 200_000);
    world.stats().blocked as f64 / world.stats().offered as f64
}

/// 288 calls an hour of 100 s each are 8 erlang; ten trunks block 12.2 % of them, whatever the shape of the talk time.
#[test]
fn ten_trunks_at_eight_erlang_block_as_erlang_b_says() {
    let expected = erlang_b(10, 8.0);
    assert!((expected - 0.1217).abs() < 1e-4);
    for talk_ms in [Dist::Exponential(100_000), Dist::Fixed(100_000), Dist::Uniform(0, 200_000)] {
        let got = blocked_share(talk_ms);
        // 200,000 arrivals: the standard error is near 0.0015, correlation included
        assert!((got - expected).abs() < 0.006, "{talk_ms}: {got} against {expected}");
    }
}

/// Caller n is the same person whatever the host does, so that two set-ups can be compared call by call.
#[test]
fn the_same_people_call_whatever_the_host_does() {
    let run = |trunks: u32| {
        let arrivals = Arrivals { per_hour: 100.0, total: Some(50), ..Arrivals::default() };
        let config = WorldConfig { trunks, extensions: 0, arrivals, ..WorldConfig::default() };
        let mut world = World::new(config).expect("the configuration is fine");
        world.handle_timeout(7_200_000_000_000);
        let events = std::iter::from_fn(move || world.poll_event());
        events
            .filter_map(
                |event| if let What::Incoming { calling, .. } = event.what { Some(calling) } else { None },
            )
            .collect::<Vec<_>>()
    };
    let (few, many) = (run(20), run(60));
    assert_eq!(many.len(), 50);
    assert_eq!(few[..], many[..20]);
}
