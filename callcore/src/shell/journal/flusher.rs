//! Flushes on a thread of their own, so that outputs need not wait for the disk in `JournalSync::Group`.

use crate::shell::mailbox::{Receiver, Sender, mailbox};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::thread;

/// One flush at a time.
#[derive(Debug)]
pub(super) struct Flusher {
    wishes: Sender<(Arc<File>, usize)>,
    results: Receiver<io::Result<usize>>,
    is_busy: bool,
}

impl Flusher {
    /// Ends when it is dropped.
    pub(super) fn start() -> io::Result<Self> {
        let (wishes, wished) = mailbox::<(Arc<File>, usize)>(1);
        let (result, results) = mailbox(1);
        let flush = move || {
            while let Ok((file, count)) = wished.recv() {
                if result.send(file.sync_data().map(|()| count)).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("journal-flush".into()).spawn(flush)?;
        Ok(Self { wishes, results, is_busy: false })
    }

    /// Begin to flush what is written in the file; nothing happens while an earlier flush lasts.
    pub(super) fn begin(&mut self, (file, count): (Arc<File>, usize)) {
        if !self.is_busy && count > 0 {
            self.is_busy = self.wishes.try_send((file, count)).is_ok();
        }
    }

    /// The result of a flush that is over: how many bytes.
    pub(super) fn done(&mut self) -> Option<io::Result<usize>> {
        let result = self.results.try_recv()?;
        self.is_busy = false;
        Some(result)
    }

    /// Wait until no flush lasts.
    pub(super) fn settle(&mut self) -> Option<io::Result<usize>> {
        if !self.is_busy {
            return None;
        }
        self.is_busy = false;
        // it has a wish, and answers every one
        self.results.recv().ok()
    }
}
