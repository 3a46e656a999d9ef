//! One line of the ledger, and the digest that tells whether two ledgers are the same byte for byte.

use crate::base::{Instant, WallTime};
use crate::call::{CallNumber, Fact};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

/// A fact with its place and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3 ... without a gap, also across restarts.
    pub seq: u64,
    /// Monotonic time of this run, in nanoseconds.
    pub at: Instant,
    /// Civil time, in milliseconds since 1970.
    pub wall: WallTime,
    /// The call it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallNumber>,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

impl Entry {
    /// The entry as one line of JSON, without the line feed.
    #[must_use]
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("numbers, strings and enums always have a JSON form")
    }

    /// The entry of a line.
    ///
    /// # Errors
    /// What is wrong with the line.
    pub fn from_line(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|why| why.to_string())
    }
}

/// A running digest of ledger lines (XXH3, 128 bits): equal for equal bytes.
#[derive(Clone, Default)]
pub struct Digest {
    hash: Xxh3,
    line: Vec<u8>,
}

impl Digest {
    /// Take the next entry.
    pub fn push(&mut self, entry: &Entry) {
        self.line.clear();
        serde_json::to_writer(&mut self.line, entry)
            .expect("numbers, strings and enums always have a JSON form");
        self.line.push(b'\n');
        self.hash.update(&self.line);
    }

    /// The digest so far, as 32 hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:032x}", self.hash.digest128())
    }
}
