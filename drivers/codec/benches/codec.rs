//! What 20 ms of one channel cost, by codec and by way.
//!
//! `cargo bench -p callcore-codec --bench codec`. All cases run in turns inside one run, so that a machine that changes
//! its speed changes it for all; a figure is the median of its turns.
//!
//! Instructions: `valgrind --tool=callgrind TARGET/codec-... --count CASE 1000` and again with 2000; the difference is a
//! thousand frames. Without a case it lists them.

use callcore_codec::{Concealment, Encoder, Format, Rate, Resampler, g711, new_decoder_at, new_encoder_at};
use std::hint::black_box;
use std::time::Instant;

const TURNS: usize = 60;
const FRAMES_PER_TURN: usize = 40;

/// One case: its name, and what it does with the frame of a number.
struct Case {
    name: String,
    run: Box<dyn FnMut(usize)>,
}

impl Case {
    fn new(name: impl Into<String>, run: impl FnMut(usize) + 'static) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

/// Frames of 20 ms of something that has a pitch, some noise, and a level that moves.
fn frames(rate: Rate) -> Vec<Vec<i16>> {
    let mut state = 1u32;
    let mut saw = 0.0;
    let sample = |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hz = 120.0 + f64::from(n as u32 % rate.hz()) / f64::from(rate.hz()) * 60.0;
        saw = (saw + hz / f64::from(rate.hz())) % 1.0;
        let level = 1.0 + (n / rate.samples(20) % 7) as f64;
        ((saw - 0.5) * 3000.0 * level) as i16 + (state >> 24) as i16
    };
    let all: Vec<i16> = (0..rate.samples(1000)).map(sample).collect();
    all.chunks(rate.samples(20)).map(<[i16]>::to_vec).collect()
}

fn laws() -> Vec<Case> {
    let samples = frames(Rate::Narrow);
    let (alaw, ulaw) = (samples.clone(), samples.clone());
    let mut bytes = [0; 160];
    let block = move |way: fn(&[i16], &mut [u8]), samples: Vec<Vec<i16>>| {
        move |n: usize| way(black_box(&samples[n % 50]), black_box(&mut bytes))
    };
    let coded: Vec<u8> = samples.concat().iter().map(|sample| *sample as u8).collect();
    let mut heard = [0; 160];
    let back = move |way: fn(&[u8], &mut [i16]), coded: Vec<u8>| {
        move |n: usize| way(black_box(&coded[n % 50 * 160..][..160]), black_box(&mut heard))
    };
    let swapped = coded.clone();
    vec![
        Case::new("alaw-encode", block(g711::encode_alaw, alaw)),
        Case::new("ulaw-encode", block(g711::encode_ulaw, ulaw)),
        Case::new("alaw-decode", back(g711::decode_alaw, coded.clone())),
        Case::new("ulaw-decode", back(g711::decode_ulaw, coded)),
        Case::new("alaw-to-ulaw", move |n| {
            g711::swap_alaw(black_box(&swapped[n % 50 * 160..][..160]), black_box(&mut bytes));
        }),
    ]
}

fn codecs(format: Format, rate: Rate) -> Vec<Case> {
    let (Some(mut encoder), Some(mut decoder)) = (new_encoder_at(format, rate), new_decoder_at(format, rate))
    else {
        return Vec::new();
    };
    let sound = frames(rate);
    let packets: Vec<Vec<u8>> = sound.iter().map(|frame| packet(&mut *encoder, frame)).collect();
    let name = format!("{format:?}-{}", rate.hz() / 1000).to_lowercase();
    let mut heard = vec![0; rate.samples(20)];
    vec![
        Case::new(format!("{name}-encode"), move |n| packet_into(&mut *encoder, &sound[n % 50])),
        Case::new(format!("{name}-decode"), move |n| decoder.fill(black_box(&packets[n % 50]), &mut heard)),
    ]
}

fn packet(encoder: &mut dyn Encoder, frame: &[i16]) -> Vec<u8> {
    let mut payload = vec![0; 2000];
    let length = encoder.encode(frame, &mut payload).expect("there is room");
    payload.truncate(length);
    payload
}

fn packet_into(encoder: &mut dyn Encoder, frame: &[i16]) {
    let mut payload = [0; 2000];
    black_box(encoder.encode(black_box(frame), &mut payload)).expect("there is room");
}

fn ways() -> Vec<Case> {
    let pairs = Rate::ALL.into_iter().flat_map(|from| Rate::ALL.map(|to| (from, to)));
    let case = |(from, to): (Rate, Rate)| {
        let (sound, mut resampler) = (frames(from), Resampler::new(from, to));
        let mut output = vec![0; to.samples(20)];
        Case::new(format!("{}-to-{}", from.hz() / 1000, to.hz() / 1000), move |n| {
            black_box(resampler.process(black_box(&sound[n % 50]), &mut output));
        })
    };
    pairs.filter(|(from, to)| from != to).map(case).collect()
}

/// A loss of one frame: found the pitch, filled, joined.
fn losses(rate: Rate) -> Case {
    let sound: Vec<i16> = frames(rate).concat();
    let length = rate.samples(20);
    let mut frame = vec![0; length];
    Case::new(format!("loss-{}", rate.hz() / 1000), move |n| {
        let at = (2 + n % 40) * length;
        let mut loss = Concealment::begin(black_box(&sound[at - 2 * length..at]), rate);
        loss.fill(&mut frame);
        frame.copy_from_slice(&sound[at + length..at + 2 * length]);
        loss.rejoin(&mut frame);
        black_box(&frame);
    })
}

fn cases() -> Vec<Case> {
    let all = Format::ALL.into_iter().flat_map(|format| Rate::ALL.map(|rate| (format, rate)));
    let codecs = all.flat_map(|(format, rate)| codecs(format, rate));
    laws().into_iter().chain(codecs).chain(ways()).chain(Rate::ALL.map(losses)).collect()
}

/// For a tool that counts: one case, so many frames, nothing else.
fn count(name: Option<String>, frames: Option<usize>) {
    let mut cases = cases();
    let chosen = cases.iter_mut().find(|case| Some(&case.name) == name.as_ref());
    match (chosen, frames) {
        (Some(case), Some(frames)) => (0..frames).for_each(&mut case.run),
        _ => cases.iter().for_each(|case| println!("{}", case.name)),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--count") {
        let frames = arguments.get(at + 2).and_then(|frames| frames.parse().ok());
        return count(arguments.get(at + 1).cloned(), frames);
    }
    // cargo test runs benches too, with this argument missing
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let mut cases = cases();
    let mut turns = vec![Vec::new(); cases.len()];
    for _ in 0..TURNS {
        for (case, turns) in cases.iter_mut().zip(&mut turns) {
            let begin = Instant::now();
            (0..FRAMES_PER_TURN).for_each(&mut case.run);
            turns.push(begin.elapsed().as_nanos() as f64 / FRAMES_PER_TURN as f64);
        }
    }
    println!("{:20} {:>12} {:>22}", "20 ms of a channel", "ns", "channels on one core");
    for (case, mut turns) in cases.iter().zip(turns) {
        turns.sort_by(f64::total_cmp);
        let nanos = turns[TURNS / 2];
        println!("{:20} {nanos:>12.0} {:>22.0}", case.name, 20_000_000.0 / nanos);
    }
}
