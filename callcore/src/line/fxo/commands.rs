//! What the exchange wants of a line.

use super::{Battery, Fxo, State};
use crate::base::Instant;
use crate::board::{BoardCall, BoardCommand, Cause, Dialling, Digits, LineCommand, Supervision};
use crate::line::{Direction, Wire, after};

impl Fxo {
    pub(in crate::line) fn on_command(&mut self, wire: &mut Wire, now: Instant, command: &BoardCommand) {
        match command {
            BoardCommand::Make { call, called, .. } => self.make(wire, now, *call, called),
            BoardCommand::Answer { call, .. } => self.answer(wire, now, *call),
            BoardCommand::Drop { call, q850, .. } => self.drop_call(wire, now, *call, Cause::new(*q850)),
            BoardCommand::SendDigits { digits, .. } => self.send_digits(wire, digits.clone()),
            // an analogue line cannot say how far a call is; and who is on hold hears our music
            BoardCommand::Accept { .. }
            | BoardCommand::Hold { .. }
            // its number goes out in one piece
            | BoardCommand::DialOn { .. }
            | BoardCommand::Line { .. }
            | BoardCommand::Replay { .. } => {}
        }
    }

    fn make(&mut self, wire: &mut Wire, now: Instant, call: BoardCall, called: &str) {
        let cause = match &self.state {
            _ if self.battery != Battery::Fed => Some(Cause::OUT_OF_ORDER),
            _ if wire.config.direction == Direction::Incoming => Some(Cause::CHANNEL_UNAVAILABLE),
            _ if self.lost.is_some() => Some(Cause::CHANNEL_UNAVAILABLE),
            State::Idle { .. } => None,
            State::Ringing { .. } | State::Offered { .. } | State::Ignoring { .. } => Some(Cause::GLARE),
            State::Seizing { .. }
            | State::Dialling { .. }
            | State::Waiting { .. }
            | State::Up { .. }
            | State::Cleared { .. }
            | State::Releasing { .. } => Some(Cause::CHANNEL_UNAVAILABLE),
        };
        let digits = Digits::try_from(called.to_owned()).ok().filter(|digits| !digits.is_empty());
        match (cause, digits) {
            (Some(cause), _) => wire.refuse(call, cause),
            (None, None) => wire.refuse(call, Cause::INVALID_NUMBER),
            (None, Some(digits)) => {
                self.hook(wire, true);
                let until = after(now, wire.config.dial_tone_ms);
                self.state = State::Seizing { call, digits, until };
            }
        }
    }

    fn answer(&mut self, wire: &mut Wire, now: Instant, call: BoardCall) {
        match self.state {
            State::Offered { call: offered, .. } if offered == call => {
                self.hook(wire, true);
                self.connect(wire, now, call, Supervision::Signalled);
            }
            // the caller has gone a moment ago, and the exchange hears of it next
            State::Cleared { call: cleared } if cleared == call => {}
            _ => wire.refuse(call, Cause::TEMPORARY_FAILURE),
        }
    }

    fn send_digits(&mut self, wire: &mut Wire, digits: Digits) {
        if matches!(self.state, State::Waiting { .. } | State::Up { .. }) {
            let (on_ms, off_ms) = (wire.config.digit_on_ms, wire.config.digit_off_ms);
            // pulses reach the exchange, never the far end
            wire.tell(LineCommand::SendDigits { digits, dialling: Dialling::Tone, on_ms, off_ms });
        }
    }

    fn drop_call(&mut self, wire: &mut Wire, now: Instant, call: BoardCall, cause: Cause) {
        if self.lost == Some(call) {
            self.lost = None;
            wire.release(call, cause);
            return;
        }
        if self.call() != Some(call) {
            wire.refuse(call, Cause::TEMPORARY_FAILURE);
            return;
        }
        match self.state {
            State::Releasing { .. } => {}
            State::Offered { gone_at: Some(until), .. } => {
                // an unanswered caller cannot be sent away: the line rings on
                wire.release(call, cause);
                self.state = State::Ignoring { until };
            }
            _ if self.off_hook => {
                self.hook(wire, false);
                let until = after(now, wire.config.release_guard_ms);
                self.state = State::Releasing { call, cause, until };
            }
            _ => {
                wire.release(call, cause);
                self.state = State::Idle { early: None };
            }
        }
    }
}
