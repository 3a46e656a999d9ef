//! The names of all timers: whose, and what for. A spinning loop is found by asking for the next one's name.

use super::{CallId, LegId};
use crate::board::{ChannelId, DeviceId};

/// A timer of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallTimer {
    /// The caller has pressed nothing since the menu ended.
    FirstDigit,
    /// The caller has pressed some, and then nothing.
    InterDigit,
    /// The agent or extension that is rung does not answer.
    Ring,
    /// The caller has waited in the queue as long as it allows.
    MaxWait,
    /// The caller hears a busy tone and does not hang up.
    Tone,
    /// The application was handed the call and did nothing.
    Application,
    /// No further digit of a number that is dialled piece by piece.
    Overlap,
    /// Two lines that cannot tell a hang-up have talked for long: say that they are parted soon.
    PartingAnnounced,
    /// They have heard the tone that says so.
    PartingTone,
    /// And part them.
    Parting,
    /// Neither party of a talk has spoken for long.
    LongSilence,
    /// The recording is as long as it may be.
    RecordLimit,
    /// The caller who is recorded has said nothing for a while.
    RecordSilence,
    /// Who asks a third party back presses no key, lets it ring, or hears that it cannot be had.
    Consultation,
    /// The recording does not complete.
    Completion,
}

/// A timer of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LegTimer {
    /// Answered by us, and the board does not say so.
    Answer,
    /// Digits were sent, and the far exchange says nothing of them (T304 of Q.931).
    Proceeding,
    /// Dropped by us, and the board does not say so.
    Release,
}

/// A timer of an agent, by its place in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgentTimer {
    /// The time for notes after a call is over.
    WrapUp,
    /// The agent's phone failed a moment ago; try again after this.
    Retry,
}

/// A timer of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeviceTimer {
    /// Asked to say everything again, and it does not come to an end.
    Replay,
}

/// Every timer of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimerName {
    /// Of a call.
    Call(CallId, CallTimer),
    /// Of a leg.
    Leg(LegId, LegTimer),
    /// Of an agent.
    Agent(usize, AgentTimer),
    /// Of a device.
    Device(DeviceId, DeviceTimer),
    /// Of an analogue line; its machine knows what for.
    Line(ChannelId),
}

impl TimerName {
    /// All timers that a call can have.
    #[must_use]
    pub const fn of_call(call: CallId) -> std::ops::RangeInclusive<Self> {
        Self::Call(call, CallTimer::FirstDigit)..=Self::Call(call, CallTimer::Completion)
    }

    /// All timers that a leg can have.
    #[must_use]
    pub const fn of_leg(leg: LegId) -> std::ops::RangeInclusive<Self> {
        Self::Leg(leg, LegTimer::Answer)..=Self::Leg(leg, LegTimer::Release)
    }
}
