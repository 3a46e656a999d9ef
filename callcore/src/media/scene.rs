//! The scenes of telephony as plans: who hears whom in a talk, a hold, a conference, and when somebody supervises.
//!
//! ```text
//!              hears ▶   talk      hold     listen     whisper      barge     intercept
//!   caller               agent     music    agent      agent        a + s     supervisor
//!   agent                caller    -        caller     caller + s   c + s     -
//!   supervisor           .         .        c + a      c + a        c + a     caller
//! ```
//!
//! CSTA (ECMA-269) calls listening, whispering and barging in silent, whisper and active participation.

use super::plan::{Hear, LegPlan, Plan, Role, RoomId, Seat};
use crate::board::ChannelId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The three of a supervised talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supervised {
    /// The room they are put into.
    pub room: RoomId,
    /// The caller.
    pub caller: ChannelId,
    /// The agent.
    pub agent: ChannelId,
    /// Who supervises.
    pub supervisor: ChannelId,
}

/// How a supervisor takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Participation {
    /// Hears both, is heard by none.
    Listen,
    /// Hears both, is heard by the agent alone.
    Whisper,
    /// Hears both and is heard by both.
    Barge,
}

impl Plan {
    fn of(legs: impl IntoIterator<Item = (ChannelId, Hear)>) -> Self {
        let legs = legs.into_iter().map(|(channel, hear)| LegPlan::new(channel, hear)).collect();
        Self { legs, recording: None }
    }

    /// Two parties talk.
    #[must_use]
    pub fn talk(one: ChannelId, other: ChannelId) -> Self {
        Self::of([(one, Hear::Channel(other)), (other, Hear::Channel(one))])
    }

    /// One party is held by another: it hears music, if there is any, and does not hear who holds it.
    #[must_use]
    pub fn hold(held: ChannelId, holder: ChannelId, music: Option<&str>) -> Self {
        Self::of([(held, music_of(music)), (holder, Hear::Nothing)])
    }

    /// A caller is parked: alone with music until somebody picks it up.
    #[must_use]
    pub fn park(parked: ChannelId, music: Option<&str>) -> Self {
        Self::of([(parked, music_of(music))])
    }

    /// An agent asks a third party back while the caller is held.
    #[must_use]
    pub fn consult(held: ChannelId, agent: ChannelId, third: ChannelId, music: Option<&str>) -> Self {
        let held = [(held, music_of(music))];
        Self::of(held.into_iter().chain([(agent, Hear::Channel(third)), (third, Hear::Channel(agent))]))
    }

    /// A conference: each party with its role.
    #[must_use]
    pub fn conference(room: RoomId, parties: &[(ChannelId, Role)]) -> Self {
        Self::of(parties.iter().map(|(channel, role)| (*channel, Hear::Room(Seat { room, role: *role }))))
    }

    /// A supervisor takes part in a talk.
    #[must_use]
    pub fn supervised(of: Supervised, how: Participation) -> Self {
        let role = match how {
            Participation::Listen => Role::Listen,
            Participation::Whisper => Role::Coach(of.agent),
            Participation::Barge => Role::Talk,
        };
        Self::conference(of.room, &[(of.caller, Role::Talk), (of.agent, Role::Talk), (of.supervisor, role)])
    }

    /// A supervisor has taken a caller over; the agent is out of it.
    #[must_use]
    pub fn intercept(of: Supervised) -> Self {
        let Supervised { caller, agent, supervisor, .. } = of;
        let talk = [(caller, Hear::Channel(supervisor)), (supervisor, Hear::Channel(caller))];
        Self::of(talk.into_iter().chain([(agent, Hear::Nothing)]))
    }

    /// The same, with one leg muted or no more.
    #[must_use]
    pub fn with_muted(mut self, channel: ChannelId, is_muted: bool) -> Self {
        self.legs
            .iter_mut()
            .filter(|leg| leg.channel == channel)
            .for_each(|leg| leg.levels.is_muted = is_muted);
        self
    }
}

fn music_of(music: Option<&str>) -> Hear {
    music.map_or(Hear::Nothing, |music| Hear::Music(Arc::from(music)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Slab;
    use crate::media::plan::RoomKind;

    fn channel(index: u32) -> ChannelId {
        ChannelId::new(0, index)
    }

    fn pairs(plan: &Plan) -> Vec<(u32, u32)> {
        let mut pairs: Vec<_> = plan.hearing().map(|(a, b)| (a.index, b.index)).collect();
        pairs.sort_unstable();
        pairs
    }

    #[test]
    fn each_scene_says_who_hears_whom() {
        let room = Slab::<RoomKind, ()>::new(1).insert(|_| ()).expect("there is room");
        let [caller, agent, supervisor] = [channel(0), channel(1), channel(2)];
        let three = Supervised { room, caller, agent, supervisor };
        assert_eq!(pairs(&Plan::talk(caller, agent)), [(0, 1), (1, 0)]);
        assert_eq!(pairs(&Plan::hold(caller, agent, Some("music"))), []);
        assert_eq!(pairs(&Plan::park(caller, None)), []);
        assert_eq!(pairs(&Plan::consult(caller, agent, supervisor, None)), [(1, 2), (2, 1)]);
        let both = [(0, 1), (1, 0), (2, 0), (2, 1)];
        assert_eq!(pairs(&Plan::supervised(three, Participation::Listen)), both);
        let whisper = [(0, 1), (1, 0), (1, 2), (2, 0), (2, 1)];
        assert_eq!(pairs(&Plan::supervised(three, Participation::Whisper)), whisper);
        let barge = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)];
        assert_eq!(pairs(&Plan::supervised(three, Participation::Barge)), barge);
        assert_eq!(pairs(&Plan::intercept(three)), [(0, 2), (2, 0)]);
        assert_eq!(pairs(&Plan::talk(caller, agent).with_muted(caller, true)), [(0, 1)]);
    }
}
