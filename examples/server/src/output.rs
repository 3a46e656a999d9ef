//! How a command ends badly, and which exit code says so.

use callcore_config::{Report, StartError};
use std::fmt;
use std::process::ExitCode;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum End {
    /// The configuration is wrong: exit code 2.
    Config(Report),
    /// It does not fit the machine or its own devices: exit code 2.
    Wrong(String),
    /// Something in the world is: exit code 1.
    Failed(String),
}

impl End {
    pub(crate) fn code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::Wrong(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::from(1),
        }
    }

    /// Something failed: what, in words that say what to do.
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }
}

impl From<Report> for End {
    fn from(report: Report) -> Self {
        Self::Config(report)
    }
}

impl From<StartError> for End {
    fn from(why: StartError) -> Self {
        match why {
            StartError::Wrong(text) => Self::Wrong(text),
            StartError::Failed(text) => Self::Failed(text),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(report) => write!(f, "{report}"),
            Self::Wrong(text) => f.write_str(text),
            Self::Failed(text) => write!(f, "callcore-server: {text}"),
        }
    }
}

/// `println!` that does not panic when nobody reads any more: that is no reason to stop what was asked.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout().lock(), $($text)*);
    }};
}
pub(crate) use say;

/// Durations as people read them: `42 s`, `3:05 min`, `2:00:00 h`.
pub(crate) fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        _ => format!("{}:{:02}:{:02} h", seconds / 3600, seconds / 60 % 60, seconds % 60),
    }
}

/// A count with its word: `1 call`, `2 calls`.
pub(crate) fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

/// A share as people read it: `87.5 %`.
pub(crate) fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}
