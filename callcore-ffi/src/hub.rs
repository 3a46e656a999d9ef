//! Between a core and its queues: each event once as a record, for the queues that want it, and to whoever waits for a command.
//!
//! Most events of a busy centre concern no queue: a record is made when the first wants it, and the ledger's entries are
//! asked for while a queue wants them.

use crate::event::{self, Record};
use crate::queue::Queue;
use crate::types::*;
use callcore_rs::call::CallId;
use callcore_rs::exchange::Event;
use callcore_rs::ledger::Entry;
use crossbeam_channel::{Receiver, Sender, bounded, never};
use parking_lot::{Condvar, Mutex, RwLock};
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Completed commands that are remembered for `cc_wait`, in two generations: when one is full it takes the place of the other.
const GENERATION: usize = 8_192;

#[derive(Default)]
pub(crate) struct Hub {
    queues: RwLock<Vec<Arc<Queue>>>,
    wants_facts: AtomicBool,
    facts: Mutex<Facts>,
    commands: Mutex<Commands>,
    completed: Condvar,
    tags: RwLock<Tags>,
    has_stopped: AtomicBool,
}

/// Asks a node for the ledger's entries from now on.
type Subscribe = Box<dyn Fn() -> Receiver<Entry> + Send>;

/// Where the ledger's entries come from.
#[derive(Default)]
struct Facts {
    node: Option<(Subscribe, Sender<()>)>,
    /// While a queue wants them.
    from: Option<Receiver<Entry>>,
}

/// Fewer tags are not worth looking through for calls that are over.
const TAGS_FEW: usize = 1024;

/// Tags of calls. An end that is told takes its tag away; for the others whoever has many is told to look.
#[derive(Default)]
struct Tags {
    of: HashMap<cc_id, u64>,
    /// Those that were left when they were last looked through.
    kept: usize,
}

/// The end of a command. There are many, so it is small.
pub(crate) struct Completed {
    what: What,
    t_ns: u64,
    user: u64,
}

enum What {
    /// Most ends are this.
    Done(cc_req, Option<CallId>),
    Other(Box<Event>),
}

impl Completed {
    fn new(event: Event, head: &cc_event) -> Self {
        let what = match event {
            Event::Done { request, call, failed: None } => What::Done(request, call),
            event => What::Other(Box::new(event)),
        };
        Self { what, t_ns: head.t_ns, user: head.user }
    }

    /// Its record, and the status in it.
    pub(crate) fn record(&self) -> (Record, cc_status) {
        let done;
        let event = match &self.what {
            What::Done(request, call) => {
                done = Event::Done { request: *request, call: *call, failed: None };
                &done
            }
            What::Other(event) => event,
        };
        let head = cc_event { t_ns: self.t_ns, user: self.user, ..event::head(event) };
        (Record::event(event, head), head.status)
    }
}

/// What must be known of a command while it is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum UnderWay {
    /// Its DONE is not its end.
    Long,
    /// It makes a call with this tag.
    Making(u64),
}

#[derive(Default)]
struct Commands {
    under_way: HashMap<cc_req, UnderWay>,
    newer: HashMap<cc_req, Completed>,
    older: HashMap<cc_req, Completed>,
}

impl Commands {
    /// Whether this event is the end of its command.
    fn is_end(&self, head: &cc_event) -> bool {
        match head.r#type {
            CC_EV_DONE => head.status < 0 || self.under_way.get(&head.req) != Some(&UnderWay::Long),
            CC_EV_PLAY_DONE
            | CC_EV_COLLECT_DONE
            | CC_EV_RECORD_DONE
            | CC_EV_UNBRIDGED
            | CC_EV_SUPERVISION_ENDED => true,
            _ => false,
        }
    }

    /// Keep an end for whoever waits for it; the older ones of too many are forgotten.
    fn remember(&mut self, req: cc_req, completed: Completed) {
        if self.newer.len() == GENERATION {
            std::mem::swap(&mut self.newer, &mut self.older);
            self.newer.clear();
        }
        self.newer.insert(req, completed);
    }

    fn take(&mut self, req: cc_req) -> Option<Completed> {
        self.newer.remove(&req).or_else(|| self.older.remove(&req))
    }
}

impl Hub {
    pub(crate) fn add(&self, queue: &Arc<Queue>) {
        self.queues.write().push(Arc::clone(queue));
        self.look_for_facts();
        if self.has_stopped.load(Ordering::Acquire) {
            queue.end(&Record::stopped(0), 0);
        }
    }

    pub(crate) fn remove(&self, queue: &Arc<Queue>) {
        self.queues.write().retain(|other| !Arc::ptr_eq(other, queue));
        self.look_for_facts();
    }

    /// Take entries of the ledger from a node from now on, while a queue wants them. The other end of what it gives is told
    /// each time that [`Hub::facts`] is another.
    pub(crate) fn connect(&self, subscribe: Subscribe) -> Receiver<()> {
        let (to, changed) = bounded(1);
        *self.facts.lock() = Facts { node: Some((subscribe, to)), from: None };
        self.look_for_facts();
        changed
    }

    fn look_for_facts(&self) {
        let mut facts = self.facts.lock();
        let wants = self.queues.read().iter().any(|queue| queue.filter().facts);
        // before the first can come, see `pass_on_facts`
        self.wants_facts.store(wants, Ordering::Release);
        if facts.from.is_some() == wants {
            return;
        }
        if let Facts { node: Some((subscribe, changed)), from } = &mut *facts {
            *from = wants.then(subscribe);
            // one word that waits is as good as two
            let _ = changed.try_send(());
        }
    }

    /// Whether anybody reads entries of the ledger.
    pub(crate) fn wants_facts(&self) -> bool {
        self.wants_facts.load(Ordering::Acquire)
    }

    /// The node's entries of the ledger; nothing comes while nobody wants any.
    pub(crate) fn facts(&self) -> Receiver<Entry> {
        self.facts.lock().from.clone().unwrap_or_else(never)
    }

    /// Facts are told before the events that follow from them.
    pub(crate) fn pass_on_facts(&self, now_ns: impl Fn() -> u64) {
        if self.wants_facts() {
            let facts = self.facts();
            facts.try_iter().for_each(|fact| self.publish_fact(&fact, now_ns()));
        }
    }

    /// A command is about to be given that ends later than it is done.
    pub(crate) fn expect(&self, req: cc_req) {
        self.commands.lock().under_way.insert(req, UnderWay::Long);
    }

    /// A command is about to be given that makes a call with this tag.
    pub(crate) fn expect_call(&self, req: cc_req, user: u64) {
        if user != 0 {
            self.commands.lock().under_way.insert(req, UnderWay::Making(user));
        }
    }

    /// It was refused.
    pub(crate) fn forget(&self, req: cc_req) {
        self.commands.lock().under_way.remove(&req);
    }

    /// Give a call a tag; 0 takes it away. True when there are so many that some may be of calls that are over: see
    /// [`Hub::keep_tags_of`].
    pub(crate) fn tag(&self, call: cc_id, user: u64) -> bool {
        let mut tags = self.tags.write();
        if user == 0 {
            tags.of.remove(&call)
        } else {
            tags.of.insert(call, user)
        };
        tags.of.len() > TAGS_FEW + 2 * tags.kept
    }

    /// Forget the tags of all other calls.
    pub(crate) fn keep_tags_of(&self, live: &HashSet<cc_id>) {
        let mut tags = self.tags.write();
        tags.of.retain(|call, _| live.contains(call));
        tags.kept = tags.of.len();
    }

    /// The tag of an event: that of its call.
    fn tag_of(&self, head: &cc_event) -> u64 {
        match head.r#type {
            CC_EV_ORIGINATED => {
                let making = self.commands.lock().under_way.remove(&head.req);
                let Some(UnderWay::Making(user)) = making else { return 0 };
                self.tag(head.call, user);
                user
            }
            CC_EV_ENDED => self.tags.write().of.remove(&head.call).unwrap_or(0),
            _ if head.call == 0 => 0,
            _ => self.tags.read().of.get(&head.call).copied().unwrap_or(0),
        }
    }

    pub(crate) fn publish(&self, event: Event, t_ns: u64) {
        if matches!(event, Event::Stopped) {
            // told once, when nothing can follow it: see `stop`
            return;
        }
        let mut head = event::head(&event);
        (head.t_ns, head.user) = (t_ns, self.tag_of(&head));
        let record = OnceCell::new();
        for queue in self.queues.read().iter().filter(|queue| queue.filter().takes(&head)) {
            queue.push(record.get_or_init(|| Record::event(&event, head)), t_ns);
        }
        self.complete(event, head);
    }

    fn complete(&self, event: Event, head: cc_event) {
        if head.req == 0 {
            return;
        }
        let mut commands = self.commands.lock();
        if commands.is_end(&head) {
            commands.under_way.remove(&head.req);
            commands.remember(head.req, Completed::new(event, &head));
            self.completed.notify_all();
        }
    }

    pub(crate) fn publish_fact(&self, entry: &Entry, t_ns: u64) {
        let record = Record::fact(entry, t_ns);
        for queue in self.queues.read().iter().filter(|queue| queue.filter().facts) {
            queue.push(&record, t_ns);
        }
    }

    /// Nothing more will come.
    pub(crate) fn stop(&self, t_ns: u64) {
        if self.has_stopped.swap(true, Ordering::AcqRel) {
            return;
        }
        *self.facts.lock() = Facts::default();
        let record = Record::stopped(t_ns);
        self.queues.read().iter().for_each(|queue| queue.end(&record, t_ns));
        self.completed.notify_all();
    }

    /// The end of a command, taken out: it is told once.
    pub(crate) fn take(&self, req: cc_req) -> Option<Completed> {
        self.commands.lock().take(req)
    }

    /// It was taken, and could not be told.
    pub(crate) fn put_back(&self, req: cc_req, completed: Completed) {
        self.commands.lock().remember(req, completed);
    }

    /// Wait for it until then; `None`: it has not come, or never will because the core has stopped.
    pub(crate) fn wait(&self, req: cc_req, until: Option<Instant>) -> Option<Completed> {
        let mut commands = self.commands.lock();
        loop {
            if let Some(completed) = commands.take(req) {
                return Some(completed);
            }
            if self.has_stopped.load(Ordering::Acquire) {
                return None;
            }
            match until {
                None => self.completed.wait(&mut commands),
                Some(until) if self.completed.wait_until(&mut commands, until).timed_out() => {
                    return commands.take(req);
                }
                Some(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::parsed;
    use crossbeam_channel::unbounded;
    use std::sync::Weak;

    fn queue(hub: &Hub, filter: &str) -> Arc<Queue> {
        let filter = parsed(filter, "the filter").expect("a filter");
        let queue = Queue::new(Weak::new(), filter, 0).expect("a descriptor");
        hub.add(&queue);
        queue
    }

    fn done(request: cc_req) -> Event {
        Event::Done { request, call: None, failed: None }
    }

    /// Allocations that it takes to publish an event.
    fn allocations(hub: &Hub, event: Event) -> u64 {
        allocation_counter::measure(|| hub.publish(event, 1)).count_total
    }

    fn line(current_ua: i32) -> Event {
        let channel = callcore_rs::board::ChannelId { device: callcore_rs::board::DeviceId(0), index: 1 };
        Event::LineMeasured { channel, voltage_mv: 48_000, current_ua }
    }

    #[test]
    fn an_event_that_no_queue_wants_is_not_written_down() {
        let hub = Hub::default();
        let unwanted = queue(&hub, "{\"events\":[26]}");
        (1..=100).for_each(|req| hub.publish(done(req), 1));
        assert_eq!(allocations(&hub, line(1)), 0, "nobody wants it");
        assert_eq!(allocations(&hub, done(101)), 0, "it is kept for cc_wait, and not as JSON");
        assert!(unwanted.is_waiting());
        let all = queue(&hub, "{}");
        assert!(allocations(&hub, line(2)) > 1, "this counts what it should");
        assert!(unwanted.is_waiting() && !all.is_waiting());
        let completed = hub.take(101).expect("it was kept");
        assert_eq!(
            completed.record().0.json(),
            "{\"event\":\"done\",\"request\":101,\"call\":null,\"failed\":null}"
        );
    }

    #[test]
    fn the_newest_ends_of_commands_are_kept_and_the_oldest_forgotten() {
        let hub = Hub::default();
        let last = 3 * GENERATION as u64 + 5;
        (1..=last).for_each(|req| hub.publish(done(req), req));
        let kept = |commands: &Commands| commands.newer.len() + commands.older.len();
        assert!(kept(&hub.commands.lock()) <= 2 * GENERATION);
        assert!(hub.take(1).is_none(), "it was the oldest");
        let first = last - GENERATION as u64;
        assert!((first..=last).all(|req| hub.take(req).is_some_and(|end| end.t_ns == req)));
        assert!(hub.take(last).is_none(), "it is told once");
    }

    #[test]
    fn tags_of_calls_whose_end_is_not_told_are_forgotten() {
        let hub = Hub::default();
        let live = HashSet::from([7, 8]);
        let mut looked = 0;
        for call in 7..=100_000 {
            if hub.tag(call, 1) {
                hub.keep_tags_of(&live);
                looked += 1;
            }
            assert!(hub.tags.read().of.len() <= TAGS_FEW + 2 * live.len() + 1, "at call {call}");
        }
        assert!(looked < 100, "looked through {looked} times");
        assert!(live.iter().all(|call| hub.tags.read().of.contains_key(call)));
    }

    #[test]
    fn entries_of_the_ledger_are_asked_for_while_a_queue_wants_them() {
        let hub = Hub::default();
        let _other = queue(&hub, "{}");
        let asked = Arc::new(Mutex::new(Vec::<Sender<Entry>>::new()));
        let for_hub = Arc::clone(&asked);
        let changed = hub.connect(Box::new(move || {
            let (to, from) = unbounded();
            for_hub.lock().push(to);
            from
        }));
        assert!(asked.lock().is_empty() && changed.is_empty(), "nobody wants them");
        let (one, two) = (queue(&hub, "{\"facts\":true}"), queue(&hub, "{\"facts\":true}"));
        assert_eq!((asked.lock().len(), changed.try_iter().count()), (1, 1), "once for both");
        let entry: Entry =
            parsed("{\"seq\":1,\"at\":0,\"wall\":0,\"fact\":\"answered\"}", "the entry").expect("JSON");
        asked.lock()[0].send(entry.clone()).expect("it is read");
        hub.pass_on_facts(|| 1);
        assert!(!one.is_waiting() && !two.is_waiting());
        hub.remove(&one);
        assert!(asked.lock()[0].send(entry.clone()).is_ok(), "one is left who wants them");
        hub.remove(&two);
        assert!(asked.lock()[0].send(entry).is_err(), "and now nobody: nothing is copied any more");
        let _again = queue(&hub, "{\"facts\":true}");
        assert_eq!(asked.lock().len(), 2);
    }
}
