//! Runs checks, each in a process of its own, with a time limit; a process that ends in another way than by its verdict is
//! a finding.

use crate::check::{Check, Dial, Stop, Subject};
use crate::elf::Facts;
use crate::trail::{self, Mark, Trail};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What is checked, for all its checks.
#[derive(Clone, Debug)]
pub struct Target {
    /// This program.
    pub program: PathBuf,
    /// The driver's library.
    pub path: PathBuf,
    /// The device to open; none is the only one.
    pub uid: Option<String>,
    /// The driver's configuration.
    pub config: Value,
    /// What chance starts from.
    pub seed: u64,
    /// Where outgoing calls go.
    pub dial: Dial,
    /// A library that must be loaded before all others: a sanitizer's that the driver was built with.
    pub preload: Option<String>,
}

/// The run-time library of a sanitizer, if the driver needs one: it works only when it is loaded first.
#[must_use]
pub fn sanitizer(facts: &Facts) -> Option<String> {
    let is_one = |name: &&String| ["libasan", "libtsan", "libhwasan"].iter().any(|one| name.starts_with(one));
    facts.needed.iter().find(is_one).cloned()
}

/// How checks are run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many at a time.
    pub jobs: usize,
    /// For each check, instead of its own.
    pub timeout: Option<Duration>,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Its clause holds.
    Passed,
    /// Its clause is broken.
    Broken,
    /// It does not apply.
    Skipped,
}

/// A clause that was seen broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check whose clause it is.
    pub check: u16,
    /// The check that saw it.
    pub seen_in: u16,
    /// What was seen.
    pub seen: String,
}

/// What came of a check.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Its number.
    pub number: u16,
    /// How it ended.
    pub verdict: Verdict,
    /// What was measured, or why it was skipped.
    pub note: String,
    /// What was seen broken, of its own clause and of others.
    pub findings: Vec<Finding>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// The check whose clause is broken when something is written to stdout or stderr.
const GOOD_GUEST: u16 = 71;

/// Runs all checks; `on_outcome` hears of each in the order of their numbers, as soon as it can.
///
/// # Errors
/// No process can be started, or no file written.
pub fn run(
    checks: &[Check],
    target: &Target,
    limits: Limits,
    mut on_outcome: impl FnMut(&Check, &Outcome),
) -> io::Result<Vec<Outcome>> {
    let folder = TempDir::with_prefix("ccd-")?;
    fs::write(folder.path().join("config.json"), target.config.to_string())?;
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let (tell, told) = mpsc::channel();
    let mut outcomes: BTreeMap<usize, Outcome> = BTreeMap::new();
    std::thread::scope(|scope| {
        for _ in 0..limits.jobs.clamp(1, checks.len().max(1)) {
            let (tell, next, failed, folder) = (tell.clone(), &next, &failed, folder.path());
            scope.spawn(move || {
                while let Some(check) = checks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let index = checks.iter().position(|other| other.number == check.number).unwrap_or(0);
                    match one(check, target, limits, folder) {
                        Ok(outcome) => drop(tell.send((index, outcome))),
                        Err(why) => return *failed.lock().expect("nobody panics with it") = Some(why),
                    }
                }
            });
        }
        drop(tell);
        let mut shown = 0;
        for (index, outcome) in told {
            outcomes.insert(index, outcome);
            while let Some(outcome) = outcomes.get(&shown) {
                on_outcome(&checks[shown], outcome);
                shown += 1;
            }
        }
    });
    match failed.into_inner().expect("nobody panics with it") {
        Some(why) => Err(why),
        None => Ok(outcomes.into_values().collect()),
    }
}

fn one(check: &Check, target: &Target, limits: Limits, folder: &Path) -> io::Result<Outcome> {
    let file = |kind: &str| folder.join(format!("{}.{kind}", check.number));
    let mut command = Command::new(&target.program);
    command.arg("check").arg(&target.path).args(["--one", &check.number.to_string()]);
    command.args(["--seed", &target.seed.to_string()]);
    command.arg("--config").arg(folder.join("config.json")).arg("--trail").arg(file("trail"));
    let uid = target.uid.as_deref().map(|uid| ("--device", uid));
    for (flag, value) in target.dial.arguments().into_iter().chain(uid) {
        command.args([flag, value]);
    }
    command.stdin(Stdio::null()).stdout(File::create(file("out"))?).stderr(File::create(file("err"))?);
    // a crash is wanted as a signal, not as a page of frames
    command.env("RUST_BACKTRACE", "0");
    if let Some(library) = &target.preload {
        // what this program keeps for ever is no leak of the driver's
        let options = std::env::var("ASAN_OPTIONS").unwrap_or_default();
        command.env("LD_PRELOAD", library).env("ASAN_OPTIONS", format!("detect_leaks=0:{options}"));
    }
    let began = Instant::now();
    let limit = limits.timeout.unwrap_or(Duration::from_secs(check.seconds));
    let status = wait(&mut command, limit)?;
    let text = |kind: &str| fs::read(file(kind)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let end = End { status, limit, out: text("out")?, err: text("err")? };
    let mut outcome = judge(check.number, &trail::read(&file("trail")), &end);
    outcome.seconds = began.elapsed().as_secs_f64();
    Ok(outcome)
}

/// Waits for a process; `None` when it had to be killed.
fn wait(command: &mut Command, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let mut child = command.spawn()?;
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if began.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// How a process ended, and what it wrote where nothing belongs.
struct End {
    status: Option<ExitStatus>,
    limit: Duration,
    out: String,
    err: String,
}

/// What a trail and the end of its process mean.
fn judge(number: u16, trail: &[Mark], end: &End) -> Outcome {
    let mut outcome =
        Outcome { number, verdict: Verdict::Passed, note: String::new(), findings: Vec::new(), seconds: 0.0 };
    let (mut step, mut has_ended) = ("start", false);
    for mark in trail {
        match mark {
            Mark::Step(what) => step = what,
            Mark::Finding { check, seen } => {
                outcome.findings.push(Finding { check: *check, seen_in: number, seen: seen.clone() });
            }
            Mark::Passed(note) => (outcome.note, has_ended) = (note.clone(), true),
            Mark::Skipped(why) => {
                (outcome.note, outcome.verdict, has_ended) = (why.clone(), Verdict::Skipped, true);
            }
            Mark::Ended => has_ended = true,
        }
    }
    let mut find = |check, seen| outcome.findings.push(Finding { check, seen_in: number, seen });
    let is_crash = !matches!(end.status, Some(status) if status.success() && has_ended);
    if is_crash {
        find(number, crash(step, end));
    }
    let written = if is_crash { "" } else { end.err.trim() };
    for (stream, text) in [("stdout", end.out.trim()), ("stderr", written)] {
        if !text.is_empty() {
            find(GOOD_GUEST, format!("the driver wrote to {stream}: {}", first_lines(text)));
        }
    }
    if outcome.findings.iter().any(|finding| finding.check == number) {
        outcome.verdict = Verdict::Broken;
    }
    outcome
}

/// A process that ended in another way than by its verdict.
fn crash(step: &str, end: &End) -> String {
    let how = match end.status {
        None => format!("did not come back within {} s", end.limit.as_secs()),
        Some(status) => match status.signal() {
            Some(signal) => format!("ended the process with {}", signal_name(signal)),
            None => format!("ended the process with exit code {}", status.code().unwrap_or(-1)),
        },
    };
    let said = if end.err.trim().is_empty() {
        String::new()
    } else {
        format!("; stderr: {}", first_lines(&end.err))
    };
    format!("the driver {how}, in this step: {step}{said}")
}

fn first_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().take(3).collect();
    lines.join(" / ").chars().take(300).collect()
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGILL => "SIGILL",
        libc::SIGKILL => "SIGKILL",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGSYS => "SIGSYS",
        libc::SIGTERM => "SIGTERM",
        libc::SIGTRAP => "SIGTRAP",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

/// Runs one check in this process, and writes how it ended. The caller then ends the process.
///
/// A panic of the check is no fault of the driver, whose own ones do not come here.
pub fn one_here(check: &Check, subject: &Subject) {
    static FAILED: Mutex<String> = Mutex::new(String::new());
    std::panic::set_hook(Box::new(|why| {
        *FAILED.lock().unwrap_or_else(PoisonError::into_inner) = why.to_string()
    }));
    let end = match catch_unwind(AssertUnwindSafe(|| (check.run)(subject))) {
        Ok(Ok(note)) => Mark::Passed(note),
        Ok(Err(Stop::Skip(why))) => Mark::Skipped(why),
        Ok(Err(Stop::Broken(seen))) => {
            subject.trail.finding(check.number, seen);
            Mark::Ended
        }
        Err(_) => {
            let why = FAILED.lock().unwrap_or_else(PoisonError::into_inner).replace('\n', " ");
            Mark::Skipped(format!(
                "the check itself failed, which is ccd's fault and not the driver's: {why}"
            ))
        }
    };
    let _ = std::panic::take_hook();
    subject.trail.mark(&end);
}

/// A trail for one check in this process.
///
/// # Errors
/// The file cannot be written.
pub fn trail(path: Option<&Path>) -> io::Result<Trail> {
    path.map_or_else(|| Ok(Trail::nowhere()), Trail::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(raw: i32) -> End {
        let status = Some(ExitStatus::from_raw(raw));
        End { status, limit: Duration::from_secs(3), out: String::new(), err: String::new() }
    }

    #[test]
    fn a_verdict_counts_when_the_process_ends_with_it() {
        let passed = [Mark::Step("create".into()), Mark::Passed("3 threads".into())];
        let outcome = judge(23, &passed, &end(0));
        assert_eq!((outcome.verdict, outcome.note.as_str()), (Verdict::Passed, "3 threads"));
        let skipped = judge(23, &[Mark::Skipped("no device".into())], &end(0));
        assert_eq!((skipped.verdict, skipped.note.as_str()), (Verdict::Skipped, "no device"));
    }

    #[test]
    fn a_crash_is_told_with_its_step() {
        let outcome = judge(13, &[Mark::Step("create".into())], &end(libc::SIGSEGV));
        assert_eq!(outcome.verdict, Verdict::Broken);
        assert!(outcome.findings[0].seen.contains("SIGSEGV, in this step: create"), "{outcome:?}");
        // after the verdict too: a destructor of the library
        let late = judge(13, &[Mark::Passed(String::new())], &end(libc::SIGABRT));
        assert_eq!(late.verdict, Verdict::Broken);
        let stuck = judge(13, &[Mark::Step("destroy".into())], &End { status: None, ..end(0) });
        assert!(stuck.findings[0].seen.contains("did not come back within 3 s, in this step: destroy"));
    }

    #[test]
    fn a_check_that_fails_itself_breaks_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("trail");
        let trail = Trail::new(&path).expect("it can be written");
        let (uid, config, dial) = (None, Value::Null, Dial::default());
        let subject = Subject { path: PathBuf::new(), uid, config, seed: 1, dial, trail };
        let suite = crate::check::Suite { level: 1, seconds: 1 };
        one_here(
            &suite.check(13, "x", "", "", |subject| Ok("abc"[subject.path.as_os_str().len() + 4..].into())),
            &subject,
        );
        let outcome = judge(13, &trail::read(&path), &end(0));
        assert_eq!(outcome.verdict, Verdict::Skipped);
        assert!(outcome.note.contains("ccd's fault") && outcome.note.contains("run.rs"), "{outcome:?}");
    }

    #[test]
    fn another_clause_that_is_seen_broken_does_not_break_this_one() {
        let trail = [Mark::Finding { check: 26, seen: "no DONE".into() }, Mark::Passed(String::new())];
        let outcome = judge(32, &trail, &end(0));
        assert_eq!(outcome.verdict, Verdict::Passed);
        assert_eq!(outcome.findings, [Finding { check: 26, seen_in: 32, seen: "no DONE".into() }]);
    }

    #[test]
    fn what_is_written_to_stdout_is_the_guests_fault() {
        let outcome = judge(13, &[Mark::Passed(String::new())], &End { out: "hello\n".into(), ..end(0) });
        assert_eq!((outcome.verdict, outcome.findings[0].check), (Verdict::Passed, GOOD_GUEST));
    }
}
