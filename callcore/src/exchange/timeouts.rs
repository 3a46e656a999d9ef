//! What each timer means when it fires.

use super::Exchange;
use super::event::RecordEnd;
use super::session::Controller;
use crate::board::Cause;
use crate::call::{AgentTimer, CallId, CallTimer, DeviceTimer, LegTimer, Party, TimerName};
use crate::ivr::Happened;

impl Exchange {
    pub(super) fn on_timer(&mut self, name: TimerName) {
        match name {
            TimerName::Call(call, timer) => self.on_call_timer(call, timer),
            TimerName::Leg(leg, LegTimer::Release) => self.on_release_overdue(leg),
            TimerName::Leg(leg, LegTimer::Proceeding) => self.on_number_unanswered(leg),
            TimerName::Leg(leg, LegTimer::Answer) => {
                if let Some(call) = self.legs.get(leg).map(|leg| leg.call) {
                    self.end_call(call, Cause::TIMER_EXPIRED, Party::Failure);
                }
            }
            TimerName::Agent(agent, AgentTimer::WrapUp) => self.acd.on_wrap_up_over(self.now.instant, agent),
            TimerName::Device(device, DeviceTimer::Replay) => self.on_replay_overdue(device),
            TimerName::Line(channel) => self.on_line_timer(channel),
            TimerName::Agent(agent, AgentTimer::Retry) => self.acd.on_retry(self.now.instant, agent),
        }
    }

    fn on_call_timer(&mut self, call: CallId, timer: CallTimer) {
        match timer {
            CallTimer::FirstDigit => self.on_digit_timeout(call, Happened::FirstDigitTimeout),
            CallTimer::InterDigit => self.on_digit_timeout(call, Happened::InterDigitTimeout),
            CallTimer::Ring => self.on_ring_over(call),
            CallTimer::MaxWait => self.acd.on_max_wait(self.now.instant, call),
            CallTimer::Tone => self.on_tone_over(call),
            CallTimer::Application => self.end_call(call, Cause::TIMER_EXPIRED, Party::System),
            CallTimer::Overlap => self.on_number_over(call),
            CallTimer::PartingAnnounced => self.announce_parting(call),
            CallTimer::PartingTone => self.warn_of_parting(call, false),
            CallTimer::Parting => self.part_unsupervised(call),
            // whoever is touched is looked at
            CallTimer::LongSilence => self.touch(call),
            CallTimer::Consultation => self.on_consultation_timeout(call),
            CallTimer::RecordLimit => self.stop_recording(call, RecordEnd::Full),
            CallTimer::RecordSilence => self.stop_recording(call, RecordEnd::Silence),
            CallTimer::Completion => self.on_completion_overdue(call),
        }
    }

    /// Whoever asked for keys hears that none came.
    fn on_digit_timeout(&mut self, call: CallId, happened: Happened) {
        match self.sessions.get(call).map(|session| &session.controller) {
            Some(Controller::Application(_)) => self.in_collect(call, happened),
            _ => self.in_flow(call, happened),
        }
    }

    fn on_ring_over(&mut self, call: CallId) {
        let Some(session) = self.sessions.get(call) else { return };
        match session.controller {
            Controller::Queue => self.on_agent_ring_over(call),
            Controller::Dialing(leg) => {
                self.drop_leg(leg, Cause::NO_ANSWER);
                self.fail_dial(call, Cause::NO_ANSWER);
            }
            Controller::Returning => self.fail_dial(call, Cause::USER_BUSY),
            Controller::Route
            | Controller::Answering(_)
            | Controller::Flow(_)
            | Controller::Talking(_)
            | Controller::Joined(_)
            | Controller::Supervising(_)
            | Controller::Application(_)
            | Controller::Conference(_)
            | Controller::Monitored
            | Controller::Tone(..)
            | Controller::Ending(..) => {}
        }
    }

    fn on_tone_over(&mut self, call: CallId) {
        let Some(session) = self.sessions.get(call) else { return };
        if let Controller::Tone(_, cause) = session.controller {
            self.end_call(call, cause, Party::System);
        }
    }
}
