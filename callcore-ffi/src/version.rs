//! Version and status names: callable before anything else, from any thread, and after a fork.

use callcore_rs::base::Why;
use std::ffi::c_char;

/// `CC_VER(1, 0)`: major in the upper half, minor in the lower.
const ABI: u32 = 1 << 16;

/// The version of the contract that this library speaks.
#[unsafe(no_mangle)]
pub extern "C" fn cc_abi() -> u32 {
    ABI
}

/// The version of the library, such as `"0.1.0"`; static.
#[unsafe(no_mangle)]
pub extern "C" fn cc_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The name of a status, such as `"CC_E_GONE"`; static; `"CC_E_UNKNOWN"` for a number without a name.
#[unsafe(no_mangle)]
pub extern "C" fn cc_status_name(status: i32) -> *const c_char {
    let name =
        STATUSES.iter().find(|(number, _)| *number == status).map_or("CC_E_UNKNOWN\0", |(_, name)| name);
    name.as_ptr().cast()
}

/// Statuses and their names; numbers are never used again for another meaning.
const STATUSES: [(i32, &str); 8] = [
    (0, "CC_OK\0"),
    (status_of(Why::Argument), "CC_E_ARG\0"),
    (status_of(Why::State), "CC_E_STATE\0"),
    (status_of(Why::Unsupported), "CC_E_UNSUPPORTED\0"),
    (status_of(Why::Busy), "CC_E_BUSY\0"),
    (status_of(Why::Gone), "CC_E_GONE\0"),
    (status_of(Why::Full), "CC_E_FULL\0"),
    (status_of(Why::Config), "CC_E_CONFIG\0"),
];

/// The status of a refusal.
const fn status_of(why: Why) -> i32 {
    match why {
        Why::Argument => -1,
        Why::State => -2,
        Why::Unsupported => -3,
        Why::Busy => -4,
        Why::Gone => -6,
        Why::Full => -10,
        Why::Config => -13,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn names_and_versions_are_c_strings() {
        // SAFETY: both functions return static strings that end with a NUL.
        let (version, gone, unknown) = unsafe {
            (
                CStr::from_ptr(cc_version()),
                CStr::from_ptr(cc_status_name(-6)),
                CStr::from_ptr(cc_status_name(7)),
            )
        };
        assert_eq!(version.to_str(), Ok(env!("CARGO_PKG_VERSION")));
        assert_eq!((gone.to_str(), unknown.to_str()), (Ok("CC_E_GONE"), Ok("CC_E_UNKNOWN")));
        assert_eq!(cc_abi(), 0x0001_0000);
    }
}
