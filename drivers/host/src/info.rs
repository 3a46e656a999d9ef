//! What a driver says of itself, of its devices and of their channels.

use crate::text::field;
use callcore_driver_sys::*;
use serde::{Deserialize, Serialize};

/// Who a driver is, as it said when it agreed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriverInfo {
    /// Reverse DNS: `org.callcore.sim`.
    pub id: String,
    /// For people.
    pub name: String,
    /// Who made it.
    pub vendor: String,
    /// Its own version.
    pub version: String,
    /// The version of the contract that was agreed on: major in the upper 16 bits.
    pub abi: u32,
    /// Only one instance of it may be on the machine.
    pub is_single: bool,
}

/// A device, as its driver lists it. Field by field `ccd_device_info`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// How many channels it has.
    pub channels: u32,
    /// How many spans.
    pub spans: u32,
    /// `CCD_PACED_BY_*`.
    pub paced_by: u32,
    /// Devices with the same number share one clock; 0: the host's own.
    pub clock_domain: u32,
    /// `CCD_DEV_*`.
    pub flags: u32,
    /// Its serial number, or what else stays the same.
    pub uid: String,
    /// Where it is plugged in.
    pub location: String,
    /// What it is called.
    pub model: String,
    /// What runs on it.
    pub firmware: String,
}

impl From<&ccd_device_info> for DeviceInfo {
    fn from(info: &ccd_device_info) -> Self {
        Self {
            channels: info.channels,
            spans: info.spans,
            paced_by: info.paced_by,
            clock_domain: info.clock_domain,
            flags: info.flags,
            uid: field(&info.uid),
            location: field(&info.location),
            model: field(&info.model),
            firmware: field(&info.firmware),
        }
    }
}

/// A channel, as its driver describes it. Field by field `ccd_channel_info`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelInfo {
    /// `CCD_KIND_*`: the physical port.
    pub kind: u32,
    /// `CCD_SIG_*`.
    pub signalling: u32,
    /// Which span it is on.
    pub span: u32,
    /// Its place on the span.
    pub timeslot: u32,
    /// Set of the formats it can have.
    pub codecs: u32,
    /// What it has on the wire; 0: negotiated for each call.
    pub law: u32,
    /// Which bus it can be connected over; 0: none.
    pub bus_domain: u32,
    /// Set of `CCD_CAP(CCD_CAPB_*)`.
    pub caps: u64,
    /// Shortest frame it can do, in samples of 8 kHz.
    pub frame_min: u32,
    /// Longest frame it can do; 0: any.
    pub frame_max: u32,
    /// The frame it likes best.
    pub frame_pref: u32,
    /// How much echo its canceller covers, in milliseconds.
    pub ec_tail_ms: u32,
    /// `CCD_LEVEL_*`: who runs its calls.
    pub level: u32,
}

impl From<&ccd_channel_info> for ChannelInfo {
    fn from(info: &ccd_channel_info) -> Self {
        Self {
            kind: info.kind,
            signalling: info.signalling,
            span: info.span,
            timeslot: info.timeslot,
            codecs: info.codecs,
            law: info.law,
            bus_domain: info.bus_domain,
            caps: info.caps,
            frame_min: info.frame_min,
            frame_max: info.frame_max,
            frame_pref: info.frame_pref,
            ec_tail_ms: info.ec_tail_ms,
            level: info.level,
        }
    }
}

/// The bus of a device. Field by field `ccd_bus_info`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusInfo {
    /// `CCD_BUS_*`.
    pub kind: u32,
    /// Channels with the same number can hear each other.
    pub domain: u32,
    /// Streams of the bus.
    pub streams: u32,
    /// Slots of a stream.
    pub slots: u32,
    /// `CCD_BUS_CLOCK_*`.
    pub clock_role: u32,
    /// Sources that one listener can have; 1: no mixing.
    pub sum_max: u32,
    /// None are defined yet.
    pub flags: u32,
}

impl From<&ccd_bus_info> for BusInfo {
    fn from(info: &ccd_bus_info) -> Self {
        Self {
            kind: info.kind,
            domain: info.domain,
            streams: info.streams,
            slots: info.slots,
            clock_role: info.clock_role,
            sum_max: info.sum_max,
            flags: info.flags,
        }
    }
}
