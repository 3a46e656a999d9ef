//! Facts: what has happened, past tense. The ledger is a list of them, and every record and figure is derived from it.

use crate::board::{Cause, ChannelId, Digit, Supervision};
use crate::call::{CallNumber, Role};
use crate::media::scene::Participation;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The caller hung up.
    Caller,
    /// The agent or called party hung up.
    Called,
    /// A flow, a queue, the application or the operator ended it.
    System,
    /// The line, the board or the program failed.
    Failure,
}

/// The two tracks of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The caller.
    Left,
    /// The agent or called party.
    Right,
}

impl Side {
    /// 0 and 1.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// The side that one who is on side `own` sees as this one: left is always his own.
    #[must_use]
    pub const fn seen_from(self, own: Self) -> Self {
        match own {
            Self::Left => self,
            Self::Right => self.other(),
        }
    }
}

/// How a caller's wait in a queue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dequeue {
    /// An agent answered.
    Answered,
    /// The caller gave up.
    Abandoned,
    /// It took longer than the queue allows.
    TimedOut,
    /// The queue was full, or nobody serves it.
    Refused,
    /// The line, the board or the program failed, or the system took the call out.
    Withdrawn,
}

/// How an offer to an agent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    /// The agent answered.
    Answered,
    /// The agent did not answer in time.
    NoAnswer,
    /// The agent's phone refused or could not be reached.
    Failed,
    /// The caller had gone, or the agent logged out.
    Cancelled,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fact")]
#[allow(missing_docs)] // the fields are named after what they hold; durations are in milliseconds
pub enum Fact {
    // ---- a call
    /// A call came in; `internal` when one of our extensions calls.
    Arrived { channel: ChannelId, calling: String, called: String, name: String, via: String, internal: bool },
    /// A call was made from here, on the application's wish.
    Originated { to: String },
    /// More is known of the call than when it came in: who calls, or the whole of the number called.
    CallInfo { calling: String, called: String, name: String },
    /// A controller was found for it.
    Routed { to: String },
    /// The caller's leg was answered: from here on the call counts as answered.
    Answered,
    /// The caller is at this node of this flow.
    NodeEntered { flow: Arc<str>, node: Arc<str> },
    /// Prompts are played to the caller in this language (BCP 47) from here on.
    LanguageSelected { language: Arc<str> },
    /// The caller pressed a key.
    DigitReceived { digit: Digit },
    /// A prompt could not be played.
    PromptMissing { name: String },
    /// The call waits in a queue.
    Queued { queue: Arc<str> },
    /// An agent is rung for it.
    Offered { queue: Arc<str>, agent: Arc<str> },
    /// The offer is over.
    OfferEnded { queue: Arc<str>, agent: Arc<str>, end: OfferEnd, ring_ms: u64 },
    /// The wait is over.
    Dequeued { queue: Arc<str>, end: Dequeue, wait_ms: u64 },
    /// Another leg was begun for the call.
    LegBegun { leg: u64, role: Role, number: String, channel: ChannelId },
    /// The far exchange has the whole number, which was dialled piece by piece.
    LegDialled { leg: u64, number: String },
    /// It rings there.
    LegAlerting { leg: u64 },
    /// It was answered there; how sure that is.
    LegAnswered {
        leg: u64,
        #[serde(default)]
        supervision: Supervision,
    },
    /// The far end put us on hold.
    LegHeld { leg: u64 },
    /// And took us back.
    LegRetrieved { leg: u64 },
    /// The leg is over.
    LegEnded { leg: u64, cause: Cause },
    /// Two lines that cannot tell a hang-up have talked so long that they are parted soon.
    PartingAnnounced { left_ms: u64 },
    /// Two parties hear each other; `with` names the other's call, if it is one of its own.
    Bridged {
        agent: Option<Arc<str>>,
        number: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<CallNumber>,
    },
    /// They no longer do.
    Unbridged { talk_ms: u64 },
    /// The party that `by` names has sent the other on, and left.
    Transferred { by: Side, to: String },
    /// The caller takes part in the talk of another call, or does so in another way, to supervise it.
    SupervisionBegan { of: CallNumber, how: Participation },
    /// And no more.
    SupervisionEnded { of: CallNumber },
    /// The caller takes the place of one party of another call's talk.
    Intercepted { of: CallNumber },
    /// One party put the other on hold.
    Held { by: Side },
    /// And took it back.
    Retrieved { by: Side },
    /// A party is not heard by the other, or is again.
    Muted { party: Side, on: bool },
    /// The party that `by` names, who holds the other, talks with a third one.
    Consulted { by: Side, number: String },
    /// Neither party has spoken for so long.
    LongSilence { silent_ms: u64 },
    /// The caller is in a conference.
    Joined { conference: Arc<str> },
    /// And no more, after so long.
    Left { conference: Arc<str>, ms: u64 },
    /// A recording was begun.
    RecordingStarted { recording: u64, path: Arc<str> },
    /// Silence is recorded from here on, or sound again.
    RecordingMasked { recording: u64, on: bool },
    /// Audio is missing in it.
    RecordingGap { recording: u64, frames: u64 },
    /// The file is whole.
    RecordingCompleted { recording: u64, duration_ms: u64 },
    /// The file could not be written to its end.
    RecordingFailed { recording: u64, text: String },
    /// The call is over; nothing follows for it.
    Ended { cause: Cause, by: Party },
    /// The program ended while the call lived; written at the next start. Nothing follows for it.
    CutOff,
    // ---- an agent
    /// An agent's state changed; `reason` goes with `not_ready`.
    AgentChanged { agent: Arc<str>, state: Arc<str>, reason: Option<Arc<str>> },
    // ---- the node
    /// The exchange runs.
    Started { version: String },
    /// It stopped in an orderly way.
    Stopped,
    /// A device can be used.
    DeviceAdded { device: String },
    /// A device is gone.
    DeviceRemoved { device: String },
    /// A channel is out of service, or in service again: what is off is not used.
    ServiceChanged { channel: ChannelId, up: bool },
    /// A channel has an alarm that lasts, or none any more.
    AlarmChanged { channel: ChannelId, on: bool },
    /// A channel is not used, because it must not be used as it is configured.
    LineRefused { channel: ChannelId, reason: String },
    /// A call came in on a line that only serves calls that go out.
    IncomingRefused { channel: ChannelId },
    /// What an analogue line measures has changed: millivolts between its wires, microamperes in its loop.
    LineMeasured { channel: ChannelId, voltage_mv: i32, current_ua: i32 },
    /// A driver lost events.
    EventsLost { device: String, count: u64 },
}
