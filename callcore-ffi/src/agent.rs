//! Agents: log in and out, ready and not.

use crate::core::accepted;
use crate::guard::{entry, optional_text, text};
use crate::handles::{CORES, cc_core};
use crate::status::Trouble;
use crate::types::*;
use callcore_rs::exchange::Command;
use std::ffi::c_char;

/// An agent's state: `"login"`, `"logout"`, `"ready"`, or `"not_ready"` with a reason, which is NULL else.
///
/// Threads: any. Blocks: no. Ownership: the texts are borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_GONE` (no such agent), `CC_E_STATE` (not from the state it is in).
///
/// # Safety
/// The texts are NULL or NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_agent_set(
    core: *mut cc_core,
    agent: *const c_char,
    state: *const c_char,
    reason: *const c_char,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promises; here and below.
        let (agent, state, reason) = unsafe {
            (
                text(agent, "the agent")?.to_owned(),
                text(state, "the state")?,
                optional_text(reason, "the reason")?,
            )
        };
        let command = match state {
            "login" => Command::AgentLogin { agent },
            "logout" => Command::AgentLogout { agent },
            "ready" => Command::AgentReady { agent },
            "not_ready" => Command::AgentNotReady { agent, reason: reason.unwrap_or_default().to_owned() },
            other => {
                let text = format!("'{other}' is no state: use login, logout, ready or not_ready");
                return Err(Trouble::arg(text));
            }
        };
        // SAFETY: as above.
        unsafe { accepted(core.command(command), req) }
    })
}
