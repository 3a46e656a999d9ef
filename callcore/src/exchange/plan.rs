//! From a session to its media plan, as a function of its state; and the difference to the last one, sent.

use super::application::Application;
use super::consult::Consultation;
use super::session::{Controller, Session, Talk};
use super::{Exchange, Output};
use crate::board::ChannelInfo;
use crate::call::{CallId, Leg, LegId, LegState, Side};
use crate::media::{Hear, KeyWatch, LegPlan, Levels, Listen, Listens, Plan, Tone, diff};
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

    fn plan_of(&self, session: &Session) -> Plan {
        let Some(caller) = session.caller().and_then(|leg| self.legs.get(leg)) else {
            return Plan::default();
        };
        match &session.controller {
            Controller::Flow(_) => self.alone(session, caller, prompts(session)),
            Controller::Application(application) => self.with_program(session, caller, application),
            Controller::Conference(attendance) => {
                let hear = self.conference_part(attendance);
                let mut plan = self.alone(session, caller, hear);
                plan.legs.iter_mut().for_each(|leg| leg.levels.is_muted = attendance.is_muted);
                plan.recording = self.recording_of(session, caller, None);
                plan
            }
            Controller::Queue => {
                let music = self.acd.queue_of(session.call.id).and_then(|queue| queue.music.clone());
                self.alone(session, caller, music.map_or(Hear::Nothing, Hear::Music))
            }
            Controller::Monitored => {
                let plan = self.alone(session, caller, Hear::Nothing);
                Plan { recording: self.recording_of(session, caller, None), ..plan }
            }
            Controller::Dialing(other) => self.dialing(session, caller, *other),
            Controller::Returning => self.alone(session, caller, music_of(self.config.hold_music.as_deref())),
            Controller::Talking(talk) => self.talking(session, caller, talk),
            Controller::Joined(lead) => self.joined(session, caller, *lead),
            Controller::Supervising(lead) => {
                let scene = self.scene_of(*lead).map(|(scene, _)| scene).unwrap_or_default();
                self.alone(session, caller, heard_in(&scene, caller))
            }
            Controller::Tone(tone, _) => self.alone(session, caller, Hear::Tone(*tone)),
            Controller::Route | Controller::Answering(_) | Controller::Ending(..) => Plan::default(),
        }
    }

    fn alone(&self, session: &Session, caller: &Leg, hear: Hear) -> Plan {
        let sounds = self.with_record_listens(session);
        let is_heard = session.recording.is_some()
            || session.audio.is_some()
            || matches!(session.controller, Controller::Conference(_) | Controller::Supervising(_));
        let keys = self.key_watch(caller, is_heard && self.config.blank_keys);
        let listen = self.listen_to_leg(caller, keys, sounds);
        let leg = open(caller, hear, listen).map(|leg| LegPlan { levels: session.gains[0], ..leg });
        Plan { legs: leg.into_iter().collect(), recording: None }
    }

    /// The application's caller: prompts while they last, else the program's own audio, else music after a talk.
    fn with_program(&self, session: &Session, caller: &Leg, application: &Application) -> Plan {
        let is_there = caller.has_media() && caller.is_answered();
        let port = session.audio.filter(|_| is_there);
        let hear = match port {
            _ if session.play.is_some() => prompts(session),
            Some(port) => Hear::Channel(port),
            None if application.hears_music => music_of(self.config.hold_music.as_deref()),
            None => Hear::Nothing,
        };
        let mut plan = self.alone(session, caller, hear);
        plan.legs.extend(port.map(|port| LegPlan::new(port, Hear::Channel(caller.channel))));
        plan.recording = self.recording_of(session, caller, None);
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
                    )
                    .map(|leg| LegPlan { levels: session.gains[0], ..leg }),
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

    /// Two parties hear each other; one whom the other has put on hold hears music. Of two joined calls each has its own
    /// party in its plan.
    fn talking(&self, session: &Session, caller: &Leg, talk: &Talk) -> Plan {
        let Some(other) = self.legs.get(talk.other) else { return Plan::default() };
        let scene = self.scene(caller, other, talk);
        let own = [(caller, Side::Left), (other, Side::Right)];
        let own = own.into_iter().filter(|(leg, _)| leg.call == session.call.id);
        let third = talk.consultation.as_ref().and_then(Consultation::third);
        let third = third.and_then(|leg| self.legs.get(leg));
        let third = third.and_then(|leg| self.party(leg, &scene, Listens::default(), Levels::default()));
        let legs = own.filter_map(|(leg, side)| {
            let at = side.index();
            let levels = Levels { is_muted: talk.is_muted[at], ..session.gains[at] };
            self.party(leg, &scene, session.sounds[at], levels)
        });
        Plan { legs: legs.chain(third).collect(), recording: self.recording_of(session, caller, Some(other)) }
    }

    /// The other party of a talk that another call has.
    fn joined(&self, session: &Session, caller: &Leg, lead: CallId) -> Plan {
        let Some((scene, talk)) = self.scene_of(lead) else { return Plan::default() };
        let levels = Levels { is_muted: talk.is_muted[Side::Right.index()], ..session.gains[0] };
        let party = self.party(caller, &scene, session.sounds[0], levels);
        Plan { legs: party.into_iter().collect(), recording: None }
    }

    /// A leg's part in a talk.
    fn party(&self, leg: &Leg, scene: &Plan, sounds: Listens, levels: Levels) -> Option<LegPlan> {
        let keys = self.key_watch(leg, self.config.blank_keys);
        let listen = self.listen_to_leg(leg, keys, self.talk_sounds(sounds));
        open(leg, heard_in(scene, leg), listen).map(|part| LegPlan { levels, ..part })
    }

    /// Who hears whom in the talk of a call.
    fn scene_of(&self, lead: CallId) -> Option<(Plan, &Talk)> {
        let session = self.sessions.get(lead)?;
        let Controller::Talking(talk) = &session.controller else { return None };
        let caller = session.caller().and_then(|leg| self.legs.get(leg))?;
        Some((self.scene(caller, self.legs.get(talk.other)?, talk), talk))
    }

    fn scene(&self, left: &Leg, right: &Leg, talk: &Talk) -> Plan {
        let mut scene = self.scene_of_parties(left, right, talk);
        let parties = [left.channel, right.channel];
        let warned = scene.legs.iter_mut().filter(|part| talk.is_warned && parties.contains(&part.channel));
        warned.for_each(|part| part.hear = Hear::Tone(Tone::CallWaiting));
        scene
    }

    fn scene_of_parties(&self, left: &Leg, right: &Leg, talk: &Talk) -> Plan {
        let music = self.config.hold_music.as_deref();
        let channels = [left.channel, right.channel];
        if let Some(consultation) = &talk.consultation {
            let third = consultation.third().and_then(|leg| self.legs.get(leg));
            return consultation.scene(channels, third, music);
        }
        match talk.held_by {
            Some(Side::Left) => return Plan::hold(right.channel, left.channel, music),
            Some(Side::Right) => return Plan::hold(left.channel, right.channel, music),
            None => {}
        }
        let both_there = [left, right].iter().all(|leg| leg.state == LegState::Connected);
        let supervisor = talk.supervisor.filter(|_| both_there).and_then(|supervisor| {
            let leg = self.sessions.get(supervisor.call)?.caller()?;
            Some((supervisor, self.legs.get(leg)?.channel))
        });
        if let Some((supervisor, channel)) = supervisor {
            return Plan::supervised(supervisor.scene(channels, channel), supervisor.how);
        }
        let mut scene = Plan::talk(left.channel, right.channel);
        for (part, speaker) in scene.legs.iter_mut().zip([right, left]) {
            part.hear = heard_of(speaker, music);
        }
        scene
    }

    /// What is listened for in a talk: what the application wants, and silence that lasts.
    fn talk_sounds(&self, sounds: Listens) -> Listens {
        match self.config.long_silence_ms {
            0 => sounds,
            silence_ms => sounds.with_silence(silence_ms),
        }
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

/// What a leg hears in a scene; nothing, if it is not in it.
fn heard_in(scene: &Plan, leg: &Leg) -> Hear {
    scene.leg(leg.channel).map_or(Hear::Nothing, |part| part.hear.clone())
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
