//! callcore: telephony as a library.

pub mod acd;
pub mod base;
pub mod board;
pub mod call;
pub mod exchange;
pub mod ivr;
pub mod ledger;
pub mod media;
pub mod record;
pub mod route;
#[cfg(feature = "shell")]
pub mod shell;
#[cfg(feature = "sim")]
pub mod sim;
