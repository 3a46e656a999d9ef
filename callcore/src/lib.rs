//! callcore: telephony as a library.

pub mod base;
pub mod board;
pub mod media;
