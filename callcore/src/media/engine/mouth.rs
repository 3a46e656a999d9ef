//! What goes out on a channel: what it hears, louder or softer, keys over it, without a click where it changes.
//!
//! Where bytes can be handed on as they are - from a channel of the same format, from a prompt that is kept in it - they
//! are, and nothing is computed.

use super::command::SAMPLES_MAX;
use super::gain::Gain;
use super::hearing::Hearing;
use super::node::{Node, coded_music};
use super::voice::QUIET_FRAMES_MAX;
use super::{Engine, FrameIo, declick};
use crate::board::ChannelId;
use crate::media::MediaEvent;
use crate::media::dtmf::Sender;
use crate::media::plan::Levels;
use callcore_codec::{Format, Rate, g711};

/// The side of a channel that speaks to the far end, and what is said about the channel.
#[derive(Debug, Default)]
pub(super) struct Mouth {
    pub(super) node: Node,
    pub(super) sender: Sender,
    pub(super) levels: Levels,
    pub(super) hearing: Option<Box<Hearing>>,
    /// The source was changed since the last frame.
    pub(super) is_new: bool,
    /// A voice for another format was asked for.
    pub(super) has_asked: bool,
    /// The last sample that went out.
    pub(super) last: i16,
}

impl Mouth {
    /// Whether what it hears goes out as it is.
    pub(super) fn is_plain(&self) -> bool {
        !self.is_new && self.levels.heard_db == 0 && !self.sender.is_sending()
    }
}

/// Room for the samples of one channel while they are made.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) samples: Box<[i16]>,
    narrow: Box<[i16]>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self { samples: vec![0; SAMPLES_MAX].into(), narrow: vec![0; SAMPLES_MAX].into() }
    }
}

/// The last sample of bytes of a format whose samples stand for themselves.
fn last_sample(format: Format, bytes: &[u8]) -> i16 {
    let mut last = [0];
    callcore_codec::decode_sampled(format, &bytes[bytes.len() - format.sample_bytes()..], &mut last);
    last[0]
}

impl Engine {
    /// Give a channel the next frame of what it hears. Those in a room get theirs with the room.
    pub(super) fn speak(&mut self, channel: ChannelId, slot: usize, io: &mut (impl FrameIo + ?Sized)) {
        let is_current = self.voices[slot].as_ref().is_some_and(|voice| voice.is_current);
        if matches!(self.mouths[slot].node, Node::Room) || !is_current {
            return;
        }
        let speaker = match self.mouths[slot].node {
            Node::Channel(speaker) => self.load(speaker, io),
            _ => None,
        };
        if !self.speak_plainly(channel, slot, speaker, io) {
            let is_inside = self.mouths[slot].node.begins_inside();
            self.fill(slot, speaker);
            self.finish(channel, slot, is_inside, io);
        }
        self.report_end(channel, slot);
    }

    /// What can be done without computing anything. `false`: nothing could.
    fn speak_plainly(
        &mut self,
        channel: ChannelId,
        slot: usize,
        speaker: Option<usize>,
        io: &mut (impl FrameIo + ?Sized),
    ) -> bool {
        let frame = self.stats.frames;
        let Some(voice) = self.voices[slot].as_ref().filter(|voice| !voice.is_tapped(frame)) else {
            return false;
        };
        let (format, length) = (voice.format, voice.format.slot_bytes(self.frame_samples));
        let mouth = &mut self.mouths[slot];
        if !mouth.is_plain() {
            return false;
        }
        if mouth.node.is_silent() || (speaker.is_none() && matches!(mouth.node, Node::Channel(_))) {
            return self.stay_silent(channel, slot, io);
        }
        let time = (frame - 1) * self.frame_samples as u64;
        let bytes = match (&mut mouth.node, speaker) {
            (Node::Channel(_), Some(speaker)) => {
                let ear = self.voices[speaker].as_ref().map(|voice| &voice.ear);
                let is_gap = ear.is_some_and(|ear| !ear.is_here() && ear.format() == format);
                if is_gap && !format.is_sampled() {
                    // the far end's own concealment knows best
                    return true;
                }
                ear.and_then(|ear| ear.untouched(format))
            }
            (Node::Play(play), _) => play.coded(format, self.frame_samples),
            (Node::Music(music), _) => coded_music(music, format, self.frame_samples, time),
            _ => None,
        };
        let Some(bytes) = bytes else { return self.swap_law(channel, slot, speaker, io) };
        if format.is_sampled() {
            mouth.last = last_sample(format, &bytes[..length]);
        }
        if let Some(tx) = io.tx(channel, format).and_then(|tx| tx.get_mut(..length)) {
            tx.copy_from_slice(&bytes[..length]);
        }
        true
    }

    /// From one law of G.711 to the other by its tables 3 and 4, without a detour over samples. `false`: it is not that.
    fn swap_law(
        &mut self,
        channel: ChannelId,
        slot: usize,
        speaker: Option<usize>,
        io: &mut (impl FrameIo + ?Sized),
    ) -> bool {
        let Some(format) = self.voices[slot].as_ref().map(|voice| voice.format) else { return false };
        let other = match format {
            Format::ALaw => Format::MuLaw,
            Format::MuLaw => Format::ALaw,
            _ => return false,
        };
        let speaker = speaker.and_then(|speaker| self.voices[speaker].as_ref());
        let Some(bytes) = speaker.and_then(|voice| voice.ear.untouched(other)) else { return false };
        self.mouths[slot].last = last_sample(other, bytes);
        if let Some(tx) = io.tx(channel, format) {
            let swap = if other == Format::ALaw { g711::swap_alaw } else { g711::swap_ulaw };
            swap(bytes, tx);
        }
        true
    }

    /// Silence, cheaply: a format that has to be computed is not sent at all after a while.
    fn stay_silent(&mut self, channel: ChannelId, slot: usize, io: &mut (impl FrameIo + ?Sized)) -> bool {
        let Some(voice) = &mut self.voices[slot] else { return true };
        self.mouths[slot].last = 0;
        if !voice.format.is_sampled() {
            voice.quiet_frames = voice.quiet_frames.saturating_add(1);
            return voice.quiet_frames > QUIET_FRAMES_MAX;
        }
        if let Some(tx) = io.tx(channel, voice.format) {
            tx.fill(voice.format.silence());
        }
        true
    }

    /// What the channel hears, into the scratch, at its own rate.
    fn fill(&mut self, slot: usize, speaker: Option<usize>) {
        let time = (self.stats.frames - 1) * self.frame_samples as u64;
        let Some((rate, length)) = self.voices[slot].as_ref().map(|v| (v.rate(), v.frame_samples())) else {
            return;
        };
        let Scratch { samples, narrow } = &mut self.scratch;
        let samples = &mut samples[..length];
        let mouth = &mut self.mouths[slot];
        match speaker.and_then(|speaker| self.voices[speaker].as_mut()) {
            Some(speaker) => samples.copy_from_slice(speaker.said(rate)),
            None if rate != Rate::Narrow && !mouth.node.has_rate(rate) => {
                let narrow = &mut narrow[..self.frame_samples];
                mouth.node.fill(narrow, Rate::Narrow, time);
                if let Some(voice) = &mut self.voices[slot] {
                    voice.widened(narrow, samples);
                }
            }
            None => mouth.node.fill(samples, rate, time),
        }
    }

    /// What is in the scratch at 8 kHz, at the channel's own rate.
    pub(super) fn widen_scratch(&mut self, slot: usize) {
        let Scratch { samples, narrow } = &mut self.scratch;
        let Some(voice) = self.voices[slot].as_mut().filter(|voice| voice.rate() != Rate::Narrow) else {
            return;
        };
        let narrow = &mut narrow[..self.frame_samples];
        narrow.copy_from_slice(&samples[..self.frame_samples]);
        voice.widened(narrow, &mut samples[..self.frame_samples * voice.rate().times()]);
    }

    /// From what the channel hears, in the scratch, to its slot. `is_inside`: a new sound begins in its middle.
    pub(super) fn finish(
        &mut self,
        channel: ChannelId,
        slot: usize,
        is_inside: bool,
        io: &mut (impl FrameIo + ?Sized),
    ) {
        let frame = self.stats.frames;
        let (mouth, Some(voice)) = (&mut self.mouths[slot], &mut self.voices[slot]) else { return };
        let Scratch { samples, narrow } = &mut self.scratch;
        let samples = &mut samples[..voice.frame_samples()];
        Gain::of_db(mouth.levels.heard_db).apply(samples);
        if mouth.sender.is_sending() {
            let narrow = &mut narrow[..self.frame_samples];
            narrow.fill(0);
            mouth.sender.fill(narrow);
            voice.widened(narrow, samples);
        }
        if mouth.is_new {
            mouth.is_new = false;
            let first = if is_inside { samples[0] } else { 0 };
            declick::smooth(samples, mouth.last.saturating_sub(first), voice.rate().times());
        }
        mouth.last = samples[samples.len() - 1];
        voice.quiet_frames = if mouth.node.is_silent() { voice.quiet_frames } else { 0 };
        if voice.is_tapped(frame) {
            voice.keep_heard(samples, frame);
        }
        if let Some(tx) = io.tx(channel, voice.format) {
            voice.encode(samples, tx);
        }
    }

    /// Say once that a playing has come to its end, as soon as there is room to say it.
    pub(super) fn report_end(&mut self, channel: ChannelId, slot: usize) {
        if self.events.len() < self.events_max
            && let Some(play) = self.mouths[slot].node.ended()
        {
            play.report();
            self.events.push_back(MediaEvent::PlayDone { channel, play: play.play });
        }
    }
}
