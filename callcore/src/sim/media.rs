//! Media in virtual time: prompts have lengths instead of sound, recordings take time to close, and each person is told
//! whether it hears a machine or a person.

use super::faults::FaultDice;
use crate::base::Instant;
use crate::board::ChannelId;
use crate::exchange::{Input, RecordingOutcome};
use crate::media::{Hear, MediaCommand, MediaEvent, PlayId, RecordingId};
use callcore_sim_model::Heard;
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Debug)]
enum Due {
    Played { channel: ChannelId, play: PlayId },
    Closed { recording: RecordingId, outcome: RecordingOutcome },
}

/// The media engine of a simulated centre.
#[derive(Debug)]
pub(super) struct VirtualMedia {
    prompt_ms: u64,
    due: BTreeMap<(Instant, u64), Due>,
    due_count: u64,
    playing: BTreeMap<ChannelId, (Instant, u64)>,
    recording: BTreeMap<RecordingId, Instant>,
}

impl VirtualMedia {
    pub(super) fn new(prompt_ms: u64) -> Self {
        Self {
            prompt_ms,
            due: BTreeMap::new(),
            due_count: 0,
            playing: BTreeMap::new(),
            recording: BTreeMap::new(),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    pub(super) fn poll_input(&mut self, moment: Instant) -> Option<Input> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= moment)?;
        Some(match entry.remove() {
            Due::Played { channel, play } => {
                self.playing.remove(&channel);
                Input::Media(MediaEvent::PlayDone { channel, play })
            }
            Due::Closed { recording, outcome } => Input::RecordingCompleted(recording, outcome),
        })
    }

    /// Carry out a command; who hears something else from now on.
    pub(super) fn handle(
        &mut self,
        now: Instant,
        command: &MediaCommand,
        dice: &mut FaultDice,
    ) -> Vec<(ChannelId, Heard)> {
        match command {
            MediaCommand::Hear { channel, source } => {
                self.stop_play(*channel);
                if let Hear::Prompts { play, names, .. } = source {
                    let length = self.prompt_ms * names.len() as u64;
                    let key = self.at(now, length, Due::Played { channel: *channel, play: *play });
                    self.playing.insert(*channel, key);
                }
                return vec![(*channel, heard(source))];
            }
            MediaCommand::Close { channel } => {
                self.stop_play(*channel);
                return vec![(*channel, Heard::Silence)];
            }
            MediaCommand::Record(recording) => self.record(now, recording.id, dice),
            MediaCommand::StopRecord { id } => self.close(now, *id, dice),
            MediaCommand::Open { .. }
            | MediaCommand::Transport { .. }
            | MediaCommand::Listen { .. }
            | MediaCommand::Levels { .. }
            | MediaCommand::SendDigits { .. } => {}
        }
        vec![]
    }

    fn record(&mut self, now: Instant, id: RecordingId, dice: &mut FaultDice) {
        if self.recording.contains_key(&id) {
            return;
        }
        self.recording.insert(id, now);
        if dice.disk_full() {
            self.recording.remove(&id);
            let outcome = RecordingOutcome::Failed { text: "no space left on the device".into() };
            self.at(now, 1, Due::Closed { recording: id, outcome });
        }
    }

    fn close(&mut self, now: Instant, id: RecordingId, dice: &mut FaultDice) {
        // one that has failed is closed already
        if let Some(since) = self.recording.remove(&id) {
            let outcome = RecordingOutcome::Complete { duration_ms: now.millis_since(since) };
            self.at(now, dice.job_ms(), Due::Closed { recording: id, outcome });
        }
    }

    fn stop_play(&mut self, channel: ChannelId) {
        if let Some(key) = self.playing.remove(&channel) {
            self.due.remove(&key);
        }
    }

    fn at(&mut self, now: Instant, after_ms: u64, due: Due) -> (Instant, u64) {
        self.due_count += 1;
        let key = (now + Duration::from_millis(after_ms), self.due_count);
        self.due.insert(key, due);
        key
    }
}

fn heard(source: &Hear) -> Heard {
    match source {
        Hear::Nothing => Heard::Silence,
        Hear::Prompts { .. } | Hear::Music(_) | Hear::Tone(_) => Heard::Machine,
        Hear::Channel(_) | Hear::Room(_) => Heard::Person,
    }
}
