//! What becomes known of a call after it came in: who calls, and the rest of a number that is dialled piece by piece.

use super::session::Controller;
use super::{Event, Exchange};
use crate::board::{BoardCall, BoardCommand, BoardEvent, ChannelId, Incoming, Step};
use crate::call::{CallId, CallTimer, Fact, TimerName};
use crate::route::Origin;

impl Exchange {
    /// More is known of a call that came in.
    pub(super) fn on_call_info(&mut self, channel: ChannelId, board_call: BoardCall, info: Incoming) {
        let Some(&id) = self.legs_by_board.get(&(channel.device, board_call)) else {
            let event = BoardEvent::CallInfo { channel, call: board_call, incoming: info };
            self.on_event_of_nobody(channel, board_call, &event);
            return;
        };
        self.confirm(channel.device, id);
        let Some(leg) = self.legs.get_mut(id).filter(|leg| leg.incoming && !leg.is_releasing()) else {
            self.counters.events_out_of_state += 1;
            return;
        };
        let call = leg.call;
        if !info.calling.is_empty() {
            leg.number.clone_from(&info.calling);
        }
        let Some(session) = self.sessions.get_mut(call) else { return };
        let waits = session.call.incoming.overlap && matches!(session.controller, Controller::Route);
        let known = &mut session.call.incoming;
        learn(known, &info);
        let incoming = known.clone();
        let (calling, called, name) =
            (incoming.calling.clone(), incoming.called.clone(), incoming.name.clone());
        self.fact(Some(call), Fact::CallInfo { calling, called, name });
        self.tell_application(call, Event::CallInfo { call, incoming });
        if waits {
            self.route_if_whole(call);
        }
    }

    /// Route a call if its number is whole, else wait for the next digit.
    pub(super) fn route_if_whole(&mut self, call: CallId) {
        let Some(session) = self.sessions.get(call) else { return };
        let incoming = &session.call.incoming;
        let Some(leg) = session.caller().and_then(|leg| self.legs.get(leg)) else { return };
        let whole = !incoming.overlap
            || self.routes.is_whole(&Origin {
                called: &incoming.called,
                calling: &incoming.calling,
                device: self.boards.devices.get(&leg.channel.device).map_or("", |device| &device.name),
                channel: leg.channel.index,
                internal: session.call.internal,
                at: self.zone.civil(self.now.wall),
            });
        if whole {
            self.on_number_whole(call);
        } else {
            self.start_timer(TimerName::Call(call, CallTimer::Overlap), self.config.overlap_ms);
        }
    }

    /// No further digit comes, or none is needed: the far end is told so (Q.931 CALL PROCEEDING), and the call goes on.
    pub(super) fn on_number_whole(&mut self, call: CallId) {
        self.timers.clear(TimerName::Call(call, CallTimer::Overlap));
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.call.incoming.overlap = false;
        let leg = session.caller().and_then(|leg| self.legs.get(leg));
        if let Some((channel, board_call)) = leg.map(|leg| (leg.channel, leg.board_call)) {
            self.board(BoardCommand::Accept { channel, call: board_call, step: Step::Proceeding });
        }
        self.route(call);
    }
}

/// Add what is new; a number that was whole gets no further digits.
fn learn(known: &mut Incoming, info: &Incoming) {
    for (old, new) in [(&mut known.calling, &info.calling), (&mut known.name, &info.name)] {
        if !new.is_empty() {
            old.clone_from(new);
        }
    }
    if known.overlap && !info.called.is_empty() {
        known.called.clone_from(&info.called);
        known.overlap = info.overlap;
    }
}
