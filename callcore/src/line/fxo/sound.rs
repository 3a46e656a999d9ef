//! What is heard on a line, and what it means.

use super::{Fxo, State, assumed};
use crate::base::Instant;
use crate::board::{Cause, How, Supervision, Tone};
use crate::line::{HangUpBy, Wire, after, found};
use crate::media::Heard;

/// After ringing has stopped, another tone would have followed in this time, in milliseconds.
const ANSWER_SETTLES_MS: u32 = 1_500;

impl Fxo {
    pub(in crate::line) fn on_heard(&mut self, wire: &mut Wire, now: Instant, heard: &Heard) {
        match heard {
            Heard::Tone { tone, .. } => self.on_tone(wire, now, *tone),
            Heard::ToneEnded { tone: Tone::Ringback, .. } => self.on_ringback_ended(wire, now),
            Heard::SilenceBegan { after_ms, .. } => {
                let left_ms = wire.config.silence_ms.saturating_sub(*after_ms);
                if let State::Up { silent_at, .. } = &mut self.state
                    && wire.config.hangs_up_by(HangUpBy::Silence)
                {
                    *silent_at = Some(after(now, left_ms));
                }
            }
            Heard::VoiceBegan { .. } => {
                if let State::Up { silent_at, .. } = &mut self.state {
                    *silent_at = None;
                }
            }
            Heard::ToneEnded { .. } | Heard::Answered { .. } | Heard::BeepEnded { .. } => {}
        }
    }

    pub(super) fn on_tone(&mut self, wire: &mut Wire, now: Instant, tone: Tone) {
        match &mut self.state {
            State::Seizing { .. } => match tone {
                Tone::Dial | Tone::SpecialDial => self.dial(wire, now),
                Tone::Busy | Tone::Congestion => self.clear(wire, found(Cause::CONGESTION, How::Tone)),
                _ => {}
            },
            State::Waiting { answered, call } => match (failure(tone), tone) {
                (Some(cause), _) => self.clear(wire, found(cause, How::Tone)),
                // nobody has answered while it rings
                (None, Tone::Ringback) => *answered = None,
                (None, Tone::FaxAnswer | Tone::ModemAnswer) => {
                    let call = *call;
                    self.connect(wire, now, call, Supervision::Inferred);
                }
                _ => {}
            },
            State::Up { .. } | State::Offered { gone_at: None, .. } => {
                if wire.config.hangs_up_by(HangUpBy::Tone) && means_gone(tone) {
                    self.clear(wire, found(Cause::NORMAL, How::Tone));
                }
            }
            State::Idle { .. }
            | State::Ringing { .. }
            | State::Offered { .. }
            | State::Dialling { .. }
            | State::Cleared { .. }
            | State::Releasing { .. }
            | State::Ignoring { .. } => {}
        }
    }

    fn on_ringback_ended(&mut self, wire: &Wire, now: Instant) {
        if let State::Waiting { answered, .. } = &mut self.state {
            let config = &wire.config;
            let by_sound = (after(now, ANSWER_SETTLES_MS), Supervision::Inferred);
            *answered = if config.answer_by_sound { Some(by_sound) } else { assumed(config, now) };
        }
    }
}

/// Why a call did not come about, by the tone that says so.
const fn failure(tone: Tone) -> Option<Cause> {
    match tone {
        Tone::Busy => Some(Cause::USER_BUSY),
        Tone::Congestion => Some(Cause::CONGESTION),
        Tone::NumberUnobtainable | Tone::SpecialInformation => Some(Cause::UNALLOCATED),
        Tone::Dial | Tone::SpecialDial => Some(Cause::TEMPORARY_FAILURE),
        // a howler comes long after a busy tone, if ever
        Tone::Ringback
        | Tone::CallWaiting
        | Tone::Intrusion
        | Tone::ThirdParty
        | Tone::Howler
        | Tone::FaxCalling
        | Tone::FaxAnswer
        | Tone::ModemAnswer => None,
    }
}

/// What a public exchange sends when the far end has hung up.
const fn means_gone(tone: Tone) -> bool {
    matches!(tone, Tone::Busy | Tone::Congestion | Tone::Dial | Tone::SpecialDial | Tone::NumberUnobtainable)
}
