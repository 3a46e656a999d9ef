//! Named timers: one deadline a name, equal deadlines fire in the order they were set.

use super::Instant;
use std::collections::BTreeMap;

/// A table of deadlines by name `N` (an enum with its owner, so that a firing says what it is for).
#[derive(Debug)]
pub struct Timers<N> {
    by_time: BTreeMap<(Instant, u64), N>,
    by_name: BTreeMap<N, (Instant, u64)>,
    set_count: u64,
}

impl<N: Ord + Copy> Default for Timers<N> {
    fn default() -> Self {
        Self { by_time: BTreeMap::new(), by_name: BTreeMap::new(), set_count: 0 }
    }
}

impl<N: Ord + Copy> Timers<N> {
    /// Let `name` fire at `at`, in place of an earlier wish.
    pub fn set(&mut self, name: N, at: Instant) {
        self.clear(name);
        self.set_count += 1;
        self.by_time.insert((at, self.set_count), name);
        self.by_name.insert(name, (at, self.set_count));
    }

    /// Forget `name`; true if it was set.
    pub fn clear(&mut self, name: N) -> bool {
        match self.by_name.remove(&name) {
            Some(key) => self.by_time.remove(&key).is_some(),
            None => false,
        }
    }

    /// Forget every name in a range, such as all of one owner's.
    pub fn clear_range(&mut self, names: std::ops::RangeInclusive<N>) {
        while let Some((&name, _)) = self.by_name.range(names.clone()).next() {
            self.clear(name);
        }
    }

    /// The next to fire, and why.
    #[must_use]
    pub fn next(&self) -> Option<(Instant, N)> {
        self.by_time.first_key_value().map(|(&(at, _), &name)| (at, name))
    }

    /// Take the next that is due at `now`.
    pub fn pop_due(&mut self, now: Instant) -> Option<N> {
        let (at, name) = self.next()?;
        if at > now {
            return None;
        }
        self.clear(name);
        Some(name)
    }

    /// When `name` will fire.
    #[must_use]
    pub fn get(&self, name: N) -> Option<Instant> {
        self.by_name.get(&name).map(|&(at, _)| at)
    }

    /// All names that are set, in their order.
    pub fn names(&self) -> impl Iterator<Item = &N> {
        self.by_name.keys()
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_deadlines_fire_in_the_order_they_were_set() {
        let mut timers = Timers::default();
        let noon = Instant::from_millis(12);
        for name in ["c", "a", "b"] {
            timers.set(name, noon);
        }
        timers.set("c", noon);
        assert_eq!(timers.pop_due(Instant::from_millis(11)), None);
        assert_eq!([(); 3].map(|()| timers.pop_due(noon)), [Some("a"), Some("b"), Some("c")]);
        assert!(timers.is_empty());
    }

    #[test]
    fn one_owners_timers_go_together() {
        let mut timers = Timers::default();
        for owner in 1..=3 {
            timers.set((owner, 'a'), Instant::from_millis(1));
            timers.set((owner, 'b'), Instant::from_millis(2));
        }
        timers.clear_range((2, char::MIN)..=(2, char::MAX));
        assert_eq!(timers.names().copied().collect::<Vec<_>>(), [(1, 'a'), (1, 'b'), (3, 'a'), (3, 'b')]);
    }
}
