//! The entry of a recording in the index by which recordings are found.

use crate::base::WallTime;
use crate::media::RecordingId;
use serde::{Deserialize, Serialize};

/// One recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id while it ran.
    pub id: RecordingId,
    /// The number of its call.
    pub call: u64,
    /// Its file, below the folder of recordings.
    pub path: String,
    /// When it began.
    pub started: WallTime,
    /// How long it plays, in milliseconds.
    pub duration_ms: u64,
    /// Frames that are missing in it, because the recorder could not take them.
    pub gap_frames: u64,
    /// Whether its file is whole; an entry that is not, after a restart, names a file to be repaired.
    pub is_final: bool,
}
