//! Around every function: forked processes, panics, the last error; and what is read and written through pointers.

use crate::status::{Answer, CC_E_FORKED, CC_E_PANIC, CC_E_SHORT, CC_E_UTF8, CC_OK, Trouble};
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

/// A copy of a struct that begins with its size: what the caller's version does not have is zero.
///
/// # Safety
/// `from` is NULL or points to as many bytes as its first member says. `T` is `#[repr(C)]`, begins with a `u32` size, and
/// all-zero is a value of it.
pub(crate) unsafe fn sized<T: Copy>(from: *const T, min: usize, what: &str) -> Answer<T> {
    if from.is_null() {
        return Err(Trouble::arg(format!("{what} is NULL")));
    }
    // SAFETY: the size is read first; no more than it, and no more than there is room for, is copied.
    unsafe {
        let size = from.cast::<u32>().read_unaligned() as usize;
        if size < min {
            return Err(Trouble::arg(format!(
                "{what}: its size is {size}; put sizeof into it, {min} or more"
            )));
        }
        let mut copy = std::mem::zeroed::<T>();
        let at = std::ptr::from_mut(&mut copy).cast::<u8>();
        std::ptr::copy_nonoverlapping(from.cast::<u8>(), at, size.min(size_of::<T>()));
        Ok(copy)
    }
}
