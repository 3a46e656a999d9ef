//! A driver's flat events as the core's words. Every byte is checked: what a driver posts can confuse, never harm.

use super::line;
use crate::board::{BoardCall, BoardEvent, Cause, ChannelId, DeviceId, Digit, How, Incoming, Supervision};
use callcore_driver_host::{BadSize, EventBytes, size_min};
use callcore_driver_sys::*;
use std::mem::offset_of;

/// What is known of a device when its events are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Which.
    pub(crate) device: DeviceId,
    /// How many channels it has.
    pub(crate) channels: u32,
}

/// What keeps channels from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outage {
    /// Nothing gets through.
    Alarm,
    /// Somebody has blocked them.
    Block,
}

impl Outage {
    /// It begins or ends on a channel.
    pub(crate) const fn event(self, channel: ChannelId, on: bool) -> BoardEvent {
        match self {
            Self::Alarm => BoardEvent::Alarm { channel, on },
            Self::Block => BoardEvent::Service { channel, up: !on },
        }
    }
}

/// What an outage is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Channel(u32),
    /// All of its channels; the host knows them.
    Span(u32),
}

/// An event that has been read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Parsed {
    /// For the core.
    Board(BoardEvent),
    /// An outage begins or ends.
    Outage { place: Place, outage: Outage, on: bool },
    /// An accepted command has completed.
    Done { req: u64, channel: u32, call: u64, status: i32, cause: u16 },
    /// The device is gone.
    Removed,
    /// Right, but of no use here.
    Ignored,
}

/// Why an event is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error(transparent)]
    Size(#[from] BadSize),
    #[error("channel {0} does not exist")]
    Channel(u32),
    #[error("an event of a call without a call")]
    NoCall,
    #[error("{0:#04x} is not a digit")]
    Digit(u8),
    #[error("a device that appears is the driver's to tell, on the host table of create")]
    Elsewhere,
}

/// What an event is about, if the device has it.
trait Subject {
    fn channel_id(&self, shape: Shape) -> Result<ChannelId, Malformed>;
    fn call_id(&self) -> Result<BoardCall, Malformed>;
    fn leg(&self, shape: Shape) -> Result<(ChannelId, BoardCall), Malformed>;
}

impl Subject for EventBytes<'_> {
    fn channel_id(&self, shape: Shape) -> Result<ChannelId, Malformed> {
        let index = self.chan();
        if index >= shape.channels {
            return Err(Malformed::Channel(index));
        }
        Ok(ChannelId { device: shape.device, index })
    }

    fn call_id(&self) -> Result<BoardCall, Malformed> {
        match self.call() {
            0 => Err(Malformed::NoCall),
            call => Ok(BoardCall(call)),
        }
    }

    fn leg(&self, shape: Shape) -> Result<(ChannelId, BoardCall), Malformed> {
        Ok((self.channel_id(shape)?, self.call_id()?))
    }
}

/// Read one event.
pub(crate) fn parse(shape: Shape, bytes: &[u8]) -> Result<Parsed, Malformed> {
    let event = EventBytes(bytes);
    let kind = event.kind();
    let (size, min) = (bytes.len(), size_min(kind));
    if size < min {
        return Err(BadSize { size, min }.into());
    }
    match kind {
        CCD_EV_DONE => Ok(done(&event)),
        CCD_EV_INCOMING..=CCD_EV_CPA => call_event(shape, kind, &event),
        CCD_EV_DIGIT if event.call() != 0 => digit(shape, &event),
        CCD_EV_HOOK..=CCD_EV_CALLER_ID => {
            let channel = event.channel_id(shape)?;
            let line = line::event(kind, &event)?;
            Ok(line.map_or(Parsed::Ignored, |event| Parsed::Board(BoardEvent::Line { channel, event })))
        }
        CCD_EV_ALARM => outage(shape, Outage::Alarm, event.u32(offset_of!(ccd_ev_alarm, now)), &event),
        CCD_EV_BLOCKED => outage(shape, Outage::Block, event.u32(offset_of!(ccd_ev_blocked, now)), &event),
        CCD_EV_DEVICE_REMOVED | CCD_EV_FATAL => Ok(Parsed::Removed),
        CCD_EV_DEVICE_ADDED => Err(Malformed::Elsewhere),
        CCD_EV_LOST => Ok(Parsed::Board(BoardEvent::Lost {
            device: shape.device,
            count: event.u64(offset_of!(ccd_ev_lost, count)),
        })),
        CCD_EV_ENDPOINT => Ok(Parsed::Board(BoardEvent::Endpoint {
            device: shape.device,
            address: event.text(offset_of!(ccd_ev_endpoint, address), 64),
            up: event.u8(offset_of!(ccd_ev_endpoint, up)) != 0,
        })),
        _ => Ok(Parsed::Ignored),
    }
}

fn done(event: &EventBytes<'_>) -> Parsed {
    Parsed::Done {
        req: event.req(),
        channel: event.chan(),
        call: event.call(),
        status: event.u32(offset_of!(ccd_ev_done, status)).cast_signed(),
        cause: event.u16(offset_of!(ccd_ev_done, cause)),
    }
}

fn call_event(shape: Shape, kind: u16, event: &EventBytes<'_>) -> Result<Parsed, Malformed> {
    let (channel, call) = event.leg(shape)?;
    let inband = event.u8(offset_of!(ccd_ev_progress, inband)) != 0;
    Ok(Parsed::Board(match kind {
        CCD_EV_INCOMING => BoardEvent::Incoming { channel, call, incoming: incoming(event) },
        CCD_EV_CALL_INFO => BoardEvent::CallInfo { channel, call, incoming: incoming(event) },
        CCD_EV_PROCEEDING => BoardEvent::Proceeding { channel, call },
        CCD_EV_PROGRESS => BoardEvent::Progress { channel, call, inband },
        CCD_EV_ALERTING => BoardEvent::Alerting { channel, call, inband },
        CCD_EV_CONNECTED => {
            let inband_digits = event.u8(offset_of!(ccd_ev_connected, inband_digits)) != 0;
            let supervision = match event.u8(offset_of!(ccd_ev_connected, supervision)) {
                CCD_SUP_LOOP => Supervision::Loop,
                CCD_SUP_INFERRED => Supervision::Inferred,
                CCD_SUP_ASSUMED => Supervision::Assumed,
                _ => Supervision::Signalled,
            };
            BoardEvent::Connected { channel, call, supervision, inband_digits }
        }
        CCD_EV_DISCONNECTED => BoardEvent::Disconnected { channel, call, cause: cause(event) },
        CCD_EV_RELEASED => BoardEvent::Released { channel, call, cause: cause(event) },
        CCD_EV_HELD => BoardEvent::Held { channel, call },
        CCD_EV_RETRIEVED => BoardEvent::Retrieved { channel, call },
        _ => return Ok(Parsed::Ignored),
    }))
}

fn incoming(event: &EventBytes<'_>) -> Incoming {
    Incoming {
        called: event.text(offset_of!(ccd_ev_incoming, called), 64),
        calling: event.text(offset_of!(ccd_ev_incoming, calling), 64),
        name: event.text(offset_of!(ccd_ev_incoming, name), 64),
        via: event.text(offset_of!(ccd_ev_incoming, via), 64),
        overlap: event.u8(offset_of!(ccd_ev_incoming, complete)) == 0,
    }
}

fn cause(event: &EventBytes<'_>) -> Cause {
    let q850 = u8::try_from(event.u16(offset_of!(ccd_ev_disconnected, q850))).unwrap_or(0);
    let how = match event.u8(offset_of!(ccd_ev_disconnected, how)) {
        CCD_HOW_LOOP => How::Loop,
        CCD_HOW_TONE => How::Tone,
        CCD_HOW_SILENCE => How::Silence,
        CCD_HOW_ALARM => How::Alarm,
        CCD_HOW_GLARE => How::Glare,
        _ => How::Signalled,
    };
    let vendor_code = event.u64(offset_of!(ccd_ev_disconnected, vendor_code)).cast_signed();
    Cause { how, vendor_code, ..Cause::new(q850) }
}

fn digit(shape: Shape, event: &EventBytes<'_>) -> Result<Parsed, Malformed> {
    let Some(digit) = key(event)? else { return Ok(Parsed::Ignored) };
    let (channel, call) = event.leg(shape)?;
    Ok(Parsed::Board(BoardEvent::Digit { channel, call, digit }))
}

/// The key that was pressed. None: MF and R2 are signalling between exchanges, and the end of a key tells nothing that its
/// beginning has not told.
pub(super) fn key(event: &EventBytes<'_>) -> Result<Option<Digit>, Malformed> {
    let kind = event.u8(offset_of!(ccd_ev_digit, kind));
    let edge = event.u8(offset_of!(ccd_ev_digit, edge));
    if !matches!(kind, CCD_DIGIT_DTMF | CCD_DIGIT_PULSE) || edge == 2 {
        return Ok(None);
    }
    let ascii = event.u8(offset_of!(ccd_ev_digit, digit));
    Digit::new(ascii).map(Some).ok_or(Malformed::Digit(ascii))
}

fn outage(shape: Shape, outage: Outage, now: u32, event: &EventBytes<'_>) -> Result<Parsed, Malformed> {
    let place = match event.chan() {
        CCD_NO_CHAN => Place::Span(event.span()),
        _ => Place::Channel(event.channel_id(shape)?.index),
    };
    Ok(Parsed::Outage { place, outage, on: now != 0 })
}
