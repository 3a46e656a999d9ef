//! The application's grip on a running node: commands in, events and pictures out, from any thread.

use super::board::Task;
use super::boards::Boards;
use super::clock::Clock;
use super::inbox::Inbox;
use super::ports::{AudioPort, Lot};
use super::prompts::Prompts;
use super::roster::{News, Wanted};
use super::settings::DeviceSettings;
use super::stats::{Counters, Stats};
use super::store::{Query, Reader, StoreError};
use crate::base::{Now, Refused, Why};
use crate::call::CallId;
use crate::exchange::{Command, Event, RequestId, Snapshot};
use crate::ledger::{CallRecord, Entry};
use callcore_codec::Rate;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Events or facts that wait for a subscriber; more are lost to it, and counted.
const NEWS_MAX: usize = 8192;
/// How long a wish waits for the control thread to take it up.
const TAKE_UP_MAX: Duration = Duration::from_secs(10);

/// How long opening and closing devices may take.
const ROSTER_MAX: Duration = Duration::from_secs(30);

/// What the application wants of the control thread.
pub(crate) enum Wish {
    Command(RequestId, Command, Answer<Result<(), Refused>>),
    Snapshot(Answer<Snapshot>),
    IsLive(CallId, Answer<bool>),
}

/// The way back of an answer. Either the control thread takes the wish up, or its owner takes it back: never both.
pub(crate) struct Answer<T> {
    to: Sender<T>,
    claim: Arc<AtomicU8>,
}

const WAITING: u8 = 0;
const TAKEN_UP: u8 = 1;
const TAKEN_BACK: u8 = 2;

fn claim(cell: &AtomicU8, what: u8) -> bool {
    cell.compare_exchange(WAITING, what, Ordering::AcqRel, Ordering::Acquire).is_ok()
}

impl<T> Answer<T> {
    fn new() -> (Self, Receiver<T>, Arc<AtomicU8>) {
        let (to, from) = bounded(1);
        let cell = Arc::new(AtomicU8::new(WAITING));
        (Self { to, claim: Arc::clone(&cell) }, from, cell)
    }

    /// Take the wish up; false when its owner has given it up.
    pub(crate) fn take_up(&self) -> bool {
        claim(&self.claim, TAKEN_UP)
    }

    /// Answer it; whether anybody still waits does not matter.
    pub(crate) fn send(&self, answer: T) {
        let _ = self.to.try_send(answer);
    }
}

/// Who wants news of one kind.
pub(crate) struct Subscribers<T>(Mutex<Vec<Sender<T>>>);

impl<T> Default for Subscribers<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Subscribers<T> {
    // a panic while the list is held leaves it whole
    fn list(&self) -> MutexGuard<'_, Vec<Sender<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self) -> Receiver<T> {
        let (to, from) = bounded(NEWS_MAX);
        self.list().push(to);
        from
    }

    /// Tell everybody; how many had no room for it.
    pub(crate) fn tell(&self, news: &T) -> u64 {
        let mut lost = 0;
        self.list().retain(|to| match to.try_send(news.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                lost += 1;
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        });
        lost
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.list().clear();
    }
}

/// What handles share.
pub(crate) struct Shared {
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) events: Subscribers<Event>,
    pub(crate) facts: Subscribers<Entry>,
    pub(crate) counters: Counters,
    pub(crate) boards: Boards,
    /// Who opens and closes devices.
    pub(crate) roster: Sender<News>,
    pub(crate) clock: Clock,
    database: PathBuf,
    prompts: Arc<Prompts>,
    pub(crate) lot: Lot,
    requests: AtomicU64,
}

impl Shared {
    pub(crate) fn new(
        inbox: Arc<Inbox>,
        roster: Sender<News>,
        clock: Clock,
        database: PathBuf,
        prompts: Arc<Prompts>,
        lot: Lot,
    ) -> Self {
        let (events, facts) = (Subscribers::default(), Subscribers::default());
        let (counters, requests) = (Counters::default(), AtomicU64::new(0));
        let boards = Boards::new();
        Self { inbox, events, facts, counters, boards, roster, clock, database, prompts, lot, requests }
    }
}

/// A node, to be asked and told. Cheap to clone; usable from any thread; harmless after the node has stopped.
#[derive(Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

impl Handle {
    /// Give a command. It is accepted or refused now; [`Event::Done`] with this number tells that it is complete.
    ///
    /// # Errors
    /// Why it cannot be; nothing has changed then.
    pub fn command(&self, command: Command) -> Result<RequestId, Refused> {
        let request = self.next_request();
        self.command_as(request, command)?;
        Ok(request)
    }

    /// A number for [`Handle::command_as`]; no other command of the node has it.
    #[must_use]
    pub fn next_request(&self) -> RequestId {
        self.shared.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// [`Handle::command`] with a number that is known before the command is given, for whoever must be ready for its end by
    /// then.
    ///
    /// # Errors
    /// As for [`Handle::command`].
    pub fn command_as(&self, request: RequestId, command: Command) -> Result<(), Refused> {
        self.wish(|answer| Wish::Command(request, command, answer))?
    }

    /// What there is right now; empty when the node has stopped.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.wish(Wish::Snapshot).unwrap_or_default()
    }

    /// Whether a call is there, and not over; false when the node has stopped.
    #[must_use]
    pub fn is_live(&self, call: CallId) -> bool {
        self.wish(|answer| Wish::IsLive(call, answer)).unwrap_or_default()
    }

    /// Everything that happens from now on. One that is not read loses events, which [`Stats`] counts.
    #[must_use]
    pub fn events(&self) -> Receiver<Event> {
        self.shared.events.add()
    }

    /// Every fact from now on, as the ledger has it: what becomes of each call, agent, recording and device, whoever
    /// decides for it. A fact is told when it is written; facts before events that follow from them. One that is not read
    /// loses facts, which [`Stats`] counts; the ledger has them all, and their numbers tell which are missing.
    #[must_use]
    pub fn facts(&self) -> Receiver<Entry> {
        self.shared.facts.add()
    }

    /// What has been counted.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.counters.stats(&self.shared.inbox, self.shared.boards.all().iter())
    }

    /// The finished calls that are asked for, the newest first. A call comes in some 50 ms after its end.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn records(&self, query: &Query) -> Result<Vec<CallRecord>, StoreError> {
        Reader::open(&self.shared.database)?.records(query)
    }

    /// The prompts: list, upload, edit, remove, roll back. What changes is heard by new calls at once.
    #[must_use]
    pub fn prompts(&self) -> &Prompts {
        &self.shared.prompts
    }

    /// Open an audio port: a channel of the program's own, to be connected to a call.
    ///
    /// # Errors
    /// Too many are open, or no port has this rate: there are 8 and 16 kHz.
    pub fn open_audio(&self, rate: Rate) -> Result<AudioPort, Refused> {
        self.shared.lot.open(rate, &self.shared.inbox)
    }

    /// The node's clock.
    #[must_use]
    pub fn now(&self) -> Now {
        self.shared.clock.now()
    }

    /// Let the people of a simulated device do something: `channel 1 calls 8000`.
    ///
    /// # Errors
    /// What is wrong with the line, or why it cannot be now.
    pub fn act(&self, device: &str, line: &str) -> Result<(), Refused> {
        let boards = self.shared.boards.all();
        let port = boards.iter().find(|port| port.name == device);
        let port = port.ok_or_else(|| Refused::gone(format!("device {device}")))?;
        // a simulated board that was pulled out has nobody who could plug it in again
        if line.trim() == "device back" && port.is_away() {
            return self.bring_back(device);
        }
        let (to, from) = bounded(1);
        if !port.try_send(Task::Act { line: line.to_owned(), answer: to }) {
            return Err(Refused::new(Why::Full, format!("device {device} has too much to do: try again")));
        }
        from.recv_timeout(TAKE_UP_MAX).unwrap_or_else(|_| Err(Refused::gone(format!("device {device}"))))
    }

    /// Open another device and let it take calls, while the others go on.
    ///
    /// # Errors
    /// Its name is taken, there is no room for it, or it cannot be used: in its driver's words.
    pub fn add_device(&self, device: DeviceSettings) -> Result<(), Refused> {
        self.ask_roster(Wanted::Add(Box::new(device)), Duration::ZERO)
    }

    /// Close a device; calls on it end with cause 27. It can be added again.
    ///
    /// # Errors
    /// There is none of that name, or its driver does not come back.
    pub fn remove_device(&self, device: &str) -> Result<(), Refused> {
        self.ask_roster(Wanted::Remove(device.to_owned()), Duration::ZERO)
    }

    /// Take a device out of service, wait until its calls are over, close it, and open it anew: to change a board or its
    /// firmware while the others go on. Calls that are not over in `patience` end with cause 27.
    ///
    /// # Errors
    /// There is none of that name, it is away, or it cannot be opened again.
    pub fn restart_device(&self, device: &str, patience: Duration) -> Result<(), Refused> {
        self.ask_roster(Wanted::Restart(device.to_owned(), patience), patience)
    }

    /// Open a device again that went away or was given up.
    ///
    /// # Errors
    /// There is none of that name, it is there, its driver still has not come back, or it cannot be used.
    pub fn bring_back(&self, device: &str) -> Result<(), Refused> {
        self.ask_roster(Wanted::BringBack(device.to_owned()), Duration::ZERO)
    }

    fn ask_roster(&self, wanted: Wanted, patience: Duration) -> Result<(), Refused> {
        let (to, from) = bounded(1);
        self.shared.roster.send(News::Wanted(wanted, to)).map_err(|_| Refused::gone("the node"))?;
        from.recv_timeout(patience + ROSTER_MAX).unwrap_or_else(|_| {
            Err(Refused::new(Why::Busy, "a driver does not come back: the devices cannot be changed now"))
        })
    }

    fn wish<T>(&self, make: impl FnOnce(Answer<T>) -> Wish) -> Result<T, Refused> {
        let (answer, from, cell) = Answer::new();
        let inbox = &self.shared.inbox;
        if inbox.is_closed() {
            return Err(Refused::gone("the node"));
        }
        if inbox.commands.push(make(answer)).is_err() {
            return Err(Refused::new(Why::Full, "too many commands wait: try again"));
        }
        inbox.waker.wake();
        if inbox.is_closed() {
            // nobody may be left to take it: what waits is given back
            while inbox.commands.pop().is_some() {}
        }
        match from.recv_timeout(TAKE_UP_MAX) {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Disconnected) => return Err(Refused::gone("the node")),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if claim(&cell, TAKEN_BACK) {
            return Err(Refused::new(
                Why::Busy,
                "the node does not take commands now (is its disk full?): try again",
            ));
        }
        from.recv().map_err(|_| Refused::gone("the node"))
    }
}
