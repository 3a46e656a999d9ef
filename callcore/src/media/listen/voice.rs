//! Whether somebody talks, and whether nobody has for too long.
//!
//! A look is loud when it stands above the set level and 6 dB above the noise. The noise is the quietest look of the last
//! 0.8 to 1.6 seconds: what is steady for that long is no talk, be it hum, hiss or a tone. A voice begins when three of
//! four looks are loud and some of them have the few changes of sign of voiced sound, so that clicks and bursts of hiss
//! are none; it ends when nothing has been loud for a while.

use super::Heard;
use super::look::{LOOK_MS, Look, power_of_dbm0};
use serde::{Deserialize, Serialize};

/// 6 dB.
const ABOVE_NOISE: f32 = 4.0;
/// Looks after which the noise is taken anew.
const NOISE_LOOKS: u8 = 40;
/// Changes of sign in a look, of a voice at most.
const VOICED_CROSSINGS_MAX: u32 = 50;
/// Mean square of a line at rest, -65 dBm0: the noise is never less.
const NOISE_MIN: f32 = 80.0;

/// When a voice is one, and when silence is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VoiceSettings {
    /// What is quieter is no voice, in dBm0.
    pub threshold_dbm0: i8,
    /// Pauses up to this are part of talking, in milliseconds.
    pub hangover_ms: u32,
    /// Silence so long is reported, in milliseconds; 0: never.
    pub silence_ms: u32,
}

impl Default for VoiceSettings {
    fn default() -> Self {
        Self { threshold_dbm0: -42, hangover_ms: 300, silence_ms: 10_000 }
    }
}

impl VoiceSettings {
    /// The same for somebody else besides, who must hear of a silence after so many milliseconds; 0: who need not.
    #[must_use]
    pub const fn shared_with(self, silence_ms: u32) -> Self {
        let is_sooner = silence_ms > 0 && (self.silence_ms == 0 || silence_ms < self.silence_ms);
        Self { silence_ms: if is_sooner { silence_ms } else { self.silence_ms }, ..self }
    }
}

/// Follows a voice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice {
    threshold: f32,
    hangover_ms: u32,
    silence_ms: u32,
    /// The quietest look of this time and of the time before.
    noise: [f32; 2],
    noise_looks: u8,
    /// The last eight looks, newest in bit 0: loud, and voiced.
    loud: u8,
    voiced: u8,
    is_talking: bool,
    /// Since something was loud.
    quiet_ms: u32,
    /// Since a voice was heard; it starts when listening does.
    silent_ms: u32,
    is_silence_told: bool,
    is_voice_told: bool,
}

impl Voice {
    pub(super) fn new(settings: &VoiceSettings) -> Self {
        Self {
            threshold: power_of_dbm0(settings.threshold_dbm0.clamp(-70, 0)),
            hangover_ms: settings.hangover_ms,
            silence_ms: settings.silence_ms,
            noise: [f32::MAX, NOISE_MIN],
            noise_looks: 0,
            loud: 0,
            voiced: 0,
            is_talking: false,
            quiet_ms: 0,
            silent_ms: 0,
            is_silence_told: false,
            is_voice_told: false,
        }
    }

    /// The next look; whether it is part of a voice, without any hangover.
    pub(super) fn follow(&mut self, look: &Look) -> bool {
        let is_loud = look.power >= self.threshold && look.power >= self.noise() * ABOVE_NOISE;
        let is_voiced = is_loud && look.crossings <= VOICED_CROSSINGS_MAX;
        self.loud = self.loud << 1 | u8::from(is_loud);
        self.voiced = self.voiced << 1 | u8::from(is_voiced);
        self.quiet_ms = if is_loud { 0 } else { self.quiet_ms.saturating_add(LOOK_MS) };
        self.learn_noise(look.power);
        let begins = (self.loud & 0b1111).count_ones() >= 3 && self.voiced.count_ones() >= 2;
        self.is_talking = begins || (self.is_talking && self.quiet_ms <= self.hangover_ms);
        is_loud && self.is_talking
    }

    /// The same, with what there is to report.
    pub(super) fn listen(&mut self, look: &Look, now_ms: u32, out: &mut impl FnMut(Heard)) {
        self.follow(look);
        if self.is_talking {
            if !self.is_voice_told {
                let confidence = self.confidence(look);
                out(Heard::VoiceBegan { after_ms: self.silent_ms, at_ms: now_ms, confidence });
            }
            (self.is_voice_told, self.is_silence_told, self.silent_ms) = (true, false, 0);
            return;
        }
        self.silent_ms = self.silent_ms.saturating_add(LOOK_MS).max(self.quiet_ms);
        if self.silence_ms > 0 && self.silent_ms >= self.silence_ms && !self.is_silence_told {
            (self.is_silence_told, self.is_voice_told) = (true, false);
            out(Heard::SilenceBegan { after_ms: self.silent_ms, at_ms: now_ms });
        }
    }

    fn noise(&self) -> f32 {
        self.noise[0].min(self.noise[1]).max(NOISE_MIN)
    }

    fn learn_noise(&mut self, power: f32) {
        self.noise[0] = self.noise[0].min(power);
        self.noise_looks += 1;
        if self.noise_looks == NOISE_LOOKS {
            self.noise = [f32::MAX, self.noise[0]];
            self.noise_looks = 0;
        }
    }

    /// 50 at what just passes, 95 at 20 dB above both bounds.
    fn confidence(&self, look: &Look) -> u8 {
        let above = look.power / self.threshold.max(self.noise() * ABOVE_NOISE);
        // each halving is 3 dB
        let halvings = (0..6).take_while(|n| above >= (2u32 << n) as f32).count();
        50 + 8 * halvings.min(5) as u8 + if halvings > 5 { 5 } else { 0 }
    }
}
