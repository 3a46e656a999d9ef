//! Real-time priority for the threads that carry sound: others that are busy must not make a frame late.

use std::io;

/// Above everything that has no real-time priority, below the kernel's own threads.
const LEVEL: libc::c_int = 10;

/// Give the calling thread real-time priority (SCHED_RR).
///
/// # Errors
/// The system does not allow it: on Linux a process needs CAP_SYS_NICE, or RLIMIT_RTPRIO of at least 10.
pub(crate) fn real_time() -> io::Result<()> {
    let level = libc::sched_param { sched_priority: LEVEL };
    // SAFETY: the thread is the calling one, and the parameter lives through the call.
    match unsafe { libc::pthread_setschedparam(libc::pthread_self(), libc::SCHED_RR, &raw const level) } {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// The same, and say once when it is not to be had.
pub(crate) fn real_time_or_say(thread: &str) {
    if let Err(why) = real_time() {
        tracing::warn!(
            thread,
            "no real-time priority ({why}): frames may come late on a busy machine. Allow it with LimitRTPRIO=10 of a \
             systemd unit, or with CAP_SYS_NICE"
        );
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_thread_gets_it_or_is_told_why_not() {
        let outcome = std::thread::spawn(super::real_time).join().expect("it does not panic");
        if let Err(why) = outcome {
            assert_eq!(why.kind(), std::io::ErrorKind::PermissionDenied, "{why}");
        }
    }
}
