//! The simulated board: the model of lines and people behind the words of `board`, with faults in between.

use super::faults::{Fate, FaultDice};
use crate::base::Instant;
use crate::board::{
    BoardCall, BoardCommand, BoardEvent, CallerId, Cause, ChannelId, ChannelInfo, DeviceId, Digit, Incoming,
    Kind, LineCommand, LineEvent, LoopState, Signalling, Step, Supervision,
};
use callcore_sim_model::{
    Act, Alarms, Blocks, BoardKind, Command, Event, HangUp, Heard, NO_CHANNEL, Order, Refusal, Signal, Sound,
    What, World, WorldConfig,
};
use std::collections::VecDeque;
use std::time::Duration;

/// Everything a simulated line can do that the core asks for: keys are reported by the board (`CCD_CAPB_DTMF_RX`).
const CAPS: u64 = 1 << 10;
/// `CCD_CAPB_DISCONNECT_SUPERVISION`: the line itself tells a hang-up.
const DISCONNECT_SUPERVISION: u64 = 1 << 5;
/// `CCD_CAPB_ANSWER_SUPERVISION`: an answer is signalled.
const ANSWER_SUPERVISION: u64 = 1 << 4;
/// `CCD_CAPB_OVERLAP_TX`.
const OVERLAP_TX: u64 = 1 << 0;
/// `CCD_CAPB_DTMF_TX`.
const DTMF_TX: u64 = 1 << 11;

/// What the core is told of a channel.
fn info(kind: &BoardKind) -> ChannelInfo {
    let by_host = Signalling::Host;
    match kind {
        BoardKind::Calls { .. } => {
            ChannelInfo { kind: Kind::Bearer, signalling: Signalling::Driver, caps: CAPS }
        }
        BoardKind::E1(_) => {
            let caps = CAPS | ANSWER_SUPERVISION | DISCONNECT_SUPERVISION | OVERLAP_TX;
            ChannelInfo { kind: Kind::Bearer, signalling: Signalling::Driver, caps }
        }
        BoardKind::Fxo(config) => {
            let tells = matches!(config.hang_up, HangUp::Polarity | HangUp::Loop);
            let caps = CAPS | DTMF_TX | if tells { DISCONNECT_SUPERVISION } else { 0 };
            ChannelInfo { kind: Kind::Fxo, signalling: by_host, caps }
        }
        BoardKind::Fxs => ChannelInfo { kind: Kind::Fxs, signalling: by_host, caps: CAPS },
        BoardKind::Tap => ChannelInfo { kind: Kind::Tap, signalling: by_host, caps: CAPS },
    }
}

/// How long a board that vanished stays away, in milliseconds.
const AWAY_MS: u64 = 5_000;
/// How soon a driver notices that it lost events, in milliseconds.
const NOTICE_MS: u64 = 500;

/// The one device of a simulated centre.
#[derive(Debug)]
pub(super) struct SimulatedBoard {
    world: World,
    seed: u64,
    device: DeviceId,
    /// Events on their way to the exchange, in order.
    inputs: VecDeque<(Instant, BoardEvent)>,
    /// What can be heard on lines from now on.
    sounds: Vec<(ChannelId, Sound)>,
    back_at: Option<Instant>,
    removed: bool,
}

impl SimulatedBoard {
    pub(super) fn new(config: WorldConfig) -> Result<Self, String> {
        let seed = config.seed;
        let world = World::new(config).map_err(|why| why.to_string())?;
        Ok(Self {
            world,
            seed,
            device: DeviceId(0),
            inputs: VecDeque::new(),
            sounds: Vec::new(),
            back_at: None,
            removed: false,
        })
    }

    pub(super) fn world(&self) -> &World {
        &self.world
    }

    pub(super) fn channel(&self, index: u32) -> ChannelId {
        ChannelId { device: self.device, index }
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// The event that says the board is there.
    pub(super) fn added(&self) -> BoardEvent {
        let config = self.world.config();
        let channels = (0..self.world.channels()).filter_map(|channel| config.kind(channel)).map(info);
        let channels = channels.collect();
        BoardEvent::DeviceAdded { device: self.device, name: "sim".into(), channels }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let world = self.world.poll_timeout().map(Instant::from_nanos);
        let input = self.inputs.front().map(|(at, _)| *at);
        [world, input, self.back_at].into_iter().flatten().min()
    }

    /// Let the people do what they do at `moment`.
    pub(super) fn advance(&mut self, moment: Instant, dice: &mut FaultDice) {
        if self.back_at.is_some_and(|at| at <= moment) {
            self.come_back(moment, dice);
        }
        if self.world.poll_timeout().is_some_and(|at| at <= moment.as_nanos()) {
            self.world.handle_timeout(moment.as_nanos());
            self.collect(moment, dice);
            if !self.removed && dice.board_gone() {
                self.vanish(moment, dice);
            }
        }
    }

    fn vanish(&mut self, moment: Instant, dice: &mut FaultDice) {
        if self.world.act(moment.as_nanos(), &Act::Device { there: false }).is_ok() {
            self.back_at = Some(moment + Duration::from_millis(AWAY_MS));
            self.collect(moment, dice);
        }
    }

    fn come_back(&mut self, moment: Instant, dice: &mut FaultDice) {
        self.back_at = None;
        if self.world.act(moment.as_nanos(), &Act::Device { there: true }).is_ok() {
            self.collect(moment, dice);
        }
    }

    /// No more calls; a board that is away comes back.
    pub(super) fn heal(&mut self, moment: Instant) {
        // a world that refuses has events waiting, and collect always takes them
        let _ = self.world.act(moment.as_nanos(), &Act::Arrivals { per_hour: 0.0 });
        if self.back_at.is_some() {
            self.back_at = Some(moment);
        }
    }

    /// Nothing is under way.
    pub(super) fn is_quiet(&self) -> bool {
        self.inputs.is_empty() && self.back_at.is_none() && self.world.is_empty()
    }

    /// The next event that has reached the exchange.
    pub(super) fn poll_input(&mut self, moment: Instant) -> Option<BoardEvent> {
        if self.inputs.front().is_some_and(|(at, _)| *at <= moment) {
            self.inputs.pop_front().map(|(_, event)| event)
        } else {
            None
        }
    }

    pub(super) fn act(&mut self, moment: Instant, act: &Act, dice: &mut FaultDice) -> Result<(), String> {
        self.world.act(moment.as_nanos(), act).map_err(|why| why.to_string())?;
        self.collect(moment, dice);
        Ok(())
    }

    pub(super) fn hear(&mut self, moment: Instant, heard: Vec<(ChannelId, Heard)>, dice: &mut FaultDice) {
        for (channel, heard) in heard {
            if channel.device == self.device {
                self.world.handle_heard(moment.as_nanos(), channel.index, heard);
                self.collect(moment, dice);
            }
        }
    }

    /// Carry out a command, as a driver does: what it refuses comes back as an event.
    pub(super) fn handle(&mut self, moment: Instant, command: &BoardCommand, dice: &mut FaultDice) {
        if let BoardCommand::Replay { device } = command {
            self.replay(moment, *device);
            return;
        }
        let Some((channel, call, command)) = model_command(command) else { return };
        if channel.device != self.device {
            return;
        }
        let of_line = matches!(command, Command::Line { .. });
        let is_late = matches!(command, Command::DialOn { .. });
        let refused = self.world.handle_command(moment.as_nanos(), command).err();
        self.collect(moment, dice);
        // digits of a number that is whole already: the call goes on
        if let Some(why) = refused.filter(|_| !is_late) {
            let cause = cause_of(&why);
            let event = match of_line {
                true => BoardEvent::Line { channel, event: LineEvent::Refused { cause } },
                false => BoardEvent::Refused { channel, call, cause },
            };
            self.deliver(moment, 0, event);
        }
    }

    /// Say again what every channel does, and what belongs to none; never lost itself.
    fn replay(&mut self, moment: Instant, device: DeviceId) {
        if device != self.device || self.removed {
            return;
        }
        for channel in (0..self.world.channels()).map(Some).chain([None]) {
            // a channel that is idle has nothing to say
            let _ = self.world.handle_command(moment.as_nanos(), Command::Replay { channel });
            self.collect_as(moment, || Fate::Delivered { late_ms: 0 });
        }
        self.deliver(moment, 0, BoardEvent::Replayed { device, rest: true });
    }

    /// Take the model's events and send them on their way.
    fn collect(&mut self, moment: Instant, dice: &mut FaultDice) {
        self.collect_as(moment, || dice.fate());
    }

    fn collect_as(&mut self, moment: Instant, mut fate: impl FnMut() -> Fate) {
        while let Some(event) = self.world.poll_event() {
            if let What::Sound(sound) = event.what {
                let channel = ChannelId { device: self.device, index: event.channel };
                self.sounds.push((channel, sound));
                continue;
            }
            if let What::Alarm { span, now, .. } = event.what {
                self.alarm(moment, span, now);
                continue;
            }
            let board_wide = event.channel == NO_CHANNEL;
            let Some(event) = self.board_event(event) else { continue };
            match if board_wide { Fate::Delivered { late_ms: 0 } } else { fate() } {
                Fate::Delivered { late_ms } => self.deliver(moment, late_ms, event),
                Fate::Doubled => {
                    self.deliver(moment, 0, event.clone());
                    self.deliver(moment, 0, event);
                }
                Fate::Lost => {
                    let lost = BoardEvent::Lost { device: self.device, count: 1 };
                    self.deliver(moment, NOTICE_MS, lost);
                }
            }
        }
    }

    /// What can be heard on lines, since the last time it was asked.
    pub(super) fn take_sounds(&mut self) -> Vec<(ChannelId, Sound)> {
        std::mem::take(&mut self.sounds)
    }

    /// An alarm is one of each channel of its span.
    fn alarm(&mut self, moment: Instant, span: u32, now: Alarms) {
        for index in self.world.span_channels(span).into_iter().flatten() {
            let channel = ChannelId { device: self.device, index };
            self.deliver(moment, 0, BoardEvent::Alarm { channel, on: now != Alarms::NONE });
        }
    }

    /// One device's events keep their order, however late one is.
    fn deliver(&mut self, moment: Instant, late_ms: u64, event: BoardEvent) {
        let at = moment + Duration::from_millis(late_ms);
        let after = self.inputs.back().map_or(at, |(last, _)| at.max(*last));
        self.inputs.push_back((after, event));
    }

    fn board_event(&mut self, event: Event) -> Option<BoardEvent> {
        let channel = ChannelId { device: self.device, index: event.channel };
        let call = BoardCall(event.call);
        Some(match event.what {
            What::CallInfo { called, more } => {
                let incoming = Incoming { called: called.to_string(), overlap: more, ..Incoming::default() };
                BoardEvent::CallInfo { channel, call, incoming }
            }
            What::Line(signal) => BoardEvent::Line { channel, event: line_event(signal)? },
            What::Sound(_) | What::Alarm { .. } => return None,
            What::Incoming { called, calling, more } => {
                let incoming = Incoming {
                    called: called.to_string(),
                    calling: calling.to_string(),
                    overlap: more,
                    ..Incoming::default()
                };
                BoardEvent::Incoming { channel, call, incoming }
            }
            What::Dialing => return None,
            What::Proceeding => BoardEvent::Proceeding { channel, call },
            What::Alerting => BoardEvent::Alerting { channel, call, inband: false },
            What::Connected => BoardEvent::Connected {
                channel,
                call,
                supervision: Supervision::Signalled,
                inband_digits: false,
            },
            What::Disconnected { q850 } => BoardEvent::Disconnected { channel, call, cause: cause(q850) },
            What::Released { q850 } => BoardEvent::Released { channel, call, cause: cause(q850) },
            What::Held => BoardEvent::Held { channel, call },
            What::Retrieved => BoardEvent::Retrieved { channel, call },
            What::Digit { digit } => {
                BoardEvent::Digit { channel, call, digit: Digit::new(u8::try_from(digit).ok()?)? }
            }
            What::Blocked { now, .. } => BoardEvent::Service { channel, up: now == Blocks::NONE },
            What::DeviceRemoved => {
                self.removed = true;
                BoardEvent::DeviceRemoved { device: self.device }
            }
            What::DeviceAdded => {
                self.removed = false;
                self.device = DeviceId(self.device.0 + 1);
                self.added()
            }
        })
    }
}

fn cause(q850: u16) -> Cause {
    Cause::new(u8::try_from(q850).unwrap_or(31))
}

fn cause_of(why: &Refusal) -> Cause {
    match why {
        Refusal::Busy { .. } => Cause::CHANNEL_UNAVAILABLE,
        Refusal::Glare { .. } => Cause::GLARE,
        Refusal::OutOfService { .. } | Refusal::Removed => Cause::OUT_OF_ORDER,
        _ => Cause::TEMPORARY_FAILURE,
    }
}

/// The model's word for a command; `None` for what a simulated line has no use for.
fn model_command(command: &BoardCommand) -> Option<(ChannelId, BoardCall, Command)> {
    Some(match command {
        BoardCommand::Make { channel, call, called, calling, overlap, .. } => {
            let make = Command::Make {
                channel: channel.index,
                call: call.0,
                called: called.as_str().into(),
                calling: calling.as_str().into(),
                timeout_ms: 0,
                overlap: *overlap,
            };
            (*channel, *call, make)
        }
        BoardCommand::DialOn { channel, call, digits, complete } => {
            let (digits, complete) = (digits.as_str().into(), *complete);
            (*channel, *call, Command::DialOn { call: call.0, digits, complete })
        }
        BoardCommand::Accept { channel, call, step } => {
            let step = match step {
                Step::SetupAck => callcore_sim_model::Step::SetupAck,
                Step::Proceeding => callcore_sim_model::Step::Proceeding,
                Step::Alerting => callcore_sim_model::Step::Alerting,
                Step::Progress => callcore_sim_model::Step::Progress,
            };
            (*channel, *call, Command::Accept { call: call.0, step })
        }
        BoardCommand::Answer { channel, call } => (*channel, *call, Command::Answer { call: call.0 }),
        BoardCommand::Drop { channel, call, q850 } => {
            (*channel, *call, Command::Drop { call: call.0, q850: u16::from(*q850) })
        }
        BoardCommand::Hold { channel, call, on } => {
            (*channel, *call, Command::Hold { call: call.0, on: *on })
        }
        BoardCommand::Line { channel, command } => {
            let order = Command::Line { channel: channel.index, order: order(command) };
            (*channel, BoardCall(0), order)
        }
        BoardCommand::SendDigits { .. } | BoardCommand::Replay { .. } => return None,
    })
}

fn line_event(signal: Signal) -> Option<LineEvent> {
    Some(match signal {
        Signal::RingOn => LineEvent::RingOn,
        Signal::RingOff => LineEvent::RingOff,
        Signal::CallerId(id) => {
            LineEvent::CallerId(CallerId { number: id.number.to_string(), name: id.name.to_string() })
        }
        Signal::Polarity { reversed } => LineEvent::Polarity { reversed },
        Signal::Loop { current, battery, voltage_mv, current_ua } => LineEvent::Loop(LoopState {
            current,
            battery,
            voltage_mv: Some(voltage_mv),
            current_ua: Some(current_ua),
        }),
        Signal::Hook { off } => LineEvent::Hook { off },
        Signal::Digit { digit } => LineEvent::Digit { digit: Digit::new(u8::try_from(digit).ok()?)? },
    })
}

fn order(command: &LineCommand) -> Order {
    match command {
        LineCommand::Hook { off } => Order::Hook { off: *off },
        LineCommand::Ring { cadence_ms, caller_id } => Order::Ring {
            cadence_ms: cadence_ms.clone(),
            caller_id: caller_id.as_ref().map(|id| callcore_sim_model::CallerId {
                number: id.number.as_str().into(),
                name: id.name.as_str().into(),
            }),
        },
        LineCommand::RingOff => Order::RingOff,
        LineCommand::Polarity { reversed } => Order::Polarity { reversed: *reversed },
        LineCommand::SendDigits { digits, on_ms, off_ms, .. } => Order::Digits {
            digits: digits.as_str().into(),
            ms: digits.len() as u64 * u64::from(on_ms + off_ms),
        },
    }
}
