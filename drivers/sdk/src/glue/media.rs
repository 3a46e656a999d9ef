//! `ccd_media_vt`: the real-time side.

use super::device::{DeviceBox, command};
use super::{guarded, object};
use crate::driver::{Device, Media};
use crate::tick::{Pool, Tick};
use callcore_driver_sys::table::copy_table;
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

/// A host from before channels had formats has a tick that ends here.
const TICK_BYTES_MIN: usize = std::mem::offset_of!(ccd_tick, rx_format);

/// What the host gives, as far as it knows the struct: what it does not know is NULL.
///
/// # Safety
/// `t` is NULL or points to a struct whose `size` is right.
unsafe fn read_tick(t: *const ccd_tick) -> Option<ccd_tick> {
    // SAFETY: passed on.
    let tick: ccd_tick = unsafe { copy_table(t.cast()) }?;
    (tick.size as usize >= TICK_BYTES_MIN).then_some(tick)
}

/// The frame as a driver sees it; `None` when there is something missing.
///
/// # Safety
/// The pointers are NULL or what the contract says, and live as long as what is given.
unsafe fn view<'a>(raw: &ccd_tick, pool: Pool) -> Option<Tick<'a>> {
    let (words, channels) = (raw.words as usize, pool.channels as usize);
    let nowhere = raw.active.is_null() || raw.tx_valid.is_null() || raw.rx_valid.is_null();
    if nowhere || words < channels.div_ceil(64) {
        return None;
    }
    // SAFETY: the host's three sets have `words` words each and its formats a byte for each channel; rx_valid and rx_format
    // are the driver's to write.
    Some(unsafe {
        Tick {
            pool,
            frame: raw.frame,
            t_ns: raw.t_ns,
            late: raw.late,
            active: std::slice::from_raw_parts(raw.active, words),
            tx_valid: std::slice::from_raw_parts(raw.tx_valid, words),
            rx_valid: std::slice::from_raw_parts_mut(raw.rx_valid, words),
            rx_format: match raw.rx_format {
                at if at.is_null() => &mut [],
                at => std::slice::from_raw_parts_mut(at, channels),
            },
            tx_format: match raw.tx_format {
                at if at.is_null() => &[],
                at => std::slice::from_raw_parts(at, channels),
            },
        }
    })
}

unsafe extern "C" fn exchange<D: Device>(dev: *mut c_void, t: *mut ccd_tick) -> ccd_status {
    // SAFETY: the host's promises for its handle and its struct.
    let (Ok(device), Some(raw)) = (unsafe { (object::<DeviceBox<D>>(dev), read_tick(t)) }) else {
        return CCD_E_ARG;
    };
    // start and stop hold this lock only while no frame may be exchanged anyway
    let Some(mut running) = device.media.try_lock() else { return CCD_E_STATE };
    let Some(running) = running.as_mut() else { return CCD_E_STATE };
    // SAFETY: the host's promises for its tick, which lives through the call.
    let Some(mut tick) = (unsafe { view(&raw, running.pool) }) else { return CCD_E_ARG };
    let media = &mut running.media;
    guarded(None, || {
        media.exchange(&mut tick);
        Ok(())
    })
    .map_or_else(|e| e.code, |()| CCD_OK)
}
