//! The media thread: one frame every 20 ms for all channels of all devices. It never allocates, locks, logs or blocks.

use super::board::BoardPort;
use super::handle::Shared;
use super::paced::DeviceIo;
use super::ports::{PORTS_MAX, PortsIo};
use super::stats::add;
use crate::board::{ChannelId, DeviceId};
use crate::media::Voice;
use crate::media::engine::{DeviceMap, Engine, EngineCommand, EngineRefused, FrameIo, Garbage};
use callcore_codec::Format;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

/// Commands on their way to the engine. More have to wait for the next frame.
const COMMANDS_MAX: usize = 8192;
/// What the engine needs no more, on its way to be dropped. While it is full, commands wait.
const WASTE_MAX: usize = 4_096;
/// Voices of channels that changed their format, on their way to be made and back.
const VOICES_MAX: usize = 1024;
/// Devices that come and go at a time; more wait for the next frame.
const SWAPS_MAX: usize = 64;
/// How long a frame is.
const FRAME: Duration = Duration::from_millis(20);
/// How soon the outbox looks again for room among the commands.
const RETRY: Duration = Duration::from_millis(1);

/// What another thread has to drop.
#[allow(dead_code)] // to be dropped is all that these are for
pub(crate) enum Waste {
    Garbage(Garbage),
    Refused(EngineRefused),
    Device(DeviceIo),
}

/// A device comes, goes, or is another one.
pub(crate) struct Swap {
    pub(crate) device: DeviceId,
    /// `None`: it is away.
    pub(crate) io: Option<DeviceIo>,
    /// The engine's room for its channels, when it has none or another.
    pub(crate) map: Option<DeviceMap>,
}

/// What the media thread needs another thread to make: the voice of a channel in a format.
pub(crate) type Want = (ChannelId, Format);
/// What was made.
pub(crate) type Made = (ChannelId, Box<Voice>);

/// The way to the engine.
pub(crate) struct MediaPort(rtrb::Producer<EngineCommand>);

impl MediaPort {
    /// Waits for room, which a frame makes; when the media thread has ended nobody needs the command.
    pub(crate) fn send(&mut self, command: EngineCommand) {
        let mut command = command;
        while let Err(rtrb::PushError::Full(back)) = self.0.push(command) {
            if self.0.is_abandoned() {
                return;
            }
            command = back;
            std::thread::sleep(RETRY);
        }
    }
}

/// What must not allocate; the tests count where it does.
#[cfg(not(test))]
fn real_time(body: impl FnOnce()) {
    body();
}
#[cfg(test)]
use assert_no_alloc::assert_no_alloc as real_time;

/// The pools of all devices.
struct Pools {
    /// As many as there can be.
    devices: Box<[Option<DeviceIo>]>,
    ports: PortsIo,
}

impl Pools {
    fn device(&self, device: DeviceId) -> Option<&DeviceIo> {
        self.devices.get(usize::from(device.0))?.as_ref()
    }

    fn device_mut(&mut self, device: DeviceId) -> Option<&mut DeviceIo> {
        self.devices.get_mut(usize::from(device.0))?.as_mut()
    }

    fn all(&mut self) -> impl Iterator<Item = &mut DeviceIo> {
        self.devices.iter_mut().flatten()
    }
}

impl FrameIo for Pools {
    fn format(&self, channel: ChannelId) -> Option<Format> {
        if channel.device == self.ports.device() {
            return Some(self.ports.format(channel.index));
        }
        Some(self.device(channel.device)?.format(channel.index))
    }

    fn rx(&self, channel: ChannelId) -> Option<&[u8]> {
        if channel.device == self.ports.device() {
            return self.ports.rx(channel.index);
        }
        self.device(channel.device)?.rx(channel.index)
    }

    fn tx(&mut self, channel: ChannelId, format: Format) -> Option<&mut [u8]> {
        if channel.device == self.ports.device() {
            return self.ports.tx(channel.index, format);
        }
        self.device_mut(channel.device)?.tx(channel.index, format)
    }
}

/// The thread's own things.
pub(crate) struct Media {
    engine: Engine,
    pools: Pools,
    swaps: rtrb::Consumer<Swap>,
    commands: rtrb::Consumer<EngineCommand>,
    waste: rtrb::Producer<Waste>,
    wants: rtrb::Producer<Want>,
    made: rtrb::Consumer<Made>,
    sweeper: Thread,
    shared: Arc<Shared>,
    is_ending: Arc<AtomicBool>,
}

/// What is needed besides to have one.
pub(crate) struct Ends {
    pub(crate) port: MediaPort,
    pub(crate) swaps: rtrb::Producer<Swap>,
    pub(crate) waste: rtrb::Consumer<Waste>,
    pub(crate) wants: rtrb::Consumer<Want>,
    pub(crate) made: rtrb::Producer<Made>,
    pub(crate) is_ending: Arc<AtomicBool>,
}

/// The rings between the media thread and the others.
pub(crate) struct Rings {
    swaps: rtrb::Consumer<Swap>,
    commands: rtrb::Consumer<EngineCommand>,
    waste: rtrb::Producer<Waste>,
    wants: rtrb::Producer<Want>,
    made: rtrb::Consumer<Made>,
    is_ending: Arc<AtomicBool>,
}

/// Both sides of the rings.
pub(crate) fn rings() -> (Rings, Ends) {
    let (to_engine, commands) = rtrb::RingBuffer::new(COMMANDS_MAX);
    let (to_swap, swaps) = rtrb::RingBuffer::new(SWAPS_MAX);
    let (waste, from_engine) = rtrb::RingBuffer::new(WASTE_MAX);
    let (wants, wanted) = rtrb::RingBuffer::new(VOICES_MAX);
    let (to_media, made) = rtrb::RingBuffer::new(VOICES_MAX);
    let is_ending = Arc::new(AtomicBool::new(false));
    let ends = Ends {
        port: MediaPort(to_engine),
        swaps: to_swap,
        waste: from_engine,
        wants: wanted,
        made: to_media,
        is_ending: Arc::clone(&is_ending),
    };
    (Rings { swaps, commands, waste, wants, made, is_ending }, ends)
}

/// A bug of ours must not leave calls standing in silence: they end, and callers can try again.
struct EndCallsOnPanic(Arc<Shared>);

impl Drop for EndCallsOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let give_up = |port: &BoardPort| port.give_up(&self.0.inbox, "the media thread ended by a bug");
            self.0.boards.all().iter().for_each(give_up);
        }
    }
}

impl Media {
    /// There can be so many devices; they come as [`Swap`]s.
    pub(crate) fn new(
        mut engine: Engine,
        devices_max: usize,
        ports: PortsIo,
        rings: Rings,
        sweeper: Thread,
        shared: Arc<Shared>,
    ) -> Self {
        let devices = (0..devices_max).map(|_| None).collect();
        let map = DeviceMap::new(PORTS_MAX as usize);
        let added = engine.handle(EngineCommand::AddDevice { device: ports.device(), map });
        assert!(added.is_ok(), "the engine was made for the ports, too");
        let Rings { swaps, commands, waste, wants, made, is_ending } = rings;
        Self {
            engine,
            pools: Pools { devices, ports },
            swaps,
            commands,
            waste,
            wants,
            made,
            sweeper,
            shared,
            is_ending,
        }
    }

    pub(crate) fn spawn(mut self) -> io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("callcore-media".into()).spawn(move || {
            let guard = EndCallsOnPanic(Arc::clone(&self.shared));
            if self.shared.clock.is_real() {
                super::priority::real_time_or_say("media");
            }
            self.run();
            drop(guard);
        })
    }

    fn run(&mut self) {
        let period = self.shared.clock.real(FRAME);
        let mut deadline = Instant::now();
        while !self.is_ending.load(Ordering::Acquire) {
            deadline += period;
            let now = Instant::now();
            match deadline.checked_duration_since(now) {
                Some(early) => std::thread::sleep(early),
                None => deadline += self.be_late(now - deadline, period),
            }
            let began = Instant::now();
            real_time(|| {
                self.take_swaps();
                self.pools.ports.install();
                self.take_commands();
                self.frame();
            });
            let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.shared.counters.frame_us_max.fetch_max(took, Ordering::Relaxed);
            #[cfg(test)]
            super::tests::count_allocations();
        }
        // the halves end before their devices are stopped
        for io in self.pools.devices.iter_mut().filter_map(Option::take) {
            let _ = self.waste.push(Waste::Device(io));
        }
        self.sweeper.unpark();
    }

    /// Whole frames that were missed are left out, never made up for; how long they would have taken.
    fn be_late(&mut self, by: Duration, period: Duration) -> Duration {
        let missed = (by.as_nanos() / period.as_nanos().max(1)) as u32;
        if missed > 0 {
            add(&self.shared.counters.frames_late, missed.into());
            self.pools.all().for_each(|io| io.skip(missed));
        }
        period * missed
    }

    fn take_swaps(&mut self) {
        // a swap leaves behind the device that was there and two maps at most
        while self.waste.slots() > 2
            && let Ok(Swap { device, mut io, map }) = self.swaps.pop()
        {
            if let Some(map) = map {
                // a device that comes for the first time has no map to take away
                self.put_in(EngineCommand::RemoveDevice { device });
                self.put_in(EngineCommand::AddDevice { device, map });
            }
            if let Some(io) = &mut io {
                let open = |index: &u32| self.engine.is_open(ChannelId { device, index: *index });
                (0..io.channels()).filter(open).for_each(|index| io.set_active(index, true));
            }
            let Some(place) = self.pools.devices.get_mut(usize::from(device.0)) else { continue };
            if let Some(before) = std::mem::replace(place, io) {
                let _ = self.waste.push(Waste::Device(before));
            }
        }
    }

    fn put_in(&mut self, command: EngineCommand) {
        let waste = match self.engine.handle(command) {
            Ok(garbage) => garbage.map(Waste::Garbage),
            Err(EngineRefused { command: EngineCommand::RemoveDevice { .. }, .. }) => None,
            Err(refused) => Some(Waste::Refused(refused)),
        };
        if let Some(waste) = waste {
            let _ = self.waste.push(waste);
        }
    }

    fn take_commands(&mut self) {
        // a command leaves behind one thing at most
        while self.waste.slots() > 0
            && let Ok(command) = self.commands.pop()
        {
            let switched = match &command {
                EngineCommand::Open { channel, .. } => Some((*channel, true)),
                EngineCommand::Close { channel } => Some((*channel, false)),
                _ => None,
            };
            self.carry_out(command, switched);
        }
        while self.waste.slots() > 0
            && let Ok((channel, voice)) = self.made.pop()
        {
            self.carry_out(EngineCommand::SetVoice { channel, voice }, None);
        }
        if self.waste.slots() < WASTE_MAX / 2 {
            self.sweeper.unpark();
        }
    }

    fn carry_out(&mut self, command: EngineCommand, switched: Option<(ChannelId, bool)>) {
        let waste = match self.engine.handle(command) {
            Ok(garbage) => {
                self.switch(switched);
                garbage.map(Waste::Garbage)
            }
            Err(refused) => Some(Waste::Refused(refused)),
        };
        if let Some(waste) = waste {
            let _ = self.waste.push(waste);
        }
    }

    fn switch(&mut self, switched: Option<(ChannelId, bool)>) {
        if let Some((channel, on)) = switched
            && let Some(io) = self.pools.device_mut(channel.device)
        {
            io.set_active(channel.index, on);
        }
    }

    /// A channel has changed its format: somebody who may allocate makes what it needs.
    fn pass_on_wants(&mut self) {
        let mut is_one = false;
        while self.wants.slots() > 0
            && let Some(want) = self.engine.poll_want()
        {
            is_one |= self.wants.push(want).is_ok();
        }
        if is_one {
            self.sweeper.unpark();
        }
    }

    fn frame(&mut self) {
        self.pools.all().for_each(DeviceIo::begin);
        self.pools.ports.begin();
        self.engine.run_frame(&mut self.pools);
        let t_ns = self.shared.clock.nanos();
        let formats_unknown = self.pools.all().map(|io| io.exchange(t_ns)).sum();
        self.pools.ports.exchange();
        while let Some(event) = self.engine.poll_event() {
            self.shared.inbox.push_media(event);
        }
        self.pass_on_wants();
        let counters = &self.shared.counters;
        add(&counters.frames, 1);
        add(&counters.formats_unknown, formats_unknown);
        counters.frames_missing.store(self.engine.stats().frames_missing, Ordering::Relaxed);
    }
}
