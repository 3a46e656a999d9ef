//! What a call hears and is asked: prompts, digits, recordings; and the end of any command before its time.

use crate::call::call_id;
use crate::core::accepted;
use crate::guard::{entry, text};
use crate::handles::{CORES, cc_core};
use crate::status::{Answer, Trouble};
use crate::types::*;
use callcore_rs::exchange::Command;
use std::ffi::c_char;
use std::sync::Arc;

/// One name, or a JSON array of names.
fn names(text: &str) -> Answer<Vec<Arc<str>>> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(|why| Trouble::arg(format!("the prompts: {why}")));
    }
    Ok(vec![text.into()])
}

/// Plays to the caller of a call that the program has: the name of a prompt, or a JSON array of names. `say:TEXT` is spoken, `recording:PATH` is a
/// recording. `CC_EV_PLAY_DONE` tells the end.
///
/// Threads: any. Blocks: no. Ownership: `prompts` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (not answered, not the program's), `CC_E_GONE`.
///
/// # Safety
/// `prompts` is NULL or NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_play(
    core: *mut cc_core,
    call: cc_id,
    prompts: *const c_char,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        // SAFETY: the caller's promises.
        let prompts = names(unsafe { text(prompts, "the prompts") }?)?;
        unsafe { accepted(core.long_command(Command::Play { call, prompts }), req) }
    })
}
