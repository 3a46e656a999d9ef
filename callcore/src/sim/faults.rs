//! What goes wrong, by seeded dice: lost, doubled and late events, boards that vanish, disks that fill, clocks that jump.

use crate::base::Rng;

/// How often each fault comes, in a thousand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// A board event is lost; the driver reports a loss soon after.
    pub event_lost: u32,
    /// A board event comes twice.
    pub event_doubled: u32,
    /// A board event comes late, and all after it.
    pub event_late: u32,
    /// How late at most, in milliseconds.
    pub late_ms_max: u64,
    /// The board vanishes at a moment at which something happens, and comes back.
    pub board_gone: u32,
    /// A recording cannot be written.
    pub disk_full: u32,
    /// Closing a file takes seconds.
    pub slow_job: u32,
    /// Civil time jumps.
    pub wall_jump: u32,
}

impl Faults {
    /// Everything now and then.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            event_lost: 15,
            event_doubled: 30,
            event_late: 60,
            late_ms_max: 3_000,
            board_gone: 3,
            disk_full: 50,
            slow_job: 200,
            wall_jump: 5,
        }
    }
}

/// The dice of a run.
#[derive(Debug)]
pub(super) struct FaultDice {
    faults: Faults,
    rng: Rng,
}

/// What becomes of a board event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Delivered { late_ms: u64 },
    Doubled,
    Lost,
}

impl FaultDice {
    pub(super) fn new(faults: Faults, rng: Rng) -> Self {
        Self { faults, rng }
    }

    pub(super) fn stop(&mut self) {
        self.faults = Faults::default();
    }

    fn roll(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.rng.chance(per_mille)
    }

    pub(super) fn fate(&mut self) -> Fate {
        if self.roll(self.faults.event_lost) {
            Fate::Lost
        } else if self.roll(self.faults.event_doubled) {
            Fate::Doubled
        } else if self.roll(self.faults.event_late) {
            Fate::Delivered { late_ms: self.rng.below(self.faults.late_ms_max + 1) }
        } else {
            Fate::Delivered { late_ms: 0 }
        }
    }

    pub(super) fn board_gone(&mut self) -> bool {
        self.roll(self.faults.board_gone)
    }

    pub(super) fn disk_full(&mut self) -> bool {
        self.roll(self.faults.disk_full)
    }

    /// How long closing a file takes, in milliseconds.
    pub(super) fn job_ms(&mut self) -> u64 {
        if self.roll(self.faults.slow_job) { 1_000 + self.rng.below(20_000) } else { 5 }
    }

    pub(super) fn wall_jump_ms(&mut self) -> i64 {
        if !self.roll(self.faults.wall_jump) {
            return 0;
        }
        let hours = i64::try_from(self.rng.below(49)).unwrap_or(0) - 24;
        hours * 3_600_000
    }
}
