//! A span of thirty bearer channels: its alarms, held back until they are sure (G.732, I.431).

use std::fmt;
use std::str::FromStr;

/// An alarm must last so long to be one, and be over for so long to be over, milliseconds.
const ON_MS: u64 = 2_500;
const OFF_MS: u64 = 10_000;

/// A set of alarms; values as in `CCD_ALARM_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Alarms(pub u32);

impl Alarms {
    /// No alarm.
    pub const NONE: Self = Self(0);
    /// Nothing is received.
    pub const RED: Self = Self(1);
    /// The far end receives nothing (RAI).
    pub const YELLOW: Self = Self(2);
    /// The far end is cut off behind its line (AIS).
    pub const BLUE: Self = Self(4);

    const WORDS: [(&'static str, Self); 4] =
        [("none", Self::NONE), ("red", Self::RED), ("yellow", Self::YELLOW), ("blue", Self::BLUE)];
}

/// A set of what keeps a channel from being used; values as in `CCD_BLOCK_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Blocks(pub u32);

impl Blocks {
    /// It can be used.
    pub const NONE: Self = Self(0);
    /// By the host.
    pub const LOCAL: Self = Self(1);
    /// By the far end.
    pub const REMOTE: Self = Self(2);

    /// One of them comes or goes; the set of before.
    pub(crate) fn set(&mut self, block: Self, on: bool) -> Self {
        let was = *self;
        self.0 = if on { self.0 | block.0 } else { self.0 & !block.0 };
        was
    }
}

impl fmt::Display for Alarms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::WORDS.iter().find(|(_, alarms)| alarms == self).map_or("mixed", |(word, _)| word);
        f.write_str(word)
    }
}

impl FromStr for Alarms {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, alarms)| *alarms);
        known.ok_or_else(|| format!("\"{word}\" is not an alarm: none, red, yellow, blue"))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Span {
    /// Its first channel.
    pub(crate) first: u32,
    seen: Alarms,
    told: Alarms,
    sure_at: Option<u64>,
}

impl Span {
    pub(crate) fn new(first: u32) -> Self {
        Self { first, seen: Alarms::NONE, told: Alarms::NONE, sure_at: None }
    }

    /// Nothing gets through, as far as has been told.
    pub(crate) fn is_down(&self) -> bool {
        self.told != Alarms::NONE
    }

    /// The alarms that have been told.
    pub(crate) fn alarms(&self) -> Alarms {
        self.told
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        self.sure_at
    }

    pub(crate) fn see(&mut self, now: u64, alarms: Alarms) {
        self.seen = alarms;
        let after_ms = if alarms == Alarms::NONE { OFF_MS } else { ON_MS };
        self.sure_at = (alarms != self.told).then(|| crate::wire::after_ms(now, after_ms));
    }

    /// What has become sure: now and before.
    pub(crate) fn on_timeout(&mut self) -> (Alarms, Alarms) {
        self.sure_at = None;
        (self.seen, std::mem::replace(&mut self.told, self.seen))
    }
}
