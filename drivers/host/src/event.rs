//! The bytes of an event, read field by field; no read goes outside of them.

use callcore_driver_sys::*;
use std::mem::offset_of;

/// A size that an event cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("size {size} is not a multiple of 8 in {min}..=4096")]
pub struct BadSize {
    /// What it says.
    pub size: usize,
    /// The least it could say.
    pub min: usize,
}

/// The size an event says it has, if it can be true.
///
/// # Errors
/// It cannot.
pub fn checked_size(size: u32) -> Result<usize, BadSize> {
    let (size, min) = (size as usize, size_of::<ccd_event>());
    if size < min || size > CCD_EVENT_MAX as usize || !size.is_multiple_of(8) {
        return Err(BadSize { size, min });
    }
    Ok(size)
}

/// Shortest event of a type that holds all its fields of ABI 1.0.
#[must_use]
pub fn size_min(kind: u16) -> usize {
    match kind {
        CCD_EV_DONE => size_of::<ccd_ev_done>(),
        CCD_EV_INCOMING | CCD_EV_CALL_INFO => size_of::<ccd_ev_incoming>(),
        CCD_EV_PROGRESS | CCD_EV_ALERTING => size_of::<ccd_ev_progress>(),
        CCD_EV_CONNECTED => size_of::<ccd_ev_connected>(),
        CCD_EV_DISCONNECTED | CCD_EV_RELEASED => size_of::<ccd_ev_disconnected>(),
        CCD_EV_TRANSFERRED => size_of::<ccd_ev_transferred>(),
        CCD_EV_CHARGE => size_of::<ccd_ev_charge>(),
        CCD_EV_RAW_IE => size_of::<ccd_ev_raw>(),
        CCD_EV_CPA => size_of::<ccd_ev_cpa>(),
        CCD_EV_HOOK => size_of::<ccd_ev_hook>(),
        CCD_EV_RING_ON => size_of::<ccd_ev_ring>(),
        CCD_EV_POLARITY => size_of::<ccd_ev_polarity>(),
        CCD_EV_LOOP => size_of::<ccd_ev_loop>(),
        CCD_EV_CAS_BITS => size_of::<ccd_ev_cas>(),
        CCD_EV_FLASH => size_of::<ccd_ev_flash>(),
        CCD_EV_DIGIT => size_of::<ccd_ev_digit>(),
        CCD_EV_TONE | CCD_EV_FAX_TONE => size_of::<ccd_ev_tone>(),
        CCD_EV_CALLER_ID => size_of::<ccd_ev_caller_id>(),
        CCD_EV_HDLC => size_of::<ccd_ev_hdlc>(),
        CCD_EV_ALARM => size_of::<ccd_ev_alarm>(),
        CCD_EV_SIGLINK => size_of::<ccd_ev_siglink>(),
        CCD_EV_BLOCKED => size_of::<ccd_ev_blocked>(),
        CCD_EV_CLOCK => size_of::<ccd_ev_clock>(),
        CCD_EV_SLIP => size_of::<ccd_ev_slip>(),
        CCD_EV_BUS => size_of::<ccd_ev_bus>(),
        CCD_EV_DEVICE_ADDED => size_of::<ccd_ev_device>(),
        CCD_EV_HEALTH => size_of::<ccd_ev_health>(),
        CCD_EV_FATAL => size_of::<ccd_ev_fatal>(),
        CCD_EV_LOST => size_of::<ccd_ev_lost>(),
        CCD_EV_ENDPOINT => size_of::<ccd_ev_endpoint>(),
        _ => size_of::<ccd_event>(),
    }
}

/// An event's bytes. What is not there reads as 0 or as an empty text.
#[derive(Clone, Copy, Debug)]
pub struct EventBytes<'a>(pub &'a [u8]);

macro_rules! head {
    ($($(#[doc = $doc:literal])* $name:ident = $field:ident: $type:ident;)*) => {$(
        $(#[doc = $doc])*
        #[must_use]
        pub fn $name(&self) -> $type {
            $type::from_ne_bytes(self.array(offset_of!(ccd_event, $field)))
        }
    )*};
}

impl<'a> EventBytes<'a> {
    head! {
        /// `CCD_EV_*`.
        kind = kind: u16;
        /// None are defined yet.
        flags = flags: u16;
        /// When the driver saw it.
        t_ns = t_ns: u64;
        /// Its number.
        seq = seq: u64;
        /// Its channel; `CCD_NO_CHAN` for an event of a span or the device.
        chan = chan: u32;
        /// Its span.
        span = span: u32;
        /// Its call; 0: none.
        call = call: u64;
        /// The request that is done.
        req = req: u64;
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        self.0.get(at..at + N).and_then(|part| part.try_into().ok()).unwrap_or([0; N])
    }

    /// The byte at a place.
    #[must_use]
    pub fn u8(&self, at: usize) -> u8 {
        self.array::<1>(at)[0]
    }

    /// 16 bits at a place.
    #[must_use]
    pub fn u16(&self, at: usize) -> u16 {
        u16::from_ne_bytes(self.array(at))
    }

    /// 32 bits at a place.
    #[must_use]
    pub fn u32(&self, at: usize) -> u32 {
        u32::from_ne_bytes(self.array(at))
    }

    /// 64 bits at a place.
    #[must_use]
    pub fn u64(&self, at: usize) -> u64 {
        u64::from_ne_bytes(self.array(at))
    }

    /// The bytes of a fixed field.
    #[must_use]
    pub fn field(&self, at: usize, length: usize) -> &'a [u8] {
        self.0.get(at..at + length).unwrap_or_default()
    }

    /// The text of a fixed field up to its NUL or its end, without what would spoil a log or a record.
    #[must_use]
    pub fn text(&self, at: usize, length: usize) -> String {
        let field = self.field(at, length);
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
        let mut text = String::from_utf8_lossy(&field[..end]).into_owned();
        text.retain(|c| !c.is_control());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        for size in [0, 8, 47, 52, 4097, 4104, u32::MAX] {
            assert!(checked_size(size).is_err(), "{size}");
        }
        assert_eq!(checked_size(48), Ok(48));
        assert_eq!(checked_size(4096), Ok(4096));
    }

    #[test]
    fn what_is_not_there_reads_as_nothing() {
        let event = EventBytes(&[1; 40]);
        assert_eq!((event.kind(), event.req(), event.text(38, 4).as_str()), (0x0101, 0, ""));
        assert_eq!(EventBytes(b"An\x01na\xff\0x").text(0, 8), "Anna\u{fffd}");
    }
}
