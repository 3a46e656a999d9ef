//! A port that faces a phone: it rings it, gives it tones, and takes what its hook and keys say.
//!
//! ```text
//!   OnHook ──off hook──▶ DialTone ──key──▶ Dialling ──number whole──▶ Offered ──answer──▶ Up ◀──flash──▶ (held)
//!     │  ▲        └──may not dial──▶ Silent                              │ on hook         │ on hook for long
//!     │  └──on hook── Silent, DialTone, Dialling, Parked                 ▼                 ▼
//!     │ make: ring                                                     Cleared ──drop, Released──▶ OnHook
//!     ▼
//!   Ringing ──off hook──▶ Up          Offered, Up ──drop, Released──▶ Parked (busy tone, then the howler)
//! ```
//!
//! A hook that is down for as long as a flash takes is no hang-up yet: the call goes on, and the exchange is told of the
//! flash, or, where it means no more than that, the call is put on hold and taken back by the next one. A phone that nobody may use hears nothing at all.

use super::{Flash, LineMedia, LineOutput, Wire, after};
use crate::base::Instant;
use crate::base::limits::NUMBER_LEN_MAX;
use crate::board::{
    BoardCall, BoardCommand, BoardEvent, CallerId, Cause, Digit, Incoming, LineCommand, LineEvent, Step,
    Supervision, Tone,
};

#[derive(Debug)]
enum State {
    OnHook,
    /// It is rung.
    Ringing {
        call: BoardCall,
    },
    /// Off hook, and it may not dial.
    Silent,
    /// Off hook, waiting for the first key.
    DialTone {
        until: Instant,
    },
    /// Keys so far, and when there will be no more.
    Dialling {
        keys: String,
        until: Instant,
    },
    /// A number was dialled, or the beginning of one that goes out while it is: then its keys so far, and when there will be
    /// no more. Whether somebody is being rung for it.
    Offered {
        call: BoardCall,
        alerting: bool,
        dialling: Option<(String, Instant)>,
    },
    /// Answered; since when the hook is down, if it is.
    Up {
        call: BoardCall,
        held: bool,
        down: Option<Instant>,
    },
    /// The phone is on hook, and the call waits to be dropped.
    Cleared {
        call: BoardCall,
    },
    /// Off hook still, and the call is over: busy tone, then the howler, then nothing.
    Parked {
        until: Instant,
        howls: bool,
    },
}

/// So long a phone that is off hook for nothing hears the busy tone, and the howler after it.
const BUSY_MS: u32 = 30_000;
const HOWLER_MS: u32 = 60_000;

#[derive(Debug)]
pub(super) struct Fxs {
    /// Who is at the phone may have a dial tone.
    pub(super) may_dial: bool,
    state: State,
    off_hook: bool,
    reversed: bool,
}

impl Fxs {
    pub(super) const fn new() -> Self {
        Self { may_dial: true, state: State::OnHook, off_hook: false, reversed: false }
    }

    pub(super) fn is_busy(&self) -> bool {
        self.off_hook || !matches!(self.state, State::OnHook)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::DialTone { until }
            | State::Parked { until, .. }
            | State::Dialling { until, .. }
            | State::Offered { dialling: Some((_, until)), .. } => Some(*until),
            // a hang-up is told from a flash when it has lasted longer
            State::Up { down, .. } => *down,
            State::OnHook
            | State::Ringing { .. }
            | State::Silent
            | State::Offered { dialling: None, .. }
            | State::Cleared { .. } => None,
        }
    }

    pub(super) fn media(&self) -> LineMedia {
        let (hear, keys) = match &self.state {
            State::DialTone { .. } => (Some(Tone::Dial), true),
            State::Dialling { .. } | State::Offered { dialling: Some(_), .. } => (None, true),
            State::Offered { alerting: true, dialling: None, .. } => (Some(Tone::Ringback), false),
            State::Parked { howls: false, .. } => (Some(Tone::Busy), false),
            State::Parked { howls: true, .. } => (Some(Tone::Howler), false),
            State::OnHook
            | State::Ringing { .. }
            | State::Silent
            | State::Offered { alerting: false, dialling: None, .. }
            | State::Up { .. }
            | State::Cleared { .. } => (None, false),
        };
        LineMedia { hear, keys, ..LineMedia::default() }
    }

    pub(super) fn on_event(&mut self, wire: &mut Wire, now: Instant, event: &LineEvent) {
        match event {
            LineEvent::Hook { off: true } => self.on_off_hook(wire, now),
            LineEvent::Hook { off: false } => self.on_on_hook(wire, now),
            LineEvent::Flash { .. } => self.on_flash(wire),
            LineEvent::Digit { digit } => self.on_digit(wire, now, *digit),
            // an exchange's
            LineEvent::RingOn
            | LineEvent::RingOff
            | LineEvent::Polarity { .. }
            | LineEvent::Loop(_)
            | LineEvent::Tone { .. }
            | LineEvent::CallerId(_)
            | LineEvent::Refused { .. } => {}
        }
    }

    fn on_off_hook(&mut self, wire: &mut Wire, now: Instant) {
        self.off_hook = true;
        let (shortest_ms, longest_ms) = wire.config.flash_ms;
        match &mut self.state {
            State::OnHook => self.begin(wire, now),
            State::Ringing { call } => {
                let call = *call;
                wire.tell(LineCommand::RingOff);
                self.connect(wire, call);
            }
            State::Up { down: down @ Some(_), .. } => {
                let hangs_up_at = down.take().unwrap_or(now);
                let left_ms = hangs_up_at.millis_since(now);
                let was_down_ms = u64::from(longest_ms).saturating_sub(left_ms);
                // less is a bad contact
                if was_down_ms >= u64::from(shortest_ms) {
                    self.on_flash(wire);
                }
            }
            State::Up { down: None, .. }
            | State::Silent
            | State::DialTone { .. }
            | State::Dialling { .. }
            | State::Offered { .. }
            | State::Cleared { .. }
            | State::Parked { .. } => {}
        }
    }

    /// Somebody has picked the phone up.
    fn begin(&mut self, wire: &Wire, now: Instant) {
        self.state = match self.may_dial {
            true => State::DialTone { until: after(now, wire.config.first_digit_ms) },
            false => State::Silent,
        };
    }

    fn on_on_hook(&mut self, wire: &mut Wire, now: Instant) {
        self.off_hook = false;
        match &mut self.state {
            State::OnHook | State::Ringing { .. } | State::Cleared { .. } => {}
            State::Silent | State::DialTone { .. } | State::Dialling { .. } | State::Parked { .. } => {
                self.state = State::OnHook;
            }
            State::Up { down: Some(_), .. } => {}
            State::Up { down, .. } => *down = Some(after(now, wire.config.flash_ms.1)),
            State::Offered { call, .. } => {
                let call = *call;
                self.hang_up(wire, call);
            }
        }
    }

    fn hang_up(&mut self, wire: &mut Wire, call: BoardCall) {
        self.state = State::Cleared { call };
        wire.disconnect(call, Cause::NORMAL);
    }

    /// Hold, and with the next flash back again; or whatever else the exchange makes of it.
    fn on_flash(&mut self, wire: &mut Wire) {
        let State::Up { call, held, .. } = &mut self.state else { return };
        let (channel, call) = (wire.channel, *call);
        if wire.config.flash != Flash::Hold {
            wire.say(BoardEvent::Recall { channel, call });
            return;
        }
        *held = !*held;
        wire.say(match *held {
            true => BoardEvent::Held { channel, call },
            false => BoardEvent::Retrieved { channel, call },
        });
    }

    fn on_digit(&mut self, wire: &mut Wire, now: Instant, digit: Digit) {
        let until = after(now, wire.config.inter_digit_ms);
        match &mut self.state {
            State::DialTone { .. } => {
                let keys = digit.to_string();
                wire.outputs.push_back(LineOutput::Dialling(keys.clone()));
                self.state = State::Dialling { keys, until };
            }
            State::Dialling { keys, .. } if ends(digit, keys) => self.on_dialled(wire),
            State::Dialling { keys, until: at } => {
                keys.push(digit.char());
                *at = until;
                wire.outputs.push_back(LineOutput::Dialling(keys.clone()));
            }
            State::Offered { dialling: Some((keys, _)), .. } if ends(digit, keys) => {
                self.on_no_more_keys(wire);
            }
            State::Offered { call, dialling: Some((keys, at)), .. } => {
                keys.push(digit.char());
                *at = until;
                let incoming = Incoming { called: keys.clone(), overlap: true, ..Incoming::default() };
                let (channel, call) = (wire.channel, *call);
                wire.say(BoardEvent::CallInfo { channel, call, incoming });
            }
            State::Up { call, .. } => {
                let (channel, call) = (wire.channel, *call);
                wire.say(BoardEvent::Digit { channel, call, digit });
            }
            State::OnHook
            | State::Ringing { .. }
            | State::Silent
            | State::Offered { dialling: None, .. }
            | State::Cleared { .. }
            | State::Parked { .. } => {}
        }
    }

    /// The keys are a whole number.
    pub(super) fn on_dialled(&mut self, wire: &mut Wire) {
        let State::Dialling { keys, .. } = &mut self.state else { return };
        let called = std::mem::take(keys);
        self.offer(wire, called, None);
    }

    /// The keys are the beginning of a number that goes out while it is dialled.
    pub(super) fn on_dialled_so_far(&mut self, wire: &mut Wire) {
        let State::Dialling { keys, until } = &mut self.state else { return };
        let (called, until) = (std::mem::take(keys), *until);
        self.offer(wire, called.clone(), Some((called, until)));
    }

    fn offer(&mut self, wire: &mut Wire, called: String, dialling: Option<(String, Instant)>) {
        let call = wire.new_call();
        let incoming = Incoming { called, overlap: dialling.is_some(), ..Incoming::default() };
        self.state = State::Offered { call, alerting: false, dialling };
        wire.say(BoardEvent::Incoming { channel: wire.channel, call, incoming });
    }

    /// The number that goes out is whole, as far as the phone's keys go.
    fn on_no_more_keys(&mut self, wire: &mut Wire) {
        let State::Offered { call, dialling, .. } = &mut self.state else { return };
        let Some((called, _)) = dialling.take() else { return };
        let (channel, call) = (wire.channel, *call);
        wire.say(BoardEvent::CallInfo {
            channel,
            call,
            incoming: Incoming { called, ..Incoming::default() },
        });
    }

    pub(super) fn on_command(&mut self, wire: &mut Wire, now: Instant, command: &BoardCommand) {
        match command {
            BoardCommand::Make { call, calling, name, .. } => self.ring(wire, *call, calling, name),
            BoardCommand::Accept { call, step, .. } => self.accept(*call, *step),
            BoardCommand::Answer { call, .. } => self.answer(wire, *call),
            BoardCommand::Drop { call, q850, .. } => self.drop_call(wire, now, *call, Cause::new(*q850)),
            // a phone takes no signals but sound, and who is on hold hears our music
            BoardCommand::Hold { .. }
            | BoardCommand::DialOn { .. }
            | BoardCommand::SendDigits { .. }
            | BoardCommand::Line { .. }
            | BoardCommand::Replay { .. } => {}
        }
    }

    fn accept(&mut self, call: BoardCall, step: Step) {
        let State::Offered { call: offered, alerting, dialling } = &mut self.state else { return };
        if *offered == call && step != Step::SetupAck {
            *alerting |= step == Step::Alerting;
            *dialling = None;
        }
    }

    fn ring(&mut self, wire: &mut Wire, call: BoardCall, calling: &str, name: &str) {
        if self.is_busy() {
            wire.refuse(call, Cause::USER_BUSY);
            return;
        }
        self.state = State::Ringing { call };
        let known = !calling.is_empty() || !name.is_empty();
        let caller_id = known.then(|| CallerId { number: calling.to_owned(), name: name.to_owned() });
        wire.tell(LineCommand::Ring { cadence_ms: wire.config.ring_cadence_ms.clone(), caller_id });
        wire.say(BoardEvent::Alerting { channel: wire.channel, call, inband: false });
    }

    fn answer(&mut self, wire: &mut Wire, call: BoardCall) {
        match self.state {
            State::Offered { call: offered, .. } if offered == call => {
                if wire.config.polarity_tells_answer {
                    self.reverse(wire, true);
                }
                self.connect(wire, call);
            }
            // the caller has put the phone down a moment ago, and the exchange hears of it next
            State::Cleared { call: cleared } if cleared == call => {}
            _ => wire.refuse(call, Cause::TEMPORARY_FAILURE),
        }
    }

    fn reverse(&mut self, wire: &mut Wire, reversed: bool) {
        if std::mem::replace(&mut self.reversed, reversed) != reversed {
            wire.tell(LineCommand::Polarity { reversed });
        }
    }

    fn connect(&mut self, wire: &mut Wire, call: BoardCall) {
        self.state = State::Up { call, held: false, down: None };
        let (channel, supervision) = (wire.channel, Supervision::Signalled);
        wire.say(BoardEvent::Connected { channel, call, supervision, inband_digits: false });
    }

    fn drop_call(&mut self, wire: &mut Wire, now: Instant, call: BoardCall, cause: Cause) {
        let on_line = match &self.state {
            State::Ringing { call }
            | State::Offered { call, .. }
            | State::Up { call, .. }
            | State::Cleared { call } => Some(*call),
            State::OnHook
            | State::Silent
            | State::DialTone { .. }
            | State::Dialling { .. }
            | State::Parked { .. } => None,
        };
        if on_line != Some(call) {
            wire.refuse(call, Cause::TEMPORARY_FAILURE);
            return;
        }
        if matches!(self.state, State::Ringing { .. }) {
            wire.tell(LineCommand::RingOff);
        }
        self.reverse(wire, false);
        wire.release(call, cause);
        match (&self.state, self.off_hook) {
            (_, false) => self.state = State::OnHook,
            // put down and picked up again: somebody wants to dial
            (State::Cleared { .. }, true) => self.begin(wire, now),
            (_, true) => self.park(now),
        }
    }

    /// Nothing comes of this phone until it is put down.
    fn park(&mut self, now: Instant) {
        self.state = State::Parked { until: after(now, BUSY_MS), howls: false };
    }

    pub(super) fn on_timeout(&mut self, wire: &mut Wire, now: Instant) {
        match &self.state {
            State::DialTone { .. } => self.park(now),
            State::Parked { howls: false, .. } => {
                self.state = State::Parked { until: after(now, HOWLER_MS), howls: true };
            }
            State::Parked { howls: true, .. } => self.state = State::Silent,
            State::Dialling { .. } => self.on_dialled(wire),
            State::Offered { dialling: Some(_), .. } => self.on_no_more_keys(wire),
            State::Up { call, down: Some(at), .. } if *at <= now => {
                let call = *call;
                self.hang_up(wire, call);
            }
            State::OnHook
            | State::Ringing { .. }
            | State::Silent
            | State::Offered { dialling: None, .. }
            | State::Up { .. }
            | State::Cleared { .. } => {}
        }
    }
}

/// A hash ends a number, unless it belongs to a code that begins with a star; and no number is longer than any can be.
fn ends(digit: Digit, keys: &str) -> bool {
    (digit.ascii() == b'#' && !keys.starts_with('*')) || keys.len() >= NUMBER_LEN_MAX
}
