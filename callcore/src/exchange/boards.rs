//! Devices and channels as the exchange sees them: which are idle, and whether each extension's phone can be rung.

use crate::acd::Acd;
use crate::board::{BoardCall, ChannelId, ChannelInfo, DeviceId};
use crate::call::{CallId, LegId};
use crate::route::{ExtensionConfig, Routes, TrunkGroupConfig};
use std::collections::{BTreeMap, BTreeSet};

/// One channel.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) info: ChannelInfo,
    /// The leg that uses it; while two do (a glare), the younger.
    pub(super) leg: Option<LegId>,
    pub(super) in_service: bool,
    /// Nothing gets through.
    pub(super) alarm: bool,
    /// A leg was given up here whose release the board never reported; not used until it does.
    pub(super) suspect: Option<Suspect>,
    /// Its line is off hook, or rings, or needs a moment more, though no leg uses it.
    pub(super) line_busy: bool,
    /// It only serves calls that come in.
    only_incoming: bool,
}

impl Channel {
    fn is_idle(&self) -> bool {
        self.leg.is_none()
            && self.in_service
            && !self.alarm
            && self.suspect.is_none()
            && !self.line_busy
            && !self.only_incoming
    }
}

/// A use of a channel that was given up and that the board may have still.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspect {
    pub(super) call: BoardCall,
    /// The board has spoken of it since it was last asked for everything.
    pub(super) named: bool,
}

/// Where a device is with saying everything again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Replay {
    #[default]
    Idle,
    /// Asked for.
    Asked,
    /// Asked for, and meanwhile more was lost: what comes is not the whole truth, it must be asked once more.
    Spoilt,
}

/// What a board has not confirmed since events of it were lost.
#[derive(Debug, Default)]
pub(super) struct Unconfirmed {
    pub(super) legs: BTreeSet<LegId>,
    /// Channels that are out of service.
    pub(super) blocked: BTreeSet<u32>,
    /// Channels with an alarm.
    pub(super) alarmed: BTreeSet<u32>,
    /// Extensions whose phones are registered with the board, by place.
    pub(super) phones: BTreeSet<usize>,
}

/// One device.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) name: String,
    pub(super) channels: Vec<Channel>,
    /// Idle channels that are wired to no extension.
    free: BTreeSet<u32>,
    /// Channels that are wired to an extension.
    wired: BTreeSet<u32>,
    pub(super) unconfirmed: Unconfirmed,
    pub(super) replay: Replay,
}

/// The phone of an extension.
#[derive(Debug, Default)]
pub(super) struct Phone {
    pub(super) reachable: bool,
    pub(super) legs: u32,
    /// Off hook without a call: somebody dials, or has not put it down.
    pub(super) off_hook: bool,
    /// The agents who use it, by place.
    pub(super) agents: Vec<usize>,
    /// Whose caller is held for it, and rings it when it is free.
    pub(super) awaited_by: Option<CallId>,
}

impl Phone {
    pub(super) fn is_free(&self) -> bool {
        self.reachable && self.legs == 0 && !self.off_hook
    }
}

/// All boards of a node.
#[derive(Debug, Default)]
pub(super) struct Boards {
    pub(super) devices: BTreeMap<DeviceId, Device>,
    pub(super) phones: Vec<Phone>,
}

impl Boards {
    pub(super) fn new(routes: &Routes, acd: &Acd) -> Self {
        let mut phones: Vec<Phone> = routes.extensions().iter().map(|_| Phone::default()).collect();
        for (agent, it) in acd.agents().iter().enumerate() {
            if let Some(phone) =
                routes.extension(&it.config.extension).and_then(|place| phones.get_mut(place))
            {
                phone.agents.push(agent);
            }
        }
        Self { devices: BTreeMap::new(), phones }
    }

    pub(super) fn add(&mut self, id: DeviceId, name: String, infos: &[ChannelInfo], routes: &Routes) {
        let wired: BTreeSet<u32> = routes
            .extensions()
            .iter()
            .filter(|extension| extension.device == name)
            .filter_map(|extension| extension.channel)
            .collect();
        let channels = infos.iter().map(|info| Channel {
            info: *info,
            leg: None,
            in_service: true,
            alarm: false,
            suspect: None,
            line_busy: false,
            only_incoming: false,
        });
        let channels: Vec<Channel> = channels.collect();
        let free = (0..channels.len() as u32).filter(|index| !wired.contains(index)).collect();
        let device =
            Device { name, channels, free, wired, unconfirmed: Unconfirmed::default(), replay: Replay::Idle };
        self.devices.insert(id, device);
    }

    pub(super) fn channel(&self, id: ChannelId) -> Option<&Channel> {
        self.devices.get(&id.device)?.channels.get(id.index as usize)
    }

    pub(super) fn channel_mut(&mut self, id: ChannelId) -> Option<&mut Channel> {
        self.devices.get_mut(&id.device)?.channels.get_mut(id.index as usize)
    }

    pub(super) fn device_by_name(&self, name: &str) -> Option<(DeviceId, &Device)> {
        self.devices.iter().find(|(_, device)| device.name == name).map(|(id, device)| (*id, device))
    }

    /// The channel is used by a leg, or by none any more; keeps the list of free ones.
    pub(super) fn set_leg(&mut self, id: ChannelId, leg: Option<LegId>) {
        let Some(device) = self.devices.get_mut(&id.device) else { return };
        let Some(channel) = device.channels.get_mut(id.index as usize) else { return };
        channel.leg = leg;
        let idle = channel.is_idle();
        device.list(id.index, idle);
    }

    /// What was given up on a channel is over there as well.
    pub(super) fn clear_suspect(&mut self, id: ChannelId) {
        if let Some(channel) = self.channel_mut(id) {
            channel.suspect = None;
            self.relist(id);
        }
    }

    /// No call goes out by this channel.
    pub(super) fn keep_for_incoming(&mut self, id: ChannelId) {
        if let Some(channel) = self.channel_mut(id) {
            channel.only_incoming = true;
            self.relist(id);
        }
    }

    /// List a channel as free or not, after something else than its leg has changed.
    pub(super) fn relist(&mut self, id: ChannelId) {
        let leg = self.channel(id).and_then(|channel| channel.leg);
        self.set_leg(id, leg);
    }

    /// An idle channel to reach an extension by, and the endpoint to name.
    pub(super) fn channel_for(&self, extension: &ExtensionConfig) -> Option<(ChannelId, Option<String>)> {
        let (id, device) = self.device_by_name(&extension.device)?;
        match extension.channel {
            Some(index) => {
                let channel = device.channels.get(index as usize)?;
                channel.is_idle().then_some((ChannelId { device: id, index }, None))
            }
            // drivers seize from the bottom, the exchange from the top: they meet only when all but one are taken
            None => Some((ChannelId { device: id, index: *device.free.last()? }, extension.endpoint.clone())),
        }
    }

    /// An idle channel of a trunk group.
    pub(super) fn channel_of_group(&self, group: &TrunkGroupConfig) -> Option<ChannelId> {
        let (id, device) = self.device_by_name(&group.device)?;
        let (first, last) = group.channels.unwrap_or((0, u32::MAX));
        let index = *device.free.range(first..=last).next_back()?;
        Some(ChannelId { device: id, index })
    }
}

impl Device {
    fn list(&mut self, index: u32, idle: bool) {
        if idle && !self.wired.contains(&index) {
            self.free.insert(index);
        } else {
            self.free.remove(&index);
        }
    }

    /// The board has said everything again: a suspect it did not name is gone. The channels that are clean now.
    pub(super) fn clear_suspects(&mut self) -> Vec<u32> {
        let mut clean = Vec::new();
        for (index, channel) in self.channels.iter_mut().enumerate() {
            match &mut channel.suspect {
                Some(suspect) if suspect.named => suspect.named = false,
                Some(_) => {
                    channel.suspect = None;
                    clean.push(index as u32);
                }
                None => {}
            }
        }
        clean
    }
}
