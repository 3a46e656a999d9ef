//! Counts the allocations of everything in this process, a driver's too: the functions stand before libc's own for every
//! library that is loaded later, and hand on to it. (glibc keeps `__libc_malloc` and its like for this.)

use std::cell::Cell;
use std::ffi::{c_int, c_void};

use std::sync::atomic::{AtomicI64, Ordering};

static LIVE: AtomicI64 = AtomicI64::new(0);

thread_local! {
    static HERE: Cell<u64> = const { Cell::new(0) };
}

/// How many allocations are alive now.
#[must_use]
pub fn live_allocations() -> i64 {
    LIVE.load(Ordering::Relaxed)
}

/// How often this thread has allocated or freed.
#[must_use]
pub fn allocations_here() -> u64 {
    HERE.with(Cell::get)
}

fn count(live: i64) {
    LIVE.fetch_add(live, Ordering::Relaxed);
    // a thread that ends has no counter any more, and nobody asks for it
    let _ = HERE.try_with(|here| here.set(here.get() + 1));
}

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(at: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_memalign(align: usize, size: usize) -> *mut c_void;
    fn __libc_free(at: *mut c_void);
}

/// # Safety
/// As malloc(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    count(1);
    // SAFETY: passed on; here and below.
    unsafe { __libc_malloc(size) }
}

/// # Safety
/// As calloc(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(n: usize, size: usize) -> *mut c_void {
    count(1);
    // SAFETY: as above.
    unsafe { __libc_calloc(n, size) }
}

/// # Safety
/// As realloc(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(at: *mut c_void, size: usize) -> *mut c_void {
    count(i64::from(at.is_null()) - i64::from(!at.is_null() && size == 0));
    // SAFETY: as above.
    unsafe { __libc_realloc(at, size) }
}

/// # Safety
/// As free(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn free(at: *mut c_void) {
    if !at.is_null() {
        count(-1);
        // SAFETY: as above.
        unsafe { __libc_free(at) }
    }
}

/// # Safety
/// As memalign(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn memalign(align: usize, size: usize) -> *mut c_void {
    count(1);
    // SAFETY: as above.
    unsafe { __libc_memalign(align, size) }
}

/// # Safety
/// As aligned_alloc(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn aligned_alloc(align: usize, size: usize) -> *mut c_void {
    // SAFETY: as above.
    unsafe { memalign(align, size) }
}

/// # Safety
/// As posix_memalign(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(out: *mut *mut c_void, align: usize, size: usize) -> c_int {
    if !align.is_power_of_two() || !align.is_multiple_of(size_of::<*mut c_void>()) {
        return libc::EINVAL;
    }
    // SAFETY: as above; `out` is the caller's promise.
    unsafe {
        let at = memalign(align, size);
        if at.is_null() {
            return libc::ENOMEM;
        }
        *out = at;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allocated_here_is_counted() {
        let before = allocations_here();
        let kept = std::hint::black_box(vec![1u8; 100]);
        assert!(allocations_here() > before);
        drop(kept);
        assert!(allocations_here() > before + 1);
    }
}
