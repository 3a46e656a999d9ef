//! Recordings: which calls, under what name, and the container as bytes. Files are the shell's matter.

pub mod name;
pub mod policy;
pub mod wav;

pub use name::{About, NameTemplate};
pub use policy::{RecordPolicy, When};
