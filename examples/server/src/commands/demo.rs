//! `demo`: a busy little centre in real time, with simulated people, on the screen.

use crate::cli::DemoArgs;
use crate::output::{End, duration, percent, say};
use crate::screen::{self, Head, Screen};
use callcore::ledger::{CallRecord, Outcome};
use callcore::shell::Handle;
use callcore::shell::store::Query;
use callcore_config::Loaded;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

const DEMO: &str = include_str!("../../demo.toml");
const DEMO_NAME: &str = "(demo)";
const TRUNKS: usize = 16;
/// The queues' `service_level_ms` in `demo.toml`.
const SERVICE_LEVEL_MS: u64 = 5_000;
/// How long the last calls may take to end by themselves.
const DRAIN_MS: u64 = 60_000;

/// Run it, then tell what happened.
pub(crate) fn run(args: &DemoArgs) -> Result<(), End> {
    let mut loaded = load(args)?;
    loaded.node.data_dir.clone_from(&args.data);
    let signals = crate::signals::signals()?;
    let node = callcore_config::start(&loaded)?;
    let began = node.handle().now().wall;
    watch(&node.handle(), args, &signals);
    node.stop().map_err(|why| End::failed(why.to_string()))?;
    let records = super::records::read(&args.data, &Query { since: Some(began), ..Query::default() })?;
    print_summary(args, &records);
    Ok(())
}

/// The built-in centre; its callers are simulated, one a second (see `demo.toml`), or those of a driver.
fn load(args: &DemoArgs) -> Result<Loaded, End> {
    let Some(driver) = &args.driver else {
        let mut loaded = callcore_config::load(DEMO_NAME, DEMO, Path::new(""))?;
        loaded.devices[0].config["arrivals_total"] = args.seconds.into();
        return Ok(loaded);
    };
    // first, for the screen shows the lines of the first device
    let board = format!(
        "[[device]]\nname = \"board\"\ndriver = {:?}\n\n[[trunk_group]]\nname = \"board\"\ndevice = \"board\"\n\n[[device]]",
        driver.display().to_string()
    );
    let mut loaded =
        callcore_config::load(DEMO_NAME, &DEMO.replacen("[[device]]", &board, 1), Path::new(""))?;
    loaded.devices[1].config["arrivals_per_hour"] = 0.into();
    Ok(loaded)
}

/// Show the centre until its calls have come and gone, or a signal comes.
fn watch(handle: &Handle, args: &DemoArgs, signals: &Receiver<()>) {
    let begin = handle.now().instant;
    let total_ms = args.seconds * 1000;
    let screen = std::io::stdout().is_terminal().then(Screen::open);
    let pause = Duration::from_millis(if screen.is_some() { 500 } else { 1000 });
    loop {
        let elapsed_ms = handle.now().instant.millis_since(begin);
        let now = handle.snapshot();
        let head = Head { title: "callcore demo", elapsed_ms, total_ms, trunks: TRUNKS };
        match &screen {
            Some(screen) => screen.show(&(screen::draw(&head, &now) + "\n Ctrl-C ends it.")),
            None => say!("{}", screen::summary_line(&head, &now)),
        }
        let all_came = (args.driver.is_none() && now.calls_count >= args.seconds) || elapsed_ms >= total_ms;
        let is_over = (all_came && now.calls.is_empty()) || elapsed_ms >= total_ms + DRAIN_MS;
        if is_over || signals.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn print_summary(args: &DemoArgs, records: &[CallRecord]) {
    let count = |outcome| records.iter().filter(|record| record.outcome == outcome).count();
    let answered: Vec<&CallRecord> =
        records.iter().filter(|record| record.outcome == Outcome::AnsweredByAgent).collect();
    let queued = records.iter().filter(|record| record.queue.is_some()).count();
    let in_time = answered.iter().filter(|record| record.queue_ms <= SERVICE_LEVEL_MS).count();
    let share = |part: usize, of: usize| (of > 0).then(|| part as f64 / of as f64);
    let mean = |sum: u64| duration_or_none(sum, answered.len() as u64);
    let recorded: Vec<u64> = records.iter().filter_map(|record| record.recording_ms).collect();
    say!("\n  calls                 {:>6}", records.len());
    say!("  answered by an agent  {:>6}", answered.len());
    say!("  abandoned in a queue  {:>6}", count(Outcome::Abandoned));
    say!("  ended in the menu     {:>6}", count(Outcome::SelfService));
    let named = answered.len() + count(Outcome::Abandoned) + count(Outcome::SelfService);
    if records.len() > named {
        say!("  ended otherwise       {:>6}", records.len() - named);
    }
    say!("  service level ({} s)   {:>6}", SERVICE_LEVEL_MS / 1000, percent(share(in_time, queued)));
    say!("  mean wait             {:>6}", mean(answered.iter().map(|record| record.queue_ms).sum()));
    say!("  mean talk             {:>6}", mean(answered.iter().map(|record| record.talk_ms).sum()));
    say!("  recordings            {:>6}, {} of sound", recorded.len(), duration(recorded.iter().sum()));
    let data = args.data.display();
    say!("\n  Records     callcore-server records --data {data}");
    say!("  Recordings  {data}/recordings (WAV: caller left, agent right)");
    if let Some(file) = records.iter().find_map(|record| record.recording.as_deref()) {
        say!("  Listen      play {data}/recordings/{file}");
    }
    say!("  Real phones callcore-server run");
}

fn duration_or_none(sum_ms: u64, count: u64) -> String {
    match sum_ms.checked_div(count) {
        Some(mean_ms) => format!("{}.{} s", mean_ms / 1000, mean_ms % 1000 / 100),
        None => "-".to_owned(),
    }
}
