//! The call machines of analogue lines: each thing that can happen to a line as an example, then every state against
//! every input, and scripts of chance.

mod fxo;
mod fxs;
mod property;

use super::{Line, LineConfig, LineOutput, Port};
use crate::base::Instant;
use crate::board::{
    BoardCall, BoardCommand, BoardEvent, CallerId, Cause, ChannelId, Digit, Digits, LineCommand, LineEvent,
    LoopState, Tone,
};
use crate::media::Heard;
use std::collections::BTreeMap;
use std::time::Duration;

const CHANNEL: ChannelId = ChannelId::new(0, 3);

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Open { connected: bool, disconnected: bool },
    Over,
}

/// A line on the bench: what it says is kept, and every promise is checked as it says it.
struct Bench {
    line: Line,
    now: Instant,
    said: Vec<BoardEvent>,
    told: Vec<LineCommand>,
    other: Vec<LineOutput>,
    calls: BTreeMap<BoardCall, Life>,
    /// The call of the `Make` that is being given.
    making: Option<BoardCall>,
    off_hook: bool,
    ringing: bool,
}

impl Bench {
    fn new(port: Port, config: LineConfig) -> Self {
        Self {
            line: Line::new(CHANNEL, port, config),
            now: Instant::from_millis(1_000),
            said: Vec::new(),
            told: Vec::new(),
            other: Vec::new(),
            calls: BTreeMap::new(),
            making: None,
            off_hook: false,
            ringing: false,
        }
    }

    fn event(&mut self, event: LineEvent) -> &mut Self {
        self.line.on_event(self.now, &event);
        self.drain()
    }

    fn command(&mut self, command: BoardCommand) -> &mut Self {
        if let BoardCommand::Make { call, .. } = &command {
            assert!(self.calls.insert(*call, OPEN).is_none(), "the test uses an id twice");
            self.making = Some(*call);
        }
        self.line.on_command(self.now, &command);
        self.drain().making = None;
        self
    }

    fn tone(&mut self, tone: Tone) -> &mut Self {
        self.heard(Heard::Tone { tone, confidence: 90, since_ms: 0 })
    }

    fn heard(&mut self, heard: Heard) -> &mut Self {
        self.line.on_heard(self.now, &heard);
        self.drain()
    }

    /// Let time pass; everything happens when it is due.
    fn wait(&mut self, ms: u64) -> &mut Self {
        let until = self.now + Duration::from_millis(ms);
        let mut turns = 0;
        while let Some(at) = self.line.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.line.handle_timeout(self.now);
            self.drain();
            turns += 1;
            assert!(turns < 1_000, "the line spins");
        }
        self.now = until;
        self
    }

    fn drain(&mut self) -> &mut Self {
        while let Some(output) = self.line.poll_output() {
            match output {
                LineOutput::Event(event) => {
                    self.judge(&event);
                    self.said.push(event);
                }
                LineOutput::Command(command) => {
                    self.follow(&command);
                    self.told.push(command);
                }
                other => self.other.push(other),
            }
        }
        let is_idle = !self.line.is_busy();
        assert!(!(is_idle && self.off_hook), "idle, and off hook");
        assert!(!(is_idle && self.ringing), "idle, and the phone is rung");
        self
    }

    fn follow(&mut self, command: &LineCommand) {
        match command {
            LineCommand::Hook { off } => {
                assert_ne!(*off, self.off_hook, "the hook is told twice");
                self.off_hook = *off;
            }
            LineCommand::Ring { .. } => self.ringing = true,
            LineCommand::RingOff => self.ringing = false,
            LineCommand::SendDigits { digits, .. } => {
                assert!(self.off_hook && !digits.is_empty(), "dials on hook, or nothing");
            }
            LineCommand::Polarity { .. } => {}
        }
    }

    /// What may be said of a call, in this order, and `Released` last and once.
    fn judge(&mut self, event: &BoardEvent) {
        match event {
            BoardEvent::Incoming { call, .. } => {
                assert!(self.calls.insert(*call, OPEN).is_none(), "{call:?} comes in twice");
                assert_eq!(call.0 % 2, 1, "a call of the driver's has an odd number");
            }
            BoardEvent::Connected { call, .. } => match self.life(*call) {
                Life::Open { connected, disconnected: false } if !*connected => *connected = true,
                life => panic!("connected while {life:?}"),
            },
            BoardEvent::Disconnected { call, .. } => match self.life(*call) {
                Life::Open { disconnected, .. } if !*disconnected => *disconnected = true,
                life => panic!("disconnected while {life:?}"),
            },
            BoardEvent::Released { call, .. } => {
                assert_ne!(*self.life(*call), Life::Over, "{call:?} is released twice");
                self.calls.insert(*call, Life::Over);
            }
            BoardEvent::Refused { call, .. } => {
                // a make that is refused never was; what else is refused changes nothing
                if self.making == Some(*call) {
                    self.calls.insert(*call, Life::Over);
                }
            }
            BoardEvent::Alerting { call, .. }
            | BoardEvent::Progress { call, .. }
            | BoardEvent::CallInfo { call, .. }
            | BoardEvent::Held { call, .. }
            | BoardEvent::Retrieved { call, .. }
            | BoardEvent::Recall { call, .. }
            | BoardEvent::Digit { call, .. } => {
                let alive = matches!(self.life(*call), Life::Open { disconnected: false, .. });
                assert!(alive, "{event:?} of a call that is over");
            }
            BoardEvent::Alarm { .. } => {}
            other => panic!("a line never says {other:?}"),
        }
    }

    fn life(&mut self, call: BoardCall) -> &mut Life {
        self.calls.get_mut(&call).unwrap_or_else(|| panic!("{call:?} is not known"))
    }

    fn open_calls(&self) -> Vec<BoardCall> {
        self.calls.iter().filter(|(_, life)| **life != Life::Over).map(|(call, _)| *call).collect()
    }

    /// Do what is due at this moment.
    fn rest(&mut self) {
        self.wait(0);
    }

    /// What it has said since the last time.
    fn take(&mut self) -> Vec<BoardEvent> {
        std::mem::take(&mut self.said)
    }

    fn take_told(&mut self) -> Vec<LineCommand> {
        std::mem::take(&mut self.told)
    }

    /// The call that came in last.
    fn incoming(&self) -> BoardCall {
        let incoming = |event: &BoardEvent| match event {
            BoardEvent::Incoming { call, .. } => Some(*call),
            _ => None,
        };
        self.said.iter().rev().find_map(incoming).expect("a call came in")
    }
}

const OPEN: Life = Life::Open { connected: false, disconnected: false };

fn make(call: u64, called: &str) -> BoardCommand {
    BoardCommand::Make {
        channel: CHANNEL,
        call: BoardCall(call),
        called: called.into(),
        calling: "1001".into(),
        name: "Anna".into(),
        via: None,
        overlap: false,
    }
}

fn answer(call: BoardCall) -> BoardCommand {
    BoardCommand::Answer { channel: CHANNEL, call }
}

fn drop_call(call: BoardCall) -> BoardCommand {
    BoardCommand::Drop { channel: CHANNEL, call, q850: 16 }
}

fn key(ascii: u8) -> LineEvent {
    LineEvent::Digit { digit: Digit::new(ascii).expect("a key") }
}

fn caller_id(number: &str) -> LineEvent {
    LineEvent::CallerId(CallerId { number: number.into(), name: "Zhang".into() })
}

fn hook(off: bool) -> LineEvent {
    LineEvent::Hook { off }
}

fn polarity(reversed: bool) -> LineEvent {
    LineEvent::Polarity { reversed }
}

fn loop_state(current: bool, battery: bool) -> LineEvent {
    let voltage_mv = Some(if current { 7_000 } else { 48_000 });
    LineEvent::Loop(LoopState { current, battery, voltage_mv, current_ua: None })
}

fn digits(text: &str) -> Digits {
    Digits::try_from(text.to_owned()).expect("keys")
}

fn released(call: BoardCall, cause: Cause) -> BoardEvent {
    BoardEvent::Released { channel: CHANNEL, call, cause }
}

fn disconnected(call: BoardCall, cause: Cause) -> BoardEvent {
    BoardEvent::Disconnected { channel: CHANNEL, call, cause }
}
