//! The ledger: facts in their order, and what is derived from them: call records and figures, each exactly once.

pub mod entry;
pub mod figures;
pub mod record;

pub use entry::{Digest, Entry};
pub use figures::Figures;
pub use record::{CallRecord, Outcome, Records};
