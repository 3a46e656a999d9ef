//! Statuses: their numbers, names and how Rust's refusals become them.

use callcore_rs::base::{Refused, Why};
use std::ffi::{CStr, c_char};

/// It is done, or accepted.
pub const CC_OK: i32 = 0;
/// An argument is wrong in itself: NULL, out of range, not understood.
pub const CC_E_ARG: i32 = -1;
/// Right in itself, but not in this state.
pub const CC_E_STATE: i32 = -2;
/// This kind of line, or this build, cannot do it.
pub const CC_E_UNSUPPORTED: i32 = -3;
/// In use by another.
pub const CC_E_BUSY: i32 = -4;
/// No such thing, or no longer: a call that has ended, a core that was freed.
pub const CC_E_GONE: i32 = -6;
/// No memory.
pub const CC_E_NOMEM: i32 = -7;
/// A file, a socket or a device failed.
pub const CC_E_IO: i32 = -8;
/// It took longer than the caller wanted to wait.
pub const CC_E_TIMEOUT: i32 = -9;
/// A limit is reached: try again later.
pub const CC_E_FULL: i32 = -10;
/// There is nothing to read.
pub const CC_E_EMPTY: i32 = -11;
/// The library does not speak the version that the program was written for.
pub const CC_E_VERSION: i32 = -12;
/// The configuration is wrong; the text names each mistake with its line.
pub const CC_E_CONFIG: i32 = -13;
/// The buffer is too small; the size that is needed was written.
pub const CC_E_SHORT: i32 = -17;
/// Not from inside a callback.
pub const CC_E_REENTRANT: i32 = -18;
/// Not in a process that was forked from the one that made the core.
pub const CC_E_FORKED: i32 = -19;
/// A text is not UTF-8.
pub const CC_E_UTF8: i32 = -20;
/// The library has found a fault of its own in this call. The core goes on as far as it can.
pub const CC_E_PANIC: i32 = -98;
/// The library has found a fault of its own.
pub const CC_E_INTERNAL: i32 = -99;

macro_rules! statuses {
    ($($name:ident)*) => {
        /// Statuses with their names; numbers are never used again for another meaning.
        pub(crate) const ALL: &[(i32, &CStr)] = &[
            $(($name, match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                Ok(name) => name,
                Err(_) => c"",
            })),*
        ];
    };
}

statuses! { CC_OK CC_E_ARG CC_E_STATE CC_E_UNSUPPORTED CC_E_BUSY CC_E_GONE CC_E_NOMEM CC_E_IO CC_E_TIMEOUT CC_E_FULL CC_E_EMPTY CC_E_VERSION CC_E_CONFIG CC_E_SHORT CC_E_REENTRANT CC_E_FORKED CC_E_UTF8 CC_E_PANIC CC_E_INTERNAL }

/// What a function refuses, with the words for `cc_last_error`.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) status: i32,
    pub(crate) text: String,
}

pub(crate) type Answer<T = ()> = Result<T, Trouble>;

impl Trouble {
    pub(crate) fn new(status: i32, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }

    pub(crate) fn arg(text: impl Into<String>) -> Self {
        Self::new(CC_E_ARG, text)
    }

    pub(crate) fn state(text: impl Into<String>) -> Self {
        Self::new(CC_E_STATE, text)
    }

    pub(crate) fn gone(what: impl std::fmt::Display) -> Self {
        Self::new(CC_E_GONE, format!("{what} is not there, or no longer"))
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::new(of(refused.why), refused.text)
    }
}

/// The status of a refusal.
pub(crate) const fn of(why: Why) -> i32 {
    match why {
        Why::Argument => CC_E_ARG,
        Why::State => CC_E_STATE,
        Why::Unsupported => CC_E_UNSUPPORTED,
        Why::Busy => CC_E_BUSY,
        Why::Gone => CC_E_GONE,
        Why::Full => CC_E_FULL,
        Why::Config => CC_E_CONFIG,
    }
}

/// The name of a status, such as `"CC_E_GONE"`; `"CC_E_UNKNOWN"` for a number without a name.
///
/// Threads: any, also after a fork. Blocks: no. Ownership: the text is static.
/// Errors: none.
#[unsafe(no_mangle)]
pub extern "C" fn cc_status_name(status: i32) -> *const c_char {
    let name = ALL.iter().find(|(number, _)| *number == status);
    name.map_or(c"CC_E_UNKNOWN", |(_, name)| *name).as_ptr()
}
