//! A host for the tests of drivers: the real tables, a ring of events, a clock that may run fast, a frame at a time.
//!
//! Only with the feature `testkit`. It keeps the contract itself, so what a driver does wrong shows as the driver's
//! fault: it panics on events that are malformed or numbered with a gap.

mod allocator;
mod bench;
mod echo;
mod host;
#[cfg(target_os = "linux")]
mod quiet;

pub use allocator::CountingAllocator;
pub use bench::{Bench, Refused};
pub use echo::Echo;
pub use host::{Seen, Setting, TestHost};
#[cfg(target_os = "linux")]
pub use quiet::steps_without_system_call;
