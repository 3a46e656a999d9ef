//! The real-time half: one frame for all calls. Nothing here allocates, frees, locks or waits.
//!
//! Sessions come and go through two rings: made and dropped by the signalling thread, used here.

use crate::dtmf::Run;
use crate::sdp::Law;
use crate::session::{FRAME_SAMPLES_MAX, Session, Terms};
use callcore_codec::g711;
use callcore_driver_sdk::{Codec, DigitEdge, DigitKind, Event, Host, Media, MediaSetup, PostError, Tick};
use rtrb::{Consumer, Producer};

/// What the signalling thread tells the media thread.
pub(crate) enum Command {
    /// A call has audio now.
    Attach(u32, Box<Session>),
    /// It has none any more; the session goes back.
    Detach(u32),
    /// Its terms have changed.
    Terms(u32, Terms),
    /// Digits to send.
    Digits(u32, Run),
}

/// Both ends of the rings on the signalling side.
pub(crate) struct Link {
    pub(crate) commands: Producer<Command>,
    pub(crate) returned: Consumer<Box<Session>>,
}

/// The media half of the device.
pub struct SipMedia {
    commands: Consumer<Command>,
    returned: Producer<Box<Session>>,
    host: Host,
    sessions: Vec<Option<Box<Session>>>,
    codec: Codec,
    samples: usize,
    last_frame: Option<u64>,
    packet: Box<[u8; 2048]>,
}

impl SipMedia {
    pub(crate) fn new(host: Host, setup: MediaSetup) -> (Self, Link) {
        let channels = setup.channels as usize;
        let (to_media, commands) = rtrb::RingBuffer::new(channels * 4 + 64);
        let (returned, from_media) = rtrb::RingBuffer::new(channels * 2 + 64);
        let mut sessions = Vec::new();
        sessions.resize_with(channels, || None);
        let media = Self {
            commands,
            returned,
            host,
            sessions,
            codec: setup.codec,
            samples: setup.frame_samples as usize,
            last_frame: None,
            packet: Box::new([0; 2048]),
        };
        (media, Link { commands: to_media, returned: from_media })
    }

    fn obey(&mut self) {
        // a session that cannot be given back keeps its command waiting, and the ones after it
        while !self.returned.is_full() {
            let Ok(command) = self.commands.pop() else { return };
            match command {
                Command::Attach(channel, session) => self.replace(channel, Some(session)),
                Command::Detach(channel) => self.replace(channel, None),
                Command::Terms(channel, terms) => {
                    if let Some(Some(session)) = self.sessions.get_mut(channel as usize) {
                        session.set_terms(terms);
                    }
                }
                Command::Digits(channel, run) => {
                    if let Some(Some(session)) = self.sessions.get_mut(channel as usize) {
                        session.queue_digits(run);
                    }
                }
            }
        }
    }

    fn replace(&mut self, channel: u32, session: Option<Box<Session>>) {
        let Some(place) = self.sessions.get_mut(channel as usize) else { return };
        if let Some(old) = std::mem::replace(place, session) {
            // there is room: it was looked at before the command was taken
            let _ = self.returned.push(old);
        }
    }

    fn report_digits(host: &Host, channel: u32, session: &mut Session) {
        while let Some(heard) = session.first_heard() {
            let event = Event::Digit {
                channel,
                call: session.call,
                kind: DigitKind::Dtmf,
                digit: heard.digit,
                edge: DigitEdge::Whole,
                ms: heard.ms,
            };
            match host.try_post(&event) {
                Err(PostError::Full) => return,
                _ => session.forget_heard(),
            }
        }
    }
}

impl Media for SipMedia {
    fn exchange(&mut self, tick: &mut Tick<'_>) {
        self.obey();
        let frame = tick.frame();
        let passed = self.last_frame.replace(frame).map_or(1, |last| frame.saturating_sub(last));
        let skipped =
            u32::try_from(passed.saturating_sub(1)).unwrap_or(0).saturating_mul(self.samples as u32);
        let mut wire = [0; FRAME_SAMPLES_MAX];
        let wire = &mut wire[..self.samples.min(FRAME_SAMPLES_MAX)];
        for (channel, session) in (0u32..).zip(&mut self.sessions) {
            let Some(session) = session else { continue };
            if skipped > 0 {
                session.skip(skipped);
            }
            session.receive(&mut self.packet[..], wire.len() as u32, frame % 64 == 0 || skipped > 0);
            Self::report_digits(&self.host, channel, session);
            let heard = session.take(wire);
            if !tick.is_active(channel) {
                session.send(wire.len(), None);
                continue;
            }
            if heard {
                decode(self.codec, session.law(), wire, tick, channel);
                tick.set_rx_valid(channel);
            }
            let speaks = encode(self.codec, session.law(), tick, channel, wire);
            session.send(wire.len(), speaks.then_some(&*wire));
        }
    }
}

/// From the wire to the pool.
fn decode(codec: Codec, law: Law, wire: &[u8], tick: &mut Tick<'_>, channel: u32) {
    let table = match law {
        Law::A => &g711::ALAW,
        Law::Mu => &g711::ULAW,
    };
    match (codec, law) {
        (Codec::L16, _) => {
            for (sample, byte) in tick.rx_i16(channel).iter_mut().zip(wire) {
                *sample = table[usize::from(*byte)];
            }
        }
        (Codec::ALaw, Law::A) | (Codec::MuLaw, Law::Mu) => tick.rx(channel).copy_from_slice(wire),
        (Codec::ALaw, Law::Mu) => {
            convert(tick.rx(channel), wire, |b| g711::linear_to_alaw(table[usize::from(b)]))
        }
        (Codec::MuLaw, Law::A) => {
            convert(tick.rx(channel), wire, |b| g711::linear_to_ulaw(table[usize::from(b)]))
        }
    }
}

/// From the pool to the wire; `false` when the host says nothing.
fn encode(codec: Codec, law: Law, tick: &Tick<'_>, channel: u32, wire: &mut [u8]) -> bool {
    let to_law = match law {
        Law::A => g711::linear_to_alaw,
        Law::Mu => g711::linear_to_ulaw,
    };
    if codec == Codec::L16 {
        let Some(samples) = tick.tx_i16(channel) else { return false };
        for (byte, sample) in wire.iter_mut().zip(samples) {
            *byte = to_law(*sample);
        }
        return true;
    }
    let Some(bytes) = tick.tx(channel) else { return false };
    match (codec, law) {
        (Codec::ALaw, Law::Mu) => convert(wire, bytes, |b| to_law(g711::ALAW[usize::from(b)])),
        (Codec::MuLaw, Law::A) => convert(wire, bytes, |b| to_law(g711::ULAW[usize::from(b)])),
        _ => wire.copy_from_slice(bytes),
    }
    true
}

fn convert(to: &mut [u8], from: &[u8], each: impl Fn(u8) -> u8) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = each(*from);
    }
}
