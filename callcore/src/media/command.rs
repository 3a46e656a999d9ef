//! The words between the core and the media engine, in virtual time as in real time.

use super::plan::{Hear, PlayId, Recording, RecordingId};
use crate::board::{ChannelId, Digit, Digits};
use serde::{Deserialize, Serialize};

/// One change of the media graph; each is for one channel or one recording and leaves all others alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are the ids of what the words name
pub enum MediaCommand {
    /// Open a channel's audio path; it hears nothing yet.
    Open { channel: ChannelId },
    /// Close it; everything on it stops.
    Close { channel: ChannelId },
    /// From now on the channel hears this, in place of what it heard.
    Hear { channel: ChannelId, source: Hear },
    /// Listen for keys in the channel's audio, or stop to.
    DetectDigits { channel: ChannelId, on: bool },
    /// Let the far end of a channel hear these keys, over what else it hears.
    SendDigits { channel: ChannelId, digits: Digits },
    /// Start a recording, or change whose audio is on its tracks.
    Record(Recording),
    /// End a recording; its job completes when the file is whole.
    StopRecord { id: RecordingId },
}

/// Something the media engine reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
#[allow(missing_docs)] // the fields are the ids of what the words name
pub enum MediaEvent {
    /// The prompts have been played to their end.
    PlayDone { channel: ChannelId, play: PlayId },
    /// A prompt is missing or cannot be played.
    PlayFailed { channel: ChannelId, play: PlayId, name: String },
    /// A key was heard in the channel's audio.
    Digit { channel: ChannelId, digit: Digit },
    /// The recorder could not take audio for this many frames: they are missing in the file.
    RecordingGap { id: RecordingId, frames: u64 },
}
