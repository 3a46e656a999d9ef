//! Keys of a telephone (ITU-T Q.23) and strings of them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One of the sixteen keys: `0`-`9`, `*`, `#`, `A`-`D`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digit(u8);

impl Digit {
    /// The sixteen keys in the order of their RFC 4733 event codes.
    pub const ALL: [u8; 16] = *b"0123456789*#ABCD";

    /// From ASCII; lower-case letters are taken too.
    #[must_use]
    pub const fn new(ascii: u8) -> Option<Self> {
        let upper = ascii.to_ascii_uppercase();
        match upper {
            b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D' => Some(Self(upper)),
            _ => None,
        }
    }

    /// As ASCII.
    #[must_use]
    pub const fn ascii(self) -> u8 {
        self.0
    }

    /// As a character.
    #[must_use]
    pub const fn char(self) -> char {
        self.0 as char
    }
}

impl fmt::Display for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.char())
    }
}

impl Serialize for Digit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_char(self.char())
    }
}

impl<'de> Deserialize<'de> for Digit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = char::deserialize(deserializer)?;
        u8::try_from(text)
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| serde::de::Error::custom(format!("'{text}' is not a key: use 0-9 * # A-D")))
    }
}

/// A string of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digits(String);

impl Digits {
    /// The keys as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One more key at the end.
    pub fn push(&mut self, digit: Digit) {
        self.0.push(digit.char());
    }

    /// Whether a key is among them.
    #[must_use]
    pub fn contains(&self, digit: Digit) -> bool {
        self.0.as_bytes().contains(&digit.ascii())
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Digit> for Digits {
    fn from(digit: Digit) -> Self {
        Self(digit.char().into())
    }
}

impl TryFrom<String> for Digits {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.bytes().find(|byte| Digit::new(*byte).is_none()) {
            Some(byte) => Err(format!("'{}' in '{text}' is not a key: use 0-9 * # A-D", char::from(byte))),
            None => Ok(Self(text.to_ascii_uppercase())),
        }
    }
}

impl From<Digits> for String {
    fn from(digits: Digits) -> Self {
        digits.0
    }
}
