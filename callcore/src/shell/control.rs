//! The control thread: it owns the exchange, and nothing else ever touches it.
//!
//! ```text
//!   replies, boards, media, wishes ─▶ take a batch ─▶ handle_input / handle_timeout ─▶ poll_output ─▶ Journal
//!                     ▲                                                                                 │
//!                     └── park until poll_timeout, or until somebody pushes ◀───────────────────────────┘
//! ```

use super::handle::{Shared, Wish};
use super::journal::Journal;
use super::stats::add;
use crate::exchange::{Exchange, Input, Output};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

/// Inputs taken of one source before the next has its turn.
const TURN_MAX: usize = 64;
/// Longest sleep when no timer is set.
const SLEEP_MAX: Duration = Duration::from_secs(3600);

pub(crate) struct Control {
    exchange: Exchange,
    shared: Arc<Shared>,
    journal: Journal,
}

impl Control {
    pub(crate) fn new(exchange: Exchange, shared: Arc<Shared>, journal: Journal) -> Self {
        Self { exchange, shared, journal }
    }

    pub(crate) fn spawn(mut self) -> io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("callcore-control".into()).spawn(move || {
            // a bug of ours ends the thread; whoever waits for it is then told so
            let closing = CloseOnDrop(Arc::clone(&self.shared));
            self.run();
            drop(closing);
        })
    }

    fn run(&mut self) {
        self.shared.inbox.waker.set();
        while !self.shared.inbox.is_closed() {
            let taken = self.take_batch();
            self.fire_timers();
            if !self.put_out() {
                return;
            }
            if taken == 0 {
                std::thread::park_timeout(self.sleep());
            } else {
                add(&self.shared.counters.inputs, taken);
                self.shared.counters.batch_max.fetch_max(taken, Ordering::Relaxed);
            }
        }
    }

    /// One turn for each source; how many inputs that were.
    fn take_batch(&mut self) -> u64 {
        let shared = Arc::clone(&self.shared);
        let mut taken = 0;
        while let Some(input) = shared.inbox.replies.pop() {
            taken += self.handle(input);
        }
        for port in shared.boards.all().iter() {
            for event in std::iter::from_fn(|| port.ring.pop()).take(TURN_MAX) {
                tracing::debug!(device = port.name, ?event, "board");
                taken += self.handle(Input::Board(event));
            }
        }
        for event in std::iter::from_fn(|| shared.inbox.media.pop()).take(TURN_MAX) {
            taken += self.handle(Input::Media(event));
        }
        for wish in std::iter::from_fn(|| shared.inbox.commands.pop()).take(TURN_MAX) {
            taken += 1;
            self.grant(wish);
        }
        taken
    }

    fn handle(&mut self, input: Input) -> u64 {
        if let Err(refused) = self.exchange.handle_input(self.shared.clock.now(), input) {
            // only commands are refused, and they come as wishes
            tracing::error!(%refused, "the exchange refused an event");
        }
        1
    }

    fn grant(&mut self, wish: Wish) {
        let now = self.shared.clock.now();
        match wish {
            Wish::Command(request, command, answer) if answer.take_up() => {
                tracing::debug!(request, ?command, "command");
                answer.send(self.exchange.handle_input(now, Input::Command(request, command)));
            }
            Wish::Snapshot(answer) if answer.take_up() => answer.send(self.exchange.snapshot(now)),
            Wish::IsLive(call, answer) if answer.take_up() => answer.send(self.exchange.is_live(call)),
            Wish::Command(..) | Wish::Snapshot(_) | Wish::IsLive(..) => {}
        }
    }

    fn fire_timers(&mut self) {
        let now = self.shared.clock.now();
        if self.exchange.poll_timeout().is_some_and(|(at, _)| at <= now.instant) {
            self.exchange.handle_timeout(now);
        }
    }

    /// Hand the outputs on. The journal being full holds everything up: nothing may happen that is not written.
    fn put_out(&mut self) -> bool {
        let batch: Vec<Output> = std::iter::from_fn(|| self.exchange.poll_output()).collect();
        batch.is_empty() || self.journal.send(batch).is_ok()
    }

    fn sleep(&self) -> Duration {
        match self.exchange.poll_timeout() {
            // a little more, so that it does not wake just before
            Some((at, _)) => (self.shared.clock.until(at) + Duration::from_micros(20)).min(SLEEP_MAX),
            None => SLEEP_MAX,
        }
    }
}

struct CloseOnDrop(Arc<Shared>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.inbox.close();
    }
}
