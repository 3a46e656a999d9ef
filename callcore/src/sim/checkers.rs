//! Checkers: what must be true of every ledger, whatever went wrong while it was written. They read nothing but facts, so
//! they check a real node's ledger as well.

use crate::call::{CallNumber, Fact};
use crate::ledger::{CallRecord, Entry};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Default)]
struct Open {
    queued: bool,
    offered: Option<Arc<str>>,
    bridged: bool,
    /// The call that it is joined with.
    with: Option<CallNumber>,
    /// The call whose talk it takes part in.
    supervises: Option<CallNumber>,
    legs: u32,
    recordings: u32,
}

impl Open {
    /// Nothing has begun that is not over.
    fn is_clean(&self) -> bool {
        let waits = self.queued || self.offered.is_some();
        let talks = self.bridged || self.supervises.is_some();
        !waits && !talks && self.legs == 0 && self.recordings == 0
    }
}

/// All checkers of a ledger; the first broken promise is kept.
#[derive(Debug, Default)]
pub struct Checkers {
    seq: Option<u64>,
    at: u64,
    newest_call: CallNumber,
    open: BTreeMap<CallNumber, Open>,
    /// What each agent is, and the call it is offered.
    agents: BTreeMap<Arc<str>, Arc<str>>,
    ended_count: u64,
    records_count: u64,
    broken: Option<String>,
}

impl Checkers {
    /// The first promise that was broken since the last time.
    pub fn take_broken(&mut self) -> Option<String> {
        self.broken.take()
    }

    fn ensure(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds && self.broken.is_none() {
            self.broken = Some(otherwise());
        }
    }

    /// Take the next entry.
    pub fn push(&mut self, entry: &Entry) {
        let follows = self.seq.is_none_or(|seq| seq + 1 == entry.seq);
        self.ensure(follows, || format!("entry {} does not follow the one before", entry.seq));
        self.seq = Some(entry.seq);
        let (at, before) = (entry.at.as_nanos(), self.at);
        self.ensure(at >= before, || format!("entry {} goes back in time", entry.seq));
        self.at = at;
        match entry.call {
            Some(call) => self.push_of_call(call, &entry.fact),
            None => self.push_of_node(&entry.fact),
        }
    }

    fn push_of_node(&mut self, fact: &Fact) {
        if let Fact::AgentChanged { agent, state, .. } = fact {
            self.agents.insert(Arc::clone(agent), Arc::clone(state));
        }
    }

    fn push_of_call(&mut self, call: CallNumber, fact: &Fact) {
        if matches!(fact, Fact::Arrived { .. } | Fact::Originated { .. }) {
            let newest = self.newest_call;
            self.ensure(call > newest, || format!("call {call} arrives twice, or out of order"));
            self.newest_call = call;
            // the first leg is the call's own; further ones are begun
            self.open.insert(
                call,
                Open { legs: u32::from(matches!(fact, Fact::Arrived { .. })), ..Open::default() },
            );
            return;
        }
        let Some(mut open) = self.open.remove(&call) else {
            self.ensure(false, || format!("call {call}: a fact after its end: {fact:?}"));
            return;
        };
        let over = self.judge(call, &mut open, fact);
        if over {
            self.ended_count += 1;
        } else {
            self.open.insert(call, open);
        }
    }

    /// Follow a call by one fact; true when it is the last.
    fn judge(&mut self, call: CallNumber, open: &mut Open, fact: &Fact) -> bool {
        match fact {
            Fact::Queued { .. } => {
                self.ensure(!open.queued, || format!("call {call} waits twice"));
                open.queued = true;
            }
            Fact::Dequeued { .. } => {
                self.ensure(open.queued, || format!("call {call} leaves a queue it is not in"));
                self.ensure(open.offered.is_none(), || {
                    format!("call {call} leaves its queue and an agent is rung still")
                });
                open.queued = false;
            }
            Fact::Offered { agent, .. } => self.judge_offer(call, open, agent),
            Fact::OfferEnded { agent, .. } => {
                let same = open.offered.take().is_some_and(|offered| offered == *agent);
                self.ensure(same, || {
                    format!("call {call}: an offer ends that was not made to agent {agent}")
                });
            }
            Fact::Bridged { with, .. } => {
                self.judge_bridge(call, *with);
                open.with = *with;
                self.ensure(!open.bridged && !open.queued, || {
                    format!("call {call} is bridged while it is bridged or queued")
                });
                open.bridged = true;
            }
            Fact::Unbridged { .. } => {
                self.ensure(open.bridged, || format!("call {call} is unbridged without having been bridged"));
                let watched = self.open.values().any(|other| other.supervises == Some(call));
                self.ensure(!watched, || format!("call {call} is unbridged and supervised still"));
                (open.bridged, open.with) = (false, None);
            }
            Fact::SupervisionBegan { of, .. } => {
                let talks = self.open.get(of).is_some_and(|other| other.bridged);
                self.ensure(talks && !open.bridged, || {
                    format!("call {call} supervises call {of}, one talks that should not, or one does not that should")
                });
                open.supervises = Some(*of);
            }
            Fact::SupervisionEnded { of } => {
                let same = open.supervises.take() == Some(*of);
                self.ensure(same, || format!("call {call} does not supervise call {of}"));
            }
            Fact::LegBegun { .. } => open.legs += 1,
            Fact::LegEnded { .. } => {
                self.ensure(open.legs > 0, || format!("call {call}: a leg ends twice"));
                open.legs = open.legs.saturating_sub(1);
            }
            Fact::RecordingStarted { .. } => open.recordings += 1,
            Fact::RecordingCompleted { .. } | Fact::RecordingFailed { .. } => {
                self.ensure(open.recordings > 0, || {
                    format!("call {call}: a recording ends that was not begun")
                });
                open.recordings = open.recordings.saturating_sub(1);
            }
            Fact::Ended { .. } => {
                self.ensure(open.is_clean(), || format!("call {call} ends with something open: {open:?}"));
                return true;
            }
            Fact::CutOff => return true,
            _ => {}
        }
        false
    }

    /// Of two joined calls the second names the first, which is joined with no other.
    fn judge_bridge(&mut self, call: CallNumber, with: Option<CallNumber>) {
        let Some(with) = with else { return };
        let other = self.open.get(&with);
        let fits = other.is_some_and(|other| !other.bridged || other.with == Some(call));
        self.ensure(fits, || format!("call {call} is joined with call {with}, which is not joined with it"));
    }

    fn judge_offer(&mut self, call: CallNumber, open: &mut Open, agent: &Arc<str>) {
        self.ensure(open.queued, || format!("call {call} is offered and does not wait"));
        self.ensure(open.offered.is_none(), || format!("call {call} is offered to two agents"));
        let ringing = self.agents.get(agent).is_some_and(|state| &**state == "ringing");
        self.ensure(ringing, || format!("call {call} is offered to agent {agent}, who is not free for it"));
        let twice = self.open.values().any(|other| other.offered.as_ref() == Some(agent));
        self.ensure(!twice, || format!("agent {agent} is offered two calls"));
        open.offered = Some(Arc::clone(agent));
    }

    /// Take a call record.
    pub fn push_record(&mut self, record: &CallRecord) {
        self.records_count += 1;
        let open = self.open.contains_key(&record.call);
        self.ensure(!open, || format!("call {} has a record before its end", record.call));
        let (records, ended) = (self.records_count, self.ended_count);
        self.ensure(records == ended, || format!("{ended} calls have ended and there are {records} records"));
    }

    /// Look whether everything that was begun has ended.
    ///
    /// # Errors
    /// What has not.
    pub fn check_end(&mut self) -> Result<(), String> {
        if let Some((call, open)) = self.open.iter().next() {
            return Err(format!("call {call} never ended: {open:?}"));
        }
        if self.records_count != self.ended_count {
            return Err(format!(
                "{} calls ended, and there are {} records",
                self.ended_count, self.records_count
            ));
        }
        self.take_broken().map_or(Ok(()), Err)
    }
}
