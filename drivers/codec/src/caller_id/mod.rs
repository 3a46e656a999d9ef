//! Who calls, as an exchange tells a telephone in the pause after the first ring: by frequency shift keying or by keys.
//!
//! ```text
//!   CallerId ─▶ message: type, length, parameters, checksum ─▶ FskSender ─▶ samples ─▶ FskReceiver ─▶ message ─▶ CallerId
//! ```
//!
//! The message is that of Bellcore GR-30 and ETSI EN 300 659-3: the single data format (SDMF) has date and number, the
//! multiple data format (MDMF) a name besides. It goes out at 1200 bit/s with 8 data bits, one start and one stop bit, after
//! a channel seizure and a mark: 1200 and 2200 Hz in North America (Bell 202), 1300 and 2100 Hz elsewhere (ITU-T V.23).
//! Some countries send keys instead ([`to_keys`]).

mod fsk;
mod message;
#[cfg(test)]
mod tests;

pub use fsk::{FskReceiver, FskSender, Modem};
pub use message::{CallerId, MESSAGE_MAX, MessageError, Shape};

/// Longest number, in digits.
const KEYS_MAX: usize = 32;

/// The number as keys of ITU-T Q.23: `D` before it and `C` after it (ETSI EN 300 659-3 annex B). Other characters than
/// digits are left out.
#[must_use]
pub fn to_keys(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).take(KEYS_MAX).collect();
    format!("D{digits}C")
}

/// The number that was told by keys; none if they begin or end in another way.
#[must_use]
pub fn from_keys(keys: &str) -> Option<&str> {
    let digits = keys.strip_prefix(['A', 'D'])?.strip_suffix(['C', '#'])?;
    let fine =
        !digits.is_empty() && digits.len() <= KEYS_MAX && digits.bytes().all(|key| key.is_ascii_digit());
    fine.then_some(digits)
}
