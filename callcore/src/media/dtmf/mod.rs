//! Keys in the audio (ITU-T Q.23): sending them, and hearing them (Q.24).
//!
//! ```text
//!           1209  1336  1477  1633 Hz
//!    697      1     2     3     A
//!    770      4     5     6     B
//!    852      7     8     9     C
//!    941      *     0     #     D
//! ```

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
