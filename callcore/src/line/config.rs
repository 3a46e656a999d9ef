//! What a site says of its lines: which way they serve, and how the exchange's silence about calls is made up for.
//!
//! An analogue line tells little. Whether it tells the far end's hang-up at all, and by what, is a matter of the public
//! exchange it comes from; the times below are those of loop-start lines (ETSI ES 203 021, TIA-968).

use crate::base::Problem;
use serde::{Deserialize, Serialize};

/// Which way a line serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Calls come in and go out.
    #[default]
    Both,
    /// Calls only come in.
    Incoming,
    /// Calls only go out; one that comes in is let ring, or refused where the line can.
    Outgoing,
}

/// What may stand for the far end's hang-up on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangUpBy {
    /// The polarity changes.
    Polarity,
    /// The loop current stops for a moment (kewlstart, calling party control).
    Loop,
    /// A busy, congestion or dial tone is heard.
    Tone,
    /// Nobody speaks for [`LineConfig::silence_ms`].
    Silence,
}

/// What a flash of a telephone does to the talk it is in.
///
/// With any but `hold` the first flash begins a consultation: the other party hears the hold music, the telephone a dial
/// tone, and what is dialled there is a call to a third party, an extension or a number to the outside. A flash before that
/// one answers takes the held party back. The values differ in what a flash does once the third party is there. Who puts the
/// telephone down in a consultation hands the held party on to the third; while that one is only rung, it is rung on. With
/// no third party there the telephone rings again for the held one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flash {
    /// No consultation: it holds the other party, and takes it back.
    Hold,
    /// It releases the third party and takes the held one back.
    Back,
    /// It changes to the held party; the third is held meanwhile, and the next flash changes back.
    Swap,
    /// It joins all three; the next one releases the third party.
    #[default]
    Conference,
}

/// Lines of a device with something in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineConfig {
    /// The device they are on, by name.
    pub device: String,
    /// First and last channel; left out: all of the device.
    pub channels: Option<(u32, u32)>,
    /// Which way they serve.
    pub direction: Direction,
    /// An alarm of the line or its span, once it is sure, ends the call on it; else the call waits for the alarm to end.
    pub alarm_drops_calls: bool,
    /// What stands for the far end's hang-up. A line whose board does not report it needs `tone` or `silence`.
    pub hang_up_by: Vec<HangUpBy>,
    /// After how much silence a call counts as over, with `silence`, in milliseconds: 10,000 and more.
    pub silence_ms: u32,
    /// A change of polarity stands for the answer of a call that goes out.
    pub answer_by_polarity: bool,
    /// Ringing that stops, and no other tone after it, stands for the answer of a call that goes out.
    pub answer_by_sound: bool,
    /// A call that goes out counts as answered so long after its last digit if nothing speaks against it, in
    /// milliseconds; 0: never.
    pub answer_assumed_ms: u32,
    /// How long the exchange is given to tell who calls, counted from the end of the first ring, in milliseconds; 0: it
    /// does not tell. A line is never answered before.
    pub cid_wait_ms: u32,
    /// A caller has gone who has not rung for so long, in milliseconds: longer than the longest pause between rings.
    pub ring_gone_ms: u32,
    /// How long a dial tone is waited for, in milliseconds; then the number is dialled without one.
    pub dial_tone_ms: u32,
    /// How digits go out.
    pub dialling: super::Dialling,
    /// How long each key is on, in milliseconds (ITU-T Q.24: 40 and more).
    pub digit_on_ms: u32,
    /// And off after it.
    pub digit_off_ms: u32,
    /// So long after an answer a change of polarity means the answer and not the hang-up, in milliseconds.
    pub polarity_guard_ms: u32,
    /// So long a line stays alone after it was put on hook, so that the exchange sees it, in milliseconds.
    pub release_guard_ms: u32,
    /// The wires to a phone change places while its call is answered: some meters and gateways want to see that.
    pub polarity_tells_answer: bool,
    /// A monitored line with less between its wires than so much is in use, in millivolts: about 48,000 when idle, a few
    /// thousand when the telephone on it is off hook. Above it for longer than a flash, it is not any more.
    pub in_use_mv: u32,
    /// How phones ring: on and off in turn, in milliseconds.
    pub ring_cadence_ms: Vec<u16>,
    /// The shortest and the longest time the hook is down for a flash, in milliseconds. Less is a bad contact, more a
    /// hang-up.
    pub flash_ms: (u32, u32),
    /// What a flash does to a talk.
    pub flash: Flash,
    /// How long a phone hears the dial tone before it must dial, in milliseconds.
    pub first_digit_ms: u32,
    /// How long may pass between two keys, in milliseconds.
    pub inter_digit_ms: u32,
}

impl Default for LineConfig {
    fn default() -> Self {
        Self {
            device: String::new(),
            channels: None,
            direction: Direction::Both,
            alarm_drops_calls: true,
            hang_up_by: Vec::new(),
            silence_ms: 60_000,
            answer_by_polarity: false,
            answer_by_sound: true,
            answer_assumed_ms: 20_000,
            cid_wait_ms: 3_000,
            ring_gone_ms: 6_500,
            dial_tone_ms: 3_000,
            dialling: super::Dialling::Tone,
            digit_on_ms: 100,
            digit_off_ms: 100,
            polarity_guard_ms: 600,
            release_guard_ms: 1_000,
            polarity_tells_answer: false,
            in_use_mv: 20_000,
            ring_cadence_ms: vec![1_000, 4_000],
            flash_ms: (80, 800),
            flash: Flash::default(),
            first_digit_ms: 10_000,
            inter_digit_ms: 4_000,
        }
    }
}

impl LineConfig {
    /// Whether these are its lines.
    #[must_use]
    pub fn covers(&self, device: &str, index: u32) -> bool {
        let (first, last) = self.channels.unwrap_or((0, u32::MAX));
        self.device == device && (first..=last).contains(&index)
    }

    /// Whether something stands for the far end's hang-up.
    #[must_use]
    pub fn hangs_up_by(&self, by: HangUpBy) -> bool {
        self.hang_up_by.contains(&by)
    }

    /// Whether the end of a call is found out by what is heard, where the board does not report it.
    #[must_use]
    pub fn hears_hang_up(&self) -> bool {
        self.hangs_up_by(HangUpBy::Tone) || self.hangs_up_by(HangUpBy::Silence)
    }

    /// What is wrong with it; `at` is its place in the configuration.
    #[must_use]
    pub fn check(&self, at: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut need = |fine: bool, field: &str, text: String| {
            if !fine {
                problems.push(Problem::new(format!("{at}.{field}"), text));
            }
        };
        let range = |name: &str, value: u32, min: u32, max: u32| {
            (min..=max).contains(&value).then_some(()).ok_or(format!("{name} is {min} to {max}, not {value}"))
        };
        let mut ranged = |field: &str, value: u32, min: u32, max: u32| {
            if let Err(text) = range(field, value, min, max) {
                need(false, field, text);
            }
        };
        ranged("silence_ms", self.silence_ms, 10_000, 3_600_000);
        ranged("answer_assumed_ms", self.answer_assumed_ms, 0, 120_000);
        ranged("cid_wait_ms", self.cid_wait_ms, 0, 10_000);
        ranged("ring_gone_ms", self.ring_gone_ms, 2_000, 20_000);
        ranged("dial_tone_ms", self.dial_tone_ms, 0, 20_000);
        ranged("digit_on_ms", self.digit_on_ms, 40, 1_000);
        ranged("digit_off_ms", self.digit_off_ms, 40, 1_000);
        ranged("polarity_guard_ms", self.polarity_guard_ms, 0, 5_000);
        ranged("in_use_mv", self.in_use_mv, 5_000, 40_000);
        ranged("release_guard_ms", self.release_guard_ms, 100, 10_000);
        ranged("first_digit_ms", self.first_digit_ms, 1_000, 60_000);
        ranged("inter_digit_ms", self.inter_digit_ms, 500, 30_000);
        let (shortest, longest) = self.flash_ms;
        need(
            (20..longest).contains(&shortest) && longest <= 2_000,
            "flash_ms",
            format!(
                "a flash is from 20 ms up to 2000 ms, the shorter time first, not {shortest} to {longest}"
            ),
        );
        let rings = &self.ring_cadence_ms;
        let even = rings.len().is_multiple_of(2) && (2..=16).contains(&rings.len());
        need(
            even && rings.iter().all(|ms| (100..=10_000).contains(ms)),
            "ring_cadence_ms",
            "a cadence has 2 to 16 times, on and off in turn, each 100 to 10000 ms".to_owned(),
        );
        let (first, last) = self.channels.unwrap_or((0, 0));
        need(first <= last, "channels", format!("the first channel, {first}, comes after the last, {last}"));
        problems
    }
}
