//! Devices, their channels, and what each channel can do.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A device in the order it was opened; never used again for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceId(pub u16);

/// One port or timeslot of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChannelId {
    /// The device.
    pub device: DeviceId,
    /// Index inside the device, from 0.
    pub index: u32,
}

impl ChannelId {
    /// Channel `index` of device number `device`.
    #[must_use]
    pub const fn new(device: u16, index: u32) -> Self {
        Self { device: DeviceId(device), index }
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.device.0, self.index)
    }
}

/// A board's name for one use of a channel: even ones are made by the host, odd ones by the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BoardCall(pub u64);

/// What a channel physically is. Named after the port itself, never after the signalling seen on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The board looks like a phone and faces the exchange.
    Fxo,
    /// The board looks like the exchange and faces a phone.
    Fxs,
    /// A high-impedance tap on somebody else's line: it listens, and does nothing to it.
    Tap,
    /// A bearer timeslot of a digital span.
    Bearer,
    /// A slot of a VoIP stack.
    Voip,
    /// Anything else, by its number in the contract.
    Other(u32),
}

/// Who turns what a channel's wires do into calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signalling {
    /// The driver or its board (`callcore.call/1`): it speaks of calls.
    #[default]
    Driver,
    /// The host (`callcore.line/1`): the channel speaks of hook, ringing and tones.
    Host,
}

/// What a device says of one of its channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelInfo {
    /// What it is.
    pub kind: Kind,
    /// Who does its signalling.
    pub signalling: Signalling,
    /// Set of `CCD_CAP(...)` bits of the contract.
    pub caps: u64,
}

impl ChannelInfo {
    /// Whether the channel has a capability bit of the contract.
    #[must_use]
    pub const fn can(&self, bit: u32) -> bool {
        self.caps & (1 << bit) != 0
    }
}
