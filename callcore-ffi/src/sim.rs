//! Simulated people, and virtual time.

use crate::guard::{entry, give, give_text, put, text};
use crate::handles::{CORES, cc_core};
use crate::types::*;
use std::ffi::c_char;

/// Lets the people of a simulated device do something: `"channel 0 calls 8000 from 13800000000"`, `"channel 0 digit 1"`, `"channel 0 hangs up"`. In real time, too.
///
/// Threads: any. Blocks: until it is done. Ownership: the texts are borrowed.
/// Errors: `CC_E_ARG` (the words), `CC_E_UTF8`, `CC_E_STATE` (not now), `CC_E_GONE` (the device), `CC_E_UNSUPPORTED` (it is no simulator).
///
/// # Safety
/// The texts are NULL or NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_sim_act(
    core: *mut cc_core,
    device: *const c_char,
    line: *const c_char,
) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promises.
        let (device, line) = unsafe { (text(device, "the device")?, text(line, "the line")?) };
        core.engine().act(device, line)
    })
}

/// Lets virtual time go on by so many milliseconds, with everything that happens in them.
///
/// Threads: any. Blocks: while it computes. Ownership: none. Errors: `CC_E_STATE` (real time, not started, stopped), `CC_E_GONE`, `CC_E_INTERNAL` (a promise of callcore is broken).
#[unsafe(no_mangle)]
pub extern "C" fn cc_sim_run(core: *mut cc_core, ms: u64) -> cc_status {
    entry(|| CORES.get(core)?.engine().centre()?.run_for(ms.min(1 << 50)))
}

/// Lets the next thing happen, whenever that is. `*more` is 0 when nothing ever will.
///
/// Threads: any. Blocks: while it computes. Ownership: none. Errors: as for `cc_sim_run`.
///
/// # Safety
/// `more` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_sim_step(core: *mut cc_core, more: *mut i32) -> cc_status {
    entry(|| {
        let goes_on = CORES.get(core)?.engine().centre()?.step()?;
        // SAFETY: the caller's promise.
        unsafe { put(more, i32::from(goes_on)) };
        Ok(())
    })
}

/// Virtual time, and that of the next thing that happens (`UINT64_MAX`: nothing), in milliseconds since the start. Either place may be NULL.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: as for `cc_sim_run`.
///
/// # Safety
/// The places are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_sim_now(core: *mut cc_core, now_ms: *mut u64, next_ms: *mut u64) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        let next = core.engine().centre()?.next_ms()?;
        // SAFETY: the caller's promises.
        unsafe {
            put(now_ms, core.engine().now_ns() / 1_000_000);
            put(next_ms, next.unwrap_or(u64::MAX));
        }
        Ok(())
    })
}

/// The digest of everything that has happened, as hexadecimal text: equal for equal runs.
///
/// Threads: any. Blocks: no. Ownership: a copy. Errors: as for `cc_sim_run`; `CC_E_SHORT` (`*need`).
///
/// # Safety
/// `buf` has `cap` bytes; `need` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_sim_digest(
    core: *mut cc_core,
    buf: *mut c_char,
    cap: usize,
    need: *mut usize,
) -> cc_status {
    entry(|| {
        let digest = CORES.get(core)?.engine().centre()?.digest()?;
        // SAFETY: the caller's promises.
        unsafe { give_text(&digest, buf, cap, need) }
    })
}

/// Nanoseconds of the core's clock: what `cc_event.t_ns` is measured with.
///
/// Threads: any. Blocks: no. Ownership: none. Errors: `CC_E_GONE`, `CC_E_ARG`.
///
/// # Safety
/// `t_ns` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_now(core: *mut cc_core, t_ns: *mut u64) -> cc_status {
    entry(|| {
        let now = CORES.get(core)?.engine().now_ns();
        // SAFETY: the caller's promise.
        unsafe { give(t_ns, now, "the time") }
    })
}
