//! Sound on its way: how samples are written, at which rate, and what turns one into the other. Shared by host and drivers.
//!
//! Nothing here knows a clock, a socket or a call; nothing allocates after it is made.

pub mod format;
pub mod g711;
pub mod jitter;
pub mod splice;
pub mod stretch;

pub use format::{Format, Rate};
