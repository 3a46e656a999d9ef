//! Commands: of the embedding program for the calls it was handed, of agents, of the operator.

use super::collect::Collecting;
use super::event::{CollectEnd, PlayEnd};
use super::session::Controller;
use super::{Command, Event, Exchange, RequestId, Stopping};
use crate::base::{Refused, Why};
use crate::board::{Cause, Incoming};
use crate::call::{CallId, CallTimer, Fact, Party, Role, Target, TimerName};
use crate::ivr::Collector;
use crate::media::Levels;

/// What the application does with a call that it has.
#[derive(Debug, Default)]
pub(super) struct Application {
    /// The command whose prompts are heard.
    pub(super) playing: Option<RequestId>,
    /// The keys that are asked for.
    pub(super) collecting: Option<Collecting>,
    /// The caller's keys.
    pub(super) keys: Collector,
    /// Hold music is heard in place of silence.
    pub(super) hears_music: bool,
}

impl Application {
    /// Of a call that has just been in a talk.
    pub(super) fn after_talk() -> Controller {
        Controller::Application(Self { hears_music: true, ..Self::default() })
    }
}

impl Exchange {
    pub(super) fn on_command(&mut self, request: RequestId, command: Command) -> Result<(), Refused> {
        if self.stopping != Stopping::No {
            return Err(Refused::state("the exchange is stopping"));
        }
        self.require_new_request(request)?;
        command.require_short_texts()?;
        match command {
            // these say themselves when they are done
            Command::Originate { to, calling } => self.originate(request, &to, calling),
            Command::Collect { call, collect } => self.collect(request, call, collect),
            Command::Stop => {
                self.stop(request);
                Ok(())
            }
            command => {
                self.carry_out_command(request, command)?;
                self.emit(Event::Done { request, call: None, failed: None });
                Ok(())
            }
        }
    }

    fn carry_out_command(&mut self, request: RequestId, command: Command) -> Result<(), Refused> {
        let now = self.now.instant;
        match command {
            Command::AgentLogin { agent } => self.acd.login(now, self.agent(&agent)?),
            Command::AgentLogout { agent } => self.acd.logout(now, self.agent(&agent)?),
            Command::AgentReady { agent } => self.acd.ready(now, self.agent(&agent)?),
            Command::AgentNotReady { agent, reason } => {
                self.acd.not_ready(now, self.agent(&agent)?, reason.as_str().into())
            }
            Command::Answer { call } => self.answer(call),
            Command::Play { call, prompts } => self.play_for_application(request, call, prompts),
            Command::StopPlay { call } => self.stop_play(call),
            Command::ControlPlay { call, control } => self.control_play(call, control),
            Command::StopCollect { call } => self.stop_collect(call),
            Command::Record { call, record } => self.record(request, call, record),
            Command::StopRecord { call } => self.stop_record(call),
            Command::MaskRecording { call, on } => self.mask_recording(call, on),
            Command::ConnectAudio { call, port } => self.connect_audio(call, port),
            Command::Bridge { call, with, ends_together } => self.bridge(request, call, with, ends_together),
            Command::Unbridge { call } => self.unbridge(call),
            Command::Transfer { call, to, by } => self.transfer(call, &to, by),
            Command::Supervise { call, by, how, party } => self.supervise(request, call, by, how, party),
            Command::EndSupervision { by } => self.end_supervision(by),
            Command::Intercept { call, by, party } => self.intercept(request, call, by, party),
            Command::Hold { call, by, on } => self.hold(call, by, on),
            Command::ChangeRole { call, role } => self.change_role(call, role),
            Command::Mute { call, party, on } => self.mute(call, party, on),
            Command::SetGain { call, party, said_db, heard_db } => {
                self.set_gain(call, party, Levels { said_db, heard_db, is_muted: false })
            }
            Command::Listen { call, party, sounds } => self.listen_to(call, party, sounds),
            Command::SendDigits { call, to, digits } => self.send_digits(call, to, digits),
            Command::Send { call, to } => self.send_on(call, &to),
            Command::Release { call, cause } => self.release(call, cause),
            Command::Cancel { request } => self.cancel(request),
            Command::Originate { .. } | Command::Collect { .. } | Command::Stop => {
                unreachable!("on_command carries these out")
            }
        }
    }

    fn agent(&self, id: &str) -> Result<usize, Refused> {
        self.acd.agent_index(id).ok_or_else(|| Refused::gone(format!("agent {id}")))
    }

    /// The call is alive and the application's.
    pub(super) fn require_application(&self, call: CallId) -> Result<(), Refused> {
        let session = self.sessions.get(call).ok_or_else(|| Refused::gone(call))?;
        match session.controller {
            Controller::Application(_) => Ok(()),
            _ => Err(not_the_applications(call)),
        }
    }

    /// And its caller is there to be heard.
    pub(super) fn require_answered_application(&self, call: CallId) -> Result<(), Refused> {
        self.require_application(call)?;
        match self.sessions.get(call).is_some_and(|session| session.answered) {
            true => Ok(()),
            false => Err(Refused::state(format!("{call} is not answered yet: answer it first"))),
        }
    }

    /// What the application does with a call that it has.
    pub(super) fn application(&mut self, call: CallId) -> Result<&mut Application, Refused> {
        match &mut self.session(call)?.controller {
            Controller::Application(application) => Ok(application),
            _ => Err(not_the_applications(call)),
        }
    }

    /// The application has a call no longer: what it has begun with it ends.
    pub(super) fn end_application(&mut self, call: CallId, mut application: Application) {
        for request in [application.playing, application.collecting.as_ref().map(|it| it.request)] {
            request.and_then(|request| self.requests.remove(&request));
        }
        if let Some(request) = application.playing {
            self.emit(Event::Played { call, request, end: PlayEnd::Ended });
        }
        if let Some(Collecting { request, .. }) = application.collecting {
            let digits = application.keys.stop();
            self.emit(Event::Collected { call, request, digits, end: CollectEnd::Ended });
        }
    }

    pub(super) fn offer_to_application(&mut self, call: CallId) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.controller = Controller::Application(Application::default());
        session.application = true;
        let (number, incoming) = (session.call.number, session.call.incoming.clone());
        self.emit(Event::Offered { call, number, incoming });
        self.start_timer(TimerName::Call(call, CallTimer::Application), self.config.application_ms);
        self.touch(call);
    }

    fn answer(&mut self, call: CallId) -> Result<(), Refused> {
        self.require_application(call)?;
        if self.sessions.get(call).is_some_and(|session| session.answered) {
            return Err(Refused::state(format!("{call} is answered already")));
        }
        self.require_come_in(call)?;
        let caller = self.sessions.get(call).and_then(|session| session.caller());
        if caller.is_some_and(|leg| self.is_being_answered(leg)) {
            return Err(Refused::state(format!("{call} is being answered")));
        }
        self.timers.clear(TimerName::Call(call, CallTimer::Application));
        self.answer_caller(call);
        Ok(())
    }

    /// A call that was made from here cannot be answered from here.
    fn require_come_in(&self, call: CallId) -> Result<(), Refused> {
        let caller = self.sessions.get(call).and_then(|session| session.caller());
        match caller.and_then(|leg| self.legs.get(leg)) {
            Some(leg) if !leg.incoming && !leg.is_answered() => {
                Err(Refused::state(format!("{call} is not answered by the far end yet")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn on_application_answered(&mut self, call: CallId) {
        self.timers.clear(TimerName::Call(call, CallTimer::Application));
        self.emit(Event::Answered { call });
        let request = self.sessions.get_mut(call).and_then(|session| session.request.take());
        if let Some(request) = request {
            self.requests.remove(&request);
            self.emit(Event::Done { request, call: Some(call), failed: None });
        }
    }

    fn send_on(&mut self, call: CallId, to: &Target) -> Result<(), Refused> {
        self.require_application(call)?;
        self.require_target(to)?;
        self.require_come_in(call)?;
        self.emit(Event::Sent { call });
        self.fact(Some(call), Fact::Routed { to: to.to_string() });
        self.send(call, to.clone());
        Ok(())
    }

    /// The target exists.
    pub(super) fn require_target(&self, to: &Target) -> Result<(), Refused> {
        let there = match to {
            Target::Flow(name) => self.flows.contains_key(name),
            Target::Queue(name) => self.acd.queue_index(name).is_some(),
            Target::Extension(number) => self.routes.extension(number).is_some(),
            Target::Number(number) => self.routes.outbound(number).is_ok(),
            Target::Conference(name) => self.has_conference(name),
            Target::Application | Target::Agent(_) | Target::Hangup(_) => true,
        };
        if there { Ok(()) } else { Err(Refused::gone(to)) }
    }

    pub(super) fn release(&mut self, call: CallId, cause: Cause) -> Result<(), Refused> {
        if !(1..=127).contains(&cause.q850) {
            let text = format!("{} is no Q.850 cause: use 1 to 127 (16: normal clearing)", cause.q850);
            return Err(Refused::new(Why::Argument, text));
        }
        let session = self.sessions.get(call).ok_or_else(|| Refused::gone(call))?;
        if session.is_ending() {
            return Err(Refused::state(format!("{call} is being released already")));
        }
        self.end_call(call, cause, Party::System);
        Ok(())
    }

    /// Call out from here; the call is the application's when it is answered.
    fn originate(&mut self, request: RequestId, to: &Target, calling: String) -> Result<(), Refused> {
        let destination = match to {
            Target::Extension(number) => self.extension_destination(number),
            Target::Number(number) => self.number_destination(number),
            Target::Flow(_)
            | Target::Queue(_)
            | Target::Conference(_)
            | Target::Application
            | Target::Agent(_)
            | Target::Hangup(_) => {
                return Err(Refused::new(
                    Why::Argument,
                    format!("cannot call {to}: use extension:NUMBER or number:DIGITS"),
                ));
            }
        };
        let destination = destination
            .map_err(|cause| Refused::new(Why::Busy, format!("{to} cannot be called now: {cause}")))?;
        let called = destination.called.clone();
        let incoming = Incoming { called, calling, ..Incoming::default() };
        let call =
            self.new_session(incoming, true).ok_or_else(|| Refused::new(Why::Full, "too many calls"))?;
        self.fact(Some(call), Fact::Originated { to: to.to_string() });
        self.emit(Event::Originated { call, request });
        if let Some(session) = self.sessions.get_mut(call) {
            session.controller = Controller::Application(Application::default());
            session.application = true;
            session.request = Some(request);
        }
        self.requests.insert(request, call);
        self.note_outside(call, to);
        if self.make_leg(call, Role::Caller, destination).is_none() {
            self.end_call(call, Cause::CONGESTION, Party::System);
        }
        self.start_timer(TimerName::Call(call, CallTimer::Application), self.config.extension_ring_ms);
        Ok(())
    }

    fn stop(&mut self, request: RequestId) {
        self.stopping = Stopping::Asked(request);
        let calls: Vec<_> = self.sessions.iter().map(|(call, _)| call).collect();
        for call in calls {
            self.end_call(call, Cause::TEMPORARY_FAILURE, Party::System);
            self.drain_acd();
        }
    }
}

fn not_the_applications(call: CallId) -> Refused {
    Refused::state(format!("{call} is not the application's now"))
}
