//! The configuration of a node: what every room needs, in one value.

use super::conference::ConferenceConfig;
use crate::acd::{AgentConfig, QueueConfig};
use crate::base::Limits;
use crate::ivr::FlowConfig;
use crate::line::LineConfig;
use crate::record::policy::RecordPolicy;
use crate::route::{ExtensionConfig, OutboundConfig, RouteConfig, TrunkGroupConfig};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything the core is told at its start. The shell's own settings (devices, folders) are not here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// IANA name of the zone of all hours and file names.
    pub time_zone: String,
    /// How many of everything there may be.
    pub limits: Limits,
    /// Which calls are recorded, and how the files are named.
    pub recording: RecordPolicy,
    /// What a caller hears whom the other party has put on hold: a prompt, played over and over.
    pub hold_music: Option<String>,
    /// A talk in which neither party has spoken for so long is told, in milliseconds; 0: never.
    pub long_silence_ms: u32,
    /// Keys that are in the sound are heard and recorded by nobody, be it in a talk, in a conference or on a recording. What
    /// others hear comes 80 ms later then.
    pub blank_keys: bool,
    /// How long an extension rings before the caller is given up, in milliseconds.
    pub extension_ring_ms: u64,
    /// How long a caller hears a busy tone before the line is released, in milliseconds.
    pub busy_tone_ms: u64,
    /// Who was handed on to a phone that is only rung is brought back to the telephone that did it when nobody has answered
    /// for so long, or at once if the other is busy, in milliseconds.
    pub recall_ms: u64,
    /// How long the application may think about a call it was handed, in milliseconds.
    pub application_ms: u64,
    /// How long the next digit of a number may take that comes in piece by piece, in milliseconds (T302 of Q.931: 10 to
    /// 15 s).
    pub overlap_ms: u64,
    /// Two outside lines that talk with each other, and neither of which can tell that its party has hung up, are parted
    /// after so long, in milliseconds.
    pub unsupervised_talk_ms_max: u64,
    /// So long before that it is told, and both hear a tone, in milliseconds.
    pub unsupervised_warning_ms: u64,
    /// The phones of the house.
    pub extension: Vec<ExtensionConfig>,
    /// Lines to the outside.
    pub trunk_group: Vec<TrunkGroupConfig>,
    /// What analogue lines and spans tell, and how long is waited for it; the first that covers a channel counts.
    pub line: Vec<LineConfig>,
    /// Where calls that come in go.
    pub route: Vec<RouteConfig>,
    /// How calls leave the house.
    pub outbound: Vec<OutboundConfig>,
    /// Conferences.
    pub conference: Vec<ConferenceConfig>,
    /// Queues.
    pub queue: Vec<QueueConfig>,
    /// Agents.
    pub agent: Vec<AgentConfig>,
    /// Flows by name.
    pub flow: BTreeMap<String, FlowConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            time_zone: "UTC".into(),
            limits: Limits::default(),
            recording: RecordPolicy::default(),
            hold_music: None,
            long_silence_ms: 0,
            blank_keys: false,
            extension_ring_ms: 60_000,
            busy_tone_ms: 10_000,
            recall_ms: 30_000,
            application_ms: 10_000,
            overlap_ms: 10_000,
            unsupervised_talk_ms_max: 3_600_000,
            unsupervised_warning_ms: 60_000,
            extension: Vec::new(),
            trunk_group: Vec::new(),
            line: Vec::new(),
            route: Vec::new(),
            outbound: Vec::new(),
            conference: Vec::new(),
            queue: Vec::new(),
            agent: Vec::new(),
            flow: BTreeMap::new(),
        }
    }
}
