//! Records on their way to a program: bounded, numbered, and a descriptor that is readable while there are any.

use crate::event::Record;
use std::collections::VecDeque;
use std::sync::Arc;

/// What waits. The caller locks it.
pub(crate) struct Ring {
    waiting: VecDeque<(u64, Arc<Record>)>,
    bytes: usize,
    bytes_max: usize,
    seq: u64,
    lost: u64,
    has_last: bool,
    fd: i32,
}

/// Fewer bytes hold no event worth having.
pub(crate) const BYTES_MIN: u32 = 4 * 1024;
/// What a queue has that does not say how many.
pub(crate) const BYTES_USUAL: u32 = 1 << 20;
/// More is a program that has stopped reading.
pub(crate) const BYTES_MAX: u32 = 1 << 30;

impl Ring {
    /// `None`: no descriptor can be had.
    pub(crate) fn new(bytes_max: u32) -> Option<Self> {
        // SAFETY: no pointers.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        let waiting = VecDeque::new();
        let bytes_max = bytes_max.clamp(BYTES_MIN, BYTES_MAX) as usize;
        (fd >= 0).then_some(Self { waiting, bytes: 0, bytes_max, seq: 0, lost: 0, has_last: false, fd })
    }

    pub(crate) fn fd(&self) -> i32 {
        self.fd
    }

    /// One more; or, when there is no room, one more that is lost.
    pub(crate) fn push(&mut self, record: &Arc<Record>) {
        let announced = self.announced(record.t_ns());
        let need = record.size() + announced.as_ref().map_or(0, |lost| lost.size());
        if self.bytes + need > self.bytes_max {
            self.lost += 1;
            return;
        }
        self.put_after(announced, record);
    }

    /// The last one, for which there is always room.
    pub(crate) fn push_last(&mut self, record: &Arc<Record>) {
        if !std::mem::replace(&mut self.has_last, true) {
            let announced = self.announced(record.t_ns());
            self.put_after(announced, record);
        }
    }

    /// Whether nothing follows what is in it.
    pub(crate) fn has_last(&self) -> bool {
        self.has_last
    }

    fn announced(&self, t_ns: u64) -> Option<Arc<Record>> {
        (self.lost > 0).then(|| Arc::new(Record::lost(self.lost, t_ns)))
    }

    fn put_after(&mut self, announced: Option<Arc<Record>>, record: &Arc<Record>) {
        if let Some(lost) = announced {
            self.lost = 0;
            self.put(lost);
        }
        self.put(Arc::clone(record));
    }

    fn put(&mut self, record: Arc<Record>) {
        self.seq += 1;
        self.bytes += record.size();
        if self.waiting.is_empty() {
            self.signal();
        }
        self.waiting.push_back((self.seq, record));
    }

    /// The next record and its number, if its bytes are no more than `room`; `Err`: how many they are.
    pub(crate) fn pop(&mut self, room: usize) -> Option<Result<(u64, Arc<Record>), usize>> {
        let size = self.waiting.front()?.1.size();
        if size > room {
            return Some(Err(size));
        }
        let next = self.waiting.pop_front()?;
        self.bytes -= size;
        if self.waiting.is_empty() {
            self.unsignal();
            // nothing may follow for long: who has read all that there was knows at once that it was not all
            if let Some(lost) = self.announced(next.1.t_ns()) {
                self.lost = 0;
                self.put(lost);
            }
        }
        Some(Ok(next))
    }

    /// Bytes of the next record; 0 when there is none.
    pub(crate) fn next_size(&self) -> usize {
        self.waiting.front().map_or(0, |(_, record)| record.size())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn signal(&self) {
        let one = 1_u64;
        // SAFETY: the descriptor is ours, the eight bytes live through the call. It cannot be full: it is 0.
        unsafe { libc::write(self.fd, (&raw const one).cast(), 8) };
    }

    fn unsignal(&self) {
        let mut count = 0_u64;
        // SAFETY: as above; it does not block.
        unsafe { libc::read(self.fd, (&raw mut count).cast(), 8) };
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours and nobody's any more.
        unsafe { libc::close(self.fd) };
    }
}
