//! The C face of callcore: `include/callcore.h`, a file here for each of its nouns.
//!
//! ```text
//!   cc_* ── guard ── handles ──▶ Core ──▶ Engine: Live (a Node) or Virtual (a Centre)
//!           NULL, UTF-8, fork,              │ events, facts
//!           panic, last error               ▼
//!                                          Hub ──records──▶ Queue (bytes, eventfd) ──▶ cc_queue_read
//! ```
//!
//! It stands on the public Rust API alone. No pointer that comes in is followed before it is checked for NULL, no handle
//! before it is found in a table, so that one that is stale, foreign or made up is an error and never a crash. Only these files have
//! `unsafe`: reading and writing what a caller's pointers point to, and the descriptors of queues.

pub mod agent;
pub mod call;
pub mod core;
pub mod describe;
pub mod device;
mod engine;
mod event;
mod guard;
pub mod handles;
mod hub;
pub mod join;
pub mod look;
pub mod media;
pub mod queue;
mod ring;
pub mod sim;
pub mod status;
pub mod tap;
pub mod types;
pub mod version;
