//! Who answered a call we made: a person, or a machine that plays a greeting.
//!
//! A person says a word or two and waits. A machine talks on. So the lengths of words and pauses decide, from the moment
//! of the answer. The beep after a machine's greeting is heard apart from this (see `single`): when it ends, the machine
//! records.

use super::look::{LOOK_MS, Look};
use super::voice::{Voice, VoiceSettings};
use super::{AnsweredBy, Heard};
use serde::{Deserialize, Serialize};

/// The lengths that decide, in milliseconds; the defaults are about those that other systems use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerSettings {
    /// So much silence after the answer, and nobody knows: people speak sooner.
    pub initial_silence_ms: u32,
    /// So much talk in all, pauses left out, is a machine's.
    pub greeting_ms: u32,
    /// So much silence after a word is a person who waits.
    pub after_greeting_silence_ms: u32,
    /// A verdict is given at the latest after this.
    pub total_ms: u32,
    /// Shorter sounds are no words.
    pub word_ms_min: u32,
    /// Shorter pauses do not part words.
    pub between_words_ms: u32,
    /// More words than this are a machine's.
    pub words_max: u8,
    /// What is quieter is no voice, in dBm0.
    pub threshold_dbm0: i8,
}

impl Default for AnswerSettings {
    fn default() -> Self {
        Self {
            initial_silence_ms: 2500,
            greeting_ms: 1800,
            after_greeting_silence_ms: 800,
            total_ms: 5000,
            word_ms_min: 100,
            between_words_ms: 60,
            words_max: 3,
            threshold_dbm0: VoiceSettings::default().threshold_dbm0,
        }
    }
}

/// Why an answer is taken for what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerReason {
    /// Nobody spoke for long.
    InitialSilence,
    /// A short greeting, and then silence.
    ShortGreeting,
    /// Talk without an end.
    LongGreeting,
    /// Many words.
    ManyWords,
    /// A beep before anything else decided.
    Beep,
    /// The time was over.
    Time,
}

/// Decides who answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    settings: AnswerSettings,
    voice: Voice,
    total_ms: u32,
    /// The present sound, and the present pause.
    word_ms: u32,
    pause_ms: u32,
    /// Talk in all, without pauses.
    greeting_ms: u32,
    words: u8,
    is_decided: bool,
}

impl Answer {
    pub(super) fn new(settings: &AnswerSettings) -> Self {
        let voice =
            VoiceSettings { threshold_dbm0: settings.threshold_dbm0, hangover_ms: 100, silence_ms: 0 };
        Self {
            settings: *settings,
            voice: Voice::new(&voice),
            total_ms: 0,
            word_ms: 0,
            pause_ms: 0,
            greeting_ms: 0,
            words: 0,
            is_decided: false,
        }
    }

    pub(super) fn listen(&mut self, look: &Look, now_ms: u32, out: &mut impl FnMut(Heard)) {
        if self.is_decided {
            return;
        }
        self.total_ms += LOOK_MS;
        let is_voice = self.voice.follow(look);
        self.count(is_voice);
        if let Some((by, reason, confidence)) = self.verdict() {
            self.decide(by, reason, confidence, now_ms, out);
        }
    }

    /// A beep was heard: only machines do that.
    pub(super) fn handle_beep(&mut self, now_ms: u32, out: &mut impl FnMut(Heard)) {
        if !self.is_decided {
            self.decide(AnsweredBy::Machine, AnswerReason::Beep, 95, now_ms, out);
        }
    }

    fn count(&mut self, is_voice: bool) {
        if !is_voice {
            self.pause_ms += LOOK_MS;
            if self.pause_ms >= self.settings.between_words_ms {
                self.word_ms = 0;
            }
            return;
        }
        self.pause_ms = 0;
        let before = self.word_ms;
        self.word_ms += LOOK_MS;
        if before < self.settings.word_ms_min && self.word_ms >= self.settings.word_ms_min {
            self.words = self.words.saturating_add(1);
            self.greeting_ms += before;
        }
        if self.word_ms >= self.settings.word_ms_min {
            self.greeting_ms += LOOK_MS;
        }
    }

    fn verdict(&self) -> Option<(AnsweredBy, AnswerReason, u8)> {
        let settings = &self.settings;
        if self.greeting_ms >= settings.greeting_ms {
            return Some((AnsweredBy::Machine, AnswerReason::LongGreeting, 80));
        }
        if self.words > settings.words_max {
            return Some((AnsweredBy::Machine, AnswerReason::ManyWords, 70));
        }
        if self.words > 0 && self.pause_ms >= settings.after_greeting_silence_ms {
            let confidence = if self.greeting_ms * 2 <= settings.greeting_ms { 85 } else { 70 };
            return Some((AnsweredBy::Person, AnswerReason::ShortGreeting, confidence));
        }
        if self.words == 0 && self.total_ms >= settings.initial_silence_ms {
            return Some((AnsweredBy::Unknown, AnswerReason::InitialSilence, 50));
        }
        (self.total_ms >= settings.total_ms).then_some((AnsweredBy::Unknown, AnswerReason::Time, 50))
    }

    fn decide(
        &mut self,
        by: AnsweredBy,
        reason: AnswerReason,
        confidence: u8,
        now_ms: u32,
        out: &mut impl FnMut(Heard),
    ) {
        self.is_decided = true;
        out(Heard::Answered { by, reason, confidence, at_ms: now_ms });
    }
}
