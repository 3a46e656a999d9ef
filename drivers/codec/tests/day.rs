//! A call of 24 hours in virtual time, with a far end whose clock is another: nothing is heard of it.

use callcore_codec::Format;
use callcore_codec::g711::{ALAW, linear_to_alaw};
use callcore_codec::jitter::{Counts, Jitter, Put, Settings, Taken};
use std::collections::{BTreeSet, VecDeque};

const FRAME: usize = 160;
const FRAME_NS: u64 = 20_000_000;
/// Longest that the network keeps a packet, and how long it stalls once in a while.
const DELAY_NS_MAX: u64 = 25_000_000;
const STALL_NS_MAX: u64 = 60_000_000;
const TARGET_MS: u32 = 100;

const HOURS: u64 = 24;

/// Chance that repeats itself: xorshift64*.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }
}

/// Half a minute of something like a voice, with tones between: what is said at each RTP time, over and over.
struct Voice {
    bytes: Vec<u8>,
}

impl Voice {
    fn new() -> Self {
        const SECONDS: usize = 31;
        let mut turn = 0.0f64;
        let sample = |n: usize| {
            let t = n as f64 / 8000.0;
            // every fourth second a tone; else a voice that rises and falls, in syllables
            let whole = (t as usize).is_multiple_of(4);
            let pitch = if whole { 425.0 } else { 140.0 + 45.0 * (t * 1.7).sin() };
            turn += pitch / 8000.0;
            let phase = turn * std::f64::consts::TAU;
            let loud = if whole { 6000.0 } else { 7000.0 * (t * 9.0).sin().max(0.0).powi(2) + 40.0 };
            let voice = if whole {
                phase.sin()
            } else {
                phase.sin() * 0.5
                    + (2.0 * phase).sin() * 0.3
                    + (5.0 * phase).sin() * 0.15
                    + (11.0 * phase).sin() * 0.05
            };
            linear_to_alaw((voice * loud) as i16)
        };
        Self { bytes: (0..SECONDS * 8000).map(sample).collect() }
    }

    fn at(&self, sample: u64, count: usize) -> impl Iterator<Item = u8> + '_ {
        let from = (sample % self.bytes.len() as u64) as usize;
        self.bytes[from..].iter().chain(self.bytes.iter().cycle()).take(count).copied()
    }

    fn is(&self, sample: u64, bytes: &[u8]) -> bool {
        let from = (sample % self.bytes.len() as u64) as usize;
        match self.bytes.get(from..from + bytes.len()) {
            Some(whole) => whole == bytes,
            None => self.at(sample, bytes.len()).eq(bytes.iter().copied()),
        }
    }

    /// The steepest step near a place.
    fn step_max(&self, from: u64, count: usize) -> i32 {
        let bytes: Vec<u8> = self.at(from, count).collect();
        steps(&bytes).max().unwrap_or(0)
    }
}

fn steps(bytes: &[u8]) -> impl Iterator<Item = i32> + '_ {
    let sample = |byte: u8| i32::from(ALAW[usize::from(byte)]);
    bytes.windows(2).map(move |pair| (sample(pair[0]) - sample(pair[1])).abs())
}

/// What the network does to the stream.
#[derive(Clone, Copy)]
struct Network {
    /// Packets of 1000 that are lost, and those that are overtaken by the next one.
    lost_permille: u64,
    overtaken_permille: u64,
}

/// The far end and the network: packets in the order of their arrival.
struct Sender {
    ppm: i64,
    network: Network,
    chance: Chance,
    next: u64,
    /// Arrival and number of packets on the way.
    way: VecDeque<(u64, u64)>,
    last_arrival: u64,
    stall_until: u64,
    lost: BTreeSet<u64>,
}

impl Sender {
    fn new(ppm: i64, network: Network) -> Self {
        let (chance, way, lost) = (Chance(0x9E37_79B9_7F4A_7C15), VecDeque::new(), BTreeSet::new());
        Self { ppm, network, chance, next: 0, way, last_arrival: 0, stall_until: 0, lost }
    }

    /// When a packet leaves, by our clock.
    fn leaves(&self, packet: u64) -> u64 {
        let ns = i128::from(packet) * i128::from(FRAME_NS) * 1_000_000;
        (ns / i128::from(1_000_000 + self.ppm)) as u64
    }

    /// Samples the far end has said until now.
    fn said(&self, now: u64) -> u64 {
        (i128::from(now) * i128::from(1_000_000 + self.ppm) / 125_000 / 1_000_000) as u64
    }

    fn send_until(&mut self, now: u64) {
        while self.leaves(self.next) <= now {
            let (packet, leaves) = (self.next, self.leaves(self.next));
            self.next += 1;
            if self.chance.below(1000) < self.network.lost_permille && packet > 0 {
                self.lost.insert(packet);
                continue;
            }
            if self.chance.below(700) == 0 {
                self.stall_until = leaves + self.chance.below(STALL_NS_MAX);
            }
            let arrival =
                (leaves + self.chance.below(DELAY_NS_MAX)).max(self.stall_until).max(self.last_arrival);
            self.last_arrival = arrival;
            let is_overtaken = self.chance.below(1000) < self.network.overtaken_permille;
            match self.way.pop_back() {
                Some((before, number)) if is_overtaken => {
                    let after = before.max(arrival) + 1;
                    self.last_arrival = after;
                    self.way.extend([(arrival, packet), (after, number)]);
                }
                Some(last) => self.way.extend([last, (arrival, packet)]),
                None => self.way.push_back((arrival, packet)),
            }
        }
    }
}

/// Checks what is heard, frame by frame.
struct Listener<'a> {
    voice: &'a Voice,
    /// The sample of the voice that is heard next.
    position: u64,
    before: Counts,
    last: Vec<u8>,
    latency: (u64, u64),
    joins: u64,
}

impl Listener<'_> {
    /// A frame that was whole: every byte in its place, but for one fade where time was put in or left out.
    fn hear(&mut self, slot: &[u8], counts: &Counts) {
        let moved = (counts.dropped - self.before.dropped) as i64 - (counts.added - self.before.added) as i64;
        let read = (FRAME as i64 + moved) as u64;
        if moved == 0 {
            assert!(self.voice.is(self.position, slot), "not the voice at {}", self.position);
        } else {
            self.joins += 1;
            let after = self.position.wrapping_add(moved as u64);
            let same = self.voice.at(self.position, FRAME).zip(slot).take_while(|(a, b)| a == *b).count();
            let behind: Vec<u8> = self.voice.at(after, FRAME).collect();
            let tail = behind.iter().rev().zip(slot.iter().rev()).take_while(|(a, b)| a == b).count();
            assert!(
                same + tail + 40 >= FRAME,
                "more than a fade is new: {same} + {tail} at {}",
                self.position
            );
        }
        self.last.extend_from_slice(slot);
        if moved != 0 {
            let near = self.voice.step_max(self.position.saturating_sub(8), FRAME + 160);
            let steepest = steps(&self.last).max().unwrap_or(0);
            assert!(
                steepest <= near + near / 8 + 32,
                "a click of {steepest}, near it {near}, at {}",
                self.position
            );
        }
        self.last.drain(..self.last.len() - 1);
        self.pass(read, counts);
    }

    fn pass(&mut self, read: u64, counts: &Counts) {
        self.position += read;
        self.before = *counts;
    }

    fn measure(&mut self, said: u64) {
        let latency = said.checked_sub(self.position).expect("nothing is heard before it is said");
        self.latency = (self.latency.0.min(latency), self.latency.1.max(latency));
    }
}

/// The timestamp and number just below their wraps.
const TIMESTAMP: u32 = u32::MAX - 5 * FRAME as u32 + 17;
const SEQUENCE: u16 = u16::MAX - 3;

fn deliver(sender: &mut Sender, voice: &Voice, jitter: &mut Jitter, now: u64, mut see: impl FnMut(u64, Put)) {
    sender.send_until(now);
    while let Some((arrival, packet)) = sender.way.front().copied().filter(|(arrival, _)| *arrival <= now) {
        sender.way.pop_front();
        let mut payload = [0; FRAME];
        let first = packet * FRAME as u64;
        payload.iter_mut().zip(voice.at(first, FRAME)).for_each(|(to, from)| *to = from);
        let timestamp = TIMESTAMP.wrapping_add(first as u32);
        see(packet, jitter.put(arrival, timestamp, SEQUENCE.wrapping_add(packet as u16), &payload));
    }
}

/// A day without loss: all is heard, once, in order, without a click, with a bounded delay.
fn day(ppm: i64) {
    let voice = Voice::new();
    let mut sender = Sender::new(ppm, Network { lost_permille: 0, overtaken_permille: 0 });
    let mut jitter = Jitter::new(Format::ALaw, Settings::fixed(TARGET_MS));
    let mut slot = [0; FRAME];
    let latency = (u64::MAX, 0);
    let mut listener = Listener {
        voice: &voice,
        position: 0,
        before: Counts::default(),
        last: Vec::new(),
        latency,
        joins: 0,
    };
    let frames = HOURS * 3600 * 50;
    let mut begun = false;
    for frame in 0..frames {
        let now = frame * FRAME_NS;
        deliver(&mut sender, &voice, &mut jitter, now, |packet, put| {
            assert_eq!(put, Put::Kept, "packet {packet}")
        });
        let taken = jitter.take(&mut slot);
        begun |= taken == Taken::Whole;
        if !begun {
            continue;
        }
        assert_eq!(taken, Taken::Whole, "frame {frame}");
        if listener.position == 0 {
            listener.before = Counts { dropped: 0, added: 0, ..jitter.counts() };
        }
        listener.hear(&slot, &jitter.counts());
        listener.measure(sender.said(now));
    }
    let counts = jitter.counts();
    let drift = frames as i64 * FRAME as i64 * ppm / 1_000_000;
    let compensated = counts.dropped as i64 - counts.added as i64;
    println!("{ppm} ppm, {HOURS} h: delay {:?} samples, {counts:?}, by the clocks {drift}", listener.latency);
    assert!((compensated - drift).abs() < 400, "{compensated} samples, but the clocks say {drift}");
    assert_eq!((counts.late, counts.lost, counts.duplicate, counts.reordered, counts.part), (0, 0, 0, 0, 0));
    assert_eq!(listener.joins, counts.joins);
    // the target, the slowest packet and the grid of frames
    assert!(listener.latency.0 >= 8 * 60 && listener.latency.1 <= 8 * (u64::from(TARGET_MS) + 60));
}

#[test]
fn a_day_with_a_far_end_that_is_fast() {
    day(100);
}

#[test]
fn a_day_with_a_far_end_that_is_slow() {
    day(-100);
}

#[test]
fn a_day_with_clocks_that_agree() {
    day(0);
}

/// An hour with loss and packets that overtake each other: what is missing is what was lost, frame for frame.
fn lossy_hour(ppm: i64) {
    let voice = Voice::new();
    let mut sender = Sender::new(ppm, Network { lost_permille: 20, overtaken_permille: 30 });
    let mut jitter = Jitter::new(Format::ALaw, Settings::fixed(TARGET_MS + 20));
    let (mut slot, mut heard, mut missing) = ([0; FRAME], 0u64, 0u64);
    let (mut begun, mut position, mut before) = (false, 0u64, Counts::default());
    let mut lost_samples = 0u64;
    for frame in 0..3600 * 50 {
        let now = frame * FRAME_NS;
        deliver(&mut sender, &voice, &mut jitter, now, |packet, put| {
            assert_eq!(put, Put::Kept, "packet {packet}")
        });
        let taken = jitter.take(&mut slot);
        begun |= taken == Taken::Whole;
        if !begun {
            before = jitter.counts();
            continue;
        }
        let counts = jitter.counts();
        let moved = (counts.dropped - before.dropped) as i64 - (counts.added - before.added) as i64;
        before = counts;
        // each byte is the voice's, or silent because its packet was lost
        let first = position / FRAME as u64;
        let lost = [sender.lost.contains(&first), sender.lost.contains(&(first + 1))];
        let is_lost = |n: u64| lost[((position + n) / FRAME as u64 - first) as usize];
        let absent = (0..FRAME as u64).filter(|n| is_lost(*n)).count();
        if moved == 0 {
            let expected =
                voice.at(position, FRAME).zip(0..).map(|(byte, n)| if is_lost(n) { 0xD5 } else { byte });
            assert!(expected.eq(slot), "at {position}");
            // what is there is known to the millisecond
            let part = [Taken::Whole, Taken::Part, Taken::Missing];
            let may = |absent: usize| part[usize::from(absent > 0) + usize::from(absent * 2 >= FRAME)];
            let margin = absent.saturating_sub(9)..=(absent + 9).min(FRAME);
            assert!(
                [*margin.start(), absent, *margin.end()].map(may).contains(&taken),
                "{taken:?}, {absent} absent"
            );
        } else {
            assert_eq!((taken, absent), (Taken::Whole, 0), "time is moved only where all is there");
        }
        heard += u64::from(taken != Taken::Missing);
        missing += u64::from(taken == Taken::Missing);
        lost_samples += absent as u64;
        position += (FRAME as i64 + moved) as u64;
    }
    let counts = jitter.counts();
    println!("{ppm} ppm: heard {heard}, missing {missing}, {counts:?}");
    let over = sender.lost.iter().filter(|packet| **packet < position / FRAME as u64).count() as u64;
    assert!(lost_samples.abs_diff(over * FRAME as u64) < FRAME as u64, "{lost_samples} of {over} packets");
    assert!(missing.abs_diff(over) < over / 20, "{missing} missing, {over} lost");
    let on_the_way = sender.next - counts.received - sender.lost.len() as u64;
    assert!(
        counts.lost <= sender.lost.len() as u64 && counts.lost + on_the_way + 5 > sender.lost.len() as u64
    );
    assert!(counts.reordered > 2000 && counts.late == 0);
    let drift = 3600 * 8000 * ppm / 1_000_000;
    assert!((counts.dropped as i64 - counts.added as i64 - drift).abs() < 400);
}

#[test]
fn what_is_lost_is_missing_and_nothing_else() {
    lossy_hour(0);
    lossy_hour(100);
    lossy_hour(-100);
}

/// An hour with a target that follows the network: what is heard is in its place, hardly anything is missing, and the
/// delay is no longer than the network asks for.
fn adaptive_hour(ppm: i64) {
    let voice = Voice::new();
    let mut sender = Sender::new(ppm, Network { lost_permille: 0, overtaken_permille: 0 });
    let mut jitter = Jitter::new(Format::ALaw, Settings::adaptive(20, 200));
    let mut slot = [0; FRAME];
    let mut base: Option<i64> = None;
    let mut whole = 0u64;
    let (frames, mut latency_sum, mut latency_max) = (3600 * 50, 0, 0);
    let position =
        |counts: &Counts| counts.taken as i64 * FRAME as i64 + counts.dropped as i64 - counts.added as i64;
    for frame in 0..frames {
        let now = frame * FRAME_NS;
        deliver(&mut sender, &voice, &mut jitter, now, |_, _| {});
        let before = jitter.counts();
        let taken = jitter.take(&mut slot);
        let after = jitter.counts();
        if taken != Taken::Whole {
            continue;
        }
        let at = position(&before) - *base.get_or_insert(position(&before));
        if position(&after) - position(&before) == FRAME as i64 {
            assert!(voice.is(at as u64, &slot), "not the voice at {at}");
        }
        whole += 1;
        let latency = sender.said(now) - at as u64;
        latency_sum += latency;
        latency_max = latency_max.max(latency);
    }
    let counts = jitter.counts();
    println!("{ppm} ppm, adaptive: mean delay {}, most {latency_max}, {counts:?}", latency_sum / whole);
    assert!(frames - whole < frames / 100, "{whole} of {frames}");
    assert!(latency_sum / whole < 8 * 80 && latency_max < 8 * 200, "{} {latency_max}", latency_sum / whole);
    let drift = 3600 * 8000 * ppm / 1_000_000;
    assert!((counts.dropped as i64 - counts.added as i64 - drift).abs() < 1200);
}

#[test]
fn an_adaptive_delay_is_as_long_as_the_network_asks_for() {
    adaptive_hour(0);
    adaptive_hour(100);
    adaptive_hour(-100);
}
