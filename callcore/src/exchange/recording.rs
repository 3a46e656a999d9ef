//! Recordings, by policy and on demand: begun, ended, completed. A call has one at a time, and it lasts no longer than the
//! call is where it was when it began.

use super::command::{RecordOptions, Recorded};
use super::consult::Consultation;
use super::event::RecordEnd;
use super::session::{Controller, Session};
use super::{Event, Exchange, RecordingOutcome, RequestId};
use crate::base::{Refused, Why};
use crate::board::Digit;
use crate::call::{CallId, CallTimer, Fact, Leg, LegId, TimerName};
use crate::media::scene::Participation;
use crate::media::{Heard, Listens, Plan, Recording, RecordingId, Sound, Tap};
use crate::record::name::About;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// How long the recorder may take to close a file after the last leg is gone, in milliseconds.
const COMPLETION_MS: u64 = 30_000;
/// Longest recordings that can be asked for, in milliseconds.
const LENGTH_MS: RangeInclusive<u64> = 100..=86_400_000;
/// Silences that can end a recording, in milliseconds; a line's own sense for silence has a minute.
const SILENCE_MS: RangeInclusive<u32> = 500..=60_000;

/// A recording from its plan to its completion.
#[derive(Debug)]
pub(super) struct RecordingState {
    pub(super) call: CallId,
    path: Arc<str>,
    /// Whether the media engine was told to record.
    started: bool,
    /// Silence is recorded.
    pub(super) is_masked: bool,
    /// Who asked for it; nobody, if the policy wants it.
    demand: Option<Demand>,
    /// Why it ended, as soon as it has.
    end: RecordEnd,
}

#[derive(Debug)]
struct Demand {
    request: RequestId,
    options: RecordOptions,
}

impl RecordingState {
    pub(super) fn request(&self) -> Option<RequestId> {
        self.demand.as_ref().map(|demand| demand.request)
    }
}

impl RecordOptions {
    fn check(&self, is_alone: bool) -> Result<(), Refused> {
        let wrong = |text: String| Err(Refused::new(Why::Argument, text));
        match (self.max_ms, self.silence_ms) {
            (Some(ms), _) if !LENGTH_MS.contains(&ms) => {
                let (least, most) = (LENGTH_MS.start(), LENGTH_MS.end());
                wrong(format!("max_ms: a recording cannot last {ms} ms: use {least} to {most}"))
            }
            (_, Some(ms)) if !SILENCE_MS.contains(&ms) => {
                let (least, most) = (SILENCE_MS.start(), SILENCE_MS.end());
                wrong(format!("silence_ms: {ms} ms of silence cannot end a recording: use {least} to {most}"))
            }
            (_, Some(_)) if !is_alone => {
                wrong("silence_ms: silence ends the recording of a caller who is alone, not of a talk or a conference".into())
            }
            _ => Ok(()),
        }
    }
}

impl Exchange {
    /// Plan a recording of two parties, if the policy wants one.
    pub(super) fn begin_recording(&mut self, call: CallId, other: LegId, agent: Option<&str>) {
        if !self.config.recording.wants(self.is_internal(call, Some(other), agent), agent.is_some()) {
            return;
        }
        let path = self.recording_path(call, Some(other), agent, None);
        if self.plan_recording(call, path, None).is_none() {
            self.counters.recordings_refused += 1;
        }
    }

    /// A call on a line that is listened to begins.
    pub(super) fn monitor(&mut self, call: CallId) {
        if let Some(session) = self.sessions.get_mut(call) {
            session.controller = Controller::Monitored;
        }
    }

    /// Plan a recording of what a caller says and hears who is with no other party: on a line that is listened to, or in a
    /// conference.
    pub(super) fn begin_recording_of_caller(&mut self, call: CallId) {
        if !self.config.recording.wants(self.is_internal(call, None, None), false) {
            return;
        }
        let path = self.recording_path(call, None, None, None);
        if self.plan_recording(call, path, None).is_none() {
            self.counters.recordings_refused += 1;
        }
    }

    /// Whether nobody from outside has a part in a call.
    fn is_internal(&self, call: CallId, other: Option<LegId>, agent: Option<&str>) -> bool {
        let caller = self.sessions.get(call).and_then(Session::caller);
        let is_ours = |leg| self.legs.get(leg).is_some_and(|leg| leg.extension.is_some());
        agent.is_none() && caller.is_some_and(is_ours) && other.is_none_or(is_ours)
    }

    fn recording_path(
        &self,
        call: CallId,
        other: Option<LegId>,
        agent: Option<&str>,
        options: Option<&RecordOptions>,
    ) -> Arc<str> {
        let session = self.sessions.get(call);
        let incoming = session.map(|session| &session.call.incoming);
        let number = other.and_then(|leg| self.legs.get(leg)).map_or("", |leg| leg.number.as_str());
        let about = About {
            at: self.zone.civil(self.now.wall),
            ani: incoming.map_or("", |incoming| &incoming.calling),
            dnis: incoming.map_or("", |incoming| &incoming.called),
            agent: agent.unwrap_or(number),
            queue: "",
            call: session.map_or(0, |session| session.call.number),
        };
        let name = options.and_then(|options| options.name.as_ref()).unwrap_or(&self.config.recording.name);
        name.path(&about).into()
    }

    fn plan_recording(
        &mut self,
        call: CallId,
        path: Arc<str>,
        demand: Option<Demand>,
    ) -> Option<RecordingId> {
        let end = RecordEnd::Ended;
        let state = |_| RecordingState { call, path, started: false, is_masked: false, demand, end };
        let recording = self.recordings.insert(state)?;
        self.sessions.get_mut(call)?.recording = Some(recording);
        self.touch(call);
        Some(recording)
    }

    /// Record a caller who is alone with the application or in a conference, or a talk.
    pub(super) fn record(
        &mut self,
        request: RequestId,
        call: CallId,
        options: RecordOptions,
    ) -> Result<(), Refused> {
        let at = self.talk_or_self(call);
        let session = self.session(at)?;
        let other = match &session.controller {
            Controller::Talking(talk) => Some(talk.other),
            Controller::Application(_) | Controller::Conference(_) => None,
            _ => {
                let text = format!("{call} is neither the application's nor in a talk or a conference");
                return Err(Refused::state(text));
            }
        };
        let is_alone = matches!(session.controller, Controller::Application(_));
        if session.recording.is_some() {
            return Err(Refused::state(format!("{call} is recorded already: stop that recording first")));
        }
        let caller = session.caller();
        let is_there = |leg| self.legs.get(leg).is_some_and(Leg::is_answered);
        if !caller.is_some_and(is_there) || !other.is_none_or(is_there) {
            return Err(Refused::state(format!("{call} is not answered yet")));
        }
        options.check(is_alone)?;
        let agent = self.acd.agent_of(at).map(|agent| Arc::clone(&agent.id));
        if !self.config.recording.allows(self.is_internal(at, other, agent.as_deref())) {
            return Err(Refused::state(format!("the policy is never to record calls such as {call}")));
        }
        let path = self.recording_path(at, other, agent.as_deref(), Some(&options));
        let max_ms = options.max_ms;
        if self.plan_recording(at, path, Some(Demand { request, options })).is_none() {
            return Err(Refused::new(Why::Full, "too many recordings: wait until some are complete"));
        }
        if let Some(max_ms) = max_ms {
            self.start_timer(TimerName::Call(at, CallTimer::RecordLimit), max_ms);
        }
        self.requests.insert(request, at);
        Ok(())
    }

    pub(super) fn stop_record(&mut self, call: CallId) -> Result<(), Refused> {
        let at = self.talk_or_self(call);
        let recording = self.session(at)?.recording.and_then(|id| self.recordings.get(id));
        match recording.map(RecordingState::request) {
            Some(Some(_)) => self.stop_recording(at, RecordEnd::Stopped),
            Some(None) => {
                return Err(Refused::state(format!("{call} is recorded because the policy says so")));
            }
            None => return Err(Refused::state(format!("{call} is not recorded"))),
        }
        Ok(())
    }

    /// The recording of a call is over, if it has one; it completes later.
    pub(super) fn stop_recording(&mut self, call: CallId, end: RecordEnd) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        let Some(id) = session.recording.take() else { return };
        match self.recordings.get_mut(id) {
            Some(state) if state.started => {
                state.end = end;
                session.closing.push(id);
            }
            _ => drop(self.recordings.remove(id)),
        }
        self.clear_record_timers(call);
        self.touch(call);
    }

    fn clear_record_timers(&mut self, call: CallId) {
        for timer in [CallTimer::RecordLimit, CallTimer::RecordSilence] {
            self.timers.clear(TimerName::Call(call, timer));
        }
    }

    /// A key ends a recording: true if it did, and is no key for anything else.
    pub(super) fn ends_recording(&mut self, call: CallId, digit: Digit) -> bool {
        let at = self.talk_or_self(call);
        let ends = self.demand_of(at).is_some_and(|demand| demand.options.keys.contains(digit));
        if ends {
            self.stop_recording(at, RecordEnd::Key(digit));
        }
        ends
    }

    fn demand_of(&self, call: CallId) -> Option<&Demand> {
        self.recordings.get(self.sessions.get(call)?.recording?)?.demand.as_ref()
    }

    /// What must be heard of a caller so that silence can end the recording.
    pub(super) fn with_record_listens(&self, session: &Session) -> Listens {
        let sounds = session.sounds[0];
        let Some(silence_ms) = self.demand_of(session.call.id).and_then(|demand| demand.options.silence_ms)
        else {
            return sounds;
        };
        sounds.with_silence(silence_ms)
    }

    /// The caller has fallen silent, or speaks.
    pub(super) fn follow_record_silence(&mut self, call: CallId, heard: Heard) {
        let Some(silence_ms) = self.demand_of(call).and_then(|demand| demand.options.silence_ms) else {
            return;
        };
        let timer = TimerName::Call(call, CallTimer::RecordSilence);
        match heard {
            Heard::SilenceBegan { after_ms, .. } => {
                self.start_timer(timer, silence_ms.saturating_sub(after_ms).into());
            }
            Heard::VoiceBegan { .. } => {
                self.timers.clear(timer);
            }
            _ => {}
        }
    }

    pub(super) fn mask_recording(&mut self, call: CallId, on: bool) -> Result<(), Refused> {
        let at = self.talk_or_self(call);
        let id = self.session(at)?.recording;
        let Some((id, state)) = id.and_then(|id| Some((id, self.recordings.get_mut(id)?))) else {
            return Err(Refused::state(format!("{call} is not recorded")));
        };
        if std::mem::replace(&mut state.is_masked, on) != on {
            self.fact(Some(at), Fact::RecordingMasked { recording: id.to_bits(), on });
            self.touch(at);
        }
        Ok(())
    }

    /// The recording's part of a plan.
    pub(super) fn recording_of(
        &self,
        session: &Session,
        caller: &Leg,
        other: Option<&Leg>,
    ) -> Option<Recording> {
        let id = session.recording?;
        let state = self.recordings.get(id)?;
        let is_there = caller.is_answered() && other.is_none_or(Leg::is_answered);
        let who = match (&session.controller, &state.demand) {
            // whoever is on the line is on its wires
            (Controller::Monitored, _) => Recorded::Said,
            (_, Some(demand)) => demand.options.who,
            (_, None) => Recorded::Both,
        };
        let said = Tap::said(caller.channel);
        let heard = Tap { channel: caller.channel, of: Sound::Heard };
        let (left, right) = match who {
            Recorded::Said => (said, None),
            Recorded::Heard => (heard, None),
            Recorded::Both => {
                let alone = other.filter(|_| !self.is_third_heard(session));
                (said, Some(alone.map_or(heard, |other| Tap::said(other.channel))))
            }
        };
        (is_there || state.started).then(|| Recording {
            id,
            left,
            right,
            path: Arc::clone(&state.path),
            is_masked: state.is_masked,
        })
    }

    /// Whether the caller of a talk hears a third party besides the other.
    fn is_third_heard(&self, session: &Session) -> bool {
        let Controller::Talking(talk) = &session.controller else { return false };
        let barges = talk.supervisor.is_some_and(|supervisor| supervisor.how == Participation::Barge);
        let meets = talk.consultation.as_ref().is_some_and(Consultation::is_conference);
        meets || (barges && talk.consultation.is_none() && talk.held_by.is_none())
    }

    /// A plan has a recording: the first time, it begins.
    pub(super) fn note_recording(&mut self, call: CallId, plan: &Plan) {
        let Some(recording) = &plan.recording else { return };
        let Some(state) = self.recordings.get_mut(recording.id) else { return };
        if !std::mem::replace(&mut state.started, true) {
            let (path, request) = (Arc::clone(&state.path), state.request());
            let started =
                Fact::RecordingStarted { recording: recording.id.to_bits(), path: Arc::clone(&path) };
            self.fact(Some(call), started);
            self.emit(Event::RecordingStarted { call, request, path });
        }
    }

    pub(super) fn on_recording_completed(&mut self, id: RecordingId, outcome: RecordingOutcome) {
        if !self.recordings.get(id).is_some_and(|state| state.started) {
            return;
        }
        let Some(state) = self.recordings.remove(id) else { return };
        let (call, request, recording) = (state.call, state.request(), id.to_bits());
        let path = state.path;
        let (fact, event) = match outcome {
            RecordingOutcome::Complete { duration_ms } => (
                Fact::RecordingCompleted { recording, duration_ms },
                Event::RecordingCompleted { call, request, path, duration_ms, end: state.end },
            ),
            RecordingOutcome::Failed { text } => (
                Fact::RecordingFailed { recording, text: text.clone() },
                Event::RecordingFailed { call, request, path, text },
            ),
        };
        self.fact(Some(call), fact);
        self.emit(event);
        request.and_then(|request| self.requests.remove(&request));
        if let Some(session) = self.sessions.get_mut(call) {
            session.closing.retain(|other| *other != id);
            if session.recording == Some(id) {
                session.recording = None;
                self.clear_record_timers(call);
            }
        }
        // a file that failed while the parties talk is not planned any more
        self.touch(call);
        self.over.push(call);
    }

    /// Whether files of a call are still being closed; they may take a while.
    pub(super) fn waits_for_recorder(&mut self, call: CallId) -> bool {
        let waits = self.sessions.get(call).is_some_and(|session| !session.closing.is_empty());
        if waits {
            self.start_timer(TimerName::Call(call, CallTimer::Completion), COMPLETION_MS);
        }
        waits
    }

    /// The recorder never said that the files are closed.
    pub(super) fn on_completion_overdue(&mut self, call: CallId) {
        let closing = self.sessions.get(call).map(|session| session.closing.clone()).unwrap_or_default();
        for recording in closing {
            let text = "the recorder did not report the end of the file".to_owned();
            self.on_recording_completed(recording, RecordingOutcome::Failed { text });
        }
    }
}
