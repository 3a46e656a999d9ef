//! What may be done to a talk and to what is played: hold, mute, mask, pause and wind, listen.

use super::session::{Controller, Session, Talk};
use super::{Event, Exchange, Output};
use crate::base::{Refused, Why};
use crate::board::ChannelId;
use crate::call::{CallId, Fact, Side};
use crate::media::{Hear, Heard, Jump, Levels, Listens, MediaCommand, PlayId, Transport};
use serde::{Deserialize, Serialize};

/// What is to happen to what a caller hears of prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlayControl {
    /// Stand still.
    Pause,
    /// Go on.
    Resume,
    /// Go on elsewhere: repeat, forward, back.
    Jump(Jump),
    /// Go on at so many percent of the speed, [`Transport::SPEED_PERCENT`]; the pitch stays.
    Speed(u16),
}

impl PlayControl {
    fn apply(self, transport: &mut Transport) -> Result<(), Refused> {
        match self {
            Self::Pause => transport.is_paused = true,
            Self::Resume => transport.is_paused = false,
            Self::Jump(jump) => (transport.jumps, transport.jump) = (transport.jumps + 1, jump),
            Self::Speed(percent) if Transport::SPEED_PERCENT.contains(&percent) => {
                transport.speed_percent = percent
            }
            Self::Speed(percent) => {
                let range = Transport::SPEED_PERCENT;
                let text = format!("{percent} % is no speed: use {} to {}", range.start(), range.end());
                return Err(Refused::new(Why::Argument, text));
            }
        }
        Ok(())
    }
}

impl Exchange {
    pub(super) fn session(&mut self, call: CallId) -> Result<&mut Session, Refused> {
        self.sessions.get_mut(call).ok_or_else(|| Refused::gone(call))
    }

    /// The talk that a call has.
    pub(super) fn talk(&mut self, lead: CallId) -> Result<&mut Talk, Refused> {
        match &mut self.session(lead)?.controller {
            Controller::Talking(talk) => Ok(talk),
            _ => Err(Refused::state(format!("{lead} has no two parties who talk"))),
        }
    }

    pub(super) fn control_play(&mut self, call: CallId, control: PlayControl) -> Result<(), Refused> {
        let session = self.session(call)?;
        if session.play.is_none() {
            return Err(Refused::state(format!("{call} hears no prompt now")));
        }
        control.apply(&mut session.transport)?;
        self.touch(call);
        Ok(())
    }

    pub(super) fn mute(&mut self, call: CallId, party: Side, on: bool) -> Result<(), Refused> {
        let (at, party) = match self.talk_of(call) {
            Ok((lead, own)) => (lead, party.seen_from(own)),
            Err(_) => (call, party),
        };
        let is_muted = match &mut self.session(at)?.controller {
            Controller::Talking(talk) => &mut talk.is_muted[party.index()],
            Controller::Conference(attendance) if party == Side::Left => &mut attendance.is_muted,
            _ => return Err(Refused::state(format!("{call} has no such party who talks"))),
        };
        if std::mem::replace(is_muted, on) != on {
            self.fact(Some(at), Fact::Muted { party, on });
            self.touch(at);
        }
        Ok(())
    }

    /// One party holds the other, who hears music and nothing of what the holder says.
    pub(super) fn hold(&mut self, call: CallId, by: Side, on: bool) -> Result<(), Refused> {
        let (lead, own) = self.talk_of(call)?;
        let by = by.seen_from(own);
        let talk = self.talk(lead)?;
        if talk.consultation.is_some() {
            return Err(Refused::state(format!("{call} has a party who asks a third one")));
        }
        match (talk.held_by, on) {
            (Some(holder), true) if holder != by => {
                return Err(Refused::state(format!("{call} is held by the other party already")));
            }
            (Some(holder), false) if holder != by => {
                return Err(Refused::state(format!("{call} is held by the other party")));
            }
            (Some(_), true) | (None, false) => return Ok(()),
            (Some(_), false) => talk.held_by = None,
            (None, true) => talk.held_by = Some(by),
        }
        self.fact(Some(lead), if on { Fact::Held { by } } else { Fact::Retrieved { by } });
        self.touch(lead);
        Ok(())
    }

    /// Each caller's sounds are its own call's matter.
    pub(super) fn listen_to(&mut self, call: CallId, party: Side, sounds: Listens) -> Result<(), Refused> {
        let (call, party) = self.whose(call, party)?;
        self.session(call)?.sounds[party.index()] = sounds;
        self.touch(call);
        Ok(())
    }

    /// So is how loud it is; the other party's lasts as long as the talk.
    pub(super) fn set_gain(&mut self, call: CallId, party: Side, gain: Levels) -> Result<(), Refused> {
        for (name, db) in [("said_db", gain.said_db), ("heard_db", gain.heard_db)] {
            if !Levels::DB.contains(&db) {
                let (least, most) = (Levels::DB.start(), Levels::DB.end());
                let text = format!("{name}: {db} dB cannot be: use {least} to {most}");
                return Err(Refused::new(Why::Argument, text));
            }
        }
        let (call, party) = self.whose(call, party)?;
        let session = self.session(call)?;
        if party == Side::Right && !matches!(session.controller, Controller::Talking(_)) {
            return Err(Refused::state(format!("{call} has no such party who talks")));
        }
        session.gains[party.index()] = gain;
        self.touch(call);
        Ok(())
    }

    /// The call and the side of a party: of two joined calls, each has its own caller.
    fn whose(&mut self, call: CallId, party: Side) -> Result<(CallId, Side), Refused> {
        let peer = match &self.session(call)?.controller {
            Controller::Talking(talk) => talk.bridge.map(|bridge| bridge.peer),
            Controller::Joined(lead) => Some(*lead),
            _ => None,
        };
        Ok(match peer {
            Some(peer) if party == Side::Right => (peer, Side::Left),
            _ => (call, party),
        })
    }

    /// The caller hears and speaks to a channel of the program's own, or no more.
    pub(super) fn connect_audio(&mut self, call: CallId, port: Option<ChannelId>) -> Result<(), Refused> {
        self.require_application(call)?;
        let is_used = |(id, session): (CallId, &Session)| {
            id != call && session.audio.is_some() && session.audio == port
        };
        if self.sessions.iter().any(is_used) {
            return Err(Refused::new(
                Why::Busy,
                "the audio port is connected to another call: disconnect it first",
            ));
        }
        self.session(call)?.audio = port;
        self.touch(call);
        Ok(())
    }

    /// A port is closed: who was connected with it hears nothing of whoever has it next.
    pub(super) fn on_audio_closed(&mut self, port: ChannelId) {
        let connected = self.sessions.iter().find(|(_, session)| session.audio == Some(port));
        if let Some(call) = connected.map(|(call, _)| call) {
            if let Some(session) = self.sessions.get_mut(call) {
                session.audio = None;
            }
            self.update_plan(call);
        }
        self.outbox.push_back(Output::Media(MediaCommand::FreePort { channel: port }));
    }

    /// Prompts that had to be made are there: the channel is told once more what it is to hear.
    pub(super) fn on_play_ready(&mut self, channel: ChannelId, play: PlayId) {
        let Some(call) = self.call_playing(channel, play) else { return };
        let plan = self.sessions.get(call).and_then(|session| session.plan.leg(channel));
        if let Some(source) = plan.map(|leg| leg.hear.clone()) {
            self.outbox.push_back(Output::Media(MediaCommand::Hear { channel, source }));
        }
    }

    /// The same for music, if it is what the channel is to hear still.
    pub(super) fn on_music_ready(&mut self, channel: ChannelId, name: &str) {
        let Some(leg) = self.boards.channel(channel).and_then(|channel| channel.leg) else { return };
        let call = self.legs.get(leg).map(|leg| leg.call);
        let plan = call.and_then(|call| self.sessions.get(call)).and_then(|it| it.plan.leg(channel));
        let Some(source) = plan.map(|leg| leg.hear.clone()) else { return };
        if matches!(&source, Hear::Music(wanted) if **wanted == *name) {
            self.outbox.push_back(Output::Media(MediaCommand::Hear { channel, source }));
        }
    }

    /// Something besides keys was heard on a channel.
    pub(super) fn on_heard(&mut self, channel: ChannelId, heard: Heard) {
        let Some(leg) = self.boards.channel(channel).and_then(|channel| channel.leg) else { return };
        let Some(call) = self.legs.get(leg).map(|leg| leg.call) else { return };
        let Some(session) = self.sessions.get_mut(call) else { return };
        let party = if session.caller() == Some(leg) { Side::Left } else { Side::Right };
        if session.sounds[party.index()].wants(&heard) {
            self.emit(Event::Heard { call, party, heard });
        }
        if party == Side::Left {
            self.follow_record_silence(call, heard);
        }
        self.follow_silence(self.talk_or_self(call), leg, heard);
    }
}
