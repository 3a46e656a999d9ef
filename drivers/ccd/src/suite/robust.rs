//! Level 5: what a driver must survive.

use super::binary::load;
use super::life::{channels, created, open, own_codec, refused};
use super::script::{Chance, drop_all, random};
use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require, skip};
use crate::raw::{Device, MediaSet, Offer, Setup, Table, watch::storm};
use crate::session::{FRAME, RELEASED_LIMIT, Session, make};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Function};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const SUITE: Suite = Suite { level: 5, seconds: 90 };

/// The checks of this level.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        65,
        "slow-host",
        "a host that is away for two seconds, and has no room then",
        "post: CCD_E_FULL: try again or report LOST. No driver relies on the host's pace.",
        slow_host,
    ),
    SUITE.check(
        66,
        "any-command",
        "thousands of commands, right ones and wrong ones, from a seed",
        "Common answers: CCD_E_ARG, CCD_E_STATE, CCD_E_GONE, CCD_E_UNSUPPORTED; nothing else happens.",
        any_command,
    ),
    SUITE.check(
        67,
        "any-thread",
        "[any] functions from 16 threads at a time",
        "[any]: any thread, any number at a time.",
        any_thread,
    ),
    SUITE.check(
        68,
        "control-time",
        "no control call takes longer than two seconds",
        "[control]: may take 2 s, should take far less.",
        control_time,
    ),
    SUITE.check(
        69,
        "signals",
        "a thousand signals a second disturb nothing",
        "An interrupted system call is made again (EINTR).",
        signals,
    ),
    SUITE.check(
        70,
        "other-process",
        "a helper process's offer and its shared pool",
        "CCD_OFFER_OUT_OF_PROCESS. pool_fd: memfd for a helper process, or -1; the pool is the host's.",
        other_process,
    ),
];

fn slow_host(subject: &Subject) -> Ran {
    let mut session = Session::start_unwatched(subject)?;
    session.require_calls()?;
    let (_, call) = session.connected()?;
    session.host().refuse(20);
    std::thread::sleep(Duration::from_secs(2));
    session.host().refuse(0);
    session.run(Duration::from_millis(200));
    session.drop_call(call, 16);
    session.require_released(call, "was dropped after the host had been away")?;
    drop_all(&mut session)?;
    let Some(call) = session.make_anywhere() else {
        return broken("no channel takes a call after the host had been away");
    };
    session.drop_call(call, 16);
    session.require_released(call, "was dropped")?;
    Ok(format!("{} posts refused", session.host().refused()))
}

/// How long commands are given.
const FUZZ: Duration = Duration::from_secs(6);

fn any_command(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    if let Ok(frames) = session.frames() {
        frames.is_fast = true;
    }
    let (mut chance, began) = (Chance::new(subject.seed), Instant::now());
    let mut given = 0u64;
    while began.elapsed() < FUZZ {
        let command = wild(&mut session, &mut chance);
        session.command(&command);
        session.host().forget();
        session.forget_requests();
        given += 1;
        if given.is_multiple_of(8) {
            session.frame();
        }
    }
    if let Ok(frames) = session.frames() {
        frames.is_fast = false;
    }
    Ok(format!("{given} commands"))
}

/// Any command at all: channels, calls, numbers and texts that are, and that cannot be.
fn wild(session: &mut Session<'_>, chance: &mut Chance) -> Command {
    let channels = [
        0,
        1,
        session.channels().len() as u32 - 1,
        session.channels().len() as u32,
        CCD_NO_CHAN,
        0x7FFF_FFFF,
    ];
    let channel = channels[chance.below(6) as usize];
    let calls = [0, 1, 2, 3, u64::MAX, session.new_call(), chance.below(1000)];
    let call = calls[chance.below(7) as usize];
    let texts = [
        "",
        "1",
        "0*#ABCD",
        "12,w!",
        "x",
        "\u{1F600}",
        "99999999999999999999999999999999999999999999999999999999999999999999",
    ];
    let text = texts[chance.below(7) as usize].to_owned();
    let number = chance.below(1 << 32) as u32;
    match chance.below(18) {
        // a number that was used before would be our fault, not the driver's
        0 => make(channel, session.new_call(), &text, (chance.below(4) == 0).then(|| text.clone())),
        1 => make(
            channel,
            [0, 1, u64::MAX][chance.below(3) as usize],
            &text,
            (chance.below(4) == 0).then(|| text.clone()),
        ),
        2 => Command::Digits { call, more: text, complete: chance.below(2) == 0 },
        3 => Command::Accept { call, step: number as i32 % 7 },
        4 => Command::Answer { call },
        5 => Command::Drop { call, q850: number as u16 },
        6 => Command::Hold { call, on: number.is_multiple_of(2) },
        7 => Command::Transfer { call, other: call ^ 1, to: Some(text) },
        8 => Command::Raw { call, json: text },
        9 => Command::Hook { channel, op: number as i32 % 8, ms: number % 2000 },
        10 => {
            Command::Ring { channel, cadence_ms: vec![number as u16; (number % 5) as usize], caller_id: None }
        }
        11 => Command::Polarity { channel, reversed: number.is_multiple_of(2) },
        12 => Command::SendDigits {
            channel,
            kind: number as i32 % 7,
            digits: text,
            on_ms: number % 300,
            off_ms: number % 300,
        },
        13 => Command::SendTone { channel, tone: number as i32 % 16 },
        14 => Command::Detect { channel, what: u64::from(number) },
        15 => Command::Tune { channel, key: number as i32 % 9, value: i64::from(number) },
        16 => Command::Enable { channel, on: number.is_multiple_of(2) },
        _ => Command::Service { channel, in_service: !number.is_multiple_of(4) },
    }
}

fn any_thread(subject: &Subject) -> Ran {
    let entry = load(subject)?;
    let (driver, host) = created(subject)?;
    let device = open(subject, &driver, host)?;
    let (wrong, rounds) = (AtomicU64::new(0), AtomicU64::new(0));
    let end = Instant::now() + Duration::from_secs(1);
    subject.trail.step("channel, extension, config_schema and ccd_negotiate from 16 threads");
    let table = driver.extension(c"callcore.device/1");
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while Instant::now() < end {
                    let status = device
                        .channel(0, size_of::<ccd_channel_info>() as u32)
                        .map_or(CCD_OK, |(status, ..)| status);
                    let agreed = entry.negotiate(Offer::default(), size_of::<ccd_accept>() as u32).status;
                    let is_right = status == CCD_OK
                        && agreed == CCD_OK
                        && driver.extension(c"callcore.device/1") == table;
                    wrong.fetch_add(u64::from(!is_right), Ordering::Relaxed);
                    let _ = driver.schema();
                    rounds.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    device.close();
    let (wrong, rounds) = (wrong.into_inner(), rounds.into_inner());
    require(wrong == 0, || format!("{wrong} of {rounds} answers were others than from one thread"))?;
    Ok(format!("{rounds} rounds"))
}

fn control_time(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    random(&mut session, &mut Chance::new(subject.seed), 40)?;
    if let Some(call) = session.make_anywhere() {
        session.drop_call(call, 16);
        session.require_released(call, "was dropped")?;
    }
    for channel in 0..session.channels().len() as u32 {
        session.command(&Command::Replay { channel });
    }
    let (slowest, name) = session.slowest();
    Ok(format!("slowest {name}, {slowest:.1?}"))
}

fn signals(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    session.require(Function::Make)?;
    if session.make_anywhere().is_none() {
        return skip("no channel takes a call");
    }
    drop_all(&mut session)?;
    subject.trail.step("calls, with SIGALRM a thousand times a second");
    let began = Instant::now();
    let mut calls = 0;
    let counted = storm(|| {
        while began.elapsed() < Duration::from_secs(2) {
            let Some(call) = session.make_anywhere() else { return broken("no channel takes a call") };
            session.run(Duration::from_millis(40));
            session.drop_call(call, 16);
            session.require_released(call, "was dropped")?;
            drop_all(&mut session)?;
            calls += 1;
        }
        Ok(())
    });
    let signals = counted?;
    Ok(format!("{calls} calls, {signals} signals"))
}

/// What lies in a pool before anything is written there.
const NOTHING: u8 = 0xA5;
/// Frames in which the pool is looked at.
const FRAMES: u64 = 25;

/// Each check has a process of its own; here the driver is told so, and gets its sound through memory that two sides share.
fn other_process(subject: &Subject) -> Ran {
    let (entry, whole) = (load(subject)?, size_of::<ccd_accept>() as u32);
    let offer = Offer { flags: CCD_OFFER_VALIDATING | CCD_OFFER_OUT_OF_PROCESS, ..Offer::default() };
    subject.trail.step("negotiate with CCD_OFFER_OUT_OF_PROCESS");
    let (here, there) = (entry.negotiate(Offer::default(), whole), entry.negotiate(offer, whole));
    if here.status != CCD_OK {
        return skip("it refuses version 1.0 (check 6)");
    }
    require((there.status, there.abi, &there.texts) == (here.status, here.abi, &here.texts), || {
        let said = crate::raw::status_name(there.status);
        format!(
            "the offer of a helper process is answered by {said}, abi {:#x}, {:?}",
            there.abi, there.texts
        )
    })?;
    let mut driver = entry.driver_of(offer).or_else(broken)?;
    let host = Table::new(&subject.config);
    subject.trail.step("create");
    driver.create(host, false).or_else(refused("create"))?;
    let device = open(subject, &driver, host)?;
    let Ok(pool) = Setup::shared(channels(&device), 160, own_codec(&device)) else {
        return skip("this system has no memfd_create");
    };
    subject.trail.step("start with a shared pool");
    device.start(&pool).or_else(|why| broken(format!("a pool in shared memory is refused: {why}")))?;
    let (heard, call) = shared_traffic(subject, &device, &pool, host)?;
    subject.trail.step("stop, close, destroy");
    let _ = device.stop();
    device.close();
    driver.destroy();
    let fd = pool.fd().unwrap_or(-1);
    if !std::path::Path::new(&format!("/proc/self/fd/{fd}")).exists() {
        // it cannot be closed a second time
        std::mem::forget(pool);
        return broken("pool_fd is closed after destroy: it is the host's");
    }
    Ok(format!("{heard} frames of audio in {FRAMES}; {call}"))
}

/// A call and a few frames; how many slots were heard, and what came of the call.
fn shared_traffic(
    subject: &Subject,
    device: &Device,
    pool: &Setup,
    host: &Table,
) -> Result<(u64, &'static str), Stop> {
    subject.trail.step("a call, and frames in the shared pool");
    let count = channels(device);
    let takes_call = |channel: &u32| {
        device.make(*channel, 2, &subject.dial.called, subject.dial.via.as_deref()) == Some(CCD_OK)
    };
    let made = (0..count).find(takes_call).is_some();
    let (mut set, mut heard) = (MediaSet::new(count), 0);
    for frame in 0..FRAMES {
        pool.fill(NOTHING);
        frame_later(device, frame, &mut set);
        for channel in (0..count).filter(|channel| set.take_heard(*channel)).collect::<Vec<_>>() {
            require(pool.rx(frame, channel).iter().any(|byte| *byte != NOTHING), || {
                format!(
                    "frame {frame}: rx_valid is set for channel {channel}, and nothing was written into its slot"
                )
            })?;
            heard += 1;
        }
    }
    if !made {
        return Ok((heard, "no channel takes a call"));
    }
    let _ = device.drop_call(2, 3);
    let end = Instant::now() + RELEASED_LIMIT;
    let mut frame = FRAMES;
    while !host.has(CCD_EV_RELEASED, 2) {
        if Instant::now() > end {
            return broken("call 2 was dropped in a helper process; no RELEASED came");
        }
        frame_later(device, frame, &mut set);
        frame += 1;
    }
    Ok((heard, "its call is released"))
}

fn frame_later(device: &Device, frame: u64, set: &mut MediaSet) {
    std::thread::sleep(FRAME);
    let _ = device.exchange_in_time(frame, set);
}
