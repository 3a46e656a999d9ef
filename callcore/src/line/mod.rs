//! The call machine of analogue lines: it turns what a line's wires do into the words of calls, and commands for calls
//! into what is to be done to the wires. Pure: no I/O, time is an input, the same inputs give the same outputs.
//!
//! ```text
//!                LineEvent ─▶ ┌──────┐ ─▶ BoardEvent (Incoming, Connected, Disconnected, Released ...)  ─▶ exchange
//!   board                     │ Line │
//!              ◀─ LineCommand └──────┘ ◀─ BoardCommand (Make, Answer, Drop ...)                          ◀─ exchange
//!                                ▲  └──▶ what the line is to hear and be listened to for               ─▶ media plan
//!                                └────── tones and voices heard on it                                   ◀─ media
//! ```
//!
//! An FXO port looks like a phone and faces the public exchange (`fxo`); an FXS port looks like an exchange and faces a
//! phone (`fxs`); a tap listens to a line between others (`tap`). What an FXO line does not tell (who is called, whether the far end has answered, whether it has hung
//! up) is inferred as [`LineConfig`] says, and what was inferred is said with how it was found out.
//!
//! Promises, for every order of inputs: a call id is used for one call; `Released` comes once for each call, and last; a
//! `Make` is refused, or ends in `Released`; the hook is on whenever the line is idle.

pub mod config;
mod fxo;
mod fxs;
mod tap;
#[cfg(test)]
mod tests;

use crate::base::Instant;
use crate::board::{
    BoardCall, BoardCommand, BoardEvent, Cause, ChannelId, How, LineCommand, LineEvent, Tone,
};
use crate::media::{Heard, Listens};
use fxo::Fxo;
use fxs::Fxs;
use std::collections::VecDeque;
use std::time::Duration;
use tap::Tap;

pub use crate::board::Dialling;
pub use config::{Direction, Flash, HangUpBy, LineConfig};

/// Which end of the wires the port is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// It faces the public exchange.
    Fxo {
        /// The board reports the far end's hang-up and answer, by polarity or loop (`CCD_CAPB_DISCONNECT_SUPERVISION`).
        supervised: bool,
    },
    /// It faces a phone.
    Fxs,
    /// It listens to somebody else's line.
    Tap,
}

/// Something a line wants done or known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineOutput {
    /// In the words of calls.
    Event(BoardEvent),
    /// To the board.
    Command(LineCommand),
    /// Keys that a phone has pressed so far: if they are a whole number, say so with [`Line::dialled`].
    Dialling(String),
    /// A call that rings on a line that only serves calls that go out; once for each.
    RingIgnored,
    /// What the wires measure has changed.
    Measured(crate::board::LoopState),
}

/// What a line needs of the media engine while it has no call's audio: it is a part of the media plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineMedia {
    /// A tone for the phone.
    pub hear: Option<Tone>,
    /// Keys of the phone.
    pub keys: bool,
    /// Tones and voices of the far end.
    pub listens: Listens,
}

impl LineMedia {
    /// Whether it needs any.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.hear.is_some() || self.keys || self.listens.is_any()
    }
}

/// What both kinds of port share: the channel, its configuration, what goes out, and new call ids.
#[derive(Debug)]
struct Wire {
    channel: ChannelId,
    config: LineConfig,
    calls_count: u64,
    outputs: VecDeque<LineOutput>,
}

impl Wire {
    fn say(&mut self, event: BoardEvent) {
        self.outputs.push_back(LineOutput::Event(event));
    }

    fn tell(&mut self, command: LineCommand) {
        self.outputs.push_back(LineOutput::Command(command));
    }

    /// A name for a call that came in: odd, and of this channel alone.
    fn new_call(&mut self) -> BoardCall {
        self.calls_count += 1;
        BoardCall(((self.calls_count << 24) | u64::from(self.channel.index)) << 1 | 1)
    }

    fn refuse(&mut self, call: BoardCall, cause: Cause) {
        let channel = self.channel;
        self.say(BoardEvent::Refused { channel, call, cause });
    }

    fn disconnect(&mut self, call: BoardCall, cause: Cause) {
        let channel = self.channel;
        self.say(BoardEvent::Disconnected { channel, call, cause });
    }

    fn release(&mut self, call: BoardCall, cause: Cause) {
        let channel = self.channel;
        self.say(BoardEvent::Released { channel, call, cause });
    }
}

#[derive(Debug)]
enum Machine {
    Fxo(Fxo),
    Fxs(Fxs),
    Tap(Tap),
}

/// One line. Feed it, then take its outputs until there is none.
#[derive(Debug)]
pub struct Line {
    wire: Wire,
    machine: Machine,
}

impl Line {
    /// An idle line.
    #[must_use]
    pub fn new(channel: ChannelId, port: Port, config: LineConfig) -> Self {
        let wire = Wire { channel, config, calls_count: 0, outputs: VecDeque::new() };
        let machine = match port {
            Port::Fxo { supervised } => Machine::Fxo(Fxo::new(supervised)),
            Port::Fxs => Machine::Fxs(Fxs::new()),
            Port::Tap => Machine::Tap(Tap::new()),
        };
        Self { wire, machine }
    }

    /// The board reports something.
    pub fn on_event(&mut self, now: Instant, event: &LineEvent) {
        if let LineEvent::Loop(state) = event {
            self.wire.outputs.push_back(LineOutput::Measured(*state));
        }
        match &mut self.machine {
            Machine::Fxo(fxo) => fxo.on_event(&mut self.wire, now, event),
            Machine::Fxs(fxs) => fxs.on_event(&mut self.wire, now, event),
            Machine::Tap(tap) => tap.on_event(&mut self.wire, now, event),
        }
    }

    /// The exchange wants something of a call on this line.
    pub fn on_command(&mut self, now: Instant, command: &BoardCommand) {
        match &mut self.machine {
            Machine::Fxo(fxo) => fxo.on_command(&mut self.wire, now, command),
            Machine::Fxs(fxs) => fxs.on_command(&mut self.wire, now, command),
            Machine::Tap(tap) => tap.on_command(&mut self.wire, now, command),
        }
    }

    /// Something was heard on the line, by the media engine or by the board.
    pub fn on_heard(&mut self, now: Instant, heard: &Heard) {
        if let Machine::Fxo(fxo) = &mut self.machine {
            fxo.on_heard(&mut self.wire, now, heard);
        }
    }

    /// Whether whoever uses the phone may have a dial tone.
    pub fn allow_dial_tone(&mut self, allowed: bool) {
        if let Machine::Fxs(fxs) = &mut self.machine {
            fxs.may_dial = allowed;
        }
    }

    /// The keys of [`LineOutput::Dialling`] are the beginning of a number that goes out while it is dialled: further keys
    /// come as [`BoardEvent::CallInfo`].
    pub fn dialled_so_far(&mut self) {
        if let Machine::Fxs(fxs) = &mut self.machine {
            fxs.on_dialled_so_far(&mut self.wire);
        }
    }

    /// The keys of [`LineOutput::Dialling`] are a whole number.
    pub fn dialled(&mut self) {
        if let Machine::Fxs(fxs) = &mut self.machine {
            fxs.on_dialled(&mut self.wire);
        }
    }

    /// When to call [`Self::handle_timeout`] next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match &self.machine {
            Machine::Fxo(fxo) => fxo.deadline(),
            Machine::Fxs(fxs) => fxs.deadline(),
            Machine::Tap(tap) => tap.deadline(),
        }
    }

    /// Do what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_none_or(|at| at > now) {
            return;
        }
        match &mut self.machine {
            Machine::Fxo(fxo) => fxo.on_timeout(&mut self.wire, now),
            Machine::Fxs(fxs) => fxs.on_timeout(&mut self.wire, now),
            Machine::Tap(tap) => tap.on_timeout(&mut self.wire, now),
        }
    }

    /// The next thing to be done or known; ask until there is none.
    pub fn poll_output(&mut self) -> Option<LineOutput> {
        self.wire.outputs.pop_front()
    }

    /// What it needs of the media engine now.
    #[must_use]
    pub fn media(&self) -> LineMedia {
        match &self.machine {
            Machine::Fxo(fxo) => fxo.media(&self.wire.config),
            Machine::Fxs(fxs) => fxs.media(),
            Machine::Tap(_) => LineMedia::default(),
        }
    }

    /// Whether something is going on that a new call would disturb, with a call or without.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        match &self.machine {
            Machine::Fxo(fxo) => fxo.is_busy(),
            Machine::Fxs(fxs) => fxs.is_busy(),
            Machine::Tap(tap) => tap.is_busy(),
        }
    }

    /// Whether the far end can leave without anybody noticing.
    #[must_use]
    pub fn is_unsupervised(&self) -> bool {
        matches!(&self.machine, Machine::Fxo(fxo) if !fxo.supervised)
    }

    /// Its configuration.
    #[must_use]
    pub const fn config(&self) -> &LineConfig {
        &self.wire.config
    }
}

fn after(now: Instant, ms: u32) -> Instant {
    now + Duration::from_millis(u64::from(ms))
}

/// A cause that was found out in some other way than by signalling.
const fn found(cause: Cause, how: How) -> Cause {
    Cause { how, ..cause }
}
