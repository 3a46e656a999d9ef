//! `ccd`, the board vendor's tool; `ccd help` tells what it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    ccd::cli::main()
}
