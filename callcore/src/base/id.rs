//! Ids that outlive what they name: kind, generation and index in one `u64`, and the bounded table that hands them out.

use serde::{Deserialize, Serialize, de::Error as _};
use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;

/// What an id names; its number is the id's top byte, its word the id's text form (`call-1.7`).
pub trait Kind {
    /// Top byte, 1..=255, unique in the library.
    const NUMBER: u8;
    /// One lower-case word.
    const WORD: &'static str;
}

/// `kind(8) | generation(24) | index(32)`: a stale id is found out, never followed to another's thing.
pub struct Id<K>(u64, PhantomData<fn() -> K>);

impl<K: Kind> Id<K> {
    /// The id of nothing: no table hands it out.
    pub const NONE: Self = Self::new(0, 0);

    const fn new(generation: u32, index: u32) -> Self {
        let bits = ((K::NUMBER as u64) << 56) | (((generation & 0xFF_FFFF) as u64) << 32) | index as u64;
        Self(bits, PhantomData)
    }

    /// The id as the number that crosses the C border and stands in records.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The id behind a number, if it is one of this kind. Whether it still lives, its table knows.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Option<Self> {
        if (bits >> 56) as u8 == K::NUMBER { Some(Self(bits, PhantomData)) } else { None }
    }

    const fn index(self) -> usize {
        (self.0 & 0xFFFF_FFFF) as usize
    }

    const fn generation(self) -> u32 {
        ((self.0 >> 32) & 0xFF_FFFF) as u32
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K: Kind> Default for Id<K> {
    fn default() -> Self {
        Self::NONE
    }
}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}.{}", K::WORD, self.index(), self.generation())
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bits = u64::deserialize(deserializer)?;
        Self::from_bits(bits)
            .ok_or_else(|| D::Error::custom(format!("{bits} is not the id of a {}", K::WORD)))
    }
}

/// A bounded table of things with generational ids; freed places are used again, newest first.
#[derive(Debug)]
pub struct Slab<K, T> {
    places: Vec<Place<T>>,
    free: Vec<u32>,
    bound: usize,
    kind: PhantomData<fn() -> K>,
}

#[derive(Debug)]
struct Place<T> {
    generation: u32,
    thing: Option<T>,
}

impl<K: Kind, T> Slab<K, T> {
    /// An empty table that will hold `bound` things and no more.
    #[must_use]
    pub fn new(bound: usize) -> Self {
        Self { places: Vec::new(), free: Vec::new(), bound, kind: PhantomData }
    }

    /// Put a thing in; `make` is told its id. `None` when the table is full.
    pub fn insert(&mut self, make: impl FnOnce(Id<K>) -> T) -> Option<Id<K>> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.places.len() < self.bound => {
                self.places.push(Place { generation: 1, thing: None });
                u32::try_from(self.places.len() - 1).ok()?
            }
            None => return None,
        };
        let place = &mut self.places[index as usize];
        let id = Id::new(place.generation, index);
        place.thing = Some(make(id));
        Some(id)
    }

    /// The thing, if it still lives.
    #[must_use]
    pub fn get(&self, id: Id<K>) -> Option<&T> {
        let place = self.places.get(id.index())?;
        if place.generation == id.generation() { place.thing.as_ref() } else { None }
    }

    /// The thing, if it still lives, to be changed.
    pub fn get_mut(&mut self, id: Id<K>) -> Option<&mut T> {
        let place = self.places.get_mut(id.index())?;
        if place.generation == id.generation() { place.thing.as_mut() } else { None }
    }

    /// Take the thing out; its id is stale from now on.
    pub fn remove(&mut self, id: Id<K>) -> Option<T> {
        let place = self.places.get_mut(id.index())?;
        if place.generation != id.generation() {
            return None;
        }
        let thing = place.thing.take()?;
        // 24 bits: an id comes back after 16 million uses of one place; 0 is left out so that no id is all zero
        place.generation = if place.generation == 0xFF_FFFF { 1 } else { place.generation + 1 };
        self.free.push(id.index() as u32);
        Some(thing)
    }

    /// How many things there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All things in the order of their places, which is the same in every run.
    pub fn iter(&self) -> impl Iterator<Item = (Id<K>, &T)> {
        self.places.iter().enumerate().filter_map(|(index, place)| {
            let thing = place.thing.as_ref()?;
            Some((Id::new(place.generation, index as u32), thing))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing;
    impl Kind for Thing {
        const NUMBER: u8 = 9;
        const WORD: &'static str = "thing";
    }

    #[test]
    fn a_stale_id_finds_nothing() {
        let mut slab: Slab<Thing, &str> = Slab::new(1);
        let first = slab.insert(|_| "first").expect("there is room");
        assert_eq!(slab.insert(|_| "second"), None, "the bound holds");
        assert_eq!(slab.remove(first), Some("first"));
        let second = slab.insert(|_| "second").expect("the place is free again");
        assert_ne!(first, second);
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.get(second), Some(&"second"));
        assert_eq!(slab.remove(first), None);
        assert_eq!(Id::<Thing>::from_bits(second.to_bits()), Some(second));
        assert_eq!(Id::<Thing>::from_bits(7), None);
        assert_eq!(second.to_string(), "thing-0.2");
    }
}
