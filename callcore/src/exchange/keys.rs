//! Keys towards a party: of the program, and those that its partner in a talk presses.

use super::plan::DTMF_RX;
use super::session::{Controller, Session};
use super::{Exchange, Output};
use crate::base::limits::DIGITS_PENDING_MAX;
use crate::base::{Refused, Why};
use crate::board::{BoardCommand, ChannelId, Digit, Digits, Kind};
use crate::call::{CallId, Leg, LegId, LegState, Side};
use crate::media::MediaCommand;

/// `CCD_CAPB_DTMF_TX` of the driver contract: the board sends keys itself.
pub(super) const DTMF_TX: u32 = 11;

/// A key and the silence after it: ES 201 235-2 wants 65 ms of each at least.
const ON_MS: u32 = 80;
const OFF_MS: u32 = 80;

impl Exchange {
    /// Keys of the program.
    pub(super) fn send_digits(&mut self, call: CallId, to: Side, digits: Digits) -> Result<(), Refused> {
        let session = self.sessions.get(call).ok_or_else(|| Refused::gone(call))?;
        if digits.is_empty() || digits.len() > DIGITS_PENDING_MAX {
            return Err(Refused::new(
                Why::Argument,
                format!("send 1 to {DIGITS_PENDING_MAX} keys at a time"),
            ));
        }
        let leg = match (&session.controller, to) {
            (Controller::Talking(talk), Side::Right) => Some(talk.other),
            (Controller::Joined(lead), Side::Right) => self.sessions.get(*lead).and_then(Session::caller),
            (_, Side::Right) => None,
            (_, Side::Left) => session.caller(),
        };
        let leg = leg.and_then(|leg| self.legs.get(leg)).filter(|leg| leg.is_answered());
        let leg = leg.ok_or_else(|| Refused::state(format!("{call} has no such party who has answered")))?;
        let (channel, inband) = (leg.channel, leg.inband_digits);
        self.press(channel, inband, digits);
        Ok(())
    }

    /// Keys go out by the board's own means if it has any, else as tones.
    fn press(&mut self, channel: ChannelId, inband: bool, digits: Digits) {
        let able = self.boards.channel(channel).is_some_and(|channel| channel.info.can(DTMF_TX)) && !inband;
        self.outbox.push_back(match able {
            true => Output::Board(BoardCommand::SendDigits { channel, digits }),
            false => {
                Output::Media(MediaCommand::SendDigits { channel, digits, on_ms: ON_MS, off_ms: OFF_MS })
            }
        });
    }

    /// A key of one who talks that came beside the sound is pressed towards the other, who would never hear of it else;
    /// who hears nothing of the one who pressed it hears no key either.
    pub(super) fn press_on(&mut self, call: CallId, from: LegId, digit: Digit) {
        let Some(from) = self.legs.get(from).filter(|leg| self.keys_are_beside_sound(leg)) else { return };
        let Some(to) = self.hearer_of(call, from).filter(|_| !self.config.blank_keys) else { return };
        let (channel, inband) = (to.channel, to.inband_digits);
        self.press(channel, inband, Digits::from(digit));
    }

    /// The other party of a talk, if it hears this one.
    fn hearer_of(&self, call: CallId, from: &Leg) -> Option<&Leg> {
        let session = self.sessions.get(self.talk_or_self(call))?;
        let Controller::Talking(talk) = &session.controller else { return None };
        let caller = session.caller()?;
        let (side, to) = if caller == from.id { (Side::Left, talk.other) } else { (Side::Right, caller) };
        let is_party = side == Side::Left || talk.other == from.id;
        let is_heard = talk.held_by.is_none() && talk.consultation.is_none() && !talk.is_muted[side.index()];
        let to = self.legs.get(to).filter(|_| is_party && is_heard)?;
        [from, to].iter().all(|leg| leg.state == LegState::Connected).then_some(to)
    }

    /// A VoIP stack takes keys that are events out of the sound (RFC 4733, RFC 6086); a board's detector leaves them there.
    fn keys_are_beside_sound(&self, leg: &Leg) -> bool {
        let channel = self.boards.channel(leg.channel);
        let is_beside = |info: &crate::board::ChannelInfo| info.kind == Kind::Voip && info.can(DTMF_RX);
        !leg.inband_digits && channel.is_some_and(|channel| is_beside(&channel.info))
    }
}
