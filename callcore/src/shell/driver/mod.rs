//! Drivers, in the core's words: what `callcore_driver_host` says and is told, from and for the exchange and the media
//! thread.
//!
//! ```text
//!   dyn Driver ── open ──▶ Device (board thread)  ── start ──▶ MediaHalf (media thread)
//!                           ▲ Context: takes events, gives the clock and the configuration (any thread of the driver)
//! ```

mod context;
mod device;
mod drivers;
mod event;
mod line;
mod log;
mod media;

#[cfg(test)]
mod media_tests;
#[cfg(test)]
mod tests;

pub(crate) use context::Context;
pub(crate) use device::{Device, Opening};
pub(crate) use drivers::Drivers;
pub use drivers::REPLAY;
pub(crate) use media::MediaHalf;

use crate::board::Cause;
use callcore_driver_sys::*;

/// The telephony outcome that a driver's refusal means for the call it was about.
pub(crate) fn cause(status: ccd_status) -> Cause {
    let cause = match status {
        CCD_E_GONE => Cause::SUBSCRIBER_ABSENT,
        CCD_E_BUSY => Cause::CHANNEL_UNAVAILABLE,
        CCD_E_GLARE => Cause::GLARE,
        CCD_E_FULL | CCD_E_NOMEM => Cause::CONGESTION,
        CCD_E_UNSUPPORTED => Cause::NOT_IMPLEMENTED,
        CCD_E_ARG => Cause::INVALID_NUMBER,
        CCD_E_IO | CCD_E_BUS | CCD_E_CLOCK => Cause::NETWORK_OUT_OF_ORDER,
        CCD_E_TIMEOUT => Cause::TIMER_EXPIRED,
        _ => Cause::TEMPORARY_FAILURE,
    };
    Cause { vendor_code: i64::from(status), ..cause }
}
