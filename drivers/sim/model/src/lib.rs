//! Simulated lines and the people on them, as a pure model: no thread, no clock, no I/O; same seed, same bytes.
//!
//! ```text
//!             commands (make, accept, answer, drop ...)        acts (channel 1 calls 8000 ...)
//!   host ────────────────────────────────────────────▶ World ◀──────────────────────────────── scenario
//!        ◀──────────────────────────────────────────── (lines, people, arrivals)
//!             events (incoming, digit, connected ...)     ▲
//!                                                         └── what each person hears: silence, machine, person
//! ```
//!
//! A [`World`] is one board: trunk channels `0..trunks`, on which outside callers arrive, and extension channels
//! `trunks..trunks+extensions`, phones with a person each. All times are nanoseconds given by whoever runs it:
//! virtual ones in the core's test harness, real ones in the simulator driver.
//!
//! The run loop: call [`World::handle_timeout`] when [`World::poll_timeout`] is reached, feed commands, acts and
//! what is heard in between, and drain [`World::poll_event`] after each.
//!
//! Randomness: caller number n is drawn from `(seed, n)` alone, so the same people call with the same patience
//! whatever the host does with them (common random numbers: two set-ups can be compared call by call).

mod act;
mod agenda;
mod board;
mod callee;
mod caller;
mod config;
mod dist;
mod event;
mod exact;
mod free;
mod line;
mod number;
mod random;
mod span;
mod stats;
mod wire;
mod world;

pub use act::{Act, ActError};
pub use board::{BoardConfig, BoardKind, CallerIdAt, E1_CHANNELS, E1Config, FxoConfig, HangUp};
pub use config::{AgentConfig, Arrivals, CallerConfig, ConfigError, WorldConfig};
pub use dist::{Dist, DistError, MS_MAX};
pub use event::{Command, Event, Heard, NO_CHANNEL, Refusal, Step, What};
pub use line::{
    LineState, Q850_BUSY, Q850_INCOMPLETE, Q850_NO_ANSWER, Q850_NORMAL, Q850_OUT_OF_ORDER, Q850_REJECTED,
    Q850_UNALLOCATED,
};
pub use number::{NUMBER_BYTES_MAX, is_digit, is_number};
pub use span::{Alarms, Blocks};
pub use stats::Stats;
pub use wire::{CallerId, Order, Signal, Sound};
pub use world::World;

/// Nanoseconds in one millisecond.
pub const NS_PER_MS: u64 = 1_000_000;
