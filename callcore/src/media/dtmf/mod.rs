//! Keys in the audio (ITU-T Q.23): sending them, and hearing them as Q.24 asks for.
//!
//! ```text
//!           1209  1336  1477  1633 Hz
//!    697      1     2     3     A
//!    770      4     5     6     B
//!    852      7     8     9     C
//!    941      *     0     #     D
//!
//!   frames ─▶ blocks of 12.75 ms ─▶ loud? ─▶ first look ─▶ twice the same pair? ─▶ close look ─▶ key
//!                                     └ dial tone? its filter ─┘        both frequencies, levels, purity, edges
//! ```
//!
//! # What is heard
//!
//! | of each key | heard | refused |
//! |---|---|---|
//! | deviation of either tone | ±1.5 % (and ±1.8 %) | ±3.5 % (and ±3 %) |
//! | level of each tone | 0 to -35 dBm0 | -38 dBm0 and below |
//! | low group above high ("forward" or "normal" twist, as a line makes it) | 8 dB | 12 dB |
//! | high group above low ("reverse" twist) | 4 dB | 8 dB |
//! | sound | 40 ms | 23 ms |
//! | pause between two keys | 40 ms | 10 ms: it is one key |
//! | white noise over the whole band | 15 dB below both tones together | |
//! | octave of each tone (Q.23: at most 1 % of distortion) | 20 dB below it | |
//! | dial tone of 350 to 475 Hz below, heard for 150 ms before | as loud as each tone, or 10 dB louder | |
//!
//! A key of 40 ms always holds two whole blocks. Speech and music are refused because they are not pure, not steady, or have
//! overtones. `callcore/tests/dtmf_criteria.rs` holds all of this, with keys of its own and of sox, and talk-off by the hour.
//!
//! # Why one channel at a time
//!
//! A node listens on many channels at once, and most of them are silent or speak. `benches/dtmf.rs` has the ways that were
//! tried, in instructions (callgrind, x86-64 with SSE2) for the first look of one channel and 20 ms frame:
//!
//! | way | instructions |
//! |---|---|
//! | Goertzel, 8 channels side by side | 3290 |
//! | 16 correlations side by side, one channel | 3262 |
//! | i16, folded around the middle, one channel | 2828 |
//! | f32, sums of two samples, folded, 8 channels side by side | 2714 |
//! | Goertzel, 8 tones side by side, one channel | 2560 |
//! | f32, folded, 8 tones side by side, one channel | 2306 |
//! | f32, sums of two samples, folded, one channel | 1395 |
//! | the same, high group only if the low one is there | 1147 |
//!
//! The tones of one channel fill the vectors as well as eight channels do, and nothing has to be turned round first, kept in
//! step, or done for a channel that is silent; so the last way is taken. Wider vectors would need `unsafe` or another target.
//! A whole detector takes 525 instructions for a frame of silence, 1700 of speech, 2300 of keys, 7200 of a dial tone.

pub mod detect;
mod dial;
mod look;
pub mod send;
mod verify;

pub use detect::{BEGAN_SAMPLES_AGO_MAX, Detector, Ended};
pub use send::{KeyForm, KeyFormError, Keys, Sender};

use crate::board::Digit;

/// The low group and then the high group.
pub(crate) const FREQUENCIES_HZ: [u16; 8] = [697, 770, 852, 941, 1209, 1336, 1477, 1633];
const KEYS: [[u8; 4]; 4] = [*b"123A", *b"456B", *b"789C", *b"*0#D"];

/// Row and column of a key.
fn place(key: Digit) -> (usize, usize) {
    let at = KEYS.as_flattened().iter().position(|ascii| *ascii == key.ascii());
    let at = at.expect("the sixteen keys are the table's sixteen");
    (at / 4, at % 4)
}

/// The key at a row and a column, each 0 to 3.
fn key_at(row: usize, column: usize) -> Digit {
    Digit::new(KEYS[row][column]).expect("the table's sixteen are keys")
}

#[cfg(test)]
mod tests;
