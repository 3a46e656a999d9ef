//! `ccd_device_vt`: channels, start, stop, service, replay, statistics.

use super::driver::OpenUids;
use super::{guarded, object, put, report};
use crate::driver::{Completion, Device};
use crate::host::{Host, Request};
use crate::tick::Pool;
use crate::types::{ChannelInfo, Error, MediaSetup};
use callcore_codec::Format;
use callcore_driver_sys::table::copy_table;
use callcore_driver_sys::*;
use parking_lot::Mutex;
use std::ffi::{c_char, c_void};
use std::marker::PhantomData;

/// More channels than any board has; a driver that never says `None` ends here.
const CHANNELS_MAX: u32 = 65_536;

/// An open device. Lock order: control, then media.
pub(super) struct DeviceBox<D: Device> {
    pub(super) control: Mutex<Control<D>>,
    /// Taken by `exchange` for a frame and by start and stop; `exchange` only ever tries.
    pub(super) media: Mutex<Option<Running<D::Media>>>,
    pub(super) host: Host,
    pub(super) channels: Vec<ChannelInfo>,
    uid: String,
    open: OpenUids,
}

pub(super) struct Control<D> {
    pub(super) device: D,
    pub(super) started: bool,
}

pub(super) struct Running<M> {
    pub(super) media: M,
    pub(super) pool: Pool,
}

impl<D: Device> DeviceBox<D> {
    pub(super) fn new(device: D, host: Host, uid: String, open: OpenUids) -> Self {
        let channels = (0..CHANNELS_MAX).map_while(|channel| device.channel(channel)).collect();
        let control = Mutex::new(Control { device, started: false });
        Self { control, media: Mutex::new(None), host, channels, uid, open }
    }

    pub(super) fn check_channel(&self, channel: u32) -> Result<(), Error> {
        if (channel as usize) < self.channels.len() {
            return Ok(());
        }
        Err(Error::arg(format!("channel {channel}: the device has {}", self.channels.len())))
    }

    fn stop(&self) -> Result<(), Error> {
        let mut control = self.control.lock();
        if !control.started {
            return Err(Error::state("stop: the device is not started"));
        }
        control.started = false;
        let running = self.media.lock().take();
        drop(running);
        let result = guarded(Some(&self.host), || {
            control.device.stop();
            Ok(())
        });
        self.host.set_open(false);
        result
    }
}

/// Runs a command that is complete when it is accepted: see [`completing`].
///
/// # Safety
/// As for [`completing`].
pub(super) unsafe fn command<D: Device>(
    dev: *mut c_void,
    about: (ccd_req, Option<u32>, u64),
    body: impl FnOnce(&mut D) -> Result<(), Error>,
) -> ccd_status {
    // SAFETY: passed on.
    unsafe { completing::<D>(dev, about, |device, _| body(device).map(|()| Completion::Now)) }
}

/// Runs a command: finds the device, checks that it is started, calls it under its lock, and posts `DONE` if it is complete.
///
/// # Safety
/// `dev` is NULL or a device of type `D` that is open.
pub(super) unsafe fn completing<D: Device>(
    dev: *mut c_void,
    (req, channel, call): (ccd_req, Option<u32>, u64),
    body: impl FnOnce(&mut D, Request) -> Result<Completion, Error>,
) -> ccd_status {
    // SAFETY: passed on.
    let device = match unsafe { object::<DeviceBox<D>>(dev) } {
        Ok(device) => device,
        Err(error) => return error.code,
    };
    let request = Request { req, channel: channel.unwrap_or(CCD_NO_CHAN), call };
    let result = guarded(Some(&device.host), || {
        if let Some(channel) = channel {
            device.check_channel(channel)?;
        }
        let mut control = device.control.lock();
        if !control.started {
            return Err(Error::state("the device is not started"));
        }
        body(&mut control.device, request)
    });
    match result {
        Ok(Completion::Later) => CCD_OK,
        Ok(Completion::Now) => {
            device.host.complete(request, CCD_OK);
            CCD_OK
        }
        Err(error) => {
            device.host.log(4, "driver", &format!("refused: {error}"));
            error.code
        }
    }
}

/// The tables of one device type.
pub(super) struct Tables<D>(PhantomData<D>);

impl<D: Device> Tables<D> {
    pub(super) const DEVICE: &'static ccd_device_vt = &ccd_device_vt {
        size: size_of::<ccd_device_vt>() as u32,
        reserved: 0,
        channel: Some(channel::<D>),
        start: Some(start::<D>),
        stop: Some(stop::<D>),
        service: Some(service::<D>),
        replay: Some(replay::<D>),
        stats: Some(stats::<D>),
    };
}

pub(super) unsafe extern "C" fn close<D: Device>(dev: *mut c_void) {
    if dev.is_null() {
        return;
    }
    let _ = guarded(None, || {
        // SAFETY: made by open, and the host closes it once.
        let device = unsafe { Box::from_raw(dev.cast::<DeviceBox<D>>()) };
        let _ = device.stop();
        let (uid, open, host) = (device.uid.clone(), device.open.clone(), device.host.clone());
        drop(device);
        host.set_open(false);
        open.lock().remove(&uid);
        Ok(())
    });
}

unsafe extern "C" fn channel<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    out: *mut ccd_channel_info,
) -> ccd_status {
    let result = guarded(None, || {
        // SAFETY: the host's promise for its handle.
        let device = unsafe { object::<DeviceBox<D>>(dev) }?;
        device.check_channel(ch)?;
        if out.is_null() {
            return Err(Error::arg("channel: the place for the answer is NULL"));
        }
        // SAFETY: not NULL, with the size it says.
        unsafe { put(info_to_c(&device.channels[ch as usize]), out) };
        Ok(())
    });
    result.map_or_else(|e| e.code, |()| CCD_OK)
}

fn info_to_c(info: &ChannelInfo) -> ccd_channel_info {
    ccd_channel_info {
        kind: info.kind,
        signalling: info.signalling,
        span: info.span,
        timeslot: info.timeslot,
        codecs: info.codecs,
        law: info.law,
        bus_domain: info.bus_domain,
        caps: info.caps,
        frame_min: info.frame_min,
        frame_max: info.frame_max,
        frame_pref: info.frame_pref,
        ec_tail_ms: info.ec_tail_ms,
        level: info.level,
        ..ccd_channel_info::zeroed()
    }
}

unsafe extern "C" fn start<D: Device>(
    dev: *mut c_void,
    m: *const ccd_media_setup,
    err: *mut ccd_error,
) -> ccd_status {
    let result = guarded(None, || {
        // SAFETY: the host's promise for its handle and its struct.
        let (device, setup) = unsafe { (object::<DeviceBox<D>>(dev)?, read_setup(m)?) };
        let (setup, pool) = check_setup(&setup, &device.channels)?;
        let mut control = device.control.lock();
        if control.started {
            return Err(Error::state("start: the device is started already"));
        }
        device.host.set_open(true);
        let media = control.device.start(setup)?;
        *device.media.lock() = Some(Running { media, pool });
        control.started = true;
        Ok(())
    });
    // SAFETY: the host's promise for err.
    unsafe { report(result, err) }
}

/// # Safety
/// `m` is NULL or points to a struct whose `size` is right.
unsafe fn read_setup(m: *const ccd_media_setup) -> Result<ccd_media_setup, Error> {
    let known = std::mem::offset_of!(ccd_media_setup, pool_fd);
    // SAFETY: passed on.
    let setup: Option<ccd_media_setup> = unsafe { copy_table(m.cast()) };
    setup
        .filter(|setup| setup.size as usize >= known)
        .ok_or_else(|| Error::arg("start: the media setup is NULL or too short"))
}

/// Everything the tick relies on later is refused here when it is not so.
fn check_setup(m: &ccd_media_setup, channels: &[ChannelInfo]) -> Result<(MediaSetup, Pool), Error> {
    let refuse = |what: &str| Err(Error::arg(format!("start: {what}")));
    let own = |format: &Format| matches!(format, Format::ALaw | Format::MuLaw | Format::L16);
    let Some(format) = Format::from_code(m.codec).filter(own) else {
        return refuse("codec is none of A-law, mu-law, L16");
    };
    if m.channels == 0 || m.channels as usize > channels.len() {
        return refuse("channels must be 1 to the number of the device's channels");
    }
    if !(8..=8000).contains(&m.frame_samples) {
        return refuse("frame_samples must be 8 to 8000");
    }
    let frame_bytes = format.slot_bytes(m.frame_samples as usize);
    if !m.depth.is_power_of_two() || !m.stride.is_multiple_of(64) || (m.stride as usize) < frame_bytes {
        return refuse("depth must be a power of two, stride a multiple of 64 that holds a frame");
    }
    let size = u64::from(m.depth) * u64::from(m.channels) * u64::from(m.stride);
    let fits =
        |offset: u64| offset.is_multiple_of(64) && offset.checked_add(size).is_some_and(|end| end <= m.bytes);
    if m.base.is_null() || !(m.base as usize).is_multiple_of(64) || !fits(m.rx_off) || !fits(m.tx_off) {
        return refuse("the pool is NULL, not aligned, or too small for both directions");
    }
    let base = m.base.cast::<u8>();
    let pool = Pool {
        rx: base.wrapping_add(m.rx_off as usize),
        tx: base.wrapping_add(m.tx_off as usize),
        depth: m.depth.into(),
        stride: m.stride as usize,
        channels: m.channels,
        samples: m.frame_samples as usize,
        format,
        formats: channels.iter().fold(0, |set, channel| set | channel.codecs),
    };
    Ok((MediaSetup { frame_samples: m.frame_samples, channels: m.channels, format }, pool))
}

unsafe extern "C" fn stop<D: Device>(dev: *mut c_void) -> ccd_status {
    // SAFETY: the host's promise for its handle.
    let result = guarded(None, || unsafe { object::<DeviceBox<D>>(dev) }?.stop());
    result.map_or_else(|e| e.code, |()| CCD_OK)
}

unsafe extern "C" fn service<D: Device>(
    dev: *mut c_void,
    ch: ccd_chan,
    in_service: i32,
    req: ccd_req,
) -> ccd_status {
    // SAFETY: the host's promise for its handle.
    unsafe { command::<D>(dev, (req, Some(ch), 0), |d| d.service(ch, in_service != 0)) }
}

unsafe extern "C" fn replay<D: Device>(dev: *mut c_void, ch: ccd_chan, req: ccd_req) -> ccd_status {
    // SAFETY: the host's promise for its handle.
    unsafe {
        match ch {
            CCD_NO_CHAN => command::<D>(dev, (req, None, 0), |d| d.replay(None)),
            ch => command::<D>(dev, (req, Some(ch), 0), |d| d.replay(Some(ch))),
        }
    }
}

unsafe extern "C" fn stats<D: Device>(
    dev: *mut c_void,
    json: *mut c_char,
    cap: usize,
    need: *mut usize,
) -> ccd_status {
    let result = guarded(None, || {
        // SAFETY: the host's promise for its handle.
        let text = unsafe { object::<DeviceBox<D>>(dev) }?.control.lock().device.stats();
        let bytes = text.as_bytes();
        if !need.is_null() {
            // SAFETY: not NULL.
            unsafe { *need = bytes.len() + 1 };
        }
        if json.is_null() || cap <= bytes.len() {
            return Err(Error::arg("stats: the buffer is too small"));
        }
        // SAFETY: `cap` bytes are the caller's promise, and len + 1 are used.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), json.cast::<u8>(), bytes.len());
            *json.add(bytes.len()) = 0;
        }
        Ok(())
    });
    result.map_or_else(|e| e.code, |()| CCD_OK)
}
