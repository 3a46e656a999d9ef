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

/// How often each fault really came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are those of `Faults`
pub struct FaultCounts {
    pub event_lost: u64,
    pub event_doubled: u64,
    pub event_late: u64,
    pub board_gone: u64,
    pub disk_full: u64,
    pub slow_job: u64,
    pub wall_jump: u64,
}

impl FaultCounts {
    /// Each kind by name.
    #[must_use]
    pub const fn by_name(&self) -> [(&'static str, u64); 7] {
        [
            ("event_lost", self.event_lost),
            ("event_doubled", self.event_doubled),
            ("event_late", self.event_late),
            ("board_gone", self.board_gone),
            ("disk_full", self.disk_full),
            ("slow_job", self.slow_job),
            ("wall_jump", self.wall_jump),
        ]
    }
}

/// The dice of a run.
#[derive(Debug)]
pub(super) struct FaultDice {
    faults: Faults,
    counts: FaultCounts,
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
        Self { faults, counts: FaultCounts::default(), rng }
    }

    pub(super) fn stop(&mut self) {
        self.faults = Faults::default();
    }

    pub(super) fn counts(&self) -> &FaultCounts {
        &self.counts
    }

    /// Whether a fault comes that comes so often; counted where `count` says.
    fn roll(&mut self, per_mille: u32, count: impl Fn(&mut FaultCounts) -> &mut u64) -> bool {
        let comes = per_mille > 0 && self.rng.chance(per_mille);
        *count(&mut self.counts) += u64::from(comes);
        comes
    }

    pub(super) fn fate(&mut self) -> Fate {
        if self.roll(self.faults.event_lost, |it| &mut it.event_lost) {
            Fate::Lost
        } else if self.roll(self.faults.event_doubled, |it| &mut it.event_doubled) {
            Fate::Doubled
        } else if self.roll(self.faults.event_late, |it| &mut it.event_late) {
            Fate::Delivered { late_ms: self.rng.below(self.faults.late_ms_max + 1) }
        } else {
            Fate::Delivered { late_ms: 0 }
        }
    }

    pub(super) fn board_gone(&mut self) -> bool {
        self.roll(self.faults.board_gone, |it| &mut it.board_gone)
    }

    pub(super) fn disk_full(&mut self) -> bool {
        self.roll(self.faults.disk_full, |it| &mut it.disk_full)
    }

    /// How long closing a file takes, in milliseconds.
    pub(super) fn job_ms(&mut self) -> u64 {
        if self.roll(self.faults.slow_job, |it| &mut it.slow_job) {
            1_000 + self.rng.below(20_000)
        } else {
            5
        }
    }

    pub(super) fn wall_jump_ms(&mut self) -> i64 {
        if !self.roll(self.faults.wall_jump, |it| &mut it.wall_jump) {
            return 0;
        }
        let hours = i64::try_from(self.rng.below(49)).unwrap_or(0) - 24;
        hours * 3_600_000
    }
}
