//! Events of boards: devices that come and go, calls that come in, and everything that belongs to a leg.

use super::session::Session;
use super::{Event, Exchange, Stopping};
use crate::acd::Start;
use crate::base::limits::FLOW_STEPS_PER_FACT_MAX;
use crate::board::{
    BoardCall, BoardCommand, BoardEvent, Cause, ChannelId, ChannelInfo, DeviceId, How, Incoming,
};
use crate::call::{Call, CallId, DeviceTimer, Fact, Leg, LegId, LegState, Role, Target, TimerName};
use crate::route::{Dialled, Origin};

impl Exchange {
    pub(super) fn on_board(&mut self, event: BoardEvent) {
        match event {
            BoardEvent::DeviceAdded { device, name, channels } => {
                self.on_device_added(device, name, channels)
            }
            BoardEvent::DeviceRemoved { device } => self.on_device_removed(device),
            BoardEvent::Lost { device, count } => self.on_lost(device, count),
            BoardEvent::Replayed { device, rest } => self.on_replayed(device, rest),
            BoardEvent::Service { channel, up } => self.on_service(channel, up),
            BoardEvent::Alarm { channel, on } => self.on_alarm(channel, on),
            BoardEvent::Endpoint { device, address, up } => self.on_endpoint(device, &address, up),
            BoardEvent::Incoming { channel, call, incoming } => self.on_incoming(channel, call, incoming),
            BoardEvent::CallInfo { channel, call, incoming } => self.on_call_info(channel, call, incoming),
            BoardEvent::Line { channel, event } => self.on_line_event(channel, &event),
            BoardEvent::Refused { channel, call, cause } => self.on_refused(channel, call, cause),
            BoardEvent::Proceeding { channel, call }
            | BoardEvent::Alerting { channel, call, .. }
            | BoardEvent::Progress { channel, call, .. }
            | BoardEvent::Connected { channel, call, .. }
            | BoardEvent::Disconnected { channel, call, .. }
            | BoardEvent::Released { channel, call, .. }
            | BoardEvent::Held { channel, call }
            | BoardEvent::Retrieved { channel, call }
            | BoardEvent::Recall { channel, call }
            | BoardEvent::Digit { channel, call, .. } => self.on_leg_event(channel, call, &event),
        }
    }

    fn on_device_added(&mut self, device: DeviceId, name: String, channels: Vec<ChannelInfo>) {
        self.remove_namesakes(device, &name);
        self.fact(None, Fact::DeviceAdded { device: name.clone() });
        self.boards.add(device, name.clone(), &channels, &self.routes);
        self.add_lines(device, &name, &channels);
        for extension in 0..self.routes.extensions().len() {
            let it = &self.routes.extensions()[extension];
            if it.device == name && it.channel.is_some() {
                self.set_reachable(extension, true);
            }
        }
    }

    /// A device that comes while it is there has lost everything that was on it.
    fn remove_namesakes(&mut self, device: DeviceId, name: &str) {
        let namesakes = self.boards.devices.iter().filter(|(id, it)| **id == device || it.name == name);
        let namesakes: Vec<_> = namesakes.map(|(id, _)| *id).collect();
        for namesake in namesakes {
            self.on_device_removed(namesake);
        }
    }

    fn on_device_removed(&mut self, device: DeviceId) {
        let Some(it) = self.boards.devices.get(&device) else { return };
        let name = it.name.clone();
        self.fact(None, Fact::DeviceRemoved { device: name.clone() });
        for extension in 0..self.routes.extensions().len() {
            if self.routes.extensions()[extension].device == name {
                self.set_reachable(extension, false);
            }
        }
        self.release_all_of(device);
        self.remove_lines(device);
        self.boards.devices.remove(&device);
        self.timers.clear(TimerName::Device(device, DeviceTimer::Replay));
    }

    pub(super) fn legs_of(&self, device: DeviceId) -> Vec<LegId> {
        let range = (device, BoardCall(0))..=(device, BoardCall(u64::MAX));
        self.legs_by_board.range(range).map(|(_, leg)| *leg).collect()
    }

    /// End every leg of a device as if the board had released it.
    fn release_all_of(&mut self, device: DeviceId) {
        for leg in self.legs_of(device) {
            self.force_release(leg, Cause::OUT_OF_ORDER);
            self.drain_acd();
        }
    }

    fn on_lost(&mut self, device: DeviceId, count: u64) {
        let Some(it) = self.boards.devices.get_mut(&device) else { return };
        let name = it.name.clone();
        self.fact(None, Fact::EventsLost { device: name, count });
        self.ask_replay(device);
    }

    fn on_service(&mut self, channel: ChannelId, up: bool) {
        if let Some(it) = self.boards.channel_mut(channel).filter(|_| up) {
            it.suspect = None;
        }
        self.set_service(channel, up);
    }

    pub(super) fn set_service(&mut self, channel: ChannelId, up: bool) {
        self.confirm(channel.device, |it| it.blocked.remove(&channel.index));
        let Some(it) = self.boards.channel_mut(channel) else { return };
        let was = std::mem::replace(&mut it.in_service, up);
        if was != up {
            self.fact(None, Fact::ServiceChanged { channel, up });
        }
        self.follow_outage(channel);
    }

    /// Short alarms have been left out by the driver: with this one the far end cannot be there any more.
    pub(super) fn on_alarm(&mut self, channel: ChannelId, on: bool) {
        self.confirm(channel.device, |it| it.alarmed.remove(&channel.index));
        let Some(it) = self.boards.channel_mut(channel) else { return };
        let was = std::mem::replace(&mut it.alarm, on);
        let leg = it.leg;
        if was != on {
            self.fact(None, Fact::AlarmChanged { channel, on });
        }
        self.follow_outage(channel);
        let ends = on && self.line_config(channel).alarm_drops_calls;
        let leg = leg.filter(|_| ends).and_then(|leg| self.legs.get(leg));
        if let Some(board_call) = leg.map(|leg| leg.board_call) {
            let cause = Cause { how: How::Alarm, ..Cause::OUT_OF_ORDER };
            let event = BoardEvent::Disconnected { channel, call: board_call, cause };
            self.on_leg_event(channel, board_call, &event);
        }
    }

    /// A channel can be used, or no more: it is listed so, and so is the phone on it.
    fn follow_outage(&mut self, channel: ChannelId) {
        self.boards.relist(channel);
        let Some(up) = self.boards.channel(channel).map(|it| it.in_service && !it.alarm) else { return };
        let Some(device) = self.boards.devices.get(&channel.device) else { return };
        if let Some(extension) = self.routes.extension_at(&device.name, channel.index, "") {
            self.set_reachable(extension, up);
        }
    }

    fn on_endpoint(&mut self, device: DeviceId, address: &str, up: bool) {
        let Some(it) = self.boards.devices.get(&device) else { return };
        if let Some(extension) = self.routes.extension_at(&it.name, u32::MAX, address) {
            self.confirm(device, |it| it.phones.remove(&extension));
            self.set_reachable(extension, up);
        }
    }

    /// A phone can be reached, or not any more; agents who come and go with it do so.
    pub(super) fn set_reachable(&mut self, extension: usize, up: bool) {
        let phone = &mut self.boards.phones[extension];
        if std::mem::replace(&mut phone.reachable, up) == up {
            return;
        }
        let agents = phone.agents.clone();
        self.update_phone(extension);
        self.drain_acd();
        for agent in agents {
            if self.acd.agents()[agent].config.login == Start::WithPhone {
                // already in the wished state is no mistake here: the phone registers again and again
                let _ = match up {
                    true => self.acd.login(self.now.instant, agent),
                    false => self.acd.logout(self.now.instant, agent),
                };
                self.drain_acd();
            }
        }
    }

    /// Tell the distribution whether a phone is free.
    pub(super) fn update_phone(&mut self, extension: usize) {
        let phone = &self.boards.phones[extension];
        // what follows from it waits until it is known what took the channel, if anything did
        let (is_free, is_awaited) = (phone.is_free(), phone.awaited_by.is_some());
        if is_free && is_awaited {
            self.awaited.push(extension);
        }
        let free = is_free && !is_awaited;
        for agent in phone.agents.clone() {
            self.acd.on_phone(self.now.instant, agent, free);
        }
    }

    pub(super) fn login_at_start(&mut self) {
        for agent in 0..self.acd.agents().len() {
            if self.acd.agents()[agent].config.login == Start::AtStart {
                let _ = self.acd.login(self.now.instant, agent);
            }
        }
        self.settle();
    }

    fn on_incoming(&mut self, channel: ChannelId, board_call: BoardCall, incoming: Incoming) {
        if let Some(&leg) = self.legs_by_board.get(&(channel.device, board_call)) {
            self.confirm(channel.device, |it| it.legs.remove(&leg));
            return;
        }
        let refusal = match () {
            () if self.boards.channel(channel).is_none() => Some(Cause::CHANNEL_UNAVAILABLE),
            () if self.stopping != Stopping::No => Some(Cause::TEMPORARY_FAILURE),
            () => None,
        };
        if self.is_suspect(channel, board_call) {
            self.on_leg_event(
                channel,
                board_call,
                &BoardEvent::Incoming { channel, call: board_call, incoming },
            );
            return;
        }
        if self.is_for_outgoing(channel) {
            self.fact(None, Fact::IncomingRefused { channel });
            self.board(BoardCommand::Drop { channel, call: board_call, q850: Cause::REJECTED.q850 });
            return;
        }
        self.clear_channel_for(channel);
        let overlap = incoming.overlap;
        let begun = refusal.map_or_else(|| self.begin_call(channel, board_call, incoming), Err);
        match begun {
            Ok(call) if self.is_tap(channel) => self.monitor(call),
            Ok(call) if overlap => self.begin_overlap(call),
            Ok(call) => self.route(call),
            Err(cause) => {
                self.counters.calls_refused += 1;
                self.board(BoardCommand::Drop { channel, call: board_call, q850: cause.q850 });
            }
        }
    }

    /// A call that was given up here before; a board that says everything again says that it came in, too.
    fn is_suspect(&self, channel: ChannelId, board_call: BoardCall) -> bool {
        let suspect = self.boards.channel(channel).and_then(|channel| channel.suspect);
        suspect.is_some_and(|suspect| suspect.call == board_call)
    }

    /// A new call on a channel says that the one before is over there, or that our own call out lost a glare.
    fn clear_channel_for(&mut self, channel: ChannelId) {
        let before = self.boards.channel(channel).and_then(|channel| channel.leg);
        let Some(leg) = before.and_then(|leg| self.legs.get(leg)) else { return };
        if !leg.is_releasing() {
            // what follows from it waits until the new call has the channel
            let lost = !leg.incoming && leg.answered.is_none();
            let cause = if lost { Cause::GLARE } else { Cause::CHANNEL_UNAVAILABLE };
            self.force_release(leg.id, cause);
        }
    }

    /// A call and its first leg; the cause to refuse it with when there is no room.
    fn begin_call(
        &mut self,
        channel: ChannelId,
        board_call: BoardCall,
        incoming: Incoming,
    ) -> Result<CallId, Cause> {
        let device = &self.boards.devices[&channel.device].name;
        let extension = self.routes.extension_at(device, channel.index, &incoming.via);
        let incoming = self.name_caller(incoming, extension);
        let fact = Fact::Arrived {
            channel,
            calling: incoming.calling.clone(),
            called: incoming.called.clone(),
            name: incoming.name.clone(),
            via: incoming.via.clone(),
            internal: extension.is_some(),
        };
        let number = incoming.calling.clone();
        let call = self.new_session(incoming, extension.is_some()).ok_or(Cause::CONGESTION)?;
        let leg = self.add_leg(Leg {
            channel,
            board_call,
            role: Role::Caller,
            number,
            extension,
            incoming: true,
            state: LegState::Alerting { inband: false },
            ..Leg::blank(call)
        });
        if leg.is_none() {
            self.sessions.remove(call);
            return Err(Cause::CONGESTION);
        }
        self.fact(Some(call), fact);
        Ok(call)
    }

    /// A phone of the house that does not say who it is has the number and the name of its extension.
    fn name_caller(&self, incoming: Incoming, extension: Option<usize>) -> Incoming {
        match extension.map(|place| &self.routes.extensions()[place]) {
            Some(own) if incoming.calling.is_empty() => {
                let name = if incoming.name.is_empty() { own.name.clone() } else { incoming.name };
                Incoming { calling: own.number.clone(), name, ..incoming }
            }
            _ => incoming,
        }
    }

    pub(super) fn new_session(&mut self, incoming: Incoming, internal: bool) -> Option<CallId> {
        let (number, started) = (self.next_call, self.now);
        let call = self.sessions.insert(|id| {
            Session::new(Call { id, number, legs: Vec::with_capacity(2), incoming, started, internal })
        })?;
        self.next_call += 1;
        self.calls_count += 1;
        Some(call)
    }

    /// What a call is routed by.
    pub(super) fn origin<'a>(&'a self, session: &'a Session, channel: ChannelId) -> Origin<'a> {
        Origin {
            called: &session.call.incoming.called,
            calling: &session.call.incoming.calling,
            device: self.boards.devices.get(&channel.device).map_or("", |device| &device.name),
            channel: channel.index,
            internal: session.call.internal,
            at: self.zone.civil(self.now.wall),
        }
    }

    pub(super) fn route(&mut self, call: CallId) {
        let Some(session) = self.sessions.get(call) else { return };
        let Some(leg) = session.caller().and_then(|leg| self.legs.get(leg)) else { return };
        let origin = self.origin(session, leg.channel);
        let target = self.routes.find(&origin).unwrap_or_else(|| match self.routes.dialled(&origin) {
            Dialled::Short => Target::Hangup(Cause::INVALID_NUMBER),
            Dialled::Whole | Dialled::Open | Dialled::Unknown => Target::Hangup(Cause::UNALLOCATED),
        });
        self.fact(Some(call), Fact::Routed { to: target.to_string() });
        self.send(call, target);
    }

    /// Send a call to wherever a target says; the one way in which a call changes hands.
    pub(super) fn send(&mut self, call: CallId, target: Target) {
        self.leave_controller(call);
        if !self.may_hop(call) {
            self.end_call(call, Cause::TEMPORARY_FAILURE, crate::call::Party::System);
            return;
        }
        match target {
            Target::Flow(_) | Target::Queue(_) | Target::Conference(_) | Target::Agent(_) => {
                self.answer_then(call, target);
            }
            Target::Extension(number) => self.dial_extension(call, &number),
            Target::Number(number) => self.dial_number(call, &number),
            Target::Application => self.offer_to_application(call),
            Target::Hangup(cause) => self.end_call(call, cause, crate::call::Party::System),
        }
    }

    /// Full queues that overflow into each other must not send a call round for ever.
    fn may_hop(&mut self, call: CallId) -> bool {
        let turn = self.turn;
        let Some(session) = self.sessions.get_mut(call) else { return false };
        if session.hops.0 != turn {
            session.hops = (turn, 0);
        }
        session.hops.1 += 1;
        session.hops.1 <= FLOW_STEPS_PER_FACT_MAX
    }

    /// Go to a target that talks to the caller: at once, or when the caller's leg is answered.
    fn answer_then(&mut self, call: CallId, target: Target) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        if session.answered {
            self.enter(call, &target);
        } else {
            session.controller = super::session::Controller::Answering(target);
            self.answer_caller(call);
        }
    }

    /// The caller's leg is answered: the target begins.
    pub(super) fn enter(&mut self, call: CallId, target: &Target) {
        match target {
            Target::Flow(name) => self.enter_flow(call, name),
            Target::Queue(name) => self.enter_queue(call, name),
            Target::Conference(name) => self.enter_conference(call, name),
            Target::Agent(verb) => self.do_agent_code(call, *verb),
            Target::Extension(_) | Target::Number(_) | Target::Application | Target::Hangup(_) => {
                self.send(call, target.clone());
            }
        }
    }

    pub(super) fn tell_application(&mut self, call: CallId, event: Event) {
        if self.sessions.get(call).is_some_and(|session| session.application) {
            self.emit(event);
        }
    }
}
