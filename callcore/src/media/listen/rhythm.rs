//! Sound and silence in turn: where bursts begin and end, to 5 ms.
//!
//! A slot is loud when it is at most 12 dB below what sounded lately and above a floor. Silence counts after 30 ms, sound
//! after 15 ms, both from where they began: the nulls of modulated tones and clicks change nothing.

/// Slots of silence until it counts, and of sound.
const OFF_SLOTS: u16 = 6;
const ON_SLOTS: u16 = 3;
/// Mean square of the quietest tone: -41.5 dBm0.
const POWER_MIN: f32 = 18_000.0;
/// 12 dB.
const BELOW: f32 = 1.0 / 16.0;
/// What sounded lately counts less by 2 dB each second.
const DECAY: f32 = 0.9977;
/// Milliseconds of a slot.
pub(super) const SLOT_MS: u32 = 5;

/// A stretch that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) is_on: bool,
    pub(super) slots: u32,
}

/// Follows the level, slot by slot.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rhythm {
    is_on: bool,
    /// Slots of the present stretch, and those at its end that contradict it.
    slots: u32,
    against: u16,
    level: f32,
}

impl Rhythm {
    /// The next slot's mean square; the stretch that it ended.
    pub(super) fn next(&mut self, power: f32) -> Option<Stretch> {
        if self.is_on && self.slots >= u32::from(OFF_SLOTS) && power * BELOW > self.level {
            return Some(self.begin_over(power));
        }
        let is_loud = power > POWER_MIN.max(self.level * BELOW);
        self.level *= DECAY;
        if is_loud {
            self.level = self.level.max(power);
        }
        self.slots = self.slots.saturating_add(1);
        self.against = if is_loud == self.is_on { 0 } else { self.against + 1 };
        if self.against < if self.is_on { OFF_SLOTS } else { ON_SLOTS } {
            return None;
        }
        let ended = Stretch { is_on: self.is_on, slots: self.slots - u32::from(self.against) };
        *self = Self { is_on: !self.is_on, slots: u32::from(self.against), against: 0, level: self.level };
        Some(ended)
    }

    /// Much louder all at once: what seemed to be sound was only noise before it.
    fn begin_over(&mut self, power: f32) -> Stretch {
        let noise = Stretch { is_on: false, slots: self.slots };
        *self = Self { is_on: true, slots: 1, against: 0, level: power };
        noise
    }

    /// The stretch that goes on.
    pub(super) const fn present(&self) -> Stretch {
        Stretch { is_on: self.is_on, slots: self.slots - self.against as u32 }
    }

    /// Whether the last slots are what the stretch is.
    pub(super) const fn is_settled(&self) -> bool {
        self.against == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_as_long_as_they_are_and_short_nulls_are_none() {
        let mut rhythm = Rhythm::default();
        let (loud, quiet) = (1e6, 10.0);
        let mut powers = vec![quiet; 20];
        powers.extend([loud; 40]);
        powers.extend([quiet; 5]);
        powers.extend([loud; 15]);
        powers.extend([quiet; 8]);
        powers.extend([loud; 2]);
        powers.extend([quiet; 30]);
        powers.extend([loud; 3]);
        let ended: Vec<Stretch> = powers.into_iter().filter_map(|power| rhythm.next(power)).collect();
        let of = |is_on, slots| Stretch { is_on, slots };
        assert_eq!(ended, [of(false, 20), of(true, 60), of(false, 40)]);
        assert_eq!(rhythm.present(), of(true, 3));
    }
}
