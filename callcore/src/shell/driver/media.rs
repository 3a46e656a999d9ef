//! The real-time half of a device: one frame for all its channels at a time, each in the format its driver says.

use crate::shell::inbox::DeviceRing;
use crate::shell::voices::Formats;
use callcore_codec::Format;
use callcore_driver_host::{Media, Pool, Push, Tick};
use callcore_driver_sys::{CCD_OK, ccd_status};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Takes part in frames. It belongs to one media thread and is dropped before the device is stopped.
pub(crate) struct MediaHalf {
    driver: Box<dyn Media>,
    pool: Arc<Pool>,
    paced_by_driver: bool,
    /// Of a device that the host paces in a thread of its own.
    own_pace: Option<Pace>,
    ring: Arc<DeviceRing>,
    frame: u64,
    active: Box<[u64]>,
    tx_valid: Box<[u64]>,
    rx_valid: Box<[u64]>,
    /// A byte for each channel: what the driver says, which is its to write, and what we say.
    rx_format: Box<[u8]>,
    tx_format: Box<[u8]>,
    /// What the driver said when it was looked at last, and what that means; `None` is nonsense.
    seen: Box<[u8]>,
    formats: Box<[Option<Format>]>,
    formats_unknown: u64,
    /// What the driver said, for other threads.
    told: Arc<Formats>,
}

/// Frames by the host's clock.
struct Pace {
    next: Instant,
    period: Duration,
}

impl Pace {
    /// Sleep to the next frame; how many were missed before it. They are not made up for.
    fn wait(&mut self) -> u64 {
        self.next += self.period;
        let now = Instant::now();
        let Some(late) = now.checked_duration_since(self.next) else {
            std::thread::sleep(self.next - now);
            return 0;
        };
        let missed = (late.as_nanos() / self.period.as_nanos().max(1)) as u32;
        self.next += self.period * missed;
        missed.into()
    }
}

fn bit(set: &[u64], channel: u32) -> bool {
    set.get(channel as usize / 64).is_some_and(|word| word >> (channel % 64) & 1 == 1)
}

fn set_bit(set: &mut [u64], channel: u32, on: bool) {
    if let Some(word) = set.get_mut(channel as usize / 64) {
        let mask = 1 << (channel % 64);
        *word = if on { *word | mask } else { *word & !mask };
    }
}

impl MediaHalf {
    pub(super) fn new(
        driver: Box<dyn Media>,
        pool: Arc<Pool>,
        paced_by_driver: bool,
        ring: Arc<DeviceRing>,
    ) -> Self {
        let words = (pool.channels() as usize).div_ceil(64);
        let empty = || vec![0; words].into_boxed_slice();
        let channels = pool.channels() as usize;
        let zeros = || vec![0; channels].into_boxed_slice();
        Self {
            active: empty(),
            tx_valid: empty(),
            rx_valid: empty(),
            rx_format: zeros(),
            tx_format: zeros(),
            seen: zeros(),
            formats: vec![Some(pool.format()); channels].into(),
            formats_unknown: 0,
            told: Arc::new(Formats::new(pool.channels(), pool.format())),
            driver,
            pool,
            paced_by_driver,
            own_pace: None,
            ring,
            frame: 0,
        }
    }

    /// Whether whoever has it sleeps in [`MediaHalf::wait`] from frame to frame.
    pub(crate) fn paces_itself(&self) -> bool {
        self.paced_by_driver || self.own_pace.is_some()
    }

    /// From now on [`MediaHalf::wait`] is the host's clock, if it is not the driver's.
    pub(crate) fn pace_itself(&mut self, period: Duration) {
        if !self.paced_by_driver {
            self.own_pace = Some(Pace { next: Instant::now(), period });
        }
    }

    /// How many channels there are.
    pub(crate) fn channels(&self) -> u32 {
        self.pool.channels()
    }

    /// The pool's own format.
    pub(crate) fn pool_format(&self) -> Format {
        self.pool.format()
    }

    /// Bytes that any format of the device has room in.
    pub(crate) fn slot_bytes(&self) -> usize {
        self.pool.stride()
    }

    /// The formats of its channels, for other threads.
    pub(crate) fn told_formats(&self) -> Arc<Formats> {
        Arc::clone(&self.told)
    }

    /// How a channel is written and wants to be: what its driver said in the last exchange. The pool's own format when it
    /// said nothing, or nothing that can be.
    pub(crate) fn format(&self, channel: u32) -> Format {
        self.formats.get(channel as usize).copied().flatten().unwrap_or(self.pool.format())
    }

    /// How often a driver has said a format that cannot be, since this was asked last.
    pub(crate) fn take_formats_unknown(&mut self) -> u64 {
        std::mem::take(&mut self.formats_unknown)
    }

    /// Switch a channel; an idle one costs nothing.
    pub(crate) fn set_active(&mut self, channel: u32, on: bool) {
        set_bit(&mut self.active, channel, on);
        if !on {
            set_bit(&mut self.rx_valid, channel, false);
        }
    }

    /// What was heard on a channel in the frame before this one, in its format; `None` when nothing came, or nothing that can
    /// be read.
    pub(crate) fn rx(&self, channel: u32) -> Option<&[u8]> {
        if !bit(&self.rx_valid, channel) || channel >= self.pool.channels() {
            return None;
        }
        let format = self.formats[channel as usize]?;
        // SAFETY: `exchange` needs `&mut self`, so the driver is not in it while the slice lives.
        let slot = unsafe { self.pool.rx(self.frame.wrapping_sub(1), channel, format) };
        let fits = |slot: &[u8]| {
            let length = slot.first_chunk().map(|length| u16::from_ne_bytes(*length));
            length.is_some_and(|length| usize::from(length) <= slot.len() - 2)
        };
        (!format.has_length() || fits(slot)).then_some(slot)
    }

    /// Where what is said on a channel in this frame is written, in this format; the whole frame has to be. `None` also when
    /// no channel of the device can have the format.
    pub(crate) fn tx(&mut self, channel: u32, format: Format) -> Option<&mut [u8]> {
        if !bit(&self.active, channel) || channel >= self.pool.channels() || !self.pool.has(format) {
            return None;
        }
        set_bit(&mut self.tx_valid, channel, true);
        self.tx_format[channel as usize] = format as u8;
        // SAFETY: as for rx; `&mut self` makes it the only slice.
        Some(unsafe { self.pool.tx(self.frame, channel, format) })
    }

    /// Hand the frame to the driver and take what it heard.
    pub(crate) fn exchange(&mut self, t_ns: u64, late: u32) -> ccd_status {
        self.rx_valid.fill(0);
        let mut tick = Tick {
            frame: self.frame,
            t_ns,
            flags: 0,
            late,
            active: &self.active,
            tx_valid: &self.tx_valid,
            rx_valid: &mut self.rx_valid,
            rx_format: &mut self.rx_format,
            tx_format: &self.tx_format,
        };
        self.ring.begin_frame();
        let status = self.driver.exchange(&mut tick);
        self.ring.end_frame();
        self.tx_valid.fill(0);
        for (rx, active) in self.rx_valid.iter_mut().zip(&self.active) {
            *rx &= active;
        }
        self.frame += 1;
        if self.rx_format != self.seen {
            self.learn_formats();
        }
        status
    }

    fn learn_formats(&mut self) {
        let channels = self.rx_format.iter().zip(&mut self.seen).zip(&mut self.formats);
        for (channel, ((said, seen), format)) in channels.enumerate() {
            if said == seen {
                continue;
            }
            *seen = *said;
            *format = match *said {
                0 => Some(self.pool.format()),
                code => Format::from_code(code.into()).filter(|format| self.pool.has(*format)),
            };
            self.formats_unknown += u64::from(format.is_none());
            self.told.set(channel, format.unwrap_or(self.pool.format()));
        }
    }

    /// What [`MediaHalf::exchange`] does, in a frame that the driver brings itself.
    pub(crate) fn exchange_pushed(&mut self, push: &mut Push<'_>) {
        let rx = push.rx_valid.iter().zip(&self.active);
        self.rx_valid.iter_mut().zip(rx).for_each(|(to, (from, active))| *to = from & active);
        if push.rx_format.len() == self.rx_format.len() {
            self.rx_format.copy_from_slice(push.rx_format);
        }
        push.tx_valid.copy_from_slice(&self.tx_valid);
        if push.tx_format.len() == self.tx_format.len() {
            push.tx_format.copy_from_slice(&self.tx_format);
        }
        self.tx_valid.fill(0);
        self.frame += 1;
        if self.rx_format != self.seen {
            self.learn_formats();
        }
    }

    /// The number of the next frame is the driver's own.
    pub(crate) fn begin_pushed(&mut self, frame: u64) {
        self.frame = frame;
    }

    /// Leave frames out after being late: they are not made up for.
    pub(crate) fn skip(&mut self, frames: u64) {
        if frames > 0 {
            self.frame += frames;
            self.rx_valid.fill(0);
        }
    }

    /// Sleep to the next frame of a device that paces itself.
    pub(crate) fn wait(&mut self, timeout_us: u32) -> ccd_status {
        match &mut self.own_pace {
            Some(pace) => {
                let late = pace.wait();
                self.skip(late);
                CCD_OK
            }
            None => self.driver.wait(timeout_us),
        }
    }
}
