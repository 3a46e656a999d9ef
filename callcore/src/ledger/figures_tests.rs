//! Figures against a morning computed by hand, and their identities after every fact of random days.

use super::super::fixture::Script;
use super::*;
use crate::board::Cause;
use crate::call::Party;

/// Three callers and one agent: one answered after 10 s, one answered after 30 s, one gives up after 5 s; a fourth waits.
fn morning() -> Script {
    let mut script = Script::new();
    script.push(None, Fact::Started { version: "test".into() });
    script.agent("7", "ready");
    script.at(10_000).arrive(1, "1", "8000").queued(1, "support");
    script.at(12_000).offered(1, "support", "7");
    script.at(20_000).answered(1, "support", "7", 8_000, 10_000);
    script.at(30_000).arrive(2, "2", "8000").queued(2, "support");
    script.at(31_000).arrive(3, "3", "8000").queued(3, "support");
    script
        .at(36_000)
        .fact(3, Fact::Dequeued { queue: "support".into(), end: Dequeue::Abandoned, wait_ms: 5_000 });
    script.ended(3, Cause::NORMAL, Party::Caller);
    script.at(50_000).fact(1, Fact::Unbridged { talk_ms: 30_000 }).ended(1, Cause::NORMAL, Party::Caller);
    script.agent("7", "wrap_up");
    script.at(55_000).agent("7", "ready").offered(2, "support", "7");
    script.at(60_000).answered(2, "support", "7", 5_000, 30_000);
    script.at(70_000).fact(2, Fact::Unbridged { talk_ms: 10_000 }).ended(2, Cause::NORMAL, Party::Called);
    script.agent("7", "not_ready");
    script.at(80_000).agent("7", "ready").arrive(4, "4", "8000").queued(4, "support");
    script.at(90_000).agent("7", "logged_out");
    script
}

fn fold(script: &Script) -> Figures {
    let mut figures = Figures::new([("support", 20_000)]);
    script.entries.iter().for_each(|entry| figures.push(entry));
    figures.check().expect("the identities hold");
    figures
}

#[test]
fn a_morning_by_hand() {
    let figures = fold(&morning());
    let queue = figures.queue("support").expect("it was used");
    assert_eq!((queue.offered, queue.answered, queue.abandoned, queue.waiting), (4, 2, 1, 1));
    assert_eq!((queue.answered_within, queue.abandoned_within), (1, 1));
    // 1 of the 2 that are to be judged: not the one who waits, not the one who gave up within 20 s
    assert_eq!(queue.service_level(), Some(0.5));
    assert_eq!(queue.abandon_rate(), Some(1.0 / 3.0));
    assert_eq!((queue.answer_ms_mean(), queue.wait_ms_max), (Some(20_000.0), 30_000));
    assert_eq!((queue.talks, queue.talk_ms_mean()), (2, Some(20_000.0)));
    assert_eq!((queue.offers, queue.offers_answered, queue.ringing), (2, 2, 0));
    assert_eq!(figures.total(), queue);
    assert_eq!(figures.queue("sales"), None);
}

#[test]
fn an_agents_time_by_hand() {
    let figures = fold(&morning());
    let agent = figures.agent("7").expect("seen");
    // ready 0-12 and 80-90, ringing 12-20 and 55-60, talking 20-50 and 60-70, wrap-up 50-55, not ready 70-80
    let times = (agent.ready_ms, agent.ringing_ms, agent.talking_ms, agent.wrap_up_ms, agent.not_ready_ms);
    assert_eq!(times, (22_000, 13_000, 40_000, 5_000, 10_000));
    assert_eq!(agent.logged_in_ms, 90_000);
    assert_eq!(agent.occupancy(), Some(58_000.0 / 80_000.0));
    assert_eq!((agent.offers, agent.answered, agent.no_answers), (2, 2, 0));
    assert_eq!(&*agent.state, "logged_out");
    assert_eq!(figures.agents_total().occupancy(), agent.occupancy());
}

#[test]
fn the_state_that_lasts_is_counted_up_to_now_and_ends_with_the_run() {
    let mut script = Script::new();
    script.push(None, Fact::Started { version: "test".into() }).agent("7", "ready");
    let mut figures = fold(&script);
    figures.advance(Instant::from_millis(5_000));
    assert_eq!(figures.agent("7").expect("seen").ready_ms, 5_000);
    script.at(1_000).agent("8", "ready");
    // a new run, and its clock begins anew
    script.at(0).push(None, Fact::Started { version: "test".into() });
    script.at(9_000).agent("8", "ready");
    let figures = fold(&script);
    assert_eq!(figures.agent("7").map(|it| (it.ready_ms, it.state)), Some((1_000, "logged_out".into())));
    assert_eq!(figures.agent("8").map(|it| it.ready_ms), Some(0));
}

/// Proves: A14.2
#[test]
fn the_connect_rate_counts_self_service_and_people() {
    let mut script = Script::new();
    script.arrive(1, "1", "8000").fact(1, Fact::Answered).ended(1, Cause::NORMAL, Party::Caller);
    script.arrive(2, "2", "8000").bridged(2, None).ended(2, Cause::NORMAL, Party::Caller);
    script.arrive(3, "3", "8000").ended(3, Cause::USER_BUSY, Party::System);
    script.arrive(4, "4", "8000").queued(4, "q");
    script.fact(4, Fact::Dequeued { queue: "q".into(), end: Dequeue::Abandoned, wait_ms: 1 });
    script.ended(4, Cause::NORMAL, Party::Caller);
    script.fact(5, Fact::Originated { to: "number:5".into() }).ended(5, Cause::USER_BUSY, Party::Called);
    let figures = fold(&script);
    let calls = figures.calls();
    assert_eq!((calls.begun, calls.arrived, calls.open), (5, 4, 0));
    assert_eq!(calls.connect_rate(), Some(0.5));
    assert_eq!(calls.of(Outcome::NotAnswered), 1);
}

#[test]
fn callers_and_talks_end_with_the_program() {
    let mut script = Script::new();
    script.at(1_000).arrive(1, "1", "8000").queued(1, "q").offered(1, "q", "7");
    script.arrive(2, "2", "8000").queued(2, "q").offered(2, "q", "8").answered(2, "q", "8", 0, 0);
    script.at(3_000).fact(2, Fact::LegHeld { leg: 1 });
    script.at(9_000).fact(1, Fact::CutOff).fact(2, Fact::CutOff);
    let queue = fold(&script).queue("q").expect("used");
    assert_eq!((queue.withdrawn, queue.waiting, queue.ringing, queue.offers_cancelled), (1, 0, 0, 1));
    assert_eq!((queue.talks, queue.talk_ms), (1, 2_000));
}

#[test]
fn the_identities_hold_after_every_fact() {
    for seed in 0..50 {
        let mut figures = Figures::new([("sales", 10_000)]);
        for entry in &Script::day(seed, 60).entries {
            figures.push(entry);
            figures.check().unwrap_or_else(|text| panic!("seed {seed}, entry {}: {text}", entry.seq));
        }
        let total = figures.total();
        assert_eq!((total.waiting, total.ringing, figures.calls().open), (0, 0, 0), "seed {seed}");
    }
}

#[test]
fn a_lost_or_doubled_fact_is_found() {
    let script = Script::day(3, 60);
    let mut found = 0;
    let is_queue =
        |fact: &Fact| matches!(fact, Fact::Queued { .. } | Fact::Dequeued { .. } | Fact::OfferEnded { .. });
    // the end of the program ends whatever is open: what is missing in a call that it cut off cannot be seen
    let was_cut = |call| script.entries.iter().any(|entry| entry.call == call && entry.fact == Fact::CutOff);
    let is_seen = |entry: &Entry| is_queue(&entry.fact) && !was_cut(entry.call);
    let places: Vec<usize> = (0..script.entries.len()).filter(|&at| is_seen(&script.entries[at])).collect();
    for &place in &places {
        for doubled in [false, true] {
            let mut entries = script.entries.clone();
            if doubled {
                entries.insert(place, entries[place].clone())
            } else {
                drop(entries.remove(place))
            }
            let mut figures = Figures::new([("sales", 10_000)]);
            entries.iter().for_each(|entry| figures.push(entry));
            found += usize::from(figures.check().is_err());
        }
    }
    assert_eq!((found, places.is_empty()), (2 * places.len(), false), "each one is seen");
}
