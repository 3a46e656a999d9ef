//! A media pool of any frame size, and the sets of a tick.

use callcore_driver_sys::*;
use std::ffi::c_void;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr::null_mut;

/// A pool: as `ccd_media_setup` has it, page-aligned and touched.
pub struct Setup {
    memory: Memory,
    frame_samples: u32,
    channels: u32,
    codec: u32,
    stride: u32,
}

#[repr(C, align(4096))]
#[derive(Clone, Copy)]
struct Page([u8; 4096]);

/// Where the samples are.
enum Memory {
    Own(Vec<Page>),
    Shared(Shared),
}

/// Memory of a file that exists nowhere, seen from two addresses: the driver's, and ours.
struct Shared {
    fd: OwnedFd,
    theirs: *mut c_void,
    ours: *mut c_void,
    bytes: usize,
}

impl Shared {
    fn new(bytes: usize) -> io::Result<Self> {
        let known =
            |at: *mut c_void| if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(at) };
        // SAFETY: the name is a string; the descriptor is new and nobody else's; the mappings are new and as long as the file.
        unsafe {
            let fd = libc::memfd_create(c"pool".as_ptr(), libc::MFD_CLOEXEC);
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            let fd = OwnedFd::from_raw_fd(fd);
            if libc::ftruncate(fd.as_raw_fd(), bytes as libc::off_t) != 0 {
                return Err(io::Error::last_os_error());
            }
            let map = || {
                let (rights, fd) = (libc::PROT_READ | libc::PROT_WRITE, fd.as_raw_fd());
                known(libc::mmap(null_mut(), bytes, rights, libc::MAP_SHARED, fd, 0))
            };
            let (theirs, ours) = (map()?, map()?);
            Ok(Self { fd, theirs, ours, bytes })
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, with this length; nobody looks at them any more.
        unsafe {
            libc::munmap(self.theirs, self.bytes);
            libc::munmap(self.ours, self.bytes);
        }
    }
}

const DEPTH: u32 = 4;

impl Setup {
    /// A pool for `channels` channels whose frames have `frame_samples` samples of 8 kHz.
    #[must_use]
    pub fn new(channels: u32, frame_samples: u32, codec: u32) -> Self {
        let mut setup = Self::empty(channels, frame_samples, codec);
        setup.memory = Memory::Own(vec![Page([0; 4096]); setup.bytes().div_ceil(4096)]);
        setup
    }

    /// The same as a memfd, as for a helper process; the driver sees it at another address than we do.
    ///
    /// # Errors
    /// The system has no such memory.
    pub fn shared(channels: u32, frame_samples: u32, codec: u32) -> io::Result<Self> {
        let mut setup = Self::empty(channels, frame_samples, codec);
        setup.memory = Memory::Shared(Shared::new(setup.bytes().next_multiple_of(4096))?);
        Ok(setup)
    }

    fn empty(channels: u32, frame_samples: u32, codec: u32) -> Self {
        // room for the widest format: L16 at 48 kHz
        let stride = (frame_samples * 12).next_multiple_of(64);
        Self { memory: Memory::Own(Vec::new()), frame_samples, channels, codec, stride }
    }

    /// Both rings.
    fn bytes(&self) -> usize {
        2 * DEPTH as usize * self.channels as usize * self.stride as usize
    }

    /// What it is shared by; `None` for memory of our own.
    #[must_use]
    pub fn fd(&self) -> Option<i32> {
        match &self.memory {
            Memory::Own(_) => None,
            Memory::Shared(shared) => Some(shared.fd.as_raw_fd()),
        }
    }

    /// Fills all of a shared pool with a byte, from our address.
    pub fn fill(&self, byte: u8) {
        if let Memory::Shared(shared) = &self.memory {
            // SAFETY: mapped with this length; no frame is being exchanged while this runs.
            unsafe { shared.ours.cast::<u8>().write_bytes(byte, shared.bytes) };
        }
    }

    /// What lies in the rx slot of a shared pool, seen from our address.
    #[must_use]
    pub fn rx(&self, frame: u64, channel: u32) -> Vec<u8> {
        let Memory::Shared(shared) = &self.memory else { return Vec::new() };
        let slot = (frame as usize & (DEPTH as usize - 1)) * self.channels as usize + channel as usize;
        let (at, bytes) = (slot * self.stride as usize, self.stride as usize);
        // SAFETY: a slot of the pool, for a channel below its number of channels; no frame is being exchanged.
        unsafe { std::slice::from_raw_parts(shared.ours.cast::<u8>().add(at), bytes) }.to_vec()
    }

    pub(super) fn c(&self) -> ccd_media_setup {
        let (base, bytes, pool_fd) = match &self.memory {
            Memory::Own(pages) => {
                (pages.as_ptr().cast_mut().cast::<c_void>(), pages.len() * size_of::<Page>(), -1)
            }
            Memory::Shared(shared) => (shared.theirs, shared.bytes, i64::from(shared.fd.as_raw_fd())),
        };
        ccd_media_setup {
            size: size_of::<ccd_media_setup>() as u32,
            frame_samples: self.frame_samples,
            depth: DEPTH,
            stride: self.stride,
            channels: self.channels,
            codec: self.codec,
            base,
            bytes: bytes as u64,
            rx_off: 0,
            tx_off: u64::from(DEPTH) * u64::from(self.channels) * u64::from(self.stride),
            pool_fd,
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

    /// Whether the driver got audio on a channel, and forgets it.
    pub fn take_heard(&mut self, channel: u32) -> bool {
        let (word, bit) = (&mut self.rx_valid[channel as usize / 64], 1 << (channel % 64));
        let is_heard = *word & bit != 0;
        *word &= !bit;
        is_heard
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
