//! A leg: one use of a channel from seizure to release, with a CSTA local connection state (ECMA-269 §6.1.5).
//!
//! ```text
//!   outgoing:  Initiated ──alerting──▶ Alerting ──connected──▶ Connected ◀──retrieved── Hold
//!   incoming:  Alerting ──────────────connected──────────────▶     │   ───held───────▶
//!                                                              Queued (Connected, and a queue holds the call)
//!   any ──disconnected──▶ Failed ──drop──▶ Releasing ──released──▶ Null (the leg is no more)
//!   any ──drop──▶ Releasing          any ──released──▶ Null
//! ```
//!
//! Promises: a leg in `Releasing` has been dropped exactly once; only `Connected`, `Queued` and `Hold` were ever
//! answered; nothing follows `Released`.

use super::{CallId, LegId};
use crate::base::Instant;
use crate::board::{BoardCall, BoardEvent, Cause, ChannelId, Digit, Supervision};
use serde::{Deserialize, Serialize};

/// What a leg is to its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It began the call.
    Caller,
    /// An extension or outside number that was called.
    Called,
    /// An agent whom a queue offered the call.
    Agent,
}

/// The local connection state, with what exists only in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegState {
    /// We dial; the far end does not ring yet.
    Initiated,
    /// It rings: at the far end, or here for an incoming leg. `inband`: audio comes from there already.
    Alerting {
        /// Whether audio comes before the answer.
        inband: bool,
    },
    /// Answered.
    Connected,
    /// Answered, and the far end has put us on hold.
    Hold,
    /// Answered, and a queue holds the call.
    Queued,
    /// The far end is gone or could not be reached; the line waits to be dropped.
    Failed {
        /// Why.
        cause: Cause,
    },
    /// Dropped; the board has not said `Released` yet.
    Releasing {
        /// With which cause.
        cause: Cause,
    },
}

/// What a board event means for the leg, when its state allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegFact {
    /// The network has the whole number.
    Proceeding,
    /// The far end rings.
    Alerting {
        /// Whether its audio can be heard.
        inband: bool,
    },
    /// Answered.
    Answered {
        /// How sure that is.
        supervision: Supervision,
    },
    /// The far end put us on hold.
    Held,
    /// And took us back.
    Retrieved,
    /// A register recall.
    Recall,
    /// A key.
    Digit(Digit),
    /// The far end is gone.
    Disconnected(Cause),
    /// The line is free again; `by_us` when it had been dropped from here.
    Released {
        /// The cause.
        cause: Cause,
        /// Whether this side had dropped it.
        by_us: bool,
    },
}

/// One use of a channel.
#[derive(Debug)]
pub struct Leg {
    /// Its id.
    pub id: LegId,
    /// The call it belongs to.
    pub call: CallId,
    /// The channel.
    pub channel: ChannelId,
    /// The board's name for this use.
    pub board_call: BoardCall,
    /// What it is to its call.
    pub role: Role,
    /// Extension or outside number at the far end.
    pub number: String,
    /// The extension, if the far end is one of ours.
    pub extension: Option<usize>,
    /// Whether the board called us.
    pub incoming: bool,
    /// The state.
    pub state: LegState,
    /// When it was answered.
    pub answered: Option<Instant>,
    /// Whether its keys are audio only, as the board said at the answer.
    pub inband_digits: bool,
    /// The far exchange waits for more digits of `number` (overlap sending).
    pub overlap: bool,
}

impl Leg {
    /// A leg of a call with nothing else filled in.
    #[must_use]
    pub fn blank(call: CallId) -> Self {
        Self {
            id: LegId::NONE,
            call,
            channel: ChannelId::new(0, 0),
            board_call: BoardCall(0),
            role: Role::Caller,
            number: String::new(),
            extension: None,
            incoming: false,
            state: LegState::Initiated,
            answered: None,
            inband_digits: false,
            overlap: false,
        }
    }

    /// Whether audio can flow to and from the far end.
    #[must_use]
    pub fn has_media(&self) -> bool {
        match self.state {
            LegState::Connected | LegState::Hold | LegState::Queued | LegState::Alerting { inband: true } => {
                true
            }
            LegState::Initiated
            | LegState::Alerting { inband: false }
            | LegState::Failed { .. }
            | LegState::Releasing { .. } => false,
        }
    }

    /// Whether the far end has answered and is still there.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        matches!(self.state, LegState::Connected | LegState::Hold | LegState::Queued)
    }

    /// Whether it has been dropped already.
    #[must_use]
    pub fn is_releasing(&self) -> bool {
        matches!(self.state, LegState::Releasing { .. })
    }

    /// Move to `Releasing`; false if that had been done before.
    pub fn drop_with(&mut self, cause: Cause) -> bool {
        if self.is_releasing() {
            return false;
        }
        self.state = LegState::Releasing { cause };
        true
    }

    /// A queue takes the call.
    pub fn enqueue(&mut self) {
        if self.state == LegState::Connected {
            self.state = LegState::Queued;
        }
    }

    /// A queue gives the call up.
    pub fn dequeue(&mut self) {
        if self.state == LegState::Queued {
            self.state = LegState::Connected;
        }
    }

    /// Take a board event; `None` when this state does not know it (a doubled or late event): nothing changes then.
    pub fn on_board(&mut self, now: Instant, event: &BoardEvent) -> Option<LegFact> {
        let fact = self.fact_of(event)?;
        if let BoardEvent::Connected { inband_digits, .. } = event {
            self.inband_digits = *inband_digits;
        }
        match fact {
            LegFact::Alerting { inband } => self.state = LegState::Alerting { inband },
            LegFact::Answered { .. } => {
                self.state = LegState::Connected;
                self.answered = Some(now);
            }
            LegFact::Held => self.state = LegState::Hold,
            LegFact::Retrieved => self.state = LegState::Connected,
            LegFact::Disconnected(cause) => self.state = LegState::Failed { cause },
            LegFact::Proceeding | LegFact::Recall | LegFact::Digit(_) | LegFact::Released { .. } => {}
        }
        Some(fact)
    }

    fn fact_of(&self, event: &BoardEvent) -> Option<LegFact> {
        match event {
            BoardEvent::Proceeding { .. } => {
                (self.state == LegState::Initiated).then_some(LegFact::Proceeding)
            }
            BoardEvent::Alerting { inband, .. } => self.on_alerting(*inband),
            BoardEvent::Progress { inband, .. } => self.on_alerting(*inband),
            BoardEvent::Connected { supervision, .. } => self.on_connected(*supervision),
            BoardEvent::Held { .. } => {
                matches!(self.state, LegState::Connected | LegState::Queued).then_some(LegFact::Held)
            }
            BoardEvent::Retrieved { .. } => (self.state == LegState::Hold).then_some(LegFact::Retrieved),
            BoardEvent::Recall { .. } => (self.state == LegState::Connected).then_some(LegFact::Recall),
            BoardEvent::Digit { digit, .. } => self.is_answered().then_some(LegFact::Digit(*digit)),
            BoardEvent::Disconnected { cause, .. } => self.on_disconnected(*cause),
            BoardEvent::Released { cause, .. } => Some(self.on_released(*cause)),
            BoardEvent::DeviceAdded { .. }
            | BoardEvent::DeviceRemoved { .. }
            | BoardEvent::Lost { .. }
            | BoardEvent::Replayed { .. }
            | BoardEvent::Service { .. }
            | BoardEvent::Alarm { .. }
            | BoardEvent::Endpoint { .. }
            | BoardEvent::Incoming { .. }
            | BoardEvent::CallInfo { .. }
            | BoardEvent::Line { .. }
            | BoardEvent::Refused { .. } => None,
        }
    }

    fn on_alerting(&self, inband: bool) -> Option<LegFact> {
        match self.state {
            LegState::Initiated => Some(LegFact::Alerting { inband }),
            // a 180 after a 183 does not take the audio away
            LegState::Alerting { inband: false } if !self.incoming && inband => {
                Some(LegFact::Alerting { inband })
            }
            LegState::Alerting { .. }
            | LegState::Connected
            | LegState::Hold
            | LegState::Queued
            | LegState::Failed { .. }
            | LegState::Releasing { .. } => None,
        }
    }

    fn on_connected(&self, supervision: Supervision) -> Option<LegFact> {
        match self.state {
            LegState::Initiated | LegState::Alerting { .. } => Some(LegFact::Answered { supervision }),
            LegState::Connected
            | LegState::Hold
            | LegState::Queued
            | LegState::Failed { .. }
            | LegState::Releasing { .. } => None,
        }
    }

    fn on_disconnected(&self, cause: Cause) -> Option<LegFact> {
        match self.state {
            LegState::Initiated
            | LegState::Alerting { .. }
            | LegState::Connected
            | LegState::Hold
            | LegState::Queued => Some(LegFact::Disconnected(cause)),
            LegState::Failed { .. } | LegState::Releasing { .. } => None,
        }
    }

    fn on_released(&self, cause: Cause) -> LegFact {
        match self.state {
            LegState::Releasing { cause } => LegFact::Released { cause, by_us: true },
            LegState::Failed { cause } => LegFact::Released { cause, by_us: false },
            LegState::Initiated
            | LegState::Alerting { .. }
            | LegState::Connected
            | LegState::Hold
            | LegState::Queued => LegFact::Released { cause, by_us: false },
        }
    }
}
