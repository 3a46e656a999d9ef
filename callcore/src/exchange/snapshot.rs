//! What there is right now, as plain data: for screens, APIs and summaries. Taken, not kept.

use crate::call::CallId;
use serde::Serialize;

/// The state of a node at one moment. Times are milliseconds up to that moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs)] // the fields are named after what they hold
pub struct Snapshot {
    pub devices: Vec<DeviceView>,
    pub calls: Vec<CallView>,
    pub queues: Vec<QueueView>,
    pub agents: Vec<AgentView>,
    /// Calls since the start.
    pub calls_count: u64,
}

/// A device and its channels.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct DeviceView {
    pub name: String,
    pub channels: Vec<ChannelView>,
}

/// A channel; `leg` is empty while it is idle.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct ChannelView {
    /// `idle`, `out_of_service`, `alarm` (nothing gets through), or the leg's CSTA connection state: `initiated`, `alerting`, `connected`, `hold`, `queued`, `failed`, `null`.
    pub state: &'static str,
    /// The number at the far end.
    pub number: String,
    /// The call's number in the ledger; 0 while idle.
    pub call: u64,
}

/// A call.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct CallView {
    /// For commands about it.
    pub id: CallId,
    /// Its number in the ledger.
    pub number: u64,
    pub calling: String,
    pub called: String,
    /// Who decides for it: `route`, `flow:main`, `queue:support`, `agent:7`, `extension:1001`, `call:17` that it is
    /// joined with, `supervises:17`, `application`, `ending`.
    pub controller: String,
    pub age_ms: u64,
    pub recorded: bool,
}

/// A queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct QueueView {
    pub name: String,
    pub waiting: usize,
    pub longest_wait_ms: u64,
    pub agents_available: usize,
    pub agents_logged_in: usize,
}

/// An agent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct AgentView {
    pub id: String,
    pub name: String,
    pub extension: String,
    pub state: &'static str,
    /// The reason, while not ready.
    pub reason: String,
    pub since_ms: u64,
    pub phone_free: bool,
}
