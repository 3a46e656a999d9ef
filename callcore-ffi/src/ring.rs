//! Records on their way to a program: bounded, numbered, and a descriptor that is readable while there are any.

use crate::event::Record;
use std::collections::VecDeque;

/// What waits, as bytes, one record after the other. The caller locks it.
pub(crate) struct Ring {
    waiting: VecDeque<u8>,
    bytes_max: usize,
    seq: u64,
    lost: u64,
    /// When the last was lost.
    lost_ns: u64,
    has_last: bool,
    fd: i32,
}

/// An empty ring keeps no more room than this.
const ROOM_KEPT: usize = 64 * 1024;
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
        let (seq, lost, lost_ns, has_last) = (0, 0, 0, false);
        (fd >= 0).then_some(Self { waiting, bytes_max, seq, lost, lost_ns, has_last, fd })
    }

    pub(crate) fn fd(&self) -> i32 {
        self.fd
    }

    /// One more; or, when there is no room, one more that is lost.
    pub(crate) fn push(&mut self, record: &Record, t_ns: u64) {
        let announced = self.announced(t_ns);
        let need = record.size() + announced.as_ref().map_or(0, Record::size);
        if self.waiting.len() + need > self.bytes_max {
            self.lost += 1;
            self.lost_ns = t_ns;
            return;
        }
        self.put_after(announced, record);
    }

    /// The last one, for which there is always room.
    pub(crate) fn push_last(&mut self, record: &Record, t_ns: u64) {
        if !std::mem::replace(&mut self.has_last, true) {
            let announced = self.announced(t_ns);
            self.put_after(announced, record);
        }
    }

    /// Whether nothing follows what is in it.
    pub(crate) fn has_last(&self) -> bool {
        self.has_last
    }

    fn announced(&self, t_ns: u64) -> Option<Record> {
        (self.lost > 0).then(|| Record::lost(self.lost, t_ns))
    }

    fn put_after(&mut self, announced: Option<Record>, record: &Record) {
        if let Some(lost) = announced {
            self.lost = 0;
            self.put(&lost);
        }
        self.put(record);
    }

    fn put(&mut self, record: &Record) {
        self.seq += 1;
        if self.waiting.is_empty() {
            self.signal();
        }
        record.numbered(&self.seq.to_ne_bytes()).iter().for_each(|piece| self.waiting.extend(*piece));
    }

    /// Bytes of the next record; 0 when there is none.
    pub(crate) fn next_size(&self) -> usize {
        let mut size = [0; 4];
        size.iter_mut().zip(&self.waiting).for_each(|(to, byte)| *to = *byte);
        u32::from_ne_bytes(size) as usize
    }

    /// Move the next record to a place with `room` bytes, if it fits; how many bytes it has, or `Err`: would need.
    ///
    /// # Safety
    /// There are `room` bytes.
    pub(crate) unsafe fn pop(&mut self, to: *mut u8, room: usize) -> Option<Result<usize, usize>> {
        let size = self.next_size();
        if size == 0 || size > room {
            return (size > 0).then_some(Err(size));
        }
        let (one, two) = self.waiting.as_slices();
        let first = size.min(one.len());
        // SAFETY: the caller's promise; a record lies in one piece, or goes on at the beginning.
        unsafe {
            std::ptr::copy_nonoverlapping(one.as_ptr(), to, first);
            std::ptr::copy_nonoverlapping(two.as_ptr(), to.add(first), size - first);
        }
        self.waiting.drain(..size);
        if self.waiting.is_empty() {
            self.on_empty();
        }
        Some(Ok(size))
    }

    fn on_empty(&mut self) {
        self.waiting.shrink_to(ROOM_KEPT);
        self.unsignal();
        // nothing may follow for long: who has read all that there was knows at once that it was not all
        if let Some(lost) = self.announced(self.lost_ns) {
            self.lost = 0;
            self.put(&lost);
        }
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
