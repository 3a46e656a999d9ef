//! Analogue lines in the exchange: their call machines are fed, their outputs carried out, their timers kept, and what
//! they must hear and be listened to for becomes part of the media plan.
//!
//! A line has the media of its channel to itself (dial tone, ringing heard by a phone, listening for a dial tone) as long
//! as no leg with audio has it; then it is the call's, and the line's wishes are added to what the call listens for.

use super::keys::DTMF_TX;
use super::{Exchange, Output};
use crate::board::{
    BoardCommand, ChannelId, ChannelInfo, DeviceId, Digit, Kind, LineCommand, LineEvent, Signalling,
};
use crate::call::{Fact, TimerName};
use crate::line::{Direction, Line, LineConfig, LineMedia, LineOutput, Port};
use crate::media::{Hear, Heard, KeyWatch, LegPlan, Listen, Listens, MediaCommand, Plan, diff};
use crate::route::{DialTone, Dialled, Origin};

/// `CCD_CAPB_DISCONNECT_SUPERVISION` of the driver contract: the board reports the far end's hang-up.
const DISCONNECT_SUPERVISION: u32 = 5;

/// A line and its part of the media plan.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) line: Line,
    plan: Plan,
}

impl Seat {
    /// Whether the channel's media are the line's now.
    pub(super) fn has_media(&self) -> bool {
        !self.plan.legs.is_empty()
    }
}

/// The configuration of a channel's line: the first entry that covers it, else the default.
pub(super) fn config_of(configs: &[LineConfig], device: &str, index: u32) -> LineConfig {
    configs.iter().find(|config| config.covers(device, index)).cloned().unwrap_or_default()
}

/// Why a channel must not be used as it is configured; `None` if it may.
#[must_use]
pub fn refusal(configs: &[LineConfig], device: &str, index: u32, info: &ChannelInfo) -> Option<String> {
    let silent = info.kind == Kind::Fxo && !info.can(DISCONNECT_SUPERVISION);
    if !silent || config_of(configs, device, index).hears_hang_up() {
        return None;
    }
    Some(format!(
        "channel {index} of '{device}' is an exchange line whose board does not report the far end's hang-up: add a \
         [[line]] for it with hang_up_by = [\"tone\"], or \"silence\", else its calls would never end"
    ))
}

impl Exchange {
    /// Make the machines of a device's lines; channels that may not be used as they are configured stay out of service.
    pub(super) fn add_lines(&mut self, device: DeviceId, name: &str, channels: &[ChannelInfo]) {
        for (index, info) in (0u32..).zip(channels) {
            let channel = ChannelId { device, index };
            if let Some(reason) = refusal(&self.config.line, name, index, info) {
                self.fact(None, Fact::LineRefused { channel, reason });
                if let Some(it) = self.boards.channel_mut(channel) {
                    it.in_service = false;
                }
                self.boards.relist(channel);
                continue;
            }
            let config = config_of(&self.config.line, name, index);
            if config.direction == Direction::Incoming || info.kind == Kind::Tap {
                self.boards.keep_for_incoming(channel);
            }
            let port = match (info.signalling, info.kind) {
                (Signalling::Host, Kind::Fxo) => Port::Fxo { supervised: info.can(DISCONNECT_SUPERVISION) },
                (Signalling::Host, Kind::Fxs) => Port::Fxs,
                (Signalling::Host, Kind::Tap) => Port::Tap,
                _ => continue,
            };
            let line = Line::new(channel, port, config);
            self.lines.insert(channel, Seat { line, plan: Plan::default() });
        }
    }

    /// The lines of a device are no more; its calls have been released before.
    pub(super) fn remove_lines(&mut self, device: DeviceId) {
        let all = ChannelId { device, index: 0 }..=ChannelId { device, index: u32::MAX };
        let gone: Vec<ChannelId> = self.lines.range(all).map(|(channel, _)| *channel).collect();
        for channel in gone {
            self.set_line_plan(channel, Plan::default());
            self.lines.remove(&channel);
            self.timers.clear(TimerName::Line(channel));
            self.set_phone_off_hook(channel, false);
        }
    }

    pub(super) fn on_line_event(&mut self, channel: ChannelId, event: &LineEvent) {
        let may_dial = self.may_dial(channel);
        let now = self.now.instant;
        let Some(seat) = self.lines.get_mut(&channel) else {
            self.counters.events_out_of_state += 1;
            return;
        };
        seat.line.allow_dial_tone(may_dial);
        seat.line.on_event(now, event);
        self.stirred.push(channel);
    }

    /// Whether whoever picks a phone up may have a dial tone.
    fn may_dial(&self, channel: ChannelId) -> bool {
        let device = self.boards.devices.get(&channel.device).map_or("", |device| &device.name);
        let Some(place) = self.routes.extension_at(device, channel.index, "") else { return true };
        match self.routes.extensions()[place].dial_tone {
            DialTone::Always => true,
            DialTone::LoggedIn => {
                let agents = self.boards.phones[place].agents.iter();
                agents.into_iter().any(|agent| self.acd.agents()[*agent].is_logged_in())
            }
        }
    }

    pub(super) fn on_line_timer(&mut self, channel: ChannelId) {
        if let Some(seat) = self.lines.get_mut(&channel) {
            seat.line.handle_timeout(self.now.instant);
            self.stirred.push(channel);
        }
    }

    /// Something was heard on a channel that is perhaps a line.
    pub(super) fn on_line_heard(&mut self, channel: ChannelId, heard: &Heard) {
        if let Some(seat) = self.lines.get_mut(&channel) {
            seat.line.on_heard(self.now.instant, heard);
            self.stirred.push(channel);
        }
    }

    /// A key was heard on a channel that has no leg, or one that is not answered: somebody dials.
    pub(super) fn on_line_key(&mut self, channel: ChannelId, digit: Digit) {
        if self.lines.contains_key(&channel) {
            self.on_line_event(channel, &LineEvent::Digit { digit });
        }
    }

    /// A command goes to the line's machine, if the channel is one; false otherwise.
    pub(super) fn tell_line(&mut self, command: &BoardCommand) -> bool {
        let channel = match command {
            BoardCommand::Make { channel, .. }
            | BoardCommand::Accept { channel, .. }
            | BoardCommand::Answer { channel, .. }
            | BoardCommand::Drop { channel, .. }
            | BoardCommand::Hold { channel, .. }
            | BoardCommand::DialOn { channel, .. }
            | BoardCommand::SendDigits { channel, .. } => *channel,
            BoardCommand::Line { .. } | BoardCommand::Replay { .. } => return false,
        };
        let Some(seat) = self.lines.get_mut(&channel) else { return false };
        seat.line.on_command(self.now.instant, command);
        self.stirred.push(channel);
        true
    }

    /// Carry out what the lines want, until they want nothing more; then telephones that are free ring for whom they hold.
    pub(super) fn drain_lines(&mut self) {
        loop {
            while let Some(channel) = self.stirred.pop() {
                while let Some(output) = self.lines.get_mut(&channel).and_then(|seat| seat.line.poll_output())
                {
                    self.carry_out_line(channel, output);
                    // what it means to queues is written before what follows from it
                    self.drain_acd();
                }
                self.follow_line(channel);
                self.drain_acd();
            }
            let Some(extension) = self.awaited.pop() else { return };
            self.return_to_asker(extension);
            self.drain_acd();
        }
    }

    fn carry_out_line(&mut self, channel: ChannelId, output: LineOutput) {
        match output {
            LineOutput::Event(event) => self.on_board(event),
            LineOutput::Command(command) => self.line_command(channel, command),
            LineOutput::Dialling(keys) => self.follow_keys(channel, &keys),
            LineOutput::RingIgnored => self.fact(None, Fact::IncomingRefused { channel }),
            LineOutput::Measured(state) => {
                if let (Some(voltage_mv), Some(current_ua)) = (state.voltage_mv, state.current_ua) {
                    self.fact(None, Fact::LineMeasured { channel, voltage_mv, current_ua });
                    self.emit(super::Event::LineMeasured { channel, voltage_mv, current_ua });
                }
            }
        }
    }

    /// Digits go out through the board where it can, else as sound.
    fn line_command(&mut self, channel: ChannelId, command: LineCommand) {
        let info = self.boards.channel(channel).map(|it| it.info);
        match command {
            LineCommand::SendDigits { digits, dialling: crate::line::Dialling::Tone, on_ms, off_ms }
                if info.is_some_and(|info| !info.can(DTMF_TX)) =>
            {
                // the line's media must be open for that, and closes only after the machine has gone on
                self.outbox.push_back(Output::Media(MediaCommand::SendDigits {
                    channel,
                    digits,
                    on_ms,
                    off_ms,
                }));
            }
            command => self.outbox.push_back(Output::Board(BoardCommand::Line { channel, command })),
        }
    }

    /// The keys that a phone has pressed are a number as soon as they lead somewhere and no further key could lead
    /// elsewhere, or as soon as they lead outside by a line that takes them one by one.
    fn follow_keys(&mut self, channel: ChannelId, keys: &str) {
        let device = self.boards.devices.get(&channel.device).map_or("", |device| &device.name);
        let origin = Origin {
            called: keys,
            calling: "",
            device,
            channel: channel.index,
            internal: self.routes.extension_at(device, channel.index, "").is_some(),
            at: self.zone.civil(self.now.wall),
        };
        let is_whole = self.routes.dialled(&origin) == Dialled::Whole;
        let way_out = || self.way_out(&self.routes.outbound_begun(&origin)?).ok();
        let goes_out = !is_whole && way_out().is_some_and(|way| way.overlap);
        let Some(seat) = self.lines.get_mut(&channel) else { return };
        match (is_whole, goes_out) {
            (true, _) => seat.line.dialled(),
            (false, true) => seat.line.dialled_so_far(),
            (false, false) => {}
        }
    }

    /// After its machine has moved: its timer, whether it can be used, and its part of the media.
    fn follow_line(&mut self, channel: ChannelId) {
        let Some(seat) = self.lines.get(&channel) else { return };
        let is_busy = seat.line.is_busy();
        match seat.line.poll_timeout() {
            Some(at) => self.timers.set(TimerName::Line(channel), at),
            None => drop(self.timers.clear(TimerName::Line(channel))),
        }
        if let Some(it) = self.boards.channel_mut(channel)
            && std::mem::replace(&mut it.line_busy, is_busy) != is_busy
        {
            self.boards.relist(channel);
            self.set_phone_off_hook(channel, is_busy);
        }
        // what the line listens for is part of its call's plan
        let leg = self.boards.channel(channel).and_then(|it| it.leg);
        if let Some(call) = leg.and_then(|leg| self.legs.get(leg)).map(|leg| leg.call) {
            self.touch(call);
        }
        if !self.moved_lines.contains(&channel) {
            self.moved_lines.push(channel);
        }
    }

    fn set_phone_off_hook(&mut self, channel: ChannelId, off: bool) {
        let Some(device) = self.boards.devices.get(&channel.device) else { return };
        let Some(extension) = self.routes.extension_at(&device.name, channel.index, "") else { return };
        if std::mem::replace(&mut self.boards.phones[extension].off_hook, off) != off {
            self.update_phone(extension);
        }
    }

    /// Lines that have moved give the media up that they do not need any more; before calls take it.
    pub(super) fn close_line_plans(&mut self) {
        for channel in self.moved_lines.clone() {
            if self.line_plan(channel).legs.is_empty() {
                self.set_line_plan(channel, Plan::default());
            }
        }
    }

    /// And take what they need; after calls have given it up.
    pub(super) fn open_line_plans(&mut self) {
        for channel in std::mem::take(&mut self.moved_lines) {
            let plan = self.line_plan(channel);
            self.set_line_plan(channel, plan);
        }
    }

    fn set_line_plan(&mut self, channel: ChannelId, plan: Plan) {
        let Some(seat) = self.lines.get_mut(&channel) else { return };
        let old = std::mem::replace(&mut seat.plan, plan);
        self.outbox.extend(diff(&old, &seat.plan).into_iter().map(Output::Media));
    }

    /// What a line needs of the media while no call has them.
    fn line_plan(&self, channel: ChannelId) -> Plan {
        let leg = self.boards.channel(channel).and_then(|it| it.leg).and_then(|leg| self.legs.get(leg));
        let media = self.line_media(channel);
        if !media.is_any() || leg.is_some_and(|leg| leg.has_media()) {
            return Plan::default();
        }
        let by_board = self.boards.channel(channel).is_some_and(|it| it.info.can(super::plan::DTMF_RX));
        let keys = if media.keys && !by_board { KeyWatch::Report } else { KeyWatch::Pass };
        let listen = Listen { keys, sounds: media.listens };
        let hear = media.hear.map_or(Hear::Nothing, Hear::Tone);
        Plan { legs: vec![LegPlan { listen, ..LegPlan::new(channel, hear) }], recording: None }
    }

    fn line_media(&self, channel: ChannelId) -> LineMedia {
        self.lines.get(&channel).map(|seat| seat.line.media()).unwrap_or_default()
    }

    /// What must be listened for on a channel, with what its line wants to hear.
    pub(super) fn with_line_listens(&self, channel: ChannelId, sounds: Listens) -> Listens {
        let line = self.line_media(channel).listens;
        let both = line.voice.map_or(sounds, |line| match sounds.voice {
            Some(_) => sounds.with_silence(line.silence_ms),
            None => Listens { voice: Some(line), ..sounds },
        });
        Listens { progress: sounds.progress || line.progress, ..both }
    }

    /// Whether a channel listens to somebody else's line.
    pub(super) fn is_tap(&self, channel: ChannelId) -> bool {
        self.boards.channel(channel).is_some_and(|it| it.info.kind == Kind::Tap)
    }

    /// Whether a channel only serves calls that go out.
    pub(super) fn is_for_outgoing(&self, channel: ChannelId) -> bool {
        self.line_config(channel).direction == Direction::Outgoing
    }

    pub(super) fn line_config(&self, channel: ChannelId) -> LineConfig {
        let device = self.boards.devices.get(&channel.device).map_or("", |device| &device.name);
        config_of(&self.config.line, device, channel.index)
    }

    /// Whether the far end of a channel can leave without anybody noticing.
    pub(super) fn is_unsupervised(&self, channel: ChannelId) -> bool {
        self.lines.get(&channel).is_some_and(|seat| seat.line.is_unsupervised())
    }
}
