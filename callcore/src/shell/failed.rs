//! What the outside world can do to a node: every failure says what, where, and what to do.

use crate::base::{Problem, Refused};
use callcore_driver_host::LoadError;
use std::io;
use std::path::PathBuf;

/// The outside world failed, or did not fit the settings.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the fields are the words of the sentences
pub enum Failed {
    /// The core's configuration is wrong; all its mistakes.
    #[error("the configuration has mistakes: {}", list(.0))]
    Config(Vec<Problem>),
    /// A setting of the shell is wrong.
    #[error("setting {setting}: {text}")]
    Setting { setting: String, text: String },
    /// A device cannot be used.
    #[error("device {device}: {why}")]
    Device { device: String, why: LoadError },
    /// A file or folder cannot be used.
    #[error("cannot {what} {}: {why}", path.display())]
    Io { what: &'static str, path: PathBuf, why: io::Error },
    /// A prompt cannot be played.
    #[error("prompt {}: {text}", path.display())]
    Prompt { path: PathBuf, text: String },
    /// A bound of the prompt store is reached.
    #[error(transparent)]
    Prompts(Refused),
    /// The journal or the store cannot be used.
    #[error("storage: {text}")]
    Storage { text: String },
    /// A thread could not be started.
    #[error("cannot start the {thread} thread: {why}")]
    Thread { thread: String, why: io::Error },
    /// Not everything ended in time; what is left is given up.
    #[error("the node did not stop cleanly: {text}")]
    Stop { text: String },
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
