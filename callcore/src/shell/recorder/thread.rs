//! The recorder's thread: rounds over all rings.

use super::file::WavFile;
use crate::exchange::RecordingOutcome;
use crate::media::RecordingId;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use rtrb::Consumer;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A recording to be begun.
#[derive(Debug)]
pub(super) struct Begin {
    pub(super) id: RecordingId,
    pub(super) path: PathBuf,
    pub(super) ring: Consumer<i16>,
}

struct Running {
    id: RecordingId,
    ring: Consumer<i16>,
    /// Its file, or why there is none any more; the ring is emptied all the same.
    file: Result<WavFile, String>,
}

pub(super) struct Rounds<D> {
    receiver: Receiver<Begin>,
    round: Duration,
    done: D,
    running: Vec<Running>,
    bytes: Vec<u8>,
}

impl<D: FnMut(RecordingId, RecordingOutcome)> Rounds<D> {
    pub(super) fn new(receiver: Receiver<Begin>, round: Duration, done: D) -> Self {
        Self { receiver, round, done, running: Vec::new(), bytes: Vec::new() }
    }

    pub(super) fn run(mut self) {
        let mut next_round = Instant::now() + self.round;
        loop {
            // with nothing to record there are no rounds
            let begin = match self.running.is_empty() {
                true => self.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false => self.receiver.recv_deadline(next_round),
            };
            match begin {
                Ok(begin) => self.begin(begin),
                Err(RecvTimeoutError::Timeout) => {
                    next_round = Instant::now() + self.round;
                    self.go_round(false);
                }
                Err(RecvTimeoutError::Disconnected) => return self.go_round(true),
            }
        }
    }

    fn begin(&mut self, begin: Begin) {
        let Begin { id, path, ring } = begin;
        let file = WavFile::create(&path).map_err(|why| format!("{} cannot be made: {why}", path.display()));
        if let Err(text) = &file {
            tracing::error!(recording = %id, "{text}");
        }
        self.running.push(Running { id, ring, file });
    }

    #[cfg(test)]
    pub(super) fn add(&mut self, id: RecordingId, ring: Consumer<i16>, file: WavFile) {
        self.running.push(Running { id, ring, file: Ok(file) });
    }

    /// Empty all rings; finish those whose sink is gone, or all at the end.
    pub(super) fn go_round(&mut self, is_end: bool) {
        let mut running = std::mem::take(&mut self.running);
        running.retain_mut(|it| {
            // asked first: what came before the end is in the ring by then
            let is_over = it.ring.is_abandoned() || is_end;
            it.empty(&mut self.bytes);
            if is_over {
                (self.done)(it.id, it.finish());
            }
            !is_over
        });
        self.running = running;
    }
}

impl Running {
    fn empty(&mut self, bytes: &mut Vec<u8>) {
        bytes.clear();
        let Ok(chunk) = self.ring.read_chunk(self.ring.slots()) else { return };
        let (first, second) = chunk.as_slices();
        crate::record::wav::push_samples(bytes, first);
        crate::record::wav::push_samples(bytes, second);
        chunk.commit_all();
        if let Ok(file) = &mut self.file
            && let Err(why) = file.write(bytes)
        {
            self.fail(format!("cannot be written to its end: {why}"));
        }
    }

    /// Give the file up with what is in it, and say so at once; the ledger hears of it when the recording ends.
    fn fail(&mut self, text: String) {
        let Ok(file) = &mut self.file else { return };
        let text = format!("{} {text}", file.path().display());
        tracing::error!(recording = %self.id, "{text}");
        // the header of what is there needs no new room on a full disk; if even that fails, the open header plays
        let _ = file.finish();
        self.file = Err(text);
    }

    fn finish(&mut self) -> RecordingOutcome {
        let finished = match &mut self.file {
            Ok(file) => file.finish(),
            Err(text) => return RecordingOutcome::Failed { text: std::mem::take(text) },
        };
        if let Err(why) = finished {
            self.fail(format!("cannot be finished: {why}"));
        }
        match &self.file {
            Ok(file) => file.outcome(),
            Err(text) => RecordingOutcome::Failed { text: text.clone() },
        }
    }
}
