//! One line (channel) as signalling sees it: the states of a call on it and what each side may do in each.
//!
//! ```text
//!          arrive                answer
//!   Idle ──────────▶ Offered ─────────────▶ Up ◀─┐ hold, retrieve, digits (both sides)
//!    │  ▲               │ clear             │ └──┘
//!    │  └─ drop ── (every state but Idle)   │ clear
//!    │ make             ▼                   ▼
//!    └──▶ Dialing ─▶ Cleared ◀──────────────┘
//!            │ alert    ▲
//!            └─▶ Alerting ── pick up ──▶ Up
//! ```
//!
//! * `arrive`: Idle -> Offered, INCOMING          * `make`: Idle -> Dialing, DIALING
//! * `accept`: Offered -> Offered, steps go up    * `alert`: Dialing -> Alerting, ALERTING
//! * `proceed`: Dialing -> Dialing, PROCEEDING (of a span alone)
//! * `answer`: Offered -> Up, CONNECTED           * `pick up`: Dialing, Alerting -> Up, CONNECTED
//! * `clear`: Offered, Dialing, Alerting, Up -> Cleared, DISCONNECTED
//! * `drop`: every state but Idle -> Idle, RELEASED
//!
//! Promises: a call id is in exactly one line from the first event to RELEASED; RELEASED is given by `drop` alone,
//! so it comes once and last; HELD and RETRIEVED alternate.

use crate::event::{Refusal, Step, What};
use std::sync::Arc;

/// Q.850 cause 1, unallocated number.
pub const Q850_UNALLOCATED: u16 = 1;
/// Q.850 cause 28, invalid number format: here, one that is incomplete.
pub const Q850_INCOMPLETE: u16 = 28;
/// Q.850 cause 16, normal call clearing.
pub const Q850_NORMAL: u16 = 16;
/// Q.850 cause 17, user busy.
pub const Q850_BUSY: u16 = 17;
/// Q.850 cause 19, no answer from user.
pub const Q850_NO_ANSWER: u16 = 19;
/// Q.850 cause 21, call rejected.
pub const Q850_REJECTED: u16 = 21;
/// Q.850 cause 41, temporary failure.
pub(crate) const Q850_TEMPORARY_FAILURE: u16 = 41;
/// Q.850 cause 27, destination out of order.
pub const Q850_OUT_OF_ORDER: u16 = 27;

/// What a line does, for whoever looks at the model from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineState {
    /// No call.
    Idle,
    /// A call came in and is not answered.
    Offered,
    /// The host's call is on its way.
    Dialing,
    /// The far phone rings.
    Alerting,
    /// Connected.
    Up,
    /// The far end is gone, the host has not dropped yet.
    Cleared,
}

impl LineState {
    pub(crate) fn words(self) -> &'static str {
        match self {
            LineState::Idle => "idle",
            LineState::Offered => "offering a call",
            LineState::Dialing => "dialing",
            LineState::Alerting => "ringing",
            LineState::Up => "connected",
            LineState::Cleared => "cleared by the far end",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    Idle,
    Offered { call: u64, called: Arc<str>, calling: Arc<str>, more: bool, step: Option<Step> },
    Dialing { call: u64, alerts_at: u64, ring_ns_max: Option<u64> },
    Alerting { call: u64, ends_at: Option<u64> },
    Up { call: u64, held: bool, on_hold: bool },
    Cleared { call: u64, q850: u16 },
}

/// What can happen to a line: by the host, by the network or by the person at the far end.
#[derive(Debug, Clone)]
pub(crate) enum Stimulus {
    // the host
    Make {
        channel: u32,
        call: u64,
        alerts_at: u64,
        ring_ns_max: Option<u64>,
    },
    Accept(Step),
    Answer,
    Drop(u16),
    HostHold(bool),
    HostDigits,
    // the far end
    Arrive {
        channel: u32,
        call: u64,
        called: Arc<str>,
        calling: Arc<str>,
        more: bool,
    },
    /// The number called is this now.
    Digits {
        called: Arc<str>,
        more: bool,
    },
    Alert {
        now: u64,
    },
    PickUp,
    /// The far exchange has the whole number, and rings the phone then.
    Proceed {
        alerts_at: u64,
    },
    Clear(u16),
    Hold(bool),
    Press(char),
}

type Outcome = Result<Option<What>, Refusal>;

impl Line {
    pub(crate) fn state(&self) -> LineState {
        match self {
            Line::Idle => LineState::Idle,
            Line::Offered { .. } => LineState::Offered,
            Line::Dialing { .. } => LineState::Dialing,
            Line::Alerting { .. } => LineState::Alerting,
            Line::Up { .. } => LineState::Up,
            Line::Cleared { .. } => LineState::Cleared,
        }
    }

    /// The call on the line; 0: none.
    pub(crate) fn call(&self) -> u64 {
        match self {
            Line::Idle => 0,
            Line::Offered { call, .. } | Line::Dialing { call, .. } | Line::Alerting { call, .. } => *call,
            Line::Up { call, .. } | Line::Cleared { call, .. } => *call,
        }
    }

    /// When the network does something by itself: the phone begins to ring, or has rung long enough.
    pub(crate) fn deadline(&self) -> Option<u64> {
        match self {
            Line::Dialing { alerts_at, .. } => Some(*alerts_at),
            Line::Alerting { ends_at, .. } => *ends_at,
            Line::Idle | Line::Offered { .. } | Line::Up { .. } | Line::Cleared { .. } => None,
        }
    }

    /// The event that follows (none for a silent step), or why it cannot be.
    pub(crate) fn on(&mut self, stimulus: Stimulus) -> Outcome {
        match self.state() {
            LineState::Idle => self.on_idle(stimulus),
            LineState::Offered => self.on_offered(stimulus),
            LineState::Dialing | LineState::Alerting => self.on_ringing(stimulus),
            LineState::Up => self.on_up(stimulus),
            LineState::Cleared => self.on_cleared(stimulus),
        }
    }

    fn on_idle(&mut self, stimulus: Stimulus) -> Outcome {
        match stimulus {
            Stimulus::Make { call, alerts_at, ring_ns_max, .. } => {
                self.become_line(Line::Dialing { call, alerts_at, ring_ns_max }, What::Dialing)
            }
            Stimulus::Arrive { call, called, calling, more, .. } => {
                let what = What::Incoming { called: called.clone(), calling: calling.clone(), more };
                self.become_line(Line::Offered { call, called, calling, more, step: None }, what)
            }
            Stimulus::Accept(_)
            | Stimulus::Answer
            | Stimulus::Drop(_)
            | Stimulus::HostHold(_)
            | Stimulus::HostDigits => self.refuse(&stimulus),
            Stimulus::Alert { .. }
            | Stimulus::Proceed { .. }
            | Stimulus::PickUp
            | Stimulus::Clear(_)
            | Stimulus::Hold(_)
            | Stimulus::Digits { .. }
            | Stimulus::Press(_) => self.refuse(&stimulus),
        }
    }

    fn on_offered(&mut self, stimulus: Stimulus) -> Outcome {
        match stimulus {
            Stimulus::Make { channel, .. } => Err(Refusal::Glare { channel }),
            Stimulus::Accept(step) => self.accept(step),
            Stimulus::Digits { called, more } => self.dial_on(called, more),
            Stimulus::Answer => self.connect(),
            Stimulus::Drop(q850) => self.release(q850),
            Stimulus::Clear(q850) => self.clear(q850),
            Stimulus::Arrive { channel, .. } => Err(Refusal::Busy { channel }),
            Stimulus::HostHold(_) | Stimulus::HostDigits => self.refuse(&stimulus),
            Stimulus::Alert { .. }
            | Stimulus::Proceed { .. }
            | Stimulus::PickUp
            | Stimulus::Hold(_)
            | Stimulus::Press(_) => self.refuse(&stimulus),
        }
    }

    /// Dialing and Alerting: they differ in what has been told, not in what may come.
    fn on_ringing(&mut self, stimulus: Stimulus) -> Outcome {
        match stimulus {
            Stimulus::Make { channel, .. } | Stimulus::Arrive { channel, .. } => {
                Err(Refusal::Busy { channel })
            }
            Stimulus::Drop(q850) => self.release(q850),
            Stimulus::HostDigits => Ok(None),
            Stimulus::Alert { now } => self.alert(now),
            Stimulus::Proceed { alerts_at } => self.proceed(alerts_at),
            Stimulus::PickUp => self.connect(),
            Stimulus::Clear(q850) => self.clear(q850),
            Stimulus::Accept(_) | Stimulus::Answer | Stimulus::HostHold(_) => self.refuse(&stimulus),
            Stimulus::Hold(_) | Stimulus::Press(_) | Stimulus::Digits { .. } => self.refuse(&stimulus),
        }
    }

    fn on_up(&mut self, stimulus: Stimulus) -> Outcome {
        match stimulus {
            Stimulus::Make { channel, .. } | Stimulus::Arrive { channel, .. } => {
                Err(Refusal::Busy { channel })
            }
            Stimulus::Drop(q850) => self.release(q850),
            Stimulus::Clear(q850) => self.clear(q850),
            Stimulus::HostDigits => Ok(None),
            Stimulus::Press(digit) => Ok(Some(What::Digit { digit })),
            Stimulus::HostHold(_) | Stimulus::Hold(_) => self.hold(&stimulus),
            Stimulus::Accept(_)
            | Stimulus::Answer
            | Stimulus::Alert { .. }
            | Stimulus::Proceed { .. }
            | Stimulus::PickUp
            | Stimulus::Digits { .. } => self.refuse(&stimulus),
        }
    }

    fn on_cleared(&mut self, stimulus: Stimulus) -> Outcome {
        match stimulus {
            Stimulus::Make { channel, .. } | Stimulus::Arrive { channel, .. } => {
                Err(Refusal::Busy { channel })
            }
            Stimulus::Drop(q850) => self.release(q850),
            Stimulus::Accept(_) | Stimulus::Answer | Stimulus::HostHold(_) | Stimulus::HostDigits => {
                self.refuse(&stimulus)
            }
            Stimulus::Alert { .. }
            | Stimulus::Proceed { .. }
            | Stimulus::PickUp
            | Stimulus::Clear(_)
            | Stimulus::Hold(_)
            | Stimulus::Digits { .. }
            | Stimulus::Press(_) => self.refuse(&stimulus),
        }
    }

    fn become_line(&mut self, next: Line, what: What) -> Outcome {
        *self = next;
        Ok(Some(what))
    }

    fn accept(&mut self, next: Step) -> Outcome {
        match self {
            Line::Offered { step, .. } if step.is_none_or(|step| step <= next) => {
                *step = Some(next);
                Ok(None)
            }
            other => other.refuse(&Stimulus::Accept(next)),
        }
    }

    /// A number that the host has called whole takes no more digits.
    fn dial_on(&mut self, number: Arc<str>, on: bool) -> Outcome {
        match self {
            Line::Offered { called, more, step, .. } if step.is_none_or(|step| step < Step::Proceeding) => {
                (*called, *more) = (number.clone(), on);
                Ok(Some(What::CallInfo { called: number, more: on }))
            }
            other => other.refuse(&Stimulus::Digits { called: number, more: on }),
        }
    }

    fn alert(&mut self, now: u64) -> Outcome {
        match *self {
            Line::Dialing { call, ring_ns_max, .. } => {
                let ends_at = ring_ns_max.map(|ns| now.saturating_add(ns));
                self.become_line(Line::Alerting { call, ends_at }, What::Alerting)
            }
            _ => self.refuse(&Stimulus::Alert { now }),
        }
    }

    fn proceed(&mut self, at: u64) -> Outcome {
        match self {
            Line::Dialing { alerts_at, .. } => {
                *alerts_at = at;
                Ok(Some(What::Proceeding))
            }
            other => other.refuse(&Stimulus::Proceed { alerts_at: at }),
        }
    }

    fn connect(&mut self) -> Outcome {
        let call = self.call();
        self.become_line(Line::Up { call, held: false, on_hold: false }, What::Connected)
    }

    fn clear(&mut self, q850: u16) -> Outcome {
        let call = self.call();
        self.become_line(Line::Cleared { call, q850 }, What::Disconnected { q850 })
    }

    fn release(&mut self, q850: u16) -> Outcome {
        self.become_line(Line::Idle, What::Released { q850 })
    }

    fn hold(&mut self, stimulus: &Stimulus) -> Outcome {
        match (self, stimulus) {
            (Line::Up { on_hold, .. }, Stimulus::HostHold(on)) if on_hold != on => {
                *on_hold = *on;
                Ok(None)
            }
            (Line::Up { held, .. }, Stimulus::Hold(on)) if held != on => {
                *held = *on;
                Ok(Some(if *on { What::Held } else { What::Retrieved }))
            }
            (line, _) => line.refuse(stimulus),
        }
    }

    fn refuse(&self, stimulus: &Stimulus) -> Outcome {
        let wanted = match stimulus {
            Stimulus::Make { .. } => "make a call",
            Stimulus::Accept(_) => "accept (steps only go up, and before the answer)",
            Stimulus::Answer => "answer",
            Stimulus::Drop(_) => "drop",
            Stimulus::HostHold(true) | Stimulus::Hold(true) => "hold",
            Stimulus::HostHold(false) | Stimulus::Hold(false) => "retrieve",
            Stimulus::HostDigits => "send digits",
            Stimulus::Arrive { .. } => "call",
            Stimulus::Alert { .. } => "ring",
            Stimulus::Proceed { .. } => "proceed",
            Stimulus::PickUp => "answer",
            Stimulus::Clear(_) => "hang up",
            Stimulus::Press(_) => "press a key",
            Stimulus::Digits { .. } => "dial on",
        };
        Err(Refusal::State { wanted, state: self.state().words() })
    }

    /// The events that tell the present state again, oldest first.
    pub(crate) fn replay(&self) -> Vec<What> {
        match self {
            Line::Idle => vec![],
            Line::Offered { called, calling, more, .. } => {
                vec![What::Incoming { called: called.clone(), calling: calling.clone(), more: *more }]
            }
            Line::Dialing { .. } => vec![What::Dialing],
            Line::Alerting { .. } => vec![What::Alerting],
            Line::Up { held: false, .. } => vec![What::Connected],
            Line::Up { held: true, .. } => vec![What::Connected, What::Held],
            Line::Cleared { q850, .. } => vec![What::Disconnected { q850: *q850 }],
        }
    }
}
