//! A port that faces the public exchange: a phone without a person.
//!
//! ```text
//!   Idle ──ring──▶ Ringing ──caller id, or the wait for it is over──▶ Offered ──answer: off hook──▶ Up
//!    │ ▲              │ drop, or the line only serves calls out          │ no ring for long           │ far end gone
//!    │ │              ▼                                                  ▼                            ▼
//!    │ └─rings end─ Ignoring ◀──────────drop────────────────────────── Cleared ◀──────────────────────┘
//!    │ make: off hook                                                    │ drop: on hook
//!    ▼                                                                   ▼
//!   Seizing ──dial tone, or no more patience──▶ Dialling ──▶ Waiting   Releasing ──guard over, Released──▶ Idle
//!    │                                                         └─ answered ─▶ Up
//!    └─ ring (glare): the call out ends with #44, and a stranger is on the line: Offered, off hook
//! ```
//!
//! * A caller is offered after the first ring at the earliest: an exchange sends the caller's number in the pause after
//!   it, and answering would cut it off. A number that comes later is told as `CallInfo`.
//! * "Answer" finds nobody if the caller has gone in the same moment; the dial tone that is heard then ends the call.
//! * A change of polarity within the guard after an answer is the answer itself.

mod commands;
mod sound;

use super::{HangUpBy, LineConfig, LineMedia, Wire, after, found};
use crate::base::Instant;
use crate::board::{
    BoardCall, BoardEvent, CallerId, Cause, Dialling, Digits, How, Incoming, LineCommand, LineEvent,
    LoopState, Supervision,
};
use crate::line::Direction;
use crate::media::{Listens, VoiceSettings};

/// How long a number that was told before the first ring belongs to that ring, in milliseconds.
const EARLY_ID_MS: u32 = 8_000;
/// A dial pulse with its pause, and the pause between two digits, in milliseconds (ITU-T Q.8).
const PULSE_MS: u32 = 100;
const PULSE_PAUSE_MS: u32 = 800;
/// A line without battery for longer than the longest break that means a hang-up is out of order, in milliseconds.
const DEAD_MS: u32 = 2_500;

#[derive(Debug)]
enum State {
    /// On hook; perhaps the exchange has told already who is going to ring, and until when that counts.
    Idle { early: Option<(CallerId, Instant)> },
    /// It rings, and the caller is waited for.
    Ringing { caller: Option<CallerId>, until: Instant },
    /// A call came in; the caller counts as gone at `gone_at` (never, on a line that is off hook).
    Offered { call: BoardCall, gone_at: Option<Instant> },
    /// Off hook for a call out, waiting for the dial tone.
    Seizing { call: BoardCall, digits: Digits, until: Instant },
    /// The digits go out.
    Dialling { call: BoardCall, until: Instant },
    /// They are out; when the call counts as answered, and how sure that is.
    Waiting { call: BoardCall, answered: Option<(Instant, Supervision)> },
    /// Answered; when silence will have lasted too long.
    Up { call: BoardCall, since: Instant, silent_at: Option<Instant> },
    /// The far end is gone, and the call waits to be dropped.
    Cleared { call: BoardCall },
    /// On hook again; the exchange needs a moment to see it.
    Releasing { call: BoardCall, cause: Cause, until: Instant },
    /// It rings, and nobody here wants it.
    Ignoring { until: Instant },
}

/// Whether the exchange feeds the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Battery {
    Fed,
    /// Not since a moment ago: a break that means a hang-up, or a line that is out of order.
    Missing(Instant),
    /// Out of order, and said so.
    Dead,
}

#[derive(Debug)]
pub(super) struct Fxo {
    pub(super) supervised: bool,
    state: State,
    off_hook: bool,
    reversed: bool,
    battery: Battery,
    /// A call out that lost a glare and is not dropped yet; the line is the stranger's.
    lost: Option<BoardCall>,
}

impl Fxo {
    pub(super) const fn new(supervised: bool) -> Self {
        Self {
            supervised,
            state: State::Idle { early: None },
            off_hook: false,
            reversed: false,
            battery: Battery::Fed,
            lost: None,
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        !matches!(self.state, State::Idle { .. }) || self.lost.is_some()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let own = match &self.state {
            State::Idle { .. } | State::Cleared { .. } => None,
            State::Ringing { until, .. }
            | State::Seizing { until, .. }
            | State::Dialling { until, .. }
            | State::Releasing { until, .. }
            | State::Ignoring { until } => Some(*until),
            State::Offered { gone_at, .. } => *gone_at,
            State::Waiting { answered, .. } => answered.map(|(at, _)| at),
            State::Up { silent_at, .. } => *silent_at,
        };
        let dead = match self.battery {
            Battery::Missing(at) => Some(at),
            Battery::Fed | Battery::Dead => None,
        };
        own.into_iter().chain(dead).min()
    }

    /// What must be listened for: tones and silence of the far end, on its own leg and before anything is mixed to it.
    pub(super) fn media(&self, config: &LineConfig) -> LineMedia {
        let by_tone = config.hangs_up_by(HangUpBy::Tone);
        let silence_ms = config.silence_ms;
        let silent = VoiceSettings { silence_ms, ..VoiceSettings::default() };
        let listens = match &self.state {
            // while the digits go out nothing is heard of it, but the way for them must be open
            State::Seizing { .. } | State::Dialling { .. } | State::Waiting { .. } => {
                Listens { progress: true, ..Listens::default() }
            }
            State::Up { .. } => Listens {
                progress: by_tone,
                voice: config.hangs_up_by(HangUpBy::Silence).then_some(silent),
                ..Listens::default()
            },
            State::Offered { .. } if self.off_hook => Listens { progress: by_tone, ..Listens::default() },
            State::Idle { .. }
            | State::Ringing { .. }
            | State::Offered { .. }
            | State::Cleared { .. }
            | State::Releasing { .. }
            | State::Ignoring { .. } => Listens::default(),
        };
        LineMedia { listens, ..LineMedia::default() }
    }

    // ---- the board

    pub(super) fn on_event(&mut self, wire: &mut Wire, now: Instant, event: &LineEvent) {
        match event {
            LineEvent::RingOn => self.on_ring(wire, now),
            LineEvent::RingOff => self.on_ring_off(wire, now),
            LineEvent::CallerId(caller) => self.on_caller_id(wire, now, caller),
            LineEvent::Polarity { reversed } => {
                // said twice, or said again on request: no news
                if std::mem::replace(&mut self.reversed, *reversed) != *reversed {
                    self.on_polarity(wire, now);
                }
            }
            LineEvent::Loop(state) => self.on_loop(wire, now, *state),
            LineEvent::Tone { tone } => self.on_tone(wire, now, *tone),
            LineEvent::Digit { digit } => {
                if let State::Up { call, .. } = self.state {
                    wire.say(BoardEvent::Digit { channel: wire.channel, call, digit: *digit });
                }
            }
            // the line could not be seized: by a board that sees a glare, or one that is out of order
            LineEvent::Refused { cause } => {
                if matches!(self.state, State::Seizing { .. }) {
                    self.clear(wire, *cause);
                }
            }
            // a phone's
            LineEvent::Hook { .. } | LineEvent::Flash { .. } => {}
        }
    }

    fn on_ring(&mut self, wire: &mut Wire, now: Instant) {
        let gone_at = after(now, wire.config.ring_gone_ms);
        match &mut self.state {
            State::Idle { .. } => self.begin_ringing(wire, now),
            // the exchange has seen that the line is on hook
            State::Releasing { call, cause, .. } => {
                wire.release(*call, *cause);
                self.begin_ringing(wire, now);
            }
            // the second ring: the number does not come any more
            State::Ringing { .. } => self.offer(wire, now),
            State::Offered { gone_at: Some(at), .. } => *at = gone_at,
            State::Ignoring { until } => *until = gone_at,
            State::Seizing { call, .. } => {
                let call = *call;
                self.lose(wire, now, call);
            }
            // nothing rings a line that is off hook
            State::Offered { gone_at: None, .. }
            | State::Dialling { .. }
            | State::Waiting { .. }
            | State::Up { .. }
            | State::Cleared { .. } => {}
        }
    }

    fn begin_ringing(&mut self, wire: &mut Wire, now: Instant) {
        let early = match &mut self.state {
            State::Idle { early } => early.take(),
            _ => None,
        };
        let caller = early.filter(|(_, until)| *until >= now).map(|(caller, _)| caller);
        // should the end of the ring be lost: as if it were the longest there is
        let until = after(now, wire.config.ring_gone_ms);
        self.state = State::Ringing { caller, until };
        if wire.config.direction == Direction::Outgoing {
            self.ignore(wire, until);
        }
    }

    fn ignore(&mut self, wire: &mut Wire, until: Instant) {
        wire.outputs.push_back(super::LineOutput::RingIgnored);
        self.state = State::Ignoring { until };
    }

    fn on_ring_off(&mut self, wire: &mut Wire, now: Instant) {
        let wait_ms = wire.config.cid_wait_ms;
        match &mut self.state {
            State::Ringing { caller: Some(_), .. } => self.offer(wire, now),
            State::Ringing { .. } if wait_ms == 0 => self.offer(wire, now),
            State::Ringing { until, .. } => *until = after(now, wait_ms),
            State::Offered { gone_at: Some(at), .. } => *at = after(now, wire.config.ring_gone_ms),
            State::Ignoring { until } => *until = after(now, wire.config.ring_gone_ms),
            State::Idle { .. }
            | State::Offered { gone_at: None, .. }
            | State::Seizing { .. }
            | State::Dialling { .. }
            | State::Waiting { .. }
            | State::Up { .. }
            | State::Cleared { .. }
            | State::Releasing { .. } => {}
        }
    }

    /// The caller has rung once, and what could be known of it is.
    fn offer(&mut self, wire: &mut Wire, now: Instant) {
        let State::Ringing { caller, .. } = &mut self.state else { return };
        let caller = caller.take().unwrap_or_default();
        let gone_at = (!self.off_hook).then(|| after(now, wire.config.ring_gone_ms));
        let call = wire.new_call();
        self.state = State::Offered { call, gone_at };
        let incoming = incoming_from(caller);
        wire.say(BoardEvent::Incoming { channel: wire.channel, call, incoming });
    }

    fn on_caller_id(&mut self, wire: &mut Wire, now: Instant, caller: &CallerId) {
        match &mut self.state {
            State::Idle { early } => *early = Some((caller.clone(), after(now, EARLY_ID_MS))),
            State::Ringing { caller: known, .. } => {
                *known = Some(caller.clone());
                self.offer(wire, now);
            }
            State::Offered { call, .. } | State::Up { call, .. } => {
                let incoming = incoming_from(caller.clone());
                let call = *call;
                wire.say(BoardEvent::CallInfo { channel: wire.channel, call, incoming });
            }
            State::Seizing { .. }
            | State::Dialling { .. }
            | State::Waiting { .. }
            | State::Cleared { .. }
            | State::Releasing { .. }
            | State::Ignoring { .. } => {}
        }
    }

    /// We have answered a stranger: the call out is lost, and there is a call in instead.
    fn lose(&mut self, wire: &mut Wire, now: Instant, call: BoardCall) {
        self.lost = Some(call);
        wire.disconnect(call, Cause::GLARE);
        if wire.config.direction == Direction::Outgoing {
            self.hook(wire, false);
            self.ignore(wire, after(now, wire.config.release_guard_ms));
        } else {
            self.state = State::Ringing { caller: None, until: now };
            self.offer(wire, now);
        }
    }

    /// A reversal is an answer or a hang-up, by what we wait for.
    fn on_polarity(&mut self, wire: &mut Wire, now: Instant) {
        let hangs_up = self.supervised || wire.config.hangs_up_by(HangUpBy::Polarity);
        let answers = self.supervised || wire.config.answer_by_polarity;
        match self.state {
            State::Dialling { call, .. } | State::Waiting { call, .. } if answers => {
                self.connect(wire, now, call, Supervision::Loop);
            }
            State::Up { since, .. } => {
                let is_answer = now < after(since, wire.config.polarity_guard_ms);
                if hangs_up && !is_answer {
                    self.clear(wire, found(Cause::NORMAL, How::Loop));
                }
            }
            State::Idle { .. }
            | State::Ringing { .. }
            | State::Offered { .. }
            | State::Seizing { .. }
            | State::Dialling { .. }
            | State::Waiting { .. }
            | State::Cleared { .. }
            | State::Releasing { .. }
            | State::Ignoring { .. } => {}
        }
    }

    fn on_loop(&mut self, wire: &mut Wire, now: Instant, state: LoopState) {
        self.battery = match (self.battery, state.battery) {
            (Battery::Dead, true) => {
                wire.say(BoardEvent::Alarm { channel: wire.channel, on: false });
                Battery::Fed
            }
            (Battery::Missing(_), true) => Battery::Fed,
            (Battery::Fed, false) => Battery::Missing(after(now, DEAD_MS)),
            (battery, _) => battery,
        };
        let is_cut = !state.current || !state.battery;
        let hangs_up = self.supervised || wire.config.hangs_up_by(HangUpBy::Loop);
        match self.state {
            State::Up { .. } if is_cut && hangs_up => self.clear(wire, found(Cause::NORMAL, How::Loop)),
            // an exchange breaks the loop of a call that it gives up
            State::Waiting { .. } if is_cut && hangs_up => {
                self.clear(wire, found(Cause::NO_USER_RESPONDING, How::Loop));
            }
            _ => {}
        }
    }

    // ---- time

    pub(super) fn on_timeout(&mut self, wire: &mut Wire, now: Instant) {
        if let Battery::Missing(at) = self.battery
            && at <= now
        {
            self.die(wire);
            return;
        }
        match self.state {
            State::Idle { .. } | State::Cleared { .. } => {}
            State::Ringing { .. } => self.offer(wire, now),
            State::Offered { .. } => self.clear(wire, Cause::NORMAL),
            State::Seizing { .. } => self.dial(wire, now),
            State::Dialling { call, .. } => {
                self.state = State::Waiting { call, answered: assumed(&wire.config, now) };
                // from here on whatever is heard comes from the network: ringing, announcements, busy
                wire.say(BoardEvent::Progress { channel: wire.channel, call, inband: true });
            }
            State::Waiting { call, answered } => {
                let supervision = answered.map_or(Supervision::Assumed, |(_, supervision)| supervision);
                self.connect(wire, now, call, supervision);
            }
            State::Up { .. } => self.clear(wire, found(Cause::NORMAL, How::Silence)),
            State::Releasing { call, cause, .. } => {
                wire.release(call, cause);
                self.state = State::Idle { early: None };
            }
            State::Ignoring { .. } => self.state = State::Idle { early: None },
        }
    }

    // ---- steps

    /// The call on the line that is not released yet.
    fn call(&self) -> Option<BoardCall> {
        match self.state {
            State::Idle { .. } | State::Ringing { .. } | State::Ignoring { .. } => None,
            State::Offered { call, .. }
            | State::Seizing { call, .. }
            | State::Dialling { call, .. }
            | State::Waiting { call, .. }
            | State::Up { call, .. }
            | State::Cleared { call }
            | State::Releasing { call, .. } => Some(call),
        }
    }

    fn hook(&mut self, wire: &mut Wire, off: bool) {
        if std::mem::replace(&mut self.off_hook, off) != off {
            wire.tell(LineCommand::Hook { off });
        }
    }

    fn dial(&mut self, wire: &mut Wire, now: Instant) {
        let State::Seizing { call, digits, .. } = &self.state else { return };
        let (call, digits) = (*call, digits.clone());
        let config = &wire.config;
        let (dialling, on_ms, off_ms) = (config.dialling, config.digit_on_ms, config.digit_off_ms);
        let until = after(now, dialling_ms(&digits, config));
        self.state = State::Dialling { call, until };
        wire.tell(LineCommand::SendDigits { digits, dialling, on_ms, off_ms });
    }

    fn connect(&mut self, wire: &mut Wire, now: Instant, call: BoardCall, supervision: Supervision) {
        self.state = State::Up { call, since: now, silent_at: None };
        let channel = wire.channel;
        wire.say(BoardEvent::Connected { channel, call, supervision, inband_digits: false });
    }

    fn clear(&mut self, wire: &mut Wire, cause: Cause) {
        if let Some(call) = self.call() {
            wire.disconnect(call, cause);
            self.state = State::Cleared { call };
        }
    }

    /// The line is out of order, and whoever is on it is gone.
    fn die(&mut self, wire: &mut Wire) {
        self.battery = Battery::Dead;
        wire.say(BoardEvent::Alarm { channel: wire.channel, on: true });
        match self.state {
            State::Ringing { .. } | State::Ignoring { .. } => self.state = State::Idle { early: None },
            State::Idle { .. } | State::Cleared { .. } | State::Releasing { .. } => {}
            State::Offered { .. }
            | State::Seizing { .. }
            | State::Dialling { .. }
            | State::Waiting { .. }
            | State::Up { .. } => self.clear(wire, found(Cause::OUT_OF_ORDER, How::Alarm)),
        }
    }
}

fn incoming_from(caller: CallerId) -> Incoming {
    Incoming { calling: caller.number, name: caller.name, ..Incoming::default() }
}

fn assumed(config: &LineConfig, now: Instant) -> Option<(Instant, Supervision)> {
    let ms = config.answer_assumed_ms;
    (ms > 0).then(|| (after(now, ms), Supervision::Assumed))
}

/// How long a number takes to go out, in milliseconds.
fn dialling_ms(digits: &Digits, config: &LineConfig) -> u32 {
    match config.dialling {
        Dialling::Tone => digits.len() as u32 * (config.digit_on_ms + config.digit_off_ms),
        Dialling::Pulse => digits.as_str().bytes().map(|key| pulses(key) * PULSE_MS + PULSE_PAUSE_MS).sum(),
    }
}

/// Breaks of the loop for a key; those that a dial does not have are sent as none.
fn pulses(key: u8) -> u32 {
    match key {
        b'0' => 10,
        b'1'..=b'9' => u32::from(key - b'0'),
        _ => 0,
    }
}
