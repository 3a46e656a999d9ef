//! The configuration of a world, with its defaults and its checks; an error names the path of the value.

use crate::board::{BoardConfig, BoardKind, E1_CHANNELS};
use crate::dist::Dist;
use crate::number::{is_digit, is_number};
use std::fmt;

/// Most channels of one world, both sorts together.
const CHANNELS_MAX: u32 = 65_536;

/// A board with lines and people.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldConfig {
    /// Channels by which outside callers come in and outgoing calls leave: `0..trunks`. With `boards`: taken from them.
    pub trunks: u32,
    /// Phones with a person each: channels `trunks..trunks + extensions`. With `boards`: taken from them.
    pub extensions: u32,
    /// Boards of all kinds side by side, in the order of their channels: first those to the outside, then phones. None: ideal
    /// channels that speak of calls.
    pub boards: Vec<BoardConfig>,
    /// All randomness comes from it.
    pub seed: u64,
    /// Who calls in by itself.
    pub arrivals: Arrivals,
    /// The people who call in.
    pub caller: CallerConfig,
    /// The people at the extensions.
    pub agent: AgentConfig,
    /// The people outside whom the host calls over a trunk.
    pub outside: AgentConfig,
    /// From `make` to the far phone's ringing.
    pub setup_ms: Dist,
    /// Nobody does anything but what acts tell; an act can set single people free or by hand.
    pub by_hand: bool,
}

/// The arrival process: Poisson.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrivals {
    /// Calls per hour; 0: none, people only do what they are told.
    pub per_hour: f64,
    /// Numbers they dial, with weights.
    pub called: Vec<(String, u32)>,
    /// Stop after so many; `None`: never.
    pub total: Option<u64>,
}

/// How outside callers behave; see the caller's state machine.
#[derive(Debug, Clone, PartialEq)]
pub struct CallerConfig {
    /// Keys pressed in a menu, with weights; empty: no key is ever pressed.
    pub digits: Vec<(char, u32)>,
    /// Menus one after the other, a key for each.
    pub menus: u32,
    /// From the beginning of a menu (or the last key) to the key.
    pub press_after_ms: Dist,
    /// Share of keys that are none of `digits`; the caller then presses again.
    pub wrong_digit_share: f64,
    /// Share of callers that hang up instead of pressing.
    pub hang_up_in_menu_share: f64,
    /// How long it lets the line ring before the answer.
    pub ring_patience_ms: Dist,
    /// How long it waits for a person, from the last key (or the answer, when it presses none).
    pub patience_ms: Dist,
    /// Share of callers that end the talk themselves.
    pub hangs_up_share: f64,
    /// After how much talk these hang up.
    pub talk_ms: Dist,
    /// Share of callers that withhold their number.
    pub withheld_share: f64,
}

/// How people behave who are called: agents at their phones, or people outside.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentConfig {
    /// Share of calls that find the phone busy.
    pub busy_share: f64,
    /// Share of calls that ring unanswered.
    pub no_answer_share: f64,
    /// Share of calls refused at the phone.
    pub reject_share: f64,
    /// Q.850 cause of these.
    pub reject_q850: u16,
    /// From ringing to answering (or refusing).
    pub answer_after_ms: Dist,
    /// How long it talks; it hangs up then.
    pub talk_ms: Dist,
    /// How long it stays on a silent line.
    pub alone_ms: Dist,
    /// How long it listens to a machine.
    pub machine_ms: Dist,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            trunks: 16,
            extensions: 16,
            boards: vec![],
            seed: 1,
            arrivals: Arrivals::default(),
            caller: CallerConfig::default(),
            agent: AgentConfig::default(),
            outside: AgentConfig { machine_ms: Dist::Fixed(30_000), ..AgentConfig::default() },
            setup_ms: Dist::Fixed(0),
            by_hand: false,
        }
    }
}

impl Default for Arrivals {
    fn default() -> Self {
        Self { per_hour: 0.0, called: vec![("8000".to_owned(), 1)], total: None }
    }
}

impl Default for CallerConfig {
    fn default() -> Self {
        Self {
            digits: vec![],
            menus: 1,
            press_after_ms: Dist::Uniform(1_000, 6_000),
            wrong_digit_share: 0.0,
            hang_up_in_menu_share: 0.0,
            ring_patience_ms: Dist::Fixed(60_000),
            patience_ms: Dist::Exponential(120_000),
            hangs_up_share: 0.0,
            talk_ms: Dist::Exponential(180_000),
            withheld_share: 0.0,
        }
    }
}

impl Default for AgentConfig {
    fn default() -> Self {
        Self {
            busy_share: 0.0,
            no_answer_share: 0.0,
            reject_share: 0.0,
            reject_q850: crate::line::Q850_REJECTED,
            answer_after_ms: Dist::Uniform(1_000, 5_000),
            talk_ms: Dist::Exponential(180_000),
            alone_ms: Dist::Fixed(30_000),
            machine_ms: Dist::Never,
        }
    }
}

/// What is wrong in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Where: `caller.patience_ms`, `arrivals.called.0.number`.
    pub path: String,
    /// What, and what would be right.
    pub why: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.why)
    }
}

impl std::error::Error for ConfigError {}

impl From<ConfigError> for String {
    fn from(error: ConfigError) -> String {
        error.to_string()
    }
}

pub(crate) type Checked = Result<(), ConfigError>;

impl WorldConfig {
    /// The same with the channels counted that its boards have.
    pub fn counted(mut self) -> Self {
        if !self.boards.is_empty() {
            let count = |phones| {
                let of_kind = self.boards.iter().filter(|board| board.has_phones() == phones);
                of_kind.fold(0u32, |sum, board| sum.saturating_add(board.channels))
            };
            (self.trunks, self.extensions) = (count(false), count(true));
        }
        self
    }

    /// What a channel is.
    pub fn kind(&self, channel: u32) -> Option<&BoardKind> {
        const PLAIN: [BoardKind; 2] = [BoardKind::Calls { phones: false }, BoardKind::Calls { phones: true }];
        if self.boards.is_empty() {
            let phones = usize::from(channel >= self.trunks);
            return (channel < self.trunks + self.extensions).then_some(&PLAIN[phones]);
        }
        let mut first = 0;
        self.boards.iter().find_map(|board| {
            let there = (first..first + board.channels).contains(&channel);
            first += board.channels;
            there.then_some(&board.kind)
        })
    }

    /// The first channel of each span; it has 30.
    pub(crate) fn spans(&self) -> Vec<u32> {
        let mut first = 0;
        let mut spans = vec![];
        for board in &self.boards {
            if matches!(board.kind, BoardKind::E1(_)) {
                spans.extend((first..first + board.channels).step_by(E1_CHANNELS as usize));
            }
            first += board.channels;
        }
        spans
    }

    /// Spans of primary rate.
    pub fn spans_count(&self) -> u32 {
        self.spans().len() as u32
    }

    /// Whether a world can be made of it.
    pub fn check(&self) -> Checked {
        let channels = u64::from(self.trunks) + u64::from(self.extensions);
        need(channels >= 1, "trunks", || {
            "trunks and extensions are both 0: a board has at least one channel".to_owned()
        })?;
        need(channels <= u64::from(CHANNELS_MAX), "trunks", || {
            format!("{channels} trunks and extensions: at most {CHANNELS_MAX} together")
        })?;
        for (i, board) in self.boards.iter().enumerate() {
            board.check(&format!("boards.{i}"))?;
            let phones_before = self.boards[..i].iter().any(BoardConfig::has_phones);
            need(board.has_phones() || !phones_before, &format!("boards.{i}.kind"), || {
                "boards to the outside come first, then those of phones".to_owned()
            })?;
        }
        dist("setup_ms", &self.setup_ms)?;
        self.arrivals.check()?;
        self.caller.check()?;
        self.agent.check("agent")?;
        self.outside.check("outside")
    }
}

impl Arrivals {
    fn check(&self) -> Checked {
        let per_hour = self.per_hour;
        need((0.0..=1e9).contains(&per_hour), "arrivals.per_hour", || {
            format!("{per_hour} is not between 0 and 1000000000")
        })?;
        for (i, (number, _)) in self.called.iter().enumerate() {
            let path = format!("arrivals.called.{i}.number");
            need(is_number(number), &path, || format!("\"{number}\" is not 1 to 63 bytes without blanks"))?;
        }
        let some = self.called.iter().any(|(_, weight)| *weight > 0);
        need(some || per_hour == 0.0, "arrivals.called", || {
            "no number with a weight above 0: callers need one to dial".to_owned()
        })
    }
}

impl CallerConfig {
    fn check(&self) -> Checked {
        for (i, (digit, _)) in self.digits.iter().enumerate() {
            need(is_digit(*digit), &format!("caller.digits.{i}"), || {
                format!("'{digit}' is not one of 0-9 * # A-D")
            })?;
        }
        need(self.menus <= 64, "caller.menus", || format!("{} is more than 64", self.menus))?;
        // above that a caller with quick fingers would press wrong keys without end
        let wrong = self.wrong_digit_share;
        need((0.0..=0.9).contains(&wrong), "caller.wrong_digit_share", || {
            format!("{wrong} is not between 0 and 0.9")
        })?;
        share("caller.hang_up_in_menu_share", self.hang_up_in_menu_share)?;
        share("caller.hangs_up_share", self.hangs_up_share)?;
        share("caller.withheld_share", self.withheld_share)?;
        dist("caller.press_after_ms", &self.press_after_ms)?;
        dist("caller.ring_patience_ms", &self.ring_patience_ms)?;
        dist("caller.patience_ms", &self.patience_ms)?;
        dist("caller.talk_ms", &self.talk_ms)
    }
}

impl AgentConfig {
    fn check(&self, who: &str) -> Checked {
        let sum = self.busy_share + self.no_answer_share + self.reject_share;
        share(&format!("{who}.busy_share"), self.busy_share)?;
        share(&format!("{who}.no_answer_share"), self.no_answer_share)?;
        share(&format!("{who}.reject_share"), self.reject_share)?;
        need(sum <= 1.0 + 1e-9, &format!("{who}.busy_share"), || {
            format!("with no_answer_share and reject_share it makes {sum}, above 1")
        })?;
        need((1..=127).contains(&self.reject_q850), &format!("{who}.reject_q850"), || {
            format!("{} is not a Q.850 cause 1 to 127", self.reject_q850)
        })?;
        dist(&format!("{who}.answer_after_ms"), &self.answer_after_ms)?;
        dist(&format!("{who}.talk_ms"), &self.talk_ms)?;
        dist(&format!("{who}.alone_ms"), &self.alone_ms)?;
        dist(&format!("{who}.machine_ms"), &self.machine_ms)
    }
}

pub(crate) fn need(fine: bool, path: &str, why: impl FnOnce() -> String) -> Checked {
    if fine { Ok(()) } else { Err(ConfigError { path: path.to_owned(), why: why() }) }
}

fn share(path: &str, value: f64) -> Checked {
    need((0.0..=1.0).contains(&value), path, || format!("{value} is not a share between 0 and 1"))
}

fn dist(path: &str, value: &Dist) -> Checked {
    value.check().map_err(|error| ConfigError { path: path.to_owned(), why: error.to_string() })
}
