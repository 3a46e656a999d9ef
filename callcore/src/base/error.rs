//! What callcore says no with: `Refused` for a wish that cannot be, `Problem` for a mistake in a configuration or flow.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The kind of a refusal; programs decide by it, people read the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// An argument that is wrong in itself.
    Argument,
    /// Right in itself, but not in this state.
    State,
    /// No such thing, or no longer.
    Gone,
    /// In use by another.
    Busy,
    /// A limit is reached.
    Full,
    /// This kind of line or build cannot do it.
    Unsupported,
    /// The configuration is wrong.
    Config,
}

/// The caller asked for what cannot be; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{text}")]
pub struct Refused {
    /// The kind.
    pub why: Why,
    /// What, where, and what to do.
    pub text: String,
}

impl Refused {
    /// A refusal with its text.
    pub fn new(why: Why, text: impl Into<String>) -> Self {
        Self { why, text: text.into() }
    }

    /// `what` is not there (any more).
    pub fn gone(what: impl fmt::Display) -> Self {
        Self::new(Why::Gone, format!("{what} does not exist (any more)"))
    }

    /// `what` cannot be done in this state.
    pub fn state(what: impl Into<String>) -> Self {
        Self::new(Why::State, what)
    }
}

/// One mistake in a configuration or a flow: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The path of the wrong value: `queue[0].overflow`, `flow.main.node.menu.next`.
    pub path: String,
    /// What is wrong, and what to do.
    pub text: String,
}

impl Problem {
    /// A mistake at a path.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}
