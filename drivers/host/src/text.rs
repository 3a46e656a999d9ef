//! Texts that cross the border: fixed fields that a NUL ends, and static strings.

use std::ffi::{CStr, CString, c_char};

/// The text of a fixed field, up to its NUL or its end.
pub(crate) fn field(field: &[c_char]) -> String {
    let bytes: Vec<u8> = field.iter().map(|c| c.cast_unsigned()).take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A copy for the other side; `None` for what holds a NUL.
pub(crate) fn to_c(text: &str) -> Option<CString> {
    CString::new(text).ok()
}

/// A copy of a string of the other side; empty for NULL.
///
/// # Safety
/// `at` is NULL or a NUL-terminated string.
pub(crate) unsafe fn from_c(at: *const c_char) -> String {
    if at.is_null() {
        return String::new();
    }
    // SAFETY: not NULL; the rest is the caller's promise.
    unsafe { CStr::from_ptr(at) }.to_string_lossy().into_owned()
}

/// A string of the other side as it lies there; `None` for NULL and for what is not UTF-8.
///
/// # Safety
/// `at` is NULL, or NUL-terminated and alive for `'a`.
pub(crate) unsafe fn borrowed<'a>(at: *const c_char) -> Option<&'a str> {
    if at.is_null() {
        return None;
    }
    // SAFETY: not NULL; the rest is the caller's promise.
    unsafe { CStr::from_ptr(at) }.to_str().ok()
}
