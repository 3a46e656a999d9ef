//! What kinds of boards there are, each with what is its own.

use crate::config::{Checked, need};

/// Channels of one span of 30B+D.
pub const E1_CHANNELS: u32 = 30;

/// A board: so many channels of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardConfig {
    /// Which kind.
    pub kind: BoardKind,
    /// Its channels; for E1 a multiple of 30.
    pub channels: u32,
}

/// The kinds of boards.
#[derive(Debug, Clone, PartialEq)]
pub enum BoardKind {
    /// Ideal channels that speak of calls.
    Calls {
        /// Phones with a person each, and not lines to the outside.
        phones: bool,
    },
    /// Ports that face the public exchange; the host does their signalling.
    Fxo(FxoConfig),
    /// Ports that face a phone with a person; the host does their signalling.
    Fxs,
    /// Taps on somebody else's lines: who calls on one lifts the telephone at it, and talks with whoever is at its other end.
    Tap,
    /// Bearer channels of primary rate spans, 30 each; the board does their signalling.
    E1(E1Config),
}

/// When an exchange tells who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerIdAt {
    /// Not at all.
    Never,
    /// In the pause after the first ring.
    FirstRing,
    /// Before the first ring, after a change of polarity.
    Polarity,
}

/// What an exchange does to a line when the far end hangs up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HangUp {
    /// It reverses the polarity.
    Polarity,
    /// It opens the loop for a moment.
    Loop,
    /// It sends a busy tone.
    BusyTone,
    /// Nothing, and nothing is heard.
    Silence,
    /// Nothing, and there is still something to be heard.
    Nothing,
}

/// The exchange at the far end of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct FxoConfig {
    /// Ringing, on and off in turn, milliseconds.
    pub ring_cadence_ms: Vec<u64>,
    /// When the caller's number is told.
    pub caller_id: CallerIdAt,
    /// What a hang-up does.
    pub hang_up: HangUp,
    /// The answer of a call that goes out reverses the polarity.
    pub answer_by_polarity: bool,
    /// A number is whole when no further digit has come for so long, milliseconds.
    pub inter_digit_ms: u64,
}

/// A primary rate span.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct E1Config {
    /// The number called comes in piece by piece, one digit every 200 ms once the host has asked for more (SETUP
    /// ACKNOWLEDGE).
    pub overlap: bool,
    /// The numbers that the far exchange knows, `x` for any digit; none: every number is one, and only the host, or time,
    /// says that it is whole.
    pub numbers: Vec<String>,
}

/// What an exchange makes of the digits that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They are a number, and no longer one begins with them.
    Whole,
    /// They are a number, and longer ones begin with them.
    Open,
    /// Longer numbers begin with them.
    Short,
    /// No number begins with them.
    Unknown,
}

impl E1Config {
    pub(crate) fn judge(&self, digits: &str) -> Verdict {
        if self.numbers.is_empty() {
            return Verdict::Open;
        }
        let begins = |number: &&String| {
            let pairs = number.bytes().zip(digits.bytes());
            number.len() >= digits.len()
                && pairs
                    .into_iter()
                    .all(|(known, digit)| known == digit || (known == b'x' && digit.is_ascii_digit()))
        };
        let is_number = self.numbers.iter().filter(begins).any(|number| number.len() == digits.len());
        let goes_on = self.numbers.iter().filter(begins).any(|number| number.len() > digits.len());
        match (is_number, goes_on) {
            (true, false) => Verdict::Whole,
            (true, true) => Verdict::Open,
            (false, true) => Verdict::Short,
            (false, false) => Verdict::Unknown,
        }
    }

    fn check(&self, at: &str) -> Checked {
        let is_known = |c: char| c.is_ascii_digit() || matches!(c, 'x' | '*' | '#');
        for (i, number) in self.numbers.iter().enumerate() {
            let fine = (1..=63).contains(&number.len()) && number.chars().all(is_known);
            need(fine, &format!("{at}.numbers.{i}"), || {
                format!("\"{number}\" is no number: 1 to 63 of 0-9 * #, and x for any digit")
            })?;
        }
        Ok(())
    }
}

impl Default for FxoConfig {
    fn default() -> Self {
        Self {
            ring_cadence_ms: vec![1_000, 4_000],
            caller_id: CallerIdAt::FirstRing,
            hang_up: HangUp::BusyTone,
            answer_by_polarity: false,
            inter_digit_ms: 2_000,
        }
    }
}

impl BoardConfig {
    /// Whether its channels are phones with a person each.
    pub fn has_phones(&self) -> bool {
        matches!(self.kind, BoardKind::Fxs | BoardKind::Calls { phones: true })
    }

    pub(crate) fn check(&self, at: &str) -> Checked {
        need(self.channels >= 1, &format!("{at}.channels"), || {
            "a board has at least one channel".to_owned()
        })?;
        match &self.kind {
            BoardKind::Calls { .. } | BoardKind::Fxs | BoardKind::Tap => Ok(()),
            BoardKind::E1(config) => {
                need(self.channels.is_multiple_of(E1_CHANNELS), &format!("{at}.channels"), || {
                    format!("{} channels: a span has {E1_CHANNELS}", self.channels)
                })?;
                config.check(at)
            }
            BoardKind::Fxo(config) => config.check(at),
        }
    }
}

impl FxoConfig {
    fn check(&self, at: &str) -> Checked {
        let rings = &self.ring_cadence_ms;
        let even = rings.len().is_multiple_of(2) && (2..=16).contains(&rings.len());
        let fine = even && rings.iter().all(|ms| (100..=10_000).contains(ms));
        need(fine, &format!("{at}.ring_cadence_ms"), || {
            "2 to 16 times, on and off in turn, each 100 to 10000 ms".to_owned()
        })?;
        need((500..=20_000).contains(&self.inter_digit_ms), &format!("{at}.inter_digit_ms"), || {
            format!("{} is not between 500 and 20000", self.inter_digit_ms)
        })
    }
}
