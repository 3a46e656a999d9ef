//! How early packets come: the level that is held, and what it has to be for nearly all of them to come in time.
//!
//! A packet's *slack* is how far ahead of what is read next it is placed, in RTP ticks. The fastest packets of the last
//! seconds show where the reading stands: their slack is the delay that the buffer adds. How much less the others have is
//! the network's jitter, and the reading's own grid of frames.

/// How wide a bin of the histogram is, in ms, and how many there are.
const BIN_MS: u32 = 5;
const BINS: usize = 64;
/// When so many packets are counted all bins are halved: half a minute is remembered well.
const COUNTED_MAX: u16 = 1024;
/// No packet has been seen.
const NONE: i32 = i32::MIN;

pub(super) struct Level {
    /// Best slack in this part of the window, and in the parts before, the latest first.
    now: i32,
    before: [i32; 2],
    bins: [u16; BINS],
    counted: u16,
    bin_ticks: u32,
}

impl Level {
    pub(super) fn new(ms: u32) -> Self {
        Self { now: NONE, before: [NONE; 2], bins: [0; BINS], counted: 0, bin_ticks: BIN_MS * ms }
    }

    /// The slack of the fastest packets, if any came lately.
    pub(super) fn best(&self) -> Option<i32> {
        let best = self.now.max(self.before[0]);
        (best != NONE).then_some(best)
    }

    /// How far the level is from a target. It is too low when no packet came as early as it should, too high when some did
    /// in each part of the window: what comes and goes, as on an edge of the grid of frames, moves nothing. Far too high
    /// is believed at once.
    pub(super) fn off(&self, target: i32, far: i32) -> i32 {
        let Some(best) = self.best() else { return 0 };
        let off = best.saturating_sub(target);
        if off <= 0 || off >= far {
            return off;
        }
        let steady = self.before[0].min(self.before[1]);
        if steady == NONE { 0 } else { steady.saturating_sub(target).max(0) }
    }

    /// A packet came.
    pub(super) fn observe(&mut self, slack: i32) {
        self.now = self.now.max(slack);
        let behind = self.now.max(self.before[0]).abs_diff(slack);
        let bin = (behind.div_ceil(self.bin_ticks) as usize).min(BINS - 1);
        self.bins[bin] += 1;
        self.counted += 1;
        if self.counted >= COUNTED_MAX {
            self.bins.iter_mut().for_each(|bin| *bin /= 2);
            self.counted = self.bins.iter().sum();
        }
    }

    /// The reading moved against time: ahead leaves less slack to all that come.
    pub(super) fn shift(&mut self, ahead: i32) {
        let [before, earlier] = &mut self.before;
        for best in [&mut self.now, before, earlier] {
            if *best != NONE {
                *best = best.saturating_sub(ahead);
            }
        }
    }

    /// A part of the window has passed.
    pub(super) fn turn(&mut self) {
        self.before = [std::mem::replace(&mut self.now, NONE), self.before[0]];
    }

    /// The stream begins anew; the network is the same.
    pub(super) fn restart(&mut self) {
        (self.now, self.before) = (NONE, [NONE; 2]);
    }

    /// So many ticks are all but `late_permille` of the packets behind the fastest ones, at most.
    pub(super) fn spread(&self, late_permille: u32) -> u32 {
        let mut left = u32::from(self.counted) * late_permille / 1000;
        let mut bin = BINS - 1;
        while bin > 0 && u32::from(self.bins[bin]) <= left {
            left -= u32::from(self.bins[bin]);
            bin -= 1;
        }
        bin as u32 * self.bin_ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_leaves_out_as_many_as_it_may() {
        let mut level = Level::new(8);
        level.observe(480);
        (0..980).for_each(|_| level.observe(470));
        (0..19).for_each(|_| level.observe(160));
        assert_eq!((level.best(), level.spread(20), level.spread(10)), (Some(480), 40, 320));
        level.shift(100);
        assert_eq!(level.best(), Some(380));
        level.turn();
        assert_eq!(level.best(), Some(380));
        level.turn();
        assert_eq!(level.best(), None);
    }

    #[test]
    fn what_comes_and_goes_moves_nothing() {
        let mut level = Level::new(8);
        for (part, slack) in [480, 640, 480, 640, 480, 480].into_iter().enumerate() {
            level.observe(slack);
            level.turn();
            assert_eq!(level.off(480, 320), 0, "{part}");
        }
        level.observe(320);
        level.turn();
        assert_eq!(level.off(480, 320), -160);
        level.observe(640);
        assert_eq!((level.off(480, 320), level.off(480, 160)), (0, 160));
        (0..2).for_each(|_| {
            level.observe(640);
            level.turn();
        });
        assert_eq!(level.off(480, 320), 160);
    }

    #[test]
    fn what_was_long_ago_counts_less_and_less() {
        let mut level = Level::new(8);
        (0..50).for_each(|n| level.observe(if n % 2 == 0 { 800 } else { 0 }));
        assert_eq!(level.spread(10), 800);
        (0..5000).for_each(|_| level.observe(800));
        assert_eq!(level.spread(10), 0);
    }
}
