//! A flow with its names resolved: what the interpreter runs.

use super::collector::{Number, Patience};
use super::config::{Collect, FlowConfig, NodeConfig};
use crate::base::{Problem, language};
use crate::board::{Cause, Digit, Digits};
use crate::call::Target;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Prompts to be played one after the other.
pub type Prompts = Arc<[Arc<str>]>;

/// A checked flow.
#[derive(Debug)]
pub struct Flow {
    /// Its name.
    pub name: Arc<str>,
    /// The language of its prompts for a caller who has chosen none.
    pub language: Option<Arc<str>>,
    pub(super) nodes: Vec<Node>,
    pub(super) start: usize,
}

/// Where a node leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Node(usize),
    Leave(Target),
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: Arc<str>,
    pub(super) work: Work,
}

#[derive(Debug)]
pub(super) enum Work {
    Play { prompts: Prompts, next: Next },
    Menu { options: BTreeMap<String, Next>, ask: Ask },
    Number { digits_min: usize, number: Number, store: Arc<str>, next: Next, ask: Ask },
    SelectLanguage { language: Arc<str>, next: Next },
    Leave(Target),
}

/// [`Collect`] with its names resolved.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) prompts: Prompts,
    pub(super) patience: Patience,
    pub(super) retries: u32,
    pub(super) invalid_prompts: Prompts,
    pub(super) timeout_prompts: Prompts,
    pub(super) on_timeout: Next,
    pub(super) on_invalid: Next,
}

/// Resolves the names of one flow and keeps what it finds wrong.
struct Compiler<'a> {
    flow: &'a str,
    places: BTreeMap<&'a str, usize>,
    problems: Vec<Problem>,
}

impl Flow {
    /// Resolve all names; the problems if there are any.
    ///
    /// # Errors
    /// Every problem found, each with its path below `flow.<name>`.
    pub fn compile(name: &str, config: &FlowConfig) -> Result<Self, Vec<Problem>> {
        let places = config.node.keys().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let mut compiler = Compiler { flow: name, places, problems: super::check::check(name, config) };
        let nodes = config.node.iter().map(|(name, node)| compiler.node(name, node)).collect();
        let start = compiler.places.get(config.start.as_str()).copied().unwrap_or(0);
        let language =
            config.language.as_ref().map(|tag| compiler.language(format!("flow.{name}.language"), tag));
        if compiler.problems.is_empty() {
            Ok(Self { name: name.into(), language, nodes, start })
        } else {
            Err(compiler.problems)
        }
    }

    /// Names of all prompts the flow can play.
    pub fn prompts(&self) -> impl Iterator<Item = &Arc<str>> {
        self.nodes
            .iter()
            .flat_map(|node| match &node.work {
                Work::Play { prompts, .. } => vec![prompts],
                Work::Menu { ask, .. } | Work::Number { ask, .. } => {
                    vec![&ask.prompts, &ask.invalid_prompts, &ask.timeout_prompts]
                }
                Work::SelectLanguage { .. } | Work::Leave(_) => vec![],
            })
            .flat_map(|prompts| prompts.iter())
    }
}

impl Compiler<'_> {
    fn node(&mut self, name: &str, node: &NodeConfig) -> Node {
        let at = format!("flow.{}.node.{name}", self.flow);
        let work = match node {
            NodeConfig::PlayOnly { prompts: names, next } => {
                Work::Play { prompts: prompts(names), next: self.next(&at, "next", next) }
            }
            NodeConfig::PlayOption { prompts, options, collect } => Work::Menu {
                options: options
                    .iter()
                    .map(|(keys, next)| {
                        (keys.to_ascii_uppercase(), self.next(&at, &format!("options.{keys}"), next))
                    })
                    .collect(),
                ask: self.ask(&at, prompts, collect),
            },
            NodeConfig::PlayDigit { prompts, digits_min, digits_max, terminator, store, next, collect } => {
                Work::Number {
                    digits_min: *digits_min,
                    // one that comes too early makes the number wrong
                    number: Number {
                        digits_max: *digits_max,
                        terminators: terminator.map(keys_of).unwrap_or_default(),
                        terminated_from: 0,
                    },
                    store: store.as_str().into(),
                    next: self.next(&at, "next", next),
                    ask: self.ask(&at, prompts, collect),
                }
            }
            NodeConfig::SelectLanguage { language, next } => Work::SelectLanguage {
                language: self.language(format!("{at}.language"), language),
                next: self.next(&at, "next", next),
            },
            NodeConfig::ToQueue { queue } => Work::Leave(Target::Queue(queue.clone())),
            NodeConfig::StopFlow { cause } => Work::Leave(Target::Hangup(Cause::new(*cause))),
        };
        Node { name: name.into(), work }
    }

    fn ask(&mut self, at: &str, names: &[String], collect: &Collect) -> Ask {
        let hangup = Next::Leave(Target::Hangup(Cause::NORMAL));
        let at = format!("{at}.collect");
        let on_timeout =
            collect.on_timeout.as_ref().map_or(hangup, |next| self.next(&at, "on_timeout", next));
        let on_invalid = collect.on_invalid.as_ref().map(|next| self.next(&at, "on_invalid", next));
        Ask {
            prompts: prompts(names),
            patience: Patience {
                barge_in: collect.barge_in,
                first_digit_ms: collect.first_digit_ms,
                inter_digit_ms: collect.inter_digit_ms,
            },
            retries: collect.retries,
            invalid_prompts: prompts(&collect.invalid_prompts),
            timeout_prompts: prompts(&collect.timeout_prompts),
            on_invalid: on_invalid.unwrap_or_else(|| on_timeout.clone()),
            on_timeout,
        }
    }

    fn language(&mut self, at: String, tag: &str) -> Arc<str> {
        let written = language::canonical(tag).unwrap_or_else(|why| {
            self.problems.push(Problem::new(at, why.text));
            String::new()
        });
        written.into()
    }

    fn next(&mut self, at: &str, field: &str, text: &str) -> Next {
        if let Some(&place) = self.places.get(text) {
            return Next::Node(place);
        }
        match text.parse() {
            Ok(target) => Next::Leave(target),
            Err(why) => {
                let known = self.places.keys().copied().collect::<Vec<_>>().join(", ");
                let text = format!("no node is called '{text}' (there are {known}), and {why}");
                self.problems.push(Problem::new(format!("{at}.{field}"), text));
                Next::Leave(Target::Hangup(Cause::TEMPORARY_FAILURE))
            }
        }
    }
}

/// A key as it is written in a configuration; its checker has seen that it is one.
fn keys_of(key: char) -> Digits {
    let mut keys = Digits::default();
    if let Some(digit) = u8::try_from(key).ok().and_then(Digit::new) {
        keys.push(digit);
    }
    keys
}

fn prompts(names: &[String]) -> Prompts {
    names.iter().map(|name| Arc::from(name.as_str())).collect()
}
