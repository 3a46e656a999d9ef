//! The checker: mistakes in a flow that would otherwise be found by a caller.

use super::config::{Collect, FlowConfig, NodeConfig};
use crate::base::{Problem, limits::DIGITS_PENDING_MAX};
use crate::board::Digit;
use std::collections::BTreeSet;

/// All mistakes of a flow except unknown names, which its compiler reports.
pub(super) fn check(name: &str, config: &FlowConfig) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !config.node.contains_key(&config.start) {
        let text = format!(
            "the flow starts at node '{}', which does not exist: name one of its nodes",
            config.start
        );
        problems.push(Problem::new(format!("flow.{name}.start"), text));
    }
    for (node_name, node) in &config.node {
        check_node(&format!("flow.{name}.node.{node_name}"), node, &mut problems);
    }
    let reached = reachable(config);
    for node in config.node.keys().filter(|node| !reached.contains(node.as_str())) {
        let text = "no way leads to this node: link it from another, or delete it";
        problems.push(Problem::new(format!("flow.{name}.node.{node}"), text));
    }
    problems
}

fn check_node(at: &str, node: &NodeConfig, problems: &mut Vec<Problem>) {
    match node {
        NodeConfig::PlayOnly { prompts, .. } => check_prompts(at, prompts, problems),
        NodeConfig::PlayOption { prompts, options, collect } => {
            check_prompts(at, prompts, problems);
            check_options(at, options.keys(), problems);
            check_collect(at, collect, problems);
        }
        NodeConfig::PlayDigit { prompts, digits_min, digits_max, terminator, store, collect, .. } => {
            check_prompts(at, prompts, problems);
            check_range(at, *digits_min, *digits_max, problems);
            if store.is_empty() {
                problems.push(Problem::new(format!("{at}.store"), "name the variable that keeps the number"));
            }
            if terminator.is_some_and(|key| !is_key(key)) {
                problems.push(Problem::new(format!("{at}.terminator"), "not a key: use one of 0-9 * # A-D"));
            }
            check_collect(at, collect, problems);
        }
        // the compiler reads its language
        NodeConfig::SelectLanguage { .. } | NodeConfig::ToQueue { .. } => {}
        NodeConfig::StopFlow { cause } => {
            if !(1..=127).contains(cause) {
                problems.push(Problem::new(
                    format!("{at}.cause"),
                    "a Q.850 cause is 1 to 127 (16: normal clearing)",
                ));
            }
        }
    }
}

fn check_prompts(at: &str, prompts: &[String], problems: &mut Vec<Problem>) {
    if prompts.is_empty() {
        problems.push(Problem::new(format!("{at}.prompts"), "nothing to play: name at least one prompt"));
    }
}

fn check_options<'a>(
    at: &str,
    options: impl ExactSizeIterator<Item = &'a String>,
    problems: &mut Vec<Problem>,
) {
    if options.len() == 0 {
        problems.push(Problem::new(
            format!("{at}.options"),
            "a menu needs at least one option, such as 1 = \"queue:sales\"",
        ));
    }
    let mut known = BTreeSet::new();
    for keys in options {
        if !known.insert(keys.to_ascii_uppercase()) {
            let text = format!("'{keys}' is there twice: small letters are the same keys as capital ones");
            problems.push(Problem::new(format!("{at}.options.{keys}"), text));
        }
        if keys.is_empty() || !keys.chars().all(is_key) || keys.len() > DIGITS_PENDING_MAX {
            let text =
                format!("'{keys}' cannot be pressed: use 1 to {DIGITS_PENDING_MAX} of the keys 0-9 * # A-D");
            problems.push(Problem::new(format!("{at}.options.{keys}"), text));
        }
    }
}

fn check_range(at: &str, min: usize, max: usize, problems: &mut Vec<Problem>) {
    if min == 0 || min > max || max > DIGITS_PENDING_MAX {
        let text =
            format!("{min} to {max} keys cannot be: 1 <= digits_min <= digits_max <= {DIGITS_PENDING_MAX}");
        problems.push(Problem::new(format!("{at}.digits_max"), text));
    }
}

fn check_collect(at: &str, collect: &Collect, problems: &mut Vec<Problem>) {
    for (field, ms) in
        [("first_digit_ms", collect.first_digit_ms), ("inter_digit_ms", collect.inter_digit_ms)]
    {
        if !(100..=600_000).contains(&ms) {
            let text = format!("{ms} ms is not a time to wait for a key: use 100 to 600000");
            problems.push(Problem::new(format!("{at}.collect.{field}"), text));
        }
    }
    if collect.retries > 100 {
        problems.push(Problem::new(format!("{at}.collect.retries"), "more than 100 repeats: use 0 to 100"));
    }
}

fn is_key(key: char) -> bool {
    u8::try_from(key).ok().and_then(Digit::new).is_some()
}

fn reachable(config: &FlowConfig) -> BTreeSet<&str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![config.start.as_str()];
    while let Some(name) = open.pop() {
        let Some((name, node)) = config.node.get_key_value(name) else { continue };
        if reached.insert(name.as_str()) {
            open.extend(node.leads_to());
        }
    }
    reached
}
