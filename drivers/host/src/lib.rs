//! The host's side of `callcore_driver.h`: finds and loads drivers, agrees with them, and calls them.
//!
//! ```text
//!   Entry ── negotiate ──▶ Accepted ── create ──▶ dyn Driver ── open ──▶ dyn Device ── start ──▶ dyn Media
//!   (a library, or built in)                        │                      │                       │
//!                                                   └──── dyn Host ◀───────┴── post, log, cfg_* ───┘
//! ```
//!
//! Which drivers there are is found by their manifests, without loading them: [`discover`].
//!
//! Settings are held against the schema that a driver gives by [`schema`].
//!
//! What stands between host and driver to watch, write down, or make trouble is in [`layer`].
//!
//! Four traits are the seam: [`Driver`], [`Device`], [`Media`] and [`Host`]. [`Accepted::create`] gives the ones that
//! cross the border by the C tables, which is the only `unsafe` there is; whatever wraps one of them, or takes its place,
//! is safe Rust.

mod command;
pub mod config;
pub mod discover;
mod error;
mod event;
mod info;
pub mod layer;
mod pool;
mod raw;
pub mod schema;
mod seam;
mod text;

pub use callcore_driver_sys as sys;
pub use command::{BusAddress, CallerId, Command, Function};
pub use error::LoadError;
pub use event::{BadSize, EventBytes, checked_size, size_min};
pub use info::{BusInfo, ChannelInfo, DeviceInfo, DriverInfo};
pub use pool::{FRAME_SAMPLES, Pool, Way};
pub use raw::{Accepted, Entry};
pub use seam::{Device, Driver, Host, Media, Push, Tick};
