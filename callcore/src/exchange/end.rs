//! The end of a call: everything is released, the recording is completed, then, once, `Ended`.

use super::session::{Controller, RecordingState};
use super::{Event, Exchange, RecordingOutcome};
use crate::base::Refused;
use crate::board::Cause;
use crate::call::{CallId, CallTimer, Dequeue, Fact, LegId, Party, TimerName};
use crate::media::RecordingId;
use crate::record;

/// How long the recorder may take to close a file after the last leg is gone, in milliseconds.
const COMPLETION_MS: u64 = 30_000;

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
        self.end_controller(call, &was);
        for leg in legs {
            self.drop_leg(leg, cause);
        }
        self.touch(call);
        self.over.push(call);
    }

    fn end_controller(&mut self, call: CallId, was: &Controller) {
        match was {
            Controller::Queue => self.acd.leave(self.now.instant, call, Dequeue::Withdrawn),
            Controller::Talking(talk) => {
                let talk_ms = self.now.instant.millis_since(talk.since);
                self.fact(Some(call), Fact::Unbridged { talk_ms });
                self.acd.on_talk_ended(self.now.instant, call);
            }
            Controller::Conference(attendance) => self.leave_conference(call, attendance),
            Controller::Route
            | Controller::Answering(_)
            | Controller::Flow(_)
            | Controller::Dialing(_)
            | Controller::Application
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
        if let Some(recording) = session.recording {
            if self.recordings.get(recording).is_some_and(|state| state.started) {
                self.start_timer(TimerName::Call(call, CallTimer::Completion), COMPLETION_MS);
                return;
            }
            self.recordings.remove(recording);
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
            let failed = Some(Refused::state(format!("the call ended before it was answered: {cause}")));
            self.emit(Event::Done { request, call: None, failed });
        }
    }

    /// Plan a recording of two parties, if the policy wants one.
    pub(super) fn begin_recording(&mut self, call: CallId, other: LegId, agent: Option<&str>) {
        let Some(session) = self.sessions.get(call) else { return };
        let Some(leg) = self.legs.get(other) else { return };
        let internal = session.call.internal && leg.extension.is_some() && agent.is_none();
        if !self.config.recording.wants(internal, agent.is_some()) {
            return;
        }
        let about = record::name::About {
            at: self.zone.civil(self.now.wall),
            ani: &session.call.incoming.calling,
            dnis: &session.call.incoming.called,
            agent: agent.unwrap_or(&leg.number),
            queue: "",
            call: session.call.number,
        };
        let path = self.config.recording.path(&about).into();
        let state = |_| RecordingState { call, path, started: false };
        let recording = self.recordings.insert(state);
        if let Some(session) = self.sessions.get_mut(call) {
            session.recording = recording;
        }
    }

    pub(super) fn on_recording_completed(&mut self, id: RecordingId, outcome: RecordingOutcome) {
        if !self.recordings.get(id).is_some_and(|state| state.started) {
            return;
        }
        let Some(state) = self.recordings.remove(id) else { return };
        let recording = id.to_bits();
        let fact = match outcome {
            RecordingOutcome::Complete { duration_ms } => Fact::RecordingCompleted { recording, duration_ms },
            RecordingOutcome::Failed { text } => Fact::RecordingFailed { recording, text },
        };
        self.fact(Some(state.call), fact);
        if let Some(session) = self.sessions.get_mut(state.call)
            && session.recording == Some(id)
        {
            session.recording = None;
        }
        // a file that failed while the parties talk is not planned any more
        self.touch(state.call);
        self.over.push(state.call);
    }

    /// The recorder never said that the file is closed.
    pub(super) fn on_completion_overdue(&mut self, call: CallId) {
        if let Some(recording) = self.sessions.get(call).and_then(|session| session.recording) {
            let text = "the recorder did not report the end of the file".to_owned();
            self.on_recording_completed(recording, RecordingOutcome::Failed { text });
        }
    }
}
