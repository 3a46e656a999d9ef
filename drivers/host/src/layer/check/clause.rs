//! The clauses of the contract that can be watched from outside.

use serde::{Deserialize, Serialize};

macro_rules! clauses {
    ($($name:ident $id:literal $level:literal $number:literal $blames:ident $text:literal;)*) => {
        /// One clause of `callcore_driver.h`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Clause {
            $(#[doc = $text] #[serde(rename = $id)] $name,)*
        }

        impl Clause {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name: the rule it belongs to, and what it is about.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// What must hold.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// Level and number of the check of the conformance kit that looks for it; 0 for what the host owes.
            #[must_use]
            pub const fn check(self) -> (u8, u8) {
                match self { $(Self::$name => ($level, $number)),* }
            }

            /// Who has broken it.
            #[must_use]
            pub const fn blames(self) -> Blames {
                match self { $(Self::$name => Blames::$blames),* }
            }
        }
    };
}

impl Clause {
    /// Whether a machine that is too busy looks the same as a driver that breaks it. It is counted and told; nobody is put out
    /// of service for it.
    #[must_use]
    pub const fn is_of_the_clock(self) -> bool {
        matches!(self, Self::Budget | Self::Missed | Self::TimeFar)
    }
}

/// Who owes a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blames {
    /// The driver.
    Driver,
    /// The host: a bug of ours.
    Host,
}

clauses! {
    EventSize "R4.event-size" 2 31 Driver "An event's size is a multiple of 8 from its type's length to 4096.";
    EventPadding "R4.zero-padding" 2 31 Driver "What is not used of an event is zero.";
    EventText "R17.text" 2 31 Driver "A text is UTF-8 and ends with a NUL inside of its field.";
    EventDigit "R17.digit" 2 31 Driver "A digit is one of 0-9 * # A-D.";
    EventJson "R4.json" 2 31 Driver "What an event says of bytes inside of it lies inside of it.";
    SeqGap "R9.seq-gap" 2 30 Driver "Events are numbered from 1 without a gap.";
    SeqBack "R9.seq-back" 2 30 Driver "An event's number is never one that was there.";
    TimeBack "R7.time-back" 2 30 Driver "An event's time is never before that of the event before.";
    TimeFar "R7.time-far" 2 30 Driver "An event's time is the host's, within 50 ms.";
    DoneTwice "R9.done-once" 2 26 Driver "An accepted command is completed by one DONE.";
    DoneUnknown "R9.done-unknown" 2 26 Driver "A DONE answers a command that was given and accepted.";
    DoneMissing "R9.done-missing" 2 26 Driver "An accepted command is completed in the end.";
    Status "R12.status" 2 26 Driver "A function returns 0 or one of CCD_E_*.";
    CallOrder "R6.call-order" 2 27 Driver "The events of a call come in the order of the contract.";
    ReleasedTwice "R6.released-once" 2 28 Driver "RELEASED comes once for each call.";
    ReleasedMissing "R6.released-missing" 2 28 Driver "A call that was dropped is RELEASED in the end.";
    AfterReleased "R6.after-released" 2 29 Driver "Nothing comes of a call after its RELEASED.";
    CallParity "R10.parity" 2 27 Driver "A call that the driver begins has an odd number.";
    CallReused "R10.reuse" 2 27 Driver "A call's number is not used again while the device is open.";
    CallUnknown "R10.unknown-call" 2 27 Driver "An event of a call is about one that was begun.";
    CallChannel "R10.call-channel" 2 27 Driver "A call stays on its channel.";
    CauseRange "R12.cause" 2 37 Driver "A cause is a Q.850 value of 1 to 127.";
    Channel "R10.channel" 1 19 Driver "An event's channel is one that the device has.";
    CapTable "R5.cap-table" 1 20 Driver "Behind a capability stands the function that it needs.";
    CapEvent "R5.cap-event" 1 20 Driver "What needs a capability comes only from channels that have it.";
    LevelEvent "R5.level" 1 20 Driver "Call events come from channels of call level, line events from those of line level.";
    BeforeStart "R6.before-start" 1 22 Driver "Nothing is posted before start.";
    AfterStop "R6.after-stop" 1 22 Driver "Nothing is posted after stop has returned.";
    AfterRemoved "R6.after-removed" 4 61 Driver "After DEVICE_REMOVED only RELEASED comes, and functions return CCD_E_GONE.";
    AddedHere "R6.added-here" 4 61 Driver "DEVICE_ADDED is posted on the driver's host table, not on a device's.";
    SlowControl "R7.slow-control" 5 68 Driver "A control function takes 2 s at most.";
    RxInactive "R20.rx-inactive" 3 43 Driver "Only channels that are on are heard.";
    RxFormat "R20.rx-format" 3 43 Driver "A channel's format is one that it can have.";
    RxLength "R20.rx-length" 3 43 Driver "A packet's length fits into its slot.";
    SlotBounds "R20.slot" 3 43 Driver "Nothing is written but the frames of channels that are on.";
    Budget "R20.budget" 3 48 Driver "A frame takes a quarter of its time at most.";
    Missed "R20.missed" 3 48 Driver "A frame never takes all of its time.";
    HostState "host.state" 0 0 Host "Commands are given between start and stop.";
    HostChannel "host.channel" 0 0 Host "A command's channel is one that the device has.";
    HostCall "host.call" 0 0 Host "A call that the host makes has an even number that is not in use.";
    HostBusy "host.busy" 0 0 Host "A channel is given no make before RELEASED of the call before.";
    HostText "host.text" 0 0 Host "Digits that are sent are 0-9 * # A-D.";
    HostRequest "host.request" 0 0 Host "A request's number is not that of one that runs.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_clause_has_a_name_of_its_own() {
        let ids: BTreeSet<&str> = Clause::ALL.iter().map(|clause| clause.id()).collect();
        assert_eq!(ids.len(), Clause::ALL.len());
    }
}
