//! A device that runs: commands in, events out, and a frame every 20 ms; all by the one thread of the check.
//!
//! Checks wait by running frames, so a driver that does all its work in `exchange` works as well as one with threads.

mod far;
mod frames;
mod recorder;

pub use far::{CONNECT_LIMIT, Incoming};
pub use frames::{FRAME, Frames, Sound};
pub use recorder::{Recorder, Seen, event_name};

use crate::check::{Dial, Stop, Subject, broken, skip};
use crate::raw::status_name;
use callcore_codec::Format;
use callcore_driver_host::layer::check::{Blames, CheckOptions, Checker, Clause, Policy, Violation};
use callcore_driver_host::sys::*;
use callcore_driver_host::{
    ChannelInfo, Command, Device, DeviceInfo, Driver, Entry, Function, Host as _, LoadError,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A device from start to stop.
pub struct Session<'a> {
    subject: &'a Subject,
    host: Arc<Recorder>,
    checker: Arc<Checker>,
    // the order in which they go: frames, device, driver
    frames: Option<frames::Frames>,
    device: Box<dyn Device>,
    _driver: Box<dyn Driver>,
    calls: u64,
    requests: u64,
    /// Function of each request that was accepted.
    accepted: BTreeMap<ccd_req, Function>,
    slowest: (Duration, &'static str),
    /// Events before this one have been looked at by [`Session::incoming`].
    offered: usize,
    /// Events before this one are of an earlier start.
    begun: usize,
    /// The other side of the call that [`Session::connected`] made, where the device calls itself.
    other_side: Option<ccd_call>,
}

impl<'a> Session<'a> {
    /// Loads, opens and starts.
    ///
    /// # Errors
    /// It cannot be opened here.
    pub fn start(subject: &'a Subject) -> Result<Self, Stop> {
        let mut session = Self::open(subject, true)?;
        session.start_again()?;
        Ok(session)
    }

    /// The same without the check layer: its memory is in the way where memory is measured, and it looks at events before the
    /// host says whether there is room.
    ///
    /// # Errors
    /// It cannot be opened here.
    pub fn start_unwatched(subject: &'a Subject) -> Result<Self, Stop> {
        let mut session = Self::open(subject, false)?;
        session.start_again()?;
        Ok(session)
    }

    fn open(subject: &'a Subject, is_watched: bool) -> Result<Self, Stop> {
        let refused = |why: LoadError| match why {
            // a host does not take it at all, whatever the configuration is
            LoadError::Broken { .. } => {
                subject.trail.finding(TABLES, why.to_string());
                Stop::Skip(format!("{why} (check {TABLES})"))
            }
            _ => Stop::Skip(format!("{why}; give its configuration with --config")),
        };
        subject.trail.step("load, create, enumerate");
        let accepted = Entry::load(&subject.path, "").and_then(|entry| entry.negotiate()).map_err(refused)?;
        let mut driver = accepted.create(Arc::new(Recorder::new(&subject.config))).map_err(refused)?;
        let found = driver.enumerate().map_err(refused)?;
        let uid = choose(subject, &found)?;
        let host = Arc::new(Recorder::new(&subject.config));
        subject.trail.step(format!("open {uid}"));
        let options =
            CheckOptions { policy: Policy::Ignore, done_ms_max: LATE_MS, ..CheckOptions::default() };
        let checker = Checker::new("ccd", options);
        let mut below = |host| driver.open(&uid, host);
        let shared = Arc::clone(&host) as Arc<_>;
        let device = if is_watched { checker.open(shared, &mut below) } else { below(shared) };
        let device = device.map_err(refused)?;
        Ok(Self {
            subject,
            host,
            checker,
            frames: None,
            device,
            _driver: driver,
            calls: 0,
            requests: 0,
            accepted: BTreeMap::new(),
            slowest: (Duration::ZERO, ""),
            offered: 0,
            begun: 0,
            other_side: None,
        })
    }

    /// Starts the device, at first or after [`Session::stop`].
    ///
    /// # Errors
    /// It refuses.
    pub fn start_again(&mut self) -> Result<(), Stop> {
        let own = frames::own_format(&*self.device)?;
        self.start_in(own)
    }

    /// Starts the device with a pool in this format.
    ///
    /// # Errors
    /// It refuses.
    pub fn start_in(&mut self, format: Format) -> Result<(), Stop> {
        self.subject.trail.step(format!("start with {format:?}"));
        // before start: a board may have something to say while it does
        let first = self.host.count();
        let pool = Arc::new(frames::pool(&*self.device, format));
        let media = match self.device.start(&pool) {
            Ok(media) => media,
            Err(why) => return skip(format!("{why}; give its configuration with --config")),
        };
        let is_clocked = self.device.info().paced_by == CCD_PACED_BY_DRIVER;
        self.frames = Some(frames::Frames::new(media, pool, is_clocked));
        self.subject.trail.step("traffic");
        (self.begun, self.offered) = (first, first);
        Ok(())
    }

    /// Stops the device.
    ///
    /// # Errors
    /// It does not.
    pub fn stop(&mut self) -> Result<(), Stop> {
        self.subject.trail.step("stop");
        self.frames = None;
        match self.device.stop() {
            CCD_OK => Ok(()),
            status => broken(format!("stop returned {}", status_name(status))),
        }
    }

    /// What the device is.
    #[must_use]
    pub fn info(&self) -> &DeviceInfo {
        self.device.info()
    }

    /// What its channels are.
    #[must_use]
    pub fn channels(&self) -> &[ChannelInfo] {
        self.device.channels()
    }

    /// The first event since it was started last.
    #[must_use]
    pub fn begun(&self) -> usize {
        self.begun
    }

    /// Whether the far end of a call is gone, or the call itself.
    #[must_use]
    pub fn is_over(&self, call: ccd_call) -> bool {
        let ends = |seen: &Seen| matches!(seen.event().kind(), CCD_EV_DISCONNECTED | CCD_EV_RELEASED);
        self.host.since(0).iter().any(|seen| seen.event().call() == call && ends(seen))
    }

    /// Skips what needs a call that is up when its far end has gone meanwhile.
    ///
    /// # Errors
    /// It has.
    pub fn require_up(&self, call: ccd_call) -> Result<(), Stop> {
        if self.is_over(call) {
            skip(format!("the far end of call {call} hung up while this was tried"))
        } else {
            Ok(())
        }
    }

    /// Whether a channel has a capability, `CCD_CAPB_*`.
    #[must_use]
    pub fn can(&self, channel: u32, capability: u32) -> bool {
        self.channels().get(channel as usize).is_some_and(|info| info.caps & ccd_cap(capability) != 0)
    }

    /// Whether the driver has a function.
    #[must_use]
    pub fn offers(&self, function: Function) -> bool {
        self.device.offers(function)
    }

    /// The device itself.
    pub fn device(&mut self) -> &mut dyn Device {
        &mut *self.device
    }

    /// The host that it talks to.
    #[must_use]
    pub fn host(&self) -> &Recorder {
        &self.host
    }

    /// The same, for a thread.
    #[must_use]
    pub fn shared_host(&self) -> Arc<Recorder> {
        Arc::clone(&self.host)
    }

    /// Sound, one frame at a time.
    ///
    /// # Errors
    /// It has none.
    pub fn frames(&mut self) -> Result<&mut frames::Frames, Stop> {
        match &mut self.frames {
            Some(frames) if frames.has_media() => Ok(frames),
            _ => skip("the driver has no callcore.media/1"),
        }
    }

    /// The driver under test.
    #[must_use]
    pub fn subject(&self) -> &'a Subject {
        self.subject
    }

    /// Skips what needs calls that the driver runs.
    ///
    /// # Errors
    /// It has none.
    pub fn require_calls(&self) -> Result<(), Stop> {
        let has =
            [Function::Make, Function::Answer, Function::Drop].iter().any(|function| self.offers(*function));
        if has { Ok(()) } else { skip("the driver has no callcore.call/1") }
    }

    /// Skips what needs a function.
    ///
    /// # Errors
    /// The driver has no such function.
    pub fn require(&self, function: Function) -> Result<(), Stop> {
        if self.offers(function) { Ok(()) } else { skip(format!("the driver has no {}", function.name())) }
    }

    /// Gives a command, and keeps its request if it is accepted.
    pub fn command(&mut self, command: &Command) -> (ccd_status, ccd_req) {
        self.requests += 1;
        let (req, began) = (self.requests, Instant::now());
        self.subject.trail.step(format!("{} {}", command.function().name(), brief(command)));
        let status = self.device.command(command, req);
        let took = began.elapsed();
        if took > self.slowest.0 {
            self.slowest = (took, command.function().name());
        }
        if status >= 0 {
            self.accepted.insert(req, command.function());
        }
        (status, req)
    }

    /// Longest `[control]` call so far, and which.
    #[must_use]
    pub fn slowest(&self) -> (Duration, &'static str) {
        self.slowest
    }

    /// A number for a call of ours.
    pub fn new_call(&mut self) -> ccd_call {
        self.calls += 2;
        self.calls
    }

    /// Calls out on a channel, the way the command line says.
    pub fn make(&mut self, channel: u32) -> (ccd_status, ccd_call) {
        let Dial { called, via, .. } = self.subject.dial.clone();
        self.make_to(channel, &called, via)
    }

    /// Calls out on the first channel that takes a call.
    pub fn make_anywhere(&mut self) -> Option<ccd_call> {
        (0..self.channels().len() as u32).find_map(|channel| {
            let (status, call) = self.make(channel);
            (status >= 0).then_some(call)
        })
    }

    /// Calls a number.
    pub fn make_to(&mut self, channel: u32, called: &str, via: Option<String>) -> (ccd_status, ccd_call) {
        let call = self.new_call();
        let make = make(channel, call, called, via);
        (self.command(&make).0, call)
    }

    /// Clears a call.
    pub fn drop_call(&mut self, call: ccd_call, q850: u16) -> ccd_status {
        self.command(&Command::Drop { call, q850 }).0
    }

    /// Runs frames for a while.
    pub fn run(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.frame();
        }
    }

    /// Runs one frame, when its time has come.
    pub fn frame(&mut self) {
        match &mut self.frames {
            Some(frames) => frames.run(self.host.now_ns()),
            None => std::thread::sleep(FRAME),
        }
    }

    /// Runs frames until an event comes for which `find` has an answer, from the `first`-th on.
    pub fn wait<T>(
        &mut self,
        first: usize,
        limit: Duration,
        mut find: impl FnMut(&Seen) -> Option<T>,
    ) -> Option<T> {
        let end = Instant::now() + limit;
        let mut next = first;
        loop {
            for seen in self.host.since(next) {
                next += 1;
                if let Some(found) = find(&seen) {
                    return Some(found);
                }
            }
            if Instant::now() >= end {
                return None;
            }
            self.frame();
        }
    }

    /// Waits for an event of a call.
    pub fn until(&mut self, call: ccd_call, kind: u16, limit: Duration) -> Option<Seen> {
        self.wait(0, limit, |seen| {
            (seen.event().call() == call && seen.event().kind() == kind).then(|| seen.clone())
        })
    }

    /// Waits for the end of a call that was dropped.
    ///
    /// # Errors
    /// It does not come.
    pub fn require_released(&mut self, call: ccd_call, after: &str) -> Result<Seen, Stop> {
        match self.until(call, CCD_EV_RELEASED, RELEASED_LIMIT) {
            Some(seen) => Ok(seen),
            None => {
                broken(format!("call {call} {after}; no RELEASED came within {} s", RELEASED_LIMIT.as_secs()))
            }
        }
    }

    /// The `DONE` of a request, awaited.
    pub fn done(&mut self, req: ccd_req) -> Option<Seen> {
        self.wait(0, DONE_LIMIT, |seen| {
            (seen.event().kind() == CCD_EV_DONE && seen.event().req() == req).then(|| seen.clone())
        })
    }

    /// Lets go of the requests that were accepted, for a host that runs for long.
    pub fn forget_requests(&mut self) {
        self.accepted.clear();
    }

    /// Tells what the check layer has seen, each clause once, under the check that it belongs to.
    fn tell_violations(&self) {
        let mut told: BTreeMap<Clause, usize> = BTreeMap::new();
        let violations = self.checker.take();
        for violation in &violations {
            *told.entry(violation.clause).or_default() += 1;
        }
        for (clause, count) in told {
            if !self.counts(clause, count) {
                continue;
            }
            let (_, check) = clause.check();
            let first = violations.iter().find(|violation| violation.clause == clause);
            if let (Blames::Driver, Some(first)) = (clause.blames(), first) {
                self.subject.trail.finding(u16::from(check), sentence(first, count));
            }
        }
    }

    /// Whether a clause counts that depends on how busy the machine is.
    fn counts(&self, clause: Clause, count: usize) -> bool {
        match clause {
            // a pause between stamp and post may be the machine's
            Clause::TimeFar => 4 * count >= self.host.count(),
            // measured by check 48
            Clause::Budget | Clause::Missed => false,
            _ => true,
        }
    }

    /// Requests that were accepted.
    #[must_use]
    pub fn accepted(&self) -> &BTreeMap<ccd_req, Function> {
        &self.accepted
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.frames = None;
        self.subject.trail.step("stop, close, destroy");
        self.device.stop();
        self.tell_violations();
    }
}

/// A violation for people: what, where, how often, and what came before.
fn sentence(violation: &Violation, count: usize) -> String {
    let mut text = format!("{}: {}", violation.clause.id(), violation.seen);
    match (violation.call, violation.channel) {
        (Some(call), Some(channel)) => text.push_str(&format!(" (call {call}, channel {channel})")),
        (None, Some(channel)) => text.push_str(&format!(" (channel {channel})")),
        _ => {}
    }
    if count > 1 {
        text.push_str(&format!(", {count} times"));
    }
    for before in violation.before.iter().rev().take(6).rev() {
        text.push_str(&format!("\n  {before}"));
    }
    text
}

/// The check that looks for functions which every driver has.
const TABLES: u16 = 20;
/// A command that is not completed, or a dropped call not released, by then is broken.
const LATE_MS: u64 = 5_000;

/// A dropped call is released by then.
pub const RELEASED_LIMIT: Duration = Duration::from_secs(6);
/// An accepted command is done by then.
pub const DONE_LIMIT: Duration = Duration::from_secs(6);

/// The command `make`, without what is rarely said.
#[must_use]
pub fn make(channel: u32, call: ccd_call, called: &str, via: Option<String>) -> Command {
    Command::Make {
        channel,
        call,
        called: called.to_owned(),
        calling: "1001".to_owned(),
        name: String::new(),
        via,
        flags: 0,
        ton_npi: 0,
        presentation: 0,
        timeout_ms: 0,
        json: None,
    }
}

fn brief(command: &Command) -> String {
    match (command.call(), command.channel()) {
        (Some(call), Some(channel)) => format!("call {call} on channel {channel}"),
        (Some(call), None) => format!("call {call}"),
        (None, Some(channel)) => format!("channel {channel}"),
        (None, None) => String::new(),
    }
}

fn choose(subject: &Subject, found: &[DeviceInfo]) -> Result<String, Stop> {
    let uids = || found.iter().map(|info| info.uid.clone()).collect::<Vec<_>>().join(", ");
    match (&subject.uid, found) {
        (Some(uid), _) => Ok(uid.clone()),
        (None, [only]) => Ok(only.uid.clone()),
        (None, []) => skip("it finds no device: plug one in, or configure one"),
        (None, _) => skip(format!("it has several devices; choose one with --device: {}", uids())),
    }
}
