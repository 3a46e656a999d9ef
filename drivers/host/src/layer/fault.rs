//! The layer that makes things go wrong, by chance that a seed repeats: what boards, cables and drivers do on a bad day.

use super::{Open, Tap, open_tapped};
use crate::command::Command;
use crate::error::LoadError;
use crate::event::EventBytes;
use crate::pool::Pool;
use crate::seam::{Device, Host, Media, Tick};
use callcore_driver_sys::*;
use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};
use std::mem::offset_of;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The options: chances are of a thousand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultOptions {
    /// The same seed makes the same things go wrong at the same crossings.
    pub seed: u64,
    /// An event finds no room at the first try.
    pub post_full: u16,
    /// An event is lost on its way; its number is missing.
    pub event_lost: u16,
    /// An event comes twice.
    pub event_twice: u16,
    /// An event comes behind the one that follows it.
    pub event_late: u16,
    /// A completion is lost.
    pub done_lost: u16,
    /// A command is refused with `CCD_E_BUSY`; drops never are.
    pub refused: u16,
    /// A command takes long.
    pub slow: u16,
    /// How long, in milliseconds.
    pub slow_ms: u64,
    /// A frame is left out.
    pub frame_missed: u16,
    /// After so many events the device is gone; 0: never.
    pub remove_after: u64,
}

struct State {
    chance: Xoshiro256PlusPlus,
    events: u64,
    /// The event that comes behind the next one.
    late: Option<Vec<u8>>,
    /// Frames for which it has waited.
    waited: u32,
}

/// An event that is late comes all the same when nothing has followed it for so many frames.
const LATE_FRAMES: u32 = 25;

/// The layer.
pub struct Faults {
    options: FaultOptions,
    state: Mutex<State>,
    is_removed: AtomicBool,
}

impl Faults {
    /// With these options.
    #[must_use]
    pub fn new(options: FaultOptions) -> Arc<Self> {
        let chance = Xoshiro256PlusPlus::seed_from_u64(options.seed);
        let state = Mutex::new(State::new(chance));
        Arc::new(Self { options, state, is_removed: AtomicBool::new(false) })
    }

    /// Open a device through it.
    ///
    /// # Errors
    /// The device's own.
    pub fn open(
        self: &Arc<Self>,
        host: Arc<dyn Host>,
        below: &mut Open<'_>,
    ) -> Result<Box<dyn Device>, LoadError> {
        open_tapped(Arc::clone(self), host, below)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_removed(&self) -> bool {
        self.is_removed.load(Ordering::Acquire)
    }

    /// A frame has passed.
    fn frame(&self, host: &dyn Host) {
        let mut state = self.state();
        state.waited += u32::from(state.late.is_some());
        let late = if state.waited > LATE_FRAMES { state.late.take() } else { None };
        drop(state);
        if let Some(late) = late
            && !self.is_removed()
        {
            host.post(&late);
        }
    }

    /// The device is pulled out: the host is told with the number of the event that is not passed on any more.
    fn remove(&self, last: EventBytes<'_>, host: &dyn Host) -> ccd_status {
        self.is_removed.store(true, Ordering::Release);
        let mut bytes = vec![0; size_of::<ccd_event>()];
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(offset_of!(ccd_event, size), &(size_of::<ccd_event>() as u32).to_ne_bytes());
        put(offset_of!(ccd_event, kind), &CCD_EV_DEVICE_REMOVED.to_ne_bytes());
        put(offset_of!(ccd_event, t_ns), &last.t_ns().to_ne_bytes());
        put(offset_of!(ccd_event, seq), &last.seq().to_ne_bytes());
        put(offset_of!(ccd_event, chan), &CCD_NO_CHAN.to_ne_bytes());
        host.post(&bytes)
    }
}

impl State {
    fn new(chance: Xoshiro256PlusPlus) -> Self {
        Self { chance, events: 0, late: None, waited: 0 }
    }

    fn hits(&mut self, per_mille: u16) -> bool {
        per_mille > 0 && self.chance.next_u64() % 1000 < u64::from(per_mille)
    }
}

impl Tap for Faults {
    fn post(&self, event: &[u8], host: &dyn Host) -> ccd_status {
        if self.is_removed() {
            return CCD_E_STATE;
        }
        let (options, mut state) = (&self.options, self.state());
        if state.hits(options.post_full) {
            return CCD_E_FULL;
        }
        state.events += 1;
        if options.remove_after > 0 && state.events > options.remove_after {
            drop(state);
            return self.remove(EventBytes(event), host);
        }
        let is_done = EventBytes(event).kind() == CCD_EV_DONE;
        let is_lost = state.hits(options.event_lost) || (is_done && state.hits(options.done_lost));
        let is_twice = state.hits(options.event_twice);
        let is_late = state.late.is_none() && state.hits(options.event_late);
        if is_late {
            (state.late, state.waited) = (Some(event.to_vec()), 0);
            return CCD_OK;
        }
        let late = state.late.take();
        drop(state);
        let status = if is_lost { CCD_OK } else { host.post(event) };
        if is_twice && status == CCD_OK {
            host.post(event);
        }
        if let Some(late) = late {
            host.post(&late);
        }
        status
    }

    fn start(
        self: &Arc<Self>,
        pool: &Arc<Pool>,
        host: &Arc<dyn Host>,
        device: &mut dyn Device,
    ) -> Result<Option<Box<dyn Media>>, LoadError> {
        self.is_removed.store(false, Ordering::Release);
        self.state().events = 0;
        let media = device.start(pool)?;
        let missed = self.options.frame_missed;
        let chance = Xoshiro256PlusPlus::seed_from_u64(self.options.seed ^ 1);
        let (state, faults, host) = (State::new(chance), Arc::clone(self), Arc::clone(host));
        let faulty = |media| Box::new(FaultyMedia { media, state, missed, faults, host }) as Box<dyn Media>;
        Ok(media.map(faulty))
    }

    fn command(
        &self,
        command: &Command,
        req: ccd_req,
        device: &mut dyn Device,
        _host: &dyn Host,
    ) -> ccd_status {
        if self.is_removed() {
            return CCD_E_GONE;
        }
        let mut state = self.state();
        let (is_slow, is_refused) = (state.hits(self.options.slow), state.hits(self.options.refused));
        drop(state);
        if is_slow {
            std::thread::sleep(Duration::from_millis(self.options.slow_ms));
        }
        // the host must always be able to let go of a call
        if is_refused && !matches!(command, Command::Drop { .. }) {
            return CCD_E_BUSY;
        }
        device.command(command, req)
    }
}

struct FaultyMedia {
    media: Box<dyn Media>,
    state: State,
    missed: u16,
    faults: Arc<Faults>,
    host: Arc<dyn Host>,
}

impl Media for FaultyMedia {
    fn exchange(&mut self, tick: &mut Tick<'_>) -> ccd_status {
        self.faults.frame(&*self.host);
        if self.state.hits(self.missed) {
            return CCD_E_TIMEOUT;
        }
        self.media.exchange(tick)
    }

    fn wait(&mut self, timeout_us: u32) -> ccd_status {
        self.media.wait(timeout_us)
    }

    fn tick_fd(&mut self) -> Option<i64> {
        self.media.tick_fd()
    }
}
