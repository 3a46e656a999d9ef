//! Opening a journal: check, cut a torn end, find the calls that were cut off, and end them once.

use super::file::{Heads, SegmentFile, sync_dir};
use super::line;
use super::read::{Lines, Segment, read_from, segments};
use super::{JournalError, JournalOptions};
use crate::base::{Instant, WallTime};
use crate::call::{CallNumber, Fact};
use crate::ledger::{Entry, Records};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A process that is just being started by this one holds the lock of before until it has become another program.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// What an earlier run has left.
#[derive(Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The place of the next fact.
    pub next_seq: u64,
    /// The next call's number.
    pub next_call: CallNumber,
    /// Calls that had not ended: they have their `CutOff` now.
    pub cut_off: Vec<CallNumber>,
    /// Torn ends that were cut off: none or one, two if a crash came while a segment began.
    pub torn: Vec<Torn>,
}

/// Bytes of a write that a crash interrupted.
#[derive(Debug, PartialEq, Eq)]
pub struct Torn {
    /// Where they are kept.
    pub path: PathBuf,
    /// How many.
    pub bytes: u64,
}

/// A journal that is checked and locked, and can be written.
#[derive(Debug)]
pub struct OpenJournal {
    /// What an earlier run has left.
    pub recovered: Recovered,
    pub(super) file: SegmentFile,
    pub(super) options: JournalOptions,
    pub(super) lock: File,
}

impl OpenJournal {
    /// Open the journal, or begin one. `repair` is asked for the length in milliseconds of each recording that was cut
    /// off, by its path below the recordings' folder, after its file has been made whole; or why that cannot be.
    ///
    /// # Errors
    /// The folder cannot be used, another process uses it, or the journal is damaged; nothing is changed then.
    pub fn open(
        options: JournalOptions,
        repair: &mut dyn FnMut(&str) -> Result<u64, String>,
    ) -> Result<Self, JournalError> {
        let dir = options.dir.clone();
        fs::create_dir_all(&dir).map_err(JournalError::io(&dir))?;
        let lock = lock(&dir)?;
        let torn = cut_torn(&dir)?;
        let mut past = Past::read(&dir)?;
        let heads = Heads::new(past.next_seq, past.next_call);
        let file = match segments(&dir)?.last() {
            Some(segment) => {
                let len = fs::metadata(&segment.path).map_err(JournalError::io(&segment.path))?.len();
                SegmentFile::resume(segment, len, options.segment_bytes_max, heads)
            }
            None => SegmentFile::begin(&dir, options.segment_bytes_max, heads),
        };
        let mut file = file.map_err(JournalError::io(&dir))?;
        let cut_off: Vec<_> = past.records.open().collect();
        past.end_all(&mut file, repair).map_err(JournalError::io(&dir))?;
        let recovered = Recovered { next_seq: past.next_seq, next_call: past.next_call, cut_off, torn };
        Ok(Self { recovered, file, options, lock })
    }
}

/// What the entries of earlier runs tell.
struct Past {
    records: Records,
    last: (Instant, WallTime),
    next_seq: u64,
    next_call: CallNumber,
}

impl Past {
    /// Read no more than what is needed: from the first fact of the oldest call that lived when the newest segment began.
    fn read(dir: &Path) -> Result<Self, JournalError> {
        let mut past =
            Self { records: Records::new(), last: (Instant::ZERO, WallTime(0)), next_seq: 1, next_call: 1 };
        let Some(newest) = segments(dir)?.pop() else { return Ok(past) };
        let header = newest.header()?;
        (past.next_seq, past.next_call) = (header.first_seq, header.next_call);
        for entry in read_from(dir, header.open_from)? {
            past.push(&entry?);
        }
        Ok(past)
    }

    fn push(&mut self, entry: &Entry) {
        self.records.push(entry);
        self.last = (entry.at, entry.wall);
        self.next_seq = entry.seq + 1;
        self.next_call = self.next_call.max(entry.call.map_or(0, |call| call + 1));
    }

    /// End every call that lives, its recordings first. Their time is that of the last fact known.
    fn end_all(
        &mut self,
        file: &mut SegmentFile,
        repair: &mut dyn FnMut(&str) -> Result<u64, String>,
    ) -> io::Result<()> {
        let mut facts = Vec::new();
        for (call, recording, path) in self.records.open_recordings() {
            facts.push((
                call,
                match repair(&path) {
                    Ok(duration_ms) => Fact::RecordingCompleted { recording, duration_ms },
                    Err(text) => Fact::RecordingFailed { recording, text },
                },
            ));
        }
        facts.extend(self.records.open().map(|call| (call, Fact::CutOff)));
        for (call, fact) in facts {
            let entry =
                Entry { seq: self.next_seq, at: self.last.0, wall: self.last.1, call: Some(call), fact };
            file.push(&entry);
            self.push(&entry);
        }
        file.write()?;
        file.flush()
    }
}

fn lock(dir: &Path) -> Result<File, JournalError> {
    let path = dir.join("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(JournalError::io(&path))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(source)) => return Err(JournalError::Io { path, source }),
        }
    }
    Err(JournalError::Locked { path })
}

/// Where a segment ends being good.
struct Bad {
    line: u64,
    offset: u64,
    why: String,
    is_last: bool,
}

fn first_bad(segment: &Segment) -> Result<Option<Bad>, JournalError> {
    let mut lines = Lines::open(&segment.path)?;
    let io = || JournalError::io(&segment.path);
    while lines.next_line().map_err(io())? {
        let checked = match lines.number {
            1 => line::Header::of(&lines.line).map(drop),
            _ => line::entry(&lines.line).map(drop),
        };
        if let Err(why) = checked {
            let (line, offset) = (lines.number, lines.offset);
            let is_last = lines.is_last().map_err(io())?;
            return Ok(Some(Bad { line, offset, why, is_last }));
        }
    }
    // a segment of no bytes has no header either
    let is_empty = lines.number == 0;
    Ok(is_empty.then(|| Bad { line: 1, offset: 0, why: "it is empty".into(), is_last: true }))
}

/// Cut the torn end of the newest segment off; if nothing is left of it, look at the one before.
fn cut_torn(dir: &Path) -> Result<Vec<Torn>, JournalError> {
    let mut torn = Vec::new();
    while let Some(newest) = segments(dir)?.pop() {
        match first_bad(&newest)? {
            None => break,
            Some(bad) if bad.is_last => torn.push(cut_at(&newest, bad.offset)?),
            Some(bad) => return Err(newest.damaged(bad.line, bad.why)),
        }
    }
    Ok(torn)
}

/// Keep what follows `offset` in a file of its own, then take it away; a segment of which nothing is left goes whole.
fn cut_at(segment: &Segment, offset: u64) -> Result<Torn, JournalError> {
    let io = || JournalError::io(&segment.path);
    let torn = segment.path.with_extension(format!("{offset}.torn"));
    let len = fs::metadata(&segment.path).map_err(io())?.len();
    if offset == 0 {
        fs::rename(&segment.path, &torn).map_err(io())?;
    } else {
        let file = OpenOptions::new().read(true).write(true).open(&segment.path).map_err(io())?;
        let mut bytes = vec![0; usize::try_from(len - offset).unwrap_or(0)];
        file.read_exact_at(&mut bytes, offset).map_err(io())?;
        fs::write(&torn, &bytes)
            .and_then(|()| File::open(&torn)?.sync_all())
            .map_err(JournalError::io(&torn))?;
        file.set_len(offset).and_then(|()| file.sync_all()).map_err(io())?;
    }
    if let Some(dir) = segment.path.parent() {
        sync_dir(dir).map_err(io())?;
    }
    Ok(Torn { path: torn, bytes: len - offset })
}

/// End a damaged journal before its first bad line. All that follows is kept in `.torn` files, nothing is lost but from
/// the ledger. Returns what was cut off; nothing if the journal is good.
///
/// # Errors
/// The folder cannot be used, or another process uses it.
pub fn cut(dir: &Path) -> Result<Vec<Torn>, JournalError> {
    let _lock = lock(dir)?;
    let segments = segments(dir)?;
    let mut cut = Vec::new();
    let mut expected = None;
    for (place, segment) in segments.iter().enumerate() {
        let offset = match (expected == Some(segment.first_seq) || expected.is_none(), first_bad(segment)?) {
            (true, None) => None,
            (true, Some(bad)) => Some(bad.offset),
            (false, _) => Some(0),
        };
        if let Some(offset) = offset {
            // the newest first: a crash in between leaves no gap
            for later in segments[place + 1..].iter().rev() {
                cut.push(cut_at(later, 0)?);
            }
            cut.push(cut_at(segment, offset)?);
            break;
        }
        expected = Some(end_of(segment)?);
    }
    Ok(cut)
}

/// The place of the fact after the last of a segment.
fn end_of(segment: &Segment) -> Result<u64, JournalError> {
    let mut lines = Lines::open(&segment.path)?;
    let mut end = segment.first_seq;
    while lines.next_line().map_err(JournalError::io(&segment.path))? {
        end = line::entry(&lines.line).map_or(end, |entry| entry.seq + 1);
    }
    Ok(end)
}
