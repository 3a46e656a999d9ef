//! Legs: begun, answered, dropped, released; and what their ends mean to the call.

use super::boards::{Suspect, Unconfirmed};
use super::session::Controller;
use super::{Event, Exchange};
use crate::board::{
    BoardCall, BoardCommand, BoardEvent, Cause, ChannelId, DeviceId, Digit, How, Supervision,
};
use crate::call::{CallId, Fact, Leg, LegFact, LegId, LegState, LegTimer, Party, Role, TimerName};
use crate::ivr::Happened;

/// How long a board may take to say `Released` after a drop, in milliseconds: longer than SIP's timer B of 32 s.
const RELEASE_MS: u64 = 40_000;
/// How long a board may take to say `Connected` after an answer, in milliseconds.
const ANSWER_MS: u64 = 40_000;

impl Exchange {
    /// Put a leg into the tables; `None` when there is no room.
    pub(super) fn add_leg(&mut self, leg: Leg) -> Option<LegId> {
        let (call, channel, board_call, extension) = (leg.call, leg.channel, leg.board_call, leg.extension);
        let id = self.legs.insert(|id| Leg { id, ..leg })?;
        self.legs_by_board.insert((channel.device, board_call), id);
        self.boards.set_leg(channel, Some(id));
        if let Some(session) = self.sessions.get_mut(call) {
            session.call.legs.push(id);
        }
        if let Some(extension) = extension {
            self.boards.phones[extension].legs += 1;
            self.update_phone(extension);
        }
        Some(id)
    }

    /// Take a leg out of all tables.
    fn remove_leg(&mut self, id: LegId, cause: Cause) {
        let Some(leg) = self.legs.remove(id) else { return };
        self.timers.clear_range(TimerName::of_leg(id));
        self.legs_by_board.remove(&(leg.channel.device, leg.board_call));
        if self.boards.channel(leg.channel).is_some_and(|channel| channel.leg == Some(id)) {
            self.boards.set_leg(leg.channel, None);
        }
        self.confirm(leg.channel.device, |it| it.legs.remove(&id));
        self.fact(Some(leg.call), Fact::LegEnded { leg: id.to_bits(), cause });
        if let Some(session) = self.sessions.get_mut(leg.call) {
            session.call.legs.retain(|other| *other != id);
            self.touch(leg.call);
        }
        if let Some(extension) = leg.extension {
            self.boards.phones[extension].legs -= 1;
            self.update_phone(extension);
        }
        self.over.push(leg.call);
    }

    pub(super) fn answer_caller(&mut self, call: CallId) {
        let Some(leg) = self.sessions.get(call).and_then(|session| session.caller()) else { return };
        if self.is_being_answered(leg) {
            return;
        }
        let Some(it) = self.legs.get(leg) else { return };
        let (channel, board_call) = (it.channel, it.board_call);
        self.board(BoardCommand::Answer { channel, call: board_call });
        self.start_timer(TimerName::Leg(leg, LegTimer::Answer), ANSWER_MS);
    }

    /// The board was told to answer, and has not said yet that it did.
    pub(super) fn is_being_answered(&self, leg: LegId) -> bool {
        self.timers.get(TimerName::Leg(leg, LegTimer::Answer)).is_some()
    }

    pub(super) fn drop_leg(&mut self, id: LegId, cause: Cause) {
        let Some(leg) = self.legs.get_mut(id) else { return };
        if !leg.drop_with(cause) {
            return;
        }
        let (channel, call, of) = (leg.channel, leg.board_call, leg.call);
        self.board(BoardCommand::Drop { channel, call, q850: cause.q850 });
        for timer in [LegTimer::Answer, LegTimer::Proceeding] {
            self.timers.clear(TimerName::Leg(id, timer));
        }
        self.start_timer(TimerName::Leg(id, LegTimer::Release), RELEASE_MS);
        self.touch(of);
    }

    pub(super) fn on_leg_event(&mut self, channel: ChannelId, board_call: BoardCall, event: &BoardEvent) {
        let Some(&id) = self.legs_by_board.get(&(channel.device, board_call)) else {
            self.on_event_of_nobody(channel, board_call, event);
            return;
        };
        self.confirm(channel.device, |it| it.legs.remove(&id));
        let Some(leg) = self.legs.get_mut(id) else { return };
        match leg.on_board(self.now.instant, event) {
            Some(fact) => self.on_leg_fact(id, fact),
            None => self.counters.events_out_of_state += 1,
        }
    }

    pub(super) fn on_event_of_nobody(
        &mut self,
        channel: ChannelId,
        board_call: BoardCall,
        event: &BoardEvent,
    ) {
        self.counters.events_out_of_state += 1;
        if !matches!(event, BoardEvent::Released { .. }) {
            // a call the board still has and we gave up
            if let Some(suspect) = self.suspect(channel, board_call) {
                suspect.named = true;
            }
            self.board(BoardCommand::Drop { channel, call: board_call, q850: Cause::TEMPORARY_FAILURE.q850 });
            return;
        }
        if self.suspect(channel, board_call).is_some() {
            self.boards.clear_suspect(channel);
        }
    }

    fn suspect(&mut self, channel: ChannelId, board_call: BoardCall) -> Option<&mut Suspect> {
        let suspect = self.boards.channel_mut(channel)?.suspect.as_mut();
        suspect.filter(|suspect| suspect.call == board_call)
    }

    /// The board has said of something how it is.
    pub(super) fn confirm(&mut self, device: DeviceId, what: impl FnOnce(&mut Unconfirmed) -> bool) {
        if let Some(device) = self.boards.devices.get_mut(&device) {
            what(&mut device.unconfirmed);
        }
    }

    fn on_leg_fact(&mut self, id: LegId, fact: LegFact) {
        let Some(leg) = self.legs.get(id) else { return };
        let call = leg.call;
        let bits = id.to_bits();
        match fact {
            LegFact::Proceeding => self.on_number_taken(call, id),
            LegFact::Alerting { inband } => {
                self.on_number_taken(call, id);
                self.fact(Some(call), Fact::LegAlerting { leg: bits });
                self.on_party_alerting(call, id, inband);
            }
            LegFact::Answered { supervision } => self.on_leg_answered(call, id, supervision),
            LegFact::Held => self.fact(Some(call), Fact::LegHeld { leg: bits }),
            LegFact::Retrieved => {
                self.requeue_after_hold(call, id);
                self.fact(Some(call), Fact::LegRetrieved { leg: bits });
            }
            LegFact::Recall => self.on_recall(call, id),
            LegFact::Digit(digit) => self.on_digit(call, id, digit),
            LegFact::Disconnected(cause) => {
                self.on_party_gone(call, id, cause);
                self.drop_leg(id, cause);
            }
            LegFact::Released { cause, by_us } => {
                if !by_us {
                    self.on_party_gone(call, id, cause);
                }
                self.remove_leg(id, cause);
            }
        }
        self.touch(call);
    }

    /// A caller who comes back from hold is queued still, if a queue has the call.
    fn requeue_after_hold(&mut self, call: CallId, id: LegId) {
        if self.acd.queue_of(call).is_some()
            && let Some(leg) = self.legs.get_mut(id)
        {
            leg.enqueue();
        }
    }

    fn on_leg_answered(&mut self, call: CallId, id: LegId, supervision: Supervision) {
        self.timers.clear(TimerName::Leg(id, LegTimer::Answer));
        self.on_number_taken(call, id);
        self.fact(Some(call), Fact::LegAnswered { leg: id.to_bits(), supervision });
        match self.legs.get(id).map(|leg| leg.role) {
            Some(Role::Caller) => self.on_caller_answered(call),
            Some(Role::Called) => self.on_called_answered(call, id),
            Some(Role::Agent) => self.on_agent_answered(call, id),
            None => {}
        }
    }

    fn on_caller_answered(&mut self, call: CallId) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.answered = true;
        self.fact(Some(call), Fact::Answered);
        let Some(session) = self.sessions.get_mut(call) else { return };
        match &session.controller {
            Controller::Answering(target) => {
                let target = target.clone();
                self.enter(call, &target);
            }
            Controller::Application(_) => self.on_application_answered(call),
            Controller::Monitored => self.begin_recording_of_caller(call),
            Controller::Route
            | Controller::Flow(_)
            | Controller::Queue
            | Controller::Dialing(_)
            | Controller::Returning
            | Controller::Talking(_)
            | Controller::Joined(_)
            | Controller::Supervising(_)
            | Controller::Conference(_)
            | Controller::Tone(..)
            | Controller::Ending(..) => {}
        }
    }

    fn on_digit(&mut self, call: CallId, leg: LegId, digit: Digit) {
        if self.on_consultation_digit(call, leg, digit) {
            return;
        }
        let Some(session) = self.sessions.get(call) else { return };
        if session.caller() != Some(leg) {
            return self.press_on(call, leg, digit);
        }
        match &session.controller {
            Controller::Flow(_) => {
                self.fact(Some(call), Fact::DigitReceived { digit });
                self.in_flow(call, Happened::Digit(digit));
            }
            Controller::Monitored => self.fact(Some(call), Fact::DigitReceived { digit }),
            Controller::Application(_) => self.on_application_digit(call, digit),
            Controller::Talking(talk) => {
                let is_joined = talk.bridge.is_some();
                if self.ends_recording(call, digit) {
                    return;
                }
                self.press_on(call, leg, digit);
                if is_joined {
                    self.emit(Event::Digit { call, digit });
                }
            }
            Controller::Joined(_) => {
                if !self.ends_recording(call, digit) {
                    self.press_on(call, leg, digit);
                    self.emit(Event::Digit { call, digit });
                }
            }
            Controller::Conference(_) => {
                if !self.ends_recording(call, digit) {
                    self.emit(Event::Digit { call, digit });
                }
            }
            Controller::Supervising(_) => self.emit(Event::Digit { call, digit }),
            Controller::Route
            | Controller::Answering(_)
            | Controller::Queue
            | Controller::Dialing(_)
            | Controller::Returning
            | Controller::Tone(..)
            | Controller::Ending(..) => {}
        }
    }

    /// The far end of a leg is gone, not by our wish. Told once for each leg.
    fn on_party_gone(&mut self, call: CallId, id: LegId, cause: Cause) {
        if cause.how == How::Glare && self.retry_after_glare(call, id) {
            return;
        }
        if self.on_consultation_gone(call, id, cause) {
            return;
        }
        let Some(session) = self.sessions.get(call) else { return };
        if session.caller() == Some(id) {
            self.on_caller_gone(call, cause);
            return;
        }
        match &session.controller {
            Controller::Queue => self.on_agent_failed(call, cause),
            Controller::Dialing(leg) if *leg == id => self.fail_dial(call, cause),
            Controller::Talking(talk) if talk.other == id => self.end_call(call, cause, party_of(cause)),
            Controller::Route
            | Controller::Answering(_)
            | Controller::Flow(_)
            | Controller::Dialing(_)
            | Controller::Returning
            | Controller::Talking(_)
            | Controller::Joined(_)
            | Controller::Supervising(_)
            | Controller::Application(_)
            | Controller::Conference(_)
            | Controller::Monitored
            | Controller::Tone(..)
            | Controller::Ending(..) => {}
        }
    }

    fn on_caller_gone(&mut self, call: CallId, cause: Cause) {
        let (by, end) = match cause.is_failure() {
            true => (Party::Failure, crate::call::Dequeue::Withdrawn),
            false => (Party::Caller, crate::call::Dequeue::Abandoned),
        };
        self.acd.leave(self.now.instant, call, end);
        self.end_call(call, cause, by);
    }

    /// End a leg of which the board will say nothing more; should it know the call after all, it is to drop it.
    pub(super) fn force_release(&mut self, id: LegId, cause: Cause) {
        let Some(leg) = self.legs.get_mut(id) else { return };
        let (call, channel, board_call) = (leg.call, leg.channel, leg.board_call);
        let first = leg.drop_with(cause);
        self.board(BoardCommand::Drop { channel, call: board_call, q850: cause.q850 });
        self.counters.legs_forced_free += 1;
        if first {
            self.on_party_gone(call, id, cause);
        }
        self.remove_leg(id, cause);
    }

    /// The board never said `Released`: give the leg up, and leave the channel alone until it does.
    pub(super) fn on_release_overdue(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(id) else { return };
        let (channel, board_call) = (leg.channel, leg.board_call);
        if let Some(it) = self.boards.channel_mut(channel) {
            it.suspect = Some(Suspect { call: board_call, named: false });
        }
        self.force_release(id, Cause::TIMER_EXPIRED);
        self.ask_replay(channel.device);
    }

    /// The driver refused a command of a leg.
    pub(super) fn on_refused(&mut self, channel: ChannelId, board_call: BoardCall, cause: Cause) {
        let Some(&id) = self.legs_by_board.get(&(channel.device, board_call)) else { return };
        let Some(leg) = self.legs.get(id) else { return };
        match leg.state {
            // a refused make never was: nothing has to be dropped
            LegState::Initiated => self.force_release(id, cause),
            LegState::Releasing { cause } => self.remove_leg(id, cause),
            LegState::Alerting { .. } | LegState::Connected | LegState::Hold | LegState::Queued => {
                let call = leg.call;
                self.on_party_gone(call, id, cause);
                self.drop_leg(id, cause);
            }
            LegState::Failed { .. } => {}
        }
    }
}

fn party_of(cause: Cause) -> Party {
    if cause.is_failure() { Party::Failure } else { Party::Called }
}
