//! From a session to its media plan, as a function of its state; and the difference to the last one, sent.

use super::session::{Controller, Session};
use super::{Exchange, Output};
use crate::base::Slab;
use crate::board::ChannelInfo;
use crate::call::{CallId, Fact, Leg, LegId, LegKind, LegState};
use crate::media::{Hear, KeyWatch, LegPlan, Listen, Plan, Recording, Tap, Tone, Transport, diff};
use std::sync::Arc;

/// `CCD_CAPB_DTMF_RX` of the driver contract: the board reports keys itself.
const DTMF_RX: u32 = 10;

impl Exchange {
    /// Bring the plan of a call up to its state.
    pub(super) fn update_plan(&mut self, call: CallId) {
        let Some(session) = self.sessions.get(call) else { return };
        let plan = self.plan_of(session);
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.dirty = false;
        if session.plan == plan {
            return;
        }
        let old = std::mem::replace(&mut session.plan, plan);
        let new = session.plan.clone();
        self.note_recording(call, &new);
        self.outbox.extend(diff(&old, &new).into_iter().map(Output::Media));
    }

    fn note_recording(&mut self, call: CallId, plan: &Plan) {
        let Some(recording) = &plan.recording else { return };
        let Some(state) = self.recordings.get_mut(recording.id) else { return };
        if !std::mem::replace(&mut state.started, true) {
            let path = Arc::clone(&state.path);
            self.fact(Some(call), Fact::RecordingStarted { recording: recording.id.to_bits(), path });
        }
    }

    fn plan_of(&self, session: &Session) -> Plan {
        let Some(caller) = session.caller().and_then(|leg| self.legs.get(leg)) else {
            return Plan::default();
        };
        let hold_music = self.config.hold_music.as_deref();
        match &session.controller {
            Controller::Flow(_) | Controller::Application => self.alone(caller, prompts(session)),
            Controller::Queue => {
                let music = self.acd.queue_of(session.call.id).and_then(|queue| queue.music.clone());
                self.alone(caller, music.map_or(Hear::Nothing, Hear::Music))
            }
            Controller::Dialing(other) => self.dialing(caller, *other),
            Controller::Talking(talk) => {
                let mut plan = pair(&self.legs, caller, talk.other, hold_music, |leg| self.detects(leg));
                plan.recording = self.recording_of(session, caller, talk.other);
                plan
            }
            Controller::Tone(tone, _) => self.alone(caller, Hear::Tone(*tone)),
            Controller::Route | Controller::Answering(_) | Controller::Ending(..) => Plan::default(),
        }
    }

    fn alone(&self, caller: &Leg, hear: Hear) -> Plan {
        let legs = open(caller, hear, self.detects(caller)).into_iter().collect();
        Plan { legs, recording: None }
    }

    /// The caller hears the far end's own ringing if there is any, else ours.
    fn dialing(&self, caller: &Leg, other: LegId) -> Plan {
        match self.legs.get(other) {
            Some(other) if other.has_media() && caller.has_media() => Plan {
                legs: [
                    open(caller, Hear::Channel(other.channel), KeyWatch::Pass),
                    open(other, Hear::Nothing, KeyWatch::Pass),
                ]
                .into_iter()
                .flatten()
                .collect(),
                recording: None,
            },
            _ if caller.is_answered() => self.alone(caller, Hear::Tone(Tone::Ringback)),
            _ => Plan::default(),
        }
    }

    fn recording_of(&self, session: &Session, caller: &Leg, other: LegId) -> Option<Recording> {
        let id = session.recording?;
        let state = self.recordings.get(id)?;
        let other = self.legs.get(other)?;
        let both = caller.is_answered() && other.is_answered();
        (both || state.started).then(|| Recording {
            id,
            left: Tap::said(caller.channel),
            right: Some(Tap::said(other.channel)),
            path: Arc::clone(&state.path),
            is_masked: false,
        })
    }

    /// Whether keys must be listened for in the audio of this leg.
    fn detects(&self, leg: &Leg) -> KeyWatch {
        let reported =
            |channel: &super::boards::Channel| ChannelInfo::can(&channel.info, DTMF_RX) && !leg.inband_digits;
        match self.boards.channel(leg.channel) {
            Some(channel) if !reported(channel) => KeyWatch::Report,
            _ => KeyWatch::Pass,
        }
    }
}

fn prompts(session: &Session) -> Hear {
    match &session.play {
        Some((play, names)) => {
            Hear::Prompts { play: *play, names: Arc::clone(names), transport: Transport::default() }
        }
        None => Hear::Nothing,
    }
}

/// A leg's part of a plan, if it has audio.
fn open(leg: &Leg, hear: Hear, keys: KeyWatch) -> Option<LegPlan> {
    leg.has_media().then(|| LegPlan { listen: Listen { keys }, ..LegPlan::new(leg.channel, hear) })
}

/// Two parties hear each other; one whom the other has put on hold hears music.
fn pair(
    legs: &Slab<LegKind, Leg>,
    caller: &Leg,
    other: LegId,
    hold_music: Option<&str>,
    detects: impl Fn(&Leg) -> KeyWatch,
) -> Plan {
    let Some(other) = legs.get(other) else { return Plan::default() };
    let hears = |speaker: &Leg| match speaker.state {
        LegState::Hold => hold_music.map_or(Hear::Nothing, |music| Hear::Music(music.into())),
        LegState::Connected | LegState::Queued | LegState::Alerting { inband: true } => {
            Hear::Channel(speaker.channel)
        }
        LegState::Initiated
        | LegState::Alerting { inband: false }
        | LegState::Failed { .. }
        | LegState::Releasing { .. } => Hear::Nothing,
    };
    let parts = [open(caller, hears(other), detects(caller)), open(other, hears(caller), detects(other))];
    Plan { legs: parts.into_iter().flatten().collect(), recording: None }
}
