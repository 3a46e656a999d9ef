//! Calls and their legs: states, facts, decisions, and where a call can be sent.

pub mod decision;
pub mod fact;
pub mod leg;
#[cfg(test)]
mod leg_tests;
pub mod target;
pub mod timer;

use crate::base::{Id, Now, id::Kind};
use crate::board::Incoming;

pub use decision::Decision;
pub use fact::{Dequeue, Fact, OfferEnd, Party, Side};
pub use leg::{Leg, LegFact, LegState, Role};
pub use target::{AgentVerb, Target};
pub use timer::{AgentTimer, CallTimer, DeviceTimer, LegTimer, TimerName};

/// Names calls.
#[derive(Debug)]
pub struct CallKind;
impl Kind for CallKind {
    const NUMBER: u8 = 1;
    const WORD: &'static str = "call";
}
/// A caller's journey while it lives.
pub type CallId = Id<CallKind>;

/// Names legs.
#[derive(Debug)]
pub struct LegKind;
impl Kind for LegKind {
    const NUMBER: u8 = 2;
    const WORD: &'static str = "leg";
}
/// One use of a channel.
pub type LegId = Id<LegKind>;

/// A call's number in the ledger: unique for ever on this node, also across restarts.
pub type CallNumber = u64;

/// A caller's journey: its legs, and what is known of it.
#[derive(Debug)]
pub struct Call {
    /// Its id while it lives.
    pub id: CallId,
    /// Its number in the ledger.
    pub number: CallNumber,
    /// The legs of the call, the caller's first; those being rung are here too.
    pub legs: Vec<LegId>,
    /// What was known when it came in.
    pub incoming: Incoming,
    /// When it came in or was made.
    pub started: Now,
    /// Whether the caller's number is one of our extensions.
    pub internal: bool,
}
