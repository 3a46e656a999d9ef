//! A driver in a few lines of safe Rust, and a host that remembers: both do what a test tells them.

use callcore_driver_host::sys::*;
use callcore_driver_host::{
    BadSize, BusAddress, BusInfo, ChannelInfo, Command, Device, DeviceInfo, Driver, DriverInfo, Function,
    Host, LoadError, Media, Pool, Tick, size_min,
};
use std::mem::offset_of;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

pub(crate) const CALL: u64 = 2;
pub(crate) const THEIRS: u64 = 1;
/// More than 50 ms, so that a clock that stands still says nothing by chance.
pub(crate) const BEGIN_NS: u64 = 1_000_000_000;

/// An event as bytes.
#[derive(Clone)]
pub(crate) struct Event(pub(crate) Vec<u8>);

impl Event {
    /// Of a type, as long as the type is.
    pub(crate) fn new(kind: u16, chan: u32, call: u64) -> Self {
        let mut event = Self(vec![0; size_min(kind)]);
        let size = event.0.len() as u32;
        event.put(offset_of!(ccd_event, size), &size.to_ne_bytes());
        event.put(offset_of!(ccd_event, kind), &kind.to_ne_bytes());
        event.put(offset_of!(ccd_event, chan), &chan.to_ne_bytes());
        event.put(offset_of!(ccd_event, call), &call.to_ne_bytes());
        match kind {
            CCD_EV_DISCONNECTED | CCD_EV_RELEASED => {
                event.put(offset_of!(ccd_ev_disconnected, q850), &16u16.to_ne_bytes())
            }
            CCD_EV_INCOMING | CCD_EV_CALL_INFO => event.put(offset_of!(ccd_ev_incoming, complete), &[1]),
            _ => {}
        }
        event
    }

    pub(crate) fn done(req: u64) -> Self {
        Self::new(CCD_EV_DONE, 0, 0).with(offset_of!(ccd_event, req), &req.to_ne_bytes())
    }

    pub(crate) fn put(&mut self, at: usize, bytes: &[u8]) {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn with(mut self, at: usize, bytes: &[u8]) -> Self {
        self.put(at, bytes);
        self
    }
}

/// A host that takes everything and remembers it.
#[derive(Default)]
pub(crate) struct Listener {
    pub(crate) events: Mutex<Vec<Vec<u8>>>,
    pub(crate) lines: Mutex<Vec<String>>,
    pub(crate) now_ns: AtomicU64,
    pub(crate) full: AtomicU64,
}

impl Listener {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { now_ns: BEGIN_NS.into(), ..Self::default() })
    }

    pub(crate) fn kinds(&self) -> Vec<u16> {
        let events = self.events.lock().expect("no test panics with it");
        events.iter().map(|event| callcore_driver_host::EventBytes(event).kind()).collect()
    }

    pub(crate) fn pass_ms(&self, ms: u64) {
        self.now_ns.fetch_add(ms * 1_000_000, Ordering::SeqCst);
    }
}

impl Host for Listener {
    fn post(&self, event: &[u8]) -> ccd_status {
        if self.full.load(Ordering::SeqCst) > 0 {
            self.full.fetch_sub(1, Ordering::SeqCst);
            return CCD_E_FULL;
        }
        self.events.lock().expect("no test panics with it").push(event.to_vec());
        CCD_OK
    }

    fn on_unreadable(&self, _why: BadSize) {}

    fn log(&self, _level: i32, target: &str, text: &str) {
        self.lines.lock().expect("no test panics with it").push(format!("{target}: {text}"));
    }

    fn log_enabled(&self, _level: i32, _target: &str) -> bool {
        true
    }

    fn now_ns(&self) -> u64 {
        self.now_ns.load(Ordering::SeqCst)
    }

    fn cfg_int(&self, _path: &str) -> Result<i64, ccd_status> {
        Err(CCD_E_GONE)
    }

    fn cfg_str(&self, _path: &str) -> Result<String, ccd_status> {
        Err(CCD_E_GONE)
    }
}

type OnCommand = Box<dyn FnMut(&Board, &Command, u64) -> ccd_status + Send>;
type OnExchange = Box<dyn FnMut(&Pool, &mut Tick<'_>) + Send>;

/// What is inside of the board.
pub(crate) struct Board {
    host: Mutex<Option<Arc<dyn Host>>>,
    seq: AtomicU64,
}

impl Board {
    /// Post with the next number and the host's time.
    pub(crate) fn post(&self, event: Event) -> ccd_status {
        let seq = self.seq.fetch_add(1, Ordering::SeqCst) + 1;
        self.post_as(event, seq, self.host().now_ns())
    }

    pub(crate) fn post_as(&self, event: Event, seq: u64, t_ns: u64) -> ccd_status {
        self.seq.store(seq, Ordering::SeqCst);
        let event = event.with(offset_of!(ccd_event, seq), &seq.to_ne_bytes());
        self.host().post(&event.with(offset_of!(ccd_event, t_ns), &t_ns.to_ne_bytes()).0)
    }

    pub(crate) fn seq(&self) -> u64 {
        self.seq.load(Ordering::SeqCst)
    }

    pub(crate) fn host(&self) -> Arc<dyn Host> {
        let host: MutexGuard<'_, _> = self.host.lock().expect("no test panics with it");
        Arc::clone(host.as_ref().expect("the device is open"))
    }
}

/// A driver with one device of two channels.
pub(crate) struct Fake {
    pub(crate) board: Arc<Board>,
    pub(crate) channels: Vec<ChannelInfo>,
    pub(crate) lacks: Vec<Function>,
    pub(crate) on_command: Option<OnCommand>,
    pub(crate) on_exchange: Option<OnExchange>,
    pub(crate) info: DriverInfo,
}

impl Fake {
    pub(crate) fn new() -> Self {
        let channel = ChannelInfo {
            kind: CCD_KIND_BEARER,
            codecs: CCD_LAW_A | CCD_OPUS,
            caps: 1 << CCD_CAPB_DTMF_RX,
            ..ChannelInfo::default()
        };
        Self {
            board: Arc::new(Board { host: Mutex::default(), seq: 0.into() }),
            channels: vec![channel; 2],
            lacks: Vec::new(),
            on_command: None,
            on_exchange: None,
            info: DriverInfo::default(),
        }
    }

    fn device_info(&self) -> DeviceInfo {
        DeviceInfo { channels: self.channels.len() as u32, uid: "fake".into(), ..DeviceInfo::default() }
    }
}

impl Driver for Fake {
    fn info(&self) -> &DriverInfo {
        &self.info
    }

    fn enumerate(&mut self) -> Result<Vec<DeviceInfo>, LoadError> {
        Ok(vec![self.device_info()])
    }

    fn open(&mut self, _uid: &str, host: Arc<dyn Host>) -> Result<Box<dyn Device>, LoadError> {
        *self.board.host.lock().expect("no test panics with it") = Some(host);
        Ok(Box::new(FakeDevice {
            info: self.device_info(),
            board: Arc::clone(&self.board),
            channels: self.channels.clone(),
            lacks: self.lacks.clone(),
            on_command: self.on_command.take(),
            on_exchange: self.on_exchange.take(),
        }))
    }

    fn schema(&self) -> Option<String> {
        None
    }
}

struct FakeDevice {
    info: DeviceInfo,
    board: Arc<Board>,
    channels: Vec<ChannelInfo>,
    lacks: Vec<Function>,
    on_command: Option<OnCommand>,
    on_exchange: Option<OnExchange>,
}

impl Device for FakeDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn channels(&self) -> &[ChannelInfo] {
        &self.channels
    }

    fn offers(&self, function: Function) -> bool {
        !self.lacks.contains(&function)
    }

    fn start(&mut self, pool: &Arc<Pool>) -> Result<Option<Box<dyn Media>>, LoadError> {
        let (pool, on_exchange) = (Arc::clone(pool), self.on_exchange.take());
        Ok(Some(Box::new(FakeMedia { pool, on_exchange })))
    }

    fn stop(&mut self) -> ccd_status {
        CCD_OK
    }

    /// Accepts and completes, unless the test wants something else.
    fn command(&mut self, command: &Command, req: ccd_req) -> ccd_status {
        if let Some(on_command) = &mut self.on_command {
            return on_command(&self.board, command, req);
        }
        self.board.post(Event::done(req));
        if let Command::Drop { call, .. } = command {
            self.board.post(Event::new(CCD_EV_RELEASED, 0, *call));
        }
        CCD_OK
    }

    fn stats(&mut self) -> Result<String, ccd_status> {
        Err(CCD_E_UNSUPPORTED)
    }

    fn act(&mut self, _line: &str) -> Result<(), LoadError> {
        Err(LoadError::Device { driver: "fake".into(), text: "has no people".into() })
    }

    fn bus(&mut self) -> Option<BusInfo> {
        None
    }

    fn bus_source(&mut self, _channel: ccd_chan) -> Result<BusAddress, ccd_status> {
        Err(CCD_E_UNSUPPORTED)
    }
}

struct FakeMedia {
    pool: Arc<Pool>,
    on_exchange: Option<OnExchange>,
}

impl Media for FakeMedia {
    fn exchange(&mut self, tick: &mut Tick<'_>) -> ccd_status {
        if let Some(on_exchange) = &mut self.on_exchange {
            on_exchange(&self.pool, tick);
        }
        CCD_OK
    }

    fn wait(&mut self, _timeout_us: u32) -> ccd_status {
        CCD_E_UNSUPPORTED
    }

    fn tick_fd(&mut self) -> Option<i64> {
        None
    }
}

/// A make on channel 0.
pub(crate) fn make(call: u64) -> Command {
    Command::Make {
        channel: 0,
        call,
        called: "8000".into(),
        calling: String::new(),
        name: String::new(),
        via: None,
        flags: CCD_MAKE_EXCLUSIVE,
        ton_npi: 0,
        presentation: 0,
        timeout_ms: 0,
        json: None,
    }
}

/// One frame with channel 0 on.
pub(crate) fn frame(media: &mut dyn Media, frame: u64) -> (u64, [u8; 2]) {
    let (mut rx_valid, mut rx_format) = ([0], [0; 2]);
    let mut tick = Tick {
        frame,
        t_ns: 0,
        flags: 0,
        late: 0,
        active: &[1],
        tx_valid: &[0],
        rx_valid: &mut rx_valid,
        rx_format: &mut rx_format,
        tx_format: &[0; 2],
    };
    media.exchange(&mut tick);
    (rx_valid[0], rx_format)
}
