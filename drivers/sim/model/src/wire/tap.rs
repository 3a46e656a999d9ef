//! A tap on a line between a telephone and an exchange that are nobody's here: the voltage between its wires, and what is
//! said on it.

use super::{Effect, IDLE_MV, Order, SEIZED_MV, SEIZED_UA, Signal, Sound};
use crate::event::{Refusal, What};

#[derive(Debug, Clone, Default)]
pub(crate) struct Tap {
    used: bool,
}

impl Tap {
    pub(crate) fn measured(&self) -> Signal {
        let (voltage_mv, current_ua) = if self.used { (SEIZED_MV, SEIZED_UA) } else { (IDLE_MV, 0) };
        Signal::Loop { current: self.used, battery: true, voltage_mv, current_ua }
    }

    fn use_line(&mut self, used: bool, out: &mut Vec<Effect>) {
        if std::mem::replace(&mut self.used, used) != used {
            out.push(Effect::Say(self.measured()));
            out.push(Effect::Sound(if used { Sound::Voice } else { Sound::Silence }));
        }
    }

    pub(crate) fn on_call(&mut self, what: &What, out: &mut Vec<Effect>) {
        match what {
            What::Incoming { .. } => {
                self.use_line(true, out);
                out.push(Effect::Answer);
            }
            What::Disconnected { .. } => {
                out.push(Effect::Drop);
                self.use_line(false, out);
            }
            What::Digit { digit } => out.push(Effect::Say(Signal::Digit { digit: *digit })),
            What::Held | What::Retrieved => {
                // a flash: the hook is down for a moment
                self.used = false;
                out.push(Effect::Say(self.measured()));
                self.used = true;
                out.push(Effect::Say(self.measured()));
            }
            What::Dialing
            | What::Proceeding
            | What::Alerting
            | What::Connected
            | What::Released { .. }
            | What::CallInfo { .. }
            | What::Blocked { .. }
            | What::Alarm { .. }
            | What::Line(_)
            | What::Sound(_)
            | What::DeviceRemoved
            | What::DeviceAdded => {}
        }
    }

    pub(crate) fn on_order(&self, _: &Order) -> Result<(), Refusal> {
        Err(Refusal::Argument { why: "a tap only listens: nothing can be done to its line" })
    }
}
