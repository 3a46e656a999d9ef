//! Commands that go on after they were accepted, by their numbers: to be cancelled, and each ended once.

use super::event::{PlayEnd, RecordEnd};
use super::session::{Controller, Session};
use super::{Exchange, RequestId};
use crate::base::{Refused, Why};
use crate::board::Cause;
use crate::call::CallId;

/// What a command has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pending {
    Originate,
    Play,
    Collect,
    Record,
    /// Its recording is over, and not complete.
    Completion,
    Bridge,
    Supervise,
}

impl Exchange {
    /// No two commands of one number are under way.
    pub(super) fn require_new_request(&self, request: RequestId) -> Result<(), Refused> {
        match self.requests.contains_key(&request) {
            true => {
                let text = format!("request {request} is under way: give each command a number of its own");
                Err(Refused::new(Why::Busy, text))
            }
            false => Ok(()),
        }
    }

    pub(super) fn cancel(&mut self, request: RequestId) -> Result<(), Refused> {
        let gone = || Refused::gone(format!("request {request}"));
        let call = *self.requests.get(&request).ok_or_else(gone)?;
        let pending = self.sessions.get(call).map(|session| self.pending_of(session)).unwrap_or_default();
        let (_, what) = pending.into_iter().find(|(it, _)| *it == request).ok_or_else(gone)?;
        match what {
            Pending::Originate => self.release(call, Cause::NORMAL)?,
            Pending::Play => self.end_play(call, PlayEnd::Stopped),
            Pending::Collect => self.stop_collect(call)?,
            Pending::Record => self.stop_recording(call, RecordEnd::Stopped),
            Pending::Completion => {
                return Err(Refused::state(format!("request {request} is ending already")));
            }
            Pending::Bridge => self.unbridge(call)?,
            Pending::Supervise => self.end_supervision(call)?,
        }
        Ok(())
    }

    /// The commands that go on at a call.
    fn pending_of(&self, session: &Session) -> Vec<(RequestId, Pending)> {
        let mut pending = Vec::from_iter(session.request.map(|request| (request, Pending::Originate)));
        let mut add = |request: Option<RequestId>, what| pending.extend(request.map(|it| (it, what)));
        let recording = |id| self.recordings.get(id).and_then(|state| state.request());
        add(session.recording.and_then(recording), Pending::Record);
        session.closing.iter().for_each(|id| add(recording(*id), Pending::Completion));
        match &session.controller {
            Controller::Application(application) => {
                add(application.playing, Pending::Play);
                add(application.collecting.as_ref().map(|it| it.request), Pending::Collect);
            }
            Controller::Talking(talk) => add(talk.bridge.map(|bridge| bridge.request), Pending::Bridge),
            Controller::Supervising(lead) => {
                let talk = self.sessions.get(*lead).map(|lead| &lead.controller);
                if let Some(Controller::Talking(talk)) = talk {
                    add(talk.supervisor.map(|supervisor| supervisor.request), Pending::Supervise);
                }
            }
            Controller::Route
            | Controller::Answering(_)
            | Controller::Flow(_)
            | Controller::Queue
            | Controller::Dialing(_)
            | Controller::Returning
            | Controller::Joined(_)
            | Controller::Conference(_)
            | Controller::Monitored
            | Controller::Tone(..)
            | Controller::Ending(..) => {}
        }
        pending
    }

    /// Whether the list of numbers is what the calls say.
    pub(super) fn check_requests(&self) -> Result<(), String> {
        let mut found: Vec<(RequestId, CallId)> = Vec::new();
        for (call, session) in self.sessions.iter() {
            found.extend(self.pending_of(session).into_iter().map(|(request, _)| (request, call)));
        }
        found.sort_unstable();
        match self.requests.iter().map(|(request, call)| (*request, *call)).eq(found.iter().copied()) {
            true => Ok(()),
            false => Err(format!("requests {:?} are listed, and {found:?} are under way", self.requests)),
        }
    }
}
