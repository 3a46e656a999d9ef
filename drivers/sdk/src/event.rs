//! Events as Rust values, and their flat form.

use crate::text::fill;
use crate::types::Cause;
use callcore_driver_sys::*;

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

/// What kind of digit was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitKind {
    /// DTMF, in band or by RFC 4733.
    Dtmf,
    /// R1 multi-frequency.
    MfR1,
    /// R2 forward register signal.
    R2Forward,
    /// R2 backward register signal.
    R2Backward,
    /// Dial pulses.
    Pulse,
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

/// What a driver tells its host. Numbers longer than 63 bytes are cut.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the members are those of callcore_driver.h
pub enum Event {
    /// A call arrives; `call` is an odd number made by the driver.
    Incoming {
        channel: u32,
        call: u64,
        called: String,
        calling: String,
        name: String,
        redirecting: String,
        via: String,
    },
    /// More is known about an incoming call.
    CallInfo {
        channel: u32,
        call: u64,
        called: String,
        calling: String,
        name: String,
        redirecting: String,
        via: String,
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
    /// Alarms of a span, now and before; sets of `CCD_ALARM_*`.
    Alarm { span: u32, now: u32, was: u32 },
    /// The device is gone.
    DeviceRemoved,
    /// The device is back, without calls.
    DeviceAdded,
    /// Events were lost; 0 is an unknown number.
    Lost { count: u64 },
    /// A phone or trunk that registers with the device came or went; `expires_s` 0 is until further notice.
    Endpoint { address: String, contact: String, up: bool, expires_s: u32 },
}

/// An event in its flat form, room enough for each kind.
#[allow(clippy::large_enum_variant)] // lives on the stack for the time of one post
pub(crate) enum Flat {
    Bare(ccd_event),
    Done(ccd_ev_done),
    Incoming(ccd_ev_incoming),
    Progress(ccd_ev_progress),
    Connected(ccd_ev_connected),
    Disconnected(ccd_ev_disconnected),
    Digit(ccd_ev_digit),
    Alarm(ccd_ev_alarm),
    Lost(ccd_ev_lost),
    Endpoint(ccd_ev_endpoint),
}

impl Flat {
    /// The header, for number, time and size; every kind begins with one.
    pub(crate) fn head(&mut self) -> (&mut ccd_event, usize) {
        macro_rules! arms {
            ($($kind:ident),*) => {
                match self {
                    Self::Bare(e) => (e, size_of::<ccd_event>()),
                    $(Self::$kind(e) => { let size = size_of_val(e); (&mut e.h, size) })*
                }
            };
        }
        arms!(Done, Incoming, Progress, Connected, Disconnected, Digit, Alarm, Lost, Endpoint)
    }

    /// The address of the whole event.
    pub(crate) fn as_ptr(&self) -> *const ccd_event {
        macro_rules! arms {
            ($($kind:ident),*) => {
                match self {
                    Self::Bare(e) => e,
                    $(Self::$kind(e) => std::ptr::from_ref(e).cast(),)*
                }
            };
        }
        arms!(Done, Incoming, Progress, Connected, Disconnected, Digit, Alarm, Lost, Endpoint)
    }
}

fn head(kind: u16, chan: u32, call: u64) -> ccd_event {
    ccd_event { kind, chan, call, ..ccd_event::zeroed() }
}

fn incoming(kind: u16, chan: u32, call: u64, texts: [&str; 5]) -> Flat {
    let mut e = ccd_ev_incoming { h: head(kind, chan, call), complete: 1, ..ccd_ev_incoming::zeroed() };
    fill(&mut e.called, texts[0]);
    fill(&mut e.calling, texts[1]);
    fill(&mut e.name, texts[2]);
    fill(&mut e.redirecting, texts[3]);
    fill(&mut e.via, texts[4]);
    Flat::Incoming(e)
}

fn progress(kind: u16, chan: u32, call: u64, inband: bool) -> Flat {
    let h = head(kind, chan, call);
    Flat::Progress(ccd_ev_progress { h, inband: inband.into(), ..ccd_ev_progress::zeroed() })
}

fn disconnected(kind: u16, chan: u32, call: u64, cause: &Cause) -> Flat {
    Flat::Disconnected(ccd_ev_disconnected {
        h: head(kind, chan, call),
        q850: cause.q850.clamp(1, 127),
        location: cause.location,
        how: cause.how,
        inband: cause.inband.into(),
        pad: [0; 3],
        vendor_code: cause.vendor_code,
    })
}

fn connected(chan: u32, call: u64, supervision: Supervision, number: &str, inband_digits: bool) -> Flat {
    let supervision = match supervision {
        Supervision::Signalled => CCD_SUP_SIGNALLED,
        Supervision::Loop => CCD_SUP_LOOP,
        Supervision::Inferred => CCD_SUP_INFERRED,
        Supervision::Assumed => CCD_SUP_ASSUMED,
    };
    let h = head(CCD_EV_CONNECTED, chan, call);
    let inband_digits = u8::from(inband_digits);
    let mut e = ccd_ev_connected { h, supervision, inband_digits, ..ccd_ev_connected::zeroed() };
    fill(&mut e.connected, number);
    Flat::Connected(e)
}

fn digit(h: ccd_event, kind: DigitKind, digit: u8, edge: DigitEdge, ms: u32) -> Flat {
    let kind = match kind {
        DigitKind::Dtmf => CCD_DIGIT_DTMF,
        DigitKind::MfR1 => CCD_DIGIT_MF_R1,
        DigitKind::R2Forward => CCD_DIGIT_R2_FORWARD,
        DigitKind::R2Backward => CCD_DIGIT_R2_BACKWARD,
        DigitKind::Pulse => CCD_DIGIT_PULSE,
    };
    let edge = match edge {
        DigitEdge::Begin => 1,
        DigitEdge::End => 2,
        DigitEdge::Whole => 3,
    };
    Flat::Digit(ccd_ev_digit { h, kind, digit, edge, pad: 0, ms })
}

fn endpoint(address: &str, contact: &str, up: bool, expires_s: u32) -> Flat {
    let h = head(CCD_EV_ENDPOINT, CCD_NO_CHAN, 0);
    let mut e = ccd_ev_endpoint { h, expires_s, up: up.into(), ..ccd_ev_endpoint::zeroed() };
    fill(&mut e.address, address);
    fill(&mut e.contact, contact);
    Flat::Endpoint(e)
}

/// The flat form of `event`, without size, number and time.
pub(crate) fn flat(event: &Event) -> Flat {
    match event {
        Event::Incoming { channel, call, called, calling, name, redirecting, via } => {
            incoming(CCD_EV_INCOMING, *channel, *call, [called, calling, name, redirecting, via])
        }
        Event::CallInfo { channel, call, called, calling, name, redirecting, via } => {
            incoming(CCD_EV_CALL_INFO, *channel, *call, [called, calling, name, redirecting, via])
        }
        Event::Dialing { channel, call } => Flat::Bare(head(CCD_EV_DIALING, *channel, *call)),
        Event::Proceeding { channel, call } => Flat::Bare(head(CCD_EV_PROCEEDING, *channel, *call)),
        Event::Progress { channel, call, inband } => progress(CCD_EV_PROGRESS, *channel, *call, *inband),
        Event::Alerting { channel, call, inband } => progress(CCD_EV_ALERTING, *channel, *call, *inband),
        Event::Connected { channel, call, supervision, connected: number, inband_digits } => {
            connected(*channel, *call, *supervision, number, *inband_digits)
        }
        Event::Disconnected { channel, call, cause } => {
            disconnected(CCD_EV_DISCONNECTED, *channel, *call, cause)
        }
        Event::Released { channel, call, cause } => disconnected(CCD_EV_RELEASED, *channel, *call, cause),
        Event::Held { channel, call } => Flat::Bare(head(CCD_EV_HELD, *channel, *call)),
        Event::Retrieved { channel, call } => Flat::Bare(head(CCD_EV_RETRIEVED, *channel, *call)),
        Event::Digit { channel, call, kind, digit: ascii, edge, ms } => {
            digit(head(CCD_EV_DIGIT, *channel, *call), *kind, *ascii, *edge, *ms)
        }
        Event::Alarm { span, now, was } => {
            let h = ccd_event { span: *span, ..head(CCD_EV_ALARM, CCD_NO_CHAN, 0) };
            Flat::Alarm(ccd_ev_alarm { h, now: *now, was: *was })
        }
        Event::DeviceRemoved => Flat::Bare(head(CCD_EV_DEVICE_REMOVED, CCD_NO_CHAN, 0)),
        Event::DeviceAdded => Flat::Bare(head(CCD_EV_DEVICE_ADDED, CCD_NO_CHAN, 0)),
        Event::Lost { count } => {
            Flat::Lost(ccd_ev_lost { h: head(CCD_EV_LOST, CCD_NO_CHAN, 0), count: *count })
        }
        Event::Endpoint { address, contact, up, expires_s } => endpoint(address, contact, *up, *expires_s),
    }
}

/// The flat `DONE` of an accepted command.
pub(crate) fn done(req: ccd_req, chan: u32, call: u64) -> Flat {
    Flat::Done(ccd_ev_done { h: ccd_event { req, ..head(CCD_EV_DONE, chan, call) }, ..ccd_ev_done::zeroed() })
}
