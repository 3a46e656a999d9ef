//! The shell: everything that touches the world. Threads, the clock, files, and drivers loaded over the C contract.
//!
//! ```text
//!  driver's threads ─post─▶ DeviceRing ─┐                      ┌─▶ journal thread: facts are written, then
//!  media thread ────event─▶ Inbox ──────┼─▶ control thread ────┤     ├─▶ board thread (one a device) ─▶ driver [control]
//!  Handle ──────────wish──▶ Inbox ──────┤   (the Exchange)     │     ├─▶ media thread ─▶ engine, driver [media]
//!  recorder ────completed─▶ Inbox ──────┘                      │     └─▶ subscribers of events
//!  housekeeper: drops the media thread's waste, watches drivers that do not return
//! ```
//!
//! A program makes a [`Node`] from the core's [`Config`](crate::exchange::Config) and [`Settings`], and talks to it
//! through [`Handle`]s:
//!
//! ```no_run
//! use callcore::exchange::{Command, Config, Event};
//! use callcore::shell::{DeviceSettings, Failed, Handle, Node, Settings};
//!
//! # fn main() -> Result<(), Failed> {
//! # let config = Config::default();
//! let mut settings = Settings::new("data");
//! let slot = serde_json::json!({ "slot": 1 });
//! settings.devices.push(DeviceSettings::new("board", "/usr/lib/callcore/drivers/board.so", slot));
//! let (node, events) = Node::start_with(config, settings, Handle::events)?;
//! let handle = node.handle();
//! for event in events {
//!     match event {
//!         // a call whose route says `application`
//!         Event::Offered { call, .. } => drop(handle.command(Command::Answer { call })),
//!         Event::Stopped => break,
//!         _ => {}
//!     }
//! }
//! node.stop()
//! # }
//! ```

mod board;
mod boards;
mod clock;
mod control;
mod devices;
mod driver;
mod effects;
mod elastic;
mod failed;
mod handle;
mod housekeeper;
mod inbox;
pub mod journal;
mod mailbox;
mod media;
mod memory;
mod node;
mod paced;
mod playback;
mod ports;
mod priority;
pub mod prompts;
pub mod recorder;
mod resolve;
mod roster;
mod settings;
mod stats;
pub mod store;
mod voices;

pub use callcore_driver_host::LoadError;
pub use callcore_driver_host::discover::Search;
pub use callcore_driver_host::layer::Layer;
pub use driver::REPLAY;
pub use failed::Failed;
pub use handle::Handle;
pub use journal::JournalSync;
pub use node::Node;
pub use playback::RECORDING;
pub use ports::AudioPort;
pub use prompts::Prompts;
pub use settings::{BuiltIn, DeviceSettings, Settings};
pub use stats::{DeviceStats, MediaStats, Stats};

/// The receiving end of [`Handle::events`].
pub use crossbeam_channel::Receiver;

#[cfg(test)]
mod incident_tests;
#[cfg(test)]
mod tests;
