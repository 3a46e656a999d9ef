//! What has arrived for a call and waits to be played, whatever the codec: the seam between a session and its jitter
//! buffer. Samples (G.711, and G.722, whose bytes are 125 µs each) go into a ring of bytes, packets into a ring of pieces.

use crate::codec::{self, opus_ticks};
use crate::jitter::{Jitter, Put};
use callcore_driver_sdk::Format;

/// What the buffer waits for: 60 ms.
const TARGET_MS: u32 = 60;
/// So many packets in a row outside the window mean that the sender's time has moved.
const OUTSIDE_MAX: u8 = 3;
/// Bytes for pieces: 16 packets of Opus, 320 ms; of G.729, whose pieces are of 10 ms, there are 32.
const BYTES: usize = 16 * 320;

/// The buffer of one call; no heap inside, none needed while running.
pub(crate) struct Buffer {
    format: Format,
    ring: Jitter,
    pieces: Pieces,
}

impl Buffer {
    pub(crate) fn new(format: Format) -> Self {
        let ring = Jitter::new(TARGET_MS, format.silence());
        Self { format, ring, pieces: Pieces::new(format) }
    }

    /// Forgets everything: another sender, or another format.
    pub(crate) fn reset(&mut self, format: Format) {
        self.format = format;
        if is_bytes(format) {
            self.ring.reset(format.silence());
        } else {
            self.pieces.reset(format);
        }
    }

    /// Places a payload. None is for one that cannot be: G.729 that is not in pieces of 10 bytes, Opus that does not last
    /// 20 ms.
    pub(crate) fn put(&mut self, timestamp: u32, payload: &[u8]) -> Option<Put> {
        if is_bytes(self.format) {
            Some(self.ring.put(timestamp, payload))
        } else {
            self.pieces.put(timestamp, payload)
        }
    }

    /// The next frame into a slot of the format; `false` when most of it is missing.
    pub(crate) fn take(&mut self, slot: &mut [u8]) -> bool {
        if is_bytes(self.format) { self.ring.take(slot) } else { self.pieces.take(slot) }
    }

    /// Lets time pass unread, for frames that the host left out; in samples at 8 kHz.
    pub(crate) fn skip(&mut self, samples: u32) {
        if is_bytes(self.format) {
            self.ring.skip(samples);
        } else {
            self.pieces.skip(samples / self.pieces.samples());
        }
    }

    /// Whether it holds what it should and the next frame, of so many samples at 8 kHz.
    pub(crate) fn is_full(&self, samples: u32) -> bool {
        if is_bytes(self.format) {
            self.ring.depth() >= self.ring.target() + samples
        } else {
            self.pieces.depth() >= (self.pieces.target + samples.div_ceil(self.pieces.samples())) as i32
        }
    }
}

/// Whether one byte is one tick of RTP time.
const fn is_bytes(format: Format) -> bool {
    !format.has_length()
}

/// Pieces of a fixed time, each with a length of its own, in their order.
struct Pieces {
    format: Format,
    bytes: [u8; BYTES],
    lengths: [Option<u16>; 32],
    /// Place of the piece that is played next, and its RTP time; none before the first packet.
    head: usize,
    play_at: Option<u32>,
    /// Pieces from the next to the newest; below 0 when that was played long ago.
    newest: i32,
    target: u32,
    outside: u8,
}

impl Pieces {
    fn new(format: Format) -> Self {
        Self {
            format,
            bytes: [0; BYTES],
            lengths: [None; 32],
            head: 0,
            play_at: None,
            newest: 0,
            target: TARGET_MS * 8 / samples_of(format),
            outside: 0,
        }
    }

    fn reset(&mut self, format: Format) {
        self.format = format;
        self.lengths = [None; 32];
        (self.head, self.play_at, self.newest, self.outside) = (0, None, 0, 0);
        self.target = TARGET_MS * 8 / self.samples();
    }

    /// Of a piece, at 8 kHz.
    const fn samples(&self) -> u32 {
        samples_of(self.format)
    }

    fn ticks(&self) -> u32 {
        self.samples() * codec::clock_times(self.format)
    }

    /// How many there is room for.
    const fn room(&self) -> usize {
        if matches!(self.format, Format::G729) { 32 } else { 16 }
    }

    fn depth(&self) -> i32 {
        if self.play_at.is_some() { self.newest.max(0) } else { 0 }
    }

    fn put(&mut self, timestamp: u32, payload: &[u8]) -> Option<Put> {
        let count = pieces_of(self.format, payload)? as i32;
        let play_at = *self.play_at.get_or_insert(timestamp.wrapping_sub(self.target * self.ticks()));
        let ticks = self.ticks() as i32;
        let ahead = (timestamp.wrapping_sub(play_at) as i32).saturating_add(ticks / 2).div_euclid(ticks);
        if ahead.saturating_add(count) <= 0 || ahead.saturating_add(count) > self.room() as i32 {
            self.outside += 1;
            if self.outside < OUTSIDE_MAX {
                return Some(if ahead < 0 { Put::Late } else { Put::Early });
            }
            self.reset(self.format);
            self.put(timestamp, payload)?;
            return Some(Put::Restarted);
        }
        self.outside = 0;
        let chunks =
            if self.format == Format::G729 { payload.chunks(10) } else { payload.chunks(payload.len()) };
        let mut is_new = false;
        for (at, piece) in (ahead..).zip(chunks) {
            is_new |= usize::try_from(at).is_ok_and(|at| self.store(at, piece));
        }
        self.newest = self.newest.max(ahead + count);
        Some(if is_new { Put::Kept } else { Put::Duplicate })
    }

    /// Keeps a piece; `false` when it is there already.
    fn store(&mut self, ahead: usize, piece: &[u8]) -> bool {
        let place = (self.head + ahead) % self.room();
        if self.lengths[place].is_some() {
            return false;
        }
        let size = BYTES / self.room();
        self.bytes[place * size..][..piece.len()].copy_from_slice(piece);
        self.lengths[place] = Some(piece.len() as u16);
        true
    }

    /// Pieces of a frame behind their length; a frame without its first piece is missing, one without a later ends there.
    fn take(&mut self, slot: &mut [u8]) -> bool {
        let Some((length, out)) = slot.split_first_chunk_mut() else { return false };
        if self.play_at.is_none() {
            return false;
        }
        let wanted = if self.format == Format::G729 { out.len() / 10 } else { 1 };
        let (mut filled, mut is_whole) = (0, true);
        for ahead in 0..wanted {
            let place = (self.head + ahead) % self.room();
            let piece = &self.bytes[place * (BYTES / self.room())..];
            let piece = self.lengths[place].filter(|_| is_whole).map(|length| &piece[..usize::from(length)]);
            // a piece of comfort noise (2 bytes) is the last of its payload
            is_whole = piece.is_some_and(|piece| self.format != Format::G729 || piece.len() == 10);
            if let Some(piece) = piece
                && let Some(place) = out.get_mut(filled..filled + piece.len())
            {
                place.copy_from_slice(piece);
                filled += piece.len();
            }
        }
        *length = (filled as u16).to_ne_bytes();
        self.skip(wanted as u32);
        filled > 0
    }

    fn skip(&mut self, pieces: u32) {
        let Some(play_at) = self.play_at else { return };
        for _ in 0..pieces.min(self.room() as u32) {
            self.lengths[self.head] = None;
            self.head = (self.head + 1) % self.room();
        }
        self.play_at = Some(play_at.wrapping_add(pieces.wrapping_mul(self.ticks())));
        self.newest = self.newest.saturating_sub_unsigned(pieces).max(-1);
    }
}

const fn samples_of(format: Format) -> u32 {
    if matches!(format, Format::G729) { 80 } else { 160 }
}

/// How many pieces a payload has; none when it is not made of such.
fn pieces_of(format: Format, payload: &[u8]) -> Option<usize> {
    match format {
        // at the end there may be 2 bytes of comfort noise (RFC 3551 §4.5.6)
        Format::G729 => {
            let is_whole = matches!(payload.len() % 10, 0 | 2) && (1..=160).contains(&payload.len());
            is_whole.then(|| payload.len().div_ceil(10))
        }
        _ => (payload.len() <= BYTES / 16 - 2 && opus_ticks(payload) == Some(960)).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An Opus packet of 20 ms that says who it is.
    fn packet(n: u32) -> Vec<u8> {
        let mut bytes = vec![1 << 3];
        bytes.extend(n.to_be_bytes());
        bytes.resize(5 + n as usize % 60, 0x77);
        bytes
    }

    fn taken(buffer: &mut Buffer, bytes: usize) -> Option<Vec<u8>> {
        let mut slot = vec![0xEE; 2 + bytes];
        buffer.take(&mut slot).then(|| {
            let length = usize::from(u16::from_ne_bytes([slot[0], slot[1]]));
            slot[2..2 + length].to_vec()
        })
    }

    #[test]
    fn packets_of_another_length_are_refused() {
        let mut opus = Buffer::new(Format::Opus);
        assert_eq!(opus.put(0, &[1 << 3]), Some(Put::Kept));
        for wrong in [&[2 << 3][..], &[], &[3], &[1 << 3; 319]] {
            assert_eq!(opus.put(960, wrong), None, "{} bytes", wrong.len());
        }
        let mut g729 = Buffer::new(Format::G729);
        for wrong in [&[][..], &[1; 9], &[1; 11], &[1; 170]] {
            assert_eq!(g729.put(0, wrong), None, "{} bytes", wrong.len());
        }
        assert_eq!(g729.put(0, &[1; 22]), Some(Put::Kept));
    }

    #[test]
    fn g729_of_any_length_comes_out_in_frames() {
        for pieces in [1u32, 2, 3, 4] {
            let mut buffer = Buffer::new(Format::G729);
            let all: Vec<u8> = (0..240).collect();
            for (n, payload) in (0u32..).zip(all.chunks(10 * pieces as usize)).take(4) {
                buffer.put((u32::MAX - 100).wrapping_add(n * pieces * 80), payload);
            }
            for _ in 0..3 {
                assert_eq!(taken(&mut buffer, 20), None, "60 ms are waited for");
            }
            let frames = 4 * pieces as usize / 2;
            let heard: Vec<u8> = (0..frames).filter_map(|_| taken(&mut buffer, 20)).flatten().collect();
            assert_eq!(heard, all[..frames * 20], "{pieces} pieces a packet");
        }
    }

    #[test]
    fn a_frame_ends_at_comfort_noise_or_a_hole() {
        let mut buffer = Buffer::new(Format::G729);
        let noise = [&[1; 10][..], &[9; 2]].concat();
        buffer.put(0, &noise);
        buffer.put(160, &[2; 10]);
        buffer.put(400, &[3; 10]);
        (0..3).for_each(|_| assert!(taken(&mut buffer, 20).is_none()));
        assert_eq!(taken(&mut buffer, 20), Some(noise));
        assert_eq!(taken(&mut buffer, 20), Some(vec![2; 10]));
        assert_eq!(taken(&mut buffer, 20), None, "its first piece is not there");
    }

    proptest! {
        /// Whatever is lost, doubled or swapped: each packet that came in time comes out once, in its place.
        #[test]
        fn packets_come_out_in_their_order(start: u32, fates in prop::collection::vec((0u8..10, 0usize..3), 20..100)) {
            let mut buffer = Buffer::new(Format::Opus);
            let at = |n: usize| start.wrapping_add(n as u32 * 960);
            buffer.put(at(0), &packet(0));
            let mut arrivals = vec![];
            for (n, (fate, shift)) in (1usize..).zip(&fates) {
                match fate {
                    0 => {}
                    1 => arrivals.extend([(n, n), (n, n)]),
                    _ => arrivals.push((n + shift, n)),
                }
            }
            arrivals.sort_unstable();
            let mut next = 0;
            for frame in 0..fates.len() + 3 {
                while next < arrivals.len() && arrivals[next].0 <= frame {
                    buffer.put(at(arrivals[next].1), &packet(arrivals[next].1 as u32));
                    next += 1;
                }
                let due = frame.checked_sub(3).filter(|n| *n == 0 || fates[n - 1].0 != 0);
                prop_assert_eq!(taken(&mut buffer, 318), due.map(|n| packet(n as u32)), "frame {}", frame);
            }
        }

        #[test]
        fn any_stream_is_taken_without_harm(
            is_opus: bool,
            packets in prop::collection::vec((any::<u32>(), prop::collection::vec(any::<u8>(), 0..330), 0u8..4, 0u32..9), 0..100)
        ) {
            let format = if is_opus { Format::Opus } else { Format::G729 };
            let mut buffer = Buffer::new(format);
            let mut slot = [0; 320];
            let slot = &mut slot[..format.slot_bytes(160)];
            for (timestamp, payload, takes, skip) in packets {
                buffer.put(timestamp, &payload);
                buffer.skip(skip * 160);
                for _ in 0..takes {
                    if buffer.take(slot) {
                        prop_assert!(usize::from(u16::from_ne_bytes([slot[0], slot[1]])) <= slot.len() - 2);
                    }
                }
            }
        }
    }
}
