//! Sound, frame by frame: what is said, what is heard, and whether the driver kept to its slots.

use crate::check::{Stop, skip};
use callcore_codec::Format;
use callcore_driver_host::sys::*;
use callcore_driver_host::{Device, FRAME_SAMPLES, Media, Pool, Tick, Way};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The time of a frame.
pub const FRAME: Duration = Duration::from_millis(20);

/// What is said on a channel in a frame; false: nothing.
pub type Sound = Box<dyn FnMut(u64, u32, &mut [u8]) -> bool>;

/// What lies in slots that nobody may touch, and behind each frame.
const GUARD: u8 = 0xA5;

/// The media half of a device.
pub struct Frames {
    media: Option<Box<dyn Media>>,
    pool: Arc<Pool>,
    is_clocked: bool,
    due: Instant,
    /// Number of the next frame.
    pub frame: u64,
    active: Vec<u64>,
    tx_valid: Vec<u64>,
    rx_valid: Vec<u64>,
    rx_format: Vec<u8>,
    tx_format: Vec<u8>,
    sound: Option<Sound>,
    /// Frames are not waited for.
    pub is_fast: bool,
    is_guarded: bool,
    /// What was touched that must not be.
    pub trespasses: Vec<String>,
    /// What `exchange` returned last.
    pub status: ccd_status,
    /// How long each `exchange` took.
    pub times: Vec<Duration>,
}

/// The format of a device's pool: linear if all its channels can have it, else the law that they have in common.
pub(super) fn own_format(device: &dyn Device) -> Result<Format, Stop> {
    let common = device.channels().iter().fold(u32::MAX, |all, info| all & info.codecs);
    let own =
        [Format::L16, Format::ALaw, Format::MuLaw].into_iter().find(|format| common & format.code() != 0);
    own.map_or_else(|| skip("its channels have none of A-law, mu-law and L16 in common (check 20)"), Ok)
}

/// A pool for a device.
pub(super) fn pool(device: &dyn Device, own: Format) -> Pool {
    let channels = device.channels();
    let any = channels.iter().fold(0, |set, info| set | info.codecs);
    Pool::new(channels.len() as u32, own, any)
}

impl Frames {
    /// All channels on, nobody says anything.
    #[must_use]
    pub fn new(media: Option<Box<dyn Media>>, pool: Arc<Pool>, is_clocked: bool) -> Self {
        let channels = pool.channels();
        let words = channels.div_ceil(64) as usize;
        Self {
            media,
            pool,
            is_clocked,
            due: Instant::now(),
            frame: 0,
            active: vec![0; words],
            tx_valid: vec![0; words],
            rx_valid: vec![0; words],
            rx_format: vec![0; channels as usize],
            tx_format: vec![0; channels as usize],
            sound: None,
            is_fast: false,
            is_guarded: false,
            trespasses: Vec::new(),
            status: CCD_OK,
            times: Vec::new(),
        }
        .with_all_active()
    }

    fn with_all_active(mut self) -> Self {
        (0..self.pool.channels()).for_each(|channel| self.set_active(channel, true));
        self
    }

    pub(super) fn has_media(&self) -> bool {
        self.media.is_some()
    }

    /// Switches a channel in the set `active`.
    pub fn set_active(&mut self, channel: u32, on: bool) {
        set(&mut self.active, channel, on);
    }

    /// What is said from now on.
    pub fn say(&mut self, sound: Sound) {
        self.sound = Some(sound);
    }

    /// Nobody says anything from now on.
    pub fn hush(&mut self) {
        self.sound = None;
    }

    /// Fills everything that the driver must not touch with a pattern, and looks at it after each frame.
    pub fn guard(&mut self) {
        self.is_guarded = true;
    }

    /// The pool's own format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.pool.format()
    }

    /// Bytes of a frame in the pool's own format.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.format().slot_bytes(FRAME_SAMPLES as usize)
    }

    /// How many channels there are.
    #[must_use]
    pub fn channels(&self) -> u32 {
        self.pool.channels()
    }

    /// What was heard on a channel in the last frame, if anything was, in the pool's own format.
    #[must_use]
    pub fn heard(&self, channel: u32) -> Option<Vec<u8>> {
        let is_own = matches!(self.rx_format[channel as usize], 0)
            || u32::from(self.rx_format[channel as usize]) == self.format().code();
        (is_set(&self.rx_valid, channel) && is_own).then(|| self.slot(Way::Rx, channel, self.bytes()))
    }

    /// Whether the driver said in the last frame that it got audio on a channel, in whatever format.
    #[must_use]
    pub fn is_heard(&self, channel: u32) -> bool {
        is_set(&self.rx_valid, channel)
    }

    fn slot(&self, way: Way, channel: u32, bytes: usize) -> Vec<u8> {
        let mut slot = vec![0; bytes];
        self.pool.read(way, self.frame.wrapping_sub(1), channel, &mut slot);
        slot
    }

    /// Waits for the time of the next frame, and exchanges it.
    pub fn run(&mut self, now_ns: u64) {
        self.pace();
        self.exchange(now_ns, 0);
    }

    fn pace(&mut self) {
        if self.is_fast {
            return;
        }
        if let Some(media) = self.media.as_mut().filter(|_| self.is_clocked) {
            media.wait(40_000);
            return;
        }
        std::thread::sleep(self.due.saturating_duration_since(Instant::now()));
        // a host that was away begins anew rather than hurrying after
        self.due = self.due.max(Instant::now().checked_sub(2 * FRAME).unwrap_or(self.due)) + FRAME;
    }

    /// Leaves frames out, as a host that was late.
    pub fn skip(&mut self, count: u64) {
        self.frame += count;
    }

    /// Exchanges a frame now.
    pub fn exchange(&mut self, now_ns: u64, late: u32) {
        let frame = self.frame;
        self.speak(frame);
        if self.is_guarded {
            self.fill_guards(frame);
        }
        self.rx_valid.fill(0);
        let Some(media) = &mut self.media else {
            self.frame += 1;
            return;
        };
        let mut tick = Tick {
            frame,
            t_ns: now_ns,
            flags: 0,
            late,
            active: &self.active,
            tx_valid: &self.tx_valid,
            rx_valid: &mut self.rx_valid,
            rx_format: &mut self.rx_format,
            tx_format: &self.tx_format,
        };
        let began = Instant::now();
        self.status = media.exchange(&mut tick);
        self.times.push(began.elapsed());
        self.frame += 1;
        if self.is_guarded {
            self.look_at_guards(frame);
        }
    }

    fn speak(&mut self, frame: u64) {
        let mut bytes = vec![self.format().silence(); self.bytes()];
        for channel in 0..self.pool.channels() {
            let format = match self.rx_format[channel as usize] {
                0 => self.format().code() as u8,
                other => other,
            };
            let is_own = u32::from(format) == self.format().code();
            self.tx_format[channel as usize] = format;
            let says = is_own
                && is_set(&self.active, channel)
                && self.sound.as_mut().is_some_and(|sound| sound(frame, channel, &mut bytes));
            if says {
                self.pool.write(Way::Tx, frame, channel, &bytes);
            }
            set(&mut self.tx_valid, channel, says);
        }
    }

    fn fill_guards(&self, frame: u64) {
        let guard = vec![GUARD; self.pool.stride()];
        for each in frame..frame + DEPTH {
            for channel in 0..self.pool.channels() {
                self.pool.write(Way::Rx, each, channel, &guard);
            }
        }
    }

    fn look_at_guards(&mut self, frame: u64) {
        let mut slot = vec![0; self.pool.stride()];
        for each in frame..frame + DEPTH {
            for channel in 0..self.pool.channels() {
                let is_own = each == frame && is_set(&self.active, channel);
                // the longest frame that the channel could have written
                let used = if is_own { self.longest() } else { 0 };
                self.pool.read(Way::Rx, each, channel, &mut slot);
                let is_touched = slot[used..].iter().any(|byte| *byte != GUARD);
                if is_touched {
                    let what = match (each == frame, is_own) {
                        (true, true) => "wrote behind the frame, in its slot",
                        (true, false) => "wrote into the slot of a channel that is off",
                        (false, _) => "wrote into the slot of another frame",
                    };
                    self.trespasses
                        .push(format!("frame {frame}: exchange {what}: channel {channel}, frame {each}"));
                }
                if each == frame && !is_own && is_set(&self.rx_valid, channel) {
                    self.trespasses
                        .push(format!("frame {frame}: rx_valid is set for channel {channel}, which is off"));
                }
            }
        }
    }

    fn longest(&self) -> usize {
        let formats = Format::ALL.into_iter().filter(|format| self.pool.has(*format));
        formats.map(|format| format.slot_bytes(FRAME_SAMPLES as usize)).max().unwrap_or(0)
    }

    /// The media half, for a thread that measures it, and the number of its next frame.
    pub fn take_media(&mut self) -> (Option<Box<dyn Media>>, u64) {
        (self.media.take(), self.frame)
    }
}

/// Frames in the pool's ring.
const DEPTH: u64 = 4;

fn is_set(words: &[u64], channel: u32) -> bool {
    words.get(channel as usize / 64).is_some_and(|word| word >> (channel % 64) & 1 == 1)
}

fn set(words: &mut [u64], channel: u32, on: bool) {
    if let Some(word) = words.get_mut(channel as usize / 64) {
        let bit = 1 << (channel % 64);
        if on { *word |= bit } else { *word &= !bit }
    }
}
