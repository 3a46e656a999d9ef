//! The ledger: facts in their order, and what is derived from them: call records and figures, each exactly once.

mod agents;
pub mod entry;
pub mod figures;
#[cfg(test)]
pub(crate) mod fixture;
pub mod record;

pub use agents::AgentFigures;
pub use entry::{Digest, Entry};
pub use figures::{CallFigures, Figures, QueueFigures};
pub use record::{CallRecord, Direction, Outcome, Records};
