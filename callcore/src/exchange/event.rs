//! What the exchange tells the application.

use super::RequestId;
use crate::base::Refused;
use crate::board::{Cause, ChannelId, Digit, Digits, Incoming};
use crate::call::{CallId, CallNumber, Side};
use crate::media::Heard;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// News for the application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// An accepted command is done, or, if it goes on, has begun.
    Done {
        /// Its number.
        request: RequestId,
        /// The call it made, if it made one.
        call: Option<CallId>,
        /// Why it failed after all, if it did.
        failed: Option<Refused>,
    },
    /// A call is the application's: answer it, send it on, or release it.
    Offered {
        /// The call.
        call: CallId,
        /// Its number in the ledger.
        number: CallNumber,
        /// What is known of it.
        incoming: Incoming,
    },
    /// A call that the application makes has begun: the first that is told of it, before anybody rings.
    Originated {
        /// The call.
        call: CallId,
        /// The `Originate`.
        request: RequestId,
    },
    /// More is known of who calls.
    CallInfo {
        /// The call.
        call: CallId,
        /// What is known of it now.
        incoming: Incoming,
    },
    /// What an analogue line measures has changed.
    LineMeasured {
        /// The line.
        channel: ChannelId,
        /// Between its wires, in millivolts: about 48,000 when idle, a few thousand when somebody is off hook.
        voltage_mv: i32,
        /// In its loop, in microamperes.
        current_ua: i32,
    },
    /// A call that the application made or holds was answered.
    Answered {
        /// The call.
        call: CallId,
    },
    /// The caller of a call that the application has, joined, or lets supervise, or that is in a conference, pressed a key.
    /// With whom it talks hears the key as well: in the sound, or pressed on where it came beside the sound.
    Digit {
        /// The call.
        call: CallId,
        /// The key.
        digit: Digit,
    },
    /// Something was heard that the application listens for.
    Heard {
        /// The call.
        call: CallId,
        /// Whom it was heard from.
        party: Side,
        /// What.
        heard: Heard,
    },
    /// Nobody has spoken in a talk for as long as the configuration allows.
    LongSilence {
        /// The call.
        call: CallId,
        /// For how long, in milliseconds.
        silent_ms: u64,
    },
    /// A call is a party of a conference.
    Joined {
        /// The call.
        call: CallId,
        /// Which conference.
        conference: Arc<str>,
    },
    /// And no more.
    Left {
        /// The call.
        call: CallId,
        /// Which conference.
        conference: Arc<str>,
    },
    /// Two lines that cannot tell a hang-up have talked for long, and are parted soon.
    PartingAnnounced {
        /// The call.
        call: CallId,
        /// In so many milliseconds.
        left_ms: u64,
    },
    /// A party of a conference has begun to speak, or has stopped.
    Speaking {
        /// The call.
        call: CallId,
        /// Speaks or not.
        on: bool,
    },
    /// The prompts of a `Play` are over.
    Played {
        /// The call.
        call: CallId,
        /// The command.
        request: RequestId,
        /// Why.
        end: PlayEnd,
    },
    /// The keys that a `Collect` asked for; once for each.
    Collected {
        /// The call.
        call: CallId,
        /// The command.
        request: RequestId,
        /// The keys, without the one that ended them.
        digits: Digits,
        /// Why there are no more.
        end: CollectEnd,
    },
    /// A recording was begun.
    RecordingStarted {
        /// The call.
        call: CallId,
        /// The `Record` that asked for it; none if the policy did.
        request: Option<RequestId>,
        /// The file, below the folder of recordings.
        path: Arc<str>,
    },
    /// A recording is over, and its file is whole.
    RecordingCompleted {
        /// The call.
        call: CallId,
        /// The `Record` that asked for it; none if the policy did.
        request: Option<RequestId>,
        /// The file, below the folder of recordings.
        path: Arc<str>,
        /// The length of the sound, in milliseconds.
        duration_ms: u64,
        /// Why it ended.
        end: RecordEnd,
    },
    /// A recording could not be written to its end.
    RecordingFailed {
        /// The call.
        call: CallId,
        /// The `Record` that asked for it; none if the policy did.
        request: Option<RequestId>,
        /// The file, below the folder of recordings.
        path: Arc<str>,
        /// Why, in words.
        text: String,
    },
    /// Two calls are joined: their callers hear each other.
    Bridged {
        /// The call that has the talk.
        call: CallId,
        /// The other.
        with: CallId,
        /// The `Bridge` or `Intercept`.
        request: RequestId,
    },
    /// A call that was joined with another is parted from it, and the application's again.
    Unbridged {
        /// The call.
        call: CallId,
        /// The other.
        with: CallId,
        /// The `Bridge` or `Intercept` that joined it.
        request: RequestId,
        /// Why: the other's end, or normal clearing if it was parted by a command.
        cause: Cause,
    },
    /// A supervisor's call takes part in no talk any more, and is the application's again.
    SupervisionEnded {
        /// The supervisor's call.
        call: CallId,
        /// The last `Supervise`.
        request: RequestId,
    },
    /// A call that the application has is over.
    Ended {
        /// The call.
        call: CallId,
        /// Why.
        cause: Cause,
    },
    /// A call is no longer the application's: it went where it was sent.
    Sent {
        /// The call.
        call: CallId,
    },
    /// The exchange is empty and takes no more calls.
    Stopped,
}

/// Why prompts are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlayEnd {
    /// They were played to their end.
    Whole,
    /// One of them could not be played.
    Failed,
    /// A command ended them, or put others in their place.
    Stopped,
    /// The call is over, or elsewhere.
    Ended,
}

/// Why there are no more keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CollectEnd {
    /// This key ended them.
    Terminator(Digit),
    /// There are as many as were asked for.
    Full,
    /// None came after the prompts.
    FirstDigitTimeout,
    /// No further one came.
    InterDigitTimeout,
    /// A command ended it.
    Stopped,
    /// The call is over, or elsewhere.
    Ended,
}

/// Why a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordEnd {
    /// A command ended it.
    Stopped,
    /// It has the length that it may have.
    Full,
    /// Nobody spoke.
    Silence,
    /// This key ended it.
    Key(Digit),
    /// The talk or the call is over, or the call elsewhere.
    Ended,
}
