//! Why a call ended or never came to be: ITU-T Q.850 cause, where, how it was found out, and the vendor's own number.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How the end of a call was found out; only the first two are certain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The network or the peer said so.
    #[default]
    Signalled,
    /// The current or the polarity of the line.
    Loop,
    /// A busy tone was heard.
    Tone,
    /// Nothing was heard for long.
    Silence,
    /// The line or span failed.
    Alarm,
    /// Both ends seized the line.
    Glare,
}

/// A telephony outcome. It is data, never an error of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Q.850 cause value, 1..=127.
    pub q850: u8,
    /// How it was found out.
    #[serde(default)]
    pub how: How,
    /// The stack's or board's own number, such as a SIP status; 0 if there is none.
    #[serde(default)]
    pub vendor_code: i64,
}

macro_rules! causes {
    ($($name:ident = $value:literal $text:literal;)*) => {
        impl Cause {
            $(#[doc = concat!("Q.850 #", $value, ": ", $text, ".")]
            pub const $name: Self = Self::new($value);)*

            /// The cause in words, as Q.850 has them; empty for one that is not named here.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self.q850 {
                    $($value => $text,)*
                    _ => "",
                }
            }
        }
    };
}

causes! {
    UNALLOCATED = 1 "unallocated number";
    NO_ROUTE = 3 "no route to destination";
    NORMAL = 16 "normal call clearing";
    USER_BUSY = 17 "user busy";
    NO_USER_RESPONDING = 18 "no user responding";
    NO_ANSWER = 19 "no answer from user";
    SUBSCRIBER_ABSENT = 20 "subscriber absent";
    REJECTED = 21 "call rejected";
    NUMBER_CHANGED = 22 "number changed";
    ANSWERED_ELSEWHERE = 26 "non-selected user clearing";
    OUT_OF_ORDER = 27 "destination out of order";
    INVALID_NUMBER = 28 "invalid number format";
    UNSPECIFIED = 31 "normal, unspecified";
    NO_CIRCUIT = 34 "no circuit or channel available";
    NETWORK_OUT_OF_ORDER = 38 "network out of order";
    TEMPORARY_FAILURE = 41 "temporary failure";
    CONGESTION = 42 "switching equipment congestion";
    CHANNEL_UNAVAILABLE = 44 "requested circuit or channel not available";
    NOT_IMPLEMENTED = 79 "service or option not implemented";
    TIMER_EXPIRED = 102 "recovery on timer expiry";
    INTERWORKING = 127 "interworking, unspecified";
}

impl Cause {
    /// Whether it tells of a line, board or program that failed rather than of what a person did.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self.class(), Self::OUT_OF_ORDER | Self::TEMPORARY_FAILURE | Self::TIMER_EXPIRED)
    }

    /// The bare Q.850 value, to be compared: how it was found out, and the vendor's number left out.
    #[must_use]
    pub const fn class(self) -> Self {
        Self::new(self.q850)
    }

    /// A call that goes out has met one that comes in on the same line (dual seizure; Q.931 5.7).
    pub const GLARE: Self = Self { how: How::Glare, ..Self::CHANNEL_UNAVAILABLE };

    /// A signalled cause; a value outside 1..=127 becomes 31.
    #[must_use]
    pub const fn new(q850: u8) -> Self {
        let q850 = if q850 >= 1 && q850 <= 127 { q850 } else { 31 };
        Self { q850, how: How::Signalled, vendor_code: 0 }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {}", self.q850, self.text())
    }
}
