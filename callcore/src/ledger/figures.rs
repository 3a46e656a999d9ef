//! Figures (KPI) of queues, agents and the node, counted from the ledger, and the identities that must hold in them.
//!
//! Each side of an identity is counted from other facts, so a fact that is missing or doubled shows: the figures are
//! right, or [`Figures::check`] says which are not.

use super::agents::{AgentFigures, Agents};
use super::{CallRecord, Entry, Outcome, Records};
use crate::base::Instant;
use crate::call::{CallNumber, Dequeue, Fact, OfferEnd};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The service level's threshold of a queue that was not named to [`Figures::new`], in milliseconds.
pub const SERVICE_LEVEL_MS: u64 = 20_000;

/// What happened in one queue, or in all together. A wait begins with `Queued` and ends with `Dequeued`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueFigures {
    /// Waits that began; a caller who comes twice is two.
    pub offered: u64,
    /// Waits that an agent's answer ended.
    pub answered: u64,
    /// Those of them that were no longer than the threshold.
    pub answered_within: u64,
    /// Waits that the caller gave up.
    pub abandoned: u64,
    /// Those of them that were no longer than the threshold.
    pub abandoned_within: u64,
    /// Waits that were longer than the queue allows: the caller overflowed.
    pub timed_out: u64,
    /// Callers the queue did not take: full, or nobody serves it.
    pub refused: u64,
    /// Waits that failed or that the system ended, those among them that ended with the program.
    pub withdrawn: u64,
    /// Callers who wait now.
    pub waiting: u64,
    /// All waits that were answered, together, in milliseconds.
    pub answered_wait_ms: u64,
    /// All waits that were abandoned, together, in milliseconds.
    pub abandoned_wait_ms: u64,
    /// The longest wait that is over, however it ended, in milliseconds.
    pub wait_ms_max: u64,
    /// Conversations with agents of this queue that are over.
    pub talks: u64,
    /// Their length together, in milliseconds.
    pub talk_ms: u64,
    /// Offers made to agents.
    pub offers: u64,
    /// Offers that were answered.
    pub offers_answered: u64,
    /// Offers that were not answered in time.
    pub offers_no_answer: u64,
    /// Offers whose phone refused or could not be reached.
    pub offers_failed: u64,
    /// Offers whose caller had gone, or whose agent logged out.
    pub offers_cancelled: u64,
    /// Agents being rung now.
    pub ringing: u64,
}

impl QueueFigures {
    /// Service level: `answered_within / (offered - waiting - abandoned_within)`, 0.0 to 1.0.
    ///
    /// Callers who wait are not judged yet; who gives up within the threshold gave the queue no chance. Waits that
    /// timed out, were refused or withdrawn count as missed. None while there is nothing to judge.
    #[must_use]
    pub fn service_level(&self) -> Option<f64> {
        let judged = self.offered.checked_sub(self.waiting)?.checked_sub(self.abandoned_within)?;
        ratio(self.answered_within, judged)
    }

    /// Abandon rate: `abandoned / (offered - waiting)`, 0.0 to 1.0.
    #[must_use]
    pub fn abandon_rate(&self) -> Option<f64> {
        ratio(self.abandoned, self.offered.checked_sub(self.waiting)?)
    }

    /// ASA, average speed of answer: the mean wait of answered callers, in milliseconds.
    #[must_use]
    pub fn answer_ms_mean(&self) -> Option<f64> {
        ratio(self.answered_wait_ms, self.answered)
    }

    /// The mean conversation, in milliseconds.
    #[must_use]
    pub fn talk_ms_mean(&self) -> Option<f64> {
        ratio(self.talk_ms, self.talks)
    }

    fn begin(&mut self) {
        self.offered += 1;
    }

    fn end(&mut self, end: Dequeue, wait_ms: u64, threshold_ms: u64) {
        self.wait_ms_max = self.wait_ms_max.max(wait_ms);
        let within = u64::from(wait_ms <= threshold_ms);
        match end {
            Dequeue::Answered => {
                self.answered += 1;
                self.answered_within += within;
                self.answered_wait_ms += wait_ms;
            }
            Dequeue::Abandoned => {
                self.abandoned += 1;
                self.abandoned_within += within;
                self.abandoned_wait_ms += wait_ms;
            }
            Dequeue::TimedOut => self.timed_out += 1,
            Dequeue::Refused => self.refused += 1,
            Dequeue::Withdrawn => self.withdrawn += 1,
        }
    }

    fn end_offer(&mut self, end: OfferEnd) {
        match end {
            OfferEnd::Answered => self.offers_answered += 1,
            OfferEnd::NoAnswer => self.offers_no_answer += 1,
            OfferEnd::Failed => self.offers_failed += 1,
            OfferEnd::Cancelled => self.offers_cancelled += 1,
        }
    }

    fn end_talk(&mut self, talk_ms: u64) {
        self.talks += 1;
        self.talk_ms += talk_ms;
    }

    /// The identities of a queue; `name` is for the text.
    ///
    /// # Errors
    /// The first that does not hold.
    pub fn check(&self, name: &str) -> Result<(), String> {
        let ends = self.answered + self.abandoned + self.timed_out + self.refused + self.withdrawn;
        if self.offered != ends + self.waiting {
            return Err(format!(
                "{name}: {} offered, but {} answered + {} abandoned + {} timed out + {} refused + {} withdrawn + {} waiting",
                self.offered,
                self.answered,
                self.abandoned,
                self.timed_out,
                self.refused,
                self.withdrawn,
                self.waiting
            ));
        }
        let ends = self.offers_answered + self.offers_no_answer + self.offers_failed + self.offers_cancelled;
        if self.offers != ends + self.ringing {
            return Err(format!(
                "{name}: {} offers to agents, but {ends} ended and {} ring",
                self.offers, self.ringing
            ));
        }
        // the answered offer comes a fact before the end of its wait; the program may end between the two
        let most = self.answered + self.waiting + self.withdrawn;
        if !(self.answered..=most).contains(&self.offers_answered) {
            return Err(format!(
                "{name}: {} offers answered, but {} callers",
                self.offers_answered, self.answered
            ));
        }
        Ok(())
    }

    fn plus(mut self, other: &Self) -> Self {
        self.offered += other.offered;
        self.answered += other.answered;
        self.answered_within += other.answered_within;
        self.abandoned += other.abandoned;
        self.abandoned_within += other.abandoned_within;
        self.timed_out += other.timed_out;
        self.refused += other.refused;
        self.withdrawn += other.withdrawn;
        self.waiting += other.waiting;
        self.answered_wait_ms += other.answered_wait_ms;
        self.abandoned_wait_ms += other.abandoned_wait_ms;
        self.wait_ms_max = self.wait_ms_max.max(other.wait_ms_max);
        self.talks += other.talks;
        self.talk_ms += other.talk_ms;
        self.offers += other.offers;
        self.offers_answered += other.offers_answered;
        self.offers_no_answer += other.offers_no_answer;
        self.offers_failed += other.offers_failed;
        self.offers_cancelled += other.offers_cancelled;
        self.ringing += other.ringing;
        self
    }
}

/// What happened to the calls of the node; one count an outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CallFigures {
    /// Calls that came in or were made.
    pub begun: u64,
    /// Those of them that came in.
    pub arrived: u64,
    /// Calls that live.
    pub open: u64,
    /// Finished calls by outcome.
    pub ended: BTreeMap<Outcome, u64>,
    /// Finished calls that came in and were answered by an agent or extension.
    pub arrived_answered: u64,
    /// Finished calls that came in and were served by a flow or the application alone.
    pub arrived_self_service: u64,
}

impl CallFigures {
    /// Finished calls of one outcome.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.ended.get(&outcome).copied().unwrap_or(0)
    }

    /// Connect rate: (calls finished in self service + calls answered by people) / all calls that came in, 0.0 to 1.0.
    #[must_use]
    pub fn connect_rate(&self) -> Option<f64> {
        ratio(self.arrived_answered + self.arrived_self_service, self.arrived)
    }

    fn end(&mut self, record: &CallRecord) {
        *self.ended.entry(record.outcome).or_default() += 1;
        if record.direction == super::Direction::In {
            let answered = matches!(record.outcome, Outcome::AnsweredByAgent | Outcome::AnsweredByExtension);
            self.arrived_answered += u64::from(answered);
            self.arrived_self_service += u64::from(record.outcome == Outcome::SelfService);
        }
    }
}

/// A call as the queues see it.
#[derive(Clone, Debug, Default)]
struct Visit {
    waiting: Option<(Arc<str>, Instant)>,
    ringing: Option<Arc<str>>,
    served_by: Option<Arc<str>>,
    bridged: Option<Instant>,
    last: Instant,
}

/// Folds ledger entries into figures. Holds no more than the calls that live, and one line a queue and an agent.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    thresholds: BTreeMap<Arc<str>, u64>,
    queues: BTreeMap<Arc<str>, QueueFigures>,
    visits: BTreeMap<CallNumber, Visit>,
    agents: Agents,
    calls: CallFigures,
    records: Records,
}

impl Figures {
    /// Figures of queues with their service level thresholds in milliseconds; others have [`SERVICE_LEVEL_MS`].
    pub fn new<N: Into<Arc<str>>>(thresholds: impl IntoIterator<Item = (N, u64)>) -> Self {
        let thresholds: BTreeMap<Arc<str>, u64> =
            thresholds.into_iter().map(|(name, ms)| (name.into(), ms)).collect();
        let queues = thresholds.keys().map(|name| (Arc::clone(name), QueueFigures::default())).collect();
        Self { thresholds, queues, ..Self::default() }
    }

    /// Take the next entry.
    pub fn push(&mut self, entry: &Entry) {
        self.agents.push(entry);
        if let Some(call) = entry.call {
            self.push_visit(call, entry);
        }
        if matches!(entry.fact, Fact::Arrived { .. } | Fact::Originated { .. }) {
            self.calls.begun += 1;
            self.calls.arrived += u64::from(matches!(entry.fact, Fact::Arrived { .. }));
        }
        if let Some(record) = self.records.push(entry) {
            self.calls.end(&record);
        }
        self.calls.open = self.records.open().len() as u64;
    }

    fn push_visit(&mut self, call: CallNumber, entry: &Entry) {
        match &entry.fact {
            Fact::Queued { queue } => {
                self.queue_mut(queue).begin();
                self.visit(call, entry).waiting = Some((Arc::clone(queue), entry.at));
            }
            Fact::Offered { queue, .. } => {
                self.queue_mut(queue).offers += 1;
                self.visit(call, entry).ringing = Some(Arc::clone(queue));
            }
            Fact::OfferEnded { queue, end, .. } => {
                self.queue_mut(queue).end_offer(*end);
                self.visit(call, entry).ringing = None;
            }
            Fact::Dequeued { queue, end, wait_ms } => self.end_wait(call, entry, queue, *end, *wait_ms),
            Fact::Bridged { .. } => self.visit(call, entry).bridged = Some(entry.at),
            Fact::Unbridged { talk_ms } => {
                let visit = self.visit(call, entry);
                visit.bridged = None;
                if let Some(queue) = visit.served_by.take() {
                    self.queue_mut(&queue).end_talk(*talk_ms);
                }
            }
            Fact::CutOff => self.cut_off(call),
            Fact::Ended { .. } => drop(self.visits.remove(&call)),
            _ => {
                if let Some(visit) = self.visits.get_mut(&call) {
                    visit.last = entry.at;
                }
            }
        }
    }

    fn end_wait(&mut self, call: CallNumber, entry: &Entry, queue: &Arc<str>, end: Dequeue, wait_ms: u64) {
        let threshold_ms = self.thresholds.get(queue).copied().unwrap_or(SERVICE_LEVEL_MS);
        self.queue_mut(queue).end(end, wait_ms, threshold_ms);
        let visit = self.visit(call, entry);
        visit.waiting = None;
        visit.served_by = (end == Dequeue::Answered).then(|| Arc::clone(queue));
    }

    /// The program ended: what this call was doing ends with its last fact.
    fn cut_off(&mut self, call: CallNumber) {
        let Some(visit) = self.visits.remove(&call) else { return };
        if let Some(queue) = visit.ringing {
            self.queue_mut(&queue).end_offer(OfferEnd::Cancelled);
        }
        if let Some((queue, since)) = visit.waiting {
            self.queue_mut(&queue).end(Dequeue::Withdrawn, visit.last.millis_since(since), 0);
        }
        if let (Some(queue), Some(since)) = (visit.served_by, visit.bridged) {
            self.queue_mut(&queue).end_talk(visit.last.millis_since(since));
        }
    }

    fn queue_mut(&mut self, name: &Arc<str>) -> &mut QueueFigures {
        self.queues.entry(Arc::clone(name)).or_default()
    }

    fn visit(&mut self, call: CallNumber, entry: &Entry) -> &mut Visit {
        let visit = self.visits.entry(call).or_default();
        visit.last = entry.at;
        visit
    }

    /// All queues by name, with those who wait and ring at this moment.
    #[must_use]
    pub fn queues(&self) -> BTreeMap<Arc<str>, QueueFigures> {
        let mut queues = self.queues.clone();
        for visit in self.visits.values() {
            let waiting = visit.waiting.as_ref().and_then(|(name, _)| queues.get_mut(name));
            waiting.into_iter().for_each(|queue| queue.waiting += 1);
            let ringing = visit.ringing.as_ref().and_then(|name| queues.get_mut(name));
            ringing.into_iter().for_each(|queue| queue.ringing += 1);
        }
        queues
    }

    /// One queue; none if it was neither configured nor ever used.
    #[must_use]
    pub fn queue(&self, name: &str) -> Option<QueueFigures> {
        self.queues().remove(name)
    }

    /// All queues together; the longest wait is the longest of any.
    #[must_use]
    pub fn total(&self) -> QueueFigures {
        self.queues().values().fold(QueueFigures::default(), |sum, queue| sum.plus(queue))
    }

    /// The calls of the node.
    #[must_use]
    pub fn calls(&self) -> &CallFigures {
        &self.calls
    }

    /// One agent, up to the newest entry or [`Figures::advance`].
    #[must_use]
    pub fn agent(&self, id: &str) -> Option<AgentFigures> {
        self.agents.figures(id)
    }

    /// All agents by id.
    pub fn agents(&self) -> impl Iterator<Item = (Arc<str>, AgentFigures)> {
        self.agents.all()
    }

    /// All agents together.
    #[must_use]
    pub fn agents_total(&self) -> AgentFigures {
        self.agents.all().fold(AgentFigures::default(), |sum, (_, agent)| sum.plus(&agent))
    }

    /// Let time go on without an entry, so that the states agents are in now are counted up to `now`.
    pub fn advance(&mut self, now: Instant) {
        self.agents.advance(now);
    }

    /// The identities: of each queue `offered = answered + abandoned + timed_out + refused + withdrawn + waiting` and
    /// `offers = offers ended + ringing`, of the node `begun = ended + open`.
    ///
    /// # Errors
    /// The first that does not hold, with its numbers.
    pub fn check(&self) -> Result<(), String> {
        for (name, queue) in self.queues() {
            queue.check(&format!("queue {name}"))?;
        }
        let ended: u64 = self.calls.ended.values().sum();
        if self.calls.begun != ended + self.calls.open {
            return Err(format!(
                "{} calls begun, but {ended} ended and {} open",
                self.calls.begun, self.calls.open
            ));
        }
        Ok(())
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
#[path = "figures_tests.rs"]
mod tests;
