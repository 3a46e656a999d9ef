//! One file for each subcommand.

pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod prompts;
pub(crate) mod records;
pub(crate) mod run;
pub(crate) mod simulate;
