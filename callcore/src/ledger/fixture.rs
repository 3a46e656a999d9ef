//! Ledgers for tests: written by hand with a clock that is set, or a random day in which every call goes its own way.

use super::Entry;
use crate::base::{Instant, Rng, WallTime};
use crate::board::{Cause, ChannelId};
use crate::call::{CallNumber, Dequeue, Fact, OfferEnd, Party};

/// 2026-11-22T08:00:00Z.
const WALL_START: i64 = 1_795_334_400_000;

/// The channel of every caller in these ledgers.
pub(crate) const fn leg_channel() -> ChannelId {
    ChannelId::new(0, 3)
}

/// A ledger being written.
pub(crate) struct Script {
    pub(crate) entries: Vec<Entry>,
    now_ms: u64,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), now_ms: 0 }
    }

    /// Everything that follows happens at this millisecond.
    pub(crate) fn at(&mut self, now_ms: u64) -> &mut Self {
        self.now_ms = now_ms;
        self
    }

    pub(crate) fn wall_at(&self, ms: u64) -> WallTime {
        WallTime(WALL_START.saturating_add_unsigned(ms))
    }

    pub(crate) fn push(&mut self, call: Option<CallNumber>, fact: Fact) -> &mut Self {
        let seq = self.entries.len() as u64 + 1;
        let (at, wall) = (Instant::from_millis(self.now_ms), self.wall_at(self.now_ms));
        self.entries.push(Entry { seq, at, wall, call, fact });
        self
    }

    pub(crate) fn fact(&mut self, call: CallNumber, fact: Fact) -> &mut Self {
        self.push(Some(call), fact)
    }

    pub(crate) fn arrive(&mut self, call: CallNumber, calling: &str, called: &str) -> &mut Self {
        let (calling, called) = (calling.to_owned(), called.to_owned());
        let (channel, name, via) = (leg_channel(), String::new(), "trunk".into());
        // extensions of the house have short numbers
        let internal = calling.len() <= 4;
        self.fact(call, Fact::Arrived { channel, calling, called, name, via, internal })
    }

    pub(crate) fn queued(&mut self, call: CallNumber, queue: &str) -> &mut Self {
        self.fact(call, Fact::Queued { queue: queue.into() })
    }

    pub(crate) fn offered(&mut self, call: CallNumber, queue: &str, agent: &str) -> &mut Self {
        self.agent(agent, "ringing");
        self.fact(call, Fact::Offered { queue: queue.into(), agent: agent.into() })
    }

    pub(crate) fn answered(
        &mut self,
        call: CallNumber,
        queue: &str,
        agent: &str,
        ring: u64,
        wait: u64,
    ) -> &mut Self {
        let (name, id) = (queue.into(), agent.into());
        self.fact(call, Fact::OfferEnded { queue: name, agent: id, end: OfferEnd::Answered, ring_ms: ring });
        self.fact(call, Fact::Dequeued { queue: queue.into(), end: Dequeue::Answered, wait_ms: wait });
        self.agent(agent, "talking").bridged(call, Some(agent))
    }

    pub(crate) fn bridged(&mut self, call: CallNumber, agent: Option<&str>) -> &mut Self {
        let number = agent.map_or_else(|| "1002".to_owned(), |agent| format!("100{agent}"));
        self.fact(call, Fact::Bridged { agent: agent.map(Into::into), number, with: None })
    }

    pub(crate) fn agent(&mut self, agent: &str, state: &str) -> &mut Self {
        self.push(None, Fact::AgentChanged { agent: agent.into(), state: state.into(), reason: None })
    }

    pub(crate) fn ended(&mut self, call: CallNumber, cause: Cause, by: Party) -> &mut Self {
        self.fact(call, Fact::Ended { cause, by })
    }

    /// A day of `calls` calls, interleaved, all ended; the same for the same seed.
    pub(crate) fn day(seed: u64, calls: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut script = Self::new();
        script.push(None, Fact::Started { version: "test".into() });
        let mut plans: Vec<(CallNumber, std::vec::IntoIter<Fact>)> = Vec::new();
        for call in 1..=calls {
            let mut alone = Self::new();
            alone.one_call(&mut rng, call);
            let facts: Vec<Fact> = alone.entries.into_iter().map(|entry| entry.fact).collect();
            plans.push((call, facts.into_iter()));
        }
        while !plans.is_empty() {
            let pick = usize::try_from(rng.below(plans.len().min(8) as u64)).expect("below 8");
            script.now_ms += rng.below(5_000);
            match plans[pick].1.next() {
                Some(fact) => {
                    script.fact(plans[pick].0, fact);
                }
                None => {
                    plans.remove(pick);
                }
            }
        }
        script
    }

    fn one_call(&mut self, rng: &mut Rng, call: CallNumber) {
        self.arrive(call, &format!("0{}", rng.below(1_000)), "8000").fact(call, Fact::Answered);
        let recorded = rng.chance(500);
        if recorded {
            let path = format!("{call}.wav").into();
            self.fact(call, Fact::RecordingStarted { recording: call, path });
        }
        for queue in ["sales", "support"] {
            if rng.chance(700) && self.one_wait(rng, call, queue) {
                break;
            }
        }
        if recorded {
            self.fact(call, Fact::RecordingCompleted { recording: call, duration_ms: rng.below(9_000) });
        }
        let by = [Party::Caller, Party::Called, Party::System, Party::Failure][rng.below(4) as usize];
        let end = if rng.chance(50) { Fact::CutOff } else { Fact::Ended { cause: Cause::NORMAL, by } };
        self.fact(call, end);
    }

    /// One wait; true if somebody answered.
    fn one_wait(&mut self, rng: &mut Rng, call: CallNumber, queue: &str) -> bool {
        self.queued(call, queue);
        let (name, agent) = (|| queue.into(), || "7".into());
        for _ in 0..rng.below(3) {
            let end = [OfferEnd::NoAnswer, OfferEnd::Failed, OfferEnd::Cancelled][rng.below(3) as usize];
            self.fact(call, Fact::Offered { queue: name(), agent: agent() });
            self.fact(
                call,
                Fact::OfferEnded { queue: name(), agent: agent(), end, ring_ms: rng.below(9_000) },
            );
        }
        let wait_ms = rng.below(40_000);
        if rng.chance(600) {
            self.fact(call, Fact::Offered { queue: name(), agent: agent() });
            self.fact(
                call,
                Fact::OfferEnded { queue: name(), agent: agent(), end: OfferEnd::Answered, ring_ms: 9 },
            );
            self.fact(call, Fact::Dequeued { queue: name(), end: Dequeue::Answered, wait_ms });
            self.bridged(call, Some("7")).fact(call, Fact::Unbridged { talk_ms: rng.below(90_000) });
            return true;
        }
        let ends = [Dequeue::Abandoned, Dequeue::TimedOut, Dequeue::Refused, Dequeue::Withdrawn];
        self.fact(call, Fact::Dequeued { queue: name(), end: ends[rng.below(4) as usize], wait_ms });
        false
    }
}
