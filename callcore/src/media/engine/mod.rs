//! The media engine: one call a frame for all channels. It allocates, locks, waits and frees nothing while it runs.
//!
//! ```text
//!            rx of a channel ──▶ Ear ──┬──▶ its listeners (Hear::Channel)
//!   (or concealment)                   ├──▶ its key detector ──▶ MediaEvent::Digit
//!                                      └──▶ recordings (left, right) ──▶ ring
//!   prompts, music, tone ──▶ Node ──▶ keys being sent ──▶ declick ──▶ tx of the channel
//! ```
//!
//! Each frame begins and ends with all channels at the same sample: who hears another hears what came in with this very
//! frame, and the two tracks of a recording are of the same frame.

mod command;
mod declick;
mod ear;
mod node;
mod slots;
mod tap;

#[cfg(test)]
mod tests;

pub use super::dtmf::Keys;
pub use command::{
    EngineCommand, EngineLimits, EngineRefusal, EngineRefused, EngineSource, EngineStats, FRAME_SAMPLES_MAX,
    FrameIo, Garbage, RecordSink,
};
pub use slots::DeviceMap;

use super::dtmf::{Detector, Sender};
use super::tone::{Country, TonePlan};
use super::{Law, MediaEvent};
use crate::board::{ChannelId, Digit};
use ear::Ear;
use node::{Node, Progress};
use slots::Slots;
use std::collections::VecDeque;
use tap::Taps;

/// What goes out on a channel.
#[derive(Debug)]
struct Mouth {
    node: Node,
    sender: Sender,
    law: Law,
    /// The source was changed since the last frame.
    is_new: bool,
    /// Whether keys are listened for.
    detects: bool,
    /// A key that found no room among the events.
    digit: Option<Digit>,
    /// The last sample that went out.
    last: i16,
}

impl Mouth {
    fn new(law: Law) -> Self {
        let (node, sender) = (Node::Nothing, Sender::default());
        Self { node, sender, law, is_new: false, detects: false, digit: None, last: 0 }
    }
}

/// The media of all channels of one clock domain.
#[derive(Debug)]
pub struct Engine {
    tones: &'static TonePlan,
    frame_samples: usize,
    slots: Slots,
    // by slot; apart, because most frames touch the first only
    mouths: Vec<Mouth>,
    ears: Vec<Ear>,
    detectors: Vec<Detector>,
    taps: Taps,
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
            frame_samples: limits.frame_samples.clamp(declick::DECLICK_SAMPLES as usize, FRAME_SAMPLES_MAX),
            slots: Slots::new(channels, limits.devices_max),
            mouths: (0..channels).map(|_| Mouth::new(Law::A)).collect(),
            ears: vec![Ear::new(Law::A); channels],
            detectors: vec![Detector::default(); channels],
            taps: Taps::new(limits.recordings_max),
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
            EngineCommand::Open { channel, .. } => self.slots.check_open(*channel),
            EngineCommand::Close { channel }
            | EngineCommand::Hear { channel, .. }
            | EngineCommand::DetectDigits { channel, .. } => self.find(*channel).map(|_| ()),
            EngineCommand::SendDigits { channel, keys } => {
                let slot = self.find(*channel)?;
                if self.mouths[slot].sender.has_room(keys) { Ok(()) } else { Err(EngineRefusal::NoRoom) }
            }
            EngineCommand::Record { id, sink, .. } => self.taps.check_record(*id, sink.is_some()),
            EngineCommand::StopRecord { id } => self.taps.check_stop(*id),
        }
    }

    fn find(&self, channel: ChannelId) -> Result<usize, EngineRefusal> {
        self.slots.find(channel).ok_or(EngineRefusal::NotOpen)
    }

    /// Carry out what [`Self::check`] has found possible.
    fn apply(&mut self, command: EngineCommand) -> Option<Garbage> {
        match command {
            EngineCommand::AddDevice { device, map } => self.slots.add_device(device, map).map(Garbage::Map),
            EngineCommand::RemoveDevice { device } => self.slots.remove_device(device).map(Garbage::Map),
            EngineCommand::Open { channel, law } => self.open(channel, law),
            EngineCommand::Close { channel } => {
                let slot = self.slots.close(channel)?;
                std::mem::take(&mut self.mouths[slot].node).into_garbage()
            }
            EngineCommand::Hear { channel, source } => {
                let mouth = &mut self.mouths[self.slots.find(channel)?];
                mouth.is_new = true;
                std::mem::replace(&mut mouth.node, Node::new(source, self.tones)).into_garbage()
            }
            EngineCommand::DetectDigits { channel, on } => {
                let slot = self.slots.find(channel)?;
                self.mouths[slot].detects = on;
                self.detectors[slot] = Detector::default();
                None
            }
            EngineCommand::SendDigits { channel, keys } => {
                self.mouths[self.slots.find(channel)?].sender.send(&keys);
                None
            }
            EngineCommand::Record { id, left, right, sink } => {
                self.taps.record(id, left, right, sink).map(Garbage::Sink)
            }
            EngineCommand::StopRecord { id } => {
                let tap = self.taps.stop(id)?;
                self.events.extend(tap.gap().filter(|_| self.events.len() < self.events.capacity()));
                Some(Garbage::Sink(tap.into_sink()))
            }
        }
    }

    fn open(&mut self, channel: ChannelId, law: Law) -> Option<Garbage> {
        let slot = self.slots.open(channel)?;
        self.ears[slot] = Ear::new(law);
        self.detectors[slot] = Detector::default();
        // a device that went away left behind what its channels were hearing
        std::mem::replace(&mut self.mouths[slot], Mouth::new(law)).node.into_garbage()
    }

    /// Run one frame: take what came in, give every open channel what it hears.
    pub fn run_frame(&mut self, io: &mut (impl FrameIo + ?Sized)) {
        self.stats.frames += 1;
        for place in 0..self.slots.len() {
            let (channel, slot) = self.slots.at(place);
            self.follow(slot, io.format(channel).and_then(Law::of));
        }
        for place in 0..self.slots.len() {
            let (channel, slot) = self.slots.at(place);
            self.speak(channel, slot, io);
            if self.mouths[slot].detects {
                self.detect(channel, slot, io);
            }
        }
        for place in 0..self.taps.len() {
            self.record(place, io);
        }
    }

    /// A channel whose device writes it in another law from now on.
    fn follow(&mut self, slot: usize, law: Option<Law>) {
        if let Some(law) = law.filter(|law| *law != self.mouths[slot].law) {
            self.mouths[slot].law = law;
            self.ears[slot] = Ear::new(law);
        }
    }

    /// Give a channel the next frame of what it hears.
    fn speak(&mut self, channel: ChannelId, slot: usize, io: &mut (impl FrameIo + ?Sized)) {
        let mouth = &self.mouths[slot];
        let is_plain = !mouth.sender.is_sending() && !mouth.is_new;
        let law = mouth.law;
        if is_plain && mouth.node.is_silent() {
            if let Some(tx) = io.tx(channel) {
                tx.fill(law.silence());
            }
            self.mouths[slot].last = 0;
            return self.report_end(channel, slot);
        }
        let speaker = if let Node::Channel(speaker) = mouth.node { self.listen(speaker, io) } else { None };
        if is_plain && speaker.is_some_and(|speaker| self.pass_on(channel, slot, speaker, io)) {
            return;
        }
        let mut buffer = [0; FRAME_SAMPLES_MAX];
        let samples = &mut buffer[..self.frame_samples];
        self.fill(slot, speaker, samples);
        if let Some(tx) = io.tx(channel) {
            law.encode(samples, tx);
        }
        self.report_end(channel, slot);
    }

    /// Hand on what came in as it is. `false`, and nothing is done, if it is of another law or not whole.
    fn pass_on(
        &mut self,
        channel: ChannelId,
        slot: usize,
        speaker: usize,
        io: &mut (impl FrameIo + ?Sized),
    ) -> bool {
        let law = self.mouths[slot].law;
        let Some(bytes) = self.ears[speaker].untouched(law, self.frame_samples) else { return false };
        let mut last = [0];
        law.decode(&bytes[bytes.len() - law.bytes_per_sample()..], &mut last);
        self.mouths[slot].last = last[0];
        if let Some(tx) = io.tx(channel).and_then(|tx| tx.get_mut(..bytes.len())) {
            tx.copy_from_slice(bytes);
        }
        true
    }

    /// The samples that a channel hears.
    fn fill(&mut self, slot: usize, speaker: Option<usize>, samples: &mut [i16]) {
        let time = (self.stats.frames - 1) * self.frame_samples as u64;
        let mouth = &mut self.mouths[slot];
        match speaker {
            Some(speaker) => self.ears[speaker].read(samples),
            None => mouth.node.fill(samples, time),
        }
        mouth.sender.fill(samples);
        if mouth.is_new {
            mouth.is_new = false;
            let first = if mouth.node.begins_inside() { samples[0] } else { 0 };
            declick::smooth(samples, mouth.last.saturating_sub(first));
        }
        mouth.last = samples[samples.len() - 1];
    }

    /// Say once that a playing has come to its end, as soon as there is room to say it.
    fn report_end(&mut self, channel: ChannelId, slot: usize) {
        if let Node::Play(play) = &mut self.mouths[slot].node
            && play.progress == Progress::Ended
            && self.events.len() < self.events_max
        {
            play.progress = Progress::Reported;
            self.events.push_back(MediaEvent::PlayDone { channel, play: play.play });
        }
    }

    /// Take in what a channel says in this frame, if nobody has yet; where it is then. `None` if it is not open.
    fn listen(&mut self, channel: ChannelId, io: &(impl FrameIo + ?Sized)) -> Option<usize> {
        let slot = self.slots.find(channel)?;
        let ear = &mut self.ears[slot];
        if !ear.is_loaded(self.stats.frames) {
            let is_here = ear.load(self.stats.frames, self.frame_samples, io.rx(channel));
            self.stats.frames_missing += u64::from(!is_here);
        }
        Some(slot)
    }

    fn detect(&mut self, channel: ChannelId, slot: usize, io: &(impl FrameIo + ?Sized)) {
        self.listen(channel, io);
        let mut samples = [0; FRAME_SAMPLES_MAX];
        let samples = &mut samples[..self.frame_samples];
        self.ears[slot].read(samples);
        let heard = self.detectors[slot].listen(samples);
        let waiting = &mut self.mouths[slot].digit;
        for digit in [waiting.take(), heard].into_iter().flatten() {
            if waiting.is_none() && self.events.len() < self.events_max {
                self.events.push_back(MediaEvent::Digit { channel, digit });
            } else if waiting.replace(digit).is_some() {
                self.stats.events_lost += 1;
            }
        }
    }

    fn record(&mut self, place: usize, io: &(impl FrameIo + ?Sized)) {
        let Some(tap) = self.taps.at(place) else { return };
        let tracks = [Some(tap.left), tap.right];
        let mut both = [0; 2 * FRAME_SAMPLES_MAX];
        let both = &mut both[..2 * self.frame_samples];
        for (side, channel) in tracks.into_iter().enumerate() {
            let Some(slot) = channel.and_then(|channel| self.listen(channel, io)) else { continue };
            let mut samples = [0; FRAME_SAMPLES_MAX];
            let samples = &mut samples[..self.frame_samples];
            self.ears[slot].read(samples);
            both.iter_mut().skip(side).step_by(2).zip(samples).for_each(|(to, from)| *to = *from);
        }
        let Some(tap) = self.taps.at(place) else { return };
        if !tap.push(both) {
            self.stats.record_frames_dropped += 1;
        } else if let Some(gap) = tap.gap().filter(|_| self.events.len() < self.events_max) {
            tap.forget_gap();
            self.events.push_back(gap);
        }
    }
}
