//! From the core's media commands to the engine's: names become sounds, recordings become rings.

use super::inbox::Inbox;
use super::media::MediaPort;
use super::playback::{Playback, RECORDING};
use super::prompts::{Found, Missing, Prompts, WhenReady};
use super::recorder::Recorder;
use super::voices::Voices;
use crate::board::ChannelId;
use crate::exchange::{Input, RecordingOutcome};
use crate::media::dtmf::{KeyForm, Keys};
use crate::media::engine::{EngineCommand, EngineSource};
use crate::media::{
    Country, Hear, Hearing, MediaCommand, MediaEvent, PlayId, Prompt, Recording, RecordingId,
};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Looks everything up that the media thread must not look up itself.
pub(crate) struct Resolver {
    pub(crate) prompts: Arc<Prompts>,
    pub(crate) recorder: Recorder,
    pub(crate) playback: Playback,
    pub(crate) media: MediaPort,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) voices: Voices,
    /// Whose tones are listened for.
    pub(crate) country: Country,
    /// Recordings that run.
    pub(crate) recordings: BTreeSet<RecordingId>,
}

fn play_failed(channel: ChannelId, play: PlayId, missing: &Missing) -> Input {
    tracing::error!(%channel, play = play.0, "nothing is played: {missing}");
    Input::Media(MediaEvent::PlayFailed { channel, play, name: missing.name.clone() })
}

fn no_music(channel: ChannelId, name: Arc<str>, missing: &Missing) -> MediaEvent {
    tracing::error!(%channel, "the channel hears silence in place of music: {missing}");
    MediaEvent::MusicMissing { channel, name }
}

impl Resolver {
    /// Bring one command to the engine, or tell the core why not.
    pub(crate) fn carry_out(&mut self, command: MediaCommand) {
        match command {
            MediaCommand::Open { channel } => self.open(channel),
            MediaCommand::Close { channel } => self.media.send(EngineCommand::Close { channel }),
            MediaCommand::Hear { channel, source } => self.hear(channel, source),
            MediaCommand::Transport { channel, play, transport } => {
                self.media.send(EngineCommand::Transport { channel, play, transport });
            }
            MediaCommand::Listen { channel, listen } => {
                self.media
                    .send(EngineCommand::Listen { channel, hearing: Hearing::new(&listen, self.country) });
            }
            MediaCommand::Levels { channel, levels } => {
                self.media.send(EngineCommand::Levels { channel, levels });
            }
            MediaCommand::SendDigits { channel, digits, on_ms, off_ms } => {
                match (Keys::new(&digits), KeyForm::timed(on_ms, off_ms)) {
                    (Some(keys), Ok(form)) => {
                        self.media.send(EngineCommand::SendDigits { channel, keys, form });
                    }
                    (None, _) => {
                        tracing::error!(%channel, digits = digits.as_str(), "too many keys at once: none is sent");
                    }
                    (_, Err(why)) => tracing::error!(%channel, %why, "no keys are sent"),
                }
            }
            // a matter of who gives ports out
            MediaCommand::FreePort { .. } => {}
            MediaCommand::Record(recording) => self.record(&recording),
            MediaCommand::StopRecord { id } => {
                if self.recordings.remove(&id) {
                    self.media.send(EngineCommand::StopRecord { id });
                }
            }
        }
    }

    fn open(&mut self, channel: ChannelId) {
        match self.voices.for_channel(channel) {
            Some(voice) => self.media.send(EngineCommand::Open { channel, voice }),
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
            Hear::Prompts { play, names, language, transport } => {
                let prompts = self.look_up((channel, play), &names, language.as_deref());
                prompts.map_or(EngineSource::Nothing, |prompts| EngineSource::Prompts {
                    play,
                    prompts: prompts.into(),
                    transport,
                })
            }
            Hear::Room(seat) => EngineSource::Room(seat),
            Hear::Music(name) => match self.prompts.get(&name, None) {
                Found::Ready(music) => EngineSource::Music(music),
                Found::Pending => match self.prompts.request(&name, None, self.music_ready(channel, &name)) {
                    Found::Ready(music) => EngineSource::Music(music),
                    Found::Pending => EngineSource::Nothing,
                    Found::Missing(missing) => self.music_missing(channel, name, &missing),
                },
                Found::Missing(missing) => self.music_missing(channel, name, &missing),
            },
        };
        self.media.send(EngineCommand::Hear { channel, source });
    }

    /// All prompts of a playing; when one is missing the core is told, and nothing is played.
    fn look_up(
        &self,
        (channel, play): (ChannelId, PlayId),
        names: &[Arc<str>],
        language: Option<&str>,
    ) -> Option<Vec<Arc<Prompt>>> {
        let mut prompts: Vec<Arc<Prompt>> = Vec::with_capacity(names.len());
        for name in names {
            match self.find((channel, play), name, language) {
                Found::Ready(prompt) => prompts.push(prompt),
                // the core asks again when it is told that it can be played
                Found::Pending => return None,
                Found::Missing(missing) => {
                    self.inbox.reply(play_failed(channel, play, &missing));
                    return None;
                }
            }
        }
        Some(prompts)
    }

    fn find(&self, (channel, play): (ChannelId, PlayId), name: &str, language: Option<&str>) -> Found {
        if let Some(path) = name.strip_prefix(RECORDING) {
            return self.playback.request(path, || self.when_ready(channel, play));
        }
        match self.prompts.get(name, language) {
            Found::Pending => self.prompts.request(name, language, self.when_ready(channel, play)),
            found => found,
        }
    }

    /// Tells the core what has become of a prompt that was not there yet.
    fn when_ready(&self, channel: ChannelId, play: PlayId) -> WhenReady {
        let inbox = Arc::clone(&self.inbox);
        Box::new(move |result| {
            inbox.reply(match result {
                Ok(_) => Input::Media(MediaEvent::PlayReady { channel, play }),
                Err(missing) => play_failed(channel, play, &missing),
            });
        })
    }

    /// The same for music.
    fn music_ready(&self, channel: ChannelId, name: &Arc<str>) -> WhenReady {
        let (inbox, name) = (Arc::clone(&self.inbox), Arc::clone(name));
        Box::new(move |result| {
            inbox.reply(Input::Media(match result {
                Ok(_) => MediaEvent::MusicReady { channel, name },
                Err(missing) => no_music(channel, name, &missing),
            }));
        })
    }

    fn music_missing(&self, channel: ChannelId, name: Arc<str>, missing: &Missing) -> EngineSource {
        self.inbox.reply(Input::Media(no_music(channel, name, missing)));
        EngineSource::Nothing
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
        let Recording { id, left, right, is_masked, .. } = *recording;
        self.media.send(EngineCommand::Record { id, left, right, is_masked, sink });
    }
}
