//! The command line.

mod check;
mod list;
mod new;
mod replay;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// The board vendor's tool for callcore drivers: check one against the contract, begin a new one, see what is installed.
#[derive(Parser)]
#[command(name = "ccd", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(Box<check::Check>),
    New(new::New),
    List(list::List),
    Replay(replay::Replay),
}

/// Nothing is broken; something is; it could not be tried.
const FINE: u8 = 0;
const BROKEN: u8 = 1;
const FAILED: u8 = 2;

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Check(check) => check.run(),
        Command::New(new) => new.run(),
        Command::List(list) => list.run(),
        Command::Replay(replay) => replay.run(),
    };
    ExitCode::from(done.unwrap_or_else(|why| {
        eprintln!("ccd: {why}");
        FAILED
    }))
}
