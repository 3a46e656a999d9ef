//! When each slot (a channel, or the next arrival) wakes up: an indexed heap, at most one entry per slot, so it never grows.
//!
//! Equal deadlines come out in the order they were set.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at: u64,
    seq: u64,
}

const ABSENT: u32 = u32::MAX;

#[derive(Debug, Clone)]
pub(crate) struct Agenda {
    heap: Vec<(Key, u32)>,
    place: Vec<u32>,
    seq: u64,
}

impl Agenda {
    pub(crate) fn new(slots: usize) -> Self {
        Self { heap: Vec::with_capacity(slots), place: vec![ABSENT; slots], seq: 0 }
    }

    /// The earliest deadline and whose it is.
    pub(crate) fn first(&self) -> Option<(u64, u32)> {
        self.heap.first().map(|(key, slot)| (key.at, *slot))
    }

    /// Sets, moves or (with `None`) removes the deadline of one slot; an unchanged one keeps its turn.
    pub(crate) fn set(&mut self, slot: u32, at: Option<u64>) {
        let place = self.place[slot as usize];
        match (place, at) {
            (ABSENT, None) => {}
            (ABSENT, Some(at)) => self.insert(slot, at),
            (place, None) => self.remove(place as usize),
            (place, Some(at)) => self.shift(place as usize, at),
        }
    }

    fn insert(&mut self, slot: u32, at: u64) {
        self.seq += 1;
        self.heap.push((Key { at, seq: self.seq }, slot));
        self.up(self.heap.len() - 1);
    }

    fn remove(&mut self, place: usize) {
        let (_, slot) = self.heap.swap_remove(place);
        self.place[slot as usize] = ABSENT;
        if place < self.heap.len() {
            let place = self.up(place);
            self.down(place);
        }
    }

    fn shift(&mut self, place: usize, at: u64) {
        if self.heap[place].0.at != at {
            self.seq += 1;
            self.heap[place].0 = Key { at, seq: self.seq };
            let place = self.up(place);
            self.down(place);
        }
    }

    /// Moves an entry towards the root as far as it must go; tells where it ends.
    fn up(&mut self, mut place: usize) -> usize {
        while place > 0 && self.heap[place].0 < self.heap[(place - 1) / 2].0 {
            self.heap.swap(place, (place - 1) / 2);
            self.note(place);
            place = (place - 1) / 2;
        }
        self.note(place);
        place
    }

    fn down(&mut self, mut place: usize) {
        loop {
            let left = 2 * place + 1;
            let Some(least) = (left..(left + 2).min(self.heap.len())).min_by_key(|child| self.heap[*child].0)
            else {
                break;
            };
            if self.heap[place].0 <= self.heap[least].0 {
                break;
            }
            self.heap.swap(place, least);
            self.note(place);
            place = least;
        }
        self.note(place);
    }

    fn note(&mut self, place: usize) {
        self.place[self.heap[place].1 as usize] = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, Stream};
    use std::collections::BTreeMap;

    /// Any sequence of set and remove leaves the same first entry as a sorted list would.
    #[test]
    fn behaves_like_a_sorted_list() {
        let mut random = Random::new(3, Stream::Channel, 0);
        let mut agenda = Agenda::new(40);
        let mut plain: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for turn in 0..50_000u64 {
            let slot = random.below(40) as u32;
            let at = (!random.chance(0.3)).then(|| random.below(100));
            agenda.set(slot, at);
            match at {
                None => drop(plain.remove(&slot)),
                Some(at) if plain.get(&slot).is_some_and(|(old, _)| *old == at) => {}
                Some(at) => drop(plain.insert(slot, (at, turn))),
            }
            let expected = plain.iter().min_by_key(|(_, key)| **key).map(|(slot, key)| (key.0, *slot));
            assert_eq!(agenda.first(), expected);
        }
    }
}
