//! What the exchange has decided takes effect: boards are told, the media engine is told, the application is told.

use super::board::{Task, device_of};
use super::handle::Shared;
use super::journal::{Forward, JournalNews};
use super::resolve::Resolver;
use super::stats::add;
use super::store::Store;
use crate::board::{BoardCommand, DeviceId};
use crate::exchange::{Event, Output};
use crate::media::MediaCommand;
use std::sync::Arc;

/// The ways out of a node. The journal's thread gives it the outputs in their order, each after the facts before it.
pub(crate) struct Effects {
    shared: Arc<Shared>,
    resolver: Resolver,
    store: Store,
}

impl Effects {
    pub(crate) fn new(shared: Arc<Shared>, resolver: Resolver, store: Store) -> Self {
        Self { shared, resolver, store }
    }

    /// Tell a board.
    fn board(&self, command: BoardCommand) {
        self.send_to_board(device_of(&command), Task::Command(command));
    }

    /// Tell the media engine; the driver is told which channels have media.
    fn media(&mut self, command: MediaCommand) {
        let switched = match &command {
            MediaCommand::Open { channel } => Some((*channel, true)),
            MediaCommand::Close { channel } => Some((*channel, false)),
            MediaCommand::Hear { .. }
            | MediaCommand::DetectDigits { .. }
            | MediaCommand::SendDigits { .. }
            | MediaCommand::Record(_)
            | MediaCommand::StopRecord { .. } => None,
        };
        self.resolver.carry_out(command);
        if let Some((channel, on)) = switched {
            self.send_to_board(channel.device, Task::Enable { index: channel.index, on });
        }
    }

    /// Tell the application.
    fn event(&self, event: &Event) {
        add(&self.shared.counters.events_lost, self.shared.subscribers.tell(event));
    }

    fn send_to_board(&self, device: DeviceId, task: Task) {
        match self.shared.boards.get(usize::from(device.0)) {
            Some(port) => port.send(task, &self.shared.inbox),
            None => tracing::error!(device = device.0, "a command for a device that does not exist"),
        }
    }
}

impl Forward for Effects {
    fn output(&mut self, output: Output) {
        add(&self.shared.counters.outputs, 1);
        match output {
            Output::Fact(entry) => {
                add(&self.shared.counters.facts, 1);
                tracing::debug!(call = entry.call, seq = entry.seq, fact = ?entry.fact, "fact");
                self.store.push(entry);
            }
            Output::Board(command) => self.board(command),
            Output::Media(command) => self.media(command),
            Output::Event(event) => self.event(&event),
        }
    }

    fn on_news(&mut self, news: JournalNews) {
        match news {
            JournalNews::Trouble(text) => tracing::error!("{text}"),
            JournalNews::Full => tracing::error!("signalling stands still until the journal can be written"),
            JournalNews::Over => tracing::info!("the journal is written again"),
            JournalNews::Lost(bytes) => tracing::error!(bytes, "facts could not be written and are lost"),
        }
    }
}

impl Drop for Effects {
    fn drop(&mut self) {
        self.shared.subscribers.close();
    }
}
