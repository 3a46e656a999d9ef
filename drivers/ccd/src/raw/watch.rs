//! Counts what a media thread asks of the kernel and of the allocator while it is inside of the driver.
//!
//! The watched thread puts itself under a seccomp filter whose every system call is first told to this process
//! (`SECCOMP_RET_USER_NOTIF`) and then carried out as if nothing were (`SECCOMP_USER_NOTIF_FLAG_CONTINUE`, Linux 5.5). That
//! needs no privilege, and counts calls that a statically linked driver makes, too.

use super::heap::allocations_here;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::time::Duration;

/// Whether the watched thread is inside of the driver now. There is one such thread in a process.
static INSIDE: AtomicBool = AtomicBool::new(false);

thread_local! {
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
    /// Allocations of the host's own, made when the driver called it.
    static HOSTS_OWN: Cell<u64> = const { Cell::new(0) };
}

/// A system call and how often it was made; futex is told apart by what it does.
pub type SystemCalls = BTreeMap<String, u64>;

/// Runs `body` on a thread that is watched while it is inside of [`inside`]; what it asked of the kernel there.
///
/// # Errors
/// This system has no such filter.
pub fn watched<T: Send>(body: impl FnOnce() -> T + Send) -> io::Result<(T, SystemCalls)> {
    let told = &AtomicI32::new(NOT_YET);
    std::thread::scope(|scope| {
        // a word, not a channel: to wake somebody is a system call, and nobody listens to those yet
        let thread = scope.spawn(move || {
            told.store(listen_to_this_thread(), Ordering::SeqCst);
            if told.load(Ordering::SeqCst) < 0 {
                return None;
            }
            IS_WATCHED.set(true);
            let result = body();
            IS_WATCHED.set(false);
            Some(result)
        });
        while told.load(Ordering::SeqCst) == NOT_YET {
            std::thread::sleep(Duration::from_millis(1));
        }
        let fd = told.load(Ordering::SeqCst);
        let calls = if fd < 0 {
            SystemCalls::new()
        } else {
            // SAFETY: just made, and nobody else's.
            listen(&unsafe { OwnedFd::from_raw_fd(fd) })
        };
        let result = thread.join().map_err(|_| io::Error::other("the watched thread panicked"))?;
        let result = result.ok_or_else(|| io::Error::from_raw_os_error(-fd))?;
        Ok((result, calls))
    })
}

/// No descriptor, and no error's number.
const NOT_YET: i32 = i32::MIN;

/// Runs a call of the driver; how often it allocated or freed.
pub fn inside<T>(call: impl FnOnce() -> T) -> (T, u64) {
    let (before, own) = (allocations_here(), HOSTS_OWN.get());
    INSIDE.store(true, Ordering::SeqCst);
    let result = call();
    INSIDE.store(false, Ordering::SeqCst);
    (result, allocations_here() - before - (HOSTS_OWN.get() - own))
}

/// Runs a function of the host for the driver: what it asks for is not the driver's.
pub fn in_host<T>(body: impl FnOnce() -> T) -> T {
    if !IS_WATCHED.get() {
        return body();
    }
    let (was, before) = (INSIDE.swap(false, Ordering::SeqCst), allocations_here());
    let result = body();
    HOSTS_OWN.set(HOSTS_OWN.get() + allocations_here() - before);
    INSIDE.store(was, Ordering::SeqCst);
    result
}

/// Page faults of this thread so far that needed no disk.
#[must_use]
pub fn page_faults_here() -> i64 {
    // SAFETY: plain data for which zero is a value, filled by the call.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        if libc::getrusage(libc::RUSAGE_THREAD, &raw mut usage) == 0 { usage.ru_minflt } else { 0 }
    }
}

/// Puts this thread, and no other, under a filter that tells of each of its system calls: the descriptor to listen on, or
/// the number of an error, below zero.
fn listen_to_this_thread() -> i32 {
    let mut tell = libc::sock_filter { code: 0x06, jt: 0, jf: 0, k: libc::SECCOMP_RET_USER_NOTIF };
    let program = libc::sock_fprog { len: 1, filter: &raw mut tell };
    // SAFETY: the program lives through the call.
    unsafe {
        if libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 {
            let flags = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
            let fd =
                libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program);
            if fd >= 0 {
                return fd as i32;
            }
        }
        -(*libc::__errno_location()).max(1)
    }
}

/// `_IOWR('!', n, size)`.
const fn request(number: u64, bytes: usize) -> u64 {
    3 << 30 | (bytes as u64) << 16 | (b'!' as u64) << 8 | number
}

/// Lets each call through and counts those made inside of the driver, until the thread is gone.
fn listen(listener: &OwnedFd) -> SystemCalls {
    let mut calls = SystemCalls::new();
    loop {
        let mut poll = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one place, as is said.
        let ready = unsafe { libc::poll(&raw mut poll, 1, 100) };
        if ready == 0 {
            continue;
        }
        if poll.revents & libc::POLLIN == 0 {
            return calls;
        }
        // SAFETY: plain data for which zero is a value; the kernel wants it zeroed.
        let mut notice: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        let receive = request(0, size_of::<libc::seccomp_notif>());
        // SAFETY: the place has the size that the request says.
        if unsafe { libc::ioctl(listener.as_raw_fd(), receive, &raw mut notice) } != 0 {
            continue;
        }
        if INSIDE.load(Ordering::SeqCst) {
            *calls.entry(name(&notice.data)).or_default() += 1;
        }
        let mut answer = libc::seccomp_notif_resp {
            id: notice.id,
            val: 0,
            error: 0,
            flags: libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32,
        };
        let send = request(1, size_of::<libc::seccomp_notif_resp>());
        // SAFETY: as above.
        unsafe { libc::ioctl(listener.as_raw_fd(), send, &raw mut answer) };
    }
}

fn name(data: &libc::seccomp_data) -> String {
    let number = i64::from(data.nr);
    let futex = |args: u64| match args & 0x7F {
        0 | 9 | 6 | 11 | 13 => "futex wait",
        _ => "futex wake",
    };
    let name = match number {
        libc::SYS_futex => futex(data.args[1]),
        libc::SYS_read => "read",
        libc::SYS_write => "write",
        libc::SYS_readv => "readv",
        libc::SYS_writev => "writev",
        libc::SYS_ioctl => "ioctl",
        libc::SYS_sendto => "sendto",
        libc::SYS_recvfrom => "recvfrom",
        libc::SYS_sendmsg => "sendmsg",
        libc::SYS_recvmsg => "recvmsg",
        libc::SYS_sendmmsg => "sendmmsg",
        libc::SYS_recvmmsg => "recvmmsg",
        libc::SYS_io_uring_enter => "io_uring_enter",
        libc::SYS_clock_gettime => "clock_gettime",
        libc::SYS_openat => "openat",
        libc::SYS_close => "close",
        libc::SYS_mmap => "mmap",
        libc::SYS_munmap => "munmap",
        libc::SYS_brk => "brk",
        libc::SYS_madvise => "madvise",
        libc::SYS_mprotect => "mprotect",
        libc::SYS_nanosleep => "nanosleep",
        libc::SYS_clock_nanosleep => "clock_nanosleep",
        libc::SYS_sched_yield => "sched_yield",
        libc::SYS_ppoll => "ppoll",
        libc::SYS_epoll_pwait => "epoll_pwait",
        libc::SYS_clone3 => "clone3",
        libc::SYS_fcntl => "fcntl",
        libc::SYS_newfstatat => "newfstatat",
        other => return format!("system call {other}"),
    };
    name.to_owned()
}

static SIGNALS: AtomicU64 = AtomicU64::new(0);

extern "C" fn on_signal(_: libc::c_int) {
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

/// Runs `body` while SIGALRM comes to this process a thousand times a second, without `SA_RESTART`; how many came.
///
/// # Errors
/// Those of `body`.
pub fn storm<E>(body: impl FnOnce() -> Result<(), E>) -> Result<u64, E> {
    let every = |microseconds| {
        let time = libc::timeval { tv_sec: 0, tv_usec: microseconds };
        let timer = libc::itimerval { it_interval: time, it_value: time };
        // SAFETY: plain data that lives through the calls; the handler touches an atomic alone.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_signal as *const () as usize;
            libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut());
            libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut());
        }
    };
    every(1000);
    let result = body();
    every(0);
    result.map(|()| SIGNALS.load(Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_inside_is_counted_and_what_is_asked_outside_is_not() {
        let run = watched(|| {
            let _ = std::fs::metadata("/");
            let (_, allocations) = inside(|| {
                std::thread::sleep(std::time::Duration::from_micros(10));
                std::hint::black_box(vec![0u8; 10]);
                in_host(|| drop(std::hint::black_box(vec![0u8; 10])));
            });
            allocations
        });
        // a system without such filters says so, and the check is skipped there
        let Ok((allocations, calls)) = run else { return };
        assert_eq!(allocations, 2, "one that was freed");
        assert_eq!(calls, SystemCalls::from([("clock_nanosleep".to_owned(), 1)]));
    }
}
