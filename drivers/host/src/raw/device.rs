//! One open device: its tables, called in order and one at a time, from its birth to its end.

use super::driver::Instance;
use super::host::HostTable;
use super::media::{Gate, RawMedia};
use super::table::Table;
use super::{broken, check, empty_error};
use crate::command::{BusAddress, Command, Function};
use crate::error::LoadError;
use crate::info::{BusInfo, ChannelInfo, DeviceInfo};
use crate::pool::Pool;
use crate::seam::{Device, Media};
use crate::text::to_c;
use callcore_driver_sys::*;
use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::sync::Arc;

/// More channels than any board has.
const CHANNELS_MAX: u32 = 65_536;
/// More counters than any board has.
const STATS_MAX: usize = 1 << 20;

/// The tables of a device; those that the driver lacks are empty.
pub(super) struct Tables {
    pub(super) device: ccd_device_vt,
    pub(super) call: ccd_call_vt,
    pub(super) line: ccd_line_vt,
    pub(super) media: ccd_media_vt,
    pub(super) bus: ccd_bus_vt,
}

impl Tables {
    fn of(instance: &Instance) -> Result<Self, LoadError> {
        let device = instance.extension::<ccd_device_vt>(c"callcore.device/1");
        let device = device.ok_or_else(|| broken(&instance.name, "it lacks callcore.device/1"))?;
        if device.channel.is_none() || device.start.is_none() || device.stop.is_none() {
            return Err(broken(&instance.name, "its callcore.device/1 lacks channel, start or stop"));
        }
        Ok(Self {
            device,
            call: instance.extension(c"callcore.call/1").unwrap_or(Table::EMPTY),
            line: instance.extension(c"callcore.line/1").unwrap_or(Table::EMPTY),
            media: instance.extension(c"callcore.media/1").unwrap_or(Table::EMPTY),
            bus: instance.extension(c"callcore.bus/1").unwrap_or(Table::EMPTY),
        })
    }
}

pub(super) struct RawDevice {
    instance: Arc<Instance>,
    pub(super) dev: *mut c_void,
    host: HostTable,
    pub(super) tables: Tables,
    info: DeviceInfo,
    channels: Vec<ChannelInfo>,
    /// From start to stop; the driver may use the pool as long.
    running: Option<(Arc<Pool>, Arc<Gate>)>,
}

// SAFETY: [control] functions may be called by any thread, one at a time, which owning the device ensures.
unsafe impl Send for RawDevice {}

impl RawDevice {
    pub(super) fn open(
        instance: &Arc<Instance>,
        drv: *mut c_void,
        info: DeviceInfo,
        host: HostTable,
    ) -> Result<Self, LoadError> {
        let tables = Tables::of(instance)?;
        let open = instance.vt.open.expect("negotiate has looked");
        let uid = to_c(&info.uid).expect("a text ends before the first NUL");
        let (mut dev, mut err) = (null_mut(), empty_error());
        // SAFETY: the driver is alive; uid and the places for the answers live through the call, the table until after close.
        let status = unsafe { open(drv, uid.as_ptr(), host.table(), &raw mut dev, &raw mut err) };
        check(&instance.name, "open its device", status, &err)?;
        let instance = Arc::clone(instance);
        let mut device = Self { instance, dev, host, tables, info, channels: Vec::new(), running: None };
        let media = &device.tables.media;
        let pushes = device.info.flags & CCD_DEV_PUSHES != 0;
        if !pushes
            && device.info.paced_by == CCD_PACED_BY_DRIVER
            && media.exchange.is_some()
            && media.wait.is_none()
        {
            return Err(device.broken("its device paces itself, but callcore.media/1 has no wait"));
        }
        device.read_channels()?;
        if device.info.flags & CCD_DEV_PUSHES != 0 {
            device.host.set_channels(device.info.channels);
        }
        Ok(device)
    }

    fn broken(&self, text: &str) -> LoadError {
        broken(&self.instance.name, text)
    }

    fn read_channels(&mut self) -> Result<(), LoadError> {
        let channel = self.tables.device.channel.expect("open has looked");
        let count = self.info.channels;
        if count == 0 || count > CHANNELS_MAX {
            let text = format!("has a device with {count} channels; 1 to {CHANNELS_MAX} can be");
            return Err(LoadError::Device { driver: self.instance.name.clone(), text });
        }
        for index in 0..count {
            let size = size_of::<ccd_channel_info>() as u32;
            let mut info = ccd_channel_info { size, ..ccd_channel_info::zeroed() };
            // SAFETY: the device is open, the place for the answer says its size.
            let status = unsafe { channel(self.dev, index, &raw mut info) };
            check(&self.instance.name, "describe a channel", status, &empty_error())?;
            self.channels.push(ChannelInfo::from(&info));
        }
        Ok(())
    }
}

impl Device for RawDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn channels(&self) -> &[ChannelInfo] {
        &self.channels
    }

    fn offers(&self, function: Function) -> bool {
        self.tables.offers(function)
    }

    fn start(&mut self, pool: &Arc<Pool>) -> Result<Option<Box<dyn Media>>, LoadError> {
        if self.running.is_some() {
            return Err(self.broken("its device was started twice"));
        }
        let (setup, mut err) = (pool.setup(), empty_error());
        let start = self.tables.device.start.expect("open has looked");
        // SAFETY: the device is open; the pool lives until after stop.
        let status = unsafe { start(self.dev, &raw const setup, &raw mut err) };
        check(&self.instance.name, "start its device", status, &err)?;
        let gate = Arc::new(Gate::default());
        self.running = Some((Arc::clone(pool), Arc::clone(&gate)));
        let media = self.tables.media;
        if self.info.flags & CCD_DEV_PUSHES != 0 {
            return Ok(None);
        }
        let instance = Arc::clone(&self.instance);
        Ok(media.exchange.map(|exchange| {
            Box::new(RawMedia::new(instance, self.dev, media, exchange, gate)) as Box<dyn Media>
        }))
    }

    fn stop(&mut self) -> ccd_status {
        let Some((pool, gate)) = self.running.take() else { return CCD_E_STATE };
        gate.close();
        let stop = self.tables.device.stop.expect("open has looked");
        // SAFETY: the device is started; no other function of it runs.
        let status = unsafe { stop(self.dev) };
        drop(pool);
        status
    }

    fn command(&mut self, command: &Command, req: ccd_req) -> ccd_status {
        if self.running.is_none() {
            return CCD_E_STATE;
        }
        self.call(command, req)
    }

    fn stats(&mut self) -> Result<String, ccd_status> {
        let stats = self.tables.device.stats.ok_or(CCD_E_UNSUPPORTED)?;
        let (mut json, mut need) = (vec![0u8; 4096], 0);
        loop {
            let at = json.as_mut_ptr().cast::<c_char>();
            // SAFETY: the device is open; the places for the answers live through the call, with the room that is said.
            let status = unsafe { stats(self.dev, at, json.len(), &raw mut need) };
            match status {
                CCD_E_ARG if need > json.len() && need <= STATS_MAX => json.resize(need, 0),
                status if status < 0 => return Err(status),
                _ => break,
            }
        }
        json.truncate(json.iter().position(|byte| *byte == 0).unwrap_or(json.len()));
        String::from_utf8(json).map_err(|_| CCD_E_INTERNAL)
    }

    fn act(&mut self, line: &str) -> Result<(), LoadError> {
        let act = self.instance.extension::<act::ccd_act_vt>(act::ACT_ID).and_then(|vt| vt.act);
        let Some(act) = act else {
            let text = "has no simulated people: acts are for the simulator".to_owned();
            return Err(LoadError::Device { driver: self.instance.name.clone(), text });
        };
        let line = to_c(&line.replace('\0', " ")).expect("every NUL was replaced");
        let mut err = empty_error();
        // SAFETY: the device is open; the line and the place for the answer live through the call.
        let status = unsafe { act(self.dev, line.as_ptr(), &raw mut err) };
        check(&self.instance.name, "act", status, &err)
    }

    fn bus(&mut self) -> Option<BusInfo> {
        let mut info = ccd_bus_info { size: size_of::<ccd_bus_info>() as u32, ..ccd_bus_info::zeroed() };
        // SAFETY: the device is open, the place for the answer says its size.
        let status = unsafe { self.tables.bus.info?(self.dev, &raw mut info) };
        (status >= 0).then(|| BusInfo::from(&info))
    }

    fn bus_source(&mut self, channel: ccd_chan) -> Result<BusAddress, ccd_status> {
        let source = self.tables.bus.source.ok_or(CCD_E_UNSUPPORTED)?;
        let mut out = ccd_bus_addr::zeroed();
        // SAFETY: the device is open, the place for the answer lives through the call.
        let status = unsafe { source(self.dev, channel, &raw mut out) };
        let ccd_bus_addr { domain, stream, slot } = out;
        if status < 0 { Err(status) } else { Ok(BusAddress { domain, stream, slot }) }
    }
}

impl Drop for RawDevice {
    fn drop(&mut self) {
        self.stop();
        if let Some(close) = self.instance.vt.close {
            // SAFETY: opened once, closed once; its driver is destroyed after this.
            unsafe { close(self.dev) };
        }
        self.host.close();
    }
}
