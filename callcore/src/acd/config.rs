//! Queues and agents as they are written in a configuration.

use crate::board::Cause;
use crate::call::Target;
use serde::{Deserialize, Serialize};

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueConfig {
    /// Its name.
    pub name: String,
    /// What callers hear while they wait: a prompt, played over and over.
    #[serde(default)]
    pub music: Option<String>,
    /// How long an agent's phone rings before the call is offered to another, in milliseconds.
    #[serde(default = "ring_ms")]
    pub ring_ms: u64,
    /// Time for notes after each call, in milliseconds; 0: none.
    #[serde(default)]
    pub wrap_up_ms: u64,
    /// How long a caller may wait, in milliseconds; left out: for ever.
    #[serde(default)]
    pub wait_ms_max: Option<u64>,
    /// How many callers may wait; left out: as many as the node allows.
    #[serde(default)]
    pub callers_max: Option<usize>,
    /// Where a caller goes who has waited too long or finds the queue full.
    #[serde(default = "hangup")]
    pub overflow: Target,
    /// Within how many milliseconds a call should be answered: the service level's threshold.
    #[serde(default = "service_level_ms")]
    pub service_level_ms: u64,
}

const fn ring_ms() -> u64 {
    15_000
}

const fn service_level_ms() -> u64 {
    20_000
}

const fn hangup() -> Target {
    Target::Hangup(Cause::NORMAL)
}

/// When an agent is logged in without doing anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// Never: by a dialled code or a command only.
    #[default]
    Manual,
    /// When the node starts.
    AtStart,
    /// When the phone registers; logged out when it is gone.
    WithPhone,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentConfig {
    /// The agent's number, as used on the phone and in records.
    pub id: String,
    /// The agent's name.
    #[serde(default)]
    pub name: String,
    /// The extension whose phone the agent uses.
    pub extension: String,
    /// The queues the agent serves.
    pub queues: Vec<String>,
    /// When the agent is logged in.
    #[serde(default)]
    pub login: Start,
    /// After how many offers in a row that were not answered the agent is set not ready.
    #[serde(default = "no_answers_max")]
    pub no_answers_max: u32,
}

const fn no_answers_max() -> u32 {
    3
}
