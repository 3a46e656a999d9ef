//! The one clock of a node: the core's integers from the machine's clocks, faster than these if so wished.

use crate::base::{Instant, Now, WallTime};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// CLOCK_MONOTONIC times a speed, counted from the start of the node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: std::time::Instant,
    origin_wall: WallTime,
    speed: f64,
}

impl Clock {
    /// A clock that begins now. `speed` is 1.0 but in tests and demonstrations.
    pub(crate) fn new(speed: f64) -> Self {
        Self { origin: std::time::Instant::now(), origin_wall: wall(), speed }
    }

    /// Whether it runs as fast as the world.
    pub(crate) fn is_real(&self) -> bool {
        self.speed == 1.0
    }

    /// Nanoseconds of the core's time since the origin.
    pub(crate) fn nanos(&self) -> u64 {
        let real = u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        if self.speed == 1.0 { real } else { (real as f64 * self.speed) as u64 }
    }

    /// Both clocks.
    pub(crate) fn now(&self) -> Now {
        let instant = Instant::from_nanos(self.nanos());
        // at speed 1 the wall clock is asked each time: it may have been set
        let wall = if self.speed == 1.0 {
            wall()
        } else {
            WallTime(self.origin_wall.0.saturating_add_unsigned(instant.as_millis()))
        };
        Now { instant, wall }
    }

    /// How long a thread has to sleep for the core's clock to reach `at`.
    pub(crate) fn until(&self, at: Instant) -> Duration {
        at.since(Instant::from_nanos(self.nanos())).div_f64(self.speed)
    }

    /// A stretch of the core's time as the machine's.
    pub(crate) fn real(&self, time: Duration) -> Duration {
        time.div_f64(self.speed)
    }
}

fn wall() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_is_fast_and_both_its_hands_agree() {
        let clock = Clock::new(1000.0);
        let (before, real) = (clock.now(), std::time::Instant::now());
        while real.elapsed() < Duration::from_millis(3) {
            std::hint::spin_loop();
        }
        let after = clock.now();
        let passed = after.instant.millis_since(before.instant);
        assert!(passed >= 3000, "{passed} ms");
        assert!((after.wall.0 - before.wall.0).abs_diff(passed as i64) <= 1);
        assert!(clock.until(after.instant + Duration::from_secs(10)) <= Duration::from_millis(10));
        assert_eq!(clock.until(Instant::ZERO), Duration::ZERO);
    }
}
