//! The store's thread: entries in batches, and the journal when some are missing.

use super::projection::Projection;
use super::{StoreError, StoreOptions};
use crate::ledger::Entry;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, bounded};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Entries that may wait for the database; what finds no room is read from the journal later.
const WAITING_MAX: usize = 8192;
/// Entries are collected for so long, to be one transaction; the thread sleeps meanwhile, so that entries do not wake it.
const COLLECT: Duration = Duration::from_millis(100);
/// A transaction that failed is tried again after so long.
const RETRY: Duration = Duration::from_secs(1);

#[derive(Debug)]
enum Message {
    Entry(Entry),
    /// Tell when all that came before is in the database.
    Sync(Sender<()>),
}

/// The way to the database; dropping it projects what waits.
#[derive(Debug)]
pub struct Store {
    sender: Option<Sender<Message>>,
    /// The newest entry that was handed over.
    newest: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Store {
    /// Open the database, or make it, and bring it up to the journal; then take entries. A database that cannot be used is
    /// put aside as `callcore.db.broken` and made again.
    ///
    /// # Errors
    /// The database cannot be made, or the journal cannot be read.
    pub fn start(options: StoreOptions) -> Result<Self, StoreError> {
        let projection = match Projection::open(options.clone()) {
            Err(why) if why.is_broken() => {
                tracing::error!("{why}; it is put aside and made again from the journal");
                put_aside(&options.path).map_err(io_error(&options.path))?;
                Projection::open(options.clone())?
            }
            opened => opened?,
        };
        let (sender, receiver) = bounded(WAITING_MAX);
        let newest = Arc::new(AtomicU64::new(projection.last_seq()));
        let worker = Worker { projection, receiver, newest: Arc::clone(&newest), retry: None };
        let thread = std::thread::Builder::new().name("store".into()).spawn(move || worker.run());
        let thread = thread.map_err(io_error(&options.path))?;
        Ok(Self { sender: Some(sender), newest, thread: Some(thread) })
    }

    /// Hand over the next entry, after it was written to the journal. Never blocks.
    pub fn push(&self, entry: Entry) {
        let Some(sender) = &self.sender else { return };
        self.newest.store(entry.seq, Ordering::Release);
        // no room: the thread sees what is missing, and reads it from the journal
        let _ = sender.try_send(Message::Entry(entry));
    }

    /// Wait until everything that was handed over can be asked for, or the database has failed to take it.
    pub fn sync(&self) {
        let (done, is_done) = bounded(1);
        if let Some(sender) = &self.sender
            && sender.send(Message::Sync(done)).is_ok()
        {
            let _ = is_done.recv();
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // a panic there has been reported by its own thread
            let _ = thread.join();
        }
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> StoreError + '_ {
    move |source| StoreError::Io { path: path.to_owned(), source }
}

/// Give a broken database another name, with what belongs to it; one that was put aside before is replaced.
fn put_aside(path: &Path) -> io::Result<()> {
    let named = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    fs::rename(path, named(".broken"))?;
    for suffix in ["-wal", "-shm"] {
        match fs::remove_file(named(suffix)) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
            _ => {}
        }
    }
    Ok(())
}

struct Worker {
    projection: Projection,
    receiver: Receiver<Message>,
    newest: Arc<AtomicU64>,
    /// When what failed is tried again.
    retry: Option<Instant>,
}

impl Worker {
    fn run(mut self) {
        loop {
            let first = match self.retry {
                Some(at) => self.receiver.recv_deadline(at),
                None => self.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let mut is_over = false;
            match first {
                Ok(message) => is_over = self.take(message),
                Err(RecvTimeoutError::Timeout) => self.mend(),
                Err(RecvTimeoutError::Disconnected) => is_over = true,
            }
            if is_over {
                // what failed before has its last chance
                self.mend();
                return self.mend_if_behind();
            }
        }
    }

    /// Take a batch; true when it was the last.
    fn take(&mut self, first: Message) -> bool {
        if matches!(first, Message::Entry(_)) {
            std::thread::sleep(COLLECT);
        }
        let (mut entries, mut syncs, mut is_over) = (Vec::new(), Vec::new(), false);
        let mut next = Ok(first);
        while let Ok(message) = next {
            match message {
                Message::Entry(entry) => entries.push(entry),
                Message::Sync(done) => syncs.push(done),
            }
            if entries.len() >= WAITING_MAX {
                break;
            }
            next = self.receiver.try_recv();
            is_over = matches!(next, Err(TryRecvError::Disconnected));
        }
        if self.retry.is_none() {
            let result = match self.projection.follow(&entries) {
                Ok(false) => self.projection.catch_up(),
                followed => followed.map(drop),
            };
            self.note(result);
        }
        self.mend_if_behind();
        // dropping says done
        drop(syncs);
        is_over
    }

    /// Entries may have found no room; with none left to wait for, the journal has them.
    fn mend_if_behind(&mut self) {
        if self.retry.is_none()
            && self.receiver.is_empty()
            && self.projection.last_seq() < self.newest.load(Ordering::Acquire)
        {
            let result = self.projection.catch_up();
            self.note(result);
        }
    }

    /// Begin again from what the database knows.
    fn mend(&mut self) {
        if self.retry.take().is_some() {
            let result = self.projection.recall().and_then(|()| self.projection.catch_up());
            self.note(result);
        }
    }

    fn note(&mut self, result: Result<(), StoreError>) {
        if let Err(why) = result {
            tracing::error!("{why}; records are late, the journal has them");
            self.retry = Some(Instant::now() + RETRY);
        }
    }
}
