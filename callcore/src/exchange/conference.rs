//! Conferences: rooms with names that callers are sent into, as `conference:NAME`; host, mute, drop.
//!
//! A caller who is alone hears the conference's music. Each party is a call of its own, so a party that is dropped is a
//! call that is released.

use super::session::{Controller, Session};
use super::{Event, Exchange};
use crate::base::{Refused, Slab, Why};
use crate::board::{Cause, ChannelId};
use crate::call::{CallId, CallTimer, Fact, Party, TimerName};
use crate::media::plan::RoomKind;
use crate::media::{Hear, Role, RoomId, Seat, Tone};
use serde::{Deserialize, Serialize};

/// A room to meet in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConferenceConfig {
    /// Its name, as in `conference:NAME`.
    pub name: String,
    /// Most parties; who comes when it is full hears a busy tone.
    #[serde(default = "parties_max")]
    pub parties_max: usize,
    /// What the first hears until the second comes.
    #[serde(default)]
    pub music: Option<String>,
    /// Calling numbers of those who moderate: they are always heard, however large the room is.
    #[serde(default)]
    pub moderators: Vec<String>,
    /// Whether others come in muted, and are heard when the program unmutes them.
    #[serde(default)]
    pub enters_muted: bool,
}

fn parties_max() -> usize {
    60
}

/// A conference as it is now.
#[derive(Debug)]
pub(super) struct Conference {
    config: ConferenceConfig,
    room: RoomId,
    parties: Vec<CallId>,
}

/// A call's place in a conference.
#[derive(Debug)]
pub(super) struct Attendance {
    conference: usize,
    role: Role,
    pub(super) is_muted: bool,
    since: crate::base::Instant,
}

/// All conferences of a configuration, empty.
pub(super) fn conferences(configs: &[ConferenceConfig], rooms: &mut Slab<RoomKind, ()>) -> Vec<Conference> {
    let conference = |config: &ConferenceConfig| {
        let room = rooms.insert(|_| ())?;
        Some(Conference { config: config.clone(), room, parties: Vec::new() })
    };
    configs.iter().filter_map(conference).collect()
}

impl Exchange {
    /// The conference of a name.
    pub(super) fn has_conference(&self, name: &str) -> bool {
        self.conferences.iter().any(|conference| conference.config.name == name)
    }

    pub(super) fn enter_conference(&mut self, call: CallId, name: &str) {
        // check::Parts has made sure that the conferences named in a configuration are there; a command's is checked by the command
        let Some(at) = self.conferences.iter().position(|conference| conference.config.name == name) else {
            return self.end_call(call, Cause::NO_ROUTE, Party::System);
        };
        let since = self.now.instant;
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.play = None;
        let conference = &mut self.conferences[at];
        if conference.parties.len() >= conference.config.parties_max {
            session.controller = Controller::Tone(Tone::Busy, Cause::USER_BUSY);
            self.start_timer(TimerName::Call(call, CallTimer::Tone), self.config.busy_tone_ms);
            return self.touch(call);
        }
        let moderates = conference.config.moderators.contains(&session.call.incoming.calling);
        let role = if moderates { Role::Moderate } else { Role::Talk };
        let is_muted = conference.config.enters_muted && !moderates;
        session.controller = Controller::Conference(Attendance { conference: at, role, is_muted, since });
        conference.parties.push(call);
        self.fact(Some(call), Fact::Joined { conference: name.into() });
        self.emit(Event::Joined { call, conference: name.into() });
        self.begin_recording_of_caller(call);
        self.touch_conference(at);
    }

    /// A party has gone.
    pub(super) fn leave_conference(&mut self, call: CallId, attendance: &Attendance) {
        let conference = &mut self.conferences[attendance.conference];
        conference.parties.retain(|party| *party != call);
        let name = conference.config.name.as_str().into();
        let ms = self.now.instant.millis_since(attendance.since);
        self.fact(Some(call), Fact::Left { conference: std::sync::Arc::clone(&name), ms });
        self.emit(Event::Left { call, conference: name });
        self.touch_conference(attendance.conference);
    }

    fn touch_conference(&mut self, at: usize) {
        for party in self.conferences[at].parties.clone() {
            self.touch(party);
        }
    }

    /// What a party hears.
    pub(super) fn conference_part(&self, attendance: &Attendance) -> Hear {
        let conference = &self.conferences[attendance.conference];
        match &conference.config.music {
            Some(music) if conference.parties.len() == 1 => Hear::Music(music.as_str().into()),
            _ => Hear::Room(Seat { room: conference.room, role: attendance.role }),
        }
    }

    pub(super) fn conference_name(&self, attendance: &Attendance) -> String {
        format!("conference:{}", self.conferences[attendance.conference].config.name)
    }

    /// A party becomes moderator, listener, or one who talks.
    pub(super) fn change_role(&mut self, call: CallId, role: Role) -> Result<(), Refused> {
        if let Role::Coach(_) = role {
            return Err(Refused::new(
                Why::Argument,
                "nobody is coached in a conference: use talk, moderate or listen",
            ));
        }
        let session = self.sessions.get_mut(call).ok_or_else(|| Refused::gone(call))?;
        let Controller::Conference(attendance) = &mut session.controller else {
            return Err(Refused::state(format!("{call} is in no conference")));
        };
        attendance.role = role;
        self.touch(call);
        Ok(())
    }

    /// Who speaks in a conference, for screens.
    pub(super) fn on_speaking(&mut self, channel: ChannelId, on: bool) {
        let leg = self.boards.channel(channel).and_then(|channel| channel.leg);
        let Some(call) = leg.and_then(|leg| self.legs.get(leg)).map(|leg| leg.call) else { return };
        let is_here = |session: &Session| matches!(session.controller, Controller::Conference(_));
        if self.sessions.get(call).is_some_and(is_here) {
            self.emit(Event::Speaking { call, on });
        }
    }

    /// Whether conferences and controllers agree.
    pub(super) fn check_conferences(&self) -> Result<(), String> {
        let sits = |call: &CallId, at: usize| {
            let session = self.sessions.get(*call);
            session.is_some_and(
                |session| matches!(&session.controller, Controller::Conference(a) if a.conference == at),
            )
        };
        for (at, conference) in self.conferences.iter().enumerate() {
            if let Some(call) = conference.parties.iter().find(|call| !sits(call, at)) {
                return Err(format!(
                    "{call} is a party of conference {} and does not know it",
                    conference.config.name
                ));
            }
        }
        let there = self
            .sessions
            .iter()
            .filter(|(_, session)| matches!(session.controller, Controller::Conference(_)));
        let parties: usize = self.conferences.iter().map(|conference| conference.parties.len()).sum();
        if there.count() == parties {
            Ok(())
        } else {
            Err("a call is in a conference that does not know it".into())
        }
    }
}
