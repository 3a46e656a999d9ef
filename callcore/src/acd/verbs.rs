//! Agents' side of the distribution: log in and out, ready and not, the phone, the end of a talk, wrap-up.

use super::agent::{After, AgentState, NotReady};
use super::{Acd, AcdOutput};
use crate::base::{Instant, Refused};
use crate::call::{AgentTimer, CallId, Fact, OfferEnd, TimerName};
use std::sync::Arc;

impl Acd {
    /// The agent comes to work and is ready.
    ///
    /// # Errors
    /// `State` when logged in already.
    pub fn login(&mut self, now: Instant, agent: usize) -> Result<(), Refused> {
        if self.agents[agent].after == After::LoggedOut {
            // back before the talk was over: the wish to leave is taken back
            self.agents[agent].after = After::Ready;
            return Ok(());
        }
        if self.agents[agent].state != AgentState::LoggedOut {
            return Err(self.refusal(agent, "is logged in already"));
        }
        self.agents[agent].idle_since = now;
        self.agents[agent].no_answers = 0;
        self.agents[agent].after = After::Ready;
        self.make_available(now, agent);
        Ok(())
    }

    /// The agent leaves: at once, or after the present talk. A call that rings is offered to another.
    ///
    /// # Errors
    /// `State` when logged out already.
    pub fn logout(&mut self, now: Instant, agent: usize) -> Result<(), Refused> {
        match self.agents[agent].state {
            AgentState::LoggedOut => Err(self.refusal(agent, "is logged out already")),
            AgentState::Talking { .. } => {
                self.agents[agent].after = After::LoggedOut;
                Ok(())
            }
            AgentState::Ringing { call, .. } => {
                self.agents[agent].after = After::LoggedOut;
                self.withdraw_offer(now, call, agent);
                Ok(())
            }
            AgentState::NotReady(_) | AgentState::Ready | AgentState::WrapUp => {
                self.set_state(now, agent, AgentState::LoggedOut);
                Ok(())
            }
        }
    }

    /// The agent takes calls (again); ends a wrap-up early.
    ///
    /// # Errors
    /// `State` when logged out.
    pub fn ready(&mut self, now: Instant, agent: usize) -> Result<(), Refused> {
        match self.agents[agent].state {
            AgentState::LoggedOut => Err(self.refusal(agent, "is logged out: log in first")),
            AgentState::Talking { .. } => {
                self.agents[agent].after = After::Ready;
                Ok(())
            }
            AgentState::NotReady(_) | AgentState::WrapUp => {
                self.agents[agent].no_answers = 0;
                self.agents[agent].idle_since = now;
                self.make_available(now, agent);
                Ok(())
            }
            AgentState::Ready | AgentState::Ringing { .. } => Ok(()),
        }
    }

    /// The agent takes no calls, for a reason: at once, or after the present talk.
    ///
    /// # Errors
    /// `State` when logged out.
    pub fn not_ready(&mut self, now: Instant, agent: usize, reason: NotReady) -> Result<(), Refused> {
        match self.agents[agent].state {
            AgentState::LoggedOut => Err(self.refusal(agent, "is logged out: log in first")),
            AgentState::Talking { .. } => {
                self.agents[agent].after = After::NotReady(reason);
                Ok(())
            }
            AgentState::Ringing { call, .. } => {
                self.agents[agent].after = After::NotReady(reason);
                self.withdraw_offer(now, call, agent);
                Ok(())
            }
            AgentState::NotReady(_) | AgentState::Ready | AgentState::WrapUp => {
                self.set_state(now, agent, AgentState::NotReady(reason));
                Ok(())
            }
        }
    }

    fn withdraw_offer(&mut self, now: Instant, call: CallId, agent: usize) {
        self.out.push(AcdOutput::CancelOffer { call, agent });
        self.on_offer_failed(now, call, OfferEnd::Cancelled);
    }

    /// The agent's phone can be reached and is idle, or not.
    pub fn on_phone(&mut self, now: Instant, agent: usize, free: bool) {
        let was = std::mem::replace(&mut self.agents[agent].phone_free, free);
        if was == free {
            return;
        }
        if self.agents[agent].state == AgentState::Ready {
            if free { self.make_available(now, agent) } else { self.unlist(agent) }
        }
    }

    /// The talk of this call is over: wrap-up, or what the agent wished meanwhile.
    pub fn on_talk_ended(&mut self, now: Instant, call: CallId) {
        let Some(agent) = self.talking.remove(&call) else { return };
        let AgentState::Talking { queue, .. } = self.agents[agent].state else { return };
        self.agents[agent].idle_since = now;
        let wrap_up_ms = self.queues[queue].config.wrap_up_ms;
        match std::mem::take(&mut self.agents[agent].after) {
            After::LoggedOut => self.set_state(now, agent, AgentState::LoggedOut),
            After::NotReady(reason) => self.set_state(now, agent, AgentState::NotReady(reason)),
            After::Ready if wrap_up_ms == 0 => self.make_available(now, agent),
            After::Ready => {
                self.set_state(now, agent, AgentState::WrapUp);
                self.out.push(AcdOutput::StartTimer(TimerName::Agent(agent, AgentTimer::WrapUp), wrap_up_ms));
            }
        }
    }

    /// The time for notes is over.
    pub fn on_wrap_up_over(&mut self, now: Instant, agent: usize) {
        if self.agents[agent].state == AgentState::WrapUp {
            self.agents[agent].idle_since = now;
            self.make_available(now, agent);
        }
    }

    /// An agent whose phone failed is tried again.
    pub fn on_retry(&mut self, now: Instant, agent: usize) {
        if self.agents[agent].state == AgentState::NotReady("phone_failed".into()) {
            self.make_available(now, agent);
        }
    }

    /// Change the state: the one place where it is written, listed for the queues, and told to the ledger.
    pub(super) fn set_state(&mut self, now: Instant, agent: usize, state: AgentState) {
        self.unlist(agent);
        let it = &mut self.agents[agent];
        let changed = it.state != state;
        if it.state == AgentState::WrapUp && changed {
            self.out.push(AcdOutput::StopTimer(TimerName::Agent(agent, AgentTimer::WrapUp)));
        }
        it.state = state;
        if it.is_available() {
            it.listed = Some(it.idle_since);
            for &queue in &it.queues {
                self.queues[queue].available.insert((it.idle_since, agent));
            }
        }
        if changed {
            it.since = now;
            self.out.push(AcdOutput::Fact(None, it.changed()));
        }
    }

    fn unlist(&mut self, agent: usize) {
        let it = &mut self.agents[agent];
        let Some(since) = it.listed.take() else { return };
        for &queue in &it.queues {
            self.queues[queue].available.remove(&(since, agent));
        }
    }

    fn refusal(&self, agent: usize, what: &str) -> Refused {
        Refused::state(format!("agent {} {what}", self.agents[agent].id))
    }
}

impl super::Agent {
    fn changed(&self) -> Fact {
        let reason = match &self.state {
            AgentState::NotReady(reason) => Some(Arc::clone(reason)),
            AgentState::LoggedOut
            | AgentState::Ready
            | AgentState::Ringing { .. }
            | AgentState::Talking { .. }
            | AgentState::WrapUp => None,
        };
        Fact::AgentChanged { agent: Arc::clone(&self.id), state: self.state.name().into(), reason }
    }
}
