//! One device in the core's words: commands become the contract's, each with a request number that tells what it was for.

use super::context::{Context, Request};
use super::line;
use super::media::MediaHalf;
use crate::base::{Refused, Why};
use crate::board::{BoardCommand, ChannelInfo, Kind, Signalling, Step};
use crate::shell::paced::Driven;
use callcore_codec::Format;
use callcore_driver_host::layer::check::Checker;
use callcore_driver_host::layer::{self, Layer, Layered};
use callcore_driver_host::{
    self as host, Command, DeviceInfo, Driver, FRAME_SAMPLES, Function, LoadError, Media, Pool, Tick,
};
use callcore_driver_sys::*;
use std::sync::Arc;

/// What is needed to open a device.
pub(crate) struct Opening<'a> {
    /// A driver that runs.
    pub(crate) driver: &'a mut dyn Driver,
    /// Its name for messages.
    pub(crate) name: &'a str,
    /// The device's name in the settings.
    pub(crate) device: &'a str,
    /// Which of its devices; `None`: the one of its name, or the only one.
    pub(crate) uid: Option<&'a str>,
    /// What stands between.
    pub(crate) layers: &'a [Layer],
    /// For what the device says.
    pub(crate) context: Arc<Context>,
}

/// A device. [control] functions only: whoever has it is its control thread.
pub(crate) struct Device {
    driver: Box<dyn host::Device>,
    checkers: Vec<Arc<Checker>>,
    /// The driver's name for messages.
    name: String,
    context: Arc<Context>,
    started: bool,
    requests: u64,
}

/// The device that is meant: the one with this uid; without, the one of its name in the settings, or the only one.
fn choose(
    driver: &mut dyn Driver,
    name: &str,
    uid: Option<&str>,
    device: &str,
) -> Result<DeviceInfo, LoadError> {
    let mut found = driver.enumerate()?;
    let namesake = found.iter().position(|info| info.uid == device);
    let uids = || found.iter().map(|info| info.uid.as_str()).collect::<Vec<_>>().join(", ");
    let none = |text: String| LoadError::Device { driver: name.to_owned(), text };
    match uid {
        Some(uid) => found.iter().find(|info| info.uid == uid).cloned().ok_or_else(|| {
            none(format!("has no device \"{uid}\"; it has: {}. Set \"uid\" to one of them", uids()))
        }),
        None if namesake.is_some() || found.len() == 1 => Ok(found.swap_remove(namesake.unwrap_or(0))),
        None if found.is_empty() => {
            Err(none("finds no device: check the hardware and its configuration".into()))
        }
        None => Err(none(format!("finds several devices: set \"uid\" to one of {}", uids()))),
    }
}

impl Device {
    /// Open the device of a driver.
    pub(crate) fn open(opening: Opening<'_>) -> Result<Self, LoadError> {
        let Opening { driver, name, device, uid, layers, context } = opening;
        let info = choose(driver, name, uid, device)?;
        let host = Arc::clone(&context) as Arc<dyn host::Host>;
        let Layered { device, checkers } = layer::open(driver, &info.uid, device, layers, host)?;
        Ok(Self { driver: device, checkers, name: name.to_owned(), context, started: false, requests: 0 })
    }

    /// The layers that look whether its driver keeps to the contract.
    pub(crate) fn checkers(&self) -> Vec<Arc<Checker>> {
        self.checkers.clone()
    }

    /// The set of formats that any of its channels can have.
    pub(crate) fn formats(&self) -> u32 {
        self.driver.channels().iter().fold(0, |set, info| set | info.codecs)
    }

    /// How many channels it has.
    pub(crate) fn channel_count(&self) -> usize {
        self.driver.channels().len()
    }

    /// Let simulated people do something; only a simulator knows how.
    pub(crate) fn act(&mut self, line: &str) -> Result<(), Refused> {
        self.driver.act(line).map_err(|trouble| {
            let why = match &trouble {
                LoadError::Refused { code: CCD_E_ARG, .. } => Why::Argument,
                LoadError::Device { .. } => Why::Unsupported,
                _ => Why::State,
            };
            Refused::new(why, trouble.to_string())
        })
    }

    /// Whether its driver brings its frames itself.
    pub(crate) fn pushes(&self) -> bool {
        self.driver.info().flags & CCD_DEV_PUSHES != 0
    }

    /// From now until it stops, this takes part in the frames that its driver brings.
    pub(crate) fn take_pushes(&self, driven: Driven) {
        self.context.take_pushes(Some(driven));
    }

    /// Its serial number.
    pub(crate) fn uid(&self) -> String {
        self.driver.info().uid.clone()
    }

    /// Tell the driver that a channel is in or out of service, if it wants to be told.
    pub(crate) fn service(&mut self, index: u32, in_service: bool) -> ccd_status {
        if !self.driver.offers(Function::Service) {
            return CCD_OK;
        }
        self.tell(Request::Service, &Command::Service { channel: index, in_service })
    }

    /// For people: model and serial number.
    pub(crate) fn describe(&self) -> String {
        let DeviceInfo { model, uid, .. } = self.driver.info();
        format!("{model} {uid}").trim().to_owned()
    }

    /// What the core is told of the channels.
    fn channel_infos(&self) -> Vec<ChannelInfo> {
        let kind = |kind| match kind {
            CCD_KIND_FXO => Kind::Fxo,
            CCD_KIND_FXS => Kind::Fxs,
            CCD_KIND_BEARER => Kind::Bearer,
            CCD_KIND_VOIP => Kind::Voip,
            CCD_KIND_TAP => Kind::Tap,
            other => Kind::Other(other),
        };
        let channels = self.driver.channels().iter();
        let signalling = |level| match level {
            CCD_LEVEL_LINE => Signalling::Host,
            _ => Signalling::Driver,
        };
        let info = |info: &host::ChannelInfo| ChannelInfo {
            kind: kind(info.kind),
            signalling: signalling(info.level),
            caps: info.caps,
        };
        channels.map(info).collect()
    }

    /// Begin traffic. The device is announced to the core before anything it posts; the media half exists if the
    /// driver has media.
    pub(crate) fn start(&mut self) -> Result<Option<MediaHalf>, LoadError> {
        let channels = self.driver.channels();
        let pool = Arc::new(Pool::new(channels.len() as u32, self.choose_format()?, self.formats()));
        let spans = channels.iter().map(|info| info.span).collect();
        self.context.accept(self.channel_infos(), spans);
        let media = self.driver.start(&pool)?;
        self.started = true;
        let media = media.or_else(|| self.pushes().then(|| Box::new(Pushed) as Box<dyn Media>));
        let paced_by_driver = self.driver.info().paced_by == CCD_PACED_BY_DRIVER;
        Ok(media.map(|media| MediaHalf::new(media, pool, paced_by_driver, self.context.ring())))
    }

    /// The pool's own format: L16 when every channel can do it, else the law that all have in common.
    fn choose_format(&self) -> Result<Format, LoadError> {
        let refuse = |text: String| LoadError::Device { driver: self.name.clone(), text };
        let fits = |info: &host::ChannelInfo| {
            info.frame_max == 0 || (info.frame_min..=info.frame_max).contains(&FRAME_SAMPLES)
        };
        let channels = self.driver.channels();
        if let Some(index) = channels.iter().position(|info| !fits(info)) {
            return Err(refuse(format!(
                "cannot do frames of 20 ms ({FRAME_SAMPLES} samples) on channel {index}"
            )));
        }
        let common = channels.iter().fold(u32::MAX, |all, info| all & info.codecs);
        let mut own = [Format::L16, Format::ALaw, Format::MuLaw].into_iter();
        own.find(|format| common & format.code() != 0).ok_or_else(|| {
            refuse("has channels without a sample format in common (A-law, mu-law, L16)".into())
        })
    }

    fn tell(&mut self, request: Request, command: &Command) -> ccd_status {
        self.requests += 1;
        self.driver.command(command, request.number(self.requests))
    }

    /// Switch a channel's media, if the driver wants to be told.
    pub(crate) fn enable(&mut self, index: u32, on: bool) -> ccd_status {
        if !self.driver.offers(Function::Enable) {
            return CCD_OK;
        }
        self.tell(Request::Enable, &Command::Enable { channel: index, on })
    }

    /// Carry out a command; below zero it is refused and nothing follows.
    pub(crate) fn command(&mut self, command: &BoardCommand) -> ccd_status {
        if !self.started {
            return CCD_E_STATE;
        }
        match command {
            BoardCommand::Replay { .. } => self.replay(),
            BoardCommand::Line { channel, command } => {
                self.tell(Request::Line, &line::command(channel.index, command))
            }
            BoardCommand::Make { channel, call, called, calling, name, via, overlap } => self.tell(
                Request::Make,
                &Command::Make {
                    channel: channel.index,
                    call: call.0,
                    called: called.clone(),
                    calling: calling.clone(),
                    name: name.clone(),
                    via: via.clone(),
                    flags: CCD_MAKE_EXCLUSIVE | if *overlap { CCD_MAKE_OVERLAP } else { 0 },
                    ton_npi: 0,
                    presentation: 0,
                    timeout_ms: 0,
                    json: None,
                },
            ),
            BoardCommand::DialOn { call, digits, complete, .. } => self.tell(
                Request::DialOn,
                &Command::Digits { call: call.0, more: digits.clone(), complete: *complete },
            ),
            BoardCommand::Accept { call, step, .. } => {
                self.tell(Request::Accept, &Command::Accept { call: call.0, step: step_to_c(*step) })
            }
            BoardCommand::Answer { call, .. } => {
                self.tell(Request::Answer, &Command::Answer { call: call.0 })
            }
            BoardCommand::Drop { call, q850, .. } => {
                self.tell(Request::Drop, &Command::Drop { call: call.0, q850: (*q850).into() })
            }
            BoardCommand::Hold { call, on, .. } => {
                self.tell(Request::Hold, &Command::Hold { call: call.0, on: *on })
            }
            BoardCommand::SendDigits { channel, digits } => self.tell(
                Request::Digits,
                &Command::SendDigits {
                    channel: channel.index,
                    kind: CCD_DIGIT_DTMF.into(),
                    digits: digits.as_str().to_owned(),
                    on_ms: 0,
                    off_ms: 0,
                },
            ),
        }
    }

    /// Ask every channel, then for what belongs to none; the last answer, or refusal, completes it.
    fn replay(&mut self) -> ccd_status {
        let channels = self.driver.channels().len() as u32;
        self.context.begin_replay(channels + 1);
        for channel in (0..channels).chain([CCD_NO_CHAN]) {
            let status = self.tell(Request::Replay, &Command::Replay { channel });
            if status < 0 && self.context.replayed_one(channel, status) {
                return if self.context.report_replayed() { CCD_OK } else { CCD_E_FULL };
            }
        }
        CCD_OK
    }

    /// End traffic; what the driver posts afterwards is not taken. The media half must be gone.
    pub(crate) fn stop(&mut self) {
        if !std::mem::take(&mut self.started) {
            return;
        }
        let status = self.driver.stop();
        self.context.deafen();
        if status < 0 {
            self.context.warn(&format!("the driver's stop returned {status}"));
        }
    }
}

/// The real-time half of a device whose frames come by themselves.
struct Pushed;

impl Media for Pushed {
    fn exchange(&mut self, _tick: &mut Tick<'_>) -> ccd_status {
        CCD_OK
    }

    fn wait(&mut self, _timeout_us: u32) -> ccd_status {
        CCD_E_UNSUPPORTED
    }

    fn tick_fd(&mut self) -> Option<i64> {
        None
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.stop();
        self.context.deafen();
    }
}

fn step_to_c(step: Step) -> i32 {
    match step {
        Step::SetupAck => CCD_STEP_SETUP_ACK,
        Step::Proceeding => CCD_STEP_PROCEEDING,
        Step::Alerting => CCD_STEP_ALERTING,
        Step::Progress => CCD_STEP_PROGRESS,
    }
}
