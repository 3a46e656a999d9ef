//! What a scenario can make people and faults do, and the words for it, one line each.
//!
//! ```text
//!   channel 1 calls 8000 from 13800000000     channel 17 answers          channel 17 busy | free
//!   channel 1 calls 8000                      channel 17 rejects          channel 1 holds | retrieves
//!   channel 1 digit 2                         channel 17 rejects with 17  channel 1 talks | silent
//!   channel 1 digits 1234#                    channel 1 hangs up          channel 1 by hand | by itself
//!   channel 1 glares from 13900000000      channel 1 blocked | unblocked span 0 alarm red | none
//!   span 0 restarts
//!   device removed | back                     arrivals 1200 per hour      channel 1 hangs up with 31
//! ```

use crate::line::{Q850_NORMAL, Q850_REJECTED};
use crate::number::{is_digit, is_number};
use crate::span::Alarms;
use std::fmt;
use std::str::FromStr;

/// One thing a person, or fate, does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Somebody outside calls in on a trunk, or a phone dials.
    Call {
        /// An idle channel.
        channel: u32,
        /// Number dialled.
        called: String,
        /// Number shown; empty: withheld.
        calling: String,
    },
    /// Keys are pressed on a connected line.
    Press {
        /// Where.
        channel: u32,
        /// `0-9 * # A-D`.
        digits: String,
    },
    /// The person at the far end hangs up (an incoming call may still be unanswered).
    HangUp {
        /// Where.
        channel: u32,
        /// Q.850 cause, 1..=127; 16 is normal.
        q850: u16,
    },
    /// The ringing phone is answered.
    AnswerPhone {
        /// Where.
        channel: u32,
    },
    /// The call is refused at the ringing phone.
    Reject {
        /// Where.
        channel: u32,
        /// Q.850 cause, 1..=127; 21 is rejected, 17 busy.
        q850: u16,
    },
    /// The phone is off hook or back: the next calls to it find it busy.
    Busy {
        /// Where.
        channel: u32,
        /// Busy, or free.
        on: bool,
    },
    /// The far end puts us on hold or takes us back.
    Hold {
        /// Where.
        channel: u32,
        /// On hold, or back.
        on: bool,
    },
    /// A person by hand speaks or is silent while connected; it speaks unless told.
    Talk {
        /// Where.
        channel: u32,
        /// Speaks.
        on: bool,
    },
    /// From now on the person does only what it is told, or acts by itself from the next call on.
    ByHand {
        /// Where.
        channel: u32,
        /// By hand.
        on: bool,
    },
    /// Somebody calls in the very moment in which the host seizes this exchange line the next time.
    Glare {
        /// Where.
        channel: u32,
        /// Number shown; empty: withheld.
        calling: String,
    },
    /// The far end blocks a channel, or lets it be used again.
    Block {
        /// Where.
        channel: u32,
        /// Blocked.
        on: bool,
    },
    /// A span has these alarms from now on.
    Alarm {
        /// Which span, from 0.
        span: u32,
        /// Which alarms.
        alarms: Alarms,
    },
    /// The far end takes a span up anew: all calls on it are over.
    Restart {
        /// Which span, from 0.
        span: u32,
    },
    /// The board is pulled out or comes back.
    Device {
        /// There, or removed.
        there: bool,
    },
    /// Another arrival rate from now on.
    Arrivals {
        /// Calls per hour, 0..=1e9.
        per_hour: f64,
    },
}

/// Why a line of text is not an act: what was read and what is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActError(String);

impl fmt::Display for ActError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ActError {}

const SUBJECTS: &str =
    "begin with \"channel N\", \"span N\", \"device removed\", \"device back\" or \"arrivals N per hour\"";
const VERBS: &str = "a channel calls NUMBER [from NUMBER], digit D, digits DDD, hangs up [with CAUSE], answers, rejects [with CAUSE], \
                     busy, free, holds, retrieves, talks, silent, by hand, by itself, glares [from NUMBER], blocked, unblocked";

impl FromStr for Act {
    type Err = ActError;

    fn from_str(text: &str) -> Result<Self, ActError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["channel", channel, ref verb @ ..] => {
                let channel = channel.parse().map_err(|_| {
                    wrong(text, &format!("\"{channel}\" is not a channel number (0, 1, 2 ...)"))
                })?;
                channel_act(channel, verb).map_err(|why| wrong(text, &why))
            }
            ["span", span, ref verb @ ..] => {
                let span = span
                    .parse()
                    .map_err(|_| wrong(text, &format!("\"{span}\" is not a span number (0, 1, 2 ...)")))?;
                span_act(span, verb).map_err(|why| wrong(text, &why))
            }
            ["device", "removed"] => Ok(Act::Device { there: false }),
            ["device", "back"] => Ok(Act::Device { there: true }),
            ["arrivals", rate, "per", "hour"] => match rate.parse() {
                Ok(per_hour) if (0.0..=1e9).contains(&per_hour) => Ok(Act::Arrivals { per_hour }),
                _ => {
                    Err(wrong(text, &format!("\"{rate}\" is not a number of calls between 0 and 1000000000")))
                }
            },
            _ => Err(wrong(text, SUBJECTS)),
        }
    }
}

fn wrong(text: &str, why: &str) -> ActError {
    ActError(format!("\"{}\": {why}", text.trim()))
}

fn channel_act(channel: u32, verb: &[&str]) -> Result<Act, String> {
    match *verb {
        ["calls", called] => call(channel, called, ""),
        ["calls", called, "from", calling] => call(channel, called, calling),
        ["digit", digit] if digit.len() != 1 => {
            Err(format!("\"{digit}\" is not one digit; several are: digits {digit}"))
        }
        ["digit" | "digits", digits] => press(channel, digits),
        ["hangs", "up"] => Ok(Act::HangUp { channel, q850: Q850_NORMAL }),
        ["hangs", "up", "with", q850] => Ok(Act::HangUp { channel, q850: cause(q850)? }),
        ["answers"] => Ok(Act::AnswerPhone { channel }),
        ["rejects"] => Ok(Act::Reject { channel, q850: Q850_REJECTED }),
        ["rejects", "with", q850] => Ok(Act::Reject { channel, q850: cause(q850)? }),
        ["busy"] | ["free"] => Ok(Act::Busy { channel, on: verb == ["busy"] }),
        ["holds"] | ["retrieves"] => Ok(Act::Hold { channel, on: verb == ["holds"] }),
        ["talks"] | ["silent"] => Ok(Act::Talk { channel, on: verb == ["talks"] }),
        ["glares"] => glare(channel, ""),
        ["glares", "from", calling] => glare(channel, calling),
        ["blocked"] | ["unblocked"] => Ok(Act::Block { channel, on: verb == ["blocked"] }),
        ["by", "hand"] | ["by", "itself"] => Ok(Act::ByHand { channel, on: verb == ["by", "hand"] }),
        _ => Err(VERBS.to_owned()),
    }
}

fn span_act(span: u32, verb: &[&str]) -> Result<Act, String> {
    match *verb {
        ["alarm", word] => Ok(Act::Alarm { span, alarms: word.parse()? }),
        ["restarts"] => Ok(Act::Restart { span }),
        _ => Err("a span: alarm red, yellow, blue or none; restarts".to_owned()),
    }
}

fn call(channel: u32, called: &str, calling: &str) -> Result<Act, String> {
    let bad = |number: &str| format!("\"{number}\" is not a number: 1 to 63 bytes without blanks");
    match (is_number(called), calling.is_empty() || is_number(calling)) {
        (false, _) => Err(bad(called)),
        (true, false) => Err(bad(calling)),
        (true, true) => Ok(Act::Call { channel, called: called.to_owned(), calling: calling.to_owned() }),
    }
}

fn glare(channel: u32, calling: &str) -> Result<Act, String> {
    match calling.is_empty() || is_number(calling) {
        true => Ok(Act::Glare { channel, calling: calling.to_owned() }),
        false => Err(format!("\"{calling}\" is not a number: 1 to 63 bytes without blanks")),
    }
}

fn press(channel: u32, digits: &str) -> Result<Act, String> {
    match digits.chars().find(|c| !is_digit(*c)) {
        Some(c) => Err(format!("'{c}' is not a digit: 0-9 * # A-D")),
        None => Ok(Act::Press { channel, digits: digits.to_owned() }),
    }
}

fn cause(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(q850) if (1..=127).contains(&q850) => Ok(q850),
        _ => Err(format!("\"{text}\" is not a Q.850 cause, 1 to 127")),
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pick = |on: &bool, yes: &'static str, no: &'static str| if *on { yes } else { no };
        match self {
            Act::Call { channel, called, calling } if calling.is_empty() => {
                write!(f, "channel {channel} calls {called}")
            }
            Act::Call { channel, called, calling } => {
                write!(f, "channel {channel} calls {called} from {calling}")
            }
            Act::Press { channel, digits } => write!(f, "channel {channel} digits {digits}"),
            Act::HangUp { channel, q850 } => write!(f, "channel {channel} hangs up with {q850}"),
            Act::AnswerPhone { channel } => write!(f, "channel {channel} answers"),
            Act::Reject { channel, q850 } => write!(f, "channel {channel} rejects with {q850}"),
            Act::Busy { channel, on } => write!(f, "channel {channel} {}", pick(on, "busy", "free")),
            Act::Hold { channel, on } => write!(f, "channel {channel} {}", pick(on, "holds", "retrieves")),
            Act::Talk { channel, on } => write!(f, "channel {channel} {}", pick(on, "talks", "silent")),
            Act::ByHand { channel, on } => write!(f, "channel {channel} by {}", pick(on, "hand", "itself")),
            Act::Glare { channel, calling } if calling.is_empty() => write!(f, "channel {channel} glares"),
            Act::Glare { channel, calling } => write!(f, "channel {channel} glares from {calling}"),
            Act::Block { channel, on } => write!(f, "channel {channel} {}", pick(on, "blocked", "unblocked")),
            Act::Alarm { span, alarms } => write!(f, "span {span} alarm {alarms}"),
            Act::Restart { span } => write!(f, "span {span} restarts"),
            Act::Device { there } => write!(f, "device {}", pick(there, "back", "removed")),
            Act::Arrivals { per_hour } => write!(f, "arrivals {per_hour} per hour"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_story_is_understood_and_told_back() {
        let lines = "channel 1 calls 8000 from 13800000000|channel 1 calls 8000|channel 1 digit 2|channel 1 digits 1234#|channel 17 answers|\
                     channel 17 rejects|channel 17 rejects with 17|channel 1 hangs up|channel 1 hangs up with 31|channel 17 busy|channel 17 free|\
                     channel 1 holds|channel 1 retrieves|channel 1 talks|channel 1 silent|channel 1 by hand|channel 1 by itself|device removed|\
                     device back|arrivals 1200 per hour|channel 1 glares|channel 1 glares from 139|channel 1 blocked|
                     channel 1 unblocked|span 0 alarm red|span 0 alarm none|span 1 restarts";
        for line in lines.split('|') {
            let act: Act = line.parse().unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(act.to_string().parse(), Ok(act), "{line}");
        }
    }

    /// No line of text, however odd, is more than an error.
    #[test]
    fn any_heap_of_words_is_an_act_or_an_error() {
        let words = "channel device arrivals 1 99999999999 -1 calls from digit digits 12# x hangs up with 300 by hand per hour \u{e9} back";
        let words: Vec<&str> = words.split(' ').collect();
        let mut random = crate::random::Random::new(1, crate::random::Stream::Channel, 0);
        for _ in 0..50_000 {
            let line: Vec<&str> =
                (0..random.below(8)).map(|_| words[random.below(words.len() as u64) as usize]).collect();
            if let Ok(act) = line.join(" ").parse::<Act>() {
                assert_eq!(act.to_string().parse(), Ok(act));
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_explained() {
        let why = |text: &str| text.parse::<Act>().expect_err("not an act").to_string();
        assert!(why("chanel 1 answers").contains("begin with"));
        assert!(why("channel one answers").contains("\"one\" is not a channel number"));
        assert!(why("channel 1 sings").contains("hangs up"));
        assert!(why("channel 1 digit 12").contains("digits 12"));
        assert!(why("channel 1 digits 1x").contains("'x' is not a digit"));
        assert!(why("channel 1 rejects with 300").contains("Q.850"));
        assert!(why("arrivals many per hour").contains("between 0"));
    }
}
