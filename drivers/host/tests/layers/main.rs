//! The layers around a driver that does what a test wants.

mod clauses;
mod fake;
mod faults;
mod incident;
mod stack;
