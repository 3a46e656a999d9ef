//! The three traits a driver implements.

use crate::{ChannelInfo, DeviceInfo, DriverInfo, Error, Host, Make, MediaSetup, Step, Tick};
use std::ffi::CStr;

/// A driver: finds devices and opens them. All calls are serialised.
pub trait Driver: Send + Sized + 'static {
    /// Who it is.
    const INFO: DriverInfo;
    /// What [`Driver::open`] gives.
    type Device: Device;
    /// Id under which the driver offers [`Device::act`] as an extension (see [`sys::act`](callcore_driver_sys::act));
    /// none for a driver of real hardware.
    const ACT_ID: Option<&'static CStr> = None;

    /// Starts the driver; `host` is for logging and configuration.
    ///
    /// # Errors
    /// `CCD_E_CONFIG` naming the path of a wrong setting, or what else keeps it from starting.
    fn create(host: Host) -> Result<Self, Error>;

    /// The devices there are now.
    fn enumerate(&mut self) -> Vec<DeviceInfo>;

    /// Opens the device `uid`, one of those enumerated and not open now. `host` takes its events.
    ///
    /// # Errors
    /// Whatever keeps the device from being used.
    fn open(&mut self, uid: &str, host: Host) -> Result<Self::Device, Error>;
}

/// One open device. The calls are serialised; each may take up to 2 s and should take far less.
///
/// A method that returns `Ok` has accepted the command, and the glue tells the host that it is done. What the command
/// leads to comes later, as events. Commands other than `stats` come only between `start` and `stop`.
pub trait Device: Send + 'static {
    /// The real-time half, which lives from start to stop.
    type Media: Media;

    /// What channel `channel` is; `None` past the last. Asked once for each channel when the device is opened.
    fn channel(&self, channel: u32) -> Option<ChannelInfo>;

    /// Begins traffic.
    ///
    /// # Errors
    /// Whatever keeps it from running; the device is then as before.
    fn start(&mut self, setup: MediaSetup) -> Result<Self::Media, Error>;

    /// Ends traffic. After it returns no thread of the driver uses the device's host any more. The media half has been
    /// dropped before.
    fn stop(&mut self);

    /// Makes call `call` (an even number) on a channel.
    ///
    /// # Errors
    /// `CCD_E_BUSY` when the channel has a call, `CCD_E_GONE` when `via` cannot be reached, and others.
    fn make(&mut self, channel: u32, call: u64, make: Make<'_>) -> Result<(), Error> {
        let _ = (channel, call, make);
        Err(Error::unsupported())
    }

    /// More digits of a call that is dialled piece by piece.
    ///
    /// # Errors
    /// `CCD_E_GONE` when there is no such call, `CCD_E_UNSUPPORTED` without overlap dialling.
    fn digits(&mut self, call: u64, more: &str, complete: bool) -> Result<(), Error> {
        let _ = (call, more, complete);
        Err(Error::unsupported())
    }

    /// Tells the caller of an incoming call how far it is.
    ///
    /// # Errors
    /// `CCD_E_GONE` when there is no such call, `CCD_E_STATE` when it is past that.
    fn accept(&mut self, call: u64, step: Step) -> Result<(), Error> {
        let _ = (call, step);
        Err(Error::unsupported())
    }

    /// Answers an incoming call.
    ///
    /// # Errors
    /// `CCD_E_GONE` when there is no such call, `CCD_E_STATE` when it is answered or cleared.
    fn answer(&mut self, call: u64) -> Result<(), Error> {
        let _ = call;
        Err(Error::unsupported())
    }

    /// Clears a call in any state, with a Q.850 cause of 1 to 127; ends in `Released`.
    ///
    /// # Errors
    /// `CCD_E_GONE` when there is no such call.
    fn drop_call(&mut self, call: u64, q850: u16) -> Result<(), Error> {
        let _ = (call, q850);
        Err(Error::unsupported())
    }

    /// Puts the far end on hold, or takes it back.
    ///
    /// # Errors
    /// `CCD_E_GONE` when there is no such call, `CCD_E_STATE` when it is not connected.
    fn hold(&mut self, call: u64, on: bool) -> Result<(), Error> {
        let _ = (call, on);
        Err(Error::unsupported())
    }

    /// Transfers a call: to another call of this device, or to an address when `other` is 0.
    ///
    /// # Errors
    /// `CCD_E_GONE` when there is no such call, `CCD_E_STATE` when it cannot be transferred now.
    fn transfer(&mut self, call: u64, other: u64, to: &str) -> Result<(), Error> {
        let _ = (call, other, to);
        Err(Error::unsupported())
    }

    /// Sends DTMF digits (`0-9*#A-D`) on a channel; times in milliseconds, 0 takes the driver's own.
    ///
    /// # Errors
    /// `CCD_E_STATE` when nothing is connected there, `CCD_E_FULL` when too many are waiting.
    fn send_digits(&mut self, channel: u32, digits: &str, on_ms: u32, off_ms: u32) -> Result<(), Error> {
        let _ = (channel, digits, on_ms, off_ms);
        Err(Error::unsupported())
    }

    /// Switches the media of a channel; [`Tick::active`] follows it.
    ///
    /// # Errors
    /// None by default.
    fn enable(&mut self, channel: u32, on: bool) -> Result<(), Error> {
        let _ = (channel, on);
        Ok(())
    }

    /// Takes a channel into or out of service.
    ///
    /// # Errors
    /// `CCD_E_UNSUPPORTED` when the device cannot.
    fn service(&mut self, channel: u32, in_service: bool) -> Result<(), Error> {
        let _ = (channel, in_service);
        Err(Error::unsupported())
    }

    /// Posts the present state of a channel again, after events were lost.
    ///
    /// # Errors
    /// `CCD_E_UNSUPPORTED` when the device cannot.
    fn replay(&mut self, channel: u32) -> Result<(), Error> {
        let _ = channel;
        Err(Error::unsupported())
    }

    /// Makes the simulated world do something, told as a line of text; only for a driver with an
    /// [`Driver::ACT_ID`].
    ///
    /// # Errors
    /// `CCD_E_ARG` for words that are not understood, `CCD_E_STATE` and others for what cannot be now.
    fn act(&mut self, line: &str) -> Result<(), Error> {
        let _ = line;
        Err(Error::unsupported())
    }

    /// Counters as a JSON object.
    fn stats(&self) -> String {
        "{}".to_owned()
    }
}

/// The real-time half of a device. Nothing in it may allocate, free, block or take a lock that another thread holds.
pub trait Media: Send + 'static {
    /// One frame for all channels: takes what the host says (`tx`) and gives what the lines say (`rx`).
    fn exchange(&mut self, tick: &mut Tick<'_>);

    /// Sleeps to the next frame of a device that paces itself.
    ///
    /// # Errors
    /// `CCD_E_TIMEOUT` when none came; `CCD_E_UNSUPPORTED` for a device that the host paces.
    fn wait(&mut self, timeout_us: u32) -> Result<(), Error> {
        let _ = timeout_us;
        Err(Error::unsupported())
    }
}
