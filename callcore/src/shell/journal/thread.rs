//! The journal's thread: facts of all batches that wait become one write, then what follows them goes on.

use super::file::SegmentFile;
use super::flusher::Flusher;
use super::open::OpenJournal;
use super::{JournalOptions, JournalSync};
use crate::exchange::Output;
use crate::shell::mailbox::{Nothing, Receiver, Sender, mailbox};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Batches that may wait for the thread; who sends one more waits.
const BATCHES_MAX: usize = 1024;
/// Batches that become one write.
const GROUP_BATCHES_MAX: usize = 256;
/// The disk is flushed at most this often in [`JournalSync::Group`].
const FLUSH_EVERY: Duration = Duration::from_millis(100);
/// A failed write is tried again this often.
const RETRY_EVERY: Duration = Duration::from_millis(250);
/// How often it is tried again at the close, before what could not be written is given up and told.
const CLOSE_TRIES_MAX: u32 = 8;

/// Where outputs go on to, in their order; called on the journal's thread.
pub trait Forward: Send + 'static {
    /// The next output. All facts before it are written (but see [`JournalNews::Trouble`]).
    fn output(&mut self, output: Output);

    /// No more outputs for now: a good moment to pass on what was collected.
    fn end_of_group(&mut self) {}

    /// How it stands with the disk.
    fn on_news(&mut self, news: JournalNews);
}

/// How it stands with the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalNews {
    /// Facts cannot be written. Commands to boards and media are passed on without them; facts and news for the
    /// application wait. The text says what, where, and why.
    Trouble(String),
    /// So many bytes of facts wait that no more are taken: signalling stands still until [`JournalNews::Over`].
    Full,
    /// All that waited is written and passed on.
    Over,
    /// The program ends with so many bytes of facts that could not be written. They are lost.
    Lost(usize),
}

/// The control thread's end of the journal.
#[derive(Debug)]
pub struct Journal {
    sender: Option<Sender<Vec<Output>>>,
    is_closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Journal {
    /// Begin to write. `forward` is given everything that is sent, once its facts are written.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(journal: OpenJournal, forward: impl Forward) -> io::Result<Self> {
        let (sender, receiver) = mailbox(BATCHES_MAX);
        let OpenJournal { file, options, lock, .. } = journal;
        let is_closing = Arc::new(AtomicBool::new(false));
        let mut writer = Writer {
            receiver,
            file,
            flusher: Flusher::start()?,
            options,
            forward,
            _lock: lock,
            held: Vec::new(),
            trouble: Trouble::None,
            next_flush: Instant::now(),
            is_closing: Arc::clone(&is_closing),
        };
        let thread = thread::Builder::new().name("journal".into()).spawn(move || writer.run())?;
        Ok(Self { sender: Some(sender), is_closing, thread: Some(thread) })
    }

    /// Hand over the outputs of one step. Waits only while [`JournalNews::Full`] lasts.
    ///
    /// # Errors
    /// The thread is no more: the batch comes back.
    pub fn send(&self, outputs: Vec<Output>) -> Result<(), Vec<Output>> {
        match &self.sender {
            Some(sender) => sender.send(outputs),
            None => Err(outputs),
        }
    }

    /// Write and pass on all that was sent, flush, and end.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.is_closing.store(true, Ordering::Release);
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // a panic there has been reported by its own thread
            let _ = thread.join();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.end();
    }
}

/// How long it has been going wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    Since { next_try: Instant, is_full: bool },
}

struct Writer<F> {
    receiver: Receiver<Vec<Output>>,
    file: SegmentFile,
    flusher: Flusher,
    options: JournalOptions,
    forward: F,
    _lock: File,
    /// Facts and events whose facts are not written, in order.
    held: Vec<Output>,
    trouble: Trouble,
    next_flush: Instant,
    /// At the close everything is taken, however much it is.
    is_closing: Arc<AtomicBool>,
}

impl<F: Forward> Writer<F> {
    fn run(&mut self) {
        loop {
            match self.wait() {
                Ok(batch) => {
                    let mut group = batch;
                    let more = std::iter::from_fn(|| self.receiver.try_recv());
                    more.take(GROUP_BATCHES_MAX - 1).for_each(|batch| group.extend(batch));
                    self.take_group(group);
                }
                Err(Nothing::Late) => self.on_time(),
                Err(Nothing::Over) => return self.close(),
            }
        }
    }

    fn wait(&self) -> Result<Vec<Output>, Nothing> {
        match self.trouble {
            Trouble::Since { next_try, is_full: true } if !self.is_closing.load(Ordering::Acquire) => {
                thread::sleep(next_try.saturating_duration_since(Instant::now()));
                Err(Nothing::Late)
            }
            Trouble::Since { next_try, .. } => self.receiver.recv_deadline(next_try),
            Trouble::None if self.file.is_unflushed() => self.receiver.recv_deadline(self.next_flush),
            Trouble::None => self.receiver.recv(),
        }
    }

    fn take_group(&mut self, group: Vec<Output>) {
        if let Trouble::Since { .. } = self.trouble {
            self.hold(group);
            return self.on_time();
        }
        let ready = self.make_ready();
        self.add(&group);
        match ready.and_then(|()| self.write()) {
            Ok(()) => {
                group.into_iter().for_each(|output| self.forward.output(output));
                self.forward.end_of_group();
            }
            Err(why) => {
                self.begin_trouble(&why);
                self.split(group);
            }
        }
    }

    /// Something is due: a flush, or another try.
    fn on_time(&mut self) {
        match self.trouble {
            Trouble::None => {
                if let Err(why) = self.make_ready() {
                    return self.begin_trouble(&why);
                }
                self.begin_flush();
            }
            Trouble::Since { next_try, .. } if next_try <= Instant::now() => self.try_again(),
            Trouble::Since { .. } => {}
        }
    }

    fn add(&mut self, group: &[Output]) {
        for output in group {
            if let Output::Fact(entry) = output {
                self.file.push(entry);
            }
        }
    }

    /// Take note of a flush that is over; begin a new segment if it is time.
    fn make_ready(&mut self) -> io::Result<()> {
        if let Some(result) = self.flusher.done() {
            self.file.on_flushed(result)?;
        }
        if !self.file.is_big() {
            return Ok(());
        }
        self.settle()?;
        self.file.roll()
    }

    fn settle(&mut self) -> io::Result<()> {
        self.flusher.settle().map_or(Ok(()), |result| self.file.on_flushed(result))
    }

    fn write(&mut self) -> io::Result<()> {
        self.file.write()?;
        match self.options.sync {
            JournalSync::Always => self.file.flush()?,
            JournalSync::Group if self.next_flush <= Instant::now() => self.begin_flush(),
            JournalSync::Group => {}
        }
        Ok(())
    }

    fn begin_flush(&mut self) {
        self.flusher.begin(self.file.to_flush());
        self.next_flush = Instant::now() + FLUSH_EVERY;
    }

    /// Everything to the disk, now.
    fn write_through(&mut self) -> io::Result<()> {
        // a flush that failed is written again just below
        let _ = self.settle();
        self.file.write()?;
        self.file.flush()
    }

    fn begin_trouble(&mut self, why: &io::Error) {
        let dir = self.options.dir.display();
        let text = format!(
            "the journal in {dir} cannot be written: {why}. Calls go on, their records wait: free the disk"
        );
        self.forward.on_news(JournalNews::Trouble(text));
        self.trouble = Trouble::Since { next_try: Instant::now() + RETRY_EVERY, is_full: false };
    }

    fn hold(&mut self, group: Vec<Output>) {
        self.add(&group);
        self.split(group);
        if let Trouble::Since { is_full, .. } = &mut self.trouble
            && !*is_full
            && self.file.held_bytes() > self.options.held_bytes_max
        {
            *is_full = true;
            self.forward.on_news(JournalNews::Full);
        }
    }

    /// Calls go on; what says that something is on record waits.
    fn split(&mut self, group: Vec<Output>) {
        for output in group {
            match output {
                Output::Board(_) | Output::Media(_) => self.forward.output(output),
                Output::Fact(_) | Output::Event(_) => self.held.push(output),
            }
        }
        self.forward.end_of_group();
    }

    fn try_again(&mut self) {
        match self.write_through() {
            Ok(()) => {
                self.trouble = Trouble::None;
                self.held.drain(..).for_each(|output| self.forward.output(output));
                self.forward.end_of_group();
                self.forward.on_news(JournalNews::Over);
            }
            Err(_) => {
                if let Trouble::Since { next_try, .. } = &mut self.trouble {
                    *next_try = Instant::now() + RETRY_EVERY;
                }
            }
        }
    }

    fn close(&mut self) {
        for _ in 0..CLOSE_TRIES_MAX {
            if self.write_through().is_ok() {
                self.held.drain(..).for_each(|output| self.forward.output(output));
                return self.forward.end_of_group();
            }
            thread::sleep(RETRY_EVERY);
        }
        self.forward.on_news(JournalNews::Lost(self.file.held_bytes()));
    }
}
