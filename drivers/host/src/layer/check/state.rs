//! What is known of a device between two crossings, and what each crossing changes in it or breaks by it.

use super::Violation;
use super::calls::{Calls, Requests, Step};
use super::capability::capability;
use super::clause::Clause;
use super::event;
use crate::command::Command;
use crate::event::EventBytes;
use crate::info::ChannelInfo;
use callcore_driver_sys::*;
use std::collections::VecDeque;

/// Crossings that are remembered for the report of what led to a violation.
const HISTORY: usize = 128;
/// Of one call, as many of them are told.
const HISTORY_TOLD: usize = 12;
/// Violations that are kept for whoever asks; all are counted.
const KEPT_MAX: usize = 1024;
/// How far an event's time may be from the host's.
const FAR_NS: u64 = 50_000_000;

/// Something that crossed the border.
#[derive(Clone)]
pub(super) struct Crossing {
    t_ns: u64,
    call: ccd_call,
    text: String,
}

/// From when to when events may come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Opened,
    Started,
    Stopped,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) channels: Vec<ChannelInfo>,
    pub(super) seq: u64,
    pub(super) t_ns: u64,
    pub(super) calls: Calls,
    pub(super) requests: Requests,
    pub(super) is_removed: bool,
    pub(super) is_out: bool,
    pub(super) history: VecDeque<Crossing>,
    pub(super) kept: VecDeque<Violation>,
    /// The event that found no room last: it comes again with its number, and has been looked at.
    pub(super) full: Option<(u64, u16)>,
    /// Of the driver's.
    pub(super) broken: u64,
}

/// What a violation is about.
#[derive(Clone, Copy)]
pub(super) struct About {
    pub(super) t_ns: u64,
    pub(super) channel: Option<ccd_chan>,
    pub(super) call: Option<ccd_call>,
}

impl About {
    pub(super) fn device(t_ns: u64) -> Self {
        Self { t_ns, channel: None, call: None }
    }
}

impl State {
    pub(super) fn note(&mut self, t_ns: u64, call: ccd_call, text: String) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(Crossing { t_ns, call, text });
    }

    pub(super) fn keep(&mut self, clause: Clause, seen: String, about: About) -> Violation {
        let About { t_ns, channel, call } = about;
        let same = |crossing: &&Crossing| call.is_none_or(|call| crossing.call == call);
        let tell = |crossing: &Crossing| {
            let ms = t_ns.saturating_sub(crossing.t_ns) as f64 / 1e6;
            format!("{} ({ms:.1} ms before)", crossing.text)
        };
        let mut before: Vec<String> =
            self.history.iter().rev().filter(same).take(HISTORY_TOLD).map(tell).collect();
        before.reverse();
        let violation = Violation { clause, t_ns, channel, call, seen, before };
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(violation.clone());
        violation
    }

    /// An event, before it is passed on: what is wrong with it.
    pub(super) fn on_event(&mut self, event: EventBytes<'_>, now_ns: u64) -> Vec<(Clause, String)> {
        let mut found = Vec::new();
        event::check(event, &mut found);
        match self.phase {
            Phase::Opened => found.push((Clause::BeforeStart, "the device is not started".to_owned())),
            Phase::Stopped => found.push((Clause::AfterStop, "the device has stopped".to_owned())),
            Phase::Started => {}
        }
        self.time(event.t_ns(), now_ns, &mut found);
        self.number(event, &mut found);
        let (kind, channel) = (event.kind(), event.chan());
        if self.is_removed && kind != CCD_EV_RELEASED {
            found.push((Clause::AfterRemoved, format!("an event of type {kind}")));
        }
        match kind {
            CCD_EV_DONE => found.extend(self.requests.done(event.req())),
            CCD_EV_DEVICE_ADDED => found.push((Clause::AddedHere, "it was".to_owned())),
            CCD_EV_DEVICE_REMOVED | CCD_EV_FATAL => self.is_removed = true,
            CCD_EV_LOST => self.calls.doubt(),
            _ => self.on_channel(event, kind, channel, &mut found),
        }
        found
    }

    fn time(&mut self, t_ns: u64, now_ns: u64, found: &mut Vec<(Clause, String)>) {
        if t_ns < self.t_ns {
            found.push((Clause::TimeBack, format!("{} ns before the event before", self.t_ns - t_ns)));
        }
        if t_ns.abs_diff(now_ns) > FAR_NS {
            let ms = t_ns.abs_diff(now_ns) / 1_000_000;
            let way = if t_ns > now_ns { "ahead of" } else { "behind" };
            found.push((Clause::TimeFar, format!("{ms} ms {way} the host's clock")));
        }
        self.t_ns = self.t_ns.max(t_ns);
    }

    fn number(&mut self, event: EventBytes<'_>, found: &mut Vec<(Clause, String)>) {
        let (seq, next) = (event.seq(), self.seq + 1);
        if seq > next {
            found.push((Clause::SeqGap, format!("number {seq} follows number {}", self.seq)));
            self.calls.doubt();
        } else if seq < next {
            found.push((Clause::SeqBack, format!("number {seq} follows number {}", self.seq)));
        }
        self.seq = self.seq.max(seq);
    }

    /// An event that may have a channel and a call.
    fn on_channel(
        &mut self,
        event: EventBytes<'_>,
        kind: u16,
        channel: ccd_chan,
        found: &mut Vec<(Clause, String)>,
    ) {
        let is_of_call = (CCD_EV_INCOMING..=CCD_EV_CPA).contains(&kind);
        let is_of_line = (CCD_EV_HOOK..=CCD_EV_FAX_TONE).contains(&kind);
        let Some(info) = self.channels.get(channel as usize).copied() else {
            if is_of_call || is_of_line || channel != CCD_NO_CHAN {
                found.push((Clause::Channel, format!("channel {channel} of {}", self.channels.len())));
            }
            return;
        };
        capability(event, kind, &info, found);
        let call = event.call();
        if is_of_call || call != 0 {
            let is_replay = self.requests.is_replaying(channel);
            self.calls.on_event(Step { kind, call, channel, is_replay }, found);
        }
    }
}

impl State {
    /// What is wrong with a command, which is the host's.
    pub(super) fn before(&mut self, command: &Command, req: ccd_req, now_ns: u64) -> Vec<(Clause, String)> {
        let mut found = Vec::new();
        let name = command.function().name();
        if self.phase != Phase::Started {
            found.push((Clause::HostState, format!("{name} while the device is {:?}", self.phase)));
        }
        let channel = command.channel();
        let is_replay_of_rest = matches!(command, Command::Replay { channel: CCD_NO_CHAN });
        if let Some(channel) =
            channel.filter(|channel| *channel as usize >= self.channels.len() && !is_replay_of_rest)
        {
            found.push((
                Clause::HostChannel,
                format!("{name} on channel {channel} of {}", self.channels.len()),
            ));
        }
        if let Command::SendDigits { digits, .. } | Command::Digits { more: digits, .. } = command
            && let Some(wrong) = digits.chars().find(|key| !"0123456789*#ABCD".contains(*key))
        {
            found.push((Clause::HostText, format!("{name}: '{wrong}' is not a digit")));
        }
        if let Command::Make { call, channel, .. } = command {
            found.extend(self.calls.make(*call, *channel));
        }
        let since_ns = match command {
            Command::SendDigits { channel, digits, on_ms, off_ms, .. } => {
                self.requests.digits_until(*channel, now_ns, digits.len(), (*on_ms, *off_ms))
            }
            _ => now_ns,
        };
        if !self.requests.begin(req, command.function(), channel, since_ns) {
            found.push((Clause::HostRequest, format!("{name}: request {req:#x} still runs")));
        }
        found
    }

    /// What is wrong with its answer, which is the driver's.
    pub(super) fn after(
        &mut self,
        command: &Command,
        req: ccd_req,
        status: ccd_status,
        now_ns: u64,
        found: &mut Vec<(Clause, String)>,
    ) {
        let is_status = status == CCD_OK || (CCD_E_BUS..0).contains(&status) || status == CCD_E_INTERNAL;
        let name = command.function().name();
        if !is_status {
            found.push((Clause::Status, format!("{name} returned {status}")));
        }
        if !self.requests.answered(req, status >= 0) {
            found.push((Clause::DoneUnknown, format!("{name} was completed and then refused with {status}")));
        }
        match command {
            Command::Make { call, .. } if status < 0 => self.calls.unmake(*call),
            Command::Drop { call, .. } if status >= 0 => self.calls.dropped(*call, now_ns),
            _ => {}
        }
    }
}
