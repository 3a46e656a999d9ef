//! Loaded drivers: the only room in the library that calls or is called through the C contract of `callcore_driver.h`.
//!
//! ```text
//!   load ── negotiate ──▶ Accepted ── open ──▶ Device (board thread)  ── start ──▶ MediaHalf (media thread)
//!                                               ▲ host::Context: post, log, now_ns, cfg_*  (any thread of the driver)
//! ```

mod config;
mod device;
mod event;
mod host;
mod load;
mod log;
mod media;
mod pool;
mod table;

#[cfg(test)]
mod media_tests;
#[cfg(test)]
mod tests;

pub use load::LoadError;

pub(crate) use device::{Device, Opening};
pub(crate) use host::Context;
pub(crate) use load::{load, negotiate};
pub(crate) use media::MediaHalf;
pub(crate) use pool::FRAME_SAMPLES;

use crate::board::Cause;
use callcore_driver_sys::*;

/// The telephony outcome that a driver's refusal means for the call it was about.
pub(crate) fn cause(status: ccd_status) -> Cause {
    let cause = match status {
        CCD_E_GONE => Cause::SUBSCRIBER_ABSENT,
        CCD_E_BUSY | CCD_E_GLARE => Cause::CHANNEL_UNAVAILABLE,
        CCD_E_FULL | CCD_E_NOMEM => Cause::CONGESTION,
        CCD_E_UNSUPPORTED => Cause::NOT_IMPLEMENTED,
        CCD_E_ARG => Cause::INVALID_NUMBER,
        CCD_E_IO | CCD_E_BUS | CCD_E_CLOCK => Cause::NETWORK_OUT_OF_ORDER,
        CCD_E_TIMEOUT => Cause::TIMER_EXPIRED,
        _ => Cause::TEMPORARY_FAILURE,
    };
    Cause { vendor_code: i64::from(status), ..cause }
}
