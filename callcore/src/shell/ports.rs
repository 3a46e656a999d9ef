//! Audio ports: channels of the program's own. What is said on one comes from the program, what is heard goes to it.
//!
//! ```text
//!   AudioPort.write ──ring──▶ rx of a channel ──┐            ┌──▶ a caller, a room, a recording
//!                                              media engine ◀┘
//!   AudioPort.read  ◀──ring── tx of the channel ─┘
//! ```
//!
//! To the media engine they are one more device, so a port can be whatever a line can: bridged, in a room, recorded.
//! Neither side waits: what the program does not write in time is silence, what it does not read in time is lost and
//! counted.

use super::inbox::Inbox;
use super::voices::Formats;
use crate::base::{Refused, Why};
use crate::board::{ChannelId, DeviceId};
use crate::exchange::Input;
use callcore_codec::{Format, Rate};
use rtrb::{Consumer, Producer, RingBuffer};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Ports that can be open at a time.
pub(crate) const PORTS_MAX: u32 = 64;
/// Milliseconds that a ring holds, each way.
const RING_MS: u32 = 500;

/// The program's end of a port. Dropping it closes the port.
pub struct AudioPort {
    channel: ChannelId,
    rate: Rate,
    to_node: Producer<i16>,
    from_node: Consumer<i16>,
    link: Arc<Link>,
    inbox: Arc<Inbox>,
}

impl fmt::Debug for AudioPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioPort")
            .field("channel", &self.channel)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}

/// What both ends of a port know.
#[derive(Debug, Default)]
struct Link {
    is_closed: AtomicBool,
    lost_samples: AtomicU64,
}

impl AudioPort {
    /// Its channel, for [`Command::ConnectAudio`](crate::exchange::Command::ConnectAudio).
    #[must_use]
    pub fn channel(&self) -> ChannelId {
        self.channel
    }

    /// Samples a second, both ways.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Say samples, as many as there is room for; how many those were. Half a second may wait.
    pub fn write(&mut self, samples: &[i16]) -> usize {
        let now = samples.len().min(self.to_node.slots());
        // there is room for them
        let _ = self.to_node.push_entire_slice(&samples[..now]);
        now
    }

    /// Take what was heard, as much as there is; how many samples those were. A frame comes every 20 ms.
    pub fn read(&mut self, samples: &mut [i16]) -> usize {
        let now = samples.len().min(self.from_node.slots());
        // they are there
        let _ = self.from_node.pop_entire_slice(&mut samples[..now]);
        now
    }

    /// Samples that were heard and not read in time.
    #[must_use]
    pub fn lost_samples(&self) -> u64 {
        self.link.lost_samples.load(Ordering::Relaxed)
    }
}

impl Drop for AudioPort {
    fn drop(&mut self) {
        self.link.is_closed.store(true, Ordering::Release);
        self.inbox.reply(Input::AudioClosed(self.channel));
    }
}

/// Which ports are free, and the way to the media thread.
pub(crate) struct Lot {
    device: DeviceId,
    free: Mutex<Free>,
}

struct Free {
    indices: Vec<u32>,
    installs: Producer<Box<End>>,
    /// Ends that the media thread needs no more.
    returned: Consumer<Box<End>>,
}

/// The media thread's end of a port.
struct End {
    index: u32,
    format: Format,
    from_program: Consumer<i16>,
    to_program: Producer<i16>,
    link: Arc<Link>,
    rx: Box<[u8]>,
    has_rx: bool,
    tx: Box<[u8]>,
    has_tx: bool,
    samples: Box<[i16]>,
}

/// The device that the ports are channels of, in the media thread.
pub(crate) struct PortsIo {
    device: DeviceId,
    ends: Vec<Option<Box<End>>>,
    installs: Consumer<Box<End>>,
    returned: Producer<Box<End>>,
    formats: Arc<Formats>,
}

/// The ports of a node: their lot, and their device, which has this id.
pub(crate) fn ports(device: DeviceId) -> (Lot, PortsIo) {
    let (installs, to_install) = RingBuffer::new(PORTS_MAX as usize);
    let (returned, from_media) = RingBuffer::new(PORTS_MAX as usize);
    let indices = (0..PORTS_MAX).rev().collect();
    let lot = Lot { device, free: Mutex::new(Free { indices, installs, returned: from_media }) };
    let formats = Arc::new(Formats::new(PORTS_MAX, Format::L16));
    let ends = (0..PORTS_MAX).map(|_| None).collect();
    (lot, PortsIo { device, ends, installs: to_install, returned, formats })
}

impl Lot {
    /// The device that the ports are channels of.
    pub(crate) fn device(&self) -> DeviceId {
        self.device
    }

    /// Open a port of `device`.
    pub(crate) fn open(&self, rate: Rate, inbox: &Arc<Inbox>) -> Result<AudioPort, Refused> {
        let format = match rate {
            Rate::Narrow => Format::L16,
            Rate::Wide => Format::L16Wide,
            Rate::Full => {
                let text = format!("no port has {} Hz: open it with 8000 or 16000 Hz", rate.hz());
                return Err(Refused::new(Why::Argument, text));
            }
        };
        // a panic while the lot is held leaves it whole
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while free.returned.pop().is_ok() {}
        let index = free.indices.pop();
        let index =
            index.ok_or_else(|| Refused::new(Why::Full, format!("{PORTS_MAX} audio ports are open")))?;
        let (to_node, from_program) = RingBuffer::new(rate.samples(RING_MS));
        let (to_program, from_node) = RingBuffer::new(rate.samples(RING_MS));
        let link = Arc::new(Link::default());
        let slot =
            || vec![0; format.slot_bytes(callcore_driver_host::FRAME_SAMPLES as usize)].into_boxed_slice();
        let end = End {
            index,
            format,
            from_program,
            to_program,
            link: Arc::clone(&link),
            rx: slot(),
            has_rx: false,
            tx: slot(),
            has_tx: false,
            samples: vec![0; rate.samples(20)].into(),
        };
        if let Err(rtrb::PushError::Full(end)) = free.installs.push(Box::new(end)) {
            free.indices.push(end.index);
            return Err(Refused::new(Why::Busy, "too many ports open at once: try again"));
        }
        let channel = ChannelId { device: self.device, index };
        Ok(AudioPort { channel, rate, to_node, from_node, link, inbox: Arc::clone(inbox) })
    }

    /// A port that was closed may be given out again.
    pub(crate) fn free(&self, index: u32) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).indices.push(index);
    }
}

impl End {
    fn begin(&mut self) {
        self.has_rx = self.from_program.pop_entire_slice(&mut self.samples).is_ok();
        if self.has_rx {
            callcore_codec::encode_sampled(self.format, &self.samples, &mut self.rx);
        }
    }

    fn exchange(&mut self) {
        if !std::mem::take(&mut self.has_tx) {
            return;
        }
        callcore_codec::decode_sampled(self.format, &self.tx, &mut self.samples);
        if self.to_program.push_entire_slice(&self.samples).is_err() {
            self.link.lost_samples.fetch_add(self.samples.len() as u64, Ordering::Relaxed);
        }
    }
}

impl PortsIo {
    pub(crate) fn device(&self) -> DeviceId {
        self.device
    }

    pub(crate) fn told_formats(&self) -> Arc<Formats> {
        Arc::clone(&self.formats)
    }

    fn end(&self, index: u32) -> Option<&End> {
        self.ends.get(index as usize)?.as_deref()
    }

    pub(crate) fn format(&self, index: u32) -> Format {
        self.end(index).map_or(Format::L16, |end| end.format)
    }

    pub(crate) fn rx(&self, index: u32) -> Option<&[u8]> {
        self.end(index).filter(|end| end.has_rx).map(|end| &*end.rx)
    }

    pub(crate) fn tx(&mut self, index: u32, format: Format) -> Option<&mut [u8]> {
        let end = self.ends.get_mut(index as usize)?.as_mut().filter(|end| end.format == format)?;
        end.has_tx = true;
        Some(&mut end.tx)
    }

    /// New ports come. Before commands are taken: those that took the one before out of all plans were sent before it came.
    pub(crate) fn install(&mut self) {
        while let Ok(end) = self.installs.pop() {
            self.formats.set(end.index as usize, end.format);
            let place = end.index as usize;
            if let Some(before) = self.ends[place].replace(end) {
                let _ = self.returned.push(before);
            }
        }
    }

    /// A frame begins: closed ports go, what programs have written is taken.
    pub(crate) fn begin(&mut self) {
        for place in &mut self.ends {
            let Some(end) = place else { continue };
            if end.link.is_closed.load(Ordering::Acquire) && !self.returned.is_full() {
                let _ = place.take().map(|end| self.returned.push(end));
                continue;
            }
            end.begin();
        }
    }

    /// A frame is ready: programs get what their ports hear.
    pub(crate) fn exchange(&mut self) {
        self.ends.iter_mut().flatten().for_each(|end| end.exchange());
    }
}
