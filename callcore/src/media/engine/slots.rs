//! From a channel's number to its place in the engine's arrays: two loads, no hashing, no search.

use super::command::EngineRefusal;
use crate::board::{ChannelId, DeviceId};

const NONE: u32 = u32::MAX;

/// For each channel of a device its place in the engine. Made where one may allocate.
#[derive(Debug)]
pub struct DeviceMap(Box<[u32]>);

impl DeviceMap {
    /// For a device with this many channels.
    #[must_use]
    pub fn new(channels: usize) -> Self {
        Self(vec![NONE; channels].into())
    }
}

/// Which channels are open, and where.
#[derive(Debug)]
pub(super) struct Slots {
    devices: Vec<Option<DeviceMap>>,
    free: Vec<u32>,
    /// Open slots in no special order (the last moves into a gap), the same in every run.
    open: Vec<u32>,
    /// For each slot: its channel, and where it stands in `open`.
    channels: Vec<(ChannelId, u32)>,
}

impl Slots {
    pub(super) fn new(channels_max: usize, devices_max: usize) -> Self {
        Self {
            devices: (0..devices_max).map(|_| None).collect(),
            free: (0..channels_max as u32).rev().collect(),
            open: Vec::with_capacity(channels_max),
            channels: vec![(ChannelId::new(0, 0), NONE); channels_max],
        }
    }

    pub(super) fn check_add(&self, device: DeviceId) -> Result<(), EngineRefusal> {
        match self.devices.get(usize::from(device.0)) {
            None => Err(EngineRefusal::NoRoom),
            Some(Some(_)) => Err(EngineRefusal::AlreadyAdded),
            Some(None) => Ok(()),
        }
    }

    pub(super) fn check_device(&self, device: DeviceId) -> Result<(), EngineRefusal> {
        let known = self.devices.get(usize::from(device.0)).is_some_and(Option::is_some);
        if known { Ok(()) } else { Err(EngineRefusal::NoSuchChannel) }
    }

    pub(super) fn check_open(&self, channel: ChannelId) -> Result<(), EngineRefusal> {
        match self.entry(channel) {
            None => Err(EngineRefusal::NoSuchChannel),
            Some(&slot) if slot != NONE => Err(EngineRefusal::AlreadyOpen),
            Some(_) if self.free.is_empty() => Err(EngineRefusal::NoRoom),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn add_device(&mut self, device: DeviceId, map: DeviceMap) -> Option<DeviceMap> {
        match self.devices.get_mut(usize::from(device.0)) {
            Some(place) => place.replace(map),
            None => Some(map),
        }
    }

    /// Close all channels of a device and forget it.
    pub(super) fn remove_device(&mut self, device: DeviceId) -> Option<DeviceMap> {
        let map = self.devices.get_mut(usize::from(device.0))?.take()?;
        for slot in map.0.iter().filter(|slot| **slot != NONE) {
            self.release(*slot);
        }
        Some(map)
    }

    /// Give a channel a slot. The caller has asked [`Self::check_open`].
    pub(super) fn open(&mut self, channel: ChannelId) -> Option<usize> {
        let entry = self.devices.get_mut(usize::from(channel.device.0))?.as_mut()?;
        let entry = entry.0.get_mut(channel.index as usize)?;
        let slot = self.free.pop()?;
        *entry = slot;
        self.channels[slot as usize] = (channel, self.open.len() as u32);
        self.open.push(slot);
        Some(slot as usize)
    }

    pub(super) fn close(&mut self, channel: ChannelId) -> Option<usize> {
        let entry = self.devices.get_mut(usize::from(channel.device.0))?.as_mut()?;
        let slot = std::mem::replace(entry.0.get_mut(channel.index as usize)?, NONE);
        if slot == NONE {
            return None;
        }
        self.release(slot);
        Some(slot as usize)
    }

    fn release(&mut self, slot: u32) {
        let at = self.channels[slot as usize].1;
        self.open.swap_remove(at as usize);
        if let Some(moved) = self.open.get(at as usize) {
            self.channels[*moved as usize].1 = at;
        }
        self.free.push(slot);
    }

    #[inline]
    fn entry(&self, channel: ChannelId) -> Option<&u32> {
        self.devices.get(usize::from(channel.device.0))?.as_ref()?.0.get(channel.index as usize)
    }

    /// The slot of an open channel.
    #[inline]
    pub(super) fn find(&self, channel: ChannelId) -> Option<usize> {
        self.entry(channel).filter(|slot| **slot != NONE).map(|slot| *slot as usize)
    }

    /// The channel of a slot that is open.
    pub(super) fn channel(&self, slot: usize) -> ChannelId {
        self.channels[slot].0
    }

    /// How many are open.
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// The open channel at a place in the order of running, and its slot.
    #[inline]
    pub(super) fn at(&self, place: usize) -> (ChannelId, usize) {
        let slot = self.open[place] as usize;
        (self.channels[slot].0, slot)
    }
}
