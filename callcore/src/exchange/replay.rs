//! After a loss: the board is asked to say everything again, and what it does not name is over.

use super::Exchange;
use super::boards::{Channel, Replay, Unconfirmed};
use crate::board::{BoardCommand, Cause, ChannelId, DeviceId};
use crate::call::{DeviceTimer, LegId, LegState, TimerName};
use crate::route::ExtensionConfig;

/// How long a board may take to say everything again, in milliseconds.
const REPLAY_MS: u64 = 30_000;

impl Exchange {
    /// Ask a device for the truth about all its channels.
    pub(super) fn ask_replay(&mut self, device: DeviceId) {
        match self.boards.devices.get_mut(&device).map(|it| &mut it.replay) {
            Some(replay @ (Replay::Asked | Replay::Spoilt)) => *replay = Replay::Spoilt,
            Some(Replay::Idle) => self.begin_replay(device),
            None => {}
        }
    }

    fn begin_replay(&mut self, device: DeviceId) {
        // one that is being dialled has said nothing yet that could be said again; its ring timer guards it
        let dialled = |leg: &LegId| self.legs.get(*leg).is_some_and(|leg| leg.state == LegState::Initiated);
        // the call of an analogue line is ours: the board has only the line's hook and loop to say again
        let of_line =
            |leg: &LegId| self.legs.get(*leg).is_some_and(|leg| self.lines.contains_key(&leg.channel));
        let legs = self.legs_of(device).into_iter().filter(|leg| !dialled(leg) && !of_line(leg)).collect();
        let Some(it) = self.boards.devices.get_mut(&device) else { return };
        let out = |is_out: fn(&Channel) -> bool| {
            (0..).zip(&it.channels).filter(|(_, channel)| is_out(channel)).map(|(index, _)| index).collect()
        };
        let registered = |(place, extension): (usize, &ExtensionConfig)| {
            let is_here = extension.device == it.name && extension.channel.is_none();
            (is_here && self.boards.phones[place].reachable).then_some(place)
        };
        let phones = self.routes.extensions().iter().enumerate().filter_map(registered).collect();
        it.unconfirmed = Unconfirmed {
            legs,
            blocked: out(|channel| !channel.in_service),
            alarmed: out(|channel| channel.alarm),
            phones,
        };
        it.replay = Replay::Asked;
        self.board(BoardCommand::Replay { device });
        self.start_timer(TimerName::Device(device, DeviceTimer::Replay), REPLAY_MS);
    }

    /// The board has said everything again: what it did not name is over, unless something of it was lost. Without the rest it
    /// has told of calls alone.
    pub(super) fn on_replayed(&mut self, device: DeviceId, rest: bool) {
        let Some(it) = self.boards.devices.get_mut(&device) else { return };
        match std::mem::take(&mut it.replay) {
            Replay::Idle => {}
            Replay::Spoilt => self.begin_replay(device),
            Replay::Asked => {
                let gone = std::mem::take(&mut it.unconfirmed);
                let clean = it.clear_suspects();
                self.timers.clear(TimerName::Device(device, DeviceTimer::Replay));
                clean.into_iter().for_each(|index| self.boards.relist(ChannelId { device, index }));
                for leg in gone.legs {
                    self.force_release(leg, Cause::TEMPORARY_FAILURE);
                    self.drain_acd();
                }
                if rest {
                    let channel = |index| ChannelId { device, index };
                    gone.blocked.into_iter().for_each(|index| self.set_service(channel(index), true));
                    gone.alarmed.into_iter().for_each(|index| self.on_alarm(channel(index), false));
                    gone.phones.into_iter().for_each(|extension| self.set_reachable(extension, false));
                }
            }
        }
    }

    /// The end of what the board says again was lost itself, or the board does not answer: the next loss asks it anew.
    pub(super) fn on_replay_overdue(&mut self, device: DeviceId) {
        let Some(it) = self.boards.devices.get_mut(&device) else { return };
        match std::mem::take(&mut it.replay) {
            Replay::Spoilt => self.begin_replay(device),
            Replay::Idle | Replay::Asked => it.unconfirmed = Unconfirmed::default(),
        }
    }
}
