//! Boards that come and go while the core runs.

use crate::guard::{entry, json, text};
use crate::handles::{CORES, cc_core};
use crate::types::*;
use callcore_rs::shell::DeviceSettings;
use serde::Deserialize;
use std::ffi::c_char;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Device {
    name: String,
    driver: String,
    #[serde(default = "nothing")]
    config: serde_json::Value,
}

fn nothing() -> serde_json::Value {
    serde_json::Value::Object(serde_json::Map::new())
}

/// Opens another device while the others go on. `device` is JSON: `{"name":"board","driver":"/usr/lib/callcore/drivers/board.so","config":{}}`; the driver may be
/// `sip`, `sim`, an installed one's name, or a library's path.
///
/// Threads: any. Blocks: while it is opened. Ownership: `device` is borrowed.
/// Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_BUSY` (the name is taken), `CC_E_CONFIG`, `CC_E_STATE`, `CC_E_GONE`, `CC_E_UNSUPPORTED` (virtual time); the text has the driver's words.
///
/// # Safety
/// `device` is NULL or NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_device_add(core: *mut cc_core, device: *const c_char) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promise.
        let Device { name, driver, config } = unsafe { json(device, "the device") }?;
        core.engine()
            .with_handle(|handle| Ok(handle.add_device(DeviceSettings::new(&name, &driver, config))?))
    })
}

/// Closes a device; calls on it end with cause 27. It can be added again.
///
/// Threads: any. Blocks: while it is closed. Ownership: `name` is borrowed. Errors: `CC_E_ARG`, `CC_E_UTF8`, `CC_E_GONE`, `CC_E_STATE`, `CC_E_UNSUPPORTED`.
///
/// # Safety
/// `name` is NULL or NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_device_remove(core: *mut cc_core, name: *const c_char) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promise.
        let name = unsafe { text(name, "the name") }?;
        core.engine().with_handle(|handle| Ok(handle.remove_device(name)?))
    })
}

/// Takes a device out of service, waits up to `patience_ms` until its calls are over, closes it and opens it anew: to change a board while the others go on.
///
/// Threads: any. Blocks: up to `patience_ms` and while it is opened. Ownership: `name` is borrowed. Errors: as for `cc_device_remove`, and why it cannot be opened.
///
/// # Safety
/// `name` is NULL or NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_device_restart(
    core: *mut cc_core,
    name: *const c_char,
    patience_ms: u32,
) -> cc_status {
    entry(|| {
        let core = CORES.get(core)?;
        // SAFETY: the caller's promise.
        let name = unsafe { text(name, "the name") }?;
        let patience = Duration::from_millis(patience_ms.into());
        core.engine().with_handle(|handle| Ok(handle.restart_device(name, patience)?))
    })
}
