//! The mind of somebody who is called (an agent at a phone, somebody outside), or who dials from an extension.
//!
//! ```text
//!   Ringing ──picks up──▶ Alone ◀──silence──▶ Attending (hears a machine)
//!      │                    │ ▲                 │ ▲
//!      │                    │ └──── no person ──┼─┤
//!   Calling ──answered──▶   └─────person───────▶ Talking
//!      └── refuses, or its time is up: hangs up (from every state)
//! ```
//!
//! * Ringing: answers or refuses after `answer_after_ms`, or never (`no_answer_share`).
//! * Calling: dialled from its own phone, waits for the host's answer without end.
//! * Alone: the line is silent; stays for `alone_ms`.    * Attending: a machine speaks; stays for `machine_ms`.
//! * Talking: hears a person; hangs up after `talk_ms` of talk, counted over interruptions.

use crate::caller::later;
use crate::config::AgentConfig;
use crate::event::Heard;
use crate::random::Random;

#[derive(Debug, Clone)]
pub(crate) struct Callee {
    /// Talk left before it hangs up; `None`: it leaves that to the other side.
    talk_ns: Option<u64>,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Ringing { refuses: bool, acts_at: Option<u64> },
    Calling,
    Alone { leaves_at: Option<u64> },
    Attending { leaves_at: Option<u64> },
    Talking { since: u64, ends_at: Option<u64> },
}

/// What it does when its deadline comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CalleeDoes {
    PickUp,
    Refuse,
    HangUp,
}

impl Callee {
    /// The phone begins to ring; `None`: it is busy.
    pub(crate) fn rings(now: u64, random: &mut Random, config: &AgentConfig) -> Option<Self> {
        let (share, after, talk_ns) =
            (random.unit(), config.answer_after_ms.draw(random), config.talk_ms.draw(random));
        let silent_from = config.busy_share;
        let refuses_from = silent_from + config.no_answer_share;
        let answers_from = refuses_from + config.reject_share;
        let acts_at = if share < refuses_from { None } else { later(now, after) };
        let stage = Stage::Ringing { refuses: share >= refuses_from && share < answers_from, acts_at };
        (share >= silent_from).then_some(Self { talk_ns, stage })
    }

    /// It dials from its own phone.
    pub(crate) fn calls(random: &mut Random, config: &AgentConfig) -> Self {
        Self { talk_ns: config.talk_ms.draw(random), stage: Stage::Calling }
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        match self.stage {
            Stage::Ringing { acts_at, .. } => acts_at,
            Stage::Calling => None,
            Stage::Alone { leaves_at } | Stage::Attending { leaves_at } => leaves_at,
            Stage::Talking { ends_at, .. } => ends_at,
        }
    }

    /// The line is up, by whichever side.
    pub(crate) fn answered(&mut self, now: u64, heard: Heard, random: &mut Random, config: &AgentConfig) {
        self.stage = Stage::Alone { leaves_at: later(now, config.alone_ms.draw(random)) };
        self.hears(now, heard, random, config);
    }

    pub(crate) fn hears(&mut self, now: u64, heard: Heard, random: &mut Random, config: &AgentConfig) {
        if let Stage::Talking { since, .. } = self.stage
            && heard != Heard::Person
        {
            self.talk_ns = self.talk_ns.map(|ns| ns.saturating_sub(now.saturating_sub(since)));
        }
        self.stage = match (self.stage, heard) {
            (Stage::Ringing { .. } | Stage::Calling, _) => return,
            (Stage::Alone { .. }, Heard::Silence)
            | (Stage::Attending { .. }, Heard::Machine | Heard::Busy)
            | (Stage::Talking { .. }, Heard::Person) => return,
            (Stage::Attending { .. } | Stage::Talking { .. }, Heard::Silence) => {
                Stage::Alone { leaves_at: later(now, config.alone_ms.draw(random)) }
            }
            (Stage::Alone { .. } | Stage::Talking { .. }, Heard::Machine | Heard::Busy) => {
                Stage::Attending { leaves_at: later(now, config.machine_ms.draw(random)) }
            }
            (Stage::Alone { .. } | Stage::Attending { .. }, Heard::Person) => {
                Stage::Talking { since: now, ends_at: later(now, self.talk_ns) }
            }
        };
    }

    /// Its deadline has come.
    pub(crate) fn wakes(&self) -> CalleeDoes {
        match self.stage {
            Stage::Ringing { refuses: true, .. } => CalleeDoes::Refuse,
            Stage::Ringing { refuses: false, .. } => CalleeDoes::PickUp,
            Stage::Calling | Stage::Alone { .. } | Stage::Attending { .. } | Stage::Talking { .. } => {
                CalleeDoes::HangUp
            }
        }
    }
}
