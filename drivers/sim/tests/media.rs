//! Sound through the tables: who hears whom, keys as DTMF, and people who live by what they hear.

use callcore_codec::g711;
use callcore_driver_sdk::sys::*;
use callcore_driver_sdk::testkit::{Bench, CountingAllocator, Seen, Setting, TestHost};
use callcore_driver_sdk::{Format, negotiate_fn};
use callcore_driver_sim::{SimDriver, voice_hz};
use std::f64::consts::TAU;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// No event of these tests takes that long on any machine that is alive.
const LIMIT: Duration = Duration::from_secs(60);
const FRAME: usize = 160;
const FRAME_NS: u64 = 20_000_000;

/// A host that keeps time: one frame each 20 ms of its own clock.
struct Line {
    bench: Bench,
    codec: Format,
    frames: u64,
    seen: usize,
}

impl Line {
    fn new(settings: &[(&str, Setting)], codec: Format, speed: u64) -> Self {
        let mut all = settings.to_vec();
        all.push(("speed_milli", Setting::Int(speed as i64 * 1_000)));
        let host = TestHost::new(&all, speed);
        let mut bench = Bench::open(negotiate_fn::<SimDriver>(), &host).expect("the configuration is fine");
        bench.start(FRAME as u32, codec).expect("it starts");
        Self { bench, codec, frames: 0, seen: 0 }
    }

    /// A frame with this audio for each channel, when its time has come; true when it was.
    fn tick(&mut self, said: &[Option<Vec<i16>>]) -> bool {
        if self.bench.host().now_ns() < self.frames * FRAME_NS {
            std::thread::yield_now();
            return false;
        }
        for (channel, samples) in said.iter().enumerate() {
            if let Some(samples) = samples {
                let bytes = encode(samples, self.codec);
                self.bench.say(channel as u32, &bytes);
            }
        }
        self.bench
            .exchange(|channel| said.get(channel as usize).is_some_and(Option::is_some))
            .expect("started");
        self.frames += 1;
        true
    }

    fn heard(&mut self, channel: u32) -> Vec<i16> {
        decode(&self.bench.heard(channel), self.codec)
    }

    /// Runs frames until an event comes; `host` makes the next frame's audio out of the last one's.
    fn until(
        &mut self,
        what: &str,
        mut host: impl FnMut(&mut Self) -> Vec<Option<Vec<i16>>>,
        fits: impl Fn(&Seen) -> bool,
    ) -> Seen {
        let deadline = Instant::now() + LIMIT;
        let mut said = vec![];
        while Instant::now() < deadline {
            if self.tick(&said) {
                said = host(self);
            }
            if let Ok((seen, next)) = self.bench.host().wait_for(self.seen, Duration::ZERO, &fits) {
                self.seen = next;
                return seen;
            }
        }
        panic!("no {what} in {:?}", self.bench.host().events());
    }

    /// Brings an incoming call up on a trunk.
    fn call_in(&mut self, channel: u32) -> u64 {
        self.bench.act(&format!("channel {channel} calls 8000")).expect("the trunk is idle");
        let incoming =
            self.until("incoming", |_| vec![], |e| e.kind == CCD_EV_INCOMING && e.channel == channel);
        assert_eq!(self.bench.answer(incoming.call, 0), Ok(()));
        incoming.call
    }
}

fn encode(samples: &[i16], codec: Format) -> Vec<u8> {
    match codec {
        Format::ALaw => samples.iter().map(|s| g711::linear_to_alaw(*s)).collect(),
        Format::MuLaw => samples.iter().map(|s| g711::linear_to_ulaw(*s)).collect(),
        Format::L16 => samples.iter().flat_map(|s| s.to_ne_bytes()).collect(),
        other => panic!("the simulator has no {other:?}"),
    }
}

fn decode(bytes: &[u8], codec: Format) -> Vec<i16> {
    match codec {
        Format::ALaw => bytes.iter().map(|b| g711::ALAW[usize::from(*b)]).collect(),
        Format::MuLaw => bytes.iter().map(|b| g711::ULAW[usize::from(*b)]).collect(),
        Format::L16 => bytes.as_chunks::<2>().0.iter().map(|pair| i16::from_ne_bytes(*pair)).collect(),
        other => panic!("the simulator has no {other:?}"),
    }
}

/// Amplitude of one frequency.
fn level(samples: &[i16], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let (sin, cos) = (TAU * hz * n as f64 / 8_000.0).sin_cos();
        (re, im) = (re + f64::from(*sample) * cos, im + f64::from(*sample) * sin);
    }
    2.0 * (re * re + im * im).sqrt() / samples.len() as f64
}

fn music(frame: u64) -> Vec<i16> {
    let sample = |n: f64| 4_000.0 * (TAU * 450.0 * n / 8_000.0).sin();
    (0..FRAME).map(|i| sample((frame * FRAME as u64) as f64 + i as f64) as i16).collect()
}

/// Each person has a voice of its own: on every line that voice is heard and no other.
#[test]
fn every_line_carries_its_own_voice_and_no_other() {
    for codec in [Format::L16, Format::ALaw, Format::MuLaw] {
        let settings =
            [("people", "manual".into()), ("trunks", Setting::Int(6)), ("extensions", Setting::Int(2))];
        let mut line = Line::new(&settings, codec, 100);
        let calls: Vec<u64> = (0..5).map(|channel| line.call_in(channel)).collect();
        assert_eq!(calls, [1, 3, 5, 7, 9]);
        line.bench.act("channel 4 silent").expect("it exists");
        let mut sound = vec![Vec::new(); 8];
        while sound[0].len() < 16_000 {
            if line.tick(&[]) {
                (0..8).for_each(|channel| sound[channel as usize].extend(line.heard(channel)));
            }
        }
        for (channel, samples) in sound.iter().enumerate() {
            let levels: Vec<f64> = (0..8).map(|other| level(samples, voice_hz(other, 8))).collect();
            for (other, level) in levels.iter().enumerate() {
                let speaks = channel == other && channel < 4;
                assert!(
                    if speaks { *level > 1_500.0 } else { *level < 100.0 },
                    "{codec:?} {channel}: {levels:?}"
                );
            }
        }
        assert_eq!(line.bench.allocations(), 0, "the media half allocates nothing");
    }
}

#[test]
fn an_idle_line_gives_the_idle_code() {
    for (codec, idle) in [(Format::ALaw, 0xD5), (Format::MuLaw, 0xFF), (Format::L16, 0)] {
        let mut line = Line::new(&[("people", "manual".into())], codec, 100);
        while !line.tick(&[]) {}
        assert!(line.bench.heard(3).iter().all(|byte| *byte == idle), "{codec:?}");
    }
}

/// A whole life through audio alone: music makes the caller press, the agent's hello makes it talk, and the agent,
/// who hears the caller, ends the talk.
#[test]
fn people_find_out_by_listening_who_is_there() {
    let settings = [
        ("trunks", Setting::Int(1)),
        ("extensions", Setting::Int(1)),
        ("digits", "2".into()),
        ("press_after_ms", Setting::Int(500)),
        ("patience_ms", "never".into()),
        ("answer_after_ms", Setting::Int(500)),
        ("talk_ms", Setting::Int(3_000)),
        ("alone_ms", "never".into()),
    ];
    let mut line = Line::new(&settings, Format::ALaw, 20);
    let caller = line.call_in(0);
    let digit = line.until("digit", |line| vec![Some(music(line.frames))], |e| e.kind == CCD_EV_DIGIT);
    assert_eq!((digit.digit, digit.call), (b'2', caller));
    assert_eq!(line.bench.make(1, 2, "101", 0, 0), Ok(()));
    let hold_music = |line: &mut Line| vec![Some(music(line.frames))];
    line.until("connected", hold_music, |e| e.kind == CCD_EV_CONNECTED && e.call == 2);
    let bridge = |line: &mut Line| vec![Some(line.heard(1)), Some(line.heard(0))];
    let gone = line.until("hang-up", bridge, |e| e.kind == CCD_EV_DISCONNECTED);
    assert_eq!((gone.call, gone.q850), (2, 16), "the agent hangs up");
    let stats: serde_json::Value = serde_json::from_str(&line.bench.stats()).expect("JSON");
    assert_eq!((&stats["talked"], &stats["callee_hung_up"]), (&1.into(), &1.into()), "{stats}");
    assert_eq!(line.bench.allocations(), 0);
}

/// A caller that hears nothing but music runs out of patience.
#[test]
fn a_caller_in_a_queue_without_agents_abandons() {
    let settings = [("trunks", Setting::Int(1)), ("patience_ms", Setting::Int(3_000))];
    let mut line = Line::new(&settings, Format::L16, 50);
    line.call_in(0);
    line.until("hang-up", |line| vec![Some(music(line.frames))], |e| e.kind == CCD_EV_DISCONNECTED);
    assert!(line.bench.stats().contains("\"abandoned\":1"));
}

/// The keys of a row and a column, told from 40 ms in the middle of each.
fn keys_in(samples: &[i16]) -> String {
    let rows = [697.0, 770.0, 852.0, 941.0];
    let columns = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
    let loudest = |part: &[i16], tones: [f64; 4]| {
        tones
            .map(|hz| level(part, hz))
            .into_iter()
            .enumerate()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|best| best.1 > 4_000.0)
    };
    let key = |part: &[i16]| {
        Some(b"123A456B789C*0#D"[loudest(part, rows)?.0 * 4 + loudest(part, columns)?.0] as char)
    };
    let mut keys: Vec<Option<char>> = samples.chunks(FRAME).map(key).collect();
    keys.dedup();
    keys.into_iter().flatten().collect()
}

#[test]
fn keys_can_come_as_sound() {
    let settings = [("people", "manual".into()), ("inband_digits", Setting::Int(1))];
    for codec in [Format::L16, Format::MuLaw] {
        let mut line = Line::new(&settings, codec, 100);
        line.call_in(0);
        line.bench.act("channel 0 silent").expect("it exists");
        line.bench.act("channel 0 digits 123A456B789C*0#D55").expect("connected");
        let mut sound = Vec::new();
        while sound.len() < 18 * 1_600 + 8_000 {
            if line.tick(&[]) {
                sound.extend(line.heard(0));
            }
        }
        assert_eq!(keys_in(&sound), "123A456B789C*0#D55", "{codec:?}");
        assert!(line.bench.host().events().iter().all(|e| e.kind != CCD_EV_DIGIT), "sound only");
    }
}
