//! What happens by itself: arrivals, the network's steps, and people whose deadline has come.

use super::{Channel, Mind, World, callee_config};
use crate::callee::{Callee, CalleeDoes};
use crate::caller::{Caller, CallerDoes, Left};
use crate::event::{Refusal, What};
use crate::line::{Line, LineState, Q850_BUSY, Q850_NO_ANSWER, Q850_NORMAL, Stimulus};
use crate::random::{Random, Stream};
use std::sync::Arc;

impl World {
    /// The next caller calls: on the lowest free trunk, or in vain.
    pub(super) fn arrive(&mut self) {
        let ordinal = self.stats.offered;
        self.stats.offered += 1;
        match self.free.lowest().filter(|_| !self.removed) {
            Some(channel) => self.arrive_on(channel, ordinal),
            None => self.stats.blocked += 1,
        }
        self.plan_arrival();
    }

    fn arrive_on(&mut self, channel: u32, ordinal: u64) {
        let mut person = Random::new(self.config.seed, Stream::Caller, ordinal);
        let called = person.weighted(&self.called).cloned().unwrap_or_default();
        let withheld = person.chance(self.config.caller.withheld_share);
        let subscriber = 10_000_000_000 + person.below(10_000_000_000);
        let calling: Arc<str> = if withheld { Arc::default() } else { subscriber.to_string().into() };
        self.channels[channel as usize].random = person;
        let taken = self.come_in(channel, called, calling);
        debug_assert_eq!(taken, Ok(()), "a free trunk takes a call");
    }

    /// A call comes in, and with it the person who makes it.
    pub(super) fn come_in(
        &mut self,
        channel: u32,
        called: Arc<str>,
        calling: Arc<str>,
    ) -> Result<(), Refusal> {
        let call = self.next_call;
        let (called, overlap) = self.first_digits(channel, &called);
        let more = overlap.is_some();
        // whatever follows from it, such as an answer in the same moment, finds the next number
        self.next_call += 2;
        self.stir(channel, Stimulus::Arrive { channel, call, called, calling, more })?;
        self.channels[channel as usize].overlap = overlap;
        self.take(channel, call);
        self.stats.incoming += 1;
        let (now, outside) = (self.now, self.is_trunk(channel));
        let Self { config, channels, .. } = self;
        let there = &mut channels[channel as usize];
        there.mind = match (there.by_hand, outside) {
            (true, _) => Mind::Away,
            (false, true) => Mind::Caller(Caller::new(now, &mut there.random, &config.caller)),
            (false, false) => Mind::Callee(Callee::calls(&mut there.random, &config.agent)),
        };
        self.plan(channel);
        Ok(())
    }

    /// A channel's deadline has come: the network's goes first.
    pub(super) fn wake(&mut self, channel: u32) {
        let there = &self.channels[channel as usize];
        let now = self.now;
        if there.line.deadline().is_some_and(|at| at <= now) {
            self.network_acts(channel);
        } else if there.wire.deadline().is_some_and(|at| at <= now) {
            self.wire_acts(channel);
        } else if there.overlap.as_ref().is_some_and(|overlap| overlap.deadline() <= now) {
            self.number_acts(channel);
        } else {
            self.person_acts(channel);
        }
        self.plan(channel);
    }

    fn network_acts(&mut self, channel: u32) {
        match self.channels[channel as usize].line.state() {
            LineState::Dialing => self.phone_rings(channel),
            LineState::Alerting => {
                self.stats.not_answered += 1;
                self.clear(channel, Q850_NO_ANSWER);
            }
            LineState::Idle | LineState::Offered | LineState::Up | LineState::Cleared => {}
        }
    }

    fn phone_rings(&mut self, channel: u32) {
        let now = self.now;
        let Self { config, channels, .. } = self;
        let there = &mut channels[channel as usize];
        let drawn = if there.by_hand {
            None
        } else {
            Some(Callee::rings(now, &mut there.random, callee_config(config, channel)))
        };
        match (there.busy, drawn) {
            (true, _) | (false, Some(None)) => {
                self.stats.busy += 1;
                self.clear(channel, Q850_BUSY);
            }
            (false, reaction) => {
                there.mind = reaction.flatten().map_or(Mind::Away, Mind::Callee);
                let alerted = self.stir(channel, Stimulus::Alert { now });
                debug_assert_eq!(alerted, Ok(()), "a dialing line can ring");
            }
        }
    }

    fn person_acts(&mut self, channel: u32) {
        let now = self.now;
        let Self { config, channels, .. } = self;
        let Channel { mind, random, .. } = &mut channels[channel as usize];
        match mind {
            Mind::Away => {}
            Mind::Caller(caller) => match caller.wakes(now, random, &config.caller) {
                CallerDoes::Nothing => {}
                CallerDoes::Press(digit) => drop(self.press(channel, digit)),
                CallerDoes::HangUp => self.hang_up(channel, Q850_NORMAL),
            },
            Mind::Callee(callee) => match callee.wakes() {
                CalleeDoes::PickUp => drop(self.pick_up(channel)),
                CalleeDoes::Refuse => self.refuse(channel, callee_config(&self.config, channel).reject_q850),
                CalleeDoes::HangUp => self.hang_up(channel, Q850_NORMAL),
            },
        }
    }

    pub(super) fn press(&mut self, channel: u32, digit: char) -> Result<(), Refusal> {
        self.stir(channel, Stimulus::Press(digit))?;
        self.stats.digits += 1;
        Ok(())
    }

    pub(super) fn pick_up(&mut self, channel: u32) -> Result<(), Refusal> {
        self.stir(channel, Stimulus::PickUp)?;
        self.stats.picked_up += 1;
        self.mind_answered(channel);
        Ok(())
    }

    pub(super) fn refuse(&mut self, channel: u32, q850: u16) {
        self.stats.rejected += 1;
        self.clear(channel, q850);
    }

    /// The person hangs up; the caller must have made sure that there is something to hang up.
    pub(super) fn hang_up(&mut self, channel: u32, q850: u16) {
        match &self.channels[channel as usize].mind {
            Mind::Away => {}
            Mind::Callee(_) => self.stats.callee_hung_up += 1,
            Mind::Caller(caller) => match caller.left() {
                Left::Ringing => self.stats.gave_up_ringing += 1,
                Left::Menu => self.stats.left_in_menu += 1,
                Left::Waiting => self.stats.abandoned += 1,
                Left::OnHold => self.stats.left_on_hold += 1,
                Left::Talking => self.stats.caller_hung_up += 1,
            },
        }
        self.clear(channel, q850);
    }

    /// The far end is gone, and its person with it.
    pub(super) fn clear(&mut self, channel: u32, q850: u16) {
        let there = &mut self.channels[channel as usize];
        (there.mind, there.overlap) = (Mind::Away, None);
        let cleared = self.stir(channel, Stimulus::Clear(q850));
        debug_assert_eq!(cleared, Ok(()), "a line with somebody on it can be cleared");
        self.plan(channel);
    }

    /// The line is up: the person goes on with what it hears at this moment.
    pub(super) fn mind_answered(&mut self, channel: u32) {
        let now = self.now;
        let Self { config, channels, stats, .. } = self;
        let Channel { mind, random, heard, .. } = &mut channels[channel as usize];
        match mind {
            Mind::Away => {}
            Mind::Caller(caller) => {
                caller.answered(now, *heard, random, &config.caller);
                stats.talked += u64::from(caller.has_talked());
            }
            Mind::Callee(callee) => callee.answered(now, *heard, random, callee_config(config, channel)),
        }
        self.plan(channel);
    }

    pub(super) fn mind_hears(&mut self, channel: u32, now: u64) {
        let Self { config, channels, stats, .. } = self;
        let Channel { mind, random, heard, .. } = &mut channels[channel as usize];
        match mind {
            Mind::Away => {}
            Mind::Caller(caller) => {
                let before = caller.has_talked();
                caller.hears(now, *heard, random, &config.caller);
                stats.talked += u64::from(caller.has_talked() && !before);
            }
            Mind::Callee(callee) => callee.hears(now, *heard, random, callee_config(config, channel)),
        }
    }

    /// The board goes: every call on it ends without the host's doing.
    pub(super) fn remove_device(&mut self) {
        self.removed = true;
        self.post_device(What::DeviceRemoved);
        let calls: Vec<(u64, u32)> = self.calls.iter().map(|(call, channel)| (*call, *channel)).collect();
        for (call, channel) in calls {
            if !self.channels[channel as usize].wire.is_calls() {
                self.channels[channel as usize].line = Line::Idle;
                self.forget(channel, call);
                continue;
            }
            self.channels[channel as usize].mind = Mind::Away;
            let released = self.stir(channel, Stimulus::Drop(crate::line::Q850_OUT_OF_ORDER));
            debug_assert_eq!(released, Ok(()), "a line with a call can be dropped");
            self.forget(channel, call);
        }
        self.reset_wires();
    }
}
