//! What the engine is told and what it asks for: media commands with every name looked up and every buffer made, so that
//! the media thread neither looks up, nor allocates, nor frees.

use super::hearing::Hearing;
use super::slots::DeviceMap;
use super::tap::RecordSink;
use super::voice::Voice;
use crate::base::Why;
use crate::board::{ChannelId, DeviceId};
use crate::media::dtmf::{KeyForm, Keys};
use crate::media::plan::{Levels, PlayId, RecordingId, Seat, Tap, Tone, Transport};
use crate::media::prompt::Prompt;
use callcore_codec::{Format, Rate};
use std::sync::Arc;

/// Most samples of 8 kHz in a frame: 20 ms.
pub const FRAME_SAMPLES_MAX: usize = 160;
/// Most samples of any rate in a frame.
pub(super) const SAMPLES_MAX: usize = Rate::Full.samples(20);

/// How much there is room for; all of it is taken at the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineLimits {
    /// Samples of 8 kHz in a frame: 160 (20 ms) or 80 (10 ms).
    pub frame_samples: usize,
    /// The highest rate of any channel; more memory is needed for each channel where it is more than 8 kHz.
    pub rate_max: Rate,
    /// Open channels at a time.
    pub channels_max: usize,
    /// Devices ever: one more than the highest device number.
    pub devices_max: usize,
    /// Recordings at a time: one more than the highest index in a recording's id.
    pub recordings_max: usize,
    /// Rooms at a time: one more than the highest index in a room's id.
    pub rooms_max: usize,
    /// Up to so many who speak in a room all are heard; of more only the loudest [`EngineLimits::room_loudest`], and
    /// those who moderate.
    pub room_exact_max: usize,
    /// How many are heard in a room with more than [`EngineLimits::room_exact_max`]; at most [`ROOM_LOUDEST_MAX`].
    pub room_loudest: usize,
    /// Events that may wait to be taken.
    pub events_max: usize,
}

/// Most of [`EngineLimits::room_loudest`].
pub const ROOM_LOUDEST_MAX: usize = 32;

impl EngineLimits {
    /// Samples of 8 kHz in a frame, as they will be.
    pub(super) fn frame(&self) -> usize {
        if self.frame_samples > FRAME_SAMPLES_MAX / 2 { FRAME_SAMPLES_MAX } else { FRAME_SAMPLES_MAX / 2 }
    }
}

impl Default for EngineLimits {
    fn default() -> Self {
        let frame_samples = FRAME_SAMPLES_MAX;
        Self {
            frame_samples,
            rate_max: Rate::Narrow,
            channels_max: 10_000,
            devices_max: 1024,
            recordings_max: 10_000,
            rooms_max: 4096,
            room_exact_max: 64,
            room_loudest: 16,
            events_max: 10_000,
        }
    }
}

/// What a channel is to hear: [`Hear`](crate::media::Hear) with its names looked up.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineSource {
    /// Silence.
    Nothing,
    /// Prompts one after the other; [`PlayDone`](crate::media::MediaEvent::PlayDone) follows the last sample.
    Prompts {
        /// This playing.
        play: PlayId,
        /// What is played.
        prompts: Arc<[Arc<Prompt>]>,
        /// Where it begins and how fast.
        transport: Transport,
    },
    /// Music, over and over. Its position is the engine's own time, so all hear the same place of it.
    Music(Arc<Prompt>),
    /// A tone of the engine's country.
    Tone(Tone),
    /// What comes in on another channel, in the same frame.
    Channel(ChannelId),
    /// Everybody in a room but itself, in the same frame. The room begins with its first party and ends with its last.
    Room(Seat),
}

/// One change of the graph.
#[derive(Debug)]
pub enum EngineCommand {
    /// A device is there; its channels can be opened. Make the map with [`DeviceMap::new`].
    AddDevice {
        /// Which.
        device: DeviceId,
        /// Room for its channels.
        map: DeviceMap,
    },
    /// A device is gone, and with it every channel of it that was open. The map is given back.
    RemoveDevice {
        /// Which.
        device: DeviceId,
    },
    /// Open a channel; it hears nothing yet.
    Open {
        /// Which.
        channel: ChannelId,
        /// The voice for the format that its device has now.
        voice: Box<Voice>,
    },
    /// The voice for the format that [`Engine::poll_want`](super::Engine::poll_want) has told.
    SetVoice {
        /// Of which channel.
        channel: ChannelId,
        /// The voice.
        voice: Box<Voice>,
    },
    /// Close it. What it heard is given back. Recordings and listeners of it hear silence.
    Close {
        /// Which.
        channel: ChannelId,
    },
    /// Hear this from the next frame on. What was heard before is given back; it reports nothing any more.
    Hear {
        /// Who hears.
        channel: ChannelId,
        /// What.
        source: EngineSource,
    },
    /// A playing goes on elsewhere, stands still, or changes its speed.
    Transport {
        /// On which channel.
        channel: ChannelId,
        /// Which playing.
        play: PlayId,
        /// How it goes on.
        transport: Transport,
    },
    /// Listen to what comes in on a channel, or stop to (`None`). What was there is given back.
    Listen {
        /// Which.
        channel: ChannelId,
        /// What listens.
        hearing: Option<Box<Hearing>>,
    },
    /// How loud a channel is.
    Levels {
        /// Which.
        channel: ChannelId,
        /// How loud.
        levels: Levels,
    },
    /// Send keys to the channel in its audio, in place of what it hears while they last (which goes on underneath).
    SendDigits {
        /// Where to.
        channel: ChannelId,
        /// What; behind what is still being sent.
        keys: Keys,
        /// How, from the next key on.
        form: KeyForm,
    },
    /// Start a recording (with its sink) or change what is on its tracks (without).
    Record {
        /// Which.
        id: RecordingId,
        /// Left track.
        left: Tap,
        /// Right track; `None`: silence.
        right: Option<Tap>,
        /// Silence on both tracks.
        is_masked: bool,
        /// Where the samples go, if it begins now.
        sink: Option<RecordSink>,
    },
    /// End a recording. Its sink is given back: dropping that tells the reader that no more will come.
    StopRecord {
        /// Which.
        id: RecordingId,
    },
}

/// Something the engine needs no more and must not free itself. Hand it to another thread to be dropped.
#[derive(Debug)]
pub enum Garbage {
    /// What a channel heard before.
    Heard(HeardThings),
    /// The sink of a recording that ended, or that was given twice.
    Sink(RecordSink),
    /// The map of a device that is gone.
    Map(DeviceMap),
    /// The voice of a channel that is closed or has another format now.
    Voice(Box<Voice>),
    /// What listened to a channel.
    Hearing(Box<Hearing>),
    /// All that a channel had.
    Channel(Leavings),
}

/// What a channel leaves behind.
#[derive(Debug)]
pub struct Leavings {
    /// Its voice.
    pub voice: Option<Box<Voice>>,
    /// What listened to it.
    pub hearing: Option<Box<Hearing>>,
    /// What it heard.
    pub heard: Option<HeardThings>,
}

/// What a channel heard that has to be dropped.
#[derive(Debug)]
pub enum HeardThings {
    /// Prompts of a playing.
    Prompts(Arc<[Arc<Prompt>]>),
    /// Music.
    Music(Arc<Prompt>),
}

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineRefusal {
    /// The device was not added, or the channel is none of its channels.
    #[error("no such device or channel: add the device first")]
    NoSuchChannel,
    /// The channel is not open.
    #[error("the channel is not open")]
    NotOpen,
    /// The channel is open already.
    #[error("the channel is open already")]
    AlreadyOpen,
    /// The device was added already.
    #[error("the device was added already")]
    AlreadyAdded,
    /// A limit of [`EngineLimits`] is reached.
    #[error("a limit of the media engine is reached")]
    NoRoom,
    /// The voice has a higher rate than [`EngineLimits::rate_max`].
    #[error("the voice has a higher rate than the media engine was made for")]
    RateTooHigh,
    /// The channel does not play this.
    #[error("the channel does not play this")]
    NotPlaying,
    /// The recording does not run.
    #[error("the recording does not run: it begins with a sink")]
    NotRecording,
    /// Another room has this place.
    #[error("another room has not been left by everybody yet")]
    RoomBusy,
    /// Another recording has this place.
    #[error("another recording has not been stopped yet")]
    RecordingBusy,
}

impl EngineRefusal {
    /// Its kind.
    #[must_use]
    pub const fn why(self) -> Why {
        match self {
            Self::NoSuchChannel | Self::NotRecording => Why::Gone,
            Self::NotOpen | Self::AlreadyOpen | Self::AlreadyAdded | Self::NotPlaying => Why::State,
            Self::RateTooHigh => Why::Argument,
            Self::RecordingBusy | Self::RoomBusy => Why::Busy,
            Self::NoRoom => Why::Full,
        }
    }
}

/// A command that was not carried out, with the reason. Nothing has changed; drop the command elsewhere.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct EngineRefused {
    /// The reason.
    pub why: EngineRefusal,
    /// The command, with all that it carries.
    pub command: EngineCommand,
}

/// One frame of all devices: the pool slots of the channels.
pub trait FrameIo {
    /// How the slots of a channel are written now, both ways; `None` if its device is gone.
    fn format(&self, channel: ChannelId) -> Option<Format>;
    /// What came in on a channel; `None` if nothing came in time, and the engine conceals.
    fn rx(&self, channel: ChannelId) -> Option<&[u8]>;
    /// Where what goes out on a channel is written in this format, all of it; `None` if its device is gone.
    fn tx(&mut self, channel: ChannelId, format: Format) -> Option<&mut [u8]>;
}

/// What the engine has counted since its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineStats {
    /// Frames run.
    pub frames: u64,
    /// Channel frames that were wanted and had not come in.
    pub frames_missing: u64,
    /// Recorded frames that found no room.
    pub record_frames_dropped: u64,
    /// Events that found no room: keys only, all others wait.
    pub events_lost: u64,
    /// Channel frames that were neither heard nor said because the voice of a new format was not there yet.
    pub frames_without_voice: u64,
}
