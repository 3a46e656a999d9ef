//! Queues: who is next, who keeps his place, who waits too long; and names that mean nothing.

use super::agent_tests::{agent, at, calls, queue};
use super::{Acd, AcdOutput, AgentState, QueueConfig};
use crate::call::{CallId, CallTimer, Dequeue, Fact, OfferEnd, Target, TimerName};

fn acd(queues: Vec<QueueConfig>, serves: &[&[&str]]) -> Acd {
    let agents = serves.iter().enumerate().map(|(place, queues)| agent(&place.to_string(), queues)).collect();
    let mut acd = Acd::new(queues, agents).expect("it is right");
    (0..serves.len()).for_each(|agent| acd.on_phone(at(0), agent, true));
    acd
}

fn offers(acd: &mut Acd) -> Vec<(CallId, usize)> {
    let offer = |output| match output {
        AcdOutput::Offer { call, agent } => Some((call, agent)),
        _ => None,
    };
    acd.take_outputs().into_iter().filter_map(offer).collect()
}

/// Proves: A16.26 in part (login, distribution, queueing, no-answer handling)
#[test]
fn the_longest_waiting_goes_to_the_longest_idle() {
    let [a, b, c] = calls();
    let mut acd = acd(vec![queue("q")], &[&["q"], &["q"], &["q"]]);
    for (agent, ms) in [(1, 10), (2, 20), (0, 30)] {
        acd.login(at(ms), agent).expect("he was logged out");
    }
    for call in [a, b, c] {
        acd.enqueue(at(40), call, 0, 9).expect("there is room");
    }
    assert_eq!(offers(&mut acd), [(a, 1), (b, 2), (c, 0)]);
}

#[test]
fn an_agent_of_two_queues_takes_who_waits_longest_in_either() {
    let [a, b, c] = calls();
    let mut acd = acd(vec![queue("x"), queue("y")], &[&["x", "y"]]);
    acd.enqueue(at(1), a, 1, 9).expect("there is room");
    acd.enqueue(at(2), b, 0, 9).expect("there is room");
    acd.enqueue(at(3), c, 1, 9).expect("there is room");
    acd.login(at(4), 0).expect("he was logged out");
    let mut order = Vec::new();
    for _ in 0..3 {
        let (call, agent) = offers(&mut acd)[0];
        order.push(call);
        acd.on_answered(at(5), call);
        acd.on_talk_ended(at(6), call);
        acd.on_wrap_up_over(at(7), agent);
    }
    assert_eq!(order, [a, b, c]);
}

#[test]
fn a_caller_whose_offer_fails_keeps_the_place() {
    let [a, b] = calls();
    let mut acd = acd(vec![queue("q")], &[&["q"], &["q"]]);
    acd.login(at(1), 0).expect("he was logged out");
    acd.enqueue(at(2), a, 0, 9).expect("there is room");
    acd.enqueue(at(3), b, 0, 9).expect("there is room");
    assert_eq!(offers(&mut acd), [(a, 0)]);
    acd.on_phone(at(3), 0, false);
    acd.on_offer_failed(at(4), a, OfferEnd::NoAnswer);
    assert_eq!(acd.queues()[0].waiters().map(|waiter| waiter.call).collect::<Vec<_>>(), [a, b]);
    acd.login(at(5), 1).expect("he was logged out");
    assert_eq!(offers(&mut acd), [(a, 1)], "the one who came first is offered first, again");
}

#[test]
fn a_full_queue_says_so_and_keeps_nobody() {
    let [a, b] = calls();
    let full = QueueConfig { callers_max: Some(1), ..queue("q") };
    let mut acd = acd(vec![full], &[]);
    acd.enqueue(at(1), a, 0, 9).expect("there is room");
    acd.take_outputs();
    let refused = acd.enqueue(at(2), b, 0, 9).expect_err("it is full");
    assert!(refused.text.contains("queue 'q' is full: 1 callers wait"), "{refused}");
    let queue: std::sync::Arc<str> = "q".into();
    let facts = [
        AcdOutput::Fact(Some(b), Fact::Queued { queue: queue.clone() }),
        AcdOutput::Fact(Some(b), Fact::Dequeued { queue, end: Dequeue::Refused, wait_ms: 0 }),
    ];
    assert_eq!(acd.take_outputs(), facts);
    assert!(!acd.knows(b));
}

#[test]
fn who_has_waited_too_long_leaves_unless_somebody_is_rung_just_now() {
    let [a, b] = calls();
    let to = Target::Extension("1000".into());
    let config = QueueConfig { wait_ms_max: Some(30_000), overflow: to.clone(), ..queue("q") };
    let mut acd = acd(vec![config], &[&["q"]]);
    acd.enqueue(at(0), a, 0, 9).expect("there is room");
    let timer = TimerName::Call(a, CallTimer::MaxWait);
    assert!(acd.take_outputs().contains(&AcdOutput::StartTimer(timer, 30_000)));
    acd.on_max_wait(at(30_000), a);
    assert_eq!(acd.take_outputs().last(), Some(&AcdOutput::Leave { call: a, to: to.clone() }));
    assert!(!acd.knows(a));

    acd.enqueue(at(40_000), b, 0, 9).expect("there is room");
    acd.login(at(69_000), 0).expect("he was logged out");
    acd.take_outputs();
    acd.on_max_wait(at(70_000), b);
    assert_eq!(acd.take_outputs(), [], "let it ring");
    // even a phone that is free at once does not get the call again: its time is over
    acd.on_offer_failed(at(75_000), b, OfferEnd::NoAnswer);
    let outputs = acd.take_outputs();
    assert!(outputs.contains(&AcdOutput::Leave { call: b, to }), "{outputs:?}");
    assert!(!outputs.iter().any(|output| matches!(output, AcdOutput::Offer { .. })), "{outputs:?}");
    assert_eq!(acd.agents()[0].state, AgentState::Ready);
}

#[test]
fn a_caller_who_gives_up_frees_the_agent_for_the_next() {
    let [a, b] = calls();
    let mut acd = acd(vec![queue("q")], &[&["q"]]);
    acd.login(at(1), 0).expect("he was logged out");
    acd.enqueue(at(2), a, 0, 9).expect("there is room");
    acd.enqueue(at(3), b, 0, 9).expect("there is room");
    acd.take_outputs();
    acd.leave(at(9), a, Dequeue::Abandoned);
    let outputs = acd.take_outputs();
    let place = |wanted: &AcdOutput| outputs.iter().position(|output| output == wanted);
    let cancel = place(&AcdOutput::CancelOffer { call: a, agent: 0 });
    let offer = place(&AcdOutput::Offer { call: b, agent: 0 });
    assert!(cancel.is_some() && cancel < offer, "{outputs:?}");
}

#[test]
fn names_that_mean_nothing_and_names_given_twice_are_found() {
    let agents = vec![agent("1", &["q", "nowhere"]), agent("1", &["q"])];
    let problems = Acd::new(vec![queue("q"), queue("q")], agents).expect_err("three mistakes");
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["queue[1].name", "agent[0].queues[1]", "agent[1].id"]);
}
