//! Level 1, a device: its channels, what they can do, when its functions may be called.

use super::life::{DEVICES_MAX, created, open, start, uid};
use crate::check::{Check, Ran, Subject, Suite, broken, require, skip};
use crate::raw::{self, status_name};
use crate::session::Session;
use callcore_driver_sys::*;

const SUITE: Suite = Suite { level: 1, seconds: 60 };

/// The checks of a device.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        19,
        "channel-range",
        "channels past the last are refused",
        "CCD_E_ARG: no such channel.",
        channel_range,
    ),
    SUITE.check(
        20,
        "capabilities",
        "capabilities have their functions, channels what every channel has",
        "caps: what this channel does; a NULL member means \"cannot\", CCD_E_UNSUPPORTED \"never on this channel\". codecs: all channels of a device have A-law, mu-law or L16 in common.",
        capabilities,
    ),
    SUITE.check(
        21,
        "states",
        "nothing is done before start or after stop",
        "A call in another state returns CCD_E_STATE and does nothing.",
        states,
    ),
];

fn channel_range(subject: &Subject) -> Ran {
    let (driver, host) = created(subject)?;
    let device = open(subject, &driver, host)?;
    let uid = uid(subject, &driver)?;
    let listed = (0..DEVICES_MAX).map(|index| driver.enumerate(index, size_of::<ccd_device_info>() as u32));
    let info =
        listed.take_while(|(status, ..)| *status == CCD_OK).find(|(_, info, _)| text(&info.uid) == uid);
    let Some((_, info, _)) = info else {
        return skip(format!(
            "\"{uid}\" can be opened, but is not listed: nobody knows how many channels it has"
        ));
    };
    let whole = size_of::<ccd_channel_info>() as u32;
    for index in [0, info.channels.saturating_sub(1)] {
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

/// What stands behind capabilities is the check layer's to see when the device is opened.
fn capabilities(subject: &Subject) -> Ran {
    let mut session = Session::start(subject)?;
    let mut common = u32::MAX;
    for (info, channel) in session.channels().iter().zip(0..) {
        let known = CCD_KIND_FXO..=CCD_KIND_TAP;
        require(known.contains(&info.kind), || {
            format!("channel {channel} has kind {}: none of CCD_KIND_*", info.kind)
        })?;
        let most = if info.frame_max == 0 { u32::MAX } else { info.frame_max };
        require((info.frame_min..=most).contains(&160), || {
            format!(
                "channel {channel} has frames of {} to {} samples; 160 must be among them",
                info.frame_min, info.frame_max
            )
        })?;
        require(info.level <= CCD_LEVEL_LINE, || format!("channel {channel} has level {}", info.level))?;
        common &= info.codecs;
    }
    require(common & (CCD_LAW_A | CCD_LAW_U | CCD_L16) != 0, || {
        "the channels have none of A-law, mu-law and L16 in common".to_owned()
    })?;
    let tried = super::promise::shown(&mut session)?;
    Ok(format!("{} channels; {tried}", session.channels().len()))
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
