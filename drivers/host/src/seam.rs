//! The four traits at which a driver meets its host. Layers wrap them; a driver that is not there can be played by them.

use crate::command::{BusAddress, Command, Function};
use crate::error::LoadError;
use crate::event::BadSize;
use crate::info::{BusInfo, ChannelInfo, DeviceInfo, DriverInfo};
use crate::pool::Pool;
use callcore_driver_sys::*;
use std::sync::Arc;

/// A driver that runs. Its devices keep it alive: dropping this one does not end them.
pub trait Driver: Send {
    /// Who it is.
    fn info(&self) -> &DriverInfo;

    /// The devices there are now.
    ///
    /// # Errors
    /// It could not list them.
    fn enumerate(&mut self) -> Result<Vec<DeviceInfo>, LoadError>;

    /// Open the device `uid`, one of those listed; what it says comes to `host`. Dropping the device closes it.
    ///
    /// # Errors
    /// Why it cannot be used.
    fn open(&mut self, uid: &str, host: Arc<dyn Host>) -> Result<Box<dyn Device>, LoadError>;

    /// The JSON Schema of its configuration, if it gives one.
    fn schema(&self) -> Option<String>;
}

/// A device that is open: its `[control]` functions. Whoever has it calls one at a time, from any thread.
pub trait Device: Send {
    /// What it is.
    fn info(&self) -> &DeviceInfo;

    /// What its channels are, in their order.
    fn channels(&self) -> &[ChannelInfo];

    /// Whether its driver has the function.
    fn offers(&self, function: Function) -> bool;

    /// Begin traffic on this pool. The real-time half exists if the driver has media.
    ///
    /// # Errors
    /// Why it cannot run; the device is then as before.
    fn start(&mut self, pool: &Arc<Pool>) -> Result<Option<Box<dyn Media>>, LoadError>;

    /// End traffic; waits for a frame that is being exchanged. The pool is not used any more afterwards.
    fn stop(&mut self) -> ccd_status;

    /// Carry out a command; below zero it is refused and nothing follows, else `CCD_EV_DONE` with `req` does.
    fn command(&mut self, command: &Command, req: ccd_req) -> ccd_status;

    /// The driver's counters, a JSON object.
    ///
    /// # Errors
    /// It has none, or says why not.
    fn stats(&mut self) -> Result<String, ccd_status>;

    /// Let the people of a simulated device do something.
    ///
    /// # Errors
    /// It is no simulator, or does not understand the line.
    fn act(&mut self, line: &str) -> Result<(), LoadError>;

    /// Its bus; `None` for a device without.
    fn bus(&mut self) -> Option<BusInfo>;

    /// Where a channel talks on the bus.
    ///
    /// # Errors
    /// It does not.
    fn bus_source(&mut self, channel: ccd_chan) -> Result<BusAddress, ccd_status>;
}

/// The real-time half of a device that is started. Nothing in it allocates, locks or waits, but for [`Media::wait`].
pub trait Media: Send {
    /// One frame of all channels. After the device was stopped: `CCD_E_STATE`.
    fn exchange(&mut self, tick: &mut Tick<'_>) -> ccd_status;

    /// Sleep to the next frame of a device that paces itself; `CCD_E_UNSUPPORTED` from one that does not.
    fn wait(&mut self, timeout_us: u32) -> ccd_status;

    /// A file descriptor that can be read at each frame; `None` for a device without.
    fn tick_fd(&mut self) -> Option<i64>;
}

/// One frame, as `ccd_tick` has it. The samples are in the [`Pool`].
#[derive(Debug)]
pub struct Tick<'a> {
    /// The number of the frame.
    pub frame: u64,
    /// The host's clock.
    pub t_ns: u64,
    /// None are defined.
    pub flags: u32,
    /// Frames that were left out before this one.
    pub late: u32,
    /// Set of the channels that are on.
    pub active: &'a [u64],
    /// Set of those that have something to say.
    pub tx_valid: &'a [u64],
    /// Set of those that were heard: the driver's to write.
    pub rx_valid: &'a mut [u64],
    /// How each channel's rx is written and its tx wanted: the driver's to write; 0 is the pool's own format.
    pub rx_format: &'a mut [u8],
    /// How each channel's tx is written.
    pub tx_format: &'a [u8],
}

/// A frame that a board's own audio thread brings and takes: the other way round than [`Tick`]. What was heard is in the
/// [`Pool`] before, what is to be said is there afterwards.
#[derive(Debug)]
pub struct Push<'a> {
    /// The number of the frame.
    pub frame: u64,
    /// Set of the channels that were heard.
    pub rx_valid: &'a [u64],
    /// How each channel's rx is written and its tx wanted; empty: all in the pool's own format.
    pub rx_format: &'a [u8],
    /// Set of the channels that have something to say: the host's to write.
    pub tx_valid: &'a mut [u64],
    /// How each channel's tx is written: the host's to write; empty: nobody looks.
    pub tx_format: &'a mut [u8],
}

/// What a driver may ask of its host, from any thread. None of it blocks, and none of it calls the driver.
pub trait Host: Send + Sync {
    /// Take one event, the whole of it: `CCD_OK`, `CCD_E_FULL`, or why it is not taken.
    fn post(&self, event: &[u8]) -> ccd_status;

    /// An event was posted whose size cannot be; nothing of it was read.
    fn on_unreadable(&self, why: BadSize);

    /// Write a line: level 1 error .. 5 trace.
    fn log(&self, level: i32, target: &str, text: &str);

    /// Whether anybody reads lines of this level.
    fn log_enabled(&self, level: i32, target: &str) -> bool;

    /// The clock that events are stamped with, in nanoseconds.
    fn now_ns(&self) -> u64;

    /// A number of the configuration.
    ///
    /// # Errors
    /// `CCD_E_GONE` when it is not set, `CCD_E_CONFIG` when it is something else.
    fn cfg_int(&self, path: &str) -> Result<i64, ccd_status>;

    /// A text of the configuration.
    ///
    /// # Errors
    /// As for [`Host::cfg_int`].
    fn cfg_str(&self, path: &str) -> Result<String, ccd_status>;

    /// Take part in a frame of a device with `CCD_DEV_PUSHES`, which brings it itself.
    fn push(&self, push: &mut Push<'_>) -> ccd_status {
        let _ = push;
        CCD_E_UNSUPPORTED
    }
}
