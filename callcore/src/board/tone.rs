//! The tones of a telephone network, by name; how each sounds in a country is `media::tone`'s matter.

use serde::{Deserialize, Serialize};

/// Tones of a telephone network (ITU-T E.180, E.182), and those of fax and modem machines; how they sound is the
/// country's matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// The exchange waits for digits.
    Dial,
    /// The called one is being rung.
    Ringback,
    /// The called one is busy.
    Busy,
    /// No way through; reorder.
    Congestion,
    /// The exchange waits for digits, and something is not as usual: calls are forwarded, messages wait.
    SpecialDial,
    /// Somebody else is calling.
    CallWaiting,
    /// Somebody breaks in, or waits on a trunk: come to an end (E.180 calls it intrusion tone).
    Intrusion,
    /// A third party hears what is said.
    ThirdParty,
    /// There is nobody with this number.
    NumberUnobtainable,
    /// Something else is the matter; an announcement follows (SIT).
    SpecialInformation,
    /// The receiver is off hook and should not be.
    Howler,
    /// A fax machine calls (CNG of T.30).
    FaxCalling,
    /// A fax machine answers (CED of T.30); ends by itself.
    FaxAnswer,
    /// A modem answers, and turns echo control off by reversals of phase (V.25); ends by itself.
    ModemAnswer,
}

impl Tone {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Dial,
        Self::Ringback,
        Self::Busy,
        Self::Congestion,
        Self::SpecialDial,
        Self::CallWaiting,
        Self::Intrusion,
        Self::ThirdParty,
        Self::NumberUnobtainable,
        Self::SpecialInformation,
        Self::Howler,
        Self::FaxCalling,
        Self::FaxAnswer,
        Self::ModemAnswer,
    ];
}
