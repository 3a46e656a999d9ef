//! Strings across the border: out into fixed arrays, in from NUL-terminated pointers.

use std::ffi::{CStr, c_char};

/// Copies as much of `text` as fits before a NUL, cut at a character border; control characters that would end the
/// string early are left out.
pub(crate) fn fill(array: &mut [c_char], text: &str) {
    let room = array.len().saturating_sub(1);
    let mut end = text.find('\0').unwrap_or(text.len()).min(room);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    array.fill(0);
    for (to, from) in array.iter_mut().zip(&text.as_bytes()[..end]) {
        *to = *from as c_char;
    }
}

/// A borrowed string that must be there and be UTF-8.
///
/// # Safety
/// `text` is NULL or NUL-terminated and lives for `'a`.
pub(crate) unsafe fn required<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL, and NUL-terminated by the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}

/// Like [`required`], but NULL is `Some(None)`; `None` is a string that is not UTF-8.
///
/// # Safety
/// As for [`required`].
pub(crate) unsafe fn optional<'a>(text: *const c_char) -> Option<Option<&'a str>> {
    if text.is_null() {
        return Some(None);
    }
    // SAFETY: passed on.
    unsafe { required(text) }.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> String {
        let mut array = [1; 8];
        fill(&mut array, text);
        array.iter().take_while(|c| **c != 0).map(|c| char::from(*c as u8)).collect()
    }

    #[test]
    fn cuts_at_a_character_border_and_keeps_the_nul() {
        assert_eq!(filled("1234567890"), "1234567");
        assert_eq!(filled("ab\0cd"), "ab");
        let mut array = [1; 4];
        fill(&mut array, "aéé");
        assert_eq!(array.map(|c| c as u8), [b'a', 0xC3, 0xA9, 0]);
        fill(&mut array, "abé");
        assert_eq!(array.map(|c| c as u8), [b'a', b'b', 0, 0]);
    }
}
