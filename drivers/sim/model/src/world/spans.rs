//! Spans: their alarms and restarts, and numbers that come and go piece by piece.

use super::World;
use crate::board::{BoardKind, E1_CHANNELS, E1Config, Verdict};
use crate::event::{NO_CHANNEL, Refusal, What};
use crate::line::{LineState, Q850_INCOMPLETE, Q850_TEMPORARY_FAILURE, Q850_UNALLOCATED, Stimulus};
use crate::number::{NUMBER_BYTES_MAX, is_digit};
use crate::span::{Alarms, Blocks};
use crate::wire::after_ms;
use std::ops::Range;
use std::sync::Arc;

/// From digit to digit of a number that comes in piece by piece, milliseconds.
const DIGIT_MS: u64 = 200;

/// How long the far exchange waits for the next digit (T302 of Q.931), milliseconds.
const NUMBER_MS: u64 = 15_000;

/// A number on its way.
#[derive(Debug, Clone)]
pub(super) enum Overlap {
    /// From a caller: so much of it is told, and the next digit follows; never, before the host has asked for it.
    Told { called: Arc<str>, told: usize, next_at: u64 },
    /// From the host: as much as the far exchange has, and until when it waits for more.
    Taken { number: String, until: u64 },
}

impl Overlap {
    pub(super) fn deadline(&self) -> u64 {
        match self {
            Self::Told { next_at, .. } => *next_at,
            Self::Taken { until, .. } => *until,
        }
    }
}

impl World {
    /// The channels of a span, from 0.
    pub fn span_channels(&self, span: u32) -> Option<Range<u32>> {
        self.spans.get(span as usize).map(|span| span.first..span.first + E1_CHANNELS)
    }

    /// The span that a channel belongs to.
    pub fn span_of(&self, channel: u32) -> Option<u32> {
        let at = self.spans.iter().position(|it| (it.first..it.first + E1_CHANNELS).contains(&channel));
        at.map(|at| at as u32)
    }

    fn span(&self, span: u32) -> Result<Range<u32>, Refusal> {
        self.span_channels(span).ok_or(Refusal::Argument { why: "there is no such span: they count from 0" })
    }

    pub(super) fn set_alarm(&mut self, span: u32, alarms: Alarms) -> Result<(), Refusal> {
        self.span(span)?;
        let now = self.now;
        self.spans[span as usize].see(now, alarms);
        self.plan_span(span);
        Ok(())
    }

    pub(super) fn plan_span(&mut self, span: u32) {
        let at = self.spans[span as usize].deadline();
        let slot = self.arrival_slot() + 1 + span;
        self.agenda.set(slot, at);
    }

    pub(super) fn span_acts(&mut self, span: u32) {
        let (now, was) = self.spans[span as usize].on_timeout();
        self.plan_span(span);
        self.post(NO_CHANNEL, 0, What::Alarm { span, now, was });
        for channel in self.span_channels(span).into_iter().flatten() {
            self.keep_free(channel);
        }
    }

    /// Whether an alarm keeps a channel from being used.
    pub(super) fn is_cut(&self, channel: u32) -> bool {
        self.span_of(channel).is_some_and(|span| self.spans[span as usize].is_down())
    }

    /// The far end takes its span up anew (Q.931 RESTART): all calls on it are over.
    pub(super) fn restart(&mut self, span: u32) -> Result<(), Refusal> {
        for channel in self.span(span)? {
            match self.channels[channel as usize].line.state() {
                LineState::Idle | LineState::Cleared => {}
                LineState::Offered | LineState::Dialing | LineState::Alerting | LineState::Up => {
                    self.clear(channel, Q850_TEMPORARY_FAILURE);
                }
            }
        }
        Ok(())
    }

    /// The far end blocks a channel, or lets it be used again; a call on it goes on.
    pub(super) fn block(&mut self, channel: u32, on: bool) -> Result<(), Refusal> {
        self.set_block(channel, Blocks::REMOTE, on)
    }

    /// The number called as it is told at first, and the rest of it.
    pub(super) fn first_digits(&self, channel: u32, called: &Arc<str>) -> (Arc<str>, Option<Overlap>) {
        match self.config.kind(channel) {
            Some(BoardKind::E1(E1Config { overlap: true, .. })) if called.len() > 1 => {
                let first = called.chars().next().map(String::from).unwrap_or_default();
                (first.into(), Some(Overlap::Told { called: called.clone(), told: 1, next_at: u64::MAX }))
            }
            _ => (called.clone(), None),
        }
    }

    /// The host wants the rest of a number.
    pub(super) fn send_rest(&mut self, channel: u32) {
        let at = after_ms(self.now, DIGIT_MS);
        if let Some(Overlap::Told { next_at: next_at @ u64::MAX, .. }) =
            &mut self.channels[channel as usize].overlap
        {
            *next_at = at;
            self.plan(channel);
        }
    }

    /// A number has taken as long as it may: the next digit is told, or no more are waited for.
    pub(super) fn number_acts(&mut self, channel: u32) {
        match &self.channels[channel as usize].overlap {
            Some(Overlap::Told { .. }) => self.tell_digit(channel),
            Some(Overlap::Taken { .. }) => self.judge_number(channel, true),
            None => {}
        }
    }

    fn tell_digit(&mut self, channel: u32) {
        let at = after_ms(self.now, DIGIT_MS);
        let Some(Overlap::Told { called, told, next_at }) = &mut self.channels[channel as usize].overlap
        else {
            return;
        };
        (*told, *next_at) = (*told + 1, at);
        let so_far: String = called.chars().take(*told).collect();
        let ends = so_far.len() == called.len();
        // nothing says that a number is whole; one that the host has enough of is told no further
        let told = self.stir(channel, Stimulus::Digits { called: so_far.into(), more: true });
        if told.is_err() || ends {
            self.channels[channel as usize].overlap = None;
        }
    }

    /// The host's call has a number, or the beginning of one.
    pub(super) fn take_number(
        &mut self,
        channel: u32,
        called: &Arc<str>,
        overlap: bool,
    ) -> Result<(), Refusal> {
        let until = after_ms(self.now, NUMBER_MS);
        let there = self.channel(channel)?;
        there.dialled = called.clone();
        there.overlap = Some(Overlap::Taken { number: called.to_string(), until });
        self.judge_number(channel, !overlap);
        Ok(())
    }

    /// And more of it.
    pub(super) fn dial_on(&mut self, call: u64, digits: &str, complete: bool) -> Result<(), Refusal> {
        let channel = self.find(call)?;
        if !digits.chars().all(is_digit) || (digits.is_empty() && !complete) {
            return Err(Refusal::Argument {
                why: "digits are 0-9 * # A-D, at least one unless they are the last",
            });
        }
        let at = after_ms(self.now, NUMBER_MS);
        let there = self.channel(channel)?;
        let Some(Overlap::Taken { number, until }) = &mut there.overlap else {
            return Err(Refusal::State { wanted: "dial on", state: there.line.state().words() });
        };
        if number.len() + digits.len() > NUMBER_BYTES_MAX {
            return Err(Refusal::Argument { why: "a number has at most 63 digits" });
        }
        number.push_str(digits);
        *until = at;
        there.dialled = number.as_str().into();
        self.judge_number(channel, complete);
        Ok(())
    }

    /// The far exchange looks at the digits it has: it goes on, waits for more, or clears the call.
    fn judge_number(&mut self, channel: u32, is_all: bool) {
        let kind = self.config.kind(channel);
        let Some(Overlap::Taken { number, .. }) = &self.channels[channel as usize].overlap else { return };
        let verdict = match kind {
            Some(BoardKind::E1(config)) => config.judge(number),
            _ => Verdict::Open,
        };
        let says_so = matches!(kind, Some(BoardKind::E1(_)));
        match verdict {
            Verdict::Whole => self.proceed(channel, says_so),
            Verdict::Open if is_all => self.proceed(channel, says_so),
            Verdict::Short if is_all => self.clear_number(channel, Q850_INCOMPLETE),
            Verdict::Unknown => self.clear_number(channel, Q850_UNALLOCATED),
            Verdict::Open | Verdict::Short => self.plan(channel),
        }
    }

    fn proceed(&mut self, channel: u32, says_so: bool) {
        let (now, setup_ms) = (self.now, self.config.setup_ms);
        let there = &mut self.channels[channel as usize];
        there.overlap = None;
        let alerts_at = setup_ms.draw(&mut there.random).map_or(u64::MAX, |ns| now.saturating_add(ns));
        let told = match says_so {
            true => self.stir(channel, Stimulus::Proceed { alerts_at }),
            // an ideal channel rings, and says no more than that
            false => there.line.on(Stimulus::Proceed { alerts_at }).map(drop),
        };
        debug_assert_eq!(told, Ok(()), "a number belongs to a call that is dialled");
        self.plan(channel);
    }

    fn clear_number(&mut self, channel: u32, q850: u16) {
        self.channels[channel as usize].overlap = None;
        self.clear(channel, q850);
    }
}
