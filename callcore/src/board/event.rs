//! Events from boards, after the shell has read them from the driver's flat records.

use super::{BoardCall, Cause, ChannelId, ChannelInfo, DeviceId, Digit, LineEvent};
use serde::{Deserialize, Serialize};

/// What is known of a call that comes in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// The number that was dialled (DNIS); empty on a line that has none.
    pub called: String,
    /// The number it comes from (ANI); empty when unknown or withheld.
    pub calling: String,
    /// The caller's name, if the line tells it.
    pub name: String,
    /// Endpoint or trunk of the device it came by; empty if the device has no such names.
    pub via: String,
    /// The number called comes piece by piece, and this may not be all of it (overlap receiving, Q.931 5.2.4).
    #[serde(default)]
    pub overlap: bool,
}

/// How sure it is that the far end has answered; only the first two begin a charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supervision {
    /// The network or the peer said so, or it was answered from here.
    #[default]
    Signalled,
    /// The polarity or the current of the line said so.
    Loop,
    /// What is heard says so: a voice, or ringing that has stopped.
    Inferred,
    /// Nobody said so: enough time has passed since the number was dialled.
    Assumed,
}

/// Something a board reports. `call` is the board's name for one use of `channel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
#[allow(missing_docs)] // each field is named after the contract's
pub enum BoardEvent {
    /// A device is open and its channels can be used; `name` is its name in the configuration.
    DeviceAdded { device: DeviceId, name: String, channels: Vec<ChannelInfo> },
    /// A device is gone, with everything on it.
    DeviceRemoved { device: DeviceId },
    /// The driver lost events; what the core believes of this device must be compared with the truth.
    Lost { device: DeviceId, count: u64 },
    /// The answer to `Replay` is complete: every call of the device that lives has been reported again, and if `rest`,
    /// each channel that is blocked or has an alarm, and each phone that is registered.
    Replayed { device: DeviceId, rest: bool },
    /// A channel is blocked, here or at the far end, or can be used again; a call on it goes on.
    Service { channel: ChannelId, up: bool },
    /// An alarm of a channel's line or span has begun or is over, short ones left out: nothing gets through meanwhile.
    Alarm { channel: ChannelId, on: bool },
    /// A phone or trunk that registers with the driver came or went.
    Endpoint { device: DeviceId, address: String, up: bool },
    /// A call comes in.
    Incoming { channel: ChannelId, call: BoardCall, incoming: Incoming },
    /// More is known of a call that came in: who calls, or the number called is longer now (whole, as far as it goes).
    CallInfo { channel: ChannelId, call: BoardCall, incoming: Incoming },
    /// The network has the whole number of a call that goes out, and takes no more digits of it (Q.931 CALL PROCEEDING).
    Proceeding { channel: ChannelId, call: BoardCall },
    /// The far end is being rung; `inband`: what is heard comes from there.
    Alerting { channel: ChannelId, call: BoardCall, inband: bool },
    /// Audio from the far end before the answer.
    Progress { channel: ChannelId, call: BoardCall, inband: bool },
    /// Answered, by either side. `inband_digits`: on this call keys are audio only, whatever the channel can do else.
    Connected { channel: ChannelId, call: BoardCall, supervision: Supervision, inband_digits: bool },
    /// The far end is gone; the call waits to be dropped.
    Disconnected { channel: ChannelId, call: BoardCall, cause: Cause },
    /// Over; the channel is idle again. Exactly once, last.
    Released { channel: ChannelId, call: BoardCall, cause: Cause },
    /// The far end put us on hold.
    Held { channel: ChannelId, call: BoardCall },
    /// And took us back.
    Retrieved { channel: ChannelId, call: BoardCall },
    /// The far end has given a register recall (a hook flash), and wants something of the exchange.
    Recall { channel: ChannelId, call: BoardCall },
    /// A key was pressed at the far end.
    Digit { channel: ChannelId, call: BoardCall, digit: Digit },
    /// The line of a channel whose signalling the host does reports something.
    Line { channel: ChannelId, event: LineEvent },
    /// A command for this call was refused by the driver; nothing else will come of it. A refused `Make` never was.
    Refused { channel: ChannelId, call: BoardCall, cause: Cause },
}
