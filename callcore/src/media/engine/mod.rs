//! The media engine: one call a frame for all channels. It allocates, locks, waits and frees nothing while it runs.
//!
//! ```text
//!            rx of a channel ──▶ Ear ──┬──▶ its listeners (Hear::Channel), its room
//!   (or concealment)                   ├──▶ who listens to it: keys ... ──▶ MediaEvent
//!                                      └──▶ recordings (said) ──▶ ring
//!   prompts, music, tone ──▶ Node ──▶ level ──▶ keys being sent ──▶ declick ──┬──▶ tx of the channel
//!   channel, room ───────────▲                                              └──▶ recordings (heard)
//! ```
//!
//! Each frame begins and ends with all channels at the same sample: who hears another hears what came in with this very
//! frame, and the two tracks of a recording are of the same frame. Each channel has its own format, and its own rate;
//! sound is decoded, resampled and encoded only where two ends differ.

mod command;
mod declick;
mod delay;
mod ear;
mod gain;
mod hearing;
mod mouth;
mod node;
mod play;
mod room;
mod seats;
mod slots;
mod tap;
mod voice;

#[cfg(test)]
mod tests;

pub use super::dtmf::{KeyForm, Keys};
pub use command::{
    EngineCommand, EngineLimits, EngineRefusal, EngineRefused, EngineSource, EngineStats, FRAME_SAMPLES_MAX,
    FrameIo, Garbage, HeardThings, Leavings, ROOM_LOUDEST_MAX,
};
pub use delay::BLANK_DELAY_MS;
pub use hearing::Hearing;
pub use slots::DeviceMap;
pub use tap::RecordSink;
pub use voice::Voice;

use super::MediaEvent;
use super::tone::{Country, TonePlan};
use crate::board::{ChannelId, DeviceId};
use callcore_codec::{Format, Rate};
use gain::Gain;
use mouth::{Mouth, Scratch};
use node::Node;
use room::Mix;
use seats::Rooms;
use slots::Slots;
use std::collections::VecDeque;
use tap::Records;

/// How many channels ahead of its turn a channel is asked for from memory.
const AHEAD: usize = 4;

/// The media of all channels of one clock domain.
#[derive(Debug)]
pub struct Engine {
    tones: &'static TonePlan,
    frame_samples: usize,
    rate_max: Rate,
    slots: Slots,
    // by slot
    mouths: Vec<Mouth>,
    voices: Vec<Option<Box<Voice>>>,
    rooms: Rooms,
    room_exact_max: usize,
    room_loudest: usize,
    records: Records,
    scratch: Scratch,
    mix: Mix,
    wants: VecDeque<(ChannelId, Format)>,
    events: VecDeque<MediaEvent>,
    events_max: usize,
    stats: EngineStats,
}

impl Engine {
    /// An engine with all the room that it will ever have, with the tones of a country.
    #[must_use]
    pub fn new(limits: &EngineLimits, country: Country) -> Self {
        let channels = limits.channels_max;
        // what a recording reports when it stops always finds room
        let events_room = limits.events_max + limits.recordings_max;
        Self {
            tones: country.plan(),
            frame_samples: limits.frame(),
            rate_max: limits.rate_max,
            slots: Slots::new(channels, limits.devices_max),
            mouths: (0..channels).map(|_| Mouth::default()).collect(),
            voices: (0..channels).map(|_| None).collect(),
            rooms: Rooms::new(limits.rooms_max, channels),
            room_exact_max: limits.room_exact_max,
            room_loudest: limits.room_loudest.clamp(1, ROOM_LOUDEST_MAX),
            records: Records::new(limits.recordings_max),
            scratch: Scratch::default(),
            mix: Mix::default(),
            wants: VecDeque::with_capacity(channels),
            events: VecDeque::with_capacity(events_room),
            events_max: limits.events_max,
            stats: EngineStats::default(),
        }
    }

    /// Carry out one command, from the next frame on. What comes back has to be dropped elsewhere.
    ///
    /// # Errors
    /// The command with the reason, if it cannot be carried out; nothing has changed then.
    pub fn handle(&mut self, command: EngineCommand) -> Result<Option<Garbage>, EngineRefused> {
        match self.check(&command) {
            Ok(()) => Ok(self.apply(command)),
            Err(why) => Err(EngineRefused { why, command }),
        }
    }

    /// The next event, oldest first.
    pub fn poll_event(&mut self) -> Option<MediaEvent> {
        self.events.pop_front()
    }

    /// The next channel whose device has changed its format to one that needs another voice: make it, and give it with
    /// [`EngineCommand::SetVoice`]. Until then the channel is silent, and what it is to hear waits.
    pub fn poll_want(&mut self) -> Option<(ChannelId, Format)> {
        self.wants.pop_front()
    }

    /// What has been counted.
    #[must_use]
    pub const fn stats(&self) -> &EngineStats {
        &self.stats
    }

    /// How many channels are open.
    #[must_use]
    pub fn open_channels(&self) -> usize {
        self.slots.len()
    }

    fn check(&self, command: &EngineCommand) -> Result<(), EngineRefusal> {
        match command {
            EngineCommand::AddDevice { device, .. } => self.slots.check_add(*device),
            EngineCommand::RemoveDevice { device } => self.slots.check_device(*device),
            EngineCommand::Open { channel, voice } => {
                self.slots.check_open(*channel)?;
                self.check_voice(voice)
            }
            EngineCommand::SetVoice { channel, voice } => {
                self.find(*channel)?;
                self.check_voice(voice)
            }
            EngineCommand::Hear { channel, source: EngineSource::Room(seat) } => {
                self.find(*channel)?;
                self.rooms.check_join(seat.room)
            }
            EngineCommand::Close { channel }
            | EngineCommand::Hear { channel, .. }
            | EngineCommand::Listen { channel, .. }
            | EngineCommand::Levels { channel, .. } => self.find(*channel).map(|_| ()),
            EngineCommand::Transport { channel, play, .. } => match &self.mouths[self.find(*channel)?].node {
                Node::Play(now) if now.play == *play => Ok(()),
                _ => Err(EngineRefusal::NotPlaying),
            },
            EngineCommand::SendDigits { channel, keys, .. } => {
                let slot = self.find(*channel)?;
                if self.mouths[slot].sender.has_room(keys) { Ok(()) } else { Err(EngineRefusal::NoRoom) }
            }
            EngineCommand::Record { id, sink, .. } => self.records.check_record(*id, sink.is_some()),
            EngineCommand::StopRecord { id } => self.records.check_stop(*id),
        }
    }

    fn check_voice(&self, voice: &Voice) -> Result<(), EngineRefusal> {
        if voice.rate() <= self.rate_max { Ok(()) } else { Err(EngineRefusal::RateTooHigh) }
    }

    /// Whether a channel is open.
    #[must_use]
    pub fn is_open(&self, channel: ChannelId) -> bool {
        self.slots.find(channel).is_some()
    }

    fn find(&self, channel: ChannelId) -> Result<usize, EngineRefusal> {
        self.slots.find(channel).ok_or(EngineRefusal::NotOpen)
    }

    /// Carry out what [`Self::check`] has found possible.
    fn apply(&mut self, command: EngineCommand) -> Option<Garbage> {
        match command {
            EngineCommand::AddDevice { device, map } => self.slots.add_device(device, map).map(Garbage::Map),
            EngineCommand::RemoveDevice { device } => self.remove_device(device),
            EngineCommand::Open { channel, voice } => self.open(channel, voice),
            EngineCommand::SetVoice { channel, voice } => self.set_voice(channel, voice),
            EngineCommand::Close { channel } => {
                let slot = self.slots.close(channel)?;
                self.vacate(slot)
            }
            EngineCommand::Hear { channel, source } => self.hear(channel, source),
            EngineCommand::Transport { channel, transport, .. } => {
                let mouth = &mut self.mouths[self.slots.find(channel)?];
                if let Node::Play(play) = &mut mouth.node {
                    mouth.is_new |= play.set_transport(transport);
                }
                None
            }
            EngineCommand::Listen { channel, hearing } => self.set_hearing(channel, hearing),
            EngineCommand::Levels { channel, levels } => {
                let slot = self.slots.find(channel)?;
                self.mouths[slot].levels = levels;
                self.will_jump(slot);
                self.tell_levels(slot);
                None
            }
            EngineCommand::SendDigits { channel, keys, form } => {
                let sender = &mut self.mouths[self.slots.find(channel)?].sender;
                sender.set_form(form);
                sender.send(&keys);
                None
            }
            EngineCommand::Record { id, left, right, is_masked, sink } => {
                self.start_record(id, [Some(left), right], is_masked, sink).map(Garbage::Sink)
            }
            EngineCommand::StopRecord { id } => {
                let record = self.records.stop(id)?;
                self.events.extend(record.gap().filter(|_| self.events.len() < self.events.capacity()));
                Some(Garbage::Sink(record.into_sink()))
            }
        }
    }

    fn remove_device(&mut self, device: DeviceId) -> Option<Garbage> {
        for place in 0..self.slots.len() {
            let (channel, slot) = self.slots.at(place);
            if channel.device == device {
                self.rooms.leave(slot);
            }
        }
        self.slots.remove_device(device).map(Garbage::Map)
    }

    fn open(&mut self, channel: ChannelId, voice: Box<Voice>) -> Option<Garbage> {
        let slot = self.slots.open(channel)?;
        // a device that went away left behind what its channels had
        let left = self.vacate(slot);
        self.voices[slot] = Some(voice);
        left
    }

    /// What others hear of a channel is about to jump: the room it is in, or whom it talks with.
    fn will_jump(&mut self, slot: usize) {
        let Some(room) = self.rooms.of(slot) else {
            let (own, other) = (self.slots.channel(slot), &self.mouths[slot].node);
            if let Node::Channel(other) = other
                && let Some(other) = self.slots.find(*other)
                && matches!(self.mouths[other].node, Node::Channel(heard) if heard == own)
            {
                self.mouths[other].is_new = true;
            }
            return;
        };
        let mut next = self.rooms.next(&room, None);
        while let Some(party) = next {
            next = self.rooms.next(&room, Some(party));
            self.mouths[party].is_new |= party != slot;
        }
    }

    /// Take everything out of a slot.
    fn vacate(&mut self, slot: usize) -> Option<Garbage> {
        self.will_jump(slot);
        self.rooms.leave(slot);
        let mouth = std::mem::take(&mut self.mouths[slot]);
        let (voice, heard) = (self.voices[slot].take(), mouth.node.into_things());
        let is_empty = voice.is_none() && heard.is_none() && mouth.hearing.is_none();
        (!is_empty).then_some(Garbage::Channel(Leavings { voice, hearing: mouth.hearing, heard }))
    }

    fn hear(&mut self, channel: ChannelId, source: EngineSource) -> Option<Garbage> {
        let slot = self.slots.find(channel)?;
        match &source {
            EngineSource::Room(seat) => {
                if self.rooms.of(slot).is_some() {
                    self.will_jump(slot);
                }
                self.mouths[slot].is_new |= self.rooms.join(slot, *seat);
                self.will_jump(slot);
            }
            _ => {
                if self.rooms.of(slot).is_some() {
                    self.will_jump(slot);
                }
                self.rooms.leave(slot);
                self.mouths[slot].is_new = true;
            }
        }
        let before = std::mem::replace(&mut self.mouths[slot].node, Node::new(source, self.tones));
        before.into_things().map(Garbage::Heard)
    }

    fn set_voice(&mut self, channel: ChannelId, voice: Box<Voice>) -> Option<Garbage> {
        let slot = self.slots.find(channel)?;
        self.mouths[slot].has_asked = false;
        let mut before = self.voices[slot].replace(voice);
        if let (Some(before), Some(now)) = (&mut before, &mut self.voices[slot]) {
            now.ear.set_guard(before.ear.set_guard(None));
        }
        self.tell_levels(slot);
        before.map(Garbage::Voice)
    }

    fn set_hearing(&mut self, channel: ChannelId, mut hearing: Option<Box<Hearing>>) -> Option<Garbage> {
        let slot = self.slots.find(channel)?;
        let guard = hearing.as_mut().and_then(|hearing| hearing.guard.take());
        let spare = self.voices[slot].as_mut().and_then(|voice| voice.ear.set_guard(guard));
        let mut before = std::mem::replace(&mut self.mouths[slot].hearing, hearing);
        if let (Some(before), Some(now)) = (&mut before, &mut self.mouths[slot].hearing) {
            now.continue_from(before);
        }
        // there is no guard without something that listens
        if let Some(keeper) = before.as_mut().or(self.mouths[slot].hearing.as_mut()) {
            keeper.guard = spare;
        }
        before.map(Garbage::Hearing)
    }

    /// What the levels of a channel mean to its ear.
    fn tell_levels(&mut self, slot: usize) {
        let levels = self.mouths[slot].levels;
        if let Some(voice) = &mut self.voices[slot] {
            voice.ear.set_levels(Gain::of_db(levels.said_db), levels.is_muted);
        }
    }

    /// Run one frame: take what came in, give every open channel what it hears.
    pub fn run_frame(&mut self, io: &mut (impl FrameIo + ?Sized)) {
        self.stats.frames += 1;
        for place in 0..self.slots.len() {
            self.prefetch(place + AHEAD);
            let (channel, slot) = self.slots.at(place);
            self.check_format(channel, slot, io);
            self.listen(channel, slot, io);
        }
        for place in 0..self.rooms.len() {
            self.run_room(place, io);
        }
        for place in 0..self.slots.len() {
            let (channel, slot) = self.slots.at(place);
            self.speak(channel, slot, io);
        }
        for place in 0..self.records.len() {
            self.record(place, io);
        }
    }

    /// A channel is due soon: since the last frame the caches have forgotten it.
    fn prefetch(&self, place: usize) {
        if place < self.slots.len()
            && let Some(voice) = &self.voices[self.slots.at(place).1]
        {
            voice.prefetch();
        }
    }

    /// Whether the channel's voice is for the format that its device has now; if not, it is asked for once.
    fn check_format(&mut self, channel: ChannelId, slot: usize, io: &(impl FrameIo + ?Sized)) {
        let (Some(voice), mouth) = (&mut self.voices[slot], &mut self.mouths[slot]) else { return };
        let format = io.format(channel).unwrap_or(voice.format);
        voice.is_current = voice.format == format || voice.change_law(format);
        if voice.is_current {
            mouth.has_asked = false;
            return;
        }
        self.stats.frames_without_voice += 1;
        if !mouth.has_asked && self.wants.len() < self.wants.capacity() {
            mouth.has_asked = true;
            self.wants.push_back((channel, format));
        }
    }

    /// Take in what a channel says in this frame, if nobody has yet; where it is then. `None` if it is not open, or its
    /// voice is not there.
    fn load(&mut self, channel: ChannelId, io: &(impl FrameIo + ?Sized)) -> Option<usize> {
        let slot = self.slots.find(channel)?;
        let voice = self.voices[slot].as_mut().filter(|voice| voice.is_current)?;
        if !voice.ear.is_loaded(self.stats.frames) {
            let is_here = voice.ear.load(self.stats.frames, io.rx(channel));
            self.stats.frames_missing += u64::from(!is_here);
        }
        Some(slot)
    }
}
