//! Who sits in which room: a list through all seats of a room, so that nothing is allocated when somebody comes or goes.

use super::command::EngineRefusal;
use crate::media::plan::{Role, RoomId, Seat};

const NONE: u32 = u32::MAX;
/// Mean absolute sample above which somebody may be speaking: -38 dBm0 of a sine.
const SPEECH_LEVEL: u32 = 180;
/// Loud frames that make somebody a speaker, and quiet ones that end it.
const FRAMES_TO_BEGIN: i8 = 3;
const FRAMES_TO_END: i8 = 25;

/// What is known of one channel's seat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    room: u32,
    next: u32,
    before: u32,
    pub(super) role: Role,
    /// Whether it is in the mix of this frame.
    pub(super) is_heard: bool,
    /// Its loudness: rises at once, falls slowly.
    pub(super) level: u32,
    /// Loud frames in a row, or quiet ones below 0.
    run: i8,
    pub(super) is_speaking: bool,
}

const EMPTY: Place = Place {
    room: NONE,
    next: NONE,
    before: NONE,
    role: Role::Listen,
    is_heard: false,
    level: 0,
    run: 0,
    is_speaking: false,
};

impl Place {
    /// Take in how loud this frame is. `Some(on)`: it begins or ends to speak.
    pub(super) fn follow(&mut self, loudness: u32) -> Option<bool> {
        self.level = loudness.max(self.level - self.level / 8);
        self.run = match (loudness >= SPEECH_LEVEL, self.run) {
            (true, run) => run.max(0).saturating_add(1),
            (false, run) => run.min(0).saturating_sub(1),
        };
        let on = if self.is_speaking { self.run > -FRAMES_TO_END } else { self.run >= FRAMES_TO_BEGIN };
        (on != self.is_speaking).then_some(on)
    }
}

/// A room with somebody in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) id: RoomId,
    first: u32,
    pub(super) parties: u32,
    pub(super) coaches: u32,
    /// Where it stands among the running ones.
    place: u32,
}

/// All rooms, each at the index that its id has.
#[derive(Debug)]
pub(super) struct Rooms {
    rooms: Vec<Option<Room>>,
    running: Vec<u32>,
    /// By slot.
    places: Vec<Place>,
}

fn index(id: RoomId) -> usize {
    (id.to_bits() & 0xFFFF_FFFF) as usize
}

impl Rooms {
    pub(super) fn new(rooms_max: usize, channels_max: usize) -> Self {
        let running = Vec::with_capacity(rooms_max);
        Self { rooms: vec![None; rooms_max], running, places: vec![EMPTY; channels_max] }
    }

    pub(super) fn check_join(&self, id: RoomId) -> Result<(), EngineRefusal> {
        match self.rooms.get(index(id)) {
            None => Err(EngineRefusal::NoRoom),
            Some(Some(room)) if room.id != id => Err(EngineRefusal::RoomBusy),
            Some(_) => Ok(()),
        }
    }

    /// Sit down, or change the role. `true`: it was not in this room before.
    pub(super) fn join(&mut self, slot: usize, seat: Seat) -> bool {
        let room = index(seat.room) as u32;
        let is_new = self.places[slot].room != room;
        if is_new {
            self.leave(slot);
            self.enter(slot, seat.room);
        }
        let is_coach = |role| u32::from(matches!(role, Role::Coach(_)));
        if let Some(room) = &mut self.rooms[room as usize] {
            let before = if is_new { Role::Listen } else { self.places[slot].role };
            room.coaches = room.coaches + is_coach(seat.role) - is_coach(before);
        }
        self.places[slot].role = seat.role;
        is_new
    }

    fn enter(&mut self, slot: usize, id: RoomId) {
        let at = index(id);
        let running = self.running.len() as u32;
        let room =
            self.rooms[at].get_or_insert(Room { id, first: NONE, parties: 0, coaches: 0, place: running });
        let next = std::mem::replace(&mut room.first, slot as u32);
        room.parties += 1;
        if room.parties == 1 {
            self.running.push(at as u32);
        }
        self.places[slot] = Place { room: at as u32, next, ..EMPTY };
        if next != NONE {
            self.places[next as usize].before = slot as u32;
        }
    }

    /// Get up; a room that is empty ends.
    pub(super) fn leave(&mut self, slot: usize) {
        let place = std::mem::replace(&mut self.places[slot], EMPTY);
        let Some(Some(room)) = self.rooms.get_mut(place.room as usize) else { return };
        match place.before {
            NONE => room.first = place.next,
            before => self.places[before as usize].next = place.next,
        }
        if place.next != NONE {
            self.places[place.next as usize].before = place.before;
        }
        room.parties -= 1;
        room.coaches -= u32::from(matches!(place.role, Role::Coach(_)));
        if room.parties > 0 {
            return;
        }
        let at = room.place as usize;
        self.rooms[place.room as usize] = None;
        self.running.swap_remove(at);
        if let Some(moved) = self.running.get(at).copied()
            && let Some(moved) = &mut self.rooms[moved as usize]
        {
            moved.place = at as u32;
        }
    }

    /// The room that a slot is in.
    pub(super) fn of(&self, slot: usize) -> Option<Room> {
        *self.rooms.get(self.places[slot].room as usize)?
    }

    /// How many rooms there are.
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    /// The room at a place in the order of running.
    pub(super) fn at(&self, place: usize) -> Option<Room> {
        self.rooms[self.running[place] as usize]
    }

    /// The slot after another in a room; after `None` the first.
    pub(super) fn next(&self, room: &Room, after: Option<usize>) -> Option<usize> {
        let next = after.map_or(room.first, |slot| self.places[slot].next);
        (next != NONE).then_some(next as usize)
    }

    pub(super) fn place(&self, slot: usize) -> &Place {
        &self.places[slot]
    }

    pub(super) fn place_mut(&mut self, slot: usize) -> &mut Place {
        &mut self.places[slot]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Rng, Slab};
    use crate::board::ChannelId;
    use crate::media::plan::RoomKind;
    use std::collections::BTreeMap;

    #[test]
    fn whoever_comes_and_goes_the_list_is_who_is_there() {
        let mut ids: Slab<RoomKind, ()> = Slab::new(4);
        let ids: Vec<RoomId> = (0..4).filter_map(|_| ids.insert(|_| ())).collect();
        let mut rng = Rng::new(7);
        let mut rooms = Rooms::new(4, 20);
        let mut model: BTreeMap<usize, (RoomId, Role)> = BTreeMap::new();
        for _ in 0..20_000 {
            let slot = rng.below(20) as usize;
            if rng.chance(400) {
                rooms.leave(slot);
                model.remove(&slot);
            } else {
                let roles = [Role::Talk, Role::Listen, Role::Coach(ChannelId::new(0, 1)), Role::Moderate];
                let (room, role) = (ids[rng.below(4) as usize], roles[rng.below(4) as usize]);
                assert_eq!(rooms.check_join(room), Ok(()));
                let is_new = rooms.join(slot, Seat { room, role });
                assert_eq!(is_new, model.insert(slot, (room, role)).is_none_or(|(before, _)| before != room));
            }
            let mut seen = BTreeMap::new();
            for place in 0..rooms.len() {
                let room = rooms.at(place).expect("it runs");
                let before = seen.len();
                let mut slot = rooms.next(&room, None);
                while let Some(at) = slot {
                    assert!(seen.insert(at, (room.id, rooms.place(at).role)).is_none(), "twice");
                    slot = rooms.next(&room, Some(at));
                }
                assert_eq!(seen.len() - before, room.parties as usize);
                let is_coach =
                    |(id, role): &&(RoomId, Role)| *id == room.id && matches!(role, Role::Coach(_));
                assert_eq!(room.coaches as usize, model.values().filter(is_coach).count());
            }
            assert_eq!(seen, model);
        }
    }

    #[test]
    fn a_speaker_is_one_who_goes_on_speaking() {
        let mut place = EMPTY;
        let mut follow = |loudness, frames| {
            let changes: Vec<bool> = (0..frames).filter_map(|_| place.follow(loudness)).collect();
            place.is_speaking = *changes.last().unwrap_or(&place.is_speaking);
            changes.len()
        };
        assert_eq!(follow(2000, 2), 0, "a click");
        assert_eq!(follow(0, 5), 0);
        assert_eq!(follow(2000, 3), 1, "it speaks");
        assert_eq!((follow(0, 24), follow(2000, 1), follow(0, 24)), (0, 0, 0), "a breath");
        assert_eq!(follow(0, 1), 1, "it has stopped");
    }
}
