//! The media pool of one device: page-aligned memory for a few frames of all its channels, both ways.

use crate::media::Law;
use callcore_driver_sys::*;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;

/// Frames in the ring.
const DEPTH: u32 = 4;
/// Samples of a frame: 20 ms.
pub(crate) const FRAME_SAMPLES: u32 = 160;
const PAGE: usize = 4096;

/// The memory. The media thread and the driver's `exchange`, which it calls, use it in turns.
pub(crate) struct Pool {
    base: NonNull<u8>,
    layout: Layout,
    tx_off: usize,
    stride: usize,
    channels: u32,
    law: Law,
}

// SAFETY: plain memory; who may touch it when is said at `rx` and `tx`.
unsafe impl Send for Pool {}
// SAFETY: as for Send.
unsafe impl Sync for Pool {}

impl Pool {
    /// Silence for `channels` channels; every page is touched.
    pub(super) fn new(channels: u32, law: Law) -> Self {
        let stride = (FRAME_SAMPLES as usize * law.bytes_per_sample()).next_multiple_of(64);
        let tx_off = (DEPTH as usize * channels as usize * stride).next_multiple_of(PAGE);
        let layout = Layout::from_size_align(2 * tx_off, PAGE).expect("65536 channels need 2 GB at most");
        assert!(tx_off > 0, "a pool is for one channel at least");
        // SAFETY: the layout is not empty.
        let base = unsafe { alloc_zeroed(layout) };
        let Some(base) = NonNull::new(base) else { handle_alloc_error(layout) };
        // SAFETY: all of it was just allocated. Writing makes the pages present before the first frame needs them.
        unsafe { base.write_bytes(law.silence(), 2 * tx_off) };
        Self { base, layout, tx_off, stride, channels, law }
    }

    /// What the driver is told of it.
    pub(super) fn setup(&self) -> ccd_media_setup {
        ccd_media_setup {
            size: size_of::<ccd_media_setup>() as u32,
            frame_samples: FRAME_SAMPLES,
            depth: DEPTH,
            stride: self.stride as u32,
            channels: self.channels,
            codec: match self.law {
                Law::A => CCD_LAW_A,
                Law::Mu => CCD_LAW_U,
                Law::L16 => CCD_L16,
            },
            base: self.base.as_ptr().cast(),
            bytes: self.layout.size() as u64,
            rx_off: 0,
            tx_off: self.tx_off as u64,
            pool_fd: -1,
        }
    }

    pub(super) fn channels(&self) -> u32 {
        self.channels
    }

    pub(crate) fn law(&self) -> Law {
        self.law
    }

    fn slot(&self, frame: u64, channel: u32) -> NonNull<u8> {
        assert!(channel < self.channels);
        let row = (frame & u64::from(DEPTH - 1)) as usize * self.channels as usize;
        // SAFETY: below depth * channels * stride, which both halves of the pool have room for.
        unsafe { self.base.add((row + channel as usize) * self.stride) }
    }

    fn frame_bytes(&self) -> usize {
        FRAME_SAMPLES as usize * self.law.bytes_per_sample()
    }

    /// What was heard on a channel in a frame.
    ///
    /// # Safety
    /// The driver is not in `exchange` for this pool while the slice lives.
    pub(super) unsafe fn rx(&self, frame: u64, channel: u32) -> &[u8] {
        // SAFETY: the slot is inside the pool, and a frame fits into a slot.
        unsafe { std::slice::from_raw_parts(self.slot(frame, channel).as_ptr(), self.frame_bytes()) }
    }

    /// What is to be said on a channel in a frame.
    ///
    /// # Safety
    /// As for `rx`, and no other slice of the slot lives.
    #[allow(clippy::mut_from_ref)] // the memory is shared with the driver; turns are the caller's promise
    pub(super) unsafe fn tx(&self, frame: u64, channel: u32) -> &mut [u8] {
        // SAFETY: as for rx, in the pool's other half.
        unsafe {
            let slot = self.slot(frame, channel).add(self.tx_off);
            std::slice::from_raw_parts_mut(slot.as_ptr(), self.frame_bytes())
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout; the last owner drops after the driver's stop has returned.
        unsafe { dealloc(self.base.as_ptr(), self.layout) };
    }
}
