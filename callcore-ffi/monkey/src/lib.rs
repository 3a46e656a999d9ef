//! Functions of `callcore.h` in an order, and with values, that bytes choose: the calls that the tests of the border make at random. In
//! virtual time and in one thread, so that the same bytes always do the same.

use callcore_c as _;
use std::ffi::c_int;

unsafe extern "C" {
    fn calls_of(bytes: *const u8, len: usize) -> c_int;
}

/// The calls that bytes choose, until they are used up.
///
/// # Panics
/// A status is none of the header's or a fault of the library, or a buffer was overrun.
pub fn calls(bytes: &[u8]) {
    // SAFETY: so many bytes can be read, and are no longer used when it returns.
    let faults = unsafe { calls_of(bytes.as_ptr(), bytes.len()) };
    assert_eq!(faults, 0, "each is told above");
}
