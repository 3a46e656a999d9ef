//! Between calls and the distribution: enter a queue, ring agents, connect the one who answers.

use super::Exchange;
use super::session::Controller;
use crate::acd::AcdOutput;
use crate::base::limits::FACTS_PER_INPUT_MAX;
use crate::board::Cause;
use crate::call::{AgentVerb, CallId, CallTimer, LegId, OfferEnd, Party, Role, TimerName};

impl Exchange {
    pub(super) fn enter_queue(&mut self, call: CallId, name: &str) {
        // check::Parts has made sure that every queue named in a configuration is there; a command's is checked by the command
        let Some(queue) = self.acd.queue_index(name) else {
            self.end_call(call, Cause::NO_ROUTE, Party::System);
            return;
        };
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.controller = Controller::Queue;
        session.play = None;
        if let Some(leg) = session.caller().and_then(|leg| self.legs.get_mut(leg)) {
            leg.enqueue();
        }
        self.touch(call);
        let bound = self.config.limits.queue_callers_max;
        if self.acd.enqueue(self.now.instant, call, queue, bound).is_err() {
            // the ledger hears that the queue was full before it hears where the call goes instead
            self.drain_acd();
            let overflow = self.acd.queues()[queue].config.overflow.clone();
            self.send_from_queue(call, overflow);
        }
    }

    /// A call goes from its queue to elsewhere.
    fn send_from_queue(&mut self, call: CallId, to: crate::call::Target) {
        self.dequeue_caller(call);
        self.send(call, to);
    }

    fn dequeue_caller(&mut self, call: CallId) {
        let caller = self.sessions.get(call).and_then(|session| session.caller());
        if let Some(leg) = caller.and_then(|leg| self.legs.get_mut(leg)) {
            leg.dequeue();
        }
    }

    /// Carry out what the distribution decided, until it decides nothing more.
    pub(super) fn drain_acd(&mut self) {
        // every agent may turn out to be unreachable in one go
        for _ in 0..FACTS_PER_INPUT_MAX + 2 * self.acd.agents().len() {
            let outputs = self.acd.take_outputs();
            if outputs.is_empty() {
                return;
            }
            for output in outputs {
                self.carry_out(output);
            }
        }
        unreachable!("an offer that fails at once sidelines its agent, so the distribution comes to rest");
    }

    fn carry_out(&mut self, output: AcdOutput) {
        match output {
            AcdOutput::Offer { call, agent } => self.ring_agent(call, agent),
            AcdOutput::CancelOffer { call, .. } => self.stop_ringing_agent(call, Cause::ANSWERED_ELSEWHERE),
            AcdOutput::Leave { call, to } => self.send_from_queue(call, to),
            AcdOutput::StartTimer(name, ms) => self.start_timer(name, ms),
            AcdOutput::StopTimer(name) => {
                self.timers.clear(name);
            }
            AcdOutput::Fact(call, fact) => self.fact(call, fact),
        }
    }

    fn ring_agent(&mut self, call: CallId, agent: usize) {
        let extension = self.acd.agents()[agent].config.extension.clone();
        let made = match self.extension_destination(&extension) {
            Ok(destination) => self.make_leg(call, Role::Agent, destination),
            Err(_) => None,
        };
        if made.is_none() {
            self.acd.on_offer_failed(self.now.instant, call, OfferEnd::Failed);
        }
    }

    /// The leg of the agent who is being rung for a call.
    fn ringing_leg(&self, call: CallId) -> Option<LegId> {
        let session = self.sessions.get(call)?;
        session.call.legs.iter().copied().find(|leg| {
            self.legs
                .get(*leg)
                .is_some_and(|leg| leg.role == Role::Agent && !leg.is_releasing() && leg.answered.is_none())
        })
    }

    fn stop_ringing_agent(&mut self, call: CallId, cause: Cause) {
        if let Some(leg) = self.ringing_leg(call) {
            self.drop_leg(leg, cause);
        }
    }

    pub(super) fn on_agent_answered(&mut self, call: CallId, leg: LegId) {
        let waiting =
            self.sessions.get(call).is_some_and(|session| matches!(session.controller, Controller::Queue));
        if waiting && self.acd.on_answered(self.now.instant, call).is_some() {
            self.drain_acd();
            self.dequeue_caller(call);
            self.begin_talk(call, leg, None);
        } else {
            self.drop_leg(leg, Cause::NORMAL);
        }
    }

    /// The agent's phone refused, or its user did not come.
    pub(super) fn on_agent_failed(&mut self, call: CallId, cause: Cause) {
        let end = match cause.class() {
            Cause::NO_ANSWER | Cause::NO_USER_RESPONDING => OfferEnd::NoAnswer,
            _ => OfferEnd::Failed,
        };
        self.acd.on_offer_failed(self.now.instant, call, end);
    }

    /// The agent's phone has rung long enough.
    pub(super) fn on_agent_ring_over(&mut self, call: CallId) {
        self.stop_ringing_agent(call, Cause::NO_ANSWER);
        self.timers.clear(TimerName::Call(call, CallTimer::Ring));
        self.acd.on_offer_failed(self.now.instant, call, OfferEnd::NoAnswer);
    }

    /// An agent has dialled a code: do it, and hang up with what came of it.
    pub(super) fn do_agent_code(&mut self, call: CallId, verb: AgentVerb) {
        let caller = self.sessions.get(call).and_then(|session| session.caller());
        let extension = caller.and_then(|leg| self.legs.get(leg)).and_then(|leg| leg.extension);
        let agent = extension.and_then(|extension| self.boards.phones[extension].agents.first().copied());
        let now = self.now.instant;
        let done = agent.map(|agent| match verb {
            AgentVerb::Login => self.acd.login(now, agent),
            AgentVerb::Logout => self.acd.logout(now, agent),
            AgentVerb::Ready => self.acd.ready(now, agent),
            AgentVerb::NotReady => self.acd.not_ready(now, agent, "code".into()),
        });
        let cause = match done {
            Some(Ok(())) => Cause::NORMAL,
            Some(Err(_)) => Cause::REJECTED,
            None => Cause::UNALLOCATED,
        };
        self.end_call(call, cause, Party::System);
    }
}
