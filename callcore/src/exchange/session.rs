//! A session: a call with its controller, and what its media should be now.

use super::application::Application;
use super::bridge::Bridge;
use super::conference::Attendance;
use super::consult::Consultation;
use super::silence::Silence;
use super::supervise::Supervisor;
use crate::board::{Cause, ChannelId};
use crate::call::{Call, CallId, LegId, Party, Side, Target};
use crate::ivr;
use crate::media::{Levels, Listens, Plan, PlayId, RecordingId, Tone, Transport};
use std::sync::Arc;

/// Who decides for a call now; exactly one at a time, with what exists only while it does.
#[derive(Debug)]
pub(super) enum Controller {
    /// The route has decided, nothing has begun.
    Route,
    /// The caller's leg is being answered; then the call goes to the target.
    Answering(Target),
    /// An IVR flow.
    Flow(Box<ivr::Session>),
    /// A queue; the distribution knows which.
    Queue,
    /// An extension or outside number is being rung.
    Dialing(LegId),
    /// The caller is held for an extension that has gone on hook, whose telephone rings as soon as it can (`sent_by`).
    Returning,
    /// Two parties talk.
    Talking(Talk),
    /// The caller is the other party of this call's talk.
    Joined(CallId),
    /// The caller supervises this call's talk.
    Supervising(CallId),
    /// A conference that the caller is in.
    Conference(Attendance),
    /// Nobody: it is somebody else's call, on a line that is listened to, and only recorded.
    Monitored,
    /// The embedding program.
    Application(Application),
    /// The caller hears a tone until the line is released.
    Tone(Tone, Cause),
    /// Everything is being released.
    Ending(Cause, Party),
}

/// Two parties who talk.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) other: LegId,
    /// Set if the other party is the caller of another call, which has been joined with this one.
    pub(super) bridge: Option<Bridge>,
    pub(super) supervisor: Option<Supervisor>,
    /// One of the two asks a third party.
    pub(super) consultation: Option<Consultation>,
    pub(super) since: crate::base::Instant,
    /// Who is not heard: the caller, the other.
    pub(super) is_muted: [bool; 2],
    /// Who has put the other on hold by our means.
    pub(super) held_by: Option<Side>,
    /// The two hear that they are parted soon.
    pub(super) is_warned: bool,
    /// What is known of their silence.
    pub(super) silence: Silence,
}

impl Talk {
    pub(super) fn new(other: LegId, since: crate::base::Instant) -> Self {
        Self {
            other,
            bridge: None,
            supervisor: None,
            consultation: None,
            since,
            is_muted: [false; 2],
            held_by: None,
            is_warned: false,
            silence: Silence::default(),
        }
    }
}

/// A call, its controller, its media.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) call: Call,
    pub(super) controller: Controller,
    /// What the caller hears of prompts.
    pub(super) play: Option<(PlayId, Arc<[Arc<str>]>)>,
    /// How that goes on.
    pub(super) transport: Transport,
    /// The language (BCP 47) that was chosen for the caller.
    pub(super) language: Option<Arc<str>>,
    pub(super) recording: Option<RecordingId>,
    /// Recordings that are over and not complete.
    pub(super) closing: Vec<RecordingId>,
    /// What the application wants to hear of: of the caller, of the other.
    pub(super) sounds: [Listens; 2],
    /// How loud each of them is; muted is the talk's or conference's matter.
    pub(super) gains: [Levels; 2],
    /// The channel of the program's own that the caller is connected to.
    pub(super) audio: Option<ChannelId>,
    pub(super) plan: Plan,
    pub(super) dirty: bool,
    /// How often it changed hands in which turn of the exchange.
    pub(super) hops: (u64, usize),
    /// Whether the caller's leg was ever answered.
    pub(super) answered: bool,
    /// Whether the application made the call or was handed it, and hears of its end.
    pub(super) application: bool,
    /// The command that made the call, until it is complete.
    pub(super) request: Option<u64>,
    /// The outside number that is being called, and on how many lines it met a call that came in.
    pub(super) outside: Option<(String, u8)>,
    /// The extension that has sent the caller on to where it rings now, and gets it back if nobody answers there.
    pub(super) sent_by: Option<String>,
}

impl Session {
    pub(super) fn new(call: Call) -> Self {
        Self {
            call,
            controller: Controller::Route,
            play: None,
            transport: Transport::default(),
            language: None,
            recording: None,
            closing: Vec::new(),
            sounds: [Listens::default(); 2],
            gains: [Levels::default(); 2],
            audio: None,
            plan: Plan::default(),
            dirty: false,
            hops: (0, 0),
            answered: false,
            application: false,
            request: None,
            outside: None,
            sent_by: None,
        }
    }

    /// The leg the call began with.
    pub(super) fn caller(&self) -> Option<LegId> {
        self.call.legs.first().copied()
    }

    /// The language of prompts: the one that was chosen, else the flow's.
    pub(super) fn prompt_language(&self) -> Option<Arc<str>> {
        let of_flow = match &self.controller {
            Controller::Flow(flow) => flow.language(),
            _ => None,
        };
        self.language.as_ref().or(of_flow).cloned()
    }

    pub(super) fn is_ending(&self) -> bool {
        matches!(self.controller, Controller::Ending(..))
    }
}
