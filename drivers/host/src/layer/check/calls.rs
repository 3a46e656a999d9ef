//! The life of each call and of each request, as the contract has them.
//!
//! ```text
//!   outgoing  make ─▶ DIALING ─▶ PROCEEDING ─▶ PROGRESS* ALERTING* ─▶ CONNECTED (HELD RETRIEVED)* ─▶ DISCONNECTED ─▶ RELEASED
//!   incoming  INCOMING ─▶ CALL_INFO* ─────────────────────────────────▶ CONNECTED (HELD RETRIEVED)* ─▶ DISCONNECTED ─▶ RELEASED
//! ```
//!
//! Each may be missing but the last. While a channel is replayed, or after events were lost, whatever comes is where a call is.

use super::clause::Clause;
use crate::command::Function;
use callcore_driver_sys::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Calls and requests that are over and still known, to tell a second end from a stranger.
const OVER_MAX: usize = 8192;

/// How far a call is.
const BEGUN: u8 = 0;
const CONNECTED: u8 = 4;
const DISCONNECTED: u8 = 5;

/// Where an event that moves a call puts it.
fn rank(kind: u16) -> Option<u8> {
    Some(match kind {
        CCD_EV_DIALING => 1,
        CCD_EV_PROCEEDING => 2,
        CCD_EV_PROGRESS | CCD_EV_ALERTING => 3,
        CCD_EV_CONNECTED => CONNECTED,
        CCD_EV_DISCONNECTED => DISCONNECTED,
        _ => return None,
    })
}

/// The numbers that were used last.
#[derive(Default)]
struct Over {
    known: BTreeSet<u64>,
    order: VecDeque<u64>,
}

impl Over {
    fn add(&mut self, number: u64) {
        if self.known.insert(number) {
            self.order.push_back(number);
        }
        if self.order.len() > OVER_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

struct Call {
    channel: ccd_chan,
    is_incoming: bool,
    rank: u8,
    is_held: bool,
    /// Events were lost: the next one tells where it is.
    is_uncertain: bool,
    dropped_ns: Option<u64>,
}

/// All calls of a device.
#[derive(Default)]
pub(super) struct Calls {
    live: BTreeMap<ccd_call, Call>,
    over: Over,
}

/// What an event says of a call.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) kind: u16,
    pub(super) call: ccd_call,
    pub(super) channel: ccd_chan,
    /// The channel's state is being said again.
    pub(super) is_replay: bool,
}

impl Calls {
    /// The host makes one; what is wrong with that.
    pub(super) fn make(&mut self, call: ccd_call, channel: ccd_chan) -> Option<(Clause, String)> {
        let is_used = self.live.contains_key(&call) || self.over.known.contains(&call);
        let busy = self.live.iter().find(|(_, other)| other.channel == channel).map(|(other, _)| *other);
        if call == 0 || call % 2 == 1 || is_used {
            return Some((Clause::HostCall, format!("call {call} is odd, 0 or in use")));
        }
        self.begin(call, channel, false);
        busy.map(|other| (Clause::HostBusy, format!("channel {channel} has call {other}")))
    }

    /// The driver did not take it.
    pub(super) fn unmake(&mut self, call: ccd_call) {
        self.live.remove(&call);
    }

    /// The host lets go of one.
    pub(super) fn dropped(&mut self, call: ccd_call, now_ns: u64) {
        if let Some(call) = self.live.get_mut(&call) {
            call.dropped_ns.get_or_insert(now_ns);
        }
    }

    fn begin(&mut self, call: ccd_call, channel: ccd_chan, is_incoming: bool) {
        let new =
            Call { channel, is_incoming, rank: BEGUN, is_held: false, is_uncertain: false, dropped_ns: None };
        self.live.insert(call, new);
    }

    /// Events were lost: nobody knows where the calls are.
    pub(super) fn doubt(&mut self) {
        self.live.values_mut().for_each(|call| call.is_uncertain = true);
    }

    /// Calls that were dropped before this moment and never RELEASED; each is told once.
    pub(super) fn overdue(&mut self, before_ns: u64) -> Vec<ccd_call> {
        let late = |call: &&mut Call| call.dropped_ns.is_some_and(|at| at < before_ns);
        let mut overdue = Vec::new();
        for (number, call) in self.live.iter_mut() {
            if late(&&mut *call) {
                // told; it waits no more
                call.dropped_ns = None;
                overdue.push(*number);
            }
        }
        overdue
    }

    /// An event; what is wrong with it.
    pub(super) fn on_event(&mut self, step: Step, found: &mut Vec<(Clause, String)>) {
        let Step { kind, call, channel, is_replay } = step;
        if kind == CCD_EV_INCOMING && !self.live.contains_key(&call) {
            return self.incoming(step, found);
        }
        let Some(live) = self.live.get_mut(&call) else {
            return self.stranger(step, found);
        };
        if live.channel != channel {
            found.push((Clause::CallChannel, format!("it is on channel {}, not {channel}", live.channel)));
        }
        if kind == CCD_EV_RELEASED {
            self.live.remove(&call);
            return self.over.add(call);
        }
        if is_replay || std::mem::take(&mut live.is_uncertain) {
            live.rank = rank(kind).unwrap_or(live.rank);
            live.is_held = kind == CCD_EV_HELD;
        } else if let Err(why) = live.go(kind) {
            found.push((Clause::CallOrder, why));
        }
    }

    fn incoming(&mut self, step: Step, found: &mut Vec<(Clause, String)>) {
        let Step { call, channel, .. } = step;
        if call % 2 == 0 {
            found.push((Clause::CallParity, format!("call {call} is even")));
        }
        if self.over.known.contains(&call) {
            found.push((Clause::CallReused, format!("call {call} was there before")));
        }
        self.begin(call, channel, true);
    }

    fn stranger(&mut self, step: Step, found: &mut Vec<(Clause, String)>) {
        let Step { kind, call, channel, is_replay } = step;
        if self.over.known.contains(&call) {
            let clause = if kind == CCD_EV_RELEASED { Clause::ReleasedTwice } else { Clause::AfterReleased };
            found.push((clause, format!("call {call} is over")));
        } else if is_replay && call != 0 && kind != CCD_EV_RELEASED {
            self.begin(call, channel, call % 2 == 1);
            if let Some(call) = self.live.get_mut(&call) {
                call.rank = rank(kind).unwrap_or(BEGUN);
            }
        } else {
            found.push((Clause::CallUnknown, format!("there is no call {call}")));
        }
    }
}

impl Call {
    /// Move; why it cannot.
    fn go(&mut self, kind: u16) -> Result<(), String> {
        let rank_now = self.rank;
        let allowed = match kind {
            CCD_EV_INCOMING => false,
            CCD_EV_CALL_INFO => self.is_incoming && rank_now < CONNECTED,
            CCD_EV_DIALING | CCD_EV_PROCEEDING => !self.is_incoming && Some(rank_now) < rank(kind),
            CCD_EV_PROGRESS | CCD_EV_ALERTING => !self.is_incoming && Some(rank_now) <= rank(kind),
            CCD_EV_CONNECTED | CCD_EV_DISCONNECTED => Some(rank_now) < rank(kind),
            CCD_EV_HELD => rank_now == CONNECTED && !self.is_held,
            CCD_EV_RETRIEVED => rank_now == CONNECTED && self.is_held,
            _ => true,
        };
        match kind {
            CCD_EV_HELD | CCD_EV_RETRIEVED => self.is_held = kind == CCD_EV_HELD,
            _ => self.rank = rank(kind).unwrap_or(rank_now).max(rank_now),
        }
        let at = ["begun", "dialing", "proceeding", "alerting", "connected", "disconnected"];
        let way = if self.is_incoming { "incoming" } else { "outgoing" };
        allowed.then_some(()).ok_or_else(|| format!("an {way} call that is {}", at[usize::from(rank_now)]))
    }
}

struct Request {
    function: Function,
    channel: Option<ccd_chan>,
    since_ns: u64,
    is_accepted: bool,
    is_done: bool,
    is_late: bool,
}

/// The longest that a line's usual digit, or the silence after it, lasts.
const DIGIT_MS_MAX: u64 = 1_000;

/// All requests of a device.
#[derive(Default)]
pub(super) struct Requests {
    open: BTreeMap<ccd_req, Request>,
    over: Over,
}

impl Requests {
    /// The host is about to give a command, which is owed its DONE from `since_ns` on; false when its number is that of one
    /// that runs.
    pub(super) fn begin(
        &mut self,
        req: ccd_req,
        function: Function,
        channel: Option<ccd_chan>,
        since_ns: u64,
    ) -> bool {
        let request =
            Request { function, channel, since_ns, is_accepted: false, is_done: false, is_late: false };
        req == 0 || self.open.insert(req, request).is_none()
    }

    /// When digits that are given now will be out, at the latest: behind those that wait on their channel.
    pub(super) fn digits_until(
        &self,
        channel: ccd_chan,
        now_ns: u64,
        digits: usize,
        (on_ms, off_ms): (u32, u32),
    ) -> u64 {
        let own = |ms: u32| if ms == 0 { DIGIT_MS_MAX } else { u64::from(ms) };
        let of_channel = |it: &&Request| it.function == Function::SendDigits && it.channel == Some(channel);
        let before = self.open.values().filter(of_channel).map(|it| it.since_ns).max().unwrap_or(0);
        before.max(now_ns) + digits as u64 * (own(on_ms) + own(off_ms)) * 1_000_000
    }

    /// What the driver answered to it; false when it said DONE and refuses all the same.
    pub(super) fn answered(&mut self, req: ccd_req, is_accepted: bool) -> bool {
        let Some(request) = self.open.get_mut(&req) else { return true };
        request.is_accepted = is_accepted;
        let is_done = request.is_done;
        if is_done || !is_accepted {
            self.open.remove(&req);
        }
        if is_done {
            self.over.add(req);
        }
        is_accepted || !is_done
    }

    /// A DONE; what is wrong with it.
    pub(super) fn done(&mut self, req: ccd_req) -> Option<(Clause, String)> {
        let Some(request) = self.open.get_mut(&req) else {
            let known = self.over.known.contains(&req);
            return Some(if known {
                (Clause::DoneTwice, format!("request {req:#x} was completed before"))
            } else {
                (Clause::DoneUnknown, format!("nobody waits for request {req:#x}"))
            });
        };
        if request.is_accepted {
            self.open.remove(&req);
            self.over.add(req);
            return None;
        }
        std::mem::replace(&mut request.is_done, true)
            .then(|| (Clause::DoneTwice, format!("request {req:#x} was completed before")))
    }

    /// Whether a channel is being replayed.
    pub(super) fn is_replaying(&self, channel: ccd_chan) -> bool {
        self.open.values().any(|it| it.function == Function::Replay && it.channel == Some(channel))
    }

    /// Requests of before this moment that are not completed; each is told once.
    pub(super) fn overdue(&mut self, before_ns: u64) -> Vec<(ccd_req, Function)> {
        let mut overdue = Vec::new();
        for (req, request) in &mut self.open {
            if request.since_ns < before_ns
                && request.is_accepted
                && !std::mem::replace(&mut request.is_late, true)
            {
                overdue.push((*req, request.function));
            }
        }
        overdue
    }

    /// The device has stopped: nothing is owed any more.
    pub(super) fn forget(&mut self) {
        let left = std::mem::take(&mut self.open);
        left.into_keys().for_each(|req| self.over.add(req));
    }
}

impl Calls {
    /// The device has stopped: its calls are over.
    pub(super) fn forget(&mut self) {
        let left = std::mem::take(&mut self.live);
        left.into_keys().for_each(|call| self.over.add(call));
    }
}
