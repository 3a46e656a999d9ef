//! What goes into the exchange and what comes out.

use super::{Command, Event};
use crate::base::{Id, id::Kind};
use crate::board::{BoardCommand, BoardEvent, ChannelId};
use crate::ledger::Entry;
use crate::media::{MediaCommand, MediaEvent, RecordingId};

/// A command's number, chosen by whoever gives it. It comes back once in [`Event::Done`], and, of a command that goes on
/// after that, once more in the event of its end; until then no other command may have it.
pub type RequestId = u64;

/// Names jobs.
#[derive(Debug)]
pub struct JobKind;
impl Kind for JobKind {
    const NUMBER: u8 = 4;
    const WORD: &'static str = "job";
}
/// One piece of work that may block.
pub type JobId = Id<JobKind>;

/// Something that happened outside.
#[derive(Debug)]
pub enum Input {
    /// A board says so.
    Board(BoardEvent),
    /// The media engine says so.
    Media(MediaEvent),
    /// The application, the server or a person at a screen wants something.
    Command(RequestId, Command),
    /// A program has closed an audio port; [`MediaCommand::FreePort`] tells that nobody is connected with it any more.
    AudioClosed(ChannelId),
    /// A recording's file is closed, after [`MediaCommand::StopRecord`] or because it could not be written.
    RecordingCompleted(RecordingId, RecordingOutcome),
}

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingOutcome {
    /// The file is whole: so many milliseconds of sound.
    Complete {
        /// Length of the sound.
        duration_ms: u64,
    },
    /// It could not be written: the reason in words.
    Failed {
        /// For the ledger and for people.
        text: String,
    },
}

/// Something to be done or known outside, in this order.
#[derive(Clone, Debug)]
pub enum Output {
    /// Write this down; everything after it may count on its being written.
    Fact(Entry),
    /// Tell a board.
    Board(BoardCommand),
    /// Tell the media engine.
    Media(MediaCommand),
    /// Tell the application.
    Event(Event),
}
