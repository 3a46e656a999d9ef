//! Talks of two calls that a program has joined, and how every talk ends.
//!
//! ```text
//!   call A: Application ──Bridge──▶ Talking (it has the talk) ──Unbridge, or B is over──▶ Application
//!   call B: Application ──Bridge──▶ Joined(A)                 ──Unbridge, or A is over──▶ Application
//! ```
//!
//! Each keeps its leg, its plan and its record; what is done to the talk is done at A, whichever of the two a command names.

use super::application::Application;
use super::event::RecordEnd;
use super::session::{Controller, Session, Talk};
use super::{Event, Exchange, RequestId};
use crate::base::{Refused, Why};
use crate::board::Cause;
use crate::call::{CallId, CallTimer, Fact, Party, Side, TimerName};
use crate::media::Levels;

/// The other call of a talk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bridge {
    pub(super) peer: CallId,
    pub(super) request: RequestId,
    ends_together: bool,
}

#[cfg(test)]
impl Bridge {
    /// One that nobody has made.
    pub(super) const fn for_test(peer: CallId) -> Self {
        Self { peer, request: 1, ends_together: false }
    }
}

impl Exchange {
    /// The talk that the caller of a call is in: the call that has it, and on which side of it the caller is.
    pub(super) fn talk_of(&self, call: CallId) -> Result<(CallId, Side), Refused> {
        match self.sessions.get(call).ok_or_else(|| Refused::gone(call))?.controller {
            Controller::Talking(_) => Ok((call, Side::Left)),
            Controller::Joined(lead) => Ok((lead, Side::Right)),
            _ => Err(Refused::state(format!("{call} has no two parties who talk"))),
        }
    }

    /// The call that has the talk of this one, or this one if there is none.
    pub(super) fn talk_or_self(&self, call: CallId) -> CallId {
        self.talk_of(call).map_or(call, |(lead, _)| lead)
    }

    pub(super) fn bridge(
        &mut self,
        request: RequestId,
        call: CallId,
        with: CallId,
        ends_together: bool,
    ) -> Result<(), Refused> {
        if call == with {
            return Err(Refused::new(Why::Argument, format!("{call} cannot be joined with itself")));
        }
        self.require_answered_application(call)?;
        self.require_answered_application(with)?;
        self.leave_controller(call);
        self.leave_controller(with);
        self.join(call, Bridge { peer: with, request, ends_together });
        Ok(())
    }

    /// Join a call with another that has left its controller, too; the two end together.
    pub(super) fn join_for_good(&mut self, request: RequestId, call: CallId, with: CallId) {
        self.join(call, Bridge { peer: with, request, ends_together: true });
    }

    fn join(&mut self, call: CallId, bridge: Bridge) {
        let peer = bridge.peer;
        let legs = [call, peer].map(|call| self.sessions.get(call).and_then(Session::caller));
        let [Some(caller), Some(other)] = legs else { return };
        self.requests.insert(bridge.request, call);
        self.begin_talk(call, other, Some(bridge));
        let number = self.legs.get(caller).map_or_else(String::new, |leg| leg.number.clone());
        let with = self.sessions.get(call).map(|session| session.call.number);
        if let Some(session) = self.sessions.get_mut(peer) {
            session.controller = Controller::Joined(call);
        }
        self.fact(Some(peer), Fact::Bridged { agent: None, number, with });
        self.emit(Event::Bridged { call, with: peer, request: bridge.request });
        self.touch(call);
    }

    pub(super) fn unbridge(&mut self, call: CallId) -> Result<(), Refused> {
        let (lead, _) = self.talk_of(call)?;
        let Some(talk) = self.take_talk(lead, |talk| talk.bridge.is_some()) else {
            return Err(Refused::state(format!(
                "{call} is not joined with another call: transfer it instead"
            )));
        };
        if let Some(bridge) = self.end_talk(lead, talk) {
            self.give_back(lead, bridge.peer, &bridge, Cause::NORMAL);
            self.give_back(bridge.peer, lead, &bridge, Cause::NORMAL);
        }
        Ok(())
    }

    /// Take a call's talk out of it if it is as wanted; the call is the application's for the moment.
    pub(super) fn take_talk(&mut self, call: CallId, wanted: impl FnOnce(&Talk) -> bool) -> Option<Talk> {
        let session = self.sessions.get_mut(call)?;
        if !matches!(&session.controller, Controller::Talking(talk) if wanted(talk)) {
            return None;
        }
        match std::mem::replace(&mut session.controller, Application::after_talk()) {
            Controller::Talking(talk) => Some(talk),
            _ => None,
        }
    }

    /// The parties of a talk that was taken out of its call hear each other no longer. Of a talk of two calls, the other is
    /// the application's for the moment, unless it ends.
    pub(super) fn end_talk(&mut self, call: CallId, talk: Talk) -> Option<Bridge> {
        self.stop_recording(call, RecordEnd::Ended);
        if let Some(session) = self.sessions.get_mut(call) {
            session.gains[Side::Right.index()] = Levels::default();
        }
        for timer in
            [CallTimer::PartingAnnounced, CallTimer::PartingTone, CallTimer::Parting, CallTimer::LongSilence]
        {
            self.timers.clear(TimerName::Call(call, timer));
        }
        if let Some(consultation) = &talk.consultation {
            self.end_consultation(call, consultation);
        }
        if let Some(supervisor) = talk.supervisor {
            self.free_supervisor(call, supervisor);
        }
        let talk_ms = self.now.instant.millis_since(talk.since);
        self.fact(Some(call), Fact::Unbridged { talk_ms });
        self.acd.on_talk_ended(self.now.instant, call);
        self.touch(call);
        let bridge = talk.bridge?;
        self.requests.remove(&bridge.request);
        self.fact(Some(bridge.peer), Fact::Unbridged { talk_ms });
        let peer = self.sessions.get_mut(bridge.peer)?;
        if let Controller::Joined(_) = peer.controller {
            peer.controller = Application::after_talk();
        }
        self.touch(bridge.peer);
        Some(bridge)
    }

    /// A call of two has ended: what becomes of the one that is left.
    pub(super) fn part(&mut self, gone: CallId, left: CallId, bridge: &Bridge, cause: Cause, by: Party) {
        let by = if by == Party::Caller { Party::Called } else { by };
        match bridge.ends_together {
            true => self.end_call(left, cause, by),
            false => self.give_back(left, gone, bridge, cause),
        }
    }

    /// Its caller is alone again.
    fn give_back(&mut self, call: CallId, with: CallId, bridge: &Bridge, cause: Cause) {
        self.emit(Event::Unbridged { call, with, request: bridge.request, cause });
        self.touch(call);
    }

    /// Neither line can tell that its party has hung up, and they have talked for as long as they may.
    pub(super) fn part_unsupervised(&mut self, call: CallId) {
        let peer = match self.sessions.get(call).map(|session| &session.controller) {
            Some(Controller::Talking(talk)) => talk.bridge.map(|bridge| bridge.peer),
            _ => None,
        };
        for call in [Some(call), peer].into_iter().flatten() {
            self.end_call(call, Cause::TIMER_EXPIRED, Party::System);
        }
    }
}
