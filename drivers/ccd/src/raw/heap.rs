//! Counts the allocations of everything in this process, a driver's too: the functions stand before those of the C library
//! for every library that is loaded later, and hand on to the next ones, which are a sanitizer's where one is loaded.

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};

use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

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
    // glibc's own, for the time in which the next ones are looked for
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(at: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_memalign(align: usize, size: usize) -> *mut c_void;
    fn __libc_free(at: *mut c_void);
}

/// The functions to hand on to.
struct Next {
    malloc: unsafe extern "C" fn(usize) -> *mut c_void,
    calloc: unsafe extern "C" fn(usize, usize) -> *mut c_void,
    realloc: unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
    memalign: unsafe extern "C" fn(usize, usize) -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void),
}

static LIBC: Next = Next {
    malloc: __libc_malloc,
    calloc: __libc_calloc,
    realloc: __libc_realloc,
    memalign: __libc_memalign,
    free: __libc_free,
};

static mut FOUND: Next = Next {
    malloc: __libc_malloc,
    calloc: __libc_calloc,
    realloc: __libc_realloc,
    memalign: __libc_memalign,
    free: __libc_free,
};

const UNKNOWN: u8 = 0;
const LOOKING: u8 = 1;
const KNOWN: u8 = 2;
static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// The next functions. The first call looks for them; that is before `main`, with one thread.
fn next() -> &'static Next {
    match STATE.compare_exchange(UNKNOWN, LOOKING, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: written below, before it is known, and never again.
        Err(KNOWN) => unsafe { (&raw const FOUND).as_ref() }.unwrap_or(&LIBC),
        // what the look-up itself allocates
        Err(_) => &LIBC,
        Ok(_) => {
            // SAFETY: nobody else is here; each function that is found has the type that the C library gives it.
            unsafe {
                let find = |name: &CStr| libc::dlsym(libc::RTLD_NEXT, name.as_ptr());
                let all = [c"malloc", c"calloc", c"realloc", c"memalign", c"free"].map(find);
                if all.iter().all(|at| !at.is_null()) {
                    FOUND = Next {
                        malloc: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(usize) -> *mut c_void>(
                            all[0],
                        ),
                        calloc: std::mem::transmute::<
                            *mut c_void,
                            unsafe extern "C" fn(usize, usize) -> *mut c_void,
                        >(all[1]),
                        realloc: std::mem::transmute::<
                            *mut c_void,
                            unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
                        >(all[2]),
                        memalign: std::mem::transmute::<
                            *mut c_void,
                            unsafe extern "C" fn(usize, usize) -> *mut c_void,
                        >(all[3]),
                        free: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut c_void)>(all[4]),
                    };
                }
            }
            STATE.store(KNOWN, Ordering::Release);
            // SAFETY: as above.
            unsafe { (&raw const FOUND).as_ref() }.unwrap_or(&LIBC)
        }
    }
}

/// # Safety
/// As malloc(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    count(1);
    // SAFETY: passed on; here and below.
    unsafe { (next().malloc)(size) }
}

/// # Safety
/// As calloc(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(n: usize, size: usize) -> *mut c_void {
    count(1);
    // SAFETY: as above.
    unsafe { (next().calloc)(n, size) }
}

/// # Safety
/// As realloc(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(at: *mut c_void, size: usize) -> *mut c_void {
    count(i64::from(at.is_null()) - i64::from(!at.is_null() && size == 0));
    // SAFETY: as above.
    unsafe { (next().realloc)(at, size) }
}

/// # Safety
/// As free(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn free(at: *mut c_void) {
    if !at.is_null() {
        count(-1);
        // SAFETY: as above.
        unsafe { (next().free)(at) }
    }
}

/// # Safety
/// As memalign(3).
#[unsafe(no_mangle)]
unsafe extern "C" fn memalign(align: usize, size: usize) -> *mut c_void {
    count(1);
    // SAFETY: as above.
    unsafe { (next().memalign)(align, size) }
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
