//! The plain structs of the contract: inventory, causes, commands, errors.

use callcore_codec::Format;
use callcore_driver_sys::*;
use std::ffi::CStr;
use std::fmt;

/// Who a driver is; static, and the same at every negotiation.
#[derive(Clone, Copy, Debug)]
pub struct DriverInfo {
    /// Reverse DNS: `c"org.callcore.sip"`.
    pub id: &'static CStr,
    /// For people.
    pub name: &'static CStr,
    /// Who made it.
    pub vendor: &'static CStr,
    /// Version of the driver itself.
    pub version: &'static CStr,
    /// JSON Schema of its configuration.
    pub config_schema: &'static CStr,
}

/// Who calls `exchange` in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacedBy {
    /// The board has a clock; the host sleeps in [`Media::wait`](crate::Media::wait).
    Driver,
    /// The host's timer.
    Host,
}

/// One device as found by enumeration.
#[derive(Clone, Debug)]
pub struct DeviceInfo {
    /// Stable name, at most 63 bytes: a serial number.
    pub uid: String,
    /// Where it is: a PCI slot, a USB path, an address.
    pub location: String,
    /// Model, for people.
    pub model: String,
    /// Firmware version, or empty.
    pub firmware: String,
    /// Number of channels; they are numbered from 0.
    pub channels: u32,
    /// Number of spans; 0 when the device has none.
    pub spans: u32,
    /// Devices with the same number share a clock; 0 is the host's own.
    pub clock_domain: u32,
    /// Who paces its media.
    pub paced_by: PacedBy,
}

/// What a line's hook is told; `CCD_HOOK_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum HookOp {
    /// Seize the line, or answer.
    Off = 1,
    /// Let it go.
    On = 2,
    /// A hook flash.
    Flash = 3,
    /// A wink.
    Wink = 4,
    /// Ground start.
    Start = 5,
}

impl HookOp {
    pub(crate) fn from_c(op: i32) -> Option<Self> {
        [Self::Off, Self::On, Self::Flash, Self::Wink, Self::Start].into_iter().find(|it| *it as i32 == op)
    }
}

/// The number and name to show on an analogue telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallerId<'a> {
    /// Digits; may be empty.
    pub number: &'a str,
    /// May be empty.
    pub name: &'a str,
    /// `MMDDhhmm`, local time; none: now, by the board's clock.
    pub time: Option<&'a str>,
    /// 0 shown, 1 withheld, 2 not available.
    pub presentation: u32,
}

/// A place on a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the members are those of callcore_driver.h
pub struct BusAddr {
    pub domain: u32,
    pub stream: u16,
    pub slot: u16,
}

/// What a board's bus is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusInfo {
    /// `CCD_BUS_ONBOARD` to `CCD_BUS_MVIP`.
    pub kind: u32,
    /// Boards with the same number are on the same bus.
    pub domain: u32,
    /// Streams it has.
    pub streams: u32,
    /// Slots of each stream.
    pub slots: u32,
    /// `CCD_BUS_CLOCK_*`.
    pub clock_role: u32,
    /// How many sources a listener can have; 1 is no mixing.
    pub sum_max: u32,
}

/// What one channel is and can do.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChannelInfo {
    /// `CCD_KIND_*`.
    pub kind: u32,
    /// `CCD_SIG_*`.
    pub signalling: u32,
    /// Span it belongs to.
    pub span: u32,
    /// Timeslot in the span.
    pub timeslot: u32,
    /// Set of `CCD_LAW_A` to `CCD_OPUS`: the formats it can have. All channels must have A-law, µ-law or L16 in common.
    pub codecs: u32,
    /// Law on the wire; 0 when negotiated per call.
    pub law: u32,
    /// Bus domain; 0 for no bus.
    pub bus_domain: u32,
    /// Set of `ccd_cap(CCD_CAPB_*)`.
    pub caps: u64,
    /// Smallest frame in samples.
    pub frame_min: u32,
    /// Largest frame in samples.
    pub frame_max: u32,
    /// Preferred frame in samples.
    pub frame_pref: u32,
    /// Longest echo tail in milliseconds; 0 for no echo canceller.
    pub ec_tail_ms: u32,
    /// Who runs the calls: `CCD_LEVEL_CALL` the driver, `CCD_LEVEL_LINE` the host.
    pub level: u32,
}

/// How the media of a device is set up from start to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaSetup {
    /// Samples of one frame at 8 kHz, whatever the format: 160 are 20 ms.
    pub frame_samples: u32,
    /// Channels in the pool.
    pub channels: u32,
    /// The pool's own format, A-law, µ-law or L16: that of each channel until [`Tick::set_format`](crate::Tick::set_format).
    pub format: Format,
}

/// An outgoing call as the host wants it.
#[derive(Clone, Copy, Debug)]
pub struct Make<'a> {
    /// Number or address to call; never empty unless `via` alone tells the target.
    pub called: &'a str,
    /// Number to show; may be empty.
    pub calling: &'a str,
    /// Name to show; may be empty.
    pub name: &'a str,
    /// Endpoint or trunk of the device to leave by; none is the channel's own line.
    pub via: Option<&'a str>,
    /// Give up when not answered in this time; 0 waits for ever.
    pub timeout_ms: u32,
    /// The number is not complete: more digits follow with [`Device::digits`](crate::Device::digits).
    pub overlap: bool,
    /// The caller's number is not to be shown.
    pub restricted: bool,
}

/// How far an incoming call is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// More digits are wanted.
    SetupAck,
    /// The number is complete.
    Proceeding,
    /// The called party is being rung.
    Alerting,
    /// Audio can be heard before the answer.
    Progress,
}

impl Step {
    pub(crate) const fn from_c(step: i32) -> Option<Self> {
        match step {
            CCD_STEP_SETUP_ACK => Some(Self::SetupAck),
            CCD_STEP_PROCEEDING => Some(Self::Proceeding),
            CCD_STEP_ALERTING => Some(Self::Alerting),
            CCD_STEP_PROGRESS => Some(Self::Progress),
            _ => None,
        }
    }
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Q.850 cause, 1 to 127.
    pub q850: u16,
    /// Q.850 location.
    pub location: u8,
    /// `CCD_HOW_*`.
    pub how: u8,
    /// There is still something to hear until the host drops.
    pub inband: bool,
    /// A SIP status, a board's own reason; 0 is none.
    pub vendor_code: i64,
}

impl Cause {
    /// A cause that the far end or the network signalled.
    #[must_use]
    pub const fn signalled(q850: u16) -> Self {
        Self { q850, location: 0, how: CCD_HOW_SIGNALLED, inband: false, vendor_code: 0 }
    }
}

/// Why a command is refused. A refused command has no other effect and gets no `DONE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// `CCD_E_*`.
    pub code: i32,
    /// The board's own code; 0 is none.
    pub vendor_code: i64,
    /// What, where, and what to do about it.
    pub text: String,
}

impl Error {
    /// An error with one of the `CCD_E_*` codes.
    #[must_use]
    pub fn new(code: i32, text: impl Into<String>) -> Self {
        Self { code, vendor_code: 0, text: text.into() }
    }

    /// `CCD_E_UNSUPPORTED`.
    #[must_use]
    pub fn unsupported() -> Self {
        Self::new(CCD_E_UNSUPPORTED, "this driver has no such function")
    }

    /// `CCD_E_ARG`.
    #[must_use]
    pub fn arg(text: impl Into<String>) -> Self {
        Self::new(CCD_E_ARG, text)
    }

    /// `CCD_E_STATE`.
    #[must_use]
    pub fn state(text: impl Into<String>) -> Self {
        Self::new(CCD_E_STATE, text)
    }

    /// `CCD_E_GONE`.
    #[must_use]
    pub fn gone(text: impl Into<String>) -> Self {
        Self::new(CCD_E_GONE, text)
    }

    /// `CCD_E_BUSY`.
    #[must_use]
    pub fn busy(text: impl Into<String>) -> Self {
        Self::new(CCD_E_BUSY, text)
    }

    /// `CCD_E_CONFIG`; the text should begin with the path of the setting.
    #[must_use]
    pub fn config(text: impl Into<String>) -> Self {
        Self::new(CCD_E_CONFIG, text)
    }

    /// `CCD_E_IO`.
    #[must_use]
    pub fn io(text: impl Into<String>) -> Self {
        Self::new(CCD_E_IO, text)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.text, self.code)
    }
}

impl std::error::Error for Error {}
