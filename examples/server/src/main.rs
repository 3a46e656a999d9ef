//! callcore-server: a small call centre from one configuration file, on top of the callcore library.

mod cli;
mod commands;
mod config;
mod output;
mod prompts;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // a wrong command line ends here, with code 2
    let cli = cli::Cli::parse();
    let ended = match &cli.command {
        cli::Command::Check(args) => commands::check::run(args),
        _ => Err(output::End::failed("later")),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => {
            eprintln!("{end}");
            end.code()
        }
    }
}
