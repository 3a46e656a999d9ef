//! The store: the ledger's projections in an SQLite database, for questions. It may be deleted: it is made again.
//!
//! ```text
//!  journal thread ──entries, already on disk──▶ store thread ──▶ DATA/callcore.db (WAL) ◀── query, any process
//!                    start, or fallen behind: read from the journal ─┘
//! ```
//!
//! The place of the last projected fact is written in the same transaction as what follows from it, so each fact is
//! projected exactly once, however often the process is killed. Nobody waits for the database: what finds no room is
//! read from the journal later. A broken database is put aside and made again.
//!
//! Tables: `calls` (one row a finished call, the columns are the fields of [`CallRecord`](crate::ledger::CallRecord)), `agent_states`, `queue_log`.

mod projection;
mod query;
mod schema;
mod thread;

pub use query::{Query, Reader};
pub use thread::Store;

use super::journal::JournalError;
use std::path::{Path, PathBuf};

/// Where the store is, and what it is made from.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The database.
    pub path: PathBuf,
    /// The journal's folder.
    pub journal_dir: PathBuf,
}

impl StoreOptions {
    /// `data_dir/callcore.db`, from `data_dir/journal`.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self { path: database(data_dir), journal_dir: data_dir.join("journal") }
    }
}

/// The path of the database in a data folder.
#[must_use]
pub fn database(data_dir: &Path) -> PathBuf {
    data_dir.join("callcore.db")
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database says so.
    #[error("database {}: {source}", path.display())]
    Sql {
        /// The database.
        path: PathBuf,
        /// Its reason.
        source: rusqlite::Error,
    },
    /// Its tables are not those of this program.
    #[error("database {}: {text}; it can be deleted, it is made again from the journal", path.display())]
    Schema {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        text: String,
    },
    /// There is none yet.
    #[error("database {} is not there: it is made when the node starts", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The system gives no thread, or the file cannot be moved.
    #[error("database {}: {source}", path.display())]
    Io {
        /// The database.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl StoreError {
    fn sql(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self + '_ {
        move |source| Self::Sql { path: path.to_owned(), source }
    }

    /// Whether the file itself is beyond use.
    fn is_broken(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let Self::Sql { source, .. } = self else { return matches!(self, Self::Schema { .. }) };
        matches!(source.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
    }
}

#[cfg(test)]
mod tests;
