//! `org.callcore.sim.act/1`, the simulator's own extension: what simulated people and faults do, told line by line.
//!
//! Not a part of `callcore_driver.h`: a driver's own extension, found as all are, by `ccd_driver_vt.extension`. In C:
//!
//! ```c
//! typedef struct ccd_act_vt {
//!   uint32_t size; uint32_t reserved;
//!   ccd_status (CCD_CALL *act)(void *dev, const char *line, ccd_error *err) CCD_NX;
//! } ccd_act_vt;
//! ```

use crate::{ccd_error, ccd_status};
use std::ffi::{CStr, c_char, c_void};

/// The id to ask `extension` for.
pub const ACT_ID: &CStr = c"org.callcore.sim.act/1";

/// The table behind [`ACT_ID`].
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ccd_act_vt {
    pub size: u32,
    pub reserved: u32,
    /// \[control\] `line` is UTF-8 such as "channel 1 calls 8000 from 13800000000"; `err`, which may be NULL, says why not.
    pub act: Option<
        unsafe extern "C" fn(dev: *mut c_void, line: *const c_char, err: *mut ccd_error) -> ccd_status,
    >,
}
