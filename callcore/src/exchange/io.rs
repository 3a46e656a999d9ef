//! What goes into the exchange and what comes out.

use super::talk::PlayControl;
use crate::base::{Id, Refused, id::Kind};
use crate::board::{BoardCommand, BoardEvent, Cause, ChannelId, Digits, Incoming};
use crate::call::{CallId, CallNumber, Side, Target};
use crate::ledger::Entry;
use crate::media::{Heard, Listens, MediaCommand, MediaEvent, RecordingId, Role};
use serde::Serialize;
use std::sync::Arc;

/// A command's number, chosen by whoever gives it; it comes back once, in [`Event::Done`].
pub type RequestId = u64;

/// Names jobs.
#[derive(Debug)]
pub struct JobKind;
impl Kind for JobKind {
    const NUMBER: u8 = 4;
    const WORD: &'static str = "job";
}
/// One piece of work that may block.
pub type JobId = Id<JobKind>;

/// Something that happened outside.
#[derive(Debug)]
pub enum Input {
    /// A board says so.
    Board(BoardEvent),
    /// The media engine says so.
    Media(MediaEvent),
    /// The application, the server or a person at a screen wants something.
    Command(RequestId, Command),
    /// A recording's file is closed, after [`MediaCommand::StopRecord`] or because it could not be written.
    RecordingCompleted(RecordingId, RecordingOutcome),
}

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingOutcome {
    /// The file is whole: so many milliseconds of sound.
    Complete {
        /// Length of the sound.
        duration_ms: u64,
    },
    /// It could not be written: the reason in words.
    Failed {
        /// For the ledger and for people.
        text: String,
    },
}

/// A wish; accepted or refused at once, completed exactly once.
#[derive(Clone, Debug)]
pub enum Command {
    /// Log an agent in.
    AgentLogin {
        /// The agent's id.
        agent: String,
    },
    /// Log an agent out.
    AgentLogout {
        /// The agent's id.
        agent: String,
    },
    /// The agent takes calls.
    AgentReady {
        /// The agent's id.
        agent: String,
    },
    /// The agent takes no calls.
    AgentNotReady {
        /// The agent's id.
        agent: String,
        /// Why.
        reason: String,
    },
    /// Answer a call that was handed to the application.
    Answer {
        /// The call.
        call: CallId,
    },
    /// Play prompts to the caller of a call that the application has; `Event::Played` tells the end.
    Play {
        /// The call.
        call: CallId,
        /// Names of prompts; `say:TEXT` is spoken, `recording:PATH` is a recording played back.
        prompts: Vec<Arc<str>>,
    },
    /// Pause, wind, repeat or speed up what the caller of a call hears of prompts.
    ControlPlay {
        /// The call.
        call: CallId,
        /// What is to happen.
        control: PlayControl,
    },
    /// Connect the caller of a call that the application has to a channel of the program's own, in place of silence, or
    /// disconnect it (`None`). Prompts are heard instead while they last.
    ConnectAudio {
        /// The call.
        call: CallId,
        /// The port's channel.
        port: Option<ChannelId>,
    },
    /// One party of a talk holds the other, who hears the hold music, or takes it back.
    Hold {
        /// The call.
        call: CallId,
        /// Who holds.
        by: Side,
        /// Hold, or retrieve.
        on: bool,
    },
    /// A party of a conference becomes its moderator, one who talks, or one who only listens.
    ChangeRole {
        /// The party's call.
        call: CallId,
        /// What it is to be; not a coach.
        role: Role,
    },
    /// A party of a talk or of a conference is not heard, nor recorded, or is again.
    Mute {
        /// The call.
        call: CallId,
        /// Who; the caller, in a conference.
        party: Side,
        /// Mute or not.
        on: bool,
    },
    /// Record silence while something is said that must not be kept, or sound again.
    MaskRecording {
        /// The call.
        call: CallId,
        /// Mask or not.
        on: bool,
    },
    /// Listen for these things in what a party says, and for nothing else; [`Event::Heard`] tells what is heard.
    Listen {
        /// The call.
        call: CallId,
        /// Whom to.
        party: Side,
        /// What for.
        sounds: Listens,
    },
    /// Press keys towards a party of a call: through the board where it can, else as tones.
    SendDigits {
        /// The call.
        call: CallId,
        /// The caller, or the other party of a talk.
        to: Side,
        /// The keys.
        digits: Digits,
    },
    /// Send a call to a flow, a queue, an extension or an outside number.
    Send {
        /// The call.
        call: CallId,
        /// Where to.
        to: Target,
    },
    /// End a call.
    Release {
        /// The call.
        call: CallId,
        /// With which cause.
        cause: Cause,
    },
    /// Call an outside or inside number from here; the call is the application's when it is answered.
    Originate {
        /// Whom to call: `extension:...` or `number:...`.
        to: Target,
        /// The number to show.
        calling: String,
    },
    /// Release all calls and take no more; [`Event::Stopped`] follows when the exchange is empty.
    Stop,
}

/// Something to be done or known outside, in this order.
#[derive(Clone, Debug)]
pub enum Output {
    /// Write this down; everything after it may count on its being written.
    Fact(Entry),
    /// Tell a board.
    Board(BoardCommand),
    /// Tell the media engine.
    Media(MediaCommand),
    /// Tell the application.
    Event(Event),
}

/// News for the application.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// An accepted command is complete.
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
    /// The caller of a call that the application has pressed a key.
    Digit {
        /// The call.
        call: CallId,
        /// The key.
        digit: crate::board::Digit,
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
    /// The prompts are over.
    Played {
        /// The call.
        call: CallId,
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
