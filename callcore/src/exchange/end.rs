//! The end of a call: everything is released, the recording is completed, then, once, `Ended`.

use super::event::RecordEnd;
use super::session::Controller;
use super::{Event, Exchange};
use crate::base::Refused;
use crate::board::Cause;
use crate::call::{CallId, Dequeue, Fact, Party, TimerName};

impl Exchange {
    /// End a call from whatever it does; a second time changes nothing.
    pub(super) fn end_call(&mut self, call: CallId, cause: Cause, by: Party) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        if session.is_ending() {
            return;
        }
        let was = std::mem::replace(&mut session.controller, Controller::Ending(cause, by));
        session.play = None;
        let legs = session.call.legs.clone();
        self.timers.clear_range(TimerName::of_call(call));
        self.stop_recording(call, RecordEnd::Ended);
        self.end_controller(call, was, cause, by);
        for leg in legs {
            self.drop_leg(leg, cause);
        }
        self.touch(call);
        self.over.push(call);
    }

    /// The controller that a call had has it no longer.
    pub(super) fn end_controller(&mut self, call: CallId, was: Controller, cause: Cause, by: Party) {
        match was {
            Controller::Queue => self.acd.leave(self.now.instant, call, Dequeue::Withdrawn),
            Controller::Talking(talk) => {
                if let Some(bridge) = self.end_talk(call, talk) {
                    self.part(call, bridge.peer, &bridge, cause, by);
                }
            }
            Controller::Joined(lead) => {
                let talk = self.take_talk(lead, |_| true);
                if let Some(bridge) = talk.and_then(|talk| self.end_talk(lead, talk)) {
                    self.part(call, lead, &bridge, cause, by);
                }
            }
            Controller::Supervising(lead) => self.leave_talk(lead),
            Controller::Conference(attendance) => self.leave_conference(call, &attendance),
            Controller::Application(application) => self.end_application(call, application),
            Controller::Route
            | Controller::Answering(_)
            | Controller::Flow(_)
            | Controller::Dialing(_)
            | Controller::Returning
            | Controller::Monitored
            | Controller::Tone(..)
            | Controller::Ending(..) => {}
        }
    }

    /// Let a call go when nothing of it is left.
    pub(super) fn finish_if_over(&mut self, call: CallId) {
        let Some(session) = self.sessions.get(call) else { return };
        let Controller::Ending(cause, by) = session.controller else { return };
        if !session.call.legs.is_empty() {
            return;
        }
        if self.waits_for_recorder(call) {
            return;
        }
        self.finish(call, cause, by);
    }

    fn finish(&mut self, call: CallId, cause: Cause, by: Party) {
        self.update_plan(call);
        self.fact(Some(call), Fact::Ended { cause, by });
        self.timers.clear_range(TimerName::of_call(call));
        self.tell_application(call, Event::Ended { call, cause });
        let Some(session) = self.sessions.remove(call) else { return };
        if let Some(request) = session.request {
            self.requests.remove(&request);
            let failed = Some(Refused::state(format!("the call ended before it was answered: {cause}")));
            self.emit(Event::Done { request, call: None, failed });
        }
    }
}
