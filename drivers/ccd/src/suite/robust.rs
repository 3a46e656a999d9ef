//! Level 5: what a driver must survive.

use super::binary::load;
use super::life::{created, open};
use super::script::{Chance, drop_all, random};
use crate::check::{Check, Ran, Subject, Suite, broken, require, skip};
use crate::raw::{Offer, watch::storm};
use crate::session::{Session, make};
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
        "everything again in a process of its own",
        "CCD_OFFER_OUT_OF_PROCESS.",
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

fn other_process(_: &Subject) -> Ran {
    skip("this host runs drivers in its own process")
}
