//! A driver's tables as they are, for what a host never does: NULL for everything, half a struct, a function too early.
//!
//! The only room of the tool with `unsafe`. A driver that breaks the contract can harm the process that loads it;
//! that is what each check's own process is for.

mod device;
mod driver;
mod heap;
mod host;
mod media;
pub mod watch;

pub use device::{Device, Returned};
pub use driver::{Driver, Refusal};
pub use heap::{allocations_here, live_allocations};
pub use host::Table;
pub use media::{MediaSet, Setup};

use callcore_driver_host::LoadError;
use callcore_driver_sys::*;
use std::ffi::{CStr, c_char};
use std::path::Path;
use std::ptr::{null, null_mut};

/// A driver's entry, loaded as a host loads it. The library stays loaded.
#[derive(Clone, Copy)]
pub struct Entry(ccd_negotiate_fn);

/// What a driver is offered.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// Oldest version of the contract, major in the upper 16 bits.
    pub abi_min: u32,
    /// Newest version.
    pub abi_max: u32,
    /// 1 out of process, 2 validating, 4 scan only.
    pub flags: u32,
}

impl Default for Offer {
    fn default() -> Self {
        Self { abi_min: CCD_ABI_1_0, abi_max: CCD_ABI_1_0, flags: 2 }
    }
}

/// What it answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: ccd_status,
    /// `accept.size` afterwards.
    pub size: u32,
    /// The chosen version.
    pub abi: u32,
    /// id, name, vendor, version; `None` for NULL or what is not UTF-8.
    pub texts: [Option<String>; 4],
    /// Flags of the accept.
    pub flags: u32,
    /// Whether what lies behind the room it had is untouched.
    pub is_intact: bool,
    vt: *const ccd_driver_vt,
}

/// What lies behind the room for an answer.
const CANARY: u8 = 0xC7;

impl Entry {
    /// Loads a library with all its symbols at once, and finds the entry.
    ///
    /// # Errors
    /// The host's own words.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        callcore_driver_host::Entry::load(path, "").map(|entry| Self(entry.negotiate_fn()))
    }

    /// Offers, with room for `room` bytes of an answer.
    #[must_use]
    pub fn negotiate(&self, offer: Offer, room: u32) -> Answer {
        let offer = ccd_offer {
            size: size_of::<ccd_offer>() as u32,
            abi_min: offer.abi_min,
            abi_max: offer.abi_max,
            flags: offer.flags,
            host_name: c"ccd".as_ptr(),
            host_version: c"1".as_ptr(),
            driver_path: c"".as_ptr(),
        };
        let mut place = Place([CANARY; ANSWER_BYTES_MAX]);
        let at = (&raw mut place).cast::<ccd_accept>();
        let room_bytes = (room as usize).clamp(4, ANSWER_BYTES_MAX / 2);
        // SAFETY: the place is aligned and far longer than the room that is said; zero is a value of each member.
        let status = unsafe {
            at.cast::<u8>().write_bytes(0, room_bytes);
            at.cast::<u32>().write(room);
            (self.0)(&raw const offer, at)
        };
        let is_intact = place.0[room_bytes..].iter().all(|byte| *byte == CANARY);
        // SAFETY: whole in the place; what the driver did not fill is zero or canary, and read below only when filled.
        let accept = unsafe { at.read() };
        let filled = status == CCD_OK && room as usize >= size_of::<ccd_accept>();
        let text = |at: *const c_char| {
            // SAFETY: an accepted offer fills in static strings.
            (filled && !at.is_null()).then(|| unsafe { CStr::from_ptr(at) }.to_str().ok().map(str::to_owned))
        };
        Answer {
            status,
            size: accept.size,
            abi: accept.abi,
            texts: [accept.id, accept.name, accept.vendor, accept.version].map(|at| text(at).flatten()),
            flags: if filled { accept.flags } else { 0 },
            is_intact,
            vt: if filled { accept.vt } else { null() },
        }
    }

    /// Offers without an offer, without a place for the answer, without both.
    #[must_use]
    pub fn negotiate_null(&self) -> [ccd_status; 3] {
        // SAFETY: both structs are plain data for which zero is a value.
        let (mut offer, mut accept): (ccd_offer, ccd_accept) = unsafe { std::mem::zeroed() };
        (offer.size, accept.size) = (size_of::<ccd_offer>() as u32, size_of::<ccd_accept>() as u32);
        (offer.abi_min, offer.abi_max) = (CCD_ABI_1_0, CCD_ABI_1_0);
        // SAFETY: the contract answers NULL with CCD_E_ARG; whether the driver does is the question.
        unsafe {
            [
                (self.0)(null(), &raw mut accept),
                (self.0)(&raw const offer, null_mut()),
                (self.0)(null(), null_mut()),
            ]
        }
    }

    /// The driver's table.
    ///
    /// # Errors
    /// It does not agree, or its table lacks a function that every driver has.
    pub fn driver(&self) -> Result<Driver, String> {
        self.driver_of(Offer::default())
    }

    /// The same, of another offer.
    ///
    /// # Errors
    /// As for [`Entry::driver`].
    pub fn driver_of(&self, offer: Offer) -> Result<Driver, String> {
        let answer = self.negotiate(offer, size_of::<ccd_accept>() as u32);
        if answer.status != CCD_OK {
            return Err(format!("it refuses version 1.0: {}", status_name(answer.status)));
        }
        // SAFETY: an accepted offer fills in a static table that says its size.
        unsafe { Driver::new(answer.vt) }
    }
}

const ANSWER_BYTES_MAX: usize = 1024;

#[repr(C, align(16))]
struct Place([u8; ANSWER_BYTES_MAX]);

/// The locale of this process, which a guest must not change.
#[must_use]
pub fn locale() -> String {
    // SAFETY: asks only; the answer is copied before anybody could change it.
    unsafe {
        let at = libc::setlocale(libc::LC_ALL, null());
        if at.is_null() { String::new() } else { CStr::from_ptr(at).to_string_lossy().into_owned() }
    }
}

/// The name of a status in the header, for people.
#[must_use]
pub fn status_name(status: ccd_status) -> String {
    let name = match status {
        CCD_OK => "CCD_OK",
        CCD_E_ARG => "CCD_E_ARG",
        CCD_E_STATE => "CCD_E_STATE",
        CCD_E_UNSUPPORTED => "CCD_E_UNSUPPORTED",
        CCD_E_BUSY => "CCD_E_BUSY",
        CCD_E_GLARE => "CCD_E_GLARE",
        CCD_E_GONE => "CCD_E_GONE",
        CCD_E_NOMEM => "CCD_E_NOMEM",
        CCD_E_IO => "CCD_E_IO",
        CCD_E_TIMEOUT => "CCD_E_TIMEOUT",
        CCD_E_FULL => "CCD_E_FULL",
        CCD_E_END => "CCD_E_END",
        CCD_E_VERSION => "CCD_E_VERSION",
        CCD_E_CONFIG => "CCD_E_CONFIG",
        CCD_E_LICENSE => "CCD_E_LICENSE",
        CCD_E_CLOCK => "CCD_E_CLOCK",
        CCD_E_BUS => "CCD_E_BUS",
        CCD_E_INTERNAL => "CCD_E_INTERNAL",
        other => return format!("status {other}"),
    };
    name.to_owned()
}
