//! A core's life: made from a configuration, started, stopped, freed.

use crate::engine::Engine;
use crate::guard::{entry, give, optional_text, put, quiet, sized, watch_forks};
use crate::handles::{CORES, cc_core};
use crate::hub::Hub;
use crate::queue::refuse_in_callback;
use crate::status::{Answer, CC_E_CONFIG, CC_E_VERSION, Trouble};
use crate::tap::Taps;
use crate::types::*;
use callcore_config::{Loaded, load_any, load_file};
use callcore_rs::call::CallId;
use callcore_rs::exchange::Command;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Core {
    engine: Engine,
    hub: Arc<Hub>,
    taps: Taps,
}

/// What a core runs that was given no configuration: two lines, a menu on 8000, a queue, an agent. Calls of simulated people go to the program.
const PLAIN: &str = include_str!("plain.toml");
/// Calls are given this long to end by themselves when a core is freed that was not stopped.
const FREE_GRACE: Duration = Duration::ZERO;

impl Core {
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    pub(crate) fn taps(&self) -> &Taps {
        &self.taps
    }

    /// Give a command whose DONE is its end.
    pub(crate) fn command(&self, command: Command) -> Answer<cc_req> {
        let req = self.engine.next_request()?;
        self.engine.command(req, command)?;
        Ok(req)
    }

    /// Give a command that goes on after its DONE.
    pub(crate) fn long_command(&self, command: Command) -> Answer<cc_req> {
        let req = self.engine.next_request()?;
        self.hub.expect(req);
        let given = self.engine.command(req, command);
        given.inspect_err(|_| self.hub.forget(req))?;
        Ok(req)
    }

    /// Give a command that makes a call with this tag.
    pub(crate) fn making_command(&self, command: Command, user: u64) -> Answer<cc_req> {
        let req = self.engine.next_request()?;
        self.hub.expect_call(req, user);
        let given = self.engine.command(req, command);
        given.inspect_err(|_| self.hub.forget(req))?;
        Ok(req)
    }

    /// Give a call that lives a tag; 0 takes it away.
    pub(crate) fn tag(&self, call: CallId, user: u64) -> Answer {
        if !self.engine.is_live(call)? {
            return Err(Trouble::gone(call));
        }
        if self.hub.tag(call.to_bits(), user) {
            // the ends of calls that the program never had are not told
            let live = self.engine.snapshot()?.calls.iter().map(|call| call.id.to_bits()).collect();
            self.hub.keep_tags_of(&live);
        }
        Ok(())
    }

    fn stop(&self, grace: Duration) -> Answer {
        self.taps.disconnect_all();
        self.engine.stop(&self.hub, grace)
    }
}

/// The command's number to its place, which may be NULL.
///
/// # Safety
/// `to` is NULL or can be written.
pub(crate) unsafe fn accepted(given: Answer<cc_req>, to: *mut cc_req) -> Answer {
    // SAFETY: passed on.
    unsafe { put(to, given?) };
    Ok(())
}

/// A core from a configuration, with every mistake of it in `cc_last_error`, each with its line. Nothing runs yet.
///
/// Threads: any. Blocks: no. Ownership: the core is the program's until `cc_core_free`; `params` is borrowed.
/// Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_VERSION` (the program was written for a later version), `CC_E_CONFIG`, `CC_E_FULL` (4096 cores).
///
/// # Safety
/// `params` is NULL or as long as its `size`, with strings that are NUL-terminated; `out` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_core_new(params: *const cc_core_params, out: *mut *mut cc_core) -> cc_status {
    entry(|| {
        // SAFETY: the caller's promises; here and below.
        let params = unsafe { sized(params, "params") }?;
        if params.abi >> 16 != CC_ABI >> 16 || params.abi > CC_ABI {
            let (theirs, ours) = (params.abi, CC_ABI);
            let text =
                format!("params.abi is {theirs:#010x}; this library speaks {ours:#010x}: put CC_ABI into it");
            return Err(Trouble::new(CC_E_VERSION, text));
        }
        if params.flags & !CC_VIRTUAL_TIME != 0 {
            return Err(Trouble::arg(format!("params.flags: {:#x} is not known", params.flags)));
        }
        // SAFETY: as above.
        let (text, path) = unsafe {
            (optional_text(params.config, "params.config")?, optional_text(params.path, "params.path")?)
        };
        let loaded = load(text, path)?;
        if out.is_null() {
            return Err(Trouble::arg("the place for the core is NULL"));
        }
        watch_forks();
        let hub = Arc::new(Hub::default());
        let engine = Engine::new(loaded, params.flags & CC_VIRTUAL_TIME != 0, &hub)?;
        let core = Arc::new(Core { engine, hub, taps: Taps::default() });
        // SAFETY: as above.
        unsafe { give(out, CORES.insert(core)?, "the core") }
    })
}

fn load(text: Option<&str>, path: Option<&str>) -> Answer<Loaded> {
    let loaded = match (text, path) {
        (Some(_), Some(_)) => return Err(Trouble::arg("params: give config or path, not both")),
        (Some(text), None) => load_any("(config)", text, Path::new("")),
        (None, Some(path)) => load_file(Path::new(path)),
        (None, None) => load_any("(plain)", PLAIN, Path::new("")),
    };
    loaded.map_err(|report| Trouble::new(CC_E_CONFIG, report.to_string()))
}

/// Starts threads, opens devices, begins to take calls. Make queues first, so that nothing is missed.
///
/// Threads: any. Blocks: while devices are opened. Ownership: none.
/// Errors: `CC_E_STATE` (started before), `CC_E_CONFIG` (it does not fit the machine or its devices), `CC_E_IO`, `CC_E_GONE`.
#[unsafe(no_mangle)]
pub extern "C" fn cc_core_start(core: *mut cc_core) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        core.engine.start(&core.hub)
    })
}

/// Waits up to `grace_ms` for calls to end by themselves, ends the others, writes everything down, stops all threads. Queues get
/// `CC_EV_STOPPED` and can still be read. A core cannot be started again.
///
/// Threads: any, but not from inside a callback. Blocks: `grace_ms` and some seconds. Ownership: none.
/// Errors: `CC_E_REENTRANT`, `CC_E_BUSY` (another thread does it), `CC_E_IO` (something could not be written), `CC_E_GONE`. Stopping twice is no error.
#[unsafe(no_mangle)]
pub extern "C" fn cc_core_stop(core: *mut cc_core, grace_ms: u32) -> cc_status {
    entry(|| {
        refuse_in_callback()?;
        CORES.get(core)?.stop(Duration::from_millis(grace_ms.into()))
    })
}

/// Stops the core if it runs, without waiting for calls, and frees it. Its queues stay until they are freed.
///
/// Threads: any, but not from inside a callback, where nothing happens. Blocks: some seconds if it runs. Ownership: the pointer is dead. Errors: none; one
/// that is not there is left alone.
#[unsafe(no_mangle)]
pub extern "C" fn cc_core_free(core: *mut cc_core) {
    quiet(|| {
        if refuse_in_callback().is_ok()
            && let Ok(core) = CORES.remove(core)
        {
            // whoever wants to know what went wrong stops it first
            let _ = core.stop(FREE_GRACE);
        }
    });
}
