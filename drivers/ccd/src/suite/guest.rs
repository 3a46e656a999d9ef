//! Level 1, manners: wrong settings, NULL, and what a guest leaves alone.

use super::life::{created, devices, open, refused, start, table, uid};
use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require, skip};
use crate::raw::{self, Device, Driver, Refusal, Table, status_name};
use crate::world;
use callcore_driver_sys::*;
use std::time::Duration;

const SUITE: Suite = Suite { level: 1, seconds: 60 };

/// The checks of manners.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        25,
        "config-errors",
        "a wrong setting is refused by its path",
        "CCD_E_CONFIG: a setting is missing, of another type or out of range: name its path in ccd_error.text.",
        config_errors,
    ),
    SUITE.check(
        71,
        "good-guest",
        "signals, locale, folder, umask, stdout, stderr are left alone",
        "A driver must not write to stdout or stderr, install signal handlers, call setlocale, chdir, fork or exit.",
        good_guest,
    ),
    SUITE.check(
        73,
        "null-arguments-all",
        "NULL arguments are refused, short buffers respected",
        "CCD_E_ARG: an argument is NULL. Who fills a struct of the other side writes no more than its size says.",
        null_everywhere,
    ),
];

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
    subject.trail.step("create and open with the configuration as it is");
    match try_config(&mut driver, subject, Table::new(&subject.config))? {
        Tried::Taken => {}
        Tried::Refused(why) => return refused("the configuration")(why),
        Tried::NoDevice => return skip("it finds no device to open, where settings are looked at"),
    }
    for (path, value, why) in &wrong {
        let mut config = subject.config.clone();
        config[path] = value.clone();
        subject.trail.step(format!("create with {path} = {value}"));
        let said = try_config(&mut driver, subject, Table::new(&config))?;
        let said = match said {
            Tried::Refused(said) => said,
            Tried::Taken => return broken(format!("{path} = {value} ({why}) is accepted")),
            Tried::NoDevice => {
                return broken(format!(
                    "with {path} = {value} ({why}) its device is not there, without a word"
                ));
            }
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

/// What came of a configuration.
enum Tried {
    Taken,
    Refused(Refusal),
    NoDevice,
}

/// What create or open says to a configuration.
fn try_config(driver: &mut Driver, subject: &Subject, host: &'static Table) -> Result<Tried, Stop> {
    if let Err(why) = driver.create(host, false) {
        return Ok(Tried::Refused(why));
    }
    let uid = match &subject.uid {
        Some(uid) => Some(uid.clone()),
        None => devices(driver)?.into_iter().next(),
    };
    let said = match uid.map(|uid| driver.open(&uid, host)) {
        None => Tried::NoDevice,
        Some(Err(why)) => Tried::Refused(why),
        Some(Ok(device)) => {
            device.close();
            Tried::Taken
        }
    };
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
    let _ = device.make(0, 2, &subject.dial.called, subject.dial.via.as_deref());
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
