//! The exchange: the one object that owns all calls, agents and queues of a node.
//!
//! Inputs go in with the time (`handle_input`, `handle_timeout`), outputs are taken out until there is none
//! (`poll_output`), and `poll_timeout` says when to come back and why. It has no thread, clock, file or socket.

pub mod config;
pub mod io;
pub mod snapshot;

pub use config::Config;
pub use snapshot::Snapshot;
pub use io::{Command, Event, Input, JobId, Output, RecordingOutcome, RequestId};
