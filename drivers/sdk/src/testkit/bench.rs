//! A driver on the test bench: one device of it, opened through its tables, commanded and fed frame by frame.

use super::allocator::CountingAllocator;
use super::host::TestHost;
use callcore_codec::Format;
use callcore_driver_sys::act::{ACT_ID, ccd_act_vt};
use callcore_driver_sys::*;
use std::ffi::{CStr, CString, c_void};
use std::mem::zeroed;
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering;

const DEPTH: u32 = 4;

/// A refused call: the status and its words.
pub type Refused = (ccd_status, String);

#[repr(C, align(4096))]
#[derive(Clone, Copy)]
struct Page([u8; 4096]);

/// One device of one driver, opened; closed and destroyed when dropped.
pub struct Bench {
    host: TestHost,
    vt: &'static ccd_driver_vt,
    device: &'static ccd_device_vt,
    call: &'static ccd_call_vt,
    line: &'static ccd_line_vt,
    media: &'static ccd_media_vt,
    drv: *mut c_void,
    dev: *mut c_void,
    channels: u32,
    pool: Vec<Page>,
    setup: ccd_media_setup,
    frame: u64,
    heard: Vec<u64>,
    /// What the driver said last of each channel, and how the host writes what it says.
    rx_format: Vec<u8>,
    tx_format: Vec<u8>,
    allocations: u64,
}

// SAFETY: the handles may be used from any one thread at a time, which `&mut self` and a single owner give.
unsafe impl Send for Bench {}

fn empty_error() -> ccd_error {
    ccd_error { size: size_of::<ccd_error>() as u32, ..ccd_error::zeroed() }
}

fn checked(status: ccd_status, err: &ccd_error) -> Result<(), Refused> {
    let bytes: Vec<u8> = err.text.iter().map(|c| *c as u8).take_while(|c| *c != 0).collect();
    if status == CCD_OK { Ok(()) } else { Err((status, String::from_utf8_lossy(&bytes).into_owned())) }
}

fn status(status: ccd_status) -> Result<(), ccd_status> {
    if status == CCD_OK { Ok(()) } else { Err(status) }
}

fn c_text(text: &str) -> CString {
    CString::new(text).expect("tests use texts without NUL")
}

impl Bench {
    /// Negotiates, creates, enumerates and opens the driver's first device.
    ///
    /// # Errors
    /// What the driver refuses, with its words.
    pub fn open(entry: ccd_negotiate_fn, host: &TestHost) -> Result<Self, Refused> {
        let vt = negotiate(entry);
        let table = host.table();
        let (mut drv, mut dev, mut err) = (null_mut(), null_mut(), empty_error());
        // SAFETY: whole structs; the tables of a driver are static, and set as the contract demands.
        unsafe {
            checked(vt.create.expect("required")(&table, &mut drv, &mut err), &err)?;
            let mut info: ccd_device_info = zeroed();
            info.size = size_of::<ccd_device_info>() as u32;
            let found = vt.enumerate.expect("required")(drv, 0, &mut info);
            assert_eq!(found, CCD_OK, "a driver on the bench has a device");
            let opened = vt.open.expect("required")(drv, info.uid.as_ptr(), &table, &mut dev, &mut err);
            if let Err(refused) = checked(opened, &err) {
                vt.destroy.expect("required")(drv);
                return Err(refused);
            }
            let extension = |id: &CStr| vt.extension.expect("required")(drv, id.as_ptr());
            Ok(Self {
                host: host.clone(),
                vt,
                device: &*extension(c"callcore.device/1").cast(),
                call: &*extension(c"callcore.call/1").cast(),
                line: &*extension(c"callcore.line/1").cast(),
                media: &*extension(c"callcore.media/1").cast(),
                drv,
                dev,
                channels: info.channels,
                pool: vec![],
                setup: zeroed(),
                frame: 0,
                heard: vec![],
                rx_format: vec![],
                tx_format: vec![],
                allocations: 0,
            })
        }
    }

    /// The host it was opened with.
    pub fn host(&self) -> &TestHost {
        &self.host
    }

    /// Channels of the device.
    pub fn channels(&self) -> u32 {
        self.channels
    }

    /// The next so many posts find the host's ring full.
    pub fn refuse_posts(&self, count: usize) {
        self.host.0.full_for.store(count, Ordering::Relaxed);
    }

    /// Starts traffic with frames of so many samples at 8 kHz, in a pool of this format with room for all others.
    ///
    /// # Errors
    /// What the driver refuses, with its words.
    pub fn start(&mut self, frame_samples: u32, format: Format) -> Result<(), Refused> {
        let slot_bytes = |format: Format| format.slot_bytes(frame_samples as usize);
        let stride = Format::ALL.map(slot_bytes).into_iter().max().unwrap_or(0).next_multiple_of(64) as u32;
        let bytes = DEPTH as usize * self.channels as usize * stride as usize;
        self.pool = vec![Page([0; 4096]); (2 * bytes).div_ceil(4096)];
        (self.rx_format, self.tx_format) = (vec![0; self.channels as usize], vec![0; self.channels as usize]);
        self.setup = ccd_media_setup {
            size: size_of::<ccd_media_setup>() as u32,
            frame_samples,
            depth: DEPTH,
            stride,
            channels: self.channels,
            codec: format.code(),
            base: self.pool.as_mut_ptr().cast(),
            bytes: self.pool.len() as u64 * 4096,
            rx_off: 0,
            tx_off: bytes as u64,
            pool_fd: -1,
        };
        let mut err = empty_error();
        // SAFETY: the pool lives until stop: it is replaced only by the next start, and freed after close.
        checked(unsafe { self.device.start.expect("required")(self.dev, &self.setup, &mut err) }, &err)
    }

    /// Stops traffic.
    ///
    /// # Errors
    /// The driver's status.
    pub fn stop(&mut self) -> Result<(), ccd_status> {
        // SAFETY: the device is open.
        status(unsafe { self.device.stop.expect("required")(self.dev) })
    }

    /// `ccd_call_vt.make`.
    ///
    /// # Errors
    /// The driver's status.
    pub fn make(
        &mut self,
        channel: u32,
        call: u64,
        called: &str,
        timeout_ms: u32,
        req: u64,
    ) -> Result<(), ccd_status> {
        self.make_via(channel, call, called, None, timeout_ms, req)
    }

    /// `ccd_call_vt.make` by an endpoint or trunk of the device.
    ///
    /// # Errors
    /// The driver's status.
    pub fn make_via(
        &mut self,
        channel: u32,
        call: u64,
        called: &str,
        via: Option<&str>,
        timeout_ms: u32,
        req: u64,
    ) -> Result<(), ccd_status> {
        let (called, via) = (c_text(called), via.map(c_text));
        // SAFETY: all-zero is a value of ccd_make; the strings live through the call.
        unsafe {
            let mut make: ccd_make = zeroed();
            make.size = size_of::<ccd_make>() as u32;
            (make.called, make.calling, make.timeout_ms) = (called.as_ptr(), c"".as_ptr(), timeout_ms);
            make.via = via.as_ref().map_or(null(), |via| via.as_ptr());
            status(self.call.make.expect("offered")(self.dev, channel, call, &make, req))
        }
    }

    /// `ccd_line_vt.send_digits`: DTMF with the driver's own times.
    ///
    /// # Errors
    /// The driver's status.
    pub fn send_digits(&mut self, channel: u32, digits: &str, req: u64) -> Result<(), ccd_status> {
        let (digits, kind) = (c_text(digits), i32::from(CCD_DIGIT_DTMF));
        let send = self.line.send_digits.expect("offered");
        // SAFETY: the device is open; the string lives through the call.
        status(unsafe { send(self.dev, channel, kind, digits.as_ptr(), 0, 0, req) })
    }

    /// `ccd_device_vt.service`.
    ///
    /// # Errors
    /// The driver's status.
    pub fn service(&mut self, channel: u32, in_service: bool, req: u64) -> Result<(), ccd_status> {
        // SAFETY: the device is open.
        status(unsafe { self.device.service.expect("required")(self.dev, channel, in_service.into(), req) })
    }

    /// `ccd_call_vt.answer`.
    ///
    /// # Errors
    /// The driver's status.
    pub fn answer(&mut self, call: u64, req: u64) -> Result<(), ccd_status> {
        // SAFETY: the device is open.
        status(unsafe { self.call.answer.expect("offered")(self.dev, call, req) })
    }

    /// `ccd_call_vt.accept`, with a `CCD_STEP_*`.
    ///
    /// # Errors
    /// The driver's status.
    pub fn accept(&mut self, call: u64, step: i32, req: u64) -> Result<(), ccd_status> {
        // SAFETY: the device is open.
        status(unsafe { self.call.accept.expect("offered")(self.dev, call, step, req) })
    }

    /// `ccd_call_vt.drop`.
    ///
    /// # Errors
    /// The driver's status.
    pub fn drop_call(&mut self, call: u64, q850: u16, req: u64) -> Result<(), ccd_status> {
        // SAFETY: the device is open.
        status(unsafe { self.call.drop.expect("offered")(self.dev, call, q850, req) })
    }

    /// `ccd_call_vt.hold`.
    ///
    /// # Errors
    /// The driver's status.
    pub fn hold(&mut self, call: u64, on: bool, req: u64) -> Result<(), ccd_status> {
        // SAFETY: the device is open.
        status(unsafe { self.call.hold.expect("offered")(self.dev, call, i32::from(on), req) })
    }

    /// `ccd_device_vt.replay`.
    ///
    /// # Errors
    /// The driver's status.
    pub fn replay(&mut self, channel: u32, req: u64) -> Result<(), ccd_status> {
        // SAFETY: the device is open.
        status(unsafe { self.device.replay.expect("required")(self.dev, channel, req) })
    }

    /// A line for a simulator; see [`callcore_driver_sys::act`].
    ///
    /// # Errors
    /// What the driver refuses, with its words.
    pub fn act(&mut self, line: &str) -> Result<(), Refused> {
        let (line, mut err) = (c_text(line), empty_error());
        // SAFETY: the table is static; strings and error live through the call.
        unsafe {
            let table = self.vt.extension.expect("required")(self.drv, ACT_ID.as_ptr()).cast::<ccd_act_vt>();
            let Some(table) = table.as_ref() else { return Err((CCD_E_UNSUPPORTED, String::new())) };
            checked(table.act.expect("set")(self.dev, line.as_ptr(), &mut err), &err)
        }
    }

    /// The device's counters, as JSON.
    pub fn stats(&self) -> String {
        let (mut json, mut need) = (vec![0u8; 65_536], 0);
        // SAFETY: the buffer has the length said.
        let got = unsafe {
            self.device.stats.expect("required")(self.dev, json.as_mut_ptr().cast(), json.len(), &mut need)
        };
        assert_eq!(got, CCD_OK, "64 KiB are enough for counters");
        json.truncate(need - 1);
        String::from_utf8(json).expect("JSON is UTF-8")
    }

    /// The driver's configuration schema.
    pub fn schema(&self) -> String {
        // SAFETY: a static text of the driver.
        unsafe { CStr::from_ptr(self.vt.config_schema.expect("required")()) }.to_string_lossy().into_owned()
    }

    /// How the driver writes a channel, and wants it: what it said in the frame exchanged last.
    pub fn format(&self, channel: u32) -> Format {
        let code = self.rx_format.get(channel as usize).copied().unwrap_or(0);
        let code = if code == 0 { self.setup.codec } else { code.into() };
        Format::from_code(code).expect("a driver says formats of the contract only")
    }

    /// Puts what the host says on a channel into the next frame, a whole slot as the driver wants it.
    pub fn say(&mut self, channel: u32, bytes: &[u8]) {
        self.say_in(channel, self.format(channel), bytes);
    }

    /// The same in a format that the driver may not want.
    pub fn say_in(&mut self, channel: u32, format: Format, bytes: &[u8]) {
        self.tx_format[channel as usize] = format as u8;
        let at = self.slot(channel) + self.setup.tx_off as usize;
        self.memory()[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Exchanges the next frame with all channels on; `said` tells on which the host has put audio.
    ///
    /// # Errors
    /// The driver's status.
    pub fn exchange(&mut self, said: impl Fn(u32) -> bool) -> Result<(), ccd_status> {
        let words = self.channels.div_ceil(64) as usize;
        let (mut active, mut tx, mut rx) = (vec![0u64; words], vec![0u64; words], vec![0u64; words]);
        for channel in 0..self.channels {
            let bit = 1u64 << (channel % 64);
            active[channel as usize / 64] |= bit;
            tx[channel as usize / 64] |= if said(channel) { bit } else { 0 };
        }
        let mut tick = ccd_tick {
            size: size_of::<ccd_tick>() as u32,
            words: words as u32,
            frame: self.frame,
            t_ns: self.host.now_ns(),
            flags: 0,
            late: 0,
            active: active.as_ptr(),
            tx_valid: tx.as_ptr(),
            rx_valid: rx.as_mut_ptr(),
            rx_format: self.rx_format.as_mut_ptr(),
            tx_format: self.tx_format.as_ptr(),
        };
        let before = CountingAllocator::count();
        // SAFETY: the sets and the pool live through the call.
        let result = unsafe { self.media.exchange.expect("offered")(self.dev, &mut tick) };
        self.allocations += CountingAllocator::count() - before;
        self.frame += u64::from(result == CCD_OK);
        self.heard = rx;
        status(result)
    }

    /// Allocations and frees inside all exchanges so far; always 0 without [`CountingAllocator`].
    pub fn allocations(&self) -> u64 {
        self.allocations
    }

    /// Whether the driver had audio of a channel in the frame exchanged last.
    pub fn was_heard(&self, channel: u32) -> bool {
        self.heard.get(channel as usize / 64).is_some_and(|word| word >> (channel % 64) & 1 == 1)
    }

    /// What was heard on a channel in the frame exchanged last, a whole slot of its format; before the first one, zeros.
    pub fn heard(&mut self, channel: u32) -> Vec<u8> {
        let bytes = self.format(channel).slot_bytes(self.setup.frame_samples as usize);
        let at = self.slot_of(self.frame.saturating_sub(1), channel);
        self.memory()[at..at + bytes].to_vec()
    }

    fn slot(&self, channel: u32) -> usize {
        self.slot_of(self.frame, channel)
    }

    fn slot_of(&self, frame: u64, channel: u32) -> usize {
        let row = (frame % u64::from(DEPTH)) as usize * self.channels as usize;
        (row + channel as usize) * self.setup.stride as usize
    }

    fn memory(&mut self) -> &mut [u8] {
        // SAFETY: pages are plain bytes, and the driver touches them only inside a call.
        unsafe { std::slice::from_raw_parts_mut(self.pool.as_mut_ptr().cast(), self.pool.len() * 4096) }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // SAFETY: closed and destroyed once; the pool and the host go after that.
        unsafe {
            self.vt.close.expect("required")(self.dev);
            self.vt.destroy.expect("required")(self.drv);
        }
    }
}

fn negotiate(entry: ccd_negotiate_fn) -> &'static ccd_driver_vt {
    let offer = ccd_offer {
        size: size_of::<ccd_offer>() as u32,
        abi_min: CCD_ABI_1_0,
        abi_max: CCD_ABI_1_0,
        flags: 0,
        host_name: c"testkit".as_ptr(),
        host_version: c"1".as_ptr(),
        driver_path: null(),
    };
    // SAFETY: all-zero is a value of ccd_accept; both structs are whole.
    unsafe {
        let mut accept: ccd_accept = zeroed();
        accept.size = size_of::<ccd_accept>() as u32;
        assert_eq!(entry(&offer, &mut accept), CCD_OK, "the driver speaks ABI 1.0");
        &*accept.vt
    }
}
