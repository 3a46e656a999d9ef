//! The two kinds of pointers that the library hands out: numbers in disguise, looked up in a table and never followed.
#![allow(non_camel_case_types)]

use crate::core::Core;
use crate::queue::Queue;
use crate::status::{Answer, Trouble};
use parking_lot::RwLock;
use std::ptr;
use std::sync::Arc;

/// A core; opaque.
pub enum cc_core {}
/// A queue of events; opaque.
pub enum cc_queue {}

/// `generation << 16 | place << 4 | kind`; as odd as no address is.
const KIND_BITS: u32 = 4;
const PLACE_BITS: u32 = 16;
/// Cores or queues that can live at a time.
const PLACES_MAX: usize = 1 << (PLACE_BITS - KIND_BITS);

pub(crate) struct Table<T> {
    kind: usize,
    what: &'static str,
    places: RwLock<Vec<(usize, Option<Arc<T>>)>>,
}

pub(crate) static CORES: Table<Core> = Table::new(5, "the core");
pub(crate) static QUEUES: Table<Queue> = Table::new(7, "the queue");

impl<T> Table<T> {
    const fn new(kind: usize, what: &'static str) -> Self {
        Self { kind, what, places: RwLock::new(Vec::new()) }
    }

    /// A number for a new thing.
    pub(crate) fn insert<P>(&self, thing: Arc<T>) -> Answer<*mut P> {
        let mut places = self.places.write();
        let free = places.iter().position(|(_, thing)| thing.is_none());
        let place = match free {
            Some(place) => place,
            None if places.len() < PLACES_MAX => {
                places.push((0, None));
                places.len() - 1
            }
            None => return Err(Trouble::new(crate::status::CC_E_FULL, format!("{PLACES_MAX} live already"))),
        };
        let generation = places[place].0 + 1;
        places[place] = (generation, Some(thing));
        Ok(ptr::without_provenance_mut(generation << PLACE_BITS | place << KIND_BITS | self.kind))
    }

    fn place<P>(&self, pointer: *const P) -> Answer<(usize, usize)> {
        let number = pointer.addr();
        if number == 0 {
            return Err(Trouble::arg(format!("{} is NULL", self.what)));
        }
        if number & ((1 << KIND_BITS) - 1) != self.kind {
            return Err(Trouble::gone(self.what));
        }
        Ok((number >> PLACE_BITS, number >> KIND_BITS & (PLACES_MAX - 1)))
    }

    /// The thing of a number that was given out and not taken back.
    pub(crate) fn get<P>(&self, pointer: *const P) -> Answer<Arc<T>> {
        let (generation, place) = self.place(pointer)?;
        let places = self.places.read();
        let found =
            places.get(place).filter(|(at, _)| *at == generation).and_then(|(_, thing)| thing.clone());
        found.ok_or_else(|| Trouble::gone(self.what))
    }

    /// Take it back: the number is dead.
    pub(crate) fn remove<P>(&self, pointer: *const P) -> Answer<Arc<T>> {
        let (generation, place) = self.place(pointer)?;
        let mut places = self.places.write();
        let found =
            places.get_mut(place).filter(|(at, _)| *at == generation).and_then(|(_, thing)| thing.take());
        found.ok_or_else(|| Trouble::gone(self.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_once_it_is_given_and_until_it_is_taken_back() {
        let table: Table<u8> = Table::new(3, "it");
        let one: *mut u8 = table.insert(Arc::new(1)).expect("room");
        let two: *mut u8 = table.insert(Arc::new(2)).expect("room");
        assert_eq!((*table.get(one).expect("there"), *table.get(two).expect("there")), (1, 2));
        assert_eq!(*table.remove(one).expect("there"), 1);
        assert!(table.get(one).is_err() && table.remove(one).is_err());
        let three: *mut u8 = table.insert(Arc::new(3)).expect("room");
        assert!(one != three && table.get(one).is_err(), "a place is used again under another number");
        for made_up in [0_usize, 1, 3, 0x13, usize::MAX, 0x7fff_0000_1230] {
            assert!(table.get(ptr::without_provenance::<u8>(made_up)).is_err());
        }
    }
}
