//! The world: channels, the people on them, the arrivals, and the run loop that ties them together.

mod acts;
mod commands;
mod people;
mod spans;
mod wires;

use crate::agenda::Agenda;
use crate::callee::Callee;
use crate::caller::Caller;
use crate::config::{AgentConfig, ConfigError, WorldConfig};
use crate::dist::exponential;
use crate::event::{Event, Heard, NO_CHANNEL, Refusal, What};
use crate::free::FreeSet;
use crate::line::{Line, LineState, Stimulus};
use crate::random::{Random, Stream};
use crate::span::{Blocks, Span};
use crate::stats::Stats;
use crate::wire::{CallerId, Sound, Wire};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const NS_PER_HOUR: f64 = 3_600e9;

/// A board with its lines and people; see the crate's first page for the run loop.
#[derive(Debug, Clone)]
pub struct World {
    config: WorldConfig,
    now: u64,
    channels: Vec<Channel>,
    calls: BTreeMap<u64, u32>,
    free: FreeSet,
    agenda: Agenda,
    arrivals: Random,
    called: Vec<(Arc<str>, u32)>,
    spans: Vec<Span>,
    next_call: u64,
    events: VecDeque<Event>,
    stats: Stats,
    removed: bool,
}

#[derive(Debug, Clone)]
struct Channel {
    line: Line,
    mind: Mind,
    heard: Heard,
    random: Random,
    by_hand: bool,
    talks: bool,
    busy: bool,
    blocks: Blocks,
    wire: Wire,
    /// What can be heard on an exchange line.
    sound: Sound,
    /// The number that was dialled from here last.
    dialled: Arc<str>,
    overlap: Option<spans::Overlap>,
}

/// Who is at the far end of a channel.
#[derive(Debug, Clone)]
enum Mind {
    /// Nobody, or somebody who does only what acts tell.
    Away,
    Caller(Caller),
    Callee(Callee),
}

impl World {
    /// A world that begins at time 0; the error names the path of the value that is wrong.
    pub fn new(config: WorldConfig) -> Result<Self, ConfigError> {
        Self::starting_at(config, 0)
    }

    /// A world that begins at `now`, nanoseconds.
    pub fn starting_at(config: WorldConfig, now: u64) -> Result<Self, ConfigError> {
        let config = config.counted();
        config.check()?;
        let spans: Vec<Span> = config.spans().into_iter().map(Span::new).collect();
        let channels: Vec<Channel> =
            (0..config.trunks + config.extensions).map(|index| Channel::new(&config, index)).collect();
        let mut world = Self {
            now,
            calls: BTreeMap::new(),
            free: FreeSet::full(config.trunks),
            agenda: Agenda::new(channels.len() + 1 + spans.len()),
            arrivals: Random::new(config.seed, Stream::Arrivals, 0),
            called: config
                .arrivals
                .called
                .iter()
                .map(|(number, weight)| (Arc::from(number.as_str()), *weight))
                .collect(),
            spans,
            next_call: 1,
            events: VecDeque::new(),
            stats: Stats::default(),
            removed: false,
            channels,
            config,
        };
        world.plan_arrival();
        Ok(world)
    }

    /// Begins again at `now` after a pause (the device was stopped): every call is gone without a word, nothing that
    /// would have happened in between does, and call ids go on where they were.
    pub fn resume(&mut self, now: u64) {
        self.now = self.now.max(now);
        let calls: Vec<(u64, u32)> = self.calls.iter().map(|(call, channel)| (*call, *channel)).collect();
        for (call, channel) in calls {
            self.channels[channel as usize].line = Line::Idle;
            self.forget(channel, call);
        }
        self.reset_wires();
        self.events.clear();
        self.plan_arrival();
    }

    /// When something next happens by itself, nanoseconds; `None`: never, unless told.
    pub fn poll_timeout(&self) -> Option<u64> {
        self.agenda.first().map(|(at, _)| at)
    }

    /// Lets everything happen that is due by `now`, each at its own time.
    pub fn handle_timeout(&mut self, now: u64) {
        while let Some((at, slot)) = self.agenda.first()
            && at <= now
        {
            self.now = self.now.max(at);
            match slot.checked_sub(self.arrival_slot()) {
                None => self.wake(slot),
                Some(0) => self.arrive(),
                Some(span) => self.span_acts(span - 1),
            }
        }
        self.now = self.now.max(now);
    }

    /// What the person on this channel hears from now on; without a call on it nothing happens.
    pub fn handle_heard(&mut self, now: u64, channel: u32, heard: Heard) {
        self.now = self.now.max(now);
        let now = self.now;
        let Some(there) = self.channels.get_mut(channel as usize) else { return };
        if there.line.call() == 0 || there.heard == heard {
            return;
        }
        there.heard = heard;
        self.wire_hears(channel);
        let there = &self.channels[channel as usize];
        if there.line.state() == LineState::Up {
            self.mind_hears(channel, now);
        }
        self.plan(channel);
    }

    /// The next event, oldest first.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// What it counted so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The configuration it runs with.
    pub fn config(&self) -> &WorldConfig {
        &self.config
    }

    /// Trunks and extensions together.
    pub fn channels(&self) -> u32 {
        self.channels.len() as u32
    }

    /// What the line does; `None`: no such channel.
    pub fn line(&self, channel: u32) -> Option<LineState> {
        self.channels.get(channel as usize).map(|there| there.line.state())
    }

    /// The call on a channel; `None`: idle, or no such channel.
    pub fn call_on(&self, channel: u32) -> Option<u64> {
        self.channels.get(channel as usize).map(|there| there.line.call()).filter(|call| *call != 0)
    }

    /// Whether somebody at the far end listens to the line: a call is up, or a phone is lifted.
    pub fn listens(&self, channel: u32) -> bool {
        self.channels.get(channel as usize).is_some_and(|there| match &there.wire {
            Wire::Phone(phone) => phone.is_lifted(),
            Wire::Calls | Wire::Office(_) | Wire::Tap(_) => there.line.state() == LineState::Up,
        })
    }

    /// What can be heard on an exchange line now.
    pub fn sound(&self, channel: u32) -> Sound {
        self.channels.get(channel as usize).map_or(Sound::Silence, |there| there.sound)
    }

    /// The number that was dialled from a channel last.
    pub fn dialled(&self, channel: u32) -> &str {
        self.channels.get(channel as usize).map_or("", |there| &there.dialled)
    }

    /// What the display of a phone shows; `None` for what is none, or shows nothing.
    pub fn shown(&self, channel: u32) -> Option<&CallerId> {
        match &self.channels.get(channel as usize)?.wire {
            Wire::Phone(phone) => phone.shown(),
            Wire::Calls | Wire::Office(_) | Wire::Tap(_) => None,
        }
    }

    /// Whether the person on this channel speaks into the line now.
    ///
    /// Who is called says hello at once; a caller speaks when it hears a person; people by hand speak unless silenced.
    pub fn speaks(&self, channel: u32) -> bool {
        let Some(there) = self.channels.get(channel as usize) else { return false };
        there.line.state() == LineState::Up
            && match &there.mind {
                Mind::Away => there.talks,
                Mind::Caller(caller) => caller.speaks(),
                Mind::Callee(_) => true,
            }
    }

    /// No call anywhere and no event waiting.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.events.is_empty()
    }

    fn arrival_slot(&self) -> u32 {
        self.channels.len() as u32
    }

    fn is_trunk(&self, channel: u32) -> bool {
        channel < self.config.trunks
    }

    fn channel(&mut self, channel: u32) -> Result<&mut Channel, Refusal> {
        let channels = self.channels.len() as u32;
        self.channels.get_mut(channel as usize).ok_or(Refusal::NoChannel { channel, channels })
    }

    /// Puts the channel's next deadline, of the network or of the person, on the agenda.
    fn plan(&mut self, channel: u32) {
        let there = &self.channels[channel as usize];
        let mind = match &there.mind {
            Mind::Away => None,
            Mind::Caller(caller) => caller.deadline(),
            Mind::Callee(callee) => callee.deadline(),
        };
        let overlap = there.overlap.as_ref().map(spans::Overlap::deadline);
        let others = [there.wire.deadline(), overlap, mind].into_iter().flatten();
        let first = there.line.deadline().into_iter().chain(others).min();
        self.agenda.set(channel, first);
    }

    /// Gives the line a stimulus and posts what follows.
    fn stir(&mut self, channel: u32, stimulus: Stimulus) -> Result<(), Refusal> {
        let line = &mut self.channel(channel)?.line;
        let before = line.call();
        if let Some(what) = line.on(stimulus)? {
            let call = before.max(line.call()); // one of them is 0, or they are the same
            self.tell(channel, call, what);
        }
        Ok(())
    }

    fn post(&mut self, channel: u32, call: u64, what: What) {
        self.events.push_back(Event { at: self.now, channel, call, what });
    }

    /// After RELEASED: the channel is as new.
    fn forget(&mut self, channel: u32, call: u64) {
        self.calls.remove(&call);
        self.stats.released += 1;
        let there = &mut self.channels[channel as usize];
        (there.mind, there.heard, there.overlap) = (Mind::Away, Heard::Silence, None);
        self.keep_free(channel);
        self.plan(channel);
    }

    fn take(&mut self, channel: u32, call: u64) {
        self.calls.insert(call, channel);
        if self.is_trunk(channel) {
            self.free.put(channel, false);
        }
    }

    /// Draws when the next caller calls; each draw starts from the last arrival, so late wake-ups do not thin the stream.
    fn plan_arrival(&mut self) {
        let Self { config, stats, .. } = self;
        let over = config.arrivals.total.is_some_and(|total| stats.offered >= total);
        let at = if over || config.arrivals.per_hour <= 0.0 {
            None
        } else {
            let wait_ns = exponential(&mut self.arrivals, NS_PER_HOUR / config.arrivals.per_hour);
            Some(self.now.saturating_add(wait_ns as u64 + 1))
        };
        self.agenda.set(self.arrival_slot(), at);
    }

    fn post_device(&mut self, what: What) {
        self.post(NO_CHANNEL, 0, what);
    }
}

impl Channel {
    fn is_in_service(&self) -> bool {
        self.blocks == Blocks::NONE
    }

    fn new(config: &WorldConfig, index: u32) -> Self {
        Self {
            line: Line::Idle,
            mind: Mind::Away,
            heard: Heard::Silence,
            random: Random::new(config.seed, Stream::Channel, u64::from(index)),
            by_hand: config.by_hand,
            talks: true,
            busy: false,
            blocks: Blocks::NONE,
            wire: config.kind(index).map_or(Wire::Calls, Wire::new),
            sound: Sound::Silence,
            dialled: Arc::default(),
            overlap: None,
        }
    }
}

/// How the people behave who are called on this channel.
fn callee_config(config: &WorldConfig, channel: u32) -> &AgentConfig {
    if channel < config.trunks { &config.outside } else { &config.agent }
}
