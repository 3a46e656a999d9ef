//! The device: all of SIP on one listening address, a channel for each call at one time.

use crate::codec;
use crate::config::Config;
use crate::dtmf::Run;
use crate::media::{Command, SipMedia};
use crate::stack::{Running, Stack};
use crate::state::Phase;
use callcore_driver_sdk::sys::*;
use callcore_driver_sdk::{
    ChannelInfo, Completion, Device, DigitKind, Error, Event, Host, Make, MediaSetup, Place, Request, Step,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// See the crate.
pub struct SipDevice {
    config: Config,
    host: Host,
    running: Option<Running>,
    /// Number of the next call that comes in.
    next_call: Arc<AtomicU64>,
}

impl SipDevice {
    pub(crate) fn new(config: Config, host: Host) -> Self {
        Self { config, host, running: None, next_call: Arc::new(AtomicU64::new(1)) }
    }

    fn stack(&self) -> Result<&Stack, Error> {
        self.running
            .as_ref()
            .map(|running| &running.stack)
            .ok_or_else(|| Error::state("the device is not started"))
    }
}

const CAPS: u64 = ccd_cap(CCD_CAPB_EARLY_MEDIA_TX)
    | ccd_cap(CCD_CAPB_EARLY_MEDIA_RX)
    | ccd_cap(CCD_CAPB_ANSWER_SUPERVISION)
    | ccd_cap(CCD_CAPB_DISCONNECT_SUPERVISION)
    | ccd_cap(CCD_CAPB_CALLER_ID_RX)
    | ccd_cap(CCD_CAPB_CALLER_ID_TX)
    | ccd_cap(CCD_CAPB_DTMF_RX)
    | ccd_cap(CCD_CAPB_DTMF_TX)
    | ccd_cap(CCD_CAPB_HOLD);

impl Device for SipDevice {
    type Media = SipMedia;

    fn channel(&self, channel: u32) -> Option<ChannelInfo> {
        (channel < self.config.channels).then_some(ChannelInfo {
            kind: CCD_KIND_VOIP,
            signalling: CCD_SIG_SIP,
            codecs: self.config.codecs.iter().fold(CCD_LAW_A | CCD_LAW_U, |set, format| set | format.code()),
            caps: CAPS,
            frame_min: 80,
            frame_max: 160,
            frame_pref: 160,
            ..ChannelInfo::default()
        })
    }

    fn start(&mut self, setup: MediaSetup) -> Result<SipMedia, Error> {
        if !matches!(setup.frame_samples, 80 | 160) {
            return Err(Error::arg("start: frame_samples must be 80 or 160, which are 10 or 20 ms"));
        }
        if setup.channels != self.config.channels {
            return Err(Error::arg(format!(
                "start: the pool must have all {} channels",
                self.config.channels
            )));
        }
        let mut config = self.config.clone();
        config.jitter.frame_ms = setup.frame_samples / 8;
        config.codecs.retain(|format| codec::fits(*format, setup.frame_samples));
        if config.codecs.is_empty() {
            return Err(Error::config("codecs: none of them goes into frames that the host wants; add PCMA"));
        }
        let (running, media) =
            Running::start(&config, self.host.clone(), setup, Arc::clone(&self.next_call))?;
        self.running = Some(running);
        Ok(media)
    }

    fn stop(&mut self) {
        self.running = None;
    }

    fn make(&mut self, channel: u32, call: u64, make: Make<'_>) -> Result<(), Error> {
        self.stack()?.make(channel, call, &make)
    }

    fn accept(&mut self, call: u64, step: Step) -> Result<(), Error> {
        self.stack()?.accept(call, step)
    }

    fn answer(&mut self, call: u64) -> Result<(), Error> {
        self.stack()?.answer(call)
    }

    fn drop_call(&mut self, call: u64, q850: u16) -> Result<(), Error> {
        self.stack()?.clear(call, q850)
    }

    fn hold(&mut self, call: u64, on: bool) -> Result<(), Error> {
        self.stack()?.hold(call, on)
    }

    fn send_digits(
        &mut self,
        channel: u32,
        kind: DigitKind,
        digits: &str,
        (on_ms, off_ms): (u32, u32),
        _request: Request,
    ) -> Result<Completion, Error> {
        if kind != DigitKind::Dtmf {
            return Err(Error::unsupported());
        }
        let run =
            Run::new(digits, on_ms, off_ms).ok_or_else(|| Error::arg("send_digits: at most 32 at a time"))?;
        let shared = &self.stack()?.shared;
        let now_ns = shared.host.now_ns();
        let state = &mut *shared.state.lock();
        let id = state.slots.call(channel);
        let call = state.calls.get_mut(&id).filter(|call| matches!(call.phase, Phase::Up | Phase::Answering));
        let none = || Error::state(format!("channel {channel} has no connected call"));
        let call = call.ok_or_else(none)?;
        if call.remote.as_ref().is_none_or(|remote| remote.events.is_none()) {
            return Err(Error::unsupported());
        }
        let audio = call.audio.as_mut().ok_or_else(none)?;
        let last = audio.digits_until_ns.iter().copied().max().unwrap_or(0).max(now_ns);
        let place = audio.digits_until_ns.iter_mut().find(|until| **until <= now_ns);
        let full = || Error::new(CCD_E_FULL, "send_digits: four runs are waiting; try again when one is out");
        // a frame or two more for each digit, so that it is surely out
        let digit_ns = (u64::from(run.on_ms) + u64::from(run.off_ms) + 60) * 1_000_000;
        *place.ok_or_else(full)? = last + digit_ns * u64::from(run.count);
        state.tell_media(Command::Digits(channel, run));
        Ok(Completion::Now)
    }

    fn service(&mut self, channel: u32, in_service: bool) -> Result<(), Error> {
        let state = &mut *self.stack()?.shared.state.lock();
        if state.slots.set_service(channel, in_service) {
            let (now, was) = if in_service { (0, CCD_BLOCK_LOCAL) } else { (CCD_BLOCK_LOCAL, 0) };
            state.post(Event::Blocked { place: Place::Channel(channel), now, was });
        }
        Ok(())
    }

    fn replay(&mut self, channel: Option<u32>) -> Result<(), Error> {
        let shared = &self.stack()?.shared;
        let now_ns = shared.host.now_ns();
        let state = &mut *shared.state.lock();
        let events = match channel {
            None => {
                let blocked = |channel| Event::Blocked {
                    place: Place::Channel(channel),
                    now: CCD_BLOCK_LOCAL,
                    was: CCD_BLOCK_LOCAL,
                };
                state.bindings.all(now_ns).chain(state.slots.out_of_service().map(blocked)).collect()
            }
            Some(channel) => {
                let id = state.slots.call(channel);
                state.calls.get(&id).map(|call| call.replay(id)).unwrap_or_default()
            }
        };
        events.into_iter().for_each(|event| state.post(event));
        Ok(())
    }

    fn stats(&self) -> String {
        let Ok(stack) = self.stack() else { return "{}".to_owned() };
        let state = stack.shared.state.lock();
        let (counts, watch) = (&state.counts, &stack.shared.watch);
        let mut packets = counts.packets;
        let audios = state.calls.values().filter_map(|call| call.audio.as_ref());
        audios.for_each(|audio| packets.add(&audio.counters));
        let numbers = [
            ("calls", state.calls.len() as u64),
            ("dialogs", stack.layer.len() as u64),
            ("registered", state.bindings.count() as u64),
            ("incoming", counts.incoming),
            ("outgoing", counts.outgoing),
            ("refused", counts.refused),
            ("malformed", watch.malformed.load(Ordering::Relaxed)),
            ("flooded", watch.flooded.load(Ordering::Relaxed)),
            ("packets_late", packets.late),
            ("packets_lost", packets.lost),
            ("packets_foreign", packets.foreign),
            ("packets_unfit", packets.unfit),
            ("frames_concealed", packets.concealed),
            ("samples_added", packets.added),
            ("samples_dropped", packets.dropped),
            ("transactions", watch.transactions.load(Ordering::Relaxed) as u64),
        ];
        let members = numbers.map(|(name, number)| format!("\"{name}\":{number}"));
        format!("{{{}}}", members.join(","))
    }
}
