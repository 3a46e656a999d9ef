//! A whole centre in virtual time: repeatable, complete, and whole again after everything has gone wrong.

use callcore::sim::faults::Faults;
use callcore::sim::{Centre, CentreConfig};

fn centre(seed: u64, calls: u64) -> Centre {
    let mut config = CentreConfig::support(30, 10, seed).with_calls(calls, 200.0, 120_000, 90_000);
    config.check_every = 7;
    Centre::new(config).unwrap_or_else(|problems| panic!("{problems:?}"))
}

#[test]
fn the_same_seed_gives_the_same_ledger_and_another_seed_another() {
    let run = |seed| {
        let mut centre = centre(seed, 300);
        centre.run_to_end().unwrap_or_else(|broken| panic!("{broken}"));
        (centre.digest(), centre.records_count(), centre.figures().total())
    };
    let (first, records, total) = run(1);
    assert_eq!(records, 300);
    assert!(total.answered > 150, "{total:?}");
    assert_eq!(run(1).0, first);
    assert_ne!(run(2).0, first);
}

#[test]
fn whatever_goes_wrong_no_promise_is_broken() {
    let seeds = std::env::var("CALLCORE_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    for seed in 0..seeds {
        let mut config = CentreConfig::support(8, 4, seed).with_calls(60, 600.0, 20_000, 20_000);
        config.world.agent.no_answer_share = 0.1;
        config.world.agent.reject_share = 0.1;
        config.faults = Faults::all();
        config.check_every = 1;
        let mut centre = Centre::new(config).unwrap_or_else(|problems| panic!("{problems:?}"));
        for _ in 0..1_500 {
            match centre.step() {
                Ok(true) => {}
                Ok(false) => break,
                Err(broken) => panic!("{broken}"),
            }
        }
        centre.heal(3_600_000).unwrap_or_else(|broken| panic!("{broken}"));
    }
}
