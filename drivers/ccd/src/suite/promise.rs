//! What channels promise: that they do it, and that they do nothing else.

use super::calls::start;
use super::script::drop_all;
use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require, skip};
use crate::session::{CONNECT_LIMIT, RELEASED_LIMIT, Session, make};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Host as _};
use std::mem::offset_of;
use std::time::Duration;

const SUITE: Suite = Suite { level: 2, seconds: 90 };

/// Those of them that are of calls.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        38,
        "supervision",
        "how a call was answered and ended is said, and can be",
        "CONNECTED.supervision is CCD_SUP_*, DISCONNECTED.how is CCD_HOW_*; only what is signalled is said to be. CCD_CAPB_ANSWER_SUPERVISION, CCD_CAPB_DISCONNECT_SUPERVISION: it is signalled.",
        supervision,
    ),
    SUITE.check(
        75,
        "no-answer",
        "a call that nobody answers is given up",
        "ccd_make.timeout_ms: give up when not answered by then, with #19; 0: never.",
        no_answer,
    ),
];

/// Kinds of channels that are tried.
const KINDS_MAX: usize = 4;

/// Whether the commands of a connected call do what its channel's capabilities say, and no other ones do anything.
///
/// # Errors
/// A capability is announced and not there, or the other way round.
pub(super) fn shown(session: &mut Session<'_>) -> Ran {
    let mut kinds: Vec<(u32, u64)> = session.channels().iter().map(|info| (info.kind, info.caps)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut tried = Vec::new();
    for kind in kinds.into_iter().take(KINDS_MAX) {
        let Ok((channel, call)) = session.connected_on(|_, info| (info.kind, info.caps) == kind) else {
            continue;
        };
        for (bit, name, command) in commands(channel, call) {
            if session.offers(command.function()) && !session.is_over(call) {
                compare(session, channel, (bit, name), &command)?;
                tried.push(name);
            }
        }
        session.drop_call(call, 16);
        session.require_released(call, "was dropped")?;
        drop_all(session)?;
    }
    tried.sort_unstable();
    tried.dedup();
    Ok(if tried.is_empty() { "no command of one could be tried".to_owned() } else { tried.join(", ") })
}

/// Commands that need a capability.
fn commands(channel: u32, call: ccd_call) -> [(u32, &'static str, Command); 2] {
    let (kind, digits) = (i32::from(CCD_DIGIT_DTMF), "1".to_owned());
    [
        (CCD_CAPB_HOLD, "CCD_CAPB_HOLD", Command::Hold { call, on: true }),
        (
            CCD_CAPB_DTMF_TX,
            "CCD_CAPB_DTMF_TX",
            Command::SendDigits { channel, kind, digits, on_ms: 0, off_ms: 0 },
        ),
    ]
}

fn compare(
    session: &mut Session<'_>,
    channel: u32,
    (bit, name): (u32, &str),
    command: &Command,
) -> Result<(), Stop> {
    let (status, _) = session.command(command);
    let function = command.function().name();
    match (session.can(channel, bit), status) {
        (true, CCD_E_UNSUPPORTED) => broken(format!(
            "channel {channel} has {name}; {function} on its connected call returned CCD_E_UNSUPPORTED"
        )),
        (false, CCD_OK) => {
            broken(format!("channel {channel} has no {name}; {function} on its connected call is accepted"))
        }
        _ => Ok(()),
    }
}

fn supervision(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    let (channel, call) = session.connected()?;
    let Some(connected) = session.until(call, CCD_EV_CONNECTED, Duration::from_secs(1)) else {
        return skip("no call is connected");
    };
    let how = connected.event().u8(offset_of!(ccd_ev_connected, supervision));
    require((CCD_SUP_SIGNALLED..=CCD_SUP_ASSUMED).contains(&how), || {
        format!("CONNECTED.supervision is {how}: none of CCD_SUP_SIGNALLED to CCD_SUP_ASSUMED")
    })?;
    let is_sure = how <= CCD_SUP_LOOP;
    let claims = session.can(channel, CCD_CAPB_ANSWER_SUPERVISION);
    require(is_sure == claims, || {
        let has = if claims { "has" } else { "has not" };
        format!("channel {channel} {has} CCD_CAPB_ANSWER_SUPERVISION, and its CONNECTED.supervision is {how}")
    })?;
    let hang_up = far_hang_up(&mut session, channel, call)?;
    session.drop_call(call, 16);
    let released = session.require_released(call, "was dropped")?;
    let how = released.event().u8(offset_of!(ccd_ev_disconnected, how));
    require((CCD_HOW_SIGNALLED..=CCD_HOW_GLARE).contains(&how), || {
        format!("RELEASED.how is {how}: none of CCD_HOW_SIGNALLED to CCD_HOW_GLARE")
    })?;
    drop_all(&mut session)?;
    match hang_up {
        HangUp::Untold => hang_up_to(&mut session),
        HangUp::Seen(how) => Ok(how),
    }
}

/// What came of a far end's hang-up.
enum HangUp {
    /// Nobody could be told to hang up.
    Untold,
    /// It was seen, or rightly was not.
    Seen(String),
}

/// The far end of a connected call hangs up, if it does what it is told.
fn far_hang_up(session: &mut Session<'_>, channel: u32, call: ccd_call) -> Result<HangUp, Stop> {
    if !session.far_end_hangs_up(channel) {
        return Ok(HangUp::Untold);
    }
    require_hang_up(session, channel, call).map(HangUp::Seen)
}

/// A call to the number whose far end hangs up by itself.
fn hang_up_to(session: &mut Session<'_>) -> Ran {
    let Some(number) = session.subject().dial.hangs_up.clone() else {
        return Ok("no hang-up was tried: say who hangs up with --hangs-up".to_owned());
    };
    let (channel, call) =
        session.make_on(|_, _| true, |channel, call, dial| make(channel, call, &number, dial.via))?;
    if session.until(call, CCD_EV_CONNECTED, CONNECT_LIMIT).is_none() {
        return Ok(format!("no hang-up was tried: {number} does not answer"));
    }
    let seen = require_hang_up(session, channel, call)?;
    session.drop_call(call, 16);
    session.require_released(call, "was dropped")?;
    Ok(seen)
}

/// A hang-up is signalled on channels that say so, and on no other.
fn require_hang_up(session: &mut Session<'_>, channel: u32, call: ccd_call) -> Ran {
    let gone = session.wait(0, RELEASED_LIMIT, |seen| {
        let event = seen.event();
        let is_end = matches!(event.kind(), CCD_EV_DISCONNECTED | CCD_EV_RELEASED);
        (event.call() == call && is_end).then(|| event.u8(offset_of!(ccd_ev_disconnected, how)))
    });
    let claims = session.can(channel, CCD_CAPB_DISCONNECT_SUPERVISION);
    match (gone, claims) {
        (None, true) => broken(format!(
            "channel {channel} has CCD_CAPB_DISCONNECT_SUPERVISION; its far end hung up, and neither DISCONNECTED nor \
             RELEASED of call {call} came within {} s",
            RELEASED_LIMIT.as_secs()
        )),
        (None, false) => Ok("hang-ups are not told, as is said".to_owned()),
        (Some(how), _) => {
            let is_signalled = matches!(how, CCD_HOW_SIGNALLED | CCD_HOW_LOOP);
            let has = if claims { "has" } else { "has not" };
            require(is_signalled == claims, || {
                format!(
                    "channel {channel} {has} CCD_CAPB_DISCONNECT_SUPERVISION, and the how of its far end's hang-up is {how}"
                )
            })?;
            Ok(format!("how {how}"))
        }
    }
}

/// How long a call waits for an answer, and how much later than that one is none any more.
const TIMEOUT_MS: u32 = 200;
const TIMEOUT_LATE: Duration = Duration::from_millis(500);
/// A machine that is late answers late; not so many times.
const TIMEOUT_TRIES: u32 = 3;

fn no_answer(subject: &Subject) -> Ran {
    let mut session = start(subject)?;
    for _ in 0..TIMEOUT_TRIES {
        match unanswered(&mut session)? {
            Unanswered::GivenUp => return Ok(format!("{TIMEOUT_MS} ms, then cause 19")),
            Unanswered::Answered(after) if after < TIMEOUT_LATE => {
                return skip(
                    "the call is answered before; say a number that nobody answers with --unanswered",
                );
            }
            Unanswered::Answered(_) => {}
        }
    }
    broken(format!(
        "{TIMEOUT_TRIES} calls with timeout_ms {TIMEOUT_MS} were all CONNECTED more than {} ms after that",
        TIMEOUT_LATE.as_millis()
    ))
}

/// What came of a call that gives up.
enum Unanswered {
    GivenUp,
    /// Somebody answered, so long after it had to be given up.
    Answered(Duration),
}

fn unanswered(session: &mut Session<'_>) -> Result<Unanswered, Stop> {
    let due_ns = session.host().now_ns() + u64::from(TIMEOUT_MS) * 1_000_000;
    let (_, call) = session.make_on(
        |_, _| true,
        |channel, call, dial| {
            let mut make =
                crate::session::make(channel, call, &dial.unanswered.unwrap_or(dial.called), dial.via);
            if let Command::Make { timeout_ms, .. } = &mut make {
                *timeout_ms = TIMEOUT_MS;
            }
            make
        },
    )?;
    let end = session.wait(0, RELEASED_LIMIT, |seen| {
        let is_end = matches!(seen.event().kind(), CCD_EV_CONNECTED | CCD_EV_DISCONNECTED | CCD_EV_RELEASED);
        (seen.event().call() == call && is_end).then(|| seen.clone())
    });
    let Some(end) = end else {
        return broken(format!(
            "call {call} was made with timeout_ms {TIMEOUT_MS}; {} s later nobody has answered, and it has not ended",
            RELEASED_LIMIT.as_secs()
        ));
    };
    session.drop_call(call, 16);
    session.require_released(call, "was dropped")?;
    drop_all(session)?;
    let (event, has_rung) = (end.event(), session.until(call, CCD_EV_ALERTING, Duration::ZERO).is_some());
    if event.kind() == CCD_EV_CONNECTED {
        return Ok(Unanswered::Answered(Duration::from_nanos(event.t_ns().saturating_sub(due_ns))));
    }
    match event.u16(offset_of!(ccd_ev_disconnected, q850)) {
        19 => Ok(Unanswered::GivenUp),
        cause if has_rung && event.t_ns() >= due_ns => broken(format!(
            "call {call} was made with timeout_ms {TIMEOUT_MS}, rang, and was given up with cause {cause}, not 19"
        )),
        cause => skip(format!("the call fails with cause {cause} before anybody could answer it")),
    }
}
