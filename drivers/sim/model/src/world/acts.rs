//! What a scenario makes people and fate do.

use super::{Mind, World};
use crate::act::Act;
use crate::event::{Refusal, What};
use crate::line::{LineState, Stimulus};
use crate::number::{is_digit, is_number};

impl World {
    /// Does it at once, or refuses; what follows comes as events.
    pub fn act(&mut self, now: u64, act: &Act) -> Result<(), Refusal> {
        self.now = self.now.max(now);
        self.room()?;
        match act {
            Act::Call { channel, called, calling } => self.call_in(*channel, called, calling),
            Act::Press { channel, digits } => self.press_all(*channel, digits),
            Act::HangUp { channel, q850 } => self.hang_up_by_hand(*channel, *q850),
            Act::AnswerPhone { channel } => self.pick_up_by_hand(*channel),
            Act::Reject { channel, q850 } => self.reject_by_hand(*channel, *q850),
            Act::Busy { channel, on } => self.channel(*channel).map(|there| there.busy = *on),
            Act::Hold { channel, on } => self.there()?.stir(*channel, Stimulus::Hold(*on)),
            Act::Talk { channel, on } => self.channel(*channel).map(|there| there.talks = *on),
            Act::ByHand { channel, on } => self.set_by_hand(*channel, *on),
            Act::Glare { channel, calling } => self.there()?.glares(*channel, calling),
            Act::Block { channel, on } => self.there()?.block(*channel, *on),
            Act::Alarm { span, alarms } => self.there()?.set_alarm(*span, *alarms),
            Act::Restart { span } => self.there()?.restart(*span),
            Act::Device { there } => self.set_device(*there),
            Act::Arrivals { per_hour } => self.set_arrivals(*per_hour),
        }
    }

    fn there(&mut self) -> Result<&mut Self, Refusal> {
        if self.removed { Err(Refusal::Removed) } else { Ok(self) }
    }

    fn call_in(&mut self, channel: u32, called: &str, calling: &str) -> Result<(), Refusal> {
        if !is_number(called) || !(calling.is_empty() || is_number(calling)) {
            return Err(Refusal::Argument {
                why: "numbers are 1 to 63 bytes without blanks; only the calling one may be empty",
            });
        }
        if !self.there()?.channel(channel)?.is_in_service() {
            return Err(Refusal::OutOfService { channel });
        }
        self.come_in(channel, called.into(), calling.into())
    }

    fn press_all(&mut self, channel: u32, digits: &str) -> Result<(), Refusal> {
        if digits.is_empty() || digits.len() > 64 || !digits.chars().all(is_digit) {
            return Err(Refusal::Argument { why: "1 to 64 digits, each one of 0-9 * # A-D" });
        }
        self.there()?;
        digits.chars().try_for_each(|digit| self.press(channel, digit))
    }

    fn hang_up_by_hand(&mut self, channel: u32, q850: u16) -> Result<(), Refusal> {
        check_cause(q850)?;
        match self.there()?.channel(channel)?.line.state() {
            LineState::Offered | LineState::Up => {
                self.hang_up(channel, q850);
                Ok(())
            }
            state @ (LineState::Idle | LineState::Dialing | LineState::Alerting | LineState::Cleared) => {
                Err(Refusal::State { wanted: "hang up", state: state.words() })
            }
        }
    }

    fn pick_up_by_hand(&mut self, channel: u32) -> Result<(), Refusal> {
        self.require_ringing(channel, "answer")?;
        self.pick_up(channel)
    }

    fn reject_by_hand(&mut self, channel: u32, q850: u16) -> Result<(), Refusal> {
        check_cause(q850)?;
        self.require_ringing(channel, "reject")?;
        self.refuse(channel, q850);
        Ok(())
    }

    fn require_ringing(&mut self, channel: u32, wanted: &'static str) -> Result<(), Refusal> {
        match self.there()?.channel(channel)?.line.state() {
            LineState::Alerting => Ok(()),
            state @ (LineState::Idle
            | LineState::Offered
            | LineState::Dialing
            | LineState::Up
            | LineState::Cleared) => Err(Refusal::State { wanted, state: state.words() }),
        }
    }

    fn set_by_hand(&mut self, channel: u32, on: bool) -> Result<(), Refusal> {
        let there = self.channel(channel)?;
        there.by_hand = on;
        if on {
            there.mind = Mind::Away;
        }
        self.plan(channel);
        Ok(())
    }

    fn set_device(&mut self, there: bool) -> Result<(), Refusal> {
        match (self.removed, there) {
            (false, false) => self.remove_device(),
            (true, true) => {
                self.removed = false;
                self.post_device(What::DeviceAdded);
            }
            (false, true) | (true, false) => {
                let state = if there { "not removed" } else { "removed" };
                return Err(Refusal::State { wanted: "change the device", state });
            }
        }
        Ok(())
    }

    fn set_arrivals(&mut self, per_hour: f64) -> Result<(), Refusal> {
        if !(0.0..=1e9).contains(&per_hour) {
            return Err(Refusal::Argument { why: "arrivals are 0 to 1000000000 per hour" });
        }
        if per_hour > 0.0 && self.called.iter().all(|(_, weight)| *weight == 0) {
            return Err(Refusal::Argument { why: "arrivals.called has no number to dial" });
        }
        self.config.arrivals.per_hour = per_hour;
        self.plan_arrival();
        Ok(())
    }
}

fn check_cause(q850: u16) -> Result<(), Refusal> {
    if (1..=127).contains(&q850) {
        Ok(())
    } else {
        Err(Refusal::Argument { why: "a Q.850 cause is 1 to 127; 16 is normal clearing" })
    }
}
