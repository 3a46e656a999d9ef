//! Level 1: the life of a driver and of a device, from create to destroy.

use super::binary::load;
use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require, skip};
use crate::raw::{self, Device, Driver, Refusal, Setup, Table, status_name};
use crate::world::{self, World};
use callcore_driver_sys::*;
use std::collections::BTreeSet;
use std::ffi::CString;
use std::time::{Duration, Instant};

const SUITE: Suite = Suite { level: 1, seconds: 60 };

/// The checks of this level.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        13,
        "create-destroy",
        "create and destroy 100 times: nothing grows",
        "destroy returns with every thread joined and every file closed; create may be called again.",
        create_destroy,
    ),
    SUITE.check(
        14,
        "open-unknown",
        "an unknown uid is refused with CCD_E_GONE and a text",
        "open: CCD_E_GONE: no such uid. ccd_error.text: what, where, and what to do.",
        open_unknown,
    ),
    SUITE.check(
        15,
        "open-twice",
        "a device that is open is not opened again",
        "open: CCD_E_BUSY: open already.",
        open_twice,
    ),
    SUITE.check(
        16,
        "enumerate",
        "enumerate ends; uids are unique and stable",
        "CCD_E_END after the last; uid is stable and unique.",
        enumerate,
    ),
    SUITE.check(
        17,
        "extension-unknown",
        "unknown extensions are NULL",
        "extension: NULL for any other text.",
        extension_unknown,
    ),
    SUITE.check(
        18,
        "extension-stable",
        "an extension is at the same place each time",
        "The table of an extension: the same pointer each time, valid for ever.",
        extension_stable,
    ),
    SUITE.check(
        22,
        "stop-silent",
        "after stop the host is not called",
        "When stop returns, no thread of the driver calls the host for this device.",
        stop_silent,
    ),
    SUITE.check(
        23,
        "threads-joined",
        "after destroy no thread is left",
        "When destroy returns, all its threads are joined.",
        threads_joined,
    ),
    SUITE.check(
        24,
        "host-size",
        "a host table of a later version is understood",
        "Minor versions append members; CCD_HAS tells whether the other side knows one.",
        host_size,
    ),
];

/// The driver, agreed with but not created.
pub(super) fn table(subject: &Subject) -> Result<Driver, Stop> {
    let entry = load(subject)?;
    subject.trail.step("negotiate");
    entry.driver().or_else(|why| skip(format!("{why} (check 13)")))
}

/// The uids of the devices.
pub(super) fn devices(driver: &Driver) -> Result<Vec<String>, Stop> {
    driver.devices(DEVICES_MAX).or_else(|why| skip(format!("{why} (check 16)")))
}

pub(super) fn refused<T>(what: &str) -> impl Fn(Refusal) -> Result<T, Stop> + use<'_, T> {
    move |why| skip(format!("{what} is refused here ({why}); give its configuration with --config"))
}

pub(super) fn created(subject: &Subject) -> Result<(Driver, &'static Table), Stop> {
    let (mut driver, host) = (table(subject)?, Table::new(&subject.config));
    subject.trail.step("create");
    driver.create(host, false).or_else(refused("create"))?;
    Ok((driver, host))
}

/// The uid to open.
pub(super) fn uid(subject: &Subject, driver: &Driver) -> Result<String, Stop> {
    if let Some(uid) = &subject.uid {
        return Ok(uid.clone());
    }
    subject.trail.step("enumerate");
    let mut uids = devices(driver)?;
    match uids.len() {
        0 => skip("it finds no device: plug one in, or configure one"),
        1 => Ok(uids.swap_remove(0)),
        _ => skip(format!("it has several devices; choose one with --device: {}", uids.join(", "))),
    }
}

pub(super) fn open(subject: &Subject, driver: &Driver, host: &'static Table) -> Result<Device, Stop> {
    let uid = uid(subject, driver)?;
    subject.trail.step(format!("open {uid}"));
    let device = driver.open(&uid, host).or_else(refused("open"))?;
    if channels(&device) == 0 { skip("the device has no channels") } else { Ok(device) }
}

/// A pool for the device, of its first channel's law.
pub(super) fn pool(device: &Device, channels: u32) -> Setup {
    Setup::new(channels, 160, own_codec(device))
}

/// A format that the first channel can have.
pub(super) fn own_codec(device: &Device) -> u32 {
    let info = device.channel(0, size_of::<ccd_channel_info>() as u32);
    let codecs = info.map_or(CCD_LAW_A, |(_, info, _)| info.codecs);
    let own = [CCD_L16, CCD_LAW_A, CCD_LAW_U].into_iter().find(|law| codecs & law != 0);
    own.unwrap_or(CCD_LAW_A)
}

pub(super) fn channels(device: &Device) -> u32 {
    let is_there =
        |index| matches!(device.channel(index, size_of::<ccd_channel_info>() as u32), Some((CCD_OK, ..)));
    (0..CHANNELS_MAX).find(|index| !is_there(*index)).unwrap_or(CHANNELS_MAX)
}

pub(super) fn start(subject: &Subject, device: &Device) -> Result<Setup, Stop> {
    let pool = pool(device, channels(device));
    subject.trail.step("start");
    device.start(&pool).or_else(refused("start"))?;
    Ok(pool)
}

/// More devices and channels than anybody has.
pub(super) const DEVICES_MAX: u32 = 1024;
const CHANNELS_MAX: u32 = 65_536;
/// How often a driver is created.
const LIVES: u32 = 100;
/// How long that may take, all together.
const LIVES_TIME: Duration = Duration::from_secs(20);

fn create_destroy(subject: &Subject) -> Ran {
    let (entry, host) = (load(subject)?, Table::new(&subject.config));
    subject.trail.step("negotiate");
    let mut driver = entry.driver().or_else(broken)?;
    subject.trail.step("create");
    driver.create(host, false).or_else(refused("create"))?;
    driver.destroy();
    let mut live = |times: u32| {
        let began = Instant::now();
        for turn in 0..times {
            if let Err(why) = driver.create(host, false) {
                return broken(format!("create refused, the {}. time: {why}", turn + 1));
            }
            driver.destroy();
            if began.elapsed() > LIVES_TIME {
                return Ok(turn + 1);
            }
        }
        Ok(times)
    };
    subject.trail.step("create and destroy 10 times");
    live(10)?;
    let (before, allocations, mappings) = (World::now(), raw::live_allocations(), world::mappings());
    subject.trail.step("create and destroy 100 times");
    let lives = live(LIVES)?;
    before.require_same(&format!("{lives} times create and destroy"))?;
    let grown = raw::live_allocations() - allocations;
    require(grown < i64::from(lives) / 2, || {
        format!(
            "after {lives} times create and destroy there are {grown} more allocations: memory is left behind"
        )
    })?;
    let mapped = world::mappings().saturating_sub(mappings);
    require(mapped < lives as usize / 2, || {
        format!("after {lives} times create and destroy there are {mapped} more mappings")
    })?;
    Ok(format!("{lives} lives"))
}

fn open_unknown(subject: &Subject) -> Ran {
    let (driver, host) = created(subject)?;
    for uid in ["no such device", ""] {
        subject.trail.step(format!("open \"{uid}\""));
        let Err(why) = driver.open(uid, host) else {
            return broken(format!("open of uid \"{uid}\" succeeded: enumerate does not list it"));
        };
        require(why.status == CCD_E_GONE, || {
            format!("open of uid \"{uid}\" was answered by {why}, not CCD_E_GONE")
        })?;
        require(!why.text.is_empty(), || {
            format!("open of uid \"{uid}\" is refused, but ccd_error.text says nothing")
        })?;
    }
    Ok(String::new())
}

fn open_twice(subject: &Subject) -> Ran {
    let (driver, host) = created(subject)?;
    let device = open(subject, &driver, host)?;
    let uid = uid(subject, &driver)?;
    subject.trail.step(format!("open {uid} again"));
    let Err(why) = driver.open(&uid, host) else {
        return broken(format!("\"{uid}\" is open, and was opened again"));
    };
    require(why.status == CCD_E_BUSY, || {
        format!("\"{uid}\" is open; opening it again was answered by {why}, not CCD_E_BUSY")
    })?;
    device.close();
    subject.trail.step(format!("open {uid} after close"));
    match driver.open(&uid, host) {
        Ok(device) => device.close(),
        Err(why) => return broken(format!("\"{uid}\" was closed and cannot be opened again: {why}")),
    }
    Ok(String::new())
}

fn enumerate(subject: &Subject) -> Ran {
    let (mut driver, host) = created(subject)?;
    subject.trail.step("enumerate");
    let uids = driver.devices(DEVICES_MAX).or_else(broken)?;
    let unique: BTreeSet<&String> = uids.iter().collect();
    require(unique.len() == uids.len(), || format!("uids are there twice: {}", uids.join(", ")))?;
    require(!uids.iter().any(String::is_empty), || "a device has an empty uid".to_owned())?;
    let again = driver.devices(DEVICES_MAX).or_else(broken)?;
    require(again == uids, || {
        format!("uids were {} at first and {} then", uids.join(", "), again.join(", "))
    })?;
    driver.destroy();
    subject.trail.step("create and enumerate again");
    driver.create(host, false).or_else(refused("create"))?;
    let again = driver.devices(DEVICES_MAX).or_else(broken)?;
    require(again == uids, || {
        format!("uids were {}, and after destroy and create {}", uids.join(", "), again.join(", "))
    })?;
    Ok(uids.join(", "))
}

const KNOWN: [&std::ffi::CStr; 5] =
    [c"callcore.device/1", c"callcore.call/1", c"callcore.line/1", c"callcore.media/1", c"callcore.bus/1"];

fn extension_unknown(subject: &Subject) -> Ran {
    let (driver, _) = created(subject)?;
    let long = "callcore.".repeat(455);
    let texts: [&[u8]; 7] = [
        b"",
        b"callcore.device/9999",
        b"callcore.device",
        b"CALLCORE.DEVICE/1",
        b"org.example.nothing/1",
        long.as_bytes(),
        b"\xFF\xFE/1",
    ];
    for text in texts {
        let id = CString::new(text).expect("none holds a NUL");
        let shown = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
        subject.trail.step(format!("extension \"{shown}\""));
        require(driver.extension(&id) == 0, || {
            format!("extension \"{shown}\" ({} bytes) is not NULL", text.len())
        })?;
    }
    subject.trail.step("extension NULL");
    require(driver.extension_null() == 0, || "the extension with id NULL is not NULL".to_owned())?;
    Ok(String::new())
}

fn extension_stable(subject: &Subject) -> Ran {
    let (mut driver, host) = created(subject)?;
    let look = |driver: &Driver| KNOWN.map(|id| driver.extension(id));
    subject.trail.step("extension, three times");
    let first = look(&driver);
    let second = look(&driver);
    driver.destroy();
    driver.create(host, false).or_else(refused("create"))?;
    let third = look(&driver);
    for (index, id) in KNOWN.iter().enumerate() {
        let id = id.to_string_lossy();
        require(first[index] == second[index], || {
            format!("{id} was at {:#x} at first and at {:#x} then", first[index], second[index])
        })?;
        require(first[index] == third[index], || format!("{id} is somewhere else after destroy and create"))?;
    }
    require(first[0] != 0, || "callcore.device/1 is NULL: every driver has it".to_owned())?;
    for id in KNOWN {
        let size = driver.table_size(id);
        require(size.is_none_or(|size| (8..=4096).contains(&size)), || {
            format!("the table of {} says it has {} bytes", id.to_string_lossy(), size.unwrap_or(0))
        })?;
    }
    let there = KNOWN.iter().zip(first).filter(|(_, at)| *at != 0).map(|(id, _)| id.to_string_lossy());
    Ok(there.collect::<Vec<_>>().join(", "))
}

fn stop_silent(subject: &Subject) -> Ran {
    let (driver, _) = created(subject)?;
    let host = Table::new(&subject.config);
    let device = open(subject, &driver, host)?;
    for turn in 0..5u64 {
        let pool = start(subject, &device)?;
        subject.trail.step("calls on all channels, then stop");
        let count = channels(&device).min(64);
        for channel in 0..count {
            let call = 2 + 2 * (turn * u64::from(count) + u64::from(channel));
            let _ = device.make(channel, call, &subject.dial.called, subject.dial.via.as_deref());
        }
        std::thread::sleep(Duration::from_millis(5 + 7 * turn));
        let status = device.stop();
        host.close();
        require(status == CCD_OK, || format!("stop returned {}", status_name(status)))?;
        std::thread::sleep(Duration::from_millis(100));
        let calls = host.calls_when_closed();
        require(calls == 0, || format!("in the 100 ms after stop the host was called {calls} times"))?;
        host.reopen();
        drop(pool);
    }
    device.close();
    Ok(format!("{} events before", host.events()))
}

fn threads_joined(subject: &Subject) -> Ran {
    // the first life may set up what stays for the process
    let (mut driver, host) = created(subject)?;
    let device = open(subject, &driver, host)?;
    let pool = start(subject, &device)?;
    let _ = device.stop();
    drop(pool);
    device.close();
    driver.destroy();
    let before = World::now();
    subject.trail.step("create");
    driver.create(host, false).or_else(refused("create"))?;
    let device = open(subject, &driver, host)?;
    let pool = start(subject, &device)?;
    std::thread::sleep(Duration::from_millis(50));
    let during = World::now().threads.len();
    subject.trail.step("stop, close, destroy");
    let _ = device.stop();
    device.close();
    driver.destroy();
    drop(pool);
    before.require_same("destroy")?;
    Ok(format!("{} threads while it ran", during.saturating_sub(before.threads.len())))
}

fn host_size(subject: &Subject) -> Ran {
    let (mut driver, host) = (table(subject)?, Table::new(&subject.config));
    subject.trail.step("create");
    driver.create(host, false).or_else(refused("create"))?;
    driver.destroy();
    subject.trail.step("create with a host table of 64 more bytes");
    driver
        .create(host, true)
        .or_else(|why| broken(format!("a host table with 64 more bytes is refused: {why}")))?;
    let device = open(subject, &driver, host)?;
    let _pool = start(subject, &device)?;
    let _ = device.stop();
    device.close();
    driver.destroy();
    Ok(String::new())
}
