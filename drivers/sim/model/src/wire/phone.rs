//! The telephone at a phone's port: its hook, its bell and its keys, moved by whoever sits at it.
//!
//! ```text
//!   OnHook ──host rings──▶ Rung ──picked up──▶ Talking ──hangs up──▶ OnHook
//!     └─lifted to call──▶ Lifted ──hears a dial tone──▶ Dialling ──last key──▶ Talking
//!                           └─hears none: puts it down─▶ OnHook
//! ```

use super::{CallerId, Effect, Order, Signal, after_ms};
use crate::event::{Heard, Refusal, What};
use std::sync::Arc;

/// How long somebody waits for a dial tone, milliseconds.
const DIAL_TONE_MS: u64 = 5_000;
/// From the dial tone to the first key, and from key to key, milliseconds.
const FIRST_KEY_MS: u64 = 500;
const KEY_MS: u64 = 300;
/// How long the hook is down for a flash, milliseconds.
const FLASH_MS: u64 = 300;
/// How long somebody listens to a busy tone, milliseconds.
const BUSY_MS: u64 = 2_000;
/// From the end of the first ring until the number is on the display, milliseconds.
const SHOWN_MS: u64 = 1_200;

#[derive(Debug, Clone, Default)]
pub(crate) struct Phone {
    state: State,
    lifted: bool,
    /// What its display shows.
    shown: Option<CallerId>,
}

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    OnHook,
    /// When it shows who calls.
    Rung {
        shows: Option<(u64, CallerId)>,
    },
    Lifted {
        called: Arc<str>,
        gives_up_at: u64,
    },
    /// Keys pressed so far, and when the next is.
    Dialling {
        called: Arc<str>,
        pressed: usize,
        next_at: u64,
    },
    /// When the hook is up again after a flash; when a busy tone has been heard long enough.
    Talking {
        flash_ends_at: Option<u64>,
        leaves_at: Option<u64>,
    },
}

impl Phone {
    pub(crate) fn is_lifted(&self) -> bool {
        self.lifted
    }

    pub(crate) fn shown(&self) -> Option<&CallerId> {
        self.shown.as_ref()
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        match &self.state {
            State::OnHook => None,
            State::Rung { shows } => shows.as_ref().map(|(at, _)| *at),
            State::Lifted { gives_up_at, .. } => Some(*gives_up_at),
            State::Dialling { next_at, .. } => Some(*next_at),
            State::Talking { flash_ends_at, leaves_at } => {
                flash_ends_at.iter().chain(leaves_at).min().copied()
            }
        }
    }

    pub(crate) fn on_call(&mut self, now: u64, what: &What, out: &mut Vec<Effect>) {
        match what {
            What::Incoming { called, .. } => {
                self.lift(true, out);
                let gives_up_at = after_ms(now, DIAL_TONE_MS);
                self.state = State::Lifted { called: called.clone(), gives_up_at };
            }
            What::Connected => {
                if matches!(self.state, State::Rung { .. }) {
                    self.lift(true, out);
                }
                self.state = State::Talking { flash_ends_at: None, leaves_at: None };
            }
            What::Disconnected { .. } => self.on_gone(out),
            What::Digit { digit } => out.push(Effect::Say(Signal::Digit { digit: *digit })),
            What::Held | What::Retrieved => self.flash(now, out),
            What::Dialing
            | What::Proceeding
            | What::Alerting
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

    fn lift(&mut self, off: bool, out: &mut Vec<Effect>) {
        if std::mem::replace(&mut self.lifted, off) != off {
            out.push(Effect::Say(Signal::Hook { off }));
        }
    }

    /// Whoever was at the phone is not any more; one that is rung rings on.
    fn on_gone(&mut self, out: &mut Vec<Effect>) {
        out.push(Effect::Drop);
        if !matches!(self.state, State::Rung { .. }) {
            self.state = State::OnHook;
            self.lift(false, out);
        }
    }

    fn flash(&mut self, now: u64, out: &mut Vec<Effect>) {
        if let State::Talking { flash_ends_at: flash @ None, .. } = &mut self.state {
            *flash = Some(after_ms(now, FLASH_MS));
            self.lift(false, out);
        }
    }

    pub(crate) fn on_order(&mut self, now: u64, order: &Order, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        match order {
            Order::Ring { .. } if self.lifted => Err(Refusal::State { wanted: "ring", state: "off hook" }),
            Order::Ring { cadence_ms, caller_id } => {
                self.shown = None;
                let first = cadence_ms.first().copied().map_or(0, u64::from);
                let shows = caller_id.clone().map(|id| (after_ms(now, first + SHOWN_MS), id));
                self.state = State::Rung { shows };
                out.push(Effect::Call(Arc::from("phone")));
                Ok(())
            }
            Order::RingOff => {
                if matches!(self.state, State::Rung { .. }) {
                    self.state = State::OnHook;
                    out.push(Effect::Drop);
                }
                Ok(())
            }
            Order::Polarity { .. } => Ok(()),
            Order::Hook { .. } | Order::Digits { .. } => {
                Err(Refusal::Argument { why: "a phone's hook and keys are moved by whoever sits at it" })
            }
        }
    }

    /// What it hears has changed.
    pub(crate) fn on_heard(&mut self, now: u64, heard: Heard) {
        match &mut self.state {
            State::Lifted { called, .. } if heard != Heard::Silence => {
                let next_at = after_ms(now, FIRST_KEY_MS);
                self.state = State::Dialling { called: called.clone(), pressed: 0, next_at };
            }
            State::Talking { leaves_at, .. } => {
                *leaves_at = (heard == Heard::Busy).then(|| after_ms(now, BUSY_MS));
            }
            State::OnHook | State::Rung { .. } | State::Lifted { .. } | State::Dialling { .. } => {}
        }
    }

    pub(crate) fn on_timeout(&mut self, now: u64, out: &mut Vec<Effect>) {
        match &mut self.state {
            State::OnHook => {}
            State::Rung { shows } => {
                self.shown = shows.take().map(|(_, id)| id);
                out.push(Effect::Shown);
            }
            State::Lifted { .. } => {
                out.push(Effect::NoDialTone);
                out.push(Effect::HangUp);
            }
            State::Dialling { called, pressed, next_at } => {
                let digit = called.chars().nth(*pressed);
                *pressed += 1;
                *next_at = after_ms(now, KEY_MS);
                match digit {
                    Some(digit) => out.push(Effect::Say(Signal::Digit { digit })),
                    None => out.push(Effect::Answer),
                }
            }
            State::Talking { flash_ends_at: flash @ Some(_), .. } if flash.is_some_and(|at| at <= now) => {
                *flash = None;
                self.lift(true, out);
            }
            State::Talking { .. } => out.push(Effect::HangUp),
        }
    }
}
