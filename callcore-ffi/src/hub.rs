//! Between a core and its queues: each event once as a record, to every queue that wants it, and to whoever waits for a command.

use crate::event::Record;
use crate::queue::Queue;
use crate::types::*;
use callcore_rs::exchange::Event;
use callcore_rs::ledger::Entry;
use parking_lot::{Condvar, Mutex, RwLock};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Completed commands that are remembered for `cc_wait`.
const DONE_MAX: usize = 16_384;

#[derive(Default)]
pub(crate) struct Hub {
    queues: RwLock<Vec<Arc<Queue>>>,
    wants_facts: AtomicBool,
    commands: Mutex<Commands>,
    completed: Condvar,
    /// Tags of calls.
    users: RwLock<HashMap<cc_id, u64>>,
    has_stopped: AtomicBool,
}

#[derive(Default)]
struct Commands {
    /// Those whose DONE is not their end.
    long: HashMap<cc_req, ()>,
    /// Tags for calls that are being made.
    making: HashMap<cc_req, u64>,
    done: HashMap<cc_req, Arc<Record>>,
    order: VecDeque<cc_req>,
}

impl Commands {
    /// Keep an end for whoever waits for it; the oldest of too many is forgotten.
    fn remember(&mut self, record: &Arc<Record>) {
        let req = record.head().req;
        self.done.insert(req, Arc::clone(record));
        self.order.push_back(req);
        if self.order.len() > DONE_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.done.remove(&oldest);
        }
    }
}

impl Hub {
    pub(crate) fn add(&self, queue: &Arc<Queue>) {
        self.queues.write().push(Arc::clone(queue));
        self.look_for_facts();
        if self.has_stopped.load(Ordering::Acquire) {
            queue.end(&Arc::new(Record::stopped(0)));
        }
    }

    pub(crate) fn remove(&self, queue: &Arc<Queue>) {
        self.queues.write().retain(|other| !Arc::ptr_eq(other, queue));
        self.look_for_facts();
    }

    fn look_for_facts(&self) {
        let wants = self.queues.read().iter().any(|queue| queue.filter().facts);
        self.wants_facts.store(wants, Ordering::Release);
    }

    /// Whether anybody reads entries of the ledger.
    pub(crate) fn wants_facts(&self) -> bool {
        self.wants_facts.load(Ordering::Acquire)
    }

    /// A command is about to be given that ends later than it is done.
    pub(crate) fn expect(&self, req: cc_req) {
        self.commands.lock().long.insert(req, ());
    }

    /// A command is about to be given that makes a call with this tag.
    pub(crate) fn expect_call(&self, req: cc_req, user: u64) {
        if user != 0 {
            self.commands.lock().making.insert(req, user);
        }
    }

    /// It was refused.
    pub(crate) fn forget(&self, req: cc_req) {
        let mut commands = self.commands.lock();
        commands.long.remove(&req);
        commands.making.remove(&req);
    }

    /// Give a call a tag; 0 takes it away.
    pub(crate) fn tag(&self, call: cc_id, user: u64) {
        let mut users = self.users.write();
        if user == 0 {
            users.remove(&call)
        } else {
            users.insert(call, user)
        };
    }

    pub(crate) fn publish(&self, event: &Event, t_ns: u64) {
        if matches!(event, Event::Stopped) {
            // told once, when nothing can follow it: see `stop`
            return;
        }
        let call = crate::event::call_of(event);
        let made = match event {
            Event::Done { request, call: Some(call), .. } => {
                self.commands.lock().making.remove(request).map(|user| (call.to_bits(), user))
            }
            _ => None,
        };
        if let Some((call, user)) = made {
            self.tag(call, user);
        }
        let user = self.users.read().get(&call).copied().unwrap_or(0);
        let record = Arc::new(Record::event(event, t_ns, user));
        if record.head().r#type == CC_EV_ENDED {
            self.users.write().remove(&call);
        }
        self.complete(&record);
        for queue in self.queues.read().iter() {
            if queue.filter().takes(record.head()) {
                queue.push(&record);
            }
        }
    }

    fn complete(&self, record: &Arc<Record>) {
        let head = record.head();
        if head.req == 0 {
            return;
        }
        let mut commands = self.commands.lock();
        let is_end = match head.r#type {
            CC_EV_DONE => head.status < 0 || !commands.long.contains_key(&head.req),
            CC_EV_PLAY_DONE
            | CC_EV_COLLECT_DONE
            | CC_EV_RECORD_DONE
            | CC_EV_UNBRIDGED
            | CC_EV_SUPERVISION_ENDED => true,
            _ => false,
        };
        if !is_end {
            return;
        }
        commands.long.remove(&head.req);
        commands.remember(record);
        self.completed.notify_all();
    }

    pub(crate) fn publish_fact(&self, entry: &Entry, t_ns: u64) {
        let record = Arc::new(Record::fact(entry, t_ns));
        for queue in self.queues.read().iter().filter(|queue| queue.filter().facts) {
            queue.push(&record);
        }
    }

    /// Nothing more will come.
    pub(crate) fn stop(&self, t_ns: u64) {
        if self.has_stopped.swap(true, Ordering::AcqRel) {
            return;
        }
        let record = Arc::new(Record::stopped(t_ns));
        self.queues.read().iter().for_each(|queue| queue.end(&record));
        self.completed.notify_all();
    }

    /// The end of a command, taken out: it is told once.
    pub(crate) fn take(&self, req: cc_req) -> Option<Arc<Record>> {
        self.commands.lock().done.remove(&req)
    }

    /// It was taken, and could not be told.
    pub(crate) fn put_back(&self, record: &Arc<Record>) {
        self.commands.lock().remember(record);
    }

    /// Wait for it until then; `None`: it has not come, or never will because the core has stopped.
    pub(crate) fn wait(&self, req: cc_req, until: Option<Instant>) -> Option<Arc<Record>> {
        let mut commands = self.commands.lock();
        loop {
            if let Some(record) = commands.done.remove(&req) {
                return Some(record);
            }
            if self.has_stopped.load(Ordering::Acquire) {
                return None;
            }
            match until {
                None => self.completed.wait(&mut commands),
                Some(until) if self.completed.wait_until(&mut commands, until).timed_out() => {
                    return commands.done.remove(&req);
                }
                Some(_) => {}
            }
        }
    }
}
