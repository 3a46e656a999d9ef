//! The ring of cells: what has come and waits, and which of it is there.
//!
//! Places are RTP ticks ahead of the one that is read next. A cell that is not there has no contents worth reading; a
//! cell that is partly there is silent in its other part.

use super::layout::{LENGTH_BYTES, Layout};

/// Most cells: as many as there are bits for.
pub(super) const CELLS_MAX: usize = 512;
const WORD: usize = 64;

pub(super) struct Cells {
    bytes: Box<[u8]>,
    there: [u64; CELLS_MAX / WORD],
    layout: Layout,
    /// Cells in use, and the ticks they hold.
    count: usize,
    ticks: u32,
    /// The tick in the ring that is read next.
    read: u32,
}

impl Cells {
    pub(super) fn new(layout: Layout, bytes: usize) -> Self {
        let bytes = vec![0; bytes].into_boxed_slice();
        let mut cells = Self { bytes, there: [0; CELLS_MAX / WORD], layout, count: 0, ticks: 0, read: 0 };
        cells.reset(layout);
        cells
    }

    /// Bytes of its memory.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Empty, and for another format.
    pub(super) fn reset(&mut self, layout: Layout) {
        self.count = (self.bytes.len() / layout.cell_bytes).min(CELLS_MAX);
        self.ticks = self.count as u32 * layout.cell_ticks;
        (self.layout, self.there, self.read) = (layout, [0; CELLS_MAX / WORD], 0);
    }

    /// Empty, with the first tick of a cell so far ahead.
    pub(super) fn restart(&mut self, ahead: u32) {
        self.there = [0; CELLS_MAX / WORD];
        self.read = (self.layout.cell_ticks - ahead % self.layout.cell_ticks) % self.layout.cell_ticks;
    }

    /// Ticks ahead that it has room for.
    pub(super) fn room(&self) -> u32 {
        self.ticks.saturating_sub(self.layout.cell_ticks)
    }

    fn place(&self, ahead: u32) -> u32 {
        let at = self.read + ahead;
        if at >= self.ticks { at - self.ticks } else { at }
    }

    /// The cells a run of ticks touches: the first, and how many.
    fn touched(&self, ahead: u32, ticks: u32) -> (usize, usize) {
        let at = self.place(ahead);
        let first = at / self.layout.cell_ticks;
        let count = (at - first * self.layout.cell_ticks + ticks).div_ceil(self.layout.cell_ticks);
        (first as usize, count as usize)
    }

    /// How many cells of a run of ticks are there, and how many there could be.
    pub(super) fn there(&self, ahead: u32, ticks: u32) -> (u32, u32) {
        let (first, count) = self.touched(ahead, ticks);
        let mut there = 0;
        runs(first, count, self.count, |word, mask| there += (self.there[word] & mask).count_ones());
        (there, count as u32)
    }

    /// Whether a run of ticks is there to its last cell.
    pub(super) fn holds(&self, ahead: u32, ticks: u32) -> bool {
        let (there, all) = self.there(ahead, ticks);
        there == all
    }

    fn is_there(&self, cell: usize) -> bool {
        self.there[cell / WORD] >> (cell % WORD) & 1 == 1
    }

    /// Samples are placed; linear ones come in network byte order (RFC 3551, 4.5.11) and lie in the machine's.
    pub(super) fn store(&mut self, ahead: u32, payload: &[u8]) {
        let tick_bytes = self.layout.tick_bytes();
        let ticks = (payload.len() / tick_bytes) as u32;
        let (first, count) = self.touched(ahead, ticks);
        let last = (first + count - 1) % self.count;
        let at = self.place(ahead);
        if !at.is_multiple_of(self.layout.cell_ticks) && !self.is_there(first) {
            self.silence(first);
        }
        if !(at + ticks).is_multiple_of(self.layout.cell_ticks) && !self.is_there(last) {
            self.silence(last);
        }
        let begin = at as usize * tick_bytes;
        let end = self.ticks as usize * tick_bytes;
        let (head, tail) = payload.split_at((end - begin).min(payload.len()));
        if tick_bytes == 1 || cfg!(target_endian = "big") {
            self.bytes[begin..][..head.len()].copy_from_slice(head);
            self.bytes[..tail.len()].copy_from_slice(tail);
        } else {
            swap(head, &mut self.bytes[begin..]);
            swap(tail, &mut self.bytes);
        }
        let words = &mut self.there;
        runs(first, count, self.count, |word, mask| words[word] |= mask);
    }

    fn silence(&mut self, cell: usize) {
        let bytes = self.layout.cell_bytes;
        self.bytes[cell * bytes..][..bytes].fill(self.layout.format.silence());
    }

    /// A packet is placed in the cell of its time.
    pub(super) fn store_packet(&mut self, ahead: u32, packet: &[u8]) {
        let (cell, _) = self.touched(ahead, 1);
        let place = &mut self.bytes[cell * self.layout.cell_bytes..][..self.layout.cell_bytes];
        place[..LENGTH_BYTES].copy_from_slice(&(packet.len() as u16).to_ne_bytes());
        place[LENGTH_BYTES..][..packet.len()].copy_from_slice(packet);
        self.there[cell / WORD] |= 1 << (cell % WORD);
    }

    /// The packet in the cell of a time.
    pub(super) fn packet(&self, ahead: u32) -> Option<&[u8]> {
        let (cell, _) = self.touched(ahead, 1);
        let (length, packet) =
            self.bytes[cell * self.layout.cell_bytes..][..self.layout.cell_bytes].split_first_chunk()?;
        self.is_there(cell).then(|| &packet[..usize::from(u16::from_ne_bytes(*length))])
    }

    /// The bytes of a run of ticks, as many as there are before the ring's end.
    pub(super) fn near(&self, ahead: u32, ticks: u32) -> &[u8] {
        let (first, count) = self.touched(ahead.min(self.room()), ticks);
        let begin = (first * self.layout.cell_bytes).min(self.bytes.len());
        let end = (begin + count * self.layout.cell_bytes).min(self.bytes.len());
        &self.bytes[begin..end]
    }

    /// The bytes of a run of ticks, which has to be there.
    pub(super) fn copy(&self, ahead: u32, out: &mut [u8]) {
        let begin = self.place(ahead) as usize * self.layout.tick_bytes();
        let end = self.ticks as usize * self.layout.tick_bytes();
        let length = out.len();
        let (head, tail) = out.split_at_mut((end - begin).min(length));
        head.copy_from_slice(&self.bytes[begin..][..head.len()]);
        tail.copy_from_slice(&self.bytes[..tail.len()]);
    }

    /// The bytes of a run of ticks, silent where they are not there.
    pub(super) fn copy_with_holes(&self, ticks: u32, out: &mut [u8]) {
        self.copy(0, out);
        let (first, count) = self.touched(0, ticks);
        let before = (self.read % self.layout.cell_ticks) as usize * self.layout.tick_bytes();
        for n in (0..count).filter(|n| !self.is_there((first + n) % self.count)) {
            let from = (n * self.layout.cell_bytes).saturating_sub(before);
            let to = ((n + 1) * self.layout.cell_bytes - before).min(out.len());
            out[from..to].fill(self.layout.format.silence());
        }
    }

    /// What is read goes away, cell by cell, so that a frame that ends inside one does not take its rest with it.
    pub(super) fn advance(&mut self, ticks: u32) {
        if ticks >= self.ticks {
            self.there = [0; CELLS_MAX / WORD];
            self.read = self.place(ticks % self.ticks);
            return;
        }
        let cell = self.layout.cell_ticks;
        let whole = (self.read % cell + ticks) / cell;
        let words = &mut self.there;
        runs((self.read / cell) as usize, whole as usize, self.count, |word, mask| words[word] &= !mask);
        self.read = self.place(ticks);
    }
}

fn swap(from: &[u8], to: &mut [u8]) {
    let pairs = from.as_chunks::<2>().0;
    to.as_chunks_mut::<2>().0.iter_mut().zip(pairs).for_each(|(to, [high, low])| *to = [*low, *high]);
}

/// The words of a run of bits in a ring of `all`, each with the mask of those in it.
fn runs(mut first: usize, mut count: usize, all: usize, mut see: impl FnMut(usize, u64)) {
    while count > 0 {
        let bit = first % WORD;
        let here = count.min(WORD - bit).min(all - first);
        see(first / WORD, (u64::MAX >> (WORD - here)) << bit);
        count -= here;
        first = if first + here == all { 0 } else { first + here };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_touch_each_bit_once(all in 1usize..CELLS_MAX, first: usize, count: usize) {
            let (first, count) = (first % all, count % (all + 1));
            let mut seen = [0u64; CELLS_MAX / WORD];
            runs(first, count, all, |word, mask| {
                assert_eq!(seen[word] & mask, 0);
                seen[word] |= mask;
            });
            for bit in 0..CELLS_MAX {
                let within = bit < all && (bit + all - first) % all < count;
                prop_assert_eq!(seen[bit / WORD] >> (bit % WORD) & 1 == 1, within, "{}", bit);
            }
        }
    }
}
