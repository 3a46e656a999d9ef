//! Flows as they are written in a configuration.

use crate::call::Target;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A flow: named nodes, and the one it starts at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowConfig {
    /// The name of the first node.
    pub start: String,
    /// The language (BCP 47) of the prompts for a caller who has chosen none. Default: none, which is the prompt store's own.
    #[serde(default)]
    pub language: Option<String>,
    /// The nodes by name.
    pub node: BTreeMap<String, NodeConfig>,
}

/// How keys are waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Collect {
    /// Whether a key ends the prompt.
    pub barge_in: bool,
    /// How long to wait for the first key after the prompt, in milliseconds.
    pub first_digit_ms: u64,
    /// How long to wait for each further key, in milliseconds.
    pub inter_digit_ms: u64,
    /// How often the prompt is played again after nothing or something wrong was pressed.
    pub retries: u32,
    /// Played before it is repeated because something wrong was pressed.
    pub invalid_prompts: Vec<String>,
    /// Played before it is repeated because nothing was pressed.
    pub timeout_prompts: Vec<String>,
    /// Where it goes on when nothing was pressed for the last time: a node or a target. Default: `hangup`.
    pub on_timeout: Option<String>,
    /// Where it goes on when something wrong was pressed for the last time. Default: as `on_timeout`.
    pub on_invalid: Option<String>,
}

impl Default for Collect {
    fn default() -> Self {
        Self {
            barge_in: true,
            first_digit_ms: 5_000,
            inter_digit_ms: 3_000,
            retries: 2,
            invalid_prompts: Vec::new(),
            timeout_prompts: Vec::new(),
            on_timeout: None,
            on_invalid: None,
        }
    }
}

/// One node of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum NodeConfig {
    /// PLAY ONLY: play prompts, go on.
    PlayOnly {
        /// Names of prompts, played one after the other.
        prompts: Vec<String>,
        /// A node or a target.
        next: String,
    },
    /// PLAY OPTION: a voice menu.
    PlayOption {
        /// The menu's words.
        prompts: Vec<String>,
        /// Keys (one or more) and where each leads: a node or a target.
        options: BTreeMap<String, String>,
        /// How keys are waited for.
        #[serde(default)]
        collect: Collect,
    },
    /// PLAY DIGIT: play, then take a number from the caller.
    PlayDigit {
        /// What the caller is asked.
        prompts: Vec<String>,
        /// The fewest keys that are right.
        digits_min: usize,
        /// The most; with that many the number is complete.
        digits_max: usize,
        /// The key that ends the number; it is not part of it.
        #[serde(default)]
        terminator: Option<char>,
        /// The variable that keeps the number.
        store: String,
        /// A node or a target.
        next: String,
        /// How keys are waited for.
        #[serde(default)]
        collect: Collect,
    },
    /// SELECT LANGUAGE: prompts are played in this language from here on, in whatever flow the caller is.
    SelectLanguage {
        /// Its tag (BCP 47), as in `zh-HK`. What is not there in it is played in the nearest: `zh`, then what has no language,
        /// then the prompt store's default.
        language: String,
        /// A node or a target.
        next: String,
    },
    /// To a queue.
    ToQueue {
        /// Its name.
        queue: String,
    },
    /// STOP FLOW: the flow is over.
    StopFlow {
        /// Q.850 cause of the release.
        #[serde(default = "normal_clearing")]
        cause: u8,
    },
}

const fn normal_clearing() -> u8 {
    16
}

impl FlowConfig {
    /// Every target the flow can send a call to, with the node that does it. What is neither a node nor a target is the
    /// compiler's matter.
    pub fn targets(&self) -> impl Iterator<Item = (&str, Target)> {
        self.node.iter().flat_map(|(name, node)| {
            let texts = node.leads_to().into_iter().filter(|text| !self.node.contains_key(*text));
            let targets = texts.filter_map(|text| text.parse().ok());
            targets.chain(node.queue()).map(|target| (name.as_str(), target)).collect::<Vec<_>>()
        })
    }
}

impl NodeConfig {
    fn queue(&self) -> Option<Target> {
        match self {
            Self::ToQueue { queue } => Some(Target::Queue(queue.clone())),
            Self::PlayOnly { .. }
            | Self::PlayOption { .. }
            | Self::PlayDigit { .. }
            | Self::SelectLanguage { .. }
            | Self::StopFlow { .. } => None,
        }
    }

    /// Where it goes on, as it is written: names of nodes and targets.
    #[must_use]
    pub fn leads_to(&self) -> Vec<&str> {
        match self {
            Self::PlayOnly { next, .. } | Self::SelectLanguage { next, .. } => vec![next],
            Self::PlayOption { options, collect, .. } => {
                options.values().map(String::as_str).chain(collect.ends()).collect()
            }
            Self::PlayDigit { next, collect, .. } => {
                std::iter::once(next.as_str()).chain(collect.ends()).collect()
            }
            Self::ToQueue { .. } | Self::StopFlow { .. } => vec![],
        }
    }
}

impl Collect {
    fn ends(&self) -> impl Iterator<Item = &str> {
        [&self.on_timeout, &self.on_invalid].into_iter().filter_map(|end| end.as_deref())
    }
}
