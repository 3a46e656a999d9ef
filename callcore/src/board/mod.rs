//! What a board says and what it can be told: the driver contract's words without its pointers.

pub mod cause;
pub mod channel;
pub mod command;
pub mod digit;
pub mod event;
pub mod line;
pub mod tone;

pub use cause::{Cause, How};
pub use channel::{BoardCall, ChannelId, ChannelInfo, DeviceId, Kind, Signalling};
pub use command::{BoardCommand, Step};
pub use digit::{Digit, Digits};
pub use event::{BoardEvent, Incoming, Supervision};
pub use line::{CallerId, Dialling, LineCommand, LineEvent, LoopState};
pub use tone::Tone;
