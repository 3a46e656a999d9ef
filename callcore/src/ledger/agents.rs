//! How long each agent was in each state, and what became of the offers, counted from the ledger.

use super::Entry;
use crate::base::Instant;
use crate::call::{Fact, OfferEnd};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An agent's time by state, all in milliseconds, and the offers made to the agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AgentFigures {
    /// The state now, as the ledger names it; empty in a sum of many.
    pub state: Arc<str>,
    /// Logged in, whatever the state: the sum of the five below.
    pub logged_in_ms: u64,
    /// Waiting for a call.
    pub ready_ms: u64,
    /// At work, taking no calls.
    pub not_ready_ms: u64,
    /// The phone rang for a call.
    pub ringing_ms: u64,
    /// Talking.
    pub talking_ms: u64,
    /// Writing notes.
    pub wrap_up_ms: u64,
    /// Offers made.
    pub offers: u64,
    /// Offers answered: calls handled.
    pub answered: u64,
    /// Offers not answered in time.
    pub no_answers: u64,
}

impl AgentFigures {
    /// Occupancy: `(ringing + talking + wrap-up) / (ready + ringing + talking + wrap-up)`, 0.0 to 1.0: of the time the
    /// agent was there for calls, the part that calls took. Not ready counts neither above nor below.
    #[must_use]
    pub fn occupancy(&self) -> Option<f64> {
        let busy = self.ringing_ms + self.talking_ms + self.wrap_up_ms;
        let there = busy + self.ready_ms;
        (there > 0).then(|| busy as f64 / there as f64)
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.logged_in_ms += other.logged_in_ms;
        self.ready_ms += other.ready_ms;
        self.not_ready_ms += other.not_ready_ms;
        self.ringing_ms += other.ringing_ms;
        self.talking_ms += other.talking_ms;
        self.wrap_up_ms += other.wrap_up_ms;
        self.offers += other.offers;
        self.answered += other.answered;
        self.no_answers += other.no_answers;
        self
    }

    fn add(&mut self, state: &str, ms: u64) {
        let time = match state {
            "ready" => &mut self.ready_ms,
            "ringing" => &mut self.ringing_ms,
            "talking" => &mut self.talking_ms,
            "wrap_up" => &mut self.wrap_up_ms,
            "logged_out" => return,
            _ => &mut self.not_ready_ms,
        };
        *time += ms;
        self.logged_in_ms += ms;
    }
}

/// One agent: what is over, and the state that lasts.
#[derive(Clone, Debug)]
struct Shift {
    past: AgentFigures,
    since: Instant,
}

/// All agents that the ledger has named.
#[derive(Clone, Debug, Default)]
pub(super) struct Agents {
    shifts: BTreeMap<Arc<str>, Shift>,
    now: Instant,
}

impl Agents {
    pub(super) fn push(&mut self, entry: &Entry) {
        match &entry.fact {
            // a new run has a new origin of time; what lasted when the old one ended, ended with its last entry
            Fact::Started { .. } => {
                self.log_all_out(entry.at);
            }
            Fact::AgentChanged { agent, state, .. } => self.change(agent, state, entry.at),
            Fact::Offered { agent, .. } => self.shift(agent, entry.at).past.offers += 1,
            Fact::OfferEnded { agent, end: OfferEnd::Answered, .. } => {
                self.shift(agent, entry.at).past.answered += 1
            }
            Fact::OfferEnded { agent, end: OfferEnd::NoAnswer, .. } => {
                self.shift(agent, entry.at).past.no_answers += 1
            }
            _ => {}
        }
        self.now = entry.at;
    }

    pub(super) fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    pub(super) fn figures(&self, id: &str) -> Option<AgentFigures> {
        self.shifts.get(id).map(|shift| shift.up_to(self.now))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (Arc<str>, AgentFigures)> {
        self.shifts.iter().map(|(id, shift)| (Arc::clone(id), shift.up_to(self.now)))
    }

    fn change(&mut self, agent: &Arc<str>, state: &Arc<str>, at: Instant) {
        let shift = self.shift(agent, at);
        shift.past = shift.up_to(at);
        shift.past.state = Arc::clone(state);
        shift.since = at;
    }

    fn shift(&mut self, agent: &Arc<str>, at: Instant) -> &mut Shift {
        self.shifts.entry(Arc::clone(agent)).or_insert_with(|| Shift {
            past: AgentFigures { state: "logged_out".into(), ..AgentFigures::default() },
            since: at,
        })
    }

    fn log_all_out(&mut self, at: Instant) {
        for shift in self.shifts.values_mut() {
            shift.past = shift.up_to(self.now);
            shift.past.state = "logged_out".into();
            shift.since = at;
        }
    }
}

impl Shift {
    fn up_to(&self, now: Instant) -> AgentFigures {
        let mut figures = self.past.clone();
        figures.add(&self.past.state, now.millis_since(self.since));
        figures
    }
}
