//! Every state of an agent against everything that can happen to one: the next state, what is told, what is refused.

use super::{Acd, AcdOutput, AgentConfig, AgentState, QueueConfig, Start};
use crate::base::{Id, Instant, Slab, Why};
use crate::board::Cause;
use crate::call::{AgentTimer, CallId, CallKind, CallTimer, Dequeue, Fact, OfferEnd, Target, TimerName};
use std::sync::Arc;

pub(super) fn at(ms: u64) -> Instant {
    Instant::from_millis(ms)
}

pub(super) fn queue(name: &str) -> QueueConfig {
    QueueConfig {
        name: name.into(),
        music: None,
        ring_ms: 15_000,
        wrap_up_ms: 10_000,
        wait_ms_max: None,
        callers_max: None,
        overflow: Target::Hangup(Cause::NORMAL),
        service_level_ms: 20_000,
    }
}

pub(super) fn agent(id: &str, queues: &[&str]) -> AgentConfig {
    AgentConfig {
        id: id.into(),
        name: String::new(),
        extension: format!("100{id}"),
        queues: queues.iter().map(|name| (*name).into()).collect(),
        login: Start::Manual,
        no_answers_max: 3,
    }
}

/// As many calls as a test needs.
pub(super) fn calls<const N: usize>() -> [CallId; N] {
    let mut slab: Slab<CallKind, ()> = Slab::new(N);
    std::array::from_fn(|_| slab.insert(|_| ()).expect("there is room"))
}

/// One queue, one agent with a free phone.
fn one() -> Acd {
    let mut acd = Acd::new(vec![queue("q")], vec![agent("1", &["q"])]).expect("it is right");
    acd.on_phone(at(0), 0, true);
    acd
}

fn enqueue(acd: &mut Acd, now: u64, call: CallId) {
    acd.enqueue(at(now), call, 0, 100).expect("there is room");
}

// ---- a constructor for each state

fn logged_out() -> Acd {
    one()
}

fn ready() -> Acd {
    let mut acd = logged_out();
    acd.login(at(1), 0).expect("he was logged out");
    acd.take_outputs();
    acd
}

fn not_ready() -> Acd {
    let mut acd = ready();
    acd.not_ready(at(1), 0, "lunch".into()).expect("he is logged in");
    acd.take_outputs();
    acd
}

fn ringing(call: CallId) -> Acd {
    let mut acd = ready();
    enqueue(&mut acd, 2, call);
    acd.on_phone(at(2), 0, false);
    acd.take_outputs();
    acd
}

fn talking(call: CallId) -> Acd {
    let mut acd = ringing(call);
    assert_eq!(acd.on_answered(at(3), call), Some(0));
    acd.take_outputs();
    acd
}

fn wrap_up(call: CallId) -> Acd {
    let mut acd = talking(call);
    acd.on_talk_ended(at(4), call);
    acd.on_phone(at(4), 0, true);
    acd.take_outputs();
    acd
}

/// What is done to an agent.
#[derive(Clone, Copy, Debug)]
enum Done {
    Login,
    Logout,
    Ready,
    NotReady,
    Answered,
    NoAnswer,
    Failed,
    CallerGone,
    TalkEnded,
    WrapUpOver,
    Retry,
}

const ALL: [Done; 11] = [
    Done::Login,
    Done::Logout,
    Done::Ready,
    Done::NotReady,
    Done::Answered,
    Done::NoAnswer,
    Done::Failed,
    Done::CallerGone,
    Done::TalkEnded,
    Done::WrapUpOver,
    Done::Retry,
];

/// Do it; false when it was refused.
fn apply(acd: &mut Acd, call: CallId, done: Done) -> bool {
    let now = at(10);
    let refused = match done {
        Done::Login => acd.login(now, 0).err(),
        Done::Logout => acd.logout(now, 0).err(),
        Done::Ready => acd.ready(now, 0).err(),
        Done::NotReady => acd.not_ready(now, 0, "tea".into()).err(),
        Done::Answered => {
            acd.on_answered(now, call);
            None
        }
        Done::NoAnswer | Done::Failed => {
            let end = if matches!(done, Done::NoAnswer) { OfferEnd::NoAnswer } else { OfferEnd::Failed };
            acd.on_offer_failed(now, call, end);
            None
        }
        Done::CallerGone => {
            acd.leave(now, call, Dequeue::Abandoned);
            None
        }
        Done::TalkEnded => {
            acd.on_talk_ended(now, call);
            None
        }
        Done::WrapUpOver => {
            acd.on_wrap_up_over(now, 0);
            None
        }
        Done::Retry => {
            acd.on_retry(now, 0);
            None
        }
    };
    assert!(refused.as_ref().is_none_or(|refused| refused.why == Why::State));
    refused.is_none()
}

/// Proves: A3.4, A3.6, A3.15, A8.5
#[test]
fn every_state_of_an_agent_takes_what_it_should_and_nothing_else() {
    let [call] = calls();
    let out = || AgentState::LoggedOut;
    let free = || AgentState::Ready;
    let away = |reason: &str| AgentState::NotReady(reason.into());
    let rung = || AgentState::Ringing { call, queue: 0 };
    let busy = || AgentState::Talking { call, queue: 0 };
    let notes = || AgentState::WrapUp;
    let no = None;
    // columns as in ALL: login logout ready not_ready answered no_answer failed caller_gone talk_ended wrap_up_over retry
    #[rustfmt::skip]
    let table: [(Acd, [Option<AgentState>; 11]); 6] = [
        (logged_out(), [Some(free()), no.clone(), no.clone(), no.clone(), Some(out()), Some(out()), Some(out()), Some(out()), Some(out()), Some(out()), Some(out())]),
        (ready(),      [no.clone(), Some(out()), Some(free()), Some(away("tea")), Some(free()), Some(free()), Some(free()), Some(free()), Some(free()), Some(free()), Some(free())]),
        (not_ready(),  [no.clone(), Some(out()), Some(free()), Some(away("tea")), Some(away("lunch")), Some(away("lunch")), Some(away("lunch")), Some(away("lunch")), Some(away("lunch")), Some(away("lunch")), Some(away("lunch"))]),
        (ringing(call), [no.clone(), Some(out()), Some(rung()), Some(away("tea")), Some(busy()), Some(free()), Some(away("phone_failed")), Some(free()), Some(rung()), Some(rung()), Some(rung())]),
        (talking(call), [no.clone(), Some(busy()), Some(busy()), Some(busy()), Some(busy()), Some(busy()), Some(busy()), Some(busy()), Some(notes()), Some(busy()), Some(busy())]),
        (wrap_up(call), [no.clone(), Some(out()), Some(free()), Some(away("tea")), Some(notes()), Some(notes()), Some(notes()), Some(notes()), Some(notes()), Some(free()), Some(notes())]),
    ];
    let makers: [fn(CallId) -> Acd; 6] =
        [|_| logged_out(), |_| ready(), |_| not_ready(), ringing, talking, wrap_up];
    for (make, (was, nexts)) in makers.iter().zip(table) {
        let before = was.agents()[0].state.clone();
        for (done, next) in ALL.into_iter().zip(nexts) {
            let mut acd = make(call);
            let taken = apply(&mut acd, call, done);
            assert_eq!(taken, next.is_some(), "{before:?} on {done:?}");
            let next = next.unwrap_or_else(|| before.clone());
            assert_eq!(acd.agents()[0].state, next, "{before:?} on {done:?}");
            if !taken {
                assert_eq!(acd.take_outputs(), [], "{before:?} refuses {done:?} and does nothing");
            }
            if next != before {
                assert_eq!(acd.agents()[0].since, at(10), "{before:?} on {done:?}");
            }
        }
    }
}

fn changed(state: &str, reason: Option<&str>) -> AcdOutput {
    let reason = reason.map(Arc::from);
    AcdOutput::Fact(None, Fact::AgentChanged { agent: "1".into(), state: state.into(), reason })
}

#[test]
fn what_an_offer_and_a_talk_tell_is_exactly_this() {
    let [call] = calls();
    let mut acd = ready();
    enqueue(&mut acd, 100, call);
    let (queue, agent): (Arc<str>, Arc<str>) = ("q".into(), "1".into());
    let ring = TimerName::Call(call, CallTimer::Ring);
    assert_eq!(
        acd.take_outputs(),
        [
            AcdOutput::Fact(Some(call), Fact::Queued { queue: queue.clone() }),
            changed("ringing", None),
            AcdOutput::Fact(Some(call), Fact::Offered { queue: queue.clone(), agent: agent.clone() }),
            AcdOutput::StartTimer(ring, 15_000),
            AcdOutput::Offer { call, agent: 0 },
        ]
    );
    assert_eq!(acd.on_answered(at(600), call), Some(0));
    let ended = Fact::OfferEnded { queue: queue.clone(), agent, end: OfferEnd::Answered, ring_ms: 500 };
    assert_eq!(
        acd.take_outputs(),
        [
            AcdOutput::StopTimer(ring),
            AcdOutput::Fact(Some(call), ended),
            AcdOutput::StopTimer(TimerName::Call(call, CallTimer::MaxWait)),
            AcdOutput::Fact(Some(call), Fact::Dequeued { queue, end: Dequeue::Answered, wait_ms: 500 }),
            changed("talking", None),
        ]
    );
    acd.on_talk_ended(at(900), call);
    assert_eq!(
        acd.take_outputs(),
        [changed("wrap_up", None), AcdOutput::StartTimer(TimerName::Agent(0, AgentTimer::WrapUp), 10_000)]
    );
    acd.ready(at(950), 0).expect("wrap-up can be cut short");
    assert_eq!(
        acd.take_outputs(),
        [AcdOutput::StopTimer(TimerName::Agent(0, AgentTimer::WrapUp)), changed("ready", None)]
    );
}

/// Proves: A3.4, A10.4 in part
#[test]
fn what_is_wished_while_talking_takes_effect_after_it() {
    let [call] = calls();
    let after = |wishes: &[Done]| {
        let mut acd = talking(call);
        for wish in wishes {
            assert!(apply(&mut acd, call, *wish), "{wish:?}");
            assert_eq!(acd.agents()[0].state, AgentState::Talking { call, queue: 0 });
        }
        acd.take_outputs();
        acd.on_talk_ended(at(20), call);
        acd.agents()[0].state.clone()
    };
    assert_eq!(after(&[]), AgentState::WrapUp);
    assert_eq!(after(&[Done::NotReady]), AgentState::NotReady("tea".into()));
    assert_eq!(after(&[Done::Logout]), AgentState::LoggedOut);
    assert_eq!(after(&[Done::NotReady, Done::Ready]), AgentState::WrapUp, "the last wish counts");
    assert_eq!(after(&[Done::Ready, Done::Logout]), AgentState::LoggedOut);
    assert_eq!(after(&[Done::Logout, Done::Login]), AgentState::WrapUp, "back before the talk was over");
}

#[test]
fn an_agent_whose_phone_is_not_free_is_offered_nothing() {
    let [call] = calls();
    let mut acd = ready();
    acd.on_phone(at(2), 0, false);
    enqueue(&mut acd, 3, call);
    assert_eq!(acd.agents()[0].state, AgentState::Ready);
    assert_eq!(acd.queues()[0].available_count(), 0);
    acd.on_phone(at(4), 0, true);
    assert_eq!(acd.agents()[0].state, AgentState::Ringing { call, queue: 0 });
}

#[test]
fn three_offers_that_are_not_answered_make_an_agent_not_ready_and_an_answer_counts_anew() {
    let [call] = calls();
    let mut acd = ringing(call);
    let unanswered = |acd: &mut Acd| {
        acd.on_offer_failed(at(10), call, OfferEnd::NoAnswer);
        acd.on_phone(at(10), 0, true);
        acd.on_phone(at(10), 0, false);
        acd.agents()[0].state.clone()
    };
    assert_eq!(unanswered(&mut acd), AgentState::Ringing { call, queue: 0 });
    assert_eq!(unanswered(&mut acd), AgentState::Ringing { call, queue: 0 });
    assert_eq!(unanswered(&mut acd), AgentState::NotReady("no_answer".into()));
    let mut acd = ringing(call);
    unanswered(&mut acd);
    unanswered(&mut acd);
    acd.on_answered(at(11), call);
    assert_eq!(acd.agents()[0].no_answers, 0);
}

#[test]
fn a_phone_that_failed_is_tried_again_unless_its_agent_went_away_meanwhile() {
    let [call] = calls();
    let mut acd = ringing(call);
    acd.on_offer_failed(at(10), call, OfferEnd::Failed);
    let retry = TimerName::Agent(0, AgentTimer::Retry);
    assert!(acd.take_outputs().contains(&AcdOutput::StartTimer(retry, 5_000)));
    acd.on_phone(at(10), 0, true);
    assert_eq!(acd.agents()[0].state, AgentState::NotReady("phone_failed".into()), "not before its time");
    acd.on_retry(at(5_010), 0);
    assert_eq!(acd.agents()[0].state, AgentState::Ringing { call, queue: 0 });

    let mut acd = ringing(call);
    acd.on_offer_failed(at(10), call, OfferEnd::Failed);
    acd.not_ready(at(11), 0, "lunch".into()).expect("he is logged in");
    acd.on_retry(at(5_010), 0);
    assert_eq!(acd.agents()[0].state, AgentState::NotReady("lunch".into()));
}

#[test]
fn what_belongs_to_no_offer_changes_nothing() {
    let [call, other] = calls();
    let mut acd = ringing(call);
    acd.on_offer_failed(at(10), other, OfferEnd::NoAnswer);
    acd.leave(at(10), other, Dequeue::Abandoned);
    acd.on_max_wait(at(10), other);
    acd.on_talk_ended(at(10), other);
    assert_eq!(acd.on_answered(at(10), other), None);
    assert_eq!(acd.on_answered(at(10), Id::NONE), None);
    assert_eq!(acd.take_outputs(), []);
}
