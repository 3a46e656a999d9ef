//! Where a call can be sent, as it is written in routes, flows and queues: `flow:main`, `queue:support`, `extension:1001`.

use crate::board::Cause;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a phone can do for its agent by dialling a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentVerb {
    /// Log in, and be ready.
    Login,
    /// Log out.
    Logout,
    /// Take calls.
    Ready,
    /// Take none for now.
    NotReady,
}

/// A place where a call goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// An IVR flow by name.
    Flow(String),
    /// A queue by name.
    Queue(String),
    /// An extension by number.
    Extension(String),
    /// An outside number, by the outbound rules.
    Number(String),
    /// A conference by name.
    Conference(String),
    /// The embedding program.
    Application,
    /// A code for the agent who dials it.
    Agent(AgentVerb),
    /// The end, with a cause.
    Hangup(Cause),
}

const FORMS: &str = "flow:NAME, queue:NAME, extension:NUMBER, number:DIGITS, conference:NAME, application, \
                     agent:login|logout|ready|not_ready, hangup or hangup:Q850";

impl FromStr for Target {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = text.split_once(':').unwrap_or((text, ""));
        let wrong = || format!("'{text}' is not a target; use {FORMS}");
        match (kind, name) {
            ("application", "") => Ok(Self::Application),
            ("hangup", "") => Ok(Self::Hangup(Cause::NORMAL)),
            ("hangup", cause) => match cause.parse() {
                Ok(value @ 1..=127) => Ok(Self::Hangup(Cause::new(value))),
                _ => Err(format!("'{cause}' in '{text}' is not a Q.850 cause; use 1 to 127")),
            },
            ("agent", "login") => Ok(Self::Agent(AgentVerb::Login)),
            ("agent", "logout") => Ok(Self::Agent(AgentVerb::Logout)),
            ("agent", "ready") => Ok(Self::Agent(AgentVerb::Ready)),
            ("agent", "not_ready") => Ok(Self::Agent(AgentVerb::NotReady)),
            (_, "") => Err(wrong()),
            ("flow", name) => Ok(Self::Flow(name.into())),
            ("queue", name) => Ok(Self::Queue(name.into())),
            ("extension", number) => Ok(Self::Extension(number.into())),
            ("conference", name) => Ok(Self::Conference(name.into())),
            ("number", number) => Ok(Self::Number(number.into())),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> Self {
        target.to_string()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flow(name) => write!(f, "flow:{name}"),
            Self::Queue(name) => write!(f, "queue:{name}"),
            Self::Extension(number) => write!(f, "extension:{number}"),
            Self::Number(number) => write!(f, "number:{number}"),
            Self::Conference(name) => write!(f, "conference:{name}"),
            Self::Application => f.write_str("application"),
            Self::Agent(AgentVerb::Login) => f.write_str("agent:login"),
            Self::Agent(AgentVerb::Logout) => f.write_str("agent:logout"),
            Self::Agent(AgentVerb::Ready) => f.write_str("agent:ready"),
            Self::Agent(AgentVerb::NotReady) => f.write_str("agent:not_ready"),
            Self::Hangup(cause) => write!(f, "hangup:{}", cause.q850),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_they_are_written() {
        for text in [
            "flow:main",
            "queue:a b",
            "extension:1001",
            "conference:all",
            "application",
            "agent:not_ready",
            "hangup:17",
        ] {
            assert_eq!(text.parse::<Target>().expect(text).to_string(), text);
        }
        for text in ["", "flow", "flow:", "queue", "agent:dance", "hangup:0", "hangup:128", "nowhere:1"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
