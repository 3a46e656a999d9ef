//! The checker of a whole configuration: every room's own mistakes, and names that lead from one room to nowhere in another.

use super::Config;
use crate::acd::Acd;
use crate::base::{Problem, Zone};
use crate::call::Target;
use crate::ivr::Flow;
use crate::line::HangUpBy;
use crate::route::Routes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A configuration, checked and built.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) zone: Zone,
    pub(super) routes: Routes,
    pub(super) acd: Acd,
    pub(super) flows: BTreeMap<String, Arc<Flow>>,
}

/// Everything that is wrong with a configuration; empty if nothing is.
#[must_use]
pub fn check(config: &Config) -> Vec<Problem> {
    Parts::build(config).err().unwrap_or_default()
}

/// Names of all prompts a configuration can play, each with the path where it stands.
#[must_use]
pub fn prompts(config: &Config) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    found.extend(config.hold_music.iter().map(|name| ("hold_music".into(), name.clone())));
    for (place, queue) in config.queue.iter().enumerate() {
        found.extend(queue.music.iter().map(|name| (format!("queue[{place}].music"), name.clone())));
    }
    for (place, conference) in config.conference.iter().enumerate() {
        let music = conference.music.iter();
        found.extend(music.map(|name| (format!("conference[{place}].music"), name.clone())));
    }
    for (name, flow) in &config.flow {
        if let Ok(flow) = Flow::compile(name, flow) {
            let prompts = flow.prompts().map(|prompt| (format!("flow.{name}"), prompt.to_string()));
            found.extend(prompts);
        }
    }
    found
}

impl Parts {
    pub(super) fn build(config: &Config) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut keep = |found: Vec<Problem>| problems.extend(found);
        let zone =
            Zone::new(&config.time_zone).map_err(|text| keep(vec![Problem::new("time_zone", text)])).ok();
        let routes = Routes::new(
            config.route.clone(),
            config.extension.clone(),
            config.outbound.clone(),
            config.trunk_group.clone(),
        );
        let routes = routes.map_err(&mut keep).ok();
        let acd = Acd::new(config.queue.clone(), config.agent.clone()).map_err(&mut keep).ok();
        let mut flows = BTreeMap::new();
        for (name, flow) in &config.flow {
            match Flow::compile(name, flow) {
                Ok(flow) => {
                    flows.insert(name.clone(), Arc::new(flow));
                }
                Err(found) => keep(found),
            }
        }
        problems.extend(check_names(config));
        problems.extend(check_lines(config));
        match (zone, routes, acd) {
            (Some(zone), Some(routes), Some(acd)) if problems.is_empty() => {
                Ok(Self { zone, routes, acd, flows })
            }
            _ => Err(problems),
        }
    }
}

/// Names that lead from one room to another.
fn check_names(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut target = |at: String, target: &Target| problems.extend(check_target(config, at, target));
    for (place, rule) in config.route.iter().enumerate() {
        target(format!("route[{place}].to"), &rule.to);
    }
    for (place, queue) in config.queue.iter().enumerate() {
        target(format!("queue[{place}].overflow"), &queue.overflow);
    }
    for (name, flow) in &config.flow {
        for (node, to) in flow.targets() {
            target(format!("flow.{name}.node.{node}"), &to);
        }
    }
    for (place, conference) in config.conference.iter().enumerate() {
        let earlier = &config.conference[..place];
        if earlier.iter().any(|other| other.name == conference.name) {
            let text = format!("there are two conferences '{}': give each its own name", conference.name);
            problems.push(Problem::new(format!("conference[{place}].name"), text));
        }
    }
    for (place, agent) in config.agent.iter().enumerate() {
        if !config.extension.iter().any(|extension| extension.number == agent.extension) {
            let text = format!(
                "extension '{}' does not exist: add an [[extension]] or mend the number",
                agent.extension
            );
            problems.push(Problem::new(format!("agent[{place}].extension"), text));
        }
    }
    problems
}

/// The lines' own mistakes, and two times that must fit.
fn check_lines(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    if config.unsupervised_warning_ms >= config.unsupervised_talk_ms_max {
        let text = format!(
            "the warning comes {} ms before the end of a talk of {} ms: make it shorter",
            config.unsupervised_warning_ms, config.unsupervised_talk_ms_max
        );
        problems.push(Problem::new("unsupervised_warning_ms", text));
    }
    for (place, line) in config.line.iter().enumerate() {
        let at = format!("line[{place}]");
        problems.extend(line.check(&at));
        let hears_silence = line.hangs_up_by(HangUpBy::Silence);
        if hears_silence && config.long_silence_ms > line.silence_ms {
            let text = format!(
                "a call would end after {} ms of silence before long_silence_ms ({}) tells of it: make this longer",
                line.silence_ms, config.long_silence_ms
            );
            problems.push(Problem::new(format!("{at}.silence_ms"), text));
        }
    }
    problems
}

fn check_target(config: &Config, at: String, target: &Target) -> Option<Problem> {
    let (kind, name, there) = match target {
        Target::Flow(name) => ("flow", name, config.flow.contains_key(name)),
        Target::Queue(name) => ("queue", name, config.queue.iter().any(|queue| queue.name == *name)),
        Target::Extension(number) => {
            ("extension", number, config.extension.iter().any(|extension| extension.number == *number))
        }
        Target::Number(number) => {
            ("outbound rule for", number, config.outbound.iter().any(|rule| number.starts_with(&rule.prefix)))
        }
        Target::Conference(name) => {
            ("conference", name, config.conference.iter().any(|conference| conference.name == *name))
        }
        Target::Application | Target::Agent(_) | Target::Hangup(_) => return None,
    };
    let text = format!("there is no {kind} '{name}': add it or mend the name");
    (!there).then(|| Problem::new(at, text))
}
