//! Level 2: calls, from the first event to RELEASED.

use super::script::{Chance, drop_all, live_calls, random};
use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require, skip};
use crate::raw::status_name;
use crate::session::{Incoming, Session, event_name, make};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Function};
use std::mem::offset_of;
use std::time::Duration;

const SUITE: Suite = Suite { level: 2, seconds: 90 };

/// The checks of this level's first half.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        26,
        "done-once",
        "each accepted command completes once, a refused one never",
        "CCD_OK is \"accepted\", and exactly one CCD_EV_DONE with that req follows; below zero is \"refused\", and nothing follows.",
        done_once,
    ),
    SUITE.check(
        27,
        "event-order",
        "the events of a call come in their order, whatever the host does",
        "DIALING PROCEEDING PROGRESS* ALERTING CONNECTED (HELD RETRIEVED)* DISCONNECTED RELEASED; INCOMING CALL_INFO* CONNECTED ... RELEASED. Ids: even by the host, odd by the driver, never used again while the device is open, also after stop and start.",
        event_order,
    ),
    SUITE.check(
        28,
        "released-once",
        "RELEASED comes once for each call, and last",
        "RELEASED comes exactly once and last, also after drop.",
        released_once,
    ),
    SUITE.check(
        29,
        "silent-after-released",
        "a call that is over says nothing more",
        "RELEASED: the call id is dead.",
        silent_after_released,
    ),
    SUITE.check(
        30,
        "seq-and-time",
        "events are numbered without a gap and stamped with the host's time",
        "seq: for each host table, from 1, +1 each, going on after stop and start; t_ns: host->now_ns(), never smaller than in the event before.",
        seq_and_time,
    ),
    SUITE.check(
        31,
        "event-form",
        "events have their size, zeroes where nothing is, texts with an end, ASCII digits",
        "size: multiple of 8, at most 4096; what is not used is zero. Text is UTF-8 and NUL-terminated; digits are ASCII 0-9 * # A-D.",
        event_form,
    ),
    SUITE.check(
        32,
        "drop-anywhere",
        "drop works in every state, twice, with any cause",
        "Clears a call in any state with a Q.850 cause (outside 1..127: 16); a second drop is accepted or CCD_E_GONE.",
        drop_anywhere,
    ),
    SUITE.check(
        33,
        "answer-late",
        "an answer after the caller's hang-up is refused",
        "Answers an incoming call. CCD_E_STATE: answered or cleared already.",
        answer_late,
    ),
    SUITE.check(
        34,
        "glare",
        "a call out and a call in on the same channel at the same moment",
        "CCD_E_GLARE: the far end has seized the line at the same moment.",
        glare,
    ),
    SUITE.check(37, "causes", "a call ends with a cause of 1 to 127", "q850: 1..127.", causes),
    SUITE.check(
        39,
        "all-at-once",
        "all channels call at once, and are dropped at once",
        "Any number of commands may be outstanding.",
        all_at_once,
    ),
];

/// A session of a driver that runs calls.
pub(super) fn start(subject: &Subject) -> Result<Session<'_>, Stop> {
    let session = Session::start(subject)?;
    session.require_calls()?;
    Ok(session)
}

/// Waits for the completion of everything that was accepted.
fn require_all_done(session: &mut Session<'_>) -> Result<(), Stop> {
    let accepted = session.accepted().clone();
    for (req, function) in accepted {
        if session.done(req).is_none() {
            return broken(format!("{} (req {req}) was accepted; no DONE came within 6 s", function.name()));
        }
    }
    Ok(())
}

/// How many completions a request has.
fn dones(session: &Session<'_>, req: ccd_req) -> usize {
    let is_done =
        |seen: &&crate::session::Seen| seen.event().kind() == CCD_EV_DONE && seen.event().req() == req;
    session.host().since(0).iter().filter(is_done).count()
}

fn done_once(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    let mut requests = Vec::new();
    if let Ok((channel, call)) = session.connected() {
        for command in [
            Command::Hold { call, on: true },
            Command::Hold { call, on: false },
            Command::SendDigits {
                channel,
                kind: i32::from(CCD_DIGIT_DTMF),
                digits: "12".into(),
                on_ms: 0,
                off_ms: 0,
            },
            Command::Enable { channel, on: true },
            Command::Replay { channel },
            Command::Answer { call },
            Command::Drop { call, q850: 16 },
        ] {
            requests.push((session.command(&command), command.function()));
        }
        session.require_released(call, "was dropped")?;
    }
    // refused, all of them: no such call
    for command in [
        Command::Answer { call: 99_998 },
        Command::Drop { call: 99_998, q850: 16 },
        Command::Hold { call: 99_998, on: true },
    ] {
        let (status, req) = session.command(&command);
        let name = command.function().name();
        require(status < 0, || {
            format!("{name} of call 99998, which does not exist, returned {}", status_name(status))
        })?;
        requests.push(((status, req), command.function()));
    }
    require_all_done(&mut session)?;
    drop_all(&mut session)?;
    session.run(Duration::from_millis(300));
    for ((status, req), function) in requests {
        let (count, due) = (dones(&session, req), usize::from(status >= 0));
        let said = status_name(status);
        require(count == due, || {
            format!("{} (req {req}) returned {said}; DONE came {count} times, {due} was due", function.name())
        })?;
    }
    Ok(format!("{} accepted", session.accepted().len()))
}

fn event_order(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    let mut given = 0;
    for round in 0..3 {
        let mut chance = Chance::new(subject.seed.wrapping_mul(1000) + round);
        given += random(&mut session, &mut chance, 60)?;
    }
    // a call that comes in after that has a number of its own
    session.stop()?;
    session.start_again()?;
    if session.offer(session.begun(), CALLS_AGAIN).is_none() {
        let _ = session.incoming();
    }
    given += random(&mut session, &mut Chance::new(subject.seed), 20)?;
    Ok(format!("{given} commands, {} events", session.host().count()))
}

/// Whoever calls by themselves has called by then.
const CALLS_AGAIN: Duration = Duration::from_secs(1);

fn released_once(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    let mut calls = Vec::new();
    if let Ok((_, call)) = session.connected() {
        session.drop_call(call, 16);
        calls.push(call);
    }
    if session.offers(Function::Make) {
        let (status, call) = session.make(0);
        if status >= 0 {
            session.drop_call(call, 16);
            calls.push(call);
        }
    }
    if let Ok(incoming) = session.incoming() {
        session.drop_call(incoming.call, 21);
        calls.push(incoming.call);
        calls.extend(incoming.by);
        if let Some(call) = incoming.by {
            session.drop_call(call, 16);
        }
    }
    if calls.is_empty() {
        return skip("no call could be made or came in");
    }
    for call in &calls {
        session.require_released(*call, "was dropped")?;
    }
    session.run(Duration::from_millis(200));
    Ok(format!("{} calls", calls.len()))
}

fn silent_after_released(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    let (_, call) = session.connected()?;
    session.drop_call(call, 16);
    session.require_released(call, "was dropped")?;
    for command in
        [Command::Answer { call }, Command::Drop { call, q850: 16 }, Command::Hold { call, on: true }]
    {
        if !session.offers(command.function()) {
            continue;
        }
        let (status, _) = session.command(&command);
        require(status < 0, || {
            format!(
                "{} of call {call} after its RELEASED returned {}",
                command.function().name(),
                status_name(status)
            )
        })?;
    }
    session.run(Duration::from_millis(300));
    Ok(String::new())
}

fn seq_and_time(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    let mut chance = Chance::new(subject.seed);
    random(&mut session, &mut chance, 40)?;
    session.stop()?;
    session.start_again()?;
    random(&mut session, &mut chance, 20)?;
    let seen = session.host().since(0);
    let farthest = seen.iter().map(|seen| seen.at_ns.abs_diff(seen.event().t_ns())).max();
    Ok(format!("{} events, stamped within {:.1} ms", seen.len(), farthest.unwrap_or(0) as f64 / 1e6))
}

fn event_form(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    let mut kinds = std::collections::BTreeSet::new();
    if let Ok((channel, call)) = session.connected() {
        let digits = Command::SendDigits {
            channel,
            kind: i32::from(CCD_DIGIT_DTMF),
            digits: "0*#D".into(),
            on_ms: 0,
            off_ms: 0,
        };
        session.command(&digits);
        let _ = session.act(&format!("channel {channel} digits 159#"));
        session.run(Duration::from_millis(300));
        session.drop_call(call, 16);
        session.require_released(call, "was dropped")?;
    }
    if let Ok(incoming) = session.incoming() {
        session.command(&Command::Answer { call: incoming.call });
        session.run(Duration::from_millis(100));
    }
    drop_all(&mut session)?;
    let seen = session.host().since(0);
    kinds.extend(seen.iter().map(|seen| event_name(seen.event().kind())));
    Ok(kinds.into_iter().collect::<Vec<_>>().join(" "))
}

/// Causes to drop with: none, the least, usual, busy, the most, and what is none of Q.850.
const CAUSES: [u16; 6] = [0, 1, 16, 17, 127, 255];

fn drop_anywhere(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    let mut states = Vec::new();
    if session.offers(Function::Make) {
        for q850 in CAUSES {
            let (status, call) = session.make(0);
            if status < 0 {
                break;
            }
            drop_twice(&mut session, call, q850, "just made")?;
            states.push(format!("made/{q850}"));
        }
    }
    if let Ok((_, call)) = session.connected() {
        drop_twice(&mut session, call, 16, "connected")?;
        states.push("connected".to_owned());
    }
    if let Ok(incoming) = session.incoming() {
        drop_twice(&mut session, incoming.call, 17, "offered")?;
        states.push("offered".to_owned());
        drop_all(&mut session)?;
    }
    if session.has_acts()
        && let Ok((channel, call)) = session.connected()
    {
        session.act(&format!("channel {channel} hangs up"))?;
        let _ = session.until(call, CCD_EV_DISCONNECTED, Duration::from_secs(3));
        if live_calls(&session).contains_key(&call) {
            drop_twice(&mut session, call, 16, "cleared by the far end")?;
            states.push("cleared".to_owned());
        }
    }
    if states.is_empty() { skip("no call could be made or came in") } else { Ok(states.join(", ")) }
}

fn drop_twice(session: &mut Session<'_>, call: ccd_call, q850: u16, when: &str) -> Result<(), Stop> {
    let first = session.drop_call(call, q850);
    if first == CCD_E_GONE && session.until(call, CCD_EV_RELEASED, Duration::ZERO).is_some() {
        // it ended by itself before it could be dropped
        return Ok(());
    }
    require(first == CCD_OK, || {
        format!("drop of a call that is {when}, with cause {q850}, returned {}", status_name(first))
    })?;
    let second = session.drop_call(call, q850);
    require(matches!(second, CCD_OK | CCD_E_GONE), || {
        format!(
            "a second drop of a call that is {when} returned {}, neither CCD_OK nor CCD_E_GONE",
            status_name(second)
        )
    })?;
    session.require_released(call, &format!("was dropped when it was {when}, with cause {q850}"))?;
    Ok(())
}

fn answer_late(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    session.require(Function::Answer)?;
    let incoming = session.incoming()?;
    let Incoming { channel, call, by } = &incoming;
    match by {
        Some(caller) => {
            session.drop_call(*caller, 16);
        }
        None if session.has_acts() => session.act(&format!("channel {channel} hangs up"))?,
        None => {}
    }
    let is_over = |kind| matches!(kind, CCD_EV_DISCONNECTED | CCD_EV_RELEASED);
    let call = *call;
    let over = session.wait(0, Duration::from_secs(4), |seen| {
        (seen.event().call() == call && is_over(seen.event().kind())).then_some(())
    });
    if over.is_none() {
        return skip("the caller does not hang up within 4 s");
    }
    let (status, _) = session.command(&Command::Answer { call });
    require(matches!(status, CCD_E_STATE | CCD_E_GONE), || {
        format!(
            "answer after the caller's hang-up returned {}, neither CCD_E_STATE nor CCD_E_GONE",
            status_name(status)
        )
    })?;
    drop_all(&mut session)?;
    Ok(status_name(status))
}

fn glare(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    session.require(Function::Make)?;
    if !session.has_acts() {
        return skip(
            "nobody can be told to call in at that moment: the driver has no org.callcore.sim.act/1",
        );
    }
    let incoming = session.incoming()?;
    let (status, call) = session.make(incoming.channel);
    if status >= 0 {
        session.require_released(call, "was made on a channel with an incoming call, and accepted")?;
    } else {
        require(matches!(status, CCD_E_GLARE | CCD_E_BUSY), || {
            format!("make on a channel with an incoming call returned {}", status_name(status))
        })?;
    }
    let (status_answer, _) = session.command(&Command::Answer { call: incoming.call });
    require(status_answer == CCD_OK, || {
        format!("the incoming call of a glare cannot be answered: {}", status_name(status_answer))
    })?;
    drop_all(&mut session)?;
    Ok(status_name(status))
}

fn causes(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    let mut seen = Vec::new();
    if session.offers(Function::Make) {
        for q850 in CAUSES {
            let (status, call) = session.make(0);
            if status < 0 {
                break;
            }
            session.run(Duration::from_millis(40));
            session.drop_call(call, q850);
            session.require_released(call, "was dropped")?;
        }
    }
    if let Ok(incoming) = session.incoming() {
        session.drop_call(incoming.call, 17);
        session.require_released(incoming.call, "was dropped")?;
        drop_all(&mut session)?;
    }
    for each in session.host().since(0) {
        let event = each.event();
        if !matches!(event.kind(), CCD_EV_DISCONNECTED | CCD_EV_RELEASED) {
            continue;
        }
        let q850 = event.u16(offset_of!(ccd_ev_disconnected, q850));
        seen.push(q850);
    }
    seen.sort_unstable();
    seen.dedup();
    if seen.is_empty() { skip("no call could be made or came in") } else { Ok(format!("causes {seen:?}")) }
}

fn all_at_once(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    session.require(Function::Make)?;
    let mut calls = Vec::new();
    for channel in 0..session.channels().len() as u32 {
        let dial = session.subject().dial.clone();
        let call = session.new_call();
        if session.command(&make(channel, call, &dial.called, dial.via)).0 >= 0 {
            calls.push(call);
        }
    }
    if calls.is_empty() {
        return skip("no channel takes a call");
    }
    session.run(Duration::from_millis(60));
    for call in &calls {
        session.drop_call(*call, 16);
    }
    for call in &calls {
        session.require_released(*call, "was dropped, with all others")?;
    }
    drop_all(&mut session)?;
    require_all_done(&mut session)?;
    Ok(format!("{} calls", calls.len()))
}
