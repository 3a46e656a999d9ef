//! What a jitter buffer is told, what it answers, and what it counts.

/// Longest delay there can be, in ms.
pub(super) const DELAY_MS_MAX: u32 = 300;

/// How long sound waits, and in which pieces it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Milliseconds of a frame: 20, or 10.
    pub frame_ms: u32,
    /// How far ahead of its playing the fastest packet comes, at first or, with a fixed delay, always; in ms.
    pub target_ms: u32,
    /// Let the target follow the network.
    pub adapt: Option<Adapt>,
}

/// Bounds of a target that follows the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adapt {
    /// Smallest target in ms.
    pub min_ms: u32,
    /// Largest delay in ms, 300 at most.
    pub max_ms: u32,
    /// So many of 1000 packets may come too late.
    pub late_permille: u32,
}

impl Settings {
    /// Frames of 20 ms, always the same delay.
    #[must_use]
    pub const fn fixed(target_ms: u32) -> Self {
        Self { frame_ms: 20, target_ms, adapt: None }
    }

    /// Frames of 20 ms, a delay between these bounds that lets 1 % of the packets be late.
    #[must_use]
    pub const fn adaptive(min_ms: u32, max_ms: u32) -> Self {
        let target_ms = if max_ms < 60 {
            max_ms
        } else if min_ms > 60 {
            min_ms
        } else {
            60
        };
        Self { frame_ms: 20, target_ms, adapt: Some(Adapt { min_ms, max_ms, late_permille: 10 }) }
    }

    pub(super) fn delay_ms_max(&self) -> u32 {
        self.adapt.map_or(self.target_ms, |adapt| adapt.max_ms).min(DELAY_MS_MAX)
    }
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It waits to be taken, at least a part of it.
    Kept,
    /// Its time has passed.
    Late,
    /// It has come before.
    Duplicate,
    /// It is too far ahead.
    Early,
    /// The sender's time has moved; the buffer begins anew with this packet.
    Restarted,
    /// It is not a payload of this format, or of another length than a frame where it cannot be divided (Opus).
    Refused,
}

/// What a frame consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All of it is there.
    Whole,
    /// Most of it is there, the rest is silent; of G.729 one frame of the two, or a SID alone.
    Part,
    /// Half of it or less is there, or not all of G.722: to be concealed.
    Missing,
}

/// What was counted since the buffer was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packets of the format.
    pub received: u64,
    /// Packets whose time had passed, or that came from another time before this one was left.
    pub late: u64,
    /// Packets too far ahead.
    pub early: u64,
    /// Sequence numbers that never came.
    pub lost: u64,
    /// Packets that had come before.
    pub duplicate: u64,
    /// Packets that came after a later one.
    pub reordered: u64,
    /// Payloads that are none of the format.
    pub refused: u64,
    /// How often the sender's time moved.
    pub restarts: u64,
    /// Frames that were taken while a stream ran.
    pub taken: u64,
    /// Of them those that were reported missing, the wait before the first packet is due among them.
    pub missing: u64,
    /// Of them those of which a part was missing.
    pub part: u64,
    /// Time that was put in so that reading falls back, in RTP ticks.
    pub added: u64,
    /// Time that was left out so that reading catches up, in RTP ticks.
    pub dropped: u64,
    /// How often time was put in or left out.
    pub joins: u64,
}
