//! Media in virtual time: prompts have lengths instead of sound, recordings take time to close, and each person is told
//! whether it hears a machine or a person.

use super::faults::FaultDice;
use crate::base::Instant;
use crate::board::ChannelId;
use crate::exchange::{Input, RecordingOutcome};
use crate::media::{Hear, Jump, MediaCommand, MediaEvent, PlayId, RecordingId, Transport};
use callcore_sim_model::Heard;
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Debug)]
enum Due {
    Played { channel: ChannelId, play: PlayId },
    Closed { recording: RecordingId, outcome: RecordingOutcome },
}

/// Prompts that play, or stand still.
#[derive(Debug)]
struct Playing {
    play: PlayId,
    length_ms: u64,
    /// Where it was `since` then.
    at_ms: u64,
    since: Instant,
    transport: Transport,
    /// Its end among what is due; none while it stands still.
    end: Option<(Instant, u64)>,
}

impl Playing {
    /// Where it is now.
    fn position_ms(&self, now: Instant) -> u64 {
        let passed_ms = if self.transport.is_paused { 0 } else { now.millis_since(self.since) };
        (self.at_ms + passed_ms * u64::from(self.transport.speed_percent) / 100).min(self.length_ms)
    }

    /// Go on as told.
    fn follow(&mut self, now: Instant, transport: Transport) {
        self.at_ms = self.position_ms(now);
        self.since = now;
        if transport.jumps != self.transport.jumps {
            self.at_ms = match transport.jump {
                Jump::To(ms) => ms.min(self.length_ms),
                Jump::By(ms) => self.at_ms.saturating_add_signed(ms).min(self.length_ms),
            };
        }
        self.transport = transport;
    }

    /// How long it still takes.
    fn left_ms(&self) -> u64 {
        ((self.length_ms - self.at_ms) * 100).div_ceil(u64::from(self.transport.speed_percent.max(1)))
    }
}

/// The media engine of a simulated centre.
#[derive(Debug)]
pub(super) struct VirtualMedia {
    prompt_ms: u64,
    due: BTreeMap<(Instant, u64), Due>,
    due_count: u64,
    playing: BTreeMap<ChannelId, Playing>,
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
                if let Hear::Prompts { play, names, transport, .. } = source {
                    self.play(now, *channel, *play, self.prompt_ms * names.len() as u64, *transport);
                }
                return vec![(*channel, heard(source))];
            }
            MediaCommand::Close { channel } => {
                self.stop_play(*channel);
                return vec![(*channel, Heard::Silence)];
            }
            MediaCommand::Transport { channel, play, transport } => {
                let playing = self.playing.get_mut(channel).filter(|playing| playing.play == *play);
                if let Some(playing) = playing {
                    playing.follow(now, *transport);
                    self.plan_end(now, *channel);
                }
            }
            MediaCommand::Record(recording) => self.record(now, recording.id, dice),
            MediaCommand::StopRecord { id } => self.close(now, *id, dice),
            MediaCommand::Open { .. }
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
        if let Some(key) = self.playing.remove(&channel).and_then(|playing| playing.end) {
            self.due.remove(&key);
        }
    }

    fn play(&mut self, now: Instant, channel: ChannelId, play: PlayId, length_ms: u64, transport: Transport) {
        let before = Transport { jumps: transport.jumps.wrapping_sub(1), ..Transport::default() };
        let mut playing = Playing { play, length_ms, at_ms: 0, since: now, transport: before, end: None };
        playing.follow(now, transport);
        self.playing.insert(channel, playing);
        self.plan_end(now, channel);
    }

    /// Put the end of a playing where it is due, or nowhere while it stands still.
    fn plan_end(&mut self, now: Instant, channel: ChannelId) {
        let Some(playing) = self.playing.get_mut(&channel) else { return };
        if let Some(key) = playing.end.take() {
            self.due.remove(&key);
        }
        let (play, left_ms) = (playing.play, playing.left_ms());
        if !playing.transport.is_paused {
            let key = self.at(now, left_ms, Due::Played { channel, play });
            if let Some(playing) = self.playing.get_mut(&channel) {
                playing.end = Some(key);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_playing_takes_as_long_as_it_is_told_to() {
        let mut media = VirtualMedia::new(1000);
        let channel = ChannelId::new(0, 1);
        let at = |ms| Instant::default() + Duration::from_millis(ms);
        let (play, names) = (PlayId(1), ["a".into(), "b".into(), "c".into(), "d".into()].into());
        let mut transport = Transport { jump: Jump::To(500), ..Transport::default() };
        let mut dice = FaultDice::new(super::super::faults::Faults::default(), crate::base::Rng::new(1));
        let source = Hear::Prompts { play, names, language: None, transport };
        media.handle(at(0), &MediaCommand::Hear { channel, source }, &mut dice);
        assert_eq!(media.poll_timeout(), Some(at(3500)), "it begins half a second in");
        let mut tell = |media: &mut VirtualMedia, ms, change: &dyn Fn(&mut Transport)| {
            change(&mut transport);
            media.handle(at(ms), &MediaCommand::Transport { channel, play, transport }, &mut dice);
            media.poll_timeout()
        };
        assert_eq!(tell(&mut media, 1500, &|it| it.is_paused = true), None);
        assert_eq!(
            tell(&mut media, 9000, &|it| it.is_paused = false),
            Some(at(11_000)),
            "two seconds are left"
        );
        assert_eq!(tell(&mut media, 9000, &|it| it.speed_percent = 200), Some(at(10_000)));
        let back = |it: &mut Transport| (it.jumps, it.jump) = (it.jumps + 1, Jump::By(-1000));
        assert_eq!(tell(&mut media, 9500, &back), Some(at(10_500)));
        assert!(media.poll_input(at(10_499)).is_none());
        let done = media.poll_input(at(10_500));
        assert!(matches!(done, Some(Input::Media(MediaEvent::PlayDone { play: PlayId(1), .. }))));
    }
}
