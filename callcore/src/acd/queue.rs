//! A queue: callers in the order they came, and the agents who are free for them in the order of their idleness.

use super::config::QueueConfig;
use crate::base::Instant;
use crate::call::CallId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A caller who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// The call.
    pub call: CallId,
    /// Since when.
    pub since: Instant,
    /// The agent who is being rung for it, by place, and since when.
    pub offer: Option<(usize, Instant)>,
    /// Whether the longest wait is over; an offer that is out is still let ring.
    pub overdue: bool,
}

/// A queue.
#[derive(Debug)]
pub struct Queue {
    /// Its name.
    pub name: Arc<str>,
    /// The music, if there is any.
    pub music: Option<Arc<str>>,
    /// The configuration.
    pub config: QueueConfig,
    waiters: BTreeMap<u64, Waiter>,
    unoffered: BTreeSet<u64>,
    pub(super) available: BTreeSet<(Instant, usize)>,
}

impl Queue {
    pub(super) fn new(config: QueueConfig) -> Self {
        Self {
            name: config.name.as_str().into(),
            music: config.music.as_deref().map(Arc::from),
            config,
            waiters: BTreeMap::new(),
            unoffered: BTreeSet::new(),
            available: BTreeSet::new(),
        }
    }

    /// All who wait, the longest first.
    pub fn waiters(&self) -> impl ExactSizeIterator<Item = &Waiter> {
        self.waiters.values()
    }

    /// How many agents are free for it now.
    #[must_use]
    pub fn available_count(&self) -> usize {
        self.available.len()
    }

    pub(super) fn add(&mut self, place: u64, waiter: Waiter) {
        self.waiters.insert(place, waiter);
        self.unoffered.insert(place);
    }

    pub(super) fn remove(&mut self, place: u64) -> Option<Waiter> {
        self.unoffered.remove(&place);
        self.waiters.remove(&place)
    }

    pub(super) fn get(&self, place: u64) -> Option<&Waiter> {
        self.waiters.get(&place)
    }

    pub(super) fn get_mut(&mut self, place: u64) -> Option<&mut Waiter> {
        self.waiters.get_mut(&place)
    }

    /// The caller who is next: the longest waiting of those for whom nobody is rung.
    #[must_use]
    pub fn next_place(&self) -> Option<u64> {
        self.unoffered.first().copied()
    }

    pub(super) fn set_offer(&mut self, place: u64, offer: Option<(usize, Instant)>) {
        let Some(waiter) = self.waiters.get_mut(&place) else { return };
        waiter.offer = offer;
        match offer {
            Some(_) => self.unoffered.remove(&place),
            None => self.unoffered.insert(place),
        };
    }
}
