//! An outside caller's mind: from the first ring to hanging up.
//!
//! ```text
//!   Ringback ──answered──▶ Unsure ──machine──▶ Menu ──last key──▶ Waiting ◀──────────┐
//!      │                     │                  │ ▲ │                │ person        │ no person
//!      │                     │                  │ └─┘ key, wrong key ▼               │
//!      │                     │ person           └────person──────▶ Talking ──────────┘
//!      └─────────────────────┴──────── its time is up: hangs up ────┴── (from every state)
//! ```
//!
//! * Ringback: lets it ring for `ring_patience_ms`.
//! * Unsure: answered, and only silence so far; patience runs. Callers that press nothing skip this state and Menu.
//! * Menu: a machine speaks; `press_after_ms` after it began, or after the last key, comes the next key (`menus` of
//!   them, wrong ones do not count). What is said in between does not matter. A share hangs up instead.
//! * Waiting: no person yet, or not any more; a fresh patience runs whenever the state is entered.
//! * Talking: hears a person; a share hangs up after `talk_ms` of talk, counted over interruptions.
//!
//! Each state holds its own deadline; `None` is never.

use crate::config::CallerConfig;
use crate::event::Heard;
use crate::random::Random;

/// One caller: what it will do whatever happens, drawn when it arrives, and where it is.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    patience_ns: Option<u64>,
    /// Talk left before it hangs up itself; `None`: it leaves that to the other side.
    talk_ns: Option<u64>,
    leaves_menu: bool,
    has_talked: bool,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Ringback { leaves_at: Option<u64> },
    Unsure { leaves_at: Option<u64> },
    Menu { acts_at: Option<u64>, keys_left: u32 },
    Waiting { leaves_at: Option<u64> },
    Talking { since: u64, ends_at: Option<u64> },
}

/// Why a caller hung up; told by the state it was in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    Ringing,
    Menu,
    Waiting,
    OnHold,
    Talking,
}

/// What it does when its deadline comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallerDoes {
    Nothing,
    Press(char),
    HangUp,
}

impl Caller {
    pub(crate) fn new(now: u64, random: &mut Random, config: &CallerConfig) -> Self {
        let patience_ns = config.patience_ms.draw(random);
        let talk = config.talk_ms.draw(random);
        let talk_ns = if random.chance(config.hangs_up_share) { talk } else { None };
        let leaves_menu = random.chance(config.hang_up_in_menu_share);
        let leaves_at = later(now, config.ring_patience_ms.draw(random));
        Self { patience_ns, talk_ns, leaves_menu, has_talked: false, stage: Stage::Ringback { leaves_at } }
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        match self.stage {
            Stage::Ringback { leaves_at } | Stage::Unsure { leaves_at } | Stage::Waiting { leaves_at } => {
                leaves_at
            }
            Stage::Menu { acts_at, .. } => acts_at,
            Stage::Talking { ends_at, .. } => ends_at,
        }
    }

    pub(crate) fn left(&self) -> Left {
        match self.stage {
            Stage::Ringback { .. } => Left::Ringing,
            Stage::Unsure { .. } | Stage::Menu { .. } => Left::Menu,
            Stage::Waiting { .. } if self.has_talked => Left::OnHold,
            Stage::Waiting { .. } => Left::Waiting,
            Stage::Talking { .. } => Left::Talking,
        }
    }

    /// It talks, so the other side hears it.
    pub(crate) fn speaks(&self) -> bool {
        matches!(self.stage, Stage::Talking { .. })
    }

    pub(crate) fn has_talked(&self) -> bool {
        self.has_talked
    }

    /// The host answered; `heard` is what the line carries at once.
    pub(crate) fn answered(&mut self, now: u64, heard: Heard, random: &mut Random, config: &CallerConfig) {
        let leaves_at = later(now, self.patience_ns);
        let presses = config.menus > 0 && config.digits.iter().any(|(_, weight)| *weight > 0);
        self.stage = if presses { Stage::Unsure { leaves_at } } else { Stage::Waiting { leaves_at } };
        self.hears(now, heard, random, config);
    }

    pub(crate) fn hears(&mut self, now: u64, heard: Heard, random: &mut Random, config: &CallerConfig) {
        self.stage = match (self.stage, heard) {
            (Stage::Ringback { .. }, _) => return,
            (Stage::Talking { .. }, Heard::Person) => return,
            (Stage::Talking { since, .. }, Heard::Silence | Heard::Machine | Heard::Busy) => {
                self.interrupted(now, since)
            }
            (Stage::Unsure { .. } | Stage::Menu { .. } | Stage::Waiting { .. }, Heard::Person) => {
                self.talks(now)
            }
            (Stage::Unsure { .. }, Heard::Machine) => Stage::Menu {
                acts_at: later(now, config.press_after_ms.draw(random)),
                keys_left: config.menus,
            },
            (Stage::Unsure { .. }, Heard::Silence | Heard::Busy) => return,
            (Stage::Menu { .. } | Stage::Waiting { .. }, Heard::Silence | Heard::Machine | Heard::Busy) => {
                return;
            }
        };
    }

    fn talks(&mut self, now: u64) -> Stage {
        self.has_talked = true;
        Stage::Talking { since: now, ends_at: later(now, self.talk_ns) }
    }

    fn interrupted(&mut self, now: u64, since: u64) -> Stage {
        self.talk_ns = self.talk_ns.map(|ns| ns.saturating_sub(now.saturating_sub(since)));
        Stage::Waiting { leaves_at: later(now, self.patience_ns) }
    }

    /// Its deadline has come.
    pub(crate) fn wakes(&mut self, now: u64, random: &mut Random, config: &CallerConfig) -> CallerDoes {
        match self.stage {
            Stage::Ringback { .. } | Stage::Unsure { .. } | Stage::Waiting { .. } | Stage::Talking { .. } => {
                CallerDoes::HangUp
            }
            Stage::Menu { .. } if self.leaves_menu => CallerDoes::HangUp,
            Stage::Menu { keys_left, .. } => self.presses(now, keys_left, random, config),
        }
    }

    fn presses(
        &mut self,
        now: u64,
        keys_left: u32,
        random: &mut Random,
        config: &CallerConfig,
    ) -> CallerDoes {
        let wrong = if random.chance(config.wrong_digit_share) { wrong_key(random, config) } else { None };
        let keys_left = if wrong.is_some() { keys_left } else { keys_left - 1 };
        self.stage = if keys_left == 0 {
            Stage::Waiting { leaves_at: later(now, self.patience_ns) }
        } else {
            Stage::Menu { acts_at: later(now, config.press_after_ms.draw(random)), keys_left }
        };
        wrong
            .or_else(|| random.weighted(&config.digits).copied())
            .map_or(CallerDoes::Nothing, CallerDoes::Press)
    }
}

/// A key that is on the phone but not on offer; `None` when all are.
fn wrong_key(random: &mut Random, config: &CallerConfig) -> Option<char> {
    let offered = |key: char| config.digits.iter().any(|(digit, weight)| *digit == key && *weight > 0);
    let others = || "0123456789*#".chars().filter(|key| !offered(*key));
    let n = others().count() as u64;
    if n == 0 { None } else { others().nth(random.below(n) as usize) }
}

pub(crate) fn later(now: u64, ns: Option<u64>) -> Option<u64> {
    ns.map(|ns| now.saturating_add(ns))
}
