//! A tap on somebody else's line, between a telephone and its exchange: what the voltage between the wires says of calls.
//!
//! ```text
//!   Idle ──voltage falls: the telephone is off hook──▶ Used ──up again for longer than a flash──▶ Cleared ──drop──▶ Idle
//!                                                       └─drop─▶ Ignored ──up again──▶ Idle
//! ```
//!
//! Nothing is done to the line; a call on it is connected from its first moment, and is told only so that it is recorded.

use super::{Wire, after, found};
use crate::base::Instant;
use crate::board::{
    BoardCall, BoardCommand, BoardEvent, CallerId, Cause, How, Incoming, LineEvent, LoopState, Supervision,
};

/// How long a number that was told while it rang belongs to who answers, in milliseconds.
const RINGING_MS: u32 = 60_000;

#[derive(Debug)]
enum State {
    Idle,
    /// A call is on the line; when it is over, if the voltage has gone up.
    Used {
        call: BoardCall,
        over_at: Option<Instant>,
    },
    /// The telephone is on hook, and the call waits to be dropped.
    Cleared {
        call: BoardCall,
    },
    /// The line is in use, and nobody listens any more.
    Ignored,
}

#[derive(Debug)]
pub(super) struct Tap {
    state: State,
    is_used: bool,
    /// Who calls, as the exchange has told the telephone, and until when that counts.
    caller: Option<(CallerId, Instant)>,
}

impl Tap {
    pub(super) const fn new() -> Self {
        Self { state: State::Idle, is_used: false, caller: None }
    }

    pub(super) const fn is_busy(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    pub(super) const fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Used { over_at, .. } => over_at,
            State::Idle | State::Cleared { .. } | State::Ignored => None,
        }
    }

    pub(super) fn on_event(&mut self, wire: &mut Wire, now: Instant, event: &LineEvent) {
        match event {
            LineEvent::Loop(state) => {
                self.is_used = is_used(*state, wire.config.in_use_mv);
                self.follow(wire, now);
            }
            LineEvent::CallerId(caller) => self.on_caller_id(wire, now, caller),
            LineEvent::Digit { digit } => {
                if let State::Used { call, .. } = self.state {
                    wire.say(BoardEvent::Digit { channel: wire.channel, call, digit: *digit });
                }
            }
            LineEvent::Hook { .. }
            | LineEvent::RingOn
            | LineEvent::RingOff
            | LineEvent::Polarity { .. }
            | LineEvent::Flash { .. }
            | LineEvent::Tone { .. }
            | LineEvent::Refused { .. } => {}
        }
    }

    fn follow(&mut self, wire: &mut Wire, now: Instant) {
        let longest_flash_ms = wire.config.flash_ms.1;
        match (&mut self.state, self.is_used) {
            (State::Idle, true) => self.begin(wire, now),
            (State::Used { over_at, .. }, true) => *over_at = None,
            (State::Used { over_at, .. }, false) => {
                over_at.get_or_insert_with(|| after(now, longest_flash_ms));
            }
            (State::Ignored, false) => self.state = State::Idle,
            (State::Idle, false) | (State::Ignored, true) | (State::Cleared { .. }, _) => {}
        }
    }

    fn begin(&mut self, wire: &mut Wire, now: Instant) {
        let caller = self.caller.take().filter(|(_, until)| *until >= now).map(|(caller, _)| caller);
        let CallerId { number, name } = caller.unwrap_or_default();
        let (channel, call) = (wire.channel, wire.new_call());
        self.state = State::Used { call, over_at: None };
        let incoming = Incoming { calling: number, name, ..Incoming::default() };
        wire.say(BoardEvent::Incoming { channel, call, incoming });
        let supervision = Supervision::Loop;
        wire.say(BoardEvent::Connected { channel, call, supervision, inband_digits: false });
    }

    fn on_caller_id(&mut self, wire: &mut Wire, now: Instant, caller: &CallerId) {
        if let State::Used { call, .. } = self.state {
            let (calling, name) = (caller.number.clone(), caller.name.clone());
            let incoming = Incoming { calling, name, ..Incoming::default() };
            wire.say(BoardEvent::CallInfo { channel: wire.channel, call, incoming });
        } else {
            self.caller = Some((caller.clone(), after(now, RINGING_MS)));
        }
    }

    pub(super) fn on_command(&mut self, wire: &mut Wire, now: Instant, command: &BoardCommand) {
        match command {
            BoardCommand::Make { call, .. } | BoardCommand::Answer { call, .. } => {
                wire.refuse(*call, Cause::CHANNEL_UNAVAILABLE);
            }
            BoardCommand::Drop { call, q850, .. } => self.drop_call(wire, now, *call, Cause::new(*q850)),
            // nothing is done to the line
            BoardCommand::Accept { .. }
            | BoardCommand::DialOn { .. }
            | BoardCommand::Hold { .. }
            | BoardCommand::SendDigits { .. }
            | BoardCommand::Line { .. }
            | BoardCommand::Replay { .. } => {}
        }
    }

    fn drop_call(&mut self, wire: &mut Wire, now: Instant, call: BoardCall, cause: Cause) {
        self.state = match self.state {
            State::Used { call: known, .. } if known == call => State::Ignored,
            State::Cleared { call: known } if known == call => State::Idle,
            State::Idle | State::Used { .. } | State::Cleared { .. } | State::Ignored => {
                wire.refuse(call, Cause::TEMPORARY_FAILURE);
                return;
            }
        };
        wire.release(call, cause);
        self.follow(wire, now);
    }

    pub(super) fn on_timeout(&mut self, wire: &mut Wire, now: Instant) {
        if let State::Used { call, over_at: Some(at) } = self.state
            && at <= now
        {
            self.state = State::Cleared { call };
            wire.disconnect(call, found(Cause::NORMAL, How::Loop));
        }
    }
}

/// Less between the wires than when idle, or, where the voltage is not measured, current; a line that is cut is not used.
fn is_used(state: LoopState, in_use_mv: u32) -> bool {
    state.battery && state.voltage_mv.map_or(state.current, |mv| mv.unsigned_abs() < in_use_mv)
}
