//! A thread for each device: it calls the driver's [control] functions, one at a time and in order.
//!
//! Drivers may take their time here; only their own channels wait. One that does not come back is given up.

use super::driver::{Device, cause};
use super::inbox::{DeviceRing, Inbox};
use super::mailbox::{self, mailbox};
use super::roster::Gone;
use crate::base::Refused;
use crate::board::{BoardCall, BoardCommand, BoardEvent, Cause, ChannelId, DeviceId, LineEvent};
use crate::exchange::Input;
use callcore_driver_host::layer::check::Checker;
use crossbeam_channel::Sender;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

/// Tasks that may wait for one device. A driver that is so far behind is given up.
const TASKS_MAX: usize = 4096;

/// How long the driver may take to come back so that it can be ended.
const END_MAX: Duration = Duration::from_secs(3);

/// Something for a device to do.
pub(crate) enum Task {
    Command(BoardCommand),
    Enable {
        index: u32,
        on: bool,
    },
    /// Take a channel into or out of service.
    Service {
        index: u32,
        on: bool,
    },
    Act {
        line: String,
        answer: Sender<Result<(), Refused>>,
    },
    /// Stop, close and destroy; nothing is taken afterwards.
    End,
}

/// The way to a device.
#[derive(Clone)]
pub(crate) struct BoardPort {
    pub(crate) device: DeviceId,
    pub(crate) name: String,
    pub(crate) ring: Arc<DeviceRing>,
    /// What looks whether the driver keeps to the contract.
    pub(crate) checkers: Vec<Arc<Checker>>,
    on_gone: Gone,
    tasks: mailbox::Sender<Task>,
}

/// The other end of a [`BoardPort`].
pub(crate) type Tasks = mailbox::Receiver<Task>;

impl BoardPort {
    pub(crate) fn new(
        device: DeviceId,
        name: &str,
        ring: Arc<DeviceRing>,
        checkers: Vec<Arc<Checker>>,
        on_gone: Gone,
    ) -> (Self, Tasks) {
        let (tasks, from) = mailbox(TASKS_MAX);
        (Self { device, name: name.to_owned(), ring, checkers, on_gone, tasks }, from)
    }

    /// Whether the device is away or was given up.
    pub(crate) fn is_away(&self) -> bool {
        self.ring.is_gone() || self.ring.is_ending.load(Ordering::Acquire)
    }

    /// False when there is no room or nobody is there.
    pub(crate) fn try_send(&self, task: Task) -> bool {
        !self.is_away() && self.tasks.try_send(task).is_ok()
    }

    /// A task of the exchange's, seen at the next [`Self::wake`]. A device that cannot take it is given up, and the
    /// exchange is told so.
    pub(crate) fn put(&self, task: Task, inbox: &Inbox) {
        let refused = match &task {
            Task::Command(command) => refusal(command, Cause::OUT_OF_ORDER),
            Task::Enable { .. } | Task::Service { .. } | Task::Act { .. } | Task::End => None,
        };
        if !self.ring.is_gone() && self.tasks.put(task).is_ok() {
            return;
        }
        self.give_up(inbox, "it has stopped taking commands");
        if let Some(event) = refused {
            inbox.reply(Input::Board(event));
        }
    }

    /// Let the device see what was put: once for all that comes at a time.
    pub(crate) fn wake(&self) {
        self.tasks.wake();
    }

    /// Let the device end; what waits for it is left undone. False when its driver does not come back for this.
    pub(crate) fn end(&self) -> bool {
        self.ring.is_ending.store(true, Ordering::Release);
        self.tasks.send_timeout(Task::End, END_MAX).is_ok()
    }

    /// From now on the device is gone, whatever its driver does.
    pub(crate) fn give_up(&self, inbox: &Inbox, why: &str) {
        if !self.ring.gone.swap(true, Ordering::AcqRel) {
            tracing::error!(device = self.name, "the device is given up: {why}");
            inbox.reply(Input::Board(BoardEvent::DeviceRemoved { device: self.device }));
            self.on_gone.tell();
        }
    }
}

/// What the exchange is told when a command is refused, if it waits for anything.
pub(crate) fn refusal(command: &BoardCommand, cause: Cause) -> Option<BoardEvent> {
    if let BoardCommand::Line { channel, .. } = command {
        return Some(BoardEvent::Line { channel: *channel, event: LineEvent::Refused { cause } });
    }
    let (channel, call) = subject(command)?;
    Some(BoardEvent::Refused { channel, call: call?, cause })
}

/// What a command is about.
fn subject(command: &BoardCommand) -> Option<(ChannelId, Option<BoardCall>)> {
    match command {
        BoardCommand::Make { channel, call, .. }
        | BoardCommand::Accept { channel, call, .. }
        | BoardCommand::Answer { channel, call }
        | BoardCommand::Drop { channel, call, .. }
        | BoardCommand::Hold { channel, call, .. } => Some((*channel, Some(*call))),
        // digits of a number that the far exchange has whole already are refused, and the call goes on
        BoardCommand::DialOn { channel, .. }
        | BoardCommand::SendDigits { channel, .. }
        | BoardCommand::Line { channel, .. } => Some((*channel, None)),
        BoardCommand::Replay { .. } => None,
    }
}

/// The device that a command is for.
pub(crate) fn device_of(command: &BoardCommand) -> DeviceId {
    match command {
        BoardCommand::Replay { device } => *device,
        BoardCommand::Make { channel, .. }
        | BoardCommand::Accept { channel, .. }
        | BoardCommand::Answer { channel, .. }
        | BoardCommand::Drop { channel, .. }
        | BoardCommand::Hold { channel, .. }
        | BoardCommand::DialOn { channel, .. }
        | BoardCommand::SendDigits { channel, .. }
        | BoardCommand::Line { channel, .. } => channel.device,
    }
}

/// A device's control thread.
pub(crate) struct Board {
    device: Device,
    port: BoardPort,
    tasks: Tasks,
    inbox: Arc<Inbox>,
}

impl Board {
    pub(crate) fn new(device: Device, port: BoardPort, tasks: Tasks, inbox: Arc<Inbox>) -> Self {
        Self { device, port, tasks, inbox }
    }

    /// Begin to take tasks.
    pub(crate) fn spawn(mut self) -> io::Result<JoinHandle<()>> {
        let name = format!("callcore-{}", self.port.name);
        std::thread::Builder::new().name(name).spawn(move || self.run())
    }

    fn run(&mut self) {
        let span = tracing::info_span!("board", device = self.port.name);
        let _entered = span.enter();
        while let Ok(task) = self.tasks.recv() {
            let is_end = matches!(task, Task::End);
            if !is_end && self.port.ring.is_ending.load(Ordering::Acquire) {
                continue;
            }
            self.port.ring.begin_call();
            self.carry_out(task);
            self.note_slow_call();
            if is_end {
                return;
            }
        }
    }

    fn note_slow_call(&self) {
        let ring = &self.port.ring;
        if let Some(took) = ring.end_call() {
            ring.slow_calls.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(ms = took.as_millis() as u64, "a driver call took longer than the 2 s it may");
        }
    }

    fn carry_out(&mut self, task: Task) {
        match task {
            Task::Command(command) => self.command(&command),
            Task::Enable { index, on } => {
                let status = self.device.enable(index, on);
                if status < 0 {
                    tracing::warn!(
                        channel = index,
                        on,
                        status,
                        "the driver refused to switch the channel's media"
                    );
                }
            }
            Task::Service { index, on } => {
                let status = self.device.service(index, on);
                tracing::debug!(channel = index, on, status, "told the driver what is in service");
            }
            Task::Act { line, answer } => {
                let done = self.device.act(&line);
                // whoever asked may have gone
                let _ = answer.try_send(done);
            }
            Task::End => self.device.stop(),
        }
    }

    fn command(&mut self, command: &BoardCommand) {
        let status = self.device.command(command);
        let channel = subject(command).map(|(channel, _)| channel.index);
        tracing::debug!(channel, status, ?command, "told the driver");
        if status >= 0 {
            return;
        }
        tracing::info!(channel, status, ?command, "the driver refused a command");
        if let Some(event) = refusal(command, cause(status)) {
            self.inbox.reply(Input::Board(event));
        }
    }
}
