//! Proves that a real-time path asks nothing of the kernel: its thread is put under seccomp's strict mode, where any call but
//! read, write and exit ends it, and has to come out alive. (Linux; `prctl(2)`, `PR_SET_SECCOMP`.)

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

/// How many of `steps` steps are made by a thread that may make no system call from the first one on. `make` runs before that,
/// on the same thread, and gives what does a step; what it owns is never dropped.
pub fn steps_without_system_call<S: FnMut() + 'static>(
    steps: u64,
    make: impl FnOnce() -> S + Send + 'static,
) -> u64 {
    let made = Arc::new((AtomicU64::new(0), AtomicI32::new(0)));
    let theirs = Arc::clone(&made);
    std::thread::spawn(move || {
        let mut step = make();
        // SAFETY: asks for a number.
        theirs.1.store(unsafe { libc::gettid() }, Ordering::Release);
        forbid_system_calls();
        for _ in 0..steps {
            step();
            theirs.0.fetch_add(1, Ordering::Release);
        }
        std::mem::forget((step, theirs));
        leave()
    });
    loop {
        // looked at first: a thread that is gone makes no more steps
        let is_there = match made.1.load(Ordering::Acquire) {
            0 => true,
            thread => PathBuf::from(format!("/proc/self/task/{thread}")).exists(),
        };
        let steps_made = made.0.load(Ordering::Acquire);
        if steps_made == steps || !is_there {
            return steps_made;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Nothing but read, write and exit is allowed from here on in this thread.
fn forbid_system_calls() {
    // SAFETY: no memory is passed; the kernel restricts the calling thread and nothing else.
    let status = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) };
    assert_eq!(status, 0, "the kernel has seccomp");
}

/// Ends this thread without a call that is forbidden; what it owned is left as it is.
fn leave() -> ! {
    loop {
        // SAFETY: `exit` ends the calling thread alone and does not return.
        unsafe { libc::syscall(libc::SYS_exit, 0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_makes_a_call_is_found_out() {
        assert_eq!(steps_without_system_call(100, || || ()), 100);
        let yields_once = || {
            let mut step = 0;
            move || {
                step += 1;
                if step == 11 {
                    std::thread::yield_now();
                }
            }
        };
        assert_eq!(steps_without_system_call(100, yields_once), 10);
    }
}
