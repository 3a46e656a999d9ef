//! Write a callcore driver in safe Rust: implement [`Driver`], [`Device`] and [`Media`], and export them.
//!
//! ```text
//!   host ── ccd_negotiate ──▶ glue (this crate: checks, locks, panics, DONE) ──▶ your Driver ─▶ Device ─▶ Media
//!     ▲                                                                             │
//!     └────────────── events, log, configuration: Host ◀────────────────────────────┘
//! ```
//!
//! The glue keeps the rules of `callcore_driver.h` for you: struct sizes, NULL and UTF-8 checks, states, panics, one
//! `DONE` per accepted command, event numbers and time stamps. What is left is the telephony.
//!
//! A loadable library is an example target with `crate-type = ["cdylib"]` that holds one line:
//! `callcore_driver_sdk::export_driver!(MyDriver);`. A host that builds the driver in takes [`negotiate_fn`] instead.

mod driver;
mod event;
mod flat;
mod glue;
mod host;
#[cfg(feature = "testkit")]
pub mod testkit;
mod text;
mod tick;
mod types;

pub use callcore_codec::{Format, Rate};
pub use callcore_driver_sys as sys;
pub use driver::{Completion, Device, Driver, Media};
pub use event::{CallerIdForm, DigitEdge, DigitKind, Event, Place, Supervision};
pub use glue::{negotiate, negotiate_fn};
pub use host::{Host, PostError, Request};
pub use tick::{Channels, Tick};
pub use types::{
    BusAddr, BusInfo, CallerId, Cause, ChannelInfo, DeviceInfo, DriverInfo, Error, HookOp, Make, MediaSetup,
    PacedBy, Step,
};

/// Exports the one symbol of a driver library, `ccd_negotiate`, for a type that implements [`Driver`].
#[macro_export]
macro_rules! export_driver {
    ($driver:ty) => {
        /// The entry of the driver; see `callcore_driver.h`.
        ///
        /// # Safety
        /// `offer` and `accept` are NULL or point to structs whose `size` member is right.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn ccd_negotiate(
            offer: *const $crate::sys::ccd_offer,
            accept: *mut $crate::sys::ccd_accept,
        ) -> $crate::sys::ccd_status {
            // SAFETY: the caller's promise is passed on unchanged.
            unsafe { $crate::negotiate::<$driver>(offer, accept) }
        }
    };
}
