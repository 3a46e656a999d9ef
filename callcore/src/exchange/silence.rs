//! A talk in which neither party has spoken for too long: told once, until somebody speaks again.
//!
//! What is held or asked a third party is not silent: it begins anew when the two hear each other again.

use super::session::Controller;
use super::{Event, Exchange};
use crate::base::Instant;
use crate::call::{CallId, CallTimer, Fact, LegId, LegState, Side, TimerName};
use crate::media::Heard;
use std::time::Duration;

/// What is known of the silence of a talk.
#[derive(Debug, Default)]
pub(super) struct Silence {
    /// Since when each has said nothing: the caller, the other.
    since: [Option<Instant>; 2],
    /// Since when they hear each other.
    open_since: Option<Instant>,
    is_told: bool,
}

impl Silence {
    /// Since when neither has said anything to the other.
    fn of_both(&self) -> Option<Instant> {
        Some(self.since[0]?.max(self.since[1]?).max(self.open_since?))
    }
}

impl Exchange {
    /// A party of a talk has fallen silent, or speaks.
    pub(super) fn follow_silence(&mut self, call: CallId, leg: LegId, heard: Heard) {
        let since = match heard {
            Heard::SilenceBegan { after_ms, .. } => {
                Some(self.now.instant - Duration::from_millis(after_ms.into()))
            }
            Heard::VoiceBegan { .. } => None,
            _ => return,
        };
        let Some(session) = self.sessions.get_mut(call) else { return };
        let is_caller = session.caller() == Some(leg);
        let Controller::Talking(talk) = &mut session.controller else { return };
        let party = match talk.other {
            _ if is_caller => Side::Left,
            other if other == leg => Side::Right,
            _ => return,
        };
        talk.silence.since[party.index()] = since;
        self.touch(call);
    }

    /// Something has changed in a talk, or its time has come: tell that it is silent, or wait until it is for long enough.
    pub(super) fn watch_silence(&mut self, call: CallId) {
        let limit_ms = u64::from(self.config.long_silence_ms);
        let Some(session) = self.sessions.get_mut(call).filter(|_| limit_ms > 0) else { return };
        let caller = session.caller();
        let Controller::Talking(talk) = &mut session.controller else { return };
        let are_there = [caller, Some(talk.other)].into_iter().all(|leg| {
            let leg = leg.and_then(|leg| self.legs.get(leg));
            leg.is_some_and(|leg| leg.state == LegState::Connected)
        });
        let is_open = are_there && talk.held_by.is_none() && talk.consultation.is_none();
        let now = self.now.instant;
        let silence = &mut talk.silence;
        silence.open_since = is_open.then(|| silence.open_since.unwrap_or(now));
        let timer = TimerName::Call(call, CallTimer::LongSilence);
        let Some(since) = silence.of_both() else {
            silence.is_told = false;
            self.timers.clear(timer);
            return;
        };
        let at = since + Duration::from_millis(limit_ms);
        if at > now {
            self.timers.set(timer, at);
        } else if !std::mem::replace(&mut silence.is_told, true) {
            let silent_ms = now.millis_since(since);
            self.fact(Some(call), Fact::LongSilence { silent_ms });
            self.emit(Event::LongSilence { call, silent_ms });
        }
    }
}
