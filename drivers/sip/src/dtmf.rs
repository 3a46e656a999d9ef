//! Telephone events in RTP (RFC 4733): digits in, once each, and digits out.

/// A digit that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// ASCII `0-9*#A-D`.
    pub(crate) digit: u8,
    pub(crate) ms: u32,
}

const DIGITS: &[u8; 16] = b"0123456789*#ABCD";
/// A digit without a packet for so many samples is over, its end packets lost: 120 ms.
const SILENT_SAMPLES_MAX: u32 = 960;

/// Finds digits in a stream of event packets. All packets of a digit share a timestamp (RFC 4733 §2.2.1), which is
/// what makes it one digit whatever is lost or doubled.
#[derive(Debug, Default)]
pub(crate) struct Receiver {
    now: Option<Pressed>,
    /// Timestamp of the last digit that was reported.
    reported: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Pressed {
    timestamp: u32,
    digit: u8,
    duration: u16,
    silent: u32,
}

impl Receiver {
    /// Takes a packet; up to two digits end with it: one whose end was lost, and its own.
    pub(crate) fn packet(&mut self, timestamp: u32, payload: &[u8]) -> [Option<Heard>; 2] {
        let Some([event, flags, high, low]) = payload.first_chunk::<4>() else { return [None; 2] };
        let Some(digit) = DIGITS.get(usize::from(*event)) else { return [None; 2] };
        if self.reported.is_some_and(|last| (timestamp.wrapping_sub(last) as i32) <= 0) {
            return [None; 2];
        }
        let mut before = None;
        match &self.now {
            Some(now) if now.timestamp == timestamp => {}
            Some(now) if (timestamp.wrapping_sub(now.timestamp) as i32) < 0 => return [None; 2],
            _ => before = self.end(),
        }
        let duration = u16::from_be_bytes([*high, *low]);
        let longest = self.now.map_or(0, |now| now.duration).max(duration);
        self.now = Some(Pressed { timestamp, digit: *digit, duration: longest, silent: 0 });
        let own = if flags & 0x80 != 0 { self.end() } else { None };
        [before, own]
    }

    /// Another sender numbers its time anew.
    pub(crate) fn reset(&mut self) -> Option<Heard> {
        let last = self.end();
        self.reported = None;
        last
    }

    /// `samples` have passed; gives a digit whose end packets never came.
    pub(crate) fn pass(&mut self, samples: u32) -> Option<Heard> {
        let now = self.now.as_mut()?;
        now.silent += samples;
        if now.silent >= SILENT_SAMPLES_MAX { self.end() } else { None }
    }

    fn end(&mut self) -> Option<Heard> {
        let now = self.now.take()?;
        self.reported = Some(now.timestamp);
        Some(Heard { digit: now.digit, ms: u32::from(now.duration) / 8 })
    }
}

/// Digits to send, with their times in samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) digits: [u8; Run::DIGITS_MAX],
    pub(crate) count: u8,
    pub(crate) on: u16,
    pub(crate) off: u16,
}

impl Run {
    /// Digits of one command.
    pub(crate) const DIGITS_MAX: usize = 32;

    /// A run of digits with times in milliseconds; 0 takes 100 ms on and 60 ms off. `None` when there are too many.
    pub(crate) fn new(text: &str, on_ms: u32, off_ms: u32) -> Option<Self> {
        let mut digits = [0; Self::DIGITS_MAX];
        digits.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        let on_ms = if on_ms == 0 { 100 } else { on_ms.clamp(40, 8000) };
        let off_ms = if off_ms == 0 { 60 } else { off_ms.clamp(40, 8000) };
        Some(Self { digits, count: text.len() as u8, on: on_ms as u16 * 8, off: off_ms as u16 * 8 })
    }
}

/// What goes out in one frame instead of audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Out {
    /// Timestamp of the digit's beginning.
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) payload: [u8; 4],
}

/// Sends one run of digits after the other, a packet in each frame, the end three times (RFC 4733 §2.5.1.4).
#[derive(Debug, Default)]
pub(crate) struct Sender {
    waiting: [Option<Run>; 4],
    sent: u8,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, Default)]
enum Phase {
    #[default]
    Idle,
    On {
        since: u32,
        duration: u16,
    },
    End {
        since: u32,
        duration: u16,
        left: u8,
    },
    Off {
        left: u16,
    },
}

impl Sender {
    /// Queues a run; `false` when too many wait.
    pub(crate) fn queue(&mut self, run: Run) -> bool {
        let place = self.waiting.iter_mut().find(|place| place.is_none());
        place.map(|place| *place = Some(run)).is_some()
    }

    /// Whether audio has to keep silent.
    pub(crate) fn is_busy(&self) -> bool {
        self.waiting[0].is_some()
    }

    /// The packet of a frame that begins at `timestamp` and lasts `samples`.
    pub(crate) fn frame(&mut self, timestamp: u32, samples: u16) -> Option<Out> {
        let run = self.waiting[0]?;
        let digit = run.digits[usize::from(self.sent)];
        let event = DIGITS.iter().position(|d| *d == digit).unwrap_or(0) as u8;
        let (since, duration, end, marker) = match self.phase {
            Phase::Idle => (timestamp, samples.min(run.on), false, true),
            Phase::On { since, duration } => {
                let duration = duration.saturating_add(samples).min(run.on);
                (since, duration, duration == run.on, false)
            }
            Phase::End { since, duration, .. } => (since, duration, true, false),
            Phase::Off { left } => {
                self.phase = Phase::Off { left: left.saturating_sub(samples) };
                if left <= samples {
                    self.next_digit(&run);
                }
                return None;
            }
        };
        self.phase = match self.phase {
            Phase::End { left: 1, .. } => Phase::Off { left: run.off },
            Phase::End { left, .. } => Phase::End { since, duration, left: left - 1 },
            _ if end => Phase::End { since, duration, left: 2 },
            _ => Phase::On { since, duration },
        };
        let [high, low] = duration.to_be_bytes();
        let flags = if end { 0x80 } else { 0 } | 10; // -10 dBm0
        Some(Out { timestamp: since, marker, payload: [event, flags, high, low] })
    }

    fn next_digit(&mut self, run: &Run) {
        self.phase = Phase::Idle;
        self.sent += 1;
        if self.sent >= run.count {
            self.sent = 0;
            self.waiting[0] = None;
            self.waiting.rotate_left(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(text: &str) -> Vec<Out> {
        let mut sender = Sender::default();
        assert!(sender.queue(Run::new(text, 0, 0).expect("short")));
        let mut packets = Vec::new();
        let mut timestamp = u32::MAX - 1000;
        while sender.is_busy() {
            packets.extend(sender.frame(timestamp, 160));
            timestamp = timestamp.wrapping_add(160);
        }
        packets
    }

    #[test]
    fn a_digit_has_one_timestamp_a_marker_and_three_ends() {
        let packets = sent("5");
        assert_eq!(packets.len(), 5 + 2, "100 ms and two more ends");
        assert!(packets.iter().all(|p| p.timestamp == packets[0].timestamp && p.payload[0] == 5));
        assert_eq!(packets.iter().map(|p| p.marker).collect::<Vec<_>>().iter().filter(|m| **m).count(), 1);
        assert!(packets[0].marker);
        assert_eq!(packets.iter().filter(|p| p.payload[1] & 0x80 != 0).count(), 3);
        assert_eq!(packets[6].payload[2..], 800u16.to_be_bytes());
    }

    #[test]
    fn an_old_digit_does_not_come_back() {
        let mut receiver = Receiver::default();
        assert_eq!(receiver.packet(1000, &[1, 0x80, 3, 32])[1], Some(Heard { digit: b'1', ms: 100 }));
        assert_eq!(receiver.packet(1000, &[1, 0x80, 3, 32]), [None; 2]);
        assert_eq!(receiver.packet(200, &[2, 0x80, 3, 32]), [None; 2]);
        assert_eq!(receiver.packet(5000, &[99, 0x80, 3, 32]), [None; 2], "a flash is no digit");
        assert_eq!(receiver.packet(5000, &[1, 0x80]), [None; 2]);
    }

    proptest! {
        /// Any loss that leaves one packet of a digit still gives that digit exactly once.
        #[test]
        fn each_digit_is_heard_once(text in "[0-9*#A-D]{1,12}", keep in prop::collection::vec((any::<bool>(), 1usize..3), 100)) {
            let packets = sent(&text);
            let mut receiver = Receiver::default();
            let mut heard = Vec::new();
            for (n, packet) in packets.iter().enumerate() {
                let (keep, copies) = keep[n % keep.len()];
                // the first packet of each digit always arrives, so that there is something to hear
                for _ in 0..if packet.marker { 1 } else if keep { copies } else { 0 } {
                    heard.extend(receiver.packet(packet.timestamp, &packet.payload).into_iter().flatten());
                }
            }
            for _ in 0..7 {
                heard.extend(receiver.pass(160));
            }
            prop_assert_eq!(heard.iter().map(|h| char::from(h.digit)).collect::<String>(), text);
        }

        #[test]
        fn any_bytes_are_taken_without_harm(packets in prop::collection::vec((any::<u32>(), prop::collection::vec(any::<u8>(), 0..8)), 0..100)) {
            let mut receiver = Receiver::default();
            for (timestamp, payload) in packets {
                receiver.packet(timestamp, &payload);
                receiver.pass(160);
            }
        }
    }
}
