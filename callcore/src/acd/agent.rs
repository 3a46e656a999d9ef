//! An agent: a state machine.
//!
//! ```text
//!   LoggedOut ──login──▶ Ready ◀──ready── NotReady        Ready ──offer──▶ Ringing ──answered──▶ Talking
//!       ▲                  │ ▲                               ▲                │                     │
//!       └──logout (any)    └─┴──not_ready──▶ NotReady        └──failed,gone───┘      talk over ──▶ WrapUp ──over──▶ Ready
//! ```
//!
//! Promises: only `Ready` with a free phone is offered a call; `Ringing` and `Talking` name the one call; logging out or
//! not ready while talking takes effect when the call is over.

use super::config::AgentConfig;
use crate::base::Instant;
use crate::call::CallId;
use std::sync::Arc;

/// Why an agent takes no calls.
pub type NotReady = Arc<str>;

/// The state of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentState {
    /// Not at work.
    LoggedOut,
    /// At work, takes no calls.
    NotReady(NotReady),
    /// Waits for a call.
    Ready,
    /// The phone rings for a call.
    Ringing {
        /// The call.
        call: CallId,
        /// The queue it waits in, by place.
        queue: usize,
    },
    /// Talks.
    Talking {
        /// The call.
        call: CallId,
        /// The queue it came from, by place.
        queue: usize,
    },
    /// Writes notes.
    WrapUp,
}

impl AgentState {
    /// The state's name in ledger, API and screens.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::NotReady(_) => "not_ready",
            Self::Ready => "ready",
            Self::Ringing { .. } => "ringing",
            Self::Talking { .. } => "talking",
            Self::WrapUp => "wrap_up",
        }
    }
}

/// What an agent wants to be when the present call is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum After {
    /// Wrap-up, then ready.
    #[default]
    Ready,
    /// Wrap-up left out, not ready.
    NotReady(NotReady),
    /// Logged out.
    LoggedOut,
}

/// An agent.
#[derive(Debug)]
pub struct Agent {
    /// The agent's number.
    pub id: Arc<str>,
    /// The configuration.
    pub config: AgentConfig,
    /// The queues served, by place.
    pub queues: Vec<usize>,
    /// The state.
    pub state: AgentState,
    /// Since when.
    pub since: Instant,
    /// Since when the agent has had no call: the longest idle is offered the next.
    pub idle_since: Instant,
    /// Whether the phone can be reached and nobody talks on it.
    pub phone_free: bool,
    pub(super) after: After,
    pub(super) no_answers: u32,
    /// Under which key the queues list the agent as available.
    pub(super) listed: Option<Instant>,
}

impl Agent {
    /// Whether the agent is at work, in whatever state.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        self.state != AgentState::LoggedOut
    }

    pub(super) fn new(config: AgentConfig, queues: Vec<usize>) -> Self {
        Self {
            id: config.id.as_str().into(),
            config,
            queues,
            state: AgentState::LoggedOut,
            since: Instant::ZERO,
            idle_since: Instant::ZERO,
            phone_free: false,
            after: After::Ready,
            no_answers: 0,
            listed: None,
        }
    }

    /// Whether a call can be offered now.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.phone_free && self.state == AgentState::Ready
    }
}
