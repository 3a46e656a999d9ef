//! Consultation: a party of a talk gives a register recall (a flash), holds the other and asks a third one.
//!
//! ```text
//!   talk ──flash──▶ Keys ──number whole──▶ Ringing ──answered──▶ Talking (third) ◀──flash──▶ (first | all), as configured
//!     ▲              │ flash                │ flash, or Failed: busy tone │ flash, or the third has gone
//!     └──────────────┴──────────────────────┴─────────────────────────────┘
//!   on hook:  Keys, Failed: rung again    Ringing: handed on to whom it rings    Talking: handed on to the third
//! ```
//!
//! The call stays one call: the third party is one more leg of it, which takes the place of whoever leaves. One who was
//! handed on to a phone that only rings comes back to the extension that did it (`sent_by`) if nobody answers there; one
//! who was held and handed on to nobody comes back at once. A recording of the talk goes on meanwhile with the same two on
//! its tracks, and ends with the talk when one of them leaves.

use super::Exchange;
use super::dial::{Destination, tone_of};
use super::session::{Controller, Session, Talk};
use crate::base::limits::NUMBER_LEN_MAX;
use crate::board::{Cause, ChannelId, Digit};
use crate::call::{CallId, CallTimer, Fact, Leg, LegId, Role, Side, Target, TimerName};
use crate::line::Flash;
use crate::media::{Hear, LegPlan, Plan, Role as Seating, RoomId, Tone};
use crate::route::{Dialled, Origin};

/// A party of a talk asks a third one.
#[derive(Debug)]
pub(super) struct Consultation {
    /// Who asks; the other party of the talk is held.
    by: Side,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// A dial tone until the first key; the keys so far.
    Keys(String),
    /// The third party is called.
    Ringing(LegId),
    /// The third party is there.
    Talking(LegId, With),
    /// It cannot be had, as a tone says.
    Failed(Tone),
}

/// Who hears the one who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum With {
    /// The third party alone.
    Third,
    /// The first party alone.
    First,
    /// Both, who hear each other, too.
    All(RoomId),
}

#[cfg(test)]
impl Consultation {
    /// One in which this leg is rung.
    pub(super) const fn for_test(third: LegId) -> Self {
        Self { by: Side::Left, stage: Stage::Ringing(third) }
    }
}

impl Consultation {
    pub(super) fn third(&self) -> Option<LegId> {
        match self.stage {
            Stage::Ringing(leg) | Stage::Talking(leg, _) => Some(leg),
            Stage::Keys(_) | Stage::Failed(_) => None,
        }
    }

    /// Whether all three hear each other.
    pub(super) const fn is_conference(&self) -> bool {
        matches!(self.stage, Stage::Talking(_, With::All(_)))
    }

    /// Who hears whom, of the two parties of the talk and the third.
    pub(super) fn scene(&self, channels: [ChannelId; 2], third: Option<&Leg>, music: Option<&str>) -> Plan {
        let (asks, first) = (channels[self.by.index()], channels[self.by.other().index()]);
        let held = || Plan::park(first, music);
        let with = |mut scene: Plan, parts: &[(ChannelId, Hear)]| {
            scene.legs.extend(parts.iter().map(|(channel, hear)| LegPlan::new(*channel, hear.clone())));
            scene
        };
        let alone = |hear| with(held(), &[(asks, hear)]);
        match (&self.stage, third) {
            (Stage::Keys(keys), _) if keys.is_empty() => alone(Hear::Tone(Tone::Dial)),
            (Stage::Keys(_), _) => alone(Hear::Nothing),
            (Stage::Failed(tone), _) => alone(Hear::Tone(*tone)),
            (Stage::Ringing(_), Some(third)) if third.has_media() => {
                with(held(), &[(asks, Hear::Channel(third.channel)), (third.channel, Hear::Nothing)])
            }
            (Stage::Ringing(_), _) => alone(Hear::Tone(Tone::Ringback)),
            (Stage::Talking(_, With::Third), Some(third)) => Plan::consult(first, asks, third.channel, music),
            (Stage::Talking(_, With::First), Some(third)) => Plan::consult(third.channel, asks, first, music),
            (Stage::Talking(_, With::All(room)), Some(third)) => {
                Plan::conference(*room, &[first, asks, third.channel].map(|it| (it, Seating::Talk)))
            }
            (Stage::Talking(..), None) => Plan::talk(first, asks),
        }
    }
}

impl Exchange {
    /// A party of a call has given a register recall.
    pub(super) fn on_recall(&mut self, call: CallId, leg: LegId) {
        let Some(session) = self.sessions.get(call) else { return };
        let is_caller = session.caller() == Some(leg);
        let (lead, by) = match &session.controller {
            Controller::Talking(talk) if is_caller || talk.other == leg => {
                (call, if is_caller { Side::Left } else { Side::Right })
            }
            Controller::Joined(lead) if is_caller => (*lead, Side::Right),
            _ => return,
        };
        let Ok(talk) = self.talk(lead) else { return };
        match &talk.consultation {
            Some(consultation) if consultation.by == by => self.recall_again(lead, leg),
            Some(_) => {}
            // these have parties enough, and one who holds the other takes it back first
            None if talk.bridge.is_some() || talk.supervisor.is_some() || talk.held_by.is_some() => {
                self.hold_by_recall(lead, by);
            }
            None => self.begin_consultation(lead, leg, by),
        }
    }

    fn hold_by_recall(&mut self, lead: CallId, by: Side) {
        let Ok(talk) = self.talk(lead) else { return };
        match talk.held_by {
            Some(holder) if holder != by => return,
            Some(_) => talk.held_by = None,
            None => talk.held_by = Some(by),
        }
        let fact = if talk.held_by.is_some() { Fact::Held { by } } else { Fact::Retrieved { by } };
        self.fact(Some(lead), fact);
        self.touch(lead);
    }

    fn begin_consultation(&mut self, call: CallId, leg: LegId, by: Side) {
        let ms = self.legs.get(leg).map_or(0, |leg| self.line_config(leg.channel).first_digit_ms);
        self.set_stage(call, by, Stage::Keys(String::new()));
        self.fact(Some(call), Fact::Held { by });
        self.start_timer(TimerName::Call(call, CallTimer::Consultation), ms.into());
    }

    fn set_stage(&mut self, call: CallId, by: Side, stage: Stage) {
        if let Ok(talk) = self.talk(call) {
            talk.consultation = Some(Consultation { by, stage });
        }
        self.timers.clear(TimerName::Call(call, CallTimer::Consultation));
        self.touch(call);
    }

    /// A flash in a consultation.
    fn recall_again(&mut self, call: CallId, leg: LegId) {
        let flash = self.legs.get(leg).map_or(Flash::Back, |leg| self.line_config(leg.channel).flash);
        let Some((by, third, with)) = self.talking_with(call) else {
            self.end_consulting(call);
            return;
        };
        let next = match (with, flash) {
            (With::Third, Flash::Conference) => self.rooms.insert(|_| ()).map_or(With::First, With::All),
            (With::Third, Flash::Swap) => With::First,
            (With::First, Flash::Swap | Flash::Conference) => With::Third,
            (With::Third | With::First, Flash::Back | Flash::Hold) | (With::All(_), _) => {
                self.end_consulting(call);
                return;
            }
        };
        self.set_stage(call, by, Stage::Talking(third, next));
        let fact = if next == With::Third { Fact::Held { by } } else { Fact::Retrieved { by } };
        self.fact(Some(call), fact);
    }

    fn talking_with(&self, call: CallId) -> Option<(Side, LegId, With)> {
        let consultation = self.consultation(call)?;
        match consultation.stage {
            Stage::Talking(third, with) => Some((consultation.by, third, with)),
            Stage::Keys(_) | Stage::Ringing(_) | Stage::Failed(_) => None,
        }
    }

    pub(super) fn consultation(&self, call: CallId) -> Option<&Consultation> {
        match &self.sessions.get(call)?.controller {
            Controller::Talking(talk) => talk.consultation.as_ref(),
            _ => None,
        }
    }

    fn take_consultation(&mut self, call: CallId) -> Option<Consultation> {
        self.talk(call).ok()?.consultation.take()
    }

    /// The two talk with each other again, and the third party is released.
    fn end_consulting(&mut self, call: CallId) {
        let Some(consultation) = self.take_consultation(call) else { return };
        self.end_consultation(call, &consultation);
        let is_held = !matches!(consultation.stage, Stage::Talking(_, With::First | With::All(_)));
        if is_held {
            self.fact(Some(call), Fact::Retrieved { by: consultation.by });
        }
    }

    /// Nobody asks any more: the third party is released, and what the consultation had is free.
    pub(super) fn end_consultation(&mut self, call: CallId, consultation: &Consultation) {
        self.free_consultation(call, consultation);
        if let Some(third) = consultation.third() {
            self.drop_leg(third, Cause::NORMAL);
        }
    }

    fn free_consultation(&mut self, call: CallId, consultation: &Consultation) {
        self.timers.clear(TimerName::Call(call, CallTimer::Consultation));
        if let Stage::Talking(_, With::All(room)) = consultation.stage {
            self.rooms.remove(room);
        }
        self.touch(call);
    }

    /// A key of one who asks: true if it is a part of the number of the third party, or lost on the way to it.
    pub(super) fn on_consultation_digit(&mut self, call: CallId, leg: LegId, digit: Digit) -> bool {
        let Some(asks) = self.who_asks(call) else { return false };
        let Some(channel) = self.legs.get(leg).filter(|_| asks == leg).map(|leg| leg.channel) else {
            return false;
        };
        let inter_digit_ms = self.line_config(channel).inter_digit_ms;
        let Ok(Some(Consultation { stage: Stage::Keys(keys), .. })) =
            self.talk(call).map(|talk| talk.consultation.as_mut())
        else {
            return false;
        };
        let ends = digit.ascii() == b'#' && !keys.starts_with('*');
        if !ends {
            keys.push(digit.char());
        }
        let keys = keys.clone();
        let dialled = self.consultation_origin(asks, &keys).map(|origin| self.routes.dialled(&origin));
        if ends || dialled == Some(Dialled::Whole) || keys.len() >= NUMBER_LEN_MAX {
            self.dial_third(call, asks, &keys);
        } else {
            self.start_timer(TimerName::Call(call, CallTimer::Consultation), inter_digit_ms.into());
        }
        self.touch(call);
        true
    }

    /// The leg of the party who asks.
    fn who_asks(&self, call: CallId) -> Option<LegId> {
        let session = self.sessions.get(call)?;
        let Controller::Talking(Talk { other, consultation: Some(consultation), .. }) = &session.controller
        else {
            return None;
        };
        match consultation.by {
            Side::Left => session.caller(),
            Side::Right => Some(*other),
        }
    }

    fn consultation_origin<'a>(&'a self, asks: LegId, keys: &'a str) -> Option<Origin<'a>> {
        let leg = self.legs.get(asks)?;
        let device = self.boards.devices.get(&leg.channel.device).map_or("", |device| &device.name);
        let (channel, at) = (leg.channel.index, self.zone.civil(self.now.wall));
        let calling = self.own_number(leg);
        Some(Origin { called: keys, calling, device, channel, internal: leg.extension.is_some(), at })
    }

    /// The number of an extension, or of whom else a leg leads to.
    fn own_number<'a>(&'a self, leg: &'a Leg) -> &'a str {
        leg.extension.map_or(&leg.number, |place| &self.routes.extensions()[place].number)
    }

    fn dial_third(&mut self, call: CallId, asks: LegId, keys: &str) {
        let Some(by) = self.consultation(call).map(|consultation| consultation.by) else { return };
        let made = self
            .way_to_third(asks, keys)
            .and_then(|way| self.make_leg(call, Role::Called, way).ok_or(Cause::CONGESTION));
        match made {
            Ok(third) => {
                self.set_stage(call, by, Stage::Ringing(third));
                let ring_ms = self.config.extension_ring_ms;
                self.start_timer(TimerName::Call(call, CallTimer::Consultation), ring_ms);
            }
            Err(cause) => self.fail_consultation(call, by, cause),
        }
    }

    /// An extension or a number to the outside; nobody can be asked anywhere else.
    fn way_to_third(&self, asks: LegId, keys: &str) -> Result<Destination, Cause> {
        let origin = self.consultation_origin(asks, keys).ok_or(Cause::TEMPORARY_FAILURE)?;
        let way = match self.routes.find(&origin) {
            Some(Target::Extension(number)) => self.extension_destination(&number),
            Some(Target::Number(number)) => self.number_destination(&number),
            Some(_) => Err(Cause::NO_ROUTE),
            None if self.routes.dialled(&origin) == Dialled::Short => Err(Cause::INVALID_NUMBER),
            None => Err(Cause::UNALLOCATED),
        }?;
        let calling = way.calling.unwrap_or_else(|| origin.calling.to_owned());
        Ok(Destination { calling: Some(calling), ..way })
    }

    /// The third party cannot be had: a tone says so, then the two talk again.
    fn fail_consultation(&mut self, call: CallId, by: Side, cause: Cause) {
        self.set_stage(call, by, Stage::Failed(tone_of(cause)));
        self.start_timer(TimerName::Call(call, CallTimer::Consultation), self.config.busy_tone_ms);
    }

    pub(super) fn on_consultation_timeout(&mut self, call: CallId) {
        let Some(consultation) = self.consultation(call) else { return };
        let by = consultation.by;
        match &consultation.stage {
            Stage::Keys(keys) if !keys.is_empty() => {
                let keys = keys.clone();
                if let Some(asks) = self.who_asks(call) {
                    self.dial_third(call, asks, &keys);
                }
            }
            Stage::Ringing(third) => {
                self.drop_leg(*third, Cause::NO_ANSWER);
                self.fail_consultation(call, by, Cause::NO_ANSWER);
            }
            Stage::Keys(_) | Stage::Failed(_) | Stage::Talking(..) => self.end_consulting(call),
        }
    }

    /// The third party has answered: true if this leg is it.
    pub(super) fn on_consulted_answered(&mut self, call: CallId, leg: LegId) -> bool {
        let Some(by) = self.consultation(call).filter(|it| it.third() == Some(leg)).map(|it| it.by) else {
            return false;
        };
        self.set_stage(call, by, Stage::Talking(leg, With::Third));
        let number = self.legs.get(leg).map_or_else(String::new, |leg| leg.number.clone());
        self.fact(Some(call), Fact::Consulted { by, number });
        true
    }

    /// One of the three is gone: true if the call goes on because of the consultation.
    pub(super) fn on_consultation_gone(&mut self, call: CallId, gone: LegId, cause: Cause) -> bool {
        let Some(session) = self.sessions.get(call) else { return false };
        let Controller::Talking(Talk { other, consultation: Some(consultation), .. }) = &session.controller
        else {
            return false;
        };
        let by = consultation.by;
        let mut parties = [session.caller(), Some(*other)];
        if by == Side::Right {
            parties.swap(0, 1);
        }
        let [asks, first] = parties.map(|leg| leg == Some(gone));
        match consultation.stage {
            Stage::Ringing(third) if third == gone => self.fail_consultation(call, by, cause),
            Stage::Talking(third, _) if third == gone => self.end_consulting(call),
            Stage::Ringing(third) if asks => self.hand_on(call, by, third, true),
            Stage::Talking(third, _) if asks => self.hand_on(call, by, third, false),
            // the two who are left talk with each other
            Stage::Talking(third, _) if first => self.hand_on(call, by.other(), third, false),
            Stage::Keys(_) | Stage::Failed(_) if asks => return self.hold_for_asker(call, by),
            Stage::Keys(_) | Stage::Failed(_) | Stage::Ringing(_) | Stage::Talking(..) => return false,
        }
        true
    }

    /// Whoever asks has gone on hook while there is nobody to hand the held party on to, who is not lost: the telephone rings as
    /// soon as it is free. False if it is no extension's.
    fn hold_for_asker(&mut self, call: CallId, by: Side) -> bool {
        let Some(extension) = self.asking_extension(call) else { return false };
        let Some(consultation) = self.take_consultation(call) else { return false };
        self.free_consultation(call, &consultation);
        if self.take_out(call, by).is_some()
            && let Some(session) = self.sessions.get_mut(call)
        {
            let number = self.routes.extensions()[extension].number.clone();
            (session.controller, session.sent_by) = (Controller::Returning, Some(number));
            self.boards.phones[extension].awaited_by = Some(call);
            self.start_timer(TimerName::Call(call, CallTimer::Ring), self.config.recall_ms);
            self.touch(call);
        }
        true
    }

    /// A telephone was free a moment ago: if it is still, it rings for whom it holds.
    pub(super) fn return_to_asker(&mut self, extension: usize) {
        let phone = &mut self.boards.phones[extension];
        let Some(call) = phone.is_free().then(|| phone.awaited_by.take()).flatten() else { return };
        let waits = |it: &Session| matches!(it.controller, Controller::Returning);
        if self.sessions.get(call).is_some_and(waits) && !self.bring_back(call) {
            self.fail_dial(call, Cause::USER_BUSY);
        }
        self.update_phone(extension);
    }

    fn asking_extension(&self, call: CallId) -> Option<usize> {
        self.who_asks(call).and_then(|leg| self.legs.get(leg)).and_then(|leg| leg.extension)
    }

    /// One party has left, and the third takes its place, or is rung for it.
    fn hand_on(&mut self, call: CallId, leaves: Side, third: LegId, is_rung: bool) {
        let sent_by = self.asking_extension(call).map(|place| self.routes.extensions()[place].number.clone());
        let Some(consultation) = self.take_consultation(call) else { return };
        self.free_consultation(call, &consultation);
        let by_asker = consultation.by == leaves;
        if self.take_out(call, leaves).is_none() {
            return;
        }
        if by_asker {
            let to = self.legs.get(third).map_or_else(String::new, |leg| {
                let number = leg.number.clone();
                let target = if leg.extension.is_some() { Target::Extension } else { Target::Number };
                target(number).to_string()
            });
            self.fact(Some(call), Fact::Transferred { by: leaves, to });
        }
        if !is_rung {
            self.begin_talk(call, third, None);
            return;
        }
        if let Some(session) = self.sessions.get_mut(call) {
            (session.controller, session.sent_by) = (Controller::Dialing(third), sent_by);
        }
        self.start_timer(TimerName::Call(call, CallTimer::Ring), self.config.recall_ms);
        self.touch(call);
    }

    /// Nobody has answered where a caller was handed on to: whoever did it is rung; false if nobody did, or cannot be rung.
    pub(super) fn bring_back(&mut self, call: CallId) -> bool {
        let Some(number) = self.sessions.get_mut(call).and_then(|session| session.sent_by.take()) else {
            return false;
        };
        let Ok(destination) = self.extension_destination(&number) else { return false };
        self.fact(Some(call), Fact::Routed { to: Target::Extension(number).to_string() });
        self.dial(call, destination);
        true
    }
}
