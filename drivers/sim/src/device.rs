//! The simulated board: commands in, the world behind them.

use crate::boards;
use crate::config::Settings;
use crate::echo::{self, Echo, Mode};
use crate::media::{self, SimMedia};
use crate::shared::{self, Shared};
use crate::thread::LineThread;
use callcore_driver_sdk::{
    CallerId, ChannelInfo, Completion, Device, DigitKind, Error, HookOp, Host, Make, MediaSetup, Request,
    Step, sys,
};
use callcore_sim_model::{Act, BoardKind, Command, ConfigError, Order, World};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A key and its pause where the host leaves their length to the line, milliseconds.
const KEY_MS: u32 = 100;
/// Callers' numbers on their way to lines, and from boards.
const IDS_RING: usize = 256;
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

impl SimDevice {
    fn line(&self, channel: u32, order: Order) -> Result<(), Error> {
        self.command(Command::Line { channel, order })
    }

    fn is_line(&self, channel: u32) -> bool {
        let config = &self.settings.world;
        matches!(config.kind(channel), Some(BoardKind::Fxo(_) | BoardKind::Fxs | BoardKind::Tap))
    }
}

impl Device for SimDevice {
    type Media = SimMedia;

    fn channel(&self, channel: u32) -> Option<ChannelInfo> {
        let core = self.shared.core.lock();
        let (span, timeslot) = boards::place(&core.world, channel);
        let info = boards::channel_info(core.world.config(), channel, self.settings.knows_keys())?;
        let (caps, ec_tail_ms) =
            self.settings.echo.map_or((info.caps, 0), |_| (info.caps | Echo::CAPS, echo::TAIL_MS));
        Some(ChannelInfo { span, timeslot, caps, ec_tail_ms, ..info })
    }

    fn start(&mut self, setup: MediaSetup) -> Result<SimMedia, Error> {
        let (producer, consumer) = rtrb::RingBuffer::new(KEYS_RING);
        let (to_media, from_world) =
            if self.settings.sounds_keys() { (Some(producer), Some(consumer)) } else { (None, None) };
        let (hears, heard_keys) = rtrb::RingBuffer::new(KEYS_RING);
        let (to_send, from_exchange) = rtrb::RingBuffer::new(IDS_RING);
        let (to_control, received) = rtrb::RingBuffer::new(IDS_RING);
        let (modem, form) = self.settings.caller_id;
        self.shared.begin(to_media, heard_keys, shared::Ids { form, to_send, received });
        let ids = media::Ids { modem, to_send: from_exchange, received: to_control };
        let thread = LineThread::start(&self.shared, self.settings.speed_milli)?;
        let keys = media::KeyRings { from_world, hears };
        let media = SimMedia::new(self.shared.clone(), &setup, &self.settings, thread.waker(), keys, ids);
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
        self.command(Command::Make { channel, call, called, calling, timeout_ms, overlap: make.overlap })
    }

    fn digits(&mut self, call: u64, more: &str, complete: bool) -> Result<(), Error> {
        self.command(Command::DialOn { call, digits: more.into(), complete })
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
        times: (u32, u32),
        _request: Request,
    ) -> Result<Completion, Error> {
        if self.is_line(channel) {
            let ms = digits_ms(kind, digits, times)?;
            self.line(channel, Order::Digits { digits: digits.into(), ms })?;
            return Ok(Completion::Now);
        }
        if kind != DigitKind::Dtmf {
            return Err(Error::unsupported());
        }
        let call = self.shared.core.lock().world.call_on(channel);
        let call =
            call.ok_or_else(|| Error::state(format!("channel {channel} has no call to send digits on")))?;
        self.command(Command::SendDigits { call, digits: digits.into() })?;
        Ok(Completion::Now)
    }

    fn hook(&mut self, channel: u32, op: HookOp, _ms: u32) -> Result<(), Error> {
        match op {
            HookOp::Off => self.line(channel, Order::Hook { off: true }),
            HookOp::On => self.line(channel, Order::Hook { off: false }),
            HookOp::Flash | HookOp::Wink | HookOp::Start => Err(Error::unsupported()),
        }
    }

    fn ring(&mut self, channel: u32, cadence_ms: &[u16], id: Option<CallerId<'_>>) -> Result<(), Error> {
        if cadence_ms.is_empty() {
            return self.line(channel, Order::RingOff);
        }
        let caller_id =
            id.map(|id| callcore_sim_model::CallerId { number: id.number.into(), name: id.name.into() });
        self.line(channel, Order::Ring { cadence_ms: cadence_ms.to_vec(), caller_id })
    }

    fn polarity(&mut self, channel: u32, reversed: bool) -> Result<(), Error> {
        self.line(channel, Order::Polarity { reversed })
    }

    fn tune(&mut self, channel: u32, key: i32, value: i64) -> Result<(), Error> {
        if key != sys::CCD_TUNE_EC || self.settings.echo.is_none() {
            return Err(Error::unsupported());
        }
        if Mode::from_value(value).is_none() {
            return Err(Error::arg(format!(
                "tune: {value} is no mode of an echo canceller; 0 off, 1 on, 2 on without NLP"
            )));
        }
        let link = self.shared.links.get(channel as usize).ok_or_else(Error::unsupported)?;
        link.canceller.store(value as u32, Ordering::Release);
        Ok(())
    }

    fn service(&mut self, channel: u32, in_service: bool) -> Result<(), Error> {
        self.command(Command::Service { channel, on: in_service })
    }

    fn replay(&mut self, channel: Option<u32>) -> Result<(), Error> {
        self.command(Command::Replay { channel })
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

/// How long a number takes to go out, milliseconds.
fn digits_ms(kind: DigitKind, digits: &str, (on_ms, off_ms): (u32, u32)) -> Result<u64, Error> {
    let each = |ms: u32| u64::from(if ms == 0 { KEY_MS } else { ms });
    match kind {
        DigitKind::Dtmf => Ok(digits.len() as u64 * (each(on_ms) + each(off_ms))),
        // ten breaks a second, and a pause
        DigitKind::Pulse => {
            let breaks = |key: u8| if key == b'0' { 10 } else { u64::from(key.saturating_sub(b'0')) };
            Ok(digits.bytes().map(|key| breaks(key) * 100 + 800).sum())
        }
        DigitKind::MfR1 | DigitKind::R2Forward | DigitKind::R2Backward => Err(Error::unsupported()),
    }
}
