//! The housekeeper: drops and makes what the media thread may not, and watches drivers that do not come back.

use super::handle::Shared;
use super::media::{Made, Want, Waste};
use super::stats::add;
use super::voices::Voices;
use crate::board::DeviceId;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often waste is swept and the drivers are looked after. The media thread wakes nobody for its waste: a recording is
/// complete that much later.
const ROUND: Duration = Duration::from_millis(100);
/// How often freed memory is given back.
const GIVE_BACK_EVERY: Duration = Duration::from_secs(30);
/// How often late frames are told.
const LATE_EVERY: Duration = Duration::from_secs(1);
/// A driver call that has been running so long is a warning.
const SLOW: Duration = Duration::from_secs(2);
/// Frames that the media thread had to leave out, told at most once a second.
#[derive(Default)]
struct Late {
    told: u64,
    at: Option<Instant>,
}

impl Late {
    fn tell(&mut self, shared: &Shared) {
        let frames = shared.counters.frames_late.load(Ordering::Relaxed);
        let is_soon = self.at.is_some_and(|at| at.elapsed() < LATE_EVERY);
        if frames == self.told || is_soon {
            return;
        }
        let frame_us_max = shared.counters.frame_us_max.load(Ordering::Relaxed);
        tracing::warn!(
            frames = frames - self.told,
            frame_us_max,
            "the media thread came too late: frames were left out on every channel"
        );
        (self.told, self.at) = (frames, Some(Instant::now()));
    }
}

pub(crate) struct Housekeeper {
    pub(crate) shared: Arc<Shared>,
    pub(crate) waste: rtrb::Consumer<Waste>,
    pub(crate) wants: rtrb::Consumer<Want>,
    pub(crate) made: rtrb::Producer<Made>,
    pub(crate) voices: Voices,
    /// A driver call or a frame that has been running so long, by the node's clock: the device is given up. Its thread is
    /// left alone, there is no way to end it.
    pub(crate) stuck_after: Duration,
    pub(crate) is_ending: Arc<AtomicBool>,
}

impl Housekeeper {
    pub(crate) fn spawn(mut self) -> io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("callcore-keeper".into()).spawn(move || {
            let mut warned = BTreeSet::new();
            let mut gave_back = Instant::now();
            let mut late = Late::default();
            while !self.is_ending.load(Ordering::Acquire) {
                self.sweep();
                self.make_voices();
                if gave_back.elapsed() > GIVE_BACK_EVERY {
                    gave_back = Instant::now();
                    super::memory::give_back();
                }
                self.watch(&mut warned);
                late.tell(&self.shared);
                std::thread::park_timeout(ROUND);
            }
            self.sweep();
        })
    }

    fn sweep(&mut self) {
        while let Ok(waste) = self.waste.pop() {
            if let Waste::Refused(refused) = &waste {
                add(&self.shared.counters.commands_refused, 1);
                tracing::warn!(command = ?refused.command, "the media engine refused a command: {}", refused.why);
            }
            drop(waste);
        }
    }

    fn make_voices(&mut self) {
        while self.made.slots() > 0
            && let Ok((channel, format)) = self.wants.pop()
        {
            if let Some(voice) = self.voices.of_format(channel, format) {
                let _ = self.made.push((channel, voice));
            }
        }
    }

    fn watch(&self, warned: &mut BTreeSet<DeviceId>) {
        let limit = self.shared.clock.real(self.stuck_after);
        for port in self.shared.boards.all().iter().filter(|port| !port.ring.is_gone()) {
            let call = port.ring.in_call().unwrap_or_default();
            if call > limit {
                let text = format!("its driver has not returned from a call for {:?}", self.stuck_after);
                port.give_up(&self.shared.inbox, &text);
            } else if port.ring.in_frame().unwrap_or_default() > limit {
                let text = format!("its driver has not returned from a frame for {:?}", self.stuck_after);
                port.give_up(&self.shared.inbox, &text);
            } else if call > SLOW && warned.insert(port.device) {
                tracing::warn!(device = port.name, "a driver call has been running for more than 2 s");
            } else if call <= SLOW {
                warned.remove(&port.device);
            }
        }
    }
}
