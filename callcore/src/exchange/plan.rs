//! From a session to its media plan, as a function of its state; and the difference to the last one, sent.

use super::session::{Controller, Session, Talk};
use super::{Exchange, Output};
use crate::board::ChannelInfo;
use crate::call::{CallId, Fact, Leg, LegId, LegState, Side};
use crate::media::{
    Hear, KeyWatch, LegPlan, Levels, Listen, Listens, Plan, Recording, Tap, Tone, VoiceSettings, diff,
};
use std::sync::Arc;

/// `CCD_CAPB_DTMF_RX` of the driver contract: the board reports keys itself.
pub(super) const DTMF_RX: u32 = 10;

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
        match &session.controller {
            Controller::Flow(_) => self.alone(session, caller, prompts(session)),
            Controller::Application => self.with_program(session, caller),
            Controller::Conference(attendance) => {
                let (hear, levels) = self.conference_part(attendance);
                let mut plan = self.alone(session, caller, hear);
                plan.legs.iter_mut().for_each(|leg| leg.levels = levels);
                plan
            }
            Controller::Queue => {
                let music = self.acd.queue_of(session.call.id).and_then(|queue| queue.music.clone());
                self.alone(session, caller, music.map_or(Hear::Nothing, Hear::Music))
            }
            Controller::Dialing(other) => self.dialing(session, caller, *other),
            Controller::Talking(talk) => self.talking(session, caller, talk),
            Controller::Tone(tone, _) => self.alone(session, caller, Hear::Tone(*tone)),
            Controller::Route | Controller::Answering(_) | Controller::Ending(..) => Plan::default(),
        }
    }

    fn alone(&self, session: &Session, caller: &Leg, hear: Hear) -> Plan {
        let listen = self.listen_to_leg(caller, self.key_watch(caller, false), session.sounds[0]);
        Plan { legs: open(caller, hear, listen).into_iter().collect(), recording: None }
    }

    /// The application's caller: prompts while they last, else the program's own audio.
    fn with_program(&self, session: &Session, caller: &Leg) -> Plan {
        let Some(port) = session.audio.filter(|_| caller.has_media() && caller.is_answered()) else {
            return self.alone(session, caller, prompts(session));
        };
        let hear = if session.play.is_some() { prompts(session) } else { Hear::Channel(port) };
        let mut plan = self.alone(session, caller, hear);
        plan.legs.push(LegPlan::new(port, Hear::Channel(caller.channel)));
        plan
    }

    /// The caller hears the far end's own ringing if there is any, else ours.
    fn dialing(&self, session: &Session, caller: &Leg, other: LegId) -> Plan {
        match self.legs.get(other) {
            Some(other) if other.has_media() && caller.has_media() => Plan {
                legs: [
                    open(
                        caller,
                        Hear::Channel(other.channel),
                        self.listen_to_leg(caller, KeyWatch::Pass, Listens::default()),
                    ),
                    open(other, Hear::Nothing, self.listen_to_leg(other, KeyWatch::Pass, session.sounds[1])),
                ]
                .into_iter()
                .flatten()
                .collect(),
                recording: None,
            },
            _ if caller.is_answered() => self.alone(session, caller, Hear::Tone(Tone::Ringback)),
            _ => Plan::default(),
        }
    }

    /// Two parties hear each other; one whom the other has put on hold hears music.
    fn talking(&self, session: &Session, caller: &Leg, talk: &Talk) -> Plan {
        let Some(other) = self.legs.get(talk.other) else { return Plan::default() };
        let music = self.config.hold_music.as_deref();
        let part = |leg: &Leg, speaker: &Leg, own: Side| {
            let hear = match talk.held_by {
                Some(holder) if holder == own => Hear::Nothing,
                Some(_) => music_of(music),
                None => heard_of(speaker, music),
            };
            let side = own.index();
            let keys = self.key_watch(leg, self.config.blank_keys);
            let listen = self.listen_to_leg(leg, keys, self.talk_sounds(session, side));
            let levels = Levels { is_muted: talk.is_muted[side], ..Levels::default() };
            open(leg, hear, listen).map(|part| LegPlan { levels, ..part })
        };
        let parts = [part(caller, other, Side::Left), part(other, caller, Side::Right)];
        let recording = self.recording_of(session, caller, talk.other);
        Plan { legs: parts.into_iter().flatten().collect(), recording }
    }

    /// What is listened for in a talk: what the application wants, and silence that lasts.
    fn talk_sounds(&self, session: &Session, side: usize) -> Listens {
        let sounds = session.sounds[side];
        let silence_ms = self.config.long_silence_ms;
        let wanted = (silence_ms > 0).then(|| VoiceSettings { silence_ms, ..VoiceSettings::default() });
        Listens { voice: sounds.voice.or(wanted), ..sounds }
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
            is_masked: session.is_masked,
        })
    }

    /// What is listened for in the audio of this leg, with what its line must hear.
    fn listen_to_leg(&self, leg: &Leg, keys: KeyWatch, sounds: Listens) -> Listen {
        Listen { keys, sounds: self.with_line_listens(leg.channel, sounds) }
    }

    /// What becomes of keys in the audio of this leg.
    fn key_watch(&self, leg: &Leg, blank: bool) -> KeyWatch {
        let reported =
            |channel: &super::boards::Channel| ChannelInfo::can(&channel.info, DTMF_RX) && !leg.inband_digits;
        match self.boards.channel(leg.channel) {
            Some(channel) if !reported(channel) && blank => KeyWatch::Blank,
            Some(channel) if !reported(channel) => KeyWatch::Report,
            _ => KeyWatch::Pass,
        }
    }
}

fn prompts(session: &Session) -> Hear {
    match &session.play {
        Some((play, names)) => Hear::Prompts {
            play: *play,
            names: Arc::clone(names),
            language: session.prompt_language(),
            transport: session.transport,
        },
        None => Hear::Nothing,
    }
}

fn music_of(music: Option<&str>) -> Hear {
    music.map_or(Hear::Nothing, |music| Hear::Music(music.into()))
}

/// What is heard of a party by the other.
fn heard_of(speaker: &Leg, music: Option<&str>) -> Hear {
    match speaker.state {
        LegState::Hold => music_of(music),
        LegState::Connected | LegState::Queued | LegState::Alerting { inband: true } => {
            Hear::Channel(speaker.channel)
        }
        LegState::Initiated
        | LegState::Alerting { inband: false }
        | LegState::Failed { .. }
        | LegState::Releasing { .. } => Hear::Nothing,
    }
}

/// A leg's part of a plan, if it has audio.
fn open(leg: &Leg, hear: Hear, listen: Listen) -> Option<LegPlan> {
    leg.has_media().then(|| LegPlan { listen, ..LegPlan::new(leg.channel, hear) })
}
