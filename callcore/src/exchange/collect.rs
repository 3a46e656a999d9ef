//! What the caller of a call that the application has hears of prompts, and the keys it is asked for.

use super::command::CollectOptions;
use super::event::{CollectEnd, PlayEnd};
use super::session::Controller;
use super::{Event, Exchange, RequestId};
use crate::base::limits::DIGITS_PENDING_MAX;
use crate::base::{Refused, Why};
use crate::board::{Digit, Digits};
use crate::call::{CallId, CallTimer, Fact, TimerName};
use crate::ivr::collector::End;
use crate::ivr::flow::Prompts;
use crate::ivr::{Happened, Number, Patience, Question, Verdict};
use std::sync::Arc;

/// Waits for a key that can be asked for, in milliseconds.
const WAIT_MS: std::ops::RangeInclusive<u64> = 100..=600_000;

/// Keys that are asked for.
#[derive(Debug)]
pub(super) struct Collecting {
    pub(super) request: RequestId,
    prompts: Prompts,
    patience: Patience,
    number: Number,
}

impl Question for Collecting {
    fn prompts(&self) -> &Prompts {
        &self.prompts
    }

    fn patience(&self) -> Patience {
        self.patience
    }

    fn judge(&self, keys: &Digits, digit: Digit) -> Verdict {
        self.number.judge(keys, digit)
    }
}

impl CollectOptions {
    fn question(self, request: RequestId) -> Result<Collecting, Refused> {
        let Self { digits_min, digits_max, first_digit_ms, inter_digit_ms, barge_in, .. } = self;
        let wrong = |text: String| Err(Refused::new(Why::Argument, text));
        if digits_max == 0 || digits_max > DIGITS_PENDING_MAX || digits_min > digits_max {
            return wrong(format!(
                "{digits_min} to {digits_max} keys cannot be collected: digits_min <= digits_max, \
                 1 <= digits_max <= {DIGITS_PENDING_MAX}"
            ));
        }
        for (field, ms) in [("first_digit_ms", first_digit_ms), ("inter_digit_ms", inter_digit_ms)] {
            if !WAIT_MS.contains(&ms) {
                let (least, most) = (WAIT_MS.start(), WAIT_MS.end());
                return wrong(format!(
                    "{field}: {ms} ms is not a time to wait for a key: use {least} to {most}"
                ));
            }
        }
        Ok(Collecting {
            request,
            prompts: self.prompts.into(),
            patience: Patience { barge_in, first_digit_ms, inter_digit_ms },
            number: Number { digits_max, terminators: self.terminators, terminated_from: digits_min },
        })
    }
}

impl From<End> for CollectEnd {
    fn from(end: End) -> Self {
        match end {
            End::Terminator(digit) => Self::Terminator(digit),
            // of a number no key is wrong
            End::Full | End::Wrong => Self::Full,
            End::FirstDigitTimeout => Self::FirstDigitTimeout,
            End::InterDigitTimeout => Self::InterDigitTimeout,
        }
    }
}

impl Exchange {
    pub(super) fn play_for_application(
        &mut self,
        request: RequestId,
        call: CallId,
        prompts: Vec<Arc<str>>,
    ) -> Result<(), Refused> {
        self.require_answered_application(call)?;
        self.require_not_collecting(call)?;
        if prompts.is_empty() {
            return Err(Refused::new(Why::Argument, "nothing to play: name at least one prompt"));
        }
        self.timers.clear(TimerName::Call(call, CallTimer::Application));
        self.end_play(call, PlayEnd::Stopped);
        self.play(call, prompts.into());
        self.application(call)?.playing = Some(request);
        self.requests.insert(request, call);
        Ok(())
    }

    pub(super) fn stop_play(&mut self, call: CallId) -> Result<(), Refused> {
        let application = self.application(call)?;
        let had_music = std::mem::take(&mut application.hears_music);
        if self.session(call)?.play.is_none() && !had_music {
            return Err(Refused::state(format!("{call} hears no prompt now")));
        }
        self.end_play(call, PlayEnd::Stopped);
        // keys asked for with the prompts are waited for now
        if self.session(call)?.play.take().is_some() {
            self.in_collect(call, Happened::Played);
        }
        self.touch(call);
        Ok(())
    }

    /// The prompts of a `Play` are over, if it is one that plays.
    pub(super) fn end_play(&mut self, call: CallId, end: PlayEnd) {
        let Ok(application) = self.application(call) else { return };
        let Some(request) = application.playing.take() else { return };
        if let Some(session) = self.sessions.get_mut(call) {
            session.play = None;
        }
        self.requests.remove(&request);
        self.emit(Event::Played { call, request, end });
        self.touch(call);
    }

    /// Prompts have been played to their end, or could not be played.
    pub(super) fn on_application_played(&mut self, call: CallId, end: PlayEnd) {
        self.end_play(call, end);
        self.in_collect(call, Happened::Played);
    }

    fn require_not_collecting(&mut self, call: CallId) -> Result<(), Refused> {
        match &self.application(call)?.collecting {
            Some(Collecting { request, .. }) => Err(Refused::state(format!(
                "{call} is asked for keys by request {request}: wait for its end, or cancel it"
            ))),
            None => Ok(()),
        }
    }

    pub(super) fn collect(
        &mut self,
        request: RequestId,
        call: CallId,
        options: CollectOptions,
    ) -> Result<(), Refused> {
        self.require_answered_application(call)?;
        self.require_not_collecting(call)?;
        let flush = options.flush;
        let collecting = options.question(request)?;
        self.timers.clear(TimerName::Call(call, CallTimer::Application));
        // keys that are there already may be enough: it is said to have begun before it is said to be over
        self.emit(Event::Done { request, call: None, failed: None });
        self.end_play(call, PlayEnd::Stopped);
        let application = self.application(call)?;
        application.collecting = Some(collecting);
        if flush {
            application.keys.flush();
        }
        self.requests.insert(request, call);
        self.in_collect(call, Happened::Started);
        Ok(())
    }

    pub(super) fn stop_collect(&mut self, call: CallId) -> Result<(), Refused> {
        if self.application(call)?.collecting.is_none() {
            return Err(Refused::state(format!("{call} is asked for no keys")));
        }
        self.end_collect(call, CollectEnd::Stopped);
        Ok(())
    }

    /// Let the question that is asked know what happened, if one is, and do what follows from it.
    pub(super) fn in_collect(&mut self, call: CallId, happened: Happened) {
        let Ok(application) = self.application(call) else { return };
        let Some(collecting) = &application.collecting else { return };
        let mut decisions = Vec::new();
        let end = application.keys.handle(happened, collecting, &mut decisions);
        for decision in decisions {
            self.decide(call, decision);
        }
        if let Some(end) = end {
            self.end_collect(call, end.into());
        }
        self.touch(call);
    }

    fn end_collect(&mut self, call: CallId, end: CollectEnd) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        let Controller::Application(application) = &mut session.controller else { return };
        let Some(Collecting { request, .. }) = application.collecting.take() else { return };
        // what plays belongs to the question
        session.play = None;
        let digits = application.keys.stop();
        for timer in [CallTimer::FirstDigit, CallTimer::InterDigit] {
            self.timers.clear(TimerName::Call(call, timer));
        }
        self.requests.remove(&request);
        self.emit(Event::Collected { call, request, digits, end });
        self.touch(call);
    }

    /// The caller has pressed a key: it answers the question that is asked, or is told and kept for the next.
    pub(super) fn on_application_digit(&mut self, call: CallId, digit: Digit) {
        self.fact(Some(call), Fact::DigitReceived { digit });
        if self.ends_recording(call, digit) {
            return;
        }
        let Ok(application) = self.application(call) else { return };
        if application.collecting.is_some() {
            return self.in_collect(call, Happened::Digit(digit));
        }
        application.keys.keep(digit);
        self.emit(Event::Digit { call, digit });
    }
}
