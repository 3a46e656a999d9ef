//! Who is spoken to: callable before anything else, from any thread, and after a fork.

use crate::guard::{give_text, last_error};
use crate::types::CC_ABI;
use std::ffi::c_char;

/// The version of the contract that this library speaks, `CC_ABI` when it was built.
///
/// Threads: any, also after a fork. Blocks: no. Ownership: none. Errors: none.
#[unsafe(no_mangle)]
pub extern "C" fn cc_abi() -> u32 {
    CC_ABI
}

/// The version of the library, such as `"0.1.0"`.
///
/// Threads: any, also after a fork. Blocks: no. Ownership: the text is static. Errors: none.
#[unsafe(no_mangle)]
pub extern "C" fn cc_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The words of this thread's last function that returned an error: what, where, and what to do. Returns their bytes with the NUL; as many as fit are written,
/// and a NUL.
///
/// Threads: any; each has its own. Blocks: no. Ownership: a copy. Errors: none.
///
/// # Safety
/// `buf` is NULL or has `cap` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cc_last_error(buf: *mut c_char, cap: usize) -> usize {
    let text = last_error().replace('\0', " ");
    if cap > 0 {
        let mut end = text.len().min(cap - 1);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        // SAFETY: the caller's promise; the end was cut to fit.
        let _ = unsafe { give_text(&text[..end], buf, cap, std::ptr::null_mut()) };
    }
    text.len() + 1
}
