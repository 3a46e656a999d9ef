//! Level 3, sound that comes back: bit by bit, in time, without a gap.

use super::calls::start;
use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require};
use crate::session::Session;
use callcore_codec::Format;
use callcore_driver_host::sys::*;
use std::time::{Duration, Instant};

const SUITE: Suite = Suite { level: 3, seconds: 60 };

/// The checks of it.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        44,
        "bit-exact",
        "what is sent comes back bit by bit",
        "Samples of the pool are those of the line: no gain, no recoding.",
        bit_exact,
    ),
    SUITE.check(
        45,
        "latency",
        "sound comes back within 120 ms",
        "1 frame in, 1 frame out in the driver.",
        latency,
    ),
    SUITE.check(
        46,
        "no-gaps",
        "no frame is lost, doubled or out of order",
        "fill rx of frame t->frame, send tx of frame t->frame.",
        no_gaps,
    ),
    SUITE.check(
        47,
        "idle-code",
        "silence is sent when the host has nothing to say",
        "tx_valid: host: has audio; else send idle or nothing (A-law 0xD5, mu-law 0xFF, linear 0).",
        idle_code,
    ),
];

/// A session with a call whose sound comes back, on that channel.
fn with_loop(subject: &Subject) -> Result<(Session<'_>, (u32, ccd_call)), Stop> {
    let mut session = start(subject)?;
    session.frames()?;
    let looped = session.looped()?;
    Ok((session, looped))
}

/// What is broken unless the far end of the call has gone meanwhile, which sends nothing back.
fn broken_on<T>(session: &Session<'_>, call: ccd_call, seen: String) -> Result<T, Stop> {
    session.require_up(call)?;
    broken(seen)
}

/// Bytes that no two frames have alike.
pub(super) fn pattern(frame: u64, channel: u32, bytes: &mut [u8]) -> bool {
    let mut state = frame.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::from(channel);
    for byte in bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *byte = (state >> 56) as u8;
    }
    true
}

/// Longest way round that is looked for, in frames.
const WAY_MAX: u64 = 50;

/// How many frames later the sound of a frame comes back.
pub(super) fn way_round(session: &mut Session<'_>, (channel, call): (u32, ccd_call)) -> Result<u64, Stop> {
    session.frames()?.say(Box::new(pattern));
    for _ in 0..2 * WAY_MAX {
        session.frame();
        let frames = session.frames()?;
        let Some(heard) = frames.heard(channel) else { continue };
        let mut sent = vec![0; heard.len()];
        for way in 0..WAY_MAX.min(frames.frame) {
            pattern(frames.frame - 1 - way, channel, &mut sent);
            if sent == heard {
                return Ok(way);
            }
        }
    }
    let seen =
        format!("what is sent on channel {channel} does not come back bit by bit within {WAY_MAX} frames");
    broken_on(session, call, seen)
}

fn bit_exact(subject: &Subject) -> Ran {
    let (mut session, looped @ (channel, call)) = with_loop(subject)?;
    let way = way_round(&mut session, looped)?;
    for _ in 0..100 {
        session.frame();
        let frames = session.frames()?;
        let frame = frames.frame - 1;
        let Some(heard) = frames.heard(channel) else {
            return broken_on(&session, call, format!("nothing was heard in frame {frame}"));
        };
        let mut sent = vec![0; heard.len()];
        pattern(frame - way, channel, &mut sent);
        let at = sent.iter().zip(&heard).position(|(sent, heard)| sent != heard);
        if let Some(at) = at {
            let (sent, came) = (sent[at], heard[at]);
            let seen = format!(
                "frame {frame}, byte {at}: {sent:#04x} was sent {way} frames before, {came:#04x} came back"
            );
            return broken_on(&session, call, seen);
        }
    }
    Ok(format!("{} bytes a frame, {way} frames later", session.frames()?.bytes()))
}

fn latency(subject: &Subject) -> Ran {
    let (mut session, looped) = with_loop(subject)?;
    let way = way_round(&mut session, looped)?;
    require(way <= 6, || format!("sound comes back {way} frames ({} ms) later", way * 20))?;
    Ok(format!("{way} frames, {} ms", way * 20))
}

/// Frames that are counted, as many as there is time for.
const COUNTED_MAX: u64 = 1_000_000;
const COUNTED_TIME: Duration = Duration::from_secs(4);

fn no_gaps(subject: &Subject) -> Ran {
    let (mut session, looped @ (channel, call)) = with_loop(subject)?;
    let way = way_round(&mut session, looped)?;
    let is_paced_by_host = session.info().paced_by == CCD_PACED_BY_HOST;
    let frames = session.frames()?;
    // only the driver's own clock cannot be hurried
    frames.is_fast = is_paced_by_host;
    let (began, first) = (Instant::now(), frames.frame);
    let mut sent = vec![0; frames.bytes()];
    while began.elapsed() < COUNTED_TIME && session.frames()?.frame - first < COUNTED_MAX {
        session.frame();
        let frames = session.frames()?;
        let frame = frames.frame - 1;
        pattern(frame - way, channel, &mut sent);
        if frames.heard(channel).as_ref() != Some(&sent) {
            let seen = format!(
                "frame {frame} does not bring back what was sent {way} frames before: lost, doubled or out of order"
            );
            return broken_on(&session, call, seen);
        }
    }
    Ok(format!("{} frames", session.frames()?.frame - first))
}

fn idle_code(subject: &Subject) -> Ran {
    let (mut session, _) = with_loop(subject)?;
    let mut said = Vec::new();
    for format in [Format::ALaw, Format::MuLaw, Format::L16] {
        if session.channels().iter().any(|info| info.codecs & format.code() == 0) {
            continue;
        }
        session.stop()?;
        session.start_in(format)?;
        let (channel, call) = session.looped()?;
        for _ in 0..5 {
            session.frame();
        }
        session.frames()?.hush();
        for _ in 0..WAY_MAX {
            session.frame();
        }
        let idle = format.silence();
        for _ in 0..10 {
            session.frame();
            let heard = session.frames()?.heard(channel).unwrap_or_default();
            if let Some(byte) = heard.iter().find(|byte| **byte != idle) {
                let seen =
                    format!("with {format:?} and tx_valid clear the line has {byte:#04x}, not {idle:#04x}");
                return broken_on(&session, call, seen);
            }
        }
        said.push(format!("{format:?} {idle:#04x}"));
    }
    Ok(said.join(", "))
}
