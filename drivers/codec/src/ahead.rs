//! A hint to the processor: what is worked on soon.

/// Bytes that come nearer at a time.
const LINE: usize = 64;

/// Asks the processor to bring a value into its caches while the caller does something else; nothing happens where there is
/// no such instruction. Between two frames of 20 ms the caches forget a call; a media half that says which one is next
/// does not wait for each of its lines in turn.
#[inline]
pub fn prefetch<T: ?Sized>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let begin = std::ptr::from_ref(value).cast::<i8>();
        for at in (0..size_of_val(value)).step_by(LINE) {
            // SAFETY: the address is within the value, and a hint changes nothing that a program can see
            unsafe { _mm_prefetch::<_MM_HINT_T0>(begin.wrapping_add(at)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (value, LINE);
}
