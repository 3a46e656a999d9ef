//! What the host asks of the board.

use super::World;
use crate::event::{Command, NO_CHANNEL, Refusal, Step, What};
use crate::line::Stimulus;
use crate::number::{NUMBER_BYTES_MAX, is_digit, is_number};
use crate::span::{Alarms, Blocks};

/// A host that never takes its events is stopped here: this many, and so many more per channel.
const EVENTS_MAX_BASE: usize = 256;
const EVENTS_MAX_PER_CHANNEL: usize = 16;

impl World {
    /// Takes a command at once or refuses it; what follows comes as events.
    pub fn handle_command(&mut self, now: u64, command: Command) -> Result<(), Refusal> {
        self.now = self.now.max(now);
        if self.removed {
            return Err(Refusal::Removed);
        }
        match command {
            Command::Make { channel, call, called, calling, timeout_ms, overlap } => {
                check_numbers(&called, &calling)?;
                self.make(channel, call, timeout_ms)?;
                self.take_number(channel, &called, overlap)
            }
            Command::DialOn { call, digits, complete } => self.dial_on(call, &digits, complete),
            Command::Accept { call, step } => self.accept(call, step),
            Command::Answer { call } => self.answer(call),
            Command::Drop { call, q850 } => self.drop_call(call, q850),
            Command::SendDigits { call, digits } => self.send_digits(call, &digits),
            Command::Hold { call, on } => {
                self.find(call).and_then(|channel| self.stir(channel, Stimulus::HostHold(on)))
            }
            Command::Service { channel, on } => self.service(channel, on),
            Command::Line { channel, order } => self.order(channel, &order),
            Command::Replay { channel } => self.replay(channel),
        }
    }

    pub(super) fn find(&self, call: u64) -> Result<u32, Refusal> {
        self.calls.get(&call).copied().ok_or(Refusal::Gone { call })
    }

    /// Room for what a command or an act may post; events the host can do nothing about are never held back.
    pub(super) fn room(&self) -> Result<(), Refusal> {
        let full = self.events.len() > EVENTS_MAX_BASE + EVENTS_MAX_PER_CHANNEL * self.channels.len();
        if full { Err(Refusal::Full) } else { Ok(()) }
    }

    /// The host's call leaves; it rings when its number has been taken.
    fn make(&mut self, channel: u32, call: u64, timeout_ms: u32) -> Result<(), Refusal> {
        self.room()?;
        check_call_id(call, self.calls.contains_key(&call))?;
        let there = self.channel(channel)?;
        if !there.wire.is_calls() {
            return Err(Refusal::Argument { why: "the host does the signalling of this channel" });
        }
        if !there.is_in_service() {
            return Err(Refusal::OutOfService { channel });
        }
        let ring_ns_max = (timeout_ms > 0).then(|| u64::from(timeout_ms) * crate::NS_PER_MS);
        self.stir(channel, Stimulus::Make { channel, call, alerts_at: u64::MAX, ring_ns_max })?;
        self.take(channel, call);
        self.stats.outgoing += 1;
        Ok(())
    }

    /// A caller's exchange sends the rest of a number once it is asked for it.
    fn accept(&mut self, call: u64, step: Step) -> Result<(), Refusal> {
        let channel = self.find(call)?;
        self.stir(channel, Stimulus::Accept(step))?;
        self.send_rest(channel);
        Ok(())
    }

    fn answer(&mut self, call: u64) -> Result<(), Refusal> {
        let channel = self.find(call)?;
        self.stir(channel, Stimulus::Answer)?;
        self.stats.answered += 1;
        self.mind_answered(channel);
        Ok(())
    }

    fn drop_call(&mut self, call: u64, q850: u16) -> Result<(), Refusal> {
        let channel = self.find(call)?;
        if !(1..=127).contains(&q850) {
            return Err(Refusal::Argument { why: "a Q.850 cause is 1 to 127; 16 is normal clearing" });
        }
        self.stir(channel, Stimulus::Drop(q850))?;
        self.forget(channel, call);
        Ok(())
    }

    fn send_digits(&mut self, call: u64, digits: &str) -> Result<(), Refusal> {
        let channel = self.find(call)?;
        if !digits.chars().all(is_digit) {
            return Err(Refusal::Argument { why: "digits are 0-9 * # A-D" });
        }
        self.stir(channel, Stimulus::HostDigits)?;
        self.stats.digits_sent += digits.len() as u64;
        Ok(())
    }

    fn service(&mut self, channel: u32, on: bool) -> Result<(), Refusal> {
        self.room()?;
        self.set_block(channel, Blocks::LOCAL, !on)
    }

    /// Somebody takes a channel out of service or back; a call on it goes on.
    pub(super) fn set_block(&mut self, channel: u32, block: Blocks, on: bool) -> Result<(), Refusal> {
        let there = self.channel(channel)?;
        let was = there.blocks.set(block, on);
        let now = there.blocks;
        if now != was {
            self.post(channel, 0, What::Blocked { now, was });
            self.keep_free(channel);
        }
        Ok(())
    }

    fn replay(&mut self, channel: Option<u32>) -> Result<(), Refusal> {
        self.room()?;
        let Some(channel) = channel else {
            self.replay_rest();
            return Ok(());
        };
        let there = self.channel(channel)?;
        if there.wire.is_calls() {
            let (call, events) = (there.line.call(), there.line.replay());
            events.into_iter().for_each(|what| self.post(channel, call, what));
        } else {
            let signals = there.wire.replay();
            signals.into_iter().for_each(|signal| self.post(channel, 0, What::Line(signal)));
        }
        Ok(())
    }

    /// What belongs to no call.
    fn replay_rest(&mut self) {
        for span in 0..self.spans.len() {
            let now = self.spans[span].alarms();
            if now != Alarms::NONE {
                self.post(NO_CHANNEL, 0, What::Alarm { span: span as u32, now, was: now });
            }
        }
        for channel in 0..self.channels() {
            let now = self.channels[channel as usize].blocks;
            if now != Blocks::NONE {
                self.post(channel, 0, What::Blocked { now, was: now });
            }
        }
    }
}

fn check_call_id(call: u64, known: bool) -> Result<(), Refusal> {
    match (call == 0 || !call.is_multiple_of(2), known) {
        (true, _) => Err(Refusal::Argument { why: "a call the host makes has an even id above 0" }),
        (false, true) => Err(Refusal::Argument { why: "this call id is in use; ids are never used twice" }),
        (false, false) => Ok(()),
    }
}

fn check_numbers(called: &str, calling: &str) -> Result<(), Refusal> {
    match (is_number(called), calling.len() <= NUMBER_BYTES_MAX) {
        (false, _) => Err(Refusal::Argument { why: "the called number is 1 to 63 bytes without blanks" }),
        (true, false) => Err(Refusal::Argument { why: "the calling number is at most 63 bytes" }),
        (true, true) => Ok(()),
    }
}
