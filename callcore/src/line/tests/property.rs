//! Every state against every input, and scripts of chance: the promises of the bench hold, and when everybody goes home
//! every call is released and the line is idle.

use super::super::{Direction, HangUpBy};
use super::*;
use crate::base::Rng;
use crate::board::Step;

/// Everything that can be done to a line; `u8` picks among the calls that are open, or names one that is not.
#[derive(Clone, Copy, Debug)]
enum Input {
    Event(u8),
    Tone(Tone),
    Ended(Tone),
    Silence,
    Voice,
    Make,
    BadMake,
    Answer(u8),
    Drop(u8),
    Accept(u8),
    Hold(u8),
    Digits,
    Dialled,
    DialledSoFar,
    DialTone(bool),
    Wait(u64),
}

const EVENTS: u8 = 13;

fn event(which: u8) -> LineEvent {
    match which {
        0 => LineEvent::RingOn,
        1 => LineEvent::RingOff,
        2 => polarity(true),
        3 => polarity(false),
        4 => loop_state(true, true),
        5 => loop_state(false, true),
        6 => loop_state(false, false),
        7 => caller_id("5550000"),
        8 => hook(true),
        9 => hook(false),
        10 => LineEvent::Flash { ms: 300 },
        11 => key(b'7'),
        _ => LineEvent::Refused { cause: Cause::TEMPORARY_FAILURE },
    }
}

/// One of each kind.
fn inputs() -> Vec<Input> {
    let mut all: Vec<Input> = (0..EVENTS).map(Input::Event).collect();
    all.extend(Tone::ALL.map(Input::Tone));
    all.extend([Input::Ended(Tone::Ringback), Input::Ended(Tone::Busy), Input::Silence, Input::Voice]);
    all.extend([Input::Make, Input::BadMake, Input::Digits, Input::Dialled, Input::DialledSoFar]);
    all.extend([Input::DialTone(true), Input::DialTone(false)]);
    all.extend([0, 1, u8::MAX].map(Input::Answer));
    all.extend([0, 1, u8::MAX].map(Input::Drop));
    all.extend([Input::Accept(0), Input::Hold(0)]);
    all.extend([1, 100, 600, 1_000, 3_000, 7_000, 60_000].map(Input::Wait));
    all
}

impl Bench {
    fn pick(&self, which: u8) -> BoardCall {
        self.open_calls().get(usize::from(which)).copied().unwrap_or(BoardCall(999_998))
    }

    fn apply(&mut self, input: Input, made: &mut u64) {
        match input {
            Input::Event(which) => self.event(event(which)).rest(),
            Input::Tone(tone) => self.tone(tone).rest(),
            Input::Ended(tone) => self.heard(Heard::ToneEnded { tone, at_ms: 0 }).rest(),
            Input::Silence => {
                self.heard(Heard::SilenceBegan { after_ms: 10_000, at_ms: 0 });
            }
            Input::Voice => {
                self.heard(Heard::VoiceBegan { after_ms: 0, at_ms: 0, confidence: 80 });
            }
            Input::Make | Input::BadMake => {
                *made += 2;
                let called = if matches!(input, Input::Make) { "5551234" } else { "x" };
                self.command(make(*made, called));
            }
            Input::Answer(which) => self.command(answer(self.pick(which))).rest(),
            Input::Drop(which) => self.command(drop_call(self.pick(which))).rest(),
            Input::Accept(which) => {
                let call = self.pick(which);
                self.command(BoardCommand::Accept { channel: CHANNEL, call, step: Step::Alerting });
            }
            Input::Hold(which) => {
                let call = self.pick(which);
                self.command(BoardCommand::Hold { channel: CHANNEL, call, on: true });
            }
            Input::Digits => {
                self.command(BoardCommand::SendDigits { channel: CHANNEL, digits: digits("12#") });
            }
            Input::Dialled => {
                self.line.dialled();
                self.drain();
            }
            Input::DialledSoFar => {
                self.line.dialled_so_far();
                self.drain();
            }
            Input::DialTone(on) => self.line.allow_dial_tone(on),
            Input::Wait(ms) => self.wait(ms).rest(),
        }
    }

    /// Everybody goes home: calls are dropped, the phone is put down, the battery is there.
    fn go_home(&mut self) {
        self.event(loop_state(false, true)).event(hook(false)).wait(1_000);
        for call in self.open_calls() {
            self.command(drop_call(call));
        }
        self.wait(60_000);
        for call in self.open_calls() {
            // one that came in meanwhile
            self.command(drop_call(call));
        }
        self.wait(60_000);
        assert_eq!(self.open_calls(), [], "calls that are never released");
        assert!(!self.line.is_busy(), "a line that never comes to rest");
        assert!(!self.off_hook && !self.ringing);
        assert_eq!(self.line.poll_timeout(), None, "a timer of nobody");
    }
}

fn configs() -> Vec<(Port, LineConfig)> {
    let by = |hang_up_by: Vec<HangUpBy>, direction| LineConfig {
        hang_up_by,
        direction,
        answer_by_polarity: true,
        polarity_tells_answer: true,
        ..LineConfig::default()
    };
    let all = vec![HangUpBy::Tone, HangUpBy::Silence, HangUpBy::Loop, HangUpBy::Polarity];
    let plain = Port::Fxo { supervised: false };
    vec![
        (plain, by(all.clone(), Direction::Both)),
        (plain, by(vec![HangUpBy::Tone], Direction::Outgoing)),
        (plain, by(vec![HangUpBy::Silence], Direction::Incoming)),
        (Port::Fxo { supervised: true }, by(vec![], Direction::Both)),
        (Port::Tap, by(all.clone(), Direction::Both)),
        (Port::Fxs, by(all, Direction::Both)),
    ]
}

/// Inputs that lead to each state, from an idle line.
fn ways() -> Vec<(&'static str, Vec<Input>)> {
    use Input::*;
    vec![
        ("idle", vec![]),
        ("early id", vec![Event(7)]),
        ("ringing", vec![Event(0)]),
        ("between rings", vec![Event(0), Event(1)]),
        ("offered", vec![Event(0), Event(1), Wait(3_000)]),
        ("up, came in", vec![Event(0), Event(1), Wait(3_000), Answer(0), Wait(1_000)]),
        ("ignoring", vec![Event(0), Event(1), Wait(3_000), Drop(0)]),
        ("caller gone", vec![Event(0), Event(1), Wait(10_000)]),
        ("seizing", vec![Make]),
        ("dialling", vec![Make, Tone(super::Tone::Dial)]),
        ("waiting", vec![Make, Tone(super::Tone::Dial), Wait(1_400)]),
        ("ringing there", vec![Make, Tone(super::Tone::Dial), Wait(1_400), Tone(super::Tone::Ringback)]),
        ("up, went out", vec![Make, Tone(super::Tone::Dial), Wait(30_000)]),
        ("busy there", vec![Make, Tone(super::Tone::Dial), Wait(1_400), Tone(super::Tone::Busy)]),
        ("glare", vec![Make, Event(0)]),
        ("releasing", vec![Make, Drop(0)]),
        ("no battery", vec![Event(6), Wait(3_000)]),
        ("no battery in a call", vec![Make, Event(6), Wait(3_000)]),
        ("dial tone", vec![Event(8)]),
        ("silent", vec![DialTone(false), Event(8)]),
        ("keys", vec![Event(8), Event(11)]),
        ("has dialled", vec![Event(8), Event(11), Dialled]),
        ("has begun to dial", vec![Event(8), Event(11), DialledSoFar]),
        ("phone talks", vec![Event(8), Event(11), Dialled, Answer(0)]),
        ("phone down for a moment", vec![Event(8), Event(11), Dialled, Answer(0), Event(9)]),
        ("phone has hung up", vec![Event(8), Event(11), Dialled, Answer(0), Event(9), Wait(800)]),
        ("phone is parked", vec![Event(8), Event(11), Dialled, Answer(0), Drop(0)]),
    ]
}

#[test]
fn every_state_takes_every_pair_of_inputs() {
    for (port, config) in configs() {
        for (_, way) in ways() {
            for first in inputs() {
                for second in inputs() {
                    let mut bench = Bench::new(port, config.clone());
                    let mut made = 0;
                    way.iter().chain([&first, &second]).for_each(|input| bench.apply(*input, &mut made));
                    bench.go_home();
                }
            }
        }
    }
}

#[test]
fn scripts_of_chance_keep_every_promise() {
    let inputs = inputs();
    for (port, config) in configs() {
        for seed in 0..400 {
            let mut rng = Rng::new(seed);
            let mut bench = Bench::new(port, config.clone());
            let mut made = 0;
            for _ in 0..200 {
                let input = inputs[rng.below(inputs.len() as u64) as usize];
                bench.apply(input, &mut made);
            }
            bench.go_home();
        }
    }
}

/// The same inputs give the same outputs, also in a line that is fed in other slices of time.
#[test]
fn time_may_pass_in_slices() {
    let inputs = inputs();
    for (port, config) in configs() {
        let mut rng = Rng::new(7);
        let (mut whole, mut sliced) = (Bench::new(port, config.clone()), Bench::new(port, config.clone()));
        let (mut made, mut also_made) = (0, 0);
        for _ in 0..2_000 {
            let input = inputs[rng.below(inputs.len() as u64) as usize];
            whole.apply(input, &mut made);
            match input {
                Input::Wait(ms) => (0..ms.min(50)).for_each(|slice| {
                    let rest = if slice == 0 { ms - ms.min(50) + 1 } else { 1 };
                    sliced.wait(rest);
                }),
                other => sliced.apply(other, &mut also_made),
            }
            assert_eq!(whole.take(), sliced.take());
            assert_eq!(whole.take_told(), sliced.take_told());
        }
    }
}
