//! Reading segments: lines one by one, each checked; entries from any place of the ledger on.

use super::JournalError;
use super::line::{self, Header, LINE_LEN_MAX};
use crate::ledger::Entry;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

const SUFFIX: &str = ".journal";

/// A segment's file, by the place of its first fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) first_seq: u64,
    pub(super) path: PathBuf,
}

impl Segment {
    pub(super) fn new(dir: &Path, first_seq: u64) -> Self {
        Self { first_seq, path: dir.join(format!("{first_seq:020}{SUFFIX}")) }
    }

    pub(super) fn damaged(&self, line: u64, why: impl Into<String>) -> JournalError {
        JournalError::Damaged { path: self.path.clone(), line, why: why.into() }
    }

    /// The first line.
    pub(super) fn header(&self) -> Result<Header, JournalError> {
        let mut lines = Lines::open(&self.path)?;
        lines.next_line().map_err(JournalError::io(&self.path))?;
        let header = Header::of(&lines.line).map_err(|why| self.damaged(1, why))?;
        if header.first_seq == self.first_seq {
            Ok(header)
        } else {
            Err(self.damaged(1, format!("it begins with fact {}, not as its name says", header.first_seq)))
        }
    }
}

/// All segments of a folder, the oldest first.
pub(super) fn segments(dir: &Path) -> Result<Vec<Segment>, JournalError> {
    let mut segments = Vec::new();
    for file in fs::read_dir(dir).map_err(JournalError::io(dir))? {
        let name = file.map_err(JournalError::io(dir))?.file_name();
        let number =
            name.to_str().and_then(|name| name.strip_suffix(SUFFIX)).and_then(|stem| stem.parse().ok());
        if let Some(first_seq) = number {
            segments.push(Segment { first_seq, path: dir.join(name) });
        }
    }
    segments.sort_by_key(|segment| segment.first_seq);
    Ok(segments)
}

/// The place in `segments` of the one that holds a fact; the first if all are younger.
pub(super) fn place_of(segments: &[Segment], seq: u64) -> usize {
    segments.partition_point(|segment| segment.first_seq <= seq).saturating_sub(1)
}

/// The lines of one file.
#[derive(Debug)]
pub(super) struct Lines {
    reader: BufReader<File>,
    /// The line just read, with its line feed if it has one.
    pub(super) line: Vec<u8>,
    /// Its number, from 1.
    pub(super) number: u64,
    /// Where it begins in the file.
    pub(super) offset: u64,
    next_offset: u64,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Self, JournalError> {
        let file = File::open(path).map_err(JournalError::io(path))?;
        let reader = BufReader::with_capacity(1 << 18, file);
        Ok(Self { reader, line: Vec::new(), number: 0, offset: 0, next_offset: 0 })
    }

    /// Read the next line; false at the end of the file.
    pub(super) fn next_line(&mut self) -> std::io::Result<bool> {
        self.line.clear();
        self.offset = self.next_offset;
        let count = self.reader.by_ref().take(LINE_LEN_MAX).read_until(b'\n', &mut self.line)?;
        self.next_offset += count as u64;
        self.number += u64::from(count > 0);
        Ok(count > 0)
    }

    /// Whether no good line follows any more.
    pub(super) fn is_last(&mut self) -> std::io::Result<bool> {
        while self.next_line()? {
            if line::json(&self.line).is_ok() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The entries of the ledger from a place on, in order; ends at the last one that is written, or at the first error.
#[derive(Debug)]
pub struct Entries {
    /// Those not begun, the next one last.
    segments: Vec<Segment>,
    open: Option<(Segment, Lines)>,
    from: u64,
    next_seq: Option<u64>,
}

/// Read the ledger in `dir` from fact `from` on, or from the oldest that is still there.
///
/// The end of the newest segment may be torn or just be being written: the entries end there.
///
/// # Errors
/// The folder cannot be read.
pub fn read_from(dir: &Path, from: u64) -> Result<Entries, JournalError> {
    let mut segments = if dir.exists() { segments(dir)? } else { Vec::new() };
    segments.drain(..place_of(&segments, from));
    segments.reverse();
    Ok(Entries { segments, open: None, from, next_seq: None })
}

impl Entries {
    /// Have a segment open; false when there is none left.
    fn open_next(&mut self) -> Result<bool, JournalError> {
        if self.open.is_some() {
            return Ok(true);
        }
        let Some(segment) = self.segments.pop() else { return Ok(false) };
        segment.header()?;
        let mut lines = Lines::open(&segment.path)?;
        lines.next_line().map_err(JournalError::io(&segment.path))?;
        self.open = Some((segment, lines));
        Ok(true)
    }

    fn next_entry(&mut self) -> Result<Option<Entry>, JournalError> {
        while self.open_next()? {
            let Some((segment, lines)) = &mut self.open else { return Ok(None) };
            if !lines.next_line().map_err(JournalError::io(&segment.path))? {
                self.open = None;
                continue;
            }
            let entry = match line::entry(&lines.line) {
                Ok(entry) => entry,
                Err(why) => {
                    let error = segment.damaged(lines.number, why);
                    let is_torn = self.segments.is_empty()
                        && lines.is_last().map_err(JournalError::io(&segment.path))?;
                    return if is_torn { Ok(None) } else { Err(error) };
                }
            };
            if let Some(expected) = self.next_seq.filter(|&expected| expected != entry.seq) {
                let why = format!("fact {} stands where {expected} should", entry.seq);
                return Err(segment.damaged(lines.number, why));
            }
            self.next_seq = Some(entry.seq + 1);
            if entry.seq >= self.from {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_entry();
        if !matches!(next, Ok(Some(_))) {
            self.open = None;
            self.segments.clear();
        }
        next.transpose()
    }
}
