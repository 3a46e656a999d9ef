//! What hearing keys costs, and what the other ways of the first look would cost.
//!
//! `cargo bench -p callcore --bench dtmf` prints nanoseconds a channel and 20 ms frame, all in turns inside one run, so
//! that a machine that changes its speed changes it for all; a figure is the median of its turns. With `one WAY SOUND
//! FRAMES` behind `--` it only runs that, for counting: what `valgrind --tool=callgrind` counts for 20,000 frames less what
//! it counts for 10,000, by 10,000, is instructions a frame.

#[path = "dtmf/kernels.rs"]
mod kernels;
#[path = "dtmf/sounds.rs"]
mod sounds;

use callcore::media::dtmf::Detector;
use kernels::{BLOCK, CHANNELS, WAYS, Way};
use std::hint::black_box;
use std::time::Instant;

const FRAME: usize = 160;
const TURNS: usize = 31;
const FRAMES_PER_TURN: usize = 2000;

/// The detector itself, frame by frame; how many keys it heard.
fn detect(sound: &[i16], frames: usize) -> usize {
    let mut detector = Detector::default();
    let mut heard = 0;
    for frame in sound.chunks_exact(FRAME).cycle().take(frames) {
        heard += usize::from(detector.listen(black_box(frame)).is_some());
    }
    heard
}

/// Only the first look in one of the ways, over as many blocks as these frames have, a channel at a time or several.
fn look(way: &Way, sound: &[i16], frames: usize) -> f32 {
    let blocks = frames * FRAME / BLOCK;
    let mut sum = 0.0;
    let mut blocks_of = sound.chunks_exact(BLOCK * CHANNELS).cycle();
    for _ in 0..blocks / CHANNELS {
        let blocks = blocks_of.next().expect("it goes round");
        sum += (way.run)(black_box(blocks));
    }
    sum
}

fn run(name: &str, sound: &[i16], frames: usize) {
    match WAYS.iter().find(|way| way.name == name) {
        Some(way) => drop(black_box(look(way, sound, frames))),
        None => drop(black_box(detect(sound, frames))),
    }
}

fn median_ns(mut turns: Vec<f64>) -> f64 {
    turns.sort_by(f64::total_cmp);
    turns[turns.len() / 2]
}

fn measure(sound: &[i16]) -> Vec<(&'static str, f64)> {
    let names: Vec<&str> = std::iter::once("detector").chain(WAYS.iter().map(|way| way.name)).collect();
    let mut turns = vec![Vec::new(); names.len()];
    for _ in 0..TURNS {
        for (name, turns) in names.iter().zip(&mut turns) {
            let began = Instant::now();
            run(name, sound, FRAMES_PER_TURN);
            turns.push(began.elapsed().as_nanos() as f64 / FRAMES_PER_TURN as f64);
        }
    }
    names.into_iter().zip(turns.into_iter().map(median_ns)).collect()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "one") {
        let [name, sound, frames] = &arguments[at + 1..at + 4] else { panic!("one WAY SOUND FRAMES") };
        let sound = sounds::named(sound).expect("silence, speech, noise, dial or keys");
        return run(name, &sound, frames.parse().expect("how many frames"));
    }
    println!(
        "{:34} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "ns a channel and frame", "silence", "speech", "noise", "dial", "keys"
    );
    let columns: Vec<_> =
        sounds::NAMES.iter().map(|name| measure(&sounds::named(name).expect("one of the names"))).collect();
    for row in 0..columns[0].len() {
        let figures: String = columns.iter().map(|column| format!(" {:9.0}", column[row].1)).collect();
        println!("{:34}{figures}", columns[0][row].0);
    }
}
