//! The plan: what the media of one call should be now, as a value. Nobody sends "stop"; the difference of two plans is sent.

use super::listen::Listens;
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

/// Names conference rooms.
#[derive(Debug)]
pub struct RoomKind;
impl Kind for RoomKind {
    const NUMBER: u8 = 5;
    const WORD: &'static str = "room";
}
/// One conference room of the media engine: it is there as soon as somebody is in it.
pub type RoomId = Id<RoomKind>;

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
    /// Prompts, or a recording played back, one after the other without a gap, by name; the end is reported.
    Prompts {
        /// This playing.
        play: PlayId,
        /// Names in the prompt store.
        names: Arc<[Arc<str>]>,
        /// The caller's language (BCP 47), in which they are looked up first.
        language: Option<Arc<str>>,
        /// Where it is and how fast.
        transport: Transport,
    },
    /// Music, over and over; it goes on where it is for everybody who hears it.
    Music(Arc<str>),
    /// A tone until further notice.
    Tone(Tone),
    /// The party on another channel.
    Channel(ChannelId),
    /// Everybody in a room but itself.
    Room(Seat),
}

/// A place in a room, and what may be done from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Which room.
    pub room: RoomId,
    /// As what.
    pub role: Role,
}

/// What a party of a room is (CSTA names in brackets). All hear all who speak to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Speaks to all: a party of the conference, or a supervisor who has barged in (active participation).
    Talk,
    /// As `Talk`, and heard even where a large room leaves others out.
    Moderate,
    /// Only hears (silent participation).
    Listen,
    /// Speaks to one alone (whisper); hears all.
    Coach(ChannelId),
}

impl Role {
    /// Whether all hear it.
    #[must_use]
    pub const fn speaks_to_all(self) -> bool {
        matches!(self, Self::Talk | Self::Moderate)
    }
}

/// How a playing goes on. As the plan is a value, a jump is a count that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transport {
    /// Stands still; silence is heard.
    pub is_paused: bool,
    /// Speed in percent with the pitch as it is, [`Transport::SPEED_PERCENT`].
    pub speed_percent: u16,
    /// How many jumps there have been.
    pub jumps: u32,
    /// Where the last jump went.
    pub jump: Jump,
}

impl Transport {
    /// Speeds there are.
    pub const SPEED_PERCENT: std::ops::RangeInclusive<u16> = 50..=300;
}

impl Default for Transport {
    fn default() -> Self {
        Self { is_paused: false, speed_percent: 100, jumps: 0, jump: Jump::To(0) }
    }
}

/// A new place in a playing, in milliseconds of sound. Places before its beginning are its beginning, after its end its
/// end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jump {
    /// From the beginning on: `To(0)` repeats.
    To(u64),
    /// From where it is: forward, or back if negative.
    By(i64),
}

/// How loud a leg's two directions are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// What it says, louder (+) or softer (-) for everybody, in decibels of [`Levels::DB`].
    pub said_db: i8,
    /// What it hears, likewise.
    pub heard_db: i8,
    /// Nobody hears what it says, recordings neither; keys are still listened for.
    pub is_muted: bool,
}

impl Levels {
    /// Gains there are; others are taken as the nearest.
    pub const DB: std::ops::RangeInclusive<i8> = -40..=24;
}

/// What is to become of keys in the audio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyWatch {
    /// Nothing: they are sound like any other, or the board reports them.
    #[default]
    Pass,
    /// They are reported.
    Report,
    /// They are reported, and silence is heard and recorded in their place. What the leg says reaches everybody
    /// [`BLANK_DELAY_MS`](crate::media::engine::BLANK_DELAY_MS) later meanwhile.
    Blank,
}

/// What is listened for in a leg's audio.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listen {
    /// Keys (boards that report them themselves need not be listened to).
    pub keys: KeyWatch,
    /// Tones, fax machines, voices and silence, who answered.
    pub sounds: Listens,
}

impl Listen {
    /// Keys, and nothing else.
    #[must_use]
    pub fn keys(keys: KeyWatch) -> Self {
        Self { keys, ..Self::default() }
    }

    /// Whether there is nothing to listen for.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.keys == KeyWatch::Pass && !self.sounds.is_any()
    }
}

/// The media of one leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegPlan {
    /// Its channel.
    pub channel: ChannelId,
    /// What it hears.
    pub hear: Hear,
    /// What is listened for.
    pub listen: Listen,
    /// How loud it is.
    pub levels: Levels,
}

impl LegPlan {
    /// A leg that hears something, as loud as it comes, and nobody listens for anything.
    #[must_use]
    pub fn new(channel: ChannelId, hear: Hear) -> Self {
        Self { channel, hear, listen: Listen::default(), levels: Levels::default() }
    }
}

/// A sound of a channel that somebody else takes a copy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Whose.
    pub channel: ChannelId,
    /// Which.
    pub of: Sound,
}

impl Tap {
    /// What a channel says.
    #[must_use]
    pub const fn said(channel: ChannelId) -> Self {
        Self { channel, of: Sound::Said }
    }
}

/// The sounds of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// What it says, as others hear it.
    Said,
    /// What it hears: the other party, prompts, music, tones.
    Heard,
    /// Both, added.
    Both,
}

/// A recording of two sounds, one a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Which.
    pub id: RecordingId,
    /// The left track: the caller.
    pub left: Tap,
    /// The right track: the agent or called party. `None`: silence.
    pub right: Option<Tap>,
    /// The file, below the recordings' folder.
    pub path: Arc<str>,
    /// Silence is recorded while something is said that must not be kept; the time goes on.
    pub is_masked: bool,
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

    /// Who hears whom, and nobody else: pairs of (listener, speaker).
    pub fn hearing(&self) -> impl Iterator<Item = (ChannelId, ChannelId)> {
        self.legs.iter().flat_map(|listener| {
            let speakers: Vec<ChannelId> = match listener.hear {
                Hear::Channel(channel) if !self.is_muted(channel) => vec![channel],
                Hear::Room(seat) => self.heard_in_room(listener.channel, seat.room).collect(),
                Hear::Channel(_) | Hear::Nothing | Hear::Prompts { .. } | Hear::Music(_) | Hear::Tone(_) => {
                    vec![]
                }
            };
            speakers.into_iter().map(|speaker| (listener.channel, speaker))
        })
    }

    fn is_muted(&self, channel: ChannelId) -> bool {
        self.leg(channel).is_some_and(|leg| leg.levels.is_muted)
    }

    fn heard_in_room(&self, listener: ChannelId, room: RoomId) -> impl Iterator<Item = ChannelId> {
        let speaks = move |speaker: &&LegPlan| match speaker.hear {
            Hear::Room(seat)
                if seat.room == room && speaker.channel != listener && !speaker.levels.is_muted =>
            {
                seat.role.speaks_to_all() || seat.role == Role::Coach(listener)
            }
            _ => false,
        };
        self.legs.iter().filter(speaks).map(|speaker| speaker.channel)
    }
}
