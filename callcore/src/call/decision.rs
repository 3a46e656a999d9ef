//! What a controller wants next for its call. The exchange carries it out; the controller never touches a leg.

use super::{CallTimer, Target};
use crate::board::Cause;
use std::sync::Arc;

/// One wish of a call's controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Let the caller hear prompts, in place of what it hears; `PlayDone` tells the end.
    Play(Arc<[Arc<str>]>),
    /// Play prompts in this language (BCP 47) from here on.
    SelectLanguage(Arc<str>),
    /// Let the caller hear nothing.
    StopPlay,
    /// Set one of the call's timers, in milliseconds from now.
    StartTimer(CallTimer, u64),
    /// Clear one of them.
    StopTimer(CallTimer),
    /// Hand the call to another controller.
    Send(Target),
    /// End the call.
    Release(Cause),
    /// Write down where in a flow the caller is.
    Enter {
        /// The flow's name.
        flow: Arc<str>,
        /// The node's name.
        node: Arc<str>,
    },
}
