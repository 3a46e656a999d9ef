//! What a check is, what it works on, and how it ends.

use crate::trail::Trail;
use serde_json::Value;
use std::path::PathBuf;

/// One clause of the contract and the function that tries it.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its number, which stays the same for ever.
    pub number: u16,
    /// Its name, for filters: `done-once`.
    pub id: &'static str,
    /// 0 binary, 1 life cycle, 2 calls, 3 media, 4 line and board, 5 robustness.
    pub level: u8,
    /// What is tried, in a few words.
    pub title: &'static str,
    /// What the contract says.
    pub clause: &'static str,
    /// How long it may take on a busy machine, in seconds.
    pub seconds: u64,
    /// Tries it, in a process of its own.
    pub run: fn(&Subject) -> Ran,
}

/// What the checks of one table share.
pub struct Suite {
    /// As [`Check::level`].
    pub level: u8,
    /// As [`Check::seconds`].
    pub seconds: u64,
}

impl Suite {
    /// One of its checks.
    #[must_use]
    pub const fn check(
        &self,
        number: u16,
        id: &'static str,
        title: &'static str,
        clause: &'static str,
        run: fn(&Subject) -> Ran,
    ) -> Check {
        Check { number, id, level: self.level, title, clause, seconds: self.seconds, run }
    }
}

/// How a check ends: passed, with what was measured, or not.
pub type Ran = Result<String, Stop>;

/// Why a check has not passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It does not apply: why.
    Skip(String),
    /// The clause is broken: what was seen.
    Broken(String),
}

/// Something that does not apply.
///
/// # Errors
/// Always: it ends the check.
pub fn skip<T>(why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Skip(why.into()))
}

/// A clause that is broken.
///
/// # Errors
/// Always: it ends the check.
pub fn broken<T>(seen: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Broken(seen.into()))
}

/// Ends the check with what was seen unless `holds`.
///
/// # Errors
/// The clause is broken.
pub fn require(holds: bool, seen: impl FnOnce() -> String) -> Result<(), Stop> {
    if holds { Ok(()) } else { Err(Stop::Broken(seen())) }
}

/// The driver under test, and how it is to be tried.
pub struct Subject {
    /// Its library, an absolute path.
    pub path: PathBuf,
    /// The device to open; none is the only one.
    pub uid: Option<String>,
    /// The driver's configuration.
    pub config: Value,
    /// What chance starts from; the same seed tries the same things.
    pub seed: u64,
    /// Where outgoing calls go.
    pub dial: Dial,
    /// Where steps and findings are written.
    pub trail: Trail,
}

/// The number that is called when none is said.
pub const CALLED_USUAL: &str = "1000";

/// Where outgoing calls go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dial {
    /// The number to call.
    pub called: String,
    /// The endpoint or trunk to leave by; none is the channel's own line.
    pub via: Option<String>,
    /// A number that rings and that nobody answers, if one is known.
    pub unanswered: Option<String>,
    /// A number that answers and hangs up, if one is known.
    pub hangs_up: Option<String>,
}

impl Dial {
    /// What of it has to be said on a command line, flags and values.
    #[must_use]
    pub fn arguments(&self) -> Vec<(&'static str, &str)> {
        let known =
            [("--via", &self.via), ("--unanswered", &self.unanswered), ("--hangs-up", &self.hangs_up)];
        let known = known.into_iter().filter_map(|(flag, value)| Some((flag, value.as_deref()?)));
        [("--called", self.called.as_str())].into_iter().chain(known).collect()
    }
}

impl Subject {
    /// Whether the driver's configuration says that what is sent on a channel comes back on it: `"loopback"` is true for
    /// all of them, or a list of channels.
    #[must_use]
    pub fn loops(&self, channel: u32) -> bool {
        match &self.config["loopback"] {
            Value::Array(channels) => channels.iter().any(|one| one.as_u64() == Some(u64::from(channel))),
            all => *all == true || *all == 1,
        }
    }
}
