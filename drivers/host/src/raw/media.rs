//! The real-time half by its table, and the gate that keeps it out of a device that has stopped.

use super::driver::Instance;
use crate::seam::{Media, Tick};
use callcore_driver_sys::*;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

const OPEN: u8 = 0;
const BUSY: u8 = 1;
/// Closed while a function of the half was running.
const CLOSING: u8 = 2;
const CLOSED: u8 = 3;

/// How soon it is looked again whether a function of the half has come back.
const LOOK: Duration = Duration::from_micros(200);

/// Lets one function of the half run at a time, and none once it is closed. Entering and leaving never waits.
#[derive(Default)]
pub(super) struct Gate(AtomicU8);

impl Gate {
    fn go(&self, from: u8, to: u8) -> bool {
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    fn through(&self, run: impl FnOnce() -> ccd_status) -> ccd_status {
        if !self.go(OPEN, BUSY) {
            return CCD_E_STATE;
        }
        let status = run();
        if !self.go(BUSY, OPEN) {
            self.0.store(CLOSED, Ordering::Release);
        }
        status
    }

    /// Close it, and wait for what is inside.
    pub(super) fn close(&self) {
        while !self.go(OPEN, CLOSED) && self.0.load(Ordering::Acquire) != CLOSED {
            let _ = self.go(BUSY, CLOSING);
            std::thread::sleep(LOOK);
        }
    }
}

pub(super) struct RawMedia {
    dev: *mut c_void,
    vt: ccd_media_vt,
    exchange: unsafe extern "C" fn(dev: *mut c_void, t: *mut ccd_tick) -> ccd_status,
    gate: Arc<Gate>,
    /// Keeps the code and the tables alive for a half that outlives its device.
    _instance: Arc<Instance>,
}

// SAFETY: [media] functions may be called by any thread, one at a time, which owning the half ensures.
unsafe impl Send for RawMedia {}

impl RawMedia {
    pub(super) fn new(
        instance: Arc<Instance>,
        dev: *mut c_void,
        vt: ccd_media_vt,
        exchange: unsafe extern "C" fn(dev: *mut c_void, t: *mut ccd_tick) -> ccd_status,
        gate: Arc<Gate>,
    ) -> Self {
        Self { dev, vt, exchange, gate, _instance: instance }
    }
}

impl Media for RawMedia {
    fn exchange(&mut self, tick: &mut Tick<'_>) -> ccd_status {
        let mut c = ccd_tick {
            size: size_of::<ccd_tick>() as u32,
            words: tick.active.len() as u32,
            frame: tick.frame,
            t_ns: tick.t_ns,
            flags: tick.flags,
            late: tick.late,
            active: tick.active.as_ptr(),
            tx_valid: tick.tx_valid.as_ptr(),
            rx_valid: tick.rx_valid.as_mut_ptr(),
            rx_format: tick.rx_format.as_mut_ptr(),
            tx_format: tick.tx_format.as_ptr(),
        };
        let (dev, exchange) = (self.dev, self.exchange);
        // SAFETY: the gate is open, so the device is started; the sets live through the call and are the driver's until it
        // ends, as the pool is.
        self.gate.through(|| unsafe { exchange(dev, &raw mut c) })
    }

    fn wait(&mut self, timeout_us: u32) -> ccd_status {
        let Some(wait) = self.vt.wait else { return CCD_E_UNSUPPORTED };
        let dev = self.dev;
        // SAFETY: the gate is open, so the device is started, and no other [media] function of it runs.
        self.gate.through(|| unsafe { wait(dev, timeout_us) })
    }

    fn tick_fd(&mut self) -> Option<i64> {
        let tick_fd = self.vt.tick_fd?;
        let (dev, mut fd) = (self.dev, -1);
        let status = self.gate.through(|| {
            // SAFETY: the gate is open, so the device is started.
            fd = unsafe { tick_fd(dev) };
            CCD_OK
        });
        (status == CCD_OK && fd >= 0).then_some(fd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_through_a_gate_that_is_closed() {
        let gate = Gate::default();
        assert_eq!(gate.through(|| CCD_OK), CCD_OK);
        gate.close();
        assert_eq!(gate.through(|| CCD_OK), CCD_E_STATE);
        gate.close();
    }

    #[test]
    fn closing_waits_for_what_is_inside() {
        let gate = Arc::new(Gate::default());
        let (inside, came_in) = std::sync::mpsc::channel();
        let (let_out, may_leave) = std::sync::mpsc::channel::<()>();
        let other = Arc::clone(&gate);
        let guest = std::thread::spawn(move || {
            other.through(|| {
                inside.send(()).expect("somebody waits for it");
                may_leave.recv().map_or(CCD_E_INTERNAL, |()| CCD_OK)
            })
        });
        came_in.recv().expect("it goes in");
        let (other, is_closed) = (Arc::clone(&gate), Arc::new(std::sync::atomic::AtomicBool::new(false)));
        let told = Arc::clone(&is_closed);
        let closer = std::thread::spawn(move || {
            other.close();
            told.store(true, Ordering::SeqCst);
        });
        while gate.0.load(Ordering::Acquire) != CLOSING {
            std::thread::yield_now();
        }
        assert!(!is_closed.load(Ordering::SeqCst), "somebody is inside");
        let_out.send(()).expect("it waits for it");
        assert_eq!(guest.join().expect("it ends"), CCD_OK);
        closer.join().expect("it ends");
        assert_eq!(gate.through(|| CCD_OK), CCD_E_STATE);
    }
}
