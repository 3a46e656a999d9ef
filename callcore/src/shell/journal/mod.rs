//! The journal: the ledger on disk, append-only. It is the truth; databases and figures are made of it.
//!
//! ```text
//! DATA/journal/00000000000000000001.journal     a segment, named by its first fact's place in the ledger
//!     5d0e6f43 {"journal":1,"first_seq":1,"open_from":1,"next_call":1}
//!     9b1c02aa {"seq":1,"at":0,"wall":1795334400000,"fact":"started","version":"0.1.0"}
//!     ^ CRC-32 (IEEE 802.3) of the JSON text, 8 hexadecimal digits; a space; JSON; a line feed
//! ```
//!
//! # What is promised
//!
//! An [`Output`](crate::exchange::Output) goes on to boards, media and the application only when all facts before it
//! are written, in groups: everything that waits is one write and, at most, one flush.
//!
//! | [`JournalSync`] | killed process (`kill -9`, panic) | power cut, kernel crash |
//! |---|---|---|
//! | `Group` (default) | nothing acknowledged is lost | the last 100 ms, and as long as a flush takes, may be lost |
//! | `Always` | nothing acknowledged is lost | nothing acknowledged is lost, if the disk keeps its word |
//!
//! In `Group` no output waits for the disk: another thread flushes.
//!
//! # When the disk is full or broken
//!
//! Calls go on, and nothing is acknowledged that is not written: commands to boards and media are passed on at once,
//! facts (and with them records and figures) and news for the application wait in memory until the write succeeds. It
//! is tried again every 250 ms, from the last byte known to be flushed: a failed flush is written anew, never believed.
//! [`Forward::on_news`] says so at the first failure and at the end. When [`JournalOptions::held_bytes_max`] of
//! facts wait, nothing more is taken from the control thread: signalling stands still, conversations go on.
//!
//! # After a crash
//!
//! The last line may be torn: it was never acknowledged, is cut off, and its bytes are kept in a `.torn` file. A bad line
//! that good ones follow is damage, and an error with file and line: nothing is skipped. [`cut`] ends a damaged journal
//! before the damage when somebody has decided so. Calls that had not ended get their `CutOff`.

mod file;
mod flusher;
mod line;
mod open;
mod read;
mod thread;

#[doc(hidden)]
pub use line::fuzz as fuzz_line;
pub use open::{OpenJournal, Recovered, Torn, cut};
pub use read::{Entries, read_from};
pub use thread::{Forward, Journal, JournalNews};

use std::io;
use std::path::{Path, PathBuf};

/// When outputs may follow their facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalSync {
    /// When the kernel has them; the disk is flushed at most every 100 ms.
    #[default]
    Group,
    /// When the disk has them.
    Always,
}

/// How the journal is kept.
#[derive(Clone, Debug)]
pub struct JournalOptions {
    /// The folder; made if it is not there.
    pub dir: PathBuf,
    /// When outputs may follow their facts.
    pub sync: JournalSync,
    /// A segment that has grown to so many bytes is followed by a new one.
    pub segment_bytes_max: u64,
    /// Bytes of facts that wait in memory while they cannot be written.
    pub held_bytes_max: usize,
}

impl JournalOptions {
    /// `data_dir/journal`, segments of 64 MiB, at most 64 MiB held back.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self {
            dir: data_dir.join("journal"),
            sync: JournalSync::Group,
            segment_bytes_max: 64 << 20,
            held_bytes_max: 64 << 20,
        }
    }
}

/// Why a journal cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system says so.
    #[error("journal {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Another process has it.
    #[error("journal {}: another process is using it; stop that one first", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// A line is bad and good ones follow: this is no trace of a crash.
    #[error(
        "journal {}: line {line} is damaged ({why}); nothing was changed. Restore the file from a backup, \
         or cut the journal off before this line (what follows is kept in .torn files)", path.display()
    )]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

impl JournalError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }
}

#[cfg(test)]
mod tests;
