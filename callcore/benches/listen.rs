//! What listening costs a frame of 20 ms: each analyser beside the key detector, on a busy tone, on talk and on silence.
//!
//! Instructions are counted with `valgrind --tool=callgrind --toggle-collect='*one_frame*' BENCH count NAME`: 1000 frames of
//! busy tone, and nothing else.

use callcore::media::dtmf::Detector;
use callcore::media::tone::ToneGenerator;
use callcore::media::{AnswerSettings, Country, Heard, Listener, Listens, ProgressPlan, Tone, VoiceSettings};
use std::hint::black_box;
use std::time::Instant;

const FRAMES: usize = 5000;

fn cases() -> [(&'static str, Listens); 6] {
    let none = Listens::default();
    let voice = Some(VoiceSettings::default());
    let answer = Some(AnswerSettings::default());
    [
        ("nothing", none),
        ("voice", Listens { voice, ..none }),
        ("fax", Listens { fax: true, ..none }),
        ("answer", Listens { answer, ..none }),
        ("progress", Listens { progress: true, ..none }),
        ("all", Listens { progress: true, fax: true, voice, answer }),
    ]
}

fn busy(frames: usize) -> Vec<i16> {
    let mut samples = vec![0; frames * 160];
    ToneGenerator::new(Country::China.plan(), Tone::Busy).fill(&mut samples);
    samples
}

/// Something like talk: bursts of a buzz that wanders.
fn talk(frames: usize) -> Vec<i16> {
    let mut phase = 0u32;
    (0..frames as u32 * 160)
        .map(|n| {
            phase = phase.wrapping_add(1 + n / 900 % 5);
            let loud = if n / 2400 % 3 == 0 { 0 } else { 90 };
            ((phase % 64) as i16 - 32) * loud
        })
        .collect()
}

#[inline(never)]
fn one_frame(listener: &mut Listener, frame: &[i16], heard: &mut u32) {
    listener.listen(frame, &mut |event: Heard| *heard += u32::from(matches!(event, Heard::Tone { .. })));
}

#[inline(never)]
fn one_frame_of_keys(detector: &mut Detector, frame: &[i16]) -> bool {
    detector.listen(frame).is_some()
}

fn listener(listens: Listens) -> Listener {
    let mut listener = Listener::new(ProgressPlan::of(Country::China));
    listener.listen_for(listens);
    listener
}

fn nanoseconds(samples: &[i16], mut frame: impl FnMut(&[i16])) -> f64 {
    let begin = Instant::now();
    samples.chunks_exact(160).for_each(|samples| frame(black_box(samples)));
    begin.elapsed().as_nanos() as f64 / (samples.len() / 160) as f64
}

fn count(name: &str) {
    let samples = busy(1000);
    let mut heard = 0;
    match cases().into_iter().find(|(known, _)| *known == name) {
        Some((_, listens)) => {
            let mut listener = listener(listens);
            samples.chunks_exact(160).for_each(|frame| one_frame(&mut listener, frame, &mut heard));
        }
        None => {
            let mut detector = Detector::default();
            samples
                .chunks_exact(160)
                .for_each(|frame| heard += u32::from(one_frame_of_keys(&mut detector, frame)));
        }
    }
    black_box(heard);
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "count") {
        return count(arguments.get(at + 1).map_or("keys", String::as_str));
    }
    println!("a listener is {} bytes", size_of::<Listener>());
    println!("{:10} {:>10} {:>10} {:>10}   ns a frame of 20 ms", "", "busy", "talk", "silence");
    let sounds = [busy(FRAMES), talk(FRAMES), vec![0; FRAMES * 160]];
    let keys = sounds.each_ref().map(|samples| {
        let mut detector = Detector::default();
        nanoseconds(samples, |frame| {
            black_box(one_frame_of_keys(&mut detector, frame));
        })
    });
    println!("{:10} {:>10.0} {:>10.0} {:>10.0}", "keys", keys[0], keys[1], keys[2]);
    for (name, listens) in cases() {
        let cost = sounds.each_ref().map(|samples| {
            let (mut listener, mut heard) = (listener(listens), 0);
            nanoseconds(samples, |frame| one_frame(&mut listener, frame, &mut heard))
        });
        println!("{name:10} {:>10.0} {:>10.0} {:>10.0}", cost[0], cost[1], cost[2]);
    }
}
