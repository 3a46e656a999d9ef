//! Level 2, the rarer half: overlap, long numbers, replay, a host without room, many calls.

use super::calls::start;
use super::script::drop_all;
use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require, skip};
use crate::raw::{self, status_name};
use crate::session::{DONE_LIMIT, Session, event_name};
use crate::world::World;
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Function};
use std::mem::offset_of;
use std::time::{Duration, Instant};

const SUITE: Suite = Suite { level: 2, seconds: 90 };

/// The checks of this level's second half.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        35,
        "overlap",
        "numbers go out and come in digit by digit; what is no digit is refused",
        "More digits of an overlap call, at least one unless complete; digits are ASCII 0-9 * # A-D.",
        overlap,
    ),
    SUITE.check(
        36,
        "long-numbers",
        "numbers of 63 digits, names in UTF-8, empty texts",
        "Text is UTF-8; called, calling and name are never NULL, calling and name may be \"\".",
        long_numbers,
    ),
    SUITE.check(
        40,
        "soak",
        "many calls one after the other: nothing grows",
        "Nothing of a call is left after RELEASED.",
        soak,
    ),
    SUITE.check(
        41,
        "replay",
        "replay says again where each call is",
        "Posts the present state again before its DONE: INCOMING, DIALING, ALERTING, CONNECTED (then HELD) or DISCONNECTED; nothing when it has no call.",
        replay,
    ),
    SUITE.check(
        42,
        "host-full",
        "a host without room gets the events later, or is told of their loss",
        "CCD_E_FULL: try again or report LOST.",
        host_full,
    ),
];

fn overlap(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    let Some(channel) =
        (0..session.channels().len() as u32).find(|channel| session.can(*channel, CCD_CAPB_OVERLAP_TX))
    else {
        return skip("no channel has CCD_CAPB_OVERLAP_TX");
    };
    let call = session.new_call();
    let mut make = crate::session::make(channel, call, "1", subject.dial.via.clone());
    if let Command::Make { flags, .. } = &mut make {
        *flags = 1;
    }
    let (status, _) = session.command(&make);
    if matches!(status, CCD_E_BUSY | CCD_E_GLARE | CCD_E_GONE | CCD_E_STATE) {
        return skip(format!("channel {channel} takes no call now: {}", status_name(status)));
    }
    require(status == CCD_OK, || format!("make with CCD_MAKE_OVERLAP returned {}", status_name(status)))?;
    for (more, complete, due) in
        [("0", false, true), ("x", false, false), ("", false, false), ("00", true, true)]
    {
        let (status, _) = session.command(&Command::Digits { call, more: more.into(), complete });
        session.require_up(call)?;
        require((status == CCD_OK) == due, || {
            let wanted = if due { "CCD_OK" } else { "CCD_E_ARG" };
            format!("digits \"{more}\" (complete: {complete}) returned {}, not {wanted}", status_name(status))
        })?;
    }
    session.drop_call(call, 16);
    session.require_released(call, "was dropped")?;
    Ok(String::new())
}

fn long_numbers(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    session.require(Function::Make)?;
    let long = "1234567890".repeat(7)[..63].to_owned();
    let mut taken = 0;
    for (called, calling, name) in [
        (long.as_str(), long.as_str(), "Łucja Grzęda 王小明"),
        ("1", "", ""),
        (
            subject.dial.called.as_str(),
            "*#",
            "a name of more than sixty-three bytes, which no event has room for: it is cut",
        ),
    ] {
        let call = session.new_call();
        let mut make = crate::session::make(0, call, called, subject.dial.via.clone());
        if let Command::Make { calling: to, name: by, .. } = &mut make {
            (*to, *by) = (calling.to_owned(), name.to_owned());
        }
        let (status, _) = session.command(&make);
        if status < 0 {
            continue;
        }
        taken += 1;
        session.run(Duration::from_millis(60));
        session.drop_call(call, 16);
        session.require_released(call, &format!("to {called} was dropped"))?;
        drop_all(&mut session)?;
    }
    if taken == 0 { skip("channel 0 takes none of these calls") } else { Ok(format!("{taken} of 3 taken")) }
}

/// How long calls are made one after the other, and before anything is measured.
const SOAK: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(2);
/// What a protocol has to remember of a call that is over may stay so long: 64 * T1 of RFC 3261, and a little.
const LINGER: Duration = Duration::from_secs(40);

fn soak(subject: &Subject) -> Ran {
    let mut session = Session::start_unwatched(subject)?;
    session.require(Function::Make)?;
    let one = |session: &mut Session<'_>| -> Result<(), Stop> {
        let Some(call) = session.make_anywhere() else { return broken("no channel takes a call any more") };
        session.drop_call(call, 16);
        session.require_released(call, "was dropped")?;
        drop_all(session)
    };
    if session.make_anywhere().is_none() {
        return skip("no channel takes a call");
    }
    drop_all(&mut session)?;
    // caches fill up and settle
    let warm = Instant::now();
    while warm.elapsed() < WARM_UP {
        one(&mut session)?;
    }
    session.host().forget();
    session.forget_requests();
    let (world, before, began) = (World::now(), raw::live_allocations(), Instant::now());
    let mut calls = 0u32;
    while began.elapsed() < SOAK && calls < 10_000 {
        one(&mut session)?;
        session.host().forget();
        session.forget_requests();
        calls += 1;
    }
    // a pool may breathe, a leak takes something with each call
    let (threads, files) = world.grown();
    require(threads + files < 8 + calls as usize / 10, || {
        format!("after {calls} calls there are {threads} more threads and {files} more open files")
    })?;
    let grown = || raw::live_allocations() - before;
    let most = 32 + i64::from(calls) / 2;
    let end = Instant::now() + LINGER;
    while grown() >= most && Instant::now() < end {
        session.run(Duration::from_millis(100));
    }
    require(grown() < most, || {
        let (grown, seconds) = (grown(), LINGER.as_secs());
        format!("{seconds} s after {calls} calls there are {grown} more allocations: memory is left behind")
    })?;
    Ok(format!("{calls} calls"))
}

fn replay(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    session.require(Function::Replay)?;
    let (channel, call) = match session.connected() {
        Ok(connected) => connected,
        Err(_) => {
            let incoming = session.incoming()?;
            session.command(&Command::Answer { call: incoming.call });
            if session.until(incoming.call, CCD_EV_CONNECTED, DONE_LIMIT).is_none() {
                return skip("no call is connected, neither one out nor one in");
            }
            (incoming.channel, incoming.call)
        }
    };
    replay_one(&mut session, channel, Some((call, CCD_EV_CONNECTED)))?;
    session.drop_call(call, 16);
    session.require_released(call, "was dropped")?;
    drop_all(&mut session)?;
    replay_one(&mut session, channel, None)?;
    Ok(String::new())
}

fn replay_one(session: &mut Session<'_>, channel: u32, due: Option<(ccd_call, u16)>) -> Result<(), Stop> {
    let first = session.host().count();
    let (status, req) = session.command(&Command::Replay { channel });
    if status == CCD_E_UNSUPPORTED {
        return skip("replay is CCD_E_UNSUPPORTED");
    }
    require(status == CCD_OK, || format!("replay of channel {channel} returned {}", status_name(status)))?;
    let mut said = Vec::new();
    let done = session.wait(first, DONE_LIMIT, |seen| {
        let event = seen.event();
        if event.chan() == channel && event.kind() != CCD_EV_DONE && event.call() != 0 {
            said.push((event.call(), event.kind()));
        }
        (event.kind() == CCD_EV_DONE && event.req() == req).then_some(())
    });
    require(done.is_some(), || format!("replay of channel {channel} was accepted; no DONE came"))?;
    let names =
        said.iter().map(|(call, kind)| format!("{} of call {call}", event_name(*kind))).collect::<Vec<_>>();
    let names = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    match due {
        // it says where the call is now
        Some((call, _)) if session.is_over(call) => {
            skip(format!("the far end of call {call} hung up meanwhile"))
        }
        Some((call, kind)) => require(said.contains(&(call, kind)), || {
            let due = event_name(kind);
            format!(
                "replay of channel {channel}, whose call {call} is connected, said {names} before its DONE; {due} was due"
            )
        }),
        None => require(said.is_empty(), || {
            format!("replay of channel {channel}, which has no call, said {names}")
        }),
    }
}

fn host_full(subject: &Subject) -> Ran {
    let mut session = Session::start_unwatched(subject)?;
    session.require(Function::Make)?;
    let (_, call) = session.connected()?;
    session.host().refuse(FULL);
    let first = session.host().count();
    // without room for the DONE a driver may refuse the command
    let mut tries = 0..=FULL;
    let req = tries.find_map(|_| match session.command(&Command::Drop { call, q850: 16 }) {
        (CCD_E_FULL, _) => None,
        (_, req) => Some(req),
    });
    let Some(req) = req else {
        return broken("drop is refused with CCD_E_FULL even when the host has room again");
    };
    let released = session.until(call, CCD_EV_RELEASED, DONE_LIMIT).is_some();
    let done = session.done(req).is_some();
    session.host().refuse(0);
    session.run(Duration::from_millis(100));
    let lost: u64 = session
        .host()
        .since(first.saturating_sub(1))
        .iter()
        .filter(|seen| seen.event().kind() == CCD_EV_LOST)
        .map(|seen| seen.event().u64(offset_of!(ccd_ev_lost, count)).max(1))
        .sum();
    let refused = session.host().refused();
    match (released && done, lost) {
        (true, _) | (_, 1..) => Ok(format!("{refused} posts refused, {lost} events reported as lost")),
        (false, 0) => broken(format!(
            "the host refused {refused} posts with CCD_E_FULL while call {call} was dropped; then came {}{}, and no LOST",
            if released { "RELEASED" } else { "no RELEASED" },
            if done { " and DONE" } else { " and no DONE" },
        )),
    }
}

/// Posts that find no room: those of one command, and a few tries again.
const FULL: u64 = 6;
