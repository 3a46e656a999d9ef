//! The audio of one call: a socket, a jitter buffer, digits both ways. Lives on the media thread while the call does.

use crate::codec;
use crate::dtmf::{self, Heard, Receiver, Run, Sender};
use crate::rtp::{HEADER_BYTES, Packet};
use crate::sdp::{Events, own_events};
use crate::source::{Expected, Source};
use crate::wire::Wire;
use callcore_codec::format::PACKET_BYTES_MAX;
use callcore_codec::jitter::{Counts, Jitter, Taken};
use callcore_codec::prefetch;
use callcore_driver_sdk::Format;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Packets taken from a socket in one frame; what is left waits for the next.
const PACKETS_MAX: usize = 16;
/// After so many frames without a packet, 1 s, a socket is looked at in every fourth frame only.
const QUIET_FRAMES_MAX: u8 = 50;
const QUIET_ASK_FRAMES: u64 = 4;
/// Frames after which everything is read, however full the buffer is: 1.28 s of 20 ms. A sender that is faster than we are
/// is noticed then, and one that has not moved gets a connected socket.
const DRAIN_FRAMES: u64 = 64;
/// Samples at 8 kHz without a packet of the far end, 1 s, after which it is looked for elsewhere.
const SILENT_SAMPLES_MAX: u64 = 8000;
/// The largest payload that a frame of the pool has.
pub(crate) const SLOT_BYTES_MAX: usize = 2 + PACKET_BYTES_MAX;
/// The smallest packet we send: 20 ms.
const PACKET_SAMPLES_MIN: u32 = 160;
/// A sample at 8 kHz.
const SAMPLE_NS: u64 = 125_000;
/// The clock of digits when a far end has none: that of the reports about them.
const EVENTS_HZ: u32 = 8000;
/// Digits that wait because the host's ring was full.
const HEARD_MAX: usize = 8;

/// Counters of a call, written by the media thread and read for RTCP and statistics.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Our SSRC now: a codec of another clock has another (RFC 7160 §4.2).
    pub(crate) own_ssrc: AtomicU32,
    pub(crate) sent: AtomicU32,
    pub(crate) sent_octets: AtomicU32,
    pub(crate) sent_timestamp: AtomicU32,
    pub(crate) received: AtomicU32,
    pub(crate) first: AtomicU32,
    pub(crate) highest: AtomicU32,
    pub(crate) ssrc: AtomicU32,
    pub(crate) jitter: AtomicU32,
    /// Sound that came too late, or too early, to be played, and that never came.
    pub(crate) late: AtomicU32,
    pub(crate) lost: AtomicU32,
    pub(crate) foreign: AtomicU32,
    /// Payloads that are none of their codec, or of a length that the pool has no slots for.
    pub(crate) unfit: AtomicU32,
    /// Frames for which nothing was there, while the other side spoke and in its pauses.
    pub(crate) concealed: AtomicU32,
    /// Samples at 8 kHz that were put in and left out to follow the other side's clock and the network.
    pub(crate) added: AtomicU32,
    pub(crate) dropped: AtomicU32,
    /// Where RTP comes from, as learned: IPv4 address and port; 0 is not learned.
    pub(crate) learned: AtomicU64,
}

fn count(counter: &AtomicU32, add: u32) {
    // one writer, so a load and a store are enough
    counter.store(counter.load(Ordering::Relaxed).wrapping_add(add), Ordering::Relaxed);
}

/// How to speak with the other side now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) address: Option<SocketAddr>,
    pub(crate) format: Format,
    pub(crate) payload_type: u8,
    pub(crate) events: Option<Events>,
    pub(crate) send: bool,
    pub(crate) receive: bool,
    pub(crate) symmetric: bool,
}

impl Terms {
    fn events_hz(&self) -> u32 {
        self.events.map_or(EVENTS_HZ, |events| events.clock_hz)
    }

    /// Whether a payload type is a digit. The other side sends by the numbers of our description (RFC 3264 §5.1), which are
    /// its own when we answered it; both are taken, unless the other side means something else by ours.
    fn is_digit(&self, payload_type: u8) -> bool {
        let Some(events) = self.events else { return false };
        events.payload_type == payload_type
            || (payload_type != self.payload_type && own_events(events.clock_hz) == Some(payload_type))
    }

    /// Whether a payload type is sound; as for digits.
    fn is_audio(&self, payload_type: u8) -> bool {
        let own = codec::of(self.format).map(|codec| codec.payload_type);
        self.payload_type == payload_type || (own == Some(payload_type) && !self.is_digit(payload_type))
    }
}

pub(crate) struct Session {
    wire: Wire,
    /// Where it is bound.
    port: u16,
    pub(crate) call: u64,
    terms: Terms,
    source: Source,
    jitter: Jitter,
    /// What of its counts has been told.
    told: Counts,
    digits: Receiver,
    heard: [Option<Heard>; HEARD_MAX],
    counters: Arc<Counters>,
    ssrc_in: Option<u32>,
    cycles: u32,
    /// Frames and samples at 8 kHz that have passed.
    frames: u64,
    /// Frames in a row in which nothing came.
    quiet_frames: u8,
    passed: u64,
    /// How much had passed when the far end was heard last.
    heard_at: Option<u64>,
    out: Outgoing,
}

struct Outgoing {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    marker: bool,
    digits: Sender,
    held: Held,
}

/// The begin of a packet that is not whole yet, where frames are shorter than packets.
struct Held {
    bytes: Box<[u8; SLOT_BYTES_MAX]>,
    length: usize,
    /// How long it lasts, at 8 kHz.
    samples: u32,
}

impl Held {
    fn forget(&mut self) {
        (self.length, self.samples) = (0, 0);
    }

    /// Adds a frame. Gives the length of the packet, and how long it lasts, when it is whole and stands in `body`.
    fn add(&mut self, payload: &[u8], samples: u32, body: &mut [u8]) -> Option<(usize, u32)> {
        let (before, lasts) = (self.length, self.samples + samples);
        let length = before + payload.len();
        if lasts >= PACKET_SAMPLES_MIN {
            self.forget();
            let (held, rest) = body.get_mut(..length)?.split_at_mut(before);
            held.copy_from_slice(&self.bytes[..before]);
            rest.copy_from_slice(payload);
            return Some((length, lasts));
        }
        match self.bytes.get_mut(before..length) {
            Some(place) => {
                place.copy_from_slice(payload);
                (self.length, self.samples) = (length, lasts);
            }
            None => self.forget(),
        }
        None
    }
}

/// Room for a packet: one that has come, or one that goes.
pub(crate) type PacketRoom = [u8; 2048];

impl Session {
    /// `jitter` has room for every format that terms may name.
    pub(crate) fn new(
        (socket, port): (UdpSocket, u16),
        call: u64,
        ssrc: u32,
        (terms, mut jitter): (Terms, Jitter),
        counters: Arc<Counters>,
    ) -> Self {
        jitter.reset(terms.format);
        let out = Outgoing {
            ssrc,
            sequence: ssrc as u16,
            timestamp: ssrc.rotate_left(16),
            marker: true,
            digits: Sender::default(),
            held: Held { bytes: Box::new([0; SLOT_BYTES_MAX]), length: 0, samples: 0 },
        };
        counters.own_ssrc.store(ssrc, Ordering::Relaxed);
        Self {
            wire: Wire::new(socket),
            port,
            call,
            source: Source::default(),
            told: jitter.counts(),
            jitter,
            terms,
            digits: Receiver::default(),
            heard: [None; HEARD_MAX],
            counters,
            ssrc_in: None,
            cycles: 0,
            frames: 0,
            quiet_frames: 0,
            passed: 0,
            heard_at: None,
            out,
        }
    }

    /// Asks the processor for what a frame of this call needs. Twice: what it points to is known when it is there itself.
    pub(crate) fn prefetch(&self, is_here: bool) {
        if !is_here {
            return prefetch(self);
        }
        prefetch(&*self.counters);
        self.jitter.prefetch();
    }

    /// What can be used again when the call is over: the socket, unless it is of no more use, and its port.
    pub(crate) fn into_socket(self) -> (Option<UdpSocket>, u16) {
        (self.wire.into_socket(), self.port)
    }

    pub(crate) fn format(&self) -> Format {
        self.terms.format
    }

    /// Ticks of RTP time for each sample at 8 kHz.
    fn clock_times(&self) -> u32 {
        codec::clock_times(self.terms.format)
    }

    /// New terms after a new description; another address has to be learned again.
    pub(crate) fn set_terms(&mut self, terms: Terms) {
        if terms.address != self.terms.address {
            self.source = Source::default();
            self.heard_at = None;
            self.counters.learned.store(0, Ordering::Relaxed);
            self.wire.open();
        }
        let is_other = terms.format != self.terms.format;
        let is_other_clock = codec::clock_times(terms.format) != self.clock_times();
        self.out.marker |= is_other || (terms.send && !self.terms.send);
        if is_other_clock {
            if let Some(digit) = self.digits.reset(self.terms.events_hz()) {
                self.keep(digit);
            }
            self.tell();
        }
        self.terms = terms;
        if is_other {
            self.jitter.reset(terms.format);
            self.out.held.forget();
        }
        if is_other_clock {
            self.begin_clock();
        }
    }

    /// RTP time runs at another rate from now on: both sides count anew.
    fn begin_clock(&mut self) {
        self.out.ssrc = self.out.ssrc.wrapping_mul(0x9E37_79B1).wrapping_add(1);
        self.counters.own_ssrc.store(self.out.ssrc, Ordering::Relaxed);
        self.counters.sent.store(0, Ordering::Relaxed);
        self.counters.sent_octets.store(0, Ordering::Relaxed);
    }

    pub(crate) fn queue_digits(&mut self, run: Run) {
        // the control side counts what waits, so there is room; a run too many is dropped
        let _ = self.out.digits.queue(run);
    }

    /// Reads what has arrived. Stops as soon as the buffer is as full as it should be, which leaves the rest to the next
    /// frame and saves the call that would find nothing.
    pub(crate) fn receive(&mut self, room: &mut PacketRoom, samples: u32, is_behind: bool) {
        self.frames += 1;
        self.passed += u64::from(samples);
        let drain = is_behind || self.frames.is_multiple_of(DRAIN_FRAMES);
        // who only listens is not asked in every frame whether it has begun to speak
        let is_asked = self.quiet_frames < QUIET_FRAMES_MAX || self.frames.is_multiple_of(QUIET_ASK_FRAMES);
        self.quiet_frames = self.quiet_frames.saturating_add(1);
        if drain
            && !self.is_silent()
            && let Some(far) = self.source.known()
        {
            self.wire.connect(far);
        }
        for _ in 0..if drain || is_asked { PACKETS_MAX } else { 0 } {
            if !drain && self.jitter.is_filled() {
                break;
            }
            let Some((length, from)) = self.wire.receive(room) else { break };
            self.quiet_frames = 0;
            self.packet(&room[..length], from);
        }
        if self.is_silent() {
            self.wire.open();
        }
        if let Some(digit) = self.digits.pass(samples, self.terms.events_hz()) {
            self.keep(digit);
        }
    }

    fn packet(&mut self, bytes: &[u8], from: SocketAddr) {
        let packet = Packet::parse(bytes).filter(|_| self.terms.receive);
        let Some(packet) = packet.filter(|p| self.admits(from, p)) else {
            count(&self.counters.foreign, 1);
            return;
        };
        if self.ssrc_in != Some(packet.ssrc) {
            self.begin_source(&packet);
        }
        self.measure(&packet);
        if self.terms.is_digit(packet.payload_type) {
            let clock_hz = self.terms.events_hz();
            self.jitter.pass_over(packet.sequence);
            let heard = self.digits.packet(packet.timestamp, packet.payload, clock_hz);
            heard.into_iter().flatten().for_each(|digit| self.keep(digit));
        } else if self.terms.is_audio(packet.payload_type) {
            let arrival_ns = self.passed * SAMPLE_NS;
            self.jitter.put(arrival_ns, packet.timestamp, packet.sequence, packet.payload);
            self.counters.jitter.store(self.jitter.jitter(), Ordering::Relaxed);
        }
    }

    /// Whether the far end is not heard now.
    fn is_silent(&self) -> bool {
        self.heard_at.is_none_or(|at| self.passed - at >= SILENT_SAMPLES_MAX)
    }

    fn admits(&mut self, from: SocketAddr, packet: &Packet<'_>) -> bool {
        let known = self.terms.is_audio(packet.payload_type) || self.terms.is_digit(packet.payload_type);
        let expected = Expected {
            described: self.terms.address,
            may_learn: self.terms.symmetric && known,
            silent: self.ssrc_in.filter(|_| self.is_silent()),
        };
        let before = self.source.known();
        if !self.source.admits(from, packet, expected) {
            return false;
        }
        self.heard_at = Some(self.passed);
        if self.source.known() != before {
            self.tell_source(from);
        }
        true
    }

    /// Reports go where the sound comes from, unless it is where the description says.
    fn tell_source(&self, from: SocketAddr) {
        let learned = match from {
            SocketAddr::V4(v4) if self.terms.address != Some(from) => {
                u64::from(v4.ip().to_bits()) << 16 | u64::from(v4.port())
            }
            _ => 0,
        };
        self.counters.learned.store(learned, Ordering::Relaxed);
    }

    fn begin_source(&mut self, packet: &Packet<'_>) {
        self.ssrc_in = Some(packet.ssrc);
        self.jitter.reset(self.terms.format);
        if let Some(digit) = self.digits.reset(self.terms.events_hz()) {
            self.keep(digit);
        }
        self.cycles = 0;
        self.counters.ssrc.store(packet.ssrc, Ordering::Relaxed);
        self.counters.first.store(packet.sequence.into(), Ordering::Relaxed);
        self.counters.highest.store(packet.sequence.into(), Ordering::Relaxed);
        self.counters.received.store(0, Ordering::Relaxed);
    }

    /// RFC 3550 A.1: sound and digits are numbered together.
    fn measure(&mut self, packet: &Packet<'_>) {
        count(&self.counters.received, 1);
        let highest = self.counters.highest.load(Ordering::Relaxed) as u16;
        let ahead = packet.sequence.wrapping_sub(highest);
        if ahead != 0 && ahead < 0x8000 {
            self.cycles = self.cycles.wrapping_add(u32::from(packet.sequence < highest) << 16);
            self.counters.highest.store(self.cycles | u32::from(packet.sequence), Ordering::Relaxed);
        }
    }

    /// Tells what the buffer counted since it was asked last; what is taken back is less than nothing.
    fn tell(&mut self) {
        let now = self.jitter.counts();
        let before = std::mem::replace(&mut self.told, now);
        let counters = &self.counters;
        let times = i64::from(codec::clock_times(self.terms.format));
        let since = |now: u64, before: u64| now.wrapping_sub(before).cast_signed();
        for (counter, since) in [
            (&counters.late, since(now.late + now.early, before.late + before.early)),
            (&counters.lost, since(now.lost, before.lost)),
            (&counters.unfit, since(now.refused, before.refused)),
            (&counters.concealed, since(now.missing, before.missing)),
            (&counters.added, since(now.added, before.added) / times),
            (&counters.dropped, since(now.dropped, before.dropped) / times),
        ] {
            if since != 0 {
                count(counter, since as u32);
            }
        }
    }

    fn keep(&mut self, digit: Heard) {
        if let Some(place) = self.heard.iter_mut().find(|place| place.is_none()) {
            *place = Some(digit);
        }
    }

    /// The next digit to report; `done` takes it away.
    pub(crate) fn first_heard(&self) -> Option<Heard> {
        self.heard[0]
    }

    pub(crate) fn forget_heard(&mut self) {
        self.heard[0] = None;
        self.heard.rotate_left(1);
    }

    /// The next frame of what was heard, into a slot of the format; whether most of it is there.
    pub(crate) fn take(&mut self, slot: &mut [u8]) -> bool {
        let taken = self.jitter.take(slot);
        self.tell();
        taken != Taken::Missing
    }

    /// Frames that the host left out, of so many samples at 8 kHz in all: time passes all the same.
    pub(crate) fn skip(&mut self, frames: u32, samples: u32) {
        self.passed += u64::from(samples);
        self.jitter.skip(frames);
        self.out.timestamp = self.out.timestamp.wrapping_add(samples.wrapping_mul(self.clock_times()));
        self.out.held.forget();
    }

    /// Sends the payload of one frame of so many samples at 8 kHz, or lets time pass in silence.
    pub(crate) fn send(&mut self, samples: u32, payload: Option<&[u8]>, room: &mut PacketRoom) {
        let to = self.source.known().or(self.terms.address).filter(|_| self.terms.send);
        let (timestamp, ticks) = (self.out.timestamp, samples * self.clock_times());
        let end = timestamp.wrapping_add(ticks);
        let payload = payload.filter(|payload| to.is_some() && !payload.is_empty());
        if self.out.digits.is_busy() {
            self.send_digit(timestamp, samples, to, room);
        } else if let Some(payload) = payload {
            if let Some((length, lasts)) = self.out.held.add(payload, samples, &mut room[HEADER_BYTES..]) {
                let begin = end.wrapping_sub(lasts * self.clock_times());
                self.flush(&mut room[..HEADER_BYTES + length], begin, self.terms.payload_type, to);
            }
        } else {
            self.out.held.forget();
            self.out.marker = true;
        }
        self.out.timestamp = end;
    }

    fn send_digit(&mut self, timestamp: u32, samples: u32, to: Option<SocketAddr>, room: &mut PacketRoom) {
        self.out.held.forget();
        let Some(events) = self.terms.events else { return };
        let clock_hz = self.clock_times() * 8000;
        let frame = dtmf::Frame { timestamp, ms: samples / 8, clock_hz, events_hz: events.clock_hz };
        let Some(digit) = self.out.digits.frame(frame) else { return };
        let packet = &mut room[..HEADER_BYTES + digit.payload.len()];
        packet[HEADER_BYTES..].copy_from_slice(&digit.payload);
        self.out.marker = digit.marker;
        self.flush(packet, digit.timestamp, events.payload_type, to);
        // after a digit a talkspurt begins
        self.out.marker = true;
    }

    /// Sends a packet whose header is still to be written.
    fn flush(&mut self, packet: &mut [u8], timestamp: u32, payload_type: u8, to: Option<SocketAddr>) {
        let Some(to) = to else { return };
        let marker = std::mem::take(&mut self.out.marker);
        let (sequence, ssrc) = (self.out.sequence, self.out.ssrc);
        let header = Packet { marker, payload_type, sequence, timestamp, ssrc, payload: &[] };
        if let Some(place) = packet.first_chunk_mut() {
            header.write_header(place);
        }
        self.out.sequence = sequence.wrapping_add(1);
        // a full send buffer or an unreachable peer loses this packet, as the network would
        if self.wire.send(packet, to).is_ok() {
            count(&self.counters.sent, 1);
            count(&self.counters.sent_octets, (packet.len() - HEADER_BYTES) as u32);
            self.counters.sent_timestamp.store(timestamp, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
