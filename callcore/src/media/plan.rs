//! The plan: what the media of one call should be now, as a value. Nobody sends "stop"; the difference of two plans is sent.

use crate::base::{Id, id::Kind};
use crate::board::ChannelId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub use super::tone::Tone;

/// Names recordings.
#[derive(Debug)]
pub struct RecordingKind;
impl Kind for RecordingKind {
    const NUMBER: u8 = 3;
    const WORD: &'static str = "recording";
}
/// One recording: one file.
pub type RecordingId = Id<RecordingKind>;

/// One playing of prompts; a new number each time, so that the same prompt twice is two playings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlayId(pub u64);

/// What a leg hears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hear {
    /// Silence.
    #[default]
    Nothing,
    /// Prompts one after the other without a gap, by name; the end is reported.
    Prompts {
        /// This playing.
        play: PlayId,
        /// Names in the prompt store.
        names: Arc<[Arc<str>]>,
    },
    /// Music, over and over; it goes on where it is for everybody who hears it.
    Music(Arc<str>),
    /// A tone until further notice.
    Tone(Tone),
    /// The party on another channel.
    Channel(ChannelId),
}

/// The media of one leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegPlan {
    /// Its channel.
    pub channel: ChannelId,
    /// What it hears.
    pub hear: Hear,
    /// Whether keys are listened for in its audio (boards that report keys themselves need not).
    pub detect_digits: bool,
}

/// A recording of two sides, one a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Which.
    pub id: RecordingId,
    /// Who is on the left track: the caller.
    pub left: ChannelId,
    /// Who is on the right track: the agent or called party. `None`: silence.
    pub right: Option<ChannelId>,
    /// The file, below the recordings' folder.
    pub path: Arc<str>,
}

/// What the media of a call should be now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Legs with open media, at most one entry a channel.
    pub legs: Vec<LegPlan>,
    /// What is recorded.
    pub recording: Option<Recording>,
}

impl Plan {
    /// The part for one channel.
    #[must_use]
    pub fn leg(&self, channel: ChannelId) -> Option<&LegPlan> {
        self.legs.iter().find(|leg| leg.channel == channel)
    }

    /// Who hears whom: pairs of (listener, speaker).
    pub fn hearing(&self) -> impl Iterator<Item = (ChannelId, ChannelId)> {
        self.legs.iter().filter_map(|leg| match leg.hear {
            Hear::Channel(speaker) => Some((leg.channel, speaker)),
            _ => None,
        })
    }
}
