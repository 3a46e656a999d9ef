//! Interactive voice response: flows of nodes as data, a checker that finds mistakes before a caller does, and the
//! interpreter: what happened to the caller in, decisions out.

pub mod check;
#[cfg(test)]
mod check_tests;
pub mod collector;
pub mod config;
pub mod flow;
pub mod session;
#[cfg(test)]
mod session_tests;

pub use collector::{Collector, Number, Patience, Question, Verdict};
pub use config::{FlowConfig, NodeConfig};
pub use flow::Flow;
pub use session::{Happened, Session};
