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
    /// The number called comes in piece by piece, one digit every 200 ms.
    pub overlap: bool,
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
            BoardKind::Calls { .. } | BoardKind::Fxs => Ok(()),
            BoardKind::E1(_) => {
                need(self.channels.is_multiple_of(E1_CHANNELS), &format!("{at}.channels"), || {
                    format!("{} channels: a span has {E1_CHANNELS}", self.channels)
                })
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
