//! The self-check: what must hold after every input, whatever the boards, the callers and the disks do.

use super::Exchange;
use super::consult::Consultation;
use super::session::{Controller, Session};
use crate::acd::AgentState;
use crate::board::ChannelId;
use crate::call::{CallId, LegState, TimerName};
use crate::media::Hear;
use std::collections::BTreeSet;

impl Exchange {
    /// Check every promise; the first that is broken, in words. For tests and simulations: it looks at everything.
    ///
    /// # Errors
    /// Which promise is broken by what.
    pub fn self_check(&self) -> Result<(), String> {
        self.check_legs()?;
        let plans = || self.sessions.iter().map(|(_, session)| &session.plan);
        let open: BTreeSet<_> = plans().flat_map(|plan| &plan.legs).map(|leg| leg.channel).collect();
        let mut speaking = BTreeSet::new();
        for (call, session) in self.sessions.iter() {
            self.check_talk(call, session)?;
            self.check_session(call, session)?;
            self.check_recordings(call, session)?;
            check_plan(session, &open, &mut speaking)?;
        }
        self.check_requests()?;
        self.check_agents()?;
        self.check_queues()?;
        self.check_conferences()?;
        self.check_phones()?;
        self.check_lines()?;
        self.check_timers()
    }

    fn check_legs(&self) -> Result<(), String> {
        for (id, leg) in self.legs.iter() {
            let session = self.sessions.get(leg.call).ok_or_else(|| format!("{id} outlives {}", leg.call))?;
            ensure(session.call.legs.contains(&id), || format!("{} does not know its {id}", leg.call))?;
            let listed = self.legs_by_board.get(&(leg.channel.device, leg.board_call));
            ensure(listed == Some(&id), || format!("{id} is not listed by its board call"))?;
            let alone = self.boards.channel(leg.channel).is_none_or(|channel| channel.leg == Some(id));
            ensure(leg.is_releasing() || alone, || format!("{id} shares its channel {}", leg.channel))?;
            let queued = leg.state == LegState::Queued;
            ensure(!queued || self.acd.queue_of(leg.call).is_some(), || {
                format!("{id} is queued in no queue")
            })?;
        }
        ensure(self.legs_by_board.len() == self.legs.len(), || {
            "a board call is listed without its leg".into()
        })
    }

    fn check_session(&self, call: CallId, session: &Session) -> Result<(), String> {
        let ending = session.is_ending();
        ensure(ending || !session.call.legs.is_empty(), || format!("{call} has no leg and does not end"))?;
        for leg in &session.call.legs {
            let leg = self.legs.get(*leg).ok_or_else(|| format!("{call} has a leg that is not there"))?;
            ensure(!ending || leg.is_releasing(), || {
                format!("{call} ends and its {} was not dropped", leg.id)
            })?;
        }
        let queued = self.acd.queue_of(call).is_some();
        let waits = matches!(session.controller, Controller::Queue);
        ensure(queued == waits, || format!("{call}: queue and controller disagree"))?;
        let talks = matches!(session.controller, Controller::Talking(_));
        ensure(self.acd.agent_of(call).is_none() || talks, || format!("{call}: an agent talks with nobody"))?;
        ensure(!session.dirty, || format!("{call}: its plan is not up to date"))
    }

    /// Two joined calls, and a talk and its supervisor, know each other.
    fn check_talk(&self, call: CallId, session: &Session) -> Result<(), String> {
        let talk_of = |lead: &CallId| match self.sessions.get(*lead).map(|session| &session.controller) {
            Some(Controller::Talking(talk)) => Some(talk),
            _ => None,
        };
        let controller = |call: CallId| self.sessions.get(call).map(|session| &session.controller);
        match &session.controller {
            Controller::Talking(talk) => {
                let knows = |call, of: &dyn Fn(&Controller) -> bool| controller(call).is_some_and(of);
                let is_joined = |it: &Controller| matches!(it, Controller::Joined(lead) if *lead == call);
                let joined = talk.bridge.is_none_or(|bridge| knows(bridge.peer, &is_joined));
                ensure(joined, || format!("{call} is joined with a call that does not know it"))?;
                let third = talk.consultation.as_ref().and_then(Consultation::third);
                let is_ours = third.is_none_or(|third| session.call.legs.contains(&third));
                ensure(is_ours, || format!("{call} asks a third party who is none of its legs"))?;
                let of = talk.bridge.map_or(call, |bridge| bridge.peer);
                let owner = self.legs.get(talk.other).map(|leg| leg.call);
                ensure(owner == Some(of), || format!("{call} talks with a leg of another call than {of}"))?;
                let is_here = |it: &Controller| matches!(it, Controller::Supervising(lead) if *lead == call);
                let supervised = talk.supervisor.is_none_or(|supervisor| knows(supervisor.call, &is_here));
                ensure(supervised, || format!("{call} is supervised by a call that does not know it"))
            }
            Controller::Joined(lead) => {
                let peer = talk_of(lead).and_then(|talk| talk.bridge).map(|bridge| bridge.peer);
                ensure(peer == Some(call), || format!("{call} is joined with {lead}, which does not know it"))
            }
            Controller::Supervising(lead) => {
                let by = talk_of(lead).and_then(|talk| talk.supervisor).map(|supervisor| supervisor.call);
                ensure(by == Some(call), || format!("{call} supervises {lead}, which does not know it"))
            }
            Controller::Returning => {
                ensure(session.sent_by.is_some(), || format!("{call} is held for nobody"))
            }
            _ => Ok(()),
        }
    }

    /// A call is recorded where it may be, and knows the recordings that are still being closed.
    fn check_recordings(&self, call: CallId, session: &Session) -> Result<(), String> {
        let may_be = matches!(
            session.controller,
            Controller::Talking(_)
                | Controller::Application(_)
                | Controller::Conference(_)
                | Controller::Monitored
        );
        ensure(session.recording.is_none() || may_be, || format!("{call} is recorded and does not talk"))?;
        for id in session.recording.iter().chain(&session.closing) {
            let of = self.recordings.get(*id).map(|state| state.call);
            ensure(of == Some(call), || format!("{call} has a recording that is not its own"))?;
        }
        Ok(())
    }

    fn check_agents(&self) -> Result<(), String> {
        for agent in self.acd.agents() {
            match agent.state {
                AgentState::Ringing { call, .. } => {
                    ensure(self.acd.queue_of(call).is_some(), || {
                        format!("agent {} is rung for nobody", agent.id)
                    })?;
                }
                AgentState::Talking { call, .. } => {
                    let talks = self.acd.agent_of(call).is_some_and(|other| other.id == agent.id);
                    ensure(talks, || format!("agent {} talks in no call", agent.id))?;
                }
                AgentState::LoggedOut | AgentState::NotReady(_) | AgentState::Ready | AgentState::WrapUp => {}
            }
        }
        Ok(())
    }

    /// Nobody waits un-offered while an agent of the queue is free; one agent is offered one call.
    fn check_queues(&self) -> Result<(), String> {
        let mut offered = BTreeSet::new();
        for queue in self.acd.queues() {
            let idle = queue.available_count() > 0 && queue.next_place().is_some();
            ensure(!idle, || format!("queue {}: a caller waits while an agent is free", queue.name))?;
            for waiter in queue.waiters() {
                let living = self.sessions.get(waiter.call).is_some();
                ensure(living, || format!("queue {}: {} is not there any more", queue.name, waiter.call))?;
                if let Some((agent, _)) = waiter.offer {
                    ensure(offered.insert(agent), || format!("agent {agent} is offered two calls"))?;
                    let ringing = matches!(self.acd.agents()[agent].state, AgentState::Ringing { call, .. } if call == waiter.call);
                    ensure(ringing, || format!("agent {agent} is offered a call and not rung for it"))?;
                }
            }
        }
        Ok(())
    }

    fn check_phones(&self) -> Result<(), String> {
        for (extension, phone) in self.boards.phones.iter().enumerate() {
            let legs = self.legs.iter().filter(|(_, leg)| leg.extension == Some(extension)).count();
            ensure(legs == phone.legs as usize, || {
                format!("extension {extension} has {legs} legs, not {}", phone.legs)
            })?;
        }
        Ok(())
    }

    /// A channel's media are a call's or its line's, never both.
    fn check_lines(&self) -> Result<(), String> {
        for (channel, _) in self.lines.iter().filter(|(_, seat)| seat.has_media()) {
            let mut calls = self.sessions.iter();
            let both = calls.find(|(_, session)| session.plan.leg(*channel).is_some());
            ensure(both.is_none(), || format!("line {channel} shares its media with a call"))?;
        }
        ensure(self.stirred.is_empty() && self.moved_lines.is_empty() && self.awaited.is_empty(), || {
            "a line waits for something".into()
        })
    }

    fn check_timers(&self) -> Result<(), String> {
        for name in self.timers.names() {
            let alive = match name {
                TimerName::Call(call, _) => self.sessions.get(*call).is_some(),
                TimerName::Leg(leg, _) => self.legs.get(*leg).is_some(),
                TimerName::Agent(agent, _) => *agent < self.acd.agents().len(),
                TimerName::Line(channel) => self.lines.contains_key(channel),
                TimerName::Device(device, _) => self.boards.devices.contains_key(device),
            };
            ensure(alive, || format!("{name:?} outlives its owner"))?;
        }
        Ok(())
    }

    /// Whether nothing is left of any call: besides calls, nothing that they had taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
            && self.legs.is_empty()
            && self.recordings.is_empty()
            && self.requests.is_empty()
    }
}

/// A channel is heard by one other at most, and those who hear each other do so both ways.
fn check_plan(
    session: &Session,
    open: &BTreeSet<ChannelId>,
    speaking: &mut BTreeSet<ChannelId>,
) -> Result<(), String> {
    let call = session.call.id;
    for (listener, speaker) in session.plan.hearing() {
        // a room of three has each of them heard by two
        let is_pair = session.plan.leg(listener).is_some_and(|leg| leg.hear == Hear::Channel(speaker));
        ensure(!is_pair || speaking.insert(speaker), || {
            format!("{call}: channel {speaker} is in two bridges")
        })?;
        ensure(open.contains(&speaker), || {
            format!("{call}: {listener} hears channel {speaker}, which is closed")
        })?;
    }
    Ok(())
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
