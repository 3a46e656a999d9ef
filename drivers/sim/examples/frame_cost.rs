//! What a frame costs the media half with every line talking; `cargo run --release --example frame_cost`.

use callcore_driver_sdk::testkit::{Bench, Setting, TestHost};
use callcore_driver_sdk::{Format, negotiate_fn};
use callcore_driver_sim::SimDriver;
use std::time::Instant;

const LINES: u32 = 512;
const FRAMES: u32 = 1_000;

fn main() {
    let settings = [
        ("people", "manual".into()),
        ("trunks", Setting::Int(LINES.into())),
        ("extensions", Setting::Int(0)),
    ];
    let host = TestHost::new(&settings, 1);
    let mut bench = Bench::open(negotiate_fn::<SimDriver>(), &host).expect("the configuration is fine");
    bench.start(160, Format::ALaw).expect("it starts");
    for channel in 0..LINES {
        bench.act(&format!("channel {channel} calls 8000")).expect("the line is idle");
        bench.answer(2 * u64::from(channel) + 1, 0).expect("it was offered");
    }
    let mut micros: Vec<u128> = (0..FRAMES).map(|_| one_frame(&mut bench)).collect();
    micros.sort_unstable();
    let at = |share: usize| micros[micros.len() * share / 1_000];
    println!("{LINES} lines, 20 ms of A-law: p50 {} us, p99 {} us, worst {} us", at(500), at(990), at(999));
}

fn one_frame(bench: &mut Bench) -> u128 {
    for channel in 0..LINES {
        let heard = bench.heard((channel + 1) % LINES);
        bench.say(channel, &heard);
    }
    let begun = Instant::now();
    bench.exchange(|_| true).expect("started");
    begun.elapsed().as_micros()
}
