//! Every `[control]` command of the contract as one value, so that a layer can look at it, write it down and read it back.

use callcore_driver_sys::*;
use serde::{Deserialize, Serialize};

/// A talker on a bus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusAddress {
    /// Which bus.
    pub domain: u32,
    /// Which of its streams.
    pub stream: u16,
    /// Which slot of the stream.
    pub slot: u16,
}

/// What a rung telephone shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerId {
    /// 0 shown, 1 withheld, 2 not available.
    pub presentation: u32,
    /// Who calls.
    pub number: String,
    /// The same as a name.
    pub name: String,
    /// `MMDDhhmm`, local time; by the board's clock without.
    pub time: Option<String>,
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $kind:ident $word:literal { $($field:ident: $type:ty),* })*) => {
        /// A command to a device. Accepted or refused at once; an accepted one is completed by one `CCD_EV_DONE`.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case", tag = "do")]
        #[allow(missing_docs)] // each field is named after the contract's argument
        pub enum Command { $($(#[doc = $doc])* $kind { $($field: $type),* },)* }

        /// The function of a driver's table that a [`Command`] goes to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Function { $($(#[doc = $doc])* $kind,)* }

        impl Function {
            /// All of them, in the order of the header.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// Its name in the header.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $word),* }
            }
        }

        impl Command {
            /// The function that it goes to.
            #[must_use]
            pub const fn function(&self) -> Function {
                match self { $(Self::$kind { .. } => Function::$kind),* }
            }
        }
    };
}

commands! {
    /// Call: seize a channel and call out.
    Make "make" {
        channel: ccd_chan, call: ccd_call, called: String, calling: String, name: String, via: Option<String>, flags: u32,
        ton_npi: u32, presentation: u32, timeout_ms: u32, json: Option<String>
    }
    /// Call: more digits of a number that is dialled piece by piece.
    Digits "digits" { call: ccd_call, more: String, complete: bool }
    /// Call: tell the caller how far it is, `CCD_STEP_*`.
    Accept "accept" { call: ccd_call, step: i32 }
    /// Call: answer it.
    Answer "answer" { call: ccd_call }
    /// Call: let go of it in any state; ends in RELEASED.
    Drop "drop" { call: ccd_call, q850: u16 }
    /// Call: put the far end on hold, or take it back.
    Hold "hold" { call: ccd_call, on: bool }
    /// Call: to another call of the device, or to an address when `other` is 0.
    Transfer "transfer" { call: ccd_call, other: ccd_call, to: Option<String> }
    /// Call: what only one protocol has.
    Raw "raw" { call: ccd_call, json: String }
    /// Line: what a telephone would do, `CCD_HOOK_*`.
    Hook "hook" { channel: ccd_chan, op: i32, ms: u32 }
    /// Line: ring a phone, on and off; no cadence ends it.
    Ring "ring" { channel: ccd_chan, cadence_ms: Vec<u16>, caller_id: Option<CallerId> }
    /// Line: which way the battery is.
    Polarity "polarity" { channel: ccd_chan, reversed: bool }
    /// Line: the signalling bits of a timeslot.
    Cas "cas" { channel: ccd_chan, abcd: u32 }
    /// Line: keys, `CCD_DIGIT_*`; times of 0 are the driver's own.
    SendDigits "send_digits" { channel: ccd_chan, kind: i32, digits: String, on_ms: u32, off_ms: u32 }
    /// Line: a tone of the board, `CCD_TONE_*`.
    SendTone "send_tone" { channel: ccd_chan, tone: i32 }
    /// Line: the set of `CCD_DETECT_*` to run.
    Detect "detect" { channel: ccd_chan, what: u64 }
    /// Line: gains, echo canceller and the like, `CCD_TUNE_*`.
    Tune "tune" { channel: ccd_chan, key: i32, value: i64 }
    /// Media: switch a channel's.
    Enable "enable" { channel: ccd_chan, on: bool }
    /// Device: take a channel into or out of service.
    Service "service" { channel: ccd_chan, in_service: bool }
    /// Device: say again what the state of a channel is, or of what belongs to none (`CCD_NO_CHAN`).
    Replay "replay" { channel: ccd_chan }
    /// Bus: let a channel hear a talker.
    Listen "listen" { channel: ccd_chan, from: BusAddress, gain_cb: i32 }
    /// Bus: let it hear nobody.
    Unlisten "unlisten" { channel: ccd_chan }
    /// Bus: this device's part in the clock, `CCD_BUS_CLOCK_*`.
    Clock "clock" { role: u32, reference: u32 }
}

impl Command {
    /// The call it is about.
    #[must_use]
    pub const fn call(&self) -> Option<ccd_call> {
        match self {
            Self::Make { call, .. }
            | Self::Digits { call, .. }
            | Self::Accept { call, .. }
            | Self::Answer { call }
            | Self::Drop { call, .. }
            | Self::Hold { call, .. }
            | Self::Transfer { call, .. }
            | Self::Raw { call, .. } => Some(*call),
            _ => None,
        }
    }

    /// The channel it names; commands about a call do not, but for `make`.
    #[must_use]
    pub const fn channel(&self) -> Option<ccd_chan> {
        match self {
            Self::Make { channel, .. }
            | Self::Hook { channel, .. }
            | Self::Ring { channel, .. }
            | Self::Polarity { channel, .. }
            | Self::Cas { channel, .. }
            | Self::SendDigits { channel, .. }
            | Self::SendTone { channel, .. }
            | Self::Detect { channel, .. }
            | Self::Tune { channel, .. }
            | Self::Enable { channel, .. }
            | Self::Service { channel, .. }
            | Self::Replay { channel }
            | Self::Listen { channel, .. }
            | Self::Unlisten { channel } => Some(*channel),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_was_written_down_is_read_back() {
        let make = Command::Make {
            channel: 3,
            call: 8,
            called: "8000".into(),
            calling: "1001".into(),
            name: "Anna".into(),
            via: None,
            flags: 2,
            ton_npi: 0,
            presentation: 0,
            timeout_ms: 0,
            json: None,
        };
        let listen =
            Command::Listen { channel: 1, from: BusAddress { domain: 1, stream: 2, slot: 3 }, gain_cb: -30 };
        for command in [make, listen, Command::Clock { role: 2, reference: 0 }] {
            let written = serde_json::to_string(&command).expect("a command is JSON");
            assert!(written.starts_with(&format!("{{\"do\":\"{}\"", command.function().name())), "{written}");
            assert_eq!(serde_json::from_str::<Command>(&written).expect("and back"), command);
        }
    }

    #[test]
    fn a_command_names_its_call_or_its_channel() {
        assert_eq!(
            (Command::Answer { call: 7 }.call(), Command::Answer { call: 7 }.channel()),
            (Some(7), None)
        );
        let replay = Command::Replay { channel: 2 };
        assert_eq!((replay.call(), replay.channel()), (None, Some(2)));
        assert_eq!(Command::Clock { role: 1, reference: 0 }.channel(), None);
    }
}
