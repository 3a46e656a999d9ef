//! What every room stands on: time, ids, languages, limits, named timers, seeded chance, refusals. Imports nothing of callcore.

pub mod civil;
pub mod error;
pub mod id;
pub mod language;
pub mod limits;
pub mod rng;
pub mod time;
pub mod timers;

pub use civil::{Civil, Zone};
pub use error::{Problem, Refused, Why};
pub use id::{Id, Slab};
pub use limits::Limits;
pub use rng::Rng;
pub use time::{Instant, Now, WallTime};
pub use timers::Timers;
