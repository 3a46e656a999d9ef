//! Level 3: sound, frame by frame.

use super::life::{created, open};
use super::loopback::{pattern, way_round};
use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require, skip};
use crate::raw::{MediaSet, Setup, status_name, watch};
use crate::session::{FRAME, Session};
use callcore_driver_host::sys::*;
use callcore_driver_host::{Command, Function, Host as _, Tick};
use std::time::{Duration, Instant};

const SUITE: Suite = Suite { level: 3, seconds: 60 };

/// The checks of this level.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        43,
        "slots",
        "exchange touches the slots of active channels only",
        "Touches the slots of active channels only; rx_valid: driver: got audio.",
        slots,
    ),
    SUITE.check(
        48,
        "frame-time",
        "a frame takes no more than a quarter of its time",
        "25 % of the frame's time is the budget.",
        frame_time,
    ),
    SUITE.check(
        49,
        "real-time",
        "no allocation and no waiting on the media thread",
        "[media]: no allocation, no lock that another thread holds for long, no file.",
        real_time,
    ),
    SUITE.check(
        50,
        "late-host",
        "a host that was late goes on: 1, 5, 50 frames left out",
        "frame: its number; a jump means that frames were left out. late: deadlines missed just before.",
        late_host,
    ),
    SUITE.check(
        51,
        "enable",
        "sound is switched off and on 10,000 times",
        "enable: switches a channel's sound; each accepted command completes once.",
        enable,
    ),
    SUITE.check(
        52,
        "frame-sizes",
        "every frame size that is claimed",
        "frame_min, frame_max: samples of 8 kHz; 160 must be among them; 0: any.",
        frame_sizes,
    ),
    SUITE.check(
        53,
        "drift",
        "a device with a clock of its own keeps time",
        "CCD_PACED_BY_DRIVER: wait sleeps to the next frame.",
        drift,
    ),
    SUITE.check(
        74,
        "heard",
        "a connected call is heard",
        "rx_valid: driver: got audio, silence too; else the host conceals.",
        heard,
    ),
];

/// A session with sound, and a call on it if there can be one.
fn with_sound(subject: &Subject) -> Result<(Session<'_>, Option<u32>), Stop> {
    let mut session = Session::start(subject)?;
    session.frames()?;
    let channel = session.connected().ok().map(|(channel, _)| channel);
    Ok((session, channel))
}

fn slots(subject: &Subject) -> Ran {
    let (mut session, channel) = with_sound(subject)?;
    let frames = session.frames()?;
    frames.guard();
    for other in 0..frames.channels() {
        frames.set_active(other, Some(other) == channel || other % 2 == 0);
    }
    frames.say(Box::new(|frame, channel, bytes| {
        bytes.fill((frame as u8) ^ (channel as u8));
        true
    }));
    subject.trail.step("exchange, with guards around the slots");
    session.run(50 * FRAME);
    let frames = session.frames()?;
    match frames.trespasses.first() {
        Some(first) => broken(format!("{first} ({} times in all)", frames.trespasses.len())),
        None => {
            require(frames.status == CCD_OK, || format!("exchange returned {}", status_name(frames.status)))
                .map(|()| format!("{} frames", frames.frame))
        }
    }
}

/// Frames of a call, in which something is heard.
const HEARD: u32 = 100;

fn heard(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    session.frames()?.say(Box::new(pattern));
    let (channel, call) = session.connected()?;
    let mut count = 0;
    for _ in 0..HEARD {
        session.frame();
        count += u32::from(session.frames()?.is_heard(channel));
    }
    if count == 0 {
        session.require_up(call)?;
        return broken(format!(
            "call {call} was up for {HEARD} frames; rx_valid was set for channel {channel} in none"
        ));
    }
    Ok(format!("in {count} of {HEARD} frames"))
}

fn frame_time(subject: &Subject) -> Ran {
    let (mut session, _) = with_sound(subject)?;
    session.frames()?.say(Box::new(pattern));
    for channel in 1..session.channels().len() as u32 {
        session.make(channel);
    }
    session.frames()?.times.clear();
    session.run(100 * FRAME);
    let mut times = session.frames()?.times.clone();
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    let (median, most, worst) = (at(50), at(95), at(100));
    require(most < FRAME / 4, || {
        format!("one frame in twenty takes {most:?} and more, the usual one {median:?}; 5 ms are the budget")
    })?;
    Ok(format!("usually {median:.1?}, worst {worst:.1?}"))
}

/// System calls by which samples are moved; and those that wait for nobody.
const ALLOWED: [&str; 16] = [
    "read",
    "write",
    "readv",
    "writev",
    "ioctl",
    "sendto",
    "recvfrom",
    "sendmsg",
    "recvmsg",
    "sendmmsg",
    "recvmmsg",
    "io_uring_enter",
    "clock_gettime",
    "futex wake",
    "futex wait",
    "fcntl",
];
/// Frames that are watched, after the first few.
const WATCHED: u64 = 100;
const FIRST_FRAMES: u64 = 10;

fn real_time(subject: &Subject) -> Ran {
    let (mut session, _) = with_sound(subject)?;
    session.frames()?.say(Box::new(pattern));
    session.run(2 * FRAME);
    let count = session.channels().len() as u32;
    let (media, first) = session.frames()?.take_media();
    let Some(mut media) = media else { return skip("the driver has no exchange") };
    let host = session.shared_host();
    let is_clocked = session.info().paced_by == CCD_PACED_BY_DRIVER;
    subject.trail.step("exchange, watched");
    let run = move || {
        let words = count.div_ceil(64) as usize;
        let (active, valid) = (vec![u64::MAX; words], vec![0; words]);
        let active: Vec<u64> = (0..words).map(|word| mask(count, word) & active[word]).collect();
        let (mut rx_valid, mut rx_format, tx_format) =
            (vec![0; words], vec![0; count as usize], vec![0; count as usize]);
        let (mut allocations, mut faults) = (0, 0);
        for frame in first..first + FIRST_FRAMES + WATCHED {
            if is_clocked {
                media.wait(40_000);
            } else {
                std::thread::sleep(FRAME);
            }
            rx_valid.fill(0);
            let mut tick = Tick {
                frame,
                t_ns: host.now_ns(),
                flags: 0,
                late: 0,
                active: &active,
                tx_valid: &valid,
                rx_valid: &mut rx_valid,
                rx_format: &mut rx_format,
                tx_format: &tx_format,
            };
            if frame < first + FIRST_FRAMES {
                media.exchange(&mut tick);
                continue;
            }
            let before = watch::page_faults_here();
            let (_, allocated) = watch::inside(|| media.exchange(&mut tick));
            (allocations, faults) = (allocations + allocated, faults + watch::page_faults_here() - before);
        }
        (allocations, faults)
    };
    let ((allocations, faults), calls) = match watch::watched(run) {
        Ok(seen) => seen,
        Err(why) => {
            return skip(format!(
                "this system cannot watch a thread (seccomp notifications, Linux 5.5): {why}"
            ));
        }
    };
    require(allocations == 0, || format!("{WATCHED} frames allocated or freed {allocations} times"))?;
    let unlisted: Vec<String> = calls
        .iter()
        .filter(|(name, _)| !ALLOWED.contains(&name.as_str()))
        .map(|(name, n)| format!("{name} ({n})"))
        .collect();
    require(unlisted.is_empty(), || {
        format!("{WATCHED} frames made system calls that may wait: {}", unlisted.join(", "))
    })?;
    let waits = calls.get("futex wait").copied().unwrap_or(0);
    require(waits <= WATCHED / 10, || format!("{WATCHED} frames waited for a lock {waits} times"))?;
    let calls = calls.iter().map(|(name, n)| format!("{name} {n}")).collect::<Vec<_>>().join(", ");
    Ok(format!("system calls: {}; page faults: {faults}", if calls.is_empty() { "none" } else { &calls }))
}

/// Bits of the channels in a word of a set.
fn mask(channels: u32, word: usize) -> u64 {
    let left = (channels as usize).saturating_sub(word * 64);
    if left >= 64 { u64::MAX } else { (1 << left) - 1 }
}

fn late_host(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    session.frames()?;
    let looped = session.looped().ok();
    if looped.is_none() {
        let _ = session.connected();
    }
    session.frames()?.say(Box::new(pattern));
    for skipped in [1, 5, 50] {
        session.run(5 * FRAME);
        let (now, frames) = (session.host().now_ns(), session.frames()?);
        frames.skip(skipped);
        frames.exchange(now, skipped as u32);
        require(frames.status == CCD_OK, || {
            format!("exchange after {skipped} frames were left out returned {}", status_name(frames.status))
        })?;
        session.run(5 * FRAME);
        if let Some(looped) = looped {
            way_round(&mut session, looped)?;
        }
    }
    Ok(String::new())
}

fn enable(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    session.frames()?;
    session.require(Function::Enable)?;
    let count = session.channels().len() as u32;
    let (began, mut last) = (Instant::now(), Vec::new());
    let mut times = 0u32;
    while times < 10_000 && began.elapsed() < Duration::from_secs(8) {
        let (channel, on) = (times % count, times / count % 2 == 1);
        let (status, req) = session.command(&Command::Enable { channel, on });
        match status {
            CCD_E_UNSUPPORTED => return skip(format!("enable of channel {channel} is CCD_E_UNSUPPORTED")),
            // an honest answer from a board that needs a frame to get rid of its events
            CCD_E_FULL => {
                session.frame();
                continue;
            }
            _ => {}
        }
        require(status == CCD_OK, || {
            format!("enable({on}) of channel {channel}, time {times}, returned {}", status_name(status))
        })?;
        times += 1;
        last.push(req);
        if times.is_multiple_of(64) {
            session.frame();
        }
    }
    if times == 0 {
        return broken("enable is CCD_E_FULL for 8 s");
    }
    for req in last.into_iter().rev().take(count as usize) {
        if session.done(req).is_none() {
            return broken(format!("enable (req {req}) was accepted; no DONE came within 6 s"));
        }
    }
    Ok(format!("{times} times"))
}

/// Frame sizes in use, in samples of 8 kHz: 1 to 100 ms.
const SIZES: [u32; 9] = [8, 16, 40, 80, 160, 240, 320, 480, 800];

fn frame_sizes(subject: &Subject) -> Ran {
    let (driver, host) = created(subject)?;
    let device = open(subject, &driver, host)?;
    if !device.functions().contains(&"media.exchange") {
        return skip("the driver has no callcore.media/1");
    }
    let info = |index| device.channel(index, size_of::<ccd_channel_info>() as u32);
    let infos: Vec<_> = (0..65_536)
        .map_while(|i| info(i).filter(|(status, ..)| *status == CCD_OK))
        .map(|(_, i, _)| i)
        .collect();
    let least = infos.iter().map(|info| info.frame_min).max().unwrap_or(0);
    let most = infos
        .iter()
        .map(|info| if info.frame_max == 0 { u32::MAX } else { info.frame_max })
        .min()
        .unwrap_or(0);
    require((least..=most).contains(&160), || {
        format!("frames of {least} to {most} samples: 160 must be among them")
    })?;
    let common = infos.iter().fold(u32::MAX, |all, info| all & info.codecs);
    let codec =
        [CCD_L16, CCD_LAW_A, CCD_LAW_U].into_iter().find(|law| common & law != 0).unwrap_or(CCD_LAW_A);
    let mut tried = Vec::new();
    for samples in SIZES.into_iter().filter(|size| (least..=most).contains(size)) {
        let setup = Setup::new(infos.len() as u32, samples, codec);
        subject.trail.step(format!("start with frames of {samples} samples"));
        device
            .start(&setup)
            .or_else(|why| broken(format!("frames of {samples} samples are claimed, and refused: {why}")))?;
        let mut set = MediaSet::new(infos.len() as u32);
        for frame in 0..10 {
            let status = device.exchange_in_time(frame, &mut set).unwrap_or(CCD_OK);
            require(status == CCD_OK, || {
                format!("exchange of a frame of {samples} samples returned {}", status_name(status))
            })?;
        }
        let _ = device.stop();
        tried.push(samples.to_string());
    }
    device.close();
    Ok(format!("{} samples", tried.join(", ")))
}

fn drift(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    session.frames()?;
    if session.info().paced_by != CCD_PACED_BY_DRIVER {
        return skip("the host paces this device");
    }
    session.run(10 * FRAME);
    let (first, began) = (session.frames()?.frame, Instant::now());
    session.run(Duration::from_secs(6));
    let (frames, took) = (session.frames()?.frame - first, began.elapsed());
    let ppm = (frames as f64 * FRAME.as_secs_f64() / took.as_secs_f64() - 1.0) * 1e6;
    require(ppm.abs() < 5000.0, || format!("{frames} frames in {took:.2?}: the device is {ppm:.0} ppm off"))?;
    Ok(format!("{frames} frames in {took:.2?}, {ppm:.0} ppm"))
}
