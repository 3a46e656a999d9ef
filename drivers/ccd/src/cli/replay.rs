//! `ccd replay`: an incident that the `record` layer wrote down, played again without the board, or on a driver.

use super::{BROKEN, FINE};
use crate::fit;
use crate::raw::status_name;
use crate::session::{Recorder, Seen, event_name};
use callcore_codec::Format;
use callcore_driver_host::layer::check::{Blames, CheckOptions, Checker, Policy};
use callcore_driver_host::layer::replay::{Pace, Recording};
use callcore_driver_host::layer::trace::Line;
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Driver, Entry, LoadError, Pool};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Play a recorded incident: what happened, in order, and each clause that was broken.
///
/// Ends with 1 when a clause was broken, or when a driver does otherwise than the recording.
#[derive(Args)]
pub(super) struct Replay {
    /// What the record layer wrote.
    file: PathBuf,
    /// Give the recorded commands to this driver, and tell where its calls go otherwise.
    #[arg(long, value_name = "LIBRARY")]
    driver: Option<PathBuf>,
    /// The driver's configuration, a JSON file.
    #[arg(long, value_name = "FILE", requires = "driver")]
    config: Option<PathBuf>,
}

/// What the recording has of commands and events, in order.
struct Incident {
    lines: Vec<Line>,
    began_ns: u64,
    uid: String,
}

impl Replay {
    pub(super) fn run(self) -> Result<u8, String> {
        let incident = Incident::read(&self.file)?;
        let words = |why: LoadError| why.to_string();
        let mut differences = match &self.driver {
            None => {
                let recording = Recording::read(&self.file, Pace::Steps).map_err(words)?;
                let report = recording.report();
                incident.tell();
                let broken = incident.play(&mut *recording.driver(), &json!({}), false)?.1;
                [broken, report.differences()].concat()
            }
            Some(library) => {
                let config =
                    self.config.as_deref().map_or_else(|| Ok(json!({})), super::check::read_config)?;
                let accepted = Entry::load(library, "").and_then(|entry| entry.negotiate()).map_err(words)?;
                if let Some(file) = &self.config {
                    fit::require_fit(file, &fit::misfits(&accepted, &config))?;
                }
                let mut driver = accepted.create(Arc::new(Recorder::new(&config))).map_err(words)?;
                let (seen, broken) = incident.play(&mut *driver, &config, true)?;
                [broken, incident.compare(&seen)].concat()
            }
        };
        differences.dedup();
        for difference in &differences {
            println!("{difference}");
        }
        println!("{} differences and broken clauses", differences.len());
        Ok(if differences.is_empty() { FINE } else { BROKEN })
    }
}

impl Incident {
    fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|why| format!("{} cannot be read: {why}", path.display()))?;
        let mut incident = Self { lines: Vec::new(), began_ns: 0, uid: String::new() };
        for (number, line) in text.lines().enumerate() {
            let line: Line = serde_json::from_str(line).map_err(|why| {
                format!("{}:{}: is no line of a recording: {why}", path.display(), number + 1)
            })?;
            match &line {
                Line::Device { info, .. } => incident.uid.clone_from(&info.uid),
                Line::Start { t, .. } => incident.began_ns = *t,
                _ => {}
            }
            incident.lines.push(line);
        }
        Ok(incident)
    }

    /// The incident for people.
    fn tell(&self) {
        let at = |t: u64| format!("{:>10.1} ms", t.saturating_sub(self.began_ns) as f64 / 1e6);
        for line in &self.lines {
            match line {
                Line::Device { info, channels, .. } => {
                    println!("{} {}, {} channels", info.model, info.uid, channels.len())
                }
                Line::Start { t, status } => println!("{}  start: {}", at(*t), status_name(*status)),
                Line::Stop { t, status } => println!("{}  stop: {}", at(*t), status_name(*status)),
                Line::Command { t, status, command, .. } => {
                    println!("{}  ──▶ {}: {}", at(*t), said(command), status_name(*status))
                }
                Line::Event { t, kind, chan, call, req, status, .. } => {
                    let about = match (*kind, *call) {
                        (CCD_EV_DONE, _) => format!(" req {req}"),
                        (_, 0) => String::new(),
                        (_, call) => format!(" call {call}"),
                    };
                    let channel =
                        if *chan == CCD_NO_CHAN { String::new() } else { format!(" channel {chan}") };
                    let answer =
                        if *status == CCD_OK { String::new() } else { format!(": {}", status_name(*status)) };
                    println!("{}  ◀── {}{about}{channel}{answer}", at(*t), event_name(*kind));
                }
                Line::Untaken { t, seq, status } => {
                    println!("{}  ◀── event {seq} was not taken: {}", at(*t), status_name(*status))
                }
                Line::Unreadable { t, size } => {
                    println!("{}  ◀── an event of {size} bytes that cannot be", at(*t))
                }
                Line::Dropped { lines } => println!("            {lines} lines are missing here"),
                Line::Frame { .. } => {}
            }
        }
    }

    fn commands(&self) -> impl Iterator<Item = (u64, ccd_req, &Command)> {
        self.lines.iter().filter_map(|line| match line {
            Line::Command { t, req, command, .. } => Some((*t, *req, command)),
            _ => None,
        })
    }

    /// Gives the recorded commands to a driver; what it posted, and the clauses that were broken.
    fn play(
        &self,
        driver: &mut dyn Driver,
        config: &Value,
        keeps_time: bool,
    ) -> Result<(Vec<Seen>, Vec<String>), String> {
        let host = Arc::new(Recorder::new(config));
        let checker =
            Checker::new("replay", CheckOptions { policy: Policy::Ignore, ..CheckOptions::default() });
        let uids: Vec<String> =
            driver.enumerate().map_err(|why| why.to_string())?.into_iter().map(|info| info.uid).collect();
        let uid = if uids.contains(&self.uid) {
            self.uid.clone()
        } else {
            uids.first().cloned().unwrap_or_default()
        };
        let device = checker.open(Arc::clone(&host) as Arc<_>, &mut |host| driver.open(&uid, host));
        let mut device = device.map_err(|why| why.to_string())?;
        let any = device.channels().iter().fold(0, |set, info| set | info.codecs);
        let own = [Format::L16, Format::ALaw, Format::MuLaw]
            .into_iter()
            .find(|format| device.channels().iter().all(|info| info.codecs & format.code() != 0));
        let pool = Arc::new(Pool::new(device.channels().len() as u32, own.unwrap_or(Format::ALaw), any));
        let media = device.start(&pool).map_err(|why| why.to_string())?;
        let mut frames =
            crate::session::Frames::new(media, pool, device.info().paced_by == CCD_PACED_BY_DRIVER);
        let mut last = self.began_ns;
        for (t, req, command) in self.commands() {
            if keeps_time {
                run_for(&mut frames, Duration::from_nanos(t.saturating_sub(last)).min(GAP_MAX));
            }
            last = t;
            device.command(command, req);
        }
        if keeps_time {
            run_for(&mut frames, REST);
        }
        drop(frames);
        device.stop();
        let violations =
            checker.take().into_iter().filter(|violation| violation.clause.blames() == Blames::Driver);
        let broken = violations
            .map(|it| format!("broken: {}: {} {}", it.clause.id(), it.seen, it.clause.text()))
            .collect();
        Ok((host.since(0), broken))
    }

    /// Where the calls of a driver go otherwise than in the recording.
    fn compare(&self, seen: &[Seen]) -> Vec<String> {
        let mut then: BTreeMap<ccd_call, Vec<u16>> = BTreeMap::new();
        for line in &self.lines {
            if let Line::Event { kind, call, .. } = line
                && *call != 0
                && call % 2 == 0
                && *kind != CCD_EV_DONE
            {
                then.entry(*call).or_default().push(*kind);
            }
        }
        let mut differences = Vec::new();
        for (call, then) in then {
            let of_call =
                seen.iter().filter(|seen| seen.event().call() == call && seen.event().kind() != CCD_EV_DONE);
            let now: Vec<u16> = of_call.map(|seen| seen.event().kind()).collect();
            if now != then {
                differences.push(format!("call {call}: {} then, {} now", names(&then), names(&now)));
            }
        }
        differences
    }
}

/// Longest pause that is kept between two commands.
const GAP_MAX: Duration = Duration::from_secs(10);
/// How long a driver has to finish what the last command began.
const REST: Duration = Duration::from_secs(1);

fn run_for(frames: &mut crate::session::Frames, time: Duration) {
    let end = std::time::Instant::now() + time;
    while std::time::Instant::now() < end {
        frames.run(0);
    }
}

fn names(kinds: &[u16]) -> String {
    if kinds.is_empty() {
        "nothing".to_owned()
    } else {
        kinds.iter().map(|kind| event_name(*kind)).collect::<Vec<_>>().join(" ")
    }
}

/// A command for people: its name and what it is given, as JSON has it.
fn said(command: &Command) -> String {
    let tree = serde_json::to_value(command).unwrap_or_default();
    let fields =
        tree.as_object().into_iter().flatten().filter(|(name, value)| *name != "do" && !value.is_null());
    let fields: Vec<String> = fields.map(|(name, value)| format!("{name} {value}")).collect();
    format!("{} {}", command.function().name(), fields.join(", "))
}
