//! Extensions, trunk groups and routes as they are written in a configuration.

use super::pattern::{Hours, Pattern};
use crate::call::Target;
use serde::{Deserialize, Serialize};

/// A phone of the house.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionConfig {
    /// What is dialled to reach it.
    pub number: String,
    /// Whose it is; shown to those it calls.
    #[serde(default)]
    pub name: String,
    /// The device it is on, by name.
    pub device: String,
    /// The channel it is wired to; left out for an endpoint.
    #[serde(default)]
    pub channel: Option<u32>,
    /// The endpoint that registers for it; left out for a channel. A SIP extension's endpoint is its user name.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// When it hears a dial tone, if it is an analogue phone.
    #[serde(default)]
    pub dial_tone: DialTone,
    /// What an endpoint proves itself with. Only the driver sees it.
    #[serde(default, skip_serializing)]
    pub password: Option<String>,
}

/// When a phone that is picked up hears a dial tone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialTone {
    /// At any time.
    #[default]
    Always,
    /// While an agent of this phone is logged in; others hear nothing and cannot dial.
    LoggedIn,
}

/// Lines to the outside that serve the same purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkGroupConfig {
    /// Its name.
    pub name: String,
    /// The device its lines are on, by name.
    pub device: String,
    /// First and last channel; left out: all channels of the device that are no extension's.
    #[serde(default)]
    pub channels: Option<(u32, u32)>,
    /// The trunk of the device to leave by, for a device that names its trunks.
    #[serde(default)]
    pub via: Option<String>,
    /// A number that is still being dialled is sent on digit by digit, on lines that can do so (overlap sending, Q.931
    /// 5.1.3): the far exchange says when it is whole. Else the number is waited for, and sent in one piece.
    #[serde(default)]
    pub overlap: bool,
}

/// One rule for calls that come in; the first that fits decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteConfig {
    /// The number that was dialled (DNIS).
    #[serde(default)]
    pub called: Option<Pattern>,
    /// The number it comes from (ANI).
    #[serde(default)]
    pub calling: Option<Pattern>,
    /// The device it comes by.
    #[serde(default)]
    pub device: Option<String>,
    /// The channel it comes by.
    #[serde(default)]
    pub channel: Option<u32>,
    /// The time of day, such as `mon-fri 08:30-17:30`.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// Where it goes.
    pub to: Target,
}

/// One rule for calls from the house to the outside; the longest prefix that fits decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundConfig {
    /// The first digits of the dialled number.
    pub prefix: String,
    /// How many of them are not sent on.
    #[serde(default)]
    pub strip: usize,
    /// A number has at least so many digits, the prefix among them: with fewer it is incomplete (cause 28). Left out: one
    /// more than are not sent on.
    #[serde(default)]
    pub digits_min: Option<usize>,
    /// And at most so many: with them it is whole, and nobody waits for more; with more there is no such number (cause 1).
    /// Left out: any number, which only the caller or the far exchange can know to be whole.
    #[serde(default)]
    pub digits_max: Option<usize>,
    /// The lines it leaves by, by name.
    pub trunk_group: String,
    /// The number shown to the called party; left out: the extension's.
    #[serde(default)]
    pub calling: Option<String>,
}

impl OutboundConfig {
    /// The fewest and the most digits of a whole number, the prefix among them.
    #[must_use]
    pub fn digits(&self) -> (usize, usize) {
        (self.digits_min.unwrap_or(self.strip + 1).max(self.strip + 1), self.digits_max.unwrap_or(usize::MAX))
    }
}
