//! How many of everything there may be. Over a limit is `Refused`, never a silent drop.

use serde::{Deserialize, Serialize};

/// Most digits in a number, as in the driver contract (63 bytes and the NUL).
pub const NUMBER_LEN_MAX: usize = 63;
/// Most legs that one call may have at a time: the parties, and those being rung for it.
pub const LEGS_PER_CALL_MAX: usize = 8;
/// Most nodes that a flow may run through without waiting for anything: a loop without a prompt ends here.
pub const FLOW_STEPS_PER_FACT_MAX: usize = 64;
/// Most facts that one input may lead to, by way of decisions. Reaching it is a bug of ours.
pub const FACTS_PER_INPUT_MAX: usize = 4096;
/// Most digits that a caller's key buffer holds; older ones stay, newer are dropped and counted.
pub const DIGITS_PENDING_MAX: usize = 32;

/// Most bytes of a text that a command brings and the ledger keeps, such as a reason or a prompt's name: a journal with a longer line than it may
/// have could not be read again.
pub const TEXT_LEN_MAX: usize = 4096;

/// The limits an owner of an exchange may choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Calls at a time.
    pub calls_max: usize,
    /// Legs at a time.
    pub legs_max: usize,
    /// Callers waiting in one queue, unless the queue says less.
    pub queue_callers_max: usize,
    /// Agents known.
    pub agents_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { calls_max: 100_000, legs_max: 200_000, queue_callers_max: 50_000, agents_max: 10_000 }
    }
}

// a call always has at least one leg; a key buffer can hold the longest number that may be collected in one go
const _: () = assert!(
    LEGS_PER_CALL_MAX >= 2 && DIGITS_PENDING_MAX >= 16 && FLOW_STEPS_PER_FACT_MAX < FACTS_PER_INPUT_MAX
);
