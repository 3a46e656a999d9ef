//! Sound on its way: how samples are written, at which rate, and what turns one into the other. Shared by host and drivers.
//!
//! | what | where |
//! |---|---|
//! | how a slot of the pool is written | [`format`](mod@format) |
//! | payloads to samples and back, one way for all codecs | [`codec`] |
//! | the laws of G.711, in blocks; one to the other | [`g711`] |
//! | G.722 alone | [`g722`] |
//! | 8, 16 and 48 kHz | [`resample`] |
//! | who calls, on an analogue line | [`caller_id`] |
//! | what is heard when a frame is missing | [`conceal`] |
//!
//! Nothing here knows a clock, a socket or a call; nothing allocates after it is made.

mod ahead;
pub mod caller_id;
pub mod codec;
pub mod conceal;
pub mod format;
pub mod g711;
pub mod g722;
pub mod jitter;
pub mod resample;
pub mod samples;
pub mod splice;
pub mod stretch;

pub use ahead::prefetch;
pub use codec::{CodecError, Decoder, Encoder, new_decoder, new_decoder_at, new_encoder, new_encoder_at};
pub use conceal::Concealment;
pub use format::{Format, Rate};
pub use resample::Resampler;
pub use samples::{decode_sampled, encode_sampled};
