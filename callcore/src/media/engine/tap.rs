//! Recordings: two channels' incoming sound of one and the same frame, side by side into a ring.

use super::command::{EngineRefusal, RecordSink};
use crate::board::ChannelId;
use crate::media::MediaEvent;
use crate::media::plan::RecordingId;

/// A recording that runs.
#[derive(Debug)]
pub(super) struct Tap {
    pub(super) id: RecordingId,
    pub(super) left: ChannelId,
    pub(super) right: Option<ChannelId>,
    sink: RecordSink,
    /// Frames that found no room and have not been reported.
    gap_frames: u64,
    /// Where it stands among the running ones.
    place: u32,
}

impl Tap {
    /// Give a frame of interleaved samples to the sink, whole or not at all. `false`: not.
    pub(super) fn push(&mut self, samples: &[i16]) -> bool {
        let taken = self.sink.push_entire_slice(samples).is_ok();
        self.gap_frames += u64::from(!taken);
        taken
    }

    /// The gap that is over and has to be reported.
    pub(super) fn gap(&self) -> Option<MediaEvent> {
        (self.gap_frames > 0).then_some(MediaEvent::RecordingGap { id: self.id, frames: self.gap_frames })
    }

    pub(super) fn forget_gap(&mut self) {
        self.gap_frames = 0;
    }

    pub(super) fn into_sink(self) -> RecordSink {
        self.sink
    }
}

/// All recordings, each at the index that its id has.
#[derive(Debug)]
pub(super) struct Taps {
    taps: Vec<Option<Tap>>,
    running: Vec<u32>,
}

fn index(id: RecordingId) -> usize {
    (id.to_bits() & 0xFFFF_FFFF) as usize
}

impl Taps {
    pub(super) fn new(recordings_max: usize) -> Self {
        Self {
            taps: (0..recordings_max).map(|_| None).collect(),
            running: Vec::with_capacity(recordings_max),
        }
    }

    pub(super) fn check_record(&self, id: RecordingId, begins: bool) -> Result<(), EngineRefusal> {
        match self.taps.get(index(id)) {
            None => Err(EngineRefusal::NoRoom),
            Some(Some(tap)) if tap.id != id => Err(EngineRefusal::RecordingBusy),
            Some(None) if !begins => Err(EngineRefusal::NotRecording),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn check_stop(&self, id: RecordingId) -> Result<(), EngineRefusal> {
        let runs = self.taps.get(index(id)).and_then(Option::as_ref).is_some_and(|tap| tap.id == id);
        if runs { Ok(()) } else { Err(EngineRefusal::NotRecording) }
    }

    /// Begin or change a recording; a sink that is not needed comes back.
    pub(super) fn record(
        &mut self,
        id: RecordingId,
        left: ChannelId,
        right: Option<ChannelId>,
        sink: Option<RecordSink>,
    ) -> Option<RecordSink> {
        let Some(place) = self.taps.get_mut(index(id)) else { return sink };
        if let Some(tap) = place {
            (tap.left, tap.right) = (left, right);
            return sink;
        }
        *place = Some(Tap { id, left, right, sink: sink?, gap_frames: 0, place: self.running.len() as u32 });
        self.running.push(index(id) as u32);
        None
    }

    pub(super) fn stop(&mut self, id: RecordingId) -> Option<Tap> {
        let tap = self.taps.get_mut(index(id))?.take()?;
        self.running.swap_remove(tap.place as usize);
        if let Some(moved) = self.running.get(tap.place as usize)
            && let Some(moved) = &mut self.taps[*moved as usize]
        {
            moved.place = tap.place;
        }
        Some(tap)
    }

    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    pub(super) fn at(&mut self, place: usize) -> Option<&mut Tap> {
        self.taps[self.running[place] as usize].as_mut()
    }
}
