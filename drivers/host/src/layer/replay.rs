//! A driver that is not there: it plays what the `record` layer wrote down. The same events come when the same commands do;
//! where the host does something else, it is told.
//!
//! Two ways to play: step by step, in which each event follows the command that it followed in the recording, whatever the
//! clock says; or by the clock, in which events also keep the distance in time that they had.

use super::trace::{Line, VERSION, unhex};
use crate::command::{BusAddress, Command, Function};
use crate::error::LoadError;
use crate::event::EventBytes;
use crate::info::{BusInfo, ChannelInfo, DeviceInfo, DriverInfo};
use crate::pool::Pool;
use crate::seam::{Device, Driver, Host, Media, Tick};
use callcore_driver_sys::*;
use std::io::{BufRead as _, BufReader};
use std::mem::offset_of;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A command of the host's may come so many places earlier or later than in the recording.
const WINDOW: usize = 64;
/// How often an event is tried that finds no room, a millisecond each.
const TRIES_MAX: u32 = 2000;
/// How soon the thread that plays by the clock looks again.
const LOOK: Duration = Duration::from_millis(1);

/// How a recording is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Events follow the commands that they followed.
    #[default]
    Steps,
    /// And come no earlier after the start than they did.
    Clock,
}

/// One thing of a recording that still has to happen.
enum Item {
    Command { command: Command, status: ccd_status, req: ccd_req, given: Option<ccd_req> },
    Event { after_ns: u64, bytes: Vec<u8> },
}

#[derive(Default)]
struct Play {
    items: Vec<Item>,
    /// What is before it has happened.
    at: usize,
    differences: Vec<String>,
    seq: u64,
    started_ns: u64,
}

/// A recording, to be played once.
pub struct Recording {
    info: DeviceInfo,
    channels: Vec<ChannelInfo>,
    functions: Vec<Function>,
    play: Arc<Mutex<Play>>,
    pace: Pace,
}

fn lock(play: &Mutex<Play>) -> MutexGuard<'_, Play> {
    play.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recording {
    /// Read a file that the `record` layer wrote.
    ///
    /// # Errors
    /// It cannot be read, or is no recording; the sentence names the line.
    pub fn read(path: &Path, pace: Pace) -> Result<Self, LoadError> {
        let bad = |text: String| LoadError::Layer { layer: "replay", text };
        let file =
            std::fs::File::open(path).map_err(|why| bad(format!("cannot read {}: {why}", path.display())))?;
        let mut recording: Option<Self> = None;
        let mut began_ns = 0;
        for (number, text) in BufReader::new(file).lines().enumerate() {
            let here = |what: String| bad(format!("{}:{}: {what}", path.display(), number + 1));
            let text = text.map_err(|why| here(why.to_string()))?;
            let line: Line = serde_json::from_str(&text)
                .map_err(|why| here(format!("is no line of a recording: {why}")))?;
            match (line, &mut recording) {
                (Line::Device { version, info, channels, functions }, None) if version == VERSION => {
                    recording = Some(Self { info, channels, functions, play: Arc::default(), pace });
                }
                (Line::Device { version, .. }, None) => {
                    return Err(here(format!(
                        "is a recording of version {version}; {VERSION} can be played"
                    )));
                }
                (Line::Start { t, .. }, Some(_)) => began_ns = t,
                // what breaks the contract was read all the same
                (Line::Untaken { status: CCD_E_ARG, .. }, Some(_)) => {}
                (Line::Untaken { seq, .. }, Some(recording)) => lock(&recording.play).take_back(seq),
                (Line::Dropped { lines }, Some(_)) => {
                    return Err(here(format!("{lines} lines are missing: it cannot be played whole")));
                }
                (line, Some(recording)) => {
                    let item = Item::of(line, began_ns).map_err(here)?;
                    lock(&recording.play).items.extend(item);
                }
                (_, None) => return Err(here("a recording begins with its device".to_owned())),
            }
        }
        recording.ok_or_else(|| bad(format!("{} is empty", path.display())))
    }

    /// What is told of the playing.
    #[must_use]
    pub fn report(&self) -> Report {
        Report(Arc::clone(&self.play))
    }

    /// The driver that plays it.
    #[must_use]
    pub fn driver(self) -> Box<dyn Driver> {
        let info = DriverInfo {
            id: "org.callcore.replay".to_owned(),
            name: "a recording".to_owned(),
            vendor: "callcore".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            abi: CCD_ABI_1_0,
            is_single: false,
        };
        Box::new(ReplayDriver { info, recording: self })
    }
}

impl Item {
    /// What a line means for the playing; nothing, if it is the host's.
    fn of(line: Line, began_ns: u64) -> Result<Option<Self>, String> {
        Ok(match line {
            Line::Event { t, bytes, .. } => {
                let bytes = unhex(&bytes).filter(|bytes| bytes.len() >= size_of::<ccd_event>());
                let bytes = bytes.ok_or("the event has no bytes: it is a trace, not a recording")?;
                Some(Self::Event { after_ns: t.saturating_sub(began_ns), bytes })
            }
            Line::Command { req, status, command, .. } => {
                Some(Self::Command { command, status, req, given: None })
            }
            _ => None,
        })
    }
}

/// How a playing went.
#[derive(Clone)]
pub struct Report(Arc<Mutex<Play>>);

impl Report {
    /// Where the host did otherwise than in the recording, in order.
    #[must_use]
    pub fn differences(&self) -> Vec<String> {
        lock(&self.0).differences.clone()
    }

    /// Whether all of it has happened.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let play = lock(&self.0);
        play.at == play.items.len()
    }
}

struct ReplayDriver {
    info: DriverInfo,
    recording: Recording,
}

impl Driver for ReplayDriver {
    fn info(&self) -> &DriverInfo {
        &self.info
    }

    fn enumerate(&mut self) -> Result<Vec<DeviceInfo>, LoadError> {
        Ok(vec![self.recording.info.clone()])
    }

    fn open(&mut self, uid: &str, host: Arc<dyn Host>) -> Result<Box<dyn Device>, LoadError> {
        let Recording { info, channels, functions, play, pace } = &self.recording;
        if uid != info.uid {
            let text = format!("has no device \"{uid}\"; it has: {}", info.uid);
            return Err(LoadError::Device { driver: self.info.name.clone(), text });
        }
        Ok(Box::new(ReplayDevice {
            info: info.clone(),
            channels: channels.clone(),
            functions: functions.clone(),
            play: Arc::clone(play),
            pace: *pace,
            host,
            clock: None,
            is_ending: Arc::default(),
        }))
    }

    fn schema(&self) -> Option<String> {
        None
    }
}

struct ReplayDevice {
    info: DeviceInfo,
    channels: Vec<ChannelInfo>,
    functions: Vec<Function>,
    play: Arc<Mutex<Play>>,
    pace: Pace,
    host: Arc<dyn Host>,
    /// Plays by the clock.
    clock: Option<JoinHandle<()>>,
    is_ending: Arc<AtomicBool>,
}

/// Post what may come now; false when the next thing needs the clock.
fn advance(play: &Mutex<Play>, host: &dyn Host, pace: Pace) {
    loop {
        let mut play = lock(play);
        let after = host.now_ns().saturating_sub(play.started_ns);
        let Play { items, at, seq, .. } = &mut *play;
        let Some(item) = items.get(*at) else { return };
        let mut bytes = match item {
            Item::Command { given: None, .. } => return,
            Item::Command { given: Some(_), .. } => {
                *at += 1;
                continue;
            }
            Item::Event { after_ns, .. } if pace == Pace::Clock && *after_ns > after => return,
            Item::Event { bytes, .. } => bytes.clone(),
        };
        stamp(&mut bytes, *seq + 1, host.now_ns(), items);
        for _ in 0..TRIES_MAX {
            if host.post(&bytes) != CCD_E_FULL {
                break;
            }
            std::thread::sleep(LOOK);
        }
        *seq += 1;
        *at += 1;
    }
}

/// Number and time are those of now; a completion is that of the request that the host made this time.
fn stamp(bytes: &mut [u8], seq: u64, t_ns: u64, items: &[Item]) {
    let event = EventBytes(bytes);
    let (kind, recorded) = (event.kind(), event.req());
    let of_request = |item: &Item| match item {
        Item::Command { req, given, .. } if *req == recorded => *given,
        _ => None,
    };
    let req = if kind == CCD_EV_DONE { items.iter().find_map(of_request) } else { None };
    let mut put = |at: usize, field: u64| bytes[at..at + 8].copy_from_slice(&field.to_ne_bytes());
    put(offset_of!(ccd_event, seq), seq);
    put(offset_of!(ccd_event, t_ns), t_ns);
    if let Some(req) = req {
        put(offset_of!(ccd_event, req), req);
    }
}

impl Play {
    /// The host did not take the event of this number that was read last.
    fn take_back(&mut self, seq: u64) {
        let is_it = |item: &Item| matches!(item, Item::Event { bytes, .. } if EventBytes(bytes).seq() == seq);
        if let Some(at) = self.items.iter().rposition(is_it) {
            self.items.remove(at);
        }
    }

    /// The host gives a command: the recording's answer, or none when it is not there.
    fn on_command(&mut self, command: &Command, req: ccd_req) -> Option<ccd_status> {
        let near = self.items.iter_mut().skip(self.at);
        let mut commands = near.filter_map(|item| match item {
            Item::Command { command, status, given, .. } if given.is_none() => {
                Some((command, *status, given))
            }
            _ => None,
        });
        let found = commands.by_ref().take(WINDOW).find(|(recorded, ..)| *recorded == command);
        let Some((_, status, given)) = found else {
            self.differences.push(format!("the host does what it did not do then: {command:?}"));
            return None;
        };
        *given = Some(req);
        Some(status)
    }

    /// What the host did not do.
    fn finish(&mut self) {
        let left = self.items.iter().skip(self.at).filter_map(|item| match item {
            Item::Command { command, given: None, .. } => Some(format!("the host did not do: {command:?}")),
            _ => None,
        });
        let left: Vec<String> = left.collect();
        self.differences.extend(left);
    }
}

impl Device for ReplayDevice {
    fn info(&self) -> &DeviceInfo {
        &self.info
    }

    fn channels(&self) -> &[ChannelInfo] {
        &self.channels
    }

    fn offers(&self, function: Function) -> bool {
        self.functions.contains(&function)
    }

    fn start(&mut self, _pool: &Arc<Pool>) -> Result<Option<Box<dyn Media>>, LoadError> {
        lock(&self.play).started_ns = self.host.now_ns();
        if self.pace == Pace::Clock {
            let (play, host, is_ending) =
                (Arc::clone(&self.play), Arc::clone(&self.host), Arc::clone(&self.is_ending));
            let run = move || {
                while !is_ending.load(Ordering::Acquire) {
                    advance(&play, &*host, Pace::Clock);
                    std::thread::sleep(LOOK);
                }
            };
            let clock = std::thread::Builder::new().name("replay".to_owned()).spawn(run);
            let bad = |why: std::io::Error| LoadError::Layer { layer: "replay", text: why.to_string() };
            self.clock = Some(clock.map_err(bad)?);
        } else {
            advance(&self.play, &*self.host, Pace::Steps);
        }
        Ok(Some(Box::new(Silence)))
    }

    fn stop(&mut self) -> ccd_status {
        self.is_ending.store(true, Ordering::Release);
        if let Some(clock) = self.clock.take() {
            // it only posts; a panic of its own has been told
            let _ = clock.join();
        }
        lock(&self.play).finish();
        CCD_OK
    }

    fn command(&mut self, command: &Command, req: ccd_req) -> ccd_status {
        let answer = lock(&self.play).on_command(command, req);
        if self.pace == Pace::Steps {
            advance(&self.play, &*self.host, Pace::Steps);
        }
        answer.unwrap_or(CCD_E_UNSUPPORTED)
    }

    fn stats(&mut self) -> Result<String, ccd_status> {
        Err(CCD_E_UNSUPPORTED)
    }

    fn act(&mut self, _line: &str) -> Result<(), LoadError> {
        let text = "is a recording: nobody can act in it".to_owned();
        Err(LoadError::Device { driver: "replay".to_owned(), text })
    }

    fn bus(&mut self) -> Option<BusInfo> {
        None
    }

    fn bus_source(&mut self, _channel: ccd_chan) -> Result<BusAddress, ccd_status> {
        Err(CCD_E_UNSUPPORTED)
    }
}

/// A recording has no sound.
struct Silence;

impl Media for Silence {
    fn exchange(&mut self, _tick: &mut Tick<'_>) -> ccd_status {
        CCD_OK
    }

    fn wait(&mut self, timeout_us: u32) -> ccd_status {
        std::thread::sleep(Duration::from_micros(timeout_us.min(20_000).into()));
        CCD_OK
    }

    fn tick_fd(&mut self) -> Option<i64> {
        None
    }
}
