//! The real-time half: one frame for all calls. Nothing here allocates, frees, locks or waits.
//!
//! Sessions come and go through two rings: made and dropped by the signalling thread, used here.

use crate::dtmf::Run;
use crate::session::{PacketRoom, SLOT_BYTES_MAX, Session, Terms};
use callcore_driver_sdk::{DigitEdge, DigitKind, Event, Host, Media, MediaSetup, PostError, Tick};
use rtrb::{Consumer, Producer};

/// What the signalling thread tells the media thread.
pub(crate) enum Command {
    /// A call has audio now, or none any more; what was there before goes back in the same box.
    Session(u32, Box<Option<Session>>),
    /// Its terms have changed.
    Terms(u32, Terms),
    /// Digits to send.
    Digits(u32, Run),
}

/// Both ends of the rings on the signalling side.
pub(crate) struct Link {
    pub(crate) commands: Producer<Command>,
    pub(crate) returned: Consumer<Box<Option<Session>>>,
}

/// The media half of the device.
pub struct SipMedia {
    commands: Consumer<Command>,
    returned: Producer<Box<Option<Session>>>,
    host: Host,
    /// By channel, side by side: calls that share pages of memory wait less for the tables of pages.
    sessions: Vec<Option<Session>>,
    /// The channels that have one, in rising order.
    calls: Vec<u32>,
    samples: u32,
    last_frame: Option<u64>,
    room: Box<PacketRoom>,
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
            calls: Vec::with_capacity(channels),
            samples: setup.frame_samples,
            last_frame: None,
            room: Box::new([0; 2048]),
        };
        (media, Link { commands: to_media, returned: from_media })
    }

    fn obey(&mut self) {
        // a session that cannot be given back keeps its command waiting, and the ones after it
        while !self.returned.is_full() {
            let Ok(command) = self.commands.pop() else { return };
            match command {
                Command::Session(channel, session) => self.replace(channel, session),
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

    fn replace(&mut self, channel: u32, mut session: Box<Option<Session>>) {
        if let Some(place) = self.sessions.get_mut(channel as usize) {
            match (self.calls.binary_search(&channel), session.is_some()) {
                (Ok(at), false) => drop(self.calls.remove(at)),
                (Err(at), true) => self.calls.insert(at, channel),
                _ => {}
            }
            std::mem::swap(place, &mut *session);
        }
        // there is room: it was looked at before the command was taken
        let _ = self.returned.push(session);
    }

    /// The call is due soon; see [`Session::prefetch`].
    fn prefetch(&self, nth: usize, is_here: bool) {
        let session = self.calls.get(nth).and_then(|channel| self.sessions[*channel as usize].as_ref());
        if let Some(session) = session {
            session.prefetch(is_here);
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
        let skipped = u32::try_from(passed.saturating_sub(1)).unwrap_or(0);
        for nth in 0..self.calls.len() {
            self.prefetch(nth + 2, false);
            self.prefetch(nth + 1, true);
            let channel = self.calls[nth];
            let Some(session) = &mut self.sessions[channel as usize] else { continue };
            if skipped > 0 {
                session.skip(skipped, skipped.saturating_mul(self.samples));
            }
            session.receive(&mut self.room, self.samples, skipped > 0);
            Self::report_digits(&self.host, channel, session);
            exchange_call(session, tick, channel, self.samples, &mut self.room);
        }
    }
}

/// The sound of one call, both ways. What the host says in another format than the call has by now is not sent; it follows
/// with the next frame.
fn exchange_call(
    session: &mut Session,
    tick: &mut Tick<'_>,
    channel: u32,
    samples: u32,
    room: &mut PacketRoom,
) {
    let format = session.format();
    // also before the host listens, so that it speaks rightly from its first frame on
    if !tick.set_format(channel, format) || !tick.is_active(channel) {
        let mut nobody = [0; SLOT_BYTES_MAX];
        let bytes = format.slot_bytes(samples as usize).min(nobody.len());
        session.take(&mut nobody[..bytes]);
        return session.send(samples, None, room);
    }
    if session.take(tick.rx(channel)) {
        tick.set_rx_valid(channel);
    }
    let is_fit = tick.tx_format(channel) == format;
    session.send(samples, tick.tx_payload(channel).filter(|_| is_fit), room);
}
