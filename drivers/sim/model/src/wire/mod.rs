//! Analogue lines as their wires have them: what a channel reports and is told whose signalling the host does.
//!
//! ```text
//!   host ◀─Signal── Office (the public exchange at the far end of an FXO port) ◀─▶ Line ◀─▶ who calls, who is called
//!        ──Order──▶ Phone  (the telephone at an FXS port)                      ◀─▶ Line ◀─▶ who sits at it
//! ```
//!
//! The people and their calls are those of any other channel ([`Line`](crate::line::Line)); an office and a phone only
//! translate. What does not get over two wires is lost in them: who was called, why a call failed, that somebody hung up.

mod office;
mod phone;
mod tap;

pub(crate) use office::Office;
pub(crate) use phone::Phone;
pub(crate) use tap::Tap;

use crate::board::BoardKind;
use crate::event::{Refusal, What};
use std::sync::Arc;

/// An idle line, in millivolts.
pub(crate) const IDLE_MV: i32 = 48_000;
/// A line in use, in millivolts and microamperes.
pub(crate) const SEIZED_MV: i32 = 7_000;
pub(crate) const SEIZED_UA: i32 = 23_000;

/// Who calls, as a telephone is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallerId {
    /// The number; empty: withheld.
    pub number: Arc<str>,
    /// The name; may be empty.
    pub name: Arc<str>,
}

/// What a line reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// FXO: a burst of ringing begins.
    RingOn,
    /// FXO: and ends.
    RingOff,
    /// FXO: the number of the caller has come, whole.
    CallerId(CallerId),
    /// FXO: the wires change places, or back.
    Polarity {
        /// Not as on an idle line.
        reversed: bool,
    },
    /// FXO: what is measured has changed.
    Loop {
        /// Current flows.
        current: bool,
        /// The exchange feeds the line.
        battery: bool,
        /// Between the wires, millivolts.
        voltage_mv: i32,
        /// In the loop, microamperes.
        current_ua: i32,
    },
    /// FXS: the phone is lifted or put down.
    Hook {
        /// Lifted.
        off: bool,
    },
    /// A key, as sound or as pulses.
    Digit {
        /// `0-9 * # A-D`.
        digit: char,
    },
}

/// What a line is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// FXO: close the loop or open it.
    Hook {
        /// Off hook.
        off: bool,
    },
    /// FXO: dial.
    Digits {
        /// `0-9 * # A-D`.
        digits: Arc<str>,
        /// How long all of them take, milliseconds.
        ms: u64,
    },
    /// FXS: ring, on and off in turn, over and over.
    Ring {
        /// Milliseconds each.
        cadence_ms: Vec<u16>,
        /// Shown between the first ring and the second.
        caller_id: Option<CallerId>,
    },
    /// FXS: ring no more.
    RingOff,
    /// FXS: the wires change places.
    Polarity {
        /// Not as on an idle line.
        reversed: bool,
    },
}

/// What can be heard on an exchange line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sound {
    /// Nothing.
    #[default]
    Silence,
    /// The exchange waits for digits.
    Dial,
    /// The called phone rings.
    Ringback,
    /// Busy, or hung up.
    Busy,
    /// No way through.
    Congestion,
    /// What is left of a call that nobody has ended: a room, a television.
    Noise,
    /// The person there, when it speaks.
    Voice,
}

/// What follows from a step of an office or a phone, for the world to carry out in this order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    Say(Signal),
    Sound(Sound),
    /// The line goes up, from the host's side.
    Answer,
    /// The host's call goes to this number.
    Call(Arc<str>),
    /// Whatever is on the line ends without a word.
    Drop,
    /// Somebody calls in this very moment.
    ComeIn {
        calling: Arc<str>,
    },
    /// The person hangs up.
    HangUp,
    /// It found no dial tone.
    NoDialTone,
    /// It has read who calls.
    Shown,
}

/// How a channel is wired.
#[derive(Debug, Clone)]
pub(crate) enum Wire {
    /// The board speaks of calls.
    Calls,
    Office(Office),
    Phone(Phone),
    Tap(Tap),
}

impl Wire {
    pub(crate) fn new(kind: &BoardKind) -> Self {
        match kind {
            BoardKind::Calls { .. } | BoardKind::E1(_) => Wire::Calls,
            BoardKind::Fxo(config) => Wire::Office(Office::new(config.clone())),
            BoardKind::Fxs => Wire::Phone(Phone::default()),
            BoardKind::Tap => Wire::Tap(Tap::default()),
        }
    }

    pub(crate) fn is_calls(&self) -> bool {
        matches!(self, Wire::Calls)
    }

    /// The host has the line, with or without a call.
    pub(crate) fn is_seized(&self) -> bool {
        match self {
            Wire::Calls | Wire::Tap(_) => false,
            Wire::Office(office) => office.is_seized(),
            Wire::Phone(phone) => phone.is_lifted(),
        }
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        match self {
            Wire::Calls | Wire::Tap(_) => None,
            Wire::Office(office) => office.deadline(),
            Wire::Phone(phone) => phone.deadline(),
        }
    }

    /// The call on the line has come further.
    pub(crate) fn on_call(&mut self, now: u64, what: &What, out: &mut Vec<Effect>) {
        match self {
            Wire::Calls => {}
            Wire::Office(office) => office.on_call(now, what, out),
            Wire::Phone(phone) => phone.on_call(now, what, out),
            Wire::Tap(tap) => tap.on_call(what, out),
        }
    }

    pub(crate) fn on_order(&mut self, now: u64, order: &Order, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        match self {
            Wire::Calls => Err(Refusal::Argument { why: "this channel takes commands for calls" }),
            Wire::Office(office) => office.on_order(now, order, out),
            Wire::Phone(phone) => phone.on_order(now, order, out),
            Wire::Tap(tap) => tap.on_order(order),
        }
    }

    pub(crate) fn on_timeout(&mut self, now: u64, out: &mut Vec<Effect>) {
        match self {
            Wire::Calls | Wire::Tap(_) => {}
            Wire::Office(office) => office.on_timeout(now, out),
            Wire::Phone(phone) => phone.on_timeout(now, out),
        }
    }

    /// What it is on the wire now, said again.
    pub(crate) fn replay(&self) -> Vec<Signal> {
        match self {
            Wire::Calls => vec![],
            Wire::Office(office) => office.replay(),
            Wire::Phone(phone) => vec![Signal::Hook { off: phone.is_lifted() }],
            Wire::Tap(tap) => vec![tap.measured()],
        }
    }

    /// As it was at the beginning: the board was away.
    pub(crate) fn reset(&mut self) {
        match self {
            Wire::Calls => {}
            Wire::Office(office) => *office = Office::new(office.config().clone()),
            Wire::Phone(phone) => *phone = Phone::default(),
            Wire::Tap(tap) => *tap = Tap::default(),
        }
    }
}

pub(crate) fn after_ms(now: u64, ms: u64) -> u64 {
    now.saturating_add(ms.saturating_mul(crate::NS_PER_MS))
}
