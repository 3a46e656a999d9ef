//! What the engine is told and what it asks for: media commands with every name looked up and every buffer made, so that
//! the media thread neither looks up, nor allocates, nor frees.

use super::slots::DeviceMap;
use crate::base::Why;
use crate::board::{ChannelId, DeviceId};
use crate::media::Law;
use crate::media::dtmf::Keys;
use crate::media::plan::{PlayId, RecordingId, Tone};
use crate::media::prompt::Prompt;
use callcore_codec::Format;
use std::sync::Arc;

/// The way of recorded samples out of the engine: left, right, left, right, always whole frames.
pub type RecordSink = rtrb::Producer<i16>;

/// Most samples in a frame: 20 ms.
pub const FRAME_SAMPLES_MAX: usize = 160;

/// How much there is room for; all of it is taken at the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineLimits {
    /// Samples in a frame: 160 (20 ms) or 80 (10 ms).
    pub frame_samples: usize,
    /// Open channels at a time.
    pub channels_max: usize,
    /// Devices ever: one more than the highest device number.
    pub devices_max: usize,
    /// Recordings at a time: one more than the highest index in a recording's id.
    pub recordings_max: usize,
    /// Events that may wait to be taken.
    pub events_max: usize,
}

impl Default for EngineLimits {
    fn default() -> Self {
        let frame_samples = FRAME_SAMPLES_MAX;
        Self {
            frame_samples,
            channels_max: 10_000,
            devices_max: 1024,
            recordings_max: 10_000,
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
    },
    /// Music, over and over. Its position is the engine's own time, so all hear the same place of it.
    Music(Arc<Prompt>),
    /// A tone of the engine's country.
    Tone(Tone),
    /// What comes in on another channel, in the same frame.
    Channel(ChannelId),
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
        /// How its samples are written in the pool.
        law: Law,
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
    /// Listen for keys in the channel's audio, or stop to.
    DetectDigits {
        /// Which.
        channel: ChannelId,
        /// Listen or not.
        on: bool,
    },
    /// Send keys to the channel in its audio, in place of what it hears while they last (which goes on underneath).
    SendDigits {
        /// Where to.
        channel: ChannelId,
        /// What; behind what is still being sent.
        keys: Keys,
    },
    /// Start a recording (with its sink) or change whose audio is on its tracks (without).
    Record {
        /// Which.
        id: RecordingId,
        /// Left track.
        left: ChannelId,
        /// Right track; `None`: silence.
        right: Option<ChannelId>,
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
    /// Prompts of a playing.
    Prompts(Arc<[Arc<Prompt>]>),
    /// Music.
    Music(Arc<Prompt>),
    /// The sink of a recording that ended, or that was given twice.
    Sink(RecordSink),
    /// The map of a device that is gone.
    Map(DeviceMap),
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
    /// The recording does not run.
    #[error("the recording does not run: it begins with a sink")]
    NotRecording,
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
            Self::NotOpen | Self::AlreadyOpen | Self::AlreadyAdded => Why::State,
            Self::RecordingBusy => Why::Busy,
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
    /// The samples that came in on a channel; `None` if none came in time, and the engine conceals.
    fn rx(&self, channel: ChannelId) -> Option<&[u8]>;
    /// Where the samples for a channel go, which are valid from then on; `None` if its device is gone.
    fn tx(&mut self, channel: ChannelId) -> Option<&mut [u8]>;
    /// How a channel is written now, both ways; `None`: as it was said when it was opened.
    fn format(&self, channel: ChannelId) -> Option<Format> {
        let _ = channel;
        None
    }
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
}
