//! A checker that cannot fail proves nothing: every promise is broken here once, and each is caught by its name.

use super::checkers::Checkers;
use crate::base::{Instant, WallTime};
use crate::board::{Cause, ChannelId};
use crate::call::{CallNumber, Dequeue, Fact, OfferEnd, Party, Role};
use crate::ledger::{CallRecord, Entry, Records};
use crate::media::scene::Participation;

type Line = (Option<CallNumber>, Fact);

fn arrived(call: CallNumber) -> Line {
    let text = String::new;
    let channel = ChannelId::new(0, 0);
    (
        Some(call),
        Fact::Arrived {
            channel,
            calling: text(),
            called: text(),
            name: text(),
            via: text(),
            internal: false,
        },
    )
}

fn queued(call: CallNumber) -> Line {
    (Some(call), Fact::Queued { queue: "q".into() })
}

fn agent(state: &str) -> Line {
    agent_is("1", state)
}

fn agent_is(agent: &str, state: &str) -> Line {
    (None, Fact::AgentChanged { agent: agent.into(), state: state.into(), reason: None })
}

fn offered(call: CallNumber, agent: &str) -> Line {
    (Some(call), Fact::Offered { queue: "q".into(), agent: agent.into() })
}

fn offer_ended(call: CallNumber, agent: &str) -> Line {
    let end = OfferEnd::Answered;
    (Some(call), Fact::OfferEnded { queue: "q".into(), agent: agent.into(), end, ring_ms: 0 })
}

fn dequeued(call: CallNumber) -> Line {
    (Some(call), Fact::Dequeued { queue: "q".into(), end: Dequeue::Answered, wait_ms: 0 })
}

fn leg_begun(call: CallNumber) -> Line {
    let fact =
        Fact::LegBegun { leg: 2, role: Role::Agent, number: "1001".into(), channel: ChannelId::new(0, 4) };
    (Some(call), fact)
}

fn leg_ended(call: CallNumber) -> Line {
    (Some(call), Fact::LegEnded { leg: 1, cause: Cause::NORMAL })
}

fn bridged(call: CallNumber) -> Line {
    (Some(call), Fact::Bridged { agent: None, number: "1001".into(), with: None })
}

fn joined(call: CallNumber, with: CallNumber) -> Line {
    (Some(call), Fact::Bridged { agent: None, number: "1001".into(), with: Some(with) })
}

fn supervised(call: CallNumber, of: CallNumber, on: bool) -> Line {
    let how = Participation::Listen;
    (Some(call), if on { Fact::SupervisionBegan { of, how } } else { Fact::SupervisionEnded { of } })
}

fn unbridged(call: CallNumber) -> Line {
    (Some(call), Fact::Unbridged { talk_ms: 0 })
}

fn recording_started(call: CallNumber) -> Line {
    (Some(call), Fact::RecordingStarted { recording: 1, path: "a.wav".into() })
}

fn recording_completed(call: CallNumber) -> Line {
    (Some(call), Fact::RecordingCompleted { recording: 1, duration_ms: 0 })
}

fn ended(call: CallNumber) -> Line {
    (Some(call), Fact::Ended { cause: Cause::NORMAL, by: Party::Caller })
}

fn entry(seq: u64, at_ms: u64, (call, fact): Line) -> Entry {
    Entry { seq, at: Instant::from_millis(at_ms), wall: WallTime(0), call, fact }
}

/// A call that goes through everything, as it should be.
fn right() -> Vec<Line> {
    vec![
        agent("ready"),
        arrived(1),
        queued(1),
        agent("ringing"),
        offered(1, "1"),
        leg_begun(1),
        offer_ended(1, "1"),
        dequeued(1),
        agent("talking"),
        bridged(1),
        recording_started(1),
        unbridged(1),
        agent("wrap_up"),
        leg_ended(1),
        leg_ended(1),
        recording_completed(1),
        ended(1),
    ]
}

/// The first promise these lines break, with the records that follow from them.
fn broken(lines: impl IntoIterator<Item = Line>) -> Option<String> {
    let (mut checkers, mut records) = (Checkers::default(), Records::default());
    for (place, line) in lines.into_iter().enumerate() {
        let entry = entry(place as u64 + 1, 10, line);
        checkers.push(&entry);
        if let Some(record) = records.push(&entry) {
            checkers.push_record(&record);
        }
    }
    checkers.take_broken().or_else(|| checkers.check_end().err())
}

#[test]
fn a_right_ledger_breaks_nothing() {
    assert_eq!(broken(right()), None);
}

#[test]
fn every_broken_promise_of_a_ledger_is_caught() {
    let waiting = || vec![arrived(1), queued(1)];
    let ringing = || vec![agent("ringing"), arrived(1), queued(1), offered(1, "1")];
    let then = |mut lines: Vec<Line>, more: Vec<Line>| {
        lines.extend(more);
        lines
    };
    let other = || vec![agent_is("2", "ringing"), offered(1, "2")];
    let faults: Vec<(Vec<Line>, &str)> = vec![
        (vec![arrived(1), arrived(1)], "call 1 arrives twice, or out of order"),
        (vec![arrived(2), arrived(1)], "call 1 arrives twice, or out of order"),
        (then(right(), vec![bridged(1)]), "call 1: a fact after its end"),
        (vec![queued(1)], "call 1: a fact after its end"),
        (then(waiting(), vec![queued(1)]), "call 1 waits twice"),
        (vec![arrived(1), dequeued(1)], "call 1 leaves a queue it is not in"),
        (then(ringing(), vec![dequeued(1)]), "call 1 leaves its queue and an agent is rung still"),
        (then(ringing(), vec![offer_ended(1, "2")]), "call 1: an offer ends that was not made to agent 2"),
        (then(waiting(), vec![offer_ended(1, "1")]), "call 1: an offer ends that was not made to agent 1"),
        (vec![arrived(1), bridged(1), bridged(1)], "call 1 is bridged while it is bridged or queued"),
        (then(waiting(), vec![bridged(1)]), "call 1 is bridged while it is bridged or queued"),
        (vec![arrived(1), unbridged(1)], "call 1 is unbridged without having been bridged"),
        (vec![arrived(1), leg_ended(1), leg_ended(1)], "call 1: a leg ends twice"),
        (vec![arrived(1), recording_completed(1)], "call 1: a recording ends that was not begun"),
        (vec![agent("ringing"), arrived(1), offered(1, "1")], "call 1 is offered and does not wait"),
        (then(ringing(), other()), "call 1 is offered to two agents"),
        (
            then(vec![agent("ready")], then(waiting(), vec![offered(1, "1")])),
            "call 1 is offered to agent 1, who is not free for it",
        ),
        (
            then(vec![agent("wrap_up")], then(waiting(), vec![offered(1, "1")])),
            "call 1 is offered to agent 1, who is not free for it",
        ),
        (then(ringing(), vec![arrived(2), queued(2), offered(2, "1")]), "agent 1 is offered two calls"),
        (then(waiting(), vec![leg_ended(1), ended(1)]), "call 1 ends with something open"),
        (then(ringing(), vec![leg_ended(1), ended(1)]), "call 1 ends with something open"),
        (vec![arrived(1), bridged(1), leg_ended(1), ended(1)], "call 1 ends with something open"),
        (vec![arrived(1), ended(1)], "call 1 ends with something open"),
        (vec![arrived(1), recording_started(1), leg_ended(1), ended(1)], "call 1 ends with something open"),
        (vec![arrived(1)], "call 1 never ended"),
        (vec![arrived(1), joined(1, 2)], "call 1 is joined with call 2, which is not"),
        (
            vec![arrived(1), arrived(2), arrived(3), joined(1, 2), joined(2, 1), joined(3, 1)],
            "call 3 is joined with call 1, which is not",
        ),
        (vec![arrived(1), arrived(2), supervised(2, 1, true)], "call 2 supervises call 1, one"),
        (vec![arrived(1), arrived(2), bridged(1), supervised(2, 1, false)], "call 2 does not supervise"),
        (
            vec![arrived(1), arrived(2), bridged(1), supervised(2, 1, true), unbridged(1)],
            "call 1 is unbridged and supervised still",
        ),
        (
            vec![arrived(1), arrived(2), bridged(1), supervised(2, 1, true), leg_ended(2), ended(2)],
            "call 2 ends with something open",
        ),
    ];
    for (lines, wanted) in faults {
        let found = broken(lines.clone()).unwrap_or_else(|| panic!("not caught: {wanted}\n{lines:?}"));
        assert!(found.starts_with(wanted), "'{found}' instead of '{wanted}'");
    }
}

#[test]
fn places_and_times_that_do_not_follow_are_caught() {
    let second = |seq, ms| {
        let mut checkers = Checkers::default();
        checkers.push(&entry(1, 10, agent("ready")));
        checkers.push(&entry(seq, ms, agent("ringing")));
        checkers.take_broken()
    };
    assert_eq!(second(2, 10), None);
    assert_eq!(second(3, 10).as_deref(), Some("entry 3 does not follow the one before"));
    assert_eq!(second(1, 10).as_deref(), Some("entry 1 does not follow the one before"));
    assert_eq!(second(2, 9).as_deref(), Some("entry 2 goes back in time"));
}

fn record() -> CallRecord {
    let mut records = Records::default();
    let lines = [arrived(1), leg_ended(1), ended(1)].into_iter().enumerate();
    lines
        .filter_map(|(place, line)| records.push(&entry(place as u64 + 1, 0, line)))
        .last()
        .expect("it ended")
}

#[test]
fn records_that_are_early_missing_or_doubled_are_caught() {
    let with = |before: usize, after: usize| {
        let mut checkers = Checkers::default();
        checkers.push(&entry(1, 0, arrived(1)));
        (0..before).for_each(|_| checkers.push_record(&record()));
        checkers.push(&entry(2, 0, leg_ended(1)));
        checkers.push(&entry(3, 0, ended(1)));
        (0..after).for_each(|_| checkers.push_record(&record()));
        checkers.take_broken().or_else(|| checkers.check_end().err())
    };
    assert_eq!(with(0, 1), None);
    assert_eq!(with(1, 0).as_deref(), Some("call 1 has a record before its end"));
    assert_eq!(with(0, 0).as_deref(), Some("1 calls ended, and there are 0 records"));
    assert_eq!(with(0, 2).as_deref(), Some("1 calls have ended and there are 2 records"));
}

#[test]
fn a_line_left_out_or_written_twice_anywhere_in_a_call_is_caught() {
    let lines = right();
    for place in 0..lines.len() {
        // an agent's state is no promise by itself, and `answered` facts may come twice
        if lines[place].0.is_none() {
            continue;
        }
        let without =
            lines.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, line)| line.clone());
        assert!(broken(without).is_some(), "left out: {:?}", lines[place]);
        let twice = lines.iter().take(place + 1).chain(lines.iter().skip(place)).cloned();
        assert!(broken(twice).is_some(), "twice: {:?}", lines[place]);
    }
}
