//! What the exchange has decided takes effect: boards are told, the media engine is told, the application is told.

use super::board::{Task, device_of};
use super::handle::Shared;
use super::journal::{Forward, JournalNews};
use super::resolve::Resolver;
use super::stats::add;
use super::store::Store;
use crate::board::{BoardCommand, ChannelId, DeviceId};
use crate::exchange::{Event, Output};
use crate::media::MediaCommand;
use std::sync::Arc;

/// Commands that are told to boards before they are woken for them.
const TOLD_MAX: usize = 64;

/// The ways out of a node. The journal's thread gives it the outputs in their order, each after the facts before it.
pub(crate) struct Effects {
    shared: Arc<Shared>,
    resolver: Resolver,
    store: Store,
    /// The board of each command that none was woken for yet.
    told: Vec<DeviceId>,
}

impl Effects {
    pub(crate) fn new(shared: Arc<Shared>, resolver: Resolver, store: Store) -> Self {
        Self { shared, resolver, store, told: Vec::new() }
    }

    /// Tell a board.
    fn board(&mut self, command: BoardCommand) {
        self.send_to_board(device_of(&command), Task::Command(command));
    }

    /// Tell the media engine; the driver is told which channels have media.
    fn media(&mut self, command: MediaCommand) {
        let switched = match &command {
            MediaCommand::Open { channel } => Some((*channel, true)),
            MediaCommand::Close { channel } => Some((*channel, false)),
            MediaCommand::FreePort { channel } => return self.shared.lot.free(channel.index),
            MediaCommand::Hear { .. }
            | MediaCommand::Transport { .. }
            | MediaCommand::Listen { .. }
            | MediaCommand::Levels { .. }
            | MediaCommand::SendDigits { .. }
            | MediaCommand::Record(_)
            | MediaCommand::StopRecord { .. } => None,
        };
        self.resolver.carry_out(command);
        // the program's own audio ports have no driver
        let is_port = |channel: &ChannelId| channel.device == self.shared.lot.device();
        if let Some((channel, on)) = switched.filter(|(channel, _)| !is_port(channel)) {
            self.send_to_board(channel.device, Task::Enable { index: channel.index, on });
        }
    }

    /// Tell the application.
    fn event(&self, event: &Event) {
        add(&self.shared.counters.events_lost, self.shared.events.tell(event));
    }

    fn send_to_board(&mut self, device: DeviceId, task: Task) {
        match self.shared.boards.get(device) {
            Some(port) => port.put(task, &self.shared.inbox),
            None => tracing::error!(device = device.0, "a command for a device that does not exist"),
        }
        self.told.push(device);
        if self.told.len() == TOLD_MAX {
            self.wake_boards();
        }
    }
}

impl Effects {
    /// Once for all that a group has for a board: waking is the dearest part of telling.
    fn wake_boards(&mut self) {
        self.told.sort_unstable();
        self.told.dedup();
        for device in self.told.drain(..) {
            if let Some(port) = self.shared.boards.get(device) {
                port.wake();
            }
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
                add(&self.shared.counters.facts_lost, self.shared.facts.tell(&entry));
                self.store.push(entry);
            }
            Output::Board(command) => self.board(command),
            Output::Media(command) => self.media(command),
            Output::Event(event) => self.event(&event),
        }
    }

    fn end_of_group(&mut self) {
        self.wake_boards();
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
        self.shared.events.close();
        self.shared.facts.close();
    }
}
