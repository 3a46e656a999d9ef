//! callcore-server: a small call centre from one configuration file, on top of the callcore library.

mod cli;
mod commands;
mod output;
mod screen;
mod signals;

use clap::Parser;
use cli::Command;
use std::process::ExitCode;

fn main() -> ExitCode {
    // a wrong command line ends here, with code 2
    let cli = cli::Cli::parse();
    let ended = match &cli.command {
        Command::Demo(args) => commands::demo::run(args),
        Command::Run(args) => commands::run::run(args),
        Command::Simulate(args) => commands::simulate::run(args),
        Command::Check(args) => commands::check::run(args),
        Command::Records(args) => commands::records::run(args),
        Command::Prompts(args) => commands::prompts::run(args),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => {
            eprintln!("{end}");
            end.code()
        }
    }
}
