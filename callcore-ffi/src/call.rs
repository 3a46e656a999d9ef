//! Calls: made, answered, sent on, held, joined, ended.

use crate::core::accepted;
use crate::guard::{entry, optional_text, sized, text};
use crate::handles::{CORES, cc_core};
use crate::status::{Answer, Trouble};
use crate::types::*;
use callcore_rs::board::{Cause, Digits};
use callcore_rs::call::{CallId, Side, Target};
use callcore_rs::exchange::Command;
use std::ffi::c_char;

/// The call behind a number.
pub(crate) fn call_id(call: cc_id) -> Answer<CallId> {
    CallId::from_bits(call).ok_or_else(|| match call {
        0 => Trouble::arg("0 is no call"),
        _ => Trouble::arg(format!("{call:#x} is not the id of a call")),
    })
}

/// Which of two parties.
pub(crate) fn side(party: u32) -> Answer<Side> {
    match party {
        CC_CALLER => Ok(Side::Left),
        CC_OTHER => Ok(Side::Right),
        _ => Err(Trouble::arg(format!("{party} is no party: use CC_CALLER or CC_OTHER"))),
    }
}

/// Where a call goes, as configurations write it.
pub(crate) fn target(text: &str) -> Answer<Target> {
    text.parse().map_err(Trouble::arg)
}

/// Calls out. `CC_EV_ORIGINATED` tells the call's id at once. `CC_EV_DONE` comes when it is answered, and has the call; with `status` when it is not. Until then the command can be cancelled.
///
/// Threads: any. Blocks: no. Ownership: `make` is borrowed.
/// Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_BUSY` (no line or phone is free), `CC_E_FULL`, `CC_E_STATE`, `CC_E_GONE`.
///
/// # Safety
/// `make` is NULL or as long as its `size`, with strings that are NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_make(
    core: *mut cc_core,
    make: *const cc_make,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promises; here and below.
        let make = unsafe { sized(make, "make") }?;
        // SAFETY: as above.
        let (to, calling) =
            unsafe { (text(make.to, "make.to")?, optional_text(make.calling, "make.calling")?) };
        let command = Command::Originate { to: target(to)?, calling: calling.unwrap_or_default().to_owned() };
        // SAFETY: as above.
        unsafe { accepted(core.making_command(command, make.user), req) }
    })
}

/// Answers a call that was offered; `CC_EV_ANSWERED` follows.
///
/// Threads: any. Blocks: no. Ownership: none.
/// Errors: `CC_E_ARG` (not a call's id), `CC_E_STATE` (answered already, or not the program's), `CC_E_GONE`.
///
/// # Safety
/// `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_answer(core: *mut cc_core, call: cc_id, req: *mut cc_req) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        // SAFETY: the caller's promise.
        unsafe { accepted(core.command(Command::Answer { call }), req) }
    })
}

/// Ends a call, whoever has it, with a Q.850 cause of 1 to 127; 16 is normal, 17 busy, 21 rejected.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (it is ending), `CC_E_GONE`.
///
/// # Safety
/// `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_drop(
    core: *mut cc_core,
    call: cc_id,
    cause: u16,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        let cause = u8::try_from(cause).ok().filter(|value| (1..=127).contains(value));
        let cause = Cause::new(cause.ok_or_else(|| Trouble::arg("the cause must be 1 to 127"))?);
        // SAFETY: the caller's promise.
        unsafe { accepted(core.command(Command::Release { call, cause }), req) }
    })
}

/// Sends a call on: `"flow:main"`, `"queue:support"`, `"extension:1001"`, `"number:0208"`, `"conference:room"`, `"hangup:17"`. It is then no longer the program's.
///
/// Threads: any. Blocks: no. Ownership: `to` is borrowed.
/// Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_GONE` (no such call or place), `CC_E_STATE` (not the program's).
///
/// # Safety
/// `to` is NULL or NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_send(
    core: *mut cc_core,
    call: cc_id,
    to: *const c_char,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        // SAFETY: the caller's promises.
        let to = target(unsafe { text(to, "the target") }?)?;
        // SAFETY: as above.
        unsafe { accepted(core.command(Command::Send { call, to }), req) }
    })
}

/// One party of a talk (`CC_CALLER`, `CC_OTHER`) holds the other, who hears the hold music, or takes it back.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (nobody talks, or the other party holds), `CC_E_GONE`.
///
/// # Safety
/// `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_hold(
    core: *mut cc_core,
    call: cc_id,
    by: u32,
    on: i32,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        let command = Command::Hold { call, by: side(by)?, on: on != 0 };
        // SAFETY: the caller's promise.
        unsafe { accepted(core.command(command), req) }
    })
}

/// A party of a talk or of a conference is not heard, nor recorded, or is again.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (no such party), `CC_E_GONE`.
///
/// # Safety
/// `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_mute(
    core: *mut cc_core,
    call: cc_id,
    party: u32,
    on: i32,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        let command = Command::Mute { call, party: side(party)?, on: on != 0 };
        // SAFETY: the caller's promise.
        unsafe { accepted(core.command(command), req) }
    })
}

/// Presses keys (`0-9 * # A-D`, at most 64) towards a party of a call: through the board where it can, else as tones.
///
/// Threads: any. Blocks: no. Ownership: `digits` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (that party has not answered), `CC_E_GONE`.
///
/// # Safety
/// `digits` is NULL or NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_call_digits(
    core: *mut cc_core,
    call: cc_id,
    party: u32,
    digits: *const c_char,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call, to) = (CORES.get(core)?, call_id(call)?, side(party)?);
        // SAFETY: the caller's promises.
        let digits = unsafe { text(digits, "the digits") }?.to_owned();
        let digits = Digits::try_from(digits).map_err(Trouble::arg)?;
        // SAFETY: as above.
        unsafe { accepted(core.command(Command::SendDigits { call, to, digits }), req) }
    })
}

/// Gives a call that lives a number of the program's own, which comes back as `user` in all its events; 0 takes it away. One that the program makes
/// has it from the beginning by `cc_make.user`.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG` (not a call's id), `CC_E_STATE`, `CC_E_GONE` (no such call, or it is over).
#[unsafe(no_mangle)]
pub extern "C" fn cc_call_tag(core: *mut cc_core, call: cc_id, user: u64) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        core.tag(call, user)
    })
}
