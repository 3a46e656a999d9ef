//! A jitter buffer for G.711: a ring of samples, placed by RTP timestamp and read once per frame.
//!
//! ```text
//!   play_at ▼                       ▼ newest
//!   ────────┬───────────────────────┬─────────  RTP time
//!   played  │ wait here (target)    │ free
//! ```
//!
//! Time moves by frames read, never by a clock. Reordering and duplicates cost nothing because a sample has one place.
//! A hole stays silent and is reported, so that the host can conceal it.

/// Samples the ring holds: 256 ms. A power of two, so that RTP time wraps with it.
const CAPACITY: usize = 2048;
/// Validity is kept for pieces of this many samples: 1 ms.
const PIECE: usize = 8;
/// So many packets in a row outside the window mean that the sender's time has moved.
const OUTSIDE_MAX: u8 = 3;
/// The depth is looked at over so many samples: 2 s.
const WINDOW_SAMPLES: u32 = 16_000;

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It waits to be played.
    Kept,
    /// Its time has passed.
    Late,
    /// It was there already.
    Duplicate,
    /// It is too far ahead.
    Early,
    /// The sender's time has moved; the buffer begins anew with it.
    Restarted,
}

/// The buffer of one call; no heap inside, none needed while running.
pub(crate) struct Jitter {
    samples: [u8; CAPACITY],
    valid: [u64; CAPACITY / PIECE / 64],
    idle: u8,
    target: u32,
    running: bool,
    play_at: u32,
    newest: u32,
    outside: u8,
    depth_min: u32,
    window: u32,
}

impl Jitter {
    /// A buffer that delays by `target_ms` and reads `idle` (the law's silence) where nothing came.
    pub(crate) fn new(target_ms: u32, idle: u8) -> Self {
        Self {
            samples: [idle; CAPACITY],
            valid: [0; CAPACITY / PIECE / 64],
            idle,
            target: target_ms * 8,
            running: false,
            play_at: 0,
            newest: 0,
            outside: 0,
            depth_min: u32::MAX,
            window: 0,
        }
    }

    /// Forgets everything: another sender, or another law with its `idle`.
    pub(crate) fn reset(&mut self, idle: u8) {
        self.idle = idle;
        self.samples.fill(idle);
        self.valid.fill(0);
        self.running = false;
        self.outside = 0;
        self.depth_min = u32::MAX;
        self.window = 0;
    }

    /// Samples that wait to be read.
    pub(crate) fn depth(&self) -> u32 {
        let depth = self.newest.wrapping_sub(self.play_at);
        if self.running && depth as i32 > 0 { depth } else { 0 }
    }

    /// Samples it aims to hold.
    pub(crate) fn target(&self) -> u32 {
        self.target
    }

    /// Places the samples of a packet.
    pub(crate) fn put(&mut self, timestamp: u32, payload: &[u8]) -> Put {
        let payload = &payload[..payload.len().min(CAPACITY / 2)];
        if !self.running {
            self.restart(timestamp);
            self.store(timestamp, payload);
            return Put::Kept;
        }
        let ahead = timestamp.wrapping_sub(self.play_at) as i32;
        let end = ahead.saturating_add(payload.len() as i32);
        if end <= 0 || end > CAPACITY as i32 {
            self.outside += 1;
            if self.outside < OUTSIDE_MAX {
                return if end <= 0 { Put::Late } else { Put::Early };
            }
            self.reset(self.idle);
            self.restart(timestamp);
            self.store(timestamp, payload);
            return Put::Restarted;
        }
        self.outside = 0;
        let passed = usize::try_from(-ahead).unwrap_or(0);
        let (timestamp, payload) = (timestamp.wrapping_add(passed as u32), &payload[passed..]);
        if self.holds(timestamp, payload.len()) {
            return Put::Duplicate;
        }
        self.store(timestamp, payload);
        Put::Kept
    }

    fn restart(&mut self, timestamp: u32) {
        self.running = true;
        self.play_at = timestamp.wrapping_sub(self.target);
        self.newest = timestamp;
    }

    fn store(&mut self, timestamp: u32, payload: &[u8]) {
        for (offset, sample) in (0u32..).zip(payload) {
            self.samples[timestamp.wrapping_add(offset) as usize % CAPACITY] = *sample;
        }
        for piece in pieces(timestamp, payload.len()) {
            self.valid[piece / 64] |= 1 << (piece % 64);
        }
        let end = timestamp.wrapping_add(payload.len() as u32);
        if (end.wrapping_sub(self.newest) as i32) > 0 {
            self.newest = end;
        }
    }

    fn holds(&self, timestamp: u32, length: usize) -> bool {
        pieces(timestamp, length).all(|piece| self.valid[piece / 64] >> (piece % 64) & 1 == 1)
    }

    /// Reads the next samples; `false` when most of them are missing. Before the first packet nothing moves.
    pub(crate) fn take(&mut self, out: &mut [u8]) -> bool {
        if !self.running || out.len() > CAPACITY / 2 {
            out.fill(self.idle);
            return false;
        }
        let from = self.play_at;
        let (mut there, mut all) = (0, 0);
        for piece in pieces(from, out.len()) {
            all += 1;
            there += usize::from(self.valid[piece / 64] >> (piece % 64) & 1 == 1);
        }
        for (offset, sample) in (0u32..).zip(out.iter_mut()) {
            let place = &mut self.samples[from.wrapping_add(offset) as usize % CAPACITY];
            *sample = std::mem::replace(place, self.idle);
        }
        self.forget(from, out.len());
        self.play_at = from.wrapping_add(out.len() as u32);
        self.watch_depth(out.len() as u32);
        there * 2 > all
    }

    /// Lets time pass unread, for frames that the host left out.
    pub(crate) fn skip(&mut self, samples: u32) {
        if !self.running {
            return;
        }
        let clear = (samples as usize).min(CAPACITY);
        for offset in 0..clear as u32 {
            self.samples[self.play_at.wrapping_add(offset) as usize % CAPACITY] = self.idle;
        }
        self.forget(self.play_at, clear);
        self.play_at = self.play_at.wrapping_add(samples);
    }

    /// Only whole pieces are forgotten, so that a frame that ends inside one does not take the rest with it.
    fn forget(&mut self, from: u32, length: usize) {
        let whole = (from as usize % PIECE + length) / PIECE * PIECE;
        for piece in pieces(from, whole.saturating_sub(from as usize % PIECE)) {
            self.valid[piece / 64] &= !(1 << (piece % 64));
        }
    }

    /// A sender whose clock is faster fills the buffer slowly; what is never needed is left out.
    fn watch_depth(&mut self, step: u32) {
        self.depth_min = self.depth_min.min(self.depth());
        self.window += step;
        if self.window < WINDOW_SAMPLES {
            return;
        }
        let spare = self.depth_min.saturating_sub(self.target);
        if spare >= 320 && self.depth_min != u32::MAX {
            let skip = (spare as usize / PIECE * PIECE).min(CAPACITY);
            self.skip(skip as u32);
        }
        self.window = 0;
        self.depth_min = u32::MAX;
    }
}

/// The pieces that a run of samples touches.
fn pieces(timestamp: u32, length: usize) -> impl Iterator<Item = usize> {
    let first = timestamp as usize % CAPACITY / PIECE;
    let count = if length == 0 { 0 } else { (timestamp as usize % PIECE + length).div_ceil(PIECE) };
    (0..count).map(move |n| (first + n) % (CAPACITY / PIECE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The sample at an RTP time; never the idle byte.
    fn sample(timestamp: u32) -> u8 {
        (timestamp / 3 % 200) as u8
    }

    fn payload(timestamp: u32, length: usize) -> Vec<u8> {
        (0..length as u32).map(|n| sample(timestamp.wrapping_add(n))).collect()
    }

    #[test]
    fn a_lone_stray_packet_does_not_move_the_buffer() {
        let mut jitter = Jitter::new(40, 255);
        assert_eq!(jitter.put(1000, &payload(1000, 160)), Put::Kept);
        assert_eq!(jitter.put(900_000, &payload(0, 160)), Put::Early);
        assert_eq!(jitter.put(1160, &payload(1160, 160)), Put::Kept);
        assert_eq!(jitter.put(1160, &payload(1160, 160)), Put::Duplicate);
        for expected in [Put::Early, Put::Early, Put::Restarted, Put::Kept] {
            let at = 900_000 + jitter.outside as u32 * 160;
            assert_eq!(jitter.put(at, &payload(at, 160)), expected);
        }
    }

    #[test]
    fn a_sender_that_runs_fast_is_caught_up_with() {
        let (mut jitter, mut at, mut out) = (Jitter::new(40, 255), 0u32, [0; 160]);
        let mut deepest = 0;
        for frame in 0..20_000 {
            jitter.put(at, &payload(at, 160));
            at = at.wrapping_add(160);
            if frame % 200 == 0 {
                jitter.put(at, &payload(at, 160));
                at = at.wrapping_add(160);
            }
            jitter.take(&mut out);
            deepest = deepest.max(jitter.depth());
        }
        assert!(deepest < 320 + 1600, "{deepest}");
    }

    proptest! {
        /// Whatever is lost, doubled or swapped: what is read is right where it is, silent where it is not, and each
        /// packet that came in time is read once.
        #[test]
        fn reads_every_sample_in_its_place(
            start: u32,
            packet in prop::sample::select(vec![80usize, 160, 240, 320, 480]),
            frame in prop::sample::select(vec![80usize, 160, 240]),
            fates in prop::collection::vec((0u8..10, 0u8..3), 50..120),
        ) {
            let mut jitter = Jitter::new(60, 255);
            jitter.put(start, &payload(start, packet));
            let mut arrivals: Vec<(usize, u32)> = Vec::new();
            let mut lost = std::collections::HashSet::new();
            for (n, (fate, shift)) in fates.iter().enumerate() {
                let due = n + 1;
                let at = start.wrapping_add((due * packet) as u32);
                match fate {
                    0 => {
                        lost.insert(at);
                    }
                    1 => arrivals.extend([(due, at), (due, at)]),
                    // later, but less than the 60 ms the buffer waits
                    _ if packet <= 160 => arrivals.push((due + usize::from(*shift), at)),
                    _ => arrivals.push((due, at)),
                }
            }
            arrivals.sort_unstable();
            let mut played = start.wrapping_sub(480);
            let mut next = 0;
            let mut out = vec![0; frame];
            let end = start.wrapping_add((fates.len() * packet) as u32);
            while (end.wrapping_sub(played) as i32) > 0 {
                let now = played.wrapping_add(480).wrapping_sub(start) as usize / packet;
                while next < arrivals.len() && arrivals[next].0 <= now {
                    jitter.put(arrivals[next].1, &payload(arrivals[next].1, packet));
                    next += 1;
                }
                let valid = jitter.take(&mut out);
                let mut missing = 0;
                for (n, got) in (0u32..).zip(&out) {
                    let at = played.wrapping_add(n);
                    let since = at.wrapping_sub(start);
                    let of = start.wrapping_add(since / packet as u32 * packet as u32);
                    let never = (since as i32) < 0 || since as usize >= (fates.len() + 1) * packet;
                    let absent = never || lost.contains(&of);
                    missing += usize::from(absent);
                    prop_assert_eq!(*got, if absent { 255 } else { sample(at) }, "at {}", since);
                }
                // pieces are coarser than samples, so about a half it may be either
                if (missing * 2).abs_diff(frame) > 4 * PIECE {
                    prop_assert_eq!(valid, missing * 2 < frame, "{} of {} missing", missing, frame);
                }
                played = played.wrapping_add(frame as u32);
            }
        }

        #[test]
        fn any_stream_is_taken_without_harm(
            packets in prop::collection::vec((any::<u32>(), 0usize..1500, 0u8..4), 0..200)
        ) {
            let mut jitter = Jitter::new(40, 0xD5);
            let mut out = [0; 160];
            for (timestamp, length, takes) in packets {
                jitter.put(timestamp, &vec![1; length]);
                for _ in 0..takes {
                    jitter.take(&mut out);
                }
                prop_assert!(jitter.depth() as usize <= CAPACITY);
            }
        }
    }
}
