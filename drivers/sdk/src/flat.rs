//! Events in their flat form: the structs of the contract, in a buffer that has room for each.

use crate::event::{CallerIdForm, DigitEdge, DigitKind, Event, Place, Supervision};
use crate::text::fill;
use crate::types::Cause;
use callcore_driver_sys::*;
use std::mem::MaybeUninit;

const WORDS: usize = CCD_EVENT_MAX as usize / 8;

/// One event; lives on the stack for the time of one post.
pub(crate) struct Flat {
    size: usize,
    words: [MaybeUninit<u64>; WORDS],
}

/// # Safety
/// `#[repr(C)]`, begins with a `ccd_event`, a multiple of 8 bytes no longer than an event may be, without padding.
unsafe trait Payload: Copy {}

macro_rules! payloads {
    ($($name:ident)*) => {$(
        // SAFETY: the header of the contract has no implicit padding, and `layout` of the sys crate checks the sizes.
        unsafe impl Payload for $name {}
    )*};
}

payloads! {
    ccd_event ccd_ev_done ccd_ev_incoming ccd_ev_progress ccd_ev_connected ccd_ev_disconnected ccd_ev_transferred ccd_ev_charge
    ccd_ev_raw ccd_ev_cpa ccd_ev_hook ccd_ev_ring ccd_ev_polarity ccd_ev_loop ccd_ev_cas ccd_ev_flash ccd_ev_digit ccd_ev_tone
    ccd_ev_caller_id ccd_ev_hdlc ccd_ev_alarm ccd_ev_siglink ccd_ev_blocked ccd_ev_clock ccd_ev_slip ccd_ev_bus ccd_ev_device
    ccd_ev_health ccd_ev_fatal ccd_ev_lost ccd_ev_endpoint
}

impl Flat {
    fn new<T: Payload>(event: T) -> Self {
        let mut flat = Self { size: size_of::<T>(), words: [MaybeUninit::uninit(); WORDS] };
        // SAFETY: `Payload` says that it fits; both are aligned to 8 bytes at most.
        unsafe { flat.words.as_mut_ptr().cast::<T>().write(event) };
        flat
    }

    /// As many of the bytes as there is room for, behind the struct, up to a multiple of 8 with zeros.
    fn then(mut self, bytes: &[u8]) -> Self {
        for chunk in bytes.chunks(8).take(WORDS - self.size / 8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.words[self.size / 8].write(u64::from_ne_bytes(word));
            self.size += 8;
        }
        self
    }

    /// The header, with the size set, for number and time.
    pub(crate) fn head(&mut self) -> &mut ccd_event {
        // SAFETY: `new` wrote an event here.
        let head = unsafe { &mut *self.words.as_mut_ptr().cast::<ccd_event>() };
        head.size = self.size as u32;
        head
    }

    /// The address of the whole event.
    pub(crate) fn as_ptr(&self) -> *const ccd_event {
        self.words.as_ptr().cast()
    }

    /// The flat form of `event`, without number and time.
    pub(crate) fn of(event: &Event) -> Self {
        if let Some(flat) = call(event) {
            return flat;
        }
        line(event).or_else(|| span(event)).unwrap_or_else(|| device(event))
    }

    /// The `DONE` of an accepted command.
    pub(crate) fn done(req: ccd_req, chan: u32, call: u64, status: ccd_status) -> Self {
        let h = ccd_event { req, ..head(CCD_EV_DONE, chan, call) };
        Self::new(ccd_ev_done { h, status, ..ccd_ev_done::zeroed() })
    }
}

/// What follows the struct of JSON and frames.
const LONG_MAX: usize = CCD_EVENT_MAX as usize - size_of::<ccd_ev_raw>();

fn head(kind: u16, chan: u32, call: u64) -> ccd_event {
    ccd_event { kind, chan, call, ..ccd_event::zeroed() }
}

fn of_place(kind: u16, place: Place) -> ccd_event {
    match place {
        Place::Channel(channel) => head(kind, channel, 0),
        Place::Span(span) => ccd_event { span, ..head(kind, CCD_NO_CHAN, 0) },
    }
}

fn of_device(kind: u16) -> ccd_event {
    head(kind, CCD_NO_CHAN, 0)
}

fn bare(kind: u16, channel: u32, call: u64) -> Flat {
    Flat::new(head(kind, channel, call))
}

fn incoming(h: ccd_event, texts: [&str; 5], complete: bool) -> Flat {
    let mut e = ccd_ev_incoming { h, complete: complete.into(), ..ccd_ev_incoming::zeroed() };
    let fields = [&mut e.called, &mut e.calling, &mut e.name, &mut e.redirecting, &mut e.via];
    for (field, text) in fields.into_iter().zip(texts) {
        fill(field, text);
    }
    Flat::new(e)
}

fn progress(h: ccd_event, inband: bool) -> Flat {
    Flat::new(ccd_ev_progress { h, inband: inband.into(), ..ccd_ev_progress::zeroed() })
}

fn disconnected(h: ccd_event, cause: &Cause) -> Flat {
    Flat::new(ccd_ev_disconnected {
        h,
        q850: cause.q850.clamp(1, 127),
        location: cause.location,
        how: cause.how,
        inband: cause.inband.into(),
        pad: [0; 3],
        vendor_code: cause.vendor_code,
    })
}

fn connected(h: ccd_event, supervision: Supervision, number: &str, inband_digits: bool) -> Flat {
    let supervision = match supervision {
        Supervision::Signalled => CCD_SUP_SIGNALLED,
        Supervision::Loop => CCD_SUP_LOOP,
        Supervision::Inferred => CCD_SUP_INFERRED,
        Supervision::Assumed => CCD_SUP_ASSUMED,
    };
    let inband_digits = u8::from(inband_digits);
    let mut e = ccd_ev_connected { h, supervision, inband_digits, ..ccd_ev_connected::zeroed() };
    fill(&mut e.connected, number);
    Flat::new(e)
}

fn raw(h: ccd_event, json: &str) -> Flat {
    let json = if json.len() > LONG_MAX { "{}" } else { json };
    let (json_off, json_len) = (size_of::<ccd_ev_raw>() as u32, json.len() as u32);
    Flat::new(ccd_ev_raw { h, json_off, json_len }).then(json.as_bytes())
}

/// Events of a call; `None` for one that is not.
fn call(event: &Event) -> Option<Flat> {
    use Event as E;
    Some(match event {
        E::Incoming { channel, call, called, calling, name, redirecting, via, complete } => {
            let h = head(CCD_EV_INCOMING, *channel, *call);
            incoming(h, [called, calling, name, redirecting, via], *complete)
        }
        E::CallInfo { channel, call, called, calling, name, redirecting, via, complete } => {
            let h = head(CCD_EV_CALL_INFO, *channel, *call);
            incoming(h, [called, calling, name, redirecting, via], *complete)
        }
        E::Dialing { channel, call } => bare(CCD_EV_DIALING, *channel, *call),
        E::Proceeding { channel, call } => bare(CCD_EV_PROCEEDING, *channel, *call),
        E::Progress { channel, call, inband } => progress(head(CCD_EV_PROGRESS, *channel, *call), *inband),
        E::Alerting { channel, call, inband } => progress(head(CCD_EV_ALERTING, *channel, *call), *inband),
        E::Connected { channel, call, supervision, connected: number, inband_digits } => {
            connected(head(CCD_EV_CONNECTED, *channel, *call), *supervision, number, *inband_digits)
        }
        E::Disconnected { channel, call, cause } => {
            disconnected(head(CCD_EV_DISCONNECTED, *channel, *call), cause)
        }
        E::Released { channel, call, cause } => disconnected(head(CCD_EV_RELEASED, *channel, *call), cause),
        E::Held { channel, call } => bare(CCD_EV_HELD, *channel, *call),
        E::Retrieved { channel, call } => bare(CCD_EV_RETRIEVED, *channel, *call),
        E::Transferred { channel, call, other, to } => {
            let h = head(CCD_EV_TRANSFERRED, *channel, *call);
            let mut e = ccd_ev_transferred { h, other: *other, ..ccd_ev_transferred::zeroed() };
            fill(&mut e.to, to);
            Flat::new(e)
        }
        E::Charge { channel, call, units, kind, amount_micro, currency } => {
            let h = head(CCD_EV_CHARGE, *channel, *call);
            let (units, kind, amount_micro) = (*units, *kind, *amount_micro);
            let mut e = ccd_ev_charge { h, units, kind, amount_micro, ..ccd_ev_charge::zeroed() };
            fill(&mut e.currency, currency);
            Flat::new(e)
        }
        E::Raw { channel, call, json } => raw(head(CCD_EV_RAW_IE, *channel, *call), json),
        E::Cpa { channel, call, result, confidence } => {
            let h = head(CCD_EV_CPA, *channel, *call);
            Flat::new(ccd_ev_cpa { h, result: *result, confidence: (*confidence).min(100), pad: [0; 6] })
        }
        E::Digit { channel, call, kind, digit: ascii, edge, ms } => {
            digit(head(CCD_EV_DIGIT, *channel, *call), *kind, *ascii, *edge, *ms)
        }
        _ => return None,
    })
}

fn digit(h: ccd_event, kind: DigitKind, digit: u8, edge: DigitEdge, ms: u32) -> Flat {
    let edge = match edge {
        DigitEdge::Begin => 1,
        DigitEdge::End => 2,
        DigitEdge::Whole => 3,
    };
    Flat::new(ccd_ev_digit { h, kind: kind as u8, digit, edge, pad: 0, ms })
}

/// Events of a line; `None` for one that is not.
fn line(event: &Event) -> Option<Flat> {
    use Event as E;
    Some(match event {
        E::Hook { channel, off } => {
            let h = head(CCD_EV_HOOK, *channel, 0);
            Flat::new(ccd_ev_hook { h, off: (*off).into(), pad: [0; 7] })
        }
        E::RingOn { channel, pattern } => {
            Flat::new(ccd_ev_ring { h: head(CCD_EV_RING_ON, *channel, 0), pattern: *pattern, pad: [0; 7] })
        }
        E::RingOff { channel } => bare(CCD_EV_RING_OFF, *channel, 0),
        E::Polarity { channel, reversed } => {
            let h = head(CCD_EV_POLARITY, *channel, 0);
            Flat::new(ccd_ev_polarity { h, reversed: (*reversed).into(), pad: [0; 7] })
        }
        E::Loop { channel, current, battery, voltage_mv, current_ua } => Flat::new(ccd_ev_loop {
            h: head(CCD_EV_LOOP, *channel, 0),
            has_loop: (*current).into(),
            battery: (*battery).into(),
            pad: [0; 2],
            voltage_mv: voltage_mv.unwrap_or(i32::MIN),
            current_ua: current_ua.unwrap_or(i32::MIN),
            reserved: 0,
        }),
        E::Cas { channel, bits, was } => {
            let h = head(CCD_EV_CAS_BITS, *channel, 0);
            Flat::new(ccd_ev_cas { h, bits: bits & 15, was: was & 15, pad: [0; 6] })
        }
        E::Flash { channel, ms } => {
            Flat::new(ccd_ev_flash { h: head(CCD_EV_FLASH, *channel, 0), ms: *ms, pad: 0 })
        }
        E::Tone { channel, tone, ended, confidence, ms } => {
            let is_fax = matches!(*tone, CCD_TONE_CNG | CCD_TONE_CED);
            let h = head(if is_fax { CCD_EV_FAX_TONE } else { CCD_EV_TONE }, *channel, 0);
            let (edge, confidence) = (1 + u8::from(*ended), (*confidence).min(100));
            Flat::new(ccd_ev_tone { h, tone: *tone, edge, confidence, ms: *ms })
        }
        E::CallerId { channel, number, name, presentation, form } => {
            let form = match form {
                CallerIdForm::Bell202 => CCD_CID_BELL202,
                CallerIdForm::V23 => CCD_CID_V23,
                CallerIdForm::Dtmf => CCD_CID_DTMF,
            };
            let h = head(CCD_EV_CALLER_ID, *channel, 0);
            let presentation = *presentation;
            let mut e = ccd_ev_caller_id { h, presentation, form, ..ccd_ev_caller_id::zeroed() };
            fill(&mut e.number, number);
            fill(&mut e.name, name);
            Flat::new(e)
        }
        E::Hdlc { channel, frame } => {
            let h = head(CCD_EV_HDLC, *channel, 0);
            let is_whole = frame.len() <= LONG_MAX;
            let (length, error) = if is_whole { (frame.len() as u32, 0) } else { (0, HDLC_OVERRUN) };
            let frame = if is_whole { frame.as_slice() } else { &[] };
            Flat::new(ccd_ev_hdlc { h, length, error }).then(frame)
        }
        _ => return None,
    })
}

const HDLC_OVERRUN: u32 = 3;

/// Events of a span or a clock; `None` for one that is not.
fn span(event: &Event) -> Option<Flat> {
    use Event as E;
    Some(match event {
        E::Alarm { place, now, was } => {
            Flat::new(ccd_ev_alarm { h: of_place(CCD_EV_ALARM, *place), now: *now, was: *was })
        }
        E::Blocked { place, now, was } => {
            Flat::new(ccd_ev_blocked { h: of_place(CCD_EV_BLOCKED, *place), now: *now, was: *was })
        }
        E::Siglink { span, link, up } => {
            let h = of_place(CCD_EV_SIGLINK, Place::Span(*span));
            Flat::new(ccd_ev_siglink { h, link: *link, up: (*up).into(), pad: [0; 3] })
        }
        E::Slip { span, frames } => {
            Flat::new(ccd_ev_slip { h: of_place(CCD_EV_SLIP, Place::Span(*span)), frames: *frames })
        }
        E::Clock { source, source_span } => {
            let (source, source_span) = (*source, *source_span);
            Flat::new(ccd_ev_clock { h: of_device(CCD_EV_CLOCK), source, source_span })
        }
        E::Bus { domain, clock_role } => {
            let (domain, clock_role) = (*domain, *clock_role);
            Flat::new(ccd_ev_bus { h: of_device(CCD_EV_BUS), domain, clock_role })
        }
        _ => return None,
    })
}

/// Events of the device or the driver, which all others are.
fn device(event: &Event) -> Flat {
    use Event as E;
    match event {
        E::Health { temperature_mc, load_permille, text } => {
            let mut e = ccd_ev_health { h: of_device(CCD_EV_HEALTH), ..ccd_ev_health::zeroed() };
            (e.temperature_mc, e.load_permille) = (temperature_mc.unwrap_or(i32::MIN), *load_permille);
            fill(&mut e.text, text);
            Flat::new(e)
        }
        E::Fatal { vendor_code, text } => {
            let h = of_device(CCD_EV_FATAL);
            let mut e = ccd_ev_fatal { h, vendor_code: *vendor_code, ..ccd_ev_fatal::zeroed() };
            fill(&mut e.text, text);
            Flat::new(e)
        }
        E::DeviceAdded { uid, location } => {
            let mut e = ccd_ev_device { h: of_device(CCD_EV_DEVICE_ADDED), ..ccd_ev_device::zeroed() };
            fill(&mut e.uid, uid);
            fill(&mut e.location, location);
            Flat::new(e)
        }
        E::Lost { count } => Flat::new(ccd_ev_lost { h: of_device(CCD_EV_LOST), count: *count }),
        E::Endpoint { address, contact, up, expires_s } => {
            let h = of_device(CCD_EV_ENDPOINT);
            let mut e =
                ccd_ev_endpoint { h, expires_s: *expires_s, up: (*up).into(), ..ccd_ev_endpoint::zeroed() };
            fill(&mut e.address, address);
            fill(&mut e.contact, contact);
            Flat::new(e)
        }
        E::DeviceRemoved => Flat::new(of_device(CCD_EV_DEVICE_REMOVED)),
        other => unreachable!("{other:?} is of a call, a line or a span"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each that is of a call, with the kind and the size it has in the header.
    fn of_calls() -> Vec<(Event, u16, usize)> {
        let (channel, call, text) = (3, 8, String::new);
        let cause = Cause::signalled(17);
        let party = (text(), text(), text(), text(), text());
        let (called, calling, name, redirecting, via) = party.clone();
        let incoming =
            Event::Incoming { channel, call, called, calling, name, redirecting, via, complete: false };
        let (called, calling, name, redirecting, via) = party;
        let info = Event::CallInfo { channel, call, called, calling, name, redirecting, via, complete: true };
        let (supervision, connected) = (Supervision::Loop, text());
        let up = Event::Connected { channel, call, supervision, connected, inband_digits: true };
        let digit =
            Event::Digit { channel, call, kind: DigitKind::Pulse, digit: b'7', edge: DigitEdge::End, ms: 9 };
        let charge =
            Event::Charge { channel, call, units: 1, kind: 1, amount_micro: -1, currency: "CNY".into() };
        vec![
            (incoming, CCD_EV_INCOMING, 384),
            (info, CCD_EV_CALL_INFO, 384),
            (Event::Dialing { channel, call }, CCD_EV_DIALING, 48),
            (Event::Proceeding { channel, call }, CCD_EV_PROCEEDING, 48),
            (Event::Progress { channel, call, inband: true }, CCD_EV_PROGRESS, 56),
            (Event::Alerting { channel, call, inband: true }, CCD_EV_ALERTING, 56),
            (up, CCD_EV_CONNECTED, 120),
            (Event::Disconnected { channel, call, cause }, CCD_EV_DISCONNECTED, 64),
            (Event::Released { channel, call, cause }, CCD_EV_RELEASED, 64),
            (Event::Held { channel, call }, CCD_EV_HELD, 48),
            (Event::Retrieved { channel, call }, CCD_EV_RETRIEVED, 48),
            (Event::Transferred { channel, call, other: 4, to: text() }, CCD_EV_TRANSFERRED, 120),
            (charge, CCD_EV_CHARGE, 72),
            (Event::Raw { channel, call, json: "{\"a\":1}x".into() }, CCD_EV_RAW_IE, 56 + 8),
            (Event::Raw { channel, call, json: "x".repeat(5000) }, CCD_EV_RAW_IE, 56 + 8),
            (Event::Cpa { channel, call, result: 1, confidence: 200 }, CCD_EV_CPA, 56),
            (digit, CCD_EV_DIGIT, 56),
        ]
    }

    /// One of each other.
    fn of_lines_and_devices() -> Vec<(Event, u16, usize)> {
        let (channel, text) = (3, String::new);
        let current = Event::Loop {
            channel,
            current: true,
            battery: true,
            voltage_mv: Some(-48_000),
            current_ua: None,
        };
        let id = Event::CallerId {
            channel,
            number: text(),
            name: text(),
            presentation: 1,
            form: CallerIdForm::V23,
        };
        let health = Event::Health { temperature_mc: None, load_permille: 5, text: text() };
        let endpoint = Event::Endpoint { address: text(), contact: text(), up: true, expires_s: 60 };
        let place = Place::Span(2);
        vec![
            (Event::Hook { channel, off: true }, CCD_EV_HOOK, 56),
            (Event::RingOn { channel, pattern: 0 }, CCD_EV_RING_ON, 56),
            (Event::RingOff { channel }, CCD_EV_RING_OFF, 48),
            (Event::Polarity { channel, reversed: true }, CCD_EV_POLARITY, 56),
            (current, CCD_EV_LOOP, 64),
            (Event::Cas { channel, bits: 255, was: 0 }, CCD_EV_CAS_BITS, 56),
            (Event::Flash { channel, ms: 90 }, CCD_EV_FLASH, 56),
            (
                Event::Tone { channel, tone: CCD_TONE_BUSY, ended: false, confidence: 9, ms: 1 },
                CCD_EV_TONE,
                56,
            ),
            (
                Event::Tone { channel, tone: CCD_TONE_CNG, ended: true, confidence: 9, ms: 1 },
                CCD_EV_FAX_TONE,
                56,
            ),
            (id, CCD_EV_CALLER_ID, 184),
            (Event::Hdlc { channel, frame: vec![1; 9] }, CCD_EV_HDLC, 56 + 16),
            (Event::Hdlc { channel, frame: vec![1; 5000] }, CCD_EV_HDLC, 56),
            (Event::Alarm { place, now: 1, was: 0 }, CCD_EV_ALARM, 56),
            (Event::Blocked { place, now: 1, was: 0 }, CCD_EV_BLOCKED, 56),
            (Event::Siglink { span: 1, link: 0, up: true }, CCD_EV_SIGLINK, 56),
            (Event::Slip { span: 1, frames: -2 }, CCD_EV_SLIP, 56),
            (Event::Clock { source: 1, source_span: 0 }, CCD_EV_CLOCK, 56),
            (Event::Bus { domain: 1, clock_role: 2 }, CCD_EV_BUS, 56),
            (health, CCD_EV_HEALTH, 152),
            (Event::Fatal { vendor_code: 1, text: text() }, CCD_EV_FATAL, 152),
            (Event::DeviceRemoved, CCD_EV_DEVICE_REMOVED, 48),
            (Event::DeviceAdded { uid: text(), location: text() }, CCD_EV_DEVICE_ADDED, 176),
            (Event::Lost { count: 7 }, CCD_EV_LOST, 56),
            (endpoint, CCD_EV_ENDPOINT, 248),
        ]
    }

    #[test]
    fn each_event_has_its_kind_its_size_and_its_place() {
        for (event, kind, size) in of_calls().into_iter().chain(of_lines_and_devices()) {
            let mut flat = Flat::of(&event);
            let head = *flat.head();
            assert_eq!((head.kind, head.size as usize), (kind, size), "{event:?}");
            let is_of_device = kind >= CCD_EV_ALARM;
            assert_eq!(head.chan, if is_of_device { CCD_NO_CHAN } else { 3 }, "{event:?}");
            let is_of_call = kind < CCD_EV_HOOK || kind == CCD_EV_DIGIT;
            assert_eq!(head.call, if is_of_call { 8 } else { 0 }, "{event:?}");
        }
    }

    #[test]
    fn what_follows_a_struct_is_whole_and_padded_with_zeros() {
        let flat = Flat::of(&Event::Hdlc { channel: 0, frame: (1..=9).collect() });
        // SAFETY: the words of this event have been written.
        let words = unsafe { std::slice::from_raw_parts(flat.as_ptr().cast::<u64>(), flat.size / 8) };
        let bytes: Vec<u8> = words[7..].iter().flat_map(|word| word.to_ne_bytes()).collect();
        assert_eq!(bytes, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0]);
    }
}
