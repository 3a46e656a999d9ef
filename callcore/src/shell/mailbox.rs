//! A bounded queue with one reader that sleeps when there is nothing: what threads of the shell are told through.
//!
//! General channels look again and again, and yield, before they sleep: good for throughput, and most of what a hop
//! costs when there are a few hundred a second. This one sleeps at once, and waking it is a system call only when it does.
//!
//! # No wake-up is lost
//!
//! The reader takes, and parks when there was nothing; a writer puts, and then unparks. A park after an unpark returns at
//! once and sees what was put before it, so the order of the two does not matter. What remains:
//!
//! - the reader makes itself known at its first wait, then takes; a writer puts, then looks who the reader is. A fence
//!   between the two steps on each side makes one of them see the other;
//! - a writer that waits for room counts itself, then tries; the reader takes, then looks at the count. Again fences. The
//!   writer holds the lock from its try to its wait, and the reader takes that lock before it tells, so it is heard.

use crossbeam_queue::ArrayQueue;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Longest sleep without a look around.
const SLEEP_MAX: Duration = Duration::from_secs(3600);

/// A queue of at most `size` messages.
pub(crate) fn mailbox<T>(size: usize) -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared {
        queue: ArrayQueue::new(size),
        reader: OnceLock::new(),
        is_read: AtomicBool::new(true),
        senders: AtomicUsize::new(1),
        waiting: AtomicUsize::new(0),
        lock: Mutex::new(()),
        room: Condvar::new(),
    });
    (Sender { shared: Arc::clone(&shared) }, Receiver { shared })
}

/// Why nothing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// The time is over.
    Late,
    /// There is no sender any more, and all it sent has been taken.
    Over,
}

#[derive(Debug)]
struct Shared<T> {
    queue: ArrayQueue<T>,
    reader: OnceLock<Thread>,
    is_read: AtomicBool,
    senders: AtomicUsize,
    /// Senders that wait for room.
    waiting: AtomicUsize,
    lock: Mutex<()>,
    room: Condvar,
}

impl<T> Shared<T> {
    fn wake(&self) {
        let reader = self.reader.get().or_else(|| {
            fence(Ordering::SeqCst);
            self.reader.get()
        });
        if let Some(reader) = reader {
            reader.unpark();
        }
    }

    fn clear(&self) {
        while self.queue.pop().is_some() {}
    }
}

/// The end that is told; as many as wished, from any thread.
#[derive(Debug)]
pub(crate) struct Sender<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Sender<T> {
    /// Put a message without waking the reader, who may not see it before [`Self::wake`]. It comes back when there is no
    /// room or no reader.
    pub(crate) fn put(&self, message: T) -> Result<(), T> {
        if !self.shared.is_read.load(Ordering::SeqCst) {
            return Err(message);
        }
        self.shared.queue.push(message)?;
        if !self.shared.is_read.load(Ordering::SeqCst) {
            // it left meanwhile: nobody would ever take what waits
            self.shared.clear();
        }
        Ok(())
    }

    /// Wake the reader for what was [`Self::put`].
    pub(crate) fn wake(&self) {
        self.shared.wake();
    }

    /// A message that does not wait for room: then it comes back, as it does when there is no reader.
    pub(crate) fn try_send(&self, message: T) -> Result<(), T> {
        self.put(message)?;
        self.wake();
        Ok(())
    }

    /// A message that waits for room. It comes back when there is no reader.
    pub(crate) fn send(&self, message: T) -> Result<(), T> {
        self.send_until(message, None)
    }

    /// A message that waits for room for a while. It comes back when there is no reader, or no room in time.
    pub(crate) fn send_timeout(&self, message: T, wait_max: Duration) -> Result<(), T> {
        self.send_until(message, Some(Instant::now() + wait_max))
    }

    fn send_until(&self, message: T, deadline: Option<Instant>) -> Result<(), T> {
        let Err(message) = self.try_send(message) else { return Ok(()) };
        let shared = &*self.shared;
        // nothing is behind the lock that a panic could leave halfway
        let mut guard = shared.lock.lock().unwrap_or_else(PoisonError::into_inner);
        shared.waiting.fetch_add(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        let mut message = message;
        let sent = loop {
            message = match self.try_send(message) {
                Ok(()) => break Ok(()),
                Err(back) => back,
            };
            let left = deadline.map_or(SLEEP_MAX, |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() || !shared.is_read.load(Ordering::SeqCst) {
                break Err(message);
            }
            guard = shared.room.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        shared.waiting.fetch_sub(1, Ordering::SeqCst);
        sent
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.senders.fetch_add(1, Ordering::SeqCst);
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if self.shared.senders.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.shared.wake();
        }
    }
}

/// The end that reads. It belongs to the thread that waits first.
#[derive(Debug)]
pub(crate) struct Receiver<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Receiver<T> {
    /// The next message, if there is one.
    pub(crate) fn try_recv(&self) -> Option<T> {
        let message = self.shared.queue.pop()?;
        fence(Ordering::SeqCst);
        if self.shared.waiting.load(Ordering::SeqCst) > 0 {
            self.tell_room();
        }
        Some(message)
    }

    fn tell_room(&self) {
        drop(self.shared.lock.lock());
        self.shared.room.notify_all();
    }

    /// The next message, as soon as there is one.
    pub(crate) fn recv(&self) -> Result<T, Nothing> {
        self.recv_until(None)
    }

    /// The next message, if it comes in time.
    pub(crate) fn recv_deadline(&self, deadline: Instant) -> Result<T, Nothing> {
        self.recv_until(Some(deadline))
    }

    fn recv_until(&self, deadline: Option<Instant>) -> Result<T, Nothing> {
        if self.shared.reader.get().is_none() {
            let _ = self.shared.reader.set(std::thread::current());
            fence(Ordering::SeqCst);
        }
        loop {
            // looked at first: what the last sender sent was there before it went
            let is_over = self.shared.senders.load(Ordering::SeqCst) == 0;
            if let Some(message) = self.try_recv() {
                return Ok(message);
            }
            let left = deadline.map_or(SLEEP_MAX, |at| at.saturating_duration_since(Instant::now()));
            match (is_over, left.is_zero()) {
                (true, _) => return Err(Nothing::Over),
                (false, true) => return Err(Nothing::Late),
                (false, false) => std::thread::park_timeout(left),
            }
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.is_read.store(false, Ordering::SeqCst);
        self.shared.clear();
        self.tell_room();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn everything_comes_once_and_in_the_order_of_its_sender() {
        const EACH: u32 = 20_000;
        for size in [1, 3, 64] {
            let (sender, receiver) = mailbox(size);
            let senders = (0..4).map(|_| sender.clone()).collect::<Vec<_>>();
            drop(sender);
            let threads = senders.into_iter().zip(0usize..).map(|(sender, who)| {
                thread::spawn(move || (0..EACH).for_each(|n| sender.send((who, n)).expect("it is read")))
            });
            let threads = threads.collect::<Vec<_>>();
            let mut next = [0; 4];
            while let Ok((who, n)) = receiver.recv() {
                assert_eq!(n, next[who]);
                next[who] += 1;
            }
            assert_eq!(next, [EACH; 4]);
            threads.into_iter().for_each(|thread| thread.join().expect("it ends"));
        }
    }

    /// One message at a time there and back: each side goes to sleep before each, so any lost wake-up hangs it.
    #[test]
    fn no_wake_up_is_lost() {
        let (there, from_there) = mailbox(1);
        let (back, from_back) = mailbox(1);
        let echo = thread::spawn(move || {
            while let Ok(n) = from_there.recv() {
                back.send(n).expect("it is read");
            }
        });
        for n in 0..20_000u32 {
            there.put(n).expect("it is read");
            there.wake();
            assert_eq!(from_back.recv_deadline(Instant::now() + Duration::from_secs(60)), Ok(n));
        }
        drop(there);
        echo.join().expect("it ends");
        assert_eq!(from_back.recv(), Err(Nothing::Over));
    }

    #[test]
    fn a_full_one_gives_back() {
        let (sender, receiver) = mailbox(1);
        assert_eq!(sender.try_send(1), Ok(()));
        assert_eq!(sender.try_send(2), Err(2));
        assert_eq!(sender.send_timeout(3, Duration::from_millis(1)), Err(3));
        assert_eq!(receiver.try_recv(), Some(1));
        assert_eq!(receiver.recv_deadline(Instant::now()), Err(Nothing::Late));
        assert_eq!(sender.send_timeout(4, Duration::ZERO), Ok(()));
    }

    #[test]
    fn a_reader_that_leaves_lets_go_of_what_waits() {
        let (sender, receiver) = mailbox(1);
        let message = Arc::new(());
        sender.try_send(Arc::clone(&message)).expect("there is room");
        let (waiting, second) = (sender.clone(), Arc::clone(&message));
        let waiting = thread::spawn(move || waiting.send(second).is_ok());
        drop(receiver);
        // it came in before the reader left, or was told; either way it does not wait for ever
        waiting.join().expect("it ends");
        assert_eq!(Arc::strong_count(&message), 1);
        assert!(sender.send(message).is_err());
    }
}
