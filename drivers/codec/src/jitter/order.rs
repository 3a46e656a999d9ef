//! The order of packets by their sequence numbers: which were lost, came late, or came twice.

/// Numbers that are remembered behind the highest.
const SEEN: u16 = 64;
/// A jump further ahead is a sender that began anew (RFC 3550, A.1).
const DROPOUT_MAX: u16 = 3000;

/// What a packet's number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// It follows, after so many that have not come.
    Next { missing: u16 },
    /// It is one of those that had not come.
    Behind,
    /// It has come before.
    Again,
    /// It has nothing to do with those before it.
    Elsewhere,
}

#[derive(Default)]
pub(super) struct Sequence {
    highest: u16,
    /// Bit n: the number n below the highest has come.
    seen: u64,
}

impl Sequence {
    pub(super) fn begin(&mut self, number: u16) {
        (self.highest, self.seen) = (number, 1);
    }

    pub(super) fn note(&mut self, number: u16) -> Order {
        let ahead = number.wrapping_sub(self.highest);
        let behind = self.highest.wrapping_sub(number);
        if (1..=DROPOUT_MAX).contains(&ahead) {
            self.seen = self.seen.checked_shl(ahead.into()).unwrap_or(0) | 1;
            self.highest = number;
            Order::Next { missing: ahead - 1 }
        } else if behind < SEEN {
            let bit = 1 << behind;
            let came = self.seen & bit != 0;
            self.seen |= bit;
            if came { Order::Again } else { Order::Behind }
        } else {
            self.begin(number);
            Order::Elsewhere
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_wrap() {
        let mut sequence = Sequence::default();
        sequence.begin(65_533);
        assert_eq!(sequence.note(65_534), Order::Next { missing: 0 });
        assert_eq!(sequence.note(1), Order::Next { missing: 2 });
        assert_eq!(sequence.note(65_535), Order::Behind);
        assert_eq!(sequence.note(0), Order::Behind);
        assert_eq!(sequence.note(65_535), Order::Again);
        assert_eq!(sequence.note(1), Order::Again);
        assert_eq!(sequence.note(2), Order::Next { missing: 0 });
        assert_eq!(sequence.note(102), Order::Next { missing: 99 });
        assert_eq!(sequence.note(40_000), Order::Elsewhere);
        assert_eq!(sequence.note(40_001), Order::Next { missing: 0 });
    }
}
