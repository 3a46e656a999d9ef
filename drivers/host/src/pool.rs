//! The media pool of one device: page-aligned memory for a few frames of all its channels, both ways, with room in each
//! slot for any format that a channel of the device can have.

use callcore_codec::Format;
use callcore_driver_sys::*;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

/// Frames in the ring.
const DEPTH: u32 = 4;
/// Samples of a frame at 8 kHz: 20 ms.
pub const FRAME_SAMPLES: u32 = 160;
const PAGE: usize = 4096;

/// Which way the sound of a slot goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the line.
    Rx,
    /// To the line.
    Tx,
}

/// The memory. The media thread and the driver's `exchange`, which it calls, use it in turns.
pub struct Pool {
    base: NonNull<u8>,
    layout: Layout,
    tx_off: usize,
    stride: usize,
    channels: u32,
    format: Format,
    formats: u32,
}

// SAFETY: plain memory; who may touch it when is said at `rx` and `tx`.
unsafe impl Send for Pool {}
// SAFETY: as for Send.
unsafe impl Sync for Pool {}

impl Pool {
    /// Silence in the pool's own format for `channels` channels that may each change to one of the set `formats`; every page
    /// is touched.
    ///
    /// # Panics
    /// There is no channel.
    #[must_use]
    pub fn new(channels: u32, format: Format, formats: u32) -> Self {
        let formats = formats | format.code();
        let can = Format::ALL.into_iter().filter(|format| format.code() & formats != 0);
        let stride = can.map(frame_bytes).max().unwrap_or(0).next_multiple_of(64);
        let tx_off = (DEPTH as usize * channels as usize * stride).next_multiple_of(PAGE);
        let layout = Layout::from_size_align(2 * tx_off, PAGE).expect("65536 channels need 2 GB at most");
        assert!(tx_off > 0, "a pool is for one channel at least");
        // SAFETY: the layout is not empty.
        let base = unsafe { alloc_zeroed(layout) };
        let Some(base) = NonNull::new(base) else { handle_alloc_error(layout) };
        // SAFETY: all of it was just allocated. Writing makes the pages present before the first frame needs them.
        unsafe { base.write_bytes(format.silence(), 2 * tx_off) };
        Self { base, layout, tx_off, stride, channels, format, formats }
    }

    /// What the driver is told of it.
    pub(crate) fn setup(&self) -> ccd_media_setup {
        ccd_media_setup {
            size: size_of::<ccd_media_setup>() as u32,
            frame_samples: FRAME_SAMPLES,
            depth: DEPTH,
            stride: self.stride as u32,
            channels: self.channels,
            codec: self.format.code(),
            base: self.base.as_ptr().cast(),
            bytes: self.layout.size() as u64,
            rx_off: 0,
            tx_off: self.tx_off as u64,
            pool_fd: -1,
        }
    }

    /// How many channels have slots.
    #[must_use]
    pub fn channels(&self) -> u32 {
        self.channels
    }

    /// The pool's own format: that of a channel whose driver says no other.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The set of formats that channels of the device can have.
    #[must_use]
    pub fn formats(&self) -> u32 {
        self.formats
    }

    /// Whether a channel of the device can have it.
    #[must_use]
    pub fn has(&self, format: Format) -> bool {
        format.code() & self.formats != 0
    }

    /// Bytes of a slot.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Bytes of a slot, from its beginning, by copy: for whoever stands between host and driver. Of what the other side
    /// writes at the same time some may be old and some new.
    ///
    /// # Panics
    /// There is no such channel.
    pub fn read(&self, way: Way, frame: u64, channel: u32, into: &mut [u8]) {
        let words = self.words(way, frame, channel);
        for (bytes, word) in into.chunks_mut(8).zip(words) {
            bytes.copy_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes()[..bytes.len()]);
        }
    }

    /// Write a slot from its beginning; what does not fit into it is left out.
    ///
    /// # Panics
    /// As [`Pool::read`].
    pub fn write(&self, way: Way, frame: u64, channel: u32, from: &[u8]) {
        let words = self.words(way, frame, channel);
        for (bytes, word) in from.chunks(8).zip(words) {
            let mut whole = word.load(Ordering::Relaxed).to_ne_bytes();
            whole[..bytes.len()].copy_from_slice(bytes);
            word.store(u64::from_ne_bytes(whole), Ordering::Relaxed);
        }
    }

    fn words(&self, way: Way, frame: u64, channel: u32) -> &[AtomicU64] {
        let off = if way == Way::Rx { 0 } else { self.tx_off };
        // SAFETY: the slot is inside of the pool, which is aligned to pages, at a multiple of 64; atomics may be shared.
        unsafe {
            let slot = self.slot(frame, channel).add(off);
            std::slice::from_raw_parts(slot.cast().as_ptr(), self.stride / 8)
        }
    }

    fn slot(&self, frame: u64, channel: u32) -> NonNull<u8> {
        assert!(channel < self.channels);
        let row = (frame & u64::from(DEPTH - 1)) as usize * self.channels as usize;
        // SAFETY: below depth * channels * stride, which both halves of the pool have room for.
        unsafe { self.base.add((row + channel as usize) * self.stride) }
    }

    /// What was heard on a channel in a frame that is written so. Panics on a format that the pool has no room for.
    ///
    /// # Safety
    /// The driver is not in `exchange` for this pool while the slice lives.
    #[must_use]
    pub unsafe fn rx(&self, frame: u64, channel: u32, format: Format) -> &[u8] {
        assert!(self.has(format));
        // SAFETY: the slot is inside the pool, and a frame of each format it has fits into a slot.
        unsafe { std::slice::from_raw_parts(self.slot(frame, channel).as_ptr(), frame_bytes(format)) }
    }

    /// What is to be said on a channel in a frame, written so. Panics as `rx` does.
    ///
    /// # Safety
    /// As for `rx`, and no other slice of the slot lives.
    #[must_use]
    #[allow(clippy::mut_from_ref)] // the memory is shared with the driver; turns are the caller's promise
    pub unsafe fn tx(&self, frame: u64, channel: u32, format: Format) -> &mut [u8] {
        assert!(self.has(format));
        // SAFETY: as for rx, in the pool's other half.
        unsafe {
            let slot = self.slot(frame, channel).add(self.tx_off);
            std::slice::from_raw_parts_mut(slot.as_ptr(), frame_bytes(format))
        }
    }
}

/// Bytes that a frame takes in a slot.
fn frame_bytes(format: Format) -> usize {
    format.slot_bytes(FRAME_SAMPLES as usize)
}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout; the last owner drops after the driver's stop has returned.
        unsafe { dealloc(self.base.as_ptr(), self.layout) };
    }
}
