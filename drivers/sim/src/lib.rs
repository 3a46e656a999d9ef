//! A driver without hardware: the model's lines and people in real time, behind the same C contract as any board.
//!
//! ```text
//!   host commands ─▶ SimDevice ─┐                          ┌─▶ events (posted)
//!   act lines ────▶ (control)   ├─▶ World (behind a lock) ─┤
//!                   line thread ┘   sleeps to its deadline └─▶ who speaks (atomics) ─▶ SimMedia: voices out
//!                        ▲                                                                │
//!                        └────────── what each person hears (atomics, unpark) ◀── ears in ┘
//! ```
//!
//! The people really listen: a [`Voice`] carries two pilot tones no other sound has, an [`Ear`] finds them in
//! what the host sends, and so tells a person from a prompt, from music and from silence. Nothing about who is
//! connected to whom passes by another way than the audio.
//!
//! Time is the host's `now_ns` alone. A host whose clock runs faster than the wall's says so in `speed_milli`.

mod boards;
mod config;
mod country;
mod device;
mod driver;
mod ear;
mod echo;
mod goertzel;
mod keys;
mod media;
mod receiver;
mod shared;
mod teller;
mod thread;
mod voice;

pub use config::{Source, prompt_ms, world};
pub use device::SimDevice;
pub use driver::SimDriver;
pub use ear::Ear;
pub use media::SimMedia;
pub use voice::{PILOT_HZ, Voice, voice_hz};
