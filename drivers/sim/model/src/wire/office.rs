//! The public exchange at the far end of a line: it rings, tells who calls, gives tones, and collects digits.
//!
//! ```text
//!   Idle ──somebody calls──▶ Ringing ──host off hook──▶ Talking ──far end gone──▶ Over
//!    │                          └─caller gone─▶ Idle      ▲
//!    └─host off hook──▶ DialTone ──digits──▶ Collecting ──no more come──▶ Calling
//!                                                          └──failed──▶ Over
//!   host on hook: every state ──▶ Idle
//! ```

use super::{CallerId, Effect, IDLE_MV, Order, SEIZED_MV, SEIZED_UA, Signal, Sound, after_ms};
use crate::board::{CallerIdAt, FxoConfig, HangUp};
use crate::event::{Refusal, What};
use crate::line::Q850_BUSY;
use std::sync::Arc;

/// How long a loop is open that means a hang-up, milliseconds.
const BREAK_MS: u64 = 400;
/// From the end of the first ring, or the change of polarity, to the end of the caller's number, milliseconds: a pause
/// of 500, and the FSK.
const ID_MS: u64 = 1_200;
/// From the caller's number to the first ring, milliseconds.
const ID_BEFORE_RING_MS: u64 = 400;

#[derive(Debug, Clone)]
pub(crate) struct Office {
    config: FxoConfig,
    state: State,
    off_hook: bool,
    reversed: bool,
    /// Who calls in the moment in which the host seizes the line the next time.
    glare: Option<Arc<str>>,
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    Idle,
    /// Place in the cadence (even: it rings now) and when that ends; the caller's number and when it has been sent.
    Ringing {
        step: usize,
        ends_at: u64,
        id: Option<(u64, CallerId)>,
    },
    DialTone,
    Collecting {
        digits: String,
        until: u64,
    },
    Calling,
    Talking,
    /// The host holds a line without anybody; when the loop is whole again, if it is open.
    Over {
        whole_at: Option<u64>,
    },
}

impl Office {
    pub(crate) fn new(config: FxoConfig) -> Self {
        Self { config, state: State::Idle, off_hook: false, reversed: false, glare: None }
    }

    pub(crate) fn config(&self) -> &FxoConfig {
        &self.config
    }

    pub(crate) fn is_seized(&self) -> bool {
        self.off_hook
    }

    pub(crate) fn glares(&mut self, calling: Arc<str>) {
        self.glare = Some(calling);
    }

    /// What is on the wire now.
    pub(crate) fn replay(&self) -> Vec<Signal> {
        vec![self.measured(), Signal::Polarity { reversed: self.reversed }]
    }

    fn measured(&self) -> Signal {
        let open = matches!(self.state, State::Over { whole_at: Some(_) });
        let (voltage_mv, current_ua) = match (open, self.off_hook) {
            (true, _) => (0, 0),
            (false, true) => (SEIZED_MV, SEIZED_UA),
            (false, false) => (IDLE_MV, 0),
        };
        let voltage_mv = if self.reversed { -voltage_mv } else { voltage_mv };
        Signal::Loop { current: current_ua > 0, battery: !open, voltage_mv, current_ua }
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        match &self.state {
            State::Ringing { ends_at, id, .. } => {
                Some(id.as_ref().map_or(*ends_at, |(at, _)| (*at).min(*ends_at)))
            }
            State::Collecting { until, .. } => Some(*until),
            State::Over { whole_at } => *whole_at,
            State::Idle | State::DialTone | State::Calling | State::Talking => None,
        }
    }

    pub(crate) fn on_call(&mut self, now: u64, what: &What, out: &mut Vec<Effect>) {
        match what {
            What::Incoming { calling, .. } => self.begin_ringing(now, calling, out),
            What::Alerting => out.push(Effect::Sound(Sound::Ringback)),
            What::Connected => self.begin_talk(out),
            What::Disconnected { q850 } => self.on_gone(now, *q850, out),
            What::Digit { digit } => out.push(Effect::Say(Signal::Digit { digit: *digit })),
            // two wires have no words for these
            What::Dialing
            | What::Proceeding
            | What::Released { .. }
            | What::Held
            | What::Retrieved
            | What::CallInfo { .. }
            | What::Blocked { .. }
            | What::Alarm { .. }
            | What::Line(_)
            | What::Sound(_)
            | What::DeviceRemoved
            | What::DeviceAdded => {}
        }
    }

    fn begin_ringing(&mut self, now: u64, calling: &Arc<str>, out: &mut Vec<Effect>) {
        // nothing is sent of a number that is withheld
        let id = CallerId { number: calling.clone(), name: Arc::default() };
        let told = !calling.is_empty() && self.config.caller_id != CallerIdAt::Never;
        if self.off_hook {
            // a glare: the line is answered before it can ring again
            out.extend([Signal::RingOn, Signal::RingOff].map(Effect::Say));
            self.state = State::Ringing { step: 1, ends_at: u64::MAX, id: None };
            out.push(Effect::Answer);
            return;
        }
        if told && self.config.caller_id == CallerIdAt::Polarity {
            self.reverse(true, out);
            let at = after_ms(now, ID_MS);
            // the last place of the cadence: a pause, and then the first ring
            let step = self.config.ring_cadence_ms.len() - 1;
            let ends_at = after_ms(at, ID_BEFORE_RING_MS);
            self.state = State::Ringing { step, ends_at, id: Some((at, id)) };
            return;
        }
        let ends_at = after_ms(now, self.config.ring_cadence_ms[0]);
        let id = told.then(|| (after_ms(ends_at, ID_MS), id));
        self.state = State::Ringing { step: 0, ends_at, id };
        out.push(Effect::Say(Signal::RingOn));
    }

    fn begin_talk(&mut self, out: &mut Vec<Effect>) {
        if self.state == State::Calling && self.config.answer_by_polarity {
            self.reverse(!self.reversed, out);
        }
        self.state = State::Talking;
        out.push(Effect::Sound(Sound::Voice));
    }

    fn reverse(&mut self, reversed: bool, out: &mut Vec<Effect>) {
        if std::mem::replace(&mut self.reversed, reversed) != reversed {
            out.push(Effect::Say(Signal::Polarity { reversed }));
        }
    }

    /// The far end is gone, or could not be had.
    fn on_gone(&mut self, now: u64, q850: u16, out: &mut Vec<Effect>) {
        out.push(Effect::Drop);
        match &self.state {
            State::Ringing { step, .. } => {
                let rings = step.is_multiple_of(2);
                self.state = State::Idle;
                if rings {
                    out.push(Effect::Say(Signal::RingOff));
                }
                self.reverse(false, out);
            }
            State::Calling => {
                self.state = State::Over { whole_at: None };
                let sound = if q850 == Q850_BUSY { Sound::Busy } else { Sound::Congestion };
                out.push(Effect::Sound(sound));
            }
            State::Talking => self.hang_up(now, out),
            State::Idle | State::DialTone | State::Collecting { .. } | State::Over { .. } => {}
        }
    }

    fn hang_up(&mut self, now: u64, out: &mut Vec<Effect>) {
        let opens = self.config.hang_up == HangUp::Loop;
        self.state = State::Over { whole_at: opens.then(|| after_ms(now, BREAK_MS)) };
        let sound = match self.config.hang_up {
            HangUp::Polarity => {
                self.reverse(!self.reversed, out);
                Sound::Silence
            }
            HangUp::Loop => {
                out.push(Effect::Say(self.measured()));
                Sound::Silence
            }
            HangUp::BusyTone => Sound::Busy,
            HangUp::Silence => Sound::Silence,
            HangUp::Nothing => Sound::Noise,
        };
        out.push(Effect::Sound(sound));
    }

    pub(crate) fn on_order(&mut self, now: u64, order: &Order, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        match order {
            Order::Hook { off } if *off == self.off_hook => {
                let state = if *off { "off hook" } else { "on hook" };
                Err(Refusal::State { wanted: "move the hook", state })
            }
            Order::Hook { off: true } => {
                self.seize(out);
                Ok(())
            }
            Order::Hook { off: false } => {
                self.let_go(out);
                Ok(())
            }
            Order::Digits { digits, ms } => {
                self.collect(now, digits, *ms, out);
                Ok(())
            }
            Order::Ring { .. } | Order::RingOff | Order::Polarity { .. } => Err(Refusal::Argument {
                why: "an exchange line is not rung from here: that is for a phone's port",
            }),
        }
    }

    fn seize(&mut self, out: &mut Vec<Effect>) {
        self.off_hook = true;
        out.push(Effect::Say(self.measured()));
        match &self.state {
            State::Ringing { step, .. } => {
                // answering cuts off a number that is still being sent
                if step.is_multiple_of(2) {
                    out.push(Effect::Say(Signal::RingOff));
                }
                out.push(Effect::Answer);
            }
            _ => match self.glare.take() {
                Some(calling) => out.push(Effect::ComeIn { calling }),
                None => {
                    self.state = State::DialTone;
                    out.push(Effect::Sound(Sound::Dial));
                }
            },
        }
    }

    fn let_go(&mut self, out: &mut Vec<Effect>) {
        self.off_hook = false;
        self.state = State::Idle;
        out.push(Effect::Drop);
        out.push(Effect::Sound(Sound::Silence));
        self.reverse(false, out);
        out.push(Effect::Say(self.measured()));
    }

    fn collect(&mut self, now: u64, digits: &str, ms: u64, out: &mut Vec<Effect>) {
        let until = after_ms(now, ms.saturating_add(self.config.inter_digit_ms));
        match &mut self.state {
            State::DialTone => {
                self.state = State::Collecting { digits: digits.to_owned(), until };
                out.push(Effect::Sound(Sound::Silence));
            }
            State::Collecting { digits: known, until: at } => {
                known.push_str(digits);
                *at = until;
            }
            // keys of a call: sound
            State::Idle | State::Ringing { .. } | State::Calling | State::Talking | State::Over { .. } => {}
        }
    }

    pub(crate) fn on_timeout(&mut self, now: u64, out: &mut Vec<Effect>) {
        match &mut self.state {
            State::Ringing { id: Some((at, id)), .. } if *at <= now => {
                let id = std::mem::take(id);
                out.push(Effect::Say(Signal::CallerId(id)));
                if let State::Ringing { id, .. } = &mut self.state {
                    *id = None;
                }
            }
            State::Ringing { step, ends_at, .. } => {
                *step = (*step + 1) % self.config.ring_cadence_ms.len();
                *ends_at = after_ms(now, self.config.ring_cadence_ms[*step]);
                let rings = step.is_multiple_of(2);
                out.push(Effect::Say(if rings { Signal::RingOn } else { Signal::RingOff }));
            }
            State::Collecting { digits, .. } => {
                let digits = std::mem::take(digits);
                self.state = State::Calling;
                out.push(Effect::Call(digits.into()));
            }
            // whole again, and still off hook: to an exchange that is somebody who wants to dial
            State::Over { .. } => {
                self.state = State::DialTone;
                out.push(Effect::Say(self.measured()));
                out.push(Effect::Sound(Sound::Dial));
            }
            State::Idle | State::DialTone | State::Calling | State::Talking => {}
        }
    }
}
