//! One line of a segment: checksum, space, JSON, line feed.

use crate::call::CallNumber;
use crate::ledger::Entry;
use serde::{Deserialize, Serialize};

/// Longest line that is read; facts are far shorter.
pub(super) const LINE_LEN_MAX: u64 = 1 << 20;
const CRC_LEN: usize = 8;
/// The version of this format.
const VERSION: u32 = 1;

/// The first line of a segment: what a reader must know of the segments before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// Version of the format.
    journal: u32,
    /// Place of its first fact.
    pub(super) first_seq: u64,
    /// Place of the first fact of the oldest call that lived; `first_seq` if none did.
    pub(super) open_from: u64,
    /// The number that the next call would have had.
    pub(super) next_call: CallNumber,
}

impl Header {
    pub(super) const fn new(first_seq: u64, open_from: u64, next_call: CallNumber) -> Self {
        Self { journal: VERSION, first_seq, open_from, next_call }
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        push_line(&mut bytes, &serde_json::to_string(&self).expect("numbers always have a JSON form"));
        bytes
    }

    pub(super) fn of(line: &[u8]) -> Result<Self, String> {
        let header: Self = serde_json::from_str(json(line)?).map_err(|why| why.to_string())?;
        if header.journal == VERSION {
            Ok(header)
        } else {
            Err(format!("format version {}: this program reads version {VERSION}", header.journal))
        }
    }
}

/// Append an entry's line.
pub(super) fn push_entry(bytes: &mut Vec<u8>, entry: &Entry) {
    push_line(bytes, &entry.to_line());
}

/// The entry of a line.
pub(super) fn entry(line: &[u8]) -> Result<Entry, String> {
    Entry::from_line(json(line)?)
}

fn push_line(bytes: &mut Vec<u8>, json: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let crc = crc32fast::hash(json.as_bytes());
    bytes.extend((0..CRC_LEN).map(|digit| HEX[(crc >> (28 - 4 * digit)) as usize & 15]));
    bytes.push(b' ');
    bytes.extend_from_slice(json.as_bytes());
    bytes.push(b'\n');
}

/// For fuzzing: any text with a right checksum, and the same without one. What is read is written as it can be read again.
#[doc(hidden)]
pub fn fuzz(bytes: &[u8]) {
    let _ = (Header::of(bytes), entry(bytes));
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut line = Vec::new();
    push_line(&mut line, text);
    let _ = Header::of(&line);
    if let Ok(read) = entry(&line) {
        let mut again = Vec::new();
        push_entry(&mut again, &read);
        assert_eq!(entry(&again), Ok(read));
    }
}

/// The JSON of a line whose checksum is right; `line` ends with its line feed.
pub(super) fn json(line: &[u8]) -> Result<&str, String> {
    let text = line.strip_suffix(b"\n").ok_or("it has no end")?;
    let text = std::str::from_utf8(text).map_err(|_| "it is not text")?;
    let (crc, json) = text.split_at_checked(CRC_LEN).ok_or("it is too short")?;
    let json = json.strip_prefix(' ').ok_or("no space after the checksum")?;
    let said = u32::from_str_radix(crc, 16).map_err(|_| "it does not begin with a checksum")?;
    if said == crc32fast::hash(json.as_bytes()) { Ok(json) } else { Err("the checksum is wrong".into()) }
}
