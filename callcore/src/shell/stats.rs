//! What the shell counts: figures that should be rare or small, for screens and tests.

use super::board::BoardPort;
use super::inbox::Inbox;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// The figures of a node since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Inputs that the exchange has taken.
    pub inputs: u64,
    /// Outputs that have been carried out.
    pub outputs: u64,
    /// Facts that have been written.
    pub facts: u64,
    /// Most inputs that the exchange took in one go.
    pub batch_max: u64,
    /// Application events that a slow subscriber lost.
    pub events_lost: u64,
    /// Facts that a slow subscriber lost; the ledger has them.
    pub facts_lost: u64,
    /// Events of the media engine that were lost because the control thread did not keep up.
    pub media_events_lost: u64,
    /// The media thread.
    pub media: MediaStats,
    /// The devices, in their order.
    pub devices: Vec<DeviceStats>,
}

/// The figures of the media thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MediaStats {
    /// Frames that were run.
    pub frames: u64,
    /// Frames that were left out because the thread came too late for them.
    pub frames_late: u64,
    /// Longest time that one frame's work took, in microseconds.
    pub frame_us_max: u64,
    /// Commands that the engine refused.
    pub commands_refused: u64,
    /// Frames of single channels that a device did not deliver in time.
    pub frames_missing: u64,
    /// Frames lost to or from devices with a clock of their own, or missing from them.
    pub slips: u64,
    /// Formats that drivers said of channels and that cannot be; the channel is silent until it says another.
    pub formats_unknown: u64,
    /// Samples of single channels that were put in because such a clock is slower than the node's, at joins nobody hears.
    pub samples_added: u64,
    /// Samples that were left out because it is faster.
    pub samples_dropped: u64,
}

/// The figures of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DeviceStats {
    /// Its name.
    pub name: String,
    /// Events that were taken.
    pub events: u64,
    /// Events that could not be and were refused.
    pub events_malformed: u64,
    /// How often an event found no room.
    pub ring_full: u64,
    /// Most events that waited at a time.
    pub ring_high: u64,
    /// Driver calls of more than 2 s.
    pub slow_calls: u64,
    /// Frames of which its driver took more than a quarter.
    pub frames_slow: u64,
    /// Frames that its driver kept for longer than they last.
    pub frames_missed: u64,
    /// Whether it was given up because its driver did not return; [`Handle::bring_back`](super::Handle::bring_back).
    pub is_given_up: bool,
    /// How often clauses of the driver contract were broken, by their names; only where the layer `check` looks.
    pub violations: BTreeMap<&'static str, u64>,
}

/// The counters behind [`Stats`], written by their threads.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) inputs: AtomicU64,
    pub(crate) outputs: AtomicU64,
    pub(crate) facts: AtomicU64,
    pub(crate) batch_max: AtomicU64,
    pub(crate) events_lost: AtomicU64,
    pub(crate) facts_lost: AtomicU64,
    pub(crate) frames: AtomicU64,
    pub(crate) frames_late: AtomicU64,
    pub(crate) frame_us_max: AtomicU64,
    pub(crate) commands_refused: AtomicU64,
    pub(crate) frames_missing: AtomicU64,
    pub(crate) slips: AtomicU64,
    pub(crate) formats_unknown: AtomicU64,
    pub(crate) samples_added: AtomicU64,
    pub(crate) samples_dropped: AtomicU64,
}

/// Add to a counter that only one thread writes or whose exact order does not matter.
pub(crate) fn add(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Counters {
    /// All figures now.
    pub(crate) fn stats<'a>(&self, inbox: &Inbox, devices: impl Iterator<Item = &'a BoardPort>) -> Stats {
        Stats {
            inputs: get(&self.inputs),
            outputs: get(&self.outputs),
            facts: get(&self.facts),
            batch_max: get(&self.batch_max),
            events_lost: get(&self.events_lost),
            facts_lost: get(&self.facts_lost),
            media_events_lost: inbox.media_lost(),
            media: MediaStats {
                frames: get(&self.frames),
                frames_late: get(&self.frames_late),
                frame_us_max: get(&self.frame_us_max),
                commands_refused: get(&self.commands_refused),
                frames_missing: get(&self.frames_missing),
                slips: get(&self.slips),
                formats_unknown: get(&self.formats_unknown),
                samples_added: get(&self.samples_added),
                samples_dropped: get(&self.samples_dropped),
            },
            devices: devices.map(device_stats).collect(),
        }
    }
}

fn device_stats(port: &BoardPort) -> DeviceStats {
    let ring = &port.ring;
    let broken = port.checkers.iter().flat_map(|checker| checker.broken());
    DeviceStats {
        name: port.name.clone(),
        events: get(&ring.events),
        events_malformed: get(&ring.malformed),
        ring_full: get(&ring.full),
        ring_high: get(&ring.high),
        slow_calls: get(&ring.slow_calls),
        frames_slow: get(&ring.frames_slow),
        frames_missed: get(&ring.frames_missed),
        is_given_up: ring.is_gone(),
        violations: broken.map(|(clause, count)| (clause.id(), count)).collect(),
    }
}
