//! Telephone events in RTP (RFC 4733): digits in, once each, and digits out.

/// A digit that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// ASCII `0-9*#A-D`.
    pub(crate) digit: u8,
    pub(crate) ms: u32,
}

const DIGITS: &[u8; 16] = b"0123456789*#ABCD";
/// A digit without a packet for so many samples at 8 kHz is over, its end packets lost: 120 ms.
const SILENT_SAMPLES_MAX: u32 = 960;
/// So long a digit that was reported is remembered, so that what is late of it is not heard as another: 10 s. Longer it
/// must not be: half an RTP time later everything would look late.
const REMEMBERED_SAMPLES: u32 = 80_000;
/// The longest duration that a packet can say. A longer digit goes on in another segment, which begins that much later
/// (RFC 4733 §2.5.1.3).
const SEGMENT_TICKS: u32 = 0xFFFF;

/// Finds digits in a stream of event packets. All packets of a digit share a timestamp (RFC 4733 §2.2.1), which is
/// what makes it one digit whatever is lost or doubled; a digit of more than a segment has one for each.
#[derive(Debug, Default)]
pub(crate) struct Receiver {
    now: Option<Pressed>,
    /// Timestamp of the last digit that was reported, and samples since then.
    reported: Option<(u32, u32)>,
}

#[derive(Clone, Copy, Debug)]
struct Pressed {
    /// Of the segment now.
    timestamp: u32,
    digit: u8,
    duration: u16,
    /// Ticks of the segments before.
    before: u32,
    silent: u32,
}

impl Receiver {
    /// Takes a packet; up to two digits end with it: one whose end was lost, and its own. `clock_hz` is that of its
    /// durations.
    pub(crate) fn packet(&mut self, timestamp: u32, payload: &[u8], clock_hz: u32) -> [Option<Heard>; 2] {
        let Some([event, flags, high, low]) = payload.first_chunk::<4>() else { return [None; 2] };
        let Some(digit) = DIGITS.get(usize::from(*event)) else { return [None; 2] };
        if self.reported.is_some_and(|(last, _)| (timestamp.wrapping_sub(last) as i32) <= 0) {
            return [None; 2];
        }
        let duration = u16::from_be_bytes([*high, *low]);
        let pressed = Pressed { timestamp, digit: *digit, duration, before: 0, silent: 0 };
        let mut lost = None;
        self.now = Some(match self.now {
            Some(now) if now.timestamp == timestamp => {
                Pressed { duration: now.duration.max(duration), silent: 0, ..now }
            }
            Some(now) if (timestamp.wrapping_sub(now.timestamp) as i32) < 0 => return [None; 2],
            Some(now) if now.goes_on_with(&pressed, clock_hz) => {
                let passed = timestamp.wrapping_sub(now.timestamp);
                Pressed { before: now.before.saturating_add(passed), ..pressed }
            }
            _ => {
                lost = self.end(clock_hz);
                pressed
            }
        });
        let own = if flags & 0x80 != 0 { self.end(clock_hz) } else { None };
        [lost, own]
    }

    /// Another sender numbers its time anew.
    pub(crate) fn reset(&mut self, clock_hz: u32) -> Option<Heard> {
        let last = self.end(clock_hz);
        self.reported = None;
        last
    }

    /// `samples` at 8 kHz have passed; gives a digit whose end packets never came.
    pub(crate) fn pass(&mut self, samples: u32, clock_hz: u32) -> Option<Heard> {
        if let Some((_, since)) = &mut self.reported {
            *since += samples;
        }
        self.reported = self.reported.filter(|(_, since)| *since < REMEMBERED_SAMPLES);
        let now = self.now.as_mut()?;
        now.silent += samples;
        if now.silent >= SILENT_SAMPLES_MAX { self.end(clock_hz) } else { None }
    }

    fn end(&mut self, clock_hz: u32) -> Option<Heard> {
        let now = self.now.take()?;
        self.reported = Some((now.timestamp, 0));
        let ticks = now.before.saturating_add(now.duration.into());
        Some(Heard { digit: now.digit, ms: ticks / (clock_hz / 1000).max(1) })
    }
}

impl Pressed {
    /// Whether `next` is the next segment of the same digit: it begins where this one is as long as can be said, give or
    /// take a packet of 40 ms for senders that change earlier or later.
    fn goes_on_with(&self, next: &Self, clock_hz: u32) -> bool {
        let passed = next.timestamp.wrapping_sub(self.timestamp);
        self.digit == next.digit && passed.abs_diff(SEGMENT_TICKS) <= clock_hz / 25
    }
}

/// Digits to send, with their times in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) digits: [u8; Run::DIGITS_MAX],
    pub(crate) count: u8,
    pub(crate) on_ms: u16,
    pub(crate) off_ms: u16,
}

impl Run {
    /// Digits of one command.
    pub(crate) const DIGITS_MAX: usize = 32;

    /// A run of digits with times in milliseconds; 0 takes 100 ms on and 60 ms off. `None` when there are too many.
    pub(crate) fn new(text: &str, on_ms: u32, off_ms: u32) -> Option<Self> {
        let mut digits = [0; Self::DIGITS_MAX];
        digits.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        let on_ms = if on_ms == 0 { 100 } else { on_ms.clamp(40, 30_000) };
        let off_ms = if off_ms == 0 { 60 } else { off_ms.clamp(40, 8000) };
        Some(Self { digits, count: text.len() as u8, on_ms: on_ms as u16, off_ms: off_ms as u16 })
    }
}

/// What goes out in one frame instead of audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Out {
    /// Timestamp of the digit's beginning, or of its segment's.
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) payload: [u8; 4],
}

/// One frame of a stream: when it begins, and how long it lasts in the clock of the stream and that of the events, which is
/// the same but for a far end that breaks RFC 4733 §2.1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) timestamp: u32,
    pub(crate) ms: u32,
    pub(crate) clock_hz: u32,
    pub(crate) events_hz: u32,
}

/// Sends one run of digits after the other, a packet in each frame, the end three times (RFC 4733 §2.5.1.4).
#[derive(Debug, Default)]
pub(crate) struct Sender {
    waiting: [Option<Run>; 4],
    sent: u8,
    phase: Phase,
}

/// Durations are in ticks of the events' clock, of the segment.
#[derive(Clone, Copy, Debug, Default)]
enum Phase {
    #[default]
    Idle,
    On {
        since: u32,
        duration: u32,
        left_ms: u32,
    },
    End {
        since: u32,
        duration: u32,
        left: u8,
    },
    Off {
        left_ms: u32,
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

    /// The packet of a frame.
    pub(crate) fn frame(&mut self, frame: Frame) -> Option<Out> {
        let run = self.waiting[0]?;
        let (since, duration, end, marker) = match self.phase {
            Phase::Idle => self.press(frame, (frame.timestamp, 0, run.on_ms.into()), true),
            Phase::On { since, duration, left_ms } => self.press(frame, (since, duration, left_ms), false),
            Phase::End { since, duration, left } => {
                self.phase = match left {
                    1 => Phase::Off { left_ms: run.off_ms.into() },
                    _ => Phase::End { since, duration, left: left - 1 },
                };
                (since, duration, true, false)
            }
            Phase::Off { left_ms } => {
                self.phase = Phase::Off { left_ms: left_ms.saturating_sub(frame.ms) };
                if left_ms <= frame.ms {
                    self.next_digit(&run);
                }
                return None;
            }
        };
        let digit = run.digits[usize::from(self.sent)];
        let event = DIGITS.iter().position(|d| *d == digit).unwrap_or(0) as u8;
        let [high, low] = (duration.min(SEGMENT_TICKS) as u16).to_be_bytes();
        let flags = if end { 0x80 } else { 0 } | 10; // -10 dBm0
        Some(Out { timestamp: since, marker, payload: [event, flags, high, low] })
    }

    /// One frame more of a digit that lasts since then, so long already, and so long still. When the segment is full, the next
    /// frame begins another.
    fn press(
        &mut self,
        frame: Frame,
        (since, duration, left_ms): (u32, u32, u32),
        marker: bool,
    ) -> (u32, u32, bool, bool) {
        let step_ms = frame.ms.min(left_ms);
        let duration = duration + step_ms * (frame.events_hz / 1000);
        let left_ms = left_ms - step_ms;
        let end = left_ms == 0 && duration <= SEGMENT_TICKS;
        self.phase = if end {
            Phase::End { since, duration, left: 2 }
        } else if duration > SEGMENT_TICKS {
            let passed = SEGMENT_TICKS * (frame.clock_hz / 1000) / (frame.events_hz / 1000);
            Phase::On { since: since.wrapping_add(passed), duration: duration - SEGMENT_TICKS, left_ms }
        } else {
            Phase::On { since, duration, left_ms }
        };
        (since, duration, end, marker)
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
#[path = "dtmf_tests.rs"]
mod tests;
