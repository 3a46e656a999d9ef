//! One opened device: its tables, called in order and one at a time, from its birth to its end.

use super::host::{Context, Request};
use super::load::{Accepted, LoadError};
use super::media::MediaHalf;
use super::pool::{FRAME_SAMPLES, Pool};
use super::table::{Table, copy_table};
use crate::board::{BoardCommand, ChannelInfo, Kind, Step};
use callcore_codec::Format;
use callcore_driver_sys::*;
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::Arc;

/// More devices than one driver will ever find; one that never ends its list ends here.
const DEVICES_MAX: u32 = 1024;
/// More channels than any board has.
const CHANNELS_MAX: u32 = 65_536;

/// What is needed to open a device.
pub(crate) struct Opening<'a> {
    /// The driver, as it agreed.
    pub(crate) accepted: Accepted,
    /// Its name for messages.
    pub(crate) driver: &'a str,
    /// Which of its devices; `None`: the only one.
    pub(crate) uid: Option<&'a str>,
    /// For what the driver itself says; nothing is posted here.
    pub(crate) driver_context: &'static Context,
    /// For what the device says.
    pub(crate) context: &'static Context,
}

/// A device. [control] functions only: whoever has it is its control thread.
pub(crate) struct Device {
    driver: Driver,
    dev: *mut c_void,
    context: &'static Context,
    device_vt: ccd_device_vt,
    call_vt: ccd_call_vt,
    line_vt: ccd_line_vt,
    media_vt: ccd_media_vt,
    info: ccd_device_info,
    channels: Vec<ccd_channel_info>,
    /// Freed after stop: the driver may use it until then.
    pool: Option<Arc<Pool>>,
    started: bool,
    requests: u64,
}

// SAFETY: [control] functions may be called by any thread, one at a time, which owning the device ensures.
unsafe impl Send for Device {}

/// An instance of a driver; destroyed after its device is closed.
struct Driver {
    drv: *mut c_void,
    vt: ccd_driver_vt,
    name: String,
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(destroy) = self.vt.destroy {
            // SAFETY: made by create, destroyed once; its device was closed before.
            unsafe { destroy(self.drv) };
        }
    }
}

impl Driver {
    fn create(accepted: &Accepted, name: &str, context: &'static Context) -> Result<Self, LoadError> {
        let create = accepted.vt.create.expect("negotiate has looked");
        let (mut drv, mut err) = (null_mut(), empty_error());
        // SAFETY: the table and its context live for ever, the places for the answers through the call.
        let status = unsafe { create(context.table(), &raw mut drv, &raw mut err) };
        check(name, "start", status, &err)?;
        Ok(Self { drv, vt: accepted.vt, name: name.to_owned() })
    }

    fn enumerate(&self) -> Result<Vec<ccd_device_info>, LoadError> {
        let enumerate = self.vt.enumerate.expect("negotiate has looked");
        let mut found = Vec::new();
        for index in 0..DEVICES_MAX {
            let mut info =
                ccd_device_info { size: size_of::<ccd_device_info>() as u32, ..ccd_device_info::zeroed() };
            // SAFETY: the driver is alive, the place for the answer says its size.
            match unsafe { enumerate(self.drv, index, &raw mut info) } {
                CCD_OK => found.push(info),
                CCD_E_END => break,
                status => check(&self.name, "list its devices", status, &empty_error())?,
            }
        }
        Ok(found)
    }

    /// The device that is meant: the one named, or the only one.
    fn choose(&self, uid: Option<&str>) -> Result<ccd_device_info, LoadError> {
        let found = self.enumerate()?;
        let uids = || found.iter().map(|info| text(&info.uid)).collect::<Vec<_>>().join(", ");
        let none = |text: String| LoadError::Device { driver: self.name.clone(), text };
        match uid {
            Some(uid) => found.iter().find(|info| text(&info.uid) == uid).copied().ok_or_else(|| {
                none(format!("has no device \"{uid}\"; it has: {}. Set \"uid\" to one of them", uids()))
            }),
            None if found.len() == 1 => Ok(found[0]),
            None if found.is_empty() => {
                Err(none("finds no device: check the hardware and its configuration".into()))
            }
            None => Err(none(format!("finds several devices: set \"uid\" to one of {}", uids()))),
        }
    }

    fn extension<T: Table>(&self, id: &CStr) -> Option<T> {
        let extension = self.vt.extension.expect("negotiate has looked");
        // SAFETY: the driver is alive; what it gives for this id is NULL or this table, as long as the library lives.
        unsafe { copy_table(extension(self.drv, id.as_ptr())) }
    }
}

fn empty_error() -> ccd_error {
    ccd_error { size: size_of::<ccd_error>() as u32, ..ccd_error::zeroed() }
}

/// The text of a fixed field.
fn text(field: &[c_char]) -> String {
    let bytes: Vec<u8> = field.iter().map(|c| c.cast_unsigned()).take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn check(driver: &str, what: &'static str, status: ccd_status, err: &ccd_error) -> Result<(), LoadError> {
    if status >= 0 {
        return Ok(());
    }
    let said = text(&err.text);
    Err(LoadError::Refused {
        driver: driver.to_owned(),
        what,
        text: if said.is_empty() { "no reason given".to_owned() } else { said },
        code: status,
        vendor_code: err.vendor_code,
    })
}

impl Device {
    /// Create the driver and open its device.
    pub(crate) fn open(opening: &Opening<'_>) -> Result<Self, LoadError> {
        let driver = Driver::create(&opening.accepted, opening.driver, opening.driver_context)?;
        let info = driver.choose(opening.uid)?;
        let broken =
            |text: &str| LoadError::Broken { driver: opening.driver.to_owned(), text: text.to_owned() };
        let device_vt = driver.extension::<ccd_device_vt>(c"callcore.device/1");
        let device_vt = device_vt.ok_or_else(|| broken("it lacks callcore.device/1"))?;
        if device_vt.channel.is_none() || device_vt.start.is_none() || device_vt.stop.is_none() {
            return Err(broken("its callcore.device/1 lacks channel, start or stop"));
        }
        let mut device = Self {
            call_vt: driver.extension(c"callcore.call/1").unwrap_or(Table::EMPTY),
            line_vt: driver.extension(c"callcore.line/1").unwrap_or(Table::EMPTY),
            media_vt: driver.extension(c"callcore.media/1").unwrap_or(Table::EMPTY),
            device_vt,
            dev: open_device(&driver, &info, opening.context)?,
            context: opening.context,
            driver,
            info,
            channels: Vec::new(),
            pool: None,
            started: false,
            requests: 0,
        };
        let is_clocked = device.info.paced_by == CCD_PACED_BY_DRIVER;
        if is_clocked && device.media_vt.exchange.is_some() && device.media_vt.wait.is_none() {
            return Err(broken("its device paces itself, but callcore.media/1 has no wait"));
        }
        device.read_channels()?;
        Ok(device)
    }

    fn read_channels(&mut self) -> Result<(), LoadError> {
        let channel = self.device_vt.channel.expect("open has looked");
        let name = self.driver.name.clone();
        if self.info.channels == 0 || self.info.channels > CHANNELS_MAX {
            let text =
                format!("has a device with {} channels; 1 to {CHANNELS_MAX} can be", self.info.channels);
            return Err(LoadError::Device { driver: name, text });
        }
        for index in 0..self.info.channels {
            let size = size_of::<ccd_channel_info>() as u32;
            let mut info = ccd_channel_info { size, ..ccd_channel_info::zeroed() };
            // SAFETY: the device is open, the place for the answer says its size.
            let status = unsafe { channel(self.dev, index, &raw mut info) };
            check(&name, "describe a channel", status, &empty_error())?;
            self.channels.push(info);
        }
        Ok(())
    }

    /// The set of formats that any of its channels can have.
    pub(crate) fn formats(&self) -> u32 {
        self.channels.iter().fold(0, |set, info| set | info.codecs)
    }

    /// How many channels it has.
    pub(crate) fn channel_count(&self) -> usize {
        self.channels.len()
    }

    /// Let simulated people do something; only a simulator knows how.
    pub(crate) fn act(&mut self, line: &str) -> Result<(), LoadError> {
        let act = self.driver.extension::<act::ccd_act_vt>(act::ACT_ID).and_then(|vt| vt.act);
        let Some(act) = act else {
            let text = "has no simulated people: acts are for the simulator".to_owned();
            return Err(LoadError::Device { driver: self.driver.name.clone(), text });
        };
        let (line, mut err) = (CString::new(line.replace('\0', " ")).unwrap_or_default(), empty_error());
        // SAFETY: the device is open; the line and the place for the answer live through the call.
        let status = unsafe { act(self.dev, line.as_ptr(), &raw mut err) };
        check(&self.driver.name, "act", status, &err)
    }

    /// For people: model and serial number.
    pub(crate) fn describe(&self) -> String {
        format!("{} {}", text(&self.info.model), text(&self.info.uid)).trim().to_owned()
    }

    /// What the core is told of the channels.
    fn channel_infos(&self) -> Vec<ChannelInfo> {
        let kind = |kind| match kind {
            CCD_KIND_FXO => Kind::Fxo,
            CCD_KIND_FXS => Kind::Fxs,
            CCD_KIND_BEARER => Kind::Bearer,
            CCD_KIND_VOIP => Kind::Voip,
            other => Kind::Other(other),
        };
        self.channels.iter().map(|info| ChannelInfo { kind: kind(info.kind), caps: info.caps }).collect()
    }

    /// Begin traffic. The device is announced to the core before anything it posts; the media half exists if the
    /// driver has media.
    pub(crate) fn start(&mut self) -> Result<Option<MediaHalf>, LoadError> {
        let formats = self.formats();
        let pool = Arc::new(Pool::new(self.info.channels, self.choose_format()?, formats));
        let spans = self.channels.iter().map(|info| info.span).collect();
        self.context.accept(self.channel_infos(), spans);
        let (setup, mut err) = (pool.setup(), empty_error());
        let start = self.device_vt.start.expect("open has looked");
        // SAFETY: the device is open; the pool lives until after stop.
        let status = unsafe { start(self.dev, &raw const setup, &raw mut err) };
        check(&self.driver.name, "start its device", status, &err)?;
        self.started = true;
        self.pool = Some(Arc::clone(&pool));
        let paced_by_driver = self.info.paced_by == CCD_PACED_BY_DRIVER;
        let has_media = self.media_vt.exchange.is_some();
        Ok(has_media.then(|| MediaHalf::new(self.dev, self.media_vt, pool, paced_by_driver)))
    }

    /// The pool's own format: L16 when every channel can do it, else the law that all have in common.
    fn choose_format(&self) -> Result<Format, LoadError> {
        let refuse = |text: String| LoadError::Device { driver: self.driver.name.clone(), text };
        let fits = |info: &ccd_channel_info| {
            info.frame_max == 0 || (info.frame_min..=info.frame_max).contains(&FRAME_SAMPLES)
        };
        if let Some(index) = self.channels.iter().position(|info| !fits(info)) {
            return Err(refuse(format!(
                "cannot do frames of 20 ms ({FRAME_SAMPLES} samples) on channel {index}"
            )));
        }
        let common = self.channels.iter().fold(u32::MAX, |all, info| all & info.codecs);
        let mut own = [Format::L16, Format::ALaw, Format::MuLaw].into_iter();
        own.find(|format| common & format.code() != 0).ok_or_else(|| {
            refuse("has channels without a sample format in common (A-law, mu-law, L16)".into())
        })
    }

    fn request(&mut self, kind: Request) -> ccd_req {
        self.requests += 1;
        kind.number(self.requests)
    }

    /// Switch a channel's media.
    pub(crate) fn enable(&mut self, index: u32, on: bool) -> ccd_status {
        let req = self.request(Request::Enable);
        // SAFETY: the device is started.
        self.media_vt.enable.map_or(CCD_OK, |enable| unsafe { enable(self.dev, index, i32::from(on), req) })
    }

    /// Carry out a command; below zero it is refused and nothing follows.
    pub(crate) fn command(&mut self, command: &BoardCommand) -> ccd_status {
        if !self.started {
            return CCD_E_STATE;
        }
        match command {
            BoardCommand::Make { .. } => self.make(command),
            BoardCommand::SendDigits { channel, digits } => self.send_digits(channel.index, digits.as_str()),
            BoardCommand::Replay { .. } => self.replay(),
            BoardCommand::Accept { call, step, .. } => {
                let req = self.request(Request::Accept);
                // SAFETY: the device is started; here and below.
                self.call_vt
                    .accept
                    .map_or(CCD_E_UNSUPPORTED, |f| unsafe { f(self.dev, call.0, step_to_c(*step), req) })
            }
            BoardCommand::Answer { call, .. } => {
                let req = self.request(Request::Answer);
                // SAFETY: as above.
                self.call_vt.answer.map_or(CCD_E_UNSUPPORTED, |f| unsafe { f(self.dev, call.0, req) })
            }
            BoardCommand::Drop { call, q850, .. } => {
                let req = self.request(Request::Drop);
                // SAFETY: as above.
                self.call_vt
                    .drop
                    .map_or(CCD_E_UNSUPPORTED, |f| unsafe { f(self.dev, call.0, u16::from(*q850), req) })
            }
            BoardCommand::Hold { call, on, .. } => {
                let req = self.request(Request::Hold);
                // SAFETY: as above.
                self.call_vt
                    .hold
                    .map_or(CCD_E_UNSUPPORTED, |f| unsafe { f(self.dev, call.0, i32::from(*on), req) })
            }
        }
    }

    fn make(&mut self, command: &BoardCommand) -> ccd_status {
        let BoardCommand::Make { channel, call, called, calling, name, via } = command else {
            return CCD_E_ARG;
        };
        let c = |text: &str| CString::new(text).ok();
        let (Some(called), Some(calling), Some(name)) = (c(called), c(calling), c(name)) else {
            return CCD_E_ARG;
        };
        let via = match via.as_deref().map(CString::new).transpose() {
            Ok(via) => via,
            Err(_) => return CCD_E_ARG,
        };
        let make = ccd_make {
            size: size_of::<ccd_make>() as u32,
            flags: 2,
            called: called.as_ptr(),
            calling: calling.as_ptr(),
            name: name.as_ptr(),
            via: via.as_ref().map_or(null(), |via| via.as_ptr()),
            ton_npi: 0,
            presentation: 0,
            timeout_ms: 0,
            reserved: 0,
            json: null(),
        };
        let req = self.request(Request::Make);
        let Some(f) = self.call_vt.make else { return CCD_E_UNSUPPORTED };
        // SAFETY: the device is started; the struct and its strings live through the call.
        unsafe { f(self.dev, channel.index, call.0, &raw const make, req) }
    }

    fn send_digits(&mut self, index: u32, digits: &str) -> ccd_status {
        let req = self.request(Request::Digits);
        let Ok(digits) = CString::new(digits) else { return CCD_E_ARG };
        let Some(f) = self.line_vt.send_digits else { return CCD_E_UNSUPPORTED };
        // SAFETY: the device is started; the string lives through the call.
        unsafe { f(self.dev, index, i32::from(CCD_DIGIT_DTMF), digits.as_ptr(), 0, 0, req) }
    }

    /// Ask every channel, then for what belongs to none; the last answer, or refusal, completes it.
    fn replay(&mut self) -> ccd_status {
        self.context.begin_replay(self.info.channels + 1);
        for index in (0..self.info.channels).chain([CCD_NO_CHAN]) {
            let req = self.request(Request::Replay);
            // SAFETY: the device is started.
            let status =
                self.device_vt.replay.map_or(CCD_E_UNSUPPORTED, |f| unsafe { f(self.dev, index, req) });
            if status < 0 && self.context.replayed_one() {
                return if self.context.report_replayed() { CCD_OK } else { CCD_E_FULL };
            }
        }
        CCD_OK
    }

    /// End traffic; what the driver posts afterwards is not taken. The media half must be gone.
    pub(crate) fn stop(&mut self) {
        if !std::mem::take(&mut self.started) {
            return;
        }
        let stop = self.device_vt.stop.expect("open has looked");
        // SAFETY: the device is started; no other function of it runs.
        let status = unsafe { stop(self.dev) };
        self.context.deafen();
        if status < 0 {
            self.context.log.warn(self.context, &format!("the driver's stop returned {status}"));
        }
        self.pool = None;
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.stop();
        self.context.deafen();
        if let Some(close) = self.driver.vt.close {
            // SAFETY: opened once, closed once; its driver is destroyed after this.
            unsafe { close(self.dev) };
        }
    }
}

fn open_device(
    driver: &Driver,
    info: &ccd_device_info,
    context: &'static Context,
) -> Result<*mut c_void, LoadError> {
    let open = driver.vt.open.expect("negotiate has looked");
    let uid = CString::new(text(&info.uid)).expect("text ends before the first NUL");
    let (mut dev, mut err) = (null_mut(), empty_error());
    // SAFETY: the driver is alive; uid and the places for the answers live through the call, the table for ever.
    let status = unsafe { open(driver.drv, uid.as_ptr(), context.table(), &raw mut dev, &raw mut err) };
    check(&driver.name, "open its device", status, &err)?;
    Ok(dev)
}

fn step_to_c(step: Step) -> i32 {
    match step {
        Step::Proceeding => CCD_STEP_PROCEEDING,
        Step::Alerting => CCD_STEP_ALERTING,
        Step::Progress => CCD_STEP_PROGRESS,
    }
}
