//! What the model is told (commands, what is heard), what it tells (events) and how it refuses.

use crate::span::{Alarms, Blocks};
use crate::wire::{Order, Signal, Sound};
use std::fmt;
use std::sync::Arc;

/// The channel of events that concern the whole device.
pub const NO_CHANNEL: u32 = u32::MAX;

/// How far the host has taken an incoming call before it answers; steps only go up. Values as in `CCD_STEP_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Q.931 SETUP ACKNOWLEDGE: more digits are wanted.
    SetupAck = 1,
    /// The number is complete.
    Proceeding = 2,
    /// Somebody's phone rings; the caller hears ringback.
    Alerting = 3,
    /// In-band audio before the answer.
    Progress = 4,
}

/// What the host asks of the board; meaning and order rules are those of `callcore_driver.h`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make a call out of an idle channel: on a trunk to somebody outside, on an extension to its phone.
    Make {
        /// Channel to use.
        channel: u32,
        /// Even id chosen by the host, not 0, never used before.
        call: u64,
        /// Number called.
        called: Arc<str>,
        /// Number shown; may be empty.
        calling: Arc<str>,
        /// Stop ringing after so many milliseconds (Q.850 cause 19); 0: never.
        timeout_ms: u32,
        /// More digits of the number called may follow.
        overlap: bool,
    },
    /// More digits of the number of an overlap call.
    DialOn {
        /// An outgoing call whose number is not whole.
        call: u64,
        /// `0-9 * # A-D`; may be empty with the last.
        digits: Arc<str>,
        /// There are no more.
        complete: bool,
    },
    /// Take an incoming call one step further without answering it.
    Accept {
        /// The incoming call.
        call: u64,
        /// How far.
        step: Step,
    },
    /// Answer an incoming call.
    Answer {
        /// The incoming call.
        call: u64,
    },
    /// End a call in any state; RELEASED follows.
    Drop {
        /// Any living call.
        call: u64,
        /// Q.850 cause, 1..=127.
        q850: u16,
    },
    /// More digits towards the far end.
    SendDigits {
        /// An outgoing call, or one that is connected.
        call: u64,
        /// `0-9 * # A-D`.
        digits: Arc<str>,
    },
    /// Put the far end on hold or take it back.
    Hold {
        /// A connected call.
        call: u64,
        /// On, or off again.
        on: bool,
    },
    /// Take a channel in or out of service; a call that is up goes on.
    Service {
        /// Which channel.
        channel: u32,
        /// In service or not.
        on: bool,
    },
    /// Do something to the line of a channel whose signalling the host does.
    Line {
        /// Which channel.
        channel: u32,
        /// What.
        order: Order,
    },
    /// Post the present state again.
    Replay {
        /// Of which channel; `None` is what belongs to no call: alarms and blocks.
        channel: Option<u32>,
    },
}

/// What a person hears now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Heard {
    /// Nothing.
    #[default]
    Silence,
    /// A prompt, music, ringback, a tone.
    Machine,
    /// Another person.
    Person,
    /// A busy tone: the call is over.
    Busy,
}

/// Something that happened on the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, nanoseconds.
    pub at: u64,
    /// Where; [`NO_CHANNEL`] for the whole device.
    pub channel: u32,
    /// Which call; 0: none.
    pub call: u64,
    /// What.
    pub what: What,
}

/// The kinds of events; per call they keep the order of `callcore_driver.h`, RELEASED exactly once and last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A call came in.
    Incoming {
        /// Number called (DNIS).
        called: Arc<str>,
        /// Number of the caller (ANI); empty when withheld.
        calling: Arc<str>,
        /// More digits of the number called may come.
        more: bool,
    },
    /// The number called is longer now.
    CallInfo {
        /// All of it so far.
        called: Arc<str>,
        /// More may come.
        more: bool,
    },
    /// The host's call leaves.
    Dialing,
    /// The far exchange has the whole number.
    Proceeding,
    /// The far phone rings.
    Alerting,
    /// Somebody answered.
    Connected,
    /// The far end is gone; the host drops.
    Disconnected {
        /// Q.850 cause.
        q850: u16,
    },
    /// The call id is dead, the channel idle.
    Released {
        /// Q.850 cause.
        q850: u16,
    },
    /// The far end put us on hold.
    Held,
    /// The far end took us back.
    Retrieved,
    /// A key was pressed.
    Digit {
        /// `0-9 * # A-D`.
        digit: char,
    },
    /// What keeps a channel out of service, now and before; the same twice when it is only said again.
    Blocked {
        /// Now.
        now: Blocks,
        /// Before.
        was: Blocks,
    },
    /// Alarms of a span, now and before; the same twice when they are only said again. Short ones are left out.
    Alarm {
        /// Which span, from 0.
        span: u32,
        /// Now.
        now: Alarms,
        /// Before.
        was: Alarms,
    },
    /// The line of a channel whose signalling the host does reports something.
    Line(Signal),
    /// Something else can be heard on such a line.
    Sound(Sound),
    /// The board is gone; every call on it ends.
    DeviceRemoved,
    /// The board is back.
    DeviceAdded,
}

/// Why a command or an act was not taken; nothing follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such channel.
    NoChannel {
        /// As given.
        channel: u32,
        /// How many there are, counted from 0.
        channels: u32,
    },
    /// There is no such call (any more).
    Gone {
        /// As given.
        call: u64,
    },
    /// The board is removed.
    Removed,
    /// The channel has a call.
    Busy {
        /// Which.
        channel: u32,
    },
    /// A call came in on the channel at the same moment (dual seizure).
    Glare {
        /// Which.
        channel: u32,
    },
    /// The channel is out of service.
    OutOfService {
        /// Which.
        channel: u32,
    },
    /// Not possible now.
    State {
        /// What was asked for.
        wanted: &'static str,
        /// What the line does.
        state: &'static str,
    },
    /// A value that never fits.
    Argument {
        /// What is wrong and what would be right.
        why: &'static str,
    },
    /// Events wait to be taken; take them first.
    Full,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NoChannel { channel, channels } => {
                write!(f, "no channel {channel}: the board has {channels}, counted from 0")
            }
            Refusal::Gone { call } => write!(f, "no call {call}: it was never made or is released"),
            Refusal::Removed => f.write_str("the board is removed"),
            Refusal::Busy { channel } => write!(f, "channel {channel} has a call: wait for its RELEASED"),
            Refusal::Glare { channel } => {
                write!(f, "channel {channel}: a call just came in; take another channel")
            }
            Refusal::OutOfService { channel } => write!(f, "channel {channel} is out of service"),
            Refusal::State { wanted, state } => write!(f, "cannot {wanted}: the line is {state}"),
            Refusal::Argument { why } => f.write_str(why),
            Refusal::Full => f.write_str("too many events wait: take them with poll_event first"),
        }
    }
}

impl std::error::Error for Refusal {}
