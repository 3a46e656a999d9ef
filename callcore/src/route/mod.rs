//! From number, line and time of day to where a call goes.

pub mod config;
pub mod pattern;
pub mod table;
#[cfg(test)]
mod table_tests;

pub use config::{DialTone, ExtensionConfig, OutboundConfig, RouteConfig, TrunkGroupConfig};
pub use pattern::{Hours, Pattern};
pub use table::{Dialled, Origin, Outbound, Routes};
