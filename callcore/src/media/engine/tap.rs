//! Recordings: two sounds of one and the same frame, side by side into a ring.

use super::command::{EngineRefusal, FRAME_SAMPLES_MAX};
use super::gain::saturate;
use super::{Engine, FrameIo};
use crate::board::ChannelId;
use crate::media::MediaEvent;
use crate::media::plan::{RecordingId, Sound, Tap};
use callcore_codec::Rate;

/// The way of recorded samples out of the engine, at 8 kHz: left, right, left, right, always whole frames.
pub type RecordSink = rtrb::Producer<i16>;

/// A recording that runs.
#[derive(Debug)]
pub(super) struct Record {
    id: RecordingId,
    tracks: [Option<Tap>; 2],
    is_masked: bool,
    sink: RecordSink,
    /// Frames that found no room and have not been reported.
    gap_frames: u64,
    /// Where it stands among the running ones.
    place: u32,
}

impl Record {
    /// Give a frame of interleaved samples to the sink, whole or not at all. `false`: not.
    fn push(&mut self, samples: &[i16]) -> bool {
        let taken = self.sink.push_entire_slice(samples).is_ok();
        self.gap_frames += u64::from(!taken);
        taken
    }

    /// The gap that is over and has to be reported.
    pub(super) fn gap(&self) -> Option<MediaEvent> {
        (self.gap_frames > 0).then_some(MediaEvent::RecordingGap { id: self.id, frames: self.gap_frames })
    }

    pub(super) fn into_sink(self) -> RecordSink {
        self.sink
    }

    /// The channels of which is recorded what they hear.
    fn heard(&self) -> impl Iterator<Item = ChannelId> + use<> {
        self.tracks.into_iter().flatten().filter(|tap| tap.of != Sound::Said).map(|tap| tap.channel)
    }
}

/// All recordings, each at the index that its id has.
#[derive(Debug)]
pub(super) struct Records {
    records: Vec<Option<Record>>,
    running: Vec<u32>,
}

fn index(id: RecordingId) -> usize {
    (id.to_bits() & 0xFFFF_FFFF) as usize
}

impl Records {
    pub(super) fn new(recordings_max: usize) -> Self {
        let records = (0..recordings_max).map(|_| None).collect();
        Self { records, running: Vec::with_capacity(recordings_max) }
    }

    pub(super) fn check_record(&self, id: RecordingId, begins: bool) -> Result<(), EngineRefusal> {
        match self.records.get(index(id)) {
            None => Err(EngineRefusal::NoRoom),
            Some(Some(record)) if record.id != id => Err(EngineRefusal::RecordingBusy),
            Some(None) if !begins => Err(EngineRefusal::NotRecording),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn check_stop(&self, id: RecordingId) -> Result<(), EngineRefusal> {
        let runs = self.records.get(index(id)).and_then(Option::as_ref).is_some_and(|record| record.id == id);
        if runs { Ok(()) } else { Err(EngineRefusal::NotRecording) }
    }

    /// Begin or change a recording; a sink that is not needed comes back.
    fn record(
        &mut self,
        id: RecordingId,
        tracks: [Option<Tap>; 2],
        is_masked: bool,
        sink: Option<RecordSink>,
    ) -> Option<RecordSink> {
        let Some(place) = self.records.get_mut(index(id)) else { return sink };
        if let Some(record) = place {
            (record.tracks, record.is_masked) = (tracks, is_masked);
            return sink;
        }
        let at = self.running.len() as u32;
        *place = Some(Record { id, tracks, is_masked, sink: sink?, gap_frames: 0, place: at });
        self.running.push(index(id) as u32);
        None
    }

    pub(super) fn stop(&mut self, id: RecordingId) -> Option<Record> {
        let record = self.records.get_mut(index(id))?.take()?;
        self.running.swap_remove(record.place as usize);
        if let Some(moved) = self.running.get(record.place as usize)
            && let Some(moved) = &mut self.records[*moved as usize]
        {
            moved.place = record.place;
        }
        Some(record)
    }

    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    fn at(&mut self, place: usize) -> Option<&mut Record> {
        self.records[self.running[place] as usize].as_mut()
    }
}

impl Engine {
    pub(super) fn start_record(
        &mut self,
        id: RecordingId,
        tracks: [Option<Tap>; 2],
        is_masked: bool,
        sink: Option<RecordSink>,
    ) -> Option<RecordSink> {
        let spare = self.records.record(id, tracks, is_masked, sink);
        let heard = self.records.records.get(index(id)).and_then(Option::as_ref).map(Record::heard);
        heard.into_iter().flatten().for_each(|channel| self.want_heard(channel));
        spare
    }

    /// What the channel hears in the next frame is to be kept.
    fn want_heard(&mut self, channel: ChannelId) {
        if let Some(voice) = self.slots.find(channel).and_then(|slot| self.voices[slot].as_mut()) {
            voice.want_heard(self.stats.frames);
        }
    }

    /// Record this frame of the recording at a place.
    pub(super) fn record(&mut self, place: usize, io: &(impl FrameIo + ?Sized)) {
        let Some(record) = self.records.at(place) else { return };
        let (tracks, is_masked) = (record.tracks, record.is_masked);
        let mut sides = [[0; FRAME_SAMPLES_MAX]; 2];
        for (side, tap) in sides.iter_mut().zip(tracks) {
            let Some(tap) = tap else { continue };
            if tap.of != Sound::Said {
                self.want_heard(tap.channel);
            }
            if !is_masked {
                self.take_tap(tap, &mut side[..self.frame_samples], io);
            }
        }
        let mut both = [[0; 2]; FRAME_SAMPLES_MAX];
        let [left, right] = &sides;
        both.iter_mut().zip(left.iter().zip(right)).for_each(|(both, (left, right))| *both = [*left, *right]);
        let both = both[..self.frame_samples].as_flattened();
        let events_room = self.events_max.saturating_sub(self.events.len());
        let Some(record) = self.records.at(place) else { return };
        if !record.push(both) {
            self.stats.record_frames_dropped += 1;
        } else if let Some(gap) = record.gap().filter(|_| events_room > 0) {
            record.gap_frames = 0;
            self.events.push_back(gap);
        }
    }

    /// A tapped sound of this frame; silence where there is none.
    fn take_tap(&mut self, tap: Tap, samples: &mut [i16], io: &(impl FrameIo + ?Sized)) {
        let frame = self.stats.frames;
        if tap.of != Sound::Heard
            && let Some(slot) = self.load(tap.channel, io)
            && let Some(voice) = &mut self.voices[slot]
        {
            samples.copy_from_slice(voice.said(Rate::Narrow));
        }
        if tap.of == Sound::Said {
            return;
        }
        let voice = self.slots.find(tap.channel).and_then(|slot| self.voices[slot].as_ref());
        let heard = voice.and_then(|voice| voice.heard(frame)).unwrap_or_default();
        let add = |(to, from): (&mut i16, &i16)| *to = saturate(i32::from(*to) + i32::from(*from));
        samples.iter_mut().zip(heard).for_each(add);
    }
}
