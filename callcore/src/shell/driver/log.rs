//! What drivers write, into `tracing`, with the device's name and at a bounded rate.

use std::sync::atomic::{AtomicU64, Ordering};
use tracing::Level;

/// Lines that one device may write in a second; the rest is counted.
const LINES_PER_SECOND_MAX: u64 = 200;
/// Longest line in bytes.
const LINE_LEN_MAX: usize = 2048;

/// Whether anybody reads lines of a level (1 error .. 5 trace).
pub(super) fn is_enabled(level: i32) -> bool {
    level_of(level) <= tracing::level_filters::LevelFilter::current()
}

fn level_of(level: i32) -> Level {
    match level {
        i32::MIN..=1 => Level::ERROR,
        2 => Level::WARN,
        3 => Level::INFO,
        4 => Level::DEBUG,
        5.. => Level::TRACE,
    }
}

/// How much a device has written.
#[derive(Default)]
pub(crate) struct Limit {
    /// Second of the clock in the upper 32 bits, lines in it in the lower.
    window: AtomicU64,
    dropped: AtomicU64,
}

impl Limit {
    /// A line about a device, or about a driver by its name; `second` is the clock's.
    pub(super) fn write(&self, device: &str, second: u64, level: i32, target: &str, text: &str) {
        if !is_enabled(level) || !self.may_write(second) {
            return;
        }
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(target: "callcore::driver", device, dropped, "lines of the driver were dropped");
        }
        let text = cut(text);
        match level_of(level) {
            Level::ERROR => {
                tracing::error!(target: "callcore::driver", device, driver_target = target, "{text}")
            }
            Level::WARN => {
                tracing::warn!(target: "callcore::driver", device, driver_target = target, "{text}")
            }
            Level::INFO => {
                tracing::info!(target: "callcore::driver", device, driver_target = target, "{text}")
            }
            Level::DEBUG => {
                tracing::debug!(target: "callcore::driver", device, driver_target = target, "{text}")
            }
            Level::TRACE => {
                tracing::trace!(target: "callcore::driver", device, driver_target = target, "{text}")
            }
        }
    }

    fn may_write(&self, second: u64) -> bool {
        let window = self.window.load(Ordering::Relaxed);
        let lines = if window >> 32 == second { window & 0xFFFF_FFFF } else { 0 };
        if lines >= LINES_PER_SECOND_MAX {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        // two threads at a time may count as one: the limit is a guard, not a figure
        self.window.store((second << 32) | (lines + 1), Ordering::Relaxed);
        true
    }
}

/// At most [`LINE_LEN_MAX`] bytes of a text, in whole characters.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LINE_LEN_MAX)]
}
