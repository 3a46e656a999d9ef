//! Level 1: the life of a driver and of a device, from create to destroy.

use super::binary::load;
use crate::check::{Check, Ran, Stop, Subject, broken, require, skip};
use crate::raw::{self, Device, Driver, Refusal, Setup, Table, status_name};
use crate::world::{self, World};
use callcore_driver_sys::*;
use std::collections::BTreeSet;
use std::ffi::CString;
use std::time::{Duration, Instant};

/// The checks of this level.
pub(super) const CHECKS: &[Check] = &[
    check(
        13,
        "create-destroy",
        "create and destroy 100 times: nothing grows",
        "destroy returns with every thread joined and every file closed; create may be called again.",
        create_destroy,
    ),
    check(
        14,
        "open-unknown",
        "an unknown uid is refused with CCD_E_GONE and a text",
        "open: CCD_E_GONE: no such uid. ccd_error.text: what, where, and what to do.",
        open_unknown,
    ),
    check(
        15,
        "open-twice",
        "a device that is open is not opened again",
        "open: CCD_E_BUSY: open already.",
        open_twice,
    ),
    check(
        16,
        "enumerate",
        "enumerate ends; uids are unique and stable",
        "CCD_E_END after the last; uid is stable and unique.",
        enumerate,
    ),
    check(
        17,
        "extension-unknown",
        "unknown extensions are NULL",
        "extension: NULL for any other text.",
        extension_unknown,
    ),
    check(
        18,
        "extension-stable",
        "an extension is at the same place each time",
        "The table of an extension: the same pointer each time, valid for ever.",
        extension_stable,
    ),
    check(
        19,
        "channel-range",
        "channels past the last are refused",
        "CCD_E_ARG: no such channel.",
        channel_range,
    ),
    check(
        21,
        "states",
        "nothing is done before start or after stop",
        "A call in another state returns CCD_E_STATE and does nothing.",
        states,
    ),
    check(
        22,
        "stop-silent",
        "after stop the host is not called",
        "When stop returns, no thread of the driver calls the host for this device.",
        stop_silent,
    ),
    check(
        23,
        "threads-joined",
        "after destroy no thread is left",
        "When destroy returns, all its threads are joined.",
        threads_joined,
    ),
    check(
        24,
        "host-size",
        "a host table of a later version is understood",
        "Minor versions append members; CCD_HAS tells whether the other side knows one.",
        host_size,
    ),
    check(
        25,
        "config-errors",
        "a wrong setting is refused by its path",
        "CCD_E_CONFIG: a setting is missing, of another type or out of range: name its path in ccd_error.text.",
        config_errors,
    ),
    check(
        71,
        "good-guest",
        "signals, locale, folder, umask, stdout, stderr are left alone",
        "A driver must not write to stdout or stderr, install signal handlers, call setlocale, chdir, fork or exit.",
        good_guest,
    ),
    check(
        73,
        "null-arguments-all",
        "NULL arguments are refused, short buffers respected",
        "CCD_E_ARG: an argument is NULL. Who fills a struct of the other side writes no more than its size says.",
        null_everywhere,
    ),
];

const fn check(
    number: u16,
    id: &'static str,
    title: &'static str,
    clause: &'static str,
    run: fn(&Subject) -> Ran,
) -> Check {
    Check { number, id, level: 1, title, clause, seconds: 60, run }
}

/// The driver, agreed with but not created.
fn table(subject: &Subject) -> Result<Driver, Stop> {
    let entry = load(subject)?;
    subject.trail.step("negotiate");
    entry.driver().or_else(broken)
}

fn refused<T>(what: &str) -> impl Fn(Refusal) -> Result<T, Stop> + use<'_, T> {
    move |why| skip(format!("{what} is refused here ({why}); give its configuration with --config"))
}

fn created(subject: &Subject) -> Result<(Driver, &'static Table), Stop> {
    let (mut driver, host) = (table(subject)?, Table::new(&subject.config));
    subject.trail.step("create");
    driver.create(host, false).or_else(refused("create"))?;
    Ok((driver, host))
}

/// The uid to open.
fn uid(subject: &Subject, driver: &Driver) -> Result<String, Stop> {
    if let Some(uid) = &subject.uid {
        return Ok(uid.clone());
    }
    subject.trail.step("enumerate");
    let mut uids = driver.devices(DEVICES_MAX).or_else(broken)?;
    match uids.len() {
        0 => skip("it finds no device: plug one in, or configure one"),
        1 => Ok(uids.swap_remove(0)),
        _ => skip(format!("it has several devices; choose one with --device: {}", uids.join(", "))),
    }
}

fn open(subject: &Subject, driver: &Driver, host: &'static Table) -> Result<Device, Stop> {
    let uid = uid(subject, driver)?;
    subject.trail.step(format!("open {uid}"));
    driver.open(&uid, host).or_else(refused("open"))
}

/// A pool for the device, of its first channel's law.
fn pool(device: &Device, channels: u32) -> Setup {
    let info = device.channel(0, size_of::<ccd_channel_info>() as u32);
    let codecs = info.map_or(CCD_LAW_A, |(_, info, _)| info.codecs);
    let own = [CCD_L16, CCD_LAW_A, CCD_LAW_U].into_iter().find(|law| codecs & law != 0);
    Setup::new(channels, 160, own.unwrap_or(CCD_LAW_A))
}

fn channels(device: &Device) -> u32 {
    let is_there =
        |index| matches!(device.channel(index, size_of::<ccd_channel_info>() as u32), Some((CCD_OK, ..)));
    (0..CHANNELS_MAX).find(|index| !is_there(*index)).unwrap_or(CHANNELS_MAX)
}

fn start(subject: &Subject, device: &Device) -> Result<Setup, Stop> {
    let pool = pool(device, channels(device));
    subject.trail.step("start");
    device.start(&pool).or_else(refused("start"))?;
    Ok(pool)
}

/// More devices and channels than anybody has.
const DEVICES_MAX: u32 = 1024;
const CHANNELS_MAX: u32 = 65_536;
/// How often a driver is created.
const LIVES: u32 = 100;
/// How long that may take, all together.
const LIVES_TIME: Duration = Duration::from_secs(20);

fn create_destroy(subject: &Subject) -> Ran {
    let (mut driver, host) = (table(subject)?, Table::new(&subject.config));
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

fn channel_range(subject: &Subject) -> Ran {
    let (driver, host) = created(subject)?;
    let device = open(subject, &driver, host)?;
    let uid = uid(subject, &driver)?;
    let listed = (0..DEVICES_MAX).map(|index| driver.enumerate(index, size_of::<ccd_device_info>() as u32));
    let info =
        listed.take_while(|(status, ..)| *status == CCD_OK).find(|(_, info, _)| text(&info.uid) == uid);
    let Some((_, info, _)) = info else {
        return broken(format!("\"{uid}\" can be opened, but is not listed"));
    };
    let whole = size_of::<ccd_channel_info>() as u32;
    for index in [0, info.channels - 1] {
        let status = device.channel(index, whole).map_or(CCD_E_UNSUPPORTED, |(status, ..)| status);
        require(status == CCD_OK, || {
            format!(
                "the device has {} channels; channel({index}) returned {}",
                info.channels,
                status_name(status)
            )
        })?;
    }
    for index in [info.channels, info.channels.wrapping_add(1), u32::MAX] {
        subject.trail.step(format!("channel {index}"));
        let status = device.channel(index, whole).map_or(CCD_E_ARG, |(status, ..)| status);
        require(status == CCD_E_ARG, || {
            format!(
                "the device has {} channels; channel({index}) returned {}, not CCD_E_ARG",
                info.channels,
                status_name(status)
            )
        })?;
    }
    let _pool = start(subject, &device)?;
    for index in [info.channels, u32::MAX - 1] {
        subject.trail.step(format!("commands of channel {index}"));
        for (name, status) in device.each_of_channel(index) {
            require(matches!(status, CCD_E_ARG | CCD_E_UNSUPPORTED), || {
                format!(
                    "{name} on channel {index} of {} returned {}, not CCD_E_ARG",
                    info.channels,
                    status_name(status)
                )
            })?;
        }
    }
    let _ = device.stop();
    Ok(format!("{} channels", info.channels))
}

fn text(field: &[std::ffi::c_char]) -> String {
    let bytes: Vec<u8> = field.iter().map(|c| c.cast_unsigned()).take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn states(subject: &Subject) -> Ran {
    let (driver, host) = created(subject)?;
    let device = open(subject, &driver, host)?;
    let require_state = |when: &str| {
        subject.trail.step(format!("every command {when}"));
        for (name, status) in device.each_command(false) {
            require(matches!(status, CCD_E_STATE | CCD_E_UNSUPPORTED), || {
                format!("{name} {when} returned {}, not CCD_E_STATE", status_name(status))
            })?;
        }
        let mut set = raw::MediaSet::new(1);
        let frame = device.exchange(0, &mut set).unwrap_or(CCD_E_STATE);
        require(frame < 0, || format!("exchange {when} returned {}", status_name(frame)))?;
        let stop = device.stop();
        require(stop == CCD_E_STATE, || {
            format!("stop {when} returned {}, not CCD_E_STATE", status_name(stop))
        })
    };
    require_state("before start")?;
    require(host.events() == 0, || format!("{} events were posted before start", host.events()))?;
    let pool = start(subject, &device)?;
    subject.trail.step("start again");
    match device.start(&pool) {
        Ok(()) => return broken("a device that is started was started again"),
        Err(why) => require(why.status == CCD_E_STATE, || {
            format!("a second start was answered by {why}, not CCD_E_STATE")
        })?,
    }
    subject.trail.step("stop");
    let stop = device.stop();
    require(stop == CCD_OK, || format!("stop returned {}", status_name(stop)))?;
    require_state("after stop")?;
    subject.trail.step("start after stop");
    let _pool = start(subject, &device)
        .or_else(|why| broken(format!("it does not start again after stop: {why:?}")))?;
    let _ = device.stop();
    device.close();
    Ok(String::new())
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

fn config_errors(subject: &Subject) -> Ran {
    let mut driver = table(subject)?;
    let Some(schema) = driver.schema() else {
        return skip("it gives no config_schema to take wrong values from");
    };
    let schema: serde_json::Value =
        serde_json::from_slice(&schema).or_else(|_| skip("its config_schema is not JSON (check 11)"))?;
    let wrong = crate::schema::wrong_values(&schema);
    if wrong.is_empty() {
        return skip("its schema has no settings of one plain type");
    }
    for (path, value, why) in &wrong {
        let mut config = subject.config.clone();
        config[path] = value.clone();
        subject.trail.step(format!("create with {path} = {value}"));
        let said = try_config(&mut driver, subject, Table::new(&config))?;
        let Some(said) = said else {
            return broken(format!("{path} = {value} ({why}) is accepted"));
        };
        require(said.status == CCD_E_CONFIG, || {
            format!("{path} = {value} ({why}) was answered by {said}, not CCD_E_CONFIG")
        })?;
        require(said.text.contains(path.as_str()), || {
            format!("{path} = {value} ({why}) is refused by \"{}\", which does not name {path}", said.text)
        })?;
    }
    Ok(format!("{} wrong values", wrong.len()))
}

/// What create or open says to a configuration; `None` when both take it.
fn try_config(driver: &mut Driver, subject: &Subject, host: &'static Table) -> Result<Option<Refusal>, Stop> {
    if let Err(why) = driver.create(host, false) {
        return Ok(Some(why));
    }
    let uid = match &subject.uid {
        Some(uid) => Some(uid.clone()),
        None => driver.devices(DEVICES_MAX).or_else(broken)?.into_iter().next(),
    };
    let said = uid.and_then(|uid| driver.open(&uid, host).map(|device| device.close()).err());
    driver.destroy();
    Ok(said)
}

fn good_guest(subject: &Subject) -> Ran {
    let look = || {
        let lines = world::status_lines("status").into_iter();
        let folder = std::env::current_dir().map(|path| path.display().to_string()).unwrap_or_default();
        let rest = [format!("folder {folder}"), format!("locale {}", raw::locale())];
        lines.filter_map(|line| guest_line(&line)).chain(rest).collect::<Vec<_>>()
    };
    let before = look();
    let (mut driver, host) = created(subject)?;
    let device = open(subject, &driver, host)?;
    let pool = start(subject, &device)?;
    if channels(&device) > 0 {
        let _ = device.make(0, 2, &subject.dial.called, subject.dial.via.as_deref());
    }
    std::thread::sleep(Duration::from_millis(50));
    subject.trail.step("stop, close, destroy");
    let _ = device.stop();
    device.close();
    driver.destroy();
    drop(pool);
    for (was, now) in before.iter().zip(look()) {
        require(*was == now, || format!("\"{was}\" has become \"{now}\""))?;
    }
    Ok(String::new())
}

/// Signals 32 and 33 are the C library's own, for its threads.
const LIBC_SIGNALS: u64 = 0b11 << 31;

/// A line of `/proc/self/status` that a guest must not change; masks without the C library's signals.
fn guest_line(line: &str) -> Option<String> {
    let (name, value) = line.split_once(':')?;
    match name {
        "SigBlk" | "SigIgn" | "SigCgt" => {
            let mask = u64::from_str_radix(value.trim(), 16).ok()?;
            Some(format!("{name} {:016x}", mask & !LIBC_SIGNALS))
        }
        "Umask" => Some(line.to_owned()),
        _ => None,
    }
}

fn null_everywhere(subject: &Subject) -> Ran {
    let driver = table(subject)?;
    let refuse = |name: &str, status: ccd_status| {
        require(matches!(status, CCD_E_ARG | CCD_E_UNSUPPORTED), || {
            format!("{name} was NULL, and the answer {}, not CCD_E_ARG", status_name(status))
        })
    };
    let host = Table::new(&subject.config);
    subject.trail.step("create with NULL");
    for (status, name) in driver.create_null(host).into_iter().zip(["create: host", "create: drv"]) {
        refuse(name, status)?;
    }
    let (driver, host) = created(subject)?;
    refuse("enumerate: out", driver.enumerate_null())?;
    let uid = uid(subject, &driver)?;
    subject.trail.step("open with NULL");
    for (status, name) in
        driver.open_null(&uid, host).into_iter().zip(["open: drv", "open: uid", "open: host", "open: dev"])
    {
        refuse(name, status)?;
    }
    for size in [4, 16, size_of::<ccd_device_info>() as u32] {
        let (_, _, is_intact) = driver.enumerate(0, size);
        require(is_intact, || format!("enumerate wrote behind a ccd_device_info of {size} bytes"))?;
    }
    let device = open(subject, &driver, host)?;
    subject.trail.step("channel, start, stats with NULL or too little room");
    refuse("channel: out", device.channel_null().unwrap_or(CCD_E_ARG))?;
    refuse("start: m", device.start_null().unwrap_or(CCD_E_ARG))?;
    for size in [4, 16, size_of::<ccd_channel_info>() as u32] {
        let is_intact = device.channel(0, size).is_none_or(|(_, _, is_intact)| is_intact);
        require(is_intact, || format!("channel wrote behind a ccd_channel_info of {size} bytes"))?;
    }
    stats(&device)?;
    let _pool = start(subject, &device)?;
    subject.trail.step("commands with NULL");
    for (name, status) in device.each_with_null() {
        refuse(name, status)?;
    }
    let _ = device.stop();
    Ok(String::new())
}

/// Counters in too little room, and in enough.
fn stats(device: &Device) -> Result<(), Stop> {
    let Some((status, need, bytes)) = device.stats(1) else { return Ok(()) };
    if status == CCD_E_UNSUPPORTED {
        return Ok(());
    }
    require(status == CCD_E_ARG && need > 1, || {
        format!(
            "stats into 1 byte returned {} and needs {need}; CCD_E_ARG and the length were due",
            status_name(status)
        )
    })?;
    require(bytes[1..].iter().all(|byte| *byte == bytes[bytes.len() - 1]), || {
        "stats wrote behind its buffer".to_owned()
    })?;
    let Some((status, _, bytes)) = device.stats(need) else { return Ok(()) };
    let json = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let is_object = serde_json::from_slice::<serde_json::Value>(json).is_ok_and(|tree| tree.is_object());
    require(status == CCD_OK && is_object, || {
        format!(
            "stats returned {} and \"{}\": a JSON object was due",
            status_name(status),
            String::from_utf8_lossy(json)
        )
    })
}
