//! The roster: which devices there are, and the thread that starts them, ends them, and lets them come back while the others
//! go on.
//!
//! ```text
//!   add ─▶ open ─▶ start ─▶ there ──(DEVICE_REMOVED, FATAL, stuck, restart, remove)──▶ stop, close ─▶ away
//!            ▲                                                                                        │
//!            └───────────── DEVICE_ADDED by its driver, bring_back, the end of a restart ─────────────┘
//! ```

use super::board::{Board, BoardPort, Task};
use super::devices::{Opened, Opener};
use super::driver::{Device, MediaHalf};
use super::handle::{Handle, Shared};
use super::media::Swap;
use super::paced::{DeviceIo, Driven, DrivenThread};
use super::settings::DeviceSettings;
use super::voices::Voices;
use crate::base::{Refused, Why};
use crate::board::{BoardEvent, ChannelId, DeviceId};
use crate::exchange::Input;
use crate::media::engine::DeviceMap;
use callcore_driver_host::LoadError;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a thread of a device has to end once it has been told to.
const JOIN_MAX: Duration = Duration::from_secs(8);
/// The same for one that was given up.
const GIVEN_UP_JOIN_MAX: Duration = Duration::from_secs(1);
/// How often it is looked whether the calls of a device that is restarted are over.
const LOOK: Duration = Duration::from_millis(20);

/// What the roster is told.
pub(crate) enum News {
    /// A device is gone or given up; which opening of it, since it may be back by now.
    Gone { device: DeviceId, opening: u64 },
    /// A driver has a device that was not there.
    Appeared { driver: String, uid: String },
    /// Somebody wants something.
    Wanted(Wanted, Sender<Result<(), Refused>>),
    /// The node ends: end all; what would not end is the answer.
    End(Sender<Vec<String>>),
}

/// What an operator wants of the devices.
pub(crate) enum Wanted {
    Add(Box<DeviceSettings>),
    Remove(String),
    Restart(String, Duration),
    BringBack(String),
}

/// Tells the roster that one opening of a device is over.
#[derive(Clone)]
pub(crate) struct Gone {
    device: DeviceId,
    opening: u64,
    news: Sender<News>,
}

impl Gone {
    pub(crate) fn new(device: DeviceId, opening: u64, news: Sender<News>) -> Self {
        Self { device, opening, news }
    }

    pub(crate) fn tell(&self) {
        // nobody needs to know any more when the node ends
        let _ = self.news.send(News::Gone { device: self.device, opening: self.opening });
    }
}

/// A device that is there.
struct There {
    opening: u64,
    port: BoardPort,
    thread: JoinHandle<()>,
    driven: Option<DrivenThread>,
}

enum State {
    There(There),
    /// Its driver has not come back from what it was told; nothing can be done with it until it does.
    Stuck(JoinHandle<()>),
    Away,
    /// Somebody has taken it off the roster.
    Removed,
}

/// One device of the roster.
struct Place {
    wanted: DeviceSettings,
    uid: String,
    channels: usize,
    /// How many channels the engine has room for; `None` before the first start.
    mapped: Option<usize>,
    state: State,
}

/// A device that ends when its calls have.
struct Draining {
    place: usize,
    until: Instant,
    answer: Sender<Result<(), Refused>>,
}

/// How much there is room for.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    pub(crate) devices: usize,
    pub(crate) channels: usize,
}

/// The thread's own things.
pub(crate) struct Roster {
    opener: Opener,
    shared: Arc<Shared>,
    voices: Voices,
    swaps: rtrb::Producer<Swap>,
    news: Receiver<News>,
    room: Room,
    places: Vec<Place>,
    draining: Vec<Draining>,
}

impl Roster {
    pub(crate) fn new(
        opener: Opener,
        shared: Arc<Shared>,
        voices: Voices,
        swaps: rtrb::Producer<Swap>,
        news: Receiver<News>,
        room: Room,
    ) -> Self {
        Self { opener, shared, voices, swaps, news, room, places: Vec::new(), draining: Vec::new() }
    }

    /// The devices of the settings begin; one that cannot ends the start of the node.
    pub(crate) fn start_all(&mut self, opened: Vec<Opened>) -> Result<(), (String, LoadError)> {
        for opened in opened {
            let name = opened.port.name.clone();
            self.places.push(Place::of(&opened));
            self.start(opened).map_err(|why| (name, why))?;
        }
        Ok(())
    }

    pub(crate) fn spawn(mut self) -> io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("callcore-roster".into()).spawn(move || self.run())
    }

    fn run(&mut self) {
        loop {
            let wait = if self.draining.is_empty() { JOIN_MAX } else { LOOK };
            match self.news.recv_timeout(wait) {
                Ok(News::Gone { device, opening }) => self.on_gone(device, opening),
                Ok(News::Appeared { driver, uid }) => self.on_appeared(&driver, &uid),
                Ok(News::Wanted(wanted, answer)) => self.on_wanted(wanted, answer),
                Ok(News::End(answer)) => {
                    // whoever asked waits for it
                    let _ = answer.send(self.end_all());
                    return;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.look_at_draining();
        }
    }

    /// End all devices; the names of those that would not.
    pub(crate) fn end_all(&mut self) -> Vec<String> {
        (0..self.places.len()).filter_map(|place| self.end(place).err()).collect()
    }

    fn on_gone(&mut self, device: DeviceId, opening: u64) {
        let place = usize::from(device.0);
        let is_this = matches!(&self.places.get(place).map(|it| &it.state), Some(State::There(it)) if it.opening == opening);
        if is_this && let Err(name) = self.end(place) {
            tracing::error!(device = name, "its driver does not come back: it stays away until it does");
        }
    }

    fn on_appeared(&mut self, driver: &str, uid: &str) {
        let is_it =
            |it: &Place| it.wanted.driver == driver && it.uid == uid && matches!(it.state, State::Away);
        match self.places.iter().position(is_it) {
            Some(place) => {
                if let Err(why) = self.open(place) {
                    tracing::error!(device = self.places[place].wanted.name, "it has come back, but: {why}");
                }
            }
            None => tracing::info!(
                driver,
                uid,
                "a device has appeared that the configuration does not name, or that is there"
            ),
        }
    }

    fn on_wanted(&mut self, wanted: Wanted, answer: Sender<Result<(), Refused>>) {
        let done = match wanted {
            Wanted::Add(device) => self.add(*device),
            Wanted::Remove(name) => self.remove(&name),
            Wanted::BringBack(name) => self.bring_back(&name),
            Wanted::Restart(name, patience) => match self.drain(&name) {
                Ok(place) => {
                    let until = Instant::now() + patience;
                    return self.draining.push(Draining { place, until, answer });
                }
                Err(refused) => Err(refused),
            },
        };
        // whoever asked may have gone
        let _ = answer.send(done);
    }

    fn find(&self, name: &str) -> Result<usize, Refused> {
        let is_it = |it: &Place| it.wanted.name == name && !matches!(it.state, State::Removed);
        self.places.iter().position(is_it).ok_or_else(|| Refused::gone(format!("device {name}")))
    }

    fn add(&mut self, device: DeviceSettings) -> Result<(), Refused> {
        if device.name.is_empty() || self.find(&device.name).is_ok() {
            let text = format!("the name '{}' is empty or taken: give the device another", device.name);
            return Err(Refused::new(Why::Argument, text));
        }
        // a device that was removed leaves its place to one of its name
        let place = self.places.iter().position(|it| it.wanted.name == device.name);
        let place = place.unwrap_or(self.places.len());
        if place >= self.room.devices {
            let text = format!("there is room for {} devices: restart the program", self.room.devices);
            return Err(Refused::new(Why::Full, text));
        }
        let new = Place::new(device);
        match self.places.get_mut(place) {
            Some(old) => *old = Place { mapped: old.mapped, ..new },
            None => self.places.push(new),
        }
        self.open(place).map_err(|why| {
            self.places[place].state = State::Removed;
            Refused::new(Why::State, why.to_string())
        })
    }

    fn remove(&mut self, name: &str) -> Result<(), Refused> {
        let place = self.find(name)?;
        self.say_removed(place);
        self.end(place).map_err(|name| stuck(&name))?;
        self.places[place].state = State::Removed;
        Ok(())
    }

    fn bring_back(&mut self, name: &str) -> Result<(), Refused> {
        let place = self.find(name)?;
        match &self.places[place].state {
            State::There(_) => Err(Refused::new(Why::State, format!("device {name} is there"))),
            State::Stuck(thread) if !thread.is_finished() => Err(stuck(name)),
            _ => self.open(place).map_err(|why| Refused::new(Why::State, why.to_string())),
        }
    }

    /// Take a device out of service: no new calls, those that are there go on.
    fn drain(&mut self, name: &str) -> Result<usize, Refused> {
        let place = self.find(name)?;
        let State::There(there) = &self.places[place].state else {
            return Err(Refused::new(Why::State, format!("device {name} is away: bring it back")));
        };
        for index in 0..self.places[place].channels as u32 {
            let channel = ChannelId { device: there.port.device, index };
            self.shared.inbox.reply(Input::Board(BoardEvent::Service { channel, up: false }));
            there.port.try_send(Task::Service { index, on: false });
        }
        Ok(place)
    }

    fn look_at_draining(&mut self) {
        let (due, rest): (Vec<Draining>, Vec<Draining>) = std::mem::take(&mut self.draining)
            .into_iter()
            .partition(|it| Instant::now() >= it.until || !self.has_calls(it.place));
        self.draining = rest;
        for Draining { place, answer, .. } in due {
            self.say_removed(place);
            let ended = self.end(place).map_err(|name| stuck(&name));
            let open = |()| self.open(place).map_err(|why| Refused::new(Why::State, why.to_string()));
            // whoever asked may have gone
            let _ = answer.send(ended.and_then(open));
        }
    }

    fn has_calls(&self, place: usize) -> bool {
        let snapshot = Handle { shared: Arc::clone(&self.shared) }.snapshot();
        let name = &self.places[place].wanted.name;
        let device = snapshot.devices.into_iter().find(|device| device.name == *name);
        device.is_some_and(|it| it.channels.iter().any(|channel| channel.call != 0))
    }

    /// The exchange ends what is on a device.
    fn say_removed(&self, place: usize) {
        let device = DeviceId(place as u16);
        self.shared.inbox.reply(Input::Board(BoardEvent::DeviceRemoved { device }));
    }

    /// Stop and close a device; its name if its driver does not come back for that.
    fn end(&mut self, place: usize) -> Result<(), String> {
        let device = DeviceId(place as u16);
        let name = self.places[place].wanted.name.clone();
        let state = std::mem::replace(&mut self.places[place].state, State::Away);
        let There { port, thread, driven, .. } = match state {
            State::There(there) => there,
            State::Stuck(thread) if !thread.is_finished() => {
                self.places[place].state = State::Stuck(thread);
                return Err(format!("device {name}"));
            }
            state => {
                let is_removed = matches!(state, State::Removed);
                self.places[place].state = if is_removed { State::Removed } else { State::Away };
                return Ok(());
            }
        };
        tracing::info!(device = name, "the device ends");
        self.swap(Swap { device, io: None, map: None });
        let wait = if port.ring.is_gone() { GIVEN_UP_JOIN_MAX } else { JOIN_MAX };
        let frames = driven.is_none_or(|driven| is_over(&driven.end(), wait));
        let told = port.end();
        if frames && told && is_over(&thread, wait) {
            return Ok(());
        }
        self.places[place].state = State::Stuck(thread);
        Err(format!("device {name}"))
    }

    /// Open and start a device that is away.
    fn open(&mut self, place: usize) -> Result<(), LoadError> {
        let wanted = self.places[place].wanted.clone();
        let opened = self.opener.open(&wanted, DeviceId(place as u16))?;
        let others = self.places.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, it)| it.channels);
        let channels = opened.device.channel_count();
        if others.sum::<usize>() + channels > self.room.channels {
            let text = format!(
                "has {channels} channels, more than there is room for while the node runs: restart the program, or set \
                 spare_channels"
            );
            return Err(LoadError::Device { driver: wanted.driver, text });
        }
        self.start(opened)
    }

    /// Let a device that is open take calls. What it posts meanwhile waits until everything is there for it.
    fn start(&mut self, opened: Opened) -> Result<(), LoadError> {
        let Opened { wanted, opening, mut device, port, tasks } = opened;
        let (id, place) = (port.device, usize::from(port.device.0));
        let channels = device.channel_count();
        if let Some(before) = self.shared.boards.get(id) {
            port.ring.inherit(&before.ring);
        }
        let half = device.start()?;
        let (uid, hardware) = (device.uid(), device.describe());
        let failed = |why: io::Error| LoadError::Device {
            driver: wanted.driver.clone(),
            text: format!("cannot have its threads: {why}"),
        };
        let (io, driven) = match half {
            Some(half) => self.split(half, &device, &wanted).map_err(failed)?,
            None => (None, None),
        };
        self.voices.put(id, io.as_ref().map(DeviceIo::told_formats));
        let is_mapped = self.places[place].mapped == Some(channels) || io.is_none();
        let map = (!is_mapped).then(|| DeviceMap::new(channels));
        self.swap(Swap { device: id, io, map });
        self.shared.boards.put(port.clone());
        let thread = Board::new(device, port.clone(), tasks, Arc::clone(&self.shared.inbox));
        let thread = thread.spawn().map_err(failed)?;
        tracing::info!(device = wanted.name, hardware, "the device is open");
        port.ring.let_go();
        let mapped = if is_mapped { self.places[place].mapped } else { Some(channels) };
        let state = State::There(There { opening, port, thread, driven });
        self.places[place] = Place { wanted, uid, channels, mapped, state };
        Ok(())
    }

    /// Who takes part in a device's frames: the media thread, or another one that hands them on to it.
    fn split(
        &self,
        mut half: MediaHalf,
        device: &Device,
        wanted: &DeviceSettings,
    ) -> io::Result<(Option<DeviceIo>, Option<DrivenThread>)> {
        // whoever does not come back from a frame must not hold up the frames of others
        if !self.opener.is_built_in(&wanted.driver) {
            half.pace_itself(self.shared.clock.real(FRAME));
        }
        if !device.pushes() && !half.paces_itself() {
            return Ok((Some(DeviceIo::Hosted { half: Box::new(half), late: 0 }), None));
        }
        let (driven, face) = Driven::new(half, &self.shared);
        let thread = if device.pushes() {
            device.take_pushes(driven);
            None
        } else {
            Some(driven.spawn(&wanted.name)?)
        };
        Ok((Some(DeviceIo::Driven(face)), thread))
    }

    /// The media thread takes it at its next frame.
    fn swap(&mut self, swap: Swap) {
        let mut swap = swap;
        while let Err(rtrb::PushError::Full(back)) = self.swaps.push(swap) {
            if self.swaps.is_abandoned() {
                return;
            }
            swap = back;
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// How long a frame is.
const FRAME: Duration = Duration::from_millis(20);

impl Place {
    fn new(wanted: DeviceSettings) -> Self {
        Self { wanted, uid: String::new(), channels: 0, mapped: None, state: State::Away }
    }

    fn of(opened: &Opened) -> Self {
        Self::new(opened.wanted.clone())
    }
}

fn stuck(name: &str) -> Refused {
    Refused::new(
        Why::Busy,
        format!("the driver of {name} has not come back from what it was told: try again later"),
    )
}

/// Wait for a thread that has been told to end; false when it does not in time.
fn is_over(thread: &JoinHandle<()>, wait: Duration) -> bool {
    let deadline = Instant::now() + wait;
    while !thread.is_finished() {
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    true
}

impl Drop for Roster {
    /// Of a node that could not start.
    fn drop(&mut self) {
        let _ = self.end_all();
    }
}
