//! Scenarios: plain text files that say who does what and when, and which facts must follow. The same file runs in virtual
//! time and against a real shell.
//!
//! ```text
//! config support
//! # a caller presses 1 and is offered to agent 1
//! channel 0 calls 8000 from 13800000000
//! expect arrived called=8000
//! wait 1s
//! channel 0 digit 1
//! expect offered agent=1 within 2s
//! command agent 1 not_ready lunch
//! never abandoned
//! ```
//!
//! `config`, on the first line, names the centre it is played in ([`CentreConfig::named`]). `call last` in a command is the
//! newest call that the application was offered or made; `refused`, in place of `command`, wants the command to be refused.
//! `expect` waits for the next fact of that name with these values (5 s if nothing else is said) and goes on right after it;
//! facts that lie between are passed over. `never` fails the scenario if such a fact is anywhere in the rest of the file.

use super::{Centre, CentreConfig};
use crate::base::Refused;
use crate::board::Cause;
use crate::call::{CallId, Side};
use crate::exchange::{CollectOptions, Command, Event, RecordOptions};
use crate::ledger::Entry;
use callcore_sim_model::Act;
use std::time::Duration;

/// What a scenario is played on.
pub trait Stage {
    /// Let a person or fate do something.
    ///
    /// # Errors
    /// Why it cannot be.
    fn act(&mut self, act: &Act) -> Result<(), String>;

    /// Give a command.
    ///
    /// # Errors
    /// The refusal.
    fn command(&mut self, command: Command) -> Result<(), String>;

    /// The newest call that the application was offered or made.
    fn last_call(&mut self) -> Option<CallId>;

    /// The facts of the next `within`, at most; those that are there come at once.
    fn entries(&mut self, within: Duration) -> Vec<Entry>;

    /// Let time pass.
    fn wait(&mut self, time: Duration) -> Vec<Entry>;
}

/// One line of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// A person or fate.
    Act(Act),
    /// A command of an agent or operator, as it is written.
    Command(String),
    /// A command that must be refused.
    Refused(String),
    /// Let time pass.
    Wait(Duration),
    /// A fact must come.
    Expect(Wanted, Duration),
    /// A fact must not come.
    Never(Wanted),
}

/// A fact's name and values that it must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    name: String,
    values: Vec<(String, String)>,
}

/// A scenario: its lines with their numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    config: String,
    lines: Vec<(usize, Line)>,
}

impl Scenario {
    /// Read a scenario.
    ///
    /// # Errors
    /// The number of the first line that is wrong, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut lines, mut config) = (Vec::new(), "support".to_owned());
        for (place, line) in text.lines().enumerate() {
            let line = line.trim();
            match line.strip_prefix("config ") {
                Some(name) if place == 0 => name.clone_into(&mut config),
                _ if line.is_empty() || line.starts_with('#') => {}
                _ => {
                    let parsed = parse_line(line).map_err(|why| format!("line {}: {why}", place + 1))?;
                    lines.push((place + 1, parsed));
                }
            }
        }
        Ok(Self { config, lines })
    }

    /// The name of the centre it is played in; `support` if it names none.
    #[must_use]
    pub fn config(&self) -> &str {
        &self.config
    }

    /// Play the scenario on a stage.
    ///
    /// # Errors
    /// The line that failed, what was expected, and what came instead.
    pub fn play(&self, stage: &mut impl Stage) -> Result<(), String> {
        let mut pending: Vec<Entry> = Vec::new();
        for (index, (number, line)) in self.lines.iter().enumerate() {
            let fail = |why: String| format!("line {number}: {why}");
            match line {
                Line::Act(act) => stage.act(act).map_err(fail)?,
                Line::Command(text) => command(stage, text).map_err(fail)?,
                Line::Refused(text) => {
                    if command(stage, text).is_ok() {
                        return Err(fail(format!("'{text}' was not refused")));
                    }
                }
                Line::Wait(time) => pending.extend(stage.wait(*time)),
                Line::Expect(wanted, within) => {
                    self.expect(stage, &mut pending, index, wanted, *within).map_err(fail)?
                }
                Line::Never(_) => {}
            }
            self.check_never(index, &pending)?;
        }
        Ok(())
    }

    fn expect(
        &self,
        stage: &mut impl Stage,
        pending: &mut Vec<Entry>,
        index: usize,
        wanted: &Wanted,
        within: Duration,
    ) -> Result<(), String> {
        let mut passed = Vec::new();
        let mut left = within;
        loop {
            while !pending.is_empty() {
                let entry = pending.remove(0);
                self.check_never(index, std::slice::from_ref(&entry))?;
                if wanted.fits(&entry) {
                    return Ok(());
                }
                passed.push(entry.to_line());
            }
            if left.is_zero() {
                return Err(format!(
                    "'{wanted}' did not come within {within:?}; there came:\n  {}",
                    passed.join("\n  ")
                ));
            }
            let slice = left.min(Duration::from_millis(100));
            left -= slice;
            pending.extend(stage.entries(slice));
        }
    }

    /// Every `never` before this line holds for these entries.
    fn check_never(&self, index: usize, entries: &[Entry]) -> Result<(), String> {
        for (number, line) in &self.lines[..=index] {
            let Line::Never(wanted) = line else { continue };
            if let Some(entry) = entries.iter().find(|entry| wanted.fits(entry)) {
                return Err(format!("line {number}: '{wanted}' came: {}", entry.to_line()));
            }
        }
        Ok(())
    }
}

fn command(stage: &mut impl Stage, text: &str) -> Result<(), String> {
    let last = stage.last_call();
    if text.starts_with("call last") && last.is_none() {
        return Err("the application has not had a call yet".to_owned());
    }
    stage.command(parse_command(text, last.unwrap_or(CallId::NONE))?)
}

fn parse_line(line: &str) -> Result<Line, String> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verb {
        "wait" => Ok(Line::Wait(duration(rest)?)),
        "command" => parse_command(rest, CallId::NONE).map(|_| Line::Command(rest.to_owned())),
        "refused" => parse_command(rest, CallId::NONE).map(|_| Line::Refused(rest.to_owned())),
        "config" => Err("config stands on the first line".to_owned()),
        "expect" => match rest.split_once(" within ") {
            Some((wanted, within)) => Ok(Line::Expect(wanted.parse()?, duration(within)?)),
            None => Ok(Line::Expect(rest.parse()?, Duration::from_secs(5))),
        },
        "never" => Ok(Line::Never(rest.parse()?)),
        _ => line.parse().map(Line::Act).map_err(|why: callcore_sim_model::ActError| {
            format!("{why}; or use wait, command, refused, expect, never")
        }),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("'{text}' is not a time: use a form such as 250ms, 3s or 2m");
    let unit = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number * 60)),
        _ => Err(wrong()),
    }
}

fn parse_command(text: &str, call: CallId) -> Result<Command, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let owned = |text: &str| text.to_owned();
    match words[..] {
        ["agent", agent, "login"] => Ok(Command::AgentLogin { agent: owned(agent) }),
        ["agent", agent, "logout"] => Ok(Command::AgentLogout { agent: owned(agent) }),
        ["agent", agent, "ready"] => Ok(Command::AgentReady { agent: owned(agent) }),
        ["agent", agent, "not_ready", reason] => {
            Ok(Command::AgentNotReady { agent: owned(agent), reason: owned(reason) })
        }
        ["call", "last", "answer"] => Ok(Command::Answer { call }),
        ["call", "last", "play", ref prompts @ ..] => {
            Ok(Command::Play { call, prompts: prompts.iter().map(|name| (*name).into()).collect() })
        }
        ["call", "last", "collect", ref prompts @ ..] => {
            let prompts = prompts.iter().map(|name| (*name).into()).collect();
            Ok(Command::Collect { call, collect: CollectOptions { prompts, ..CollectOptions::default() } })
        }
        ["call", "last", "record", ms] => {
            let max_ms = Some(u64::try_from(duration(ms)?.as_millis()).unwrap_or(u64::MAX));
            Ok(Command::Record { call, record: RecordOptions { max_ms, ..RecordOptions::default() } })
        }
        ["call", "last", "transfer", to] => Ok(Command::Transfer { call, to: to.parse()?, by: Side::Right }),
        ["call", "last", "send", to] => Ok(Command::Send { call, to: to.parse()? }),
        ["call", "last", "release"] => Ok(Command::Release { call, cause: Cause::NORMAL }),
        ["originate", to] => Ok(Command::Originate { to: to.parse()?, calling: String::new() }),
        ["stop"] => Ok(Command::Stop),
        _ => Err(format!(
            "'{text}' is not a command: use agent ID login|logout|ready|not_ready REASON, originate TARGET, \
             call last answer|play PROMPT ...|collect PROMPT ...|record TIME|transfer TARGET|send TARGET|release, stop"
        )),
    }
}

impl std::str::FromStr for Wanted {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let name = words.next().ok_or("name a fact, such as arrived or offered")?.to_owned();
        let value = |word: &str| {
            let (key, value) = word.split_once('=').ok_or_else(|| format!("'{word}' is not KEY=VALUE"))?;
            Ok::<_, String>((key.to_owned(), value.to_owned()))
        };
        Ok(Self { name, values: words.map(value).collect::<Result<_, _>>()? })
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        self.values.iter().try_for_each(|(key, value)| write!(f, " {key}={value}"))
    }
}

impl Wanted {
    fn fits(&self, entry: &Entry) -> bool {
        let json = serde_json::to_value(entry).unwrap_or_default();
        json["fact"] == self.name.as_str()
            && self.values.iter().all(|(key, value)| fits_value(&json, key, value))
    }
}

/// `cause=17` looks into the cause; other values are compared as they are written.
fn fits_value(json: &serde_json::Value, key: &str, value: &str) -> bool {
    let found = match &json[key] {
        serde_json::Value::Object(cause) => cause.get("q850").unwrap_or(&serde_json::Value::Null),
        other => other,
    };
    match found {
        serde_json::Value::String(text) => text == value,
        other => serde_json::from_str(value).is_ok_and(|value: serde_json::Value| *other == value),
    }
}

/// A centre in virtual time as a stage.
#[derive(Debug)]
pub struct VirtualStage {
    centre: Centre,
    requests: u64,
    last_call: Option<CallId>,
}

impl VirtualStage {
    /// A stage with a centre whose people do only what the scenario says.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(mut config: CentreConfig) -> Result<Self, String> {
        config.keep_entries = true;
        config.check_every = 1;
        config.world.by_hand = true;
        let centre = Centre::new(config)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        Ok(Self { centre, requests: 0, last_call: None })
    }

    /// The centre.
    #[must_use]
    pub fn centre(&mut self) -> &mut Centre {
        &mut self.centre
    }
}

impl Stage for VirtualStage {
    fn act(&mut self, act: &Act) -> Result<(), String> {
        self.centre.act(act)
    }

    fn command(&mut self, command: Command) -> Result<(), String> {
        self.requests += 1;
        self.centre.command(self.requests, command).map_err(|Refused { text, .. }| text)
    }

    fn last_call(&mut self) -> Option<CallId> {
        for event in self.centre.take_events() {
            if let Event::Offered { call, .. } | Event::Done { call: Some(call), .. } = event {
                self.last_call = Some(call);
            }
        }
        self.last_call
    }

    fn entries(&mut self, within: Duration) -> Vec<Entry> {
        let entries = self.centre.take_entries();
        if entries.is_empty() { self.wait(within) } else { entries }
    }

    fn wait(&mut self, time: Duration) -> Vec<Entry> {
        let until = self.centre.now().instant + time;
        self.centre.go_to(until).expect("no promise is broken");
        self.centre.take_entries()
    }
}
