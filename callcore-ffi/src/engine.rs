//! What a core runs on: a node with real threads and boards, or a centre in virtual time. Programs see no difference but the clock.

use crate::hub::Hub;
use crate::queue::deadline;
use crate::status::{Answer, CC_E_BUSY, CC_E_CONFIG, CC_E_GONE, CC_E_IO, CC_E_TIMEOUT, Trouble};
use crate::types::cc_req;
use callcore_config::{Loaded, StartError};
use callcore_rs::base::{Instant as VirtualInstant, WallTime};
use callcore_rs::call::{CallId, Fact};
use callcore_rs::exchange::{Command, Event, Snapshot};
use callcore_rs::ledger::{CallRecord, Records};
use callcore_rs::shell::store::Query;
use callcore_rs::shell::{AudioPort, Handle, Node, Receiver};
use callcore_rs::sim::faults::Faults;
use callcore_rs::sim::model::Act;
use callcore_rs::sim::{Centre, CentreConfig};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub(crate) enum Engine {
    Live(Box<Live>),
    Virtual(Box<Virtual>),
}

/// Records that a centre in virtual time keeps; older ones are dropped.
const RECORDS_MAX: usize = 100_000;
/// Virtual time begins on 2026-01-05T08:00:00Z, a Monday.
const MONDAY: WallTime = WallTime(1_767_600_000_000);

/// A node, once it is started.
pub(crate) struct Live {
    loaded: Loaded,
    state: Mutex<LiveState>,
}

enum LiveState {
    New,
    Running { node: Node, handle: Handle, pump: JoinHandle<()> },
    Stopped,
}

/// A centre, its clock and what it has told.
pub(crate) struct Virtual {
    state: Mutex<VirtualState>,
    hub: Arc<Hub>,
    requests: AtomicU64,
    now_ns: AtomicU64,
}

struct VirtualState {
    centre: Centre,
    records: Records,
    kept: VecDeque<CallRecord>,
    started: bool,
    stopped: bool,
}

impl Engine {
    /// Not started yet.
    pub(crate) fn new(loaded: Loaded, is_virtual: bool, hub: &Arc<Hub>) -> Answer<Self> {
        if !is_virtual {
            return Ok(Self::Live(Box::new(Live { loaded, state: Mutex::new(LiveState::New) })));
        }
        let (world, prompt_ms) = callcore_config::world(&loaded).map_err(start_trouble)?;
        let config = CentreConfig {
            exchange: loaded.core,
            world,
            prompt_ms,
            faults: Faults::default(),
            wall: MONDAY,
            check_every: 0,
            keep_entries: true,
        };
        let wrong = |problems: Vec<callcore_rs::base::Problem>| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Trouble::new(CC_E_CONFIG, lines.join("\n"))
        };
        let centre = Centre::new(config).map_err(wrong)?;
        let state = VirtualState {
            centre,
            records: Records::new(),
            kept: VecDeque::new(),
            started: false,
            stopped: false,
        };
        Ok(Self::Virtual(Box::new(Virtual {
            state: Mutex::new(state),
            hub: Arc::clone(hub),
            requests: AtomicU64::new(0),
            now_ns: AtomicU64::new(0),
        })))
    }

    pub(crate) fn is_virtual(&self) -> bool {
        matches!(self, Self::Virtual(_))
    }

    /// The centre, for functions that only virtual time has.
    pub(crate) fn centre(&self) -> Answer<&Virtual> {
        match self {
            Self::Virtual(centre) => Ok(centre),
            Self::Live(_) => Err(Trouble::state("this core runs in real time: make it with CC_VIRTUAL_TIME")),
        }
    }

    pub(crate) fn start(&self, hub: &Arc<Hub>) -> Answer {
        match self {
            Self::Live(live) => live.start(hub),
            Self::Virtual(centre) => centre.start(),
        }
    }

    pub(crate) fn stop(&self, hub: &Hub, grace: Duration) -> Answer {
        match self {
            Self::Live(live) => live.stop(hub, grace),
            Self::Virtual(centre) => centre.stop(grace),
        }
    }

    fn handle(&self) -> Answer<Handle> {
        match self {
            Self::Live(live) => live.handle(),
            Self::Virtual(_) => Err(Trouble::new(
                crate::status::CC_E_UNSUPPORTED,
                "there is no sound and no disk in virtual time",
            )),
        }
    }

    /// A number for a command.
    pub(crate) fn next_request(&self) -> Answer<cc_req> {
        match self {
            Self::Live(live) => live.handle().map(|handle| handle.next_request()),
            Self::Virtual(centre) => Ok(centre.requests.fetch_add(1, Ordering::Relaxed) + 1),
        }
    }

    pub(crate) fn command(&self, req: cc_req, command: Command) -> Answer {
        match self {
            Self::Live(live) => Ok(live.handle()?.command_as(req, command)?),
            Self::Virtual(centre) => centre.run(|state| Ok(state.centre.command(req, command)?)),
        }
    }

    pub(crate) fn snapshot(&self) -> Answer<Snapshot> {
        match self {
            Self::Live(live) => Ok(live.handle()?.snapshot()),
            Self::Virtual(centre) => {
                let centre = &centre.state.lock().centre;
                Ok(centre.exchange().snapshot(centre.now()))
            }
        }
    }

    pub(crate) fn is_live(&self, call: CallId) -> Answer<bool> {
        match self {
            Self::Live(live) => Ok(live.handle()?.is_live(call)),
            Self::Virtual(centre) => centre.run(|state| Ok(state.centre.exchange().is_live(call))),
        }
    }

    /// What has been counted, as JSON.
    pub(crate) fn counted(&self) -> Answer<Value> {
        match self {
            Self::Live(live) => Ok(serde_json::to_value(live.handle()?.stats()).unwrap_or_default()),
            Self::Virtual(centre) => {
                let state = centre.state.lock();
                Ok(json!({"steps": state.centre.steps(), "records": state.centre.records_count()}))
            }
        }
    }

    pub(crate) fn records(&self, query: &Query) -> Answer<Vec<CallRecord>> {
        match self {
            Self::Live(live) => {
                let records = live.handle()?.records(query);
                records.map_err(|why| Trouble::new(CC_E_IO, why.to_string()))
            }
            Self::Virtual(centre) => Ok(centre.records(query)),
        }
    }

    /// Let the people of a simulated device do something.
    pub(crate) fn act(&self, device: &str, line: &str) -> Answer {
        match self {
            Self::Live(live) => Ok(live.handle()?.act(device, line)?),
            Self::Virtual(_) if device != callcore_config::SIM => {
                let text = format!(
                    "there is no device '{device}': virtual time has one, '{}'",
                    callcore_config::SIM
                );
                Err(Trouble::new(CC_E_GONE, text))
            }
            Self::Virtual(centre) => {
                let act: Act = line.parse().map_err(|why| Trouble::arg(format!("\"{line}\": {why}")))?;
                centre.run(|state| state.centre.act(&act).map_err(Trouble::state))
            }
        }
    }

    pub(crate) fn open_audio(&self, rate: callcore_rs::media::Rate) -> Answer<AudioPort> {
        Ok(self.handle()?.open_audio(rate)?)
    }

    /// The node, for what virtual time does not have.
    pub(crate) fn with_handle<T>(&self, ask: impl FnOnce(&Handle) -> Answer<T>) -> Answer<T> {
        ask(&self.handle()?)
    }

    /// The prompt store.
    pub(crate) fn with_prompts<T>(
        &self,
        look: impl FnOnce(&callcore_rs::shell::Prompts) -> Answer<T>,
    ) -> Answer<T> {
        look(self.handle()?.prompts())
    }

    /// Nanoseconds of the core's clock.
    pub(crate) fn now_ns(&self) -> u64 {
        match self {
            Self::Live(live) => live.handle().map_or(0, |handle| now_of(&handle)),
            Self::Virtual(centre) => centre.now_ns.load(Ordering::Acquire),
        }
    }

    /// Let virtual time go on until something is so, for so many milliseconds at most; below 0: for ever.
    pub(crate) fn live_until(&self, is_so: &dyn Fn() -> bool, timeout_ms: i32) -> Answer {
        self.centre()?.live_until(is_so, timeout_ms)
    }
}

fn now_of(handle: &Handle) -> u64 {
    handle.now().instant.as_millis() * 1_000_000
}

fn start_trouble(why: StartError) -> Trouble {
    match why {
        StartError::Wrong(text) => Trouble::new(CC_E_CONFIG, text),
        StartError::Failed(text) => Trouble::new(CC_E_IO, text),
    }
}

impl Live {
    fn start(&self, hub: &Arc<Hub>) -> Answer {
        let mut state = self.state.lock();
        if !matches!(*state, LiveState::New) {
            return Err(Trouble::state("the core is started already, or was stopped: make another"));
        }
        let told = |handle: &Handle| {
            let for_facts = handle.clone();
            (handle.events(), hub.connect(Box::new(move || for_facts.facts())))
        };
        // from the first on, for the queues that are there
        let (node, told) = callcore_config::start_with(&self.loaded, told).map_err(start_trouble)?;
        let handle = node.handle();
        let pump = pump(&handle, hub, told)?;
        *state = LiveState::Running { node, handle, pump };
        Ok(())
    }

    fn handle(&self) -> Answer<Handle> {
        match &*self.state.lock() {
            LiveState::New => Err(Trouble::state("the core is not started: call cc_core_start")),
            LiveState::Running { handle, .. } => Ok(handle.clone()),
            LiveState::Stopped => Err(Trouble::state("the core has stopped")),
        }
    }

    fn stop(&self, hub: &Hub, grace: Duration) -> Answer {
        let Some(mut state) = self.state.try_lock_for(grace.max(Duration::from_secs(1))) else {
            return Err(Trouble::new(CC_E_BUSY, "another thread starts or stops the core now"));
        };
        let (node, handle, pump) = match std::mem::replace(&mut *state, LiveState::Stopped) {
            LiveState::Running { node, handle, pump } => (node, handle, pump),
            LiveState::New | LiveState::Stopped => {
                hub.stop(0);
                return Ok(());
            }
        };
        drop(state);
        wait_until_empty(&handle, Instant::now() + grace);
        let stopped = node.stop().map_err(|why| Trouble::new(CC_E_IO, why.to_string()));
        // the node's senders are gone, so the pump has come to its end
        let _ = pump.join();
        hub.stop(now_of(&handle));
        stopped
    }
}

/// Wait until no call lives, or until then.
fn wait_until_empty(handle: &Handle, until: Instant) {
    let facts = handle.facts();
    let mut live = handle.snapshot().calls.len();
    while live > 0 {
        let Ok(entry) = facts.recv_deadline(until) else { return };
        if matches!(entry.fact, Fact::Ended { .. }) {
            live -= 1;
        }
        if live == 0 {
            // others may have come meanwhile
            live = handle.snapshot().calls.len();
        }
    }
}

/// A thread that passes on what the node tells.
fn pump(handle: &Handle, hub: &Arc<Hub>, told: (Receiver<Event>, Receiver<()>)) -> Answer<JoinHandle<()>> {
    let (events, facts_changed) = told;
    let (handle, hub) = (handle.clone(), Arc::clone(hub));
    let run = move || pass_on(&events, &facts_changed, &handle, &hub);
    let thread = std::thread::Builder::new().name("callcore-hub".to_owned()).spawn(run);
    thread.map_err(|why| Trouble::new(crate::status::CC_E_NOMEM, format!("no thread: {why}")))
}

fn pass_on(events: &Receiver<Event>, facts_changed: &Receiver<()>, handle: &Handle, hub: &Hub) {
    let now_ns = || now_of(handle);
    let pass_on = |event: Event| {
        hub.pass_on_facts(now_ns);
        hub.publish(event, now_ns());
    };
    loop {
        let facts = hub.facts();
        crossbeam_channel::select_biased! {
            recv(facts_changed) -> _ => {}
            recv(facts) -> fact => match fact {
                Ok(fact) => hub.publish_fact(&fact, now_ns()),
                Err(_) => return events.iter().for_each(pass_on),
            },
            recv(events) -> event => match event {
                Ok(event) => {
                    pass_on(event);
                    events.try_iter().for_each(pass_on);
                }
                Err(_) => return hub.pass_on_facts(now_ns),
            },
        }
    }
}

impl Virtual {
    fn start(&self) -> Answer {
        let mut state = self.state.lock();
        if std::mem::replace(&mut state.started, true) {
            return Err(Trouble::state("the core is started already, or was stopped: make another"));
        }
        Ok(())
    }

    /// Do something with the centre, then pass on what it has told.
    fn run<T>(&self, body: impl FnOnce(&mut VirtualState) -> Answer<T>) -> Answer<T> {
        let mut state = self.state.lock();
        if !state.started {
            return Err(Trouble::state("the core is not started: call cc_core_start"));
        }
        if state.stopped {
            return Err(Trouble::state("the core has stopped"));
        }
        let result = body(&mut state);
        self.tell(&mut state);
        result
    }

    fn tell(&self, state: &mut VirtualState) {
        let now_ns = state.centre.now().instant.as_millis() * 1_000_000;
        self.now_ns.store(now_ns, Ordering::Release);
        for event in state.centre.take_events() {
            self.hub.publish(event, now_ns);
        }
        let wants_facts = self.hub.wants_facts();
        for entry in state.centre.take_entries() {
            if wants_facts {
                self.hub.publish_fact(&entry, now_ns);
            }
            if let Some(record) = state.records.push(&entry) {
                state.kept.push_back(record);
                if state.kept.len() > RECORDS_MAX {
                    state.kept.pop_front();
                }
            }
        }
    }

    fn stop(&self, grace: Duration) -> Answer {
        let mut state = self.state.lock();
        if std::mem::replace(&mut state.stopped, true) || !state.started {
            self.hub.stop(0);
            return Ok(());
        }
        let req = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let until = state.centre.now().plus_millis(grace.as_millis() as u64 + 10_000).instant;
        // a centre that is stopping already needs no second word
        let _ = state.centre.command(req, Command::Stop);
        while state.centre.exchange().calls_live() > 0 {
            match state.centre.next_moment() {
                Some(next) if next <= until => state.centre.go_to(next).map_err(|why| broken(&why))?,
                _ => break,
            }
        }
        self.tell(&mut state);
        self.hub.stop(self.now_ns.load(Ordering::Acquire));
        Ok(())
    }

    fn records(&self, query: &Query) -> Vec<CallRecord> {
        let state = self.state.lock();
        let fits = |record: &&CallRecord| {
            let equal = |wanted: &Option<String>, is: Option<&str>| {
                wanted.as_deref().is_none_or(|wanted| is == Some(wanted))
            };
            query.since.is_none_or(|since| record.started >= since)
                && query.until.is_none_or(|until| record.started < until)
                && equal(&query.calling, Some(&record.calling))
                && equal(&query.called, Some(&record.called))
                && equal(&query.agent, record.agent.as_deref())
                && equal(&query.queue, record.queue.as_deref())
                && query.call.is_none_or(|call| record.call == call)
        };
        let found = state.kept.iter().rev().filter(fits).take(query.limit.unwrap_or(usize::MAX));
        found.cloned().collect()
    }

    /// Let time go on for so many milliseconds.
    pub(crate) fn run_for(&self, ms: u64) -> Answer {
        self.run(|state| {
            let until = state.centre.now().plus_millis(ms).instant;
            state.centre.go_to(until).map_err(|why| broken(&why))
        })
    }

    /// Let the next thing happen; false when nothing ever will.
    pub(crate) fn step(&self) -> Answer<bool> {
        self.run(|state| state.centre.step().map_err(|why| broken(&why)))
    }

    /// When the next thing happens, in milliseconds of virtual time.
    pub(crate) fn next_ms(&self) -> Answer<Option<u64>> {
        self.run(|state| Ok(state.centre.next_moment().map(VirtualInstant::as_millis)))
    }

    /// The ledger's digest: equal for equal runs.
    pub(crate) fn digest(&self) -> Answer<String> {
        self.run(|state| Ok(state.centre.digest()))
    }

    fn live_until(&self, is_so: &dyn Fn() -> bool, timeout_ms: i32) -> Answer {
        let until = match u64::try_from(timeout_ms) {
            Ok(ms) => self.run(|state| Ok(Some(state.centre.now().plus_millis(ms).instant)))?,
            Err(_) => None,
        };
        // the wall's time bounds a centre in which something always happens
        let at_most = deadline(600_000);
        while !is_so() {
            let goes_on = self.run(|state| match (state.centre.next_moment(), until) {
                (Some(next), Some(until)) if next > until => {
                    state.centre.go_to(until).map_err(|why| broken(&why)).map(|()| false)
                }
                (Some(next), _) => state.centre.go_to(next).map_err(|why| broken(&why)).map(|()| true),
                (None, Some(until)) => state.centre.go_to(until).map_err(|why| broken(&why)).map(|()| false),
                (None, None) => Ok(false),
            })?;
            if !goes_on {
                return Ok(());
            }
            if at_most.is_some_and(|at_most| Instant::now() > at_most) {
                return Err(Trouble::new(CC_E_TIMEOUT, "ten minutes of real time were not enough"));
            }
        }
        Ok(())
    }
}

fn broken(why: &callcore_rs::sim::Broken) -> Trouble {
    Trouble::new(crate::status::CC_E_INTERNAL, format!("a promise of callcore is broken: {why}"))
}
