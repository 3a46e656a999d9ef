//! Wired channels in the world: what their calls do goes through an office or a phone, and what follows is carried out.

use super::World;
use crate::event::{Refusal, What};
use crate::line::{LineState, Q850_NORMAL, Stimulus};
use crate::wire::{Effect, Order, Sound, Wire};
use std::sync::Arc;

impl World {
    /// What happened to a call: an event, or for a wired channel what its wires make of it.
    pub(super) fn tell(&mut self, channel: u32, call: u64, what: What) {
        if self.channels[channel as usize].wire.is_calls() {
            self.post(channel, call, what);
            return;
        }
        let now = self.now;
        self.move_wire(channel, |wire, out| wire.on_call(now, &what, out));
    }

    pub(super) fn order(&mut self, channel: u32, order: &Order) -> Result<(), Refusal> {
        self.room()?;
        let now = self.now;
        self.channel(channel)?;
        let mut refused = Ok(());
        self.move_wire(channel, |wire, out| refused = wire.on_order(now, order, out));
        refused
    }

    /// Its own deadline has come.
    pub(super) fn wire_acts(&mut self, channel: u32) {
        let now = self.now;
        self.move_wire(channel, |wire, out| wire.on_timeout(now, out));
    }

    /// The person at a phone hears something else.
    pub(super) fn wire_hears(&mut self, channel: u32) {
        let now = self.now;
        let there = &mut self.channels[channel as usize];
        if let Wire::Phone(phone) = &mut there.wire {
            phone.on_heard(now, there.heard);
        }
    }

    fn move_wire(&mut self, channel: u32, step: impl FnOnce(&mut Wire, &mut Vec<Effect>)) {
        let mut effects = Vec::new();
        step(&mut self.channels[channel as usize].wire, &mut effects);
        for effect in effects {
            self.carry_out(channel, effect);
        }
        self.keep_free(channel);
        self.plan(channel);
    }

    fn carry_out(&mut self, channel: u32, effect: Effect) {
        match effect {
            Effect::Say(_) if self.removed => {}
            Effect::Say(signal) => self.post(channel, 0, What::Line(signal)),
            Effect::Sound(sound) => self.sounds(channel, sound),
            Effect::Answer => self.line_goes_up(channel),
            Effect::Call(number) => self.call_out(channel, number),
            Effect::Drop => self.end_on_wire(channel),
            Effect::ComeIn { calling } => {
                let called: Arc<str> =
                    self.called.first().map_or_else(Arc::default, |(number, _)| number.clone());
                let taken = self.come_in(channel, called, calling);
                debug_assert_eq!(taken, Ok(()), "a line on which nothing happens takes a call");
            }
            Effect::HangUp => self.hang_up(channel, Q850_NORMAL),
            Effect::NoDialTone => self.stats.no_dial_tone += 1,
            Effect::Shown => self.stats.caller_ids_shown += 1,
        }
    }

    fn sounds(&mut self, channel: u32, sound: Sound) {
        let there = &mut self.channels[channel as usize];
        if std::mem::replace(&mut there.sound, sound) != sound && !self.removed {
            self.post(channel, 0, What::Sound(sound));
        }
    }

    /// The host has answered, or a phone has dialled.
    fn line_goes_up(&mut self, channel: u32) {
        if self.stir(channel, Stimulus::Answer).is_ok() {
            self.stats.answered += 1;
            self.mind_answered(channel);
        }
    }

    /// The host's call goes out, or the phone is rung.
    fn call_out(&mut self, channel: u32, number: Arc<str>) {
        let (now, setup_ms) = (self.now, self.config.setup_ms);
        let there = &mut self.channels[channel as usize];
        there.dialled = number;
        let alerts_at = setup_ms.draw(&mut there.random).map_or(u64::MAX, |ns| now.saturating_add(ns));
        let call = self.next_call;
        let make = Stimulus::Make { channel, call, alerts_at, ring_ns_max: None };
        if self.stir(channel, make).is_ok() {
            self.next_call += 2;
            self.take(channel, call);
            self.stats.outgoing += 1;
            self.plan(channel);
        }
    }

    /// Whatever is on the line ends, and nobody is told.
    fn end_on_wire(&mut self, channel: u32) {
        let line = &mut self.channels[channel as usize].line;
        let call = line.call();
        if line.state() != LineState::Idle && line.on(Stimulus::Drop(Q850_NORMAL)).is_ok() {
            self.forget(channel, call);
        }
    }

    /// As at the beginning: the board was away.
    pub(super) fn reset_wires(&mut self) {
        for channel in 0..self.channels() {
            let there = &mut self.channels[channel as usize];
            there.wire.reset();
            there.sound = Sound::Silence;
            self.keep_free(channel);
            self.plan(channel);
        }
    }

    /// The call that meets the host's next seizure of an exchange line.
    pub(super) fn glares(&mut self, channel: u32, calling: &str) -> Result<(), Refusal> {
        match &mut self.channel(channel)?.wire {
            Wire::Office(office) => {
                office.glares(calling.into());
                Ok(())
            }
            Wire::Calls | Wire::Phone(_) | Wire::Tap(_) => {
                Err(Refusal::Argument { why: "only an exchange line can meet a caller" })
            }
        }
    }

    /// Whether a caller may come on a trunk: not while it has a call, is blocked, seized by the host, or cut off.
    pub(super) fn keep_free(&mut self, channel: u32) {
        if self.is_trunk(channel) {
            let there = &self.channels[channel as usize];
            let free = there.line.call() == 0
                && there.is_in_service()
                && !there.wire.is_seized()
                && !self.is_cut(channel);
            self.free.put(channel, free);
        }
    }
}
