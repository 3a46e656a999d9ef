//! Calls to an extension or an outside number: ring, answer, talk, or tell the caller why not.

use super::bridge::Bridge;
use super::session::{Controller, Talk};
use super::{Event, Exchange};
use crate::board::{BoardCall, BoardCommand, Cause, ChannelId, Step};
use crate::call::{CallId, CallTimer, Fact, Leg, LegId, LegState, LegTimer, Party, Role, Target, TimerName};
use crate::media::Tone;
use crate::route::Outbound;

/// `CCD_CAPB_OVERLAP_TX` of the driver contract: the board sends a number on while it is being dialled.
const OVERLAP_TX: u32 = 0;
/// How long the far exchange may say nothing of the digits it was sent, in milliseconds (T304 of Q.931, table 9-2).
const PROCEEDING_MS: u64 = 30_000;
/// For how long two who are parted soon hear a tone in place of each other, in milliseconds: the two beeps of a call that
/// waits, the one tone of E.180 for those who talk.
const PARTING_TONE_MS: u64 = 1_000;
/// On so many lines a call out may meet a call in before it is given up.
const GLARES_MAX: u8 = 3;

/// Whom to ring, and by which line.
pub(super) struct Destination {
    pub(super) channel: ChannelId,
    pub(super) via: Option<String>,
    pub(super) called: String,
    pub(super) calling: Option<String>,
    pub(super) extension: Option<usize>,
    /// The number can be sent on while it is being dialled.
    pub(super) overlap: bool,
}

impl Exchange {
    pub(super) fn dial_extension(&mut self, call: CallId, number: &str) {
        match self.extension_destination(number) {
            Ok(destination) => self.dial(call, destination),
            Err(cause) => self.fail_dial(call, cause),
        }
    }

    pub(super) fn dial_number(&mut self, call: CallId, number: &str) {
        self.note_outside(call, &Target::Number(number.to_owned()));
        match self.number_destination(number) {
            Ok(destination) => self.dial(call, destination),
            Err(cause) => self.fail_dial(call, cause),
        }
    }

    /// Remember the outside number, in case its line turns out to be taken.
    pub(super) fn note_outside(&mut self, call: CallId, to: &Target) {
        if let (Target::Number(number), Some(session)) = (to, self.sessions.get_mut(call)) {
            session.outside = Some((number.clone(), 0));
        }
    }

    /// A leg that went out met a call that came in on the same line (dual seizure): try another line of the group. False
    /// when there is none, or it was no such leg.
    pub(super) fn retry_after_glare(&mut self, call: CallId, id: LegId) -> bool {
        // whoever asks a third party hears a tone, and tries again
        if self.consultation(call).is_some() {
            return false;
        }
        let went_out = |leg: &&Leg| !leg.incoming && leg.answered.is_none() && leg.extension.is_none();
        let Some(role) = self.legs.get(id).filter(went_out).map(|leg| leg.role) else { return false };
        let Some(session) = self.sessions.get_mut(call).filter(|session| !session.is_ending()) else {
            return false;
        };
        let Some((number, glares)) = session.outside.as_mut().filter(|(_, glares)| *glares < GLARES_MAX)
        else {
            return false;
        };
        *glares += 1;
        let number = number.clone();
        let Some(destination) = self.destination_again(call, &number) else { return false };
        let Some(new) = self.make_leg(call, role, destination) else { return false };
        if let Some(session) = self.sessions.get_mut(call) {
            if let Controller::Dialing(leg) = &mut session.controller {
                *leg = new;
            }
            // the new leg stands where the old one stood
            let legs = &mut session.call.legs;
            if let (Some(old), Some(last)) =
                (legs.iter().position(|leg| *leg == id), legs.len().checked_sub(1))
            {
                legs.swap(old, last);
            }
        }
        true
    }

    /// The way to a number by another line; one that is still being dialled needs a line that takes the rest of it, too.
    fn destination_again(&self, call: CallId, number: &str) -> Option<Destination> {
        let session = self.sessions.get(call).filter(|session| session.call.incoming.overlap);
        let Some(session) = session else { return self.number_destination(number).ok() };
        let channel = session.caller().and_then(|leg| self.legs.get(leg))?.channel;
        let outbound = self.routes.outbound_begun(&self.origin(session, channel))?;
        self.way_out(&outbound).ok().filter(|destination| destination.overlap)
    }

    /// The way to an extension's phone, or why there is none now.
    pub(super) fn extension_destination(&self, number: &str) -> Result<Destination, Cause> {
        let extension = self.routes.extension(number).ok_or(Cause::UNALLOCATED)?;
        let phone = &self.boards.phones[extension];
        if !phone.reachable {
            return Err(Cause::SUBSCRIBER_ABSENT);
        }
        if phone.legs > 0 || phone.off_hook {
            return Err(Cause::USER_BUSY);
        }
        let (channel, via) =
            self.boards.channel_for(&self.routes.extensions()[extension]).ok_or(Cause::NO_CIRCUIT)?;
        Ok(Destination {
            channel,
            via,
            called: number.to_owned(),
            calling: None,
            extension: Some(extension),
            overlap: false,
        })
    }

    /// The way to an outside number, or why there is none now.
    pub(super) fn number_destination(&self, number: &str) -> Result<Destination, Cause> {
        self.way_out(&self.routes.outbound(number)?)
    }

    /// A free line by which a number can leave.
    pub(super) fn way_out(&self, outbound: &Outbound<'_>) -> Result<Destination, Cause> {
        let channel = self.boards.channel_of_group(outbound.trunk_group).ok_or(Cause::NO_CIRCUIT)?;
        let can = self.boards.channel(channel).is_some_and(|channel| channel.info.can(OVERLAP_TX));
        Ok(Destination {
            channel,
            via: outbound.trunk_group.via.clone(),
            called: outbound.number.to_owned(),
            calling: outbound.calling.map(str::to_owned),
            extension: None,
            overlap: can && outbound.trunk_group.overlap,
        })
    }

    pub(super) fn dial(&mut self, call: CallId, destination: Destination) {
        match self.make_leg(call, Role::Called, destination) {
            Some(leg) => {
                let ring_ms = self.config.extension_ring_ms;
                if let Some(session) = self.sessions.get_mut(call) {
                    session.controller = Controller::Dialing(leg);
                }
                // while a number is dialled, the pauses between its digits are what is timed
                if !self.legs.get(leg).is_some_and(|leg| leg.overlap) {
                    self.start_timer(TimerName::Call(call, CallTimer::Ring), ring_ms);
                }
                self.touch(call);
            }
            None => self.fail_dial(call, Cause::CONGESTION),
        }
    }

    /// Begin an outgoing leg; `None` when there is no room for one.
    pub(super) fn make_leg(&mut self, call: CallId, role: Role, to: Destination) -> Option<LegId> {
        let session = self.sessions.get(call)?;
        if session.call.legs.len() >= crate::base::limits::LEGS_PER_CALL_MAX {
            return None;
        }
        let incoming = &session.call.incoming;
        let overlap = to.overlap && incoming.overlap;
        let calling = to.calling.unwrap_or_else(|| incoming.calling.clone());
        let name = incoming.name.clone();
        let board_call = self.new_board_call(to.channel);
        let leg = self.add_leg(Leg {
            channel: to.channel,
            board_call,
            role,
            number: to.called.clone(),
            extension: to.extension,
            state: LegState::Initiated,
            overlap,
            ..Leg::blank(call)
        })?;
        let begun =
            Fact::LegBegun { leg: leg.to_bits(), role, number: to.called.clone(), channel: to.channel };
        self.fact(Some(call), begun);
        let make = BoardCommand::Make {
            channel: to.channel,
            call: board_call,
            called: to.called,
            calling,
            name,
            via: to.via,
            overlap,
        };
        self.board(make);
        if overlap {
            self.await_proceeding(leg);
        }
        Some(leg)
    }

    /// Digits went out: the far exchange is to say what it makes of them.
    pub(super) fn await_proceeding(&mut self, leg: LegId) {
        self.start_timer(TimerName::Leg(leg, LegTimer::Proceeding), PROCEEDING_MS);
    }

    /// A name of our own for a use of a channel: even, and not one that a driver has taken against the contract.
    fn new_board_call(&mut self, channel: ChannelId) -> BoardCall {
        loop {
            let call = BoardCall(self.next_board_call);
            self.next_board_call += 2;
            if !self.legs_by_board.contains_key(&(channel.device, call)) {
                return call;
            }
        }
    }

    /// It rings at the party that is called: the caller is told, if he is not answered yet.
    pub(super) fn on_party_alerting(&mut self, call: CallId, leg: LegId, inband: bool) {
        let Some(session) = self.sessions.get(call) else { return };
        if !matches!(&session.controller, Controller::Dialing(dialed) if *dialed == leg) || session.answered {
            return;
        }
        let Some(caller) = session.caller().and_then(|caller| self.legs.get_mut(caller)) else { return };
        if let LegState::Alerting { inband: heard } = &mut caller.state {
            *heard = inband;
        }
        let step = if inband { Step::Progress } else { Step::Alerting };
        let (channel, board_call) = (caller.channel, caller.board_call);
        self.board(BoardCommand::Accept { channel, call: board_call, step });
    }

    pub(super) fn on_called_answered(&mut self, call: CallId, leg: LegId) {
        if self.on_consulted_answered(call, leg) {
            return;
        }
        let Some(session) = self.sessions.get_mut(call) else { return };
        if !matches!(&session.controller, Controller::Dialing(dialed) if *dialed == leg) {
            self.drop_leg(leg, Cause::NORMAL);
            return;
        }
        let answered = session.answered;
        self.timers.clear(TimerName::Call(call, CallTimer::Ring));
        if !answered {
            self.answer_caller(call);
        }
        self.begin_talk(call, leg, None);
    }

    /// The two parties hear each other from now on.
    pub(super) fn begin_talk(&mut self, call: CallId, other: LegId, bridge: Option<Bridge>) {
        let since = self.now.instant;
        let Some(session) = self.sessions.get_mut(call) else { return };
        (session.play, session.sent_by) = (None, None);
        session.controller = Controller::Talking(Talk { bridge, ..Talk::new(other, since) });
        let number = self.legs.get(other).map_or_else(String::new, |leg| leg.number.clone());
        let agent = self.acd.agent_of(call).map(|agent| agent.id.clone());
        self.begin_recording(call, other, agent.as_deref());
        let with = bridge.and_then(|bridge| self.sessions.get(bridge.peer)).map(|peer| peer.call.number);
        self.fact(Some(call), Fact::Bridged { agent, number, with });
        self.watch_unsupervised(call, other);
        self.touch(call);
    }

    /// Of two lines neither of which can tell a hang-up nobody ever releases the other: time does.
    fn watch_unsupervised(&mut self, call: CallId, other: LegId) {
        let caller = self.sessions.get(call).and_then(|session| session.caller());
        let legs = [caller, Some(other)].map(|leg| leg.and_then(|leg| self.legs.get(leg)));
        let [Some(caller), Some(other)] = legs.map(|leg| leg.map(|leg| leg.channel)) else { return };
        if self.is_unsupervised(caller) && self.is_unsupervised(other) {
            let (talk_ms, warning_ms) =
                (self.config.unsupervised_talk_ms_max, self.config.unsupervised_warning_ms);
            self.start_timer(TimerName::Call(call, CallTimer::PartingAnnounced), talk_ms - warning_ms);
        }
    }

    /// The two are parted soon: said to the program, in the ledger, and by a tone to both.
    pub(super) fn announce_parting(&mut self, call: CallId) {
        let left_ms = self.config.unsupervised_warning_ms;
        self.start_timer(TimerName::Call(call, CallTimer::Parting), left_ms);
        self.start_timer(TimerName::Call(call, CallTimer::PartingTone), PARTING_TONE_MS.min(left_ms));
        self.fact(Some(call), Fact::PartingAnnounced { left_ms });
        self.emit(Event::PartingAnnounced { call, left_ms });
        self.warn_of_parting(call, true);
    }

    pub(super) fn warn_of_parting(&mut self, call: CallId, on: bool) {
        if let Ok(talk) = self.talk(call) {
            talk.is_warned = on;
        }
        self.touch(call);
    }

    /// The called party cannot be had: a caller who was answered hears why, another gets the cause.
    pub(super) fn fail_dial(&mut self, call: CallId, cause: Cause) {
        self.timers.clear(TimerName::Call(call, CallTimer::Ring));
        if self.bring_back(call) {
            return;
        }
        let busy_tone_ms = self.config.busy_tone_ms;
        let Some(session) = self.sessions.get_mut(call) else { return };
        if !session.answered || busy_tone_ms == 0 {
            self.end_call(call, cause, Party::System);
            return;
        }
        session.controller = Controller::Tone(tone_of(cause), cause);
        self.start_timer(TimerName::Call(call, CallTimer::Tone), busy_tone_ms);
        self.touch(call);
    }
}

/// What tells a person that there is no way to whom he has called.
pub(super) fn tone_of(cause: Cause) -> Tone {
    match cause.class() {
        Cause::NO_CIRCUIT | Cause::CONGESTION | Cause::TEMPORARY_FAILURE => Tone::Congestion,
        _ => Tone::Busy,
    }
}
