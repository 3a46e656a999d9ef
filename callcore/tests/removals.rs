//! A board is pulled out and put back ten thousand times under load, in virtual time: every call has an end with a cause and
//! a record, no leg is left, and memory does not grow.
#![cfg(feature = "sim")]

use callcore::base::Rng;
use callcore::board::Cause;
use callcore::call::Fact;
use callcore::sim::model::{Act, Dist};
use callcore::sim::{Centre, CentreConfig};
use std::time::Duration;

const REMOVALS: u32 = 10_000;
/// What is counted from then on: by then all that is made once has been made.
const WARM_UP: u32 = 1_000;
/// Longest time between two removals, and longest absence, in milliseconds.
const THERE_MS_MAX: u64 = 8_000;
const AWAY_MS_MAX: u64 = 500;

/// What came of the calls.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ends {
    arrived: u64,
    ended: u64,
    by_removal: u64,
    /// Removals that took a call with them.
    removals_with_calls: u64,
}

struct Rack {
    centre: Centre,
    rng: Rng,
    ends: Ends,
}

impl Rack {
    /// Two callers a second, who talk, wait, and hang up.
    fn new(seed: u64) -> Self {
        let mut config = CentreConfig::support(8, 4, seed).with_calls(u64::MAX, 3_600.0, 4_000, 20_000);
        config.world.caller.press_after_ms = Dist::Uniform(0, 1_000);
        config.world.agent.answer_after_ms = Dist::Uniform(0, 1_500);
        (config.prompt_ms, config.check_every, config.keep_entries) = (300, 100, true);
        let centre = Centre::new(config).unwrap_or_else(|problems| panic!("{problems:?}"));
        Self { centre, rng: Rng::new(seed), ends: Ends::default() }
    }

    fn live(&mut self, ms_max: u64) {
        let moment = self.centre.now().instant + Duration::from_millis(1 + self.rng.below(ms_max));
        self.centre.go_to(moment).unwrap_or_else(|why| panic!("{why}"));
        self.count();
    }

    /// The board is pulled out and comes back.
    fn swap(&mut self) {
        self.live(THERE_MS_MAX);
        let before = self.ends.by_removal;
        for there in [false, true] {
            self.centre.act(&Act::Device { there }).unwrap_or_else(|why| panic!("{why}"));
            self.live(AWAY_MS_MAX);
        }
        self.ends.removals_with_calls += u64::from(self.ends.by_removal > before);
    }

    fn count(&mut self) {
        for entry in self.centre.take_entries() {
            match entry.fact {
                Fact::Arrived { .. } => self.ends.arrived += 1,
                Fact::Ended { cause, .. } => {
                    assert!((1..=127).contains(&cause.q850), "{cause:?}");
                    self.ends.ended += 1;
                    self.ends.by_removal += u64::from(cause.q850 == Cause::OUT_OF_ORDER.q850);
                }
                _ => {}
            }
        }
        self.centre.take_events();
    }
}

/// Proves: A7.8 in part (no removal of a board loses or leaves a call)
#[test]
fn ten_thousand_removals_under_load_leave_nothing() {
    let mut rack = Rack::new(1);
    (0..WARM_UP).for_each(|_| rack.swap());
    let kept = allocation_counter::measure(|| (WARM_UP..REMOVALS).for_each(|_| rack.swap()));
    rack.centre.heal(600_000).unwrap_or_else(|why| panic!("{why}"));
    rack.count();
    println!("{:?}, {} bytes more after {} removals", rack.ends, kept.bytes_current, REMOVALS - WARM_UP);
    let Ends { arrived, ended, by_removal, removals_with_calls } = rack.ends;
    assert_eq!(
        (ended, rack.centre.records_count()),
        (arrived, arrived),
        "each call has one end and one record"
    );
    assert!(by_removal > u64::from(REMOVALS) && removals_with_calls > u64::from(REMOVALS) * 8 / 10);
    assert!(kept.bytes_current < 65_536, "{} bytes", kept.bytes_current);
}

#[test]
fn the_same_seed_removes_in_the_same_moments() {
    let live = |seed| {
        let mut rack = Rack::new(seed);
        (0..200).for_each(|_| rack.swap());
        (rack.centre.digest(), rack.ends)
    };
    assert_eq!(live(2), live(2));
    assert_ne!(live(2), live(3));
}
