//! Calls joined with calls: bridges, transfers, conferences, supervision.

use crate::call::{call_id, side, target};
use crate::core::accepted;
use crate::guard::{entry, text};
use crate::handles::{CORES, cc_core};
use crate::status::{Answer, Trouble};
use crate::types::*;
use callcore_rs::exchange::Command;
use callcore_rs::media::Role;
use callcore_rs::media::scene::Participation;
use std::ffi::c_char;

/// Joins two calls that the program has, both answered: they talk. `CC_EV_UNBRIDGED` tells the end; then the program has both again, or whichever is left.
/// `ends_together`: 1, and who is left is released with the other.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (one is not answered, or not the program's), `CC_E_GONE`.
///
/// # Safety
/// `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_bridge(
    core: *mut cc_core,
    call: cc_id,
    with: cc_id,
    ends_together: i32,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call, with) = (CORES.get(core)?, call_id(call)?, call_id(with)?);
        let command = Command::Bridge { call, with, ends_together: ends_together != 0 };
        // SAFETY: the caller's promise.
        unsafe { accepted(core.long_command(command), req) }
    })
}

/// Parts two calls that were joined; the program has both again.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (it is not joined), `CC_E_GONE`.
///
/// # Safety
/// `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_unbridge(core: *mut cc_core, call: cc_id, req: *mut cc_req) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        // SAFETY: the caller's promise.
        unsafe { accepted(core.command(Command::Unbridge { call }), req) }
    })
}

/// One party of a talk (`by`: `CC_CALLER` or `CC_OTHER`) leaves, and the other goes where `to` says: `"queue:support"`, `"extension:1001"`, `"application"`. An attended transfer is
/// `cc_call_make` and `cc_call_bridge`.
///
/// Threads: any. Blocks: no. Ownership: `to` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (nobody talks), `CC_E_GONE`.
///
/// # Safety
/// `to` is NULL or NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_transfer(
    core: *mut cc_core,
    call: cc_id,
    to: *const c_char,
    by: u32,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call, by) = (CORES.get(core)?, call_id(call)?, side(by)?);
        // SAFETY: the caller's promises.
        let to = target(unsafe { text(to, "the target") }?)?;
        // SAFETY: as above.
        unsafe { accepted(core.command(Command::Transfer { call, to, by }), req) }
    })
}

/// A party of a conference talks (`CC_ROLE_TALK`), only listens (`CC_ROLE_LISTEN`), or moderates (`CC_ROLE_MODERATE`). A call joins by `cc_call_send` to `"conference:NAME"`.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (in no conference), `CC_E_GONE`.
///
/// # Safety
/// `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_conf_role(
    core: *mut cc_core,
    call: cc_id,
    role: u32,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        let role = match role {
            CC_ROLE_TALK => Role::Talk,
            CC_ROLE_LISTEN => Role::Listen,
            CC_ROLE_MODERATE => Role::Moderate,
            other => return Err(Trouble::arg(format!("{other} is no role: use CC_ROLE_*"))),
        };
        // SAFETY: the caller's promise.
        unsafe { accepted(core.command(Command::ChangeRole { call, role }), req) }
    })
}

fn participation(how: u32) -> Answer<Participation> {
    match how {
        CC_SUPERVISE_LISTEN => Ok(Participation::Listen),
        CC_SUPERVISE_WHISPER => Ok(Participation::Whisper),
        CC_SUPERVISE_BARGE => Ok(Participation::Barge),
        other => Err(Trouble::arg(format!("{other} is no supervision: use CC_SUPERVISE_*"))),
    }
}

/// A call that the program has (`by`, a supervisor's) takes part in a talk: it listens, whispers to one party (`CC_CALLER`, `CC_OTHER`), or talks with both.
/// Ends by `cc_cancel` of the command, or with the talk.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (nobody talks, or `by` is not the program's), `CC_E_BUSY` (supervised by another), `CC_E_GONE`.
///
/// # Safety
/// `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_supervise(
    core: *mut cc_core,
    call: cc_id,
    by: cc_id,
    how: u32,
    party: u32,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call, by) = (CORES.get(core)?, call_id(call)?, call_id(by)?);
        let command = Command::Supervise { call, by, how: participation(how)?, party: side(party)? };
        // SAFETY: the caller's promise.
        unsafe { accepted(core.long_command(command), req) }
    })
}

/// A call that the program has (`by`) takes the place of a party of a talk, who is released.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE`, `CC_E_GONE`.
///
/// # Safety
/// `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_intercept(
    core: *mut cc_core,
    call: cc_id,
    by: cc_id,
    party: u32,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call, by) = (CORES.get(core)?, call_id(call)?, call_id(by)?);
        // SAFETY: the caller's promise.
        unsafe { accepted(core.command(Command::Intercept { call, by, party: side(party)? }), req) }
    })
}
