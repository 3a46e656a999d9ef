//! Tidy: the house rules that a machine can check, checked on every file that is tracked.
//!
//! What fails here names file and line and says what to do. Lists of exceptions are ratchets: they may only shrink.

mod docs;
mod rooms;
mod sizes;
mod source;
mod words;
