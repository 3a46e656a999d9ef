//! The three traits a driver implements.

use crate::{
    BusAddr, BusInfo, CallerId, ChannelInfo, DeviceInfo, DigitKind, DriverInfo, Error, HookOp, Host, Make,
    MediaSetup, Request, Step, Tick,
};
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
    /// There can be one on a machine at a time.
    const SINGLE: bool = false;
    /// Its devices have channels of `CCD_LEVEL_LINE`: all of `callcore.line/1` is offered, else only `send_digits`.
    const HAS_LINES: bool = false;
    /// Its devices have a bus: `callcore.bus/1` is offered.
    const HAS_BUS: bool = false;

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

    /// Sends digits (`0-9*#A-D`) on a channel; `times` are the milliseconds on and off, 0 takes the line's own. The command
    /// is complete when they are out, or on their way where nobody can know that.
    ///
    /// # Errors
    /// `CCD_E_STATE` when nothing is connected there, `CCD_E_FULL` when too many are waiting.
    fn send_digits(
        &mut self,
        channel: u32,
        kind: DigitKind,
        digits: &str,
        times: (u32, u32),
        request: Request,
    ) -> Result<Completion, Error> {
        let _ = (channel, kind, digits, times, request);
        Err(Error::unsupported())
    }

    /// Moves the hook of an FXO line; `ms` of a flash or wink, 0 takes the line's own.
    ///
    /// # Errors
    /// `CCD_E_UNSUPPORTED` on any other line.
    fn hook(&mut self, channel: u32, op: HookOp, ms: u32) -> Result<(), Error> {
        let _ = (channel, op, ms);
        Err(Error::unsupported())
    }

    /// Rings the telephone on an FXS line: milliseconds on, off, on, off, again and again. An empty cadence ends it.
    ///
    /// # Errors
    /// `CCD_E_STATE` when it is off hook.
    fn ring(&mut self, channel: u32, cadence_ms: &[u16], id: Option<CallerId<'_>>) -> Result<(), Error> {
        let _ = (channel, cadence_ms, id);
        Err(Error::unsupported())
    }

    /// Reverses an FXS line, or puts it back.
    ///
    /// # Errors
    /// `CCD_E_UNSUPPORTED` on any other line.
    fn polarity(&mut self, channel: u32, reversed: bool) -> Result<(), Error> {
        let _ = (channel, reversed);
        Err(Error::unsupported())
    }

    /// Sets the transmitted signalling bits, 0bABCD.
    ///
    /// # Errors
    /// `CCD_E_UNSUPPORTED` on a channel that has none.
    fn cas(&mut self, channel: u32, abcd: u8) -> Result<(), Error> {
        let _ = (channel, abcd);
        Err(Error::unsupported())
    }

    /// Sends a tone of the board, `CCD_TONE_*`; 0 ends it.
    ///
    /// # Errors
    /// `CCD_E_UNSUPPORTED` when the board has no such tone.
    fn send_tone(&mut self, channel: u32, tone: u16) -> Result<(), Error> {
        let _ = (channel, tone);
        Err(Error::unsupported())
    }

    /// Listens for the set `what` of `CCD_DETECT_*` from now on.
    ///
    /// # Errors
    /// `CCD_E_UNSUPPORTED` when the board cannot hear one of them.
    fn detect(&mut self, channel: u32, what: u64) -> Result<(), Error> {
        let _ = (channel, what);
        Err(Error::unsupported())
    }

    /// Sets something of the line, `CCD_TUNE_*`.
    ///
    /// # Errors
    /// `CCD_E_ARG` for a value that cannot be, `CCD_E_UNSUPPORTED` for a key that is not there.
    fn tune(&mut self, channel: u32, key: i32, value: i64) -> Result<(), Error> {
        let _ = (channel, key, value);
        Err(Error::unsupported())
    }

    /// What bus the board has; asked at any time between open and close.
    fn bus(&self) -> Option<BusInfo> {
        None
    }

    /// Where a channel talks on the bus; fixed while the device is open.
    fn bus_source(&self, channel: u32) -> Option<BusAddr> {
        let _ = channel;
        None
    }

    /// What a channel hears: a place on the bus at a gain in tenths of a dB, or nothing. The last word counts.
    ///
    /// # Errors
    /// `CCD_E_BUS` for a place that is not on this bus.
    fn bus_listen(&mut self, channel: u32, from: Option<(BusAddr, i32)>) -> Result<(), Error> {
        let _ = (channel, from);
        Err(Error::unsupported())
    }

    /// The board's role as a clock of the bus, `CCD_BUS_CLOCK_*`; `reference` is the span a primary takes it from.
    ///
    /// # Errors
    /// `CCD_E_CLOCK` when it cannot.
    fn bus_clock(&mut self, role: u32, reference: u32) -> Result<(), Error> {
        let _ = (role, reference);
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

    /// Posts the present state of a channel again, after events were lost: whichever of `Incoming`,
    /// `Dialing`, `Alerting`, `Connected` (then `Held`), `Disconnected` its call is at. `None`: what belongs to no channel, such as
    /// endpoints and alarms.
    ///
    /// # Errors
    /// `CCD_E_UNSUPPORTED` when the device cannot.
    fn replay(&mut self, channel: Option<u32>) -> Result<(), Error> {
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

/// When an accepted command is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It is.
    Now,
    /// The driver says so, by [`Host::complete`], once.
    Later,
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
