//! Supervision: a third call takes part in a talk. The three share a room of the media engine meanwhile.

use super::application::Application;
use super::session::Controller;
use super::{Event, Exchange, RequestId};
use crate::base::{Refused, Why};
use crate::board::ChannelId;
use crate::call::{CallId, Fact, Side};
use crate::media::RoomId;
use crate::media::scene::{Participation, Supervised};

/// Who takes part in a talk, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Supervisor {
    pub(super) call: CallId,
    pub(super) request: RequestId,
    pub(super) how: Participation,
    /// Whose side the supervisor is on.
    party: Side,
    room: RoomId,
}

#[cfg(test)]
impl Supervisor {
    /// One that nobody has let in.
    pub(super) const fn for_test(call: CallId) -> Self {
        Self { call, request: 1, how: Participation::Listen, party: Side::Right, room: RoomId::NONE }
    }
}

impl Supervisor {
    /// The three, with the one who is whispered to as the agent.
    pub(super) fn scene(&self, [left, right]: [ChannelId; 2], supervisor: ChannelId) -> Supervised {
        let (caller, agent) = if self.party == Side::Right { (left, right) } else { (right, left) };
        Supervised { room: self.room, caller, agent, supervisor }
    }
}

impl Exchange {
    pub(super) fn supervise(
        &mut self,
        request: RequestId,
        call: CallId,
        by: CallId,
        how: Participation,
        party: Side,
    ) -> Result<(), Refused> {
        let (lead, own) = self.talk_of(call)?;
        self.require_supervisor(lead, by)?;
        let party = party.seen_from(own);
        if self.talk(lead)?.consultation.is_some() {
            return Err(Refused::state(format!("{call} has a party who asks a third one")));
        }
        let before = self.talk(lead)?.supervisor;
        let room = match before {
            Some(before) if before.call != by => {
                return Err(Refused::new(
                    Why::Busy,
                    format!("{call} is supervised by {} already", before.call),
                ));
            }
            Some(before) => {
                self.requests.remove(&before.request);
                before.room
            }
            None => {
                let room = self.rooms.insert(|_| ());
                room.ok_or_else(|| Refused::new(Why::Full, "too many talks are supervised"))?
            }
        };
        if before.is_none() {
            self.leave_controller(by);
        }
        self.session(by)?.controller = Controller::Supervising(lead);
        self.talk(lead)?.supervisor = Some(Supervisor { call: by, request, how, party, room });
        self.requests.insert(request, by);
        let of = self.session(lead)?.call.number;
        self.fact(Some(by), Fact::SupervisionBegan { of, how });
        self.touch(lead);
        Ok(())
    }

    /// The call can supervise this talk: the application has it, or it does so already.
    pub(super) fn require_supervisor(&self, lead: CallId, by: CallId) -> Result<(), Refused> {
        match self.sessions.get(by).map(|session| &session.controller) {
            Some(Controller::Supervising(of)) if *of == lead => Ok(()),
            _ => self.require_answered_application(by),
        }
    }

    pub(super) fn end_supervision(&mut self, by: CallId) -> Result<(), Refused> {
        let Controller::Supervising(lead) = self.session(by)?.controller else {
            return Err(Refused::state(format!("{by} supervises no talk")));
        };
        self.leave_talk(lead);
        Ok(())
    }

    /// The supervisor of a talk is out of it.
    pub(super) fn leave_talk(&mut self, lead: CallId) {
        if let Some(supervisor) = self.talk(lead).ok().and_then(|talk| talk.supervisor.take()) {
            self.touch(lead);
            self.free_supervisor(lead, supervisor);
        }
    }

    /// A supervisor who is out of a talk is the application's again, unless the call ends.
    pub(super) fn free_supervisor(
        &mut self,
        lead: CallId,
        Supervisor { call, request, room, .. }: Supervisor,
    ) {
        self.rooms.remove(room);
        self.requests.remove(&request);
        let of = self.sessions.get(lead).map_or(0, |session| session.call.number);
        self.fact(Some(call), Fact::SupervisionEnded { of });
        let Some(session) = self.sessions.get_mut(call) else { return };
        if let Controller::Supervising(_) = session.controller {
            session.controller = Controller::Application(Application::default());
            self.emit(Event::SupervisionEnded { call, request });
        }
        self.touch(call);
    }
}
