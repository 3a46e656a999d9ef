//! The simulated board: commands in, the world behind them.

use crate::config::Settings;
use crate::media::SimMedia;
use crate::shared::Shared;
use crate::thread::LineThread;
use callcore_driver_sdk::{
    ChannelInfo, Completion, Device, DigitKind, Error, Host, Make, MediaSetup, Request, Step, sys,
};
use callcore_sim_model::{Act, Command, ConfigError, World};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Keys on their way to the media half, all lines together.
const KEYS_RING: usize = 1_024;

/// An open simulated board.
pub struct SimDevice {
    shared: Arc<Shared>,
    settings: Settings,
    thread: Option<LineThread>,
}

impl SimDevice {
    pub(crate) fn new(uid: &str, settings: Settings, host: Host) -> Result<Self, Error> {
        let world = World::starting_at(settings.world.clone(), host.now_ns())
            .map_err(|error: ConfigError| Error::config(error.to_string()))?;
        Ok(Self { shared: Arc::new(Shared::new(host, world, uid.to_owned())), settings, thread: None })
    }

    fn command(&self, command: Command) -> Result<(), Error> {
        let result = self.shared.with_world(|world, now| world.handle_command(now, command));
        // the command may have made the next deadline an earlier one
        if let Some(thread) = &self.thread {
            thread.wake();
        }
        result
    }
}

impl Device for SimDevice {
    type Media = SimMedia;

    fn channel(&self, channel: u32) -> Option<ChannelInfo> {
        let world = &self.settings.world;
        let kind = if channel < world.trunks { sys::CCD_KIND_BEARER } else { sys::CCD_KIND_FXS };
        let heard = if self.settings.inband_digits { 0 } else { sys::ccd_cap(sys::CCD_CAPB_DTMF_RX) };
        (channel < world.trunks + world.extensions).then_some(ChannelInfo {
            kind,
            signalling: sys::CCD_SIG_SIM,
            codecs: sys::CCD_LAW_A | sys::CCD_LAW_U | sys::CCD_L16,
            caps: CAPS | heard,
            frame_min: 8,
            frame_max: 8_000,
            frame_pref: 160,
            ..ChannelInfo::default()
        })
    }

    fn start(&mut self, setup: MediaSetup) -> Result<SimMedia, Error> {
        let (producer, consumer) = rtrb::RingBuffer::new(KEYS_RING);
        let (to_media, from_world) =
            if self.settings.inband_digits { (Some(producer), Some(consumer)) } else { (None, None) };
        self.shared.begin(to_media);
        let thread = LineThread::start(&self.shared, self.settings.speed_milli)?;
        let media = SimMedia::new(self.shared.clone(), setup, thread.waker(), from_world);
        self.thread = Some(thread);
        Ok(media)
    }

    fn stop(&mut self) {
        self.thread = None; // ends and joins it
    }

    fn make(&mut self, channel: u32, call: u64, make: Make<'_>) -> Result<(), Error> {
        self.shared.room()?;
        let called = if make.called.is_empty() { make.via.unwrap_or("") } else { make.called };
        let (called, calling, timeout_ms) = (called.into(), make.calling.into(), make.timeout_ms);
        self.command(Command::Make { channel, call, called, calling, timeout_ms })
    }

    fn digits(&mut self, call: u64, more: &str, _complete: bool) -> Result<(), Error> {
        self.command(Command::SendDigits { call, digits: more.into() })
    }

    fn accept(&mut self, call: u64, step: Step) -> Result<(), Error> {
        let step = match step {
            Step::SetupAck => callcore_sim_model::Step::SetupAck,
            Step::Proceeding => callcore_sim_model::Step::Proceeding,
            Step::Alerting => callcore_sim_model::Step::Alerting,
            Step::Progress => callcore_sim_model::Step::Progress,
        };
        self.command(Command::Accept { call, step })
    }

    fn answer(&mut self, call: u64) -> Result<(), Error> {
        self.command(Command::Answer { call })
    }

    fn drop_call(&mut self, call: u64, q850: u16) -> Result<(), Error> {
        self.command(Command::Drop { call, q850 })
    }

    fn hold(&mut self, call: u64, on: bool) -> Result<(), Error> {
        self.command(Command::Hold { call, on })
    }

    fn send_digits(
        &mut self,
        channel: u32,
        kind: DigitKind,
        digits: &str,
        _times: (u32, u32),
        _request: Request,
    ) -> Result<Completion, Error> {
        if kind != DigitKind::Dtmf {
            return Err(Error::unsupported());
        }
        let call = self.shared.core.lock().world.call_on(channel);
        let call =
            call.ok_or_else(|| Error::state(format!("channel {channel} has no call to send digits on")))?;
        self.command(Command::SendDigits { call, digits: digits.into() })?;
        Ok(Completion::Now)
    }

    fn service(&mut self, channel: u32, in_service: bool) -> Result<(), Error> {
        self.command(Command::Service { channel, on: in_service })
    }

    fn replay(&mut self, channel: Option<u32>) -> Result<(), Error> {
        channel.map_or(Ok(()), |channel| self.command(Command::Replay { channel }))
    }

    fn act(&mut self, line: &str) -> Result<(), Error> {
        let act: Act =
            line.parse().map_err(|error: callcore_sim_model::ActError| Error::arg(error.to_string()))?;
        self.shared.room()?;
        let result = self.shared.with_world(|world, now| world.act(now, &act));
        if let Some(thread) = &self.thread {
            thread.wake();
        }
        result.map_err(|error| Error::new(error.code, format!("\"{}\": {}", line.trim(), error.text)))
    }

    fn stats(&self) -> String {
        let fields = self.shared.core.lock().world.stats().fields();
        let frames = ("frames", self.shared.frames.load(Ordering::Relaxed));
        let keys_lost = ("keys_lost", self.shared.keys_lost.load(Ordering::Relaxed));
        let all = fields.into_iter().chain([frames, keys_lost]);
        let members: Vec<String> = all.map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

const CAPS: u64 = sys::ccd_cap(sys::CCD_CAPB_ANSWER_SUPERVISION)
    | sys::ccd_cap(sys::CCD_CAPB_DISCONNECT_SUPERVISION)
    | sys::ccd_cap(sys::CCD_CAPB_CALLER_ID_RX)
    | sys::ccd_cap(sys::CCD_CAPB_CALLER_ID_TX)
    | sys::ccd_cap(sys::CCD_CAPB_OVERLAP_TX)
    | sys::ccd_cap(sys::CCD_CAPB_DTMF_TX)
    | sys::ccd_cap(sys::CCD_CAPB_HOLD);
