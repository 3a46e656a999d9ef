//! What a call hears and is asked: prompts, digits, recordings; and the end of a command before its time.

use crate::call::{call_id, side};
use crate::core::accepted;
use crate::guard::{entry, json, optional_json, parsed, text};
use crate::handles::{CORES, cc_core};
use crate::status::{Answer, Trouble};
use crate::types::*;
use callcore_rs::exchange::Command;
use std::ffi::c_char;
use std::sync::Arc;

/// One name, or a JSON array of names.
fn names(text: &str) -> Answer<Vec<Arc<str>>> {
    if text.trim_start().starts_with('[') {
        return parsed(text, "the prompts");
    }
    Ok(vec![text.into()])
}

/// Plays to the caller of a call that the program has: the name of a prompt, or a JSON array of names. `say:TEXT` is spoken, `recording:PATH` is a
/// recording, `tone:busy:3000` is a tone of the country and `silence:500` a pause, both of so many milliseconds. `CC_EV_PLAY_DONE` tells the end.
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
        // SAFETY: as above.
        unsafe { accepted(core.long_command(Command::Play { call, prompts }), req) }
    })
}

/// Pauses, winds or speeds up what the caller of a call hears of prompts, as JSON: `"\"pause\""`, `"\"resume\""`, `{"speed":150}` (50 to 300 per cent, the pitch stays),
/// `{"jump":{"to":0}}` (milliseconds of sound from the beginning; 0 repeats), `{"jump":{"by":-5000}}` (milliseconds forward, or back if negative).
///
/// Threads: any. Blocks: no. Ownership: `control` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (nothing plays), `CC_E_GONE`.
///
/// # Safety
/// `control` is NULL or NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_play_control(
    core: *mut cc_core,
    call: cc_id,
    control: *const c_char,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        // SAFETY: the caller's promises.
        let control = unsafe { json(control, "the control") }?;
        // SAFETY: as above.
        unsafe { accepted(core.command(Command::ControlPlay { call, control }), req) }
    })
}

/// Collects digits from the caller of a call that the program has. `options` is JSON, each member may be left out: `prompts` (names, played first), `barge_in` (true),
/// `flush` (false: digits pressed before count), `digits_min` (0), `digits_max` (32, the most), `terminators` ("#"), `first_digit_ms` (5000), `inter_digit_ms` (3000); NULL: all as said.
/// `CC_EV_COLLECT_DONE` tells the digits and the end.
///
/// Threads: any. Blocks: no. Ownership: `options` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (not answered, not the program's, collecting already), `CC_E_GONE`.
///
/// # Safety
/// `options` is NULL or NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_collect(
    core: *mut cc_core,
    call: cc_id,
    options: *const c_char,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        // SAFETY: the caller's promises.
        let collect = unsafe { optional_json(options, "the options") }?;
        // SAFETY: as above.
        unsafe { accepted(core.long_command(Command::Collect { call, collect }), req) }
    })
}

/// Records a call that the program has, or a talk. `options` is JSON, each member may be left out: `name` (as in the configuration), `who` ("both", "said" by the caller,
/// "heard" by the caller), `max_ms`, `silence_ms` (stop after so much), `keys` (stop at one of them); NULL: both until it is stopped. `CC_EV_RECORD_DONE` tells the file.
///
/// Threads: any. Blocks: no. Ownership: `options` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_STATE` (recorded already, not answered), `CC_E_GONE`, `CC_E_FULL`.
///
/// # Safety
/// `options` is NULL or NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_record(
    core: *mut cc_core,
    call: cc_id,
    options: *const c_char,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        // SAFETY: the caller's promises.
        let record = unsafe { optional_json(options, "the options") }?;
        // SAFETY: as above.
        unsafe { accepted(core.long_command(Command::Record { call, record }), req) }
    })
}

/// Records silence while something is said that must not be kept (1), or sound again (0).
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG`, `CC_E_STATE` (not recorded), `CC_E_GONE`.
///
/// # Safety
/// `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_record_mask(
    core: *mut cc_core,
    call: cc_id,
    on: i32,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call) = (CORES.get(core)?, call_id(call)?);
        // SAFETY: the caller's promise.
        unsafe { accepted(core.command(Command::MaskRecording { call, on: on != 0 }), req) }
    })
}

/// Listens for sounds in what a party says, and for nothing else: JSON such as `{"voice":{},"progress":true}`; `{}` ends it. `CC_EV_HEARD` tells what is heard.
///
/// Threads: any. Blocks: no. Ownership: `sounds` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_GONE`.
///
/// # Safety
/// `sounds` is NULL or NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_listen(
    core: *mut cc_core,
    call: cc_id,
    party: u32,
    sounds: *const c_char,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let (core, call, party) = (CORES.get(core)?, call_id(call)?, side(party)?);
        // SAFETY: the caller's promises.
        let sounds = unsafe { json(sounds, "the sounds") }?;
        // SAFETY: as above.
        unsafe { accepted(core.command(Command::Listen { call, party, sounds }), req) }
    })
}

/// Ends a command before its time: what plays stops, what is collected or recorded so far is told, a call that is being made is given up, a bridge or a
/// supervision ends. The command's own end comes as always.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_ARG` (0), `CC_E_GONE` (it has ended, or there was none), `CC_E_STATE`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_cancel(core: *mut cc_core, req: cc_req) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        if req == 0 {
            return Err(Trouble::arg("0 is no command"));
        }
        core.command(Command::Cancel { request: req }).map(drop)
    })
}

/// Any command as JSON, `{"command":"send","call":72057598332895232,"to":"queue:support"}`: all that a Rust program can want; the reference of
/// `callcore::exchange::Command` has each.
///
/// Threads: any. Blocks: no. Ownership: `command` is borrowed. Errors: `CC_E_ARG` (the words), `CC_E_UTF8`, and those of the command.
///
/// # Safety
/// `command` is NULL or NUL-terminated; `req` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_command(
    core: *mut cc_core,
    command: *const c_char,
    req: *mut cc_req,
) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promises.
        let command = unsafe { json(command, "the command") }?;
        let goes_on = matches!(
            command,
            Command::Play { .. }
                | Command::Collect { .. }
                | Command::Record { .. }
                | Command::Bridge { .. }
                | Command::Supervise { .. }
        );
        let given = if goes_on { core.long_command(command) } else { core.command(command) };
        // SAFETY: as above.
        unsafe { accepted(given, req) }
    })
}
