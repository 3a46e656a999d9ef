//! Numbers that come and go piece by piece (overlap receiving and sending, Q.931 5.2.4 and 5.1.3).
//!
//! ```text
//!   caller             exchange                                        far exchange
//!   SETUP 9     ──▶    more can follow: SETUP ACKNOWLEDGE, T302
//!   INFORMATION ──▶    it leads outside, by lines that can    ──▶      SETUP 5, more follow; T304
//!   INFORMATION ──▶    T302 anew                              ──▶      INFORMATION; T304 anew
//!                      CALL PROCEEDING ◀── T302 is over        ◀──      CALL PROCEEDING: it is whole
//! ```
//!
//! A number is whole when the routes say so (it leads somewhere, and no further digit leads elsewhere), when the far
//! exchange does, or when the caller has pressed nothing for `overlap_ms` (T302). One that leads nowhere then, and could
//! have with more digits, ends with cause 28, any other with cause 1.

use super::Exchange;
use super::session::{Controller, Session};
use crate::board::{BoardCommand, Cause, Step};
use crate::call::{CallId, CallTimer, Fact, Leg, LegId, LegTimer, Target, TimerName};
use crate::route::Dialled;

impl Exchange {
    /// A call comes in whose number may not be whole: if it is not, the caller's exchange is asked for more.
    pub(super) fn begin_overlap(&mut self, call: CallId) {
        self.follow_number(call);
        if self.is_being_dialled(call) {
            self.accept_caller(call, Step::SetupAck);
        }
    }

    /// Whether more digits of the number called are waited for.
    fn is_being_dialled(&self, call: CallId) -> bool {
        self.sessions.get(call).is_some_and(|session| session.call.incoming.overlap && !session.is_ending())
    }

    fn accept_caller(&mut self, call: CallId, step: Step) {
        let leg = self.sessions.get(call).and_then(Session::caller).and_then(|leg| self.legs.get(leg));
        if let Some((channel, call)) = leg.map(|leg| (leg.channel, leg.board_call)) {
            self.board(BoardCommand::Accept { channel, call, step });
        }
    }

    /// The number called is longer now, or whole: route the call, send the digits on, or wait for the next.
    pub(super) fn follow_number(&mut self, call: CallId) {
        let Some(dialled) = self.dialled_by(call) else { return };
        let is_over = !self.is_being_dialled(call) || dialled == Dialled::Whole;
        if let Some(leg) = self.dialing_leg(call) {
            self.send_digits_on(call, leg, is_over);
        } else if is_over || dialled == Dialled::Unknown {
            self.on_number_whole(call);
        } else {
            self.start_timer(TimerName::Call(call, CallTimer::Overlap), self.config.overlap_ms);
            self.send_number_on(call);
        }
    }

    fn dialled_by(&self, call: CallId) -> Option<Dialled> {
        let session = self.sessions.get(call)?;
        let leg = session.caller().and_then(|leg| self.legs.get(leg))?;
        Some(self.routes.dialled(&self.origin(session, leg.channel)))
    }

    fn dialing_leg(&self, call: CallId) -> Option<LegId> {
        match self.sessions.get(call)?.controller {
            Controller::Dialing(leg) => Some(leg),
            _ => None,
        }
    }

    /// No further digit comes, or none is needed: the call goes on, and the caller's exchange is told so.
    fn on_number_whole(&mut self, call: CallId) {
        let leads = self.dialled_by(call).is_some_and(|it| matches!(it, Dialled::Whole | Dialled::Open));
        self.end_number(call, leads);
        self.route(call);
    }

    /// No more digits are waited for.
    fn end_number(&mut self, call: CallId, leads: bool) {
        self.timers.clear(TimerName::Call(call, CallTimer::Overlap));
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.call.incoming.overlap = false;
        if leads {
            self.accept_caller(call, Step::Proceeding);
        }
    }

    /// T302: the caller has dialled nothing for a while.
    pub(super) fn on_number_over(&mut self, call: CallId) {
        match self.dialing_leg(call) {
            Some(leg) => self.send_digits_on(call, leg, true),
            None => self.on_number_whole(call),
        }
    }

    /// What there is of a number leads outside: it goes out at once, if a line is free that takes the rest, too.
    fn send_number_on(&mut self, call: CallId) {
        let Some(session) = self.sessions.get(call) else { return };
        let Some(leg) = session.caller().and_then(|leg| self.legs.get(leg)) else { return };
        let Some(outbound) = self.routes.outbound_begun(&self.origin(session, leg.channel)) else { return };
        // where none is, the number is waited for, and has another chance then
        let Ok(destination) = self.way_out(&outbound) else { return };
        if destination.overlap {
            let to = Target::Number(session.call.incoming.called.clone());
            self.fact(Some(call), Fact::Routed { to: to.to_string() });
            self.note_outside(call, &to);
            self.dial(call, destination);
        }
    }

    /// The digits that the far exchange does not have yet; none, and the word that there are no more, if it is whole.
    fn send_digits_on(&mut self, call: CallId, leg: LegId, complete: bool) {
        let Some(session) = self.sessions.get(call) else { return };
        let Some(caller) = session.caller().and_then(|leg| self.legs.get(leg)) else { return };
        let called = session.call.incoming.called.clone();
        let out = self.routes.outbound_begun(&self.origin(session, caller.channel));
        let number = out.map(|out| out.number.to_owned());
        let Some(it) = self.legs.get_mut(leg).filter(|leg| leg.overlap) else { return };
        let more = number.as_deref().and_then(|number| number.strip_prefix(it.number.as_str()));
        let digits = more.unwrap_or_default().to_owned();
        it.number.push_str(&digits);
        it.overlap = !complete;
        let (channel, board_call) = (it.channel, it.board_call);
        if let Some((number, _)) = self.sessions.get_mut(call).and_then(|it| it.outside.as_mut()) {
            *number = called;
        }
        if complete || !digits.is_empty() {
            self.board(BoardCommand::DialOn { channel, call: board_call, digits, complete });
            self.await_proceeding(leg);
        }
        if complete {
            self.end_dialling(call, leg);
        } else {
            self.start_timer(TimerName::Call(call, CallTimer::Overlap), self.config.overlap_ms);
        }
    }

    /// The far exchange has the whole number, as it says or as what follows from it shows.
    pub(super) fn on_number_taken(&mut self, call: CallId, leg: LegId) {
        self.timers.clear(TimerName::Leg(leg, LegTimer::Proceeding));
        let taken = self.legs.get_mut(leg).is_some_and(|leg| std::mem::take(&mut leg.overlap));
        if taken {
            self.end_dialling(call, leg);
        }
    }

    /// The number of a leg that was dialled piece by piece is known, and now it may ring.
    fn end_dialling(&mut self, call: CallId, leg: LegId) {
        let number = self.legs.get(leg).map_or_else(String::new, |leg: &Leg| leg.number.clone());
        self.fact(Some(call), Fact::LegDialled { leg: leg.to_bits(), number });
        self.end_number(call, true);
        self.start_timer(TimerName::Call(call, CallTimer::Ring), self.config.extension_ring_ms);
    }

    /// T304: the far exchange has digits, and says nothing of them.
    pub(super) fn on_number_unanswered(&mut self, leg: LegId) {
        let Some(call) = self.legs.get(leg).map(|leg| leg.call) else { return };
        self.drop_leg(leg, Cause::TIMER_EXPIRED);
        self.fail_dial(call, Cause::TIMER_EXPIRED);
    }
}
