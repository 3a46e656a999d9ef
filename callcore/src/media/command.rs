//! The words between the core and the media engine, in virtual time as in real time.

use super::listen::Heard;
use super::plan::{Hear, Levels, Listen, PlayId, Recording, RecordingId, RoomId, Transport};
use crate::board::{ChannelId, Digit, Digits};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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
    /// A playing goes on elsewhere, stands still, or changes its speed.
    Transport { channel: ChannelId, play: PlayId, transport: Transport },
    /// Listen for these things in the channel's audio, and no others.
    Listen { channel: ChannelId, listen: Listen },
    /// How loud the channel is from now on.
    Levels { channel: ChannelId, levels: Levels },
    /// Let the far end of a channel hear these keys, over what else it hears: each so many milliseconds, and silence after it.
    SendDigits { channel: ChannelId, digits: Digits, on_ms: u32, off_ms: u32 },
    /// A closed port of a program is in no plan any more: it may be given to the next who opens one.
    FreePort { channel: ChannelId },
    /// Start a recording, or change what is on its tracks.
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
    /// Prompts that had to be made first are there: let the channel hear them now.
    PlayReady { channel: ChannelId, play: PlayId },
    /// A prompt is missing or cannot be played.
    PlayFailed { channel: ChannelId, play: PlayId, name: String },
    /// Music that had to be made first is there: let the channel hear it now.
    MusicReady { channel: ChannelId, name: Arc<str> },
    /// There is no such music any more: the channel hears silence.
    MusicMissing { channel: ChannelId, name: Arc<str> },
    /// A key was heard in the channel's audio.
    Digit { channel: ChannelId, digit: Digit },
    /// Something else was heard in the channel's audio.
    Heard { channel: ChannelId, heard: Heard },
    /// A party of a room has begun to speak, or has stopped.
    Speaking { channel: ChannelId, room: RoomId, on: bool },
    /// The recorder could not take audio for this many frames: they are missing in the file.
    RecordingGap { id: RecordingId, frames: u64 },
}
