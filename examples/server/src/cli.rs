//! The command line: subcommands, their options, and the help that explains them.

pub(crate) use crate::commands::prompts::PromptsArgs;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  callcore-server demo                     a busy little centre, simulated, on the screen for 30 seconds
  callcore-server run                      real SIP phones on 127.0.0.1:5060, with the built-in example
  callcore-server run --config my.toml     your own centre
  callcore-server check my.toml            every mistake of a configuration, with its line
  callcore-server records --since 1h       the calls of the last hour
  callcore-server simulate --calls 20000   a whole day of calls in seconds of virtual time

Exit codes: 0 all went well, 1 something failed, 2 wrong configuration or wrong usage.";

/// A small call centre: phones, menus, queues, agents, recordings, records.
#[derive(Debug, Parser)]
#[command(name = "callcore-server", version, about, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show a busy little centre: simulated callers, real menus, queue, agents and recordings
    Demo(DemoArgs),
    /// Run a centre until Ctrl-C or SIGTERM
    Run(RunArgs),
    /// Run many calls through a centre in virtual time
    Simulate(SimulateArgs),
    /// Say everything that is wrong with a configuration
    Check(CheckArgs),
    /// List the records of calls, newest first
    Records(RecordsArgs),
    /// List, add and edit the prompts that callers hear
    Prompts(Box<PromptsArgs>),
}

const DEMO_HELP: &str = "\
On a terminal the board is drawn anew twice a second: lines, queue, agents. Elsewhere a line a second is printed.
Everything but the people is real: the same menus, queue, agents and recorder that serve phones.

Examples:
  callcore-server demo
  callcore-server demo --seconds 120
  callcore-server demo --driver ./myboard.so     calls come from your board instead; it should say that they are for 8000
  callcore-server demo | tee demo.txt";

#[derive(Debug, Args)]
#[command(after_help = DEMO_HELP)]
pub(crate) struct DemoArgs {
    /// How long new calls come in, one a second; then the last ones end, and Ctrl-C ends all sooner
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) seconds: u64,
    /// Where journal, records and recordings go
    #[arg(long, value_name = "DIR", default_value = "callcore-demo")]
    pub(crate) data: PathBuf,
    /// A board driver whose callers come instead of the simulated ones
    #[arg(long, value_name = "FILE")]
    pub(crate) driver: Option<PathBuf>,
}

const RUN_HELP: &str = "\
Without --config it takes ./callcore.toml, and without that the built-in example: SIP on 127.0.0.1:5060, phones 1001
to 1004, a menu on 8000. Logs go to standard error; RUST_LOG=debug shows more.
Ctrl-C or SIGTERM ends all calls and stops cleanly.

Examples:
  callcore-server run
  callcore-server run --config /etc/callcore.toml
  callcore-server run --example > callcore.toml      write the example, to start your own from";

#[derive(Debug, Args)]
#[command(after_help = RUN_HELP)]
pub(crate) struct RunArgs {
    /// The configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print the built-in example configuration and do nothing else
    #[arg(long, conflicts_with = "config")]
    pub(crate) example: bool,
}

const SIMULATE_HELP: &str = "\
The same exchange that serves real lines, in virtual time: the same seed gives the same ledger, byte for byte.

Examples:
  callcore-server simulate
  callcore-server simulate --calls 20000 --agents 40 --seed 7 --json";

#[derive(Debug, Args)]
#[command(after_help = SIMULATE_HELP)]
pub(crate) struct SimulateArgs {
    /// How many callers call
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) calls: u64,
    /// How many agents answer
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) agents: u32,
    /// Where all randomness comes from
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

const CHECK_HELP: &str = "\
Mistakes are printed as FILE:LINE: path: what is wrong; what to do. The exit code is 0 if there are none, else 2.

Example:
  callcore-server check callcore.toml";

#[derive(Debug, Args)]
#[command(after_help = CHECK_HELP)]
pub(crate) struct CheckArgs {
    /// The configuration
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

const RECORDS_HELP: &str = "\
A server may be running meanwhile. Without --config and --data it looks where `run` without --config writes.

Examples:
  callcore-server records
  callcore-server records --since 2d --json
  callcore-server records --since 2026-01-31T08:00:00Z --data callcore-demo
  callcore-server records --json | jq 'select(.cause == 16) | .talk_ms'";

#[derive(Debug, Args)]
#[command(after_help = RECORDS_HELP)]
pub(crate) struct RecordsArgs {
    /// Print each record as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Only calls that began since then: a time (RFC 3339) or so long ago (90s, 30m, 1h, 2d)
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) limit: usize,
    /// Take the data folder of this configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The data folder
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub(crate) data: Option<PathBuf>,
}
