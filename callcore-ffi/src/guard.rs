//! Around every function: forked processes, panics, the last error; and what is read and written through pointers.

use crate::status::{Answer, CC_E_FORKED, CC_E_PANIC, CC_E_SHORT, CC_E_UTF8, CC_E_VERSION, CC_OK, Trouble};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// This process was forked from one that had a core.
static IS_FORKED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

/// From now on a fork is noticed.
pub(crate) fn watch_forks() {
    static ONCE: Once = Once::new();
    extern "C" fn in_child() {
        IS_FORKED.store(true, Ordering::Relaxed);
    }
    ONCE.call_once(|| {
        // SAFETY: the handler only stores to an atomic, which is allowed in a child of a program with threads.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

/// Run a function of the header.
pub(crate) fn entry(body: impl FnOnce() -> Answer) -> i32 {
    let trouble = if IS_FORKED.load(Ordering::Relaxed) {
        Trouble::new(CC_E_FORKED, "this process was forked from the one that has the core: use it there")
    } else {
        match catch_unwind(AssertUnwindSafe(body)) {
            Ok(Ok(())) => return CC_OK,
            Ok(Err(trouble)) => trouble,
            Err(panic) => Trouble::new(CC_E_PANIC, format!("a fault of callcore: {}", words(&*panic))),
        }
    };
    let Trouble { status, text } = trouble;
    // a thread that is ending has no last error any more
    let _ = LAST_ERROR.try_with(|last| *last.borrow_mut() = text);
    status
}

/// Run a function of the header that has no status; nothing happens in a forked process.
pub(crate) fn quiet(body: impl FnOnce()) {
    entry(|| {
        body();
        Ok(())
    });
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words")
}

/// The words of the last function of this thread that returned an error.
pub(crate) fn last_error() -> String {
    LAST_ERROR.try_with(|last| last.borrow().clone()).unwrap_or_default()
}

/// A text that must be there.
///
/// # Safety
/// `text` is NULL or NUL-terminated and lives for `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char, what: &str) -> Answer<&'a str> {
    // SAFETY: passed on.
    unsafe { optional_text(text, what) }?.ok_or_else(|| Trouble::arg(format!("{what} is NULL")))
}

/// A text that may be NULL.
///
/// # Safety
/// As for [`text`].
pub(crate) unsafe fn optional_text<'a>(text: *const c_char, what: &str) -> Answer<Option<&'a str>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; the rest is the caller's promise.
    let text = unsafe { CStr::from_ptr(text) }.to_str();
    text.map(Some).map_err(|_| Trouble::new(CC_E_UTF8, format!("{what} is not UTF-8")))
}

/// What a JSON text says.
pub(crate) fn parsed<T: DeserializeOwned>(text: &str, what: &str) -> Answer<T> {
    serde_json::from_str(text).map_err(|why| Trouble::arg(format!("{what}: {why}")))
}

/// What a JSON text says that must be there.
///
/// # Safety
/// As for [`text`].
pub(crate) unsafe fn json<T: DeserializeOwned>(json: *const c_char, what: &str) -> Answer<T> {
    // SAFETY: passed on.
    parsed(unsafe { text(json, what) }?, what)
}

/// What a JSON text says that may be NULL: then it says nothing.
///
/// # Safety
/// As for [`text`].
pub(crate) unsafe fn optional_json<T: DeserializeOwned>(json: *const c_char, what: &str) -> Answer<T> {
    // SAFETY: passed on.
    parsed(unsafe { optional_text(json, what) }?.unwrap_or("{}"), what)
}

/// Write to a place that may be NULL.
///
/// # Safety
/// `to` is NULL or can be written.
pub(crate) unsafe fn put<T>(to: *mut T, value: T) {
    if !to.is_null() {
        // SAFETY: not NULL; need not be aligned by a careless caller.
        unsafe { to.write_unaligned(value) };
    }
}

/// Write to a place that must be there.
///
/// # Safety
/// As for [`put`].
pub(crate) unsafe fn give<T>(to: *mut T, value: T, what: &str) -> Answer {
    if to.is_null() {
        return Err(Trouble::arg(format!("the place for {what} is NULL")));
    }
    // SAFETY: passed on.
    unsafe { put(to, value) };
    Ok(())
}

/// Write a text with its NUL into a buffer of `cap` bytes, and the bytes that takes to `need`. What does not fit is not
/// written.
///
/// # Safety
/// `buf` is NULL or has `cap` bytes; `need` is NULL or can be written.
pub(crate) unsafe fn give_text(value: &str, buf: *mut c_char, cap: usize, need: *mut usize) -> Answer {
    // SAFETY: the caller's promises; the bytes and the NUL fit as checked.
    unsafe {
        put(need, value.len() + 1);
        if buf.is_null() || cap <= value.len() {
            let text = format!("the buffer has {cap} bytes and {} are needed", value.len() + 1);
            return Err(Trouble::new(CC_E_SHORT, text));
        }
        std::ptr::copy_nonoverlapping(value.as_ptr(), buf.cast::<u8>(), value.len());
        buf.add(value.len()).write(0);
    }
    Ok(())
}

/// A struct of the header that begins with its size. Later minor versions append members to it, and programs of all of them are
/// understood.
///
/// # Safety
/// `#[repr(C)]`, a `u32` size first, and all-zero bytes are a value of it.
pub(crate) unsafe trait Growing: Copy {
    /// Its bytes in 1.0: no program has a shorter one.
    const BYTES_1_0: usize;
}

/// No struct will ever have more bytes; a size beyond was never set.
const STRUCT_MAX: usize = 4096;

/// The size that a struct says it has, if it can be one.
///
/// # Safety
/// `at` is NULL or points to a `u32`.
unsafe fn said_size<T: Growing>(at: *const T, what: &str) -> Answer<usize> {
    if at.is_null() {
        return Err(Trouble::arg(format!("{what} is NULL")));
    }
    // SAFETY: the caller's promise.
    let size = unsafe { at.cast::<u32>().read_unaligned() } as usize;
    if !(T::BYTES_1_0..=STRUCT_MAX).contains(&size) {
        let text = format!("{what}: its size is {size}; put sizeof into it, {} or more", T::BYTES_1_0);
        return Err(Trouble::arg(text));
    }
    Ok(size)
}

/// A copy of a struct of the program's: what the program's version does not have is zero. What this library does not have must be
/// zero, or the program wants what would not be done.
///
/// # Safety
/// `from` is NULL or points to as many bytes as its first member says.
pub(crate) unsafe fn sized<T: Growing>(from: *const T, what: &str) -> Answer<T> {
    // SAFETY: passed on.
    let size = unsafe { said_size(from, what) }?;
    // SAFETY: all-zero is a value; no more than there is, and no more than there is room for, is copied or looked at.
    unsafe {
        let mut copy = std::mem::zeroed::<T>();
        let (bytes, ours) = (from.cast::<u8>(), size.min(size_of::<T>()));
        std::ptr::copy_nonoverlapping(bytes, std::ptr::from_mut(&mut copy).cast::<u8>(), ours);
        let more = std::slice::from_raw_parts(bytes.add(ours), size - ours);
        match more.iter().position(|byte| *byte != 0) {
            None => Ok(copy),
            Some(at) => {
                let text = format!(
                    "{what}: this library knows its first {ours} bytes, and number {} is set: the program was written for a later one",
                    ours + at
                );
                Err(Trouble::new(CC_E_VERSION, text))
            }
        }
    }
}

/// Whether [`give_sized`] can be done.
///
/// # Safety
/// `to` is NULL or points to a `u32`.
pub(crate) unsafe fn require_size<T: Growing>(to: *const T, what: &str) -> Answer {
    // SAFETY: passed on.
    unsafe { said_size(to, what) }.map(drop)
}

/// Fill a struct of the program's with as much as it has room for, and put the bytes that were filled into its size.
///
/// # Safety
/// `to` is NULL or points to as many bytes as its first member says, which can be written.
pub(crate) unsafe fn give_sized<T: Growing>(to: *mut T, value: T, what: &str) -> Answer {
    // SAFETY: passed on; no more than there is room for is written.
    unsafe {
        let filled = said_size(to, what)?.min(size_of::<T>());
        std::ptr::copy_nonoverlapping(std::ptr::from_ref(&value).cast::<u8>(), to.cast::<u8>(), filled);
        to.cast::<u32>().write_unaligned(filled as u32);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::CC_E_ARG;

    /// A struct as it is after it grew: 1.0 ended with `old`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Grown {
        size: u32,
        old: u32,
        new: u64,
    }

    // SAFETY: integers alone, the size first.
    unsafe impl Growing for Grown {
        const BYTES_1_0: usize = 8;
    }

    /// What becomes of these numbers, of which a program says that they are a struct of so many bytes.
    fn read(size: u32, old: u32, more: [u64; 2]) -> Result<Grown, i32> {
        let mut bytes = [0_u64; 513];
        (bytes[0], bytes[1], bytes[2]) = (u64::from(old) << 32 | u64::from(size), more[0], more[1]);
        // SAFETY: there are more bytes than the longest that is read.
        unsafe { sized(bytes.as_ptr().cast::<Grown>(), "it") }.map_err(|trouble| trouble.status)
    }

    #[test]
    fn programs_of_every_version_of_a_struct_that_grew_are_understood() {
        let grown = |size, new| Ok(Grown { size, old: 7, new });
        assert_eq!(
            read(8, 7, [9, 9]),
            grown(8, 0),
            "compiled with 1.0: what follows in memory is not its own"
        );
        assert_eq!(read(16, 7, [9, 0]), grown(16, 9), "compiled with this version");
        assert_eq!(read(24, 7, [9, 0]), grown(24, 9), "with a later one, of which it uses nothing");
        assert_eq!(read(24, 7, [9, 1]), Err(CC_E_VERSION), "or something: it would not be done");
        assert_eq!(read(24, 7, [9, 1 << 63]), Err(CC_E_VERSION), "however late in it");
        for no_size in [0, 4, 7, 4097, u32::MAX] {
            assert_eq!(read(no_size, 7, [0, 0]), Err(CC_E_ARG), "{no_size}");
        }
        // SAFETY: NULL is allowed.
        assert!(unsafe { sized(std::ptr::null::<Grown>(), "it") }.is_err());
    }

    /// What of a struct is written over sixes, for a program whose struct has so many bytes.
    fn filled(size: u32) -> [u64; 3] {
        let mut room = [0x0606_0606_0606_0606_u64; 3];
        room[0] = u64::from(size);
        let to = room.as_mut_ptr().cast::<Grown>();
        // SAFETY: there are 24 bytes.
        unsafe { give_sized(to, Grown { size: 99, old: 7, new: 9 }, "it") }.expect("a size that can be");
        room
    }

    #[test]
    fn a_struct_is_filled_as_far_as_the_program_has_it_and_told_how_far() {
        let sixes = 0x0606_0606_0606_0606;
        assert_eq!(filled(8), [7 << 32 | 8, sixes, sixes], "of 1.0");
        assert_eq!(filled(16), [7 << 32 | 16, 9, sixes], "of this version");
        assert_eq!(filled(24), [7 << 32 | 16, 9, sixes], "of a later one");
    }
}
