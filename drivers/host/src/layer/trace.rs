//! The layers that write down what crosses: `trace` for people and tools, `record` with all that it takes to
//! [replay](super::replay) it without the board. One JSON object a line, written by a thread of its own.

use super::{Open, Tap, open_tapped};
use crate::command::{Command, Function};
use crate::error::LoadError;
use crate::event::EventBytes;
use crate::info::{ChannelInfo, DeviceInfo};
use crate::pool::{Pool, Way};
use crate::seam::{Device, Host, Media, Tick};
use callcore_driver_sys::*;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Lines on their way to the file; more are dropped and counted in it.
const LINES_MAX: usize = 8192;
/// What a recording is; one with another number cannot be replayed.
pub(super) const VERSION: u32 = 1;

/// The options of both layers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TraceOptions {
    /// The file; by default the device's name and `.trace.jsonl` or `.record.jsonl`, where the program runs.
    pub file: Option<PathBuf>,
    /// Whether each frame's sound is told by a hash.
    pub frames: bool,
}

/// One line of the file. Times are the host's clock, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
#[allow(missing_docs)] // the members are the words
pub enum Line {
    /// The device, once it is open.
    Device { version: u32, info: DeviceInfo, channels: Vec<ChannelInfo>, functions: Vec<Function> },
    /// It was started.
    Start { t: u64, status: ccd_status },
    /// A command, when it came back.
    Command { t: u64, req: ccd_req, status: ccd_status, command: Command },
    /// An event, and what the host said to it. A recording has its bytes, in hexadecimal, and tells it before it is passed on:
    /// what the host does about it comes behind it.
    Event {
        t: u64,
        kind: u16,
        seq: u64,
        chan: ccd_chan,
        call: ccd_call,
        req: ccd_req,
        status: ccd_status,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        bytes: String,
    },
    /// In a recording: the event of this number, told just before, was not taken after all.
    Untaken { t: u64, seq: u64, status: ccd_status },
    /// An event whose size could not be.
    Unreadable { t: u64, size: usize },
    /// A frame: FNV-1a of what was heard and of what was said on the channels that are on.
    Frame { t: u64, frame: u64, status: ccd_status, rx: u64, tx: u64 },
    /// It was stopped.
    Stop { t: u64, status: ccd_status },
    /// So many lines found no room here.
    Dropped { lines: u64 },
}

/// The way to the writer.
#[derive(Default)]
struct Lines {
    to: Option<SyncSender<Line>>,
    /// While a command of a recording runs: what it leads to, which goes behind its line.
    waiting: Option<Vec<Line>>,
}

impl Lines {
    /// False when there is no room.
    fn add(&mut self, line: Line) -> bool {
        match &mut self.waiting {
            Some(waiting) if waiting.len() < LINES_MAX => waiting.push(line),
            Some(_) => return false,
            None => return self.to.as_ref().is_none_or(|to| to.try_send(line).is_ok()),
        }
        true
    }
}

/// The layer.
pub struct Trace {
    lines: Mutex<Lines>,
    dropped: Arc<AtomicU64>,
    writer: Mutex<Option<JoinHandle<()>>>,
    is_record: bool,
    frames: bool,
    /// One event at a time, so that a recording has them in the order in which the host got them.
    turn: Mutex<()>,
}

impl Trace {
    /// Begin to write.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn start(name: &str, options: &TraceOptions, is_record: bool) -> Result<Arc<Self>, LoadError> {
        let kind = if is_record { "record" } else { "trace" };
        let file = options.file.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.{kind}.jsonl")));
        let bad = |why: std::io::Error| LoadError::Layer {
            layer: kind,
            text: format!("cannot write {}: {why}; set \"file\" to one that can be", file.display()),
        };
        let out = BufWriter::new(File::create(&file).map_err(bad)?);
        let (to, from) = sync_channel(LINES_MAX);
        let dropped = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&dropped);
        let writer = std::thread::Builder::new().name(format!("{kind}-{name}"));
        let writer = writer.spawn(move || write(&from, out, &counter)).map_err(bad)?;
        Ok(Arc::new(Self {
            lines: Mutex::new(Lines { to: Some(to), waiting: None }),
            dropped,
            writer: Mutex::new(Some(writer)),
            is_record,
            frames: options.frames,
            turn: Mutex::default(),
        }))
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

    /// Lines that found no room, since the last time the file said so.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn line(&self, line: Line) {
        if !self.lines().add(line) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Write what is on its way, and end.
    fn finish(&self) {
        self.lines().to = None;
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // a writer that panicked has told it
            let _ = writer.join();
        }
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.finish();
    }
}

/// The writer's thread. A disk that is full costs the rest of the file and nothing else.
fn write(lines: &Receiver<Line>, mut out: BufWriter<File>, dropped: &AtomicU64) {
    let put = |line: &Line, out: &mut BufWriter<File>| {
        let text = serde_json::to_string(line).unwrap_or_default();
        writeln!(out, "{text}").is_ok()
    };
    while let Ok(line) = lines.recv() {
        let lost = dropped.swap(0, Ordering::Relaxed);
        let mut is_written = lost == 0 || put(&Line::Dropped { lines: lost }, &mut out);
        is_written &= put(&line, &mut out);
        // what waits is written in one go; then the file can be read
        for line in lines.try_iter() {
            is_written &= put(&line, &mut out);
        }
        if !is_written || out.flush().is_err() {
            return;
        }
    }
}

/// Bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        text.extend([byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16).unwrap_or('0')));
        text
    })
}

/// And back; `None` for what is none.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect())
}

impl Tap for Trace {
    fn opened(&self, device: &dyn Device) {
        self.line(Line::Device {
            version: VERSION,
            info: device.info().clone(),
            channels: device.channels().to_vec(),
            functions: Function::ALL.iter().copied().filter(|function| device.offers(*function)).collect(),
        });
    }

    fn post(&self, event: &[u8], host: &dyn Host) -> ccd_status {
        let head = EventBytes(event);
        let (kind, seq, chan, call, req) = (head.kind(), head.seq(), head.chan(), head.call(), head.req());
        if !self.is_record {
            let (t, status) = (host.now_ns(), host.post(event));
            self.line(Line::Event { t, kind, seq, chan, call, req, status, bytes: String::new() });
            return status;
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let t = host.now_ns();
        self.line(Line::Event { t, kind, seq, chan, call, req, status: CCD_OK, bytes: hex(event) });
        let status = host.post(event);
        if status != CCD_OK {
            self.line(Line::Untaken { t, seq, status });
        }
        status
    }

    fn on_unreadable(&self, why: crate::event::BadSize, host: &dyn Host) {
        self.line(Line::Unreadable { t: host.now_ns(), size: why.size });
        host.on_unreadable(why);
    }

    fn start(
        self: &Arc<Self>,
        pool: &Arc<Pool>,
        host: &Arc<dyn Host>,
        device: &mut dyn Device,
    ) -> Result<Option<Box<dyn Media>>, LoadError> {
        let t = host.now_ns();
        // what it posts from within start comes behind the line
        self.line(Line::Start { t, status: CCD_OK });
        let media = device.start(pool)?;
        if !self.frames {
            return Ok(media);
        }
        let (trace, host, pool) = (Arc::clone(self), Arc::clone(host), Arc::clone(pool));
        Ok(media.map(|media| Box::new(TracedMedia { media, trace, host, pool }) as Box<dyn Media>))
    }

    fn stop(&self, device: &mut dyn Device, host: &dyn Host) -> ccd_status {
        let status = device.stop();
        self.line(Line::Stop { t: host.now_ns(), status });
        status
    }

    fn command(
        &self,
        command: &Command,
        req: ccd_req,
        device: &mut dyn Device,
        host: &dyn Host,
    ) -> ccd_status {
        let t = host.now_ns();
        // a command's line goes before the events that it leads to, though its status is known only after them
        if self.is_record {
            self.lines().waiting = Some(Vec::new());
        }
        let status = device.command(command, req);
        let mut lines = self.lines();
        let led_to = lines.waiting.take().unwrap_or_default();
        let line = Line::Command { t, req, status, command: command.clone() };
        let lost = std::iter::once(line).chain(led_to).filter(|line| !lines.add(line.clone())).count();
        self.dropped.fetch_add(lost as u64, Ordering::Relaxed);
        status
    }

    fn closing(&self) {
        self.finish();
    }
}

/// Frames, told by a hash. It allocates: for finding faults, not for service.
struct TracedMedia {
    media: Box<dyn Media>,
    trace: Arc<Trace>,
    host: Arc<dyn Host>,
    pool: Arc<Pool>,
}

impl TracedMedia {
    /// FNV-1a over the slots of a set of channels.
    fn hash(&self, way: Way, frame: u64, set: &[u64]) -> u64 {
        let mut slot = vec![0; self.pool.stride()];
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for channel in 0..self.pool.channels() {
            if set.get(channel as usize / 64).is_some_and(|word| word >> (channel % 64) & 1 == 1) {
                self.pool.read(way, frame, channel, &mut slot);
                hash = slot
                    .iter()
                    .fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3));
            }
        }
        hash
    }
}

impl Media for TracedMedia {
    fn exchange(&mut self, tick: &mut Tick<'_>) -> ccd_status {
        let tx = self.hash(Way::Tx, tick.frame, tick.tx_valid);
        let status = self.media.exchange(tick);
        let rx = self.hash(Way::Rx, tick.frame, tick.rx_valid);
        self.trace.line(Line::Frame { t: self.host.now_ns(), frame: tick.frame, status, rx, tx });
        status
    }

    fn wait(&mut self, timeout_us: u32) -> ccd_status {
        self.media.wait(timeout_us)
    }

    fn tick_fd(&mut self) -> Option<i64> {
        self.media.tick_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_hexadecimal() {
        assert_eq!(hex(&[0, 0x1F, 0xA0]), "001fa0");
        assert_eq!(unhex("001fa0"), Some(vec![0, 0x1F, 0xA0]));
        assert_eq!((unhex("0"), unhex("0g")), (None, None));
    }
}
