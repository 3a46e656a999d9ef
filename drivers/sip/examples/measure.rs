//! What a call costs: answers and clears whatever comes, and prints the processor time and memory for it.
//!
//! `cargo run --release -p callcore-driver-sip --example measure -- 5060 2000`, then
//! `sipp -sn uac -r 100 -m 2000 -d 1000 127.0.0.1:5060`. With a third argument that many channels (default 1000).

use callcore_driver_sdk::sys::*;
use callcore_driver_sdk::testkit::{Bench, Setting, TestHost};
use callcore_driver_sdk::{Format, negotiate_fn};
use callcore_driver_sip::SipDriver;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|text| text.parse::<i64>().ok());
    let (port, calls) = (arguments.next().unwrap_or(5060), arguments.next().unwrap_or(1000));
    let settings = [
        ("listen", Setting::from(format!("127.0.0.1:{port}"))),
        ("channels", arguments.next().unwrap_or(1000).into()),
        ("accept_unknown", 1.into()),
    ];
    let host = TestHost::new(&settings, 1);
    let mut bench = Bench::open(negotiate_fn::<SipDriver>(), &host).expect("the driver opens");
    bench.start(160, Format::ALaw).expect("the port is free");
    let bench = Arc::new(Mutex::new(bench));
    let media = bench.clone();
    std::thread::spawn(move || pump(&media));
    let before = usage();
    println!("idle: {} KiB resident; waiting for {calls} calls", before.1);
    serve(&host, &bench, calls);
    let (after_ms, after_kib) = usage();
    let each = (after_ms - before.0) as f64 / calls as f64;
    println!("{calls} calls: {each:.3} ms of processor each (media included), {after_kib} KiB resident");
    println!("{}", bench.lock().expect("nobody panicked").stats());
}

fn pump(bench: &Mutex<Bench>) {
    let (mut next, mut worst, mut spent, mut frames) = (Instant::now(), Duration::ZERO, Duration::ZERO, 0u32);
    loop {
        let began = Instant::now();
        bench.lock().expect("nobody panicked").exchange(|_| true).expect("it is started");
        let took = began.elapsed();
        (worst, spent, frames) = (worst.max(took), spent + took, frames + 1);
        if frames.is_multiple_of(250) {
            println!("a frame: {:?} on average, {worst:?} at worst", spent / frames);
            (worst, spent, frames) = (Duration::ZERO, Duration::ZERO, 0);
        }
        next += Duration::from_millis(20);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

fn serve(host: &TestHost, bench: &Mutex<Bench>, calls: i64) {
    let (mut at, mut released, mut req, mut live, mut most) = (0, 0, 0, 0i64, 0i64);
    while released < calls {
        let Ok((seen, next)) = host.wait_for(at, Duration::from_secs(120), |_| true) else { return };
        (at, req) = (next, req + 1);
        let mut bench = bench.lock().expect("nobody panicked");
        // a call may be gone before it is answered
        let _ = match seen.kind {
            CCD_EV_INCOMING => bench.answer(seen.call, req),
            CCD_EV_DISCONNECTED => bench.drop_call(seen.call, 16, req),
            _ => Ok(()),
        };
        drop(bench);
        live += i64::from(seen.kind == CCD_EV_INCOMING) - i64::from(seen.kind == CCD_EV_RELEASED);
        if live > most {
            most = live;
            if most % 100 == 0 {
                println!("{most} live: {} KiB resident", usage().1);
            }
        }
        released += i64::from(seen.kind == CCD_EV_RELEASED);
    }
}

/// Processor time of this process in milliseconds, and resident memory in KiB.
fn usage() -> (u64, u64) {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let words: Vec<i64> =
        text.rsplit(')').next().unwrap_or("").split(' ').filter_map(|w| w.parse().ok()).collect();
    // utime and stime in ticks of 10 ms, resident pages of 4 KiB (proc(5)); the state, a letter, is not counted
    let get = |index: usize| words.get(index).map_or(0, |word| word.unsigned_abs());
    ((get(10) + get(11)) * 10, get(20) * 4)
}
