//! The layer that looks whether a driver, and its host, keep to the contract: every [`Clause`] that shows from outside.
//!
//! It takes a lock where events are posted, so it is for finding faults and for boards that are not trusted yet; what it
//! looks at in frames costs a few additions a channel.

mod calls;
mod capability;
mod clause;
mod event;
mod media;
mod state;

pub use clause::{Blames, Clause};

use super::{Open, Tap, open_tapped};
use crate::command::Command;
use crate::error::LoadError;
use crate::event::{BadSize, EventBytes};
use crate::pool::Pool;
use crate::seam::{Device, Host, Media};
use callcore_driver_sys::*;
use capability::tables;
use media::{CheckedMedia, Seen};
use serde::{Deserialize, Serialize};
use state::{About, Phase, State};
use std::mem::offset_of;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a `[control]` function may take.
const CONTROL_MAX_NS: u64 = 2_000_000_000;

/// What is done about a driver that breaks the contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// It is counted.
    Ignore,
    /// And written to the log.
    #[default]
    Warn,
    /// After [`CheckOptions::quarantine_after`] of them the device is out: its calls end, the rest of the node goes on.
    Quarantine,
}

/// The options of the layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckOptions {
    /// What is done about violations.
    pub policy: Policy,
    /// How many are borne with [`Policy::Quarantine`]. What a busy machine may have done
    /// ([`Clause::is_of_the_clock`]) is not one of them.
    pub quarantine_after: u64,
    /// Whether slots are guarded by patterns, to find writes where nothing may be written; it costs a pass over the pool.
    pub guards: bool,
    /// How long a command may take to be completed, and a dropped call to be RELEASED, in milliseconds.
    pub done_ms_max: u64,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self { policy: Policy::default(), quarantine_after: 10, guards: false, done_ms_max: 30_000 }
    }
}

/// One time that a clause was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which.
    pub clause: Clause,
    /// When, by the host's clock in nanoseconds.
    pub t_ns: u64,
    /// The channel it is about.
    pub channel: Option<ccd_chan>,
    /// The call it is about.
    pub call: Option<ccd_call>,
    /// What was seen.
    pub seen: String,
    /// What crossed before it, of the same call if there is one, the oldest first.
    pub before: Vec<String>,
}

/// The layer, and what it has found.
pub struct Checker {
    name: String,
    options: CheckOptions,
    counts: Box<[AtomicU64]>,
    state: Mutex<State>,
    media: Arc<Seen>,
}

impl Checker {
    /// For the device of this name.
    #[must_use]
    pub fn new(name: &str, options: CheckOptions) -> Arc<Self> {
        let counts = Clause::ALL.iter().map(|_| AtomicU64::new(0)).collect();
        let (state, media) = (Mutex::default(), Arc::default());
        Arc::new(Self { name: name.to_owned(), options, counts, state, media })
    }

    /// Open a device through it.
    ///
    /// # Errors
    /// The device's own.
    pub fn open(
        self: &Arc<Self>,
        host: Arc<dyn Host>,
        below: &mut Open<'_>,
    ) -> Result<Box<dyn Device>, LoadError> {
        open_tapped(Arc::clone(self), host, below)
    }

    /// How often a clause was broken.
    #[must_use]
    pub fn count(&self, clause: Clause) -> u64 {
        self.counts[clause as usize].load(Ordering::Relaxed)
    }

    /// The clauses that were broken, and how often.
    #[must_use]
    pub fn broken(&self) -> Vec<(Clause, u64)> {
        let all = Clause::ALL.iter().map(|clause| (*clause, self.count(*clause)));
        all.filter(|(_, count)| *count > 0).collect()
    }

    /// The violations since this was asked last, the oldest first; at most 1024.
    #[must_use]
    pub fn take(&self) -> Vec<Violation> {
        self.state().kept.drain(..).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Count, keep and tell; whether the device is out from now on.
    fn report(&self, found: Vec<(Clause, String)>, about: About, host: &dyn Host) {
        for (clause, seen) in found {
            self.counts[clause as usize].fetch_add(1, Ordering::Relaxed);
            let violation = self.state().keep(clause, seen, about);
            if self.options.policy != Policy::Ignore {
                host.log(2, "check", &self.sentence(&violation));
            }
            if clause.blames() == Blames::Driver && !clause.is_of_the_clock() {
                self.state().broken += 1;
            }
        }
        self.judge(about.t_ns, host);
    }

    fn sentence(&self, violation: &Violation) -> String {
        let Violation { clause, seen, before, channel, call, .. } = violation;
        let place = match (channel, call) {
            (Some(channel), Some(call)) => format!(" (channel {channel}, call {call})"),
            (Some(channel), None) => format!(" (channel {channel})"),
            _ => String::new(),
        };
        let (id, text) = (clause.id(), clause.text());
        format!("{}: {id}{place}: {seen}. {text} Before it: {}", self.name, before.join("; "))
    }

    /// Whether it has been too much.
    fn judge(&self, t_ns: u64, host: &dyn Host) {
        let mut state = self.state();
        let too_much =
            self.options.policy == Policy::Quarantine && state.broken > self.options.quarantine_after;
        if !too_much || std::mem::replace(&mut state.is_out, true) || state.phase != Phase::Started {
            return;
        }
        let seq = state.seq + 1;
        drop(state);
        let text = format!("the contract was broken more than {} times", self.options.quarantine_after);
        host.log(1, "check", &format!("{}: {text}: the device is put out of service", self.name));
        host.post(&fatal(seq, t_ns, &text));
    }

    /// What took too long, and what was seen in frames.
    fn look_around(&self, now_ns: u64, host: &dyn Host) {
        let limit = now_ns.saturating_sub(self.options.done_ms_max * 1_000_000);
        let mut state = self.state();
        let (requests, calls) = (state.requests.overdue(limit), state.calls.overdue(limit));
        drop(state);
        let late = requests.iter().map(|(req, function)| {
            (Clause::DoneMissing, format!("{} (request {req:#x}) is not completed", function.name()))
        });
        let stuck =
            calls.iter().map(|call| (Clause::ReleasedMissing, format!("call {call} was dropped long ago")));
        let mut found: Vec<(Clause, String)> = late.chain(stuck).collect();
        self.media.take(&mut found);
        self.report(found, About::device(now_ns), host);
    }
}

impl Tap for Checker {
    fn opened(&self, device: &dyn Device) {
        let mut state = self.state();
        state.channels = device.channels().to_vec();
        for (channel, seen) in tables(device) {
            self.counts[Clause::CapTable as usize].fetch_add(1, Ordering::Relaxed);
            state.broken += 1;
            state.keep(Clause::CapTable, seen, About { channel: Some(channel), ..About::device(0) });
        }
    }

    fn post(&self, event: &[u8], host: &dyn Host) -> ccd_status {
        let (event, now_ns) = (EventBytes(event), host.now_ns());
        let mut state = self.state();
        if state.is_out {
            return CCD_E_STATE;
        }
        // before it is passed on, since what the host does about it may come back at once
        let call = event.call();
        let is_again = state.full.take() == Some((event.seq(), event.kind()));
        let found = if is_again { Vec::new() } else { state.on_event(event, now_ns) };
        state.note(now_ns, call, format!("event {} seq {}", event.kind(), event.seq()));
        drop(state);
        let status = host.post(event.0);
        if status == CCD_E_FULL {
            self.state().full = Some((event.seq(), event.kind()));
        }
        let channel = Some(event.chan()).filter(|channel| *channel != CCD_NO_CHAN);
        let about = About { t_ns: now_ns, channel, call: Some(call).filter(|call| *call != 0) };
        self.report(found, about, host);
        self.look_around(now_ns, host);
        status
    }

    fn on_unreadable(&self, why: BadSize, host: &dyn Host) {
        host.on_unreadable(why);
        self.report(vec![(Clause::EventSize, why.to_string())], About::device(host.now_ns()), host);
    }

    fn start(
        self: &Arc<Self>,
        pool: &Arc<Pool>,
        host: &Arc<dyn Host>,
        device: &mut dyn Device,
    ) -> Result<Option<Box<dyn Media>>, LoadError> {
        {
            let mut state = self.state();
            state.phase = Phase::Started;
            (state.is_removed, state.is_out) = (false, false);
        }
        let codecs: Vec<u32> = device.channels().iter().map(|info| info.codecs).collect();
        let began = host.now_ns();
        let started = device.start(pool).inspect_err(|_| self.state().phase = Phase::Opened);
        self.timed("start", began, &**host);
        let media = started?;
        let (pool, seen, guards) = (Arc::clone(pool), Arc::clone(&self.media), self.options.guards);
        let host = Arc::clone(host);
        Ok(media.map(|media| {
            Box::new(CheckedMedia::new(media, pool, codecs, seen, host, guards)) as Box<dyn Media>
        }))
    }

    fn stop(&self, device: &mut dyn Device, host: &dyn Host) -> ccd_status {
        let began = host.now_ns();
        let status = device.stop();
        self.look_around(host.now_ns(), host);
        let mut state = self.state();
        state.phase = Phase::Stopped;
        state.requests.forget();
        state.calls.forget();
        drop(state);
        self.timed("stop", began, host);
        status
    }

    fn command(
        &self,
        command: &Command,
        req: ccd_req,
        device: &mut dyn Device,
        host: &dyn Host,
    ) -> ccd_status {
        let began = host.now_ns();
        let (function, call) = (command.function(), command.call().unwrap_or(0));
        let mut state = self.state();
        if state.is_out {
            return CCD_E_GONE;
        }
        let mut found = state.before(command, req, began);
        let (about, was_removed) =
            (About { t_ns: began, channel: command.channel(), call: command.call() }, state.is_removed);
        drop(state);
        let status = device.command(command, req);
        let mut state = self.state();
        state.after(command, req, status, host.now_ns(), &mut found);
        if was_removed && status != CCD_E_GONE {
            found.push((Clause::AfterRemoved, format!("{} returned {status}", function.name())));
        }
        state.note(began, call, format!("{} req {req:#x} -> {status}", function.name()));
        drop(state);
        self.report(found, about, host);
        self.timed(function.name(), began, host);
        self.look_around(host.now_ns(), host);
        status
    }
}

impl Checker {
    fn timed(&self, what: &str, began_ns: u64, host: &dyn Host) {
        let now_ns = host.now_ns();
        let took_ns = now_ns.saturating_sub(began_ns);
        if took_ns > CONTROL_MAX_NS {
            let found = vec![(Clause::SlowControl, format!("{what} took {} ms", took_ns / 1_000_000))];
            self.report(found, About::device(now_ns), host);
        }
    }
}

/// An event of the layer's own: the device cannot go on.
fn fatal(seq: u64, t_ns: u64, text: &str) -> Vec<u8> {
    let mut bytes = vec![0; size_of::<ccd_ev_fatal>()];
    let size = bytes.len() as u32;
    let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
    put(offset_of!(ccd_event, size), &size.to_ne_bytes());
    put(offset_of!(ccd_event, kind), &CCD_EV_FATAL.to_ne_bytes());
    put(offset_of!(ccd_event, t_ns), &t_ns.to_ne_bytes());
    put(offset_of!(ccd_event, seq), &seq.to_ne_bytes());
    put(offset_of!(ccd_event, chan), &CCD_NO_CHAN.to_ne_bytes());
    put(offset_of!(ccd_ev_fatal, text), &text.as_bytes()[..text.floor_char_boundary(95)]);
    bytes
}
