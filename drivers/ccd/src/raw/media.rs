//! A media pool of any frame size, and the sets of a tick.

use callcore_driver_sys::*;
use std::ffi::c_void;

/// A pool: as `ccd_media_setup` has it, page-aligned and touched.
pub struct Setup {
    memory: Vec<Page>,
    frame_samples: u32,
    channels: u32,
    codec: u32,
    stride: u32,
}

#[repr(C, align(4096))]
#[derive(Clone, Copy)]
struct Page([u8; 4096]);

const DEPTH: u32 = 4;

impl Setup {
    /// A pool for `channels` channels whose frames have `frame_samples` samples of 8 kHz.
    #[must_use]
    pub fn new(channels: u32, frame_samples: u32, codec: u32) -> Self {
        // room for the widest format: L16 at 48 kHz
        let stride = (frame_samples * 12).next_multiple_of(64);
        let bytes = 2 * DEPTH as usize * channels as usize * stride as usize;
        let memory = vec![Page([0; 4096]); bytes.div_ceil(4096)];
        Self { memory, frame_samples, channels, codec, stride }
    }

    pub(super) fn c(&self) -> ccd_media_setup {
        let bytes = self.memory.len() * size_of::<Page>();
        ccd_media_setup {
            size: size_of::<ccd_media_setup>() as u32,
            frame_samples: self.frame_samples,
            depth: DEPTH,
            stride: self.stride,
            channels: self.channels,
            codec: self.codec,
            base: self.memory.as_ptr().cast_mut().cast::<c_void>(),
            bytes: bytes as u64,
            rx_off: 0,
            tx_off: u64::from(DEPTH) * u64::from(self.channels) * u64::from(self.stride),
            pool_fd: -1,
        }
    }
}

/// The sets of a tick, for one device.
pub struct MediaSet {
    active: Vec<u64>,
    tx_valid: Vec<u64>,
    rx_valid: Vec<u64>,
    rx_format: Vec<u8>,
    tx_format: Vec<u8>,
}

impl MediaSet {
    /// All channels on, nobody says anything.
    #[must_use]
    pub fn new(channels: u32) -> Self {
        let words = channels.div_ceil(64) as usize;
        let mut active = vec![0; words];
        (0..channels).for_each(|channel| active[channel as usize / 64] |= 1 << (channel % 64));
        let formats = vec![0; channels as usize];
        Self {
            active,
            tx_valid: vec![0; words],
            rx_valid: vec![0; words],
            rx_format: formats.clone(),
            tx_format: formats,
        }
    }

    pub(super) fn c(&mut self, frame: u64) -> ccd_tick {
        ccd_tick {
            size: size_of::<ccd_tick>() as u32,
            words: self.active.len() as u32,
            frame,
            t_ns: 0,
            flags: 0,
            late: 0,
            active: self.active.as_ptr(),
            tx_valid: self.tx_valid.as_ptr(),
            rx_valid: self.rx_valid.as_mut_ptr(),
            rx_format: self.rx_format.as_mut_ptr(),
            tx_format: self.tx_format.as_ptr(),
        }
    }
}
