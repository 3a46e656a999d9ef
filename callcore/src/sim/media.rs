//! Media in virtual time: prompts have lengths instead of sound, recordings take time to close, and each person is told
//! whether it hears a machine or a person.

use super::faults::FaultDice;
use crate::base::Instant;
use crate::board::ChannelId;
use crate::exchange::{Input, RecordingOutcome};
use crate::media::prompt::Made;
use crate::media::{
    Hear, Heard as Sensed, Jump, Listens, MediaCommand, MediaEvent, PlayId, RecordingId, Tone, Transport,
};
use callcore_sim_model::{Heard, Sound};
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Debug)]
enum Due {
    Played { channel: ChannelId, play: PlayId },
    Closed { recording: RecordingId, outcome: RecordingOutcome },
    Sensed { channel: ChannelId, heard: Sensed },
}

/// How long a tone must be heard to be known, in milliseconds: dial tone, and two cycles of one with a rhythm.
const DIAL_MS: u64 = 1_000;
const CADENCE_MS: u64 = 1_500;
const RINGBACK_MS: u64 = 6_000;

/// What is said on a channel, and listened for.
#[derive(Debug, Default)]
struct Ear {
    sound: Sound,
    listens: Listens,
    is_open: bool,
    told: Option<Tone>,
    /// What is about to be heard, among what is due.
    due: Option<(Instant, u64)>,
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
    ears: BTreeMap<ChannelId, Ear>,
    /// What each open channel hears.
    hearing: BTreeMap<ChannelId, Hear>,
}

impl VirtualMedia {
    pub(super) fn new(prompt_ms: u64) -> Self {
        Self {
            prompt_ms,
            due: BTreeMap::new(),
            due_count: 0,
            playing: BTreeMap::new(),
            recording: BTreeMap::new(),
            ears: BTreeMap::new(),
            hearing: BTreeMap::new(),
        }
    }

    pub(super) fn hears(&self, channel: ChannelId) -> Option<&Hear> {
        self.hearing.get(&channel)
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
            Due::Sensed { channel, heard } => {
                if let Some(ear) = self.ears.get_mut(&channel) {
                    ear.due = None;
                    ear.told = told(heard);
                }
                Input::Media(MediaEvent::Heard { channel, heard })
            }
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
                self.hearing.insert(*channel, source.clone());
                if let Hear::Prompts { play, names, transport, .. } = source {
                    let length = |name: &std::sync::Arc<str>| match Made::parse(name) {
                        Some(Ok(made)) => made.ms.into(),
                        _ => self.prompt_ms,
                    };
                    let length_ms = names.iter().map(length).sum();
                    self.play(now, *channel, *play, length_ms, *transport);
                }
                return vec![(*channel, heard(source))];
            }
            MediaCommand::Close { channel } => {
                self.stop_play(*channel);
                self.hearing.remove(channel);
                self.listen(now, *channel, false, Listens::default());
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
            MediaCommand::Open { channel } => self.listen(now, *channel, true, Listens::default()),
            MediaCommand::Listen { channel, listen } => self.listen(now, *channel, true, listen.sounds),
            MediaCommand::Levels { .. } | MediaCommand::SendDigits { .. } | MediaCommand::FreePort { .. } => {
            }
        }
        vec![]
    }

    /// Something else can be heard on a line.
    pub(super) fn sounds(&mut self, now: Instant, channel: ChannelId, sound: Sound) {
        let ear = self.ears.entry(channel).or_default();
        ear.sound = sound;
        let ended = ear.told.take().filter(|_| ear.is_open && ear.listens.progress);
        self.plan_sense(now, channel);
        if let Some(tone) = ended {
            let heard = Sensed::ToneEnded { tone, at_ms: 0 };
            self.at(now, 300, Due::Sensed { channel, heard });
        }
    }

    /// Listening begins anew, as if nothing had been heard before.
    fn listen(&mut self, now: Instant, channel: ChannelId, is_open: bool, listens: Listens) {
        let ear = self.ears.entry(channel).or_default();
        (ear.is_open, ear.listens, ear.told) = (is_open, listens, None);
        self.plan_sense(now, channel);
    }

    /// What is there to be heard will be known after a while.
    fn plan_sense(&mut self, now: Instant, channel: ChannelId) {
        let Some(ear) = self.ears.get_mut(&channel) else { return };
        if let Some(key) = ear.due.take() {
            self.due.remove(&key);
        }
        if !ear.is_open && ear.sound == Sound::Silence {
            // as new: a device that comes back has other channels
            self.ears.remove(&channel);
            return;
        }
        let Some((after_ms, heard)) = sensed(ear) else { return };
        let key = self.at(now, after_ms, Due::Sensed { channel, heard });
        if let Some(ear) = self.ears.get_mut(&channel) {
            ear.due = Some(key);
        }
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

/// What will be heard on a channel, and after how many milliseconds.
fn sensed(ear: &Ear) -> Option<(u64, Sensed)> {
    let tone = |tone, ms| (ms, Sensed::Tone { tone, confidence: 95, since_ms: 0 });
    match ear.sound {
        _ if !ear.is_open => None,
        Sound::Silence => {
            let silence_ms = ear.listens.voice.map(|voice| voice.silence_ms).filter(|ms| *ms > 0)?;
            Some((silence_ms.into(), Sensed::SilenceBegan { after_ms: silence_ms, at_ms: silence_ms }))
        }
        Sound::Voice | Sound::Noise => {
            ear.listens.voice.map(|_| (100, Sensed::VoiceBegan { after_ms: 0, at_ms: 100, confidence: 90 }))
        }
        _ if !ear.listens.progress => None,
        Sound::Dial => Some(tone(Tone::Dial, DIAL_MS)),
        Sound::Ringback => Some(tone(Tone::Ringback, RINGBACK_MS)),
        Sound::Busy => Some(tone(Tone::Busy, CADENCE_MS)),
        Sound::Congestion => Some(tone(Tone::Congestion, CADENCE_MS)),
    }
}

/// The tone that has been told, and will be over one day.
fn told(heard: Sensed) -> Option<Tone> {
    match heard {
        Sensed::Tone { tone, .. } => Some(tone),
        _ => None,
    }
}

fn heard(source: &Hear) -> Heard {
    match source {
        Hear::Nothing => Heard::Silence,
        Hear::Tone(Tone::Busy | Tone::Congestion) => Heard::Busy,
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
        let (play, names) =
            (PlayId(1), ["a".into(), "b".into(), "tone:busy:1500".into(), "silence:500".into()].into());
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
