//! Level 4: the line and the board.

use super::life::{channels, created, open};
use super::script::drop_all;
use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require, skip};
use crate::raw::status_name;
use crate::session::{DONE_LIMIT, RELEASED_LIMIT, Seen, Session, event_name};
use callcore_driver_host::sys::*;
use callcore_driver_host::{BusAddress, Command, Function};
use std::mem::offset_of;
use std::time::Duration;

const SUITE: Suite = Suite { level: 4, seconds: 60 };

/// The checks of this level.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        55,
        "digits",
        "digits come complete, in order, each with its beginning and its end",
        "ccd_ev_digit: ASCII 0-9 * # A-D; edge: 1 begin, 2 end, 3 whole.",
        digits,
    ),
    SUITE.check(
        56,
        "caller-id",
        "who calls is shown",
        "CCD_CAPB_CALLER_ID_RX; INCOMING or CALL_INFO has calling, or a presentation that says why not.",
        caller_id,
    ),
    SUITE.check(
        57,
        "flash",
        "a hook flash is told from a hang-up",
        "CCD_EV_FLASH: FXS: a hook flash, with its ms.",
        flash,
    ),
    SUITE.check(
        58,
        "ring-cadence",
        "a phone is rung and stops ringing",
        "ring: on, off, on, off ... milliseconds, repeated, until the telephone is lifted or n is 0.",
        ring_cadence,
    ),
    SUITE.check(
        59,
        "alarms",
        "alarms come and go, with the set before",
        "ccd_ev_alarm: now, was: CCD_ALARM_* sets, debounced by the driver.",
        alarms,
    ),
    SUITE.check(
        60,
        "block",
        "a channel is taken out of service and back",
        "service: BLOCKED follows if that changed anything. replay of CCD_NO_CHAN: BLOCKED of each channel that is blocked, with the same set as now and was.",
        block,
    ),
    SUITE.check(
        61,
        "hot-removal",
        "a device that is pulled out ends its calls and says no more",
        "DEVICE_REMOVED, then RELEASED for each of its calls, and nothing else; its functions return CCD_E_GONE.",
        hot_removal,
    ),
    SUITE.check(
        63,
        "bus",
        "channels hear each other over the bus",
        "listen, unlisten: in any order, any number of times; the last counts. source: fixed while it is open.",
        bus,
    ),
    SUITE.check(
        64,
        "conference",
        "conferences on the board have their functions",
        "caps: what this channel does. CCD_CAPB_CONF needs \"callcore.conf/1\", which is kept for a later minor version.",
        conference,
    ),
];

pub(super) fn with_capability(session: &Session<'_>, capability: u32, name: &str) -> Result<u32, Stop> {
    let channel = (0..session.channels().len() as u32).find(|channel| session.can(*channel, capability));
    channel.map_or_else(|| skip(format!("no channel has {name}")), Ok)
}

pub(super) const ALL_DIGITS: &str = "0123456789*#ABCD";

fn digits(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    with_capability(&session, CCD_CAPB_DTMF_RX, "CCD_CAPB_DTMF_RX: the host listens")?;
    let has_acts = session.has_acts();
    let can_press = has_acts || session.has_loops() && session.offers(Function::SendDigits);
    if !can_press {
        return skip("nobody can press keys: the driver has no org.callcore.sim.act/1, and does not loop");
    }
    let (channel, call) = session.connected_on(|channel, info| {
        info.caps & ccd_cap(CCD_CAPB_DTMF_RX) != 0 && (has_acts || subject.loops(channel))
    })?;
    let first = session.host().count();
    if has_acts {
        session.act(&format!("channel {channel} digits {ALL_DIGITS}"))?;
    } else {
        let kind = i32::from(CCD_DIGIT_DTMF);
        let (status, _) = session.command(&Command::SendDigits {
            channel,
            kind,
            digits: ALL_DIGITS.into(),
            on_ms: 50,
            off_ms: 50,
        });
        require(status == CCD_OK, || format!("send_digits returned {}", status_name(status)))?;
    }
    let heard = hear_digits(&mut session, first, call)?;
    require(heard == ALL_DIGITS, || format!("{ALL_DIGITS} were pressed, {heard} came"))?;
    Ok(heard)
}

/// The digits of a call, as they end; a beginning without an end is broken.
pub(super) fn hear_digits(session: &mut Session<'_>, first: usize, call: ccd_call) -> Result<String, Stop> {
    let (mut heard, mut open) = (String::new(), None);
    let mut wrong = None;
    session.wait(first, Duration::from_secs(8), |seen| {
        let event = seen.event();
        if event.kind() != CCD_EV_DIGIT || event.call() != call {
            return None;
        }
        let digit = char::from(event.u8(offset_of!(ccd_ev_digit, digit)));
        match (event.u8(offset_of!(ccd_ev_digit, edge)), open) {
            (1, None) => open = Some(digit),
            (2, Some(begun)) if begun == digit => {
                heard.push(digit);
                open = None;
            }
            (3, None) => heard.push(digit),
            (edge, begun) => {
                wrong = Some(format!("digit {digit} came with edge {edge} while {begun:?} was down"))
            }
        }
        (wrong.is_some() || heard.len() >= ALL_DIGITS.len()).then_some(())
    });
    wrong.map_or(Ok(heard), broken)
}

fn caller_id(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    with_capability(&session, CCD_CAPB_CALLER_ID_RX, "CCD_CAPB_CALLER_ID_RX")?;
    for _ in 0..CALLERS {
        let incoming = session.incoming()?;
        if !session.can(incoming.channel, CCD_CAPB_CALLER_ID_RX) {
            return skip(format!("the call came in on channel {}, which has none", incoming.channel));
        }
        let shown = caller_of(&mut session, incoming.call);
        let told = session.has_acts().then_some("13800000000");
        drop_all(&mut session)?;
        match (shown, told) {
            (Shown::Number(shown), Some(told)) if shown != told => {
                return broken(format!("{told} called, {shown} was shown"));
            }
            (Shown::Number(shown), _) => return Ok(shown),
            (Shown::Withheld, _) => return Ok("a caller withholds the number".to_owned()),
            (Shown::Nothing, Some(told)) => {
                return broken(format!("{told} called; neither INCOMING nor CALL_INFO has a calling number"));
            }
            (Shown::Nothing, None) => {}
        }
    }
    broken(format!(
        "{CALLERS} calls came in on channels with CCD_CAPB_CALLER_ID_RX; none has a calling number, or a presentation that \
         says why not"
    ))
}

/// Callers without a word about their number, of whom one may be.
const CALLERS: u32 = 3;

/// What is said of a caller's number.
enum Shown {
    Number(String),
    Withheld,
    Nothing,
}

fn caller_of(session: &mut Session<'_>, call: ccd_call) -> Shown {
    let shown = session.wait(session.begun(), Duration::from_secs(6), |seen| {
        let event = seen.event();
        if event.call() != call {
            return None;
        }
        let calling = event.text(offset_of!(ccd_ev_incoming, calling), 64);
        match event.kind() {
            CCD_EV_INCOMING | CCD_EV_CALL_INFO if !calling.is_empty() => Some(Shown::Number(calling)),
            CCD_EV_INCOMING | CCD_EV_CALL_INFO
                if event.u8(offset_of!(ccd_ev_incoming, presentation)) != 0 =>
            {
                Some(Shown::Withheld)
            }
            CCD_EV_RELEASED => Some(Shown::Nothing),
            _ => None,
        }
    });
    shown.unwrap_or(Shown::Nothing)
}

fn line_channel(session: &Session<'_>, kind: u32, name: &str) -> Result<u32, Stop> {
    let is_one = |info: &callcore_driver_host::ChannelInfo| info.kind == kind && info.level == CCD_LEVEL_LINE;
    match session.channels().iter().position(is_one) {
        Some(channel) => Ok(channel as u32),
        None => skip(format!("no {name} channel whose calls the host runs (CCD_LEVEL_LINE)")),
    }
}

fn flash(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    let channel = line_channel(&session, CCD_KIND_FXS, "FXS")?;
    if !session.has_acts() {
        return skip("nobody can flash: the driver has no org.callcore.sim.act/1");
    }
    session.act(&format!("channel {channel} lifts"))?;
    let mut told = Vec::new();
    for ms in [100u32, 400, 700] {
        let first = session.host().count();
        session.act(&format!("channel {channel} flashes {ms}"))?;
        let seen = session.wait(first, Duration::from_secs(3), |seen| {
            let event = seen.event();
            let is_one = event.chan() == channel && matches!(event.kind(), CCD_EV_FLASH | CCD_EV_HOOK);
            is_one.then(|| (event.kind(), event.u32(offset_of!(ccd_ev_flash, ms))))
        });
        match seen {
            Some((CCD_EV_FLASH, seen)) => told.push(format!("{ms} ms: {seen}")),
            Some(_) => return broken(format!("a flash of {ms} ms came as HOOK, a hang-up")),
            None => return broken(format!("a flash of {ms} ms did not come as FLASH")),
        }
    }
    Ok(told.join(", "))
}

fn ring_cadence(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    session.require(Function::Ring)?;
    let channel = line_channel(&session, CCD_KIND_FXS, "FXS")?;
    for cadence_ms in [vec![400, 200, 400, 2000], vec![1000, 4000], vec![]] {
        let (status, req) =
            session.command(&Command::Ring { channel, cadence_ms: cadence_ms.clone(), caller_id: None });
        if matches!(status, CCD_E_STATE | CCD_E_BUSY) && !cadence_ms.is_empty() {
            return skip(format!(
                "the telephone at channel {channel} cannot be rung now: {}",
                status_name(status)
            ));
        }
        require(status == CCD_OK, || format!("ring with {cadence_ms:?} returned {}", status_name(status)))?;
        require(session.done(req).is_some(), || {
            format!("ring with {cadence_ms:?} was accepted; no DONE came")
        })?;
        session.run(Duration::from_millis(300));
    }
    Ok(String::new())
}

fn alarms(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    if !session.has_acts() {
        return skip("nobody can make an alarm: the driver has no org.callcore.sim.act/1");
    }
    let first = session.host().count();
    session.act("span 0 alarm red")?;
    let set = |seen: &Seen| outage(seen).filter(|it| it.kind == CCD_EV_ALARM).map(|it| (it.now, it.was));
    let on = session.wait(first, Duration::from_secs(8), set);
    require(on.is_some_and(|(now, was)| now & CCD_ALARM_RED != 0 && was & CCD_ALARM_RED == 0), || {
        format!("a red alarm came as {on:?} (now, was)")
    })?;
    replay_rest(&mut session, CCD_EV_ALARM, (0, CCD_ALARM_RED), "a span with a red alarm")?;
    let first = session.host().count();
    session.act("span 0 alarm none")?;
    let off = session.wait(first, Duration::from_secs(15), set);
    require(off.is_some_and(|(now, was)| now & CCD_ALARM_RED == 0 && was & CCD_ALARM_RED != 0), || {
        format!("the end of a red alarm came as {off:?} (now, was)")
    })?;
    replay_rest(&mut session, CCD_EV_ALARM, (0, 0), "a span without one")?;
    Ok("red, and back".to_owned())
}

/// The sets of the next BLOCKED of a channel: now, was.
fn blocked(session: &mut Session<'_>, channel: u32, first: usize) -> Option<(u32, u32)> {
    session.wait(first, DONE_LIMIT, |seen| {
        let told = outage(seen).filter(|it| it.kind == CCD_EV_BLOCKED && seen.event().chan() == channel);
        told.map(|it| (it.now, it.was))
    })
}

fn block(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    session.require(Function::Service)?;
    let channel = session.channels().len() as u32 - 1;
    let first = session.host().count();
    let (status, req) = session.command(&Command::Service { channel, in_service: false });
    if status == CCD_E_UNSUPPORTED {
        return skip("service is CCD_E_UNSUPPORTED");
    }
    require(status == CCD_OK, || format!("service(0) returned {}", status_name(status)))?;
    require(session.done(req).is_some(), || "service(0) was accepted; no DONE came".to_owned())?;
    let now = blocked(&mut session, channel, first);
    require(now.is_some_and(|(now, _)| now & CCD_BLOCK_LOCAL != 0), || match now {
        None => format!("channel {channel} was taken out of service; no BLOCKED came"),
        Some((now, _)) => format!(
            "channel {channel} was taken out of service; BLOCKED.now is {now:#x}, without CCD_BLOCK_LOCAL"
        ),
    })?;
    if session.offers(Function::Make) {
        let (status, call) = session.make(channel);
        require(status < 0, || format!("make on a channel out of service is accepted (call {call})"))?;
    }
    let told = told_by(&mut session, &Command::Service { channel, in_service: false }, "service(0)")?;
    require(told.is_none_or(|told| told.is_empty()), || {
        format!(
            "channel {channel} was taken out of service a second time, which changed nothing; BLOCKED came"
        )
    })?;
    replay_rest(&mut session, CCD_EV_BLOCKED, (channel, CCD_BLOCK_LOCAL), "which is out of service")?;
    let first = session.host().count();
    let (status, _) = session.command(&Command::Service { channel, in_service: true });
    require(status == CCD_OK, || format!("service(1) returned {}", status_name(status)))?;
    let now = blocked(&mut session, channel, first);
    require(now.is_some_and(|(now, was)| now & CCD_BLOCK_LOCAL == 0 && was & CCD_BLOCK_LOCAL != 0), || {
        format!("channel {channel} was taken back into service; BLOCKED came as {now:?} (now, was)")
    })?;
    replay_rest(&mut session, CCD_EV_BLOCKED, (channel, 0), "which is in service")
}

/// What BLOCKED or ALARM says.
struct Told {
    kind: u16,
    /// The channel, or the span.
    place: u32,
    now: u32,
    was: u32,
}

fn outage(seen: &Seen) -> Option<Told> {
    let (event, kind) = (seen.event(), seen.event().kind());
    let is_span = event.chan() == CCD_NO_CHAN;
    let place = if is_span { event.u32(offset_of!(ccd_event, span)) } else { event.chan() };
    // both events have their sets at the same places
    let [now, was] = [offset_of!(ccd_ev_blocked, now), offset_of!(ccd_ev_blocked, was)];
    matches!(kind, CCD_EV_BLOCKED | CCD_EV_ALARM).then(|| Told {
        kind,
        place,
        now: event.u32(now),
        was: event.u32(was),
    })
}

/// What a command makes a driver say of blocks and alarms; nothing if it does not have the command.
fn told_by(session: &mut Session<'_>, command: &Command, name: &str) -> Result<Option<Vec<Told>>, Stop> {
    let first = session.host().count();
    let (status, req) = session.command(command);
    if status == CCD_E_UNSUPPORTED {
        return Ok(None);
    }
    require(status == CCD_OK, || format!("{name} returned {}", status_name(status)))?;
    require(session.done(req).is_some(), || format!("{name} was accepted; no DONE came"))?;
    session.run(Duration::from_millis(100));
    let told = session.host().since(first);
    Ok(Some(told.iter().filter_map(outage).collect()))
}

/// A replay of what belongs to no call says what a place is in, and nothing of one that is in nothing.
fn replay_rest(session: &mut Session<'_>, kind: u16, of: (u32, u32), which: &str) -> Ran {
    if !session.offers(Function::Replay) {
        return Ok("replay is not offered".to_owned());
    }
    let (place, set) = of;
    let replay = Command::Replay { channel: CCD_NO_CHAN };
    let Some(told) = told_by(session, &replay, "replay of CCD_NO_CHAN")? else {
        return Ok("replay of CCD_NO_CHAN is CCD_E_UNSUPPORTED".to_owned());
    };
    let here = told.iter().filter(|it| it.kind == kind && it.place == place);
    let here: Vec<(u32, u32)> = here.map(|it| (it.now, it.was)).collect();
    let wanted = if set == 0 { vec![] } else { vec![(set, set)] };
    require(here == wanted, || {
        let name = event_name(kind);
        format!(
            "replay of CCD_NO_CHAN, with place {place}, {which}: {name} came as {here:?} (now, was), not {wanted:?}"
        )
    })?;
    Ok(String::new())
}

fn hot_removal(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    if !session.has_acts() {
        return skip("nobody can pull it out: the driver has no org.callcore.sim.act/1");
    }
    let call = session.connected().ok().map(|(_, call)| call);
    let first = session.host().count();
    session.act("device removed")?;
    let removed = session
        .wait(first, RELEASED_LIMIT, |seen| (seen.event().kind() == CCD_EV_DEVICE_REMOVED).then_some(()));
    require(removed.is_some(), || "the device was removed; no DEVICE_REMOVED came".to_owned())?;
    if let Some(call) = call {
        session.require_released(call, "was up when the device was removed")?;
    }
    session.run(Duration::from_millis(200));
    let mut after = session
        .host()
        .since(first)
        .into_iter()
        .skip_while(|seen| seen.event().kind() != CCD_EV_DEVICE_REMOVED);
    after.next();
    let allowed = [CCD_EV_RELEASED, CCD_EV_DISCONNECTED, CCD_EV_DONE];
    if let Some(late) = after.find(|seen| !allowed.contains(&seen.event().kind())) {
        return broken(format!(
            "after DEVICE_REMOVED came {}",
            crate::session::event_name(late.event().kind())
        ));
    }
    for command in
        [Command::Answer { call: 1 }, Command::Drop { call: 2, q850: 16 }, Command::Replay { channel: 0 }]
    {
        let (status, _) = session.command(&command);
        let name = command.function().name();
        require(status == CCD_E_GONE || status == CCD_E_UNSUPPORTED, || {
            format!("{name} after DEVICE_REMOVED returned {}, not CCD_E_GONE", status_name(status))
        })?;
    }
    Ok(String::new())
}

fn bus(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    let Some(info) = session.device().bus() else { return skip("the driver has no callcore.bus/1") };
    let count = session.channels().len() as u32;
    let mut sources: Vec<BusAddress> = Vec::new();
    let on_bus: Vec<u32> = (0..count).filter(|channel| session.can(*channel, CCD_CAPB_BUS)).collect();
    if on_bus.is_empty() {
        return skip("no channel has CCD_CAPB_BUS");
    }
    for channel in on_bus.iter().copied() {
        let source = session.device().bus_source(channel);
        let again = session.device().bus_source(channel);
        require(source == again, || format!("channel {channel} talks at {source:?}, then at {again:?}"))?;
        let Ok(source) = source else { continue };
        require(!sources.contains(&source), || format!("two channels talk at {source:?}"))?;
        sources.push(source);
    }
    for channel in on_bus.into_iter().take(8) {
        for from in sources.iter().take(8) {
            for command in [
                Command::Listen { channel, from: *from, gain_cb: 0 },
                Command::Listen { channel, from: *from, gain_cb: 0 },
                Command::Unlisten { channel },
                Command::Unlisten { channel },
            ] {
                let (status, req) = session.command(&command);
                let name = command.function().name();
                require(status == CCD_OK, || {
                    format!("{name} of channel {channel} to {from:?} returned {}", status_name(status))
                })?;
                require(session.done(req).is_some(), || {
                    format!("{name} of channel {channel} was accepted; no DONE came")
                })?;
            }
        }
    }
    Ok(format!("kind {}, {} talkers", info.kind, sources.len()))
}

fn conference(subject: &Subject) -> Ran {
    let (driver, host) = created(subject)?;
    let device = open(subject, &driver, host)?;
    let claims = |channel: &u32| {
        let info = device.channel(*channel, size_of::<ccd_channel_info>() as u32);
        info.is_some_and(|(_, info, _)| info.caps & ccd_cap(CCD_CAPB_CONF) != 0)
    };
    let has_table = driver.extension(c"callcore.conf/1") != 0;
    match (0..channels(&device)).find(claims) {
        Some(_) if has_table => {
            skip("its callcore.conf/1 is of a later version of the contract than this tool")
        }
        Some(channel) => broken(format!("channel {channel} has CCD_CAPB_CONF, and callcore.conf/1 is NULL")),
        None => Ok("no channel says that it has any".to_owned()),
    }
}
