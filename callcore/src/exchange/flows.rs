//! Between calls and the flow interpreter.

use super::Exchange;
use super::event::{PlayEnd, RecordEnd};
use super::session::Controller;
use crate::board::{Cause, ChannelId};
use crate::call::{CallId, CallTimer, Decision, Fact, Party, TimerName};
use crate::ivr::{Happened, Session as FlowSession};
use crate::media::{MediaEvent, PlayId, Transport};
use std::sync::Arc;

impl Exchange {
    pub(super) fn enter_flow(&mut self, call: CallId, name: &str) {
        let Some(flow) = self.flows.get(name).map(Arc::clone) else {
            self.end_call(call, Cause::NO_ROUTE, Party::System);
            return;
        };
        if let Some(session) = self.sessions.get_mut(call) {
            session.controller = Controller::Flow(Box::new(FlowSession::new(flow)));
        }
        self.in_flow(call, Happened::Started);
    }

    /// Let the flow of a call know what happened, and do what it decides.
    pub(super) fn in_flow(&mut self, call: CallId, happened: Happened) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        let Controller::Flow(flow) = &mut session.controller else { return };
        for decision in flow.handle(happened) {
            self.decide(call, decision);
        }
        self.touch(call);
    }

    pub(super) fn decide(&mut self, call: CallId, decision: Decision) {
        match decision {
            Decision::Play(prompts) => self.play(call, prompts),
            Decision::SelectLanguage(language) => self.select_language(call, language),
            Decision::StopPlay => {
                if let Some(session) = self.sessions.get_mut(call) {
                    session.play = None;
                }
            }
            Decision::StartTimer(timer, ms) => self.start_timer(TimerName::Call(call, timer), ms),
            Decision::StopTimer(timer) => {
                self.timers.clear(TimerName::Call(call, timer));
            }
            Decision::Enter { flow, node } => self.fact(Some(call), Fact::NodeEntered { flow, node }),
            Decision::Send(target) => self.send(call, target),
            Decision::Release(cause) => self.end_call(call, cause, Party::System),
        }
    }

    fn select_language(&mut self, call: CallId, language: Arc<str>) {
        if let Some(session) = self.sessions.get_mut(call) {
            session.language = Some(Arc::clone(&language));
            self.fact(Some(call), Fact::LanguageSelected { language });
        }
    }

    pub(super) fn play(&mut self, call: CallId, prompts: Arc<[Arc<str>]>) {
        let play = self.new_play();
        if let Some(session) = self.sessions.get_mut(call) {
            session.play = Some((play, prompts));
            session.transport = Transport::default();
            self.touch(call);
        }
    }

    pub(super) fn on_media(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::PlayDone { channel, play } => self.on_played(channel, play, PlayEnd::Whole),
            MediaEvent::PlayReady { channel, play } => self.on_play_ready(channel, play),
            MediaEvent::PlayFailed { channel, play, name } => {
                if let Some(call) = self.call_playing(channel, play) {
                    self.fact(Some(call), Fact::PromptMissing { name });
                    self.on_played(channel, play, PlayEnd::Failed);
                }
            }
            MediaEvent::MusicReady { channel, name } => self.on_music_ready(channel, &name),
            MediaEvent::MusicMissing { channel, name } => {
                let leg = self.boards.channel(channel).and_then(|channel| channel.leg);
                if let Some(call) = leg.and_then(|leg| self.legs.get(leg)).map(|leg| leg.call) {
                    self.fact(Some(call), Fact::PromptMissing { name: name.to_string() });
                }
            }
            MediaEvent::Digit { channel, digit } => self.on_heard_digit(channel, digit),
            MediaEvent::Heard { channel, heard } => {
                self.on_line_heard(channel, &heard);
                self.on_heard(channel, heard);
            }
            MediaEvent::Speaking { channel, on, .. } => self.on_speaking(channel, on),
            MediaEvent::RecordingGap { id, frames } => {
                if let Some(call) = self.recordings.get(id).map(|recording| recording.call) {
                    self.fact(Some(call), Fact::RecordingGap { recording: id.to_bits(), frames });
                }
            }
        }
    }

    fn on_heard_digit(&mut self, channel: ChannelId, digit: crate::board::Digit) {
        let leg = self.boards.channel(channel).and_then(|channel| channel.leg);
        let Some(it) = leg.and_then(|leg| self.legs.get(leg)).filter(|leg| leg.is_answered()) else {
            self.on_line_key(channel, digit);
            return;
        };
        let (call, board_call) = (it.call, it.board_call);
        let event = crate::board::BoardEvent::Digit { channel, call: board_call, digit };
        self.on_leg_event(channel, board_call, &event);
        self.touch(call);
    }

    /// The call whose caller hears this playing.
    pub(super) fn call_playing(&self, channel: ChannelId, play: PlayId) -> Option<CallId> {
        let leg = self.legs.get(self.boards.channel(channel)?.leg?)?;
        let session = self.sessions.get(leg.call)?;
        session.play.as_ref().is_some_and(|(playing, _)| *playing == play).then_some(leg.call)
    }

    fn on_played(&mut self, channel: ChannelId, play: PlayId, end: PlayEnd) {
        let Some(call) = self.call_playing(channel, play) else { return };
        if let Some(session) = self.sessions.get_mut(call) {
            session.play = None;
        }
        self.touch(call);
        match self.sessions.get(call).map(|session| &session.controller) {
            Some(Controller::Application(_)) => self.on_application_played(call, end),
            _ => self.in_flow(call, Happened::Played),
        }
    }

    /// The controller loses the call: nothing of it may go on.
    pub(super) fn leave_controller(&mut self, call: CallId) {
        for timer in [
            CallTimer::FirstDigit,
            CallTimer::InterDigit,
            CallTimer::Tone,
            CallTimer::Application,
            CallTimer::Overlap,
        ] {
            self.timers.clear(TimerName::Call(call, timer));
        }
        self.stop_recording(call, RecordEnd::Ended);
        if let Some(session) = self.sessions.get_mut(call) {
            session.play = None;
            let was = std::mem::replace(&mut session.controller, Controller::Route);
            self.end_controller(call, was, Cause::NORMAL, Party::System);
        }
        self.touch(call);
    }
}
