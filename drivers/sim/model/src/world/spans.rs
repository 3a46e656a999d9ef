//! Spans: their alarms and restarts, and numbers that come in piece by piece.

use super::World;
use crate::board::{BoardKind, E1_CHANNELS, E1Config};
use crate::event::{NO_CHANNEL, Refusal, What};
use crate::line::{LineState, Q850_TEMPORARY_FAILURE, Stimulus};
use crate::span::Alarms;
use std::ops::Range;
use std::sync::Arc;

/// From digit to digit of a number that comes in piece by piece, milliseconds.
const DIGIT_MS: u64 = 200;

/// A number on its way.
#[derive(Debug, Clone)]
pub(super) struct Overlap {
    called: Arc<str>,
    told: usize,
    pub(super) next_at: u64,
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
            let there = &self.channels[channel as usize];
            let free = there.line.call() == 0 && there.in_service;
            self.free.put(channel, free && now == Alarms::NONE);
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
        let there = self.channel(channel)?;
        if std::mem::replace(&mut there.in_service, !on) == on {
            let idle = there.line.call() == 0;
            self.post(channel, 0, What::Blocked { on, far: true });
            if self.is_trunk(channel) {
                self.free.put(channel, !on && idle && !self.is_cut(channel));
            }
        }
        Ok(())
    }

    /// The number called as it is told at first, and the rest of it.
    pub(super) fn first_digits(&self, channel: u32, called: &Arc<str>) -> (Arc<str>, Option<Overlap>) {
        match self.config.kind(channel) {
            Some(BoardKind::E1(E1Config { overlap: true })) if called.len() > 1 => {
                let next_at = crate::wire::after_ms(self.now, DIGIT_MS);
                let first = called.chars().next().map(String::from).unwrap_or_default();
                (first.into(), Some(Overlap { called: called.clone(), told: 1, next_at }))
            }
            _ => (called.clone(), None),
        }
    }

    pub(super) fn tell_digit(&mut self, channel: u32) {
        let now = self.now;
        let Some(overlap) = &mut self.channels[channel as usize].overlap else { return };
        overlap.told += 1;
        overlap.next_at = crate::wire::after_ms(now, DIGIT_MS);
        let called: String = overlap.called.chars().take(overlap.told).collect();
        let ends = called.len() == overlap.called.len();
        // nothing says that a number is whole; one that the host has enough of is told no further
        let told = self.stir(channel, Stimulus::Digits { called: called.into(), more: true });
        if told.is_err() || ends {
            self.channels[channel as usize].overlap = None;
        }
    }
}
