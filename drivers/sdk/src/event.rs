//! Events as Rust values.

use crate::types::Cause;

/// How surely a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supervision {
    /// The network said so.
    Signalled,
    /// The line said so (polarity, loop).
    Loop,
    /// Audio says so.
    Inferred,
    /// Nobody said so.
    Assumed,
}

/// What kind of digit; `CCD_DIGIT_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DigitKind {
    /// DTMF, in band or by RFC 4733.
    Dtmf = 1,
    /// R1 multi-frequency.
    MfR1 = 2,
    /// R2 forward register signal.
    R2Forward = 3,
    /// R2 backward register signal.
    R2Backward = 4,
    /// Dial pulses.
    Pulse = 5,
}

impl DigitKind {
    pub(crate) fn from_c(kind: i32) -> Option<Self> {
        let all = [Self::Dtmf, Self::MfR1, Self::R2Forward, Self::R2Backward, Self::Pulse];
        all.into_iter().find(|it| *it as i32 == kind)
    }
}

/// Which part of a digit an event reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitEdge {
    /// It begins.
    Begin,
    /// It has ended.
    End,
    /// All of it, in one event.
    Whole,
}

/// Whom an alarm or a block is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One channel.
    Channel(u32),
    /// All channels of a span.
    Span(u32),
}

/// How a caller's number came over an analogue line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerIdForm {
    /// Bell 202 FSK.
    Bell202,
    /// V.23 FSK.
    V23,
    /// DTMF digits.
    Dtmf,
}

/// What a driver tells its host. Numbers longer than 63 bytes are cut.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the members are those of callcore_driver.h
pub enum Event {
    /// A call arrives; `call` is an odd number made by the driver. Not `complete`: more digits may come as `CallInfo`.
    Incoming {
        channel: u32,
        call: u64,
        called: String,
        calling: String,
        name: String,
        redirecting: String,
        via: String,
        complete: bool,
    },
    /// More is known about an incoming call; `called` is the whole number so far, and `complete` when no more comes.
    CallInfo {
        channel: u32,
        call: u64,
        called: String,
        calling: String,
        name: String,
        redirecting: String,
        via: String,
        complete: bool,
    },
    /// The digits of an outgoing call are being sent.
    Dialing { channel: u32, call: u64 },
    /// The network has all it needs.
    Proceeding { channel: u32, call: u64 },
    /// Something happens on the way; with `inband` it can be heard.
    Progress { channel: u32, call: u64, inband: bool },
    /// The far end rings; with `inband` it can be heard.
    Alerting { channel: u32, call: u64, inband: bool },
    /// The call is answered. `inband_digits`: on this call keys are audio only, whatever the channel can do else.
    Connected { channel: u32, call: u64, supervision: Supervision, connected: String, inband_digits: bool },
    /// The far end is gone; the host drops, then `Released` follows.
    Disconnected { channel: u32, call: u64, cause: Cause },
    /// The call number is dead and the channel idle. Once for each call, and last.
    Released { channel: u32, call: u64, cause: Cause },
    /// The far end put the call on hold.
    Held { channel: u32, call: u64 },
    /// The far end took the call back.
    Retrieved { channel: u32, call: u64 },
    /// A digit was heard; ASCII `0-9*#A-D`.
    Digit { channel: u32, call: u64, kind: DigitKind, digit: u8, edge: DigitEdge, ms: u32 },
    /// The far end is another party from now on: that of another call, or (`other` is 0) of an address.
    Transferred { channel: u32, call: u64, other: u64, to: String },
    /// The network charges; `kind` 1 is a pulse, 2 advice of charge, 3 a message.
    Charge { channel: u32, call: u64, units: u32, kind: u32, amount_micro: i64, currency: String },
    /// What only one protocol has, as JSON of at most 4000 bytes.
    Raw { channel: u32, call: u64, json: String },
    /// Who answered; `result` is a `CCD_CPA_*`, confidence in per cent.
    Cpa { channel: u32, call: u64, result: u8, confidence: u8 },
    /// FXS: the telephone was lifted or put down.
    Hook { channel: u32, off: bool },
    /// FXO: a burst of ringing begins; `pattern` 0 is the usual one.
    RingOn { channel: u32, pattern: u8 },
    /// FXO: the burst is over.
    RingOff { channel: u32 },
    /// FXO: the line is reversed, or back.
    Polarity { channel: u32, reversed: bool },
    /// The line's current or voltage has changed.
    Loop { channel: u32, current: bool, battery: bool, voltage_mv: Option<i32>, current_ua: Option<i32> },
    /// Received signalling bits, 0bABCD.
    Cas { channel: u32, bits: u8, was: u8 },
    /// FXS: a hook flash of so many milliseconds.
    Flash { channel: u32, ms: u32 },
    /// A tone (`CCD_TONE_*`) began or has ended.
    Tone { channel: u32, tone: u16, ended: bool, confidence: u8, ms: u32 },
    /// A caller's number came over an analogue line; `presentation` 0 shown, 1 withheld, 2 not available.
    CallerId { channel: u32, number: String, name: String, presentation: u8, form: CallerIdForm },
    /// A frame of a D-channel, at most 4000 bytes.
    Hdlc { channel: u32, frame: Vec<u8> },
    /// Alarms now and before; sets of `CCD_ALARM_*`, debounced.
    Alarm { place: Place, now: u32, was: u32 },
    /// What keeps a place from being used, now and before; sets of `CCD_BLOCK_*`.
    Blocked { place: Place, now: u32, was: u32 },
    /// A signalling link came or went.
    Siglink { span: u32, link: u32, up: bool },
    /// Whole frames repeated (above 0) or left out (below) since start, because two clocks differ.
    Slip { span: u32, frames: i64 },
    /// Where the board takes its clock from: 1 itself, 2 a span, 3 the bus.
    Clock { source: u32, source_span: u32 },
    /// The board's role on a bus, `CCD_BUS_CLOCK_*`.
    Bus { domain: u32, clock_role: u32 },
    /// How the board is; `text` is empty when well.
    Health { temperature_mc: Option<i32>, load_permille: u32, text: String },
    /// The device cannot go on.
    Fatal { vendor_code: i64, text: String },
    /// The device is gone; only `Released` of its calls may follow.
    DeviceRemoved,
    /// A device has appeared, or is back. Only on the host of [`Driver::create`](crate::Driver::create).
    DeviceAdded { uid: String, location: String },
    /// Events were lost; 0 is an unknown number.
    Lost { count: u64 },
    /// A phone or trunk that registers with the device came or went; `expires_s` 0 is until further notice.
    Endpoint { address: String, contact: String, up: bool, expires_s: u32 },
}
