//! What becomes known of a call after it came in: who calls, and more of the number called.

use super::session::Controller;
use super::{Event, Exchange};
use crate::board::{BoardCall, BoardEvent, ChannelId, Incoming};
use crate::call::Fact;

impl Exchange {
    /// More is known of a call that came in.
    pub(super) fn on_call_info(&mut self, channel: ChannelId, board_call: BoardCall, info: Incoming) {
        let Some(&id) = self.legs_by_board.get(&(channel.device, board_call)) else {
            let event = BoardEvent::CallInfo { channel, call: board_call, incoming: info };
            self.on_event_of_nobody(channel, board_call, &event);
            return;
        };
        self.confirm(channel.device, |it| it.legs.remove(&id));
        let Some(leg) = self.legs.get_mut(id).filter(|leg| leg.incoming && !leg.is_releasing()) else {
            self.counters.events_out_of_state += 1;
            return;
        };
        let call = leg.call;
        if !info.calling.is_empty() {
            leg.number.clone_from(&info.calling);
        }
        let Some(session) = self.sessions.get_mut(call) else { return };
        let waits = session.call.incoming.overlap
            && matches!(session.controller, Controller::Route | Controller::Dialing(_));
        let known = &mut session.call.incoming;
        learn(known, &info);
        let incoming = known.clone();
        let (calling, called, name) =
            (incoming.calling.clone(), incoming.called.clone(), incoming.name.clone());
        self.fact(Some(call), Fact::CallInfo { calling, called, name });
        self.tell_application(call, Event::CallInfo { call, incoming });
        if waits {
            self.follow_number(call);
        }
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
