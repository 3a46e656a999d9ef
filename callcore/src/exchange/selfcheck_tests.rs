//! The self-check is broken here, one promise after the other, by reaching into the exchange; it says which.

use super::session::Controller;
use super::{Exchange, Input};
use crate::acd::AgentState;
use crate::base::{Instant, Now};
use crate::board::{
    BoardCall, BoardEvent, Cause, ChannelId, ChannelInfo, DeviceId, Incoming, Kind, Signalling, Supervision,
};
use crate::call::{CallId, CallTimer, LegId, LegState, Party, TimerName};
use crate::media::{Hear, LegPlan};
use serde_json::json;

fn feed(exchange: &mut Exchange, event: BoardEvent) {
    exchange.handle_input(Now::default(), Input::Board(event)).expect("events are never refused");
}

fn call_comes(exchange: &mut Exchange, index: u32, call: u64) {
    let (channel, call) = (ChannelId::new(0, index), BoardCall(call));
    let incoming = Incoming { called: "8000".into(), ..Incoming::default() };
    feed(exchange, BoardEvent::Incoming { channel, call, incoming });
    feed(
        exchange,
        BoardEvent::Connected { channel, call, supervision: Supervision::Signalled, inband_digits: false },
    );
}

/// The first call talks with agent 1, the second rings at agent 2, the third waits.
fn busy() -> (Exchange, [CallId; 3]) {
    let config = json!({
        "extension": [
            { "number": "1001", "device": "b", "channel": 4 },
            { "number": "1002", "device": "b", "channel": 5 }
        ],
        "queue": [{ "name": "q", "music": "music" }],
        "route": [{ "to": "queue:q" }],
        "agent": [
            { "id": "1", "extension": "1001", "queues": ["q"], "login": "at_start" },
            { "id": "2", "extension": "1002", "queues": ["q"], "login": "at_start" }
        ]
    });
    let config = serde_json::from_value(config).expect("it can be read");
    let mut exchange = Exchange::new(config, Now::default()).expect("it is right");
    let channels = vec![ChannelInfo { kind: Kind::Bearer, signalling: Signalling::Driver, caps: 0 }; 6];
    feed(&mut exchange, BoardEvent::DeviceAdded { device: DeviceId(0), name: "b".into(), channels });
    call_comes(&mut exchange, 0, 1);
    feed(
        &mut exchange,
        BoardEvent::Connected {
            channel: ChannelId::new(0, 4),
            call: BoardCall(2),
            supervision: Supervision::Signalled,
            inband_digits: false,
        },
    );
    call_comes(&mut exchange, 1, 3);
    call_comes(&mut exchange, 2, 5);
    assert_eq!(exchange.self_check(), Ok(()));
    let calls: Vec<_> = exchange.sessions.iter().map(|(call, _)| call).collect();
    let calls = calls.try_into().expect("three calls");
    (exchange, calls)
}

fn caller(exchange: &Exchange, call: CallId) -> LegId {
    exchange.sessions.get(call).and_then(|session| session.caller()).expect("it has a caller")
}

fn talk(exchange: &mut Exchange, call: CallId) -> &mut super::session::Talk {
    exchange.talk(call).expect("it talks")
}

type Break = fn(&mut Exchange, [CallId; 3]);

fn session(exchange: &mut Exchange, call: CallId) -> &mut super::Session {
    exchange.sessions.get_mut(call).expect("it lives")
}

const BREAKS: &[(&str, Break)] = &[
    ("does not know its leg", |it, [a, ..]| {
        session(it, a).call.legs.pop();
    }),
    ("has a leg that is not there", |it, [a, ..]| session(it, a).call.legs.push(LegId::NONE)),
    ("outlives", |it, [.., c]| {
        it.sessions.remove(c);
    }),
    ("is not listed by its board call", |it, _| {
        it.legs_by_board.pop_first();
    }),
    ("is listed without its leg", |it, [a, ..]| {
        let leg = caller(it, a);
        it.legs_by_board.insert((DeviceId(9), BoardCall(9)), leg);
    }),
    ("is queued in no queue", |it, [a, ..]| {
        let leg = caller(it, a);
        it.legs.get_mut(leg).expect("it lives").state = LegState::Queued;
    }),
    ("shares its channel", |it, [a, ..]| {
        let leg = caller(it, a);
        it.legs.get_mut(leg).expect("it lives").channel = ChannelId::new(0, 3);
    }),
    ("ends and its leg", |it, [a, ..]| {
        session(it, a).controller = Controller::Ending(Cause::NORMAL, Party::System);
    }),
    ("queue and controller disagree", |it, [.., c]| session(it, c).controller = Controller::Route),
    ("an agent talks with nobody", |it, [a, ..]| {
        session(it, a).controller = Controller::Application(Default::default())
    }),
    ("its plan is not up to date", |it, [a, ..]| session(it, a).dirty = true),
    ("is in two bridges", |it, [a, b, _]| {
        let plan = session(it, a).plan.clone();
        session(it, b).plan = plan;
    }),
    ("which is closed", |it, [.., c]| {
        let hear = Hear::Channel(ChannelId::new(0, 3));
        session(it, c).plan.legs = vec![LegPlan::new(ChannelId::new(0, 2), hear)];
    }),
    ("is rung for nobody", |it, _| {
        it.acd.agents_mut()[1].state = AgentState::Ringing { call: CallId::NONE, queue: 0 };
    }),
    ("talks in no call", |it, _| {
        it.acd.agents_mut()[0].state = AgentState::Talking { call: CallId::NONE, queue: 0 };
    }),
    ("is offered a call and not rung for it", |it, _| it.acd.agents_mut()[1].state = AgentState::Ready),
    ("a caller waits while an agent is free", |it, _| it.acd.list_as_free(0, 0)),
    ("has 1 legs, not 7", |it, _| it.boards.phones[0].legs = 7),
    ("is joined with a call that does not know it", |it, [a, b, _]| {
        let (talk, bridge) = (talk(it, a), super::bridge::Bridge::for_test(b));
        talk.bridge = Some(bridge);
    }),
    ("is supervised by a call that does not know it", |it, [a, b, _]| {
        talk(it, a).supervisor = Some(super::supervise::Supervisor::for_test(b));
    }),
    ("asks a third party who is none of its legs", |it, [a, b, _]| {
        let third = caller(it, b);
        talk(it, a).consultation = Some(super::consult::Consultation::for_test(third));
    }),
    ("talks with a leg of another call", |it, [a, b, _]| {
        let leg = caller(it, b);
        talk(it, a).other = leg;
    }),
    ("which does not know it", |it, [a, b, _]| session(it, b).controller = Controller::Joined(a)),
    ("supervises", |it, [a, b, _]| session(it, b).controller = Controller::Supervising(a)),
    ("is recorded and does not talk", |it, [a, b, _]| {
        session(it, b).recording = session(it, a).recording;
    }),
    ("has a recording that is not its own", |it, [a, b, _]| {
        let recording = session(it, a).recording.expect("the policy wants it");
        session(it, b).closing.push(recording);
    }),
    ("are under way", |it, [a, ..]| {
        it.requests.insert(7, a);
    }),
    ("outlives its owner", |it, _| {
        it.timers.set(TimerName::Call(CallId::NONE, CallTimer::Ring), Instant::FAR_FUTURE);
    }),
];

#[test]
fn every_broken_promise_of_the_exchange_is_caught() {
    for (wanted, break_it) in BREAKS {
        let (mut exchange, calls) = busy();
        break_it(&mut exchange, calls);
        let found = exchange.self_check().expect_err(wanted);
        assert!(found.contains(wanted), "'{found}' instead of '{wanted}'");
    }
}
