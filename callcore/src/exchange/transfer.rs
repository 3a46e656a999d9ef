//! One party of a talk leaves, the other goes elsewhere (blind transfer) or to a supervisor (intercept).

use super::session::Controller;
use super::{Event, Exchange, RequestId};
use crate::base::Refused;
use crate::board::Cause;
use crate::call::{CallId, Fact, Leg, Party, Role, Side, Target};

impl Exchange {
    pub(super) fn transfer(&mut self, call: CallId, to: &Target, by: Side) -> Result<(), Refused> {
        self.require_target(to)?;
        let (lead, own) = self.talk_of(call)?;
        self.require_both_answered(lead)?;
        let Some((stays, by)) = self.take_out(lead, by.seen_from(own)) else { return Ok(()) };
        self.fact(Some(stays), Fact::Transferred { by, to: to.to_string() });
        self.tell_application(stays, Event::Sent { call: stays });
        self.send(stays, to.clone());
        Ok(())
    }

    pub(super) fn intercept(
        &mut self,
        request: RequestId,
        call: CallId,
        by: CallId,
        party: Side,
    ) -> Result<(), Refused> {
        let (lead, own) = self.talk_of(call)?;
        self.require_both_answered(lead)?;
        self.require_supervisor(lead, by)?;
        let Some((stays, _)) = self.take_out(lead, party.seen_from(own)) else { return Ok(()) };
        let Some(of) = self.sessions.get_mut(stays).map(|session| {
            session.application = true;
            session.call.number
        }) else {
            return Ok(());
        };
        self.leave_controller(by);
        self.leave_controller(stays);
        self.fact(Some(by), Fact::Intercepted { of });
        self.join_for_good(request, stays, by);
        Ok(())
    }

    /// Nobody is transferred whose own call is not answered yet.
    fn require_both_answered(&self, lead: CallId) -> Result<(), Refused> {
        let session = self.sessions.get(lead).ok_or_else(|| Refused::gone(lead))?;
        let other = match &session.controller {
            Controller::Talking(talk) => Some(talk.other),
            _ => None,
        };
        let is_there = |leg| self.legs.get(leg).is_some_and(Leg::is_answered);
        match session.caller().is_some_and(is_there) && other.is_some_and(is_there) {
            true => Ok(()),
            false => Err(Refused::state(format!("{lead} is not answered yet"))),
        }
    }

    /// End a talk by taking one party out of it. The call of the party that stays, alone now and the application's for the
    /// moment, and who left, as it is seen from there.
    pub(super) fn take_out(&mut self, lead: CallId, leaves: Side) -> Option<(CallId, Side)> {
        let gain = self.sessions.get(lead)?.gains[Side::Right.index()];
        let talk = self.take_talk(lead, |_| true)?;
        let other = talk.other;
        if let Some(bridge) = self.end_talk(lead, talk) {
            let (stays, gone) = match leaves {
                Side::Left => (bridge.peer, lead),
                Side::Right => (lead, bridge.peer),
            };
            self.end_call(gone, Cause::NORMAL, Party::System);
            return Some((stays, Side::Right));
        }
        let session = self.sessions.get_mut(lead)?;
        let caller = session.caller()?;
        if leaves == Side::Left {
            // whoever is left is the caller from now on
            let place = session.call.legs.iter().position(|leg| *leg == other)?;
            session.call.legs.swap(0, place);
            session.sounds.swap(0, 1);
            session.gains[Side::Left.index()] = gain;
            let leg = self.legs.get_mut(other)?;
            leg.role = Role::Caller;
            session.call.incoming.calling.clone_from(&leg.number);
        }
        self.drop_leg(if leaves == Side::Left { caller } else { other }, Cause::NORMAL);
        Some((lead, leaves))
    }
}
