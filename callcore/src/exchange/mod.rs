//! The exchange: the one object that owns all calls, agents and queues of a node.
//!
//! Inputs go in with the time (`handle_input`, `handle_timeout`), outputs are taken out until there is none
//! (`poll_output`), and `poll_timeout` says when to come back and why. It has no thread, clock, file or socket.
//!
//! ```text
//! board event ─▶ leg ─fact▶ session ─▶ controller (flow | queue | dial | application) ─decision▶ session ─▶ plan ─▶ diff ─▶ outputs
//! ```

mod application;
mod arrive;
mod boards;
mod bridge;
pub mod check;
mod collect;
pub mod command;
pub mod conference;
mod config;
mod consult;
mod dial;
mod end;
pub mod event;
mod flows;
mod info;
pub mod io;
mod keys;
mod legs;
pub mod lines;
mod overlap;
mod pending;
mod plan;
mod queueing;
mod recording;
mod replay;
mod selfcheck;
#[cfg(test)]
mod selfcheck_tests;
mod session;
mod silence;
pub mod snapshot;
mod supervise;
mod talk;
mod timeouts;
mod transfer;
mod view;

use crate::acd::Acd;
use crate::base::{Instant, Now, Problem, Refused, Slab, Timers, Zone};
use crate::board::{BoardCall, ChannelId};
use crate::call::{CallId, CallKind, CallNumber, Fact, Leg, LegId, LegKind, TimerName};
use crate::ivr::Flow;
use crate::ledger::Entry;
use crate::media::PlayId;
use crate::media::plan::{RecordingKind, RoomKind};
use crate::route::Routes;
use boards::Boards;
use recording::RecordingState;
use session::{Controller, Session};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

pub use command::{CollectOptions, Command, RecordOptions, Recorded};
pub use conference::ConferenceConfig;
pub use config::Config;
pub use event::{CollectEnd, Event, PlayEnd, RecordEnd};
pub use io::{Input, Output, RecordingOutcome, RequestId};
pub use snapshot::Snapshot;
pub use talk::PlayControl;

/// Calls, legs, agents, queues and boards of one node; sans-I/O, deterministic, with one owner.
#[derive(Debug)]
pub struct Exchange {
    config: Config,
    zone: Zone,
    routes: Routes,
    flows: BTreeMap<String, Arc<Flow>>,
    acd: Acd,
    boards: Boards,
    legs: Slab<LegKind, Leg>,
    legs_by_board: BTreeMap<(crate::board::DeviceId, BoardCall), LegId>,
    sessions: Slab<CallKind, Session>,
    recordings: Slab<RecordingKind, RecordingState>,
    /// Rooms of the media engine that are in use, by conferences and supervised talks.
    rooms: Slab<RoomKind, ()>,
    /// Commands that go on, and at which call.
    requests: BTreeMap<RequestId, CallId>,
    conferences: Vec<conference::Conference>,
    /// The call machines of analogue lines.
    lines: BTreeMap<ChannelId, lines::Seat>,
    /// Lines that have something to be carried out.
    stirred: Vec<ChannelId>,
    /// Extensions whose telephones are free, and for whom somebody is held.
    awaited: Vec<usize>,
    /// Lines whose part of the media plan may have changed.
    moved_lines: Vec<ChannelId>,
    timers: Timers<TimerName>,
    /// Sessions whose plan may have changed.
    dirty: Vec<CallId>,
    /// Calls of which nothing may be left.
    over: Vec<CallId>,
    outbox: VecDeque<Output>,
    now: Now,
    next_seq: u64,
    next_call: CallNumber,
    next_board_call: u64,
    next_play: u64,
    calls_count: u64,
    stopping: Stopping,
    /// Inputs and timers so far: tells the hops of one from those of the next.
    turn: u64,
    counters: Counters,
}

/// Whether the exchange takes calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stopping {
    /// It does.
    No,
    /// The command of this number wants it empty; no further call is taken.
    Asked(RequestId),
    /// It is empty, and stays so.
    Stopped,
}

/// What should be rare, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the fields are named after what they count
pub struct Counters {
    /// Board events that the leg's state did not allow: doubled, late, or of a call nobody knows.
    pub events_out_of_state: u64,
    pub calls_refused: u64,
    pub legs_forced_free: u64,
    /// Recordings that the policy wants, beyond all that can be open at a time.
    pub recordings_refused: u64,
}

impl Exchange {
    /// An exchange without boards; they come as [`crate::board::BoardEvent::DeviceAdded`].
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: Config, now: Now) -> Result<Self, Vec<Problem>> {
        let parts = check::Parts::build(&config)?;
        let mut rooms = Slab::new(config.conference.len() + config.limits.calls_max);
        let mut exchange = Self {
            zone: parts.zone,
            boards: Boards::new(&parts.routes, &parts.acd),
            routes: parts.routes,
            flows: parts.flows,
            acd: parts.acd,
            legs: Slab::new(config.limits.legs_max),
            legs_by_board: BTreeMap::new(),
            sessions: Slab::new(config.limits.calls_max),
            // one that runs and one that closes, of every call at the same time
            recordings: Slab::new(2 * config.limits.calls_max),
            conferences: conference::conferences(&config.conference, &mut rooms),
            rooms,
            requests: BTreeMap::new(),
            config,
            lines: BTreeMap::new(),
            stirred: Vec::new(),
            awaited: Vec::new(),
            moved_lines: Vec::new(),
            timers: Timers::default(),
            dirty: Vec::new(),
            over: Vec::new(),
            outbox: VecDeque::new(),
            now,
            next_seq: 1,
            next_call: 1,
            next_board_call: 2,
            next_play: 1,
            calls_count: 0,
            stopping: Stopping::No,
            turn: 0,
            counters: Counters::default(),
        };
        exchange.login_at_start();
        Ok(exchange)
    }

    /// Go on where an earlier run of this node ended: the next place in the ledger, and the next call's number.
    /// Call it before the first input.
    pub fn resume(&mut self, next_seq: u64, next_call: CallNumber) {
        let started = self.outbox.drain(..).collect::<Vec<_>>();
        self.next_seq = next_seq;
        self.next_call = next_call;
        self.fact(None, Fact::Started { version: env!("CARGO_PKG_VERSION").into() });
        for output in started {
            match output {
                Output::Fact(entry) => self.fact_numbered(entry.call, entry.fact),
                other => self.outbox.push_back(other),
            }
        }
    }

    /// Take something that happened outside.
    ///
    /// # Errors
    /// A command that cannot be; nothing has changed then. Events are never refused.
    pub fn handle_input(&mut self, now: Now, input: Input) -> Result<(), Refused> {
        self.now = now;
        self.turn += 1;
        let result = match input {
            Input::Board(event) => {
                self.on_board(event);
                Ok(())
            }
            Input::Media(event) => {
                self.on_media(event);
                Ok(())
            }
            Input::Command(request, command) => self.on_command(request, command),
            Input::AudioClosed(port) => {
                self.on_audio_closed(port);
                Ok(())
            }
            Input::RecordingCompleted(recording, outcome) => {
                self.on_recording_completed(recording, outcome);
                Ok(())
            }
        };
        self.settle();
        result
    }

    /// Do what is due.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        while let Some(name) = self.timers.pop_due(now.instant) {
            self.turn += 1;
            self.on_timer(name);
            self.settle();
        }
    }

    /// When to call [`Self::handle_timeout`] next, and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, TimerName)> {
        self.timers.next()
    }

    /// The next thing to be done or known outside; ask until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outbox.pop_front()
    }

    /// What should be rare, counted.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Calls that live now.
    #[must_use]
    pub fn calls_live(&self) -> usize {
        self.sessions.len()
    }

    /// Whether a call is there, and not over.
    #[must_use]
    pub fn is_live(&self, call: CallId) -> bool {
        self.sessions.get(call).is_some()
    }

    /// Carry out what the distribution decided, let go of calls that are over, then bring every changed plan to the media engine.
    fn settle(&mut self) {
        self.drain_acd();
        self.drain_lines();
        while let Some(call) = self.over.pop() {
            self.finish_if_over(call);
            self.drain_acd();
            self.drain_lines();
        }
        self.close_line_plans();
        for call in std::mem::take(&mut self.dirty) {
            self.watch_silence(self.talk_or_self(call));
            self.update_plan(call);
        }
        self.open_line_plans();
        self.check_stopped();
    }

    fn check_stopped(&mut self) {
        let Stopping::Asked(request) = self.stopping else { return };
        if self.sessions.is_empty() && self.legs.is_empty() {
            self.stopping = Stopping::Stopped;
            self.fact(None, Fact::Stopped);
            self.emit(Event::Done { request, call: None, failed: None });
            self.emit(Event::Stopped);
        }
    }

    /// Write a fact of a living call, or of the node.
    fn fact(&mut self, call: Option<CallId>, fact: Fact) {
        let number = call.and_then(|call| self.sessions.get(call)).map(|session| session.call.number);
        self.fact_numbered(number, fact);
    }

    fn fact_numbered(&mut self, call: Option<CallNumber>, fact: Fact) {
        let entry = Entry { seq: self.next_seq, at: self.now.instant, wall: self.now.wall, call, fact };
        self.next_seq += 1;
        self.outbox.push_back(Output::Fact(entry));
    }

    fn emit(&mut self, event: Event) {
        self.outbox.push_back(Output::Event(event));
    }

    fn board(&mut self, command: crate::board::BoardCommand) {
        if !self.tell_line(&command) {
            self.outbox.push_back(Output::Board(command));
        }
    }

    fn start_timer(&mut self, name: TimerName, ms: u64) {
        self.timers.set(name, self.now.instant + std::time::Duration::from_millis(ms));
    }

    fn new_play(&mut self) -> PlayId {
        self.next_play += 1;
        PlayId(self.next_play)
    }

    /// The plan of a call may have changed, and of all who are in a talk with its caller.
    fn touch(&mut self, call: CallId) {
        self.mark(call);
        let lead = match self.sessions.get(call).map(|session| &session.controller) {
            Some(Controller::Joined(lead) | Controller::Supervising(lead)) => *lead,
            _ => call,
        };
        let Some(Controller::Talking(talk)) = self.sessions.get(lead).map(|session| &session.controller)
        else {
            return;
        };
        let peer = talk.bridge.map(|bridge| bridge.peer);
        let supervisor = talk.supervisor.map(|supervisor| supervisor.call);
        for call in [Some(lead), peer, supervisor].into_iter().flatten() {
            self.mark(call);
        }
    }

    fn mark(&mut self, call: CallId) {
        if let Some(session) = self.sessions.get_mut(call)
            && !session.dirty
        {
            session.dirty = true;
            self.dirty.push(call);
        }
    }
}
