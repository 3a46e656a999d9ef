//! From the core's media commands to the engine's: names become sounds, recordings become rings.

use super::inbox::Inbox;
use super::media::MediaPort;
use super::prompts::{Found, Prompts};
use super::recorder::Recorder;
use crate::board::ChannelId;
use crate::exchange::{Input, RecordingOutcome};
use crate::media::dtmf::Keys;
use crate::media::engine::{EngineCommand, EngineSource};
use crate::media::{Hear, Law, MediaCommand, MediaEvent, PlayId, Prompt, Recording, RecordingId};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Looks everything up that the media thread must not look up itself.
pub(crate) struct Resolver {
    pub(crate) prompts: Arc<Prompts>,
    pub(crate) recorder: Recorder,
    pub(crate) media: MediaPort,
    pub(crate) inbox: Arc<Inbox>,
    /// How samples are written, by device; `None`: the device has no media.
    pub(crate) laws: Vec<Option<Law>>,
    /// Recordings that run.
    pub(crate) recordings: BTreeSet<RecordingId>,
}

impl Resolver {
    /// Bring one command to the engine, or tell the core why not.
    pub(crate) fn carry_out(&mut self, command: MediaCommand) {
        match command {
            MediaCommand::Open { channel } => self.open(channel),
            MediaCommand::Close { channel } => self.media.send(EngineCommand::Close { channel }),
            MediaCommand::Hear { channel, source } => self.hear(channel, source),
            MediaCommand::DetectDigits { channel, on } => {
                self.media.send(EngineCommand::DetectDigits { channel, on });
            }
            MediaCommand::SendDigits { channel, digits } => match Keys::new(&digits) {
                Some(keys) => self.media.send(EngineCommand::SendDigits { channel, keys }),
                None => {
                    tracing::error!(%channel, digits = digits.as_str(), "too many keys at once: none is sent")
                }
            },
            MediaCommand::Record(recording) => self.record(&recording),
            MediaCommand::StopRecord { id } => {
                if self.recordings.remove(&id) {
                    self.media.send(EngineCommand::StopRecord { id });
                }
            }
        }
    }

    fn open(&mut self, channel: ChannelId) {
        match self.laws.get(usize::from(channel.device.0)).copied().flatten() {
            Some(law) => self.media.send(EngineCommand::Open { channel, law }),
            None => {
                tracing::warn!(device = channel.device.0, channel = channel.index, "the device has no media")
            }
        }
    }

    fn hear(&mut self, channel: ChannelId, source: Hear) {
        let source = match source {
            Hear::Nothing => EngineSource::Nothing,
            Hear::Tone(tone) => EngineSource::Tone(tone),
            Hear::Channel(speaker) => EngineSource::Channel(speaker),
            Hear::Prompts { play, names } => self.look_up(channel, play, &names),
            Hear::Music(name) => match self.prompts.get(&name, None) {
                Found::Ready(music) => EngineSource::Music(music),
                Found::Pending | Found::Missing(_) => {
                    tracing::error!(%channel, name = %name, "there is no music of this name: the caller hears silence");
                    EngineSource::Nothing
                }
            },
        };
        self.media.send(EngineCommand::Hear { channel, source });
    }

    /// All prompts of a playing; when one is missing the core is told, and nothing is played.
    fn look_up(&self, channel: ChannelId, play: PlayId, names: &[Arc<str>]) -> EngineSource {
        let mut prompts: Vec<Arc<Prompt>> = Vec::with_capacity(names.len());
        for name in names {
            let why = match self.prompts.get(name, None) {
                Found::Ready(prompt) => {
                    prompts.push(prompt);
                    continue;
                }
                Found::Pending => format!("prompt '{name}': it is still being spoken"),
                Found::Missing(missing) => missing.to_string(),
            };
            tracing::error!(%channel, play = play.0, "nothing is played: {why}");
            let failed = MediaEvent::PlayFailed { channel, play, name: name.to_string() };
            self.inbox.reply(Input::Media(failed));
            return EngineSource::Nothing;
        }
        EngineSource::Prompts { play, prompts: prompts.into() }
    }

    fn record(&mut self, recording: &Recording) {
        let sink = if self.recordings.contains(&recording.id) {
            None
        } else {
            match self.recorder.open(recording.id, Path::new(&*recording.path)) {
                Ok(sink) => Some(sink),
                Err(text) => {
                    tracing::error!(recording = %recording.id, path = %recording.path, "no recording: {text}");
                    let outcome = RecordingOutcome::Failed { text };
                    return self.inbox.reply(Input::RecordingCompleted(recording.id, outcome));
                }
            }
        };
        self.recordings.insert(recording.id);
        let (left, right) = (recording.left, recording.right);
        self.media.send(EngineCommand::Record { id: recording.id, left, right, sink });
    }
}
