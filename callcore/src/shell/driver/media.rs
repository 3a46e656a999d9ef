//! The real-time half of a device: one frame for all its channels at a time.

use super::pool::Pool;
use callcore_driver_sys::*;
use std::ffi::c_void;
use std::sync::Arc;

/// Takes part in frames. It belongs to one media thread and is dropped before the device is stopped.
pub(crate) struct MediaHalf {
    dev: *mut c_void,
    vt: ccd_media_vt,
    pool: Arc<Pool>,
    paced_by_driver: bool,
    frame: u64,
    active: Box<[u64]>,
    tx_valid: Box<[u64]>,
    rx_valid: Box<[u64]>,
}

// SAFETY: [media] functions may be called by any thread, one at a time, which owning the half ensures.
unsafe impl Send for MediaHalf {}

fn bit(set: &[u64], channel: u32) -> bool {
    set.get(channel as usize / 64).is_some_and(|word| word >> (channel % 64) & 1 == 1)
}

fn set_bit(set: &mut [u64], channel: u32, on: bool) {
    if let Some(word) = set.get_mut(channel as usize / 64) {
        let mask = 1 << (channel % 64);
        *word = if on { *word | mask } else { *word & !mask };
    }
}

impl MediaHalf {
    pub(super) fn new(dev: *mut c_void, vt: ccd_media_vt, pool: Arc<Pool>, paced_by_driver: bool) -> Self {
        let words = (pool.channels() as usize).div_ceil(64);
        let empty = || vec![0; words].into_boxed_slice();
        let (active, tx_valid, rx_valid) = (empty(), empty(), empty());
        Self { dev, vt, pool, paced_by_driver, frame: 0, active, tx_valid, rx_valid }
    }

    /// Whether the device sleeps in [`MediaHalf::wait`] from frame to frame.
    pub(crate) fn is_paced_by_driver(&self) -> bool {
        self.paced_by_driver
    }

    /// How many channels there are.
    pub(crate) fn channels(&self) -> u32 {
        self.pool.channels()
    }

    /// How the samples are written.
    pub(crate) fn law(&self) -> crate::media::Law {
        self.pool.law()
    }

    /// Switch a channel; an idle one costs nothing.
    pub(crate) fn set_active(&mut self, channel: u32, on: bool) {
        set_bit(&mut self.active, channel, on);
        if !on {
            set_bit(&mut self.rx_valid, channel, false);
        }
    }

    /// What was heard on a channel in the frame before this one; `None` when nothing came.
    pub(crate) fn rx(&self, channel: u32) -> Option<&[u8]> {
        if !bit(&self.rx_valid, channel) || channel >= self.pool.channels() {
            return None;
        }
        // SAFETY: `exchange` needs `&mut self`, so the driver is not in it while the slice lives.
        Some(unsafe { self.pool.rx(self.frame.wrapping_sub(1), channel) })
    }

    /// Where what is said on a channel in this frame is written; the whole frame has to be.
    pub(crate) fn tx(&mut self, channel: u32) -> Option<&mut [u8]> {
        if !bit(&self.active, channel) || channel >= self.pool.channels() {
            return None;
        }
        set_bit(&mut self.tx_valid, channel, true);
        // SAFETY: as for rx; `&mut self` makes it the only slice.
        Some(unsafe { self.pool.tx(self.frame, channel) })
    }

    /// Hand the frame to the driver and take what it heard.
    pub(crate) fn exchange(&mut self, t_ns: u64, late: u32) -> ccd_status {
        self.rx_valid.fill(0);
        let mut tick = ccd_tick {
            size: size_of::<ccd_tick>() as u32,
            words: self.active.len() as u32,
            frame: self.frame,
            t_ns,
            flags: 0,
            late,
            active: self.active.as_ptr(),
            tx_valid: self.tx_valid.as_ptr(),
            rx_valid: self.rx_valid.as_mut_ptr(),
        };
        let exchange = self.vt.exchange.expect("a device without exchange has no media half");
        // SAFETY: the device is started; the sets and the pool live through the call and are the driver's until it ends.
        let status = unsafe { exchange(self.dev, &raw mut tick) };
        self.tx_valid.fill(0);
        for (rx, active) in self.rx_valid.iter_mut().zip(&self.active) {
            *rx &= active;
        }
        self.frame += 1;
        status
    }

    /// Leave frames out after being late: they are not made up for.
    pub(crate) fn skip(&mut self, frames: u64) {
        if frames > 0 {
            self.frame += frames;
            self.rx_valid.fill(0);
        }
    }

    /// Sleep to the next frame of a device that paces itself.
    pub(crate) fn wait(&mut self, timeout_us: u32) -> ccd_status {
        match self.vt.wait {
            // SAFETY: the device is started, and no other [media] function of it runs.
            Some(wait) => unsafe { wait(self.dev, timeout_us) },
            None => CCD_E_UNSUPPORTED,
        }
    }
}
