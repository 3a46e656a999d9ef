//! A whole centre in virtual time: repeatable, complete, and as theory has it.

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
