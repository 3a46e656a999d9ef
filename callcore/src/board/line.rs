//! The words of a channel whose signalling the host does (`callcore.line/1`): hook, ringing, polarity, loop, digits.
//!
//! A board with such channels reports what its wires do and does what it is told to them; what that means for a call is
//! found out by the room `line`, which speaks the words of calls to everybody else.

use super::{Cause, Digit, Digits, Tone};
use serde::{Deserialize, Serialize};

/// The number and name that an exchange tells a telephone (ITU-T V.23 or Bell 202 FSK, or DTMF).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerId {
    /// The number; empty when it is withheld or unknown.
    pub number: String,
    /// The name; empty when there is none.
    pub name: String,
}

/// What the wires of an analogue line measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoopState {
    /// Current flows: somebody is off hook.
    pub current: bool,
    /// The exchange feeds the line; without battery it is cut or out of order.
    pub battery: bool,
    /// Between the wires, in millivolts: about 48,000 when idle, a few thousand when off hook; the sign is the polarity.
    /// None: the board does not measure it.
    pub voltage_mv: Option<i32>,
    /// In the loop, in microamperes: 0 when idle, about 20,000 when off hook. None: not measured.
    pub current_ua: Option<i32>,
}

/// Something that a line reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum LineEvent {
    /// FXS: the phone went off hook, or on hook.
    Hook {
        /// Off hook.
        off: bool,
    },
    /// FXO: a burst of ringing begins.
    RingOn,
    /// FXO: a burst of ringing is over.
    RingOff,
    /// FXO: the wires changed places, or back.
    Polarity {
        /// The other way round than an idle line has them.
        reversed: bool,
    },
    /// What the wires measure has changed.
    Loop(LoopState),
    /// FXS: the board itself has told a flash from a hang-up.
    Flash {
        /// How long the hook was down, in milliseconds.
        ms: u32,
    },
    /// A key of the phone, or a train of dial pulses.
    Digit {
        /// Which.
        digit: Digit,
    },
    /// A board that listens for tones itself has heard one (`CCD_CAPB_TONE_RX`).
    Tone {
        /// Which.
        tone: Tone,
    },
    /// FXO: the exchange has told who calls.
    CallerId(CallerId),
    /// The board did not do as it was told.
    Refused {
        /// Why.
        cause: Cause,
    },
}

/// How digits go out on a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialling {
    /// Tones of ITU-T Q.23.
    #[default]
    Tone,
    /// Breaks of the loop (ITU-T Q.8), ten a second.
    Pulse,
}

/// Something to be done to a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum LineCommand {
    /// FXO: close the loop, or open it.
    Hook {
        /// Off hook.
        off: bool,
    },
    /// FXS: ring the phone until told otherwise, and show it who calls between the first ring and the second.
    Ring {
        /// On and off in turn, in milliseconds, over and over.
        cadence_ms: Vec<u16>,
        /// Who calls, if that is known.
        caller_id: Option<CallerId>,
    },
    /// FXS: ring no more.
    RingOff,
    /// FXS: exchange the wires, as a sign of answer and hang-up to the far end, or change them back.
    Polarity {
        /// The other way round than an idle line has them.
        reversed: bool,
    },
    /// FXO: dial.
    SendDigits {
        /// What.
        digits: Digits,
        /// Tones or pulses.
        dialling: Dialling,
        /// How long each key is on, in milliseconds.
        on_ms: u32,
        /// And off after it.
        off_ms: u32,
    },
}
