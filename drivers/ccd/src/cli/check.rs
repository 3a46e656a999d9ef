//! `ccd check`: which checks, on what, and what is shown of them.

use super::{BROKEN, FAILED, FINE};
use crate::check::{self, Dial, Subject};
use crate::elf;
use crate::fit;
use crate::report::{Report, Style, level_line, live_line};
use crate::run::{self, Limits, Outcome, Target};
use crate::suite;
use clap::Args;
use regex::Regex;
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Check a driver against the contract, each clause in a process of its own.
///
/// Ends with 0 when no clause is broken, with 1 when one is, with 2 when nothing could be tried.
#[derive(Args)]
pub(super) struct Check {
    /// The driver's library.
    driver: PathBuf,
    /// The device to open, by its uid; needed when there are several.
    #[arg(long, value_name = "UID")]
    device: Option<String>,
    /// The driver's configuration, a JSON file; "loopback": true, or a list of channels, says who sends back what they get.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The number that outgoing calls go to.
    #[arg(long, value_name = "NUMBER", default_value = check::CALLED_USUAL)]
    called: String,
    /// A number that rings and that nobody answers.
    #[arg(long, value_name = "NUMBER")]
    unanswered: Option<String>,
    /// A number that answers and hangs up soon after.
    #[arg(long, value_name = "NUMBER")]
    hangs_up: Option<String>,
    /// The endpoint or trunk of the device that they leave by.
    #[arg(long, value_name = "NAME")]
    via: Option<String>,
    /// Only these levels: 0 binary, 1 life cycle, 2 calls, 3 media, 4 line and board, 5 robustness; as in 0..2 or 3.
    #[arg(long, value_name = "N..M")]
    level: Option<String>,
    /// Only the check of this number, or those whose id or title matches.
    #[arg(long, value_name = "REGEX|NUMBER")]
    filter: Option<String>,
    /// Only those that were broken the last time.
    #[arg(long)]
    failed: bool,
    /// What chance starts from; the same seed tries the same things.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the outcome as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the outcome as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Seconds that each check may take, instead of its own limit.
    #[arg(long, value_name = "S")]
    timeout: Option<u64>,
    /// How many checks run at a time; more than one for drivers whose devices several processes can have at once.
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
    /// Run this check in this process.
    #[arg(long, hide = true)]
    one: Option<u16>,
    /// Where to write how far it is.
    #[arg(long, hide = true)]
    trail: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(self) -> Result<u8, String> {
        let path = self.driver.canonicalize();
        let path = path.map_err(|why| format!("there is no driver {}: {why}", self.driver.display()))?;
        let config = self.config.as_deref().map_or_else(|| Ok(json!({})), read_config)?;
        let dial = Dial {
            called: self.called.clone(),
            via: self.via.clone(),
            unanswered: self.unanswered.clone(),
            hangs_up: self.hangs_up.clone(),
        };
        if let Some(number) = self.one {
            return self.one(number, path, config, dial);
        }
        let checks = self.chosen(&path)?;
        let program =
            std::env::current_exe().map_err(|why| format!("this program cannot be found: {why}"))?;
        let preload = elf::read(&path).ok().as_ref().and_then(run::sanitizer);
        let target =
            Target { program, path, uid: self.device.clone(), config, seed: self.seed, dial, preload };
        if let Some(file) = &self.config {
            fit::require_fit(file, &misfits(&target)?)?;
        }
        self.all(&checks, &target)
    }

    /// This process is the one for one check.
    fn one(&self, number: u16, path: PathBuf, config: Value, dial: Dial) -> Result<u8, String> {
        let check = suite::all().into_iter().chain([fit::CHECK]).find(|check| check.number == number);
        let check = check.ok_or_else(|| format!("there is no check {number}"))?;
        let trail =
            run::trail(self.trail.as_deref()).map_err(|why| format!("the trail cannot be written: {why}"))?;
        let subject = Subject { path, uid: self.device.clone(), config, seed: self.seed, dial, trail };
        run::one_here(&check, &subject);
        Ok(FINE)
    }

    fn all(&self, checks: &[check::Check], target: &Target) -> Result<u8, String> {
        let style = Style { is_coloured: std::io::stdout().is_terminal() };
        let limits = Limits { jobs: self.jobs, timeout: self.timeout.map(Duration::from_secs) };
        println!("{}", target.path.display());
        let (began, mut level) = (Instant::now(), None);
        let outcomes = run::run(checks, target, limits, |check, outcome| {
            if level.replace(check.level) != Some(check.level) {
                println!("{}", level_line(check.level, style));
            }
            println!("{}", live_line(check, outcome, style));
        });
        let outcomes = outcomes.map_err(|why| format!("a check could not be run: {why}"))?;
        let all = suite::all();
        let report = Report {
            target,
            checks: &all,
            outcomes: &outcomes,
            config: self.config.as_deref(),
            seconds: began.elapsed().as_secs_f64(),
        };
        print!("{}", report.for_people(style));
        let write = |path: &Option<PathBuf>, text: String| match path {
            Some(path) => std::fs::write(path, text)
                .map_err(|why| format!("{} cannot be written: {why}", path.display())),
            None => Ok(()),
        };
        write(&self.json, format!("{:#}\n", report.json()))?;
        write(&self.junit, report.junit())?;
        let broken: Vec<u16> =
            report.broken().into_values().flatten().map(|finding| finding.seen_in).collect();
        remember(&target.path, &broken);
        Ok(verdict(&outcomes, &broken))
    }

    /// The checks that are asked for.
    fn chosen(&self, path: &Path) -> Result<Vec<check::Check>, String> {
        let levels = self.level.as_deref().map_or(Ok((0, u8::MAX)), levels)?;
        let filter = self.filter.as_deref().map(Filter::parse).transpose()?;
        let last = if self.failed { Some(recall(path)?) } else { None };
        let is_chosen = |check: &check::Check| {
            (levels.0..=levels.1).contains(&check.level)
                && filter.as_ref().is_none_or(|filter| filter.matches(check))
                && last.as_ref().is_none_or(|last| last.contains(&check.number))
        };
        let chosen: Vec<check::Check> = suite::all().into_iter().filter(is_chosen).collect();
        if chosen.is_empty() {
            return Err("no check is chosen by --level, --filter and --failed".to_owned());
        }
        Ok(chosen)
    }
}

/// Settings that do not fit; none when the driver cannot even be asked, which its checks tell.
fn misfits(target: &Target) -> Result<Vec<String>, String> {
    let limits = Limits { jobs: 1, timeout: None };
    let outcomes = run::run(&[fit::CHECK], target, limits, |_, _| ());
    let outcomes = outcomes.map_err(|why| format!("the settings could not be looked at: {why}"))?;
    let told = outcomes.iter().filter(|outcome| outcome.verdict == run::Verdict::Passed);
    Ok(told.filter_map(|outcome| serde_json::from_str(&outcome.note).ok()).next().unwrap_or_default())
}

fn verdict(outcomes: &[Outcome], broken: &[u16]) -> u8 {
    let all_skipped = outcomes.iter().all(|outcome| outcome.verdict == run::Verdict::Skipped);
    match (broken.is_empty(), all_skipped) {
        (false, _) => BROKEN,
        (true, true) => FAILED,
        (true, false) => FINE,
    }
}

enum Filter {
    Number(u16),
    Words(Regex),
}

impl Filter {
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Number(number));
        }
        Regex::new(text).map(Self::Words).map_err(|why| format!("--filter {text}: {why}"))
    }

    fn matches(&self, check: &check::Check) -> bool {
        match self {
            Self::Number(number) => check.number == *number,
            Self::Words(regex) => regex.is_match(check.id) || regex.is_match(check.title),
        }
    }
}

/// "2", "0..2" (both included) or "2..".
fn levels(text: &str) -> Result<(u8, u8), String> {
    let wrong = |_| format!("--level {text}: a level or two of them, as in 3 or 0..2");
    match text.split_once("..") {
        None => text.parse().map(|level| (level, level)).map_err(wrong),
        Some((first, "")) => first.parse().map(|first| (first, u8::MAX)).map_err(wrong),
        Some((first, last)) => {
            let first = if first.is_empty() { Ok(0) } else { first.parse() };
            Ok((first.map_err(wrong)?, last.trim_start_matches('=').parse().map_err(wrong)?))
        }
    }
}

pub(super) fn read_config(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|why| format!("--config {}: {why}", path.display()))?;
    let tree: Value =
        serde_json::from_str(&text).map_err(|why| format!("--config {}: {why}", path.display()))?;
    if tree.is_object() {
        Ok(tree)
    } else {
        Err(format!("--config {}: it must be a JSON object", path.display()))
    }
}

/// Where the checks are kept that were broken the last time.
fn memory(path: &Path) -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    Some(cache.join("ccd").join(format!("{:016x}.json", hasher.finish())))
}

/// Without a home nothing is remembered; `--failed` says so.
fn remember(path: &Path, broken: &[u16]) {
    let Some(file) = memory(path) else { return };
    let _ = file.parent().map(std::fs::create_dir_all);
    let _ = std::fs::write(file, json!(broken).to_string());
}

fn recall(path: &Path) -> Result<Vec<u16>, String> {
    let text = memory(path).and_then(|file| std::fs::read_to_string(file).ok());
    let numbers = text.and_then(|text| serde_json::from_str(&text).ok());
    numbers.ok_or_else(|| format!("--failed: {} has not been checked before", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_one_or_a_range() {
        assert_eq!(levels("3"), Ok((3, 3)));
        assert_eq!(levels("0..2"), Ok((0, 2)));
        assert_eq!(levels("0..=2"), Ok((0, 2)));
        assert_eq!(levels("2.."), Ok((2, u8::MAX)));
        assert_eq!(levels("..1"), Ok((0, 1)));
        assert!(levels("all").is_err());
    }

    #[test]
    fn a_filter_is_a_number_or_words() {
        let all = suite::all();
        let names = |text: &str| {
            let filter = Filter::parse(text).expect("it is one");
            all.iter().filter(|check| filter.matches(check)).map(|check| check.number).collect::<Vec<_>>()
        };
        assert_eq!(names("2"), [2]);
        assert_eq!(names("^open-"), [14, 15]);
        assert!(Filter::parse("(").is_err());
    }
}
