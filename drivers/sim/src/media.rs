//! The real-time half: in every frame each person listens to what the host sends and says what it has to say.

use crate::config::Settings;
use crate::country::ExchangeTone;
use crate::ear::Ear;
use crate::echo::{Echo, Mode};
use crate::keys::Keys;
use crate::receiver::Receiver;
use crate::shared::{Key, SOUNDS, Shared, heard_word};
use crate::teller::{Message, Teller};
use crate::voice::Voice;
use callcore_codec::caller_id::Modem;
use callcore_codec::g711;
use callcore_driver_sdk::{Format, Media, MediaSetup, Tick};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::Thread;

/// The media half of the simulator; made by start, fed by the host's ticks. Takes no lock and allocates nothing.
pub struct SimMedia {
    shared: Arc<Shared>,
    thread: Option<Thread>,
    keys: KeyRings,
    ids: Ids,
    loopback: bool,
    lines: Vec<Line>,
    said: Vec<i16>,
    heard: Vec<i16>,
}

/// Messages about who calls, and the modem that sends them.
pub(crate) struct Ids {
    pub(crate) modem: Modem,
    /// To be sent.
    pub(crate) to_send: rtrb::Consumer<Message>,
    /// Received.
    pub(crate) received: rtrb::Producer<Message>,
}

/// Keys on their way.
pub(crate) struct KeyRings {
    /// Those that people press, to be sounded.
    pub(crate) from_world: Option<rtrb::Consumer<Key>>,
    /// Those that boards have heard.
    pub(crate) hears: rtrb::Producer<Key>,
}

struct Line {
    connection: u32,
    receiver: Option<Receiver>,
    echo: Option<Box<Echo>>,
    voice: Voice,
    ear: Ear,
    keys: Keys,
    exchange: ExchangeTone,
    teller: Teller,
}

impl SimMedia {
    pub(crate) fn new(
        shared: Arc<Shared>,
        setup: &MediaSetup,
        settings: &Settings,
        thread: Option<Thread>,
        keys: KeyRings,
        ids: Ids,
    ) -> Self {
        let channels = shared.links.len() as u32;
        let lines = (0..channels).map(|channel| Line::new(channel, channels, settings)).collect();
        let silence = vec![0; setup.frame_samples as usize];
        let loopback = settings.loopback;
        Self { shared, thread, keys, ids, loopback, lines, said: silence.clone(), heard: silence }
    }

    fn take_keys(&mut self) {
        let Some(keys) = &mut self.keys.from_world else { return };
        while let Ok(key) = keys.pop() {
            let channel = key.channel as usize;
            let (line, link) = (&mut self.lines[channel], &self.shared.links[channel]);
            line.follow(link.state.load(Ordering::Acquire) >> 2);
            if line.connection == key.connection && !line.keys.press(key.digit) {
                self.shared.keys_lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Lines that are told who calls, whether the host has their sound or not; true when a board knows it.
    fn tell(&mut self) -> bool {
        while let Ok(message) = self.ids.to_send.pop() {
            if let Some(line) = self.lines.get_mut(message.channel as usize) {
                line.teller.begin(self.ids.modem, &message);
            }
        }
        let mut is_new = false;
        for (channel, line) in self.lines.iter_mut().enumerate().filter(|(_, line)| line.teller.is_busy()) {
            let link = &self.shared.links[channel];
            if link.sound.load(Ordering::Acquire) != 0 || link.state.load(Ordering::Acquire) & 2 != 0 {
                line.teller.stop();
                continue;
            }
            if let Some(message) = line.teller.fill(channel as u32, &mut self.said) {
                // a host that does not look for so long has no use for it
                is_new |= self.ids.received.push(message).is_ok();
            }
        }
        is_new
    }

    /// One line for one frame; true when its person hears something else than before.
    fn exchange_line(&mut self, tick: &mut Tick<'_>, channel: u32) -> bool {
        let Some(line) = self.lines.get_mut(channel as usize) else { return false };
        let link = &self.shared.links[channel as usize];
        let state = link.state.load(Ordering::Acquire);
        line.follow(state >> 2);
        let is_up = state & 2 != 0;
        let sound = SOUNDS[link.sound.load(Ordering::Acquire) as usize % SOUNDS.len()];
        if is_up {
            decode(tick.tx(channel), tick.tx_format(channel), &mut self.heard);
        }
        if line.exchange.fill(&mut self.said, sound) {
            // the exchange speaks, and nobody else
        } else if is_up && line.keys.fill(&mut self.said) {
            // nobody speaks while they press a key
        } else if is_up && self.loopback {
            self.said.copy_from_slice(&self.heard);
        } else if is_up {
            line.voice.fill(&mut self.said, state & 1 != 0);
        } else {
            self.said.fill(0);
        }
        if let Some(echo) = line.echo.as_mut().filter(|_| is_up) {
            let value = link.canceller.load(Ordering::Acquire);
            let mode = Mode::from_value(value.into()).unwrap_or(Mode::On);
            echo.pass(mode, &self.heard, &mut self.said);
        }
        encode(&self.said, tick.format(channel), tick.rx(channel));
        tick.set_rx_valid(channel);
        if !is_up {
            return false;
        }
        let digit = line.receiver.as_mut().and_then(|receiver| receiver.listen(&self.said));
        let key = digit.map(|digit| Key { channel, connection: line.connection, digit });
        // a host that does not look for so long has no use for it
        let is_pressed = key.is_some_and(|key| self.keys.hears.push(key).is_ok());
        let word = heard_word(line.connection, line.ear.listen(&self.heard));
        is_pressed | (link.heard.swap(word, Ordering::AcqRel) != word)
    }
}

impl Media for SimMedia {
    fn exchange(&mut self, tick: &mut Tick<'_>) {
        self.take_keys();
        let is_told = self.tell();
        let mut is_new = false;
        for channel in tick.active() {
            is_new |= self.exchange_line(tick, channel);
        }
        self.shared.frames.fetch_add(1, Ordering::Relaxed);
        if is_new {
            self.shared.heard_is_new.store(true, Ordering::Release);
        }
        if let Some(thread) = self.thread.as_ref().filter(|_| is_new || is_told) {
            thread.unpark();
        }
    }
}

impl Line {
    fn new(channel: u32, channels: u32, settings: &Settings) -> Self {
        Self {
            connection: 0,
            receiver: settings.digit_receiver_dbm0.map(Receiver::new),
            echo: settings.echo.map(|(weaker_db, delay_ms)| Box::new(Echo::new(weaker_db, delay_ms))),
            voice: Voice::new(channel, channels),
            ear: Ear::new(),
            keys: Keys::new(),
            exchange: ExchangeTone::new(settings.country),
            teller: Teller::new(),
        }
    }

    /// A new connection begins with fresh ears.
    fn follow(&mut self, connection: u32) {
        if self.connection != connection {
            self.connection = connection;
            self.ear = Ear::new();
            self.keys.clear();
            self.receiver.iter_mut().for_each(Receiver::forget);
        }
    }
}

fn decode(bytes: Option<&[u8]>, format: Format, out: &mut [i16]) {
    let Some(bytes) = bytes else { return out.fill(0) };
    match format {
        Format::ALaw => out.iter_mut().zip(bytes).for_each(|(to, byte)| *to = g711::ALAW[usize::from(*byte)]),
        Format::MuLaw => {
            out.iter_mut().zip(bytes).for_each(|(to, byte)| *to = g711::ULAW[usize::from(*byte)])
        }
        Format::L16 => {
            let pairs = bytes.as_chunks::<2>().0;
            out.iter_mut().zip(pairs).for_each(|(to, pair)| *to = i16::from_ne_bytes(*pair));
        }
        // its channels say that they have none of these
        Format::L16Wide | Format::L16Full | Format::G722 | Format::G729 | Format::Opus => out.fill(0),
    }
}

fn encode(samples: &[i16], format: Format, out: &mut [u8]) {
    match format {
        Format::ALaw => out.iter_mut().zip(samples).for_each(|(to, s)| *to = g711::linear_to_alaw(*s)),
        Format::MuLaw => out.iter_mut().zip(samples).for_each(|(to, s)| *to = g711::linear_to_ulaw(*s)),
        Format::L16 => {
            let pairs = out.as_chunks_mut::<2>().0;
            pairs.iter_mut().zip(samples).for_each(|(to, s)| *to = s.to_ne_bytes());
        }
        Format::L16Wide | Format::L16Full | Format::G722 | Format::G729 | Format::Opus => out.fill(0),
    }
}
