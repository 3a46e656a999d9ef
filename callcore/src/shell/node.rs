//! A node: the exchange with its threads, devices and files, from start to stop.

use super::clock::Clock;
use super::control::Control;
use super::devices::{Opened, Opener};
use super::effects::Effects;
use super::failed::Failed;
use super::handle::{Handle, Shared};
use super::housekeeper::Housekeeper;
use super::inbox::Inbox;
use super::journal::{Journal, JournalOptions, OpenJournal};
use super::media::{self, Ends, Media, Swap};
use super::playback::Playback;
use super::ports::{self, PORTS_MAX, PortsIo};
use super::prompts::{PromptOptions, Prompts};
use super::recorder::{self, Recorder, RecorderOptions};
use super::resolve::Resolver;
use super::roster::{News, Room, Roster};
use super::settings::Settings;
use super::store::{Store, StoreOptions};
use super::voices::Voices;
use crate::base::{Refused, Why};
use crate::board::DeviceId;
use crate::exchange::{Command, Config, Event, Exchange, Input, check};
use crate::media::Country;
use crate::media::engine::{Engine, EngineLimits};
use crate::media::prompt::Forms;
use callcore_codec::{Format, Rate};
use crossbeam_channel::{Receiver, Sender, bounded};
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long calls have to end when a node stops.
const STOP_MAX: Duration = Duration::from_secs(10);
/// Shortest round of the recorder, however fast the clock runs.
const ROUND_MIN: Duration = Duration::from_millis(2);
/// How long a thread has to end once it has been told to.
const JOIN_MAX: Duration = Duration::from_secs(8);
/// How long all devices have to end.
const DEVICES_END_MAX: Duration = Duration::from_secs(30);
/// How many devices can be added while the node runs.
const SPARE_DEVICES: usize = 64;

/// A running node. Dropping it stops it like [`Node::stop`], without a word about what went wrong.
pub struct Node {
    handle: Handle,
    threads: Threads,
}

/// The threads in the order in which they are ended.
#[derive(Default)]
struct Threads {
    media_is_ending: Arc<AtomicBool>,
    keeper_is_ending: Arc<AtomicBool>,
    media: Option<JoinHandle<()>>,
    control: Option<JoinHandle<()>>,
    keeper: Option<JoinHandle<()>>,
    roster: Option<JoinHandle<()>>,
}

impl Node {
    /// Check everything, open the devices, and start to take calls.
    ///
    /// # Errors
    /// What is wrong, where, and what to do; nothing is left running.
    pub fn start(config: Config, settings: Settings) -> Result<Self, Failed> {
        Self::start_with(config, settings, |_| ()).map(|(node, ())| node)
    }

    /// The same, and what `first` takes of it before anything happens: with [`Handle::events`] or [`Handle::facts`] nothing
    /// is missed. Nobody answers a question yet.
    ///
    /// # Errors
    /// Those of [`Node::start`].
    pub fn start_with<T>(
        config: Config,
        settings: Settings,
        first: impl FnOnce(&Handle) -> T,
    ) -> Result<(Self, T), Failed> {
        let country = check_settings(&settings)?;
        let clock = Clock::new(settings.speed);
        let (inbox, (news, from_devices)) = (Inbox::new(), crossbeam_channel::unbounded());
        let mut opener = Opener::new(settings.clone(), clock, Arc::clone(&inbox), news.clone());
        let opened = opener.open_all()?;
        let prompts = Arc::new(open_prompts(&settings, &opened)?);
        let problems = prompts.check(check::prompts(&config));
        if !problems.is_empty() {
            return Err(Failed::Config(problems));
        }
        let mut exchange = Exchange::new(config, clock.now()).map_err(Failed::Config)?;
        let journal = open_journal(&settings)?;
        exchange.resume(journal.recovered.next_seq, journal.recovered.next_call);
        let store = StoreOptions::new(&settings.data_dir);
        let recorder = start_recorder(&settings, clock, &inbox)?;
        let forms = forms(&settings, &opened);
        let playback = Playback::start(settings.recordings_dir.clone(), forms)
            .map_err(|why| Failed::Thread { thread: "playback".to_owned(), why })?;
        let (stuck_after, spare_channels) = (settings.stuck_after, settings.spare_channels);
        let devices = Devices { opener, news, from_devices, stuck_after, spare_channels };
        Starting { country, prompts, clock, inbox, journal, recorder, playback, store, devices }
            .run(exchange, opened, first)
    }

    /// A grip on the node, for any thread.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Release all calls, wait (not for ever) until they are gone, and end everything in order.
    ///
    /// # Errors
    /// What did not end in time and was given up.
    pub fn stop(mut self) -> Result<(), Failed> {
        let mut left = Vec::from_iter(self.release_calls());
        left.extend(self.threads.end(&self.handle));
        if left.is_empty() { Ok(()) } else { Err(Failed::Stop { text: left.join("; ") }) }
    }

    fn wait_until_empty(&self) -> Option<String> {
        let deadline = Instant::now() + STOP_MAX;
        while !self.handle.snapshot().calls.is_empty() {
            if Instant::now() >= deadline {
                return Some("calls did not end in time and are cut off".to_owned());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    fn release_calls(&self) -> Option<String> {
        let events = self.handle.events();
        match self.handle.command(Command::Stop) {
            Ok(_) => {}
            // somebody with a handle has stopped it already
            Err(Refused { why: Why::State, .. }) => return self.wait_until_empty(),
            Err(refused) => return Some(format!("the exchange does not stop: {refused}")),
        }
        let deadline = Instant::now() + STOP_MAX;
        loop {
            match events.recv_deadline(deadline) {
                Ok(Event::Stopped) => return None,
                Ok(_) => {}
                Err(_) => return Some("calls did not end in time and are cut off".to_owned()),
            }
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.threads.control.is_some() {
            let _ = self.release_calls();
        }
        let _ = self.threads.end(&self.handle);
    }
}

impl Threads {
    /// End them, and say which would not end. The order: nothing new comes in, what has been decided is carried out, the
    /// media halves go before their devices are stopped.
    fn end(&mut self, handle: &Handle) -> Vec<String> {
        let mut left = Vec::new();
        handle.shared.inbox.close();
        handle.shared.inbox.waker.wake();
        left.extend(join(self.control.take(), "control"));
        self.media_is_ending.store(true, Ordering::Release);
        left.extend(join(self.media.take(), "media"));
        self.keeper_is_ending.store(true, Ordering::Release);
        if let Some(keeper) = &self.keeper {
            keeper.thread().unpark();
        }
        left.extend(join(self.keeper.take(), "housekeeper"));
        let (to, stuck) = bounded(1);
        if self.roster.is_some() && handle.shared.roster.send(News::End(to)).is_ok() {
            left.extend(stuck.recv_timeout(DEVICES_END_MAX).into_iter().flatten());
            left.extend(join(self.roster.take(), "roster"));
        }
        left
    }
}

/// Wait for a thread that has been told to end; its name if it does not, or ended by a bug.
fn join(thread: Option<JoinHandle<()>>, name: &str) -> Option<String> {
    let thread = thread?;
    let deadline = Instant::now() + JOIN_MAX;
    while !thread.is_finished() {
        if Instant::now() >= deadline {
            return Some(format!("the {name} thread did not end"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    thread.join().err().map(|_| format!("the {name} thread ended by a bug (see the log)"))
}

fn check_settings(settings: &Settings) -> Result<Country, Failed> {
    let wrong = |setting: &str, text: String| Failed::Setting { setting: setting.to_owned(), text };
    if !settings.speed.is_finite() || !(0.1..=1000.0).contains(&settings.speed) {
        return Err(wrong("speed", format!("{} is not a number from 0.1 to 1000", settings.speed)));
    }
    let mut names = BTreeSet::new();
    for device in &settings.devices {
        if device.name.is_empty() || !names.insert(&device.name) {
            let text = format!("'{}' is empty or names two devices: give each its own name", device.name);
            return Err(wrong("device.name", text));
        }
    }
    Country::from_letters(&settings.country).map_err(|why| wrong("country", why.to_string()))
}

/// What any channel of the devices can carry.
fn formats(opened: &[Opened]) -> impl Iterator<Item = Format> {
    let can = opened.iter().fold(0, |set, opened| set | opened.device.formats());
    Format::ALL.into_iter().filter(move |format| format.code() & can != 0)
}

/// The forms in which these channels play sound.
fn forms(settings: &Settings, opened: &[Opened]) -> Forms {
    formats(opened).fold(settings.prompts.forms, Forms::with)
}

/// The prompts, in the forms that the devices' channels can carry.
fn open_prompts(settings: &Settings, opened: &[Opened]) -> Result<Prompts, Failed> {
    let forms = forms(settings, opened);
    let country = Country::from_letters(&settings.country).unwrap_or(settings.prompts.country);
    let options = PromptOptions { forms, country, ..settings.prompts.clone() };
    Ok(Prompts::open(&settings.prompts_dir, options)?)
}

/// The journal of earlier runs, checked; calls that a crash cut off have their end in it now.
fn open_journal(settings: &Settings) -> Result<OpenJournal, Failed> {
    let options = JournalOptions { sync: settings.journal_sync, ..JournalOptions::new(&settings.data_dir) };
    let mut mend = |path: &str| recorder::repair(&settings.recordings_dir, path);
    let journal =
        OpenJournal::open(options, &mut mend).map_err(|why| Failed::Storage { text: why.to_string() })?;
    let recovered = &journal.recovered;
    for torn in &recovered.torn {
        tracing::warn!(bytes = torn.bytes, path = %torn.path.display(), "a crash left a torn end of the journal");
    }
    if !recovered.cut_off.is_empty() {
        tracing::warn!(
            calls = recovered.cut_off.len(),
            "calls were cut off when the program ended last time"
        );
    }
    Ok(journal)
}

/// The recorder goes its rounds by the node's clock, so that its rings never hold more than they can.
fn start_recorder(settings: &Settings, clock: Clock, inbox: &Arc<Inbox>) -> Result<Recorder, Failed> {
    let options = RecorderOptions::new(&settings.recordings_dir);
    let options = RecorderOptions { round: clock.real(options.round).max(ROUND_MIN), ..options };
    let inbox = Arc::clone(inbox);
    let done = move |id, outcome| inbox.reply(Input::RecordingCompleted(id, outcome));
    Recorder::start(options, done).map_err(|why| Failed::Thread { thread: "recorder".to_owned(), why })
}

/// What is needed to bring a node up.
struct Starting {
    country: Country,
    prompts: Arc<Prompts>,
    clock: Clock,
    inbox: Arc<Inbox>,
    journal: OpenJournal,
    recorder: Recorder,
    playback: Playback,
    store: StoreOptions,
    devices: Devices,
}

/// What opens and keeps the devices.
struct Devices {
    opener: Opener,
    news: Sender<News>,
    from_devices: Receiver<News>,
    stuck_after: Duration,
    spare_channels: usize,
}

impl Starting {
    fn run<T>(
        self,
        exchange: Exchange,
        opened: Vec<Opened>,
        first: impl FnOnce(&Handle) -> T,
    ) -> Result<(Node, T), Failed> {
        let database = self.store.path.clone();
        let (prompts, news) = (Arc::clone(&self.prompts), self.devices.news.clone());
        let channels: usize = opened.iter().map(|opened| opened.device.channel_count()).sum();
        let room =
            Room { devices: opened.len() + SPARE_DEVICES, channels: channels + self.devices.spare_channels };
        let (lot, audio) = ports::ports(DeviceId(room.devices as u16));
        let voices = voices(room, &audio);
        let shared = Shared::new(Arc::clone(&self.inbox), news, self.clock, database, prompts, lot);
        let shared = Arc::new(shared);
        let handle = Handle { shared: Arc::clone(&shared) };
        let mut node = Node { handle, threads: Threads::default() };
        // from here on dropping the node ends what runs
        let (media, swaps) = self.start_media(room, audio, &voices, &shared, &mut node.threads)?;
        let Devices { opener, from_devices, .. } = self.devices;
        let mut roster = Roster::new(opener, Arc::clone(&shared), voices.clone(), swaps, from_devices, room);
        let started = roster.start_all(opened);
        node.threads.roster = Some(named("roster", roster.spawn())?);
        started.map_err(|(device, why)| Failed::Device { device, why })?;
        let resolver = Resolver {
            prompts: self.prompts,
            recorder: self.recorder,
            playback: self.playback,
            media,
            inbox: Arc::clone(&self.inbox),
            voices,
            country: self.country,
            recordings: BTreeSet::new(),
        };
        let store = Store::start(self.store).map_err(|why| Failed::Storage { text: why.to_string() })?;
        let journal = Journal::start(self.journal, Effects::new(Arc::clone(&shared), resolver, store));
        let journal = journal.map_err(|why| Failed::Thread { thread: "journal".to_owned(), why })?;
        let first = first(&node.handle);
        node.threads.control = Some(named("control", Control::new(exchange, shared, journal).spawn())?);
        Ok((node, first))
    }

    fn start_media(
        &self,
        room: Room,
        audio: PortsIo,
        voices: &Voices,
        shared: &Arc<Shared>,
        threads: &mut Threads,
    ) -> Result<(media::MediaPort, rtrb::Producer<Swap>), Failed> {
        let engine = Engine::new(voices.limits(), self.country);
        let (rings, Ends { port, swaps, waste, wants, made, is_ending }) = media::rings();
        let is_over = Arc::clone(&threads.keeper_is_ending);
        let (shared_too, voices, stuck_after) =
            (Arc::clone(shared), voices.clone(), self.devices.stuck_after);
        let keeper =
            Housekeeper { shared: shared_too, waste, wants, made, voices, stuck_after, is_ending: is_over };
        let keeper = named("housekeeper", keeper.spawn())?;
        let sweeper = keeper.thread().clone();
        threads.keeper = Some(keeper);
        threads.media_is_ending = is_ending;
        let media = Media::new(engine, room.devices, audio, rings, sweeper, Arc::clone(shared));
        threads.media = Some(named("media", media.spawn())?);
        Ok((port, swaps))
    }
}

/// How the channels of a node are written, and the room that the media engine needs for them.
fn voices(room: Room, audio: &PortsIo) -> Voices {
    let channels_max = room.channels;
    let limits = EngineLimits {
        // a device that is added later may have any format
        rate_max: Rate::Full,
        channels_max: channels_max + PORTS_MAX as usize,
        devices_max: room.devices + 1,
        // a recording outlives its call by as long as its file takes to be finished
        recordings_max: 2 * channels_max + 1024,
        rooms_max: channels_max / 2 + 16,
        events_max: 4 * channels_max + 1024,
        ..EngineLimits::default()
    };
    let voices = Voices::new(limits);
    voices.put(audio.device(), Some(audio.told_formats()));
    voices
}

fn named(thread: &str, spawned: io::Result<JoinHandle<()>>) -> Result<JoinHandle<()>, Failed> {
    spawned.map_err(|why| Failed::Thread { thread: thread.to_owned(), why })
}
