//! The recorder: one thread that takes the sound of all recordings out of their rings and into WAV files.
//!
//! ```text
//!  media thread ──frames──▶ ring (2 s) ──every 100 ms──▶ recorder thread ──▶ file: open header, samples, final header
//!  dropping the ring's sink ends the recording ─────────▶ done(id, outcome), exactly once
//! ```
//!
//! Nobody waits for the recorder: a full ring is the media engine's `RecordingGap`, and files are made on the recorder's
//! thread. A killed process leaves files that play as they are, at most two rounds (0.2 s) short; [`repair`] gives them
//! their final header at the next start. Finished files are not flushed one by one: a power cut may cost the last seconds.

mod file;
mod thread;

pub use file::repair;

use crate::exchange::RecordingOutcome;
use crate::media::{RecordSink, RecordingId};
use crossbeam_channel::{Sender, TrySendError, bounded};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;
use thread::{Begin, Rounds};

/// Recordings that may begin within one round; more are refused.
const BEGINNINGS_MAX: usize = 4096;

/// How recordings are kept.
#[derive(Clone, Debug)]
pub struct RecorderOptions {
    /// The folder; made with the first recording.
    pub dir: PathBuf,
    /// Samples of both tracks that a ring holds.
    pub ring_samples: usize,
    /// How often the rings are emptied.
    pub round: Duration,
}

impl RecorderOptions {
    /// Rings of two seconds of stereo at 8 kHz, emptied every 100 ms.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), ring_samples: 2 * 2 * 8_000, round: Duration::from_millis(100) }
    }
}

/// The way to begin recordings; dropping it finishes all files.
#[derive(Debug)]
pub struct Recorder {
    options: RecorderOptions,
    sender: Option<Sender<Begin>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Start the recorder's thread. `done` is called on it, once for each recording that was begun.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        options: RecorderOptions,
        done: impl FnMut(RecordingId, RecordingOutcome) + Send + 'static,
    ) -> io::Result<Self> {
        let (sender, receiver) = bounded(BEGINNINGS_MAX);
        let rounds = Rounds::new(receiver, options.round, done);
        let thread = std::thread::Builder::new().name("recorder".into()).spawn(move || rounds.run())?;
        Ok(Self { options, sender: Some(sender), thread: Some(thread) })
    }

    /// Begin a recording in a file below the recordings' folder: stereo, 16 bits, 8 kHz; samples go into the sink left,
    /// right, left ... Never blocks. Drop the sink to end the recording.
    ///
    /// If there is such a file already it is left alone: the sound goes to `NAME-2.wav`, and the outcome says so.
    ///
    /// # Errors
    /// The path leads out of the folder, or too many recordings begin at once; `done` is not called then.
    pub fn open(&self, id: RecordingId, path: &Path) -> Result<RecordSink, String> {
        if path.as_os_str().is_empty() || !path.components().all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(format!("'{}' is no path below the recordings' folder", path.display()));
        }
        let (sink, ring) = rtrb::RingBuffer::new(self.options.ring_samples);
        let begin = Begin { id, path: self.options.dir.join(path), ring };
        let sender = self.sender.as_ref().ok_or("the recorder has ended")?;
        sender.try_send(begin).map_err(|why| match why {
            TrySendError::Full(_) => {
                format!("{BEGINNINGS_MAX} recordings begin at once: the disk is too slow")
            }
            TrySendError::Disconnected(_) => "the recorder has ended".to_owned(),
        })?;
        Ok(sink)
    }

    /// Finish all files, those too whose sinks still live, and end.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // a panic there has been reported by its own thread
            let _ = thread.join();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests;
