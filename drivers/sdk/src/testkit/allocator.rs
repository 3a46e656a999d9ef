//! An allocator that counts, to prove that a real-time path does not allocate.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator with a counter for each thread; a test makes it its `#[global_allocator]`.
pub struct CountingAllocator;

impl CountingAllocator {
    /// Allocations and frees of the calling thread so far; 0 for ever when it is not the global allocator.
    pub fn count() -> u64 {
        COUNT.get()
    }
}

fn note() {
    // a thread that is ending has no counter any more, and nobody who reads it
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: everything is the system allocator's; counting touches a plain thread-local without a destructor.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        note();
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}
