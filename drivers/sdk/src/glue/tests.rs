//! The rules of the contract, checked through the tables as a host sees them.

use super::*;
use crate::*;
use parking_lot::Mutex;
use std::ffi::{CStr, c_char};
use std::mem::zeroed;
use std::ptr::{null, null_mut};

/// What a test host has heard: (kind, seq, req, channel, call).
type Heard = Mutex<Vec<(u16, u64, u64, u32, u64)>>;

unsafe extern "C" fn post(ctx: *mut c_void, ev: *const ccd_event) -> ccd_status {
    // SAFETY: ctx is the Heard of the test, ev a whole event.
    let (heard, ev) = unsafe { (&*ctx.cast::<Heard>(), &*ev) };
    assert!(ev.size % 8 == 0 && ev.size <= CCD_EVENT_MAX);
    heard.lock().push((ev.kind, ev.seq, ev.req, ev.chan, ev.call));
    CCD_OK
}

unsafe extern "C" fn now_ns(_: *mut c_void) -> u64 {
    7
}

unsafe extern "C" fn cfg_str(
    _: *mut c_void,
    path: *const c_char,
    buf: *mut c_char,
    cap: usize,
    need: *mut usize,
) -> ccd_status {
    // SAFETY: the SDK's promises for its own pointers.
    unsafe {
        match CStr::from_ptr(path).to_bytes() {
            b"long" => {
                *need = 401;
                if cap < 401 {
                    return CCD_E_ARG;
                }
                buf.cast::<u8>().write_bytes(b'x', 400);
                *buf.add(400) = 0;
                CCD_OK
            }
            b"number" => CCD_E_CONFIG,
            _ => CCD_E_GONE,
        }
    }
}

fn host(heard: &Heard) -> ccd_host {
    ccd_host {
        size: size_of::<ccd_host>() as u32,
        abi: CCD_ABI_1_0,
        ctx: std::ptr::from_ref(heard).cast_mut().cast(),
        post: Some(post),
        log: None,
        log_enabled: None,
        now_ns: Some(now_ns),
        cfg_int: None,
        cfg_str: Some(cfg_str),
        extension: None,
    }
}

struct Echo;
struct EchoDevice(Host);
struct EchoMedia(Host);

impl Driver for Echo {
    const INFO: DriverInfo = DriverInfo {
        id: c"org.callcore.test",
        name: c"test",
        vendor: c"callcore",
        version: c"1",
        config_schema: c"{}",
    };
    type Device = EchoDevice;
    fn create(host: Host) -> Result<Self, Error> {
        assert_eq!(host.cfg_str("long").expect("set").expect("a text").len(), 400);
        assert_eq!(host.cfg_str("absent"), Ok(None));
        assert_eq!(host.cfg_str("number").expect_err("another type").code, CCD_E_CONFIG);
        Ok(Self)
    }
    fn enumerate(&mut self) -> Vec<DeviceInfo> {
        let info = DeviceInfo {
            uid: "one".into(),
            location: String::new(),
            model: "é".repeat(60),
            firmware: String::new(),
            channels: 2,
            spans: 0,
            clock_domain: 0,
            paced_by: PacedBy::Host,
        };
        vec![info.clone(), DeviceInfo { uid: "two".into(), ..info }]
    }
    fn open(&mut self, _: &str, host: Host) -> Result<EchoDevice, Error> {
        Ok(EchoDevice(host))
    }
}

impl Device for EchoDevice {
    type Media = EchoMedia;
    fn channel(&self, channel: u32) -> Option<ChannelInfo> {
        let codecs = CCD_L16 | CCD_LAW_A | CCD_G729;
        (channel < 2).then_some(ChannelInfo { codecs, ..ChannelInfo::default() })
    }
    fn start(&mut self, _: MediaSetup) -> Result<EchoMedia, Error> {
        Ok(EchoMedia(self.0.clone()))
    }
    fn stop(&mut self) {}
    fn make(&mut self, channel: u32, call: u64, make: Make<'_>) -> Result<(), Error> {
        assert_eq!((make.called, make.calling, make.via), ("100", "", Some("trunk")));
        self.0.post(&Event::Dialing { channel, call }).expect("there is room");
        Ok(())
    }
    fn answer(&mut self, _: u64) -> Result<(), Error> {
        panic!("as a buggy driver does")
    }
    fn drop_call(&mut self, _: u64, q850: u16) -> Result<(), Error> {
        assert!((1..=127).contains(&q850));
        Err(Error::gone("no such call"))
    }
}

impl Media for EchoMedia {
    fn exchange(&mut self, tick: &mut Tick<'_>) {
        for channel in tick.active() {
            let Some(tx) = tick.tx_i16(channel) else { continue };
            let copy: Vec<i16> = tx.to_vec();
            tick.rx_i16(channel).copy_from_slice(&copy);
            tick.set_rx_valid(channel);
        }
        if tick.frame() >= CODED {
            coded(tick);
        }
        let _ = self.0.try_post(&Event::Lost { count: 0 });
    }
}

/// From this frame on channel 0 is coded, where the host can have that.
const CODED: u64 = 100;

fn coded(tick: &mut Tick<'_>) {
    for (channel, format) in [(2, Format::G729), (0, Format::Opus), (0, Format::L16Full)] {
        assert!(!tick.set_format(channel, format), "{format:?} on {channel} cannot be");
    }
    let wanted = tick.format(0) == Format::G729 && tick.tx_format(0) == Format::G729;
    let said = tick.tx_payload(0).filter(|_| wanted).map(<[u8]>::to_vec);
    if !tick.set_format(0, Format::G729) {
        assert_eq!((tick.format(0), tick.rx(0).len()), (Format::L16, 320), "an old host");
        return;
    }
    assert_eq!((tick.format(0), tick.rx(0).len(), tick.rx_i16(0).len()), (Format::G729, 22, 0));
    assert!(!tick.set_rx_payload(0, &[0; 21]), "more than a slot has room for");
    assert!(tick.set_rx_payload(0, said.as_deref().unwrap_or(&[7; 10])));
}

fn accept() -> ccd_accept {
    let offer = ccd_offer {
        size: size_of::<ccd_offer>() as u32,
        abi_min: CCD_ABI_1_0,
        abi_max: CCD_ABI_1_0 + 5,
        flags: 0,
        host_name: null(),
        host_version: null(),
        driver_path: null(),
    };
    // SAFETY: all-zero is a value of ccd_accept; offer and accept are whole.
    unsafe {
        let mut accept: ccd_accept = zeroed();
        accept.size = size_of::<ccd_accept>() as u32;
        assert_eq!(negotiate_fn::<Echo>()(&offer, &mut accept), CCD_OK);
        let newer = ccd_offer { abi_min: CCD_ABI_1_0 + 1, ..offer };
        assert_eq!(negotiate::<Echo>(&newer, &mut accept), CCD_E_VERSION);
        assert_eq!(negotiate::<Echo>(&offer, null_mut()), CCD_E_ARG);
        let mut short = ccd_accept { size: 16, ..accept };
        assert_eq!(negotiate::<Echo>(&offer, &mut short), CCD_E_ARG);
        accept
    }
}

struct Opened {
    vt: &'static ccd_driver_vt,
    drv: *mut c_void,
    dev: *mut c_void,
    host: ccd_host,
}

impl Opened {
    fn new(heard: &Heard) -> Self {
        let host = host(heard);
        // SAFETY: the tables are static; the rest is what the contract asks for.
        unsafe {
            let vt = &*accept().vt;
            let (mut drv, mut dev) = (null_mut(), null_mut());
            assert_eq!(vt.create.expect("set")(&host, &mut drv, null_mut()), CCD_OK);
            let open = vt.open.expect("set");
            assert_eq!(open(drv, c"one".as_ptr(), &host, &mut dev, null_mut()), CCD_OK);
            Self { vt, drv, dev, host }
        }
    }

    fn open(&self, uid: &CStr, size: usize) -> (i32, String) {
        // SAFETY: as above.
        unsafe {
            let mut err = ccd_error { size: size as u32, ..ccd_error::zeroed() };
            let mut dev = null_mut();
            let open = self.vt.open.expect("set");
            let status = open(self.drv, uid.as_ptr(), &self.host, &mut dev, &mut err);
            (status, CStr::from_ptr(err.text.as_ptr()).to_string_lossy().into_owned())
        }
    }

    fn extension<T>(&self, id: &CStr) -> Option<&'static T> {
        // SAFETY: tables are static.
        unsafe { self.vt.extension.expect("set")(self.drv, id.as_ptr()).cast::<T>().as_ref() }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // SAFETY: closed and destroyed once.
        unsafe {
            self.vt.close.expect("set")(self.dev);
            self.vt.destroy.expect("set")(self.drv);
        }
    }
}

#[repr(C, align(4096))]
struct Memory([u8; 4096]);

/// A frame of two channels without formats; the sets outlive it.
fn tick(frame: u64, active: &[u64; 1], valid: &[u64; 1], heard_rx: &mut [u64; 1]) -> ccd_tick {
    ccd_tick {
        size: size_of::<ccd_tick>() as u32,
        words: 1,
        frame,
        t_ns: 0,
        flags: 0,
        late: 0,
        active: active.as_ptr(),
        tx_valid: valid.as_ptr(),
        rx_valid: heard_rx.as_mut_ptr(),
        rx_format: null_mut(),
        tx_format: null(),
    }
}

fn setup(memory: &mut Memory) -> ccd_media_setup {
    ccd_media_setup {
        size: size_of::<ccd_media_setup>() as u32,
        frame_samples: 160,
        depth: 2,
        stride: 320,
        channels: 2,
        codec: CCD_L16,
        base: memory.0.as_mut_ptr().cast(),
        bytes: 4096,
        rx_off: 0,
        tx_off: 1280,
        pool_fd: -1,
    }
}

#[test]
fn enumerates_to_the_end_and_clamps_to_the_struct_it_is_given() {
    let heard = Heard::default();
    let opened = Opened::new(&heard);
    let enumerate = opened.vt.enumerate.expect("set");
    for (size, expected) in [(280 + 40, 280), (280, 280), (88, 88), (2, 2)] {
        let mut room = Box::new(Memory([0xAA; 4096]));
        // SAFETY: room is aligned and larger than each size said.
        unsafe {
            let at = room.0.as_mut_ptr().cast::<ccd_device_info>();
            at.cast::<u32>().write(size);
            assert_eq!(enumerate(opened.drv, 0, at), CCD_OK);
            assert_eq!(at.cast::<u32>().read(), expected);
        }
        assert!(room.0[expected.max(4) as usize..].iter().all(|b| *b == 0xAA), "wrote past the struct");
    }
    let mut info = ccd_device_info { size: 280, ..ccd_device_info::zeroed() };
    // SAFETY: whole structs.
    unsafe {
        assert_eq!(enumerate(opened.drv, 1, &mut info), CCD_OK);
        assert_eq!(CStr::from_ptr(info.uid.as_ptr()), c"two");
        assert_eq!(CStr::from_ptr(info.model.as_ptr()).to_str().map(str::len), Ok(62));
        assert_eq!(enumerate(opened.drv, 2, &mut info), CCD_E_END);
        assert_eq!(enumerate(opened.drv, 0, null_mut()), CCD_E_ARG);
        assert_eq!(enumerate(null_mut(), 0, &mut info), CCD_E_ARG);
    }
}

#[test]
fn opening_tells_what_is_wrong() {
    let heard = Heard::default();
    let opened = Opened::new(&heard);
    let (status, text) = opened.open(c"three", size_of::<ccd_error>());
    assert_eq!(status, CCD_E_GONE);
    assert!(text.contains("three") && text.contains("enumerate"), "{text}");
    let (status, text) = opened.open(c"one", 24);
    assert_eq!((status, text.len()), (CCD_E_BUSY, 8), "cut to the caller's struct");
    assert_eq!(opened.open(c"\xff", size_of::<ccd_error>()).0, CCD_E_ARG);
}

#[test]
fn unknown_extensions_are_null_and_known_ones_stay() {
    let heard = Heard::default();
    let opened = Opened::new(&heard);
    for id in [c"callcore.bus/1", c"callcore.device/2", c"", c"\xff\xfe"] {
        assert!(opened.extension::<u32>(id).is_none(), "{id:?}");
    }
    let first: *const ccd_device_vt = opened.extension(c"callcore.device/1").expect("required");
    let again: *const ccd_device_vt = opened.extension(c"callcore.device/1").expect("required");
    assert_eq!(first, again);
}

#[test]
fn commands_need_a_started_device_and_end_in_one_done() {
    let heard = Heard::default();
    let opened = Opened::new(&heard);
    let device: &ccd_device_vt = opened.extension(c"callcore.device/1").expect("required");
    let calls: &ccd_call_vt = opened.extension(c"callcore.call/1").expect("offered");
    let lines: &ccd_line_vt = opened.extension(c"callcore.line/1").expect("offered");
    let mut memory = Box::new(Memory([0; 4096]));
    let setup = setup(&mut memory);
    // SAFETY: all-zero is a value; strings are literals; the pool outlives stop.
    unsafe {
        let mut make: ccd_make = zeroed();
        make.size = size_of::<ccd_make>() as u32;
        (make.called, make.via) = (c"100".as_ptr(), c"trunk".as_ptr());
        let call = calls.make.expect("set");
        assert_eq!(call(opened.dev, 0, 2, &make, 5), CCD_E_STATE);
        let bad = ccd_media_setup { tx_off: 4096, ..setup };
        assert_eq!(device.start.expect("set")(opened.dev, &bad, null_mut()), CCD_E_ARG);
        assert_eq!(device.start.expect("set")(opened.dev, &setup, null_mut()), CCD_OK);
        assert_eq!(device.start.expect("set")(opened.dev, &setup, null_mut()), CCD_E_STATE);
        assert_eq!(call(opened.dev, 1, 2, &make, 5), CCD_OK);
        assert_eq!(call(opened.dev, 2, 2, &make, 6), CCD_E_ARG);
        assert_eq!(call(opened.dev, 0, 3, &make, 6), CCD_E_ARG);
        assert_eq!(call(opened.dev, CCD_NO_CHAN, 4, &make, 6), CCD_E_ARG);
        assert_eq!(calls.answer.expect("set")(opened.dev, 9, 7), CCD_E_INTERNAL);
        assert_eq!(calls.drop.expect("set")(opened.dev, 9, 255, 8), CCD_E_GONE);
        assert_eq!(calls.hold.expect("set")(opened.dev, 9, 1, 8), CCD_E_UNSUPPORTED);
        assert_eq!(calls.accept.expect("set")(opened.dev, 9, 77, 8), CCD_E_ARG);
        assert_eq!(device.service.expect("set")(opened.dev, CCD_NO_CHAN, 1, 8), CCD_E_ARG);
        let send = lines.send_digits.expect("set");
        assert_eq!(send(opened.dev, 0, 1, c"12x".as_ptr(), 0, 0, 8), CCD_E_ARG);
        assert_eq!(device.stop.expect("set")(opened.dev), CCD_OK);
        assert_eq!(device.stop.expect("set")(opened.dev), CCD_E_STATE);
        assert_eq!(call(opened.dev, 1, 4, &make, 9), CCD_E_STATE);
    }
    let heard = heard.lock().clone();
    assert_eq!(heard, [(CCD_EV_DIALING, 1, 0, 1, 2), (CCD_EV_DONE, 2, 5, 1, 2)]);
}

#[test]
fn a_frame_goes_to_the_active_channels_only() {
    let heard = Heard::default();
    let opened = Opened::new(&heard);
    let device: &ccd_device_vt = opened.extension(c"callcore.device/1").expect("required");
    let media: &ccd_media_vt = opened.extension(c"callcore.media/1").expect("offered");
    let mut memory = Box::new(Memory([3; 4096]));
    memory.0[1280..].fill(9);
    let setup = setup(&mut memory);
    let (active, valid, mut heard_rx) = ([0b10], [0b11], [0]);
    let mut tick = tick(5, &active, &valid, &mut heard_rx);
    let exchange = media.exchange.expect("set");
    // SAFETY: the pool and the sets outlive the calls.
    unsafe {
        assert_eq!(exchange(opened.dev, &mut tick), CCD_E_STATE);
        assert_eq!(device.start.expect("set")(opened.dev, &setup, null_mut()), CCD_OK);
        assert_eq!(exchange(opened.dev, &mut tick), CCD_OK);
        assert_eq!(media.wait.expect("set")(opened.dev, 0), CCD_E_UNSUPPORTED);
        assert_eq!(exchange(opened.dev, null_mut()), CCD_E_ARG);
        tick.words = 0;
        assert_eq!(exchange(opened.dev, &mut tick), CCD_E_ARG);
        assert_eq!(device.stop.expect("set")(opened.dev), CCD_OK);
        assert_eq!(exchange(opened.dev, &mut tick), CCD_E_STATE);
    }
    assert_eq!(heard_rx, [0b10]);
    // frame 5 of depth 2 is row 1; channel 1 is its second slot
    assert!(memory.0[..960].iter().all(|b| *b == 3) && memory.0[960..1280].iter().all(|b| *b == 9));
}

#[test]
fn a_channel_has_a_format_of_its_own_and_keeps_it() {
    let heard = Heard::default();
    let opened = Opened::new(&heard);
    let device: &ccd_device_vt = opened.extension(c"callcore.device/1").expect("required");
    let media: &ccd_media_vt = opened.extension(c"callcore.media/1").expect("offered");
    let mut memory = Box::new(Memory([0; 4096]));
    let setup = setup(&mut memory);
    let (active, valid, mut heard_rx) = ([0b11], [0b11], [0]);
    let (mut rx_format, mut tx_format) = ([0; 2], [0; 2]);
    let mut tick = ccd_tick {
        rx_format: rx_format.as_mut_ptr(),
        tx_format: tx_format.as_ptr(),
        ..tick(CODED, &active, &valid, &mut heard_rx)
    };
    let exchange = media.exchange.expect("set");
    // SAFETY: pool, sets and formats outlive the calls; they are read and written between the calls only.
    let first = unsafe {
        assert_eq!(device.start.expect("set")(opened.dev, &setup, null_mut()), CCD_OK);
        // a host from before formats: whatever lies behind its tick is not looked at
        let mut old = ccd_tick { size: 56, rx_format: std::ptr::dangling_mut(), ..tick };
        assert_eq!(exchange(opened.dev, &mut old), CCD_OK);
        old.size = 48;
        assert_eq!(exchange(opened.dev, &mut old), CCD_E_ARG);
        assert_eq!(exchange(opened.dev, &mut tick), CCD_OK);
        memory.0[..12].to_vec()
    };
    assert_eq!((rx_format, heard_rx), ([CCD_G729 as u8, 0], [0b11]));
    assert_eq!(
        (&first[..2], &first[2..]),
        (&10u16.to_ne_bytes()[..], &[7; 10][..]),
        "ten bytes behind their length"
    );
    // the host follows: its payload comes back; one that claims to be longer than its slot is not taken
    for (length, expected) in [(5u16, &[9, 9, 9, 9, 9][..]), (21, &[7; 10])] {
        tx_format[0] = CCD_G729 as u8;
        memory.0[1280..1282].copy_from_slice(&length.to_ne_bytes());
        memory.0[1282..1302].fill(9);
        tick.tx_format = tx_format.as_ptr();
        // SAFETY: as above.
        assert_eq!(unsafe { exchange(opened.dev, &mut tick) }, CCD_OK);
        assert_eq!(memory.0[2..2 + expected.len()], *expected);
        assert_eq!(memory.0[..2], (expected.len() as u16).to_ne_bytes());
    }
}
