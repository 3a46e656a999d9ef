//! A device's tables, function by function, in states in which no host would call them.

use super::CANARY;
use super::driver::{Driver, Refusal, checked, empty_error};
use super::media::{MediaSet, Setup};
use callcore_driver_sys::table::copy_table;
use callcore_driver_sys::*;
use std::ffi::c_void;
use std::ptr::{null, null_mut};

/// An open device; it is closed by [`Device::close`].
pub struct Device {
    close: unsafe extern "C" fn(dev: *mut c_void),
    pub(super) tables: Tables,
    pub(super) dev: *mut c_void,
}

// SAFETY: the contract lets any thread call, one at a time where it says so, which is the caller's to keep.
unsafe impl Send for Device {}
// SAFETY: only functions that the contract allows from any thread are called through a shared device by two at a time.
unsafe impl Sync for Device {}

#[derive(Clone, Copy, Default)]
pub(super) struct Tables {
    pub(super) device: Option<ccd_device_vt>,
    pub(super) call: Option<ccd_call_vt>,
    pub(super) line: Option<ccd_line_vt>,
    pub(super) media: Option<ccd_media_vt>,
}

/// Functions by their names, with what they returned.
pub type Returned = Vec<(&'static str, ccd_status)>;

macro_rules! try_each {
    ($table:expr, $dev:expr, { $($name:ident ( $($arg:expr),* ))* }) => {{
        let mut returned: Returned = Vec::new();
        if let Some(vt) = $table {
            $(if let Some(f) = vt.$name {
                // SAFETY: arguments as the header has them; what the driver does with them in this state is the question.
                returned.push((stringify!($name), unsafe { f($dev, $($arg),*) }));
            })*
        }
        returned
    }};
}

impl Device {
    pub(super) fn new(driver: &Driver, dev: *mut c_void) -> Self {
        // SAFETY: the driver is created; what it gives for an id is NULL or the table of that id, for as long as it lives.
        let tables = unsafe {
            Tables {
                device: copy_table(driver.table(c"callcore.device/1")),
                call: copy_table(driver.table(c"callcore.call/1")),
                line: copy_table(driver.table(c"callcore.line/1")),
                media: copy_table(driver.table(c"callcore.media/1")),
            }
        };
        Self { close: driver.vt.close.expect("new has looked"), tables, dev }
    }

    /// `close`. The device must not be used any more.
    pub fn close(&self) {
        // SAFETY: open, and closed once.
        unsafe { (self.close)(self.dev) };
    }

    /// `channel`, into a struct of `size` bytes; whether what lies behind it is untouched. `None` without the function.
    #[must_use]
    pub fn channel(&self, index: u32, size: u32) -> Option<(ccd_status, ccd_channel_info, bool)> {
        let channel = self.tables.device?.channel?;
        let mut place = [ccd_channel_info::zeroed(); 2];
        let whole = size_of::<ccd_channel_info>();
        place[0].size = size;
        let bytes = (size as usize).clamp(4, whole);
        let at = place.as_mut_ptr().cast::<u8>();
        // SAFETY: the place is longer than the size that is said; canaries lie behind it.
        unsafe {
            at.add(bytes).write_bytes(CANARY, 2 * whole - bytes);
            let status = channel(self.dev, index, at.cast());
            let behind = std::slice::from_raw_parts(at.add(bytes), 2 * whole - bytes);
            Some((status, place[0], behind.iter().all(|byte| *byte == CANARY)))
        }
    }

    /// `channel` into NULL.
    #[must_use]
    pub fn channel_null(&self) -> Option<ccd_status> {
        // SAFETY: what a driver does with NULL is the question.
        Some(unsafe { self.tables.device?.channel?(self.dev, 0, null_mut()) })
    }

    /// Which functions the tables have, by `table.function`.
    #[must_use]
    pub fn functions(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        macro_rules! look {
            ($table:ident: $($name:ident)*) => {
                if let Some(vt) = &self.tables.$table {
                    $(if vt.$name.is_some() { names.push(concat!(stringify!($table), ".", stringify!($name))); })*
                }
            };
        }
        look!(device: channel start stop service replay stats);
        look!(call: make digits accept answer drop hold transfer raw);
        look!(line: hook ring polarity cas send_digits send_tone detect tune);
        look!(media: enable wait tick_fd exchange);
        names
    }

    /// Every command, with a request, in whatever state the device is; and with NULL for the device if `on_null`.
    #[must_use]
    pub fn each_command(&self, on_null: bool) -> Returned {
        let dev = if on_null { null_mut() } else { self.dev };
        let digits = c"1".as_ptr();
        let make = ccd_make {
            size: size_of::<ccd_make>() as u32,
            flags: 0,
            called: digits,
            calling: digits,
            name: digits,
            via: null(),
            ton_npi: 0,
            presentation: 0,
            timeout_ms: 0,
            reserved: 0,
            json: null(),
        };
        let mut returned = try_each!(&self.tables.device, dev, { service(0, 1, 901) replay(0, 902) });
        returned.extend(try_each!(&self.tables.call, dev, {
            make(0, 2, &raw const make, 903) digits(2, digits, 1, 904) accept(2, 3, 905) answer(2, 906)
            drop(2, 16, 907) hold(2, 1, 908) transfer(2, 0, digits, 909)
        }));
        returned.extend(try_each!(&self.tables.line, dev, {
            hook(0, 1, 0, 910) send_digits(0, i32::from(CCD_DIGIT_DTMF), digits, 0, 0, 911) send_tone(0, 1, 912)
        }));
        returned.extend(try_each!(&self.tables.media, dev, { enable(0, 1, 913) }));
        returned
    }

    /// Commands that name a channel, with this one.
    #[must_use]
    pub fn each_of_channel(&self, channel: u32) -> Returned {
        let (dev, digits) = (self.dev, c"1".as_ptr());
        let mut returned =
            try_each!(&self.tables.device, dev, { service(channel, 1, 921) replay(channel, 922) });
        returned.extend(try_each!(&self.tables.line, dev, {
            send_digits(channel, i32::from(CCD_DIGIT_DTMF), digits, 0, 0, 923)
        }));
        returned.extend(try_each!(&self.tables.media, dev, { enable(channel, 1, 924) }));
        returned
    }

    /// Commands without what they point to.
    #[must_use]
    pub fn each_with_null(&self) -> Returned {
        let dev = self.dev;
        let mut returned =
            try_each!(&self.tables.call, dev, { make(0, 2, null(), 931) digits(2, null(), 0, 932) });
        returned.extend(try_each!(&self.tables.line, dev, {
            send_digits(0, i32::from(CCD_DIGIT_DTMF), null(), 0, 0, 933)
        }));
        if let Some(exchange) = self.tables.media.and_then(|vt| vt.exchange) {
            // SAFETY: what a driver does with NULL is the question.
            returned.push(("exchange", unsafe { exchange(dev, null_mut()) }));
        }
        returned
    }

    /// `start`.
    ///
    /// # Errors
    /// The driver's refusal.
    pub fn start(&self, setup: &Setup) -> Result<(), Refusal> {
        let Some(start) = self.tables.device.and_then(|vt| vt.start) else {
            return Err(Refusal { status: CCD_E_UNSUPPORTED, text: "callcore.device/1 has no start".into() });
        };
        let (c, mut err) = (setup.c(), empty_error());
        // SAFETY: the device is open; the pool is the setup's, which outlives stop.
        checked(unsafe { start(self.dev, &raw const c, &raw mut err) }, &err)
    }

    /// `start` without a pool.
    #[must_use]
    pub fn start_null(&self) -> Option<ccd_status> {
        // SAFETY: what a driver does with NULL is the question.
        Some(unsafe { self.tables.device?.start?(self.dev, null(), null_mut()) })
    }

    /// `stop`.
    #[must_use]
    pub fn stop(&self) -> ccd_status {
        // SAFETY: the device is open.
        self.tables.device.and_then(|vt| vt.stop).map_or(CCD_E_UNSUPPORTED, |stop| unsafe { stop(self.dev) })
    }

    /// `exchange`, of one frame, when a device that paces itself says that it is time; `None` without the function.
    pub fn exchange_in_time(&self, frame: u64, set: &mut MediaSet) -> Option<ccd_status> {
        if let Some(wait) = self.tables.media.and_then(|vt| vt.wait) {
            // SAFETY: the device is open.
            unsafe { wait(self.dev, 40_000) };
        }
        self.exchange(frame, set)
    }

    /// `exchange`, of one frame, at once; `None` without the function.
    pub fn exchange(&self, frame: u64, set: &mut MediaSet) -> Option<ccd_status> {
        let exchange = self.tables.media?.exchange?;
        let mut tick = set.c(frame);
        // SAFETY: the sets live through the call; whether the device is started is the question.
        Some(unsafe { exchange(self.dev, &raw mut tick) })
    }

    /// `stats`, in a buffer of `cap` bytes: the status, what is needed, and the text.
    #[must_use]
    pub fn stats(&self, cap: usize) -> Option<(ccd_status, usize, Vec<u8>)> {
        let stats = self.tables.device?.stats?;
        let (mut json, mut need) = (vec![CANARY; cap + 16], 0);
        // SAFETY: the buffer is longer than what is said.
        let status = unsafe { stats(self.dev, json.as_mut_ptr().cast(), cap, &raw mut need) };
        Some((status, need, json))
    }

    /// `make` on a channel.
    #[must_use]
    pub fn make(&self, channel: u32, call: u64, called: &str, via: Option<&str>) -> Option<ccd_status> {
        let make = self.tables.call?.make?;
        let called = std::ffi::CString::new(called).ok()?;
        let via = via.and_then(|via| std::ffi::CString::new(via).ok());
        let m = ccd_make {
            size: size_of::<ccd_make>() as u32,
            flags: 0,
            called: called.as_ptr(),
            calling: c"1001".as_ptr(),
            name: c"".as_ptr(),
            via: via.as_ref().map_or(null(), |via| via.as_ptr()),
            ton_npi: 0,
            presentation: 0,
            timeout_ms: 0,
            reserved: 0,
            json: null(),
        };
        // SAFETY: the device is open; the struct and its strings live through the call.
        Some(unsafe { make(self.dev, channel, call, &raw const m, call) })
    }

    /// `drop`, with cause 16.
    pub fn drop_call(&self, call: u64, req: u64) -> Option<ccd_status> {
        let drop = self.tables.call?.drop?;
        // SAFETY: the device is open.
        Some(unsafe { drop(self.dev, call, 16, req) })
    }
}
