//! A session: a call with its controller, and what its media should be now.

use crate::board::Cause;
use crate::call::{Call, CallId, LegId, Party, Target};
use crate::ivr;
use crate::media::{Plan, PlayId, RecordingId, Tone};
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
    /// Two parties talk.
    Talking(Talk),
    /// The embedding program.
    Application,
    /// The caller hears a tone until the line is released.
    Tone(Tone, Cause),
    /// Everything is being released.
    Ending(Cause, Party),
}

/// Two parties who talk.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) other: LegId,
    pub(super) since: crate::base::Instant,
}

/// A call, its controller, its media.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) call: Call,
    pub(super) controller: Controller,
    /// What the caller hears of prompts.
    pub(super) play: Option<(PlayId, Arc<[Arc<str>]>)>,
    pub(super) recording: Option<RecordingId>,
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
}

/// A recording from its plan to its completion.
#[derive(Debug)]
pub(super) struct RecordingState {
    pub(super) call: CallId,
    pub(super) path: Arc<str>,
    /// Whether the media engine was told to record.
    pub(super) started: bool,
}

impl Session {
    pub(super) fn new(call: Call) -> Self {
        Self {
            call,
            controller: Controller::Route,
            play: None,
            recording: None,
            plan: Plan::default(),
            dirty: false,
            hops: (0, 0),
            answered: false,
            application: false,
            request: None,
        }
    }

    /// The leg the call began with.
    pub(super) fn caller(&self) -> Option<LegId> {
        self.call.legs.first().copied()
    }

    pub(super) fn is_ending(&self) -> bool {
        matches!(self.controller, Controller::Ending(..))
    }
}
