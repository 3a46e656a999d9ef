//! Callers' side of the distribution: they come, are offered, are answered, give up, or wait too long.

use super::agent::{After, AgentState};
use super::{Acd, AcdOutput, Waiter};
use crate::base::{Instant, Refused, Why};
use crate::call::{AgentTimer, CallId, CallTimer, Dequeue, Fact, OfferEnd, TimerName};
use std::sync::Arc;

/// How long an agent whose phone failed is spared, in milliseconds.
const RETRY_MS: u64 = 5_000;

impl Acd {
    /// A caller joins a queue, and is offered to an agent at once if one is free.
    ///
    /// # Errors
    /// `Full` when the queue holds no more callers; the caller has not joined then.
    pub fn enqueue(&mut self, now: Instant, call: CallId, queue: usize, bound: usize) -> Result<(), Refused> {
        let name = Arc::clone(&self.queues[queue].name);
        let bound = self.queues[queue].config.callers_max.unwrap_or(bound);
        self.out.push(AcdOutput::Fact(Some(call), Fact::Queued { queue: Arc::clone(&name) }));
        if self.queues[queue].waiters().len() >= bound {
            let fact = Fact::Dequeued { queue: Arc::clone(&name), end: Dequeue::Refused, wait_ms: 0 };
            self.out.push(AcdOutput::Fact(Some(call), fact));
            return Err(Refused::new(Why::Full, format!("queue '{name}' is full: {bound} callers wait")));
        }
        self.joined_count += 1;
        let place = self.joined_count;
        self.queues[queue].add(place, Waiter { call, since: now, offer: None, overdue: false });
        self.waiting.insert(call, (queue, place));
        if let Some(ms) = self.queues[queue].config.wait_ms_max {
            self.out.push(AcdOutput::StartTimer(TimerName::Call(call, CallTimer::MaxWait), ms));
        }
        self.distribute(now, queue);
        Ok(())
    }

    /// The caller is gone, or is taken out: an offer that is out is cancelled first.
    pub fn leave(&mut self, now: Instant, call: CallId, end: Dequeue) {
        let Some(&(queue, place)) = self.waiting.get(&call) else { return };
        let offer = self.queues[queue].get(place).and_then(|waiter| waiter.offer);
        if let Some((agent, since)) = offer {
            self.end_offer(now, call, agent, since, OfferEnd::Cancelled);
            self.out.push(AcdOutput::CancelOffer { call, agent });
        }
        self.remove_waiter(now, call, end);
        if let Some((agent, _)) = offer {
            self.make_available(now, agent);
        }
    }

    /// The longest wait is over; the call leaves, unless an agent is being rung for it just now.
    pub fn on_max_wait(&mut self, now: Instant, call: CallId) {
        let Some(&(queue, place)) = self.waiting.get(&call) else { return };
        let Some(waiter) = self.queues[queue].get_mut(place) else { return };
        waiter.overdue = true;
        if waiter.offer.is_none() {
            self.overflow(now, call, queue);
        }
    }

    fn overflow(&mut self, now: Instant, call: CallId, queue: usize) {
        self.remove_waiter(now, call, Dequeue::TimedOut);
        let to = self.queues[queue].config.overflow.clone();
        self.out.push(AcdOutput::Leave { call, to });
    }

    /// The agent who was rung for this call has answered. The agent's place; `None` if there was no such offer.
    pub fn on_answered(&mut self, now: Instant, call: CallId) -> Option<usize> {
        let &(queue, place) = self.waiting.get(&call)?;
        let (agent, since) = self.queues[queue].get(place)?.offer?;
        self.end_offer(now, call, agent, since, OfferEnd::Answered);
        self.remove_waiter(now, call, Dequeue::Answered);
        self.agents[agent].no_answers = 0;
        self.talking.insert(call, agent);
        self.set_state(now, agent, AgentState::Talking { call, queue });
        Some(agent)
    }

    /// The offer for this call came to nothing: the caller keeps his place and is offered to the next.
    pub fn on_offer_failed(&mut self, now: Instant, call: CallId, end: OfferEnd) {
        let Some(&(queue, place)) = self.waiting.get(&call) else { return };
        let Some((agent, since)) = self.queues[queue].get(place).and_then(|waiter| waiter.offer) else {
            return;
        };
        self.end_offer(now, call, agent, since, end);
        self.queues[queue].set_offer(place, None);
        if self.queues[queue].get(place).is_some_and(|waiter| waiter.overdue) {
            self.overflow(now, call, queue);
        }
        self.sideline(now, agent, end);
        self.distribute(now, queue);
    }

    /// What becomes of an agent after an offer that failed.
    fn sideline(&mut self, now: Instant, agent: usize, end: OfferEnd) {
        self.agents[agent].idle_since = now;
        match (end, std::mem::take(&mut self.agents[agent].after)) {
            (_, After::LoggedOut) => self.set_state(now, agent, AgentState::LoggedOut),
            (_, After::NotReady(reason)) => self.set_state(now, agent, AgentState::NotReady(reason)),
            (OfferEnd::NoAnswer, After::Ready) => {
                self.agents[agent].no_answers += 1;
                if self.agents[agent].no_answers >= self.agents[agent].config.no_answers_max {
                    self.set_state(now, agent, AgentState::NotReady("no_answer".into()));
                } else {
                    self.make_available(now, agent);
                }
            }
            (OfferEnd::Failed, After::Ready) => {
                self.set_state(now, agent, AgentState::NotReady("phone_failed".into()));
                self.out.push(AcdOutput::StartTimer(TimerName::Agent(agent, AgentTimer::Retry), RETRY_MS));
            }
            (OfferEnd::Answered | OfferEnd::Cancelled, After::Ready) => self.make_available(now, agent),
        }
    }

    pub(super) fn end_offer(
        &mut self,
        now: Instant,
        call: CallId,
        agent: usize,
        since: Instant,
        end: OfferEnd,
    ) {
        let Some(&(queue, _)) = self.waiting.get(&call) else { return };
        self.out.push(AcdOutput::StopTimer(TimerName::Call(call, CallTimer::Ring)));
        let fact = Fact::OfferEnded {
            queue: Arc::clone(&self.queues[queue].name),
            agent: Arc::clone(&self.agents[agent].id),
            end,
            ring_ms: now.millis_since(since),
        };
        self.out.push(AcdOutput::Fact(Some(call), fact));
    }

    /// Offer waiting callers of a queue to its free agents: the longest waiting to the longest idle.
    pub(super) fn distribute(&mut self, now: Instant, queue: usize) {
        while let (Some(place), Some(&(_, agent))) =
            (self.queues[queue].next_place(), self.queues[queue].available.first())
        {
            self.offer(now, queue, place, agent);
        }
    }

    fn offer(&mut self, now: Instant, queue: usize, place: u64, agent: usize) {
        self.queues[queue].set_offer(place, Some((agent, now)));
        let Some(call) = self.queues[queue].get(place).map(|waiter| waiter.call) else { return };
        self.set_state(now, agent, AgentState::Ringing { call, queue });
        let ring_ms = self.queues[queue].config.ring_ms;
        let (queue, agent_id) = (Arc::clone(&self.queues[queue].name), Arc::clone(&self.agents[agent].id));
        self.out.push(AcdOutput::Fact(Some(call), Fact::Offered { queue, agent: agent_id }));
        self.out.push(AcdOutput::StartTimer(TimerName::Call(call, CallTimer::Ring), ring_ms));
        self.out.push(AcdOutput::Offer { call, agent });
    }

    /// An agent has become free: the caller who has waited longest in any of the agent's queues is next.
    pub(super) fn make_available(&mut self, now: Instant, agent: usize) {
        self.set_state(now, agent, AgentState::Ready);
        if !self.agents[agent].is_available() {
            return;
        }
        let oldest = self.agents[agent]
            .queues
            .iter()
            .filter_map(|&queue| Some((self.queues[queue].next_place()?, queue)))
            .min();
        if let Some((place, queue)) = oldest {
            self.offer(now, queue, place, agent);
        }
    }
}
