//! What is heard on a channel besides keys: call progress tones, fax machines, voices and silence, answering machines.
//!
//! ```text
//!            20 ms      level ──────────────▶ voice ──▶ VoiceBegan, SilenceBegan
//! samples ──▶ look ──┬─ level, one sine ────▶ answer ─▶ Answered, BeepEnded
//!                    ├─ one sine ───────────▶ single ─▶ Tone: special information, fax, modem
//!                    └─ level, bands, sine ─▶ progress (rhythm, sound, patterns) ──▶ Tone, ToneEnded
//! ```
//!
//! A [`Listener`] holds them all for one direction of one channel, in a fixed place of less than 1 KB, and does only what
//! it is asked for. What it knows of a country's tones ([`ProgressPlan`]) is shared by all. Nothing is allocated while
//! sound runs, and the same samples give the same events on every machine.

mod answer;
mod look;
mod patterns;
mod progress;
mod rhythm;
mod single;
mod sound;
mod voice;

#[cfg(test)]
mod tests;

pub use answer::{AnswerReason, AnswerSettings};
pub use patterns::ProgressPlan;
pub use voice::VoiceSettings;

use super::tone::{Country, Tone};
use answer::Answer;
use look::{LOOK_MS, LOOK_SAMPLES, Look};
use progress::Progress;
use serde::{Deserialize, Serialize};
use single::{Singles, Wanted};
use voice::Voice;

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredBy {
    /// Somebody who waits for us to speak.
    Person,
    /// A machine that plays a greeting.
    Machine,
    /// It cannot be told.
    Unknown,
}

/// What was heard. Times are milliseconds since listening began, confidences 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Heard {
    /// A tone; once until it ends. Of two that sound the same in this country it is the more usual one.
    Tone {
        /// Which.
        tone: Tone,
        /// How sure that is.
        confidence: u8,
        /// When the first sound began that belongs to it.
        since_ms: u32,
    },
    /// A tone that was reported has given way to something else.
    ToneEnded {
        /// Which.
        tone: Tone,
        /// When that was clear.
        at_ms: u32,
    },
    /// Somebody talks: for the first time, or again after a long silence.
    VoiceBegan {
        /// The silence before it, in milliseconds.
        after_ms: u32,
        /// When that was clear.
        at_ms: u32,
        /// How sure that is.
        confidence: u8,
    },
    /// Nobody has talked for as long as [`VoiceSettings::silence_ms`] says, or less if something else listens to the channel
    /// for a shorter silence; once in each silence.
    SilenceBegan {
        /// The silence so far, in milliseconds.
        after_ms: u32,
        /// Now.
        at_ms: u32,
    },
    /// Who answered; once.
    Answered {
        /// Who.
        by: AnsweredBy,
        /// Why.
        reason: AnswerReason,
        /// How sure that is.
        confidence: u8,
        /// When it was clear.
        at_ms: u32,
    },
    /// A beep is over: leave the message now.
    BeepEnded {
        /// Its frequency in hertz.
        hz: u16,
        /// Its length in milliseconds.
        ms: u32,
        /// When it ended.
        at_ms: u32,
    },
}

/// What a channel is listened to for. Keys are heard elsewhere (`dtmf`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listens {
    /// Dial, ringback, busy and the other tones of the country, and special information.
    pub progress: bool,
    /// Fax and modem machines.
    pub fax: bool,
    /// Voices, and long silence.
    pub voice: Option<VoiceSettings>,
    /// Who answered, and the beep.
    pub answer: Option<AnswerSettings>,
}

impl Listens {
    /// Whether there is anything to do.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.progress || self.fax || self.voice.is_some() || self.answer.is_some()
    }

    /// The same, and a silence is told no later than after so many milliseconds.
    #[must_use]
    pub fn with_silence(self, silence_ms: u32) -> Self {
        let voice = match self.voice {
            Some(wanted) => wanted.shared_with(silence_ms),
            None => VoiceSettings { silence_ms, ..VoiceSettings::default() },
        };
        Self { voice: Some(voice), ..self }
    }

    /// Whether this was listened for, and not for somebody else.
    #[must_use]
    pub const fn wants(&self, heard: &Heard) -> bool {
        match heard {
            Heard::Tone { tone: Tone::FaxCalling | Tone::FaxAnswer | Tone::ModemAnswer, .. } => self.fax,
            Heard::Tone { .. } => self.progress,
            Heard::ToneEnded { .. } => self.progress || self.fax,
            Heard::VoiceBegan { .. } | Heard::SilenceBegan { .. } => self.voice.is_some(),
            Heard::Answered { .. } | Heard::BeepEnded { .. } => self.answer.is_some(),
        }
    }
}

/// Listens to one direction of one channel.
#[derive(Clone, Debug)]
pub struct Listener {
    plan: &'static ProgressPlan,
    listens: Listens,
    samples: [i16; LOOK_SAMPLES],
    filled: u8,
    looks: u32,
    progress: Progress,
    singles: Singles,
    voice: Voice,
    answer: Answer,
}

impl Default for Listener {
    fn default() -> Self {
        Self::new(ProgressPlan::of(Country::default()))
    }
}

impl Listener {
    /// One that knows the tones of a country and listens for nothing yet.
    #[must_use]
    pub fn new(plan: &'static ProgressPlan) -> Self {
        Self {
            plan,
            listens: Listens::default(),
            samples: [0; LOOK_SAMPLES],
            filled: 0,
            looks: 0,
            progress: Progress::new(plan),
            singles: Singles::default(),
            voice: Voice::new(&VoiceSettings::default()),
            answer: Answer::new(&AnswerSettings::default()),
        }
    }

    /// Listen for this from now on, as if nothing had been heard before; times begin at 0.
    pub fn listen_for(&mut self, listens: Listens) {
        *self = Self {
            listens,
            voice: Voice::new(&listens.voice.unwrap_or_default()),
            answer: Answer::new(&listens.answer.unwrap_or_default()),
            ..Self::new(self.plan)
        };
    }

    /// Forget what was heard, and listen on for the same.
    pub fn reset(&mut self) {
        self.listen_for(self.listens);
    }

    /// What it listens for.
    #[must_use]
    pub const fn listens(&self) -> &Listens {
        &self.listens
    }

    /// The next samples, any number of them, at 8000 a second; what is heard in them goes to `out`.
    pub fn listen(&mut self, samples: &[i16], out: &mut impl FnMut(Heard)) {
        if !self.listens.is_any() {
            return;
        }
        let mut rest = samples;
        while !rest.is_empty() {
            let from = usize::from(self.filled);
            let (now, later) = rest.split_at(rest.len().min(LOOK_SAMPLES - from));
            self.samples[from..from + now.len()].copy_from_slice(now);
            self.filled += now.len() as u8;
            rest = later;
            if usize::from(self.filled) == LOOK_SAMPLES {
                self.filled = 0;
                self.look(out);
            }
        }
    }

    fn look(&mut self, out: &mut impl FnMut(Heard)) {
        let listens = self.listens;
        self.looks = self.looks.saturating_add(1);
        let now_ms = self.looks.saturating_mul(LOOK_MS);
        let wants_singles = listens.progress || listens.fax || listens.answer.is_some();
        let look = match wants_singles {
            _ if listens.progress => Look::whole(&self.samples),
            true => Look::single(&self.samples),
            false => Look::level(&self.samples),
        };
        if listens.progress {
            self.progress.listen(&look, now_ms, out);
        }
        if listens.voice.is_some() {
            self.voice.listen(&look, now_ms, out);
        }
        if listens.answer.is_some() {
            self.answer.listen(&look, now_ms, out);
        }
        if wants_singles {
            let information = listens.progress.then_some(self.plan.information);
            let wanted = Wanted { information, fax: listens.fax, beep: listens.answer.is_some() };
            let answer = &mut self.answer;
            self.singles.listen(&look, now_ms, &wanted, &mut |heard| {
                out(heard);
                if matches!(heard, Heard::BeepEnded { .. }) {
                    answer.handle_beep(now_ms, out);
                }
            });
        }
    }
}
