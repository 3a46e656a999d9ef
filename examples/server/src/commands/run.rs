//! `run`: a centre on real lines, until a signal ends it.

use crate::cli::RunArgs;
use crate::output::{End, say};
use callcore::exchange::Config;
use callcore_config::{Loaded, Log};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// The configuration of the working directory.
pub(crate) const HERE: &str = "callcore.toml";
/// How often it is seen whether `callcore-server prompts` has changed something.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Run until SIGINT or SIGTERM.
pub(crate) fn run(args: &RunArgs) -> Result<(), End> {
    if args.example {
        say!("{}", callcore_config::EXAMPLE.trim_end());
        return Ok(());
    }
    let loaded = load(args.config.as_deref())?;
    log_to_stderr(loaded.node.log);
    // before the node, so that an early Ctrl-C stops it cleanly too
    let signals = crate::signals::signals()?;
    let node = callcore_config::start(&loaded)?;
    say!("{}", describe(&loaded));
    // the sender lives as long as the program
    while let Err(RecvTimeoutError::Timeout) = signals.recv_timeout(LOOK_EVERY) {
        match node.handle().prompts().refresh() {
            Ok(0) => {}
            Ok(changed) => tracing::info!("{changed} prompts are new, different or gone"),
            Err(why) => tracing::error!("the prompts stay as they were: {why}"),
        }
    }
    say!("Stopping: calls are ended, records are written.");
    node.stop().map_err(|why| End::failed(why.to_string()))?;
    say!("Stopped.");
    Ok(())
}

/// The configuration that is asked for, else the one of the working directory, else the example.
pub(crate) fn load(path: Option<&Path>) -> Result<Loaded, End> {
    let here = Path::new(HERE);
    let loaded = match path {
        Some(path) => callcore_config::load_file(path),
        None if here.exists() => callcore_config::load_file(here),
        None => callcore_config::load_example(),
    };
    Ok(loaded?)
}

fn log_to_stderr(log: Log) {
    // the SIP stack tells whole messages at info; they are for those who look for a fault in it
    let own = match log {
        Log::Error => "error",
        Log::Warn => "warn",
        Log::Info => "info,rsipstack=warn",
        Log::Debug => "debug,rsipstack=warn",
        Log::Trace => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(own));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
}

/// What runs, and what to dial.
fn describe(loaded: &Loaded) -> String {
    let core = &loaded.core;
    let mut text = format!("callcore-server {} runs {}\n\n", env!("CARGO_PKG_VERSION"), loaded.name);
    for device in &loaded.devices {
        let address = device.config.get("listen").and_then(|listen| listen.as_str()).unwrap_or_default();
        let _ = writeln!(text, "  device   {:<8} {} {address}", device.name, device.driver);
    }
    for extension in &core.extension {
        let login = match (&extension.endpoint, &extension.password) {
            (Some(endpoint), Some(_)) => format!("user {endpoint}, password in {}", loaded.name),
            (Some(endpoint), None) => format!("user {endpoint}"),
            (None, _) => format!("channel {}", extension.channel.unwrap_or_default()),
        };
        let _ = writeln!(text, "  phone    {:<8} {:<8} {login}", extension.number, extension.name);
    }
    for (number, to) in numbers(core) {
        let _ = writeln!(text, "  dial     {number:<8} {to}");
    }
    let _ = writeln!(text, "\n  data     {}", loaded.node.data_dir.display());
    text.push_str("  Ctrl-C stops; `callcore-server records` lists the calls.");
    text
}

/// What can be dialled, with where it leads: the first rule of each number, and the prefixes for outside.
fn numbers(core: &Config) -> Vec<(String, String)> {
    let mut seen = BTreeSet::new();
    let rules =
        core.route.iter().filter_map(|rule| Some((rule.called.as_ref()?.to_string(), rule.to.to_string())));
    let rules = rules.filter(|(number, _)| seen.insert(number.clone())).collect::<Vec<_>>();
    let outbound = core
        .outbound
        .iter()
        .map(|rule| (format!("{}...", rule.prefix), format!("outside by {}", rule.trunk_group)));
    rules.into_iter().chain(outbound).collect()
}
