//! The segment that is written: bytes at their place, flushed, and written anew when a flush failed.

use super::line::{self, Header};
use super::read::Segment;
use crate::call::{CallNumber, Fact};
use crate::ledger::Entry;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the next segment's header will have to say.
#[derive(Debug, Default)]
pub(super) struct Heads {
    /// Calls that live, and the place of their first fact.
    open: BTreeMap<CallNumber, u64>,
    next_call: CallNumber,
    next_seq: u64,
}

impl Heads {
    pub(super) fn new(next_seq: u64, next_call: CallNumber) -> Self {
        Self { open: BTreeMap::new(), next_call, next_seq }
    }

    pub(super) fn push(&mut self, entry: &Entry) {
        self.next_seq = entry.seq + 1;
        let Some(call) = entry.call else { return };
        self.next_call = self.next_call.max(call + 1);
        match entry.fact {
            Fact::Arrived { .. } | Fact::Originated { .. } => drop(self.open.insert(call, entry.seq)),
            Fact::Ended { .. } | Fact::CutOff => drop(self.open.remove(&call)),
            _ => {}
        }
    }

    fn header(&self) -> Header {
        let open_from = self.open.values().min().copied().unwrap_or(self.next_seq);
        Header::new(self.next_seq, open_from, self.next_call)
    }
}

/// The newest segment.
#[derive(Debug)]
pub(super) struct SegmentFile {
    dir: PathBuf,
    file: Arc<File>,
    /// Up to here the disk has it.
    flushed: u64,
    /// What follows there: written or not, never yet flushed.
    tail: Vec<u8>,
    /// How much of it is written.
    written: usize,
    bytes_max: u64,
    pub(super) heads: Heads,
}

impl SegmentFile {
    /// Go on at the end of a segment of `len` bytes, all of them good.
    pub(super) fn resume(segment: &Segment, len: u64, bytes_max: u64, heads: Heads) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open(&segment.path)?;
        let dir = segment.path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(Self { dir, file: Arc::new(file), flushed: len, tail: Vec::new(), written: 0, bytes_max, heads })
    }

    /// Begin the first segment of a folder.
    pub(super) fn begin(dir: &Path, bytes_max: u64, heads: Heads) -> io::Result<Self> {
        let (file, flushed) = create(dir, &heads)?;
        Ok(Self { dir: dir.to_owned(), file, flushed, tail: Vec::new(), written: 0, bytes_max, heads })
    }

    /// Add an entry to what is to be written.
    pub(super) fn push(&mut self, entry: &Entry) {
        line::push_entry(&mut self.tail, entry);
        self.heads.push(entry);
    }

    /// Write all that has been added.
    pub(super) fn write(&mut self) -> io::Result<()> {
        while self.written < self.tail.len() {
            match self.file.write_at(&self.tail[self.written..], self.flushed + self.written as u64) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }

    /// Flush all that is written. After a failure nothing since the last good flush is believed: it is written again.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.written == 0 {
            return Ok(());
        }
        let result = self.file.sync_data().map(|()| self.written);
        self.on_flushed(result)
    }

    /// What another thread needs to flush all that is written now: the file, and how many bytes that are.
    pub(super) fn to_flush(&self) -> (Arc<File>, usize) {
        (Arc::clone(&self.file), self.written)
    }

    /// So many bytes have been flushed, or the flush has failed.
    pub(super) fn on_flushed(&mut self, result: io::Result<usize>) -> io::Result<()> {
        let count = result.inspect_err(|_| self.written = 0)?;
        self.tail.drain(..count);
        self.flushed += count as u64;
        self.written -= count;
        Ok(())
    }

    /// Whether something is written and not flushed.
    pub(super) fn is_unflushed(&self) -> bool {
        self.written > 0
    }

    /// Bytes that are not even written.
    pub(super) fn held_bytes(&self) -> usize {
        self.tail.len() - self.written
    }

    /// Whether it is time for a new segment.
    pub(super) fn is_big(&self) -> bool {
        self.flushed + self.tail.len() as u64 >= self.bytes_max
    }

    /// Begin a new segment; to be called before entries are added, and while no other thread flushes.
    pub(super) fn roll(&mut self) -> io::Result<()> {
        self.write()?;
        self.flush()?;
        (self.file, self.flushed) = create(&self.dir, &self.heads)?;
        Ok(())
    }
}

/// A new segment with its header: under another name until that is on the disk, so that no segment is without one.
fn create(dir: &Path, heads: &Heads) -> io::Result<(Arc<File>, u64)> {
    let segment = Segment::new(dir, heads.next_seq);
    let new = segment.path.with_extension("new");
    let header = heads.header().to_bytes();
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(&new)?;
    file.write_all_at(&header, 0)?;
    file.sync_all()?;
    fs::rename(&new, &segment.path)?;
    sync_dir(dir)?;
    Ok((Arc::new(file), header.len() as u64))
}

/// Make new names in a folder last.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
