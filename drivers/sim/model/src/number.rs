//! What may stand for a telephone number and for a digit; both limits come from the driver contract.

/// Longest number, in bytes: the contract's event fields hold 64 with their NUL.
pub const NUMBER_BYTES_MAX: usize = 63;

/// One of `0-9 * # A-D`.
pub fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | '*' | '#' | 'A'..='D')
}

/// 1 to 63 bytes without blanks and control characters.
pub fn is_number(text: &str) -> bool {
    (1..=NUMBER_BYTES_MAX).contains(&text.len()) && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}
