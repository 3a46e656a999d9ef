//! Commands to boards; the shell turns each into one call of the driver's table.

use super::{BoardCall, ChannelId, DeviceId, Digits, LineCommand};
use serde::{Deserialize, Serialize};

/// How far an incoming call is accepted before it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// More digits of the number are waited for (Q.931 SETUP ACKNOWLEDGE).
    SetupAck,
    /// The number is complete, work goes on.
    Proceeding,
    /// Somebody is being rung.
    Alerting,
    /// Audio flows before the answer.
    Progress,
}

/// One command. Those that name a call end with an event of that call; `Drop` always ends in `Released`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
#[allow(missing_docs)] // each field is named after the contract's argument
pub enum BoardCommand {
    /// Seize `channel` and call out. `via`: endpoint or trunk of the device to leave by. `overlap`: more digits of `called`
    /// follow with `DialOn` (overlap sending, Q.931 5.1.3).
    Make {
        channel: ChannelId,
        call: BoardCall,
        called: String,
        calling: String,
        name: String,
        via: Option<String>,
        #[serde(default)]
        overlap: bool,
    },
    /// More digits of the number of an overlap call, or none and the word that there will be no more (`complete`). One that
    /// the far exchange has whole already takes no more; nothing follows then.
    DialOn { channel: ChannelId, call: BoardCall, digits: String, complete: bool },
    /// Accept an incoming call without answering it.
    Accept { channel: ChannelId, call: BoardCall, step: Step },
    /// Answer an incoming call.
    Answer { channel: ChannelId, call: BoardCall },
    /// Let go of a call in any state, with a Q.850 cause.
    Drop { channel: ChannelId, call: BoardCall, q850: u8 },
    /// Put the far end on hold, or take it back.
    Hold { channel: ChannelId, call: BoardCall, on: bool },
    /// Send keys to the far end.
    SendDigits { channel: ChannelId, digits: Digits },
    /// Do something to the line of a channel whose signalling the host does.
    Line { channel: ChannelId, command: LineCommand },
    /// Say again what the state of every channel of the device is.
    Replay { device: DeviceId },
}
