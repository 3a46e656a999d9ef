//! Gives freed memory back to the system when a rush is over: glibc's allocator keeps it, tens of megabytes after a busy hour.

/// Give back what is free. Takes the allocator's locks for some milliseconds; the media thread never allocates.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn give_back() {
    // SAFETY: `malloc_trim` may be called at any time from any thread; it touches free memory only.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators do it themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back() {}
