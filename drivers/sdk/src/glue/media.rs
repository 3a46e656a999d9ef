//! `ccd_media_vt`: the real-time side.

use super::device::{DeviceBox, command};
use super::{guarded, object};
use crate::driver::{Device, Media};
use crate::tick::Tick;
use callcore_driver_sys::*;
use std::ffi::c_void;
use std::marker::PhantomData;

/// The table of one device type.
pub(super) struct Tables<D>(PhantomData<D>);

impl<D: Device> Tables<D> {
    pub(super) const MEDIA: &'static ccd_media_vt = &ccd_media_vt {
        size: size_of::<ccd_media_vt>() as u32,
        reserved: 0,
        enable: Some(enable::<D>),
        wait: Some(wait::<D>),
        tick_fd: Some(tick_fd),
        exchange: Some(exchange::<D>),
    };
}

unsafe extern "C" fn enable<D: Device>(dev: *mut c_void, ch: ccd_chan, on: i32, req: ccd_req) -> ccd_status {
    // SAFETY: the host's promise for its handle.
    unsafe { command::<D>(dev, (req, Some(ch), 0), |d| d.enable(ch, on != 0)) }
}

unsafe extern "C" fn wait<D: Device>(dev: *mut c_void, timeout_us: u32) -> ccd_status {
    // SAFETY: the host's promise for its handle.
    let Ok(device) = (unsafe { object::<DeviceBox<D>>(dev) }) else { return CCD_E_ARG };
    let Some(mut running) = device.media.try_lock() else { return CCD_E_STATE };
    let Some(running) = running.as_mut() else { return CCD_E_STATE };
    guarded(None, || running.media.wait(timeout_us)).map_or_else(|e| e.code, |()| CCD_OK)
}

unsafe extern "C" fn tick_fd(_dev: *mut c_void) -> i64 {
    -1
}

unsafe extern "C" fn exchange<D: Device>(dev: *mut c_void, t: *mut ccd_tick) -> ccd_status {
    // SAFETY: the host's promise for its handle; the tick is checked before it is used.
    let (Ok(device), Some(raw)) = (unsafe { (object::<DeviceBox<D>>(dev), t.as_ref()) }) else {
        return CCD_E_ARG;
    };
    if (raw.size as usize) < size_of::<ccd_tick>() {
        return CCD_E_ARG;
    }
    // start and stop hold this lock only while no frame may be exchanged anyway
    let Some(mut running) = device.media.try_lock() else { return CCD_E_STATE };
    let Some(running) = running.as_mut() else { return CCD_E_STATE };
    let words = raw.words as usize;
    let nowhere = raw.active.is_null() || raw.tx_valid.is_null() || raw.rx_valid.is_null();
    if nowhere || words < (running.pool.channels as usize).div_ceil(64) {
        return CCD_E_ARG;
    }
    // SAFETY: the host's three sets have `words` words each, live through the call, and rx_valid is the driver's to write.
    let mut tick = unsafe {
        Tick {
            pool: running.pool,
            frame: raw.frame,
            t_ns: raw.t_ns,
            late: raw.late,
            active: std::slice::from_raw_parts(raw.active, words),
            tx_valid: std::slice::from_raw_parts(raw.tx_valid, words),
            rx_valid: std::slice::from_raw_parts_mut(raw.rx_valid, words),
        }
    };
    let media = &mut running.media;
    guarded(None, || {
        media.exchange(&mut tick);
        Ok(())
    })
    .map_or_else(|e| e.code, |()| CCD_OK)
}
